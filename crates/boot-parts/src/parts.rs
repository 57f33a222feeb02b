//! [`Parts`]: the kernel in a payload, and what travels with it.

use decompress::Compression;
use fit::{Fit, FitCompression, FitImage};
use hashes::Backend;
use linux_image::ImageHeader;
use payload::{Format, Kernel};

use crate::PartsError;

/// What a boot starts from.
#[derive(Clone, Copy, Debug)]
pub enum Offer<'a> {
    /// A payload in memory.
    Payload {
        /// Its bytes.
        bytes: &'a [u8],
        /// Whether it ends where `bytes` end; if not, it ends somewhere before.
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
    /// Where the FIT would like the kernel's first byte to be.
    pub kernel_address: Option<u64>,
    /// The FIT's ramdisk, as it is.
    pub ramdisk: Option<Ramdisk<'a>>,
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

/// An initial ramdisk.
#[derive(Clone, Copy, Debug)]
pub struct Ramdisk<'a> {
    /// Its bytes.
    pub bytes: &'a [u8],
    /// Where the FIT would like its first byte to be.
    pub address: Option<u64>,
}

/// What there is to say about a FIT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FitFacts<'a> {
    /// The configuration that is booted.
    pub configuration: &'a str,
    /// How many hashes were verified, and found good.
    pub verified_hashes: usize,
    /// Whether there is a signature, which nobody has verified.
    pub has_signature: bool,
}

impl<'a> Parts<'a> {
    /// Finds the parts in what is offered. The hashes of a FIT are verified here, by `backend`.
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
            kernel_address: None,
            ramdisk: None,
            devicetree: None,
            command_line: None,
            fit: None,
        }
    }

    #[inline(never)]
    fn of_fit(fit: &Fit<'a>, backend: &Backend) -> Result<Self, PartsError> {
        let configuration = fit.configuration();
        let images = [Some(configuration.kernel), configuration.ramdisk, configuration.fdt];
        let mut verified_hashes = 0_usize;
        let mut has_signature = configuration.has_signature();
        for image in images.iter().flatten() {
            verified_hashes = verified_hashes.saturating_add(image.verify(backend)?);
            has_signature |= image.has_signature();
        }
        let kernel = kernel(configuration.kernel.data, true)?;
        if let KernelPart::InMemory(kernel) = &kernel {
            check_compression(&configuration.kernel, kernel)?;
        }
        Ok(Self {
            kernel_address: address(&configuration.kernel),
            ramdisk: configuration.ramdisk.map(|image| Ramdisk {
                bytes: image.data,
                address: image.load,
            }),
            devicetree: configuration.fdt.map(|image| image.data),
            command_line: configuration.command_line,
            fit: Some(FitFacts {
                configuration: configuration.name,
                verified_hashes,
                has_signature,
            }),
            ..Self::of_kernel(kernel)
        })
    }
}

/// Where the FIT says how its kernel is compressed, it has to be right; where it says nothing, the kernel speaks for itself.
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

/// An Image is entered where it begins: one that the FIT would enter elsewhere was not meant for the address either.
fn address(kernel: &FitImage<'_>) -> Option<u64> {
    kernel
        .load
        .filter(|load| kernel.entry.is_none_or(|entry| entry == *load))
}
