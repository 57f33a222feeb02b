//! Tests: the same comes out as out of a reference implementation, and the same is refused.

extern crate std;

use std::vec;
use std::vec::Vec;

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use proptest::prelude::*;

use super::writer::{END, Writer};
use super::{Stop, inflate, inflate_in_pieces};

/// The most that comes out.
const ROOM: usize = 1 << 18;

/// The output of the reference, if the data is whole and sound.
fn reference(data: &[u8]) -> Option<Vec<u8>> {
    let mut content = vec![0; ROOM];
    let mut decompress = Decompress::new(false);
    let status = decompress.decompress(data, &mut content, FlushDecompress::Finish);
    content.truncate(decompress.total_out() as usize);
    matches!(status, Ok(Status::StreamEnd)).then_some(content)
}

/// The output of our decoder.
fn ours(data: &[u8]) -> Option<Vec<u8>> {
    let found = inflate(data, ROOM);
    (found.stop == Stop::End).then_some(found.content)
}

/// Makes data of some content at a level from 0, stored, to 9.
fn deflate(content: &[u8], level: u32) -> Vec<u8> {
    let mut data = Vec::with_capacity(content.len() + 1000);
    let mut compress = Compress::new(Compression::new(level), false);
    let status = compress.compress_vec(content, &mut data, FlushCompress::Finish);
    assert_eq!(status.unwrap(), Status::StreamEnd);
    data
}

/// Content of runs, noise of few or many bits, and repetitions from near and far.
fn content() -> impl Strategy<Value = Vec<u8>> {
    let noise = |bits| prop::collection::vec(0..=u8::MAX >> (8 - bits), 0..3000);
    let part = prop_oneof![
        (any::<u8>(), 0..3000_usize).prop_map(|(byte, count)| (vec![byte; count], 0, 0)),
        (1..=8_u32).prop_flat_map(noise).prop_map(|noise| (noise, 0, 0)),
        (1..40_000_usize, 1..600_usize).prop_map(|(distance, count)| (vec![], distance, count)),
        (1..20_usize, 1..9000_usize).prop_map(|(distance, count)| (vec![], distance, count)),
    ];
    prop::collection::vec(part, 0..40).prop_map(|parts| {
        let mut content = Vec::new();
        for (bytes, distance, count) in parts {
            content.extend(bytes);
            for _ in 0..count.min(ROOM - content.len()) {
                let byte = content.len().checked_sub(distance).map_or(0, |from| content[from]);
                content.push(byte);
            }
        }
        content
    })
}

/// A code of up to `count` symbols, all bits of which mean something. The end, if it is among them,
/// has one of the codes.
fn complete_code(count: usize) -> impl Strategy<Value = Vec<u8>> {
    let splits = prop::collection::vec((any::<prop::sample::Index>(), any::<bool>()), 0..count - 1);
    (splits, 0..count).prop_map(move |(splits, first)| {
        let mut lengths = vec![1, 1];
        for (index, is_deep) in splits {
            // Some codes are to be long.
            let from = if is_deep {
                lengths.len() - 1
            } else {
                index.index(lengths.len())
            };
            if lengths.len() < count && lengths[from] < 15 {
                lengths[from] += 1;
                lengths.push(lengths[from]);
            }
        }
        let mut code = vec![0; count];
        let symbols = [END].into_iter().chain(first..count).chain(0..first);
        let mut lengths = lengths.into_iter();
        for symbol in symbols.filter(|symbol| *symbol < count) {
            if code[symbol] == 0 {
                code[symbol] = lengths.next().unwrap_or(0);
            }
        }
        code
    })
}

/// The changes to a code: lengths of some symbols.
fn changes() -> impl Strategy<Value = Vec<(prop::sample::Index, u8)>> {
    prop_oneof![
        Just(vec![]),
        prop::collection::vec((any::<prop::sample::Index>(), 0..16_u8), 1..3)
    ]
}

fn change(code: &mut [u8], changes: Vec<(prop::sample::Index, u8)>) {
    for (index, length) in changes {
        *index.get_mut(code) = length;
    }
}

proptest! {
    #[test]
    fn what_went_in_comes_out(content in content(), level in 0..=9_u32, piece in 1..100_000_usize) {
        let data = deflate(&content, level);
        let found = inflate_in_pieces(&data, content.len(), piece);
        prop_assert_eq!((found.stop, found.bytes_read), (Stop::End, data.len()));
        prop_assert!(found.content == content);
    }

    #[test]
    fn pieces_make_no_difference(content in content(), level in 1..=9_u32, piece in 1..10_000_usize, room in 0..ROOM) {
        let data = deflate(&content, level);
        prop_assert!(inflate_in_pieces(&data, room, piece) == inflate(&data, room));
    }

    #[test]
    fn damage_makes_the_same_of_it(
        content in content(),
        level in 0..=9_u32,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        near_start in any::<bool>(),
        cut in 0..20_usize,
    ) {
        let mut data = deflate(&content, level);
        let reach = if near_start { data.len().min(80) } else { data.len() };
        for (position, byte) in changes {
            *position.get_mut(&mut data[..reach]) = byte;
        }
        data.truncate(data.len().saturating_sub(cut).max(reach));
        prop_assert!(ours(&data) == reference(&data));
    }

    #[test]
    fn codes_of_any_kind_mean_the_same(
        (mut literals, mut distances) in (complete_code(286), complete_code(30)),
        (literal_changes, distance_changes) in (changes(), changes()),
        bytes in prop::collection::vec(any::<u8>(), 0..3000),
    ) {
        change(&mut literals, literal_changes);
        change(&mut distances, distance_changes);
        let before: Vec<u8> = (0..33_000_u32).map(|index| ((index * index) >> 7) as u8).collect();
        let data = Writer::default().stored(false, &before).block(true, 2).codes(&literals, &distances);
        let data = bytes.iter().fold(data, |data, byte| data.put((*byte).into(), 8));
        prop_assert!(ours(&data.bytes()) == reference(&data.bytes()));
    }

    #[test]
    fn any_bytes_mean_the_same(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(ours(&bytes) == reference(&bytes));
    }
}
