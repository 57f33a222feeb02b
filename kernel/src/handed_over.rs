//! The loader's hand-over.

use core::ptr::with_exposed_provenance;

use devicetree::{Devicetree, MAX_SIZE_BYTES, TreeError};

/// The size of a device tree's header, and where its total size is in it (Devicetree Specification
/// v0.4, 5.2).
const HEADER_SIZE_BYTES: u64 = 40;
const TOTAL_SIZE: usize = 4;

/// The registers that booting.rst gives a meaning, and the time, at the kernel's first instruction.
pub struct HandedOver {
    /// x0 to x3.
    pub x: [u64; 4],
    /// `CNTPCT_EL0`.
    pub ticks: u64,
}

/// The reason why there is no device tree.
pub enum TreeProblem {
    /// x0 cannot be the address of a device tree: it is 0, or not a multiple of 8 (clause B1).
    Address,
    /// What is at x0 is not one.
    Content(TreeError),
}

impl HandedOver {
    /// The device tree at x0. Only its header's size is believed, and only up to what the protocol
    /// allows (B2).
    pub fn device_tree(&self) -> Result<Devicetree<'static>, TreeProblem> {
        let address = self.x[0];
        if address == 0 || !address.is_multiple_of(8) || address.checked_add(MAX_SIZE_BYTES).is_none() {
            return Err(TreeProblem::Address);
        }
        let total_size = with_exposed_provenance::<u32>(address as usize + TOTAL_SIZE);
        // SAFETY: aligned; the protocol puts the device tree there, in RAM (G1), and an address
        // without memory is reported by the vectors.
        let total_size = u32::from_be(unsafe { total_size.read_volatile() });
        let size = match u64::from(total_size) {
            size @ HEADER_SIZE_BYTES..=MAX_SIZE_BYTES => size,
            // Enough to say what is wrong.
            _ => HEADER_SIZE_BYTES,
        };
        let start = with_exposed_provenance(address as usize);
        // SAFETY: as above, and nothing writes to the device tree: its bytes belong to nobody else.
        let memory = unsafe { core::slice::from_raw_parts(start, size as usize) };
        Devicetree::parse(memory).map_err(TreeProblem::Content)
    }
}
