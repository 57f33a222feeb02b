//! Streams of the real tools come out again; see `fixtures/make.sh`.

mod support;

use decompress::{Compression, DecompressError};
use support::{HOOKS, content, decompress, refusal, stream};

const GZIP: [&[u8]; 4] = [
    include_bytes!("fixtures/gzip-1.gz"),
    include_bytes!("fixtures/gzip-6-name.gz"),
    include_bytes!("fixtures/gzip-9.gz"),
    include_bytes!("fixtures/gzip-two-members.gz"),
];
const LEGACY: [&[u8]; 2] = [
    include_bytes!("fixtures/legacy-9.lz4"),
    include_bytes!("fixtures/legacy-two-frames.lz4"),
];
const LZ4: [&[u8]; 6] = [
    include_bytes!("fixtures/lz4-1.lz4"),
    include_bytes!("fixtures/lz4-9-b4.lz4"),
    include_bytes!("fixtures/lz4-9-b4-linked.lz4"),
    include_bytes!("fixtures/lz4-9-b5-linked-block-crc.lz4"),
    include_bytes!("fixtures/lz4-9-content-size.lz4"),
    include_bytes!("fixtures/lz4-two-frames.lz4"),
];
const ZSTD: [&[u8]; 6] = [
    include_bytes!("fixtures/zstd-1.zst"),
    include_bytes!("fixtures/zstd-19-content-size.zst"),
    include_bytes!("fixtures/zstd-22.zst"),
    include_bytes!("fixtures/zstd-3-long-no-check.zst"),
    include_bytes!("fixtures/pzstd.zst"),
    include_bytes!("fixtures/zstd-two-frames.zst"),
];

fn all() -> impl Iterator<Item = (Compression, &'static [u8])> {
    let of = |compression| move |bytes: &&'static [u8]| (compression, *bytes);
    (GZIP.iter().map(of(Compression::Gzip)))
        .chain(LEGACY.iter().map(of(Compression::Lz4Legacy)))
        .chain(LZ4.iter().map(of(Compression::Lz4Frame)))
        .chain(ZSTD.iter().map(of(Compression::Zstd)))
}

#[test]
fn what_the_tools_made_is_known_and_comes_out_into_a_destination_that_just_fits() {
    let content = content();
    for (index, (compression, bytes)) in all().enumerate() {
        assert_eq!(Compression::detect(bytes), Some(compression), "{index}");
        let found = decompress(bytes, content.len()).unwrap_or_else(|error| panic!("{index}: {error}"));
        assert!(found == content, "{index}");
    }
}

#[test]
fn a_destination_of_any_larger_size_does_as_well() {
    let content = content();
    for (index, (_, bytes)) in all().enumerate() {
        for size_max in [1, 15, 33, 70_000, 10 << 20].map(|more| content.len() + more) {
            assert!(
                decompress(bytes, size_max).as_ref() == Ok(&content),
                "{index}: {size_max}"
            );
        }
    }
}

#[test]
fn a_destination_that_is_too_small_is_an_error_with_its_size() {
    let size = content().len();
    for (index, (compression, bytes)) in all().enumerate() {
        for size_max in [0, 1, 63, 64, 65_535, 65_536, 100_000, 131_072, 200_000, size - 1] {
            let error = refusal(bytes, size_max);
            let DecompressError::TooLarge {
                compression: found,
                limit,
                ..
            } = error
            else {
                panic!("{index}: {size_max}: {error:?}");
            };
            assert_eq!((found, limit), (compression, size_max as u64), "{index}");
        }
    }
}

#[test]
fn a_claim_that_is_too_large_is_shown() {
    for bytes in [LZ4[4], ZSTD[1]] {
        let error = refusal(bytes, 1000);
        assert!(
            error
                .to_string()
                .ends_with("the 1000 bytes that fit: 300000 by its header"),
            "{error}"
        );
    }
}

#[test]
fn a_peek_shows_the_first_bytes() {
    let content = content();
    for (index, (_, bytes)) in all().enumerate() {
        let mut first = [0xa5; 64];
        assert_eq!(stream(bytes).peek(&mut first), Ok(64), "{index}");
        assert_eq!(first, content[..64], "{index}");
    }
}

#[test]
fn padding_may_follow_and_nothing_else() {
    let content = content();
    for (index, (compression, bytes)) in all().enumerate() {
        for padding in [
            &[0][..],
            &[0xff; 2],
            &[0, 0xff, 0],
            &[0; 4],
            &[0xff; 4],
            &[0; 1000],
            &[0xff; 1000],
            &[0, 0xff, 0xff, 0, 0xff, 0, 0],
        ] {
            let padded = [bytes, padding].concat();
            assert!(
                decompress(&padded, content.len()).as_ref() == Ok(&content),
                "{index}: {padding:?}"
            );
        }
        let position = bytes.len() + 100;
        let garbage = [bytes, &[0xff; 100], b"x"].concat();
        let trailing = DecompressError::Trailing {
            compression,
            position: position as u64,
        };
        assert_eq!(decompress(&garbage, content.len()).err(), Some(trailing), "{index}");
        let text = [bytes, b"\xf0\xf1\xf2\xf3 garbage that is no size of a block either"].concat();
        let position = bytes.len() as u64;
        let trailing = DecompressError::Trailing { compression, position };
        assert_eq!(decompress(&text, content.len()).err(), Some(trailing), "{index}");
    }
}

