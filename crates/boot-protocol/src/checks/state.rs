//! The state of the machine at entry: non-secure (H2), timers (J), registers (L1).

use core::fmt::Write;

use crate::instruction::{Register, Trap};
use crate::subject::{Subject, settle};
use crate::{Judgement, Text, feature, register as r};

/// `CNTFRQ_EL0` has 32 bits.
const FREQUENCY_MASK: u64 = 0xffff_ffff;
/// The largest difference of two reads of a counter, as a fraction of a second.
const COUNTER_SLACK: u64 = 50;

pub(super) fn h2(subject: &mut Subject<'_>) -> Judgement {
    settle(subject.needs_el3().map(|()| {
        let expected = "the kernel in the non-secure world";
        if let Some(address) = subject.facts.secure_memory {
            return match subject.load(address) {
                Ok(value) => Judgement::of(
                    false,
                    expected,
                    format_args!("{value:#x} read from secure memory, {address:#x}"),
                ),
                Err(trap) => Judgement::of(
                    trap.class() == Trap::DATA_ABORT_CLASS,
                    expected,
                    format_args!("{trap}, on reading secure memory at {address:#x}"),
                ),
            };
        }
        if subject.is_at_el2() && !subject.has(&feature::SECURE_EL2) {
            return Judgement::of(true, expected, "EL2, which this CPU has in the non-secure world only");
        }
        Judgement::not_observable("memory that only the secure world reaches, in the device tree")
    }))
}

pub(super) fn j1(subject: &mut Subject<'_>) -> Judgement {
    match subject.read(r::CNTFRQ_EL0) {
        Ok(value) if value & FREQUENCY_MASK != 0 && subject.facts.cpus.len() > 1 => {
            subject.same_on_every_cpu("CNTFRQ_EL0", value & FREQUENCY_MASK)
        }
        Ok(value) => Judgement::of(
            value & FREQUENCY_MASK != 0,
            "CNTFRQ_EL0 not to be 0",
            format_args!("{value:#x}"),
        ),
        Err(trap) => Judgement::of(false, "CNTFRQ_EL0 to be readable", trap),
    }
}

pub(super) fn j2(subject: &mut Subject<'_>) -> Judgement {
    if subject.is_at_el2() {
        return match subject.read(r::CNTVOFF_EL2) {
            Ok(offset) => subject.same_on_every_cpu("CNTVOFF_EL2", offset),
            Err(trap) => Judgement::of(false, "CNTVOFF_EL2 to be readable", trap),
        };
    }
    settle(subject.needs_entry_at_el1_below_el2().and_then(|()| {
        let expected = "the counters to be readable";
        let failed = |trap| Judgement::of(false, expected, trap);
        let virtual_ticks = subject.read(r::CNTVCT_EL0).map_err(failed)?;
        let ticks = subject.read(r::CNTPCT_EL0).map_err(failed)?;
        let offset = ticks.wrapping_sub(virtual_ticks);
        let first = subject.of_first_cpu("CNTPCT_EL0 - CNTVCT_EL0", offset);
        let slack = subject.read(r::CNTFRQ_EL0).map_err(failed)? / COUNTER_SLACK;
        Ok(Judgement::of(
            first.abs_diff(offset) <= slack,
            format_args!("CNTPCT_EL0 - CNTVCT_EL0 as on the first CPU, {first:#x}"),
            format_args!("{offset:#x}"),
        ))
    }))
}

pub(super) fn j3(subject: &mut Subject<'_>) -> Judgement {
    settle(subject.needs_entry_at_el1_below_el2().map(|()| {
        let expected = "CNTPCT_EL0 not to trap";
        match subject.read(r::CNTPCT_EL0) {
            Ok(value) => Judgement::of(true, expected, format_args!("{value:#x}")),
            Err(trap) => Judgement::of(false, expected, trap),
        }
    }))
}

/// The bits of a register that are to have certain values.
struct Known {
    register: Register,
    mask: u64,
    value: u64,
}

const fn known(register: Register, mask: u64, value: u64) -> Known {
    Known { register, mask, value }
}

