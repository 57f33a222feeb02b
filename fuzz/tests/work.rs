//! The limits on work are there, and what they count is counted.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use decompress::{Compression, Stream};
use devicetree::Blob;
use flint_fuzz::streams::HOOKS;
use flint_fuzz::work::{Limit, bounded};

const LIMIT: Limit = Limit {
    always: 10,
    per_byte_read: 2,
    per_byte_out: 1,
};

fn seed(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds").join(name)).unwrap()
}

/// Returns whether reading this many bytes may take this much work, if 5 bytes come out.
fn may_take(bytes_read: usize, work: usize) -> bool {
    let task = || bounded(LIMIT, bytes_read, || work_counter::add(work), |()| 5);
    catch_unwind(AssertUnwindSafe(task)).is_ok()
}

/// One test, because work is counted for the whole process.
#[test]
fn work_past_the_limit_is_a_finding_and_slow_seeds_are_refused() {
    assert!(may_take(0, 15) && !may_take(0, 16));
    assert!(may_take(100, 215) && !may_take(100, 216));

    let streams = [
        ("gzip/many-members", "compressed-members"),
        ("gzip/many-blocks", "compressed-blocks"),
        ("gzip/many-tables", "compressed-blocks"),
        ("zstd/many-tables", "compressed-blocks"),
        ("zstd/many-frames", "compressed-frames"),
        ("zstd/many-skippable", "compressed-frames"),
        ("lz4/many-frames", "compressed-frames"),
        ("lz4/many-skippable", "compressed-frames"),
        ("lz4/many-blocks", "compressed-blocks"),
        ("lz4/many-legacy-blocks", "compressed-blocks"),
    ];
    for (name, code) in streams {
        let bytes = seed(name);
        let stream = Stream {
            compression: Compression::detect(&bytes).unwrap(),
            bytes: &bytes,
            end_is_known: true,
        };
        work_counter::take();
        let error = stream.decompress(&mut [0; 4096], HOOKS).unwrap_err();
        println!(
            "{name}: {} units of work for {} bytes",
            work_counter::take(),
            bytes.len()
        );
        assert_eq!(error.code(), code, "{name}");
    }
    let error = Blob::parse(&seed("devicetree/names-of-one-hash")).unwrap_err();
    println!("names: {} units of work", work_counter::take());
    assert_eq!(error.code(), "tree-limit");
}
