//! The sources of the kernel's randomness.

mod common;

use common::model::{Node, SeedBytes};
use common::*;
use devicetree::edit::Edits;

const OLD_KASLR: &[u8] = b"01234567";
const OLD_RNG: &[u8] = b"another length than ours";

fn tree(kaslr: Option<&[u8]>, rng: Option<&[u8]>) -> Vec<u8> {
    let mut chosen = Builder::with_ram().begin("chosen").property("a", b"1");
    chosen = rng
        .into_iter()
        .fold(chosen, |chosen, seed| chosen.property("rng-seed", seed));
    chosen = chosen.property("b", b"2");
    chosen = kaslr
        .into_iter()
        .fold(chosen, |chosen, seed| chosen.property("kaslr-seed", seed));
    chosen.property("c", b"3").end().finish()
}

/// The seeds in a tree.
fn of(blob: &[u8]) -> (Option<Vec<u8>>, Option<Vec<u8>>) {
    let mut root = Node::read(blob);
    let mut get = |name| Some(root.child("chosen")?.get(name)?.to_vec());
    (get("kaslr-seed"), get("rng-seed"))
}

fn both(seeds: &SeedBytes) -> (Option<Vec<u8>>, Option<Vec<u8>>) {
    (Some(seeds.kaslr.clone()), Some(seeds.rng.clone()))
}

#[test]
fn keeps_the_seeds_that_the_machine_has() {
    let (seeds, _) = seeds();
    let blob = tree(Some(OLD_KASLR), Some(OLD_RNG));
    let edits = Edits {
        fresh_seeds: Some(&seeds),
        ..Edits::default()
    };
    assert_eq!(edited(&blob, &edits), blob);
    assert_eq!(edited(&blob, &Edits::default()), blob);
    assert!(!parse(&blob).lacks_seeds());
}

#[test]
fn puts_fresh_seeds_where_there_are_none() {
    let (seeds, bytes) = seeds();
    let edits = Edits {
        fresh_seeds: Some(&seeds),
        ..Edits::default()
    };
    let without_chosen = Builder::with_ram().finish();
    for blob in [
        tree(None, None),
        tree(Some(b""), Some(&[0; 32])),
        tree(Some(&[0; 8]), None),
        tree(Some(b"no u64"), None),
        without_chosen,
    ] {
        assert!(parse(&blob).lacks_seeds());
        let after = edited(&blob, &edits);
        assert_eq!(of(&after), both(&bytes));
        assert!(!parse(&after).lacks_seeds());
    }
    let half = edited(&tree(Some(OLD_KASLR), None), &edits);
    assert_eq!(of(&half), (Some(OLD_KASLR.to_vec()), Some(bytes.rng)));
}

#[test]
fn takes_zeroed_seeds_out_where_there_are_no_fresh_ones() {
    let after = edited(&tree(Some(&[0; 8]), Some(b"")), &Edits::default());
    assert_eq!(Node::read(&after), Node::read(&tree(None, None)));
}

#[test]
fn never_uses_the_seeds_of_a_stored_tree() {
    let (seeds, bytes) = seeds();
    let stored = tree(Some(OLD_KASLR), Some(OLD_RNG));
    let with = tree(Some(b"machine1"), Some(b"machine's own"));
    let without = tree(None, None);
    for (machine, fresh_seeds, expected) in [
        (
            &with,
            None,
            (Some(b"machine1".to_vec()), Some(b"machine's own".to_vec())),
        ),
        (
            &with,
            Some(&seeds),
            (Some(b"machine1".to_vec()), Some(b"machine's own".to_vec())),
        ),
        (&without, Some(&seeds), both(&bytes)),
        (&without, None, (None, None)),
    ] {
        let machine = parse(machine);
        let edits = Edits {
            fresh_seeds,
            machine: Some(&machine),
            ..Edits::default()
        };
        assert_eq!(of(&edited(&stored, &edits)), expected);
    }
}

#[test]
fn shows_no_seed_to_a_log() {
    let (seeds, _) = seeds();
    let blob = tree(Some(b"UUUUUUUU"), Some(b"UUUUUUUUUUUUUUUUUUUUUUUUUUUUUUUU"));
    let tree = parse(&blob);
    let edits = Edits {
        fresh_seeds: Some(&seeds),
        machine: Some(&tree),
        ..Edits::default()
    };
    let shown = format!("{edits:?} {tree:?}");
    assert!(shown.contains("Seeds"), "{shown}");
    assert!(!shown.contains("85, 85") && !shown.contains("UU"), "{shown}");
}
