//! What does the kernel get told? [`Edits`], and the packed tree with them applied.
//!
//! The edits are made while the tree is copied, so nothing is moved afterwards and no gap is left.

use phys_range::PhysRange;

use crate::facts::{Facts, is_cpu_name};
use crate::graft::Lacking;
use crate::output::{Change, Output, Value};
use crate::scan::Spot;
use crate::seeds::{KASLR_SEED, RNG_SEED};
use crate::structure::Structure;
use crate::{Devicetree, MAX_SIZE_BYTES, Seeds, TreeError};

/// What to change in a device tree. Whatever is in this list, `enable-method = "psci"` is added to every CPU that has no
/// `enable-method`, where there is PSCI (boot-protocol O2): QEMU leaves it out with one CPU.
#[derive(Clone, Copy, Debug, Default)]
pub struct Edits<'a> {
    /// The kernel's command line (`/chosen/bootargs`), without a NUL byte; `None` leaves it as it is.
    pub bootargs: Option<&'a str>,
    /// Where the initial RAM disk is (`linux,initrd-start` and `linux,initrd-end` of `/chosen`). `None` takes what the tree
    /// says about one out: nobody has put it there, and nothing keeps the kernel off its place.
    pub initrd: Option<PhysRange>,
    /// For the seeds that [`Devicetree::lacks_seeds`] misses. Without them, an empty or zeroed seed is taken out.
    pub fresh_seeds: Option<&'a Seeds>,
    /// The hardware's own tree, where the one to edit replaces it. The edited tree gets its RAM, `/psci` and `/cpus` where
    /// it has none itself, and its seeds in any case: those of a stored tree would be the same at every boot.
    pub machine: Option<&'a Devicetree<'a>>,
}

const BOOTARGS: &[u8] = b"bootargs\0";
const INITRD_START: &[u8] = b"linux,initrd-start\0";
const INITRD_END: &[u8] = b"linux,initrd-end\0";

/// How the other CPUs are started, where nothing else is said.
pub(crate) const PSCI_METHOD: Change<'_> = Change {
    name: b"enable-method\0",
    value: Some(Value::Text("psci")),
    is_default: true,
};

/// A node that is edited where it is.
#[derive(Clone, Copy)]
enum Part {
    Chosen,
    Cpus,
    Memory,
}

impl Devicetree<'_> {
    /// The number of bytes that [`Self::write_edited`] needs and, if it succeeds, writes.
    pub fn edited_size_max(&self, edits: &Edits<'_>) -> u64 {
        self.edit(edits, &mut [])
            .map_or(self.used_size(), |size_bytes| size_bytes as u64)
    }

    /// Writes the tree with these edits to the start of `destination`, and returns the number of bytes written: no
    /// more than a kernel accepts (boot-protocol B2), and none at the end that are not in use. Nodes and properties
    /// keep their order, and all but the edited ones their bytes (boot-protocol Z9). A property that is missing is added after
    /// the others of its node, and a missing node after the others of the root, `/chosen` last.
    ///
    /// # Errors
    /// [`TreeError::NoRoom`] if `destination` has fewer than [`Self::edited_size_max`] bytes, [`TreeError::TooLarge`],
    /// [`TreeError::BootargsNul`], those of [`Self::edited_ram`] where there is a [`Edits::machine`], [`TreeError::Reg`] where
    /// the tree cannot express that machine's RAM, and [`TreeError::Corrupt`] where something else has the name of its
    /// memory node. Nothing is written then.
    pub fn write_edited(&self, edits: &Edits<'_>, destination: &mut [u8]) -> Result<usize, TreeError> {
        if let Some(offset_bytes) = edits.bootargs.and_then(|text| text.bytes().position(|byte| byte == 0)) {
            return Err(TreeError::BootargsNul { offset_bytes });
        }
        let total_bytes = self.edit(edits, &mut [])? as u64;
        if total_bytes > MAX_SIZE_BYTES {
            return Err(TreeError::TooLarge { total_bytes });
        }
        let available_bytes = destination.len() as u64;
        let tree = destination.get_mut(..total_bytes as usize).ok_or(TreeError::NoRoom {
            needed_bytes: total_bytes,
            available_bytes,
        })?;
        self.edit(edits, tree)
    }

    /// Writes the edited tree to `room` as far as it goes, and returns the number of bytes that the tree has.
    fn edit(&self, edits: &Edits<'_>, room: &mut [u8]) -> Result<usize, TreeError> {
        let mut changes = self.changes_of_chosen(edits);
        let lacking = Lacking::of(self, edits)?;
        let has_psci = edits.machine.unwrap_or(self).psci().is_some() && (self.psci().is_some() || lacking.psci());
        let mut out = Output::new(self.structure, self.blob, room);
        let Facts { chosen, cpus, .. } = self.facts;
        // What there is is edited in the order in which it lies in the tree.
        let mut places = [
            (chosen, Part::Chosen),
            (cpus, Part::Cpus),
            (lacking.empty_memory(), Part::Memory),
        ];
        while let Some((at, part)) = take_first(&mut places) {
            match part {
                Part::Chosen => out.change(at, &mut changes),
                Part::Cpus if has_psci => add_enable_methods(&mut out, self.structure, at),
                Part::Cpus => {}
                Part::Memory => out.change(at, &mut [lacking.reg()]),
            }
        }
        out.copy_to(self.root_end);
        lacking.add(&mut out, has_psci);
        if chosen.is_none() && changes.iter().flatten().any(|change| change.value.is_some()) {
            out.begin_node(b"chosen");
            out.put_changes(&changes);
            out.end_node();
        }
        Ok(out.finish())
    }

    fn changes_of_chosen<'e>(&'e self, edits: &Edits<'e>) -> [Option<Change<'e>>; 5] {
        let change = |name, value| {
            Some(Change {
                name,
                value,
                is_default: false,
            })
        };
        let seed = |name, fresh: Option<&'e [u8]>| match edits.machine {
            None if self.seed(name).is_some() => None,
            None => change(name, fresh.map(Value::Bytes)),
            Some(machine) => change(name, machine.seed(name).or(fresh).map(Value::Bytes)),
        };
        let (initrd, seeds) = (edits.initrd, edits.fresh_seeds);
        [
            edits
                .bootargs
                .and_then(|text| change(BOOTARGS, Some(Value::Text(text)))),
            change(INITRD_START, initrd.map(|initrd| Value::Number(initrd.start()))),
            change(INITRD_END, initrd.map(|initrd| Value::Number(initrd.end()))),
            seed(KASLR_SEED, seeds.map(|seeds| seeds.kaslr.as_slice())),
            seed(RNG_SEED, seeds.map(|seeds| seeds.rng.as_slice())),
        ]
    }
}

/// The place that comes first; it is taken out.
fn take_first(places: &mut [(Option<usize>, Part)]) -> Option<(usize, Part)> {
    let there_are = places.iter_mut().filter(|(place, _)| place.is_some());
    let (place, part) = there_are.min_by_key(|(place, _)| *place)?;
    Some((place.take()?, *part))
}

/// Adds an `enable-method` to each CPU that has none.
fn add_enable_methods(out: &mut Output<'_, '_>, tree: Structure<'_>, cpus: usize) {
    for cpu in tree.children(cpus).filter(|child| is_cpu(tree, *child)) {
        out.change(cpu.properties, &mut [Some(PSCI_METHOD)]);
    }
}

/// Whether a child of `/cpus` is a CPU.
#[inline(never)]
pub(crate) fn is_cpu(tree: Structure<'_>, child: Spot<'_>) -> bool {
    is_cpu_name(child.name) && tree.known(child).is_of_type("cpu")
}
