//! Every form that the specifications allow comes out: RFC 1951 and 1952, the LZ4 frame and block
//! formats, and RFC 8878. The real tools agree on each but the legacy frame with Linux's size.

mod support;

use support::{Form, decompress, stream, valid_gzip, valid_lz4, valid_zstd};

fn all() -> Vec<Form> {
    [valid_gzip::forms(), valid_lz4::forms(), valid_zstd::forms()].concat()
}

#[test]
fn every_form_comes_out_into_any_room() {
    for Form { name, bytes, content } in all() {
        for more in [0, 1, 17, 100, 70_000] {
            let found = decompress(&bytes, content.len() + more).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(found == content, "{name}, {more} bytes of room more");
        }
    }
}

#[test]
fn every_form_shows_its_first_bytes() {
    for Form { name, bytes, content } in all() {
        let mut first = [0xa5; 64];
        let count = content.len().min(64);
        assert_eq!(stream(&bytes).peek(&mut first), Ok(count), "{name}");
        assert_eq!(first[..count], content[..count], "{name}");
    }
}

#[test]
fn every_form_needs_all_of_its_bytes_and_its_room() {
    for Form { name, bytes, content } in all() {
        if !content.is_empty() {
            let code = support::refusal(&bytes, content.len() - 1).code();
            assert_eq!(code, "compressed-too-large", "{name}");
        }
        let padded = [&bytes[..], &[0, 0xff, 0]].concat();
        assert!(
            decompress(&padded, content.len()).as_ref() == Ok(&content),
            "{name}: padded"
        );
    }
}
