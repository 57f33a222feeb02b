//! Blobs that are refused, and the reasons.

mod common;

use common::*;
use devicetree::{Defect, Devicetree, TreeError};

#[track_caller]
fn refused(blob: &[u8]) -> TreeError {
    Devicetree::parse(blob).unwrap_err()
}

/// The defect in a blob, and the token at the offset that the error tells.
#[track_caller]
fn defect(blob: &[u8]) -> (Defect, u32) {
    match refused(blob) {
        TreeError::Corrupt { defect, offset_bytes } => {
            (defect, blob.get(offset_bytes as usize..).map_or(0, |_| offset_bytes))
        }
        other => panic!("{other}"),
    }
}

/// A good blob with one word of it replaced.
fn with_word(offset: usize, value: u32) -> Vec<u8> {
    let mut blob = EL2_GICV3.to_vec();
    set_word(&mut blob, offset, value);
    blob
}

#[test]
fn accepts_what_qemu_makes_packed_or_not() {
    for (name, blob) in FIXTURES {
        assert!(Devicetree::parse(blob).is_ok(), "{name}");
        assert!(Devicetree::parse(&unpacked(blob, 1 << 20)).is_ok(), "{name}");
    }
}

#[test]
fn accepts_the_smallest_tree() {
    let blob = Builder::without_cells().finish();
    assert_eq!(blob.len(), 40 + 16 + 16);
    assert_eq!(parse(&blob).used_size(), 72);
}

#[test]
fn refuses_less_than_a_header() {
    assert_eq!(refused(&[]), TreeError::TooShort { length_bytes: 0 });
    assert_eq!(refused(&EL2_GICV3[..39]), TreeError::TooShort { length_bytes: 39 });
}

#[test]
fn refuses_memory_without_a_tree() {
    assert_eq!(refused(&[0xff; 64]), TreeError::Magic { found: 0xffff_ffff });
    assert_eq!(refused(&[0; 64]), TreeError::Magic { found: 0 });
}

#[test]
fn refuses_a_tree_that_does_not_fit_into_the_memory() {
    let total_bytes = EL2_GICV3.len() as u32;
    let available_bytes = u64::from(total_bytes) - 1;
    assert_eq!(
        refused(&EL2_GICV3[..EL2_GICV3.len() - 1]),
        TreeError::TotalSize {
            total_bytes: total_bytes.into(),
            available_bytes
        }
    );
    assert!(matches!(
        refused(&with_word(TOTAL_SIZE, 39)),
        TreeError::TotalSize { total_bytes: 39, .. }
    ));
}

#[test]
fn accepts_two_mebibytes_and_not_a_byte_more() {
    assert!(Devicetree::parse(&unpacked(EL2_GICV3, 2 << 20)).is_ok());
    let total_bytes = (2 << 20) + 1;
    assert_eq!(
        refused(&unpacked(EL2_GICV3, total_bytes as usize)),
        TreeError::TooLarge { total_bytes }
    );
}

#[test]
fn refuses_other_versions() {
    assert_eq!(refused(&with_word(VERSION, 16)), TreeError::Version { version: 16 });
    assert_eq!(
        refused(&with_word(LAST_COMPATIBLE_VERSION, 18)),
        TreeError::Version { version: 17 }
    );
    assert!(Devicetree::parse(&with_word(VERSION, 18)).is_ok());
}

#[test]
fn refuses_blocks_outside_the_blob() {
    for (field, value) in [
        (STRUCTURE_OFFSET, 0x8000_0000),
        (STRUCTURE_SIZE, 0xffff_fffc),
        (STRINGS_OFFSET, 0xffff_ffff),
        (STRINGS_SIZE, 0xffff_ffff),
        (RESERVATIONS_OFFSET, 39),
        (RESERVATIONS_OFFSET, 44),
    ] {
        let (defect, offset) = defect(&with_word(field, value));
        assert!(defect == Defect::Header, "{field}: {defect}");
        assert!(offset < 40, "{field}: {offset}");
    }
}

#[test]
fn refuses_a_reservation_block_without_end() {
    let mut blob = Builder::new().finish();
    set_word(&mut blob, 52, 1);
    assert_eq!(defect(&blob).0, Defect::Reservations);
}

