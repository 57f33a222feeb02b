//! Errors that somebody can read, and codes that `flint explain` can look up.

mod common;

use common::range;
use devicetree::{CODES, Defect, GicKind, PsciConduit, RegDefect, TreeError};

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
        TreeError::GicKind {
            described: GicKind::V2,
            machine: GicKind::V3,
        },
        TreeError::GicAddress {
            block: range(0xe20_0000, 0x1000),
            role: "distributor",
            machine: range(0x800_0000, 0x1_0000),
        },
        TreeError::CpuOutside {
            affinity: 4,
            machine_cpus: 4,
        },
        TreeError::PsciConduit {
            described: PsciConduit::Hvc,
            machine: PsciConduit::Smc,
        },
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
            "the kernel's device tree describes a GICv2, but the machine has a GICv3",
            "the kernel's device tree has the GIC's distributor at 0xe200000..0xe201000 (4 KiB), but the machine has it at \
             0x8000000..0x8010000 (64 KiB)",
            "the kernel's device tree describes CPU 0x4, which is none of the 4 CPUs of the machine",
            "the kernel's device tree calls PSCI by HVC, but this machine answers SMC",
            "the property /chosen/bootargs of the device tree is not one NUL-terminated UTF-8 string",
            "the command line has a NUL byte at offset 7",
            "the edited device tree needs 100 bytes, but has room for 50",
        ]
    );
}
