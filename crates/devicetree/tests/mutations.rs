//! No input makes the crate panic, and what it accepts it can edit: real trees with random damage.

mod common;

use common::*;
use devicetree::Devicetree;
use devicetree::edit::Edits;
use dtoolkit::error::FdtErrorKind;
use dtoolkit::fdt::Fdt;
use proptest::prelude::*;

/// Asks a tree everything.
fn ask_everything(tree: &Devicetree<'_>) {
    let _ = (
        tree.total_size(),
        tree.used_size(),
        tree.model(),
        tree.compatible(),
        tree.cpu_count(),
    );
    let _ = (
        tree.ram(),
        tree.reservations(),
        tree.console(),
        tree.psci(),
        tree.gic(),
        tree.bootargs(),
    );
}

/// Another implementation takes it for a good tree as well. It is stricter about names: real trees are not.
#[track_caller]
fn dtoolkit_accepts(blob: &[u8]) {
    let refused_for = Fdt::new(blob).err().map(|error| error.kind);
    let about_names = [FdtErrorKind::InvalidNodeName, FdtErrorKind::InvalidPropertyName];
    assert!(
        refused_for.as_ref().is_none_or(|kind| about_names.contains(kind)),
        "{refused_for:?}"
    );
}

/// Whatever the blob is: an error or a good tree, before and after an edit.
fn check(blob: &[u8], bootargs: Option<&str>, room: usize) {
    let Ok(tree) = Devicetree::parse(blob) else { return };
    dtoolkit_accepts(&blob[..tree.total_size() as usize]);
    ask_everything(&tree);
    let edits = Edits {
        bootargs,
        ..Edits::default()
    };
    let _ = tree.write_edited(&edits, &mut vec![0; room]);

    let mut destination = vec![0xa5; tree.edited_size_max(&edits) as usize];
    let size = tree.write_edited(&edits, &mut destination).unwrap();
    let after = Devicetree::parse(&destination[..size]).unwrap();
    assert_eq!(
        after.bootargs(),
        bootargs.map_or(tree.bootargs(), |text| Ok(Some(text)))
    );
    assert_eq!(after.ram(), tree.ram());
    assert_eq!(after.reservations(), tree.reservations());
    assert_eq!(after.console(), tree.console());
}

fn fixture() -> impl Strategy<Value = Vec<u8>> {
    (0..FIXTURES.len(), any::<bool>()).prop_map(|(index, claims_more)| match claims_more {
        true => unpacked(FIXTURES[index].1, 16 << 10),
        false => FIXTURES[index].1.to_vec(),
    })
}

fn bootargs() -> impl Strategy<Value = Option<String>> {
    proptest::option::of("[ -~]{0,100}")
}

/// Words that mean something: tokens, small lengths, and numbers at the edges.
fn telling_word() -> impl Strategy<Value = u32> {
    prop_oneof![
        0..16_u32,
        0..0x3000_u32,
        Just(u32::MAX),
        Just(u32::MAX - 3),
        Just(1 << 31),
        any::<u32>()
    ]
}

/// One step of building a tree out of what the crate knows.
#[derive(Clone, Debug)]
enum Step {
    Begin(&'static str),
    Property(&'static str, Vec<u8>),
    End,
}

const NODES: [&str; 8] = [
    "chosen",
    "aliases",
    "cpus",
    "cpu@0",
    "reserved-memory",
    "memory@0",
    "a",
    "b@1",
];
#[rustfmt::skip]
const PROPERTIES: [&str; 14] = [
    "reg", "status", "device_type", "compatible", "#address-cells", "#size-cells", "method", "ranges",
    "bootargs", "stdout-path", "interrupt-controller", "model", "serial0", "a",
];
#[rustfmt::skip]
const TEXTS: [&str; 11] = [
    "okay", "memory", "cpu", "arm,psci", "smc", "arm,pl011", "arm,gic-v3", "/b@1", "/a/b@1", "serial0:1", "",
];

fn step() -> impl Strategy<Value = Step> {
    let value = prop_oneof![
        prop::sample::select(&TEXTS).prop_map(|text| [text.as_bytes(), b"\0"].concat()),
        proptest::collection::vec(telling_word(), 0..5).prop_map(|words| cells(&words)),
        proptest::collection::vec(any::<u8>(), 0..20),
    ];
    let property = (prop::sample::select(&PROPERTIES), value);
    prop_oneof![
        prop::sample::select(&NODES).prop_map(Step::Begin),
        property.prop_map(|(name, value)| Step::Property(name, value)),
        Just(Step::End),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn survives_flipped_bytes(
        mut blob in fixture(),
        flips in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        bootargs in bootargs(),
        room in 0..20_000_usize,
    ) {
        for (index, byte) in flips {
            let index = index.index(blob.len());
            blob[index] = byte;
        }
        check(&blob, bootargs.as_deref(), room);
    }

    #[test]
    fn survives_changed_words(
        mut blob in fixture(),
        words in proptest::collection::vec((any::<prop::sample::Index>(), telling_word()), 0..4),
        bootargs in bootargs(),
        room in 0..20_000_usize,
    ) {
        for (index, word) in words {
            let index = index.index(blob.len() / 4) * 4;
            set_word(&mut blob, index, word);
        }
        check(&blob, bootargs.as_deref(), room);
    }

    #[test]
    fn survives_a_changed_header(
        mut blob in fixture(),
        fields in proptest::collection::vec((1..10_usize, telling_word()), 1..3),
        length in 0..20_000_usize,
        bootargs in bootargs(),
    ) {
        for (field, word) in fields {
            set_word(&mut blob, field * 4, word);
        }
        blob.resize(length.max(blob.len()), 0xa5);
        check(&blob, bootargs.as_deref(), length);
    }

    #[test]
    fn survives_truncation(blob in fixture(), length in any::<prop::sample::Index>()) {
        check(&blob[..length.index(blob.len() + 1)], Some("quiet"), 0);
    }

    #[test]
    fn survives_any_tree_of_telling_nodes(
        steps in proptest::collection::vec(step(), 0..40),
        broken_token in proptest::option::weighted(0.1, 0..12_u32),
        bootargs in bootargs(),
    ) {
        let mut depth = 0;
        let mut blob = Builder::without_cells();
        for step in steps {
            (blob, depth) = match step {
                Step::Begin(name) => (blob.begin(name), depth + 1),
                Step::End if depth == 0 => (blob, 0),
                Step::End => (blob.end(), depth - 1),
                Step::Property(name, value) => (blob.property(name, &value), depth),
            };
        }
        blob = broken_token.into_iter().fold(blob, Builder::token);
        blob = (0..depth).fold(blob, |blob, _| blob.end());
        check(&blob.finish(), bootargs.as_deref(), 0);
    }
}
