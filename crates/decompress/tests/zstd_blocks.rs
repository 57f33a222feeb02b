//! zstd blocks made by hand: the odd forms that tools hardly ever write, and sequences of any
//! numbers against a model of RFC 8878 3.1.1.4.

mod support;

use proptest::prelude::*;
use support::zstd_writer::*;
use support::{decompress, refusal};

fn zeros_and_ones(count: usize) -> Vec<u8> {
    (0..count).map(|index| u8::from(index * index % 7 < 3)).collect()
}

#[track_caller]
fn assert_is_damaged(frame: &[u8]) {
    let error = refusal(frame, 2 * BLOCK_MAX);
    assert_eq!(error.to_string(), "the zstd data is damaged at byte 6: bad block");
}

/// No literals, no sequences.
#[test]
fn a_compressed_block_may_be_empty() {
    assert_eq!(decompress(&compressed(&[0, 0]), 0), Ok(vec![]));
}

/// The largest block, in both of its sizes: 128 KiB are stored.
#[test]
fn a_compressed_block_may_be_as_large_as_a_block_can_be() {
    let literals = zeros_and_ones(BLOCK_MAX - 4);
    let content = [&plain_literals(&literals)[..], &[0]].concat();
    assert_eq!(content.len(), BLOCK_MAX);
    assert!(decompress(&compressed(&content), literals.len()) == Ok(literals));
}

#[test]
fn a_frame_may_begin_with_a_block_of_one_byte() {
    let first = sized_block(Kind::Repeated, false, BLOCK_MAX, b"x");
    let plain = block(Kind::Plain, false, b"yz");
    let none = sized_block(Kind::Repeated, true, 0, b"x");
    let expected = [&[b'x'; BLOCK_MAX][..], b"yz"].concat();
    assert!(decompress(&frame(&[first, plain, none]), expected.len()) == Ok(expected));
}

/// A number of sequences below 128 needs one byte, but may take two.
#[test]
fn the_number_of_sequences_may_be_longer_than_it_has_to_be() {
    let hello = plain_literals(b"hello");
    assert_eq!(
        decompress(&compressed(&[&hello[..], &[0x80, 0]].concat()), 5),
        Ok(b"hello".to_vec())
    );
}

#[test]
fn nothing_follows_the_number_of_no_sequences() {
    let hello = plain_literals(b"hello");
    assert_is_damaged(&compressed(&[&hello[..], &[0, 0]].concat()));
    assert_is_damaged(&compressed(&[&hello[..], &[0x80, 0, 0]].concat()));
    assert_is_damaged(&compressed(&hello));
}

/// A frame of plain bytes and of a block of these literals and sequences.
fn frame_of(before: &[u8], literals: &[u8], sequences: &Sequences) -> Vec<u8> {
    let content = [plain_literals(literals), sequences.section()].concat();
    frame(&[
        block(Kind::Plain, false, before),
        block(Kind::Compressed, true, &content),
    ])
}

fn one_sequence(
    literal_length_code: usize,
    match_length_code: usize,
    offset_code: u32,
    added: [usize; 3],
) -> Sequences {
    Sequences {
        literal_length_code,
        match_length_code,
        offset_code,
        added: vec![added],
    }
}

/// Without literals, offset 3 is the last distance less 1, which is 0 at a frame's start.
#[test]
fn a_distance_of_0_is_damage() {
    let sequences = one_sequence(0, 0, 1, [0, 0, 1]);
    let found = compressed(&[plain_literals(b"a"), sequences.section()].concat());
    assert_is_damaged(&found);
    // With a literal it is the third one, and with a byte before the block it is 8.
    let sequences = one_sequence(1, 0, 1, [0, 0, 1]);
    let found = frame_of(b"1234567", b"8", &sequences);
    assert_eq!(decompress(&found, 11), Ok(b"12345678123".to_vec()));
}

#[test]
fn a_match_reaches_to_the_first_byte_of_the_frame_and_no_further() {
    let offset = |distance: usize| (distance + 3).ilog2();
    for distance in 1..=60 {
        let before: Vec<u8> = (0..distance as u8).collect();
        let sequences = one_sequence(0, 20, offset(distance), [0, 0, distance + 3]);
        let expected = sequences.run(before.clone(), b"").unwrap();
        let found = frame_of(&before, b"", &sequences);
        for more in [0, 1, 100] {
            assert_eq!(
                decompress(&found, expected.len() + more).as_ref(),
                Ok(&expected),
                "{distance}"
            );
        }
        let error = refusal(&frame_of(&before[1..], b"", &sequences), 1000);
        assert_eq!(error.code(), "compressed-corrupt", "{distance}");
    }
}

