//! [`Fit`]: a kernel and an initrd as U-Boot's `mkimage` packs them.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::compression::{Compression, missing_program, output};

/// A FIT: how its kernel is compressed, and where its data lies.
#[derive(Clone, Copy, Debug)]
pub struct Fit {
    compression: Compression,
    place: DataPlace,
}

/// The place where the data of a FIT lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataPlace {
    /// In its properties.
    Embedded,
    /// After it (`mkimage -E`).
    External,
}

impl Fit {
    /// A FIT with such a kernel.
    pub const fn new(compression: Compression, place: DataPlace) -> Self {
        Self { compression, place }
    }

    /// Returns why none can be made here, if so.
    pub fn missing() -> Option<String> {
        missing_program("mkimage", "-V", "u-boot-tools")
    }

    /// Makes it of these files; temporary files are made in `folder`.
    ///
    /// # Errors
    /// A tool fails.
    pub fn build(self, kernel: &Path, initrd: &Path, folder: &Path) -> anyhow::Result<Vec<u8>> {
        let compressed = folder.join("fit-kernel");
        fs::write(&compressed, self.compression.compress(kernel)?)?;
        let (source, fit) = (folder.join("fit.its"), folder.join("fit.itb"));
        fs::write(&source, self.source(&compressed, initrd))?;
        let mut mkimage = Command::new("mkimage");
        if self.place == DataPlace::External {
            mkimage.arg("-E");
        }
        output(mkimage.arg("-f").arg(source).arg(&fit))?;
        Ok(fs::read(fit)?)
    }

    /// The source text. Every algorithm that a hash can have is used by one image or the other.
    fn source(self, kernel: &Path, initrd: &Path) -> String {
        // Where U-Boot's users put the kernel, since there they must; here it is honoured or not.
        let addresses = "load = <0x40200000>; entry = <0x40200000>;";
        let kernel = image("kernel", kernel, self.compression, &["crc32", "sha256"], addresses);
        let initrd = image(
            "ramdisk",
            initrd,
            Compression::None,
            &["sha1", "md5", "sha384", "sha512"],
            "",
        );
        let mut source = String::from("/dts-v1/;\n/ {\n    description = \"Linux\";\n    #address-cells = <1>;\n");
        let configuration = "linux { description = \"Linux\"; kernel = \"kernel\"; ramdisk = \"ramdisk\"; };";
        // Writing to a string cannot fail.
        let _ = write!(
            source,
            "    images {{\n{kernel}{initrd}    }};\n    configurations {{\n        default = \"linux\";\n        \
             {configuration}\n    }};\n}};\n"
        );
        source
    }
}

/// A node in `images`, named by its type.
fn image(kind: &str, data: &Path, compression: Compression, hashes: &[&str], addresses: &str) -> String {
    let hashes = hashes
        .iter()
        .enumerate()
        .map(|(index, algorithm)| format!("hash-{} {{ algo = \"{algorithm}\"; }}; ", index + 1))
        .collect::<String>();
    format!(
        "        {kind} {{\n            description = \"{kind}\"; data = /incbin/(\"{}\"); type = \"{kind}\"; arch = \"arm64\"; \
         os = \"linux\";\n            compression = \"{}\"; {addresses} {hashes}\n        }};\n",
        data.display(),
        compression.fit_name()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit(place: DataPlace) -> Option<Vec<u8>> {
        if Fit::missing().is_some() {
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("part");
        fs::write(&file, b"the contents of a part").unwrap();
        Some(
            Fit::new(Compression::Gzip, place)
                .build(&file, &file, folder.path())
                .unwrap(),
        )
    }

    #[test]
    fn mkimage_takes_the_source_with_the_data_inside_or_after() {
        let (Some(embedded), Some(external)) = (fit(DataPlace::Embedded), fit(DataPlace::External)) else {
            return;
        };
        let tree_size = |bytes: &[u8]| u32::from_be_bytes(bytes[4..8].try_into().unwrap()) as usize;
        assert!(embedded.starts_with(&[0xd0, 0x0d, 0xfe, 0xed]));
        assert_eq!(tree_size(&embedded), embedded.len());
        assert!(tree_size(&external) < external.len());
        for text in [
            "gzip\0",
            "sha256\0",
            "crc32\0",
            "sha1\0",
            "md5\0",
            "sha384\0",
            "sha512\0",
            "the contents of a part",
        ] {
            for bytes in [&embedded, &external] {
                assert!(
                    bytes.windows(text.len()).any(|window| window == text.as_bytes()),
                    "{text}"
                );
            }
        }
    }
}
