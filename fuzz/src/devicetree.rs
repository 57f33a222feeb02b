//! Device trees: everything asked that can be, and held against another reader.

use devicetree::{Blob, BlobNode, CODES, Devicetree, TreeError};
use dtoolkit::error::FdtErrorKind;
use dtoolkit::fdt::Fdt;

use crate::sound;
use crate::work::{self, Limit};

/// The work that reading a tree may take. For a node or a property, which takes 12 bytes at least,
/// that is the length of a name and the number of other names beside it; and names may have the
/// hash of another one 4096 times.
pub const LIMIT: Limit = Limit {
    always: 3_000_000,
    per_byte_read: 128,
    per_byte_out: 0,
};

/// The input is the tree, and whatever follows it.
pub fn check(bytes: &[u8]) {
    let blob = work::bounded(LIMIT, bytes.len(), || Blob::parse(bytes), |_| 0).inspect_err(sound_error);
    if let Ok(blob) = blob {
        assert!(blob.total_size() <= bytes.len() as u64);
        let nodes = visit(blob.root(), bytes);
        assert!(nodes * 8 <= bytes.len());
    }
    let tree = work::bounded(LIMIT, bytes.len(), || Devicetree::parse(bytes), |_| 0);
    let Ok(tree) = tree.inspect_err(sound_error) else {
        return;
    };
    assert!(blob.is_ok() && tree.used_size() <= tree.total_size());
    accepted_by_another(&bytes[..tree.total_size() as usize]);
    ask_everything(&tree);
}

/// Checks that another implementation accepts the tree as well. It is stricter about names:
/// real trees are not.
pub fn accepted_by_another(blob: &[u8]) {
    let refused_for = Fdt::new(blob).err().map(|error| error.kind);
    let about_names = [FdtErrorKind::InvalidNodeName, FdtErrorKind::InvalidPropertyName];
    assert!(
        refused_for.as_ref().is_none_or(|kind| about_names.contains(kind)),
        "{refused_for:?}"
    );
}

/// Checks an error of this crate.
pub fn sound_error(error: &TreeError) {
    sound::error(error, error.code(), &[CODES]);
}

fn ask_everything(tree: &Devicetree<'_>) {
    for ranges in [tree.ram(), tree.reservations()] {
        if let Ok(ranges) = ranges.inspect_err(sound_error) {
            assert!(ranges.is_sorted_by_key(|range| range.start()));
        }
    }
    if let Ok(banks) = tree.ram() {
        assert!(!banks.is_empty() && !banks.windows(2).any(|pair| pair[0].overlaps(&pair[1])));
    }
    if let Ok(Some(bootargs)) = tree.bootargs().inspect_err(sound_error) {
        assert!(!bootargs.contains('\0'));
    }
    let _ = (tree.model(), tree.compatible(), tree.console(), tree.cpu_count());
    let _ = (tree.psci(), tree.gic(), tree.fw_cfg(), tree.lacks_seeds());
    assert!(!format!("{tree:?}").is_empty());
}

/// Reads a node and all that is in it, and counts the nodes.
fn visit(node: BlobNode<'_>, bytes: &[u8]) -> usize {
    for name in ["reg", "data", "compatible"] {
        if let Some(value) = node.property(name) {
            let (all, value) = (bytes.as_ptr_range(), value.as_ptr_range());
            assert!(all.start <= value.start && value.end <= all.end);
        }
    }
    1 + node
        .children()
        .map(|child| {
            assert!(!child.name().is_empty());
            visit(child, bytes)
        })
        .sum::<usize>()
}