#[test]
fn refuses_tokens_out_of_place() {
    let unknown = Builder::new().token(7).finish();
    let property_after_node = Builder::new().node("a", &[]).property("b", b"").finish();
    let end_inside_root = Builder::new().token(9).finish();
    let second_root = Builder::new().end().begin("").finish();
    for blob in [unknown, property_after_node, end_inside_root, second_root] {
        assert_eq!(defect(&blob).0, Defect::Token);
    }
}

#[test]
fn tells_where_a_token_is_wrong() {
    let blob = Builder::without_cells().token(7).finish();
    assert_eq!(defect(&blob), (Defect::Token, 40 + 16 + 8));
}

#[test]
fn accepts_nops_between_everything() {
    let blob = Builder::without_cells()
        .token(4)
        .property("#address-cells", &cells(&[2]))
        .token(4)
        .property("#size-cells", &cells(&[2]))
        .token(4)
        .begin("chosen")
        .token(4)
        .property("bootargs", b"quiet\0")
        .token(4)
        .end()
        .token(4)
        .finish();
    assert_eq!(parse(&blob).bootargs(), Ok(Some("quiet")));
}

#[test]
fn refuses_names_that_cannot_be_names() {
    for name in ["a b", "a/b", "\u{e9}", ""] {
        assert_eq!(
            defect(&Builder::new().node(name, &[]).finish()).0,
            Defect::Name,
            "{name}"
        );
        assert_eq!(
            defect(&Builder::new().property(name, b"").finish()).0,
            Defect::Name,
            "{name}"
        );
    }
}

#[test]
fn accepts_names_of_255_bytes_and_not_one_more() {
    let named = |length| Builder::new().property(&"a".repeat(length), b"").finish();
    assert!(Devicetree::parse(&named(255)).is_ok());
    assert_eq!(defect(&named(256)).0, Defect::Name);
}

#[test]
fn refuses_a_root_that_has_a_name() {
    let mut blob = Builder::new().finish();
    let name = word(&blob, STRUCTURE_OFFSET) as usize + 4;
    blob[name] = b'a';
    assert_eq!(defect(&blob).0, Defect::Name);
}

#[test]
fn accepts_names_of_real_trees_that_are_longer_than_the_specification_has_them() {
    let name = "a-name-that-is-longer-than-thirty-one";
    let blob = Builder::new().property(name, b"").node(name, &[]).finish();
    assert!(Devicetree::parse(&blob).is_ok());
}

#[test]
fn refuses_a_structure_block_that_goes_on_after_its_size() {
    let mut blob = Builder::new().property("a", &[1; 8]).finish();
    let size = word(&blob, STRUCTURE_SIZE);
    set_word(&mut blob, STRUCTURE_SIZE, size - 4);
    assert_eq!(defect(&blob).0, Defect::StructureEnd);
    set_word(&mut blob, STRUCTURE_SIZE, size - 16);
    assert_eq!(defect(&blob).0, Defect::StructureEnd);
    set_word(&mut blob, STRUCTURE_SIZE, 0);
    assert_eq!(defect(&blob).0, Defect::StructureEnd);
}

#[test]
fn accepts_a_structure_block_that_ends_early() {
    let blob = Builder::with_ram().end().token(9).token(0).token(0).assemble();
    assert!(Devicetree::parse(&blob).is_ok());
}

#[test]
fn refuses_a_strings_block_without_end() {
    let blob = Builder::new().raw_strings(b"unused").finish();
    let strings_offset = word(&blob, STRINGS_OFFSET);
    assert_eq!(defect(&blob), (Defect::Strings, strings_offset));
    assert!(Devicetree::parse(&Builder::new().raw_strings(b"unused\0").finish()).is_ok());
}

#[test]
fn refuses_a_property_whose_name_is_outside_the_strings_block() {
    let blob = Builder::new().raw_property(1000, b"").finish();
    assert_eq!(defect(&blob).0, Defect::Name);
}

