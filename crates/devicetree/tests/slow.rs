//! Trees that are made to take long are refused, or read as quickly as others.

mod common;

use std::collections::HashMap;

use common::Builder;
use devicetree::{Blob, Devicetree, TreeError};

/// FNV-1a, which names are compared by first, from some state on.
fn hash(state: u32, text: &[u8]) -> u32 {
    let step = |hash: u32, byte: &u8| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
    text.iter().fold(state, step)
}

/// 256 names with the same hash: two ways to the same state, eight times one after the other.
fn names_of_one_hash() -> Vec<String> {
    let (mut names, mut state) = (vec![String::new()], 0x811c_9dc5);
    for _ in 0..8 {
        let mut seen = HashMap::new();
        let piece = |n: u32| format!("{n:06x}");
        let (one, other) = (0..)
            .find_map(|n| Some((seen.insert(hash(state, piece(n).as_bytes()), n)?, n)))
            .unwrap();
        state = hash(state, piece(one).as_bytes());
        names = names
            .iter()
            .flat_map(|name| [one, other].map(|n| name.clone() + &piece(n)))
            .collect();
    }
    names
}

/// Returns what both readers of trees say about a tree without a defect.
fn limit(blob: &[u8]) -> (&'static str, usize) {
    let error = Blob::parse(blob).unwrap_err();
    assert_eq!(error.code(), "tree-limit");
    assert_eq!(Devicetree::parse(blob).unwrap_err(), error);
    match error {
        TreeError::Limit { what, limit } => (what, limit),
        other => panic!("{other}"),
    }
}

#[test]
fn the_names_have_one_hash() {
    let names = names_of_one_hash();
    assert_eq!(names.len(), 256);
    assert!(
        names
            .iter()
            .all(|name| hash(1, name.as_bytes()) != 0 && name.len() == 48)
    );
    let first = hash(0x811c_9dc5, names[0].as_bytes());
    assert!(names.iter().all(|name| hash(0x811c_9dc5, name.as_bytes()) == first));
}

#[test]
fn a_tree_of_properties_whose_names_have_one_hash_is_refused() {
    let root = Builder::without_cells();
    let names = names_of_one_hash();
    let all = names.iter().fold(root, |builder, name| builder.property(name, &[]));
    assert_eq!(limit(&all.finish()), ("names whose hash is that of another name", 4096));
    // 90 * 89 / 2 pairs are fewer than 4096.
    let root = Builder::without_cells();
    let few = names[..90]
        .iter()
        .fold(root, |builder, name| builder.property(name, &[]));
    assert!(Devicetree::parse(&few.finish()).is_ok());
}

#[test]
fn a_tree_of_nodes_whose_names_have_one_hash_is_refused() {
    let names = names_of_one_hash();
    let all = names
        .iter()
        .fold(Builder::new(), |builder, name| builder.node(name, &[]));
    assert_eq!(limit(&all.finish()), ("names whose hash is that of another name", 4096));
}

#[test]
fn a_tree_of_131072_nodes_is_accepted_and_one_of_more_is_not() {
    let wide = |count: usize| {
        let mut builder = Builder::without_cells();
        for outer in 0..count.div_ceil(400) {
            builder = builder.begin(&format!("{outer}"));
            for inner in 0..400.min(count - outer * 400) - 1 {
                builder = builder.node(&format!("{inner}"), &[]);
            }
            builder = builder.end();
        }
        builder.finish()
    };
    assert!(Blob::parse(&wide(131_072)).is_ok());
    assert_eq!(limit(&wide(131_073)), ("nodes and properties", 131_072));
}
