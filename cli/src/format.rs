//! [`Format`]: what a file is, by its first bytes, where it is not the raw kernel that was hoped for.

use std::fmt;

use flash_image::map;
use linux_image::ImageHeader;
use phys_range::PhysRange;

use crate::flash::in_memory;

/// Kinds of files that people take for a raw Image, or get a raw Image from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// gzip, as in `Image.gz`.
    Gzip,
    /// Zstandard, as in `Image.zst`.
    Zstd,
    /// LZ4 in its current frame.
    Lz4,
    /// LZ4 in the frame that the kernel's own build makes, as in `Image.lz4`.
    Lz4Legacy,
    /// xz, as in `Image.xz`.
    Xz,
    /// bzip2, as in `Image.bz2`.
    Bzip2,
    /// An ELF file, as in `vmlinux`.
    Elf,
    /// A device tree blob without images.
    Devicetree,
    /// A FIT: a device tree blob that holds kernels.
    Fit,
    /// A PE file that wraps a compressed Image, as in `vmlinuz.efi`.
    Zboot,
    /// Any other PE file.
    Pe,
    /// U-Boot's image of before FIT.
    LegacyUimage,
    /// A kernel of 32-bit Arm.
    ZImage32,
    /// A kernel of x86.
    BzImage,
    /// Android's boot image.
    AndroidBoot,
    /// All of the first flash.
    FlashImage,
    /// Nothing but text.
    Text,
    /// Nothing but erased flash.
    Erased,
}

impl Format {
    /// What `bytes` begin with, if it is one of these.
    pub fn detect(bytes: &[u8]) -> Option<Self> {
        let has = |offset: usize, magic: &[u8]| bytes.get(offset..).is_some_and(|rest| rest.starts_with(magic));
        let fit = || {
            bytes
                .windows(FIT_NODE.len())
                .take(FIT_SEARCH_BYTES)
                .any(|window| window == FIT_NODE)
        };
        Some(match () {
            () if has(0, b"\x1f\x8b") => Self::Gzip,
            () if has(0, b"\x28\xb5\x2f\xfd") => Self::Zstd,
            () if has(0, b"\x04\x22\x4d\x18") => Self::Lz4,
            () if has(0, b"\x02\x21\x4c\x18") => Self::Lz4Legacy,
            () if has(0, b"\xfd7zXZ\0") => Self::Xz,
            () if has(0, b"BZh") => Self::Bzip2,
            () if has(0, b"\x7fELF") => Self::Elf,
            () if has(0, b"\xd0\x0d\xfe\xed") && fit() => Self::Fit,
            () if has(0, b"\xd0\x0d\xfe\xed") => Self::Devicetree,
            () if has(0, b"MZ") && has(4, b"zimg") => Self::Zboot,
            () if has(0x202, b"HdrS") => Self::BzImage,
            () if has(0, b"MZ") => Self::Pe,
            () if has(0, b"\x27\x05\x19\x56") => Self::LegacyUimage,
            () if has(36, b"\x18\x28\x6f\x01") => Self::ZImage32,
            () if has(0, b"ANDROID!") => Self::AndroidBoot,
            () if is_flash_image(bytes) => Self::FlashImage,
            () if has(0, &[0xff; 64]) => Self::Erased,
            () if is_text(bytes) => Self::Text,
            () => return None,
        })
    }

    /// Whether it is a kernel that the bootloader decompresses.
    pub const fn is_compressed_kernel(self) -> bool {
        matches!(
            self,
            Self::Gzip | Self::Zstd | Self::Lz4 | Self::Lz4Legacy | Self::Zboot
        )
    }

    /// What to do with such a file where a raw Image is needed.
    pub fn help(self) -> &'static str {
        match self {
            Self::Gzip => "flint image takes it as it is; to look at its header, decompress it: gzip -dc FILE > Image",
            Self::Zstd => "flint image takes it as it is; to look at its header, decompress it: zstd -dc FILE > Image",
            Self::Lz4 | Self::Lz4Legacy => {
                "flint image takes it as it is; to look at its header, decompress it: lz4 -dc FILE > Image"
            }
            Self::Xz => {
                "decompress it first, and compress it again with --compress zstd if need be: xz -dc FILE > Image"
            }
            Self::Bzip2 => {
                "decompress it first, and compress it again with --compress zstd if need be: bzip2 -dc FILE > Image"
            }
            Self::Elf => {
                "make a raw Image of it: arch/arm64/boot/Image of a Linux build, or objcopy -O binary for your own kernel"
            }
            Self::Fit => "flint image takes it as it is; mkimage -l lists what is in it",
            Self::Zboot => {
                "flint image takes it as it is; CONFIG_EFI_ZBOOT=n makes the kernel's build leave a raw Image"
            }
            Self::Devicetree => "this is for hardware description; name the kernel's raw Image",
            Self::LegacyUimage => "take the kernel out: dumpimage -o Image FILE",
            Self::ZImage32 | Self::BzImage => "Flint boots 64-bit Arm; name the raw Image of an arm64 kernel",
            Self::AndroidBoot => "take the kernel out with unpack_bootimg and decompress it where needed",
            Self::Pe => "name the raw Image of an arm64 kernel, such as arch/arm64/boot/Image of a Linux build",
            Self::FlashImage => "flint run --image FILE boots it, and flint inspect FILE says what is in it",
            Self::Text => "check that it is the file you mean; a kernel is arch/arm64/boot/Image of a Linux build",
            Self::Erased => "write a kernel there",
        }
    }
}

