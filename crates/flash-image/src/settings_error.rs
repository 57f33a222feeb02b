//! [`SettingsError`]: why a settings block cannot be read or written.

use core::fmt;

use crate::settings::COMMAND_LINE_MAX_BYTES;
use crate::settings_header::{MAGIC, VERSION};

/// The reason why a settings block cannot be read or written; offsets are bytes from its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingsError {
    /// The sector is neither empty nor does it open with the magic.
    Magic {
        /// What it opens with.
        found: [u8; 8],
    },
    /// The block is in a format of another version.
    Version {
        /// Its version.
        found: u64,
    },
    /// The body would pass the end of the sector.
    BodyLength {
        /// The length of the body, by the header.
        body_bytes: u64,
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
    /// An entry is not one that this version knows: its tag is unknown or came before, or its
    /// length is not one that it can have.
    Entry {
        /// The place where the entry starts.
        offset: usize,
        /// Its tag; 0, which no entry has, where the body ends before the tag does.
        tag: u64,
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
            Self::Magic { .. } => "flash-settings-magic",
            Self::Version { .. } => "flash-settings-version",
            Self::BodyLength { .. } => "flash-settings-length",
            Self::Crc { .. } => "flash-settings-crc",
            Self::Entry { .. } => "flash-settings-entry",
            Self::CommandLineLength { .. } => "flash-settings-cmdline-length",
            Self::CommandLineText { .. } => "flash-settings-cmdline-text",
            Self::NoRoom { .. } => "flash-settings-no-room",
        }
    }
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Magic { found } => {
                let (found, magic) = (u64::from_be_bytes(found), u64::from_be_bytes(MAGIC));
                write!(
                    f,
                    "it opens with {found:#018x}, not with the magic {magic:#018x} (\"FLINTSET\"); "
                )?;
                f.write_str("erase the sector to start without settings")
            }
            Self::Version { found } => write!(f, "format version {found} is not known, only {} is", u64::from(VERSION)),
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
            Self::Entry { offset, tag } => {
                write!(
                    f,
                    "the entry at byte {offset}, with tag {tag}, is none that this version knows"
                )
            }
            Self::CommandLineLength { length_bytes } => {
                write!(
                    f,
                    "the command line has {length_bytes} bytes, Linux takes at most {COMMAND_LINE_MAX_BYTES}"
                )
            }
            Self::CommandLineText { position } => {
                write!(
                    f,
                    "the command line is no UTF-8 text without NUL after {position} bytes"
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
