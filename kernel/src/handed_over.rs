//! What the loader handed over.

use core::ptr::with_exposed_provenance;

use devicetree::{Devicetree, MAX_SIZE_BYTES, TreeError};

/// The registers that booting.rst gives a meaning, and the time, at the kernel's first instruction.
pub struct HandedOver {
    /// x0 to x3.
    pub x: [u64; 4],
    /// `CNTPCT_EL0`.
    pub ticks: u64,
}

/// Why there is no device tree.
pub enum TreeProblem {
    /// x0 cannot be the address of a device tree: it is 0, or not a multiple of 8 (clause B1).
    Address,
    /// What is at x0 is not one.
    Content(TreeError),
}

impl HandedOver {
    /// The device tree at x0.
    pub fn device_tree(&self) -> Result<Devicetree<'static>, TreeProblem> {
        let address = self.x[0];
        if address == 0 || !address.is_multiple_of(8) {
            return Err(TreeProblem::Address);
        }
        let start = with_exposed_provenance(address as usize);
        // SAFETY: the protocol gives the kernel a device tree in RAM at x0 (G1), of at most 2 MiB (B2), which nothing else writes; no byte
        // behind its end is read.
        let memory = unsafe { core::slice::from_raw_parts(start, MAX_SIZE_BYTES as usize) };
        Devicetree::parse(memory).map_err(TreeProblem::Content)
    }
}
