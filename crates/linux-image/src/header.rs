//! [`ImageHeader`]: the 64 bytes, field by field.

use crate::{Endianness, ImageError, PageSize, Placement};

/// `text_offset` of kernels from before v3.17, whose header leaves `image_size` 0 (boot-protocol
/// D5).
const TEXT_OFFSET_BEFORE_V3_17: u64 = 0x8_0000;

/// The header of an arm64 Image as it stands in the file.
///
/// All fields are little endian (boot-protocol D2) and kept as found: reserved fields and flags may
/// hold anything (D11), and `code0`, `code1` and `res5` mean something to the CPU and to EFI only
/// (D3, D4). The methods tell what the fields mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ImageHeader {
    /// The first instruction; in a kernel with an EFI stub its bytes begin with `MZ` (boot-protocol
    /// D3, D4).
    pub code0: u32,
    /// The second instruction, as a rule the branch to the kernel proper (boot-protocol D3).
    pub code1: u32,
    /// Bytes from a 2 MiB aligned base to the image, as the field says; see
    /// [`ImageHeader::text_offset()`].
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
    /// The offset of the PE header in the file, in bytes, where there is an EFI stub (boot-protocol
    /// D4).
    pub res5: u32,
}

/// `b . + 64`.
const BRANCH_OVER_HEADER: u32 = 0x1400_0010;

impl ImageHeader {
    /// The size of the header.
    pub const SIZE_BYTES: usize = 64;
    /// `ARM\x64`, read as a little-endian word, at byte 56 (boot-protocol D1).
    pub const MAGIC: u32 = 0x644d_5241;

    /// A header of the kind that Rust kernels have: the image starts right behind it, and `code0`
    /// branches there.
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
    /// [`ImageError::TooShort`] below 64 bytes, [`ImageError::Magic`] where the magic number is
    /// missing.
    // In one piece: it is asked for in many places.
    #[inline(never)]
    pub fn parse(bytes: &[u8]) -> Result<Self, ImageError> {
        let bytes: &[u8; Self::SIZE_BYTES] = bytes.first_chunk().ok_or(ImageError::TooShort {
            length_bytes: bytes.len(),
        })?;
        let mut words = [0_u64; Self::SIZE_BYTES / size_of::<u64>()];
        for (word, bytes) in words.iter_mut().zip(bytes.as_chunks().0) {
            *word = word_of(bytes);
        }
        let [code, text_offset, image_size, flags, res2, res3, res4, end] = words;
        let (magic, res5) = halves(end);
        if magic != Self::MAGIC {
            return Err(ImageError::Magic { found: magic });
        }
        let (code0, code1) = halves(code);
        Ok(Self {
            code0,
            code1,
            text_offset,
            image_size,
            flags,
            res2,
            res3,
            res4,
            res5,
        })
    }

    /// The header as it stands in a file, magic number included.
    pub fn to_bytes(&self) -> [u8; Self::SIZE_BYTES] {
        let words = [
            joined(self.code0, self.code1),
            self.text_offset,
            self.image_size,
            self.flags,
            self.res2,
            self.res3,
            self.res4,
            joined(Self::MAGIC, self.res5),
        ];
        zerocopy::transmute!(words.map(u64::to_le))
    }

    /// Bytes from a 2 MiB aligned base to where the image must be put.
    ///
    /// The field (boot-protocol D6); 0x80000 where `image_size` is 0, as the field is then in the
    /// byte order of the kernel (D5).
    pub const fn text_offset(&self) -> u64 {
        if self.image_size == 0 {
            TEXT_OFFSET_BEFORE_V3_17
        } else {
            self.text_offset
        }
    }

    /// Bytes that must be free for the kernel from its start on (boot-protocol E3).
    ///
    /// `None` where the header does not say (`image_size` is 0): as much as possible (boot-protocol
    /// D5, D12).
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

    /// Returns where in RAM the kernel may be put (boot-protocol D9, D10).
    pub const fn placement(&self) -> Placement {
        Placement::of_flags(self.flags)
    }
}

/// Not inlined, as reading bytes at any alignment takes 20 instructions.
#[inline(never)]
const fn word_of(bytes: &[u8; 8]) -> u64 {
    u64::from_le_bytes(*bytes)
}

/// Two fields of 32 bits, the first one first.
const fn halves(word: u64) -> (u32, u32) {
    (word as u32, (word >> 32) as u32)
}

/// Their word.
const fn joined(first: u32, second: u32) -> u64 {
    first as u64 | (second as u64) << 32
}
