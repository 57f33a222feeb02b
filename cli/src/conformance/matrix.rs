//! The boots to run: one, a covering set of machines and headers, or the few that
//! loaders are compared by.

use clap::ValueEnum;
use linux_image::PageSize;
use phys_range::{GIB, MIB};

use super::loader::Loader;
use super::payload::Variant;
use crate::covering::{Factors, Row, Value};
use crate::qemu::{Gic, Machine, StartLevel};

/// A boot: which loader, which machine, which header.
#[derive(Clone, Debug)]
pub struct Choice<'a> {
    /// The loader.
    pub loader: &'a Loader,
    /// The machine.
    pub machine: Machine,
    /// The header of the payload.
    pub variant: Variant,
}

/// The place where machines start.
const LEVELS: [StartLevel; 4] = [
    StartLevel::El2,
    StartLevel::El1,
    StartLevel::El3,
    StartLevel::El3WithoutEl2,
];
const GICS: [Gic; 2] = [Gic::V3, Gic::V2];
const CPUS: [&str; 6] = [
    "cortex-a53",
    "cortex-a57",
    "cortex-a72",
    "cortex-a76",
    "neoverse-n1",
    "max",
];
/// The first few have no pages of 16 KiB.
const CPUS_WITHOUT_16K: usize = 3;
const COUNTS: [u32; 4] = [1, 2, 4, 8];
const MEMORIES: [u64; 3] = [128 * MIB, 64 * MIB, GIB];
/// RAM that passes 4 GiB of addresses. The payload writes to all of it, which takes long, so it is
/// in two boots only.
const MUCH_MEMORY: u64 = 5 * GIB;

/// The number of CPUs that loaders are compared with.
const COMPARED_CPUS: u32 = 2;

/// The numbers of the factors.
const LOADER: usize = 0;
const LEVEL: usize = 1;
const CPU: usize = 2;
const VARIANT: usize = 3;
const GIC: usize = 4;
const COUNT: usize = 5;
const MEMORY: usize = 6;

/// A small set of boots in which every two values that go together meet.
pub fn covering(loaders: &[Loader]) -> Vec<Choice<'_>> {
    let sizes = [
        loaders.len(),
        LEVELS.len(),
        CPUS.len(),
        Variant::value_variants().len(),
        GICS.len(),
        COUNTS.len(),
        MEMORIES.len(),
    ];
    let goes_together = |a: Value, b: Value| match (a, b) {
        ((LOADER, loader), (LEVEL, level)) => loaders[loader].recipe.starts_at(LEVELS[level]),
        ((LOADER, loader), (VARIANT, variant)) => loaders[loader].recipe.takes(Variant::value_variants()[variant]),
        ((LOADER, loader), (MEMORY, memory)) => loaders[loader].recipe.fits(MEMORIES[memory]),
        ((CPU, cpu), (VARIANT, variant)) => {
            cpu >= CPUS_WITHOUT_16K || Variant::value_variants()[variant].page_size() != PageSize::Kib16
        }
        _ => true,
    };
    let factors = Factors {
        sizes: &sizes,
        goes_together: &goes_together,
    };
    let rows = factors.covering();
    let mut choices: Vec<_> = rows.iter().map(|row| choice(loaders, row)).collect();
    choices.extend(with_much_memory(loaders));
    choices.sort_by_key(|choice| loaders.iter().position(|loader| std::ptr::eq(loader, choice.loader)));
    choices
}

/// The first loader with more RAM than fits below 4 GiB, with other firmware above it and without.
fn with_much_memory(loaders: &[Loader]) -> impl Iterator<Item = Choice<'_>> {
    let boots = loaders
        .iter()
        .take(1)
        .flat_map(|loader| [StartLevel::El2, StartLevel::El3].map(|el| (loader, el)));
    let boots = boots.filter(|(loader, el)| loader.recipe.starts_at(*el));
    boots.map(|(loader, el)| Choice {
        loader,
        machine: Machine {
            el,
            smp: cpus(loader, el, 2),
            memory_bytes: MUCH_MEMORY,
            ..Machine::default()
        },
        variant: Variant::Plain,
    })
}

