//! [`Feature`]: what a CPU has, as its ID registers say (DDI0487, D24.2).

use crate::instruction::Register;
use crate::register as r;

/// A feature, by the four-bit fields that announce it: any of them will do.
#[derive(Clone, Copy, Debug)]
pub struct Feature {
    /// Its name.
    pub name: &'static str,
    fields: &'static [Field],
}

/// A four-bit field of an ID register, and the least value that it has with the feature. 0xf says
/// no in all of these fields: there is none, or one that is not by the architecture.
#[derive(Clone, Copy, Debug)]
struct Field(Register, u32, u64);

impl Feature {
    /// Returns whether it is there, where `read` gives the ID registers.
    pub(crate) fn is_there(&self, mut read: impl FnMut(Register) -> u64) -> bool {
        let mut fields = self.fields.iter();
        fields.any(|Field(register, shift, least)| {
            let value = read(*register).wrapping_shr(*shift) & 0xf;
            value >= *least && value != 0xf
        })
    }

    /// The register that announces it, where there is one.
    pub(crate) fn register(&self) -> Option<Register> {
        self.fields.first().map(|field| field.0)
    }
}

macro_rules! features {
    ($($name:ident = $text:literal: $($register:ident $shift:literal $least:literal),*;)*) => {
        $(pub(crate) const $name: Feature = Feature { name: $text, fields: &[$(Field(r::$register, $shift, $least)),*] };)*
    };
}

features! {
    EL2 = "EL2": ID_AA64PFR0_EL1 8 1;
    EL3 = "EL3": ID_AA64PFR0_EL1 12 1;
    FP = "FEAT_FP": ID_AA64PFR0_EL1 16 0;
    GIC_SYSTEM_REGISTERS = "GIC system registers": ID_AA64PFR0_EL1 24 1;
    RAS = "FEAT_RAS": ID_AA64PFR0_EL1 28 1;
    SVE = "FEAT_SVE": ID_AA64PFR0_EL1 32 1;
    SECURE_EL2 = "FEAT_SEL2": ID_AA64PFR0_EL1 36 1;
    MPAM = "FEAT_MPAM": ID_AA64PFR0_EL1 40 1, ID_AA64PFR1_EL1 16 1;
    AMU = "FEAT_AMUv1": ID_AA64PFR0_EL1 44 1;
    CSV2_2 = "FEAT_CSV2_2": ID_AA64PFR0_EL1 56 2, ID_AA64PFR1_EL1 32 2;
    MTE2 = "FEAT_MTE2": ID_AA64PFR1_EL1 8 2;
    SME = "FEAT_SME": ID_AA64PFR1_EL1 24 1;
    SME2 = "FEAT_SME2": ID_AA64PFR1_EL1 24 2;
    GCS = "FEAT_GCS": ID_AA64PFR1_EL1 44 1;
    FPMR = "FEAT_FPMR": ID_AA64PFR2_EL1 32 1;
    SME_FA64 = "FEAT_SME_FA64": ID_AA64SMFR0_EL1 63 1;
    DEBUG = "debug": ID_AA64DFR0_EL1 0 6;
    PMU = "FEAT_PMUv3": ID_AA64DFR0_EL1 8 1;
    PMU_V3P9 = "FEAT_PMUv3p9": ID_AA64DFR0_EL1 8 9;
    SPE = "FEAT_SPE": ID_AA64DFR0_EL1 32 1;
    TRACE_FILTER = "FEAT_TRF": ID_AA64DFR0_EL1 40 1;
    TRACE_BUFFER = "FEAT_TRBE": ID_AA64DFR0_EL1 44 1;
    BRBE = "FEAT_BRBE": ID_AA64DFR0_EL1 52 1;
    PAUTH = "FEAT_PAuth": ID_AA64ISAR1_EL1 4 1, ID_AA64ISAR1_EL1 8 1, ID_AA64ISAR1_EL1 24 1, ID_AA64ISAR1_EL1 28 1,
        ID_AA64ISAR2_EL1 8 1, ID_AA64ISAR2_EL1 12 1;
    LS64 = "FEAT_LS64": ID_AA64ISAR1_EL1 60 1;
    LS64_V = "FEAT_LS64_V": ID_AA64ISAR1_EL1 60 2;
    MOPS = "FEAT_MOPS": ID_AA64ISAR2_EL1 16 1;
    FGT = "FEAT_FGT": ID_AA64MMFR0_EL1 56 1;
    FGT2 = "FEAT_FGT2": ID_AA64MMFR0_EL1 56 2;
    ECV_OFFSET = "FEAT_ECV_POFF": ID_AA64MMFR0_EL1 60 2;
    LOR = "FEAT_LOR": ID_AA64MMFR1_EL1 16 1;
    HCX = "FEAT_HCX": ID_AA64MMFR1_EL1 40 1;
    TCR2 = "FEAT_TCR2": ID_AA64MMFR3_EL1 0 1;
    SCTLR2 = "FEAT_SCTLR2": ID_AA64MMFR3_EL1 4 1;
    S1PIE = "FEAT_S1PIE": ID_AA64MMFR3_EL1 8 1;
    AIE = "FEAT_AIE": ID_AA64MMFR3_EL1 24 1;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_of_the_fields_announces_it() {
        let with =
            |name: &'static str, value: u64| move |register: Register| if register.name == name { value } else { 0 };
        assert!(!PAUTH.is_there(|_| 0));
        assert!(PAUTH.is_there(with("ID_AA64ISAR1_EL1", 1 << 28)));
        assert!(PAUTH.is_there(with("ID_AA64ISAR2_EL1", 5 << 12)));
        assert!(!PAUTH.is_there(with("ID_AA64ISAR2_EL1", 1 << 16)));
        assert!(MTE2.is_there(with("ID_AA64PFR1_EL1", 2 << 8)));
        assert!(!MTE2.is_there(with("ID_AA64PFR1_EL1", 1 << 8)), "tags without memory");
        assert!(SME_FA64.is_there(with("ID_AA64SMFR0_EL1", 1 << 63)));
        assert!(FP.is_there(|_| 0) && !FP.is_there(|_| !0), "0xf says no");
    }
}
