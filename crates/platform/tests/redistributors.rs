//! The redistributors of a machine's tree: EL3 maps their registers, and looks for those of each
//! CPU there.

use boards::QEMU_VIRT;
use devicetree::Devicetree;
use platform::{Found, Platform, PlatformError};

/// The tree of a machine with a GICv3 and a secure world; see the fixtures' `README.md`.
const MACHINE: &[u8] = include_bytes!("../../devicetree/tests/fixtures/el2-gicv3.dtb");
/// The start and the size of its redistributors.
const REGION: [u64; 2] = [0x80a_0000, 0xf6_0000];

fn big_endian(numbers: [u64; 2]) -> Vec<u8> {
    numbers.map(u64::to_be_bytes).concat()
}

/// Describes the machine with its redistributors in this region.
fn with_region(start: u64, size_bytes: u64) -> Result<Vec<(u64, u64)>, &'static str> {
    let mut tree = MACHINE.to_vec();
    let old = big_endian(REGION);
    let place = tree.windows(old.len()).position(|window| window == old).unwrap();
    tree[place..][..old.len()].copy_from_slice(&big_endian([start, size_bytes]));
    let found = Found {
        affinity: 0,
        gic_architecture: 3,
        console: QEMU_VIRT.console,
    };
    let platform = Platform::new(&QEMU_VIRT, &Devicetree::parse(&tree).unwrap(), &found);
    let platform = platform.as_ref().map_err(PlatformError::code)?;
    Ok(platform
        .redistributors()
        .map(|region| (region.start(), region.len()))
        .collect())
}

#[test]
fn whole_frames_from_the_start_on_are_taken() {
    let [start, size_bytes] = REGION;
    for size_bytes in [size_bytes, 0x2_0000, 0x1_0000] {
        assert_eq!(with_region(start, size_bytes), Ok(vec![(start, size_bytes)]));
    }
}

#[test]
fn pieces_of_frames_cannot_be_mapped() {
    let [start, size_bytes] = REGION;
    for (start, size_bytes) in [
        (start, 0x4_0800),
        (start, 0x1000),
        (start + 0x800, 0x2_0000),
        (start, size_bytes - 1),
    ] {
        assert_eq!(with_region(start, size_bytes), Err("platform-gic-address"));
    }
}

#[test]
fn redistributors_are_where_waiting_cpus_look_for_theirs() {
    assert_eq!(with_region(0x880_0000, 0x4_0000), Err("platform-gic-address"));
}
