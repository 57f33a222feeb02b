//! Page tables: the physical address space mapped to itself, in 38-bit addresses by 4 KiB pages.
//!
//! There are two ways to make them. [`early`] has those that the bootloader starts with: written by
//! assembly, before there is a stack, from a few runs of descriptors. [`tables`] builds all others
//! in Rust: those that the bootloader loads with once the kernel may go where the early ones are,
//! and the monitor's.
//!
//! The same descriptors serve the translation regimes of EL1, EL2 and EL3 (DDI0487, D8.3): `AP[1]`
//! is set, which EL2 and EL3 demand (RES1) and which makes EL1 refuse to execute from what is
//! writable; XN does the same at EL2 and EL3, and so does `SCTLR_ELx.WXN` at every level. Below
//! each stack lies a page that is not mapped, so that a stack that grows too large faults instead
//! of overwriting something.

pub mod early;
pub mod tables;

/// `MAIR_ELx`: attribute 0 is Device-nGnRnE, attribute 1 Normal memory, write-back, read and write
/// allocate.
pub const MAIR: u64 = 0xff << 8;

/// `TCR_ELx` but for the physical address size: 38-bit addresses (`T0SZ` = 26), 4 KiB granule,
/// table walks inner shareable and write-back; bits 31 and 23 are RES1 at EL2 and EL3, and `TG1` =
/// 4 KiB and `EPD1` at EL1.
pub const TCR: u64 = 1 << 31 | 1 << 23 | 0b11 << 12 | 0b01 << 10 | 0b01 << 8 | 26;

/// `SCTLR_EL2` and `SCTLR_EL3` with the MMU and the caches off and every RES1 bit set (DDI0487,
/// D24.2).
pub const SCTLR_EL2_OFF: u64 = 0x30c5_0830;
/// `SCTLR_EL1` with the MMU and the caches off and every bit set that is RES1 or means "no trap".
pub const SCTLR_EL1_OFF: u64 = 0x30d0_0800;
/// The bits that turn on the MMU (M), the data cache (C), the instruction cache (I), the check of
/// the stack's alignment (SA), and make everything that is writable not executable (WXN).
pub const SCTLR_MMU_ON: u64 = 1 << 19 | 1 << 12 | 1 << 3 | 1 << 2 | 1;

/// The size of a page and of a table, in bytes.
pub const PAGE_BYTES: u64 = 0x1000;
/// Descriptors in a table.
const ENTRIES: usize = 512;
/// Descriptors of the first level: 1 GiB blocks in a 38-bit address space.
const ROOT_ENTRIES: u64 = 256;

/// The type of a descriptor that maps a block of the first or second level.
const BLOCK: u64 = 0b01;
/// The type of a descriptor that leads to a table, or maps a page at the last level.
const TABLE_OR_PAGE: u64 = 0b11;
const ACCESS_FLAG: u64 = 1 << 10;
const INNER_SHAREABLE: u64 = 0b11 << 8;
const READ_ONLY: u64 = 1 << 7;
const AP1: u64 = 1 << 6;
const NON_SECURE: u64 = 1 << 5;
const EXECUTE_NEVER: u64 = 1 << 54;
const NORMAL: u64 = 1 << 2 | INNER_SHAREABLE;
const DEVICE: u64 = 0 << 2;

/// The kind of a place, which says what may be done there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Code: read and executed, cached, never written.
    Code,
    /// Constants: read, cached, never written or executed.
    Constants,
    /// RAM: read and written, cached, never executed. At EL3 it is reached as the normal world
    /// reaches it (`NS`), for which it is meant: by another address space the caches would hold it
    /// twice. EL2 and EL1 ignore that bit.
    Ram,
    /// RAM of the secure world: read and written, cached, never executed.
    SecureRam,
    /// Devices: read and written in order, nothing else.
    Device,
}

impl Kind {
    /// The attributes of a descriptor but for its type.
    pub const fn attributes(self) -> u64 {
        ACCESS_FLAG
            | AP1
            | match self {
                Self::Code => NORMAL | READ_ONLY,
                Self::Constants => NORMAL | READ_ONLY | EXECUTE_NEVER,
                Self::Ram => NORMAL | EXECUTE_NEVER | NON_SECURE,
                Self::SecureRam => NORMAL | EXECUTE_NEVER,
                Self::Device => DEVICE | EXECUTE_NEVER,
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_registers_are_what_the_manual_asks_for() {
        assert_eq!(TCR, 0x8080_351a);
        assert_eq!(MAIR, 0xff00);
        assert_eq!(SCTLR_MMU_ON, 0x8_100d);
    }

    #[test]
    fn nothing_is_both_written_and_executed() {
        for kind in [Kind::Code, Kind::Constants, Kind::Ram, Kind::SecureRam, Kind::Device] {
            let attributes = kind.attributes();
            let is_written = attributes & READ_ONLY == 0;
            let is_executed = attributes & EXECUTE_NEVER == 0;
            assert!(!(is_written && is_executed), "{kind:?}");
            assert_eq!(is_executed, kind == Kind::Code);
        }
    }
}
