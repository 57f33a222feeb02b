//! The cause of an exception: `ESR_ELx` in words (DDI0487, D24.2, "ESR_EL1").
//!
//! Strings are written as they are, not formatted: what pads them is 840 bytes of a monitor that
//! pads no other.

use core::fmt;

/// An exception syndrome, displayed as words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Syndrome(
    /// `ESR_ELx` as the CPU gave it.
    pub u64,
);

impl Syndrome {
    /// The exception class, bits 31:26.
    pub const fn class(self) -> u64 {
        (self.0 >> 26) & 0x3f
    }

    /// The instruction specific syndrome, bits 24:0.
    pub const fn specific(self) -> u64 {
        self.0 & 0x1ff_ffff
    }

    /// Returns whether `FAR_ELx` says which address is meant: aborts, PC alignment faults and
    /// watchpoints, unless the FnV bit takes it back.
    pub const fn has_fault_address(self) -> bool {
        let not_valid = (self.0 >> 10) & 1 != 0;
        match self.class() {
            0x20 | 0x21 | 0x24 | 0x25 => !not_valid,
            0x22 | 0x34 | 0x35 => true,
            _ => false,
        }
    }

    /// Returns whether an access found no translation of its address, at any level of the page
    /// tables (DDI0487, D24.2.40).
    pub const fn is_translation_fault(self) -> bool {
        matches!(self.class(), 0x20 | 0x21 | 0x24 | 0x25) && self.specific() & 0b11_1100 == 0b00_0100
    }

    const fn class_name(self) -> &'static str {
        match self.class() {
            0x00 => "undefined or trapped instruction without a reason",
            0x01 => "trapped WFI or WFE",
            0x07 => "trapped access to FP, SIMD, SVE or SME registers",
            0x09 => "trapped pointer authentication",
            0x0a => "trapped LD64B or ST64B",
            0x0d => "branch target exception",
            0x0e => "illegal execution state",
            0x15 => "SVC instruction",
            0x16 => "HVC instruction",
            0x17 => "SMC instruction",
            0x18 => "trapped system register access",
            0x19 => "trapped SVE access",
            0x1a => "trapped ERET",
            0x1c => "pointer authentication failure",
            0x1d => "trapped SME access",
            0x1e => "granule protection fault",
            0x20 => "instruction abort from a lower level",
            0x21 => "instruction abort",
            0x22 => "PC alignment fault",
            0x24 => "data abort from a lower level",
            0x25 => "data abort",
            0x26 => "SP alignment fault",
            0x27 => "memory copy or set exception",
            0x2c => "floating-point exception",
            0x2d => "guarded control stack exception",
            0x2f => "SError",
            0x30 | 0x31 => "breakpoint",
            0x32 | 0x33 => "software step",
            0x34 | 0x35 => "watchpoint",
            0x3c => "BRK instruction",
            _ => "unknown class",
        }
    }
}

/// The fault status code of an abort, bits 5:0.
fn fault_status(f: &mut fmt::Formatter<'_>, code: u64) -> fmt::Result {
    let kind = match code & 0x3c {
        0x00 => "address size fault",
        0x04 => "translation fault",
        0x08 => "access flag fault",
        0x0c => "permission fault",
        0x14 => "external abort on a table walk",
        _ => {
            return f.write_str(match code {
                0x10 => "external abort",
                0x11 => "tag check fault",
                0x21 => "alignment fault",
                0x30 => "TLB conflict",
                _ => "other fault",
            });
        }
    };
    f.write_str(kind)?;
    write!(f, ", level {}", code & 0b11)
}

impl fmt::Display for Syndrome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let specific = self.specific();
        f.write_str(self.class_name())?;
        match self.class() {
            0x20 | 0x21 => {
                f.write_str(", ")?;
                fault_status(f, specific & 0x3f)
            }
            0x24 | 0x25 => {
                let is_write = specific >> 6 & 1 != 0;
                f.write_str(if is_write { ", write, " } else { ", read, " })?;
                fault_status(f, specific & 0x3f)
            }
            0x15..=0x17 | 0x3c => write!(f, " #{:#x}", specific & 0xffff),
            0x18 => {
                let is_read = specific & 1 != 0;
                f.write_str(if is_read { ", mrs" } else { ", msr" })?;
                write!(
                    f,
                    " s{}_{}_c{}_c{}_{} with x{}",
                    specific >> 20 & 0b11,
                    specific >> 14 & 0b111,
                    specific >> 10 & 0xf,
                    specific >> 1 & 0xf,
                    specific >> 17 & 0b111,
                    specific >> 5 & 0x1f,
                )
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_class_and_the_fault() {
        assert_eq!(Syndrome(0x9600_0010).to_string(), "data abort, read, external abort");
        assert_eq!(Syndrome(0x9600_0021).to_string(), "data abort, read, alignment fault");
        assert_eq!(
            Syndrome(0x9600_0045).to_string(),
            "data abort, write, translation fault, level 1"
        );
        assert_eq!(
            Syndrome(0x8600_000d).to_string(),
            "instruction abort, permission fault, level 1"
        );
        assert_eq!(
            Syndrome(0x0200_0000).to_string(),
            "undefined or trapped instruction without a reason"
        );
        assert_eq!(Syndrome(0xf200_0001).to_string(), "BRK instruction #0x1");
        assert_eq!(
            Syndrome(0x1fe0_0000).to_string(),
            "trapped access to FP, SIMD, SVE or SME registers"
        );
    }

    #[test]
    fn names_the_register_of_a_trapped_access() {
        // mrs x3, HCRX_EL2, as it traps to EL3 without HXEn (clause M18).
        assert_eq!(
            Syndrome(0x6235_0465).to_string(),
            "trapped system register access, mrs s3_4_c1_c2_2 with x3"
        );
    }

    #[test]
    fn knows_when_there_is_a_fault_address() {
        assert!(Syndrome(0x9600_0010).has_fault_address());
        assert!(!Syndrome(0x9600_0410).has_fault_address());
        assert!(!Syndrome(0x0200_0000).has_fault_address());
    }
}
