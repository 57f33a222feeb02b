//! A GICv3 or GICv4 (IHI0069).

use core::mem::offset_of;

use arm_gic::gicv3::registers::{Gicd, GicdCtlr, Gicr, GicrCtlr, GicrSgi, GicrTyper, Waker};
use phys_range::PhysRange;
use safe_mmio::{UniqueMmioPointer, field, field_shared};

use super::{
    EVERY_INTERRUPT, GicError, PRIORITIES, PRIORITIES_WITH_WAKE, PRIVATE_OF_NORMAL_WORLD, fill, wait_for_zero,
};

/// The two frames of a redistributor; virtual LPIs add two.
const REDISTRIBUTOR_SIZE: u64 = size_of::<GicrSgi>() as u64;

/// A bit of a register that does not become 0.
#[derive(Debug, PartialEq)]
pub(super) struct Stuck {
    register: &'static str,
    /// From the start of the block, in bytes.
    offset: u64,
    value: u32,
    bit: u32,
}

impl Stuck {
    /// The error of the distributor or redistributor at `block`.
    pub(super) fn at(self, block: u64) -> GicError {
        let Self {
            register,
            offset,
            value,
            bit,
        } = self;
        GicError::Stuck {
            register,
            address: block + offset,
            value,
            bit,
        }
    }
}

/// Hands over what the CPUs share: groups off, routing by affinity in both worlds, shared
/// interrupts to the normal world.
///
/// `DS` stays 0: it would give the normal world the secure half of the registers, which has no use
/// for it.
pub(super) fn hand_over_distributor(mut gicd: UniqueMmioPointer<Gicd>) -> Result<(), Stuck> {
    let groups = GicdCtlr::EnableGrp0 | GicdCtlr::EnableGrp1S | GicdCtlr::EnableGrp1NS;
    let control = field_shared!(gicd, ctlr).read() & !(groups | GicdCtlr::RWP);
    // Routing may change only while no group is enabled (IHI0069, GICD_CTLR).
    field!(gicd, ctlr).write(control);
    settle(&gicd)?;
    field!(gicd, ctlr).write(control | GicdCtlr::ARE_S | GicdCtlr::ARE_NS);
    settle(&gicd)?;

    let typer = field_shared!(gicd, typer).read();
    let last = typer.num_spis().div_ceil(32) as usize;
    let banks = 1..last + 1;
    fill(field!(gicd, icenabler), banks.clone(), EVERY_INTERRUPT);
    fill(field!(gicd, igroupr), banks.clone(), EVERY_INTERRUPT);
    fill(field!(gicd, igrpmodr), banks, 0);
    fill(field!(gicd, ipriorityr), 8..8 * (last + 1), PRIORITIES);

    let extended = (typer.num_espis() / 32) as usize;
    fill(field!(gicd, icenabler_e), 0..extended, EVERY_INTERRUPT);
    fill(field!(gicd, igroupr_e), 0..extended, EVERY_INTERRUPT);
    fill(field!(gicd, igrpmodr_e), 0..extended, 0);
    fill(field!(gicd, ipriorityr_e), 0..8 * extended, PRIORITIES);
    settle(&gicd)
}

fn settle(gicd: &UniqueMmioPointer<Gicd>) -> Result<(), Stuck> {
    let bit = GicdCtlr::RWP.bits();
    wait_for_zero(bit, || field_shared!(gicd, ctlr).read().bits()).map_err(|value| Stuck {
        register: "GICD_CTLR",
        offset: 0,
        value,
        bit,
    })
}

