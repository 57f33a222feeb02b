//! [`SettingsError`]: why a settings block cannot be read or written.

use core::fmt;

use crate::PayloadRecord;
use crate::settings::COMMAND_LINE_MAX_BYTES;
use crate::settings_header::{HEADER_SIZE_BYTES, MAGIC, VERSION};

/// Why a settings block cannot be read or written; offsets are bytes from its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingsError {
    /// The sector is shorter than the header of the block.
    TooShort {
        /// The size of the sector.
        length_bytes: usize,
    },
    /// The sector is neither empty nor does it open with the magic.
    Magic {
        /// What it opens with.
        found: [u8; 8],
    },
    /// The block is in a format of another version.
    Version {
        /// Its version.
        found: u32,
    },
    /// The reserved word of the header is not 0.
    Reserved {
        /// What it is.
        found: u32,
    },
    /// The body would pass the end of the sector.
    BodyLength {
        /// The length of the body, by the header.
        body_bytes: u32,
        /// What the sector has after the header.
        room_bytes: usize,
    },
    /// The block was damaged, or not written to its end.
    Crc {
        /// The CRC-32 in the header.
        stored: u32,
        /// The CRC-32 of what is there.
        found: u32,
    },
    /// An entry would pass the end of the body.
    EntryPastEnd {
        /// Where the entry starts.
        offset: usize,
        /// How many bytes it takes, padding included.
        needed_bytes: usize,
        /// What the body has from there on.
        room_bytes: usize,
    },
    /// An entry has a tag that this version does not have.
    UnknownTag {
        /// The tag.
        tag: u32,
        /// Where the entry starts.
        offset: usize,
    },
    /// Two entries have the same tag.
    DuplicateTag {
        /// The tag.
        tag: u32,
        /// Where the second of the two starts.
        offset: usize,
    },
    /// The command line is longer than [`COMMAND_LINE_MAX_BYTES`].
    CommandLineLength {
        /// Its length.
        length_bytes: usize,
    },
    /// The command line is not UTF-8, or has a NUL byte.
    CommandLineText {
        /// How many bytes of it are good.
        position: usize,
        /// The byte that is not.
        byte: u8,
    },
    /// The payload record does not have its size.
    PayloadRecordLength {
        /// The size that it has.
        length_bytes: usize,
    },
    /// The sector is too small for the settings that should be written to it.
    NoRoom {
        /// The size of the block.
        needed_bytes: usize,
        /// The size of the sector.
        room_bytes: usize,
    },
}

impl SettingsError {
    /// The error's name for `flint explain`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooShort { .. } => "flash-settings-too-short",
            Self::Magic { .. } => "flash-settings-magic",
            Self::Version { .. } => "flash-settings-version",
            Self::Reserved { .. } => "flash-settings-reserved",
            Self::BodyLength { .. } => "flash-settings-length",
            Self::Crc { .. } => "flash-settings-crc",
            Self::EntryPastEnd { .. } => "flash-settings-entry",
            Self::UnknownTag { .. } => "flash-settings-tag-unknown",
            Self::DuplicateTag { .. } => "flash-settings-tag-twice",
            Self::CommandLineLength { .. } => "flash-settings-cmdline-length",
            Self::CommandLineText { .. } => "flash-settings-cmdline-text",
            Self::PayloadRecordLength { .. } => "flash-settings-payload-length",
            Self::NoRoom { .. } => "flash-settings-no-room",
        }
    }
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::TooShort { length_bytes } => {
                write!(
                    f,
                    "{length_bytes} bytes are too short, the header alone has {HEADER_SIZE_BYTES}"
                )
            }
            Self::Magic { found } => {
                let (found, magic) = (u64::from_be_bytes(found), u64::from_be_bytes(MAGIC));
                write!(
                    f,
                    "it opens with {found:#018x}, not with the magic {magic:#018x} (\"FLINTSET\"); "
                )?;
                f.write_str("erase the sector to start without settings")
            }
            Self::Version { found } => write!(f, "format version {found} is not known, only {VERSION} is"),
            Self::Reserved { found } => write!(f, "the reserved word at byte 20 is {found:#010x}, not 0"),
            Self::BodyLength { body_bytes, room_bytes } => {
                write!(
                    f,
                    "a body of {body_bytes} bytes passes the end of its sector, {room_bytes} are left"
                )
            }
            Self::Crc { stored, found } => {
                write!(
                    f,
                    "damaged: the CRC-32 of its contents is {found:#010x}, the header says {stored:#010x}"
                )
            }
            Self::EntryPastEnd {
                offset,
                needed_bytes,
                room_bytes,
            } => {
                write!(
                    f,
                    "the entry at byte {offset} needs {needed_bytes} bytes, {room_bytes} are left"
                )
            }
            Self::UnknownTag { tag, offset } => write!(f, "the entry at byte {offset} has the unknown tag {tag}"),
            Self::DuplicateTag { tag, offset } => write!(f, "the entry at byte {offset} has tag {tag} a second time"),
            Self::CommandLineLength { length_bytes } => {
                write!(
                    f,
                    "the command line has {length_bytes} bytes, Linux takes at most {COMMAND_LINE_MAX_BYTES}"
                )
            }
            Self::CommandLineText { position, byte: 0 } => {
                write!(f, "the command line has a NUL byte after {position} bytes")
            }
            Self::CommandLineText { position, byte } => {
                write!(
                    f,
                    "the command line is not UTF-8 after {position} bytes (found {byte:#04x})"
                )
            }
            Self::PayloadRecordLength { length_bytes } => {
                write!(
                    f,
                    "the payload record has {length_bytes} bytes, not {}",
                    PayloadRecord::SIZE_BYTES
                )
            }
            Self::NoRoom {
                needed_bytes,
                room_bytes,
            } => {
                write!(f, "the settings need {needed_bytes} bytes, the sector has {room_bytes}")
            }
        }
    }
}

impl core::error::Error for SettingsError {}