#[test]
fn refuses_two_children_of_one_name() {
    let twice = Builder::new().node("a@1", &[]).node("b", &[]).node("a@1", &[]).finish();
    assert_eq!(defect(&twice).0, Defect::DuplicateNode);
    let deeper = Builder::new().begin("b").node("a", &[]).node("a", &[]).end().finish();
    assert_eq!(defect(&deeper).0, Defect::DuplicateNode);
}

#[test]
fn accepts_children_of_one_name_in_different_places() {
    let blob = Builder::new()
        .begin("a")
        .node("a", &[])
        .node("b", &[])
        .end()
        .begin("b")
        .node("a", &[])
        .end()
        .node("a@1", &[]);
    assert!(Devicetree::parse(&blob.finish()).is_ok());
}

#[test]
fn refuses_two_properties_of_one_name() {
    let twice = Builder::new()
        .property("a", b"")
        .property("b", b"")
        .property("a", b"1")
        .finish();
    assert_eq!(defect(&twice).0, Defect::DuplicateProperty);
}

#[test]
fn refuses_two_properties_whose_names_are_stored_twice() {
    let blob = Builder::without_cells().raw_strings(b"a\0a\0xa\0").raw_property(0, b"");
    let accepted = |offset| {
        Builder::without_cells()
            .raw_strings(b"a\0a\0xa\0")
            .raw_property(0, b"")
            .raw_property(offset, b"")
    };
    assert!(Devicetree::parse(&blob.finish()).is_ok());
    assert!(Devicetree::parse(&accepted(4).finish()).is_ok());
    assert_eq!(defect(&accepted(2).finish()).0, Defect::DuplicateProperty);
    assert_eq!(defect(&accepted(5).finish()).0, Defect::DuplicateProperty);
}

#[test]
fn accepts_32_levels_and_not_one_more() {
    let nested = |levels| {
        let begun = (1..levels).fold(Builder::new(), |builder, _| builder.begin("a"));
        (1..levels).fold(begun, |builder, _| builder.end()).finish()
    };
    assert!(Devicetree::parse(&nested(32)).is_ok());
    assert!(matches!(refused(&nested(33)), TreeError::Limit { limit: 32, .. }));
    assert!(matches!(refused(&nested(100_000)), TreeError::Limit { limit: 32, .. }));
}

#[test]
fn accepts_768_siblings_and_not_one_more() {
    let wide = |count| {
        (0..count)
            .fold(Builder::new(), |builder, n| builder.node(&format!("a@{n}"), &[]))
            .finish()
    };
    assert!(Devicetree::parse(&wide(768)).is_ok());
    assert!(matches!(refused(&wide(769)), TreeError::Limit { limit: 768, .. }));
}

#[test]
fn accepts_256_properties_and_not_one_more() {
    let wide = |count| {
        let root = Builder::without_cells();
        (0..count)
            .fold(root, |builder, n| builder.property(&format!("a{n}"), &[]))
            .finish()
    };
    assert!(Devicetree::parse(&wide(256)).is_ok());
    assert!(matches!(refused(&wide(257)), TreeError::Limit { limit: 256, .. }));
}

/// More names than the walk remembers at a time, and each of them more than once.
#[test]
fn knows_properties_among_any_number_of_names() {
    let mut builder = Builder::new();
    for node in 0..3_u32 {
        builder = builder.begin(&format!("memory@{node}"));
        for name in 0..200 {
            builder = builder.property(&format!("name-{name}"), &[]);
        }
        let reg = cells(&[node, 0, 0, 0x1000]);
        builder = builder.property("device_type", b"memory\0").property("reg", &reg).end();
    }
    assert_eq!(parse(&builder.finish()).ram().unwrap().len(), 3);
    let twice = |name| {
        let names = (0..200).map(|name| format!("name-{name}"));
        let with_all = names.fold(Builder::new(), |builder, name| builder.property(&name, &[]));
        Devicetree::parse(&with_all.property(name, &[]).finish()).map(|_| ())
    };
    assert_eq!(twice("name-200"), Ok(()));
    for name in ["name-0", "name-199"] {
        let error = twice(name).unwrap_err();
        assert!(error.to_string().contains("already has a property"), "{error}");
    }
}
