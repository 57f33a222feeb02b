//! [`FlashPayload`]: what lies at [`map::KERNEL`](crate::map::KERNEL), and how much of it there is.

use core::fmt;

use hashes::Crc32;
use linux_image::{ImageHeader, pe_file_size};

use crate::{FlashError, PayloadRecord};

/// The article's image tool rounds `image_size` up to this.
const IMAGE_SIZE_ALIGN_BYTES: u64 = 8;
/// So many erased bytes at the end of an EFI-stub kernel are no part of it.
pub(crate) const ERASED_END_BYTES: usize = 64;

/// The payload in the flash: a kernel, packed or not, or a FIT. What it is, is asked elsewhere;
/// here counts where it ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct FlashPayload<'a> {
    /// Its bytes. Of a raw arm64 Image just what must be copied to RAM: the file, or `image_size`
    /// bytes where nothing tells where it ends. That `image_size` is then a multiple of 8, not 0,
    /// and at least the length of `bytes`.
    pub bytes: &'a [u8],
    /// True if the payload ends where `bytes` end. If not, they go on to the end of the flash.
    pub end_is_known: bool,
}

impl<'a> FlashPayload<'a> {
    /// The payload at the start of `area`, which ends with the flash. `record` is what the settings
    /// say about it.
    pub(crate) fn parse(area: &'a [u8], record: Option<PayloadRecord>, crc32: Crc32) -> Result<Self, FlashError> {
        let written = record
            .and_then(|record| first_bytes(area, record.size_bytes))
            .unwrap_or(area);
        let image_size = match ImageHeader::parse(written) {
            Ok(header) => {
                check_image_size(header.image_size)?;
                Some(header.image_size)
            }
            Err(_) => None,
        };
        let bytes = match (record, image_size) {
            (Some(record), _) => recorded_bytes(area, record, image_size.unwrap_or(u64::MAX), crc32)?,
            (None, Some(image_size)) => unrecorded_bytes(area, image_size)?,
            (None, None) => area,
        };
        Ok(Self {
            bytes,
            end_is_known: record.is_some() || image_size.is_some(),
        })
    }
}

/// Without the bytes, which can be millions.
impl fmt::Debug for FlashPayload<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = format_args!("[u8; {}]", self.bytes.len());
        f.debug_struct("FlashPayload")
            .field("bytes", &bytes)
            .field("end_is_known", &self.end_is_known)
            .finish()
    }
}

/// The two rules that this flash format adds to booting.rst: the size is said, and it is a multiple
/// of 8.
fn check_image_size(image_size: u64) -> Result<(), FlashError> {
    if image_size == 0 {
        return Err(FlashError::ImageSizeZero);
    }
    if !image_size.is_multiple_of(IMAGE_SIZE_ALIGN_BYTES) {
        return Err(FlashError::ImageSizeUnaligned { image_size });
    }
    Ok(())
}

/// The file, as long as the record says and with the end that the record says.
fn recorded_bytes(area: &[u8], record: PayloadRecord, image_size: u64, crc32: Crc32) -> Result<&[u8], FlashError> {
    let PayloadRecord {
        size_bytes,
        tail_crc32: recorded,
    } = record;
    let past_flash = FlashError::RecordPastFlash {
        size_bytes,
        room_bytes: area.len(),
    };
    let bytes = first_bytes(area, size_bytes).ok_or(past_flash)?;
    if size_bytes > image_size {
        return Err(FlashError::ImageSizeShort { image_size, size_bytes });
    }
    let found = PayloadRecord::by(bytes, crc32).tail_crc32;
    if found == recorded {
        Ok(bytes)
    } else {
        Err(FlashError::TailCrc {
            size_bytes,
            recorded,
            found,
        })
    }
}

/// Returns what there is to copy by the headers alone: the file where it has a PE header, else all
/// that the kernel reserves.
fn unrecorded_bytes(area: &[u8], image_size: u64) -> Result<&[u8], FlashError> {
    let file_size = pe_file_size(area);
    let size_bytes = file_size.unwrap_or(image_size).min(image_size);
    let past_flash = FlashError::ImagePastFlash {
        size_bytes,
        room_bytes: area.len(),
    };
    let bytes = first_bytes(area, size_bytes).ok_or(past_flash)?;
    if file_size.is_some() && bytes.ends_with(&[0xff; ERASED_END_BYTES]) {
        return Err(FlashError::EndErased { size_bytes });
    }
    Ok(bytes)
}

/// The first `count` of `bytes`; `None` where there are not so many.
fn first_bytes(bytes: &[u8], count: u64) -> Option<&[u8]> {
    bytes.get(..usize::try_from(count).ok()?)
}
