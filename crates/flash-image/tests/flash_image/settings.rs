//! Settings blocks that are good.

use flash_image::{COMMAND_LINE_MAX_BYTES, PayloadRecord, Settings};

use crate::fixtures::{block, crc32, entry};

const RECORD: PayloadRecord = PayloadRecord {
    size_bytes: 0x0807_0605_0403_0201,
    tail_crc32: 0x0c0b_0a09,
};

#[test]
fn writes_exactly_the_format_of_the_specification() {
    let mut sector = [0xff; 80];
    let settings = Settings {
        command_line: Some("quiet"),
        payload: Some(RECORD),
    };
    assert_eq!(settings.write(&mut sector), Ok(64));

    assert_eq!(&sector[..16], b"FLINTSET\x01\0\0\0\x28\0\0\0");
    assert_eq!(
        sector[16..20],
        crc32(&[&sector[..16], &sector[24..64]].concat()).to_le_bytes()
    );
    assert_eq!(sector[20..24], [0; 4]);
    assert_eq!(&sector[24..40], b"\x01\0\0\0\x05\0\0\0quiet\0\0\0");
    assert_eq!(
        &sector[40..64],
        b"\x02\0\0\0\x0c\0\0\0\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\0\0\0\0"
    );
    assert_eq!(sector[64..], [0xff; 16]);
}

#[test]
fn reads_what_it_wrote() {
    let lines = [None, Some(""), Some("console=ttyAMA0 root=/dev/vda"), Some("naïve=✓")];
    for command_line in lines {
        for payload in [None, Some(RECORD)] {
            let settings = Settings { command_line, payload };
            let mut sector = [0xff; 256];
            settings.write(&mut sector).unwrap();
            assert_eq!(Settings::parse(&sector), Ok(Some(settings)));
        }
    }
}

#[test]
fn reads_entries_in_any_order() {
    let sector = block(&[entry(2, &[7; 12]), entry(1, b"quiet")].concat());
    let payload = Some(PayloadRecord {
        size_bytes: 0x0707_0707_0707_0707,
        tail_crc32: 0x0707_0707,
    });
    assert_eq!(
        Settings::parse(&sector),
        Ok(Some(Settings {
            command_line: Some("quiet"),
            payload
        }))
    );
}

#[test]
fn erased_flash_holds_no_settings() {
    assert_eq!(Settings::parse(&[0xff; 256]), Ok(None));
}

#[test]
fn zero_padding_holds_no_settings() {
    assert_eq!(Settings::parse(&[0; 256]), Ok(None));
}

#[test]
fn a_block_without_entries_is_not_the_same_as_no_block() {
    assert_eq!(Settings::parse(&block(&[])), Ok(Some(Settings::default())));
}

#[test]
fn the_longest_command_line_fits() {
    let line = "x".repeat(COMMAND_LINE_MAX_BYTES);
    let settings = Settings {
        command_line: Some(&line),
        payload: Some(RECORD),
    };
    let mut sector = vec![0xff; 4096];
    settings.write(&mut sector).unwrap();
    assert_eq!(Settings::parse(&sector), Ok(Some(settings)));
}

#[test]
fn records_the_length_of_a_payload_and_the_crc_of_its_last_512_bytes() {
    let payload: Vec<u8> = (0..5000_u32)
        .map(|position| u8::try_from(position % 251).unwrap())
        .collect();
    let record = PayloadRecord::of(&payload);
    assert_eq!(
        record,
        PayloadRecord {
            size_bytes: 5000,
            tail_crc32: crc32(&payload[4488..])
        }
    );
}

#[test]
fn records_the_crc_of_all_of_a_short_payload() {
    // The check value of CRC-32/ISO-HDLC in the catalogue of parametrised CRC algorithms.
    assert_eq!(
        PayloadRecord::of(b"123456789"),
        PayloadRecord {
            size_bytes: 9,
            tail_crc32: 0xcbf4_3926
        }
    );
    assert_eq!(
        PayloadRecord::of(&[]),
        PayloadRecord {
            size_bytes: 0,
            tail_crc32: 0
        }
    );
}
