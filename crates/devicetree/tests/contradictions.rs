//! A kernel's own tree against the machine's: what is a contradiction, and what is only less.

mod common;

use common::{Builder, EL2_GICV3, GICV2_8CPUS, cells, parse, range};
use devicetree::{GicKind, PsciConduit, RegDefect, TreeError};

const GICD: u32 = 0x800_0000;
const GICC: u32 = 0x801_0000;
const GICR: u32 = 0x80a_0000;

/// A GICv2 whose `reg` has these address and size pairs of one low word each.
fn gic(builder: Builder, compatible: &[u8], reg: &[u32]) -> Builder {
    let wide: Vec<u32> = reg.iter().flat_map(|word| [0, *word]).collect();
    builder.node(
        "intc",
        &[
            ("compatible", compatible),
            ("interrupt-controller", b""),
            ("reg", &cells(&wide)),
        ],
    )
}

fn gicv2(reg: &[u32]) -> Builder {
    gic(Builder::new(), b"arm,cortex-a15-gic\0", reg)
}

fn gicv3(reg: &[u32]) -> Builder {
    gic(Builder::new(), b"arm,gic-v3\0", reg)
}

fn cpus(affinities: &[u32]) -> Builder {
    let builder = Builder::new()
        .begin("cpus")
        .property("#address-cells", &cells(&[1]))
        .property("#size-cells", &cells(&[0]));
    let add = |builder: Builder, affinity: &u32| {
        builder.node(
            &format!("cpu@{affinity:x}"),
            &[("device_type", b"cpu\0"), ("reg", &cells(&[*affinity]))],
        )
    };
    affinities.iter().fold(builder, add).end()
}

fn verdict(kernel: Builder, machine: &[u8]) -> Result<(), TreeError> {
    parse(&kernel.finish()).agrees_with(&parse(machine), Some(PsciConduit::Smc))
}

#[test]
fn the_machines_own_tree_is_no_contradiction() {
    for machine in [EL2_GICV3, GICV2_8CPUS] {
        let tree = parse(machine);
        assert_eq!(tree.agrees_with(&tree, tree.psci()), Ok(()));
    }
}

#[test]
fn less_is_no_contradiction() {
    assert_eq!(verdict(Builder::new(), GICV2_8CPUS), Ok(()));
    assert_eq!(verdict(cpus(&[0]), GICV2_8CPUS), Ok(()));
    assert_eq!(verdict(cpus(&[7, 3]), GICV2_8CPUS), Ok(()));
    assert_eq!(verdict(gicv2(&[GICD, 0x1000, GICC, 0x2000]), GICV2_8CPUS), Ok(()));
    assert_eq!(verdict(gicv3(&[GICD, 0x1_0000, GICR, 0x4_0000]), EL2_GICV3), Ok(()));
}

#[test]
fn a_gic_elsewhere_is_refused_with_both_addresses() {
    let distributor = |start: u64, size_bytes: u64| TreeError::GicAddress {
        block: range(start, size_bytes),
        role: "distributor",
        machine: range(GICD.into(), 0x1_0000),
    };
    let secure = gicv2(&[0xe20_0e80, 0x1000, GICC, 0x1_0000]);
    assert_eq!(verdict(secure, GICV2_8CPUS), Err(distributor(0xe20_0e80, 0x1000)));
    let too_large = gicv2(&[GICD, 0x2_0000, GICC, 0x1_0000]);
    assert_eq!(verdict(too_large, GICV2_8CPUS), Err(distributor(GICD.into(), 0x2_0000)));
    let inside = gicv2(&[GICD + 0x1000, 0x1000, GICC, 0x1_0000]);
    assert_eq!(
        verdict(inside, GICV2_8CPUS),
        Err(distributor(u64::from(GICD) + 0x1000, 0x1000))
    );
    assert_eq!(
        verdict(gicv2(&[GICD, 0x1000, 0xe20_1000, 0x1000]), GICV2_8CPUS),
        Err(TreeError::GicAddress {
            block: range(0xe20_1000, 0x1000),
            role: "CPU interface",
            machine: range(GICC.into(), 0x1_0000),
        })
    );
    assert_eq!(
        verdict(gicv3(&[GICD, 0x1_0000, 0xe20_0000, 0x2_0000]), EL2_GICV3),
        Err(TreeError::GicAddress {
            block: range(0xe20_0000, 0x2_0000),
            role: "redistributors",
            machine: range(GICR.into(), 0xf6_0000),
        })
    );
}

