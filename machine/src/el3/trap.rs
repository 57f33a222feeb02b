//! Traps to EL3: which clause of the boot protocol a trapped instruction points to.
//!
//! EL3 traps nothing on purpose. If something of the normal world does trap, a bit is missing that
//! the ID registers ask for, or a CPU has a feature that is not known here; the report names the
//! clause so that a missing bit does not look like a hang.

use core::fmt::{self, Write};

use crate::syndrome::Syndrome;

/// A clause: the letter of its group, and its number there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clause(u8, u8);

impl fmt::Display for Clause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char(char::from(self.0))?;
        write!(f, "{}", u64::from(self.1))
    }
}

/// Stands for any value of a field.
const ANY: u16 = u16::MAX;
/// The exception class of a trapped access to a system register (DDI0487, "ESR_EL3").
const SYSTEM_REGISTER: u64 = 0x18;

/// Exception classes that say by themselves what is trapped.
const CLASSES: [(u8, Clause); 5] = [
    (0x01, Clause(b'Z', 1)),
    (0x07, Clause(b'M', 19)),
    (0x09, Clause(b'M', 12)),
    (0x19, Clause(b'M', 21)),
    (SME, Clause(b'M', 24)),
];
/// The exception class of a trapped access to SME; and the code in its syndrome that it was one to
/// ZT0 (`SMTC`), which has a bit of its own.
const SME: u8 = 0x1d;
const SME_ZT0: u64 = 4;

