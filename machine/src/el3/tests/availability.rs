//! The features that SMCCC_ARCH_FEATURE_AVAILABILITY reports.

use super::super::availability::*;
use super::*;

/// `SCR_EL3.TERR` and `FIEN`, and `TRNDR`.
const ERRORS: u64 = 1 << 15 | 1 << 21;
const TRNDR: u64 = 1 << 40;
/// `MDCR_EL3.TPM`, `TDA`, `TDOSA`, `TTRF` and `TDCC`, and `EnPM2`.
const TPM: u64 = 1 << 6;
const TDA_TDOSA: u64 = 1 << 9 | 1 << 10;
const TTRF: u64 = 1 << 19;
const TDCC: u64 = 1 << 27;
const ENPM2: u64 = 1 << 7;

#[test]
fn every_feature_that_el3_enables_is_reported() {
    let id = everything();
    // RES1, NS, HCE, SIF, RW and API are about no feature, or reported by another bit.
    let no_feature = 0b11_0000 | 1 | 1 << 8 | 1 << 9 | 1 << 10 | 1 << 17;
    let scr = secure_configuration(&id);
    assert_eq!(by_secure_configuration(&id), scr & !no_feature | ERRORS | TRNDR);
    // SDD, SCCD and MCCD are about EL3 itself, as are the upper bits of NSPB and NSTB.
    let no_feature = 1 << 16 | 1 << 23 | 1 << 34 | 1 << 13 | 1 << 25;
    let others = TPM | TDA_TDOSA | TTRF | TDCC | ENPM2;
    let mdcr = debug_configuration(&id);
    assert_eq!(by_debug_configuration(&id), mdcr & !no_feature | others);
    let (tcpac, tam, tta, esm, tfp, ez) = (1 << 31, 1 << 30, 1 << 20, 1 << 12, 1 << 10, 1 << 8);
    assert_eq!(by_architectural_features(&id), tcpac | tam | esm | tfp | ez);
    let with_trace = with(id, |id| id.shared.dfr0 |= 1 << 4);
    assert_eq!(
        by_architectural_features(&with_trace),
        tcpac | tam | tta | esm | tfp | ez
    );
    assert_eq!(by_partitioning(&id), 1 << 62);
}

#[test]
fn a_feature_that_the_cpu_does_not_have_is_not_reported() {
    let (tcpac, tfp) = (1 << 31, 1 << 10);
    let none = El3IdRegisters::default();
    assert_eq!(by_secure_configuration(&none), 0);
    assert_eq!(by_architectural_features(&none), tcpac | tfp);
    assert_eq!(by_debug_configuration(&none), TDA_TDOSA | ENPM2);
    assert_eq!(by_partitioning(&none), 0);
}

#[test]
fn each_trap_is_reported_by_the_feature_that_it_traps() {
    let scr = |set: fn(&mut El3IdRegisters)| by_secure_configuration(&with(El3IdRegisters::default(), set));
    assert_eq!(scr(|id| id.shared.pfr0 = 1 << 28), ERRORS);
    assert_eq!(scr(|id| id.isar0 = 1 << 60), TRNDR);
    let mdcr = |set: fn(&mut El3IdRegisters)| by_debug_configuration(&with(El3IdRegisters::default(), set));
    let always = TDA_TDOSA | ENPM2;
    assert_eq!(mdcr(|id| id.shared.dfr0 = 1 << 8), always | TPM);
    assert_eq!(mdcr(|id| id.shared.dfr0 = 0xf << 8), always);
    assert_eq!(mdcr(|id| id.shared.dfr0 = 1 << 40), always | TTRF);
    assert_eq!(mdcr(|id| id.shared.mmfr0 = 1 << 56), always | TDCC);
}

/// Returns `id` as `set` changes it.
fn with(mut id: El3IdRegisters, set: impl FnOnce(&mut El3IdRegisters)) -> El3IdRegisters {
    set(&mut id);
    id
}
