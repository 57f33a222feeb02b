//! [`Flash`]: what is in the flash of a scenario, good or broken.

use flash_image::map;
use flint_cli::build::Firmware;
use flint_cli::flash::{ERASED, FlashBuilder};
use flint_cli::raw_kernel::RawKernel;

pub use crate::change::Place;
use crate::change::{Change, put};
use crate::linux::Linux;
use crate::{TestBed, payload};

/// The contents of a flash besides the bootloader.
#[derive(Clone, Debug)]
pub struct Flash {
    kernel: Kernel,
    settings: Settings,
    padding: u8,
    changes: Vec<Change>,
}

/// The kernel in a flash.
#[derive(Clone, Copy, Debug)]
pub enum Kernel {
    /// None: the flash is erased there.
    None,
    /// Ours.
    Ours,
    /// What this makes of ours.
    Packed(fn(&[u8]) -> Vec<u8>),
    /// A stock Linux.
    Linux(Linux),
    /// The payload that calls the monitor.
    SmcCalls,
    /// The one of `tests/faults` that has this name.
    Fault(&'static str),
}

/// The contents of the settings block's place.
#[derive(Clone, Debug)]
enum Settings {
    /// Padding.
    None,
    /// What `flint image` writes.
    CommandLine(String),
    /// These bytes.
    Raw(Vec<u8>),
}

/// Fields of the Image header that have 8 bytes (boot-protocol D).
#[derive(Clone, Copy, Debug)]
pub enum HeaderField {
    /// Where the kernel wants to be.
    TextOffset = 8,
    /// The amount of memory that it needs.
    ImageSize = 16,
    /// Its kind.
    Flags = 24,
}

impl Flash {
    /// Exactly what `flint image --cmdline` makes of a kernel.
    pub fn new(kernel: Kernel, command_line: impl Into<String>) -> Self {
        Self {
            kernel,
            settings: Settings::CommandLine(command_line.into()),
            padding: ERASED,
            changes: Vec::new(),
        }
    }

    /// Nothing where the settings block should be: no command line, and no record of the kernel.
    #[must_use]
    pub fn without_settings(self) -> Self {
        Self {
            settings: Settings::None,
            ..self
        }
    }

    /// These bytes where the settings block should be.
    #[must_use]
    pub fn raw_settings(self, bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            settings: Settings::Raw(bytes.into()),
            ..self
        }
    }

    /// Zeros wherever nothing was written, as `dd if=/dev/zero` leaves them.
    #[must_use]
    pub fn padded_with_zeros(self) -> Self {
        Self { padding: 0, ..self }
    }

    /// Writes over what is there.
    #[must_use]
    pub fn write(mut self, place: Place, bytes: impl Into<Vec<u8>>) -> Self {
        self.changes.push(Change::Write(place, bytes.into()));
        self
    }

    /// Writes over a field of the kernel's header.
    #[must_use]
    pub fn header(self, field: HeaderField, value: u64) -> Self {
        self.write(Place::Kernel(field as u64), value.to_le_bytes())
    }

    /// Erases the flash from there to its end.
    #[must_use]
    pub fn erase_from(mut self, place: Place) -> Self {
        self.changes.push(Change::Erase(place));
        self
    }

    /// The stock kernel that is in it, if one is.
    pub fn linux(&self) -> Option<Linux> {
        match self.kernel {
            Kernel::Linux(linux) => Some(linux),
            _ => None,
        }
    }

    /// Its 64 MiB, with this firmware.
    ///
    /// # Errors
    /// The stock kernel cannot be read, or something does not fit.
    pub fn build(&self, bed: &TestBed, firmware: &Firmware) -> anyhow::Result<Vec<u8>> {
        let kernel = match self.kernel {
            Kernel::None => Vec::new(),
            Kernel::Ours => bed.kernel.clone(),
            Kernel::Packed(pack) => pack(&bed.kernel),
            Kernel::Linux(linux) => RawKernel::new(linux.read()?)?.bytes,
            Kernel::SmcCalls => bed.smc_calls.clone(),
            Kernel::Fault(name) => payload::fault(&bed.faults, name)?,
        };
        let kernel_size = kernel.len() as u64;
        let builder = FlashBuilder::new().firmware(firmware.clone()).kernel(kernel);
        let builder = match &self.settings {
            Settings::None => builder.without_settings(),
            Settings::CommandLine(text) => builder.command_line(text.clone()),
            Settings::Raw(bytes) => builder.raw_settings(bytes.clone()),
        };
        let mut flash = self.laid_out(&builder)?;
        for change in &self.changes {
            change.apply(&mut flash, kernel_size)?;
        }
        Ok(flash)
    }

    fn laid_out(&self, builder: &FlashBuilder) -> anyhow::Result<Vec<u8>> {
        if self.padding == ERASED {
            return Ok(builder.build()?);
        }
        let mut flash = vec![self.padding; usize::try_from(map::FLASH_SIZE_BYTES)?];
        for part in builder.parts()? {
            put(&mut flash, part.offset, &part.bytes)?;
        }
        Ok(flash)
    }
}
