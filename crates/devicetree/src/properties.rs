//! What does this node say? [`Properties`]: the values that this crate understands.

use core::ops::Range;

use crate::memory::Cells;
use crate::structure::Property;
use crate::value;

/// The values of the properties of one node.
#[derive(Clone, Debug, Default)]
pub(crate) struct Properties<'a> {
    pub(crate) address_cells: Option<&'a [u8]>,
    pub(crate) bootargs: Option<&'a [u8]>,
    /// Where the whole property `bootargs` is in the structure block.
    pub(crate) bootargs_place: Option<Range<usize>>,
    pub(crate) compatible: Option<&'a [u8]>,
    pub(crate) device_type: Option<&'a [u8]>,
    pub(crate) interrupt_controller: Option<&'a [u8]>,
    pub(crate) method: Option<&'a [u8]>,
    pub(crate) model: Option<&'a [u8]>,
    pub(crate) ranges: Option<&'a [u8]>,
    pub(crate) reg: Option<&'a [u8]>,
    pub(crate) size_cells: Option<&'a [u8]>,
    pub(crate) status: Option<&'a [u8]>,
    pub(crate) stdout_path: Option<&'a [u8]>,
}

impl<'a> Properties<'a> {
    /// Takes one property.
    pub(crate) fn note(&mut self, property: &Property<'a>) {
        let value = match property.name.text() {
            b"#address-cells" => &mut self.address_cells,
            b"#size-cells" => &mut self.size_cells,
            b"bootargs" => {
                self.bootargs_place = Some(property.start..property.end);
                &mut self.bootargs
            }
            b"compatible" => &mut self.compatible,
            b"device_type" => &mut self.device_type,
            b"interrupt-controller" => &mut self.interrupt_controller,
            b"method" => &mut self.method,
            b"model" => &mut self.model,
            b"ranges" => &mut self.ranges,
            b"reg" => &mut self.reg,
            b"status" => &mut self.status,
            b"stdout-path" => &mut self.stdout_path,
            _ => return,
        };
        *value = Some(property.value);
    }

    /// How the node's children write their `reg`.
    pub(crate) fn child_cells(&self) -> Cells {
        Cells {
            address: self.address_cells.map_or(Cells::DEFAULT.address, one_cell),
            size: self.size_cells.map_or(Cells::DEFAULT.size, one_cell),
        }
    }

    /// Whether the device may be used.
    pub(crate) fn is_okay(&self) -> bool {
        value::is_okay(self.status)
    }

    /// Whether addresses behind this bus are those before it: `ranges` is there and empty (2.3.8).
    pub(crate) fn is_transparent_bus(&self) -> bool {
        self.ranges.is_some_and(<[u8]>::is_empty)
    }

    /// Whether `device_type` is this.
    pub(crate) fn is_of_type(&self, device_type: &str) -> bool {
        self.device_type.is_some_and(|value| value::is(value, device_type))
    }
}

/// A number of cells; one that is not written as it should be is as good as an impossible one.
fn one_cell(value: &[u8]) -> u32 {
    value.try_into().map_or(u32::MAX, u32::from_be_bytes)
}
