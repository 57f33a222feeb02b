//! The interrupt controller: what EL3 lets the kernel see of it (M1, M2, M4 to M11), and that it is
//! the kernel's (Z7).

use crate::facts::Gic;
use crate::instruction::Trap;
use crate::subject::{Subject, settle};
use crate::{Judgement, feature, register as r};

/// `ICC_CTLR_EL1.PRIbits` and `PMHE`.
const PRIORITY_BITS_SHIFT: u32 = 8;
const PMHE: u64 = 1 << 6;
/// The subject of M1 and M2.
const FIQ: &str = "SCR_EL3.FIQ";
/// `ICC_SRE_ELx.SRE`.
const SRE: u64 = 1;

/// `GICD_PIDR2` of a GICv3.
const GICD_PIDR2: u64 = 0xffe8;
/// A frame of a redistributor; `GICR_TYPER`, with `Last` and `VLPIS`, and above them the CPU's
/// affinity.
const FRAME_BYTES: u64 = 0x2_0000;
const TYPER: u64 = 0x8;
const TYPER_AFFINITY: u64 = 0xc;
const TYPER_LAST: u64 = 1 << 4;
const TYPER_VIRTUAL_LPIS: u64 = 1 << 1;
/// The frame of the private interrupts.
const SGI_FRAME: u64 = 0x1_0000;

const ISENABLER: u64 = 0x100;
const ICENABLER: u64 = 0x180;
const GICC_PMR: u64 = 0x4;
/// A priority mask of the lower half of the non-secure priorities.
const PRIORITY_MASK: u64 = 0xf0;
/// What a kernel needs for itself: eight software-generated interrupts, the virtual and the
/// physical timer (27 and 30).
const PRIVATE_INTERRUPTS: u64 = 1 << 30 | 1 << 27 | 0xff;

fn needs_gicv3(subject: &mut Subject<'_>) -> Result<(), Judgement> {
    if matches!(subject.facts.gic, Gic::V3 { .. }) {
        return subject.needs(&feature::GIC_SYSTEM_REGISTERS);
    }
    Err(Judgement::not_applicable("of a machine without a GICv3", "none"))
}

/// `SCR_EL3.FIQ`, by what it makes of the smallest priority mask: the kernel reads back 0 if it is
/// 1.
fn fiq(subject: &mut Subject<'_>) -> Result<u64, Trap> {
    let bits = subject.read(r::ICC_CTLR_EL1)?.wrapping_shr(PRIORITY_BITS_SHIFT) & 0b111;
    let before = subject.read(r::ICC_PMR_EL1)?;
    subject.write(r::ICC_PMR_EL1, 1_u64.wrapping_shl(7_u64.saturating_sub(bits) as u32))?;
    let read_back = subject.read(r::ICC_PMR_EL1)?;
    subject.write(r::ICC_PMR_EL1, before)?;
    Ok((read_back == 0).into())
}

/// The same as [`fiq`], where there is a way to see it.
fn visible_fiq(subject: &mut Subject<'_>) -> Result<u64, Judgement> {
    subject.needs_el3()?;
    needs_gicv3(subject).map_err(|_| {
        Judgement::not_observable("a priority mask of a GICv3, in which alone SCR_EL3.FIQ shows below EL3")
    })?;
    fiq(subject).map_err(|trap| Judgement::of(false, "ICC_PMR_EL1 to be writable", trap))
}

pub(super) fn m1(subject: &mut Subject<'_>) -> Judgement {
    settle(visible_fiq(subject).map(|fiq| subject.same_on_every_cpu(FIQ, fiq)))
}

/// Returns what M1 saw of the first CPU is still so.
pub(super) fn m2(subject: &mut Subject<'_>) -> Judgement {
    settle(visible_fiq(subject).map(|fiq| {
        let first = subject.of_first_cpu(FIQ, fiq);
        let expected = format_args!("{FIQ} as at the entry, {first:#x}");
        Judgement::of(fiq == first, expected, format_args!("{fiq:#x}"))
    }))
}

