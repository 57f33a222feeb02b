//! Tests of the caller's hooks.

mod support;

use std::sync::atomic::{AtomicUsize, Ordering};

use decompress::Hooks;
use support::{HOOKS, content, stream};

static SETTLED_TO: AtomicUsize = AtomicUsize::new(0);
static CALLS: AtomicUsize = AtomicUsize::new(0);

fn settle(bytes: &[u8]) {
    let range = bytes.as_ptr_range();
    let expected = SETTLED_TO.swap(range.end.addr(), Ordering::Relaxed);
    assert_eq!(range.start.addr(), expected, "a byte is left out or told twice");
    CALLS.fetch_add(1, Ordering::Relaxed);
}

/// Everything that was written is settled, in order and once; what is behind it was not written.
#[test]
fn settles_every_byte_that_was_written() {
    let content: Vec<u8> = content().into_iter().cycle().take(3_000_000).collect();
    let hooks = Hooks { settle, ..HOOKS };
    let gzip = {
        use std::io::Write as _;
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(&content).unwrap();
        encoder.finish().unwrap()
    };
    let lz4 = {
        use std::io::Write as _;
        let mut encoder = lz4::EncoderBuilder::new().level(9).build(Vec::new()).unwrap();
        encoder.write_all(&content).unwrap();
        encoder.finish().0
    };
    let zstd = zstd::bulk::compress(&content, 19).unwrap();
    for packed in [gzip, lz4, zstd] {
        let mut destination = vec![0xa5; content.len() + 1000];
        let start = destination.as_ptr().addr();
        SETTLED_TO.store(start, Ordering::Relaxed);
        CALLS.store(0, Ordering::Relaxed);
        assert_eq!(stream(&packed).decompress(&mut destination, hooks), Ok(content.len()));
        assert!(destination[..content.len()] == content);
        let settled = SETTLED_TO.load(Ordering::Relaxed) - start;
        assert!(settled >= content.len());
        assert!(
            destination[settled..].iter().all(|byte| *byte == 0xa5),
            "written and not settled"
        );
        assert!(CALLS.load(Ordering::Relaxed) > 10, "not while it comes out");
    }
}