/// Two sequences of 42 bits each besides those of the states: more than the usual ones have.
#[test]
fn offset_and_lengths_may_have_many_bits() {
    let literals = zeros_and_ones(50_000);
    let sequences = Sequences {
        literal_length_code: 33,
        match_length_code: 50,
        offset_code: 14,
        added: vec![[0x1234, 0x2345, 0x7], [0x0321, 0x0123, 0x2bcd]],
    };
    let expected = sequences.run(vec![7; 9], &literals).unwrap();
    let found = frame_of(&[7; 9], &literals, &sequences);
    assert!(decompress(&found, expected.len()) == Ok(expected));
}

/// Three sequences of 42 bits each besides the 17 of the next states: more than one look at the
/// data has. The default tables have one state for each of these codes, so that any state follows
/// it.
#[test]
fn offset_and_lengths_may_have_many_bits_besides_those_of_the_states() {
    let literals = zeros_and_ones(50_000);
    let sequences = Sequences {
        literal_length_code: 33,
        match_length_code: 50,
        offset_code: 14,
        added: vec![[0x34, 0x45, 0x7], [0x21, 0x23, 0x2bcd], [0x12, 0x31, 0x1]],
    };
    let mut bits = BackwardBits::default();
    let states = [(62, 6), (12, 5), (59, 6)];
    for (state, count) in states {
        bits.put(state, count);
    }
    for (index, [more_literals, more_length, more_offset]) in sequences.added.iter().enumerate() {
        bits.put(*more_offset, 14);
        bits.put(*more_length, 14);
        bits.put(*more_literals, 14);
        if index < 2 {
            let [literal_length, offset, match_length] = states;
            for (state, count) in [literal_length, match_length, offset] {
                bits.put(state, count);
            }
        }
    }
    let section = [&[3, 0][..], &bits.stream()].concat();
    let expected = sequences.run(vec![7; 9], &literals).unwrap();
    let found = frame(&[
        block(Kind::Plain, false, &[7; 9]),
        block(Kind::Compressed, true, &[plain_literals(&literals), section].concat()),
    ]);
    assert!(decompress(&found, expected.len()) == Ok(expected));
}

#[test]
fn bits_that_are_left_are_damage() {
    let sequences = one_sequence(2, 0, 2, [0, 0, 0]);
    let sound = [plain_literals(b"abc"), sequences.section()].concat();
    assert_eq!(decompress(&compressed(&sound), 10), Ok(b"abbbbc".to_vec()));
    // The bits, and the 1 that marks their end, are in the last byte: 0b100.
    for last in [0b10, 0b1000, 0] {
        let mut damaged = sound.clone();
        *damaged.last_mut().unwrap() = last;
        assert_is_damaged(&compressed(&damaged));
    }
}

#[test]
fn a_block_holds_no_more_than_128_kib() {
    // 65,539 bytes a match.
    let twice = |literal_count: usize, length: usize| {
        let literals = zeros_and_ones(literal_count);
        let sequences = Sequences {
            literal_length_code: 1,
            match_length_code: 51,
            offset_code: 2,
            added: vec![[0, length - 32_771, 0]; 2],
        };
        compressed(&[plain_literals(&literals), sequences.section()].concat())
    };
    let size = BLOCK_MAX;
    assert_eq!(
        decompress(&twice(2, 65_535), 2 * size).map(|found| found.len()),
        Ok(size)
    );
    // One literal too much, or two bytes of a match.
    assert_is_damaged(&twice(3, 65_535));
    assert_is_damaged(&twice(2, 65_536));
    assert_is_damaged(&twice(40, 65_535));
}

#[test]
fn literals_that_sequences_want_have_to_be_there() {
    assert_is_damaged(&compressed(
        &[plain_literals(b"ab"), one_sequence(3, 0, 2, [0; 3]).section()].concat(),
    ));
    // More than are decoded at a time.
    let literals = zeros_and_ones(9000);
    let sequences = one_sequence(32, 0, 2, [808; 3]);
    let found = compressed(&[plain_literals(&literals), sequences.section()].concat());
    assert_eq!(
        decompress(&found, 9003).as_ref(),
        Ok(&sequences.run(vec![], &literals).unwrap())
    );
    let sequences = one_sequence(32, 0, 2, [809; 3]);
    assert_is_damaged(&compressed(&[plain_literals(&literals), sequences.section()].concat()));
}

/// RFC 8878 3.1.1.3.2.1: a table can only be used again where there is one.
#[test]
fn a_table_that_was_never_there_cannot_be_used_again() {
    for kind in 0..3 {
        let modes = 0b01_01_01_00 | 0b11 << (2 + 2 * kind);
        let block = [&plain_literals(b"abcd")[..], &[1, modes, 1, 2, 0b100]].concat();
        assert_is_damaged(&compressed(&block));
    }
}

/// The codes that are the greatest of their kinds are 35, 31 and 52.
#[test]
fn codes_have_to_exist() {
    for codes in [[36, 0, 0], [0, 32, 0], [0, 0, 53]] {
        let section = [&[1, 0b01_01_01_00][..], &codes, &[0xff; 20]].concat();
        assert_is_damaged(&compressed(&[plain_literals(b"abcd"), section].concat()));
    }
}

