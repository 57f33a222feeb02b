//! Errors name the problem of a stream and its place.

mod support;

use decompress::{CODES, Compression, DecompressError, Stream};
use support::{HOOKS, content, crc32, decompress, refusal};

const GZIP: &[u8] = include_bytes!("fixtures/gzip-9.gz");
const LEGACY: &[u8] = include_bytes!("fixtures/legacy-9.lz4");
const LZ4: &[u8] = include_bytes!("fixtures/lz4-9-b5-linked-block-crc.lz4");
const LZ4_WITH_SIZE: &[u8] = include_bytes!("fixtures/lz4-9-content-size.lz4");
const ZSTD: &[u8] = include_bytes!("fixtures/zstd-22.zst");
const ZSTD_WITH_SIZE: &[u8] = include_bytes!("fixtures/zstd-19-content-size.zst");

/// The error's text for `bytes`.
fn error(bytes: &[u8]) -> String {
    let error = refusal(bytes, content().len() + 1000);
    assert!(CODES.contains(&error.code()), "{error:?}");
    error.to_string()
}

/// `bytes` with some of them set.
fn with(bytes: &[u8], position: usize, new: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[position..][..new.len()].copy_from_slice(new);
    bytes
}

/// `bytes` with the bits of one flipped.
fn flipped(bytes: &[u8], position: usize) -> Vec<u8> {
    with(bytes, position, &[!bytes[position]])
}

#[test]
fn a_cut_is_named_with_its_place() {
    assert_eq!(error(&GZIP[..5]), "the gzip data is cut short at byte 0, in its header");
    assert_eq!(
        error(&GZIP[..2000]),
        "the gzip data is cut short at byte 2000, in its deflated data"
    );
    let end = GZIP.len();
    assert_eq!(
        error(&GZIP[..end - 5]),
        format!("the gzip data is cut short at byte {}, in its CRC", end - 8)
    );
    assert_eq!(
        error(&LEGACY[..4]),
        "the lz4 (legacy frame) data is cut short at byte 4, in its block size"
    );
    assert_eq!(
        error(&LEGACY[..99]),
        "the lz4 (legacy frame) data is cut short at byte 8, in its block"
    );
    assert_eq!(
        error(&LZ4[..6]),
        "the lz4 data is cut short at byte 6, in its frame descriptor"
    );
    let end = LZ4.len();
    assert_eq!(
        error(&LZ4[..end - 1]),
        format!("the lz4 data is cut short at byte {}, in its block size", end - 4)
    );
    assert_eq!(
        error(&ZSTD[..5]),
        "the zstd data is cut short at byte 5, in its frame header"
    );
    assert_eq!(error(&ZSTD[..99]), "the zstd data is cut short at byte 9, in its block");
    let end = ZSTD.len();
    assert_eq!(
        error(&ZSTD[..end - 1]),
        format!("the zstd data is cut short at byte {}, in its checksum", end - 4)
    );
}

#[test]
fn damage_is_named_with_its_place() {
    assert_eq!(
        error(&with(GZIP, 10, &[7])),
        "the gzip data is damaged at byte 11: bad deflated data"
    );
    let end = GZIP.len();
    let expected = format!("the gzip data is damaged at byte {end}: bad size at the end");
    assert_eq!(error(&flipped(GZIP, end - 1)), expected);
    assert_eq!(
        error(&with(LEGACY, 8, &[0; 3])),
        "the lz4 (legacy frame) data is damaged at byte 8: bad block"
    );
    assert_eq!(
        error(&with(LEGACY, 4, &[0; 4])),
        "the lz4 (legacy frame) data is damaged at byte 4: bad block size"
    );
    assert_eq!(
        error(&with(LZ4, 7, &[0xff; 4])),
        "the lz4 data is damaged at byte 7: bad block size"
    );
    assert_eq!(
        error(&with(ZSTD, 9, &[0xff; 3])),
        "the zstd data is damaged at byte 6: bad block"
    );
    assert_eq!(
        error(&with(ZSTD, 6, &[0xff; 3])),
        "the zstd data is damaged at byte 6: bad block header"
    );
    assert_eq!(
        error(&with(ZSTD, 4, &[0x0c])),
        "the zstd data is damaged at byte 0: bad frame header"
    );
}

