//! Any flattened tree, node by node.

mod common;

use common::*;
use devicetree::{Blob, BlobNode, Devicetree, TreeError};
use dtoolkit::fdt::{Fdt, FdtNode};
use dtoolkit::{Node as _, Property as _};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

const NOP: u32 = 4;

/// `/` has `a`, `a@1` and `b`; `a` has a child `b` of its own. Tokens that mean nothing are
/// wherever they may be.
fn example() -> Vec<u8> {
    let root = Builder::without_cells().token(NOP).property("first", b"1").token(NOP);
    let a = root.property("empty", b"").token(NOP).begin("a").token(NOP).begin("b");
    let a = a.token(NOP).property("first", b"inner").end().token(NOP).end();
    let all = a
        .token(NOP)
        .node("a@1", &[])
        .node("b", &[("second", b"abcd")])
        .token(NOP);
    all.end().token(NOP).token(9).assemble()
}

fn names(node: BlobNode<'_>) -> Vec<&str> {
    node.children().map(|child| child.name()).collect()
}

#[test]
fn finds_children_and_properties() {
    let bytes = example();
    let blob = Blob::parse(&bytes).unwrap();
    let root = blob.root();
    assert_eq!(blob.total_size(), bytes.len() as u64);
    assert_eq!(root.name(), "");
    assert_eq!(names(root), ["a", "a@1", "b"]);
    assert_eq!(root.property("first"), Some(b"1".as_slice()));
    assert_eq!(root.property("empty"), Some(b"".as_slice()));
    assert_eq!(root.property("second"), None);
    assert_eq!(root.child("b").unwrap().property("second"), Some(b"abcd".as_slice()));
    assert_eq!(root.child("b").unwrap().property("first"), None);
}

#[test]
fn a_child_is_only_what_is_directly_inside() {
    let bytes = example();
    let root = Blob::parse(&bytes).unwrap().root();
    let inner = root.child("a").unwrap().child("b").unwrap();
    assert_eq!(inner.property("first"), Some(b"inner".as_slice()));
    assert_eq!(names(root.child("a").unwrap()), ["b"]);
    assert_eq!(names(inner), [""; 0]);
    assert_eq!(names(root.child("a@1").unwrap()), [""; 0]);
    assert!(root.child("a@").is_none() && root.child("").is_none());
}

#[test]
fn an_iterator_at_its_end_stays_there() {
    let bytes = example();
    let mut children = Blob::parse(&bytes).unwrap().root().child("a").unwrap().children();
    assert!(children.next().is_some());
    assert!((0..5).all(|_| children.next().is_none()));
}

#[test]
fn a_blob_may_be_larger_than_a_kernels_device_tree() {
    let bytes = Builder::without_cells()
        .property("data", &vec![7; 3 << 20])
        .node("after", &[])
        .finish();
    assert!(matches!(Devicetree::parse(&bytes), Err(TreeError::TooLarge { .. })));
    let root = Blob::parse(&bytes).unwrap().root();
    assert_eq!(root.property("data").unwrap().len(), 3 << 20);
    assert!(root.child("after").is_some());
}

#[test]
fn memory_may_go_on_after_a_blob() {
    let bytes = [example(), vec![0xff; 100]].concat();
    assert_eq!(Blob::parse(&bytes).unwrap().total_size(), example().len() as u64);
}

#[test]
fn refuses_what_a_device_tree_may_not_be_either() {
    let cut = &example()[..example().len() - 1];
    assert!(matches!(Blob::parse(cut), Err(TreeError::TotalSize { .. })));
    let twice = Builder::without_cells().node("a", &[]).node("a", &[]).finish();
    assert!(matches!(Blob::parse(&twice), Err(TreeError::Corrupt { .. })));
    let without_end = Builder::without_cells().assemble();
    assert!(matches!(Blob::parse(&without_end), Err(TreeError::Corrupt { .. })));
}

/// Holds a node and everything in it against what `dtoolkit` reads.
fn check_same(node: BlobNode<'_>, expected: FdtNode<'_>) {
    for property in expected.properties() {
        assert_eq!(node.property(property.name()), Some(property.value()));
    }
    let children: Vec<_> = expected.children().collect();
    assert_eq!(node.children().count(), children.len());
    for (child, expected) in node.children().zip(children) {
        assert_eq!(child.name(), expected.name());
        check_same(child, expected);
    }
}

#[test]
fn reads_the_trees_of_qemu_as_dtoolkit_does() {
    for (_, bytes) in FIXTURES {
        let expected = Fdt::new(bytes).unwrap();
        check_same(Blob::parse(bytes).unwrap().root(), expected.root());
    }
}

fn visit(node: BlobNode<'_>) -> usize {
    node.property("reg");
    1 + node.children().map(visit).sum::<usize>()
}

proptest! {
    #[test]
    fn survives_changed_words(
        bytes in select(vec![EL2_GICV3.to_vec(), example()]),
        changes in vec((any::<Index>(), prop_oneof![any::<u32>(), 0..16_u32, 0..9000_u32]), 1..5),
    ) {
        let mut bytes = bytes;
        for (place, word) in changes {
            let offset = place.index(bytes.len() / 4) * 4;
            set_word(&mut bytes, offset, word);
        }
        if let Ok(blob) = Blob::parse(&bytes) {
            prop_assert!(visit(blob.root()) < bytes.len());
        }
    }
}
