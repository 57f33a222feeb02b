//! Page sizes: which ones the CPU implements, held against the one that the kernel was built for.

use linux_image::PageSize;

use crate::PlanError;

/// The translation granules of stage 1 that a CPU implements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageSizes {
    /// Pages of 4 KiB.
    pub kib4: bool,
    /// Pages of 16 KiB.
    pub kib16: bool,
    /// Pages of 64 KiB.
    pub kib64: bool,
}

impl PageSizes {
    /// Returns what a CPU implements by its `ID_AA64MMFR0_EL1`, fields TGran4, TGran16 and TGran64
    /// (DDI0487, D24.2).
    pub const fn from_id_aa64mmfr0(id: u64) -> Self {
        Self {
            kib4: (id >> 28) & 0xf != 0xf,
            kib16: (id >> 20) & 0xf != 0,
            kib64: (id >> 24) & 0xf != 0xf,
        }
    }

    /// Returns whether the CPU implements pages of this size.
    pub const fn has(self, size: PageSize) -> bool {
        match size {
            PageSize::Unspecified => true,
            PageSize::Kib4 => self.kib4,
            PageSize::Kib16 => self.kib16,
            PageSize::Kib64 => self.kib64,
        }
    }

    /// A kernel that the CPU cannot run would stop without a word (it cannot turn its MMU on), so
    /// it is refused here (D8).
    pub(crate) fn require(self, needed: PageSize) -> Result<(), PlanError> {
        if self.has(needed) {
            Ok(())
        } else {
            Err(PlanError::PageSizeMissing { needed })
        }
    }
}
