//! Properties that hold for any bytes.

use linux_image::{ImageHeader, pe_file_size};
use proptest::prelude::*;

use crate::fixtures::{DEBIAN, DEBIAN_SECTIONS, efi_image};

prop_compose! {
    fn any_header()(
        (code0, code1, res5) in any::<(u32, u32, u32)>(),
        (text_offset, image_size, flags) in any::<(u64, u64, u64)>(),
        (res2, res3, res4) in any::<(u64, u64, u64)>(),
    ) -> ImageHeader {
        ImageHeader { code0, code1, text_offset, image_size, flags, res2, res3, res4, res5 }
    }
}

proptest! {
    #[test]
    fn a_header_survives_the_way_to_bytes_and_back(
        header in any_header(),
        after in prop::collection::vec(any::<u8>(), 0..100),
    ) {
        let mut bytes = header.to_bytes().to_vec();
        bytes.extend(after);
        prop_assert_eq!(ImageHeader::parse(&bytes), Ok(header));
    }

    #[test]
    fn bytes_that_are_taken_survive_the_way_to_a_header_and_back(mut bytes in any::<[[u8; 32]; 2]>()) {
        bytes[1][24..28].copy_from_slice(&ImageHeader::MAGIC.to_le_bytes());
        let header = ImageHeader::parse(bytes.as_flattened()).unwrap();
        prop_assert_eq!(&header.to_bytes(), bytes.as_flattened());
    }

    #[test]
    fn no_bytes_cause_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(header) = ImageHeader::parse(&bytes) {
            let _ = (header.text_offset(), header.reserved_size());
        }
        let _ = pe_file_size(&bytes);
    }

    #[test]
    fn no_damage_to_a_pe_header_causes_a_panic(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..10),
        length in any::<prop::sample::Index>(),
    ) {
        let mut image = efi_image(DEBIAN, &DEBIAN_SECTIONS);
        for (place, value) in changes {
            *place.get_mut(&mut image) = value;
        }
        let image = &image[..length.index(image.len() + 1)];
        let _ = ImageHeader::parse(image);
        prop_assert!(pe_file_size(image).is_none_or(|size| size >= 64));
    }
}
