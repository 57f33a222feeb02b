//! [`Zboot`]: an EFI zboot kernel, a PE file that wraps a compressed Image.
//!
//! Layout: Linux, `drivers/firmware/efi/libstub/zboot-header.S` and `Makefile.zboot`. All numbers
//! are little endian.

use core::fmt::{self, Write};

use decompress::{Compression, Stream};

use crate::PayloadError;

const OFFSET_AT: usize = 8;
const SIZE_AT: usize = 12;
const TYPE_AT: usize = 24;
/// The place where the header goes on after the name of the compression.
const TYPE_END: usize = 56;

/// The compressed Image in a zboot kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Zboot<'a> {
    /// The compressed Image.
    pub stream: Stream<'a>,
    /// The number of bytes that are to come out. Linux appends it to what is compressed with
    /// anything but gzip, and does not count it.
    pub size_bytes: Option<u32>,
}

impl<'a> Zboot<'a> {
    /// Reads the header that `file` begins with.
    #[inline(never)]
    pub fn open(file: &'a [u8]) -> Result<Self, PayloadError> {
        let offset = word_at(file, OFFSET_AT).unwrap_or(0);
        let size = word_at(file, SIZE_AT).unwrap_or(0);
        let bounds = PayloadError::ZbootBounds {
            offset: offset.into(),
            size_bytes: size.into(),
            file_bytes: file.len() as u64,
        };
        let name = TypeName::from(file.get(TYPE_AT..TYPE_END).ok_or(bounds)?);
        let supported: &[Compression] = match name.bytes() {
            b"gzip" => &[Compression::Gzip],
            b"lz4" => &[Compression::Lz4Legacy, Compression::Lz4Frame],
            b"zstd" | b"zstd22" => &[Compression::Zstd],
            _ => return Err(PayloadError::ZbootCompression(name)),
        };
        let rest = file.get(offset as usize..).filter(|_| offset as usize >= TYPE_END);
        let (bytes, behind) = rest
            .and_then(|rest| rest.split_at_checked(size as usize))
            .ok_or(bounds)?;
        let compression = Compression::detect(bytes).filter(|found| supported.contains(found));
        let compression = compression.ok_or(PayloadError::ZbootMismatch(name))?;
        let has_size = compression != Compression::Gzip;
        Ok(Self {
            stream: Stream {
                compression,
                bytes,
                end_is_known: true,
            },
            size_bytes: word_at(behind, 0).filter(|size| has_size && *size != 0),
        })
    }

    /// Holds what came out against what went in.
    pub fn check_size(&self, size_bytes: usize) -> Result<(), PayloadError> {
        match self.size_bytes {
            Some(expected) if expected as usize != size_bytes => Err(PayloadError::ZbootSize {
                size_bytes: size_bytes as u64,
                expected_bytes: expected.into(),
            }),
            _ => Ok(()),
        }
    }
}

fn word_at(bytes: &[u8], offset: usize) -> Option<u32> {
    bytes.get(offset..)?.first_chunk().map(|word| u32::from_le_bytes(*word))
}

/// The name of a compression as it stands in a zboot header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TypeName([u8; TYPE_END - TYPE_AT]);

impl TypeName {
    /// Up to the first zero.
    fn bytes(&self) -> &[u8] {
        self.0.split(|byte| *byte == 0).next().unwrap_or_default()
    }
}

impl From<&[u8]> for TypeName {
    fn from(bytes: &[u8]) -> Self {
        let mut name = Self([0; TYPE_END - TYPE_AT]);
        for (to, from) in name.0.iter_mut().zip(bytes) {
            *to = *from;
        }
        name
    }
}

/// What is no printable ASCII is shown as `?`.
impl fmt::Display for TypeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.bytes() {
            f.write_char(if byte.is_ascii_graphic() {
                char::from(*byte)
            } else {
                '?'
            })?;
        }
        Ok(())
    }
}
