//! Kernel trees for machines with a GICv2: 288 interrupts, the distributor at 0x0800_0000, the CPU
//! interfaces at 0x0801_0000.

use scenarios::attack::Delivery::{Flash, FwCfg};
use scenarios::attack::Expected::{Boots, Refused};

use super::{ADDRESS, CPU_TOO_MANY, KIND, REG, Row};

/// Writes to `GICD_ICENABLER0` change the first entry of EL3's first-level table.
pub const PAGE_TABLE: &str = reg!("0 0xe200e80 0 0x1000  0 0x8010000 0 0x10000");
/// All but that one.
pub const ROWS: [Row; 26] = [
    ("the_tree_of_the_machine", 4, FwCfg, "", Boots),
    (
        "a_cpu_interface_in_secure_ram",
        4,
        Flash,
        reg!("0 0x8000000 0 0x10000  0 0xe201000 0 0x10000"),
        ADDRESS,
    ),
    (
        "registers_in_the_monitors_code",
        1,
        Flash,
        reg!("0 0xe1c0000 0 0x10000  0 0xe1d0000 0 0x10000"),
        ADDRESS,
    ),
    (
        "a_distributor_over_the_secure_gpio",
        1,
        Flash,
        reg!("0 0x90b0000 0 0x1000  0 0x8010000 0 0x10000"),
        ADDRESS,
    ),
    (
        "a_cpu_interface_over_the_secure_gpio",
        4,
        FwCfg,
        reg!("0 0x8000000 0 0x10000  0 0x90b0000 0 0x1000"),
        ADDRESS,
    ),
    (
        "a_distributor_over_the_secure_uart",
        1,
        FwCfg,
        reg!("0 0x9040000 0 0x1000  0 0x8010000 0 0x10000"),
        ADDRESS,
    ),
    (
        "a_cpu_interface_over_the_secure_uart",
        1,
        Flash,
        reg!("0 0x8000000 0 0x10000  0 0x9040000 0 0x1000"),
        ADDRESS,
    ),
    (
        "a_distributor_just_below_secure_ram",
        1,
        Flash,
        reg!("0 0xdfffff0 0 0x10  0 0x8010000 0 0x10000"),
        ADDRESS,
    ),
    (
        "a_cpu_interface_just_below_the_secure_gpio",
        1,
        FwCfg,
        reg!("0 0x8000000 0 0x10000  0 0x90afff0 0 0x10"),
        ADDRESS,
    ),
    (
        "a_distributor_that_is_the_cpu_interface",
        1,
        Flash,
        reg!("0 0x8010000 0 0x10000  0 0x8000000 0 0x10000"),
        ADDRESS,
    ),
    (
        "registers_that_are_too_few",
        4,
        Flash,
        reg!("0 0x8000000 0 0x10  0 0x8010000 0 0x10"),
        Boots,
    ),
    (
        "a_distributor_that_is_too_large",
        1,
        FwCfg,
        reg!("0 0x8000000 0 0x30000000  0 0x8010000 0 0x10000"),
        ADDRESS,
    ),
    (
        "an_empty_distributor",
        1,
        Flash,
        reg!("0 0x8000000 0 0  0 0xe200e80 0 0x1000  0 0x8010000 0 0x10000"),
        REG,
    ),
    (
        "an_empty_cpu_interface",
        1,
        FwCfg,
        reg!("0 0x8000000 0 0x10000  0 0x8010000 0 0  0 0xe201000 0 0x10000"),
        REG,
    ),
    (
        "a_distributor_that_wraps",
        1,
        Flash,
        reg!("0xffffffff 0xfffff000 0 0x2000  0 0xe200e80 0 0x1000  0 0x8010000 0 0x10000"),
        REG,
    ),
    (
        "a_size_that_wraps",
        4,
        FwCfg,
        reg!("0 0x8000000 0xffffffff 0xffffffff  0 0x8010000 0 0x10000"),
        REG,
    ),
    (
        "a_bus_that_leads_to_secure_ram",
        1,
        Flash,
        on_bus!("ranges = <0 0 0xe200000 0x100000>;", "0xe80 0x1000 0x1000 0x1000"),
        ADDRESS,
    ),
    (
        "a_bus_that_leads_true_addresses_to_secure_ram",
        1,
        FwCfg,
        on_bus!(
            "ranges = <0x8000000 0 0xe200000 0x100000>;",
            "0x8000000 0x10000 0x8010000 0x10000"
        ),
        ADDRESS,
    ),
    (
        "a_bus_that_leads_to_the_gic",
        4,
        Flash,
        on_bus!("ranges = <0 0 0x8000000 0x100000>;", "0 0x10000 0x10000 0x10000"),
        Boots,
    ),
    (
        "a_bus_that_leads_nowhere",
        1,
        Flash,
        on_bus!("", "0xe200e80 0x1000 0x8010000 0x10000"),
        REG,
    ),
    (
        "a_false_gic_before_the_true_one",
        1,
        Flash,
        instead!(
            "gic@e200e80 { compatible = \"arm,gic-400\"; interrupt-controller;"
            " reg = <0 0xe200e80 0 0x1000  0 0x8010000 0 0x10000>; };"
            "intc@8000000 { compatible = \"arm,gic-400\"; interrupt-controller;"
            " reg = <0 0x8000000 0 0x10000  0 0x8010000 0 0x10000>; };"
        ),
        ADDRESS,
    ),
    (
        "a_false_gic_behind_the_true_one",
        4,
        FwCfg,
        concat!(
            "/ { gic@e200e80 { compatible = \"arm,gic-400\"; interrupt-controller;",
            " reg = <0 0xe200e80 0 0x1000  0 0x8010000 0 0x10000>; }; };"
        ),
        ADDRESS,
    ),
    (
        "a_gicv3",
        4,
        Flash,
        gic!("compatible = \"arm,gic-v3\"; reg = <0 0x8000000 0 0x10000  0 0xe200000 0 0xe00000>;"),
        KIND,
    ),
    ("a_gicv5", 1, FwCfg, gic!("compatible = \"arm,gic-v5\";"), KIND),
    (
        "a_tree_without_a_gic",
        4,
        Flash,
        "/ { /delete-node/ intc@8000000; };",
        Boots,
    ),
    ("a_cpu_too_many", 1, FwCfg, CPU_TOO_MANY, Refused("tree-cpu-outside")),
];
