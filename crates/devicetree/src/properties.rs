//! [`Properties`]: the values of a node that this crate understands; [`PropertyNames`]: their
//! names.

use crate::memory::Cells;
use crate::name::Name;
use crate::value;

/// A property that this crate understands.
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

/// All of them, by their places, with their names.
const KNOWN: [(Known, Name<'_>); 15] = [
    (Known::AddressCells, Name::known(b"#address-cells")),
    (Known::Bootargs, Name::known(b"bootargs")),
    (Known::Compatible, Name::known(b"compatible")),
    (Known::DeviceType, Name::known(b"device_type")),
    (Known::Gpios, Name::known(b"gpios")),
    (Known::InterruptController, Name::known(b"interrupt-controller")),
    (Known::Method, Name::known(b"method")),
    (Known::Model, Name::known(b"model")),
    (Known::Phandle, Name::known(b"phandle")),
    (Known::Ranges, Name::known(b"ranges")),
    (Known::Reg, Name::known(b"reg")),
    (Known::SecureStatus, Name::known(b"secure-status")),
    (Known::SizeCells, Name::known(b"#size-cells")),
    (Known::Status, Name::known(b"status")),
    (Known::StdoutPath, Name::known(b"stdout-path")),
];

const _: () = {
    let (mut known, mut place) = (KNOWN.as_slice(), 0);
    while let [(first, _), others @ ..] = known {
        assert!(*first as usize == place, "each is at its own place");
        (known, place) = (others, place.wrapping_add(1));
    }
};

impl Known {
    /// Returns the name of the property.
    pub(crate) fn name(self) -> &'static [u8] {
        KNOWN.get(self as usize).map_or(&[], |(_, name)| name.text())
    }

    fn of(name: &Name<'_>) -> Option<Self> {
        work_counter::add(KNOWN.len());
        KNOWN.iter().find(|(_, known)| known == name).map(|(known, _)| *known)
    }
}

/// A valid name of a property.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PropertyName {
    pub(crate) hash: u32,
    /// The property, among those that this crate understands.
    pub(crate) known: Option<Known>,
}

/// The names in a strings block. Most properties have the name of an earlier one, at the same
/// offset: what was found out about that is remembered until another name takes its place.
#[derive(Debug)]
pub(crate) struct PropertyNames<'a> {
    strings: &'a [u8],
    remembered: [Option<(u32, PropertyName)>; REMEMBERED],
}

/// The number of names that are remembered.
const REMEMBERED: usize = 128;
/// The shortest name that is in use, `reg`, with its NUL. A name has its place by the offset
/// divided by this, so that in a block of up to 512 bytes no two names share one. QEMU's blocks
/// have less.
const NAME_BYTES: usize = 4;

impl<'a> PropertyNames<'a> {
    pub(crate) const fn of(strings: &'a [u8]) -> Self {
        Self {
            strings,
            remembered: [None; REMEMBERED],
        }
    }

    /// Looks at the name at this offset; `None` if it is none.
    pub(crate) fn at(&mut self, offset: u32) -> Option<PropertyName> {
        let place = self.remembered.get_mut(offset as usize / NAME_BYTES % REMEMBERED)?;
        if let Some((at, name)) = place
            && *at == offset
        {
            return Some(*name);
        }
        let name = Name::until_nul(self.strings.get(offset as usize..)?)?;
        if name.text().is_empty() {
            return None;
        }
        let name = PropertyName {
            hash: name.hash(),
            known: Known::of(&name),
        };
        *place = Some((offset, name));
        Some(name)
    }
}

/// The values of the properties of one node.
#[derive(Clone, Debug)]
pub(crate) struct Properties<'a> {
    values: [Option<&'a [u8]>; KNOWN.len()],
}

impl<'a> Properties<'a> {
    pub(crate) const NONE: Self = Self {
        values: [None; KNOWN.len()],
    };

    /// Forgets all of them.
    pub(crate) fn clear(&mut self) {
        self.values = [None; KNOWN.len()];
    }

    /// Takes one property.
    pub(crate) fn note(&mut self, property: Known, value: &'a [u8]) {
        if let Some(place) = self.values.get_mut(property as usize) {
            *place = Some(value);
        }
    }

    /// The value of a property, if the node has it.
    pub(crate) fn get(&self, property: Known) -> Option<&'a [u8]> {
        self.values.get(property as usize).copied().flatten()
    }

    /// Returns how the node's children write their `reg`.
    pub(crate) fn child_cells(&self) -> Cells {
        Cells::of(self.get(Known::AddressCells), self.get(Known::SizeCells))
    }

    /// Returns whether the device may be used.
    pub(crate) fn is_okay(&self) -> bool {
        value::is_okay(self.get(Known::Status))
    }

    /// Set if the secure world may use the device.
    pub(crate) fn is_secure(&self) -> bool {
        value::is_secure(self.get(Known::SecureStatus), self.get(Known::Status))
    }

    /// Returns whether `device_type` is this.
    pub(crate) fn is_of_type(&self, device_type: &str) -> bool {
        self.get(Known::DeviceType)
            .is_some_and(|value| value::is(value, device_type))
    }
}
