//! Flashes: the settings block, and where the payload ends.

use flash_image::{CODES, FlashError, FlashImage, PayloadRecord, Settings};
use linux_image::ImageHeader;

use crate::input::Input;
use crate::sound;

/// The flags in the first byte of the input.
mod flags {
    /// The checksum of the settings block is put right.
    pub const GOOD_CHECKSUM: u8 = 1;
    /// The settings are written by this crate, with a good record of the payload.
    pub const WRITTEN: u8 = 1 << 1;
}

/// The input: the flags, the length of the settings (two bytes), the settings, and the payload.
pub fn check(bytes: &[u8]) {
    let _ = FlashImage::parse(bytes).inspect_err(sound_error);
    let mut input = Input(bytes);
    let flags = input.byte();
    let length = input.half();
    let mut settings = input.bytes(length).to_vec();
    let payload = input.0;
    if flags & flags::WRITTEN != 0 {
        settings = written(&settings, payload);
    } else if flags & flags::GOOD_CHECKSUM != 0 {
        mend(&mut settings);
    }
    let Ok(flash) = FlashImage::from_parts(&settings, payload, hashes::crc32).inspect_err(sound_error) else {
        return;
    };
    let bytes = flash.payload.bytes;
    assert!(payload.starts_with(bytes) && (flash.payload.end_is_known || bytes.len() == payload.len()));
    if let Ok(header) = ImageHeader::parse(bytes) {
        assert!(flash.payload.end_is_known && header.image_size > 0);
        assert!(header.image_size.is_multiple_of(8) && header.image_size >= bytes.len() as u64);
    }
    if let Some(record) = flash.settings.and_then(|settings| settings.payload) {
        assert_eq!(PayloadRecord::of(bytes), record);
    }
}

/// Settings with this command line, as far as it is one; they must be read as they were written.
fn written(command_line: &[u8], payload: &[u8]) -> Vec<u8> {
    let settings = Settings {
        command_line: str::from_utf8(command_line).ok(),
        payload: Some(PayloadRecord::of(payload)),
    };
    let mut sector = vec![0xff; 4096];
    match settings.write(&mut sector) {
        Ok(_) => assert_eq!(Settings::parse(&sector), Ok(Some(settings))),
        Err(error) => {
            sound::error(&error, error.code(), &[CODES]);
            assert!(sector.iter().all(|byte| *byte == 0xff));
        }
    }
    sector
}

/// Puts the magic, the version and the checksum right, over a body that ends where the bytes do at
/// the latest.
fn mend(settings: &mut [u8]) {
    let Some((header, body)) = settings.split_at_mut_checked(24) else {
        return;
    };
    header[..12].copy_from_slice(b"FLINTSET\x01\0\0\0");
    let body_bytes = u32::from_le_bytes([header[12], header[13], header[14], header[15]]).min(body.len() as u32);
    header[12..16].copy_from_slice(&body_bytes.to_le_bytes());
    let sum = crc32fast::hash(&[&header[..16], &body[..body_bytes as usize]].concat());
    header[16..20].copy_from_slice(&sum.to_le_bytes());
}

fn sound_error(error: &FlashError) {
    sound::error(error, error.code(), &[CODES]);
}
