//! Values that are strings or lists of strings (Devicetree
//! Specification v0.4, 2.2.4).

use crate::TreeError;

/// The one string in a value. An empty value, as some firmware leaves it behind, is an empty
/// string.
pub(crate) fn string<'a>(value: &'a [u8], property: &'static str) -> Result<&'a str, TreeError> {
    let broken = TreeError::Text { property };
    let end = value.iter().position(|byte| *byte == 0);
    if end != value.len().checked_sub(1) {
        return Err(broken);
    }
    let text = value.get(..end.unwrap_or(0)).unwrap_or_default();
    core::str::from_utf8(text).map_err(|_| broken)
}

/// The first string in a list; `None` if it is not UTF-8 or has no end.
#[inline(never)]
pub(crate) fn first_string(value: &[u8]) -> Option<&str> {
    let length = value.iter().position(|byte| *byte == 0)?;
    core::str::from_utf8(value.get(..length)?).ok()
}

/// Returns whether the value is this string, NUL and all.
#[inline(never)]
pub(crate) fn is(value: &[u8], text: &str) -> bool {
    value.strip_suffix(&[0]) == Some(text.as_bytes())
}

/// Returns which of these beginnings the first string in a list has that has one of them. One that
/// ends with a NUL is all of a string.
#[inline(never)]
pub(crate) fn find(value: &[u8], beginnings: &[&[u8]]) -> Option<usize> {
    if value.last() != Some(&0) {
        return None;
    }
    let mut rest = value;
    loop {
        work_counter::add(beginnings.len());
        let found = beginnings.iter().position(|beginning| rest.starts_with(beginning));
        if found.is_some() {
            return found;
        }
        let length = rest.iter().position(|byte| *byte == 0)?;
        work_counter::add(length);
        rest = rest.get(length.saturating_add(1)..)?;
    }
}

/// Returns whether a `status` says that the device may be used (Devicetree Specification v0.4,
/// 2.3.4). Linux accepts `ok` as well.
#[inline(never)]
pub(crate) fn is_okay(status: Option<&[u8]>) -> bool {
    status.is_none_or(|status| is(status, "okay") || is(status, "ok"))
}

/// Returns whether the secure world may use a device (binding `arm/secure.yaml`): by its
/// `secure-status`, which defaults to its `status`.
pub(crate) fn is_secure(secure_status: Option<&[u8]>, status: Option<&[u8]>) -> bool {
    is_okay(secure_status.or(status))
}
