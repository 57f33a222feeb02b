//! Sizes as people write and read them.

use phys_range::{GIB, KIB, MIB};

/// Reads a size such as `512K`, `64M` or `3G`; a number without a unit counts mebibytes, as for
/// QEMU's `-m`.
///
/// # Errors
/// A sentence that says what is expected; the wrong value is for the caller to name.
pub fn parse_size(text: &str) -> Result<u64, String> {
    let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match &text[number.len()..] {
        "" | "M" | "m" | "MiB" => MIB,
        "K" | "k" | "KiB" => KIB,
        "G" | "g" | "GiB" => GIB,
        _ => return Err("a size is a number with K, M or G, such as 64M or 3G".into()),
    };
    let number: u64 = number
        .parse()
        .map_err(|_| "a size is a number with K, M or G, such as 64M or 3G".to_string())?;
    number
        .checked_mul(unit)
        .filter(|size| *size > 0)
        .ok_or_else(|| "a size is more than 0 and less than 2^64 bytes".into())
}

/// A number with its digits in groups of three: `27,236,288`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_sizes_with_and_without_a_unit() {
        assert_eq!(parse_size("64M"), Ok(64 * MIB));
        assert_eq!(parse_size("3G"), Ok(3 * GIB));
        assert_eq!(parse_size("512k"), Ok(512 * KIB));
        assert_eq!(parse_size("128"), Ok(128 * MIB));
    }

    #[test]
    fn refuses_what_is_no_size() {
        for text in ["", "M", "-1M", "1.5G", "64MB", "0", "99999999999G", "ä"] {
            assert!(parse_size(text).is_err(), "{text}");
        }
    }

    #[test]
    fn groups_digits_by_three() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(1234), "1,234");
        assert_eq!(grouped(27_236_288), "27,236,288");
    }
}
