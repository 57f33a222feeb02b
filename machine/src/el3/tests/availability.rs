//! The features that SMCCC_ARCH_FEATURE_AVAILABILITY reports.

use super::super::availability::{ARCHITECTURAL_FEATURES, DEBUG_CONFIGURATION, PARTITIONING, SECURE_CONFIGURATION};
use super::*;

#[test]
fn every_feature_that_el3_enables_is_reported() {
    let id = everything();
    // RES1, NS, HCE, SIF, RW and API are about no feature, or reported by another bit.
    let no_feature = 0b11_0000 | 1 | 1 << 8 | 1 << 9 | 1 << 10 | 1 << 17;
    let (terr, trndr) = (1 << 15, 1 << 40);
    let scr = secure_configuration(&id);
    assert_eq!(SECURE_CONFIGURATION.of(scr), scr & !no_feature | terr | trndr);
    // SDD, SCCD and MCCD are about EL3 itself, as are the upper bits of NSPB and NSTB.
    let no_feature = 1 << 16 | 1 << 23 | 1 << 34 | 1 << 13 | 1 << 25;
    let traps = 1 << 6 | 1 << 9 | 1 << 10 | 1 << 19 | 1 << 27;
    let mdcr = debug_configuration(&id);
    assert_eq!(DEBUG_CONFIGURATION.of(mdcr), mdcr & !no_feature | traps);
}

#[test]
fn what_traps_is_inverted() {
    let (tcpac, tam, tta, esm, tfp, ez) = (1 << 31, 1 << 30, 1 << 20, 1 << 12, 1 << 10, 1 << 8);
    let traps = tcpac | tam | tta | tfp;
    assert_eq!(ARCHITECTURAL_FEATURES.of(0), traps);
    assert_eq!(ARCHITECTURAL_FEATURES.of(ez | esm), traps | ez | esm);
    assert_eq!(ARCHITECTURAL_FEATURES.of(traps), 0);
    assert_eq!(ARCHITECTURAL_FEATURES.of(!0), ez | esm);
    let (mpamen, traplower) = (1 << 63, 1 << 62);
    assert_eq!(PARTITIONING.of(mpamen), traplower);
    assert_eq!(PARTITIONING.of(mpamen | traplower), 0);
}

#[test]
fn a_feature_that_the_cpu_lacks_is_not_enabled() {
    let traps = 1 << 15 | 1 << 40;
    assert_eq!(SECURE_CONFIGURATION.of(secure_configuration(&A53)), traps);
}
