//! Machines that the bootloader does not support: it must say so in one line, and stop.

use flint_cli::qemu::{Machine, StartLevel};
use scenarios::flash::{Flash, Kernel, Place};
use scenarios::{End, Scenario, Start};

use crate::expectations::{HELLO, LEVELS};

/// All of them.
pub fn scenarios() -> Vec<Scenario> {
    let mut all: Vec<_> = LEVELS.map(without_room_for_a_stack).into();
    all.push(without_a_monitor());
    all.push(with_a_monitor_too_large("code", 0x8, "code and constants", "262144"));
    all.push(with_a_monitor_too_large("variables", 0x18, "variables", "245760"));
    all
}

/// At EL3 something has to stay. All CPUs start at once: only the first may say anything.
fn without_a_monitor() -> Scenario {
    let machine = Machine {
        el: StartLevel::El3,
        smp: 4,
        ..Machine::default()
    };
    let flash = Flash::new(Kernel::Ours, "poweroff").write(Place::Flash(0x4_0000), [0xff; 16]);
    Scenario::new("refuses_a_reset_at_el3_without_a_monitor", machine, Start::Flash(flash))
        .lines([
            " ms] reset    Flint * at EL3",
            " ms] error    flash: *0x40000*[flash-no-monitor]",
        ])
        .never([HELLO, " ms] tree ", " ms] enter ", "exception"])
        .ends(End::Stop)
        .watched()
}

/// A monitor that is larger than its room is named as such, and not as none. Its sizes are words
/// behind its first instruction.
fn with_a_monitor_too_large(name: &str, size: u64, part: &str, room: &str) -> Scenario {
    const MONITOR: u64 = 0x4_0000;
    const BYTES: u64 = 512 << 10;
    let machine = Machine {
        el: StartLevel::El3,
        ..Machine::default()
    };
    let flash = Flash::new(Kernel::Ours, "poweroff").write(Place::Flash(MONITOR + size), BYTES.to_le_bytes());
    Scenario::new(
        format!("refuses_a_monitor_with_too_much_{name}"),
        machine,
        Start::Flash(flash),
    )
    .lines([
        " ms] reset    Flint * at EL3".into(),
        format!(
            " ms] error    flash: the monitor at flash offset 0x40000 has {BYTES} bytes of {part}, \
             but there is room for {room} [flash-monitor-too-large]"
        ),
    ])
    .never([HELLO, " ms] tree ", " ms] enter ", "exception"])
    .ends(End::Stop)
    .predicted()
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
        .lines([
            "error: an exception without a stack to report it on, or while another one was reported [boot-exception]",
        ])
        .never([HELLO, " ms] "])
        .ends(End::Stop)
}
