//! The initrd that the payload is handed: bytes that are easy to know again, and where a device
//! tree says that they are.

use devicetree::Blob;
use phys_range::PhysRange;

/// The size of the initrd: no whole number of pages.
pub const SIZE_BYTES: usize = 0x1_2345;

/// The initrd. Every few bytes of it are found at one place only.
pub fn bytes() -> Vec<u8> {
    let words = (0..=SIZE_BYTES as u32 / 4).flat_map(|number| number.wrapping_mul(0x9e37_79b1).to_be_bytes());
    words.take(SIZE_BYTES).collect()
}

/// Returns where the initrd is, by `/chosen`.
pub fn range(tree: &[u8]) -> Option<PhysRange> {
    let chosen = Blob::parse(tree).ok()?.root().child("chosen")?;
    let start = number(chosen.property("linux,initrd-start")?)?;
    let end = number(chosen.property("linux,initrd-end")?)?;
    PhysRange::new(start, end.checked_sub(start)?)
}

/// A number of one or two cells, as Linux reads them.
fn number(value: &[u8]) -> Option<u64> {
    match value.len() {
        4 | 8 => Some(value.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_as_long_as_it_says_and_nowhere_the_same() {
        let bytes = bytes();
        assert_eq!(bytes.len(), SIZE_BYTES);
        assert_ne!(bytes[..4096], bytes[4096..8192]);
    }

    #[test]
    fn numbers_have_one_cell_or_two() {
        assert_eq!(number(&[0, 0, 1, 2]), Some(0x102));
        assert_eq!(number(&[0, 0, 0, 1, 0, 0, 0, 2]), Some(0x1_0000_0002));
        assert_eq!(number(&[1]), None);
    }
}
