//! Which device is it? [`Device`]: what a path or an alias leads to (Devicetree Specification v0.4, 2.2.3 and 3.3).

use crate::memory::Cells;
use crate::properties::Properties;
use crate::structure::{BEGIN_NODE, END_NODE, NOP, PROPERTY, Property, Structure, TOKEN_BYTES};
use crate::value;

const ROOT: usize = 0;

/// A device whose `reg` has the CPU's own addresses.
#[derive(Debug)]
pub(crate) struct Device<'a> {
    pub(crate) properties: Properties<'a>,
    /// How its `reg` is written.
    pub(crate) cells: Cells,
}

/// The device at this path from the root; `None` if there is none, or if it is behind a bus with its own addresses.
pub(crate) fn device<'a>(tree: Structure<'a>, path: &str) -> Option<Device<'a>> {
    let mut node = ROOT;
    let mut properties = read(tree, node);
    let mut cells = Cells::DEFAULT;
    for component in path.split('/') {
        if node != ROOT && !properties.is_transparent_bus() {
            return None;
        }
        cells = properties.child_cells();
        node = child(tree, node, |name| is_meant(component.as_bytes(), name))?;
        properties = read(tree, node);
    }
    Some(Device { properties, cells })
}

/// The device whose path is the value of this alias.
pub(crate) fn aliased_device<'a>(tree: Structure<'a>, alias: &str) -> Option<Device<'a>> {
    let aliases = child(tree, ROOT, |name| name == b"aliases")?;
    let property = properties(tree, aliases).find(|property| property.name.text() == alias.as_bytes())?;
    device(tree, value::first_string(property.value)?.strip_prefix('/')?)
}

/// A component without a unit address means the first node of that name; a name has at most one unit address.
fn is_meant(component: &[u8], name: &[u8]) -> bool {
    let rest = name.strip_prefix(component);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"@"))
}

/// The first child whose name meets the condition. Nodes are known by the offset of their token.
fn child(tree: Structure<'_>, parent: usize, condition: impl Fn(&[u8]) -> bool) -> Option<usize> {
    let (_, mut offset) = tree.node_name(parent).ok()?;
    let mut depth = 0_usize;
    loop {
        match tree.token(offset).ok()? {
            BEGIN_NODE => {
                let (name, end) = tree.node_name(offset).ok()?;
                if depth == 0 && condition(name.text()) {
                    return Some(offset);
                }
                depth = depth.saturating_add(1);
                offset = end;
            }
            END_NODE => {
                depth = depth.checked_sub(1)?;
                offset = offset.saturating_add(TOKEN_BYTES);
            }
            PROPERTY => offset = tree.property_end(offset).ok()?,
            NOP => offset = offset.saturating_add(TOKEN_BYTES),
            _ => return None,
        }
    }
}

fn properties<'a>(tree: Structure<'a>, node: usize) -> impl Iterator<Item = Property<'a>> {
    let mut offset = tree.node_name(node).map_or(usize::MAX, |(_, end)| end);
    core::iter::from_fn(move || {
        while tree.token(offset) == Ok(NOP) {
            offset = offset.saturating_add(TOKEN_BYTES);
        }
        let property = (tree.token(offset) == Ok(PROPERTY)).then(|| tree.property(offset).ok())??;
        offset = property.end;
        Some(property)
    })
}

fn read<'a>(tree: Structure<'a>, node: usize) -> Properties<'a> {
    let mut all = Properties::default();
    properties(tree, node).for_each(|property| all.note(&property));
    all
}