pub(super) fn m6(subject: &mut Subject<'_>) -> Judgement {
    settle(sre(subject).map(|(name, outcome)| match outcome {
        Ok(value) => Judgement::of(true, format_args!("{name} not to trap"), format_args!("{value:#x}")),
        Err(trap) => Judgement::of(false, format_args!("{name} not to trap"), trap),
    }))
}

pub(super) fn m7(subject: &mut Subject<'_>) -> Judgement {
    settle(sre(subject).map(|(name, outcome)| match outcome {
        Ok(value) => Judgement::of(
            value & SRE != 0,
            format_args!("{name}.SRE to be 1"),
            format_args!("{value:#x}"),
        ),
        Err(trap) => Judgement::of(false, format_args!("{name}.SRE to be 1"), trap),
    }))
}

/// The register that says whether system registers are used.
fn sre(subject: &mut Subject<'_>) -> Result<(&'static str, Result<u64, Trap>), Judgement> {
    subject.needs_el3()?;
    needs_gicv3(subject)?;
    let register = if subject.is_at_el2() {
        r::ICC_SRE_EL2
    } else {
        r::ICC_SRE_EL1
    };
    Ok((register.name, subject.read(register)))
}

pub(super) fn m8(subject: &mut Subject<'_>) -> Judgement {
    settle(subject.needs_el3().and_then(|()| {
        needs_gicv3(subject)?;
        let control = subject
            .read(r::ICC_CTLR_EL1)
            .map_err(|trap| Judgement::of(false, "ICC_CTLR_EL1 to be readable", trap))?;
        Ok(subject.same_on_every_cpu("ICC_CTLR_EL1.PMHE", control & PMHE))
    }))
}

pub(super) fn m9(subject: &mut Subject<'_>) -> Judgement {
    settle(subject.needs_entry_at_el1_below_el2().and_then(|()| {
        needs_gicv3(subject)?;
        let expected = "ICC_SRE_EL1.SRE to be 1";
        Ok(match subject.read(r::ICC_SRE_EL1) {
            Ok(value) => Judgement::of(value & SRE != 0, expected, format_args!("{value:#x}")),
            Err(trap) => Judgement::of(false, expected, trap),
        })
    }))
}

pub(super) fn m10(subject: &mut Subject<'_>) -> Judgement {
    let has_registers = subject.has(&feature::GIC_SYSTEM_REGISTERS);
    let expected = "a GICv3 in the device tree, as in the machine";
    match subject.facts.gic {
        Gic::V3 { distributor, .. } => match subject.load(distributor.saturating_add(GICD_PIDR2)) {
            Ok(id) => Judgement::of(
                matches!(id >> 4 & 0xf, 3 | 4) && has_registers,
                expected,
                format_args!("GICD_PIDR2 {id:#x}"),
            ),
            Err(trap) => Judgement::of(false, expected, trap),
        },
        Gic::V2 { .. } => Judgement::not_applicable("of a machine without a GICv3", "a GICv2 in the device tree"),
        Gic::Unknown => Judgement::of(!has_registers, expected, "no GIC that is known"),
    }
}

pub(super) fn m11(_: &mut Subject<'_>) -> Judgement {
    Judgement::not_applicable("of a GIC that is driven as what it is", "no GICv3 in GICv2 mode")
}

pub(super) fn gicv5(_: &mut Subject<'_>) -> Judgement {
    Judgement::not_applicable("of a machine without a GICv5", "none")
}

