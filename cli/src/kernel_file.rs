//! [`KernelFile`]: a file that the user names as the kernel, in any of the forms that kernels come in.

use linux_image::ImageHeader;

use crate::format::Format;
use crate::kernel_file_error::KernelFileError;
use crate::raw_kernel::RawKernel;

/// A kernel file, checked.
#[derive(Clone, Debug)]
pub enum KernelFile {
    /// A raw arm64 Image.
    Raw(RawKernel),
    /// An Image that is compressed: gzip, LZ4, zstd or EFI zboot. It is written to the flash as it is.
    Compressed {
        /// How it is compressed.
        format: Format,
        /// The file.
        bytes: Vec<u8>,
    },
    /// A FIT. It is written to the flash as it is.
    Fit(Vec<u8>),
}

impl KernelFile {
    /// Finds out what the file is, and checks it.
    ///
    /// # Errors
    /// See [`KernelFileError`].
    pub fn new(bytes: Vec<u8>) -> Result<Self, KernelFileError> {
        if bytes.is_empty() {
            return Err(KernelFileError::Empty);
        }
        let error = match ImageHeader::parse(&bytes) {
            Ok(_) => return RawKernel::new(bytes).map(Self::Raw),
            Err(error) => error,
        };
        match Format::detect(&bytes) {
            Some(Format::Fit) => Ok(Self::Fit(bytes)),
            Some(format) if format.is_compressed_kernel() => Ok(Self::Compressed { format, bytes }),
            Some(format) => Err(KernelFileError::Format(format)),
            None => Err(KernelFileError::Image(error)),
        }
    }

    /// Its bytes, as they are written to the flash where they need no FIT.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Raw(kernel) => &kernel.bytes,
            Self::Compressed { bytes, .. } | Self::Fit(bytes) => bytes,
        }
    }

    /// What was changed in it, a sentence each.
    pub fn notes(&self) -> &[String] {
        match self {
            Self::Raw(kernel) => &kernel.notes,
            Self::Compressed { .. } | Self::Fit(_) => &[],
        }
    }

    /// What it is, where it is something better than raw.
    pub fn format(&self) -> Option<Format> {
        match self {
            Self::Raw(_) => None,
            Self::Compressed { format, .. } => Some(*format),
            Self::Fit(_) => Some(Format::Fit),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format_of(bytes: &[u8]) -> Result<Option<Format>, KernelFileError> {
        KernelFile::new(bytes.to_vec()).map(|file| file.format())
    }

    #[test]
    fn takes_compressed_kernels_and_fits_as_they_are() {
        for (start, format) in [
            (&b"\x1f\x8b\x08"[..], Format::Gzip),
            (b"\x02\x21\x4c\x18", Format::Lz4Legacy),
            (b"\x04\x22\x4d\x18", Format::Lz4),
            (b"\x28\xb5\x2f\xfd", Format::Zstd),
            (b"MZ\0\0zimg", Format::Zboot),
            (b"\xd0\x0d\xfe\xed\0\0\0\x01images\0", Format::Fit),
        ] {
            assert_eq!(format_of(start), Ok(Some(format)));
            assert_eq!(KernelFile::new(start.to_vec()).unwrap().bytes(), start);
        }
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
            (b"\xfd7zXZ\0", Format::Xz),
            (b"\x7fELF", Format::Elf),
            (&vec![0xff; 64 << 20], Format::FlashImage),
        ] {
            assert_eq!(format_of(bytes), Err(KernelFileError::Format(format)));
        }
        assert!(matches!(format_of(&[1; 100]), Err(KernelFileError::Image(_))));
    }
}
