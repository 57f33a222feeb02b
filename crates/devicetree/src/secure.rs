//! Devices of the secure world, by the binding `arm/secure.yaml`: power control and memory.

use phys_range::PhysRange;

use crate::Devicetree;
use crate::header::big_endian;
use crate::memory::{self, Cells};
use crate::properties::{Known, Properties};
use crate::value;

/// A line of a GPIO controller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GpioLine {
    /// The physical address of the controller's registers.
    pub controller: u64,
    /// The number of the line.
    pub line: u32,
}

impl Devicetree<'_> {
    /// The line of a PL061 that powers the machine off when the secure world drives it high
    /// (binding `gpio-poweroff.yaml`); `None` if the tree describes none beside the root's other
    /// children.
    pub fn secure_power_off(&self) -> Option<GpioLine> {
        self.secure_line("gpio-poweroff")
    }

    /// The line of a PL061 that resets the machine in the same way (binding `gpio-restart.yaml`).
    pub fn secure_restart(&self) -> Option<GpioLine> {
        self.secure_line("gpio-restart")
    }

    /// The banks of RAM that only the secure world may use, as far as they can be read.
    pub fn secure_ram(&self) -> impl Iterator<Item = PhysRange> {
        let cells = self.facts.root_cells;
        let nodes = self.children_of_root().filter(|node| node.is_of_type("memory"));
        let secure = nodes.filter(|node| !node.is_okay() && is_secure(node));
        secure.filter_map(move |node| first_range(&node, cells))
    }

    fn children_of_root(&self) -> impl Iterator<Item = Properties<'_>> {
        let structure = &self.checked.structure;
        structure.root_children().map(|child| structure.known(child.properties))
    }

    #[inline(never)]
    fn secure_line(&self, compatible: &str) -> Option<GpioLine> {
        let mut users = self.children_of_root().filter(is_secure);
        let user = users.find(|node| {
            node.get(Known::Compatible)
                .is_some_and(|value| value::is(value, compatible))
        })?;
        // The controller, the line, and flags: 0 for a line that is active when high.
        let [controller, line, 0] = cells(user.get(Known::Gpios)?)? else {
            return None;
        };
        let mut controllers = self.children_of_root().filter(is_secure);
        let controller = controllers.find(|node| node.get(Known::Phandle).and_then(cells) == Some([controller]))?;
        value::find(controller.get(Known::Compatible)?, &[b"arm,pl061\0"])?;
        let registers = first_range(&controller, self.facts.root_cells)?;
        Some(GpioLine {
            controller: registers.start(),
            line,
        })
    }
}

/// Whether the secure world may use the device: by its `secure-status`, which defaults to its
/// `status`.
fn is_secure(node: &Properties<'_>) -> bool {
    value::is_okay(node.get(Known::SecureStatus).or(node.get(Known::Status)))
}

fn first_range(node: &Properties<'_>, cells: Cells) -> Option<PhysRange> {
    let (start, size_bytes) = memory::first_entry(node.get(Known::Reg), cells)?;
    PhysRange::new(start, size_bytes)
}

/// A value of exactly so many cells.
fn cells<const N: usize>(value: &[u8]) -> Option<[u32; N]> {
    let (cells, rest) = value.as_chunks::<{ size_of::<u32>() }>();
    let cells: &[[u8; 4]; N] = cells.try_into().ok().filter(|_| rest.is_empty())?;
    Some(cells.map(|cell| big_endian(&cell)))
}
