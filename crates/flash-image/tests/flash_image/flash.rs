//! Flash images that are good.

use flash_image::{FlashImage, PayloadRecord, Settings, map};
use linux_image::ImageHeader;

use crate::fixtures::{EFI_HEADER, Flash, HEADER, efi_kernel, kernel};

#[test]
fn finds_the_articles_kernel_in_a_flash_padded_with_zeroes() {
    let file = kernel(HEADER, 0x8000);
    let flash = Flash::new().with_kernel(&file);
    let image = FlashImage::parse(&flash.0).unwrap();
    assert_eq!(image.settings, None);
    assert_eq!(image.payload.bytes, file);
    assert!(image.payload.end_is_known);
}

#[test]
fn finds_a_kernel_in_flash_that_is_otherwise_erased() {
    let mut flash = Flash::new();
    flash.part(map::SETTINGS).fill(0xff);
    flash.part(map::KERNEL)[..0x1_0000].fill(0xff);
    let flash = flash.with_kernel(&kernel(HEADER, 0x4000));
    let image = FlashImage::parse(&flash.0).unwrap();
    assert_eq!(image.settings, None);
    assert_eq!(image.payload.bytes.len(), 0x8000, "nothing says where the file ends");
}

#[test]
fn finds_the_settings_and_takes_the_length_from_their_record() {
    let file = kernel(HEADER, 0x5001);
    let settings = Settings {
        command_line: Some("quiet"),
        payload: Some(PayloadRecord::of(&file)),
    };
    let flash = Flash::new().with_kernel(&file).with_settings(&settings);
    let image = FlashImage::parse(&flash.0).unwrap();
    assert_eq!(image.settings, Some(settings));
    assert_eq!(image.payload.bytes, file);
}

#[test]
fn takes_the_length_from_the_pe_header_where_there_is_no_record() {
    let file = efi_kernel(EFI_HEADER, 0x5000, 0x5000);
    let flash = Flash::new().with_kernel(&file);
    assert_eq!(FlashImage::parse(&flash.0).unwrap().payload.bytes, file);
}

#[test]
fn the_record_goes_before_the_pe_header() {
    let file = efi_kernel(EFI_HEADER, 0x5000, 0x5400);
    let flash = Flash::new().with_kernel(&file).with_record(PayloadRecord::of(&file));
    assert_eq!(FlashImage::parse(&flash.0).unwrap().payload.bytes, file);
}

#[test]
fn copies_no_more_than_image_size() {
    let file = efi_kernel(EFI_HEADER, 0x9000, 0x9000);
    let flash = Flash::new().with_kernel(&file);
    assert_eq!(FlashImage::parse(&flash.0).unwrap().payload.bytes, &file[..0x8000]);
}

#[test]
fn a_pe_file_may_exceed_the_flash_where_image_size_does_not() {
    let file = efi_kernel(EFI_HEADER, u32::MAX, 0x8000);
    let flash = Flash::new().with_kernel(&file);
    assert_eq!(FlashImage::parse(&flash.0).unwrap().payload.bytes, file);
}

#[test]
fn image_size_may_exceed_the_flash_where_the_files_length_is_known() {
    let header = ImageHeader {
        image_size: 1 << 40,
        ..EFI_HEADER
    };
    let file = efi_kernel(header, 0x5000, 0x5000);
    let flash = Flash::new().with_kernel(&file);
    assert_eq!(FlashImage::parse(&flash.0).unwrap().payload.bytes, file);
    let file = kernel(
        ImageHeader {
            image_size: 1 << 40,
            ..HEADER
        },
        0x5000,
    );
    let flash = Flash::new().with_kernel(&file).with_record(PayloadRecord::of(&file));
    assert_eq!(FlashImage::parse(&flash.0).unwrap().payload.bytes, file);
}

#[test]
fn a_kernel_may_fill_the_flash_to_its_last_byte() {
    let header = ImageHeader {
        image_size: map::KERNEL.len(),
        ..HEADER
    };
    let flash = Flash::new().with_kernel(&header.to_bytes());
    let image = FlashImage::parse(&flash.0).unwrap();
    assert_eq!(image.payload.bytes.as_ptr_range().end, flash.0.as_ptr_range().end);
}

#[test]
fn a_kernel_without_an_efi_stub_may_end_in_erased_bytes() {
    let mut file = kernel(HEADER, 0x8000);
    file[0x7000..].fill(0xff);
    assert!(FlashImage::parse(&Flash::new().with_kernel(&file).0).is_ok());
}

#[test]
fn looks_at_the_first_flash_only() {
    let mut flash = Flash::new().with_kernel(&kernel(HEADER, 0x8000)).0;
    flash.push(0xa5);
    assert!(FlashImage::parse(&flash).is_ok());
}

#[test]
fn hands_out_all_that_follows_a_payload_of_unknown_length() {
    let flash = Flash::new().with_kernel(b"\x1f\x8b\x08");
    let payload = FlashImage::parse(&flash.0).unwrap().payload;
    assert!(!payload.end_is_known && payload.bytes.starts_with(b"\x1f\x8b\x08"));
    assert_eq!(payload.bytes.as_ptr_range().end, flash.0.as_ptr_range().end);
}

#[test]
fn knows_the_end_of_whatever_was_recorded() {
    let file = b"\x1f\x8b\x08 and so on";
    let flash = Flash::new().with_kernel(file).with_record(PayloadRecord::of(file));
    let payload = FlashImage::parse(&flash.0).unwrap().payload;
    assert_eq!((payload.bytes, payload.end_is_known), (file.as_slice(), true));
}

#[test]
fn shows_the_number_of_kernel_bytes_and_not_the_bytes() {
    let flash = Flash::new().with_kernel(&kernel(HEADER, 0x8000));
    let shown = format!("{:?}", FlashImage::parse(&flash.0).unwrap().payload);
    assert!(shown.ends_with("bytes: [u8; 32768], end_is_known: true }"), "{shown}");
}
