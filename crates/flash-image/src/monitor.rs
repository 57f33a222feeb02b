//! The monitor in the flash: [`Monitor`]. Its binary describes itself behind its first instruction.

use crate::FlashError;

/// The word after the first instruction.
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
    /// The monitor at the start of its `sectors`, for a board that has `variables_room_bytes` for
    /// variables.
    ///
    /// # Errors
    /// [`FlashError::NoMonitor`]: there is none. [`FlashError::MonitorTooLarge`]: it passes the end
    /// of its sectors, or has more variables than there is room for.
    pub fn find(sectors: &'a [u8], variables_room_bytes: u64) -> Result<Self, FlashError> {
        let header: &[u8; HEADER_BYTES] = sectors.first_chunk().ok_or(FlashError::NoMonitor)?;
        let (words, _) = header.as_chunks::<8>();
        let [start, sizes @ ..] = words else {
            return Err(FlashError::NoMonitor);
        };
        let [.., m0, m1, m2, m3] = *start;
        let [size_bytes, code_bytes, variables_bytes] = *sizes else {
            return Err(FlashError::NoMonitor);
        };
        let [size_bytes, code_bytes, variables_bytes] =
            [size_bytes, code_bytes, variables_bytes].map(u64::from_le_bytes);
        let is_monitor = u32::from_le_bytes([m0, m1, m2, m3]) == MONITOR_MAGIC;
        let code_fits = (PAGE_BYTES..=size_bytes).contains(&code_bytes) && code_bytes.is_multiple_of(PAGE_BYTES);
        if !is_monitor || !code_fits || variables_bytes == 0 {
            return Err(FlashError::NoMonitor);
        }
        let too_large = |part, size_bytes, room_bytes| FlashError::MonitorTooLarge {
            part,
            size_bytes,
            room_bytes,
        };
        if variables_bytes > variables_room_bytes {
            return Err(too_large("variables", variables_bytes, variables_room_bytes));
        }
        let image = usize::try_from(size_bytes).ok().and_then(|size| sectors.get(..size));
        let image = image.ok_or(too_large("code and constants", size_bytes, sectors.len() as u64))?;
        Ok(Self {
            image,
            code_bytes,
            variables_bytes,
        })
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use std::vec::Vec;

    use super::*;

    /// Bytes of variables: what the monitor has, and what the board has room for.
    const VARIABLES: u64 = 0x2000;
    const ROOM: u64 = 0x3000;

    fn sectors(magic: &[u8; 4], size: u64, code: u64, variables: u64) -> Vec<u8> {
        let sizes = [size, code, variables].map(u64::to_le_bytes).concat();
        [&[0xff; 4], magic.as_slice(), &sizes, &[0xff; 4096]].concat()
    }

    #[test]
    fn finds_a_monitor_of_its_size() {
        for size in [4096, 4128] {
            let sectors = sectors(b"FLM2", size, 4096, VARIABLES);
            let found = Monitor::find(&sectors, ROOM)
                .map(|monitor| (monitor.image.len() as u64, monitor.code_bytes, monitor.variables_bytes));
            assert_eq!(found, Ok((size, 4096, VARIABLES)));
        }
    }

    #[test]
    fn finds_none_where_something_else_is() {
        for (magic, size, code, variables) in [
            (b"\xff\xff\xff\xff", 4128, 4096, VARIABLES),
            (b"FLM2", 8, 0, VARIABLES),
            (b"FLM2", 4096, 8192, VARIABLES),
            (b"FLM2", 4128, 0, VARIABLES),
            (b"FLM2", 4128, 4064, VARIABLES),
            (b"FLM2", 4128, 4096, 0),
        ] {
            let sectors = sectors(magic, size, code, variables);
            let found = Monitor::find(&sectors, ROOM);
            assert_eq!(found, Err(FlashError::NoMonitor), "{size} bytes, {code} of them code");
        }
        assert_eq!(Monitor::find(b"FLM2", ROOM), Err(FlashError::NoMonitor));
        assert_eq!(Monitor::find(&[0xff; 4096], ROOM), Err(FlashError::NoMonitor));
    }

    #[test]
    fn names_the_part_of_a_monitor_that_has_no_room() {
        let too_large = |part, size_bytes, room_bytes| {
            Err(FlashError::MonitorTooLarge {
                part,
                size_bytes,
                room_bytes,
            })
        };
        for size in [4133, u64::MAX] {
            let found = sectors(b"FLM2", size, 4096, ROOM);
            let expected = too_large("code and constants", size, 4128);
            assert_eq!(Monitor::find(&found, ROOM), expected);
        }
        for variables in [ROOM + 1, u64::MAX] {
            let found = sectors(b"FLM2", 4128, 4096, variables);
            assert_eq!(Monitor::find(&found, ROOM), too_large("variables", variables, ROOM));
        }
        assert!(Monitor::find(&sectors(b"FLM2", 4128, 4096, ROOM), ROOM).is_ok());
    }
}
