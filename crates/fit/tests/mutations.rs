//! No bytes make the reader panic, hang or hand out what is not in the FIT.

mod common;

use common::*;
use fit::{CODES, Fit, FitError, FitImage};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// Reads all there is, and checks what must be true of any FIT that is accepted.
fn read_everything(bytes: &[u8]) -> Result<(), FitError> {
    let fit = Fit::parse(bytes).inspect_err(sound)?;
    let size_bytes = usize::try_from(fit.size_bytes()).unwrap();
    assert!(size_bytes <= bytes.len());
    let inside = &bytes[..size_bytes];
    for (_, image) in fit.images() {
        let image = image.inspect_err(sound);
        image.iter().for_each(|image| read_image(inside, image));
    }
    for (_, configuration) in fit.configurations() {
        let _ = configuration.inspect_err(sound);
    }
    let configuration = fit.configuration();
    let parts = [Some(configuration.kernel), configuration.ramdisk, configuration.fdt];
    parts.iter().flatten().for_each(|image| read_image(inside, image));
    assert!(
        fit.configurations()
            .any(|(name, it)| name == configuration.name && it.is_ok())
    );
    // What is not counted does not matter.
    let again = Fit::parse(inside).unwrap();
    assert_eq!(again.configuration().kernel.data, configuration.kernel.data);
    let _ = (
        fit.description(),
        configuration.description(),
        configuration.has_signature(),
    );
    Ok(())
}

fn read_image(fit: &[u8], image: &FitImage<'_>) {
    assert!(!image.data.is_empty());
    let (fit, data) = (fit.as_ptr_range(), image.data.as_ptr_range());
    assert!(fit.start <= data.start && data.end <= fit.end);
    let _ = image.verify(BACKEND).inspect_err(sound);
    let _ = (image.description(), image.kind(), image.arch(), image.os());
    let _ = (
        image.compression_name(),
        image.has_signature(),
        image.hash_algorithms().count(),
    );
}

/// An error has a code that is known, and a message of one line.
fn sound(error: &FitError) {
    assert!(CODES.contains(&error.code()));
    let message = error.to_string();
    assert!(!message.contains(|c: char| c.is_control()), "{message:?}");
    assert!(message.len() < 400, "{message}");
}

fn fixture() -> impl Strategy<Value = Vec<u8>> {
    select(FIXTURES.map(|(_, bytes)| bytes.to_vec()).to_vec())
}

/// Numbers at the edges of what offsets, lengths and tokens can be.
fn word() -> impl Strategy<Value = u32> {
    prop_oneof![
        any::<u32>(),
        0..16_u32,
        0..4096_u32,
        (0..16_u32).prop_map(|below| u32::MAX - below),
        select(vec![0xd00d_feed, 1 << 31, 1 << 26])
    ]
}

#[test]
fn accepts_the_fixtures() {
    for (name, bytes) in FIXTURES {
        assert!(read_everything(bytes).is_ok(), "{name}");
        let counts: Vec<_> = parse(bytes)
            .images()
            .map(|(_, image)| image.unwrap().verify(BACKEND))
            .collect();
        let expected = if name == "auto" {
            [Ok(1); 3]
        } else {
            [Ok(3), Ok(1), Ok(1)]
        };
        assert_eq!(counts, expected, "{name}");
    }
}

/// Every byte, with every bit turned.
#[test]
fn survives_every_single_bit_error() {
    for (_, bytes) in FIXTURES {
        let mut bytes = bytes.to_vec();
        for place in 0..bytes.len() {
            for bit in 0..8 {
                bytes[place] ^= 1 << bit;
                let _ = read_everything(&bytes);
                bytes[place] ^= 1 << bit;
            }
        }
    }
}

/// A changed bit of the kernel is seen by its hashes; one anywhere else never makes other bytes of
/// it pass for it.
#[test]
fn no_single_bit_error_gives_another_kernel_with_a_good_hash() {
    for bytes in [EMBEDDED, EXTERNAL, POSITION] {
        let kernel = parse(bytes).configuration().kernel.data;
        let mut changed = bytes.to_vec();
        let mut refused = 0;
        for place in 0..bytes.len() {
            changed[place] ^= 0x01;
            let hashes = Fit::parse(&changed).and_then(|fit| {
                let kernel = fit.configuration().kernel;
                Ok((kernel.verify(BACKEND)?, kernel.data.to_vec()))
            });
            match hashes {
                Ok((count, data)) => assert!(count < 3 || data == kernel, "{place}"),
                Err(_) => refused += 1,
            }
            changed[place] ^= 0x01;
        }
        assert!(refused > kernel.len());
    }
}

proptest! {
    #[test]
    fn survives_any_bytes(bytes in vec(any::<u8>(), 0..4096)) {
        prop_assert!(read_everything(&bytes).is_err());
    }

    #[test]
    fn survives_changed_words(bytes in fixture(), changes in vec((any::<Index>(), word()), 1..6)) {
        let mut bytes = bytes;
        for (place, word) in changes {
            let place = place.index(bytes.len() / 4) * 4;
            bytes[place..place + 4].copy_from_slice(&word.to_be_bytes());
        }
        let _ = read_everything(&bytes);
    }

    #[test]
    fn survives_changed_bytes(bytes in fixture(), changes in vec((any::<Index>(), any::<u8>()), 1..40)) {
        let mut bytes = bytes;
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        let _ = read_everything(&bytes);
    }

    #[test]
    fn survives_pieces_put_elsewhere(
        bytes in fixture(), from in any::<Index>(), to in any::<Index>(), words in 1..40_usize,
    ) {
        let mut bytes = bytes;
        let last = (bytes.len() - words * 4) / 4;
        let (from, to) = (from.index(last) * 4, to.index(last) * 4);
        bytes.copy_within(from..from + words * 4, to);
        let _ = read_everything(&bytes);
    }

    #[test]
    fn survives_being_cut_and_continued(bytes in fixture(), length in any::<Index>(), more in vec(any::<u8>(), 0..200)) {
        let cut = &bytes[..length.index(bytes.len())];
        prop_assert!(read_everything(cut).is_err() || parse(cut).size_bytes() == parse(&bytes).size_bytes());
        let _ = read_everything(&[cut, &more].concat());
    }
}
