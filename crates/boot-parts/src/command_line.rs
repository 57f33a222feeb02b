//! [`CommandLine`]: the kernel's command line, and who gave it.

use core::fmt;

use crate::PartsError;

/// The longest command line: Linux' `COMMAND_LINE_SIZE` on arm64 is 2048, and the NUL at the end
/// counts. What is longer it would cut off without a word.
pub const COMMAND_LINE_MAX_BYTES: usize = flash_image::COMMAND_LINE_MAX_BYTES;

/// The origin of a command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// QEMU's `-append`, by fw_cfg.
    FwCfg,
    /// The configuration of a FIT: its property `cmdline`.
    Fit,
    /// The settings block in flash.
    Settings,
    /// The device tree that the kernel gets: it had one already.
    Devicetree,
}

/// The command lines that there are, one of each origin at most.
#[derive(Clone, Copy, Debug, Default)]
pub struct Candidates<'a> {
    /// QEMU's `-append`, without its NUL.
    pub fw_cfg: Option<&'a [u8]>,
    /// The FIT's.
    pub fit: Option<&'a str>,
    /// The settings block's.
    pub settings: Option<&'a str>,
    /// The device tree's.
    pub devicetree: Option<&'a str>,
}

/// The kernel's command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommandLine<'a> {
    /// Who gave it.
    pub origin: Origin,
    /// The text, without a NUL.
    pub text: &'a str,
}

impl<'a> CommandLine<'a> {
    /// The one that goes before the others: what was given for this boot before what came with the
    /// kernel, that before what lies in the flash, and that before what the device tree holds.
    ///
    /// # Errors
    /// [`PartsError::CommandLineLength`] and [`PartsError::CommandLineText`], for the one that is
    /// chosen.
    pub fn choose(candidates: &Candidates<'a>) -> Result<Option<Self>, PartsError> {
        let in_order = [
            (Origin::FwCfg, candidates.fw_cfg),
            (Origin::Fit, candidates.fit.map(str::as_bytes)),
            (Origin::Settings, candidates.settings.map(str::as_bytes)),
            (Origin::Devicetree, candidates.devicetree.map(str::as_bytes)),
        ];
        let given = in_order.iter().find_map(|(origin, text)| Some((*origin, (*text)?)));
        given.map(|(origin, text)| Self::check(origin, text)).transpose()
    }

    fn check(origin: Origin, text: &'a [u8]) -> Result<Self, PartsError> {
        if text.len() > COMMAND_LINE_MAX_BYTES {
            return Err(PartsError::CommandLineLength {
                origin,
                length_bytes: text.len(),
            });
        }
        let position = match core::str::from_utf8(text) {
            Ok(text) => match text.bytes().position(|byte| byte == 0) {
                None => return Ok(Self { origin, text }),
                Some(position) => position,
            },
            Err(error) => error.valid_up_to(),
        };
        Err(PartsError::CommandLineText { origin, position })
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::FwCfg => "fw_cfg",
            Self::Fit => "the FIT",
            Self::Settings => "the settings block",
            Self::Devicetree => "the device tree",
        })
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use std::string::String;

    use super::*;

    fn text<'a>(candidates: &Candidates<'a>) -> (Origin, &'a str) {
        let line = CommandLine::choose(candidates).unwrap().unwrap();
        (line.origin, line.text)
    }

    #[test]
    fn the_more_particular_origin_goes_first() {
        let mut candidates = Candidates {
            fw_cfg: Some(b"a"),
            fit: Some("b"),
            settings: Some("c"),
            devicetree: Some("d"),
        };
        assert_eq!(text(&candidates), (Origin::FwCfg, "a"));
        candidates.fw_cfg = None;
        assert_eq!(text(&candidates), (Origin::Fit, "b"));
        candidates.fit = None;
        assert_eq!(text(&candidates), (Origin::Settings, "c"));
        candidates.settings = None;
        assert_eq!(text(&candidates), (Origin::Devicetree, "d"));
        candidates.devicetree = None;
        assert_eq!(CommandLine::choose(&candidates), Ok(None));
    }

    #[test]
    fn an_empty_command_line_is_one_too() {
        let candidates = Candidates {
            fit: Some(""),
            settings: Some("c"),
            ..Candidates::default()
        };
        assert_eq!(text(&candidates), (Origin::Fit, ""));
    }

    #[test]
    fn refuses_what_linux_would_cut_off() {
        let longest = "x".repeat(COMMAND_LINE_MAX_BYTES);
        let of = |fit: &str| {
            CommandLine::choose(&Candidates {
                fit: Some(fit),
                ..Candidates::default()
            })
            .map(|line| line.map(|line| line.text.len()))
        };
        assert_eq!(of(&longest), Ok(Some(2047)));
        let error = PartsError::CommandLineLength {
            origin: Origin::Fit,
            length_bytes: 2048,
        };
        assert_eq!(of(&(longest + "x")), Err(error));
    }

    #[test]
    fn refuses_what_is_no_text() {
        for (bytes, position) in [(b"ab\xff".as_slice(), 2), (b"a\0b", 1)] {
            let candidates = Candidates {
                fw_cfg: Some(bytes),
                ..Candidates::default()
            };
            let error = PartsError::CommandLineText {
                origin: Origin::FwCfg,
                position,
            };
            assert_eq!(
                CommandLine::choose(&candidates),
                Err(error),
                "{}",
                String::from_utf8_lossy(bytes)
            );
        }
    }
}
