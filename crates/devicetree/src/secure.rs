//! Devices of the secure world, by the binding `arm/secure.yaml`: power control and memory.

use phys_range::PhysRange;

use crate::Devicetree;
use crate::header::big_endian;
use crate::properties::Known;
use crate::{memory, value};

/// A line of a GPIO controller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GpioLine {
    /// The physical address of the controller's registers.
    pub controller: u64,
    /// The number of the line.
    pub line: u32,
}

/// A device that ends the machine by a line of a GPIO controller.
#[derive(Clone, Copy, Debug)]
pub(crate) enum PowerLine {
    Off,
    Restart,
}

impl PowerLine {
    pub(crate) const COUNT: usize = 2;

    /// Returns the purpose of a device of this `compatible` (bindings `gpio-poweroff.yaml` and
    /// `gpio-restart.yaml`).
    pub(crate) fn read(compatible: &[u8]) -> Option<Self> {
        match compatible {
            b"gpio-poweroff\0" => Some(Self::Off),
            b"gpio-restart\0" => Some(Self::Restart),
            _ => None,
        }
    }
}

impl Devicetree<'_> {
    /// The line of a PL061 that powers the machine off when the secure world drives it high
    /// (binding `gpio-poweroff.yaml`); `None` if the tree describes none beside the root's other
    /// children.
    pub fn secure_power_off(&self) -> Option<GpioLine> {
        self.secure_line(PowerLine::Off)
    }

    /// The line of a PL061 that resets the machine in the same way (binding `gpio-restart.yaml`).
    pub fn secure_restart(&self) -> Option<GpioLine> {
        self.secure_line(PowerLine::Restart)
    }

    /// The banks of RAM that only the secure world may use, as far as they can be read.
    pub fn secure_ram(&self) -> impl Iterator<Item = PhysRange> {
        let secure = self.withheld_memory().filter(|node| self.is_secure(*node));
        secure.filter_map(|node| self.first_range(node))
    }

    /// The offsets of the properties of those of the root's memory nodes that may not be used, in
    /// their order.
    pub(crate) fn withheld_memory(&self) -> impl Iterator<Item = usize> {
        let structure = &self.checked.structure;
        let between = self.facts.withheld_memory.into_iter();
        let nodes =
            between.flat_map(|(first, last)| structure.children(first).take_while(move |node| node.start <= last));
        nodes.map(|node| node.properties).filter(|node| {
            let device_type = structure.known(*node, Known::DeviceType);
            device_type.is_some_and(|value| value::is(value, "memory")) && !structure.is_okay(*node)
        })
    }

    #[inline(never)]
    fn secure_line(&self, line: PowerLine) -> Option<GpioLine> {
        let gpios = self.facts.power_lines.get(line as usize).copied().flatten()?;
        // The controller, the line, and flags: 0 for a line that is active when high.
        let [phandle, line, 0] = cells(gpios)? else {
            return None;
        };
        let structure = &self.checked.structure;
        let mut devices = self.root_children().map(|child| child.properties);
        let controller = devices.find(|device| {
            structure.known(*device, Known::Phandle).and_then(cells) == Some([phandle]) && self.is_secure(*device)
        })?;
        value::find(structure.known(controller, Known::Compatible)?, &[b"arm,pl061\0"])?;
        let registers = self.first_range(controller)?;
        Some(GpioLine {
            controller: registers.start(),
            line,
        })
    }

    fn is_secure(&self, properties: usize) -> bool {
        let [secure_status, status] =
            [Known::SecureStatus, Known::Status].map(|property| self.checked.structure.known(properties, property));
        value::is_secure(secure_status, status)
    }

    /// The first range of a child of the root.
    fn first_range(&self, properties: usize) -> Option<PhysRange> {
        let reg = self.checked.structure.known(properties, Known::Reg);
        let (start, size_bytes) = memory::first_entry(reg, self.facts.root_cells)?;
        PhysRange::new(start, size_bytes)
    }
}

/// A value of exactly so many cells.
fn cells<const N: usize>(value: &[u8]) -> Option<[u32; N]> {
    let (cells, rest) = value.as_chunks::<{ size_of::<u32>() }>();
    let cells: &[[u8; 4]; N] = cells.try_into().ok().filter(|_| rest.is_empty())?;
    Some(cells.map(|cell| big_endian(&cell)))
}