/// Hands over what one CPU has for itself: its redistributor awake, its own interrupts to the
/// normal world.
pub(super) fn hand_over_redistributor(mut registers: UniqueMmioPointer<GicrSgi>) -> Result<(), Stuck> {
    let banks = {
        let mut gicr = field!(registers, gicr);
        let waker = field_shared!(gicr, waker).read();
        field!(gicr, waker).write(waker & !Waker::PROCESSOR_SLEEP);
        let bit = Waker::CHILDREN_ASLEEP.bits();
        wait_for_zero(bit, || field_shared!(gicr, waker).read().bits()).map_err(|value| Stuck {
            register: "GICR_WAKER",
            offset: offset_of!(Gicr, waker) as u64,
            value,
            bit,
        })?;
        1 + (field_shared!(gicr, typer).read().max_eppi_count() / 32) as usize
    };
    {
        let mut sgi = field!(registers, sgi);
        fill(field!(sgi, icenabler), 0..banks, EVERY_INTERRUPT);
        fill(field!(sgi, igroupr), 0..banks, EVERY_INTERRUPT);
        fill(field!(sgi, igrpmodr), 0..banks, 0);
        fill(field!(sgi, ipriorityr), 0..8 * banks, PRIORITIES);
        fill(field!(sgi, igroupr), 0..1, PRIVATE_OF_NORMAL_WORLD);
        fill(field!(sgi, ipriorityr), 3..4, PRIORITIES_WITH_WAKE);
        fill(field!(sgi, isenabler), 0..1, !PRIVATE_OF_NORMAL_WORLD);
        fill(field!(sgi, icpendr), 0..1, !PRIVATE_OF_NORMAL_WORLD);
        // Nobody else sends it.
        field!(sgi, nsacr).write(0);
    }
    let gicr = field_shared!(registers, gicr);
    let bit = GicrCtlr::RWP.bits();
    wait_for_zero(bit, || field_shared!(gicr, ctlr).read().bits()).map_err(|value| Stuck {
        register: "GICR_CTLR",
        offset: 0,
        value,
        bit,
    })
}

/// See [`super::Gic::wait_for_wake`].
///
/// # Safety
/// As there, and the CPU has these registers.
#[cfg(target_arch = "aarch64")]
pub(super) unsafe fn wait_for_wake() {
    use core::arch::asm;
    const SYSTEM_REGISTERS: u64 = 0xf;
    // SAFETY: ICC_SRE_EL3, at EL3: the interface is driven by system registers, as it will be below
    // EL3 (M6, M7).
    unsafe { asm!("msr s3_6_c12_c12_5, {}", "isb", in(reg) SYSTEM_REGISTERS, options(nostack)) };
    // SAFETY: ICC_IGRPEN1_EL3: nothing of the normal world is signalled while the CPU is not in it.
    unsafe { asm!("msr s3_6_c12_c12_7, xzr", options(nostack)) };
    // SAFETY: ICC_CTLR_EL3: writing the end of an interrupt ends it (EOImode_EL3 is unknown after
    // reset).
    unsafe { asm!("msr s3_6_c12_c12_4, xzr", options(nostack)) };
    // What the normal world left active, or made to look so, would outrank what is to wake the CPU:
    // ICC_AP0R0_EL1 and ICC_AP1R0_EL1, and ICC_BPR0_EL1, which says how much of a priority counts.
    // SAFETY: nothing is active at EL3, and what was below it is over.
    unsafe { asm!("msr s3_0_c12_c8_4, xzr", options(nostack)) };
    // SAFETY: as above.
    unsafe { asm!("msr s3_0_c12_c9_0, xzr", options(nostack)) };
    // SAFETY: as above.
    unsafe { asm!("msr s3_0_c12_c8_3, xzr", options(nostack)) };
    let control: u64;
    // SAFETY: reads ICC_CTLR_EL3.
    unsafe { asm!("mrs {}, s3_6_c12_c12_4", out(reg) control, options(nostack)) };
    // `PRIbits` counts from 0: with 6 bits of priority there is a second register of each kind,
    // with 7 there are four.
    let priority_bits = (control >> 8 & 0b111) + 1;
    if priority_bits >= 6 {
        // SAFETY: ICC_AP0R1_EL1 is there.
        unsafe { asm!("msr s3_0_c12_c8_5, xzr", options(nostack)) };
        // SAFETY: ICC_AP1R1_EL1 is there.
        unsafe { asm!("msr s3_0_c12_c9_1, xzr", options(nostack)) };
    }
    if priority_bits >= 7 {
        // SAFETY: ICC_AP0R2_EL1 is there.
        unsafe { asm!("msr s3_0_c12_c8_6, xzr", options(nostack)) };
        // SAFETY: ICC_AP0R3_EL1 is there.
        unsafe { asm!("msr s3_0_c12_c8_7, xzr", options(nostack)) };
        // SAFETY: ICC_AP1R2_EL1 is there.
        unsafe { asm!("msr s3_0_c12_c9_2, xzr", options(nostack)) };
        // SAFETY: ICC_AP1R3_EL1 is there.
        unsafe { asm!("msr s3_0_c12_c9_3, xzr", options(nostack)) };
    }
    // SAFETY: ICC_PMR_EL1: what is more urgent than the normal world comes through.
    unsafe { asm!("msr s3_0_c4_c6_0, {}", in(reg) u64::from(super::NORMAL_WORLD_PRIORITY), options(nostack)) };
    // SAFETY: ICC_IGRPEN0_EL1: Group 0 is signalled; all exceptions are masked at EL3, so that it
    // only wakes.
    unsafe { asm!("msr s3_0_c12_c12_6, {}", "isb", in(reg) 1_u64, options(nostack)) };
}