#[test]
fn every_region_of_redistributors_is_looked_at() {
    for regions in [2, u32::MAX] {
        let tree = Builder::new().node(
            "intc",
            &[
                ("compatible", b"arm,gic-v3\0"),
                ("interrupt-controller", b""),
                ("#redistributor-regions", &cells(&[regions])),
                (
                    "reg",
                    &cells(&[0, GICD, 0, 0x1_0000, 0, GICR, 0, 0x2_0000, 0, 0xe20_0000, 0, 0x2_0000]),
                ),
            ],
        );
        let error = verdict(tree, EL2_GICV3).unwrap_err();
        assert_eq!(error.code(), "tree-gic-address", "{regions} regions");
    }
}

#[test]
fn a_gic_of_another_architecture_is_refused() {
    let kind = |described, machine| Err(TreeError::GicKind { described, machine });
    let v2 = gicv2(&[GICD, 0x1_0000, GICC, 0x1_0000]);
    assert_eq!(verdict(v2, EL2_GICV3), kind(GicKind::V2, GicKind::V3));
    let v3 = gicv3(&[GICD, 0x1_0000, GICR, 0x4_0000]);
    assert_eq!(verdict(v3, GICV2_8CPUS), kind(GicKind::V3, GicKind::V2));
}

#[test]
fn a_second_gic_is_held_against_the_machine_too() {
    for (first, second) in [("a", "b"), ("b", "a")] {
        let good = [0, GICD, 0, 0x1_0000, 0, GICC, 0, 0x1_0000];
        let bad = [0, 0xe20_0000, 0, 0x1000, 0, GICC, 0, 0x1_0000];
        let mut builder = Builder::new();
        for name in [first, second] {
            let reg = if name == "a" { good } else { bad };
            builder = builder.node(
                name,
                &[
                    ("compatible", b"arm,gic-400\0"),
                    ("interrupt-controller", b""),
                    ("reg", &cells(&reg)),
                ],
            );
        }
        assert_eq!(verdict(builder, GICV2_8CPUS).unwrap_err().code(), "tree-gic-address");
    }
}

#[test]
fn a_gic_whose_reg_says_nothing_is_refused() {
    let defect = |defect| {
        Err(TreeError::Reg {
            place: "an interrupt controller",
            defect,
        })
    };
    assert_eq!(verdict(gicv2(&[]), GICV2_8CPUS), defect(RegDefect::Missing));
    assert_eq!(
        verdict(gicv2(&[GICD, 0, GICC, 0x1000]), GICV2_8CPUS),
        defect(RegDefect::Empty { start: GICD.into() })
    );
    let wrapping = Builder::new().node(
        "intc",
        &[
            ("compatible", b"arm,gic-400\0"),
            ("interrupt-controller", b""),
            ("reg", &cells(&[u32::MAX, u32::MAX, 0, 0x1000])),
        ],
    );
    assert_eq!(
        verdict(wrapping, GICV2_8CPUS),
        defect(RegDefect::Wraps {
            start: u64::MAX,
            size_bytes: 0x1000
        })
    );
}

