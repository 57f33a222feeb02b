//! The kernel's tree: the tree with a new command line, packed, and otherwise untouched.

mod common;

use common::*;
use devicetree::edit::Edits;
use devicetree::{Devicetree, TreeError};
use dtoolkit::fdt_mut::FdtMut;

#[track_caller]
fn edited(blob: &[u8], bootargs: Option<&str>) -> Vec<u8> {
    let edits = Edits {
        bootargs,
        ..Edits::default()
    };
    common::edited(blob, &edits)
}

fn with_bootargs(bootargs: &[u8]) -> Builder {
    Builder::with_ram()
        .begin("chosen")
        .property("a", b"1")
        .property("bootargs", bootargs)
        .property("b", b"2")
        .end()
        .node("z", &[])
}

fn refused(bootargs: &str, destination: &mut [u8]) -> TreeError {
    parse(EL2_GICV3)
        .write_edited(
            &Edits {
                bootargs: Some(bootargs),
                ..Edits::default()
            },
            destination,
        )
        .unwrap_err()
}

/// The names of the fixtures whose CPUs have no `enable-method` though there is PSCI.
const WITHOUT_ENABLE_METHOD: [&str; 1] = ["el2-gicv3"];

#[test]
fn changes_nothing_where_nothing_is_missing_or_asked_for() {
    for (name, blob) in FIXTURES {
        let unchanged = !WITHOUT_ENABLE_METHOD.contains(&name);
        assert_eq!(edited(blob, None) == blob, unchanged, "{name}");
        assert_eq!(edited(&unpacked(blob, 1 << 20), None) == blob, unchanged, "{name}");
    }
}

#[test]
fn replaces_the_command_line_by_a_longer_equal_or_shorter_one() {
    for new in ["0123456789 and more", "abcdefghij", "short", "abcdefg", "abcdefgh", ""] {
        let blob = with_bootargs(b"0123456789\0").finish();
        let expected = with_bootargs(format!("{new}\0").as_bytes()).finish();
        assert_eq!(edited(&blob, Some(new)), expected, "{new}");
    }
}

#[test]
fn adds_the_command_line_as_the_last_property_of_chosen() {
    let chosen = || Builder::with_ram().begin("chosen").property("a", b"1");
    let blob = chosen().node("child", &[]).end().node("z", &[]).finish();
    let expected = chosen()
        .property("bootargs", b"quiet\0")
        .node("child", &[])
        .end()
        .node("z", &[])
        .finish();
    assert_eq!(edited(&blob, Some("quiet")), expected);
}

#[test]
fn adds_chosen_as_the_last_node_where_it_is_missing() {
    let others = || {
        Builder::with_ram()
            .reserve(1, 2)
            .node("chosen@0", &[("bootargs", b"another\0")])
            .node("z", &[])
    };
    let blob = others().finish();
    let expected = others().node("chosen", &[("bootargs", b"quiet\0")]).finish();
    assert_eq!(edited(&blob, Some("quiet")), expected);
    assert_eq!(edited(&unpacked(&blob, 5000), Some("quiet")), expected);

    let smallest = Builder::without_cells().finish();
    let expected = Builder::without_cells()
        .node("chosen", &[("bootargs", b"quiet\0")])
        .finish();
    assert_eq!(edited(&smallest, Some("quiet")), expected);
}

#[test]
fn keeps_a_gap_between_the_blocks_and_nops_elsewhere() {
    let build = |bootargs: &[u8]| with_bootargs(bootargs).token(4).token(4).finish();
    let gap = |blob: Vec<u8>| {
        let strings = word(&blob, STRINGS_OFFSET) as usize;
        let mut blob = [&blob[..strings], b"gap!", &blob[strings..]].concat();
        set_word(&mut blob, STRINGS_OFFSET, strings as u32 + 4);
        let size = blob.len();
        unpacked(&blob, size)
    };
    assert_eq!(
        edited(&gap(build(b"a long command line\0")), Some("short")),
        gap(build(b"short\0"))
    );
}

#[test]
fn writes_what_dtoolkit_writes() {
    for (name, blob) in FIXTURES {
        for bootargs in [
            "",
            "quiet",
            "console=ttyAMA0 earlycon root=/dev/vda1 rw",
            &"x".repeat(2047),
        ] {
            let mut buffer = [blob, &[0; 4096]].concat();
            let mut tree = FdtMut::from_slice(&mut buffer).unwrap();
            if WITHOUT_ENABLE_METHOD.contains(&name) {
                let mut cpu = tree.find_node_mut("/cpus/cpu@0").unwrap();
                cpu.add_property("enable-method", "psci").unwrap();
            }
            tree.find_node_mut("/chosen")
                .unwrap()
                .add_property("bootargs", bootargs)
                .unwrap();
            let expected = tree.as_read_only().data();
            assert!(edited(blob, Some(bootargs)) == expected, "{name}: {bootargs}");
        }
    }
}

