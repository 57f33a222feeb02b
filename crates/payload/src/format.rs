//! [`Format`]: what bytes are, by the first of them.

use core::fmt;

use decompress::Compression;
use linux_image::ImageHeader;

use crate::PayloadError;

/// The format of a file where a kernel is expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A raw arm64 Image.
    Image,
    /// gzip, as in `Image.gz`.
    Gzip,
    /// LZ4 in the frame that the kernel's own build makes, as in `Image.lz4`.
    Lz4Legacy,
    /// LZ4 in its current frame.
    Lz4Frame,
    /// Zstandard, as in `Image.zst`.
    Zstd,
    /// A PE file that wraps a compressed Image, as in `vmlinuz.efi`.
    Zboot,
    /// A FIT, or any other device tree blob: only the whole tells.
    Fit,
    /// An ELF file, as in `vmlinux`.
    Elf,
    /// Any other PE file.
    Pe,
    /// xz, as in `Image.xz`.
    Xz,
    /// The format before xz, as in `Image.lzma`.
    Lzma,
    /// lzop, as in `Image.lzo`.
    Lzo,
    /// bzip2, as in `Image.bz2`.
    Bzip2,
    /// U-Boot's image of before FIT.
    LegacyUimage,
    /// A kernel of 32-bit Arm.
    ZImage32,
    /// A kernel of x86.
    BzImage,
    /// Android's boot image.
    AndroidBoot,
}

impl Format {
    /// Returns what `bytes` begin with. Only the first 64 matter, but for one: a kernel of x86 is
    /// known by byte 0x202.
    ///
    /// # Errors
    /// [`PayloadError::Unknown`] for unknown bytes, [`PayloadError::Erased`] for erased flash,
    /// [`PayloadError::Empty`] for none.
    pub fn detect(bytes: &[u8]) -> Result<Self, PayloadError> {
        let known = MAGICS.iter().find(|magic| magic.opens(bytes)).map(|magic| magic.format);
        // An Image begins with an instruction, and the branch 0x14008b1f begins like gzip.
        match Compression::detect(bytes) {
            Some(compression) if known != Some(Format::Image) => Ok(compression.into()),
            _ => known.ok_or_else(|| unknown(bytes)),
        }
    }

    /// Returns how this is compressed, where this is nothing but a compressed stream of a kind that
    /// is understood.
    pub const fn compression(self) -> Option<Compression> {
        Some(match self {
            Self::Gzip => Compression::Gzip,
            Self::Lz4Legacy => Compression::Lz4Legacy,
            Self::Lz4Frame => Compression::Lz4Frame,
            Self::Zstd => Compression::Zstd,
            _ => return None,
        })
    }
}

impl From<Compression> for Format {
    fn from(compression: Compression) -> Self {
        match compression {
            Compression::Gzip => Self::Gzip,
            Compression::Lz4Legacy => Self::Lz4Legacy,
            Compression::Lz4Frame => Self::Lz4Frame,
            Compression::Zstd => Self::Zstd,
        }
    }
}

/// Bytes that a format has at a fixed place.
struct Magic {
    offset: usize,
    bytes: &'static [u8],
    format: Format,
}

impl Magic {
    const fn new(offset: usize, bytes: &'static [u8], format: Format) -> Self {
        Self { offset, bytes, format }
    }

    fn opens(&self, bytes: &[u8]) -> bool {
        let is_whole = self.format != Format::Image || bytes.len() >= ImageHeader::SIZE_BYTES;
        is_whole
            && bytes
                .get(self.offset..)
                .is_some_and(|rest| rest.starts_with(self.bytes))
    }
}

/// The place where an Image has its magic number.
const MAGIC_AT: usize = 56;

/// The first that fits counts: an Image, zboot files and kernels of x86 can be PE files as well.
const MAGICS: &[Magic] = &[
    Magic::new(0, b"MZ\0\0zimg", Format::Zboot),
    Magic::new(MAGIC_AT, b"ARM\x64", Format::Image),
    Magic::new(0x202, b"HdrS", Format::BzImage),
    Magic::new(0, b"MZ", Format::Pe),
    Magic::new(0, b"\xd0\x0d\xfe\xed", Format::Fit),
    Magic::new(0, b"\x7fELF", Format::Elf),
    Magic::new(0, b"\xfd7zXZ\0", Format::Xz),
    Magic::new(0, b"\x5d\0\0", Format::Lzma),
    Magic::new(0, b"\x89LZO\0\r\n\x1a\n", Format::Lzo),
    Magic::new(0, b"BZh", Format::Bzip2),
    Magic::new(0, b"\x27\x05\x19\x56", Format::LegacyUimage),
    Magic::new(36, b"\x18\x28\x6f\x01", Format::ZImage32),
    Magic::new(0, b"ANDROID!", Format::AndroidBoot),
];

#[cold]
fn unknown(bytes: &[u8]) -> PayloadError {
    // Erased is what has nothing where the header of an Image would be.
    let start = bytes.get(..ImageHeader::SIZE_BYTES).unwrap_or(bytes);
    if start.is_empty() {
        PayloadError::Empty
    } else if start.iter().all(|byte| *byte == u8::MAX) {
        PayloadError::Erased
    } else {
        PayloadError::Unknown(start.into())
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Image => "a raw arm64 Image",
            Self::Gzip => "a gzip file",
            Self::Zstd => "a zstd file",
            Self::Lz4Frame => "an LZ4 file",
            Self::Lz4Legacy => "an LZ4 file (legacy frame)",
            Self::Xz => "an xz file",
            Self::Lzma => "an lzma file",
            Self::Lzo => "an lzop file",
            Self::Bzip2 => "a bzip2 file",
            Self::Elf => "an ELF file",
            Self::Fit => "a FIT or another device tree blob",
            Self::Zboot => "an EFI zboot kernel (a PE file that wraps a compressed Image)",
            Self::Pe => "a PE (EFI) file without an arm64 Image header",
            Self::LegacyUimage => "a legacy U-Boot image",
            Self::ZImage32 => "a kernel for 32-bit Arm (zImage)",
            Self::BzImage => "a kernel for x86 (bzImage)",
            Self::AndroidBoot => "an Android boot image",
        })
    }
}
