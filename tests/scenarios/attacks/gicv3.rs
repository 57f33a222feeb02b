//! Kernel trees for machines with a GICv3: the distributor at 0x0800_0000, one region of
//! redistributors from 0x080a_0000 on.

use scenarios::attack::Delivery::{Flash, FwCfg};
use scenarios::attack::Expected::{Boots, Refused};

use super::{ADDRESS, CPU_TOO_MANY, KIND, REG, Row};

/// A GICv2 that the machine does not have: see [`super::gicv2::PAGE_TABLE`].
pub const PAGE_TABLE: &str =
    gic!("compatible = \"arm,cortex-a15-gic\"; reg = <0 0xe200e80 0 0x1000  0 0x8010000 0 0x10000>;");

/// All but that one.
pub const ROWS: [Row; 26] = [
    ("the_tree_of_the_machine", 4, FwCfg, "", Boots),
    (
        "a_distributor_in_secure_ram",
        1,
        Flash,
        reg!("0 0xe200e80 0 0x10000  0 0x80a0000 0 0xf60000"),
        ADDRESS,
    ),
    (
        "redistributors_in_secure_ram",
        1,
        FwCfg,
        reg!("0 0x8000000 0 0x10000  0 0xe200000 0 0xe00000"),
        ADDRESS,
    ),
    (
        "redistributors_in_secure_ram",
        4,
        Flash,
        reg!("0 0x8000000 0 0x10000  0 0xe200000 0 0xe00000"),
        ADDRESS,
    ),
    (
        "a_distributor_over_the_secure_gpio",
        1,
        Flash,
        reg!("0 0x90b0000 0 0x1000  0 0x80a0000 0 0xf60000"),
        ADDRESS,
    ),
    (
        "redistributors_over_the_secure_gpio",
        1,
        FwCfg,
        reg!("0 0x8000000 0 0x10000  0 0x90b0000 0 0x20000"),
        ADDRESS,
    ),
    (
        "redistributors_over_the_secure_uart",
        1,
        Flash,
        reg!("0 0x8000000 0 0x10000  0 0x9040000 0 0x20000"),
        ADDRESS,
    ),
    (
        "a_distributor_just_below_secure_ram",
        1,
        FwCfg,
        reg!("0 0xdfffff0 0 0x10  0 0x80a0000 0 0xf60000"),
        ADDRESS,
    ),
    (
        "redistributors_up_to_the_end_of_secure_ram",
        4,
        Flash,
        reg!("0 0x8000000 0 0x10000  0 0x80a0000 0 0x6f60000"),
        ADDRESS,
    ),
    (
        "redistributors_for_one_cpu_of_four",
        4,
        Flash,
        reg!("0 0x8000000 0 0x10000  0 0x80a0000 0 0x20000"),
        Boots,
    ),
    (
        "a_stride_into_secure_ram",
        4,
        FwCfg,
        gic!("redistributor-stride = <0 0x6160000>; reg = <0 0x8000000 0 0x10000  0 0x80a0000 0 0x6f60000>;"),
        ADDRESS,
    ),
    (
        "a_stride_that_wraps",
        4,
        Flash,
        gic!("redistributor-stride = <0xffffffff 0xffff0000>;"),
        Boots,
    ),
    (
        "no_regions_of_redistributors",
        4,
        FwCfg,
        gic!("#redistributor-regions = <0>;"),
        Boots,
    ),
    (
        "countless_regions_of_redistributors",
        1,
        Flash,
        gic!("#redistributor-regions = <0xffffffff>;"),
        Boots,
    ),
    (
        "many_regions_of_redistributors_in_secure_ram",
        4,
        Flash,
        gic!(
            "#redistributor-regions = <12>;"
            " reg = <0 0x8000000 0 0x10000  0 0xe200000 0 0x20000"
            "  0 0xe220000 0 0x20000  0 0xe240000 0 0x20000  0 0xe260000 0 0x20000"
            " 0 0xe280000 0 0x20000  0 0xe2a0000 0 0x20000  0 0xe2c0000 0 0x20000  0 0xe2e0000 0 0x20000"
            " 0 0xe300000 0 0x20000  0 0xe320000 0 0x20000  0 0xe340000 0 0x20000  0 0x80a0000 0 0xf60000>;"
        ),
        ADDRESS,
    ),
    (
        "an_empty_region_of_redistributors",
        1,
        FwCfg,
        reg!("0 0x8000000 0 0x10000  0 0x80a0000 0 0  0 0xe200000 0 0xe00000"),
        REG,
    ),
    (
        "a_region_of_redistributors_that_wraps",
        4,
        Flash,
        reg!("0 0x8000000 0 0x10000  0 0x80a0000 0xffffffff 0xfffff000"),
        REG,
    ),
    (
        "a_bus_that_leads_to_secure_ram",
        1,
        Flash,
        instead!(
            "bus { compatible = \"simple-bus\"; #address-cells = <1>; #size-cells = <1>;"
            " ranges = <0 0 0xe200000 0xe00000>;"
            " intc { compatible = \"arm,gic-v3\"; interrupt-controller; reg = <0 0x10000 0x10000 0x20000>; }; };"
        ),
        ADDRESS,
    ),
    (
        "a_bus_that_leads_to_the_gic",
        4,
        FwCfg,
        instead!(
            "bus { compatible = \"simple-bus\"; #address-cells = <1>; #size-cells = <1>;"
            " ranges = <0 0 0x8000000 0x1000000>;"
            " intc { compatible = \"arm,gic-v3\"; interrupt-controller; reg = <0 0x10000 0xa0000 0xf60000>; }; };"
        ),
        Boots,
    ),
    (
        "a_gicv2_before_the_true_gic",
        1,
        Flash,
        instead!(
            "gic@e200e80 { compatible = \"arm,gic-400\"; interrupt-controller;"
            " reg = <0 0xe200e80 0 0x1000  0 0x8010000 0 0x10000>; };"
            "intc@8000000 { compatible = \"arm,gic-v3\"; interrupt-controller;"
            " reg = <0 0x8000000 0 0x10000  0 0x80a0000 0 0xf60000>; };"
        ),
        KIND,
    ),
    (
        "a_tree_without_a_gic",
        4,
        FwCfg,
        "/ { /delete-node/ intc@8000000; };",
        Boots,
    ),
    ("a_cpu_too_many", 4, Flash, CPU_TOO_MANY, Refused("tree-cpu-outside")),
    (
        "a_cpu_too_few",
        4,
        FwCfg,
        "/ { cpus { /delete-node/ cpu@3; }; };",
        Boots,
    ),
    (
        "psci_by_hvc",
        1,
        Flash,
        "/ { psci { compatible = \"arm,psci-1.0\"; method = \"hvc\"; }; };",
        Refused("tree-psci-conduit"),
    ),
    (
        "secure_ram_as_memory",
        1,
        FwCfg,
        "/ { memory@e000000 { device_type = \"memory\"; reg = <0 0xe000000 0 0x1000000>; }; };",
        Refused("tree-ram-outside"),
    ),
    (
        "half_the_memory",
        4,
        Flash,
        "/ { memory@40000000 { reg = <0 0x40000000 0 0x4000000>; }; };",
        Boots,
    ),
];
