//! [`Format`]: what a file is, by its first bytes: a payload, or something else that people have at
//! hand.

use std::fmt;

use devicetree::Blob;
use flash_image::map;
use linux_image::ImageHeader;
use phys_range::{MIB, PhysRange};

use crate::flash::in_memory;

/// Kinds of files that people have, or take for a kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A format that the bootloader knows too. A [`payload::Format::Fit`] is really one here.
    Payload(payload::Format),
    /// A device tree blob that is no FIT.
    Devicetree,
    /// All of the first flash.
    FlashImage,
    /// Nothing but text.
    Text,
    /// Nothing but erased flash.
    Erased,
}

impl Format {
    /// A FIT.
    pub const FIT: Self = Self::Payload(payload::Format::Fit);

    /// Returns what `bytes` begin with, if it is one of these.
    pub fn detect(bytes: &[u8]) -> Option<Self> {
        match payload::Format::detect(bytes) {
            Ok(payload::Format::Fit) if !is_fit(bytes) => Some(Self::Devicetree),
            Ok(format) => Some(Self::Payload(format)),
            Err(_) if is_flash_image(bytes) => Some(Self::FlashImage),
            Err(_) if bytes.starts_with(&[0xff; ImageHeader::SIZE_BYTES]) => Some(Self::Erased),
            Err(_) if is_text(bytes) => Some(Self::Text),
            Err(_) => None,
        }
    }

    /// Returns whether it is a file that the bootloader takes for a kernel, or for a kernel with
    /// what belongs to it.
    pub const fn is_bootable(self) -> bool {
        use payload::Format as P;
        matches!(
            self,
            Self::Payload(P::Image | P::Gzip | P::Lz4Legacy | P::Lz4Frame | P::Zstd | P::Zboot | P::Fit)
        )
    }

    /// Returns what to do with such a file where a kernel is needed.
    pub const fn help(self) -> &'static str {
        match self {
            Self::Payload(format) => help(format),
            Self::Devicetree => "this is for hardware description; name the kernel's raw Image",
            Self::FlashImage => "flint run --image FILE boots it, and flint inspect FILE says what is in it",
            Self::Text => "check that it is the file you mean; a kernel is arch/arm64/boot/Image of a Linux build",
            Self::Erased => "write a kernel there",
        }
    }
}

const fn help(format: payload::Format) -> &'static str {
    use payload::Format as P;
    match format {
        P::Image | P::Gzip | P::Lz4Legacy | P::Lz4Frame | P::Zstd | P::Zboot | P::Fit => {
            "flint image takes it as it is, and flint inspect says what is in it"
        }
        P::Xz => "decompress it first, and compress it again with --compress zstd if need be: xz -dc FILE > Image",
        P::Lzma => {
            "decompress it first, and compress it again with --compress zstd if need be: xz -dc --format=lzma FILE > Image"
        }
        P::Lzo => "decompress it first, and compress it again with --compress zstd if need be: lzop -dc FILE > Image",
        P::Bzip2 => {
            "decompress it first, and compress it again with --compress zstd if need be: bzip2 -dc FILE > Image"
        }
        P::Elf => {
            "make a raw Image of it: arch/arm64/boot/Image of a Linux build, or objcopy -O binary for your own kernel"
        }
        P::LegacyUimage => "take the kernel out: dumpimage -o Image FILE",
        P::ZImage32 | P::BzImage => "Flint boots 64-bit Arm; name the raw Image of an arm64 kernel",
        P::AndroidBoot => "take the kernel out with unpack_bootimg and decompress it where needed",
        P::Pe => "name the raw Image of an arm64 kernel, such as arch/arm64/boot/Image of a Linux build",
    }
}

/// No device tree for a kernel is larger (boot-protocol B3).
const DEVICETREE_MAX_BYTES: u64 = 2 * MIB;

/// Returns whether a device tree blob is a FIT: it has a node with images. One that cannot be read
/// is a FIT if it is too large for anything else.
fn is_fit(blob: &[u8]) -> bool {
    match Blob::parse(blob) {
        Ok(blob) => blob.root().child("images").is_some(),
        Err(_) => blob.len() as u64 > DEVICETREE_MAX_BYTES,
    }
}

/// The part of a file that has to be text for it to be taken for text.
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
            Self::Payload(payload::Format::Fit) => "a FIT",
            Self::Payload(format) => return format.fmt(f),
            Self::Devicetree => "a device tree blob",
            Self::FlashImage => "a flash image",
            Self::Text => "a text file",
            Self::Erased => "erased flash",
        })
    }
}

#[cfg(test)]
mod tests {
    use payload::Format as P;

    use super::*;
    use crate::fit_writer::FitWriter;

    fn fit() -> Vec<u8> {
        let writer = FitWriter {
            kernel: &[1; 5000],
            compression: "none",
            ramdisk: None,
            fdt: None,
            hashes: &[],
            command_line: None,
        };
        writer.write().bytes
    }

    #[test]
    fn knows_what_the_bootloader_knows() {
        assert_eq!(Format::detect(b"\x1f\x8b\x08\0"), Some(Format::Payload(P::Gzip)));
        assert_eq!(Format::detect(b"\xfd7zXZ\0"), Some(Format::Payload(P::Xz)));
        assert_eq!(Format::detect(b"\x01\x02\x03"), None);
        assert_eq!(Format::detect(b""), None);
    }

    #[test]
    fn tells_a_fit_from_a_device_tree() {
        let fit = fit();
        assert_eq!(Format::detect(&fit), Some(Format::FIT));
        let text = b"\0\0\0\x01images\0";
        let node = fit.windows(text.len()).position(|window| window == text).unwrap();
        let mut other = fit;
        other[node + 4] = b'I';
        assert_eq!(Format::detect(&other), Some(Format::Devicetree));
    }

    #[test]
    fn takes_a_broken_blob_for_a_fit_where_it_is_too_large_for_a_device_tree() {
        let mut broken = b"\xd0\x0d\xfe\xed".to_vec();
        broken.resize(2 << 20, 0xff);
        assert_eq!(Format::detect(&broken), Some(Format::Devicetree));
        broken.push(0xff);
        assert_eq!(Format::detect(&broken), Some(Format::FIT));
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
