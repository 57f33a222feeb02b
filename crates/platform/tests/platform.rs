//! Tests of what EL3 takes of a machine's own device tree, and what it refuses.

use boards::QEMU_VIRT;
use devicetree::{Devicetree, GicKind, GpioLine};
use dtoolkit::fdt::Fdt;
use dtoolkit::model::DeviceTree;
use phys_range::PhysRange;
use platform::{CODES, Found, GicRegisters, Platform, PlatformError};
use zerocopy::IntoBytes;

/// The tree of QEMU's `virt` with a secure world, a GICv2, and 2 CPUs.
const SECURE: &[u8] = include_bytes!("../../devicetree/tests/fixtures/secure.dtb");
/// With a GICv3, without a secure world, and with 1 CPU.
const GICV3: &[u8] = include_bytes!("../../devicetree/tests/fixtures/el2-gicv3.dtb");

const FOUND: Found = Found {
    affinity: 0,
    gic_architecture: 2,
    console: QEMU_VIRT.console,
};
const FOUND_V3: Found = Found {
    gic_architecture: 3,
    ..FOUND
};

fn range(start: u64, size_bytes: u64) -> PhysRange {
    PhysRange::new(start, size_bytes).unwrap()
}

fn platform(tree: &[u8], found: &Found) -> Result<Platform, PlatformError> {
    Platform::new(&QEMU_VIRT, &Devicetree::parse(tree).unwrap(), found)
}

/// The tree with these bytes in place of others of the same length, which occur in it once.
fn with(tree: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    assert_eq!(old.len(), new.len());
    let mut places = tree.windows(old.len()).enumerate().filter(|(_, window)| *window == old);
    let (place, _) = places.next().expect("the bytes are in the tree");
    assert!(places.next().is_none(), "the bytes are in the tree more than once");
    let mut tree = tree.to_vec();
    tree[place..place + new.len()].copy_from_slice(new);
    tree
}

fn cells(cells: &[u32]) -> Vec<u8> {
    cells.iter().flat_map(|cell| cell.to_be_bytes()).collect()
}

#[test]
fn describes_the_machines_of_qemu() {
    let secure = platform(SECURE, &FOUND).unwrap();
    assert_eq!(
        secure.gic(),
        Some(GicRegisters::V2 {
            distributor: 0x800_0000,
            cpu_interface: 0x801_0000
        })
    );
    assert_eq!(secure.redistributors().count(), 0);
    assert!(secure.can_power_off() && secure.can_reset());
    assert_eq!(secure.console, 0x900_0000);
    let tree = Devicetree::parse(SECURE).unwrap();
    assert!(secure.normal_ram().eq(tree.ram().unwrap().iter().copied()));
    assert!(secure.cpus.iter().eq(tree.cpus()));

    let gicv3 = platform(GICV3, &FOUND_V3).unwrap();
    let registers = GicRegisters::V3 {
        distributor: 0x800_0000,
    };
    assert_eq!(gicv3.gic(), Some(registers));
    assert!(gicv3.redistributors().eq([range(0x80a_0000, 0xf6_0000)]));
    assert!(!gicv3.can_power_off() && !gicv3.can_reset());
}

#[test]
fn what_lies_in_memory_is_read_as_it_was_written() {
    let platform = platform(SECURE, &FOUND).unwrap();
    let mut bytes = platform.as_bytes().to_vec();
    assert_eq!(Platform::read(&bytes), Some(&platform));
    bytes[7] ^= 1;
    assert_eq!(Platform::read(&bytes), None, "another version");
    assert_eq!(Platform::read(&platform.as_bytes()[..64]), None);
    assert!(size_of::<Platform>() as u64 <= QEMU_VIRT.secure.platform.len());
}

#[test]
fn the_gic_must_be_the_one_that_is_there() {
    for (tree, architecture, described) in [
        (SECURE, 3, GicKind::V2),
        (GICV3, 2, GicKind::V3),
        (GICV3, 0, GicKind::V3),
    ] {
        let found = Found {
            gic_architecture: architecture,
            ..FOUND
        };
        let error = PlatformError::GicKind {
            described,
            architecture,
        };
        assert_eq!(platform(tree, &found), Err(error));
    }
    assert!(
        platform(
            GICV3,
            &Found {
                gic_architecture: 4,
                ..FOUND
            }
        )
        .is_ok()
    );
}

