//! Each clause by its number, on made-up ID registers. The bit numbers are those of booting.rst and
//! of DDI0487, not the constants of the code.

mod availability;
mod features;

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
    isar0: 0x1_1120,
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
        isar0: all,
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

/// The bits that `change` to the ID registers adds to a register's value on a Cortex-A53; it takes
/// none away.
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
fn the_values_of_a_cpu_that_has_everything() {
    let bits = |bits: &[u32]| bits.iter().fold(0, |value, bit| value | 1_u64 << bit);
    assert_eq!(
        scr(&everything()),
        bits(&[
            0, 4, 5, 8, 9, 10, 16, 17, 21, 25, 26, 27, 28, 35, 36, 37, 38, 39, 41, 42, 43, 44, 45, 46, 47, 49, 50, 53,
            54, 55, 59, 60, 61
        ])
    );
    assert_eq!(
        mdcr(&everything()),
        bits(&[
            7, 12, 13, 16, 23, 24, 25, 28, 32, 34, 36, 40, 42, 43, 44, 47, 50, 51, 53, 55
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
