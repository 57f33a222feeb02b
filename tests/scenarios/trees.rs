//! Device trees that QEMU does not make, but other machines do: our kernel must get what they say.

use flint_cli::qemu::Machine;
use scenarios::flash::{Flash, Kernel};
use scenarios::tree::TreeEdit;
use scenarios::{Scenario, Start, Tampering};

use crate::expectations::{RAM_BASE, TROUBLE, report, stages};

/// The first 6 MiB of RAM belong to somebody else.
const RESERVED: &str = "
/ {
    reserved-memory {
        #address-cells = <2>;
        #size-cells = <2>;
        ranges;
        firmware@40000000 {
            reg = <0 0x40000000 0 0x600000>;
            no-map;
        };
    };
};";
/// More RAM than there is, but not for us.
const DISABLED: &str = "
/ {
    memory@80000000 {
        device_type = \"memory\";
        reg = <0 0x80000000 0 0x40000000>;
        status = \"disabled\";
    };
};";
const COMMAND_LINE: &str = "/ { chosen { bootargs = \"from the tree poweroff\"; }; };";
const NOTHING_CHOSEN: &str = "/ { /delete-node/ chosen; };";

/// The console would be the real-time clock.
const NO_UART: &str = "
/ {
    chosen { stdout-path = \"/uart@9010000\"; };
    uart@9010000 {
        compatible = \"arm,pl011\";
        reg = <0 0x9010000 0 0x1000>;
    };
};";
/// The console would be where all reads are ones.
const NOTHING_THERE: &str = "
/ {
    chosen { stdout-path = \"/uart@2c000000\"; };
    uart@2c000000 {
        compatible = \"arm,pl011\";
        reg = <0 0x2c000000 0 0x1000>;
    };
};";
/// fw_cfg would be inside of itself, with registers past its end.
const FW_CFG_BESIDE: &str = "/ { fw-cfg@9020000 { reg = <0 0x9020008 0 8>; }; };";
/// The model would break the line that it is logged in.
const TWO_LINES: &str = "/ { model = \"two\\nlines\"; };";
const UNREADABLE_COMMAND_LINE: &str = "/ { chosen { bootargs = [ff ff]; }; };";

/// All of them.
pub fn scenarios() -> Vec<Scenario> {
    let with = || Flash::new(Kernel::Ours, "poweroff");
    let without = || Flash::new(Kernel::Ours, "").without_settings();
    let from_tree = ["from the device tree: from the tree poweroff", "from the tree poweroff"];
    let from_settings = ["from the settings block: poweroff", "poweroff"];
    vec![
        boot(
            "keeps_the_kernel_out_of_reserved_memory",
            RESERVED,
            with(),
            RAM_BASE + (6 << 20),
            from_settings,
        ),
        boot(
            "takes_no_disabled_memory_for_ram",
            DISABLED,
            with(),
            RAM_BASE,
            from_settings,
        ),
        boot(
            "hands_on_the_command_line_of_the_device_tree",
            COMMAND_LINE,
            without(),
            RAM_BASE,
            from_tree,
        ),
        boot(
            "prefers_the_command_line_of_the_settings",
            COMMAND_LINE,
            with(),
            RAM_BASE,
            from_settings,
        ),
        boot(
            "takes_no_clock_for_the_console",
            NO_UART,
            with(),
            RAM_BASE,
            from_settings,
        ),
        boot(
            "takes_nothing_for_the_console",
            NOTHING_THERE,
            with(),
            RAM_BASE,
            from_settings,
        ),
        boot(
            "takes_nothing_else_for_fw_cfg",
            FW_CFG_BESIDE,
            with(),
            RAM_BASE,
            from_settings,
        ),
        Scenario::new(
            "keeps_each_line_of_the_log_in_one_line",
            Machine::default(),
            Start::Flash(with()),
        )
        .tampered(Tampering::Tree(vec![TreeEdit::Source(TWO_LINES)]))
        .lines([" ms] tree     twolines at 0x40000000, "]),
        boot(
            "replaces_a_command_line_that_is_no_text",
            UNREADABLE_COMMAND_LINE,
            with(),
            RAM_BASE,
            from_settings,
        ),
        boot(
            "hands_on_a_command_line_where_nothing_was_chosen",
            NOTHING_CHOSEN,
            with(),
            RAM_BASE,
            from_settings,
        ),
    ]
}

/// The kernel is entered at `entry` and gets the second of `command_line`; the boot log says the
/// first.
fn boot(name: &str, source: &'static str, flash: Flash, entry: u64, command_line: [&str; 2]) -> Scenario {
    let machine = Machine::default();
    let [logged, handed_on] = command_line;
    let stages = stages(machine.el, entry, logged);
    let report = report(&machine, entry, handed_on);
    Scenario::new(name, machine, Start::Flash(flash))
        .tampered(Tampering::Tree(vec![TreeEdit::Source(source)]))
        .lines(stages)
        .lines(report)
        .never(TROUBLE)
}
