//! [`FlashError`]: why nothing can be started from this flash.

use core::fmt;

use phys_range::Size;

use crate::payload::ERASED_END_BYTES;
use crate::{PayloadRecord, SettingsError, map};

/// The codes of all errors of this crate, for `flint explain`.
pub const CODES: &[&str] = &[
    "image-size-zero",
    "image-size-unaligned",
    "image-past-flash",
    "image-size-short",
    "image-truncated",
    "flash-settings-magic",
    "flash-settings-version",
    "flash-settings-length",
    "flash-settings-crc",
    "flash-settings-entry",
    "flash-settings-cmdline-length",
    "flash-settings-cmdline-text",
    "flash-settings-no-room",
    "flash-no-monitor",
    "flash-monitor-too-large",
];

/// The reason why nothing can be started from this flash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlashError {
    /// The settings block cannot be read.
    Settings(SettingsError),
    /// The machine resets at EL3, and the flash has nothing that could stay there.
    NoMonitor,
    /// A part of the monitor is larger than its room.
    MonitorTooLarge {
        /// The part.
        part: &'static str,
        /// Its size.
        size_bytes: u64,
        /// The room for it.
        room_bytes: u64,
    },
    /// The kernel's `image_size` is 0 (allowed by boot-protocol D5, but not in this flash format).
    ImageSizeZero,
    /// The kernel's `image_size` is not a multiple of 8.
    ImageSizeUnaligned {
        /// What it is.
        image_size: u64,
    },
    /// The kernel passes the end of the flash.
    ImagePastFlash {
        /// How much there is to copy.
        size_bytes: u64,
        /// What the flash has from the kernel's start on.
        room_bytes: usize,
    },
    /// The kernel's file has bytes that its `image_size` does not count, and so nobody would load.
    ImageSizeShort {
        /// The header's field.
        image_size: u64,
        /// The length in the settings block.
        size_bytes: u64,
    },
    /// The kernel was cut short: by the settings block it passes the end of the flash.
    RecordPastFlash {
        /// The length in the settings block.
        size_bytes: u64,
        /// What the flash has from the kernel's start on.
        room_bytes: usize,
    },
    /// The kernel was cut short, or replaced: its end is not the one that the settings block was
    /// written for.
    TailCrc {
        /// The length in the settings block.
        size_bytes: u64,
        /// The CRC-32 of the kernel's end, as the settings block says.
        recorded: u32,
        /// The CRC-32 of what is there.
        found: u32,
    },
    /// The kernel was cut short: its end, by its PE header, is erased flash.
    EndErased {
        /// The length of the kernel.
        size_bytes: u64,
    },
}

impl FlashError {
    /// The error's name for `flint explain`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Settings(error) => error.code(),
            Self::NoMonitor => "flash-no-monitor",
            Self::MonitorTooLarge { .. } => "flash-monitor-too-large",
            Self::ImageSizeZero => "image-size-zero",
            Self::ImageSizeUnaligned { .. } => "image-size-unaligned",
            Self::ImagePastFlash { .. } => "image-past-flash",
            Self::ImageSizeShort { .. } => "image-size-short",
            Self::RecordPastFlash { .. } | Self::TailCrc { .. } | Self::EndErased { .. } => "image-truncated",
        }
    }
}

impl fmt::Display for FlashError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Settings(error) => write!(
                f,
                "settings block at flash offset {:#x}: {error}",
                map::SETTINGS.start()
            ),
            Self::NoMonitor => write!(f, "a start at EL3 needs a monitor at {:#x}", map::MONITOR.start()),
            Self::MonitorTooLarge {
                part,
                size_bytes,
                room_bytes,
            } => {
                write!(f, "the monitor at flash offset {:#x} has ", map::MONITOR.start())?;
                write!(f, "{size_bytes} bytes of {part}, but there is room for {room_bytes}")
            }
            Self::ImageSizeZero => {
                write!(
                    f,
                    "{TheKernel} has image_size 0 in its header: nothing says how much to copy"
                )
            }
            Self::ImageSizeUnaligned { image_size } => {
                write!(
                    f,
                    "{TheKernel} has image_size {image_size:#x} in its header, which is not a multiple of 8"
                )
            }
            Self::ImagePastFlash { size_bytes, room_bytes } => {
                write!(f, "{TheKernel} has {} to copy, but the flash ends ", Size(size_bytes))?;
                write!(f, "{} after its start", size(room_bytes))
            }
            Self::ImageSizeShort { image_size, size_bytes } => {
                write!(
                    f,
                    "{TheKernel} has {size_bytes} bytes, but image_size {image_size:#x} in its header"
                )
            }
            Self::RecordPastFlash { size_bytes, room_bytes } => {
                write!(
                    f,
                    "{TheKernel} is cut short: it has {} by the settings block, ",
                    Size(size_bytes)
                )?;
                write!(f, "but the flash ends {} after its start", size(room_bytes))
            }
            Self::TailCrc {
                size_bytes,
                recorded,
                found,
            } => {
                write!(
                    f,
                    "{TheKernel} is cut short or was replaced: the last {} of its ",
                    tail_size(size_bytes)
                )?;
                write!(
                    f,
                    "{size_bytes} bytes have CRC-32 {found:#010x}, the settings block says {recorded:#010x}"
                )
            }
            Self::EndErased { size_bytes } => {
                write!(
                    f,
                    "{TheKernel} is cut short: the last {ERASED_END_BYTES} of its {size_bytes} bytes are erased"
                )
            }
        }
    }
}

/// The start of every sentence about the kernel.
struct TheKernel;

impl fmt::Display for TheKernel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the kernel at flash offset {:#x}", map::KERNEL.start())
    }
}

/// Returns how many bytes the checksum of a payload of `size_bytes` is over.
fn tail_size(size_bytes: u64) -> u64 {
    u64::try_from(PayloadRecord::TAIL_MAX_BYTES)
        .unwrap_or(u64::MAX)
        .min(size_bytes)
}

/// A length in memory, for display.
fn size(bytes: usize) -> Size {
    Size(u64::try_from(bytes).unwrap_or(u64::MAX))
}

impl core::error::Error for FlashError {}

impl From<SettingsError> for FlashError {
    fn from(error: SettingsError) -> Self {
        Self::Settings(error)
    }
}