/// How the node that makes a device tree blob a FIT stands in it: the token FDT_BEGIN_NODE and the name.
const FIT_NODE: &[u8] = b"\0\0\0\x01images\0";
/// The nodes of a FIT may come after kernels of this size.
const FIT_SEARCH_BYTES: usize = 64 << 20;

/// How much of a file has to be text for it to be taken for text.
const TEXT_SEARCH_BYTES: usize = 4096;

/// A flash image has its size, or the settings block or the kernel in its place.
fn is_flash_image(bytes: &[u8]) -> bool {
    let at = |range: PhysRange| bytes.get(in_memory(range.start())..);
    bytes.len() as u64 == map::FLASH_SIZE_BYTES
        || at(map::SETTINGS).is_some_and(|sector| sector.starts_with(b"FLINTSET"))
        || at(map::KERNEL).is_some_and(|kernel| ImageHeader::parse(kernel).is_ok())
}

fn is_text(bytes: &[u8]) -> bool {
    let start = &bytes[..bytes.len().min(TEXT_SEARCH_BYTES)];
    let is_character = |byte: &u8| *byte >= 0x20 && *byte != 0x7f || matches!(byte, b'\n' | b'\r' | b'\t');
    let is_cut = |error: std::str::Utf8Error| error.error_len().is_none();
    !start.is_empty() && start.iter().all(is_character) && std::str::from_utf8(start).map_or_else(is_cut, |_| true)
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gzip => "a gzip file",
            Self::Zstd => "a zstd file",
            Self::Lz4 => "an LZ4 file",
            Self::Lz4Legacy => "an LZ4 file (legacy frame)",
            Self::Xz => "an xz file",
            Self::Bzip2 => "a bzip2 file",
            Self::Elf => "an ELF file",
            Self::Devicetree => "a device tree blob",
            Self::Fit => "a FIT image",
            Self::Zboot => "an EFI zboot kernel (a PE file that wraps a compressed Image)",
            Self::Pe => "a PE (EFI) file without an arm64 Image header",
            Self::LegacyUimage => "a legacy U-Boot image",
            Self::ZImage32 => "a kernel for 32-bit Arm (zImage)",
            Self::BzImage => "a kernel for x86 (bzImage)",
            Self::AndroidBoot => "an Android boot image",
            Self::FlashImage => "a flash image",
            Self::Text => "a text file",
            Self::Erased => "erased flash",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_compressed_files_by_their_first_bytes() {
        assert_eq!(Format::detect(b"\x1f\x8b\x08"), Some(Format::Gzip));
        assert_eq!(Format::detect(b"\x28\xb5\x2f\xfd"), Some(Format::Zstd));
        assert_eq!(Format::detect(b"\x02\x21\x4c\x18"), Some(Format::Lz4Legacy));
        assert_eq!(Format::detect(b"\xfd7zXZ\0"), Some(Format::Xz));
        assert_eq!(Format::detect(b"MZ\0\0zimg"), Some(Format::Zboot));
        assert_eq!(Format::detect(b"MZ\0\0"), Some(Format::Pe));
        assert_eq!(Format::detect(b"\x7fELF"), Some(Format::Elf));
        assert_eq!(Format::detect(b"\x01\x02\x03"), None);
        assert_eq!(Format::detect(b""), None);
    }

    #[test]
    fn tells_a_fit_from_a_device_tree() {
        assert_eq!(Format::detect(b"\xd0\x0d\xfe\xed\0\0\0\0"), Some(Format::Devicetree));
        assert_eq!(Format::detect(b"\xd0\x0d\xfe\xed\0\0\0\x01images\0"), Some(Format::Fit));
    }

    #[test]
    fn knows_text_even_where_the_look_at_it_ends_within_a_character() {
        assert_eq!(Format::detect("hello\tpeople\r\n".as_bytes()), Some(Format::Text));
        assert_eq!(Format::detect("ä".repeat(3000).as_bytes()), Some(Format::Text));
        assert_eq!(
            Format::detect(format!("x{}", "ä".repeat(3000)).as_bytes()),
            Some(Format::Text)
        );
        assert_eq!(Format::detect(b"hello\0"), None);
        assert_eq!(Format::detect(b"hello\xff\xfe"), None);
    }

    #[test]
    fn knows_flash_images_by_their_size_and_by_what_is_in_them() {
        assert_eq!(Format::detect(&vec![1; 64 << 20]), Some(Format::FlashImage));
        let mut short = vec![1; 0x10_0000];
        assert_eq!(Format::detect(&short), None);
        short[0x8_0000..0x8_0008].copy_from_slice(b"FLINTSET");
        assert_eq!(Format::detect(&short), Some(Format::FlashImage));
    }
}