#[test]
fn a_content_size_that_is_not_what_comes_out_is_damage() {
    let size = 299_999_u32.to_le_bytes();
    assert!(error(&with(ZSTD_WITH_SIZE, 5, &size)).ends_with("bad content size"));
    let mut lz4 = with(LZ4_WITH_SIZE, 6, &size);
    lz4[14] = (twox_hash::XxHash32::oneshot(0, &lz4[4..14]) >> 8) as u8;
    let end = lz4.len() - 4;
    assert_eq!(
        error(&lz4),
        format!("the lz4 data is damaged at byte {end}: bad content size")
    );
}

#[test]
fn a_wrong_checksum_is_shown_with_the_right_one() {
    let crc = crc32(&content());
    let gzip = with(GZIP, GZIP.len() - 8, &1_u32.to_le_bytes());
    let expected = format!("the gzip data is damaged: its content has checksum {crc:#010x}, 0x00000001 is stored");
    assert_eq!(error(&gzip), expected);
    let lz4 = error(&flipped(LZ4_WITH_SIZE, LZ4_WITH_SIZE.len() - 1));
    assert!(
        lz4.starts_with("the lz4 data is damaged: its content has checksum 0x"),
        "{lz4}"
    );
    let lz4 = error(&flipped(LZ4, 100));
    assert!(
        lz4.starts_with("the lz4 data is damaged: its block has checksum 0x"),
        "{lz4}"
    );
    let lz4 = error(&flipped(LZ4, 6));
    assert!(
        lz4.starts_with("the lz4 data is damaged: its frame descriptor has checksum 0x000000"),
        "{lz4}"
    );
    let zstd = error(&flipped(ZSTD, ZSTD.len() - 1));
    assert!(
        zstd.starts_with("the zstd data is damaged: its content has checksum 0x"),
        "{zstd}"
    );
}

#[test]
fn what_is_not_supported_is_named() {
    let unsupported = |bytes: &[u8]| {
        let text = error(bytes);
        text.split_once(" data needs what is not supported: ")
            .unwrap()
            .1
            .to_owned()
    };
    assert_eq!(unsupported(&with(GZIP, 2, &[7])), "a method other than deflate");
    assert_eq!(unsupported(&with(GZIP, 3, &[0x20])), "reserved flags in the header");
    assert_eq!(
        unsupported(&with(LZ4, 4, &[0x80])),
        "a version of the frame other than 1"
    );
    assert_eq!(unsupported(&with(LZ4, 4, &[0x41])), "a dictionary");
    assert_eq!(unsupported(&[0x28, 0xb5, 0x2f, 0xfd, 0x01, 0x00, 7]), "a dictionary");
}

#[test]
fn a_window_of_any_size_will_do_since_the_destination_is_the_window() {
    let frame = |descriptor| [0x28, 0xb5, 0x2f, 0xfd, 0x00, descriptor, 1, 0, 0];
    for descriptor in [0, 17 << 3, 17 << 3 | 1, 0xff] {
        assert_eq!(decompress(&frame(descriptor), 100), Ok(vec![]));
    }
    // A single segment is a window as well, and has to fit.
    let segment = [&[0x28, 0xb5, 0x2f, 0xfd, 0xe0][..], &u64::MAX.to_le_bytes(), &[1, 0, 0]].concat();
    assert!(error(&segment).ends_with("301000 bytes that fit: 18446744073709551615 by its header"));
}

/// RFC 8878 3.1.1.3.2.1: the lowest two bits of what says how the tables are stored.
#[test]
fn reserved_bits_of_a_zstd_block_are_damage() {
    // Four literals and one sequence, whose codes are each the only one of its table.
    let frame = |modes| {
        let block = [0x20, b'a', b'b', b'c', b'd', 1, modes, 4, 2, 0, 0b100];
        let header = (block.len() as u32) << 3 | 2 << 1 | 1;
        [&[0x28, 0xb5, 0x2f, 0xfd, 0, 0], &header.to_le_bytes()[..3], &block].concat()
    };
    assert_eq!(decompress(&frame(0b01_01_01_00), 100), Ok(b"abcdddd".to_vec()));
    for reserved in 1..4 {
        assert!(error(&frame(0b01_01_01_00 | reserved)).ends_with("bad block"));
    }
}