/// Registers, the more special before the more general.
#[rustfmt::skip]
const REGISTERS: [Registers; 60] = [
    // Keys of pointer authentication: SCR_EL3.APK
    Registers::new(3, 0, 2, 1, ANY, Clause(b'M', 12)),
    Registers::new(3, 0, 2, 2, ANY, Clause(b'M', 12)),
    Registers::new(3, 0, 2, 3, ANY, Clause(b'M', 12)),
    // HFGRTR_EL2, HFGWTR_EL2, HFGITR_EL2; HDFGRTR_EL2, HDFGWTR_EL2, HAFGRTR_EL2: SCR_EL3.FGTEn
    Registers::new(3, 4, 1, 1, 4, Clause(b'M', 16)),
    Registers::new(3, 4, 1, 1, 5, Clause(b'M', 16)),
    Registers::new(3, 4, 1, 1, 6, Clause(b'M', 16)),
    Registers::new(3, 4, 3, 1, 4, Clause(b'M', 16)),
    Registers::new(3, 4, 3, 1, 5, Clause(b'M', 16)),
    Registers::new(3, 4, 3, 1, 6, Clause(b'M', 16)),
    // HDFGRTR2_EL2 and its like: SCR_EL3.FGTEn2
    Registers::new(3, 4, 3, 1, ANY, Clause(b'M', 17)),
    // HCRX_EL2: SCR_EL3.HXEn
    Registers::new(3, 4, 1, 2, 2, Clause(b'M', 18)),
    // TPIDR2_EL0: SCR_EL3.EnTP2
    Registers::new(3, 3, 13, 0, 5, Clause(b'M', 25)),
    // SMPRI_EL1, SMPRIMAP_EL2: CPTR_EL3.ESM
    Registers::new(3, ANY, 1, 2, 4, Clause(b'M', 24)),
    Registers::new(3, 4, 1, 2, 5, Clause(b'M', 24)),
    // RGSR_EL1, GCR_EL1; TFSR_ELx, TFSRE0_EL1: SCR_EL3.ATA
    Registers::new(3, 0, 1, 0, 5, Clause(b'M', 30)),
    Registers::new(3, 0, 1, 0, 6, Clause(b'M', 30)),
    Registers::new(3, ANY, 5, 6, ANY, Clause(b'M', 30)),
    // SCTLR2_ELx: SCR_EL3.SCTLR2En
    Registers::new(3, ANY, 1, 0, 3, Clause(b'Z', 6)),
    // PMUACR_EL1, PMICNTR_EL0, PMICFILTR_EL0, and all of SPMU: MDCR_EL3.EnPM2
    Registers::new(3, 0, 9, 14, 4, Clause(b'M', 36)),
    Registers::new(3, 3, 9, 4, 0, Clause(b'M', 36)),
    Registers::new(3, 3, 9, 6, 0, Clause(b'M', 36)),
    Registers::new(2, 0, 9, ANY, ANY, Clause(b'M', 36)),
    Registers::new(2, 3, 9, ANY, ANY, Clause(b'M', 36)),
    Registers::new(2, 3, 14, ANY, ANY, Clause(b'M', 36)),
    // PMSDSFR_EL1: MDCR_EL3.EnPMS3; what else SPE has, and TRBE: MDCR_EL3.NSPB and NSTB; TRFCR_ELx:
    // MDCR_EL3.TTRF
    Registers::new(3, 0, 9, 10, 4, Clause(b'M', 38)),
    Registers::new(3, ANY, 9, 9, ANY, Clause(b'Z', 4)),
    Registers::new(3, ANY, 9, 10, ANY, Clause(b'Z', 4)),
    Registers::new(3, ANY, 9, 11, ANY, Clause(b'Z', 4)),
    Registers::new(3, ANY, 1, 2, 1, Clause(b'Z', 4)),
    // TCR2_ELx: SCR_EL3.TCR2En
    Registers::new(3, ANY, 2, 0, 3, Clause(b'M', 41)),
    // MAIR2_ELx, AMAIR2_ELx: SCR_EL3.AIEn; registers of memory encryption contexts: SCR_EL3.MECEn
    Registers::new(3, ANY, 10, 2, 1, Clause(b'Z', 6)),
    Registers::new(3, ANY, 10, 1, 1, Clause(b'Z', 6)),
    Registers::new(3, ANY, 10, 3, 1, Clause(b'Z', 6)),
    Registers::new(3, 4, 10, 8, ANY, Clause(b'Z', 6)),
    // PIRE0_ELx, PIR_ELx, POR_ELx: SCR_EL3.PIEn
    Registers::new(3, ANY, 10, 2, ANY, Clause(b'M', 43)),
    // GCSCR_ELx and its like: SCR_EL3.GCSEn
    Registers::new(3, ANY, 2, 5, ANY, Clause(b'M', 46)),
    // The PMU: MDCR_EL3.TPM
    Registers::new(3, ANY, 9, ANY, ANY, Clause(b'M', 49)),
    Registers::new(3, 3, 14, ANY, ANY, Clause(b'M', 49)),
    // CNTPOFF_EL2: SCR_EL3.ECVEn; SCXTNUM_ELx: SCR_EL3.EnSCXT; FPMR: SCR_EL3.EnFPM
    Registers::new(3, 4, 14, 0, 6, Clause(b'Z', 6)),
    Registers::new(3, ANY, 13, 0, 7, Clause(b'Z', 6)),
    Registers::new(3, 3, 4, 4, 2, Clause(b'Z', 6)),
    // Activity monitors: CPTR_EL3.TAM
    Registers::new(3, 3, 13, ANY, ANY, Clause(b'M', 14)),
    // Registers of MPAM: MPAM3_EL3.TRAPLOWER
    Registers::new(3, ANY, 10, 5, ANY, Clause(b'Z', 5)),
    Registers::new(3, 4, 10, 6, ANY, Clause(b'Z', 5)),
    Registers::new(3, 4, 10, 4, ANY, Clause(b'Z', 5)),
    Registers::new(3, 0, 10, 4, 4, Clause(b'Z', 5)),
    // LORC_EL1 and its like: SCR_EL3.TLOR; error records: SCR_EL3.TERR
    Registers::new(3, 0, 10, 4, ANY, Clause(b'Z', 3)),
    Registers::new(3, 0, 5, ANY, ANY, Clause(b'Z', 3)),
    // CPTR_EL2, CPACR_EL1: CPTR_EL3.TCPAC
    Registers::new(3, ANY, 1, 0, 2, Clause(b'Z', 2)),
    Registers::new(3, 4, 1, 1, 2, Clause(b'Z', 2)),
    // The interrupt controller: ICC_SRE_EL3
    Registers::new(3, ANY, 12, ANY, ANY, Clause(b'M', 6)),
    Registers::new(3, 0, 4, 6, ANY, Clause(b'M', 6)),
    // BRBCR_ELx and its like, BRB IALL and BRB INJ: MDCR_EL3.SBRBE
    Registers::new(2, 1, 8, ANY, ANY, Clause(b'M', 34)),
    Registers::new(2, ANY, 9, ANY, ANY, Clause(b'M', 34)),
    Registers::new(1, 1, 7, 2, ANY, Clause(b'M', 34)),
    // OSLAR_EL1, OSDLR_EL1 and their like: MDCR_EL3.TDOSA; what else debug has: MDCR_EL3.TDA
    Registers::new(2, 0, 1, ANY, 4, Clause(b'Z', 4)),
    Registers::new(2, 0, ANY, ANY, ANY, Clause(b'M', 48)),
    Registers::new(2, 3, ANY, ANY, ANY, Clause(b'M', 48)),
    Registers::new(2, 4, 0, 7, 0, Clause(b'M', 48)),
    // Trace registers: CPTR_EL3.TTA
    Registers::new(2, 1, ANY, ANY, ANY, Clause(b'Z', 2)),
];

/// The registers whose fields have a certain value, and the clause by which they do not trap.
struct Registers {
    mask: u16,
    value: u16,
    clause: Clause,
}

impl Registers {
    const fn new(op0: u16, op1: u16, crn: u16, crm: u16, op2: u16, clause: Clause) -> Self {
        const fn mask(field: u16, all: u16) -> u16 {
            if field == ANY { 0 } else { all }
        }
        let mask = number(3, mask(op1, 7), mask(crn, 15), mask(crm, 15), mask(op2, 7));
        let value = number(op0, op1, crn, crm, op2) & mask;
        Self { mask, value, clause }
    }
}

