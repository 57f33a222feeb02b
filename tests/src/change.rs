//! [`Change`]: what happens to a flash image after it was made.

use flash_image::map;
use flint_cli::flash::ERASED;

/// A change to a flash image after it was made.
#[derive(Clone, Debug)]
pub enum Change {
    /// These bytes are written over what is there.
    Write(Place, Vec<u8>),
    /// All from there on is erased.
    Erase(Place),
}

/// A place in the flash, in bytes.
#[derive(Clone, Copy, Debug)]
pub enum Place {
    /// After the start of the flash.
    Flash(u64),
    /// After the start of the kernel.
    Kernel(u64),
    /// Before the end of the kernel's file.
    KernelEnd(u64),
}

impl Change {
    /// Makes it, in a flash whose kernel has `kernel_size` bytes.
    ///
    /// # Errors
    /// The place is not in the flash.
    pub fn apply(&self, flash: &mut [u8], kernel_size: u64) -> anyhow::Result<()> {
        match self {
            Self::Write(place, bytes) => put(flash, place.offset(kernel_size), bytes),
            Self::Erase(place) => {
                let from = usize::try_from(place.offset(kernel_size))?;
                flash[from..].fill(ERASED);
                Ok(())
            }
        }
    }
}

impl Place {
    fn offset(self, kernel_size: u64) -> u64 {
        match self {
            Self::Flash(offset) => offset,
            Self::Kernel(offset) => map::KERNEL.start() + offset,
            Self::KernelEnd(distance) => map::KERNEL.start() + kernel_size - distance,
        }
    }
}

/// Writes over what is there.
///
/// # Errors
/// The place is not in the flash.
pub fn put(flash: &mut [u8], offset: u64, bytes: &[u8]) -> anyhow::Result<()> {
    let start = usize::try_from(offset)?;
    let place = flash.get_mut(start..start + bytes.len());
    let place = place.ok_or_else(|| anyhow::anyhow!("{offset:#x} is not in the flash"))?;
    place.copy_from_slice(bytes);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_made_where_they_are_asked_for() {
        let mut flash = vec![0; 0x10_0020];
        let change = |place, bytes: &[u8]| Change::Write(place, bytes.to_vec());
        change(Place::Flash(2), b"a").apply(&mut flash, 16).unwrap();
        change(Place::Kernel(1), b"b").apply(&mut flash, 16).unwrap();
        change(Place::KernelEnd(1), b"c").apply(&mut flash, 16).unwrap();
        Change::Erase(Place::KernelEnd(0)).apply(&mut flash, 16).unwrap();
        assert_eq!((flash[2], flash[0x10_0001], flash[0x10_000f]), (b'a', b'b', b'c'));
        assert_eq!(flash[0x10_0010..], [0xff; 16]);
        assert!(change(Place::Kernel(0x20), b"d").apply(&mut flash, 16).is_err());
    }
}
