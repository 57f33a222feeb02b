//! Which device is it? [`Device`]: what a path or an alias leads to (Devicetree Specification v0.4, 2.2.3 and 3.3).

use crate::memory::Cells;
use crate::properties::Properties;
use crate::structure::Structure;
use crate::value;

/// A device whose `reg` has the CPU's own addresses.
#[derive(Debug)]
pub(crate) struct Device<'a> {
    pub(crate) properties: Properties<'a>,
    /// How its `reg` is written.
    pub(crate) cells: Cells,
}

/// The device at this path from the root; `None` if there is none, or if it is behind a bus with its own addresses.
pub(crate) fn device<'a>(tree: &Structure<'a>, path: &[u8]) -> Option<Device<'a>> {
    let mut node = tree.root()?;
    let (mut properties, mut cells) = (tree.known(node.properties), Cells::DEFAULT);
    for (depth, component) in path.split(|byte| *byte == b'/').enumerate() {
        if depth > 0 && !properties.is_transparent_bus() {
            return None;
        }
        cells = properties.child_cells();
        node = tree
            .children(node.properties)
            .find(|child| is_meant(component, child.name))?;
        properties = tree.known(node.properties);
    }
    Some(Device { properties, cells })
}

/// The device whose path is the value of this alias.
pub(crate) fn aliased_device<'a>(tree: &Structure<'a>, alias: &[u8]) -> Option<Device<'a>> {
    let aliases = tree.root_children().find(|child| child.name == b"aliases")?;
    let path = value::first_string(tree.value(aliases.properties, alias)?)?;
    device(tree, path.strip_prefix('/')?.as_bytes())
}

/// A component without a unit address means the first node of that name; a name has at most one unit address.
fn is_meant(component: &[u8], name: &[u8]) -> bool {
    let rest = name.strip_prefix(component);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"@"))
}
