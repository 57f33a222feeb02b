//! Tests that each feature opens its own to the normal world, and nothing else.

use super::*;

#[test]
fn m12_pointer_authentication_is_not_trapped() {
    for shift in [4, 8, 24, 28] {
        assert_eq!(added(R::ScrEl3, |id| id.isar1 = 1 << shift), [16, 17]);
    }
    for shift in [8, 12] {
        assert_eq!(added(R::ScrEl3, |id| id.isar2 = 1 << shift), [16, 17]);
    }
    assert_eq!(
        added(R::ScrEl3, |id| id.isar1 = 0x00ff_f00f),
        [],
        "neighbours of the fields"
    );
}

#[test]
fn m14_activity_monitors_are_not_trapped_and_count() {
    let amu = |id: &mut El3IdRegisters| id.shared.pfr0 |= 1 << 44;
    assert_eq!(cptr(&a53_with(amu)) >> 30 & 1, 0, "TAM");
    assert_eq!(value(&a53_with(amu), R::Amcntenset0El0), Some(0b1111));
    assert_eq!(value(&a53_with(amu), R::Amcntenset1El0), None, "no auxiliary ones");
    assert_eq!(value(&everything(), R::Amcntenset1El0), Some(0x3ff));
    assert_eq!(value(&A53, R::Amcntenset0El0), None);
}

#[test]
fn amu_offsets_are_enabled_with_the_second_version() {
    assert_eq!(added(R::ScrEl3, |id| id.shared.pfr0 |= 1 << 44), []);
    assert_eq!(added(R::ScrEl3, |id| id.shared.pfr0 |= 2 << 44), [35]);
}

#[test]
fn m16_m17_fine_grained_traps_are_el2s() {
    assert_eq!(added(R::ScrEl3, |id| id.shared.mmfr0 |= 1 << 56), [27]);
    assert_eq!(added(R::ScrEl3, |id| id.shared.mmfr0 |= 2 << 56), [27, 59]);
}

#[test]
fn m18_the_extended_hypervisor_configuration_is_not_trapped() {
    assert_eq!(added(R::ScrEl3, |id| id.shared.mmfr1 |= 1 << 40), [38]);
}

#[test]
fn m19_z2_floating_point_and_the_trap_registers_below_are_not_trapped() {
    for id in [A53, everything()] {
        assert_eq!(cptr(&id) & (1 << 10 | 1 << 20 | 1 << 30 | 1 << 31), 0);
    }
}

#[test]
fn m21_m22_sve_is_not_trapped_and_as_long_as_it_gets() {
    let sve = |id: &mut El3IdRegisters| id.shared.pfr0 |= 1 << 32;
    assert_eq!(added(R::CptrEl3, sve), [8]);
    assert_eq!(value(&a53_with(sve), R::ZcrEl3), Some(0xf));
}

#[test]
fn m24_m25_m26_sme_is_not_trapped_and_as_long_as_it_gets() {
    let sme = |id: &mut El3IdRegisters| id.shared.pfr1 |= 1 << 24;
    assert_eq!(added(R::CptrEl3, sme), [12]);
    assert_eq!(added(R::ScrEl3, sme), [41]);
    assert_eq!(value(&a53_with(sme), R::SmcrEl3), Some(0xf));
    assert_eq!(value(&a53_with(sme), R::Svcr), Some(0), "L1: streaming mode is off");
}

#[test]
fn m28_m32_all_of_a64_and_the_lookup_table_are_allowed_where_they_are() {
    let full = |id: &mut El3IdRegisters| (id.shared.pfr1, id.shared.smfr0) = (1 << 24, 1 << 63);
    assert_eq!(value(&a53_with(full), R::SmcrEl3), Some(1 << 31 | 0xf));
    let sme2 = |id: &mut El3IdRegisters| id.shared.pfr1 = 2 << 24;
    assert_eq!(value(&a53_with(sme2), R::SmcrEl3), Some(1 << 30 | 0xf));
}

#[test]
fn vector_lengths_come_after_the_traps_are_off() {
    let names: Vec<_> = state(&everything(), GICV3).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names[..5], [R::ScrEl3, R::CptrEl3, R::MdcrEl3, R::ZcrEl3, R::SmcrEl3]);
}

