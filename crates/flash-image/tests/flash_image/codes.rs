//! The codes that `flint explain` knows errors by.

use std::collections::BTreeSet;

use flash_image::{CODES, FlashError, SettingsError};

const SETTINGS_ERRORS: [SettingsError; 8] = [
    SettingsError::Magic { found: [0; 8] },
    SettingsError::Version { found: 0 },
    SettingsError::BodyLength {
        body_bytes: 0,
        room_bytes: 0,
    },
    SettingsError::Crc { stored: 0, found: 0 },
    SettingsError::Entry { offset: 0, tag: 0 },
    SettingsError::CommandLineLength { length_bytes: 0 },
    SettingsError::CommandLineText { position: 0 },
    SettingsError::NoRoom {
        needed_bytes: 0,
        room_bytes: 0,
    },
];

const MONITOR_ERRORS: [FlashError; 2] = [
    FlashError::NoMonitor,
    FlashError::MonitorTooLarge {
        part: "",
        size_bytes: 0,
        room_bytes: 0,
    },
];

const KERNEL_ERRORS: [FlashError; 7] = [
    FlashError::ImageSizeShort {
        image_size: 0,
        size_bytes: 0,
    },
    FlashError::ImageSizeZero,
    FlashError::ImageSizeUnaligned { image_size: 0 },
    FlashError::ImagePastFlash {
        size_bytes: 0,
        room_bytes: 0,
    },
    FlashError::RecordPastFlash {
        size_bytes: 0,
        room_bytes: 0,
    },
    FlashError::TailCrc {
        size_bytes: 0,
        recorded: 0,
        found: 0,
    },
    FlashError::EndErased { size_bytes: 0 },
];

#[test]
fn lists_the_code_of_every_error_once() {
    let settings = SETTINGS_ERRORS.iter().map(SettingsError::code);
    let others = KERNEL_ERRORS.iter().chain(&MONITOR_ERRORS);
    let of_errors: BTreeSet<_> = others.map(FlashError::code).chain(settings).collect();
    let listed: BTreeSet<_> = CODES.iter().copied().collect();
    assert_eq!(of_errors, listed);
    assert_eq!(listed.len(), CODES.len());
}

#[test]
fn shares_no_code_with_linux_image() {
    assert!(CODES.iter().all(|code| !linux_image::CODES.contains(code)));
}

#[test]
fn an_error_that_wraps_another_has_its_code() {
    assert_eq!(
        FlashError::from(SettingsError::Crc { stored: 0, found: 0 }).code(),
        "flash-settings-crc"
    );
}

#[test]
fn every_way_to_be_cut_short_has_the_same_code() {
    assert!(KERNEL_ERRORS[4..].iter().all(|error| error.code() == "image-truncated"));
}