#[test]
fn a_cpu_that_is_not_there_is_refused_unless_it_is_disabled() {
    let outside = |affinity| {
        Err(TreeError::CpuOutside {
            affinity,
            machine_cpus: 8,
        })
    };
    assert_eq!(verdict(cpus(&[0, 8]), GICV2_8CPUS), outside(8));
    assert_eq!(verdict(cpus(&[0x100]), GICV2_8CPUS), outside(0x100));
    let disabled = Builder::new()
        .begin("cpus")
        .node(
            "cpu@9",
            &[
                ("device_type", b"cpu\0"),
                ("status", b"disabled\0"),
                ("reg", &cells(&[9])),
            ],
        )
        .end();
    assert_eq!(verdict(disabled, GICV2_8CPUS), Ok(()));
}

#[test]
fn psci_by_another_conduit_is_refused() {
    let psci = |method: &[u8]| Builder::new().node("psci", &[("compatible", b"arm,psci-1.0\0"), ("method", method)]);
    assert_eq!(verdict(psci(b"smc\0"), EL2_GICV3), Ok(()));
    let error = TreeError::PsciConduit {
        described: PsciConduit::Hvc,
        machine: PsciConduit::Smc,
    };
    assert_eq!(verdict(psci(b"hvc\0"), EL2_GICV3), Err(error));
    let unknown = parse(EL2_GICV3);
    let tree = psci(b"hvc\0").finish();
    assert_eq!(parse(&tree).agrees_with(&unknown, None), Ok(()));
}

/// A bus with one cell each for addresses and sizes.
fn bus(name: &str, ranges: Option<&[u8]>, builder: Builder) -> Builder {
    let builder = builder
        .begin(name)
        .property("#address-cells", &cells(&[1]))
        .property("#size-cells", &cells(&[1]));
    match ranges {
        Some(ranges) => builder.property("ranges", ranges),
        None => builder,
    }
}

fn blocks_behind(ranges: Option<&[u8]>, inner: Option<&[u8]>, reg: &[u32]) -> Result<Vec<u64>, TreeError> {
    let builder = bus("inner", inner, bus("soc", ranges, Builder::new()));
    let blob = builder
        .node(
            "intc",
            &[
                ("compatible", b"arm,gic-400\0"),
                ("interrupt-controller", b""),
                ("reg", &cells(reg)),
            ],
        )
        .end()
        .end()
        .finish();
    let tree = parse(&blob);
    let gics = tree.gics()?;
    Ok(gics[0].blocks.iter().map(|block| block.start()).collect())
}

#[test]
fn registers_behind_buses_are_translated() {
    // One cell behind the bus, two in front of it.
    let soc = cells(&[0x7c00_0000, 0, GICD, 0x40_0000, 0x1000, 1, 0, 0x1000]);
    let inner = cells(&[0, 0x7c00_0000, 0x10_0000]);
    let reg = [0, 0x1000, 0x1_0000, 0x1000];
    assert_eq!(
        blocks_behind(Some(&soc), Some(&inner), &reg),
        Ok(vec![GICD.into(), u64::from(GICD) + 0x1_0000])
    );
    assert_eq!(
        blocks_behind(Some(&soc), Some(b""), &[0x7c00_0000, 0x1000, 0x1000, 0x1000]),
        Ok(vec![GICD.into(), 0x1_0000_0000])
    );
    for (soc, inner, reg) in [
        (None, Some(inner.as_slice()), [0, 0x1000]),
        (Some(soc.as_slice()), None, [0, 0x1000]),
        // Past the end of a window, and across it.
        (Some(&soc), Some(&inner), [0x10_0000, 0x1000]),
        (Some(&soc), Some(&inner), [0xf_f800, 0x1000]),
        // Not of whole entries.
        (Some(&soc[..20]), Some(&inner), [0, 0x1000]),
    ] {
        let error = blocks_behind(soc, inner, &reg).unwrap_err();
        let start = reg[0].into();
        let size_bytes = reg[1].into();
        assert_eq!(
            error,
            TreeError::Reg {
                place: "an interrupt controller",
                defect: RegDefect::Bus { start, size_bytes }
            }
        );
    }
}
