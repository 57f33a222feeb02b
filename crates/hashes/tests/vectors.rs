//! Known answers, and messages of every length around the blocks.

use hashes::{Algorithm, Backend, Hasher};
use sha2::Digest as _;

const BACKEND: &Backend = &Backend::SOFTWARE;

fn hash(algorithm: Algorithm, message: &[u8]) -> String {
    let digest = Hasher::new(algorithm).finish(BACKEND, message);
    digest.bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// FIPS 180-4's examples (csrc.nist.gov, "Cryptographic Standards and Guidelines: Examples with
/// Intermediate Values"), RFC 1321, A.5, and the check value of CRC-32.
#[test]
fn gives_the_known_answers() {
    let two_blocks = b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".as_slice();
    let two_long_blocks = b"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu";
    let answers: [(Algorithm, &[u8], &str); 18] = [
        (Algorithm::Crc32, b"", "00000000"),
        (Algorithm::Crc32, b"123456789", "cbf43926"),
        (Algorithm::Md5, b"", "d41d8cd98f00b204e9800998ecf8427e"),
        (Algorithm::Md5, b"abc", "900150983cd24fb0d6963f7d28e17f72"),
        (
            Algorithm::Md5,
            b"12345678901234567890123456789012345678901234567890123456789012345678901234567890",
            "57edf4a22be3c955ac49da2e2107b67a",
        ),
        (Algorithm::Sha1, b"", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
        (Algorithm::Sha1, b"abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        (Algorithm::Sha1, two_blocks, "84983e441c3bd26ebaae4aa1f95129e5e54670f1"),
        (
            Algorithm::Sha256,
            b"",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        ),
        (
            Algorithm::Sha256,
            b"abc",
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        ),
        (
            Algorithm::Sha256,
            two_blocks,
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
        ),
        (
            Algorithm::Sha384,
            b"",
            "38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da274edebfe76f65fbd51ad2f14898b95b",
        ),
        (
            Algorithm::Sha384,
            b"abc",
            "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
        ),
        (
            Algorithm::Sha384,
            two_long_blocks,
            "09330c33f71147e83d192fc782cd1b4753111b173b3b05d22fa08086e3b0f712fcc7c71a557e2db966c3e9fa91746039",
        ),
        (
            Algorithm::Sha512,
            b"",
            "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
        ),
        (
            Algorithm::Sha512,
            b"abc",
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        ),
        (
            Algorithm::Sha512,
            two_long_blocks,
            "8e959b75dae313da8cf4f72814fc143f8f7779c6eb9f7fa17299aeadb6889018501d289e4900f7e4331b99dec4b5433ac7d329eeb6dd26545e96e55b874be909",
        ),
        (Algorithm::Crc32, b"abc", "352441c2"),
    ];
    for (algorithm, message, answer) in answers {
        assert_eq!(hash(algorithm, message), answer, "{} of {message:?}", algorithm.name());
    }
}

/// FIPS 180-4's examples have one of a million letters for each of the SHA.
#[test]
fn gives_the_known_answers_for_a_million_letters() {
    let message = vec![b'a'; 1_000_000];
    let answers = [
        (Algorithm::Md5, "7707d6ae4e027c70eea2a935c2296f21"),
        (Algorithm::Sha1, "34aa973cd4c4daa4f61eeb2bdbad27316534016f"),
        (
            Algorithm::Sha256,
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
        ),
        (
            Algorithm::Sha384,
            "9d0e1809716474cb086e834e310a4a1ced149e9c00f248527972cec5704c2a5b07b8b3dc38ecc4ebae97ddd87f3d8985",
        ),
        (
            Algorithm::Sha512,
            "e718483d0ce769644e2e42c7bc15b4638e1f98b13b2044285632a803afa973ebde0ff244877ea60a4cb0432ce577c31beb009c5c2c49aa2e4eadb217ad8cc09b",
        ),
    ];
    for (algorithm, answer) in answers {
        assert_eq!(hash(algorithm, &message), answer, "{}", algorithm.name());
    }
}

/// Bytes without a pattern.
fn noise(length: usize) -> Vec<u8> {
    let next = |state: &u32| Some(state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223));
    let states = std::iter::successors(Some(1), next);
    states.map(|state| (state >> 24) as u8).take(length).collect()
}

/// The digest by other crates.
fn reference(algorithm: Algorithm, message: &[u8]) -> Vec<u8> {
    match algorithm {
        Algorithm::Crc32 => crc32fast::hash(message).to_be_bytes().into(),
        Algorithm::Md5 => md5::Md5::digest(message).to_vec(),
        Algorithm::Sha1 => sha1::Sha1::digest(message).to_vec(),
        Algorithm::Sha256 => sha2::Sha256::digest(message).to_vec(),
        Algorithm::Sha384 => sha2::Sha384::digest(message).to_vec(),
        Algorithm::Sha512 => sha2::Sha512::digest(message).to_vec(),
    }
}

#[test]
fn agrees_with_other_crates_on_every_length_around_four_blocks() {
    let message = noise(600);
    for algorithm in Algorithm::ALL {
        for length in 0..message.len() {
            let message = &message[..length];
            let digest = Hasher::new(algorithm).finish(BACKEND, message);
            assert_eq!(digest.bytes().len(), algorithm.size_bytes());
            let expected = reference(algorithm, message);
            assert_eq!(digest.bytes(), expected, "{} of {length} bytes", algorithm.name());
        }
    }
}

#[test]
fn pieces_make_no_difference() {
    let message = noise(128 * 7 + 77);
    let (pieces, _) = message.as_chunks();
    for algorithm in Algorithm::ALL {
        let whole = Hasher::new(algorithm).finish(BACKEND, &message);
        for first in 0..=pieces.len() {
            let mut hasher = Hasher::new(algorithm);
            hasher.update(BACKEND, &pieces[..first]);
            hasher.update(BACKEND, &[]);
            let digest = hasher.finish(BACKEND, &message[128 * first..]);
            assert_eq!(digest.bytes(), whole.bytes(), "{} after {first}", algorithm.name());
        }
    }
}

#[test]
fn finds_an_algorithm_by_its_name() {
    for algorithm in Algorithm::ALL {
        assert_eq!(Algorithm::named(algorithm.name().as_bytes()), Some(algorithm));
    }
    for name in [b"".as_slice(), b"SHA256", b"sha224", b"crc16-ccitt"] {
        assert_eq!(Algorithm::named(name), None);
    }
}
