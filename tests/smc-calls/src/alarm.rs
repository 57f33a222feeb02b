//! The alarm: the timer of the CPU's own, whose interrupt ends every sleep. It is never taken, as
//! interrupts are masked.

use core::arch::asm;
use core::ptr::{with_exposed_provenance, with_exposed_provenance_mut};
use core::sync::atomic::{AtomicU64, Ordering};

use devicetree::{Devicetree, GicKind};
use machine::{counter, cpu};

/// The interrupt of the timer `CNTP`, among the private ones.
const TIMER: u32 = 1 << 30;
/// `GICD_CTLR`, `GICD_ISENABLER0` and what a redistributor has in its second frame at the same
/// offset.
const ISENABLER0: u64 = 0x100;
/// From a redistributor to the next, to its `GICR_TYPER`, to its second frame.
const REDISTRIBUTOR_SIZE: u64 = 0x2_0000;
const TYPER: u64 = 0x8;
const SECOND_FRAME: u64 = 0x1_0000;
/// `GICD_CTLR` of a GICv3 as the normal world has it: ARE_NS and EnableGrp1A; of a GICv2 and
/// `GICC_CTLR`: EnableGrp1.
const ENABLE_V3: u32 = 1 << 4 | 1 << 1;
const ENABLE_V2: u32 = 1;
/// `GICC_PMR`, and a mask that lets everything through.
const GICC_PMR: u64 = 4;
const EVERY_PRIORITY: u32 = 0xff;

/// Whether it is a GICv3; the distributor; the CPU interface, or the redistributors up to their
/// end.
static GIC: [AtomicU64; 4] = [const { AtomicU64::new(0) }; 4];

/// Takes the interrupt controller from the device tree, or says what it lacks; lets it signal the
/// normal world's interrupts.
pub fn note(tree: &Devicetree<'_>) -> Result<(), &'static str> {
    let gic = tree.main_gic().ok_or("GIC")?;
    let [distributor, second, ..] = gic.blocks.as_slice() else {
        return Err("GIC");
    };
    let is_v3 = gic.kind == GicKind::V3;
    let facts = [u64::from(is_v3), distributor.start(), second.start(), second.end()];
    for (fact, value) in GIC.iter().zip(facts) {
        fact.store(value, Ordering::Relaxed);
    }
    write(distributor.start(), if is_v3 { ENABLE_V3 } else { ENABLE_V2 });
    Ok(())
}

/// Lets the alarm wake the CPU that runs, which was just turned on.
pub fn connect() {
    let [is_v3, distributor, second, end] = [0, 1, 2, 3].map(|fact: usize| GIC[fact].load(Ordering::Relaxed));
    if is_v3 == 0 {
        write(distributor + ISENABLER0, TIMER);
        write(second + GICC_PMR, EVERY_PRIORITY);
        write(second, ENABLE_V2);
        return;
    }
    let affinity = cpu::affinity();
    let packed = (affinity >> 32 << 24 | affinity & 0xff_ffff) as u32;
    let own = (second..end)
        .step_by(REDISTRIBUTOR_SIZE as usize)
        .find(|address| read(address + TYPER + 4) == packed);
    if let Some(own) = own {
        write(own + SECOND_FRAME + ISENABLER0, TIMER);
    }
    // SAFETY: ICC_PMR_EL1 of a GICv3, which firmware lets this level use (M6, M7).
    unsafe { asm!("msr s3_0_c4_c6_0, {}", in(reg) u64::from(EVERY_PRIORITY), options(nomem, nostack)) };
    // SAFETY: ICC_IGRPEN1_EL1, as above; interrupts are masked.
    unsafe { asm!("msr s3_0_c12_c12_7, {}", "isb", in(reg) 1_u64, options(nomem, nostack)) };
}

/// Sets the alarm.
pub fn set(micros: u64) {
    let ticks = counter::frequency_hz() / 1_000_000 * micros;
    // SAFETY: the timer of this CPU, whose interrupt is masked.
    unsafe { asm!("msr cntp_tval_el0, {}", in(reg) ticks, options(nomem, nostack)) };
    // SAFETY: as above.
    unsafe { asm!("msr cntp_ctl_el0, {}", "isb", in(reg) 1_u64, options(nomem, nostack)) };
}

/// Forgets it.
pub fn clear() {
    // SAFETY: the timer of this CPU.
    unsafe { asm!("msr cntp_ctl_el0, xzr", "isb", options(nomem, nostack)) };
}

/// Sleeps, while other CPUs go on.
pub fn sleep(micros: u64) {
    set(micros);
    // SAFETY: the alarm ends it.
    unsafe { asm!("dsb sy", "wfi", options(nostack)) };
    clear();
}

fn read(address: u64) -> u32 {
    // SAFETY: a register of the interrupt controller that the device tree describes; reading has no
    // effect.
    unsafe { with_exposed_provenance::<u32>(address as usize).read_volatile() }
}

fn write(address: u64, value: u32) {
    // SAFETY: a register of the interrupt controller that the device tree describes, which is this
    // program's alone.
    unsafe { with_exposed_provenance_mut::<u32>(address as usize).write_volatile(value) };
}
