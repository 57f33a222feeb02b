//! [`RawKernel`]: a raw arm64 Image, checked and made ready for the flash.

use linux_image::{ImageHeader, pe_file_size};

use crate::kernel_file_error::KernelFileError;

/// The header counts the kernel in units of this many bytes, so that any loader's copy loop comes
/// out even.
const IMAGE_SIZE_UNIT: u64 = 8;

/// A raw kernel as it is written to the flash.
#[derive(Clone, Debug)]
pub struct RawKernel {
    /// The file's bytes, with the header's `image_size` set where it had to be.
    pub bytes: Vec<u8>,
    /// The header that they open with.
    pub header: ImageHeader,
    /// The changes, a sentence each.
    pub notes: Vec<String>,
}

impl RawKernel {
    /// Checks a kernel file and makes it ready.
    ///
    /// # Errors
    /// See [`KernelFileError`].
    pub fn new(mut bytes: Vec<u8>) -> Result<Self, KernelFileError> {
        let mut header = ImageHeader::parse(&bytes).map_err(KernelFileError::Image)?;
        let size_bytes = bytes.len() as u64;
        check_size(&bytes)?;
        let mut notes = Vec::new();
        header.text_offset = text_offset_for(&header, &mut notes);
        header.image_size = image_size_for(&header, size_bytes, &mut notes)?;
        drop_padding(&mut bytes, header.image_size, &mut notes)?;
        bytes[..ImageHeader::SIZE_BYTES].copy_from_slice(&header.to_bytes());
        Ok(Self { bytes, header, notes })
    }
}

fn check_size(bytes: &[u8]) -> Result<(), KernelFileError> {
    let size_bytes = bytes.len() as u64;
    match pe_file_size(bytes) {
        Some(expected_bytes) if expected_bytes > size_bytes => Err(KernelFileError::Truncated {
            size_bytes,
            expected_bytes,
        }),
        _ => Ok(()),
    }
}

/// A header with `image_size` 0 means 0x80000, whatever its `text_offset` says (boot-protocol D5):
/// it shall not mean something else once it has a size.
fn text_offset_for(header: &ImageHeader, notes: &mut Vec<String>) -> u64 {
    let (found, meant) = (header.text_offset, header.text_offset());
    if found != meant {
        notes.push(format!(
            "the header's text_offset {found:#x}: set to {meant:#x}, which is what it means where image_size is 0"
        ));
    }
    meant
}

/// The header's `image_size`, or what to put in its place.
fn image_size_for(header: &ImageHeader, size_bytes: u64, notes: &mut Vec<String>) -> Result<u64, KernelFileError> {
    let found = header.image_size;
    let wanted = if found == 0 { size_bytes } else { found };
    let rounded = wanted
        .checked_next_multiple_of(IMAGE_SIZE_UNIT)
        .ok_or(KernelFileError::ImageSize { image_size: found })?;
    if found == 0 {
        notes.push(format!(
            "the header's image_size is 0: set to {rounded:#x}, the size of the file rounded up to a multiple of 8"
        ));
    } else if rounded != found {
        notes.push(format!(
            "the header's image_size {found:#x} is no multiple of 8: rounded up to {rounded:#x}"
        ));
    }
    Ok(rounded)
}

/// Bytes after `image_size` would not be copied by any loader, so there may be none but a little
/// padding.
fn drop_padding(bytes: &mut Vec<u8>, image_size: u64, notes: &mut Vec<String>) -> Result<(), KernelFileError> {
    let size_bytes = bytes.len() as u64;
    let Some(surplus) = size_bytes.checked_sub(image_size).filter(|surplus| *surplus > 0) else {
        return Ok(());
    };
    let kept = usize::try_from(image_size).unwrap_or(usize::MAX);
    let is_padding = surplus < IMAGE_SIZE_UNIT && bytes[kept..].iter().all(|byte| matches!(byte, 0 | 0xff));
    if !is_padding || kept < ImageHeader::SIZE_BYTES {
        return Err(KernelFileError::Surplus { size_bytes, image_size });
    }
    bytes.truncate(kept);
    notes.push(format!(
        "{surplus} bytes of padding after image_size {image_size:#x} are left out"
    ));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kernel(image_size: u64, size_bytes: usize) -> Vec<u8> {
        let mut bytes = vec![0x5a; size_bytes];
        let header = ImageHeader::new(0, image_size, 0xa);
        bytes[..64].copy_from_slice(&header.to_bytes());
        bytes
    }

    #[test]
    fn leaves_a_sound_kernel_as_it_is() {
        let bytes = kernel(0x2000, 0x1000);
        let ready = RawKernel::new(bytes.clone()).unwrap();
        assert_eq!((ready.bytes, ready.notes.len()), (bytes, 0));
    }

    #[test]
    fn patches_an_image_size_of_0_and_says_so() {
        let ready = RawKernel::new(kernel(0, 1001)).unwrap();
        assert_eq!(ImageHeader::parse(&ready.bytes).unwrap().image_size, 1008);
        assert_eq!(ready.bytes.len(), 1001);
        assert_eq!(ready.header.text_offset, 0x8_0000);
        assert!(ready.notes[0].contains("text_offset 0x0: set to 0x80000"));
        assert!(ready.notes[1].contains("image_size is 0: set to 0x3f0"));
    }

    #[test]
    fn rounds_an_odd_image_size_up_and_says_so() {
        let ready = RawKernel::new(kernel(1001, 1001)).unwrap();
        assert_eq!(ready.header.image_size, 1008);
        assert!(ready.notes[0].contains("rounded up to 0x3f0"));
        assert_eq!(
            RawKernel::new(kernel(u64::MAX, 100)).unwrap_err(),
            KernelFileError::ImageSize { image_size: u64::MAX }
        );
    }

    #[test]
    fn refuses_bytes_that_would_not_be_loaded_unless_they_are_padding() {
        assert_eq!(
            RawKernel::new(kernel(0x800, 0x1000)).unwrap_err(),
            KernelFileError::Surplus {
                size_bytes: 0x1000,
                image_size: 0x800
            }
        );
        assert!(RawKernel::new(kernel(96, 103)).is_err());
        let mut padded = kernel(96, 103);
        padded[96..].fill(0);
        let ready = RawKernel::new(padded).unwrap();
        assert_eq!((ready.bytes.len(), ready.notes.len()), (96, 1));
        assert!(RawKernel::new(kernel(8, 64)).is_err());
    }
}
