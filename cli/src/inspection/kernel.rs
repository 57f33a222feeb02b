//! The facts about a kernel, alone in a file or in a flash image.

use boot_parts::KernelPart;
use flash_image::map;
use linux_image::ImageHeader;
use phys_range::PhysRange;
use serde::Serialize;

use super::{Inspection, Problem};
use crate::kernel_file::KernelFile;
use crate::kernel_file_error::{KernelFileError, Needed};
use crate::reference_machine::ReferenceMachine;

/// The fields of a kernel's header, and the size that is loaded.
#[derive(Debug, Serialize)]
pub struct KernelFacts {
    /// "raw Image", "gzip", "lz4", "lz4 (legacy frame)", "zstd" or "EFI zboot (…)".
    pub packing: String,
    /// The size of what is unpacked; `null` for a raw Image, and where it cannot be told.
    pub packed_size_bytes: Option<u64>,
    /// How many bytes get to RAM; `null` where that cannot be told.
    pub load_size_bytes: Option<u64>,
    /// The header's field.
    pub text_offset: u64,
    /// The header's field: how much memory the kernel needs from its first byte on.
    pub image_size: u64,
    /// The header's field.
    pub flags: u64,
    /// "little endian" or "big endian".
    pub endianness: String,
    /// "4 KiB pages", "16 KiB pages", "64 KiB pages" or "pages of unspecified size".
    pub page_size: String,
    /// "as low in RAM as possible" or "anywhere in RAM".
    pub placement: String,
}

/// The place where the bootloader will put things on the reference machine.
#[derive(Debug, Serialize)]
pub struct PlanFacts {
    /// The machine, in a few words.
    pub machine: String,
    /// Its RAM.
    pub ram: RangeFacts,
    /// The kernel, with the memory behind it that is its own.
    pub kernel: RangeFacts,
    /// The address of its first instruction.
    pub entry: u64,
    /// The initrd; `null` where there is none.
    pub initrd: Option<RangeFacts>,
    /// The kernel's command line; `null` where it gets none.
    pub command_line: Option<String>,
    /// Who gave the command line.
    pub command_line_origin: Option<String>,
    /// The device tree that the kernel gets; its end depends a little on the machine's options.
    pub devicetree: RangeFacts,
    /// "the machine's", or "the FIT's with the machine's facts".
    pub devicetree_origin: String,
    /// The bootloader's own memory, free again once the kernel runs.
    pub work_area: RangeFacts,
}

/// A range of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct RangeFacts {
    /// The first address.
    pub start: u64,
    /// The first address after it.
    pub end: u64,
}

impl From<PhysRange> for RangeFacts {
    fn from(range: PhysRange) -> Self {
        Self {
            start: range.start(),
            end: range.end(),
        }
    }
}

impl KernelFacts {
    pub(super) fn new(header: &ImageHeader, kernel: &KernelPart<'_>) -> Self {
        let (packing, load_size_bytes, packed_size_bytes) = match kernel {
            KernelPart::Elsewhere { size_bytes, .. } => ("raw Image".into(), Some(*size_bytes), None),
            KernelPart::InMemory(kernel) => {
                let packed = kernel.stream().filter(|stream| stream.end_is_known);
                (
                    kernel.description().to_string(),
                    kernel.raw().map(|raw| raw.len() as u64),
                    packed.map(|stream| stream.bytes.len() as u64),
                )
            }
        };
        Self {
            packing,
            packed_size_bytes,
            load_size_bytes,
            ..Self::of_header(header)
        }
    }

    /// Returns what the header alone says.
    pub(super) fn of_header(header: &ImageHeader) -> Self {
        Self {
            packing: "raw Image".into(),
            packed_size_bytes: None,
            load_size_bytes: None,
            text_offset: header.text_offset,
            image_size: header.image_size,
            flags: header.flags,
            endianness: header.endianness().to_string(),
            page_size: header.page_size().to_string(),
            placement: header.placement().to_string(),
        }
    }
}

impl Inspection {
    /// A kernel in a file of its own: what `flint image` would make of it, and what the bootloader
    /// of that.
    pub(super) fn add_kernel_file(&mut self, bytes: &[u8], machine: &ReferenceMachine) {
        self.kernel = ImageHeader::parse(bytes)
            .ok()
            .map(|header| KernelFacts::of_header(&header));
        match KernelFile::new(bytes.to_vec()) {
            Ok(file) => {
                let size_bytes = file.bytes().len() as u64;
                if size_bytes > map::KERNEL.len() {
                    let needed = Needed::by_raw_kernel(size_bytes);
                    self.errors.push(problem(&KernelFileError::TooLarge(needed)));
                }
                self.notes = file.notes().iter().map(|note| format!("flint image: {note}")).collect();
                self.add_prediction(machine, file.bytes(), true, None);
            }
            Err(error) => self.errors.push(problem(&error)),
        }
    }
}

fn problem(error: &KernelFileError) -> Problem {
    Problem {
        help: error.help(),
        ..Problem::new(error.code(), error)
    }
}
