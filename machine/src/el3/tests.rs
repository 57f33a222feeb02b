//! Each clause by its number, on made-up ID registers. The bit numbers are those of booting.rst and of DDI0487, not the constants of the code.

use super::*;
use crate::id_registers::IdRegisters;

/// Cortex-A53 r0p4 in a GICv3 system.
const A53: El3IdRegisters = El3IdRegisters {
    shared: IdRegisters {
        midr: 0x410f_d034,
        mpidr: 0x8000_0000,
        pfr0: 0x0100_2222,
        pfr1: 0,
        dfr0: 0x1030_5106,
        mmfr0: 0x0000_1122,
        mmfr1: 0,
        mmfr3: 0,
        smfr0: 0,
        mpamidr: 0,
        pmu_counters: 6,
    },
    pfr2: 0,
    isar1: 0,
    isar2: 0,
    dfr1: 0,
    dfr2: 0,
    mmfr4: 0,
    pmsidr: 0,
    amcgcr: 0,
};

const GICV3: Machine = Machine {
    has_gicv3: true,
    counter_hz: 62_500_000,
};

fn a53_with(change: impl FnOnce(&mut El3IdRegisters)) -> El3IdRegisters {
    let mut id = A53;
    change(&mut id);
    id
}

/// A CPU whose ID registers announce all there is.
fn everything() -> El3IdRegisters {
    // No PMU and no MTPMU are 0xf in DFR0; the greatest of a version else.
    let all = 0x7777_7777_7777_7777;
    El3IdRegisters {
        shared: IdRegisters {
            pfr0: all,
            pfr1: all,
            dfr0: 0x0171_1313_1111_190b,
            mmfr0: all,
            mmfr1: all,
            mmfr3: all,
            smfr0: !0,
            ..A53.shared
        },
        pfr2: all,
        isar1: all,
        isar2: all,
        dfr1: all,
        dfr2: all,
        mmfr4: all,
        pmsidr: !0,
        amcgcr: 0x0a04,
    }
}

fn state(id: &El3IdRegisters, machine: Machine) -> Vec<(Register, u64)> {
    let mut all = Vec::new();
    state_at_entry(id, machine, |register, value| all.push((register, value)));
    all
}

fn value(id: &El3IdRegisters, register: Register) -> Option<u64> {
    state(id, GICV3)
        .into_iter()
        .find(|(name, _)| *name == register)
        .map(|(_, value)| value)
}

fn scr(id: &El3IdRegisters) -> u64 {
    value(id, Register::ScrEl3).unwrap()
}

fn mdcr(id: &El3IdRegisters) -> u64 {
    value(id, Register::MdcrEl3).unwrap()
}

fn cptr(id: &El3IdRegisters) -> u64 {
    value(id, Register::CptrEl3).unwrap()
}

/// The bits that `change` to the ID registers adds to a register's value on a Cortex-A53; it takes none away.
fn added(register: Register, change: impl FnOnce(&mut El3IdRegisters)) -> Vec<u32> {
    let before = value(&A53, register).unwrap_or(0);
    let after = value(&a53_with(change), register).unwrap_or(0);
    assert_eq!(before & !after, 0);
    (0..64).filter(|bit| (after & !before) >> bit & 1 != 0).collect()
}

use Register as R;

#[test]
fn features_that_are_not_there_leave_their_bits_0() {
    let names: Vec<_> = state(&A53, GICV3).into_iter().map(|(name, _)| name).collect();
    assert_eq!(
        names,
        [
            R::ScrEl3,
            R::CptrEl3,
            R::MdcrEl3,
            R::IccSreEl3,
            R::IccSreEl1,
            R::IccCtlrEl3,
            R::IccIgrpen0El1,
            R::IccIgrpen1El3,
            R::IccPmrEl1,
            R::CntfrqEl0,
            R::CntpsCtlEl1,
            R::SctlrEl2,
        ]
    );
    // NS, RES1, HCE, SIF, RW.
    assert_eq!(scr(&A53), 0x731);
    assert_eq!(cptr(&A53), 0);
    assert_eq!(mdcr(&A53), 1 << 16);
    let nothing = El3IdRegisters::default();
    assert_eq!(scr(&nothing), 0x631);
    assert_eq!(mdcr(&nothing), 1 << 16);
}

#[test]
fn h1_h3_the_kernel_is_entered_at_the_highest_level_there_is_with_interrupts_masked() {
    assert_eq!(saved_state_at_entry(&A53), 0x3c9);
    assert_eq!(saved_state_at_entry(&a53_with(|id| id.shared.pfr0 &= !0xf00)), 0x3c5);
}

#[test]
fn h2_z1_the_normal_world_is_non_secure_aarch64_and_may_call_and_wait() {
    for id in [A53, everything()] {
        assert_eq!(scr(&id) & 1, 1, "NS");
        assert_eq!(scr(&id) >> 62 & 1, 0, "NSE");
        assert_eq!(scr(&id) >> 10 & 1, 1, "RW");
        assert_eq!(scr(&id) >> 7 & 1, 0, "SMD");
        assert_eq!(scr(&id) >> 12 & 0b11, 0, "TWI, TWE");
        assert_eq!(scr(&id) >> 18 & 1, 0, "EEL2");
    }
}

