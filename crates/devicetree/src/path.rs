//! Which device is it? [`Device`]: what a path or an alias leads to (Devicetree Specification v0.4, 2.2.3 and 3.3).

use crate::memory::Cells;
use crate::properties::Properties;
use crate::structure::{NOP, PROPERTY, Structure, TOKEN_BYTES};
use crate::value;
use crate::walk::Walk;

/// A device whose `reg` has the CPU's own addresses.
#[derive(Debug)]
pub(crate) struct Device<'a> {
    pub(crate) properties: Properties<'a>,
    /// How its `reg` is written.
    pub(crate) cells: Cells,
}

/// The device at this path from the root; `None` if there is none, or if it is behind a bus with its own addresses.
pub(crate) fn device<'a>(tree: Structure<'a>, path: &[u8]) -> Option<Device<'a>> {
    let mut components = path.split(|byte| *byte == b'/');
    let mut component = components.next()?;
    let mut depth = 1_usize;
    let mut walk = Walk::new(tree);
    while let Some(node) = walk.next_node().ok()? {
        if depth > 1 && node.depth < depth {
            // The walk has left the node that the components so far lead to.
            return None;
        }
        if node.depth != depth || !is_meant(component, node.name) {
            continue;
        }
        let Some(next) = components.next() else {
            return Some(Device {
                properties: node.properties.clone(),
                cells: node.cells,
            });
        };
        if !node.properties.is_transparent_bus() {
            return None;
        }
        component = next;
        depth = depth.saturating_add(1);
    }
    None
}

/// The device whose path is the value of this alias.
pub(crate) fn aliased_device<'a>(tree: Structure<'a>, alias: &[u8]) -> Option<Device<'a>> {
    let mut walk = Walk::new(tree);
    while let Some(node) = walk.next_node().ok()? {
        if node.depth == 1 && node.name == b"aliases" {
            let path = value::first_string(property(tree, node.properties_start, alias)?)?;
            return device(tree, path.strip_prefix('/')?.as_bytes());
        }
    }
    None
}

/// A component without a unit address means the first node of that name; a name has at most one unit address.
fn is_meant(component: &[u8], name: &[u8]) -> bool {
    let rest = name.strip_prefix(component);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"@"))
}

/// The value of the property of this name, of the node whose properties begin at `offset`.
fn property<'a>(tree: Structure<'a>, mut offset: usize, name: &[u8]) -> Option<&'a [u8]> {
    loop {
        match tree.token(offset).ok()? {
            NOP => offset = offset.saturating_add(TOKEN_BYTES),
            PROPERTY => {
                let property = tree.property(offset).ok()?;
                if property.name.text() == name {
                    return Some(property.value);
                }
                offset = property.end;
            }
            _ => return None,
        }
    }
}
