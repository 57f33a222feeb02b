//! [`Parts`]: the kernel in a payload, and what travels with it.

use decompress::Compression;
use fit::{Fit, FitCompression, FitImage};
use hashes::Backend;
use linux_image::ImageHeader;
use payload::{Format, Kernel};

use crate::PartsError;

/// The sources of a boot.
#[derive(Clone, Copy, Debug)]
pub enum Offer<'a> {
    /// A payload in memory.
    Payload {
        /// Its bytes.
        bytes: &'a [u8],
        /// True if it ends where `bytes` end; if not, it ends somewhere before.
        end_is_known: bool,
    },
    /// A raw kernel that is still to be fetched.
    Kernel {
        /// Its header.
        header: ImageHeader,
        /// Its size.
        size_bytes: u64,
    },
}

/// The parts of a boot.
#[derive(Clone, Copy, Debug)]
pub struct Parts<'a> {
    /// The kernel.
    pub kernel: KernelPart<'a>,
    /// The kernel's image, where it is in a FIT. The hashes of a raw kernel are still to be
    /// verified: while it is copied.
    pub kernel_image: Option<FitImage<'a>>,
    /// The FIT's ramdisk. Its hashes are still to be verified: while it is copied, as it is.
    pub ramdisk: Option<FitImage<'a>>,
    /// The FIT's device tree, which replaces the machine's.
    pub devicetree: Option<&'a [u8]>,
    /// The FIT's command line.
    pub command_line: Option<&'a str>,
    /// The FIT that all of it is in, where it is in one.
    pub fit: Option<FitFacts<'a>>,
}

/// The kernel of a boot.
#[derive(Clone, Copy, Debug)]
pub enum KernelPart<'a> {
    /// It is in memory, as it is or packed.
    InMemory(Kernel<'a>),
    /// It is still to be fetched, straight into its place.
    Elsewhere {
        /// Its header.
        header: ImageHeader,
        /// Its size.
        size_bytes: u64,
    },
}

/// The facts about a FIT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FitFacts<'a> {
    /// The configuration that is booted.
    pub configuration: &'a str,
    /// The number of hashes of all parts.
    pub hashes: usize,
    /// True if there is a signature, which nobody has verified.
    pub has_signature: bool,
}

impl<'a> Parts<'a> {
    /// Finds the parts in what is offered. The hashes of a FIT are verified here, by `backend`, but
    /// for those of a raw kernel and a ramdisk, which are only copied: to be read just once, they
    /// are verified then.
    ///
    /// # Errors
    /// See [`PartsError`]; checksums inside a compressed kernel are not looked at yet.
    #[inline(never)]
    pub fn of(offer: &Offer<'a>, backend: &Backend) -> Result<Self, PartsError> {
        match *offer {
            Offer::Kernel { header, size_bytes } => {
                check_size(&header, size_bytes)?;
                Ok(Self::of_kernel(KernelPart::Elsewhere { header, size_bytes }))
            }
            Offer::Payload { bytes, end_is_known } => match Format::detect(bytes)? {
                Format::Fit => Self::of_fit(&Fit::parse(bytes)?, backend),
                _ => Ok(Self::of_kernel(kernel(bytes, end_is_known)?)),
            },
        }
    }

    #[inline(never)]
    fn of_kernel(kernel: KernelPart<'a>) -> Self {
        Self {
            kernel,
            kernel_image: None,
            ramdisk: None,
            devicetree: None,
            command_line: None,
            fit: None,
        }
    }

    #[inline(never)]
    fn of_fit(fit: &Fit<'a>, backend: &Backend) -> Result<Self, PartsError> {
        let configuration = fit.configuration();
        let image = &configuration.kernel;
        let kernel = kernel(image.data, true).or_else(|error| {
            // Damage explains whatever else is wrong.
            image.verify(backend)?;
            Err(error)
        })?;
        let mut has_signature = configuration.has_signature() || image.has_signature();
        let mut hashes = match &kernel {
            KernelPart::InMemory(kernel) if kernel.raw().is_none() => image.verify(backend)?,
            _ => image.hash_count()?,
        };
        if let Some(ramdisk) = &configuration.ramdisk {
            hashes = hashes.saturating_add(ramdisk.hash_count()?);
            has_signature |= ramdisk.has_signature();
        }
        if let Some(tree) = &configuration.fdt {
            hashes = hashes.saturating_add(tree.verify(backend)?);
            has_signature |= tree.has_signature();
        }
        if let KernelPart::InMemory(kernel) = &kernel {
            check_compression(image, kernel)?;
        }
        Ok(Self {
            kernel_image: Some(*image),
            ramdisk: configuration.ramdisk,
            devicetree: configuration.fdt.map(|image| image.data),
            command_line: configuration.command_line,
            fit: Some(FitFacts {
                configuration: configuration.name,
                hashes,
                has_signature,
            }),
            ..Self::of_kernel(kernel)
        })
    }

    /// The address that the FIT wishes for the kernel's first byte. An Image is entered at its
    /// first byte: one that the FIT would enter elsewhere was not meant for the address either.
    pub fn kernel_address(&self) -> Option<u64> {
        let image = self.kernel_image.as_ref()?;
        let load = image.load?;
        image.entry.is_none_or(|entry| entry == load).then_some(load)
    }

    /// Verifies the hashes that [`Self::of`] has left.
    ///
    /// # Errors
    /// As [`FitImage::verify`].
    #[cold]
    pub fn verify_rest(&self, backend: &Backend) -> Result<(), PartsError> {
        let copied = match &self.kernel {
            KernelPart::InMemory(kernel) if kernel.raw().is_some() => self.kernel_image,
            _ => None,
        };
        for image in copied.iter().chain(&self.ramdisk) {
            image.verify(backend)?;
        }
        Ok(())
    }
}

/// Returns where the FIT says how its kernel is compressed, it has to be right; where it says
/// nothing, the kernel speaks for itself.
fn check_compression(image: &FitImage<'_>, kernel: &Kernel<'_>) -> Result<(), PartsError> {
    let found = kernel.stream().map(|stream| stream.compression);
    let is_right = match image.compression {
        FitCompression::None => true,
        FitCompression::Gzip => found == Some(Compression::Gzip),
        FitCompression::Lz4 => matches!(found, Some(Compression::Lz4Frame | Compression::Lz4Legacy)),
        FitCompression::Zstd => found == Some(Compression::Zstd),
        FitCompression::Other => false,
    };
    if is_right {
        return Ok(());
    }
    Err(PartsError::FitCompression {
        said: image.compression,
        found,
    })
}

/// The kernel that these bytes are.
fn kernel(bytes: &[u8], end_is_known: bool) -> Result<KernelPart<'_>, PartsError> {
    let kernel = Kernel::open(bytes, end_is_known)?;
    if let Some(raw) = kernel.raw() {
        check_size(&kernel.header()?, raw.len() as u64)?;
    }
    Ok(KernelPart::InMemory(kernel))
}

/// Bytes that the header does not count would be loaded into memory that is not the kernel's.
fn check_size(header: &ImageHeader, size_bytes: u64) -> Result<(), PartsError> {
    match header.reserved_size() {
        Some(image_size) if image_size < size_bytes => Err(PartsError::ImageSizeShort { image_size, size_bytes }),
        _ => Ok(()),
    }
}