#[test]
fn j1_the_counter_frequency_is_the_one_that_was_found() {
    assert_eq!(value(&A53, R::CntfrqEl0), Some(62_500_000));
}

#[test]
fn l1_z8_sctlr_el2_is_off_and_little_endian_where_there_is_an_el2() {
    assert_eq!(value(&A53, R::SctlrEl2), Some(0x30c5_0830));
    assert_eq!(SCTLR_EL2_OFF >> 25 & 1, 0, "EE");
    assert_eq!(value(&a53_with(|id| id.shared.pfr0 &= !0xf00), R::SctlrEl2), None);
}

#[test]
fn m1_m2_no_interrupt_and_no_abort_is_taken_to_el3_on_any_cpu() {
    for id in [A53, everything(), El3IdRegisters::default()] {
        assert_eq!(scr(&id) & 0b1110, 0, "IRQ, FIQ, EA");
    }
}

#[test]
fn m3_hypervisor_calls_work_where_there_is_an_el2() {
    assert_eq!(scr(&A53) >> 8 & 1, 1);
    assert_eq!(scr(&a53_with(|id| id.shared.pfr0 &= !0xf00)) >> 8 & 1, 0);
}

#[test]
fn m6_m7_m9_a_gicv3_is_driven_by_system_registers() {
    assert_eq!(value(&A53, R::IccSreEl3), Some(0xf));
    assert_eq!(value(&A53, R::IccSreEl1), Some(0x7));
    let names: Vec<_> = state(&A53, GICV3).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names[3], R::IccSreEl3, "before the registers that it opens");
}

#[test]
fn m8_priority_mask_hints_are_off_on_every_cpu() {
    for id in [A53, everything()] {
        assert_eq!(value(&id, R::IccCtlrEl3), Some(0));
    }
}

#[test]
fn z7_the_gicv3_cpu_interface_signals_nothing_before_the_kernel_asks() {
    assert_eq!(value(&A53, R::IccIgrpen0El1), Some(0));
    assert_eq!(value(&A53, R::IccIgrpen1El3), Some(0));
    assert_eq!(value(&A53, R::IccPmrEl1), Some(0x80));
}

#[test]
fn m11_registers_of_a_gicv3_are_left_alone_in_a_machine_with_a_gicv2() {
    let gicv2 = Machine {
        has_gicv3: false,
        ..GICV3
    };
    for (id, machine) in [(A53, gicv2), (a53_with(|id| id.shared.pfr0 = 0x2222), GICV3)] {
        let names: Vec<_> = state(&id, machine).into_iter().map(|(name, _)| name).collect();
        assert_eq!(
            names,
            [
                R::ScrEl3,
                R::CptrEl3,
                R::MdcrEl3,
                R::CntfrqEl0,
                R::CntpsCtlEl1,
                R::SctlrEl2
            ]
        );
    }
}

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
    assert_eq!(added(R::MdcrEl3, |id| id.dfr1 = 1 << 48), [40], "EBEP");
    assert_eq!(added(R::MdcrEl3, |id| id.dfr2 = 1), [50], "STEP2");
    assert_eq!(added(R::MdcrEl3, |id| id.dfr2 = 1 << 16), [51], "SPE_EXC");
    assert_eq!(added(R::MdcrEl3, |id| id.dfr2 = 1 << 20), [55], "SPE_nVM");
    assert_eq!(added(R::MdcrEl3, |id| id.dfr2 = 1 << 24), [53], "TRBE_EXC");
}

#[test]
fn the_values_of_a_cpu_that_has_everything() {
    let bits = |bits: &[u32]| bits.iter().fold(0, |value, bit| value | 1_u64 << bit);
    assert_eq!(
        scr(&everything()),
        bits(&[
            0, 4, 5, 8, 9, 10, 16, 17, 25, 26, 27, 28, 35, 36, 37, 38, 39, 41, 42, 43, 44, 45, 46, 47, 49, 50, 53, 54,
            55, 59, 60, 61
        ])
    );
    assert_eq!(
        mdcr(&everything()),
        bits(&[
            7, 12, 13, 16, 23, 24, 25, 28, 32, 34, 36, 40, 42, 43, 47, 50, 51, 53, 55
        ])
    );
    assert_eq!(cptr(&everything()), bits(&[8, 12]));
}

#[test]
fn n1_cpus_that_are_alike_are_set_up_alike() {
    let other = |id: El3IdRegisters| El3IdRegisters {
        shared: IdRegisters {
            mpidr: 0x8000_0001,
            ..id.shared
        },
        ..id
    };
    for id in [A53, everything()] {
        assert_eq!(state(&id, GICV3), state(&other(id), GICV3));
    }
}