#[test]
fn tells_the_same_machine_afterwards() {
    for (name, blob) in FIXTURES {
        let (before, after) = (parse(blob), edited(&unpacked(blob, 1 << 20), Some("root=/dev/vda1")));
        let after = parse(&after);
        assert_eq!(after.bootargs(), Ok(Some("root=/dev/vda1")), "{name}");
        assert_eq!(after.ram(), before.ram(), "{name}");
        assert_eq!(after.reservations(), before.reservations(), "{name}");
        assert_eq!(after.console(), before.console(), "{name}");
        assert_eq!(
            (after.cpu_count(), after.psci(), after.gic()),
            (before.cpu_count(), before.psci(), before.gic()),
            "{name}"
        );
    }
}

#[test]
fn asks_for_just_the_bytes_that_it_writes() {
    for bootargs in [None, Some(""), Some("quiet")] {
        let edits = Edits {
            bootargs,
            ..Edits::default()
        };
        let tree = parse(EL2_GICV3);
        let needed = tree.edited_size_max(&edits) as usize;
        assert_eq!(tree.write_edited(&edits, &mut vec![0; needed]), Ok(needed));
        let error = TreeError::NoRoom {
            needed_bytes: needed as u64,
            available_bytes: needed as u64 - 1,
        };
        assert_eq!(tree.write_edited(&edits, &mut vec![0; needed - 1]), Err(error));
        assert!(matches!(
            tree.write_edited(&edits, &mut []),
            Err(TreeError::NoRoom { available_bytes: 0, .. })
        ));
    }
}

#[test]
fn leaves_the_destination_alone_after_an_error() {
    let mut destination = vec![0xa5; 100];
    assert!(matches!(refused("quiet", &mut destination), TreeError::NoRoom { .. }));
    assert_eq!(
        refused("a\0b", &mut destination),
        TreeError::BootargsNul { offset_bytes: 1 }
    );
    assert!(destination.iter().all(|byte| *byte == 0xa5));
}

#[test]
fn refuses_to_write_more_than_a_kernel_accepts() {
    let room = 2 << 20;
    let least = parse(EL2_GICV3).edited_size_max(&Edits {
        bootargs: Some(""),
        ..Edits::default()
    }) as usize;
    let padding = (room - least) % 4;
    let largest = "x".repeat(room - least - padding + 3);
    assert_eq!(edited(EL2_GICV3, Some(&largest)).len(), room - padding);
    let total_bytes = (room - padding + 4) as u64;
    let error = refused(&format!("{largest}x"), &mut vec![0; 2 * room]);
    assert_eq!(error, TreeError::TooLarge { total_bytes });
}

#[test]
fn can_be_edited_again_and_again() {
    let mut blob = Builder::with_ram().finish();
    for bootargs in ["a", "", "a longer command line", "short", "short", "another"] {
        blob = edited(&blob, Some(bootargs));
        assert_eq!(Devicetree::parse(&blob).unwrap().bootargs(), Ok(Some(bootargs)));
    }
    assert_eq!(blob, edited(&Builder::with_ram().finish(), Some("another")));
}

#[test]
fn reserves_what_is_asked_for_and_not_reserved_already() {
    let blob = Builder::with_ram().reserve(0x4000_0000, 0x2000).finish();
    let reserved = [
        range(0x4000_1000, 0x1000),
        range(0x4000_1000, 0x2000),
        range(0x5000_0000, 1),
    ];
    let edits = Edits {
        reserved: &reserved,
        ..Edits::default()
    };
    let expected = Builder::with_ram()
        .reserve(0x4000_1000, 0x2000)
        .reserve(0x5000_0000, 1)
        .reserve(0x4000_0000, 0x2000)
        .finish();
    assert_eq!(common::edited(&blob, &edits), expected);
}

#[test]
fn refuses_to_reserve_more_than_can_be_read_again() {
    let reserved: Vec<_> = (0..64).map(|number| range(number * 0x2000, 0x1000)).collect();
    let blob = |own: u64| {
        (0..own)
            .fold(Builder::with_ram(), |it, n| it.reserve(0x1000 + n * 0x2000, 0x1000))
            .finish()
    };
    let written = |own: u64, reserved| {
        let edits = Edits {
            reserved,
            ..Edits::default()
        };
        parse(&blob(own)).write_edited(&edits, &mut [0; 4096]).is_ok()
    };
    assert!(written(0, &reserved) && written(10, &reserved[..54]));
    assert!(!written(1, &reserved) && !written(10, &reserved[..55]));
}
