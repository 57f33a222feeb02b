//! [`pe_file_size`]: how long the file of a kernel with an EFI stub is, by its PE header.
//!
//! Layout: Microsoft, "PE Format": "COFF File Header" and "Section Table (Section Headers)".

use crate::ImageHeader;

/// The signature that a PE header opens with.
const SIGNATURE: &[u8; 4] = b"PE\0\0";
/// The first bytes of a file with an EFI stub.
const MZ: u16 = u16::from_le_bytes(*b"MZ");
/// `IMAGE_FILE_MACHINE_ARM64`.
const MACHINE_ARM64: u16 = 0xaa64;
/// What the loader of Windows allows, and far more than a kernel has.
const SECTIONS_MAX: u16 = 96;
/// The signature and the COFF file header after it, in bytes.
const HEADER_SIZE_BYTES: usize = 24;
/// One entry of the section table, in bytes.
const SECTION_SIZE_BYTES: usize = 40;

/// The least number of bytes that the complete file has: where the raw data of its last section
/// ends.
///
/// Only kernels with an EFI stub tell: `code0` starts with `MZ` and `res5` points at a PE header
/// (boot-protocol D4). A Secure Boot signature may follow the sections; it is not counted, as it is
/// no part of what runs. The file may be cut short, as long as its section table is there.
///
/// `None` where `image` has no PE header for arm64, or one that makes no sense (sections before its
/// own end, or none).
pub fn pe_file_size(image: &[u8]) -> Option<u64> {
    let header = ImageHeader::parse(image).ok()?;
    if header.code0 as u16 != MZ {
        return None;
    }
    let pe_start = usize::try_from(header.res5).ok()?;
    let pe = image.get(pe_start..).filter(|pe| pe.starts_with(SIGNATURE))?;
    let machine = u16_at(pe, 4)?;
    let section_count = u16_at(pe, 6)?;
    let optional_header_size = usize::from(u16_at(pe, 20)?);
    if machine != MACHINE_ARM64 || section_count > SECTIONS_MAX {
        return None;
    }
    let table_start = pe_start
        .checked_add(HEADER_SIZE_BYTES)?
        .checked_add(optional_header_size)?;
    let table_end = SECTION_SIZE_BYTES
        .checked_mul(usize::from(section_count))?
        .checked_add(table_start)?;
    let (table, _) = image.get(table_start..table_end)?.as_chunks::<SECTION_SIZE_BYTES>();
    let file_end = table.iter().filter_map(raw_data_end).fold(0, u64::max);
    (file_end >= u64::try_from(table_end).ok()?).then_some(file_end)
}

/// The place where the raw data of a section ends in the file; `None` for a section without any.
fn raw_data_end(section: &[u8; SECTION_SIZE_BYTES]) -> Option<u64> {
    let size = u64::from(u32_at(section, 16)?);
    let start = u64::from(u32_at(section, 20)?);
    start.checked_add(size).filter(|_| size > 0)
}

/// The little-endian half word at byte `offset`.
fn u16_at(bytes: &[u8], offset: usize) -> Option<u16> {
    number_at(bytes, offset, 2).map(|number| number as u16)
}

/// The little-endian word at byte `offset`.
fn u32_at(bytes: &[u8], offset: usize) -> Option<u32> {
    number_at(bytes, offset, 4)
}

#[inline(never)]
fn number_at(bytes: &[u8], offset: usize, size_bytes: usize) -> Option<u32> {
    let bytes = bytes.get(offset..)?.get(..size_bytes)?;
    Some(
        bytes
            .iter()
            .rev()
            .fold(0, |number, byte| number << 8 | u32::from(*byte)),
    )
}