#[test]
fn every_part_of_a_gzip_header_is_read() {
    let deflated_and_end = &GZIP[10..];
    let header = [
        &[0x1f, 0x8b, 8, 0b1_1111, 0, 0, 0, 0, 0, 3, 4, 0, b'A', b'B', 0, 0][..],
        b"name\0",
        b"comment\0",
    ];
    let header = header.concat();
    let check = (crc32(&header) as u16).to_le_bytes();
    let good = [&header, &check[..], deflated_and_end].concat();
    assert!(decompress(&good, content().len()) == Ok(content()));
    let bad = flipped(&good, 20);
    assert!(
        error(&bad).starts_with("the gzip data is damaged: its header has checksum 0x0000"),
        "{}",
        error(&bad)
    );
    let endless_name = [&[0x1f, 0x8b, 8, 0b1000, 0, 0, 0, 0, 0, 3][..], &[b'x'; 100]].concat();
    assert_eq!(
        error(&endless_name),
        "the gzip data is cut short at byte 110, in its header"
    );
}

#[test]
fn a_match_cannot_reach_into_the_member_or_frame_before() {
    // A match of 3 bytes at distance 1 as the first thing: fixed codes, 257 and 0, and the end.
    let member = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0x03, 0x02, 0x00];
    assert!(error(&[GZIP, &member].concat()).contains("bad deflated data"));
    // The same in a block of lz4, in both kinds of frame.
    let block = [0x00, 1, 0, 0x50, 1, 2, 3, 4, 5];
    let legacy = [&LEGACY[..4], &[9, 0, 0, 0], &block].concat();
    assert!(error(&[LEGACY, &legacy].concat()).ends_with("bad block"));
    let mut descriptor = [0x40, 0x40, 0];
    descriptor[2] = (twox_hash::XxHash32::oneshot(0, &descriptor[..2]) >> 8) as u8;
    let frame = [&LZ4[..4], &descriptor, &[9, 0, 0, 0], &block, &[0; 4]].concat();
    assert!(error(&[LZ4, &frame].concat()).ends_with("bad block"));
}

/// A frame of lz4 whose blocks hold 64 KiB at most: plain bytes, and a packed block.
fn lz4_frame(flags: u8, plain: &[u8], packed: &[u8]) -> Vec<u8> {
    let mut descriptor = [flags, 0x40, 0];
    descriptor[2] = (twox_hash::XxHash32::oneshot(0, &descriptor[..2]) >> 8) as u8;
    let size = |size: usize| (size as u32).to_le_bytes();
    let plain = [&size(plain.len() | 1 << 31), plain].concat();
    let packed = [&size(packed.len()), packed].concat();
    [&LZ4[..4], &descriptor, &plain, &packed, &[0; 4]].concat()
}

#[test]
fn a_match_of_lz4_reaches_into_the_block_before_where_blocks_are_linked() {
    // A match of 4 bytes at distance 4, and the last literals.
    let block = b"\x00\x04\x00\x50abcde";
    assert_eq!(
        decompress(&lz4_frame(0x40, b"12345678", block), 17),
        Ok(b"123456785678abcde".to_vec())
    );
    assert!(error(&lz4_frame(0x60, b"12345678", block)).ends_with("bad block"));
}

#[test]
fn a_block_of_lz4_holds_no_more_than_its_frame_says() {
    // A literal, a match at distance 1, and five literals.
    let block = |size: usize| {
        let more = size - 1 - 5 - 4 - 15;
        let length = [vec![255; more / 255], vec![(more % 255) as u8]].concat();
        [b"\x1fx\x01\x00", &length[..], b"\x50abcde"].concat()
    };
    let size = 64 << 10;
    let found = decompress(&lz4_frame(0x40, b"", &block(size)), 2 * size);
    assert_eq!(found.map(|found| found.len()), Ok(size));
    assert!(error(&lz4_frame(0x40, b"", &block(size + 1))).ends_with("bad block"));
}

#[test]
fn a_stream_of_another_kind_than_it_is_said_to_be_is_damage() {
    let stream = Stream {
        compression: Compression::Gzip,
        bytes: ZSTD,
        end_is_known: true,
    };
    let error = DecompressError::Corrupt {
        compression: Compression::Gzip,
        position: 0,
        part: "magic number",
    };
    assert_eq!(stream.decompress(&mut [0; 10], HOOKS), Err(error));
    assert_eq!(stream.peek(&mut [0; 64]), Err(error));
}

#[test]
fn every_code_is_used() {
    let trailing = error(&[GZIP, b"x"].concat());
    assert_eq!(
        trailing,
        format!(
            "something that is no padding follows the gzip data, at byte {}",
            GZIP.len()
        )
    );
    let too_large = refusal(GZIP, 10);
    assert_eq!(
        too_large.to_string(),
        "the gzip data holds more than the 10 bytes that fit"
    );
    assert_eq!(CODES.len(), 10);
}