/// The redistributor of the CPU that runs, where there is one.
pub(super) fn own_redistributor(subject: &mut Subject<'_>) -> Result<Option<u64>, Trap> {
    let Gic::V3 {
        redistributors, stride, ..
    } = &subject.facts.gic
    else {
        return Ok(None);
    };
    let mpidr = subject.entry.mpidr;
    let affinity = mpidr >> 32 << 24 & 0xff00_0000 | mpidr & 0x00ff_ffff;
    for region in redistributors {
        let mut frame = region.start();
        while frame < region.end() {
            let typer = subject.load(frame.saturating_add(TYPER))?;
            if subject.load(frame.saturating_add(TYPER_AFFINITY))? == affinity {
                return Ok(Some(frame));
            }
            if typer & TYPER_LAST != 0 {
                break;
            }
            let frames = if typer & TYPER_VIRTUAL_LPIS != 0 { 2 } else { 1 };
            let size_bytes = FRAME_BYTES.saturating_mul(frames);
            frame = frame.saturating_add(stride.unwrap_or(0).max(size_bytes));
        }
    }
    Ok(None)
}

pub(super) fn z7(subject: &mut Subject<'_>) -> Judgement {
    let expected = "interrupts and priority mask to be the kernel's";
    match z7_of(subject) {
        Ok(judgement) => judgement,
        Err(trap) => Judgement::of(false, expected, trap),
    }
}

fn z7_of(subject: &mut Subject<'_>) -> Result<Judgement, Trap> {
    let facts = subject.facts;
    let expected = "interrupts and priority mask to be the kernel's";
    let (distributor, private) = match &facts.gic {
        Gic::V2 { distributor, .. } => (*distributor, *distributor),
        Gic::V3 { distributor, .. } => match own_redistributor(subject)? {
            Some(frame) => (*distributor, frame.saturating_add(SGI_FRAME)),
            None => return Ok(Judgement::of(false, expected, "no redistributor of this CPU")),
        },
        Gic::Unknown => return Ok(Judgement::not_applicable("of a machine without a GIC", "none")),
    };
    let enabled = enable(subject, private, PRIVATE_INTERRUPTS)?;
    if enabled != PRIVATE_INTERRUPTS {
        let found = format_args!("ISENABLER0 {enabled:#x} where {PRIVATE_INTERRUPTS:#x} was written");
        return Ok(Judgement::of(false, expected, found));
    }
    if let Some(interrupt) = facts.uart.and_then(|uart| uart.interrupt) {
        let bank = distributor.saturating_add((interrupt / 32).saturating_mul(4));
        let bit = 1_u64.wrapping_shl((interrupt % 32) as u32);
        if enable(subject, bank, bit)? != bit {
            let found = format_args!("interrupt {interrupt} of the UART cannot be enabled");
            return Ok(Judgement::of(false, expected, found));
        }
    }
    let mask = priority_mask(subject)?;
    Ok(Judgement::of(
        mask != 0,
        expected,
        format_args!("ISENABLER0 {enabled:#x}, priority mask {mask:#x} where {PRIORITY_MASK:#x} was written"),
    ))
}

/// Enables interrupts, and disables those again that were not enabled before. What of them was
/// enabled.
fn enable(subject: &mut Subject<'_>, bank: u64, interrupts: u64) -> Result<u64, Trap> {
    let (set, clear) = (bank.saturating_add(ISENABLER), bank.saturating_add(ICENABLER));
    let before = subject.load(set)?;
    subject.store(set, interrupts)?;
    let after = subject.load(set)?;
    subject.store(clear, interrupts & !before)?;
    Ok(after & interrupts)
}

fn priority_mask(subject: &mut Subject<'_>) -> Result<u64, Trap> {
    if let Gic::V2 { cpu_interface, .. } = subject.facts.gic {
        let register = cpu_interface.saturating_add(GICC_PMR);
        let before = subject.load(register)?;
        subject.store(register, PRIORITY_MASK)?;
        let mask = subject.load(register)?;
        subject.store(register, before)?;
        return Ok(mask);
    }
    let before = subject.read(r::ICC_PMR_EL1)?;
    subject.write(r::ICC_PMR_EL1, PRIORITY_MASK)?;
    let mask = subject.read(r::ICC_PMR_EL1)?;
    subject.write(r::ICC_PMR_EL1, before)?;
    Ok(mask)
}
