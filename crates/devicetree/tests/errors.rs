//! Errors that somebody can read, and codes that `flint explain` can look up.

mod common;

use common::range;
use devicetree::{CODES, Defect, RegDefect, TreeError};

fn one_of_each() -> Vec<TreeError> {
    vec![
        TreeError::TooShort { length_bytes: 3 },
        TreeError::Magic { found: 0xffff_ffff },
        TreeError::TotalSize {
            total_bytes: 100,
            available_bytes: 50,
        },
        TreeError::TooLarge { total_bytes: 3_000_000 },
        TreeError::Version { version: 16 },
        TreeError::Corrupt {
            defect: Defect::Token,
            offset_bytes: 0x38,
        },
        TreeError::Limit {
            what: "banks of RAM",
            limit: 64,
        },
        TreeError::Reg {
            place: "a memory node",
            defect: RegDefect::Cells { address: 3, size: 2 },
        },
        TreeError::NoRam,
        TreeError::RamOverlap {
            first: range(0, 2),
            second: range(1, 2),
        },
        TreeError::RamOutside { bank: range(0, 2) },
        TreeError::Text {
            property: "/chosen/bootargs",
        },
        TreeError::BootargsNul { offset_bytes: 7 },
        TreeError::NoRoom {
            needed_bytes: 100,
            available_bytes: 50,
        },
    ]
}

#[test]
fn every_error_has_its_own_code_and_every_code_its_error() {
    let codes: Vec<_> = one_of_each().iter().map(TreeError::code).collect();
    assert_eq!(codes, CODES);
    let unique: std::collections::BTreeSet<_> = codes.iter().collect();
    assert_eq!(unique.len(), CODES.len());
}

#[test]
fn messages_name_the_numbers() {
    let messages: Vec<_> = one_of_each().iter().map(ToString::to_string).collect();
    assert_eq!(
        messages,
        [
            "3 bytes are too few for a device tree: its header alone has 40",
            "there is no device tree here: it would begin with 0xd00dfeed, found 0xffffffff",
            "the device tree claims 100 bytes, which is not between 40 and the 50 bytes there are",
            "the device tree has 3000000 bytes, but a kernel accepts at most 2 MiB",
            "the device tree has format version 16, but only version 17 is supported",
            "the device tree is corrupt at offset 0x38: a token is unknown or out of place",
            "the device tree has more than 64 banks of RAM",
            "a memory node of the device tree has a reg of 3 address cells and 2 size cells, but only 1 and 2 are supported",
            "the device tree describes no RAM",
            "the device tree describes RAM twice: 0x0..0x2 (2 bytes) and 0x1..0x3 (2 bytes) overlap",
            "the device tree describes RAM that the machine does not have: 0x0..0x2 (2 bytes)",
            "the property /chosen/bootargs of the device tree is not one NUL-terminated UTF-8 string",
            "the command line has a NUL byte at offset 7",
            "the edited device tree needs 100 bytes, but has room for 50",
        ]
    );
}
