//! CRC-32 (ISO-HDLC, that of gzip and zip), by the CPU's own instructions where it has them.

use core::arch::aarch64::{__crc32b, __crc32d};

use arm_sysregs::el1::accessors;
use crc::{CRC_32_ISO_HDLC, Crc, NoTable};

/// Bit by bit: a table would be a KiB of flash for the few CPUs of ARMv8.0 that were made without
/// the instructions.
static BY_BITS: Crc<u32, NoTable> = Crc::<u32, NoTable>::new(&CRC_32_ISO_HDLC);

/// The checksum of `bytes`.
pub fn checksum(bytes: &[u8]) -> u32 {
    if accessors::read_id_aa64isar0_el1().crc32() != 0 {
        // SAFETY: the CPU has just said that it has the instructions (FEAT_CRC32).
        unsafe { by_instructions(bytes) }
    } else {
        BY_BITS.checksum(bytes)
    }
}

/// Eight bytes an instruction, from where they are aligned on.
#[target_feature(enable = "crc")]
fn by_instructions(bytes: &[u8]) -> u32 {
    // SAFETY: any eight bytes are a u64.
    let (before, words, after) = unsafe { bytes.align_to::<u64>() };
    let (fours, rest) = words.as_chunks::<4>();
    let mut crc = before.iter().fold(u32::MAX, |crc, byte| __crc32b(crc, *byte));
    for four in fours {
        crc = four.iter().fold(crc, |crc, word| __crc32d(crc, word.to_le()));
    }
    crc = rest.iter().fold(crc, |crc, word| __crc32d(crc, word.to_le()));
    !after.iter().fold(crc, |crc, byte| __crc32b(crc, *byte))
}
