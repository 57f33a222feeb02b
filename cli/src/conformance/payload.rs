//! [`Payload`]: the kernel that checks the protocol from inside, with the header that a boot shall
//! be held to.

use clap::ValueEnum;
use linux_image::{ImageHeader, PageSize};
use phys_range::MIB;
use serde::Deserialize;

/// The symbol of where CPUs enter the payload that it turns on.
pub const LATER_ENTRY: &str = "other_start";

/// The payload, with some header.
#[derive(Clone, Debug)]
pub struct Payload {
    /// The Image.
    pub image: Vec<u8>,
    /// Its header.
    pub header: ImageHeader,
    /// Which header that is.
    pub variant: Variant,
    /// The place where CPUs enter that the payload turns on, in bytes from its start.
    pub later_entry: Option<u64>,
    /// The header that it was built with.
    built: ImageHeader,
    entered_by: EnteredBy,
}

/// The program that enters the payload at its first instruction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EnteredBy {
    /// The loader.
    #[default]
    Loader,
    /// The payload's own EFI stub: the loader starts it as an EFI program.
    EfiStub,
}

/// A header that the protocol allows. The payload behind it is the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Variant {
    /// As Linux has it today: anywhere, pages of 4 KiB
    Plain,
    /// Flag bit 3 clear: as low in RAM as possible
    Low,
    /// 0x80000 above a multiple of 2 MiB, as low in RAM as possible
    Offset,
    /// Pages of 16 KiB
    Pages16k,
    /// Pages of 64 KiB
    Pages64k,
    /// Pages of a size that the header does not tell
    PagesUnknown,
    /// Bits that are reserved are set
    Reserved,
    /// 16 MiB of memory behind the file
    Large,
    /// It opens with the bytes MZ, by which EFI knows a program
    Efi,
    /// Flag bit 0 set: the kernel will turn to big endian by itself
    BigEndian,
    /// From before v3.17: the header does not tell a size
    NoSize,
}

/// The fields of a header that may be mended where it tells no size: text_offset and image_size.
const MENDED: std::ops::Range<usize> = 8..24;

/// The flags of a Linux of today: little endian, pages of 4 KiB, anywhere.
const ANYWHERE_FLAG: u64 = 1 << 3;
const BIG_ENDIAN_FLAG: u64 = 1;
const PAGES_SHIFT: u32 = 1;
const RESERVED: u64 = 0x5a5a_5a5a_5a5a_5a50;
/// An instruction that does nothing that matters (`ccmp x18, #0, #0xd, pl`), and whose bytes begin
/// with `MZ`.
const MZ: u32 = 0xfa40_5a4d;
/// The place where the payload has its PE header, which EFI follows and nobody else is to.
const PE_HEADER: u32 = ImageHeader::SIZE_BYTES as u32;
const BRANCH: u32 = 0b000101 << 26;
const BRANCH_OFFSET: u32 = (1 << 26) - 1;

impl Payload {
    /// The payload whose Image this is, with another header; one that EFI takes for that of a
    /// program, where its EFI stub is to enter it.
    ///
    /// # Errors
    /// It is no Image.
    pub fn new(
        image: &[u8],
        later_entry: Option<u64>,
        variant: Variant,
        entered_by: EnteredBy,
    ) -> Result<Self, linux_image::ImageError> {
        let built = ImageHeader::parse(image)?;
        let payload = Self {
            image: image.to_vec(),
            header: built,
            variant,
            later_entry,
            built,
            entered_by,
        };
        Ok(payload.with(variant))
    }

    /// The same with the header of this variant.
    pub fn with(&self, variant: Variant) -> Self {
        let header = match self.entered_by {
            EnteredBy::EfiStub => of_efi_program(variant.header(self.built)),
            EnteredBy::Loader => variant.header(self.built),
        };
        let mut image = self.image.clone();
        image[..ImageHeader::SIZE_BYTES].copy_from_slice(&header.to_bytes());
        Self {
            image,
            header,
            variant,
            ..*self
        }
    }

    /// Returns where what is in memory differs from the Image, as far as both go.
    pub fn difference(&self, memory: &[u8]) -> Option<usize> {
        let is_mended = |offset| self.variant == Variant::NoSize && MENDED.contains(&offset);
        let mut pairs = self.image.iter().zip(memory).enumerate();
        pairs.find_map(|(offset, (file, memory))| (file != memory && !is_mended(offset)).then_some(offset))
    }
}

impl Variant {
    /// Its name, as it is chosen by.
    pub fn name(self) -> String {
        let value = self.to_possible_value();
        value.map_or_else(String::new, |value| value.get_name().into())
    }

    /// The size of pages that the CPU has to know.
    pub fn page_size(self) -> PageSize {
        match self {
            Self::Pages16k => PageSize::Kib16,
            Self::Pages64k => PageSize::Kib64,
            Self::PagesUnknown => PageSize::Unspecified,
            _ => PageSize::Kib4,
        }
    }

