//! Images to test with.

use linux_image::ImageHeader;

/// The header of a stock Debian 12 kernel (6.1, arm64 cloud flavour).
pub const DEBIAN: ImageHeader = ImageHeader {
    code0: 0xfa40_5a4d,
    code1: 0x144e_6346,
    text_offset: 0,
    image_size: 0x1ab_0000,
    flags: 0xa,
    res2: 0,
    res3: 0,
    res4: 0,
    res5: 0x40,
};

/// The section table of the same kernel: size and start of the raw data of `.text` and `.data`.
pub const DEBIAN_SECTIONS: [(u32, u32); 2] = [(0x144_0000, 0x1_0000), (0x5b_9a00, 0x145_0000)];

/// The place where [`efi_image`] has the number of sections.
pub const SECTION_COUNT_OFFSET: usize = 0x46;

/// The headers of a kernel with an EFI stub and these sections (size and start of the raw data).
pub fn efi_image(header: ImageHeader, sections: &[(u32, u32)]) -> Vec<u8> {
    let mut image = header.to_bytes().to_vec();
    image.extend(b"PE\0\0");
    image.extend(0xaa64_u16.to_le_bytes());
    image.extend(u16::try_from(sections.len()).unwrap().to_le_bytes());
    image.extend([0; 12]);
    image.extend(160_u16.to_le_bytes());
    image.extend([0; 2 + 160]);
    for (size, start) in sections {
        image.extend([0; 16]);
        image.extend(size.to_le_bytes());
        image.extend(start.to_le_bytes());
        image.extend([0; 16]);
    }
    image
}
