//! [`PayloadError`]: why there is no kernel in these bytes.

use core::fmt;

use decompress::{Compression, DecompressError};
use linux_image::ImageError;

use crate::{Format, TypeName};

/// The codes of all errors of this crate, for `flint explain`; a wrapped error has its own.
pub const CODES: &[&str] = &[
    "payload-unknown",
    "payload-erased",
    "payload-not-kernel",
    "payload-inside",
    "payload-nested",
    "payload-image-size-zero",
    "payload-longer",
    "kernel-truncated",
    "zboot-bounds",
    "zboot-compression",
    "zboot-size",
];

/// The reason why there is no kernel in these bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PayloadError {
    /// There are no bytes.
    Empty,
    /// Nothing has been written there since the flash was erased.
    Erased,
    /// They are nothing that is known.
    Unknown(FirstBytes),
    /// They are something else.
    NotKernel(Format),
    /// A compressed payload that holds something else than an arm64 Image.
    Inside(Format),
    /// A compressed payload that holds nothing that is known.
    NotImage(ImageError),
    /// A compressed payload that holds another one.
    Nested {
        /// How the payload is compressed.
        outer: Compression,
        /// How its content is.
        inner: Compression,
    },
    /// The header of the Image in the compressed payload does not say how much memory it takes.
    ImageSizeZero,
    /// More came out than the header of the Image says.
    Longer {
        /// The number of bytes that came out.
        size_bytes: u64,
        /// The value in the header.
        image_size: u64,
    },
    /// The Image, raw or out of the compressed payload, is shorter than its PE header says.
    Truncated {
        /// How long it is.
        size_bytes: u64,
        /// How long it should be at least.
        expected_bytes: u64,
    },
    /// The compressed Image lies outside the zboot file.
    ZbootBounds {
        /// The place where it begins, by the file's header.
        offset: u64,
        /// Its size, by the file's header.
        size_bytes: u64,
        /// The size of the file, or of what could be the file.
        file_bytes: u64,
    },
    /// The zboot file's Image is compressed in a way that is not supported.
    ZbootCompression(TypeName),
    /// The zboot file's Image is not compressed as its header says.
    ZbootMismatch(TypeName),
    /// A zboot file of which not as much comes out as went in.
    ZbootSize {
        /// The number of bytes that came out.
        size_bytes: u64,
        /// How many should have.
        expected_bytes: u64,
    },
    /// The compressed data is at fault.
    Compressed(DecompressError),
}

impl From<DecompressError> for PayloadError {
    fn from(error: DecompressError) -> Self {
        Self::Compressed(error)
    }
}

impl PayloadError {
    /// The error's name for `flint explain`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty | Self::Unknown(_) => "payload-unknown",
            Self::Erased => "payload-erased",
            Self::NotKernel(_) => "payload-not-kernel",
            Self::Inside(_) | Self::NotImage(_) => "payload-inside",
            Self::Nested { .. } => "payload-nested",
            Self::ImageSizeZero => "payload-image-size-zero",
            Self::Longer { .. } => "payload-longer",
            Self::Truncated { .. } => "kernel-truncated",
            Self::ZbootBounds { .. } => "zboot-bounds",
            Self::ZbootCompression(_) | Self::ZbootMismatch(_) => "zboot-compression",
            Self::ZbootSize { .. } => "zboot-size",
            Self::Compressed(error) => error.code(),
        }
    }
}

/// The formats of a payload, for the error about one of no known format.
const UNDERSTOOD: &str = "understood are an arm64 Image, raw, in gzip, lz4 or zstd or as EFI zboot, and FIT";

impl fmt::Display for PayloadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Empty => write!(f, "there is no payload: no bytes; {UNDERSTOOD}"),
            Self::Erased => f.write_str("there is no payload: the flash is erased there"),
            Self::Unknown(first) => write!(f, "the payload begins with {first}, which is unknown; {UNDERSTOOD}"),
            Self::NotKernel(format) => write!(
                f,
                "the payload is {format}, which is not supported; {}",
                way_out(format)
            ),
            Self::Inside(format) => write!(f, "the compressed payload holds {format}, not an arm64 Image"),
            Self::NotImage(error) => write!(f, "what the compressed payload holds is {error}"),
            Self::Nested { outer, inner } => {
                write!(
                    f,
                    "the {outer} payload holds {inner} data: compressed twice, which is not supported"
                )
            }
            Self::ImageSizeZero => f.write_str(
                "the compressed Image has image_size 0 in its header, so nothing says how much memory it takes; \
                set image_size, or take the raw Image",
            ),
            Self::Longer { size_bytes, image_size } => write!(
                f,
                "the compressed payload holds {size_bytes} bytes, more than its Image's image_size {image_size:#x}"
            ),
            Self::Truncated {
                size_bytes,
                expected_bytes,
            } => write!(
                f,
                "the kernel is cut short: it has {size_bytes} bytes, and {expected_bytes} by its PE header"
            ),
            Self::ZbootBounds {
                offset,
                size_bytes,
                file_bytes,
            } => write!(
                f,
                "the zboot header puts {size_bytes} bytes of kernel at {offset:#x}; the file has {file_bytes} bytes"
            ),
            Self::ZbootCompression(name) => {
                write!(
                    f,
                    "the zboot kernel is compressed with \"{name}\"; supported are gzip, lz4 and zstd"
                )
            }
            Self::ZbootMismatch(name) => write!(
                f,
                "the zboot header says \"{name}\", but the kernel in it is no such data"
            ),
            Self::ZbootSize {
                size_bytes,
                expected_bytes,
            } => write!(
                f,
                "{size_bytes} bytes came out of the zboot kernel; by the size stored behind it, it has {expected_bytes}"
            ),
            Self::Compressed(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for PayloadError {}

/// Returns what to do about a payload that is not supported.
fn way_out(format: Format) -> &'static str {
    match format {
        Format::Xz | Format::Lzma | Format::Lzo | Format::Bzip2 => {
            "decompress it, or compress it with gzip, lz4 or zstd"
        }
        Format::Elf => "make an Image of it with objcopy -O binary",
        Format::LegacyUimage => "take the kernel out with dumpimage, or use FIT",
        Format::AndroidBoot => "take the kernel out with unpack_bootimg",
        Format::ZImage32 | Format::BzImage => "a kernel for 64-bit Arm is needed",
        _ => "name the Image of an arm64 kernel",
    }
}

/// The first bytes of something unknown, to be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FirstBytes {
    bytes: [u8; 8],
    length: u8,
}

impl From<&[u8]> for FirstBytes {
    fn from(bytes: &[u8]) -> Self {
        let mut first = Self {
            bytes: [0; 8],
            length: 0,
        };
        for (to, from) in first.bytes.iter_mut().zip(bytes) {
            *to = *from;
            first.length = first.length.saturating_add(1);
        }
        first
    }
}

impl fmt::Display for FirstBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, byte) in self.bytes.iter().take(self.length.into()).enumerate() {
            let space = if index == 0 { "" } else { " " };
            write!(f, "{space}{:02x}", u64::from(*byte))?;
        }
        Ok(())
    }
}