/// So many CPUs as are wanted, or as the loader knows at this level.
fn cpus(loader: &Loader, el: StartLevel, wanted: u32) -> u32 {
    let most = loader.recipe.el3_cpus.filter(|_| el.has_el3());
    most.map_or(wanted, |most| wanted.min(most))
}

fn choice<'a>(loaders: &'a [Loader], row: &Row) -> Choice<'a> {
    let (loader, el) = (&loaders[row[LOADER]], LEVELS[row[LEVEL]]);
    Choice {
        loader,
        machine: machine(Machine {
            el,
            gic: GICS[row[GIC]],
            cpu: CPUS[row[CPU]].into(),
            smp: cpus(loader, el, COUNTS[row[COUNT]]),
            memory_bytes: MEMORIES[row[MEMORY]],
            ..Machine::default()
        }),
        variant: Variant::value_variants()[row[VARIANT]],
    }
}

/// The machine with what its CPU needs: the tags of memory, which the machine must have room for,
/// and keys of pointers that do not take an emulator half of its time.
pub fn machine(mut machine: Machine) -> Machine {
    if machine.cpu == "max" {
        machine.cpu = "max,pauth-impdef=on".into();
        machine.extra.extend(["-machine".into(), "mte=on".into()]);
    }
    machine
}

/// A machine with everything at each level, and both places that the article's kernel and those of
/// today are linked for.
pub fn comparison(loaders: &[Loader]) -> Vec<Choice<'_>> {
    let levels = [StartLevel::El1, StartLevel::El2, StartLevel::El3];
    let boots = loaders.iter().flat_map(|loader| levels.map(|level| (loader, level)));
    let boots = boots.filter(|(loader, level)| loader.recipe.starts_at(*level));
    boots
        .flat_map(|(loader, level)| [Variant::Plain, Variant::Offset].map(|variant| (loader, level, variant)))
        .map(|(loader, el, variant)| Choice {
            loader,
            machine: machine(Machine {
                el,
                cpu: "max".into(),
                smp: cpus(loader, el, COMPARED_CPUS),
                memory_bytes: 256 * MIB,
                ..Machine::default()
            }),
            variant,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::recipe::Recipe;

    fn loaders(names: &[&str]) -> Vec<Loader> {
        let recipes = names.iter().map(|name| Recipe::find(name).unwrap());
        recipes.map(Loader::without_firmware).collect()
    }

    #[test]
    fn every_machine_of_the_matrix_can_be_booted() {
        let loaders = loaders(&["flint", "flint-fit", "flint-fw-cfg", "article", "edk2"]);
        let choices = covering(&loaders);
        assert!((60..90).contains(&choices.len()), "{}", choices.len());
        for choice in &choices {
            choice.machine.check().unwrap();
            choice.loader.recipe.check(&choice.machine, choice.variant).unwrap();
        }
        for name in ["cortex-a53", "neoverse-n1", "max,pauth-impdef=on"] {
            assert!(choices.iter().any(|choice| choice.machine.cpu == name), "{name}");
        }
    }

    #[test]
    fn a_loader_gets_no_more_cpus_at_el3_than_it_knows() {
        let loaders = loaders(&["u-boot", "flint"]);
        for choice in covering(&loaders) {
            choice.loader.recipe.check(&choice.machine, choice.variant).unwrap();
        }
    }

    #[test]
    fn the_machines_of_one_loader_are_those_that_it_boots() {
        let loaders = loaders(&["edk2"]);
        let choices = covering(&loaders);
        assert!((60..90).contains(&choices.len()), "{}", choices.len());
        for choice in choices {
            assert!(
                choice.loader.recipe.check(&choice.machine, choice.variant).is_ok(),
                "{choice:?}"
            );
        }
    }

    #[test]
    fn loaders_are_compared_at_the_levels_and_with_the_cpus_that_they_know() {
        let loaders = loaders(&["u-boot", "article"]);
        let choices = comparison(&loaders);
        let machines = |name| choices.iter().filter(move |choice| choice.loader.recipe.name == name);
        assert_eq!((machines("u-boot").count(), machines("article").count()), (6, 4));
        let cpus = machines("u-boot").filter(|choice| choice.machine.el == StartLevel::El3);
        assert!(cpus.into_iter().all(|choice| choice.machine.smp == 1));
    }
}
