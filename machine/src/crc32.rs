//! CRC-32 (ISO-HDLC, that of gzip and zip), by the CPU's instructions where it has them.

use core::arch::aarch64::{__crc32b, __crc32d};

use arm_sysregs::el1::accessors;

/// Returns the function that continues a checksum with more bytes; see [`hashes::crc32()`], which
/// is what a CPU without the instructions gets.
pub fn update() -> hashes::Crc32 {
    if accessors::read_id_aa64isar0_el1().crc32() != 0 {
        // SAFETY: the CPU has just said that it has the instructions (FEAT_CRC32).
        |crc, bytes| unsafe { by_instructions(crc, bytes) }
    } else {
        hashes::crc32
    }
}

/// Eight bytes an instruction, from where they are aligned on.
// Functions with a section of their own are not outlined from.
#[unsafe(link_section = ".text.crc32")]
#[target_feature(enable = "crc")]
fn by_instructions(crc: u32, bytes: &[u8]) -> u32 {
    // SAFETY: any eight bytes are a u64.
    let (before, words, after) = unsafe { bytes.align_to::<u64>() };
    let (fours, rest) = words.as_chunks::<4>();
    let mut crc = before.iter().fold(!crc, |crc, byte| __crc32b(crc, *byte));
    for [a, b, c, d] in fours {
        crc = __crc32d(__crc32d(crc, a.to_le()), b.to_le());
        crc = __crc32d(__crc32d(crc, c.to_le()), d.to_le());
    }
    crc = rest.iter().fold(crc, |crc, word| __crc32d(crc, word.to_le()));
    !after.iter().fold(crc, |crc, byte| __crc32b(crc, *byte))
}
