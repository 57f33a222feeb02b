//! No input makes the crate panic, and what it accepts it can edit: real trees with random damage.

mod common;

use common::model::Node;
use common::*;
use devicetree::Devicetree;
use devicetree::edit::Edits;
use dtoolkit::error::FdtErrorKind;
use dtoolkit::fdt::Fdt;
use phys_range::PhysRange;
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
        tree.fw_cfg(),
        tree.lacks_seeds(),
    );
}

/// Another implementation takes it for a good tree as well. It is stricter about names: real trees
/// are not.
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
    let blob = &blob[..tree.total_size() as usize];
    dtoolkit_accepts(blob);
    ask_everything(&tree);
    let (fresh, bytes) = seeds();
    for (initrd, fresh_seeds) in [(None, None), (Some(range(0x4800_0000, 12345)), Some(&fresh))] {
        let edits = Edits {
            bootargs,
            initrd,
            fresh_seeds,
            ..Edits::default()
        };
        let _ = tree.write_edited(&edits, &mut vec![0; room]);
        let after = edited(blob, &edits);
        let expected = Node::edited(blob, &edits, fresh_seeds.map(|_| &bytes), None);
        assert_eq!(Node::read(&after), expected);
        assert_eq!(reservation_block(&after), reservation_block(blob));
        assert!(edited(&after, &edits) == after, "a second edit changes the tree again");
        let after = parse(&after);
        assert_eq!(
            after.bootargs(),
            bootargs.map_or(tree.bootargs(), |text| Ok(Some(text)))
        );
        assert_eq!((after.ram(), after.reservations()), (tree.ram(), tree.reservations()));
        assert_eq!((after.console(), after.fw_cfg()), (tree.console(), tree.fw_cfg()));
    }
    check_stored(blob, EL2_GICV3);
    check_stored(&Builder::new().reserve(1, 2).finish(), blob);
}

/// A stored tree gets what it lacks from the machine's, or an error.
fn check_stored(stored: &[u8], machine: &[u8]) {
    let (tree, machine_tree) = (parse(stored), parse(machine));
    let (fresh_seeds, bytes) = seeds();
    let edits = Edits {
        bootargs: Some("quiet"),
        initrd: Some(range(0x4800_0000, 12345)),
        fresh_seeds: Some(&fresh_seeds),
        machine: Some(&machine_tree),
        ..Edits::default()
    };
    let mut destination = vec![0xa5; tree.edited_size_max(&edits) as usize];
    if tree.write_edited(&edits, &mut destination).is_err() {
        assert!(destination.iter().all(|byte| *byte == 0xa5));
        return;
    }
    let after = edited(stored, &edits);
    dtoolkit_accepts(&after);
    assert!(edited(&after, &edits) == after, "a second edit changes the tree again");
    let after_tree = parse(&after);
    let kept_free = machine_tree.reservations().unwrap();
    if let Ok(reserved) = after_tree.reservations() {
        let is_kept = |range: &PhysRange| reserved.iter().any(|reserved| reserved.contains(range));
        assert!(kept_free.iter().all(is_kept), "{kept_free:?}, but {reserved:?}");
    }
    if kept_free.is_empty() {
        assert_eq!(reservation_block(&after), reservation_block(stored));
    }
    assert_eq!(after_tree.ram(), tree.edited_ram(&edits));
    assert_eq!(after_tree.ram().err(), None);
    // What the tree has itself is edited like any other.
    let expected = Node::edited(stored, &edits, Some(&bytes), Some(machine));
    let mut root = Node::read(&after);
    assert_eq!(root.properties, expected.properties);
    for expected in expected.children {
        let name = expected.name.clone();
        let is_filled_in = name != "chosen" && tree.ram().is_err() && expected.get("device_type") == Some(b"memory\0");
        let has_gained_methods = name == "cpus" && tree.psci().is_none();
        if !is_filled_in && !has_gained_methods {
            assert_eq!(root.child(&name), Some(&mut { expected }));
        }
    }
}

/// Returns what lies between the header and the structure block.
fn reservation_block(blob: &[u8]) -> &[u8] {
    &blob[word(blob, RESERVATIONS_OFFSET) as usize..word(blob, STRUCTURE_OFFSET) as usize]
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

const NODES: [&str; 10] = [
    "chosen",
    "aliases",
    "cpus",
    "cpu@0",
    "reserved-memory",
    "memory@0",
    "memory@40000000",
    "psci",
    "a",
    "b@1",
];
#[rustfmt::skip]
const PROPERTIES: [&str; 19] = [
    "reg", "status", "device_type", "compatible", "#address-cells", "#size-cells", "method", "ranges",
    "bootargs", "stdout-path", "interrupt-controller", "model", "serial0", "a", "enable-method", "kaslr-seed",
    "rng-seed", "linux,initrd-start", "linux,initrd-end",
];
#[rustfmt::skip]
const TEXTS: [&str; 12] = [
    "okay", "memory", "cpu", "arm,psci", "smc", "arm,pl011", "arm,gic-v3", "/b@1", "/a/b@1", "serial0:1", "", "qemu,fw-cfg-mmio",
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
