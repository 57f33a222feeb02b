//! Flash images and settings blocks to test with.

use flash_image::{PayloadRecord, Settings, map};
use linux_image::ImageHeader;
use phys_range::PhysRange;

/// The header of a small kernel without an EFI stub, like the article's.
pub const HEADER: ImageHeader = ImageHeader {
    code0: 0x1400_0010,
    code1: 0,
    text_offset: 0x8_0000,
    image_size: 0x8000,
    flags: 0,
    res2: 0,
    res3: 0,
    res4: 0,
    res5: 0,
};

/// The same with an EFI stub, whose PE header follows at once.
pub const EFI_HEADER: ImageHeader = ImageHeader {
    code0: 0xfa40_5a4d,
    res5: 0x40,
    ..HEADER
};

/// All of the first flash: zero where nothing was written.
pub struct Flash(pub Vec<u8>);

impl Flash {
    pub fn new() -> Self {
        Self(vec![0; to_usize(map::FLASH_SIZE_BYTES)])
    }

    pub fn with_kernel(mut self, kernel: &[u8]) -> Self {
        self.part(map::KERNEL)[..kernel.len()].copy_from_slice(kernel);
        self
    }

    pub fn with_settings(mut self, settings: &Settings<'_>) -> Self {
        settings.write(self.part(map::SETTINGS)).unwrap();
        self
    }

    pub fn with_record(self, record: PayloadRecord) -> Self {
        self.with_settings(&Settings {
            payload: Some(record),
            ..Settings::default()
        })
    }

    pub fn part(&mut self, range: PhysRange) -> &mut [u8] {
        &mut self.0[to_usize(range.start())..to_usize(range.end())]
    }
}

pub fn to_usize(number: u64) -> usize {
    usize::try_from(number).unwrap()
}

/// A kernel file: the header, then bytes of which no two neighbours are the same.
pub fn kernel(header: ImageHeader, size_bytes: usize) -> Vec<u8> {
    let mut file = header.to_bytes().to_vec();
    file.extend((64..size_bytes).map(|position| u8::try_from(position % 251).unwrap()));
    file
}

/// A kernel file with a PE header whose one section ends at `pe_file_size`.
pub fn efi_kernel(header: ImageHeader, pe_file_size: u32, size_bytes: usize) -> Vec<u8> {
    let mut file = kernel(header, size_bytes);
    file[0x40..0x48].copy_from_slice(b"PE\0\0\x64\xaa\x01\0");
    file[0x54..0x56].copy_from_slice(&[0, 0]);
    file[0x68..0x6c].copy_from_slice(&(pe_file_size - 0x80).to_le_bytes());
    file[0x6c..0x70].copy_from_slice(&0x80_u32.to_le_bytes());
    file
}

/// A settings block with this body and a header that fits it.
pub fn block(body: &[u8]) -> Vec<u8> {
    let mut block = b"FLINTSET\x01\0\0\0".to_vec();
    block.extend(u32::try_from(body.len()).unwrap().to_le_bytes());
    let crc32 = crc32(&[block.as_slice(), body].concat());
    block.extend(crc32.to_le_bytes());
    block.extend([0; 4]);
    block.extend(body);
    block
}

/// A settings entry with its padding.
pub fn entry(tag: u32, value: &[u8]) -> Vec<u8> {
    let mut entry = tag.to_le_bytes().to_vec();
    entry.extend(u32::try_from(value.len()).unwrap().to_le_bytes());
    entry.extend(value);
    entry.resize(entry.len().next_multiple_of(8), 0);
    entry
}

/// CRC-32 as in zip, bit by bit: a second opinion on the one under test.
pub fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32| if crc & 1 == 0 { crc >> 1 } else { crc >> 1 ^ 0xedb8_8320 };
    !bytes
        .iter()
        .fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), |crc, _| step(crc)))
}
