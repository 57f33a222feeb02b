//! The golden files of the test suites of zstd (1.5.7) and lz4 (1.10.0), rebuilt byte for byte by
//! the writers here: `tests/golden-decompression`, `tests/golden-decompression-errors`, and
//! `tests/goldenSamples`.

mod support;

use decompress::Compression;
use support::lz4_writer::skippable;
use support::zstd_writer::{BLOCK_MAX, Kind, block, plain_literals, sized_block};
use support::{decompress, refusal};
use twox_hash::XxHash64;

const HELLO: &[u8] = b"Hello World!\n";

/// Returns a frame with the window of this descriptor and one compressed block.
fn compressed(window: u8, content: &[u8]) -> Vec<u8> {
    let block = block(Kind::Compressed, true, content);
    [&[0x28, 0xb5, 0x2f, 0xfd, 0, window][..], &block].concat()
}

/// Returns literals whose number takes 5 bits, and what is behind them.
fn few_literals(literals: &[u8], behind: &[u8]) -> Vec<u8> {
    [&[(literals.len() << 3) as u8], literals, behind].concat()
}

#[test]
fn empty_block() {
    assert_eq!(decompress(&compressed(0, &[0, 0]), 0), Ok(vec![]));
}

#[test]
fn block_128k() {
    let literals = vec![0; BLOCK_MAX - 4];
    let content = [&plain_literals(&literals)[..], &[0]].concat();
    assert_eq!(decompress(&compressed(7 << 3, &content), BLOCK_MAX), Ok(literals));
}

#[test]
fn rle_first_block() {
    let content = vec![0; 8 * BLOCK_MAX];
    let size = (content.len() as u32).to_le_bytes();
    let mut frame = [&[0x28, 0xb5, 0x2f, 0xfd, 0xa4][..], &size].concat();
    for is_last in [false, false, false, false, false, false, false, true] {
        frame.extend_from_slice(&sized_block(Kind::Repeated, is_last, BLOCK_MAX, &[0]));
    }
    frame.extend_from_slice(&(XxHash64::oneshot(0, &content) as u32).to_le_bytes());
    assert_eq!(decompress(&frame, content.len()), Ok(content));
}

#[test]
fn zero_seq_2b() {
    let frame = compressed(0, &few_literals(HELLO, &[0x80, 0]));
    assert_eq!(decompress(&frame, HELLO.len()).as_deref(), Ok(HELLO));
}

/// A distance of 0, a state of weights that is cut, and bytes behind no sequence.
#[test]
fn errors_of_zstd() {
    let off0 = few_literals(&[0], &[2, 0, 0x2f, 0x43, 0x0b, 0xae]);
    let truncated_huff_state = [0x72, 0x80, 0x01, 0x04, 0x20, 0x7e, 0x1f, 0x02, 0xaa, 0];
    let zero_seq_extraneous = few_literals(HELLO, &[0x80, 0, 0, 0]);
    for content in [&off0[..], &truncated_huff_state, &zero_seq_extraneous] {
        let error = refusal(&compressed(0, content), 1000);
        assert_eq!(error.to_string(), "the zstd data is damaged at byte 6: bad block");
    }
}

/// Nothing but a frame to skip holds no kernel: it is of no format.
#[test]
fn skip() {
    assert_eq!(Compression::detect(&skippable(10, &[0; 30])), None);
}
