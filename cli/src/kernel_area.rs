//! [`KernelArea`]: what lies in the flash from 0x100000 on, made of a kernel and what belongs to
//! it.
//!
//! It is the smallest thing that does: the kernel file as it is, compressed where that was asked
//! for, and a FIT only where there is an initrd or a device tree beside it. The command line is in
//! the settings block, whatever this is.

use std::ops::Range;

use flash_image::map;
use hashes::Algorithm;
use payload::Format;

use crate::Error;
use crate::compress::Compression;
use crate::fit_writer::FitWriter;
use crate::kernel_file::KernelFile;
use crate::kernel_file_error::{KernelFileError, Needed};
use crate::size::grouped;

/// The parts of a [`KernelArea`].
#[derive(Clone, Debug)]
pub struct Ingredients {
    /// The kernel.
    pub kernel: KernelFile,
    /// How errors and tables call it: the name of its file, as a rule.
    pub kernel_name: String,
    /// How a raw kernel is to be compressed.
    pub compression: Compression,
    /// The initrd, and the name of its file.
    pub initrd: Option<(Vec<u8>, String)>,
    /// The device tree that takes the place of the machine's, and the name of its file.
    pub devicetree: Option<(Vec<u8>, String)>,
}

/// The contents of the flash from 0x100000 on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KernelArea {
    /// All of it.
    pub bytes: Vec<u8>,
    /// True if it is a raw kernel.
    pub is_raw: bool,
    /// What is in it. The first one is all of it.
    pub items: Vec<Item>,
    /// The changes that were made on the way, a sentence each.
    pub notes: Vec<String>,
}

/// A thing in a [`KernelArea`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its bytes.
    pub range: Range<usize>,
    /// What it is, and where it comes from.
    pub name: String,
}

/// A kernel as it is stored, alone or in a FIT.
struct Stored {
    bytes: Vec<u8>,
    /// What it is, and where it comes from.
    name: String,
    /// As the property of a FIT names it.
    compression: Compression,
    is_raw: bool,
}

impl Ingredients {
    /// Makes a kernel area of them that fits into the flash.
    ///
    /// # Errors
    /// They are too large, or do not go together: a FIT takes nothing more, and what is compressed
    /// is not compressed again.
    pub fn area(&self) -> Result<KernelArea, Error> {
        self.check_fit()?;
        let stored = self.stored()?;
        let size = |part: &Option<(Vec<u8>, String)>| part.as_ref().map_or(0, |(bytes, _)| bytes.len() as u64);
        let needed = Needed {
            total: 0,
            kernel: stored.bytes.len() as u64,
            kernel_is_raw: stored.is_raw,
            initrd: size(&self.initrd),
            devicetree: size(&self.devicetree),
        };
        let area = match self.needs_fit() {
            true => self.fit(&stored),
            false => self.alone(stored),
        };
        let total = area.bytes.len() as u64;
        match total > map::KERNEL.len() {
            true => Err(KernelFileError::TooLarge(Needed { total, ..needed }).about(&self.kernel_name)),
            false => Ok(area),
        }
    }

    /// The kernel alone, as it is stored, however large.
    ///
    /// # Errors
    /// What is compressed is not compressed again.
    pub fn kernel_bytes(&self) -> Result<Vec<u8>, Error> {
        self.stored().map(|stored| stored.bytes)
    }

    fn needs_fit(&self) -> bool {
        self.initrd.is_some() || self.devicetree.is_some()
    }

    fn check_fit(&self) -> Result<(), Error> {
        let (KernelFile::Fit(_), true) = (&self.kernel, self.needs_fit()) else {
            return Ok(());
        };
        let message = format!("{} is a FIT: its initrd and device tree are in it", self.kernel_name);
        Err(Error::usage(message)
            .help("leave out --initrd and --dtb, or give the kernel itself: dumpimage -T flat_dt -p 0 -o KERNEL FIT"))
    }

    fn stored(&self) -> Result<Stored, Error> {
        let bytes = self.kernel.bytes();
        let name = &self.kernel_name;
        let Some(format) = self.kernel.format() else {
            return self.compressed(bytes);
        };
        let compression = compression_of(format);
        let format = crate::format::Format::Payload(format);
        if self.compression != Compression::None {
            let message = format!("{name} is {format}, and is not compressed again");
            return Err(
                Error::usage(message).help("leave out --compress; what is compressed already is taken as it is")
            );
        }
        Ok(Stored {
            bytes: bytes.to_vec(),
            name: format!("{name}, {format}"),
            compression,
            is_raw: false,
        })
    }

