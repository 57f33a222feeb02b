//! Real trees, and trees made to measure.
#![allow(dead_code, reason = "every test binary uses its own part")]

pub mod model;

use devicetree::edit::Edits;
use devicetree::{Devicetree, Seeds};
use phys_range::PhysRange;

use model::SeedBytes;

/// Trees that QEMU 7.2 made, packed by dtc; see `fixtures/README.md`.
pub const FIXTURES: [(&str, &[u8]); 5] = [
    ("el2-gicv3", EL2_GICV3),
    ("gicv2-8cpus", GICV2_8CPUS),
    ("secure", SECURE),
    ("numa", NUMA),
    ("8gib", EIGHT_GIB),
];
pub const EL2_GICV3: &[u8] = include_bytes!("../fixtures/el2-gicv3.dtb");
pub const GICV2_8CPUS: &[u8] = include_bytes!("../fixtures/gicv2-8cpus.dtb");
pub const SECURE: &[u8] = include_bytes!("../fixtures/secure.dtb");
pub const NUMA: &[u8] = include_bytes!("../fixtures/numa.dtb");
pub const EIGHT_GIB: &[u8] = include_bytes!("../fixtures/8gib.dtb");

/// Offsets of header fields.
pub const TOTAL_SIZE: usize = 4;
pub const STRUCTURE_OFFSET: usize = 8;
pub const STRINGS_OFFSET: usize = 12;
pub const RESERVATIONS_OFFSET: usize = 16;
pub const VERSION: usize = 20;
pub const LAST_COMPATIBLE_VERSION: usize = 24;
pub const STRINGS_SIZE: usize = 32;
pub const STRUCTURE_SIZE: usize = 36;

/// A tree that claims more than it uses, as QEMU's do.
pub fn unpacked(blob: &[u8], total_size: usize) -> Vec<u8> {
    let mut unpacked = blob.to_vec();
    unpacked.resize(total_size, 0);
    set_word(&mut unpacked, TOTAL_SIZE, total_size as u32);
    unpacked
}

pub fn word(blob: &[u8], offset: usize) -> u32 {
    u32::from_be_bytes(blob[offset..offset + 4].try_into().unwrap())
}

pub fn set_word(blob: &mut [u8], offset: usize, value: u32) {
    blob[offset..offset + 4].copy_from_slice(&value.to_be_bytes());
}

/// The tree in this blob, which must be a good one.
#[track_caller]
pub fn parse(blob: &[u8]) -> Devicetree<'_> {
    Devicetree::parse(blob).unwrap()
}

pub fn range(start: u64, size_bytes: u64) -> PhysRange {
    PhysRange::new(start, size_bytes).unwrap()
}

/// Big-endian cells.
pub fn cells(cells: &[u32]) -> Vec<u8> {
    cells.iter().flat_map(|cell| cell.to_be_bytes()).collect()
}

/// Writes a blob token by token; nothing stops it from writing a bad one.
pub struct Builder {
    reservations: Vec<u8>,
    structure: Vec<u8>,
    strings: Vec<u8>,
}

impl Builder {
    /// Begins with the root node, with two cells for addresses and two for sizes.
    pub fn new() -> Self {
        let empty = Self::without_cells();
        empty
            .property("#address-cells", &cells(&[2]))
            .property("#size-cells", &cells(&[2]))
    }

    /// Begins with the root node.
    pub fn without_cells() -> Self {
        Self {
            reservations: Vec::new(),
            structure: Vec::new(),
            strings: Vec::new(),
        }
        .begin("")
    }

    /// A root node with 1 GiB of RAM.
    pub fn with_ram() -> Self {
        Self::new().node(
            "memory@40000000",
            &[
                ("device_type", b"memory\0"),
                ("reg", &cells(&[0, 0x4000_0000, 0, 0x4000_0000])),
            ],
        )
    }

    pub fn reserve(mut self, start: u64, size_bytes: u64) -> Self {
        self.reservations.extend(start.to_be_bytes());
        self.reservations.extend(size_bytes.to_be_bytes());
        self
    }

    pub fn token(mut self, token: u32) -> Self {
        self.structure.extend(token.to_be_bytes());
        self
    }

    pub fn begin(mut self, name: &str) -> Self {
        self = self.token(1);
        self.structure.extend(name.as_bytes());
        self.structure.push(0);
        self.pad()
    }

    pub fn end(self) -> Self {
        self.token(2)
    }

    pub fn property(mut self, name: &str, value: &[u8]) -> Self {
        let name = [name.as_bytes(), b"\0"].concat();
        let known = self.strings.windows(name.len()).position(|window| window == name);
        let name_offset = known.unwrap_or(self.strings.len());
        if known.is_none() {
            self.strings.extend(&name);
        }
        self.raw_property(name_offset, value)
    }

    pub fn raw_property(mut self, name_offset: usize, value: &[u8]) -> Self {
        self = self.token(3).token(value.len() as u32).token(name_offset as u32);
        self.structure.extend(value);
        self.pad()
    }

    /// A node without children.
    pub fn node(self, name: &str, properties: &[(&str, &[u8])]) -> Self {
        let begun = self.begin(name);
        properties
            .iter()
            .fold(begun, |node, (name, value)| node.property(name, value))
            .end()
    }

    pub fn raw_strings(mut self, strings: &[u8]) -> Self {
        self.strings.extend(strings);
        self
    }

    /// Ends the root node and the blob.
    pub fn finish(self) -> Vec<u8> {
        self.end().token(9).assemble()
    }

    /// The blob, with the structure block as it is.
    pub fn assemble(self) -> Vec<u8> {
        let structure_offset = 40 + self.reservations.len() + 16;
        let strings_offset = structure_offset + self.structure.len();
        let total_size = strings_offset + self.strings.len();
        let mut blob = cells(&[
            0xd00d_feed,
            total_size as u32,
            structure_offset as u32,
            strings_offset as u32,
            40,
            17,
            16,
            0,
            self.strings.len() as u32,
            self.structure.len() as u32,
        ]);
        blob.extend(self.reservations);
        blob.extend([0; 16]);
        blob.extend(self.structure);
        blob.extend(self.strings);
        blob
    }

    fn pad(mut self) -> Self {
        self.structure.resize(self.structure.len().next_multiple_of(4), 0);
        self
    }
}

/// The tree in this blob with these edits; checks on the way what is true of every edit.
#[track_caller]
pub fn edited(blob: &[u8], edits: &Edits<'_>) -> Vec<u8> {
    let tree = parse(blob);
    let mut destination = vec![0xa5; tree.edited_size_max(edits) as usize + 64];
    let size = tree.write_edited(edits, &mut destination).unwrap();
    assert!(
        destination[size..].iter().all(|byte| *byte == 0xa5),
        "wrote past the end"
    );
    assert_eq!(tree.edited_size_max(edits) as usize, size);
    destination.truncate(size);
    let again = parse(&destination);
    assert_eq!((again.total_size() as usize, again.used_size() as usize), (size, size));
    destination
}

/// Numbers as good as random ones, and the bytes that a tree gets of them.
pub fn seeds() -> (Seeds, SeedBytes) {
    let numbers = [1, 2, 3, 4, 5].map(|number: u64| number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
    let bytes = SeedBytes {
        kaslr: bytes[..8].to_vec(),
        rng: bytes[8..].to_vec(),
    };
    (Seeds::new(numbers), bytes)
}
