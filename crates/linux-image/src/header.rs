//! [`ImageHeader`]: the 64 bytes, field by field.

use zerocopy::{FromBytes, IntoBytes};

use crate::{Endianness, ImageError, PageSize, Placement};

/// `text_offset` of kernels from before v3.17, whose header leaves `image_size` 0 (boot-protocol D5).
const TEXT_OFFSET_BEFORE_V3_17: u64 = 0x8_0000;

/// The header of an arm64 Image as it stands in the file.
///
/// All fields are little endian (boot-protocol D2) and kept as found: reserved fields and flags may hold anything
/// (D11), and `code0`, `code1` and `res5` mean something to the CPU and to EFI only (D3, D4). The methods tell what
/// the fields mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ImageHeader {
    /// The first instruction; in a kernel with an EFI stub its bytes begin with `MZ` (boot-protocol D3, D4).
    pub code0: u32,
    /// The second instruction, as a rule the branch to the kernel proper (boot-protocol D3).
    pub code1: u32,
    /// Bytes from a 2 MiB aligned base to the image, as the field says; see [`ImageHeader::text_offset()`].
    pub text_offset: u64,
    /// Bytes that the kernel needs from its start on, memory behind the file included; see
    /// [`ImageHeader::reserved_size()`].
    pub image_size: u64,
    /// Byte order, page size and placement; bits 4 to 63 are reserved (boot-protocol D7 to D11).
    pub flags: u64,
    /// Reserved (boot-protocol D11).
    pub res2: u64,
    /// Reserved (boot-protocol D11).
    pub res3: u64,
    /// Reserved (boot-protocol D11).
    pub res4: u64,
    /// The offset of the PE header in the file, in bytes, where there is an EFI stub (boot-protocol D4).
    pub res5: u32,
}

/// `b . + 64`.
const BRANCH_OVER_HEADER: u32 = 0x1400_0010;

impl ImageHeader {
    /// The size of the header.
    pub const SIZE_BYTES: usize = 64;
    /// `ARM\x64`, read as a little-endian word, at byte 56 (boot-protocol D1).
    pub const MAGIC: u32 = 0x644d_5241;

    /// A header of the kind that Rust kernels have: the image starts right behind it, and `code0` branches there.
    pub const fn new(text_offset: u64, image_size: u64, flags: u64) -> Self {
        Self {
            code0: BRANCH_OVER_HEADER,
            code1: 0,
            text_offset,
            image_size,
            flags,
            res2: 0,
            res3: 0,
            res4: 0,
            res5: 0,
        }
    }

    /// Reads the header that `bytes` open with; bytes after the first 64 are not looked at.
    ///
    /// Source: booting.rst, "Call the kernel image"; boot-protocol D1, D2, D11.
    ///
    /// # Errors
    /// [`ImageError::TooShort`] below 64 bytes, [`ImageError::Magic`] where the magic number is missing.
    pub fn parse(bytes: &[u8]) -> Result<Self, ImageError> {
        let bytes: &[u8; Self::SIZE_BYTES] = bytes.first_chunk().ok_or(ImageError::TooShort {
            length_bytes: bytes.len(),
        })?;
        let raw: Raw = zerocopy::transmute!(*bytes);
        let magic = u32::from_le(raw.magic);
        if magic != Self::MAGIC {
            return Err(ImageError::Magic { found: magic });
        }
        Ok(Self {
            code0: u32::from_le(raw.code0),
            code1: u32::from_le(raw.code1),
            text_offset: u64::from_le(raw.text_offset),
            image_size: u64::from_le(raw.image_size),
            flags: u64::from_le(raw.flags),
            res2: u64::from_le(raw.res2),
            res3: u64::from_le(raw.res3),
            res4: u64::from_le(raw.res4),
            res5: u32::from_le(raw.res5),
        })
    }

    /// The header as it stands in a file, magic number included.
    pub fn to_bytes(&self) -> [u8; Self::SIZE_BYTES] {
        zerocopy::transmute!(Raw {
            code0: self.code0.to_le(),
            code1: self.code1.to_le(),
            text_offset: self.text_offset.to_le(),
            image_size: self.image_size.to_le(),
            flags: self.flags.to_le(),
            res2: self.res2.to_le(),
            res3: self.res3.to_le(),
            res4: self.res4.to_le(),
            magic: Self::MAGIC.to_le(),
            res5: self.res5.to_le(),
        })
    }

    /// Bytes from a 2 MiB aligned base to where the image must be put.
    ///
    /// The field (boot-protocol D6); 0x80000 where `image_size` is 0, as the field is then in the byte order of the
    /// kernel (D5).
    pub const fn text_offset(&self) -> u64 {
        if self.image_size == 0 {
            TEXT_OFFSET_BEFORE_V3_17
        } else {
            self.text_offset
        }
    }

    /// Bytes that must be free for the kernel from its start on (boot-protocol E3).
    ///
    /// `None` where the header does not say (`image_size` is 0): as much as possible (boot-protocol D5, D12).
    pub const fn reserved_size(&self) -> Option<u64> {
        if self.image_size == 0 {
            None
        } else {
            Some(self.image_size)
        }
    }

    /// The byte order that the kernel runs in (boot-protocol D7).
    pub const fn endianness(&self) -> Endianness {
        Endianness::of_flags(self.flags)
    }

    /// The page size that the kernel was built for (boot-protocol D8).
    pub const fn page_size(&self) -> PageSize {
        PageSize::of_flags(self.flags)
    }

    /// Where in RAM the kernel may be put (boot-protocol D9, D10).
    pub const fn placement(&self) -> Placement {
        Placement::of_flags(self.flags)
    }
}

/// The 64 bytes as booting.rst draws them; every field is little endian (D2).
#[derive(FromBytes, IntoBytes)]
#[repr(C)]
struct Raw {
    code0: u32,
    code1: u32,
    text_offset: u64,
    image_size: u64,
    flags: u64,
    res2: u64,
    res3: u64,
    res4: u64,
    magic: u32,
    res5: u32,
}
