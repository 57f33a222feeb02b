//! The messages that users read, on the target's console and on the host.

use flash_image::{FlashError, SettingsError};

const ROOM: usize = 63 << 20;

#[test]
fn messages_about_the_flash_read_well() {
    let golden = [
        (
            FlashError::ImageSizeShort {
                image_size: 0x40,
                size_bytes: 36_668,
            },
            "the kernel at flash offset 0x100000 has 36668 bytes, but image_size 0x40 in its header",
        ),
        (
            FlashError::ImageSizeZero,
            "the kernel at flash offset 0x100000 has image_size 0 in its header: nothing says how much to copy",
        ),
        (
            FlashError::ImageSizeUnaligned { image_size: 0x8004 },
            "the kernel at flash offset 0x100000 has image_size 0x8004 in its header, which is not a multiple of 8",
        ),
        (
            FlashError::ImagePastFlash {
                size_bytes: 64 << 20,
                room_bytes: ROOM,
            },
            "the kernel at flash offset 0x100000 has 64 MiB to copy, but the flash ends 63 MiB after its start",
        ),
        (
            FlashError::RecordPastFlash {
                size_bytes: 70_000_001,
                room_bytes: ROOM,
            },
            "the kernel at flash offset 0x100000 is cut short: it has 70000001 bytes by the settings block, \
             but the flash ends 63 MiB after its start",
        ),
        (
            FlashError::TailCrc {
                size_bytes: 27_303_872,
                recorded: 0xcbf4_3926,
                found: 0x0000_beef,
            },
            "the kernel at flash offset 0x100000 is cut short or was replaced: the last 512 of its 27303872 bytes \
             have CRC-32 0x0000beef, the settings block says 0xcbf43926",
        ),
        (
            FlashError::EndErased { size_bytes: 27_302_400 },
            "the kernel at flash offset 0x100000 is cut short: the last 64 of its 27302400 bytes are erased",
        ),
        (FlashError::NoMonitor, "a start at EL3 needs a monitor at 0x40000"),
        (
            FlashError::MonitorTooLarge {
                part: "variables",
                size_bytes: 300_000,
                room_bytes: 245_760,
            },
            "the monitor at flash offset 0x40000 has 300000 bytes of variables, but there is room for 245760",
        ),
        (
            FlashError::Settings(SettingsError::Crc {
                stored: 0xcbf4_3926,
                found: 0xbeef,
            }),
            "settings block at flash offset 0x80000: damaged: the CRC-32 of its contents is 0x0000beef, \
             the header says 0xcbf43926",
        ),
    ];
    for (error, message) in golden {
        assert_eq!(error.to_string(), message);
    }
}

#[test]
fn messages_about_settings_read_well() {
    let golden = [
        (
            SettingsError::Magic {
                found: *b"\x7fELF\x02\x01\x01\0",
            },
            "it opens with 0x7f454c4602010100, not with the magic 0x464c494e54534554 (\"FLINTSET\"); \
             erase the sector to start without settings",
        ),
        (
            SettingsError::Version { found: 2 },
            "format version 2 is not known, only 1 is",
        ),
        (
            SettingsError::BodyLength {
                body_bytes: 300_000,
                room_bytes: 262_120,
            },
            "a body of 300000 bytes passes the end of its sector, 262120 are left",
        ),
        (
            SettingsError::Entry { offset: 24, tag: 9 },
            "the entry at byte 24, with tag 9, is none that this version knows",
        ),
        (
            SettingsError::CommandLineLength { length_bytes: 3000 },
            "the command line has 3000 bytes, Linux takes at most 2047",
        ),
        (
            SettingsError::CommandLineText { position: 5 },
            "the command line is no UTF-8 text without NUL after 5 bytes",
        ),
        (
            SettingsError::NoRoom {
                needed_bytes: 64,
                room_bytes: 10,
            },
            "the settings need 64 bytes, the sector has 10",
        ),
    ];
    for (error, message) in golden {
        assert_eq!(error.to_string(), message);
    }
}

#[test]
fn the_checked_end_of_a_short_payload_is_all_of_it() {
    let error = FlashError::TailCrc {
        size_bytes: 100,
        recorded: 1,
        found: 2,
    };
    assert!(error.to_string().contains("the last 100 of its 100 bytes"));
}