/// See [`super::Gic::take_wake`].
///
/// # Safety
/// As there, and the CPU has these registers.
#[cfg(target_arch = "aarch64")]
pub(super) unsafe fn take_wake() {
    let taken: u64;
    // SAFETY: ICC_IAR0_EL1: the interrupt is active from here on.
    unsafe { core::arch::asm!("mrs {}, s3_0_c12_c8_0", "dsb sy", out(reg) taken, options(nostack)) };
    // SAFETY: ICC_EOIR0_EL1: and not any more.
    unsafe { core::arch::asm!("msr s3_0_c12_c8_1, {}", "isb", in(reg) taken, options(nostack)) };
    // SAFETY: ICC_IGRPEN0_EL1: Group 0 is not signalled any more.
    unsafe { core::arch::asm!("msr s3_0_c12_c12_6, xzr", "isb", options(nostack)) };
}

/// See [`super::Gic::wake`].
///
/// # Safety
/// As there, and the CPU has these registers.
#[cfg(target_arch = "aarch64")]
pub(super) unsafe fn wake(affinity: u64) {
    // Aff3, Aff2 and Aff1 have fields of their own; of Aff0 the upper half is a range, the lower
    // half a bit in a list (ICC_SGI0R_EL1).
    let [aff0, aff1, aff2, _, aff3, ..] = affinity.to_le_bytes().map(u64::from);
    let list = 1 << (aff0 & 0xf);
    let interrupt = aff3 << 48 | (aff0 >> 4) << 44 | aff2 << 32 | u64::from(super::WAKE) << 24 | aff1 << 16 | list;
    // SAFETY: the caller promises a GICv3.
    unsafe { send(interrupt) };
}

/// Wakes all CPUs but the one that runs, as [`wake`] does one.
///
/// # Safety
/// As there.
#[cfg(target_arch = "aarch64")]
pub(super) unsafe fn wake_all_others() {
    /// `ICC_SGI0R_EL1.IRM`.
    const ALL_OTHERS: u64 = 1 << 40;
    const SYSTEM_REGISTERS: u64 = 0xf;
    // SAFETY: ICC_SRE_EL3, at EL3: the interface is driven by system registers (M6, M7), which this
    // CPU may not have said yet.
    unsafe { core::arch::asm!("msr s3_6_c12_c12_5, {}", "isb", in(reg) SYSTEM_REGISTERS, options(nostack)) };
    // SAFETY: the caller promises a GICv3.
    unsafe { send(ALL_OTHERS | u64::from(super::WAKE) << 24) };
}

/// Sends an interrupt of Group 0, and waits until it is on its way: what is written afterwards is
/// seen later.
///
/// # Safety
/// At EL3 of a CPU with a GICv3 whose interface is driven by system registers.
#[cfg(target_arch = "aarch64")]
unsafe fn send(interrupt: u64) {
    // SAFETY: ICC_SGI0R_EL1: only CPUs that wait have Group 0 signalled. `isb` has the write done,
    // `dsb` waits for its effect.
    unsafe {
        core::arch::asm!("dsb sy", "msr s3_0_c12_c11_7, {}", "isb", "dsb sy", in(reg) interrupt, options(nostack));
    };
}

/// The address of the redistributor of the CPU with these affinity fields. `typer` reads the
/// `GICR_TYPER` of the redistributor at an address, and is asked about nothing outside the regions.
pub(super) fn find(
    regions: &[PhysRange],
    affinity: u64,
    typer: impl Fn(u64) -> Result<GicrTyper, GicError>,
) -> Result<u64, GicError> {
    let mut last = None;
    for region in regions {
        let mut left = *region;
        while left.len() >= REDISTRIBUTOR_SIZE {
            let address = left.start();
            let typer = typer(address)?;
            if typer.core_mpidr() == affinity {
                return Ok(address);
            }
            last = Some([address, typer.core_mpidr()]);
            let frames = if typer.virtual_lpis_supported() { 2 } else { 1 };
            match address
                .checked_add(frames * REDISTRIBUTOR_SIZE)
                .and_then(|next| PhysRange::from_bounds(next, region.end()))
            {
                Some(rest) if !typer.last_redistributor() => left = rest,
                _ => break,
            }
        }
    }
    Err(GicError::NoRedistributor { affinity, last })
}

#[cfg(test)]
mod tests;