#[test]
fn m30_memory_tags_are_accessible_with_mte2() {
    assert_eq!(
        added(R::ScrEl3, |id| id.shared.pfr1 |= 1 << 8),
        [],
        "MTE has no tags in memory"
    );
    assert_eq!(added(R::ScrEl3, |id| id.shared.pfr1 |= 2 << 8), [26]);
}

#[test]
fn m34_branches_of_the_normal_world_are_recorded() {
    assert_eq!(added(R::MdcrEl3, |id| id.shared.dfr0 |= 1 << 52), [32]);
}

#[test]
fn m36_the_registers_of_pmu_v3p9_are_not_trapped() {
    let pmu = |version: u64| move |id: &mut El3IdRegisters| id.shared.dfr0 = version << 8;
    assert_eq!(added(R::MdcrEl3, pmu(9)), [7, 23, 34]);
    assert_eq!(added(R::MdcrEl3, pmu(8)), [23, 34]);
    assert_eq!(added(R::MdcrEl3, pmu(6)), [23]);
    assert_eq!(added(R::MdcrEl3, pmu(5)), []);
    assert_eq!(added(R::MdcrEl3, pmu(0xf)), [], "no architected PMU");
}

#[test]
fn m38_z4_statistical_profiling_is_the_normal_worlds() {
    assert_eq!(added(R::MdcrEl3, |id| id.shared.dfr0 |= 1 << 32), [12, 13]);
    assert_eq!(
        added(R::MdcrEl3, |id| id.shared.dfr0 |= 3 << 32),
        [12, 13, 36],
        "PMSNEVFR_EL1"
    );
    let filter = |id: &mut El3IdRegisters| (id.shared.dfr0, id.pmsidr) = (1 << 32, 1 << 7);
    assert_eq!(added(R::MdcrEl3, filter), [12, 13, 42], "PMSDSFR_EL1");
    assert_eq!(added(R::MdcrEl3, |id| id.pmsidr = 1 << 7), [], "no profiling");
}

#[test]
fn m41_m43_m46_translation_controls_and_guarded_stacks_are_not_trapped() {
    assert_eq!(added(R::ScrEl3, |id| id.shared.mmfr3 = 1), [43], "TCR2");
    for shift in [8, 12, 16, 20] {
        assert_eq!(added(R::ScrEl3, |id| id.shared.mmfr3 = 1 << shift), [45], "PIE, POE");
    }
    assert_eq!(added(R::ScrEl3, |id| id.shared.pfr1 = 1 << 44), [39], "GCS");
}

#[test]
fn m48_m49_z4_debug_trace_and_the_pmu_are_not_trapped() {
    for id in [A53, everything()] {
        // TPM, TDA, TDOSA, TTRF, TDCC.
        assert_eq!(mdcr(&id) & (1 << 6 | 1 << 9 | 1 << 10 | 1 << 19 | 1 << 27), 0);
    }
}

#[test]
fn z3_ordering_regions_and_error_records_are_not_trapped() {
    for id in [A53, everything()] {
        // TLOR, TERR, TID3, TID5, TRNDR, TWERR.
        assert_eq!(
            scr(&id) & (0b11 << 14 | 0b11 << 22 | 1 << 40 | 1 << 52),
            0,
            "a trap is set"
        );
    }
}

#[test]
fn z4_the_trace_buffer_is_the_normal_worlds() {
    assert_eq!(added(R::MdcrEl3, |id| id.shared.dfr0 |= 1 << 44), [24, 25]);
}

#[test]
fn z5_memory_partitioning_is_on_and_not_trapped() {
    let mpam = |id: &mut El3IdRegisters| id.shared.pfr0 |= 1 << 40;
    assert_eq!(
        value(&a53_with(mpam), R::Mpam3El3),
        Some(1 << 63),
        "TRAPLOWER is bit 62"
    );
    assert_eq!(value(&A53, R::Mpam3El3), None);
}