/// `SCTLR_EL2`: what is RES1 where `HCR_EL2.E2H` is 0.
const SCTLR_EL2_RES1: u64 = 0x30c5_0830;
/// `SCTLR_EL1`: what is RES1, or RES1 without a feature that makes it say "no trap".
const SCTLR_EL1_RES1: u64 = 0x30d0_0800;
/// `SCTLR_EL1.M`, `EE` and `E0E`: the MMU off, little endian.
const SCTLR_EL1_OFF: u64 = 1 << 25 | 1 << 24 | 1;
/// `HCR_EL2` but for what says that EL1 is AArch64 (RW), and what keeps features of EL1 and EL0
/// from trapping (APK, API, ATA).
const HCR_RESIDUE: u64 = !(1 << 56 | 1 << 41 | 1 << 40 | 1 << 31);
/// `CPTR_EL2.TCPAC`, `TAM`, `TTA` and `TFP`.
const CPTR_TRAPS: u64 = 1 << 31 | 1 << 30 | 1 << 20 | 1 << 10;
/// `MDCR_EL2`: all that traps debug registers and the PMU, or sends debug exceptions to EL2.
const MDCR_TRAPS: u64 = 0b111_1110_0000;
/// `VTCR_EL2` but for bit 31, which is RES1.
const VTCR_RESIDUE: u64 = 0x7fff_ffff;
/// `MDSCR_EL1.MDE`, `KDE`, `TDCC` and `SS`.
const MDSCR_DEBUG: u64 = 1 << 15 | 1 << 13 | 1 << 12 | 1;
/// `CNTx_CTL.ENABLE`.
const TIMER_ENABLE: u64 = 1;

const AT_EL2: [Known; 12] = [
    known(r::SCTLR_EL2, SCTLR_EL2_RES1, SCTLR_EL2_RES1),
    known(r::HCR_EL2, HCR_RESIDUE, 0),
    known(r::CPTR_EL2, CPTR_TRAPS, 0),
    known(r::MDCR_EL2, MDCR_TRAPS, 0),
    known(r::HSTR_EL2, !0, 0),
    known(r::VTTBR_EL2, !0, 0),
    known(r::VTCR_EL2, VTCR_RESIDUE, 0),
    known(r::CNTHP_CTL_EL2, TIMER_ENABLE, 0),
    known(r::SCTLR_EL1, SCTLR_EL1_OFF, 0),
    known(r::MDSCR_EL1, MDSCR_DEBUG, 0),
    known(r::CNTP_CTL_EL0, TIMER_ENABLE, 0),
    known(r::CNTV_CTL_EL0, TIMER_ENABLE, 0),
];

const AT_EL1: [Known; 4] = [
    known(r::SCTLR_EL1, SCTLR_EL1_RES1 | SCTLR_EL1_OFF, SCTLR_EL1_RES1),
    known(r::MDSCR_EL1, MDSCR_DEBUG, 0),
    known(r::CNTP_CTL_EL0, TIMER_ENABLE, 0),
    known(r::CNTV_CTL_EL0, TIMER_ENABLE, 0),
];

/// Registers of EL2 that are to say what registers of EL1 say.
const MIRRORS: [(Register, Register); 2] = [(r::VPIDR_EL2, r::MIDR_EL1), (r::VMPIDR_EL2, r::MPIDR_EL1)];

pub(super) fn l1(subject: &mut Subject<'_>) -> Judgement {
    let (all, mirrors): (&[Known], &[_]) = if subject.is_at_el2() {
        (&AT_EL2, &MIRRORS)
    } else {
        (&AT_EL1, &[])
    };
    // Where there is no EL3, whoever brings the others in is part of the machine, and the loader
    // has no say in the first register, which is SCTLR_ELx: QEMU leaves it as after reset, without
    // the bits that are RES1.
    let is_by_loader = subject.is_first() || subject.has(&feature::EL3);
    let all = all.iter().skip(if is_by_loader { 0 } else { 1 });

    let (mut count, mut broken) = (0_u32, Text::new());
    let mut compare = |subject: &mut Subject<'_>, register: Register, mask: u64, value: u64| {
        count = count.saturating_add(1);
        // What does not fit into the evidence is one register too many to matter.
        let _ = match subject.read(register) {
            Ok(found) if found & mask == value => Ok(()),
            Ok(found) => write!(broken, "{} {found:#x} & {mask:#x} is not {value:#x}, ", register.name),
            Err(trap) => write!(broken, "{}: {trap}, ", register.name),
        };
    };
    for Known { register, mask, value } in all {
        compare(subject, *register, *mask, *value);
    }
    for (mirror, of) in mirrors {
        let value = subject.read(*of).unwrap_or(0);
        compare(subject, *mirror, !0, value);
    }
    let expected = format_args!("{count} registers at or below the level of entry initialised");
    if broken.is_empty() {
        return Judgement::of(true, expected, "all");
    }
    Judgement::of(false, expected, broken.trim_end_matches(", "))
}
