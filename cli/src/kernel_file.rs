//! [`KernelFile`]: a file that the user names as the kernel, in any of the forms that kernels come
//! in.

use fit::Fit;
use payload::Kernel;

use crate::format::Format;
use crate::kernel_file_error::KernelFileError;
use crate::raw_kernel::RawKernel;

/// A kernel file, checked.
#[derive(Clone, Debug)]
pub enum KernelFile {
    /// A raw arm64 Image.
    Raw(RawKernel),
    /// An Image that is compressed: gzip, LZ4, zstd or EFI zboot. It is written to the flash as it
    /// is.
    Compressed {
        /// How it is compressed.
        format: payload::Format,
        /// The file.
        bytes: Vec<u8>,
    },
    /// A FIT. It is written to the flash as it is.
    Fit(Vec<u8>),
}

impl KernelFile {
    /// Finds out what the file is, and checks it as far as its headers go. What is compressed may
    /// still turn out to be damaged, and the hashes of a FIT are not looked at.
    ///
    /// # Errors
    /// See [`KernelFileError`].
    pub fn new(bytes: Vec<u8>) -> Result<Self, KernelFileError> {
        if bytes.is_empty() {
            return Err(KernelFileError::Empty);
        }
        match Format::detect(&bytes) {
            Some(Format::Payload(payload::Format::Image)) => RawKernel::new(bytes).map(Self::Raw),
            Some(Format::FIT) => {
                Fit::parse(&bytes).map_err(KernelFileError::Fit)?;
                Ok(Self::Fit(bytes))
            }
            Some(Format::Payload(format)) if Format::Payload(format).is_bootable() => {
                let kernel = Kernel::open(&bytes, true).map_err(KernelFileError::Payload)?;
                kernel.header().map_err(KernelFileError::Payload)?;
                Ok(Self::Compressed { format, bytes })
            }
            Some(format) => Err(KernelFileError::Format(format)),
            None => Err(unknown(&bytes)),
        }
    }

    /// Its bytes, as they are written to the flash where they need no FIT.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Raw(kernel) => &kernel.bytes,
            Self::Compressed { bytes, .. } | Self::Fit(bytes) => bytes,
        }
    }

    /// Returns what was changed in it, a sentence each.
    pub fn notes(&self) -> &[String] {
        match self {
            Self::Raw(kernel) => &kernel.notes,
            Self::Compressed { .. } | Self::Fit(_) => &[],
        }
    }

    /// Returns what it is, where it is something better than raw.
    pub const fn format(&self) -> Option<payload::Format> {
        match self {
            Self::Raw(_) => None,
            Self::Compressed { format, .. } => Some(*format),
            Self::Fit(_) => Some(payload::Format::Fit),
        }
    }
}

/// The bootloader's words for bytes that are nothing it knows.
fn unknown(bytes: &[u8]) -> KernelFileError {
    match payload::Format::detect(bytes) {
        Ok(format) => KernelFileError::Format(Format::Payload(format)),
        Err(error) => KernelFileError::Payload(error),
    }
}

#[cfg(test)]
mod tests {
    use hashes::Algorithm;
    use linux_image::ImageHeader;
    use payload::{Format as P, PayloadError};

    use super::*;
    use crate::compress::Compression;
    use crate::fit_writer::FitWriter;

    fn format_of(bytes: &[u8]) -> Result<Option<P>, KernelFileError> {
        KernelFile::new(bytes.to_vec()).map(|file| file.format())
    }

    fn raw() -> Vec<u8> {
        let mut bytes = vec![0x5a; 4096];
        bytes[..64].copy_from_slice(&ImageHeader::new(0, 4096, 0xa).to_bytes());
        bytes
    }

    fn fit() -> Vec<u8> {
        let writer = FitWriter {
            kernel: &raw(),
            compression: "none",
            ramdisk: None,
            fdt: None,
            hashes: &[Algorithm::Crc32],
            command_line: None,
        };
        writer.write().bytes
    }

    #[test]
    fn takes_compressed_kernels_and_fits_as_they_are() {
        let compressed = |how: Compression| how.compress(&raw()).unwrap();
        for (bytes, format) in [
            (compressed(Compression::Gzip), P::Gzip),
            (compressed(Compression::Lz4), P::Lz4Frame),
            (compressed(Compression::Zstd), P::Zstd),
            (fit(), P::Fit),
        ] {
            assert_eq!(format_of(&bytes), Ok(Some(format)));
            assert_eq!(KernelFile::new(bytes.clone()).unwrap().bytes(), bytes);
        }
    }

    #[test]
    fn opens_what_is_packed() {
        let text = Compression::Gzip.compress(&[b'a'; 100]).unwrap();
        let not_image = |result| matches!(result, Err(KernelFileError::Payload(PayloadError::NotImage(_))));
        assert!(not_image(format_of(&text)));
        let cut = &Compression::Zstd.compress(&raw()).unwrap()[..6];
        assert!(matches!(format_of(cut), Err(KernelFileError::Payload(_))));
        let mut without_data = fit();
        without_data.truncate(4096);
        let error = format_of(&without_data).unwrap_err();
        assert_eq!(
            (error.code(), error.help()),
            ("fit-data", KernelFileError::Empty.help())
        );
    }

    #[test]
    fn makes_a_raw_kernel_ready_and_says_so() {
        let kernel = [ImageHeader::new(0, 0, 0xa).to_bytes().as_slice(), &[1; 36]].concat();
        let file = KernelFile::new(kernel).unwrap();
        assert_eq!(file.format(), None);
        assert!(file.notes()[1].contains("image_size is 0"));
        assert_eq!(ImageHeader::parse(file.bytes()).unwrap().image_size, 104);
    }

    #[test]
    fn names_what_a_wrong_file_is() {
        assert_eq!(format_of(b""), Err(KernelFileError::Empty));
        for (bytes, format) in [
            (&b"hello\n"[..], Format::Text),
            (b"\xfd7zXZ\0", Format::Payload(P::Xz)),
            (b"\x7fELF", Format::Payload(P::Elf)),
            (b"\xd0\x0d\xfe\xed", Format::Devicetree),
            (&vec![0xff; 64 << 20], Format::FlashImage),
        ] {
            assert_eq!(format_of(bytes), Err(KernelFileError::Format(format)));
        }
        let error = format_of(&[1; 100]).unwrap_err();
        assert_eq!(error.code(), "payload-unknown");
    }
}