#[test]
fn z6_each_feature_enables_its_bit_and_no_other() {
    assert_eq!(added(R::ScrEl3, |id| id.shared.mmfr3 = 1 << 4), [44], "SCTLR2");
    assert_eq!(added(R::ScrEl3, |id| id.shared.mmfr3 = 1 << 24), [46], "AIE");
    assert_eq!(added(R::ScrEl3, |id| id.shared.mmfr3 = 1 << 28), [49], "MEC");
    assert_eq!(added(R::ScrEl3, |id| id.pfr2 = 1 << 32), [50], "FPMR");
    assert_eq!(
        added(R::ScrEl3, |id| id.shared.mmfr0 |= 1 << 60),
        [],
        "ECV has no CNTPOFF_EL2"
    );
    assert_eq!(added(R::ScrEl3, |id| id.shared.mmfr0 |= 2 << 60), [28], "ECV_POFF");
}

#[test]
fn z6_speculation_contexts_come_with_csv2_2_and_with_csv2_1p2() {
    assert_eq!(added(R::ScrEl3, |id| id.shared.pfr0 |= 1 << 56), [], "CSV2");
    assert_eq!(added(R::ScrEl3, |id| id.shared.pfr0 |= 2 << 56), [25], "CSV2_2");
    let frac = |frac: u64| {
        move |id: &mut El3IdRegisters| {
            id.shared.pfr0 |= 1 << 56;
            id.shared.pfr1 = frac << 32;
        }
    };
    assert_eq!(added(R::ScrEl3, frac(1)), [], "CSV2_1p1");
    assert_eq!(added(R::ScrEl3, frac(2)), [25], "CSV2_1p2");
}

#[test]
fn l1_n3_registers_without_a_clause_are_not_trapped_either() {
    assert_eq!(added(R::ScrEl3, |id| id.isar1 = 2 << 60), [], "LS64_V");
    assert_eq!(added(R::ScrEl3, |id| id.isar1 = 3 << 60), [36, 37], "LS64_ACCDATA");
    assert_eq!(added(R::ScrEl3, |id| id.shared.pfr1 = 1 << 48), [42], "THE");
    assert_eq!(added(R::ScrEl3, |id| id.shared.mmfr3 = 1 << 32), [47], "D128");
    assert_eq!(added(R::ScrEl3, |id| id.isar2 = 1 << 32), [55], "SYSREG128");
    assert_eq!(added(R::ScrEl3, |id| id.shared.pfr1 = 1 << 60), [53], "PFAR");
    assert_eq!(added(R::ScrEl3, |id| id.mmfr4 = 1 << 44), [54], "SRMASK");
    assert_eq!(
        added(R::ScrEl3, |id| id.shared.mmfr1 = 3),
        [],
        "hardware access flags alone"
    );
    assert_eq!(added(R::ScrEl3, |id| id.shared.mmfr1 = 4), [60], "HDBSS");
    assert_eq!(added(R::ScrEl3, |id| id.mmfr4 = 1 << 12), [61], "HACDBS");
    assert_eq!(added(R::MdcrEl3, |id| id.shared.dfr0 = 1 << 48), [28], "MTPMU");
    assert_eq!(added(R::MdcrEl3, |id| id.shared.dfr0 = 0xf << 48), [], "no MTPMU");
    assert_eq!(added(R::MdcrEl3, |id| id.shared.dfr0 = 10), [], "Debugv8p8");
    assert_eq!(added(R::MdcrEl3, |id| id.shared.dfr0 = 11), [43], "Debugv8p9");
    assert_eq!(added(R::MdcrEl3, |id| id.dfr1 = 1 << 44), [47], "ITE");
    assert_eq!(added(R::MdcrEl3, |id| id.dfr1 = 1 << 48), [7, 40], "EBEP");
    assert_eq!(added(R::MdcrEl3, |id| id.dfr1 = 1 << 32), [7], "SPMU");
    assert_eq!(added(R::MdcrEl3, |id| id.shared.dfr0 = 1 << 16), [7, 44], "PMUv3_SS");
    assert_eq!(added(R::ScrEl3, |id| id.shared.pfr0 |= 2 << 28), [21], "RASv1p1");
    assert_eq!(added(R::MdcrEl3, |id| id.dfr2 = 1), [50], "STEP2");
    assert_eq!(added(R::MdcrEl3, |id| id.dfr2 = 1 << 16), [51], "SPE_EXC");
    assert_eq!(added(R::MdcrEl3, |id| id.dfr2 = 1 << 20), [55], "SPE_nVM");
    assert_eq!(added(R::MdcrEl3, |id| id.dfr2 = 1 << 24), [53], "TRBE_EXC");
}
