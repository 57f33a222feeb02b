//! Machines that the bootloader does not support yet: it must say so in one line, and stop.

use flint_cli::qemu::{Gic, Machine, StartLevel};
use scenarios::flash::{Flash, Kernel};
use scenarios::{End, Scenario, Start};

use crate::expectations::{HELLO, LEVELS};

/// All of them.
pub fn scenarios() -> Vec<Scenario> {
    LEVELS
        .into_iter()
        .flat_map(|(el, below)| [Gic::V2, Gic::V3].map(|gic| reset_at_el3(el, below, gic)))
        .collect()
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
