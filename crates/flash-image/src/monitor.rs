//! Is there a monitor? Its binary says so itself: its first instruction is followed by a magic number and its size.

/// What follows the first instruction.
pub const MONITOR_MAGIC: u32 = u32::from_le_bytes(*b"FLMN");
/// The instruction, the magic number, and the size with its 8 bytes.
const HEADER_BYTES: usize = 16;

/// The monitor at the start of its sectors, or `None` where there is none. Its size is a multiple of 16.
pub fn monitor(sectors: &[u8]) -> Option<&[u8]> {
    let header: &[u8; HEADER_BYTES] = sectors.first_chunk()?;
    let (start, size) = header.split_at(HEADER_BYTES / 2);
    let [.., m0, m1, m2, m3] = start else { return None };
    let size_bytes = u64::from_le_bytes(size.try_into().ok()?);
    let monitor = sectors.get(..usize::try_from(size_bytes).ok()?)?;
    let is_sound = u32::from_le_bytes([*m0, *m1, *m2, *m3]) == MONITOR_MAGIC && monitor.len() >= HEADER_BYTES;
    is_sound.then_some(monitor)
}

#[cfg(test)]
mod tests {
    extern crate std;

    use std::vec::Vec;

    use super::*;

    fn sectors(magic: &[u8; 4], size: u64) -> Vec<u8> {
        [&[0xff; 4], magic.as_slice(), &size.to_le_bytes(), &[0xff; 48]].concat()
    }

    #[test]
    fn finds_a_monitor_of_its_size() {
        assert_eq!(monitor(&sectors(b"FLMN", 48)).map(<[u8]>::len), Some(48));
        assert_eq!(monitor(&sectors(b"FLMN", 64)).map(<[u8]>::len), Some(64));
    }

    #[test]
    fn finds_none_where_something_else_is() {
        for (magic, size) in [
            (b"\xff\xff\xff\xff", 48),
            (b"FLMN", 65),
            (b"FLMN", u64::MAX),
            (b"FLMN", 8),
        ] {
            assert_eq!(monitor(&sectors(magic, size)), None);
        }
        assert_eq!(monitor(b"FLMN"), None);
        assert_eq!(monitor(&[0xff; 4096]), None);
    }
}
