//! Every target on its seeds, and on a fixed number of inputs like them. It finds little that is
//! new, and notices what breaks.

use std::collections::BTreeSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use flint_fuzz::{TARGETS, Target};

/// The number of inputs that are made for each target, and how long that may take on a slow
/// machine.
const CHANGED_MAX: u64 = 20_000;
const TIME_MAX: Duration = Duration::from_secs(4);

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds")
}

fn seeds(target: &str) -> Vec<Vec<u8>> {
    let mut files: Vec<_> = fs::read_dir(folder().join(target))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files.iter().map(|file| fs::read(file).unwrap()).collect()
}

/// Random numbers (xorshift64*), the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % end.max(1)
    }

    /// An input like these seeds: a piece of one after a piece of another, with some of the bytes
    /// changed.
    fn like(&mut self, seeds: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = seeds[self.below(seeds.len())].clone();
        if self.below(4) == 0 {
            let other = &seeds[self.below(seeds.len())];
            bytes.truncate(self.below(bytes.len() + 1));
            bytes.extend(&other[self.below(other.len())..]);
        }
        for _ in 0..1 + self.below(4) {
            self.change(&mut bytes);
        }
        bytes
    }

    fn change(&mut self, bytes: &mut [u8]) {
        let place = self.below(bytes.len());
        let Some(rest) = bytes.get_mut(place..).filter(|rest| !rest.is_empty()) else {
            return;
        };
        match self.below(4) {
            0 => rest[0] ^= 1 << self.below(8),
            1 => rest[0] = [0, 1, 0x7f, 0x80, 0xff][self.below(5)],
            2 => rest[0] = self.below(256) as u8,
            _ => {
                let count = self.below(8).min(rest.len() - 1);
                rest.rotate_left(count);
            }
        }
    }
}

fn check(name: &str, target: Target, bytes: &[u8]) {
    if catch_unwind(AssertUnwindSafe(|| target(bytes))).is_err() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("artifacts").join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, bytes).unwrap();
        panic!("the target {name} has a finding: {}", file.display());
    }
}

/// One test, because what is allocated is counted for the whole process.
#[test]
fn no_target_has_a_finding_on_its_seeds_and_inputs_like_them() {
    for (name, target) in TARGETS {
        let seeds = seeds(name);
        seeds.iter().for_each(|seed| check(name, target, seed));
        let (mut random, start) = (Random(0x9e37_79b9_7f4a_7c15), Instant::now());
        let mut count = 0;
        while count < CHANGED_MAX && start.elapsed() < TIME_MAX {
            check(name, target, &random.like(&seeds));
            count += 1;
        }
        println!(
            "{name}: {} seeds, {count} inputs like them, {:?}",
            seeds.len(),
            start.elapsed()
        );
        assert!(!seeds.is_empty() && count > 0);
    }
}

#[test]
fn every_target_has_a_binary_and_seeds() {
    let names: BTreeSet<_> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    let of = |folder: PathBuf| -> BTreeSet<String> {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        entries
            .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
            .collect()
    };
    assert_eq!(of(folder()), names);
    assert_eq!(of(folder().with_file_name("targets")), names);
}
