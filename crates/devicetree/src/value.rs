//! What does this property say? Values that are strings or lists of strings (Devicetree Specification v0.4, 2.2.4).

use crate::TreeError;

/// The one string in a value. An empty value, as some firmware leaves it behind, is an empty string.
pub(crate) fn string<'a>(value: &'a [u8], property: &'static str) -> Result<&'a str, TreeError> {
    let broken = TreeError::Text { property };
    let text = match value.split_last() {
        None => value,
        Some((0, text)) if !text.contains(&0) => text,
        Some(_) => return Err(broken),
    };
    core::str::from_utf8(text).map_err(|_| broken)
}

/// The first string in a list; `None` if it is not UTF-8 or has no end.
pub(crate) fn first_string(value: &[u8]) -> Option<&str> {
    let length = value.iter().position(|byte| *byte == 0)?;
    core::str::from_utf8(value.get(..length)?).ok()
}

/// Whether the value is this string, NUL and all.
pub(crate) fn is(value: &[u8], text: &str) -> bool {
    value.strip_suffix(&[0]) == Some(text.as_bytes())
}

/// What the first string in a list that gives something gives.
pub(crate) fn find<T>(value: &[u8], of: impl Fn(&[u8]) -> Option<T>) -> Option<T> {
    value.strip_suffix(&[0])?.split(|byte| *byte == 0).find_map(of)
}

/// Whether a `status` says that the device may be used (Devicetree Specification v0.4, 2.3.4). Linux accepts `ok` as
/// well.
pub(crate) fn is_okay(status: Option<&[u8]>) -> bool {
    status.is_none_or(|status| is(status, "okay") || is(status, "ok"))
}
