//! Settings blocks that are broken in one place, and sound in all others.

use crc::{CRC_32_ISO_HDLC, Crc};
use flash_image::{PayloadRecord, Settings};

const VERSION: usize = 8;
const CRC32: usize = 16;
const BODY: usize = 24;

/// A block that says nothing is wrong: with this command line, and this record of the kernel.
pub fn block(command_line: Option<&str>, payload: Option<PayloadRecord>) -> Vec<u8> {
    let mut sector = vec![0xff; 4096];
    let used = Settings { command_line, payload }.write(&mut sector);
    sector.truncate(used.unwrap_or(0));
    sector
}

/// A bit of the body was flipped after the block was written.
pub fn with_damage() -> Vec<u8> {
    let mut block = sound();
    block[BODY + 8] ^= 1;
    block
}

/// The block is in a later version of the format.
pub fn of_version(version: u32) -> Vec<u8> {
    let mut block = sound();
    block[VERSION..][..4].copy_from_slice(&version.to_le_bytes());
    with_checksum(block)
}

/// The block has an entry that this version does not know.
pub fn with_tag(tag: u32) -> Vec<u8> {
    let mut block = sound();
    block[BODY..][..4].copy_from_slice(&tag.to_le_bytes());
    with_checksum(block)
}

/// The command line in the block is no text.
pub fn with_nul_in_the_command_line() -> Vec<u8> {
    let mut block = sound();
    block[BODY + 8 + 4] = 0;
    with_checksum(block)
}

fn sound() -> Vec<u8> {
    block(Some("poweroff"), None)
}

/// Makes the checksum right again. It is calculated here from the format's description, not by the
/// code that is tested.
fn with_checksum(mut block: Vec<u8>) -> Vec<u8> {
    let crc = Crc::<u32>::new(&CRC_32_ISO_HDLC);
    let mut digest = crc.digest();
    digest.update(&block[..CRC32]);
    digest.update(&block[BODY..]);
    let checksum = digest.finalize();
    block[CRC32..][..4].copy_from_slice(&checksum.to_le_bytes());
    block
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_block_is_refused_for_what_was_done_to_it() {
        let code = |block: Vec<u8>| Settings::parse(&block).map_or_else(|error| error.code(), |_| "sound");
        assert_eq!(code(with_checksum(sound())), "sound");
        assert_eq!(code(with_damage()), "flash-settings-crc");
        assert_eq!(code(of_version(2)), "flash-settings-version");
        assert_eq!(code(with_tag(99)), "flash-settings-entry");
        assert_eq!(code(with_nul_in_the_command_line()), "flash-settings-cmdline-text");
    }
}