#[test]
fn no_register_of_the_gic_is_anywhere_else_than_on_the_board() {
    let gicv2 = cells(&[0, 0x800_0000, 0, 0x1_0000, 0, 0x801_0000, 0, 0x1_0000]);
    let gicv3 = cells(&[0, 0x800_0000, 0, 0x1_0000, 0, 0x80a_0000, 0, 0xf6_0000]);
    for (tree, found, old, new, role) in [
        (
            SECURE,
            FOUND,
            &gicv2,
            [0xe20_0e80, 0x1000, 0x801_0000, 0x1_0000],
            "distributor",
        ),
        (
            SECURE,
            FOUND,
            &gicv2,
            [0x800_0000, 0x2_0000, 0x801_0000, 0x1_0000],
            "distributor",
        ),
        (
            SECURE,
            FOUND,
            &gicv2,
            [0x800_0000, 0x1_0000, 0x90b_0000, 0x1000],
            "CPU interface",
        ),
        (
            SECURE,
            FOUND,
            &gicv2,
            [0x800_0000, 0x1_0000, 0x801_0000, 0x2_0000],
            "CPU interface",
        ),
        (
            GICV3,
            FOUND_V3,
            &gicv3,
            [0x90b_0000, 0x1_0000, 0x80a_0000, 0xf6_0000],
            "distributor",
        ),
        (
            GICV3,
            FOUND_V3,
            &gicv3,
            [0x800_0000, 0x1_0000, 0xe20_0000, 0x10_0000],
            "redistributors",
        ),
        (
            GICV3,
            FOUND_V3,
            &gicv3,
            [0x800_0000, 0x1_0000, 0x80a_0000, 0xf6_1000],
            "redistributors",
        ),
        (
            GICV3,
            FOUND_V3,
            &gicv3,
            [0x800_0000, 0x1_0000, 0x80a_1000, 0x2_0000],
            "redistributors",
        ),
    ] {
        let [first, first_bytes, second, second_bytes] = new;
        let tree = with(
            tree,
            old,
            &cells(&[0, first, 0, first_bytes, 0, second, 0, second_bytes]),
        );
        match platform(&tree, &found) {
            Err(PlatformError::GicAddress { role: refused, .. }) => assert_eq!(refused, role),
            other => panic!("{new:x?}: {other:?}"),
        }
    }
}

/// [`GICV3`] with a distributor and these regions of redistributors.
fn with_redistributors(regions: &[[u32; 2]]) -> Vec<u8> {
    let mut tree = DeviceTree::from_fdt(&Fdt::new(GICV3).unwrap());
    let gic = tree.root.child_mut("intc@8000000").unwrap();
    let blocks = [&[[0x800_0000, 0x1_0000]], regions].concat();
    let reg = blocks
        .iter()
        .flat_map(|[start, size_bytes]| cells(&[0, *start, 0, *size_bytes]));
    let mut set = |name: &str, value: Vec<u8>| gic.property_mut(name).unwrap().set_value(value);
    set("reg", reg.collect());
    set("#redistributor-regions", cells(&[regions.len() as u32]));
    tree.to_dtb()
}

#[test]
fn redistributors_are_whole_frames_and_none_is_described_twice() {
    let first = [0x80a_0000, 0x4_0000];
    let taken = platform(&with_redistributors(&[first, [0x80e_0000, 0x2_0000]]), &FOUND_V3).unwrap();
    assert!(
        taken
            .redistributors()
            .eq([range(0x80a_0000, 0x4_0000), range(0x80e_0000, 0x2_0000)])
    );
    let elsewhere = [0x4000_0000, 0x4_0000];
    let taken = platform(&with_redistributors(&[first, elsewhere]), &FOUND_V3).unwrap();
    assert!(taken.redistributors().eq([range(0x80a_0000, 0x4_0000)]));
    for (regions, refused) in [
        (vec![[0x80a_0000, 0x2_0800]], range(0x80a_0000, 0x2_0800)),
        (vec![first, [0x80f_1000, 0x2_0000]], range(0x80f_1000, 0x2_0000)),
        (vec![first, [0x80c_0000, 0x2_0000]], range(0x80a_0000, 0x4_0000)),
        (vec![first, first], range(0x80a_0000, 0x4_0000)),
        (vec![elsewhere], range(0x4000_0000, 0x4_0000)),
    ] {
        let error = PlatformError::GicAddress {
            role: "redistributors",
            block: Some(refused),
            board: QEMU_VIRT.gic.redistributors,
        };
        assert_eq!(platform(&with_redistributors(&regions), &FOUND_V3), Err(error));
    }
}

