//! The payload of the bench: the Rust kernel, grown to a given size with bytes that no compression
//! shrinks.

use linux_image::ImageHeader;

use crate::Error;
use crate::kernel_file_error::KernelFileError;
use crate::raw_kernel::RawKernel;

/// The place where the article's kernel is linked to run, from the start of RAM on.
const TEXT_OFFSET: u64 = 0x8_0000;

/// The kernel with pseudo-random bytes behind it, `size_bytes` long; its header asks for just that,
/// as the article's does.
///
/// # Errors
/// `kernel` is no Image, or is longer or needs more memory than that.
pub(in crate::bench) fn padded(kernel: &[u8], size_bytes: u64) -> Result<Vec<u8>, Error> {
    let about = |error: KernelFileError| error.about("the Rust kernel");
    let header = ImageHeader::parse(kernel).map_err(|error| about(KernelFileError::Image(error)))?;
    if header.image_size.max(kernel.len() as u64) > size_bytes {
        return Err(about(KernelFileError::ImageSize {
            image_size: header.image_size,
        }));
    }
    let mut bytes = kernel.to_vec();
    let mut random = Random::default();
    while (bytes.len() as u64) < size_bytes {
        bytes.extend_from_slice(&random.next_word().to_le_bytes());
    }
    bytes.truncate(usize::try_from(size_bytes).unwrap_or(usize::MAX));
    let header = ImageHeader {
        text_offset: TEXT_OFFSET,
        image_size: size_bytes,
        ..header
    };
    bytes[..ImageHeader::SIZE_BYTES].copy_from_slice(&header.to_bytes());
    RawKernel::new(bytes).map(|payload| payload.bytes).map_err(about)
}

/// Pseudo-random numbers (xorshift64*): the same in every run.
struct Random(u64);

impl Default for Random {
    fn default() -> Self {
        Self(0x9e37_79b9_7f4a_7c15)
    }
}

impl Random {
    fn next_word(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kernel(image_size: u64) -> Vec<u8> {
        let header = ImageHeader::new(0, image_size, 0xa);
        [header.to_bytes().as_slice(), &[7; 100]].concat()
    }

    #[test]
    fn grows_a_kernel_to_the_byte() {
        let payload = padded(&kernel(0x1000), 0x10008).unwrap();
        let header = ImageHeader::parse(&payload).unwrap();
        assert_eq!(
            (payload.len(), header.image_size, header.text_offset),
            (0x10008, 0x10008, TEXT_OFFSET)
        );
        assert_eq!(payload[64..164], [7; 100]);
        assert_ne!(payload[164..1164], payload[1164..2164]);
    }

    #[test]
    fn refuses_a_kernel_that_needs_more() {
        assert!(padded(&kernel(0x1001), 0x1000).is_err());
        assert!(padded(&[0; 64], 0x1000).is_err());
    }
}
