//! Flash images that are refused, and why.

use flash_image::{FlashError, FlashImage, PayloadRecord, SettingsError, map};
use linux_image::ImageHeader;

use crate::fixtures::{EFI_HEADER, Flash, HEADER, crc32, efi_kernel, kernel, to_usize};

fn refusal(flash: &Flash) -> FlashError {
    FlashImage::parse(&flash.0).unwrap_err()
}

#[test]
fn takes_what_is_missing_of_a_flash_for_empty() {
    let mut flash = Flash::new().with_kernel(&kernel(HEADER, 0x8000));
    flash.0.truncate(to_usize(map::KERNEL.start()) + 63);
    let payload = FlashImage::parse(&flash.0).unwrap().payload;
    assert_eq!((payload.bytes.len(), payload.end_is_known), (63, false));
    flash.0.truncate(0);
    assert!(matches!(refusal(&flash), FlashError::Settings(_)));
}

#[test]
fn refuses_a_file_that_is_longer_than_its_image_size() {
    let header = ImageHeader {
        image_size: 0x7ff8,
        ..HEADER
    };
    let file = kernel(header, 0x8000);
    let flash = Flash::new().with_kernel(&file).with_record(PayloadRecord::of(&file));
    let error = FlashError::ImageSizeShort {
        image_size: 0x7ff8,
        size_bytes: 0x8000,
    };
    assert_eq!(refusal(&flash), error);
    let without_record = Flash::new().with_kernel(&file);
    assert_eq!(
        FlashImage::parse(&without_record.0).unwrap().payload.bytes.len(),
        0x7ff8
    );
}

#[test]
fn refuses_settings_that_cannot_be_read() {
    let mut flash = Flash::new().with_kernel(&kernel(HEADER, 0x8000));
    flash.part(map::SETTINGS)[0] = 1;
    let found = [1, 0, 0, 0, 0, 0, 0, 0];
    assert_eq!(refusal(&flash), FlashError::Settings(SettingsError::Magic { found }));
}

#[test]
fn refuses_image_size_zero_even_with_a_record() {
    let file = kernel(
        ImageHeader {
            image_size: 0,
            ..HEADER
        },
        0x8000,
    );
    let flash = Flash::new().with_kernel(&file);
    assert_eq!(refusal(&flash), FlashError::ImageSizeZero);
    assert_eq!(
        refusal(&flash.with_record(PayloadRecord::of(&file))),
        FlashError::ImageSizeZero
    );
}

#[test]
fn refuses_an_image_size_that_is_not_a_multiple_of_8() {
    for image_size in [1, 0x8004, u64::MAX] {
        let flash = Flash::new().with_kernel(&kernel(ImageHeader { image_size, ..HEADER }, 0x8000));
        assert_eq!(refusal(&flash), FlashError::ImageSizeUnaligned { image_size });
    }
}

#[test]
fn refuses_an_image_size_past_the_flash_where_nothing_tells_the_files_length() {
    let room_bytes = to_usize(map::KERNEL.len());
    for image_size in [map::KERNEL.len() + 8, !7] {
        let flash = Flash::new().with_kernel(&kernel(ImageHeader { image_size, ..HEADER }, 0x8000));
        assert_eq!(
            refusal(&flash),
            FlashError::ImagePastFlash {
                size_bytes: image_size,
                room_bytes
            }
        );
    }
}

#[test]
fn refuses_a_pe_file_past_the_flash() {
    let pe_file_size = u32::try_from(map::KERNEL.len()).unwrap() + 1;
    let file = efi_kernel(
        ImageHeader {
            image_size: 1 << 30,
            ..EFI_HEADER
        },
        pe_file_size,
        0x8000,
    );
    let (size_bytes, room_bytes) = (u64::from(pe_file_size), to_usize(map::KERNEL.len()));
    let past_flash = FlashError::ImagePastFlash { size_bytes, room_bytes };
    assert_eq!(refusal(&Flash::new().with_kernel(&file)), past_flash);
}

#[test]
fn refuses_a_recorded_length_past_the_flash() {
    let room_bytes = to_usize(map::KERNEL.len());
    for size_bytes in [map::KERNEL.len() + 1, u64::MAX] {
        let record = PayloadRecord {
            size_bytes,
            tail_crc32: 0,
        };
        let flash = Flash::new().with_kernel(&kernel(HEADER, 0x8000)).with_record(record);
        assert_eq!(refusal(&flash), FlashError::RecordPastFlash { size_bytes, room_bytes });
    }
}

#[test]
fn refuses_a_kernel_whose_write_stopped_before_its_end() {
    let file = kernel(HEADER, 0x8000);
    let recorded = crc32(&file[0x7e00..]);
    for written in [64, 0x4000, 0x7fff] {
        let mut flash = Flash::new().with_record(PayloadRecord::of(&file));
        flash.part(map::KERNEL)[..0x8000].fill(0xff);
        let mut flash = flash.with_kernel(&file[..written]);
        let found = crc32(&flash.part(map::KERNEL)[0x7e00..0x8000]);
        assert_eq!(
            refusal(&flash),
            FlashError::TailCrc {
                size_bytes: 0x8000,
                recorded,
                found
            }
        );
    }
}

#[test]
fn refuses_a_kernel_that_replaced_the_recorded_one() {
    let mut other = kernel(HEADER, 0x7000);
    other[64..].rotate_left(1);
    let flash = Flash::new()
        .with_record(PayloadRecord::of(&kernel(HEADER, 0x6000)))
        .with_kernel(&other);
    assert!(matches!(
        refusal(&flash),
        FlashError::TailCrc { size_bytes: 0x6000, .. }
    ));
}

#[test]
fn refuses_an_efi_stub_kernel_whose_end_is_erased() {
    let mut file = efi_kernel(EFI_HEADER, 0x5000, 0x5000);
    file[0x5000 - 63..].fill(0xff);
    assert!(FlashImage::parse(&Flash::new().with_kernel(&file).0).is_ok());
    file[0x5000 - 64..].fill(0xff);
    assert_eq!(
        refusal(&Flash::new().with_kernel(&file)),
        FlashError::EndErased { size_bytes: 0x5000 }
    );
}
