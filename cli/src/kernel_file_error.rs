//! [`KernelFileError`]: why a file cannot be written to the flash as a kernel, alone or with what
//! belongs to it.

use std::fmt;

use decompress::DecompressError;
use fit::FitError;
use flash_image::map;
use linux_image::ImageError;
use payload::PayloadError;
use phys_range::Size;

use crate::Error;
use crate::format::Format;
use crate::size::grouped;

/// The reason why a file cannot be written to the flash as a kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KernelFileError {
    /// It is something else.
    Format(Format),
    /// It is no arm64 Image.
    Image(ImageError),
    /// It is nothing that is known, or a packed kernel that cannot be opened.
    Payload(PayloadError),
    /// It is a FIT that nothing can be started from.
    Fit(FitError),
    /// There is nothing in it.
    Empty,
    /// It does not fit behind the bootloader.
    TooLarge(Needed),
    /// It is shorter than its own PE header says.
    Truncated {
        /// The size of the file.
        size_bytes: u64,
        /// The least size of the complete file.
        expected_bytes: u64,
    },
    /// It is longer than the part that a loader would copy.
    Surplus {
        /// The size of the file.
        size_bytes: u64,
        /// The value in the header.
        image_size: u64,
    },
    /// No memory could ever hold what the header asks for.
    ImageSize {
        /// The value in the header.
        image_size: u64,
    },
}

/// The bytes that should lie behind the bootloader.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Needed {
    /// All of it.
    pub total: u64,
    /// The kernel, as it is stored.
    pub kernel: u64,
    /// True if the kernel could be compressed yet.
    pub kernel_is_raw: bool,
    /// The initrd; 0 where there is none.
    pub initrd: u64,
    /// The device tree; 0 where there is none.
    pub devicetree: u64,
}

/// The codes of all errors here, for `flint explain`; a wrapped error has its own.
pub const CODES: &[&str] = &[
    "kernel-file-format",
    "kernel-file-empty",
    "kernel-file-too-large",
    "kernel-file-truncated",
    "kernel-file-surplus",
    "kernel-file-image-size",
];

/// The remedy for a file that is not complete.
const INCOMPLETE: &str = "the file is not complete: copy or download it again, or look at the free disk space";

impl KernelFileError {
    /// The code that `flint explain` knows.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Format(_) => "kernel-file-format",
            Self::Image(error) => error.code(),
            Self::Payload(error) => error.code(),
            Self::Fit(error) => error.code(),
            Self::Empty => "kernel-file-empty",
            Self::TooLarge(_) => "kernel-file-too-large",
            Self::Truncated { .. } => "kernel-file-truncated",
            Self::Surplus { .. } => "kernel-file-surplus",
            Self::ImageSize { .. } => "kernel-file-image-size",
        }
    }

    /// Returns what to do about it, where more can be said than `flint explain` does.
    pub fn help(&self) -> Option<&'static str> {
        Some(match self {
            Self::Format(format) => format.help(),
            Self::Payload(PayloadError::Compressed(DecompressError::Truncated { .. }))
            | Self::Fit(FitError::DataOutside { .. }) => INCOMPLETE,
            Self::Image(_) | Self::Payload(PayloadError::Unknown(_)) => {
                "name the raw Image of an arm64 kernel, such as arch/arm64/boot/Image of a Linux build"
            }
            Self::Payload(_) | Self::Fit(_) => return None,
            Self::TooLarge(needed) => needed.help(),
            Self::Empty | Self::Truncated { .. } => INCOMPLETE,
            Self::Surplus { .. } | Self::ImageSize { .. } => {
                "correct image_size in the kernel's header: it counts from the first byte of the kernel to the end of its .bss"
            }
        })
    }

    /// The error with `file` named in it.
    pub fn about(&self, file: &str) -> Error {
        let code = self.code();
        let help = self
            .help()
            .map_or_else(|| format!("flint explain {code}"), String::from);
        Error::new(format!("{file}: {self} [{code}]")).help(help)
    }
}

impl fmt::Display for KernelFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Format(format) => write!(f, "this is {format}, not an arm64 kernel"),
            Self::Image(error) => error.fmt(f),
            Self::Payload(error) => error.fmt(f),
            Self::Fit(error) => error.fmt(f),
            Self::Empty => f.write_str("the file is empty"),
            Self::TooLarge(needed) => write!(
                f,
                "{needed}; the flash has room for {} bytes ({}), from {:#x} to its end",
                grouped(map::KERNEL.len()),
                Size(map::KERNEL.len()),
                map::KERNEL.start(),
            ),
            Self::Truncated {
                size_bytes,
                expected_bytes,
            } => write!(
                f,
                "the kernel is cut short: the file has {} bytes, by its PE header it should have at least {}",
                grouped(size_bytes),
                grouped(expected_bytes),
            ),
            Self::Surplus { size_bytes, image_size } => write!(
                f,
                "the file has {} bytes, but by its header's image_size only {} ({image_size:#x}) would be loaded",
                grouped(size_bytes),
                grouped(image_size),
            ),
            Self::ImageSize { image_size } => {
                write!(
                    f,
                    "the header's image_size {image_size:#x} is more than any memory holds"
                )
            }
        }
    }
}

impl std::error::Error for KernelFileError {}

impl Needed {
    /// A raw kernel of this size, alone.
    pub fn by_raw_kernel(size_bytes: u64) -> Self {
        Self {
            total: size_bytes,
            kernel: size_bytes,
            kernel_is_raw: true,
            ..Self::default()
        }
    }

    fn help(&self) -> &'static str {
        let without_kernel = self.total.saturating_sub(self.kernel);
        match self.kernel_is_raw && without_kernel < map::KERNEL.len() {
            true => "compress the kernel: --compress zstd makes it smallest, --compress lz4 starts quickest",
            false if self.initrd > 0 => {
                "make the initrd smaller, or give it to QEMU directly, which needs no room in the flash: flint run --fw-cfg"
            }
            false => "build a smaller kernel: fewer drivers, or more of them as modules",
        }
    }
}

/// What it is, and how large.
impl fmt::Display for Needed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.initrd == 0 && self.devicetree == 0 {
            return write!(f, "the kernel has {} bytes", grouped(self.total));
        }
        write!(f, "the kernel ({} bytes)", grouped(self.kernel))?;
        for (name, size) in [("initrd", self.initrd), ("device tree", self.devicetree)] {
            if size > 0 {
                write!(f, " with the {name} ({} bytes)", grouped(size))?;
            }
        }
        write!(f, " makes a FIT of {} bytes", grouped(self.total))
    }
}
