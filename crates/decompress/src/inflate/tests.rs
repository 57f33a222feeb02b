//! Tests: blocks of each kind, each refusal, and a reference implementation as the oracle.

extern crate std;

mod blocks;
mod reference;
mod refusals;
mod writer;

use std::vec;
use std::vec::Vec;

use super::{Inflate, Stop};

/// The place where decoding stopped, the number of bytes read, and the output.
#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    stop: Stop,
    bytes_read: usize,
    content: Vec<u8>,
}

/// Decodes `data` in pieces of at least `piece` bytes, into `room` bytes.
fn inflate_in_pieces(data: &[u8], room: usize, piece: usize) -> Outcome {
    let mut output = vec![0xc3; room];
    let mut inflate = Inflate::new();
    let mut filled = 0_usize;
    loop {
        let enough = filled.saturating_add(piece);
        let stop = inflate.decode(data, &mut output, &mut filled, enough);
        assert!(filled <= room && inflate.bytes_read() <= data.len());
        assert!(stop != Stop::Enough || filled >= enough);
        let behind = output.get(filled + 15..).unwrap_or_default();
        assert!(behind.iter().take(300).all(|byte| *byte == 0xc3), "{filled}");
        if !matches!(stop, Stop::Enough | Stop::BlockEnd) {
            output.truncate(filled);
            return Outcome {
                stop,
                bytes_read: inflate.bytes_read(),
                content: output,
            };
        }
    }
}

fn inflate(data: &[u8], room: usize) -> Outcome {
    inflate_in_pieces(data, room, usize::MAX)
}
