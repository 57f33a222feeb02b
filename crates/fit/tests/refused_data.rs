//! Data and hashes of images that are refused, and the messages.

mod common;

use common::*;
use hashes::Algorithm;

/// Returns what is wrong with the hashes of a FIT's kernel.
#[track_caller]
fn hash_refusal(hash: &str) -> (&'static str, String) {
    let bytes = with(hash, "");
    told(parse(&bytes).configuration().kernel.verify(BACKEND).unwrap_err())
}

/// A FIT whose kernel has its data somewhere else, followed by 16 bytes.
fn external(place: &str) -> Vec<u8> {
    let images = format!("k {{ {place} type = \"kernel\"; }};");
    let tree = made_of(&images, "default = \"c\"; c { kernel = \"k\"; };");
    let padding = tree.len().next_multiple_of(4) - tree.len();
    [tree, vec![0; padding], (1..=16).collect()].concat()
}

#[test]
fn data_outside_of_the_tree_begin_at_its_end_made_a_multiple_of_4() {
    let bytes = external("data-offset = <2>; data-size = <5>;");
    assert_eq!(parse(&bytes).configuration().kernel.data, [3, 4, 5, 6, 7]);
    assert_eq!(parse(&bytes).size_bytes(), bytes.len() as u64 - 9);
    let bytes = external("data-offset = <15>; data-size = <1>;");
    assert_eq!(parse(&bytes).configuration().kernel.data, [16]);
}

#[test]
fn refuses_data_that_are_not_between_the_tree_and_the_end() {
    let length = external("data-offset = <0>; data-size = <1>;").len();
    let tree = u32::from_be_bytes(
        external("data-offset = <0>; data-size = <1>;")[4..8]
            .try_into()
            .unwrap(),
    );
    let base = u64::from(tree.next_multiple_of(4));
    let outside = |start: u64, size: u64, tree: u32, length: usize| {
        format!(
            "the data of the FIT's node k, {size} bytes from offset {start:#x} on, are not between its tree of {tree} bytes and \
             the end after {length} bytes"
        )
    };
    for (offset, size) in [(0, 17), (16, 1), (17, 0), (0xffff_fffc, 4), (1, 0xffff_ffff)] {
        let bytes = external(&format!("data-offset = <{offset}>; data-size = <{size}>;"));
        check(refusal(&bytes), "fit-data", &outside(base + offset, size, tree, length));
    }
    // Two cells can wrap.
    let bytes = external("data-offset = <0xffffffff 0xffffffff>; data-size = <0 2>;");
    let wide = u32::from_be_bytes(bytes[4..8].try_into().unwrap());
    check(refusal(&bytes), "fit-data", &outside(u64::MAX, 2, wide, bytes.len()));
    // `data-position` is a longer name.
    let bytes = external("data-position = <8>; data-size = <4>;");
    let tree = u32::from_be_bytes(bytes[4..8].try_into().unwrap());
    check(refusal(&bytes), "fit-data", &outside(8, 4, tree, bytes.len()));
}

#[test]
fn refuses_data_that_are_nowhere_or_empty() {
    check(
        refusal(&external("")),
        "fit-missing",
        "the node k of the FIT has no data",
    );
    check(
        refusal(&external("data-offset = <0>;")),
        "fit-missing",
        "the node k of the FIT has no data-size",
    );
    let both = external("data-offset = <0>; data-position = <600>; data-size = <1>;");
    check(
        refusal(&both),
        "fit-property",
        "the property data-offset of the FIT's node k stands beside data-position; it has 4 bytes",
    );
    let empty = external("data-offset = <0>; data-size = <0>;");
    check(refusal(&empty), "fit-missing", "the node k of the FIT has no data");
}

#[test]
fn refuses_data_outside_even_of_an_image_that_nobody_names() {
    let bytes = made_of(
        "k { data = [01]; type = \"kernel\"; }; other { data-offset = <0>; data-size = <99>; };",
        "default = \"c\"; c { kernel = \"k\"; };",
    );
    assert_eq!(refusal(&bytes).0, "fit-data");
}

#[test]
fn an_image_that_nobody_names_may_have_no_data() {
    for data in ["", "data;", "data-offset = <0>; data-size = <0>;"] {
        let images = format!("k {{ data = [01]; type = \"kernel\"; }}; other {{ {data} }};");
        let bytes = made_of(&images, "default = \"c\"; c { kernel = \"k\"; };");
        let bytes = [&bytes[..], &[0; 3]].concat();
        assert_eq!(parse(&bytes).configuration().kernel.data, [1]);
        let (name, other) = parse(&bytes).images().nth(1).unwrap();
        assert_eq!((name, other.unwrap_err().code()), ("other", "fit-missing"));
    }
}

#[test]
fn refuses_hashes_that_it_cannot_verify() {
    check(
        hash_refusal("hash-1 { algo = \"sha224\"; value = [00]; };"),
        "fit-unsupported",
        "the node kernel-1/hash-1 of the FIT has algo \"sha224\": only crc32, md5, sha1, sha256, sha384 and sha512 can be verified",
    );
    check(
        hash_refusal("hash { value = [00]; };"),
        "fit-missing",
        "the node kernel-1/hash of the FIT has no algo",
    );
    check(
        hash_refusal("hash@1 { algo = \"sha1\"; };"),
        "fit-missing",
        "the node kernel-1/hash@1 of the FIT has no value",
    );
    for (algorithm, length) in Algorithm::ALL.map(|algorithm| (algorithm.name(), algorithm.size_bytes())) {
        for wrong in [0, length - 1, length + 1, length + 4] {
            let value = "00 ".repeat(wrong);
            check(
                hash_refusal(&format!("hash-1 {{ algo = \"{algorithm}\"; value = [{value}]; }};")),
                "fit-property",
                &format!(
                    "the property value of the FIT's node kernel-1/hash-1 is not as long as its algorithm makes it; it has {wrong} bytes"
                ),
            );
        }
    }
}

/// Each takes as long as the data are, and a tree has room for a hundred thousand.
#[test]
fn refuses_a_second_hash_of_the_same_kind() {
    let crc = |name| format!("{name} {{ algo = \"crc32\"; value = <0xb63cfbcd>; }};");
    check(
        hash_refusal(&[crc("hash-1"), crc("hash-2")].concat()),
        "fit-property",
        "the property algo of the FIT's node kernel-1/hash-2 is that of another hash of the image; it has 6 bytes",
    );
}

#[test]
fn says_how_a_hash_differs() {
    // The CRC-32 of the bytes 1 to 4 is 0xb63cfbcd.
    assert_eq!(hashes::crc32(0, &[1, 2, 3, 4]), 0xb63c_fbcd);
    check(
        hash_refusal("hash-1 { algo = \"crc32\"; value = <0xb63cfbcc>; };"),
        "fit-hash",
        "the data of an image of the FIT are damaged: the crc32 in kernel-1/hash-1 has 0xb63cfbcc where that of the data has 0xb63cfbcd",
    );
    let bytes = with("hash-1 { algo = \"crc32\"; value = <0xb63cfbcd>; };", "");
    assert_eq!(parse(&bytes).configuration().kernel.verify(BACKEND), Ok(1));
}
