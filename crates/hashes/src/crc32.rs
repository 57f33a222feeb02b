//! CRC-32 in software.

/// The polynomial of IEEE 802.3, its bits in the order in which they are sent.
const POLYNOMIAL: u32 = 0xedb8_8320;

/// For each value of the four lowest bits the word that is added as they are shifted out. A table
/// for eight bits would save half of the instructions, for a KiB of flash and the few CPUs that
/// have no instructions for this checksum.
const BY_NIBBLE: [u32; 16] = table();

#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "computed by the compiler, which would refuse a panic"
)]
const fn table() -> [u32; 16] {
    let mut table = [0; 16];
    let mut nibble = 0;
    while nibble < table.len() {
        let mut crc = nibble as u32;
        let mut bit = 0;
        while bit < 4 {
            crc = crc >> 1 ^ if crc & 1 == 0 { 0 } else { POLYNOMIAL };
            bit += 1;
        }
        table[nibble] = crc;
        nibble += 1;
    }
    table
}

/// Computes the CRC-32 of IEEE 802.3, gzip and zip over bytes that follow others, whose checksum is
/// `crc`: 0 where there are none.
pub fn crc32(crc: u32, bytes: &[u8]) -> u32 {
    !bytes
        .iter()
        .fold(!crc, |crc, byte| after_nibble(after_nibble(crc ^ u32::from(*byte))))
}

fn after_nibble(crc: u32) -> u32 {
    let [lowest, ..] = crc.to_le_bytes();
    crc >> 4 ^ BY_NIBBLE.get(usize::from(lowest & 0xf)).copied().unwrap_or_default()
}