#[test]
fn four_streams_of_literals_come_out() {
    // From the fewest, of which the last stream has one, to more than are decoded at a time.
    for count in [7, 8, 255, 4095, 4096, 4097, 16_383, 20_000, 131_072] {
        let literals = zeros_and_ones(count);
        let block = [&coded_literals(&streams(&literals), count, true)[..], &[0]].concat();
        assert!(decompress(&compressed(&block), count) == Ok(literals), "{count}");
    }
}

#[test]
fn streams_of_literals_end_where_they_should() {
    let literals = zeros_and_ones(6000);
    for stream in 0..4 {
        let mut longer = streams(&literals);
        longer[stream].0.push(true);
        let mut shorter = streams(&literals);
        shorter[stream].0.pop();
        for streams in [longer, shorter] {
            let block = [&coded_literals(&streams, 6000, true)[..], &[0]].concat();
            assert_is_damaged(&compressed(&block));
        }
    }
    // A stream of no bits at all, and one without the 1 that marks the end.
    let mut block = [&coded_literals(&streams(&literals), 6000, true)[..], &[0]].concat();
    let last = block.len() - 2;
    block[last] = 0;
    assert_is_damaged(&compressed(&block));
}

/// Literals without a code of their own take that of a block before, in the same frame.
#[test]
fn a_huffman_code_is_used_again_within_its_frame() {
    let literals = zeros_and_ones(300);
    let block_of = |has_code, is_last| {
        let content = [&coded_literals(&streams(&literals), 300, has_code)[..], &[0]].concat();
        block(Kind::Compressed, is_last, &content)
    };
    let both = frame(&[block_of(true, false), block_of(false, true)]);
    assert_eq!(decompress(&both, 600), Ok(literals.repeat(2)));
    let second_alone = frame(&[block_of(false, true)]);
    assert_is_damaged(&second_alone);
    let error = refusal(&[both, second_alone].concat(), 1000);
    assert_eq!(error.code(), "compressed-corrupt");
}

/// Weights in FSE codes: two states of 5 bits each, and no bit after them.
#[test]
fn weights_need_the_bits_of_two_states() {
    // Accuracy 5, and the probabilities 16 for the weight 0 and 16 for the weight 1: in 4, 5 and 5
    // bits, as 0, 17 and 17 + 14 (RFC 8878 4.1.1).
    let table = (17_u16 << 4 | 31 << 9).to_le_bytes();
    let block = |weights: BackwardBits| {
        let weights = [&table[..], &weights.stream()].concat();
        // One literal, whose code is the bit 1.
        let stored = [&[weights.len() as u8][..], &weights, &[0b11]].concat();
        let header = (2 | 1 << 4 | stored.len() << 14).to_le_bytes();
        compressed(&[&header[..3], &stored, &[0]].concat())
    };
    // State 16 is of weight 1: two weights of 1 leave 2 to the third symbol.
    let mut weights = BackwardBits::default();
    weights.put(16, 5);
    weights.put(16, 5);
    assert_eq!(decompress(&block(weights.clone()), 1), Ok(vec![2]));
    for count in [9, 5, 4, 0] {
        weights.0.truncate(count);
        assert_is_damaged(&block(weights.clone()));
    }
}

fn sequences() -> impl Strategy<Value = Sequences> {
    let codes = (0_usize..=26, 0_usize..=44, 0_u32..=12);
    let added = prop::collection::vec(any::<[u16; 3]>(), 1..300);
    (codes, added).prop_map(
        |((literal_length_code, match_length_code, offset_code), added)| Sequences {
            literal_length_code,
            match_length_code,
            offset_code,
            added: added.iter().map(|added| added.map(usize::from)).collect(),
        },
    )
}

proptest! {
    #[test]
    fn any_sequences_do_what_the_model_does(
        sequences in sequences(),
        before in 1_usize..6000,
        more_literals in 0_usize..40,
        room in 0_usize..80,
    ) {
        let wanted: usize = sequences.numbers().map(|[literals, ..]| literals.0).sum();
        let literals: Vec<u8> = (0..wanted + more_literals).map(|index| (index * 7 % 251) as u8).collect();
        prop_assume!(literals.len() < BLOCK_MAX - 10_000);
        let before: Vec<u8> = (0..before).map(|index| (index * 11 % 239) as u8).collect();
        let expected = sequences.run(before.clone(), &literals);
        let found = frame_of(&before, &literals, &sequences);
        let size = expected.as_ref().map_or(3 * BLOCK_MAX, Vec::len);
        let found = decompress(&found, size + room);
        prop_assert!(found.as_ref().ok() == expected.as_ref(), "{:?}", found.err());
    }
}
