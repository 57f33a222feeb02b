//! What does this node say? [`Properties`]: the values that this crate understands.

use crate::header::big_endian;
use crate::memory::Cells;
use crate::name::Name;
use crate::value;

/// A property that this crate understands: its place in [`NAMES`].
#[derive(Clone, Copy, Debug)]
pub(crate) enum Known {
    AddressCells,
    Bootargs,
    Compatible,
    DeviceType,
    Gpios,
    InterruptController,
    Method,
    Model,
    Phandle,
    Ranges,
    Reg,
    SecureStatus,
    SizeCells,
    Status,
    StdoutPath,
}

const NAMES: [Name<'_>; 15] = [
    Name::known(b"#address-cells"),
    Name::known(b"bootargs"),
    Name::known(b"compatible"),
    Name::known(b"device_type"),
    Name::known(b"gpios"),
    Name::known(b"interrupt-controller"),
    Name::known(b"method"),
    Name::known(b"model"),
    Name::known(b"phandle"),
    Name::known(b"ranges"),
    Name::known(b"reg"),
    Name::known(b"secure-status"),
    Name::known(b"#size-cells"),
    Name::known(b"status"),
    Name::known(b"stdout-path"),
];

/// The values of the properties of one node.
#[derive(Clone, Debug)]
pub(crate) struct Properties<'a> {
    values: [Option<&'a [u8]>; NAMES.len()],
}

impl<'a> Properties<'a> {
    pub(crate) const NONE: Self = Self {
        values: [None; NAMES.len()],
    };

    /// Takes one property.
    pub(crate) fn note(&mut self, name: Name<'_>, value: &'a [u8]) {
        work_counter::add(NAMES.len());
        let places = self.values.iter_mut().zip(&NAMES);
        if let Some((place, _)) = { places }.find(|(_, known)| **known == name) {
            *place = Some(value);
        }
    }

    /// The value of a property, if the node has it.
    pub(crate) fn get(&self, property: Known) -> Option<&'a [u8]> {
        self.values.get(property as usize).copied().flatten()
    }

    /// How the node's children write their `reg`.
    pub(crate) fn child_cells(&self) -> Cells {
        Cells {
            address: one_cell(self.get(Known::AddressCells), Cells::DEFAULT.address),
            size: one_cell(self.get(Known::SizeCells), Cells::DEFAULT.size),
        }
    }

    /// Whether the device may be used.
    pub(crate) fn is_okay(&self) -> bool {
        value::is_okay(self.get(Known::Status))
    }

    /// Whether addresses behind this bus are those before it: `ranges` is there and empty (2.3.8).
    pub(crate) fn is_transparent_bus(&self) -> bool {
        self.get(Known::Ranges).is_some_and(<[u8]>::is_empty)
    }

    /// Whether `device_type` is this.
    pub(crate) fn is_of_type(&self, device_type: &str) -> bool {
        self.get(Known::DeviceType)
            .is_some_and(|value| value::is(value, device_type))
    }
}

/// A number of cells; one that is not written as it should be is as good as an impossible one.
#[inline(never)]
fn one_cell(value: Option<&[u8]>, default: u32) -> u32 {
    match value {
        Some(value) => value.try_into().map_or(u32::MAX, big_endian),
        None => default,
    }
}
