//! The characters of a kernel's command line.

use flash_image::COMMAND_LINE_MAX_BYTES;

use crate::Error;
use crate::size::grouped;

/// Looks whether `text` can stand in the settings block and reach a kernel whole.
///
/// # Errors
/// It is too long, or has a control character in it.
pub fn check(text: &str) -> Result<(), Error> {
    if text.len() > COMMAND_LINE_MAX_BYTES {
        let (length, most) = (grouped(text.len() as u64), grouped(COMMAND_LINE_MAX_BYTES as u64));
        let message = format!("the command line has {length} bytes; a kernel takes at most {most}");
        return Err(Error::usage(message)
            .help("give a shorter one to --cmdline; long lists may go into the initrd, or a file of the system"));
    }
    if let Some((position, character)) = text.char_indices().find(|(_, character)| character.is_control()) {
        let message = format!("the command line has the control character {character:?} at byte {position}");
        return Err(Error::usage(message).help("give --cmdline one line of text"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        check(text).unwrap_err().message().to_string()
    }

    #[test]
    fn accepts_text_up_to_the_limit() {
        assert!(check("console=ttyAMA0 quiet").is_ok());
        assert!(check(&"x".repeat(COMMAND_LINE_MAX_BYTES)).is_ok());
    }

    #[test]
    fn refuses_what_is_too_long_or_no_text() {
        let long = "x".repeat(COMMAND_LINE_MAX_BYTES + 1);
        assert_eq!(
            refused(&long),
            "the command line has 2,048 bytes; a kernel takes at most 2,047"
        );
        assert!(refused("a\0b").contains("byte 1"));
        assert!(refused("a\nb").contains(r"'\n'"));
    }
}
