//! [`Archive`]: a cpio archive in the "newc" format, which is what an initramfs is
//! (Linux, Documentation/driver-api/early-userspace/buffer-format.rst).

/// The entry that ends an archive.
const TRAILER: &str = "TRAILER!!!";
/// Names and contents begin at multiples of this.
const ALIGNMENT_BYTES: usize = 4;

/// Kinds of entries, as in the upper bits of `st_mode`.
const DIRECTORY: u32 = 0o040_000;
const CHARACTER_DEVICE: u32 = 0o020_000;
const REGULAR_FILE: u32 = 0o100_000;

/// An archive in the making. Everything in it belongs to root and is of 1970, so the same parts
/// give the same bytes.
#[derive(Clone, Debug, Default)]
pub struct Archive {
    bytes: Vec<u8>,
    /// The number of the last entry: two entries with the same number would be one file with two
    /// names.
    inode: u32,
}

impl Archive {
    /// An archive with nothing in it.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a folder. It has to come before what is in it.
    #[must_use]
    pub fn directory(self, name: &str) -> Self {
        self.entry(name, DIRECTORY | 0o755, (0, 0), &[])
    }

    /// Adds a file that can be executed.
    #[must_use]
    pub fn program(self, name: &str, contents: &[u8]) -> Self {
        self.entry(name, REGULAR_FILE | 0o755, (0, 0), contents)
    }

    /// Adds a file.
    #[must_use]
    pub fn file(self, name: &str, contents: &[u8]) -> Self {
        self.entry(name, REGULAR_FILE | 0o644, (0, 0), contents)
    }

    /// Adds a character device with this major and minor number.
    #[must_use]
    pub fn character_device(self, name: &str, number: (u32, u32)) -> Self {
        self.entry(name, CHARACTER_DEVICE | 0o600, number, &[])
    }

    /// The finished archive.
    ///
    /// # Panics
    /// A file has 4 GiB or more, which the format cannot say.
    pub fn finish(self) -> Vec<u8> {
        self.entry(TRAILER, 0, (0, 0), &[]).bytes
    }

    fn entry(mut self, name: &str, mode: u32, device: (u32, u32), contents: &[u8]) -> Self {
        let is_trailer = name == TRAILER;
        self.inode += u32::from(!is_trailer);
        let size = |bytes: usize| u32::try_from(bytes).expect("a cpio archive holds no files of 4 GiB");
        let fields = [
            if is_trailer { 0 } else { self.inode },
            mode,
            0, // user
            0, // group
            1, // links
            0, // time
            size(contents.len()),
            0, // device that the file was on, major
            0, // and minor
            device.0,
            device.1,
            size(name.len() + 1),
            0, // checksum: this format has none
        ];
        self.bytes.extend(b"070701");
        for field in fields {
            self.bytes.extend(format!("{field:08x}").bytes());
        }
        self.bytes.extend(name.bytes());
        self.bytes.push(0);
        self.align();
        self.bytes.extend(contents);
        self.align();
        self
    }

    fn align(&mut self) {
        let aligned = self.bytes.len().next_multiple_of(ALIGNMENT_BYTES);
        self.bytes.resize(aligned, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_the_fields_of_the_format_in_their_order() {
        let bytes = Archive::new().character_device("dev/null", (1, 3)).finish();
        let header = "070701\
             00000001 00002180 00000000 00000000 00000001 00000000 00000000 \
             00000000 00000000 00000001 00000003 00000009 00000000";
        let expected = format!("{}dev/null\0", header.replace(' ', ""));
        assert!(bytes.starts_with(expected.as_bytes()));
        assert!(bytes.ends_with(b"TRAILER!!!\0\0\0\0"));
    }

    #[test]
    fn everything_begins_at_a_multiple_of_4() {
        let archive = Archive::new()
            .directory("bin")
            .program("bin/sh", b"12345")
            .file("a", b"6");
        let bytes = archive.finish();
        assert_eq!(bytes.len() % 4, 0);
        let starts = bytes.windows(6).enumerate().filter(|(_, window)| *window == b"070701");
        let starts: Vec<_> = starts.map(|(start, _)| start).collect();
        assert_eq!(starts.len(), 4);
        assert!(starts.iter().all(|start| start % 4 == 0));
        for contents in [b"12345".as_slice(), b"6\0\0\0"] {
            let at = bytes.windows(contents.len()).position(|window| window == contents);
            assert_eq!(at.map(|at| at % 4), Some(0));
        }
    }
}
