//! The header's fields and what they mean.

use linux_image::{Endianness, ImageError, ImageHeader, PageSize, Placement};

use crate::fixtures::DEBIAN;

/// Every field different, so that no two can be mixed up.
const DISTINCT: ImageHeader = ImageHeader {
    code0: 0x0706_0504,
    code1: 0x1716_1514,
    text_offset: 0x2726_2524_2322_2120,
    image_size: 0x3736_3534_3332_3130,
    flags: 0x4746_4544_4342_4140,
    res2: 0x5756_5554_5352_5150,
    res3: 0x6766_6564_6362_6160,
    res4: 0x7776_7574_7372_7170,
    res5: 0x8786_8584,
};

fn with_flags(flags: u64) -> ImageHeader {
    ImageHeader::parse(&ImageHeader { flags, ..DEBIAN }.to_bytes()).unwrap()
}

#[test]
fn d1_finds_the_magic_at_byte_56() {
    let bytes = DEBIAN.to_bytes();
    assert_eq!(&bytes[56..60], b"ARM\x64");
    assert_eq!(ImageHeader::parse(&bytes), Ok(DEBIAN));
}

#[test]
fn d1_refuses_a_magic_that_is_wrong_in_any_bit() {
    for bit in 0..32 {
        let mut bytes = DEBIAN.to_bytes();
        bytes[56 + bit / 8] ^= 1 << (bit % 8);
        assert_eq!(
            ImageHeader::parse(&bytes),
            Err(ImageError::Magic {
                found: ImageHeader::MAGIC ^ 1 << bit
            })
        );
    }
}

#[test]
fn d1_refuses_a_magic_in_the_wrong_byte_order() {
    let mut bytes = DEBIAN.to_bytes();
    bytes[56..60].reverse();
    assert_eq!(
        ImageHeader::parse(&bytes),
        Err(ImageError::Magic { found: 0x4152_4d64 })
    );
}

#[test]
fn d2_reads_every_field_little_endian_from_its_place() {
    let mut bytes = [0; 64];
    bytes[0..4].copy_from_slice(&[0x04, 0x05, 0x06, 0x07]);
    bytes[4..8].copy_from_slice(&[0x14, 0x15, 0x16, 0x17]);
    for (field, chunk) in bytes[8..56].chunks_exact_mut(8).enumerate() {
        for (byte, place) in chunk.iter_mut().enumerate() {
            *place = u8::try_from(0x20 + field * 0x10 + byte).unwrap();
        }
    }
    bytes[56..60].copy_from_slice(b"ARM\x64");
    bytes[60..64].copy_from_slice(&[0x84, 0x85, 0x86, 0x87]);
    assert_eq!(ImageHeader::parse(&bytes), Ok(DISTINCT));
    assert_eq!(DISTINCT.to_bytes(), bytes);
}

#[test]
fn d3_d4_take_any_code_and_any_pe_offset() {
    for (code0, res5) in [(0, 0), (0xfa40_5a4d, 0x40), (0x1400_0010, 0), (u32::MAX, u32::MAX)] {
        let header = ImageHeader {
            code0,
            code1: !code0,
            res5,
            ..DEBIAN
        };
        assert_eq!(ImageHeader::parse(&header.to_bytes()), Ok(header));
    }
}

#[test]
fn d5_image_size_zero_means_text_offset_0x80000_whatever_the_field_says() {
    for text_offset in [0, 0x8_0000, 0x8_0000_u64.swap_bytes(), u64::MAX] {
        let header = ImageHeader::parse(
            &ImageHeader {
                text_offset,
                image_size: 0,
                ..DEBIAN
            }
            .to_bytes(),
        )
        .unwrap();
        assert_eq!(header.text_offset(), 0x8_0000);
        assert_eq!(header.text_offset, text_offset);
    }
}

