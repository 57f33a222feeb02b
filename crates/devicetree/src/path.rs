//! [`Device`]: what a path or an alias leads to (Devicetree Specification v0.4,
//! 2.2.3 and 3.3).

use crate::Devicetree;
use crate::memory::Cells;
use crate::properties::Known;
use crate::structure::Structure;
use crate::value;

/// A device whose `reg` has the CPU's own addresses.
#[derive(Debug)]
pub(crate) struct Device {
    /// The offset of its properties in the structure block.
    pub(crate) properties: usize,
    /// How its `reg` is written.
    pub(crate) cells: Cells,
}

/// The device at this path from the root; `None` if there is none, or if it is behind a bus with
/// its own addresses.
pub(crate) fn device(tree: &Devicetree<'_>, path: &[u8]) -> Option<Device> {
    let structure = &tree.checked.structure;
    let mut components = path.split(|byte| *byte == b'/');
    let component = components.next()?;
    let mut children = tree.root_children();
    let mut properties = children.find(|child| is_meant(component, child.name))?.properties;
    let mut cells = tree.facts.root_cells;
    for component in components {
        if !is_transparent_bus(structure, properties) {
            return None;
        }
        let [address, size] = [Known::AddressCells, Known::SizeCells].map(|name| structure.known(properties, name));
        cells = Cells::of(address, size);
        let mut children = structure.children(properties);
        properties = children.find(|child| is_meant(component, child.name))?.properties;
    }
    Some(Device { properties, cells })
}

/// Returns whether addresses behind this bus are those before it: `ranges` is there and empty
/// (2.3.8).
fn is_transparent_bus(tree: &Structure<'_>, bus: usize) -> bool {
    tree.known(bus, Known::Ranges).is_some_and(<[u8]>::is_empty)
}

/// The device whose path is the value of this alias.
pub(crate) fn aliased_device(tree: &Devicetree<'_>, alias: &[u8]) -> Option<Device> {
    let aliases = tree.root_children().find(|child| child.name == b"aliases")?;
    let path = value::first_string(tree.checked.structure.value(aliases.properties, alias)?)?;
    device(tree, path.strip_prefix('/')?.as_bytes())
}

/// A component without a unit address means the first node of that name; a name has at most one
/// unit address.
fn is_meant(component: &[u8], name: &[u8]) -> bool {
    let rest = name.strip_prefix(component);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"@"))
}
