//! What there is to say about a kernel, alone in a file or in a flash image.

use flash_image::map;
use linux_image::ImageHeader;
use phys_range::PhysRange;
use serde::Serialize;

use super::{Inspection, Problem};
use crate::kernel_file_error::{KernelFileError, Needed};
use crate::raw_kernel::RawKernel;

/// What the header of a kernel says, and how much of it is loaded.
#[derive(Debug, Serialize)]
pub struct KernelFacts {
    /// How many bytes are copied to RAM; `null` where that cannot be told.
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

/// Where the bootloader will put things on the reference machine.
#[derive(Debug, Serialize)]
pub struct PlanFacts {
    /// The machine's RAM.
    pub ram: RangeFacts,
    /// The kernel, with the memory behind it that is its own.
    pub kernel: RangeFacts,
    /// The address of its first instruction.
    pub entry: u64,
    /// The device tree that the kernel gets; its end depends a little on the machine's options.
    pub devicetree: RangeFacts,
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
    pub(super) fn new(header: &ImageHeader, load_size_bytes: Option<u64>) -> Self {
        Self {
            load_size_bytes,
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
    /// A kernel in a file of its own: what `flint image` would make of it.
    pub(super) fn add_kernel_file(&mut self, bytes: &[u8], ram: PhysRange) {
        self.kernel = ImageHeader::parse(bytes)
            .ok()
            .map(|header| KernelFacts::new(&header, None));
        match RawKernel::new(bytes.to_vec()) {
            Ok(raw) => {
                let load_size = raw.bytes.len() as u64;
                if let Some(kernel) = &mut self.kernel {
                    kernel.load_size_bytes = Some(load_size);
                }
                if load_size > map::KERNEL.len() {
                    self.errors
                        .push(problem(&KernelFileError::TooLarge(Needed::by_raw_kernel(load_size))));
                }
                self.add_plan(ram, &raw.header, load_size, None);
                self.notes = raw
                    .notes
                    .into_iter()
                    .map(|note| format!("flint image: {note}"))
                    .collect();
            }
            Err(error) => self.errors.push(problem(&error)),
        }
    }
}

fn problem(error: &KernelFileError) -> Problem {
    Problem {
        help: Some(error.help()),
        ..Problem::new(error.code(), error)
    }
}