    /// A raw kernel, compressed if that was asked for.
    fn compressed(&self, bytes: &[u8]) -> Result<Stored, Error> {
        let stored = self.compression.compress(bytes)?;
        let name = match self.compression {
            Compression::None => self.kernel_name.clone(),
            _ => {
                let percent = stored.len() * 100 / bytes.len().max(1);
                let whole = grouped(bytes.len() as u64);
                format!(
                    "{}, {}: {percent} % of {whole} bytes",
                    self.kernel_name, self.compression
                )
            }
        };
        Ok(Stored {
            bytes: stored,
            name,
            compression: self.compression,
            is_raw: self.compression == Compression::None,
        })
    }

    fn alone(&self, stored: Stored) -> KernelArea {
        let item = Item {
            range: 0..stored.bytes.len(),
            name: format!("kernel: {}", stored.name),
        };
        KernelArea {
            bytes: stored.bytes,
            is_raw: stored.is_raw,
            items: vec![item],
            notes: self.kernel.notes().to_vec(),
        }
    }

    fn fit(&self, stored: &Stored) -> KernelArea {
        let bytes_of = |part| Option::as_ref(part).map(|(bytes, _): &(Vec<u8>, String)| bytes.as_slice());
        let fit = FitWriter {
            kernel: &stored.bytes,
            compression: &stored.compression.to_string(),
            ramdisk: bytes_of(&self.initrd),
            fdt: bytes_of(&self.devicetree),
            hashes: &[Algorithm::Crc32],
            command_line: None,
        };
        let fit = fit.write();
        let item = |range, name| Item { range, name };
        let mut items = vec![
            item(0..fit.bytes.len(), "FIT, made of".into()),
            item(fit.kernel, format!("  kernel: {}", stored.name)),
        ];
        for (what, part, range) in [
            ("initrd", &self.initrd, fit.ramdisk),
            ("device tree", &self.devicetree, fit.fdt),
        ] {
            let named = part.as_ref().zip(range);
            items.extend(named.map(|((_, name), range)| item(range, format!("  {what}: {name}"))));
        }
        KernelArea {
            bytes: fit.bytes,
            is_raw: false,
            items,
            notes: self.kernel.notes().to_vec(),
        }
    }
}

/// Returns how a FIT calls the compression of a kernel file. An EFI zboot kernel brings its own
/// with it.
const fn compression_of(format: Format) -> Compression {
    match format {
        Format::Gzip => Compression::Gzip,
        Format::Lz4Frame | Format::Lz4Legacy => Compression::Lz4,
        Format::Zstd => Compression::Zstd,
        _ => Compression::None,
    }
}

#[cfg(test)]
mod tests {
    use linux_image::ImageHeader;

    use super::*;

    fn raw(size_bytes: usize) -> Vec<u8> {
        let mut bytes = vec![0x5a; size_bytes];
        bytes[..64].copy_from_slice(&ImageHeader::new(0, size_bytes as u64, 0xa).to_bytes());
        bytes
    }

    fn of(kernel: Vec<u8>) -> Ingredients {
        Ingredients {
            kernel: KernelFile::new(kernel).unwrap(),
            kernel_name: "Image".into(),
            compression: Compression::None,
            initrd: None,
            devicetree: None,
        }
    }

    fn with_initrd(kernel: Vec<u8>, size_bytes: usize) -> Ingredients {
        Ingredients {
            initrd: Some((vec![3; size_bytes], "initrd.img".into())),
            ..of(kernel)
        }
    }

    fn names(area: &KernelArea) -> Vec<&str> {
        area.items.iter().map(|item| item.name.as_str()).collect()
    }

    #[test]
    fn a_kernel_alone_is_stored_as_it_is() {
        let area = of(raw(4096)).area().unwrap();
        assert_eq!((&area.bytes, area.is_raw), (&raw(4096), true));
        assert_eq!(names(&area), ["kernel: Image"]);
        let gzip = Compression::Gzip.compress(&raw(4096)).unwrap();
        let area = of(gzip.clone()).area().unwrap();
        assert_eq!((&area.bytes, area.is_raw), (&gzip, false));
        assert_eq!(names(&area), ["kernel: Image, a gzip file"]);
    }