#[test]
fn d6_image_size_not_zero_means_that_text_offset_is_respected() {
    for text_offset in [0, 0x8_0000, 0x20_0000, u64::MAX] {
        let header = ImageHeader::parse(
            &ImageHeader {
                text_offset,
                image_size: 1,
                ..DEBIAN
            }
            .to_bytes(),
        )
        .unwrap();
        assert_eq!(header.text_offset(), text_offset);
    }
}

#[test]
fn d7_flags_bit_0_is_the_byte_order_and_changes_nothing_else() {
    assert_eq!(with_flags(0).endianness(), Endianness::Little);
    assert_eq!(with_flags(!1).endianness(), Endianness::Little);
    assert_eq!(with_flags(1).endianness(), Endianness::Big);
    let big = with_flags(DEBIAN.flags | 1);
    assert_eq!(big.text_offset(), DEBIAN.text_offset());
    assert_eq!(big.reserved_size(), DEBIAN.reserved_size());
}

#[test]
fn d8_flags_bits_1_and_2_are_the_page_size() {
    let sizes = [PageSize::Unspecified, PageSize::Kib4, PageSize::Kib16, PageSize::Kib64];
    for (value, page_size) in (0..).zip(sizes) {
        assert_eq!(with_flags(value << 1).page_size(), page_size);
        assert_eq!(with_flags(!0b110 | value << 1).page_size(), page_size);
    }
}

#[test]
fn d9_flags_bit_3_clear_means_near_the_base_of_ram() {
    assert_eq!(with_flags(0).placement(), Placement::NearRamBase);
    assert_eq!(with_flags(!0b1000).placement(), Placement::NearRamBase);
}

#[test]
fn d10_flags_bit_3_set_means_anywhere() {
    assert_eq!(with_flags(0b1000).placement(), Placement::Anywhere);
    assert_eq!(DEBIAN.placement(), Placement::Anywhere);
}

#[test]
fn d11_takes_and_keeps_reserved_flags_and_fields() {
    let header = ImageHeader {
        flags: !0xf,
        res2: u64::MAX,
        res3: 1,
        res4: 1 << 63,
        ..DEBIAN
    };
    let parsed = ImageHeader::parse(&header.to_bytes()).unwrap();
    assert_eq!(parsed, header);
    assert_eq!(parsed.endianness(), Endianness::Little);
    assert_eq!(parsed.page_size(), PageSize::Unspecified);
    assert_eq!(parsed.placement(), Placement::NearRamBase);
}

#[test]
fn d12_image_size_zero_means_no_bound_on_the_memory_to_reserve() {
    let of = |image_size| {
        ImageHeader::parse(&ImageHeader { image_size, ..DEBIAN }.to_bytes())
            .unwrap()
            .reserved_size()
    };
    assert_eq!(of(0), None);
    assert_eq!(of(1), Some(1));
    assert_eq!(of(u64::MAX), Some(u64::MAX));
}

#[test]
fn reads_the_first_64_bytes_only() {
    let mut bytes = DISTINCT.to_bytes().to_vec();
    bytes.extend([0xa5; 1000]);
    assert_eq!(ImageHeader::parse(&bytes), Ok(DISTINCT));
}

#[test]
fn refuses_every_length_below_64() {
    let bytes = DEBIAN.to_bytes();
    for length_bytes in 0..64 {
        assert_eq!(
            ImageHeader::parse(&bytes[..length_bytes]),
            Err(ImageError::TooShort { length_bytes })
        );
    }
}

#[test]
fn says_what_the_flags_mean() {
    assert_eq!(Endianness::Little.to_string(), "little endian");
    assert_eq!(Endianness::Big.to_string(), "big endian");
    assert_eq!(PageSize::Unspecified.to_string(), "pages of unspecified size");
    assert_eq!(PageSize::Kib4.to_string(), "4 KiB pages");
    assert_eq!(PageSize::Kib16.to_string(), "16 KiB pages");
    assert_eq!(PageSize::Kib64.to_string(), "64 KiB pages");
    assert_eq!(Placement::NearRamBase.to_string(), "as low in RAM as possible");
    assert_eq!(Placement::Anywhere.to_string(), "anywhere in RAM");
}
