//! What EL3 maps while a kernel runs, the unmapped page below each stack, and what only the secure
//! world reaches.

use flint_cli::qemu::{Gic, Machine, StartLevel};
use scenarios::el3_map::El3Map;
use scenarios::machine_types::MachineType;
use scenarios::secure_world::SecureWorld;
use scenarios::stack_guard::{Stack, StackGuard};

/// Both interrupt controllers with one CPU and with many, and a machine that EL3 cannot power off,
/// where this QEMU has one.
pub fn maps(types: &[MachineType]) -> Vec<El3Map> {
    let machine = |gic, smp| Machine {
        el: StartLevel::El3,
        gic,
        smp,
        ..Machine::default()
    };
    let all = [(Gic::V2, 1), (Gic::V2, 8), (Gic::V3, 1), (Gic::V3, 8)].map(|(gic, smp)| El3Map {
        machine: machine(gic, smp),
        has_power_control: true,
    });
    let old = types.iter().rfind(|machine_type| !machine_type.has_secure_gpio());
    let old = old.map(|machine_type| {
        let mut machine = machine(Gic::V2, 1);
        machine.extra.extend(["-machine".into(), machine_type.name().into()]);
        El3Map {
            machine,
            has_power_control: false,
        }
    });
    all.into_iter().chain(old).collect()
}

/// The bootloader's stack at every level, and the monitor's.
pub fn guards() -> Vec<StackGuard> {
    let of = |el, stack| StackGuard {
        machine: Machine {
            el,
            ..Machine::default()
        },
        stack,
    };
    vec![
        of(StartLevel::El1, Stack::Bootloader),
        of(StartLevel::El2, Stack::Bootloader),
        of(StartLevel::El3, Stack::Bootloader),
        of(StartLevel::El3, Stack::Monitor),
    ]
}

/// A kernel at EL2, and one at EL1.
pub fn secure_worlds() -> Vec<SecureWorld> {
    let of = |el| SecureWorld {
        machine: Machine {
            el,
            ..Machine::default()
        },
    };
    [StartLevel::El3, StartLevel::El3WithoutEl2].map(of).into()
}