/// The fields of an encoding in one number.
const fn number(op0: u16, op1: u16, crn: u16, crm: u16, op2: u16) -> u16 {
    (op0 & 3) << 14 | (op1 & 7) << 11 | (crn & 15) << 7 | (crm & 15) << 3 | op2 & 7
}

/// The clause by which this should not have trapped to EL3, if one is known.
pub fn clause(syndrome: Syndrome) -> Option<Clause> {
    let class = syndrome.class();
    if class == SYSTEM_REGISTER {
        let field = |shift: u32| (syndrome.specific() >> shift) as u16;
        let trapped = number(field(20), field(14), field(10), field(1), field(17));
        let known = REGISTERS.iter().find(|known| trapped & known.mask == known.value);
        return known.map(|known| known.clause);
    }
    if class == u64::from(SME) && syndrome.specific() & 7 == SME_ZT0 {
        return Some(Clause(b'M', 32));
    }
    let known = CLASSES.iter().find(|(known, _)| u64::from(*known) == class);
    known.map(|(_, clause)| *clause)
}

/// Every clause that [`clause`] can name, some of them more than once.
pub fn clauses() -> impl Iterator<Item = Clause> {
    let classes = CLASSES.iter().map(|(_, clause)| *clause);
    classes.chain(REGISTERS.iter().map(|registers| registers.clause))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(esr: u64) -> Option<String> {
        clause(Syndrome(esr)).map(|clause| clause.to_string())
    }

    fn of_register(op0: u64, op1: u64, crn: u64, crm: u64, op2: u64) -> Option<String> {
        named(0x18 << 26 | 1 << 25 | op0 << 20 | op2 << 17 | op1 << 14 | crn << 10 | 3 << 5 | crm << 1 | 1)
    }

    #[test]
    fn names_the_clauses_of_traps_that_were_seen() {
        // As QEMU reports them where the bit of the clause is missing.
        for (esr, clause) in [
            (0x6230_0863, "M12"),
            (0x2600_0000, "M12"),
            (0x6239_0463, "M16"),
            (0x6235_0465, "M18"),
            (0x1fe0_0000, "M19"),
            (0x6600_0000, "M21"),
            (0x7600_0000, "M24"),
            (0x7600_0004, "M32"),
            (0x623a_f461, "M25"),
            (0x623c_0461, "M30"),
            (0x6224_0065, "M48"),
            (0x6230_e479, "M49"),
        ] {
            assert_eq!(named(esr).as_deref(), Some(clause), "{esr:#x}");
        }
    }

    #[test]
    fn tells_registers_apart_that_are_close() {
        for (register, clause) in [
            ((3, 4, 3, 1, 4), "M16"),
            ((3, 4, 3, 1, 0), "M17"),
            ((3, 0, 9, 14, 4), "M36"),
            ((3, 0, 9, 10, 4), "M38"),
            ((3, 0, 9, 10, 7), "Z4"),
            ((3, 3, 9, 13, 0), "M49"),
            ((3, 0, 2, 0, 3), "M41"),
            ((3, 4, 10, 2, 3), "M43"),
            ((3, 0, 2, 5, 0), "M46"),
            ((3, 3, 13, 2, 5), "M14"),
            ((3, 3, 13, 0, 7), "Z6"),
            ((3, 0, 1, 0, 2), "Z2"),
            ((3, 4, 12, 9, 5), "M6"),
            ((2, 1, 9, 0, 0), "M34"),
            ((1, 1, 7, 2, 4), "M34"),
            ((2, 0, 9, 13, 3), "M36"),
            ((2, 3, 9, 12, 0), "M36"),
            ((3, 3, 9, 6, 0), "M36"),
            ((3, 0, 10, 2, 0), "M43"),
            ((3, 0, 10, 2, 1), "Z6"),
            ((3, 4, 10, 1, 1), "Z6"),
            ((3, 4, 10, 8, 0), "Z6"),
            ((3, 0, 10, 4, 4), "Z5"),
            ((3, 4, 10, 4, 0), "Z5"),
            ((3, 0, 10, 4, 3), "Z3"),
            ((2, 4, 0, 7, 0), "M48"),
            ((2, 0, 1, 3, 4), "Z4"),
            ((2, 1, 0, 4, 0), "Z2"),
        ] {
            let (op0, op1, crn, crm, op2) = register;
            assert_eq!(
                of_register(op0, op1, crn, crm, op2).as_deref(),
                Some(clause),
                "{register:?}"
            );
        }
    }

    #[test]
    fn what_points_to_no_clause_is_not_guessed() {
        assert_eq!(named(0x5e00_0000), None, "a call");
        assert_eq!(named(0x9600_0010), None, "a data abort");
        assert_eq!(of_register(3, 0, 0, 0, 0), None, "MIDR_EL1");
        assert_eq!(of_register(3, 4, 1, 1, 0), None, "HCR_EL2");
        assert_eq!(of_register(1, 0, 12, 0, 0), None, "an instruction of a GICv5");
    }
}
