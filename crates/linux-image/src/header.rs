//! [`ImageHeader`]: the 64 bytes, field by field.

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

impl ImageHeader {
    /// The size of the header.
    pub const SIZE_BYTES: usize = 64;
    /// `ARM\x64`, read as a little-endian word, at byte 56 (boot-protocol D1).
    pub const MAGIC: u32 = 0x644d_5241;

    /// Reads the header that `bytes` open with; bytes after the first 64 are not looked at.
    ///
    /// Source: booting.rst, "Call the kernel image"; boot-protocol D1, D2, D11.
    ///
    /// # Errors
    /// [`ImageError::TooShort`] below 64 bytes, [`ImageError::Magic`] where the magic number is missing.
    pub fn parse(bytes: &[u8]) -> Result<Self, ImageError> {
        let (header, magic) = Self::read(bytes).ok_or(ImageError::TooShort {
            length_bytes: bytes.len(),
        })?;
        if magic == Self::MAGIC {
            Ok(header)
        } else {
            Err(ImageError::Magic { found: magic })
        }
    }

    /// The fields in their order, and the magic number; `None` where the bytes end before them.
    fn read(mut bytes: &[u8]) -> Option<(Self, u32)> {
        let rest = &mut bytes;
        let header = Self {
            code0: take_u32(rest)?,
            code1: take_u32(rest)?,
            text_offset: take_u64(rest)?,
            image_size: take_u64(rest)?,
            flags: take_u64(rest)?,
            res2: take_u64(rest)?,
            res3: take_u64(rest)?,
            res4: take_u64(rest)?,
            res5: 0,
        };
        let magic = take_u32(rest)?;
        let res5 = take_u32(rest)?;
        Some((Self { res5, ..header }, magic))
    }

    /// The header as it stands in a file, magic number included.
    pub fn to_bytes(&self) -> [u8; Self::SIZE_BYTES] {
        let words = [self.code0, self.code1].map(u32::to_le_bytes);
        let double_words = [
            self.text_offset,
            self.image_size,
            self.flags,
            self.res2,
            self.res3,
            self.res4,
        ];
        let double_words = double_words.map(u64::to_le_bytes);
        let end = [Self::MAGIC, self.res5].map(u32::to_le_bytes);

        let fields = words
            .as_flattened()
            .iter()
            .chain(double_words.as_flattened())
            .chain(end.as_flattened());
        let mut bytes = [0; Self::SIZE_BYTES];
        for (byte, field) in bytes.iter_mut().zip(fields) {
            *byte = *field;
        }
        bytes
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

/// The little-endian word that `rest` begins with; `rest` goes on after it.
fn take_u32(rest: &mut &[u8]) -> Option<u32> {
    let (word, after) = rest.split_first_chunk()?;
    *rest = after;
    Some(u32::from_le_bytes(*word))
}

/// The little-endian double word that `rest` begins with; `rest` goes on after it.
fn take_u64(rest: &mut &[u8]) -> Option<u64> {
    let (word, after) = rest.split_first_chunk()?;
    *rest = after;
    Some(u64::from_le_bytes(*word))
}
