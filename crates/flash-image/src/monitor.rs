//! The monitor in the flash: [`Monitor`]. Its binary describes itself behind its first instruction.

/// What follows the first instruction.
pub const MONITOR_MAGIC: u32 = u32::from_le_bytes(*b"FLM2");
/// The instruction, the magic number, and three sizes of 8 bytes.
const HEADER_BYTES: usize = 32;
/// The size of a page, in bytes: code has pages of its own, since nothing else is executed.
const PAGE_BYTES: u64 = 0x1000;

/// The monitor's binary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Monitor<'a> {
    /// Code, and constants behind it.
    pub image: &'a [u8],
    /// The size of the code in bytes, in whole pages.
    pub code_bytes: u64,
    /// The size of its variables in bytes. All of them are zero at first.
    pub variables_bytes: u64,
}

impl<'a> Monitor<'a> {
    /// The monitor at the start of its sectors, or `None` where there is none.
    pub fn find(sectors: &'a [u8]) -> Option<Self> {
        let header: &[u8; HEADER_BYTES] = sectors.first_chunk()?;
        let (words, _) = header.as_chunks::<8>();
        let [start, size_bytes, code_bytes, variables_bytes] = words else {
            return None;
        };
        let [.., m0, m1, m2, m3] = *start;
        let image = sectors.get(..usize::try_from(u64::from_le_bytes(*size_bytes)).ok()?)?;
        let monitor = Self {
            image,
            code_bytes: u64::from_le_bytes(*code_bytes),
            variables_bytes: u64::from_le_bytes(*variables_bytes),
        };
        let is_monitor = u32::from_le_bytes([m0, m1, m2, m3]) == MONITOR_MAGIC;
        let code_fits = (PAGE_BYTES..=image.len() as u64).contains(&monitor.code_bytes);
        let is_sound = code_fits && monitor.code_bytes.is_multiple_of(PAGE_BYTES);
        (is_monitor && is_sound).then_some(monitor)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use std::vec::Vec;

    use super::*;

    fn sectors(magic: &[u8; 4], size: u64, code: u64) -> Vec<u8> {
        let sizes = [size, code, 0x2000].map(u64::to_le_bytes).concat();
        [&[0xff; 4], magic.as_slice(), &sizes, &[0xff; 4096]].concat()
    }

    #[test]
    fn finds_a_monitor_of_its_size() {
        for size in [4096, 4128] {
            let sectors = sectors(b"FLM2", size, 4096);
            let found = Monitor::find(&sectors)
                .map(|monitor| (monitor.image.len() as u64, monitor.code_bytes, monitor.variables_bytes));
            assert_eq!(found, Some((size, 4096, 0x2000)));
        }
    }

    #[test]
    fn finds_none_where_something_else_is() {
        for (magic, size, code) in [
            (b"\xff\xff\xff\xff", 4128, 4096),
            (b"FLM2", 4129, 4096),
            (b"FLM2", u64::MAX, 4096),
            (b"FLM2", 8, 0),
            (b"FLM2", 4096, 8192),
            (b"FLM2", 4128, 0),
            (b"FLM2", 4128, 4064),
        ] {
            let sectors = sectors(magic, size, code);
            let found = Monitor::find(&sectors);
            assert!(found.is_none(), "{size} bytes, {code} of them code");
        }
        assert_eq!(Monitor::find(b"FLM2"), None);
        assert_eq!(Monitor::find(&[0xff; 4096]), None);
    }
}
