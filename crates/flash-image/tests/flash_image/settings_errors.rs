//! Settings blocks that are refused, and why.

use flash_image::{COMMAND_LINE_MAX_BYTES, PayloadRecord, Settings, SettingsError};

use crate::fixtures::{block, entry};

fn refusal(sector: &[u8]) -> SettingsError {
    Settings::parse(sector).unwrap_err()
}

#[test]
fn refuses_a_sector_shorter_than_the_header() {
    for length_bytes in 0..24 {
        assert_eq!(
            refusal(&vec![0xff; length_bytes]),
            SettingsError::BodyLength {
                body_bytes: 0,
                room_bytes: 0
            }
        );
    }
}

#[test]
fn refuses_a_sector_that_opens_with_something_else() {
    let mut sector = block(&[]);
    sector[0] = b'f';
    assert_eq!(refusal(&sector), SettingsError::Magic { found: *b"fLINTSET" });
}

#[test]
fn refuses_a_sector_that_is_erased_in_part() {
    let mut sector = [0xff; 64];
    sector[15] = 0;
    assert_eq!(refusal(&sector), SettingsError::Magic { found: [0xff; 8] });
}

#[test]
fn refuses_other_versions() {
    for version in [0, 2, u32::MAX] {
        let mut sector = block(&[]);
        sector[8..12].copy_from_slice(&version.to_le_bytes());
        assert_eq!(refusal(&sector), SettingsError::Version { found: version.into() });
    }
}

#[test]
fn does_not_look_at_the_reserved_word() {
    let mut sector = block(&entry(1, b"quiet"));
    sector[23] = 1;
    assert_eq!(Settings::parse(&sector).unwrap().unwrap().command_line, Some("quiet"));
}

#[test]
fn refuses_a_body_that_passes_the_end_of_the_sector() {
    for body_bytes in [17, u32::MAX] {
        let mut sector = block(&entry(1, b"quiet"));
        sector[12..16].copy_from_slice(&body_bytes.to_le_bytes());
        assert_eq!(
            refusal(&sector),
            SettingsError::BodyLength {
                body_bytes: body_bytes.into(),
                room_bytes: 16
            }
        );
    }
}

#[test]
fn refuses_a_single_wrong_bit_in_all_that_the_checksum_covers() {
    let good = block(&entry(1, b"quiet"));
    for bit in (24 * 8)..(good.len() * 8) {
        let mut sector = good.clone();
        sector[bit / 8] ^= 1 << (bit % 8);
        assert!(matches!(refusal(&sector), SettingsError::Crc { .. }));
    }
    for bit in 0..(20 * 8) {
        let mut sector = good.clone();
        sector[bit / 8] ^= 1 << (bit % 8);
        assert!(Settings::parse(&sector).is_err());
    }
}

#[test]
fn refuses_a_wrong_checksum_and_names_both() {
    let mut sector = block(&[]);
    let found = u32::from_le_bytes(sector[16..20].try_into().unwrap());
    sector[16..20].copy_from_slice(&(!found).to_le_bytes());
    assert_eq!(refusal(&sector), SettingsError::Crc { stored: !found, found });
}

#[test]
fn refuses_an_entry_that_passes_the_end_of_the_body() {
    let mut body = entry(1, b"quiet");
    body.truncate(12);
    let too_long = SettingsError::Entry { offset: 24, tag: 1 };
    assert_eq!(refusal(&block(&body)), too_long);

    let mut body = entry(1, b"quiet");
    body[4..8].copy_from_slice(&u32::MAX.to_le_bytes());
    let much_too_long = SettingsError::Entry { offset: 24, tag: 1 };
    assert_eq!(refusal(&block(&body)), much_too_long);
}

#[test]
fn refuses_an_entry_whose_padding_or_header_is_cut_off() {
    let body = [entry(1, b""), b"\x02\0\0\0".to_vec()].concat();
    let header_cut = SettingsError::Entry { offset: 32, tag: 2 };
    assert_eq!(refusal(&block(&body)), header_cut);

    let mut body = entry(1, b"quiet");
    body.truncate(13);
    let padding_cut = SettingsError::Entry { offset: 24, tag: 1 };
    assert_eq!(refusal(&block(&body)), padding_cut);
}

#[test]
fn refuses_an_unknown_tag() {
    for tag in [0, 3, u32::MAX] {
        let body = [entry(1, b"quiet"), entry(tag, b"?")].concat();
        assert_eq!(
            refusal(&block(&body)),
            SettingsError::Entry {
                tag: tag.into(),
                offset: 40
            }
        );
    }
}

#[test]
fn refuses_a_tag_that_comes_twice() {
    for (tag, value) in [(1, b"quiet".as_slice()), (2, [0; 12].as_slice())] {
        let once = entry(tag, value);
        let offset = 24 + once.len();
        assert_eq!(
            refusal(&block(&once.repeat(2))),
            SettingsError::Entry {
                tag: tag.into(),
                offset
            }
        );
    }
}

#[test]
fn refuses_a_command_line_that_linux_would_cut() {
    let line = "x".repeat(COMMAND_LINE_MAX_BYTES + 1);
    let error = SettingsError::CommandLineLength { length_bytes: 2048 };
    assert_eq!(refusal(&block(&entry(1, line.as_bytes()))), error);

    let mut sector = [0xff; 4096];
    let settings = Settings {
        command_line: Some(&line),
        payload: None,
    };
    assert_eq!(settings.write(&mut sector), Err(error));
    assert_eq!(sector, [0xff; 4096]);
}

#[test]
fn refuses_a_command_line_that_is_no_text() {
    let refused = [(b"a\0b".as_slice(), 1), (b"\xff", 0), (b"abc\xc3", 3), (b"a\0\xff", 2)];
    for (line, position) in refused {
        assert_eq!(
            refusal(&block(&entry(1, line))),
            SettingsError::CommandLineText { position }
        );
    }
    let settings = Settings {
        command_line: Some("a\0b"),
        payload: None,
    };
    assert_eq!(
        settings.write(&mut [0; 64]),
        Err(SettingsError::CommandLineText { position: 1 })
    );
}

#[test]
fn refuses_a_payload_record_of_another_length() {
    for length_bytes in [0, 11, 13] {
        let body = entry(2, &vec![0; length_bytes]);
        assert_eq!(refusal(&block(&body)), SettingsError::Entry { offset: 24, tag: 2 });
    }
}

#[test]
fn refuses_to_write_to_a_sector_that_is_too_small() {
    let payload = Some(PayloadRecord::of(b"kernel"));
    let settings = Settings {
        command_line: Some("quiet"),
        payload,
    };
    for room_bytes in 0..64 {
        let mut sector = vec![0xff; room_bytes];
        assert_eq!(
            settings.write(&mut sector),
            Err(SettingsError::NoRoom {
                needed_bytes: 64,
                room_bytes
            })
        );
        assert_eq!(sector, vec![0xff; room_bytes]);
    }
    assert_eq!(settings.write(&mut [0xff; 64]), Ok(64));
}
