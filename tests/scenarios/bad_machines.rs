//! Machines that the bootloader does not support: it must say so in one line, and stop.

use flint_cli::qemu::{Gic, Machine, StartLevel};
use scenarios::flash::{Flash, Kernel};
use scenarios::{End, Scenario, Start};

use crate::expectations::{HELLO, LEVELS};

/// All of them.
pub fn scenarios() -> Vec<Scenario> {
    let at_el3 = |(el, below)| [Gic::V2, Gic::V3].map(|gic| reset_at_el3(el, below, gic));
    let at_el3 = LEVELS.into_iter().flat_map(at_el3);
    at_el3.chain(LEVELS.map(without_room_for_a_stack)).collect()
}

/// Without RAM where page tables and stack are to be, nothing is left but registers to say so with.
fn without_room_for_a_stack((el, level): (StartLevel, &str)) -> Scenario {
    let machine = Machine {
        el,
        extra: vec!["-m".into(), "2M".into()],
        ..Machine::default()
    };
    let name = format!("refuses_2_mib_of_ram_at_{level}");
    Scenario::new(name, machine, Start::Flash(Flash::new(Kernel::Ours, "poweroff")))
        .lines(["error: another exception while the first was reported; *[boot-exception]"])
        .never([HELLO, " ms] "])
        .ends(End::Stop)
}

/// All CPUs start at once: only the first may say anything.
fn reset_at_el3(el: StartLevel, below: &str, gic: Gic) -> Scenario {
    let machine = Machine {
        el,
        gic,
        smp: 4,
        extra: vec!["-machine".into(), "secure=on".into()],
        ..Machine::default()
    };
    let name = format!("refuses_a_reset_at_el3_with_gicv{}_and_{below}_below", gic.number());
    Scenario::new(name, machine, Start::Flash(Flash::new(Kernel::Ours, "poweroff")))
        .lines([" ms] reset    Flint * at EL3", " ms] error    reset: *EL3*[boot-el3]"])
        .never([HELLO, " ms] tree ", " ms] enter ", "exception"])
        .ends(End::Stop)
        .watched()
}