#[test]
fn secure_ram_must_be_where_the_board_has_it() {
    let old = cells(&[0, 0xe00_0000, 0, 0x100_0000]);
    let tree = with(SECURE, &old, &cells(&[0, 0xe00_0000, 0, 0x80_0000]));
    assert_eq!(
        platform(&tree, &FOUND),
        Err(PlatformError::SecureRam {
            described: range(0xe00_0000, 0x80_0000),
            secure: range(0xe00_0000, 0x100_0000)
        })
    );
}

#[test]
fn power_control_must_be_the_boards() {
    let old = cells(&[0, 0x90b_0000, 0, 0x1000]);
    let tree = with(SECURE, &old, &cells(&[0, 0xe20_0000, 0, 0x1000]));
    let line = |controller| GpioLine { controller, line: 0 };
    assert_eq!(
        platform(&tree, &FOUND),
        Err(PlatformError::Power {
            described: line(0xe20_0000),
            board: line(0x90b_0000)
        })
    );
    let renamed = with(
        SECURE,
        b"gpio-poweroff\0\0\0\0\0\0\x03",
        b"gpio-nothing-\0\0\0\0\0\0\x03",
    );
    let platform = platform(&renamed, &FOUND).unwrap();
    assert!(
        platform.can_power_off() && platform.can_reset(),
        "the name of a node says nothing"
    );
}

#[test]
fn the_cpu_that_boots_must_be_described_and_every_cpu_have_an_affinity() {
    let found = Found { affinity: 7, ..FOUND };
    assert_eq!(platform(SECURE, &found), Err(PlatformError::BootCpu { affinity: 7 }));
    let console = Found {
        console: 0xe20_0000,
        ..FOUND
    };
    assert_eq!(
        platform(SECURE, &console),
        Err(PlatformError::Console { address: 0xe20_0000 })
    );
}

#[test]
fn every_error_has_its_own_code_and_says_its_numbers() {
    let all = [
        (PlatformError::NoCpus, "describes no CPU"),
        (PlatformError::TooManyCpus, "more than 512 CPUs"),
        (PlatformError::CpuNumber { reg: 1 << 31 }, "a CPU 0x80000000"),
        (PlatformError::BootCpu { affinity: 0x100 }, "0x100"),
        (PlatformError::NoGic, "describes no GIC"),
        (
            PlatformError::GicKind {
                described: GicKind::V2,
                architecture: 3,
            },
            "describes a GICv2, but the distributor is one of a GICv3",
        ),
        (
            PlatformError::GicAddress {
                role: "distributor",
                block: None,
                board: range(0x800_0000, 0x1_0000),
            },
            "the GIC's distributor nowhere, but the board has it in 0x8000000..0x8010000 (64 KiB)",
        ),
        (PlatformError::GicStride { stride: 0x1234 }, "0x1234 bytes apart"),
        (
            PlatformError::SecureRam {
                described: range(0, 1),
                secure: range(1, 1),
            },
            "secure RAM at 0x0..0x1",
        ),
        (
            PlatformError::Power {
                described: GpioLine { controller: 1, line: 2 },
                board: GpioLine { controller: 3, line: 4 },
            },
            "on line 2 of 0x1, but the board on line 4 of 0x3",
        ),
        (PlatformError::Console { address: 0x1000 }, "no console at 0x1000"),
    ];
    let codes: Vec<_> = all.iter().map(|(error, _)| error.code()).collect();
    assert_eq!(codes, CODES);
    for (error, text) in all {
        assert!(error.to_string().contains(text), "{error}");
    }
    let unknown = PlatformError::GicKind {
        described: GicKind::V5,
        architecture: 0,
    };
    let text = "describes a GICv5, and the architecture of the distributor is unknown (0)";
    assert!(unknown.to_string().ends_with(text), "{unknown}");
}
