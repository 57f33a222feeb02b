//! [`Console`]: the device that `/chosen/stdout-path` names.

use crate::Devicetree;
use crate::memory::first_entry;
use crate::path::{self, Device};
use crate::properties::Known;
use crate::structure::Structure;
use crate::value;

/// The device that `/chosen/stdout-path` names (Devicetree Specification v0.4, 3.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Console {
    /// An Arm PL011 UART.
    Pl011 {
        /// The physical address of its registers.
        base: u64,
    },
    /// A device of another kind, or one that the tree does not describe or cannot give an address.
    Other,
}

impl Console {
    /// The device that this `stdout-path` names in this valid tree.
    pub(crate) fn find(tree: &Devicetree<'_>, stdout_path: &[u8]) -> Self {
        let name = stdout_path.split(|byte| *byte == b':').next().unwrap_or_default();
        let device = match name.strip_prefix(b"/") {
            Some(path) => path::device(tree, path),
            None => path::aliased_device(tree, name),
        };
        device
            .and_then(|device| pl011(&tree.checked.structure, &device))
            .map_or(Self::Other, |base| Self::Pl011 { base })
    }
}

/// The first address of a PL011 that may be used.
fn pl011(tree: &Structure<'_>, device: &Device) -> Option<u64> {
    let compatible = tree.known(device.properties, Known::Compatible)?;
    if !tree.is_okay(device.properties) {
        return None;
    }
    value::find(compatible, &[b"arm,pl011\0"])?;
    let reg = tree.known(device.properties, Known::Reg);
    first_entry(reg, device.cells).map(|(base, _size)| base)
}
