//! [`Hooks`]: the caller's part in decompressing.

/// The functions by which the caller handles bytes as they come out.
#[derive(Clone, Copy, Debug)]
pub struct Hooks {
    /// Continues the CRC-32 of gzip (RFC 1952 8): takes that of the bytes before, which is 0 where
    /// there are none, and the next bytes.
    pub crc32: fn(u32, &[u8]) -> u32,
    /// Takes the next bytes of the destination that are not written any more, and will hardly be
    /// read: each once, in order, soon after they came out. The last ones are up to 64 bytes
    /// behind what came out, which may have been written, too. After an error, some are left out.
    pub settle: fn(&[u8]),
}

impl Hooks {
    /// The hooks of a peek.
    pub(crate) const NONE: Self = Self::with_crc32(|_, _| 0);

    /// Nothing but the CRC-32.
    pub const fn with_crc32(crc32: fn(u32, &[u8]) -> u32) -> Self {
        Self { crc32, settle: |_| {} }
    }
}