    #[test]
    fn a_kernel_alone_is_compressed_without_a_fit_around_it() {
        let ingredients = Ingredients {
            compression: Compression::Gzip,
            ..of(raw(4096))
        };
        let area = ingredients.area().unwrap();
        assert!(area.bytes.starts_with(b"\x1f\x8b") && !area.is_raw);
        assert!(
            names(&area)[0].ends_with("gzip: 1 % of 4,096 bytes"),
            "{:?}",
            area.items
        );
    }

    #[test]
    fn a_fit_holds_what_is_beside_a_kernel() {
        let ingredients = Ingredients {
            devicetree: Some((vec![4; 100], "board.dtb".into())),
            ..with_initrd(raw(4096), 10)
        };
        let area = ingredients.area().unwrap();
        assert_eq!(Format::detect(&area.bytes), Ok(Format::Fit));
        assert_eq!(
            names(&area),
            [
                "FIT, made of",
                "  kernel: Image",
                "  initrd: initrd.img",
                "  device tree: board.dtb"
            ]
        );
        assert_eq!(area.bytes[area.items[1].range.clone()], raw(4096));
        assert_eq!(area.bytes[area.items[2].range.clone()], [3; 10]);
        assert_eq!(area.bytes[area.items[3].range.clone()], [4; 100]);
    }

    #[test]
    fn a_fit_names_the_compression_of_its_kernel() {
        for how in [
            Compression::None,
            Compression::Gzip,
            Compression::Lz4,
            Compression::Zstd,
        ] {
            let area = with_initrd(how.compress(&raw(4096)).unwrap(), 1).area().unwrap();
            let fit = fit::Fit::parse(&area.bytes).unwrap();
            let named = fit.configuration().kernel.compression_name();
            assert_eq!(named, Some(how.to_string().as_str()));
        }
    }

    #[test]
    fn refuses_what_does_not_go_together() {
        let fit = with_initrd(raw(4096), 1).area().unwrap().bytes;
        let error = with_initrd(fit.clone(), 1).area().unwrap_err();
        assert_eq!(error.message(), "Image is a FIT: its initrd and device tree are in it");
        for (kernel, what) in [
            (fit, "a FIT"),
            (Compression::Gzip.compress(&raw(4096)).unwrap(), "a gzip file"),
        ] {
            let ingredients = Ingredients {
                compression: Compression::Zstd,
                ..of(kernel)
            };
            let error = ingredients.area().unwrap_err();
            assert_eq!(error.message(), format!("Image is {what}, and is not compressed again"));
        }
    }

    #[test]
    fn takes_all_of_the_room_and_no_more() {
        let room = 63 << 20;
        assert!(of(raw(room)).area().is_ok());
        let error = of(raw(room + 8)).area().unwrap_err();
        assert_eq!(
            error.message(),
            "Image: the kernel has 66,060,296 bytes; the flash has room for 66,060,288 bytes (63 MiB), from 0x100000 to its end \
             [kernel-file-too-large]"
        );
        assert!(error.help_text().unwrap().contains("--compress zstd"));
        let compressed = Ingredients {
            compression: Compression::Lz4,
            ..of(raw(room + 8))
        };
        assert!(compressed.area().is_ok());
    }

    #[test]
    fn says_what_is_too_large_together() {
        let together = with_initrd(raw(40 << 20), 24 << 20).area().unwrap_err();
        assert!(
            together.message().contains(
                "the kernel (41,943,040 bytes) with the initrd (25,165,824 bytes) makes a FIT of 67,112,960 bytes"
            ),
            "{together}"
        );
        assert!(together.help_text().unwrap().contains("--compress zstd"));
        let initrd = with_initrd(raw(4096), 63 << 20).area().unwrap_err();
        assert!(initrd.help_text().unwrap().contains("--fw-cfg"));
        let mut zstd = Compression::Zstd.compress(&raw(4096)).unwrap();
        zstd.resize((63 << 20) + 1, 0);
        assert!(
            of(zstd)
                .area()
                .unwrap_err()
                .help_text()
                .unwrap()
                .contains("smaller kernel")
        );
    }
}
