//! The length of a file by its PE header.

use linux_image::{ImageHeader, pe_file_size};

use crate::fixtures::{DEBIAN, DEBIAN_SECTIONS, SECTION_COUNT_OFFSET, efi_image};

#[test]
fn a_file_ends_with_the_raw_data_of_its_last_section() {
    assert_eq!(pe_file_size(&efi_image(DEBIAN, &DEBIAN_SECTIONS)), Some(27_302_400));
}

#[test]
fn the_last_section_is_the_one_that_ends_last() {
    let [text, data] = DEBIAN_SECTIONS;
    assert_eq!(pe_file_size(&efi_image(DEBIAN, &[data, text])), Some(27_302_400));
}

#[test]
fn a_section_without_raw_data_does_not_count() {
    let bss = (0, u32::MAX);
    assert_eq!(pe_file_size(&efi_image(DEBIAN, &[(0x1000, 0x200), bss])), Some(0x1200));
}

#[test]
fn a_section_may_end_above_4_gib() {
    assert_eq!(
        pe_file_size(&efi_image(DEBIAN, &[(u32::MAX, u32::MAX)])),
        Some(0x1_ffff_fffe)
    );
}

#[test]
fn there_is_no_size_without_mz_in_front() {
    let header = ImageHeader {
        code0: 0x1400_0010,
        ..DEBIAN
    };
    assert_eq!(pe_file_size(&efi_image(header, &DEBIAN_SECTIONS)), None);
}

#[test]
fn there_is_no_size_without_an_image_magic() {
    let mut image = efi_image(DEBIAN, &DEBIAN_SECTIONS);
    image[56] = 0;
    assert_eq!(pe_file_size(&image), None);
}

#[test]
fn there_is_no_size_where_the_offset_misses_the_pe_header() {
    for res5 in [0, 0x3f, 0x41, 0x1000, u32::MAX] {
        let header = ImageHeader { res5, ..DEBIAN };
        assert_eq!(pe_file_size(&efi_image(header, &DEBIAN_SECTIONS)), None, "{res5:#x}");
    }
}

#[test]
fn there_is_no_size_for_another_machine() {
    let mut image = efi_image(DEBIAN, &DEBIAN_SECTIONS);
    image[0x44..0x46].copy_from_slice(&0x8664_u16.to_le_bytes());
    assert_eq!(pe_file_size(&image), None);
}

#[test]
fn there_is_no_size_without_sections_or_with_too_many() {
    assert_eq!(pe_file_size(&efi_image(DEBIAN, &[])), None);
    assert_eq!(
        pe_file_size(&efi_image(DEBIAN, &[(0x1000, 0x1_0000); 96])),
        Some(0x1_1000)
    );
    assert_eq!(pe_file_size(&efi_image(DEBIAN, &[(0x1000, 0x1_0000); 97])), None);
}

#[test]
fn there_is_no_size_where_the_sections_end_before_the_section_table() {
    let table_end = u32::try_from(efi_image(DEBIAN, &[(0, 0)]).len()).unwrap();
    assert_eq!(pe_file_size(&efi_image(DEBIAN, &[(table_end - 1, 0)])), None);
    assert_eq!(
        pe_file_size(&efi_image(DEBIAN, &[(table_end, 0)])),
        Some(u64::from(table_end))
    );
}

#[test]
fn there_is_no_size_where_the_section_table_is_cut_off() {
    let image = efi_image(DEBIAN, &DEBIAN_SECTIONS);
    for length in 0..image.len() {
        assert_eq!(pe_file_size(&image[..length]), None, "{length} bytes");
    }
    let mut image = image;
    image[SECTION_COUNT_OFFSET] += 1;
    assert_eq!(pe_file_size(&image), None);
}