#[test]
fn where_the_end_is_unknown_only_the_next_bytes_have_to_be_padding() {
    let content = content();
    for (index, (_, bytes)) in all().enumerate() {
        for (padding, is_fine) in [(64, true), (63, false)] {
            let flash = [bytes, &vec![0xff; padding], b"something else in the flash"].concat();
            let mut flash = stream(&flash);
            flash.end_is_known = false;
            let mut destination = vec![0; content.len()];
            assert_eq!(flash.decompress(&mut destination, HOOKS).is_ok(), is_fine, "{index}");
        }
    }
}

#[test]
fn streams_of_one_kind_can_follow_each_other() {
    let content = content();
    for (index, (_, bytes)) in all().enumerate() {
        let twice = decompress(&[bytes, bytes].concat(), 2 * content.len()).unwrap();
        assert!(twice == [&content[..], &content].concat(), "{index}");
    }
}

#[test]
fn frames_that_are_to_be_skipped_are_skipped() {
    let content = content();
    let skippable = |size: u8| [&[0x5a, 0x2a, 0x4d, 0x18, size, 0, 0, 0][..], &vec![0x5a; size.into()]].concat();
    for bytes in LZ4.iter().chain(&ZSTD) {
        let mixed = [&skippable(9), *bytes, &skippable(0), &skippable(255)].concat();
        assert!(decompress(&mixed, content.len()).as_ref() == Ok(&content));
    }
}

#[test]
fn only_a_frame_of_lz4_or_zstd_follows_one_that_is_to_be_skipped() {
    const SKIPPABLE: [u8; 9] = [0x50, 0x2a, 0x4d, 0x18, 1, 0, 0, 0, 0];
    for bytes in GZIP.iter().chain(&LEGACY) {
        assert_eq!(Compression::detect(&[&SKIPPABLE, *bytes].concat()), None);
        let skippable_behind = [bytes, &SKIPPABLE[..], bytes].concat();
        let error = refusal(&skippable_behind, 2 * content().len());
        assert_eq!(error.code(), "compressed-trailing", "{error}");
    }
}

/// Blocks of literals in a legacy frame, which come out as `sizes` say.
fn legacy(sizes: &[usize]) -> (Vec<u8>, Vec<u8>) {
    let mut frame = vec![2, 0x21, 0x4c, 0x18];
    let mut content = Vec::new();
    for size in sizes {
        let literals: Vec<u8> = (0..*size).map(|index| (index % 251) as u8).collect();
        let more = size - 15;
        let length = [&vec![u8::MAX; more / 255][..], &[(more % 255) as u8]].concat();
        frame.extend_from_slice(&(1 + length.len() as u32 + *size as u32).to_le_bytes());
        frame.extend_from_slice(&[&[0xf0], &length[..], &literals].concat());
        content.extend_from_slice(&literals);
    }
    (frame, content)
}

/// `make Image.lz4` of Linux before v5.17 appends it (`size_append` in `cmd_lz4` of
/// `scripts/Makefile.lib`).
#[test]
fn the_size_of_what_comes_out_may_follow_a_legacy_frame() {
    // A size that a block could have, one that none has, and blocks that are as long as what came
    // out before.
    for sizes in [&[300_000][..], &[8 << 20, 5 << 20], &[1000, 995, 1986]] {
        let (frame, content) = legacy(sizes);
        let with_size = [frame, (content.len() as u32).to_le_bytes().to_vec()].concat();
        for padding in [0, 1, 2, 3, 4, 1000] {
            let file = [&with_size[..], &vec![0; padding]].concat();
            assert!(decompress(&file, content.len()).as_ref() == Ok(&content), "{padding}");
            let mut first = [0; 64];
            assert_eq!(stream(&file).peek(&mut first), Ok(64));
        }
        let in_flash = [&with_size, &[0xff; 64][..], b"something else in the flash"].concat();
        let mut in_flash = stream(&in_flash);
        in_flash.end_is_known = false;
        let mut destination = vec![0; content.len()];
        assert_eq!(in_flash.decompress(&mut destination, HOOKS), Ok(content.len()));
        assert!(destination == content);
    }
}

#[test]
fn a_number_behind_a_legacy_frame_that_is_not_the_size_is_no_padding() {
    let (frame, content) = legacy(&[8 << 20, 5 << 20]);
    let wrong = (content.len() as u32 - 1).to_le_bytes();
    assert_eq!(
        refusal(&[&frame, &wrong[..]].concat(), content.len()).code(),
        "compressed-trailing"
    );
    let right = (content.len() as u32).to_le_bytes();
    let garbage = [&frame, &right[..], b"x"].concat();
    assert_eq!(refusal(&garbage, content.len()).code(), "compressed-trailing");
    let none = [&[2, 0x21, 0x4c, 0x18], &[0; 4][..]].concat();
    assert_eq!(refusal(&none, 100).code(), "compressed-corrupt");
}