    fn header(self, built: ImageHeader) -> ImageHeader {
        let pages = self.page_size() as u64;
        let plain = ImageHeader {
            text_offset: 0,
            flags: ANYWHERE_FLAG | pages << PAGES_SHIFT,
            ..built
        };
        let low = plain.flags & !ANYWHERE_FLAG;
        match self {
            Self::Plain | Self::Pages16k | Self::Pages64k | Self::PagesUnknown => plain,
            Self::Low => ImageHeader { flags: low, ..plain },
            Self::Offset => ImageHeader {
                text_offset: 0x8_0000,
                flags: low,
                ..plain
            },
            Self::Reserved => ImageHeader {
                flags: plain.flags | RESERVED,
                res2: RESERVED,
                res3: RESERVED,
                res4: RESERVED,
                ..plain
            },
            Self::Large => ImageHeader {
                image_size: plain.image_size + 16 * MIB,
                ..plain
            },
            Self::BigEndian => ImageHeader {
                flags: plain.flags | BIG_ENDIAN_FLAG,
                ..plain
            },
            Self::NoSize => ImageHeader {
                image_size: 0,
                flags: 0,
                ..plain
            },
            Self::Efi => of_efi_program(plain),
        }
    }
}

/// The same with the signature of an EFI program. It is not there from the first: a payload that
/// opens with another instruction than a branch cannot tell whether it was entered there or one
/// word later (O1).
fn of_efi_program(header: ImageHeader) -> ImageHeader {
    if header.code0 == MZ {
        return header;
    }
    ImageHeader {
        code0: MZ,
        code1: one_word_later(header.code0),
        res5: PE_HEADER,
        ..header
    }
}

/// The branch to the same place from one word further on.
fn one_word_later(branch: u32) -> u32 {
    BRANCH | ((branch & BRANCH_OFFSET).wrapping_sub(1) & BRANCH_OFFSET)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image() -> Vec<u8> {
        let mut image = vec![7; 4096];
        image[..64].copy_from_slice(&ImageHeader::new(0, 0x2000, 0).to_bytes());
        image
    }

    fn variant(variant: Variant) -> ImageHeader {
        let payload = Payload::new(&image(), Some(0x100), variant, EnteredBy::Loader).unwrap();
        assert_eq!(payload.image[64..], image()[64..]);
        assert_eq!(ImageHeader::parse(&payload.image), Ok(payload.header));
        payload.header
    }

    #[test]
    fn every_variant_is_another_header_of_the_same_payload() {
        assert_eq!(variant(Variant::Plain).flags, 0xa);
        assert_eq!(variant(Variant::Low).flags, 0x2);
        assert_eq!(
            (variant(Variant::Offset).text_offset, variant(Variant::Offset).flags),
            (0x8_0000, 0x2)
        );
        assert_eq!(variant(Variant::Pages16k).page_size(), PageSize::Kib16);
        assert_eq!(variant(Variant::Pages64k).page_size(), PageSize::Kib64);
        assert_eq!(variant(Variant::PagesUnknown).page_size(), PageSize::Unspecified);
        assert_eq!(variant(Variant::Reserved).flags & 0xf, 0xa);
        assert_eq!(variant(Variant::Large).image_size, 0x100_2000);
        assert_eq!(variant(Variant::BigEndian).flags, 0xb);
        assert_eq!(
            (
                variant(Variant::NoSize).text_offset(),
                variant(Variant::NoSize).image_size
            ),
            (0x8_0000, 0)
        );
    }

    #[test]
    fn a_header_without_a_size_may_be_mended_on_the_way() {
        let payload = |variant| Payload::new(&image(), None, variant, EnteredBy::Loader).unwrap();
        let mut memory = payload(Variant::NoSize).image;
        memory[16] = 1;
        assert_eq!(payload(Variant::NoSize).difference(&memory), None);
        memory[100] ^= 1;
        assert_eq!(payload(Variant::NoSize).difference(&memory), Some(100));
        let mut memory = payload(Variant::Plain).image;
        memory[16] ^= 1;
        assert_eq!(payload(Variant::Plain).difference(&memory), Some(16));
    }

    #[test]
    fn the_branch_of_an_efi_header_leads_where_the_first_one_did() {
        let header = variant(Variant::Efi);
        assert!(header.to_bytes().starts_with(b"MZ"));
        assert_eq!(header.code1, 0x1400_000f);
        assert_eq!(one_word_later(BRANCH), 0x17ff_ffff);
    }

    #[test]
    fn every_variant_is_an_efi_program_where_the_stub_enters_it() {
        for variant in Variant::value_variants() {
            let header = |by| Payload::new(&image(), None, *variant, by).unwrap().header;
            let (program, other) = (header(EnteredBy::EfiStub), header(EnteredBy::Loader));
            assert!(program.to_bytes().starts_with(b"MZ"), "{variant:?}");
            assert_eq!(program.to_bytes()[8..60], other.to_bytes()[8..60], "{variant:?}");
            assert_eq!((program.code1, program.res5), (0x1400_000f, 0x40), "{variant:?}");
        }
    }
}
