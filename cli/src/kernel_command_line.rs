//! What a kernel's command line may be made of.

use flash_image::COMMAND_LINE_MAX_BYTES;

/// Passes `text` on if it can stand in the settings block and reach a kernel whole.
///
/// # Errors
/// A sentence that names what is wrong: too long, or a control character in it.
pub fn checked(text: &str) -> Result<String, String> {
    if text.len() > COMMAND_LINE_MAX_BYTES {
        return Err(format!(
            "the command line has {} bytes; at most {COMMAND_LINE_MAX_BYTES} are possible",
            text.len()
        ));
    }
    if let Some((position, character)) = text.char_indices().find(|(_, character)| character.is_control()) {
        return Err(format!(
            "the command line has the control character {character:?} at byte {position}"
        ));
    }
    Ok(text.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_text_up_to_the_limit() {
        assert_eq!(checked("console=ttyAMA0 quiet").as_deref(), Ok("console=ttyAMA0 quiet"));
        assert!(checked(&"x".repeat(COMMAND_LINE_MAX_BYTES)).is_ok());
    }

    #[test]
    fn refuses_what_is_too_long_or_no_text() {
        assert!(
            checked(&"x".repeat(COMMAND_LINE_MAX_BYTES + 1))
                .unwrap_err()
                .contains("2048")
        );
        assert!(checked("a\0b").unwrap_err().contains("byte 1"));
        assert!(checked("a\nb").unwrap_err().contains(r"'\n'"));
    }
}
