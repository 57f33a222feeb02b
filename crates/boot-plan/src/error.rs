//! The rules that a plan can break.

use core::fmt;

use linux_image::PageSize;
use phys_range::Size;

use crate::DEVICETREE_BLOCK;

/// The codes of all errors here, for `flint explain`.
pub const CODES: &[&str] = &[
    "plan-page-size",
    "plan-entry-unaligned",
    "plan-no-room-kernel",
    "plan-devicetree-too-large",
    "plan-no-room-devicetree",
    "plan-no-room-work-area",
    "plan-no-room-scratch",
    "plan-no-room-initrd",
];

/// The reason why there is no plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlanError {
    /// The CPU does not implement the kernel's page size (D8).
    PageSizeMissing {
        /// What the Image header asks for.
        needed: PageSize,
    },
    /// `text_offset` would put the entry point between two instructions (E1).
    EntryUnaligned {
        /// The header's field, in bytes.
        text_offset: u64,
    },
    /// No bank has room for the kernel (D6, E1, E3).
    NoRoomForKernel {
        /// What the kernel needs from its first byte on.
        size_bytes: u64,
        /// The header's field, in bytes.
        text_offset: u64,
        /// The size of the largest RAM bank.
        largest_bank_bytes: u64,
    },
    /// The device tree passes the limit of the protocol (B2).
    DevicetreeTooLarge {
        /// Its size with all edits.
        size_bytes: u64,
    },
    /// No 2 MiB block of RAM is left for the device tree (B3).
    NoRoomForDevicetree,
    /// No RAM is left for the bootloader itself.
    NoRoomForWorkArea {
        /// What it needs.
        size_bytes: u64,
    },
    /// No RAM is left for what the bootloader unpacks the payload with.
    NoRoomForScratch {
        /// What it needs.
        size_bytes: u64,
        /// The size of the largest RAM bank.
        largest_bank_bytes: u64,
    },
    /// No RAM is left for the initrd beside the kernel, in the window that it has to share with it
    /// (E5).
    NoRoomForInitrd {
        /// The size of the initrd.
        size_bytes: u64,
        /// The size of the largest RAM bank.
        largest_bank_bytes: u64,
    },
}

impl PlanError {
    /// The code that `flint explain` knows.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::PageSizeMissing { .. } => "plan-page-size",
            Self::EntryUnaligned { .. } => "plan-entry-unaligned",
            Self::NoRoomForKernel { .. } => "plan-no-room-kernel",
            Self::DevicetreeTooLarge { .. } => "plan-devicetree-too-large",
            Self::NoRoomForDevicetree => "plan-no-room-devicetree",
            Self::NoRoomForWorkArea { .. } => "plan-no-room-work-area",
            Self::NoRoomForScratch { .. } => "plan-no-room-scratch",
            Self::NoRoomForInitrd { .. } => "plan-no-room-initrd",
        }
    }
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::PageSizeMissing { needed } => {
                write!(f, "the kernel is built for {needed}, which this CPU does not implement")
            }
            Self::EntryUnaligned { text_offset } => {
                write!(
                    f,
                    "the kernel's text_offset {text_offset:#x} is not a multiple of 4, so its entry is no instruction"
                )
            }
            Self::NoRoomForKernel {
                size_bytes,
                text_offset,
                largest_bank_bytes,
            } => write!(
                f,
                "the kernel needs image_size {size_bytes:#x} bytes ({}) of free RAM at text_offset {text_offset:#x} from a 2 MiB boundary; the largest RAM bank has {}",
                Size(size_bytes),
                Size(largest_bank_bytes),
            ),
            Self::DevicetreeTooLarge { size_bytes } => {
                write!(
                    f,
                    "the device tree has {size_bytes} bytes with its edits; the boot protocol allows {DEVICETREE_BLOCK}"
                )
            }
            Self::NoRoomForDevicetree => {
                write!(
                    f,
                    "no free 2 MiB block of RAM is left for the device tree beside the kernel"
                )
            }
            Self::NoRoomForWorkArea { size_bytes } => {
                write!(
                    f,
                    "no free RAM is left for the bootloader's work area ({})",
                    Size(size_bytes)
                )
            }
            Self::NoRoomForScratch {
                size_bytes,
                largest_bank_bytes,
            } => write!(
                f,
                "{size_bytes} bytes of free RAM are needed to hold the payload before it is unpacked; the largest RAM bank has {}",
                Size(largest_bank_bytes),
            ),
            Self::NoRoomForInitrd {
                size_bytes,
                largest_bank_bytes,
            } => write!(
                f,
                "the initrd needs {size_bytes} bytes of free RAM beside the kernel and within 32 GiB of it; the largest RAM bank has {}",
                Size(largest_bank_bytes),
            ),
        }
    }
}

impl core::error::Error for PlanError {}
