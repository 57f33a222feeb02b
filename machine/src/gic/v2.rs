//! A GICv2 (IHI0048).

use arm_gic::gicv2::registers::{Gicc, Gicd, GicdCtlr};
#[cfg(target_arch = "aarch64")]
use safe_mmio::fields::ReadPureWrite;
use safe_mmio::{UniqueMmioPointer, field, field_shared};

use super::{EVERY_INTERRUPT, NORMAL_WORLD_PRIORITY, PRIORITIES, PRIORITIES_WITH_WAKE, PRIVATE_OF_NORMAL_WORLD, fill};

/// `GICC_CTLR`, `FIQBypDisGrp0` to `IRQBypDisGrp1`: no interrupt goes past the CPU interface. Linux
/// keeps them as it finds them.
const BYPASS_DISABLED: u32 = 0b1111 << 5;

/// Hands over what the CPUs share: groups off, shared interrupts to the normal world.
pub(super) fn hand_over_distributor(mut gicd: UniqueMmioPointer<Gicd>) {
    field!(gicd, ctlr).write(GicdCtlr::empty());
    for bank in 1..field_shared!(gicd, typer).read().num_irqs() / 32 {
        hand_over_bank(&mut gicd, bank as usize);
    }
}

/// Hands over what this CPU has for itself: its own interrupts, and its interface.
pub(super) fn hand_over_cpu(mut gicd: UniqueMmioPointer<Gicd>, mut gicc: UniqueMmioPointer<Gicc>) {
    hand_over_bank(&mut gicd, 0);
    if field_shared!(gicd, typer).read().has_security_extension() {
        fill(field!(gicd, igroupr), 0..1, PRIVATE_OF_NORMAL_WORLD);
        fill(field!(gicd, ipriorityr), 3..4, PRIORITIES_WITH_WAKE);
    }
    // The normal world may write to the mask only while it is in the upper half.
    field!(gicc, pmr).write(u32::from(NORMAL_WORLD_PRIORITY));
    field!(gicc, ctlr).write(BYPASS_DISABLED);
}

/// `GICC_CTLR.EnableGrp0`.
#[cfg(target_arch = "aarch64")]
const ENABLE_GROUP_0: u32 = 1;
/// `GICD_ITARGETSR0`, which says of a CPU's private interrupts that they are for its own interface.
#[cfg(target_arch = "aarch64")]
const TARGETS: u64 = 0x800;
/// `GICD_CPENDSGIR3`: software-generated interrupts 12 to 15, a byte each for those that sent them.
#[cfg(target_arch = "aarch64")]
const CLEAR_PENDING_12_TO_15: u64 = 0xf1c;

/// See [`super::Gic::own_target`]: the CPU's bit among the eight interfaces.
///
/// # Safety
/// As there.
#[cfg(target_arch = "aarch64")]
pub(super) unsafe fn own_target(distributor: u64) -> u64 {
    // SAFETY: the caller promises a distributor there.
    let targets = unsafe { super::registers::<ReadPureWrite<u32>>(distributor + TARGETS) };
    targets.map_or(0, |targets| u64::from(targets.read() & 0xff))
}

/// Forgets a wake-up call that came too late: it would keep the interrupts of the normal world from
/// being signalled.
///
/// # Safety
/// As [`super::Gic::hand_over_cpu`].
#[cfg(target_arch = "aarch64")]
pub(super) unsafe fn forget_wake(distributor: u64) {
    // SAFETY: the caller promises a distributor there.
    if let Ok(mut pending) = unsafe { super::registers::<ReadPureWrite<u32>>(distributor + CLEAR_PENDING_12_TO_15) } {
        pending.write(0xff << 24);
    }
}

/// See [`super::Gic::wait_for_wake`].
///
/// # Safety
/// As there.
#[cfg(target_arch = "aarch64")]
pub(super) unsafe fn wait_for_wake(distributor: u64, cpu_interface: u64) {
    // SAFETY: the caller promises a distributor there; one write to this register concerns one
    // interrupt of this CPU.
    if let Ok(mut gicd) = unsafe { super::registers::<Gicd>(distributor) } {
        fill(field!(gicd, isenabler), 0..1, !PRIVATE_OF_NORMAL_WORLD);
    }
    // SAFETY: the caller promises a CPU interface there.
    if let Ok(mut gicc) = unsafe { super::registers::<Gicc>(cpu_interface) } {
        field!(gicc, ctlr).write(BYPASS_DISABLED | ENABLE_GROUP_0);
    }
}

/// See [`super::Gic::take_wake`].
///
/// # Safety
/// As there.
#[cfg(target_arch = "aarch64")]
pub(super) unsafe fn take_wake(distributor: u64, cpu_interface: u64) {
    // SAFETY: the caller promises a CPU interface there.
    if let Ok(mut gicc) = unsafe { super::registers::<Gicc>(cpu_interface) } {
        let taken = field!(gicc, iar).read();
        field!(gicc, eoir).write(taken);
        field!(gicc, ctlr).write(BYPASS_DISABLED);
    }
    // One that comes late stays pending, and is not signalled while the CPU is in the normal world.
    // SAFETY: as in `wait_for_wake`.
    if let Ok(mut gicd) = unsafe { super::registers::<Gicd>(distributor) } {
        fill(field!(gicd, icenabler), 0..1, !PRIVATE_OF_NORMAL_WORLD);
    }
}

/// Wakes all CPUs but the one that runs.
///
/// # Safety
/// As [`super::Gic::wake`].
#[cfg(target_arch = "aarch64")]
pub(super) unsafe fn wake_all_others(distributor: u64) {
    /// `GICD_SGIR.TargetListFilter`: all interfaces but this one.
    const ALL_OTHERS: u32 = 1 << 24;
    // SAFETY: the caller promises a distributor there.
    unsafe { send(distributor, ALL_OTHERS | super::WAKE) };
}

/// Sends an interrupt, and waits until it is on its way.
///
/// # Safety
/// As [`super::Gic::wake`].
#[cfg(target_arch = "aarch64")]
unsafe fn send(distributor: u64, interrupt: u32) {
    // SAFETY: the caller promises a distributor there.
    if let Ok(mut gicd) = unsafe { super::registers::<Gicd>(distributor) } {
        field!(gicd, sgir).write(interrupt);
    }
    super::complete();
}

/// See [`super::Gic::wake`].
///
/// # Safety
/// As there.
#[cfg(target_arch = "aarch64")]
pub(super) unsafe fn wake(distributor: u64, target: u64) {
    // SAFETY: the caller promises a distributor there.
    unsafe { send(distributor, (target as u32) << 16 | super::WAKE) };
}

/// 32 interrupts: off, Group 1, and of the normal world's priority. Without the Security Extensions
/// a kernel has both groups, and takes its interrupts to be in Group 0 as they are after reset.
fn hand_over_bank(mut gicd: &mut UniqueMmioPointer<Gicd>, bank: usize) {
    fill(field!(gicd, icenabler), bank..bank + 1, EVERY_INTERRUPT);
    if field_shared!(gicd, typer).read().has_security_extension() {
        fill(field!(gicd, igroupr), bank..bank + 1, EVERY_INTERRUPT);
        fill(field!(gicd, ipriorityr), bank * 8..bank * 8 + 8, PRIORITIES);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Registers as plain memory: what is written can be read.
    #[derive(Clone)]
    struct Memory([u32; 0x1008 / 4]);

    impl Memory {
        fn new(typer: u32) -> Box<Self> {
            let mut memory = Box::new(Self([0; 0x1008 / 4]));
            memory.0[1] = typer;
            memory
        }

        fn at(&self, offset: usize) -> u32 {
            self.0[offset / 4]
        }

        fn registers<T>(&mut self) -> UniqueMmioPointer<'_, T> {
            assert!(size_of::<T>() <= size_of_val(&self.0));
            let pointer = core::ptr::NonNull::from(&mut self.0).cast::<T>();
            // SAFETY: plain memory that is large enough and borrowed for as long; the registers are
            // integers.
            unsafe { UniqueMmioPointer::new(pointer) }
        }
    }

    const SECURITY_EXTENSIONS: u32 = 1 << 10;
    /// 288 interrupts, as QEMU's `virt` has.
    const TYPER: u32 = SECURITY_EXTENSIONS | 8;

    #[test]
    fn z7_shared_interrupts_go_to_the_normal_world() {
        let mut memory = Memory::new(TYPER);
        memory.0[0] = 3;
        hand_over_distributor(memory.registers());
        assert_eq!(memory.at(0), 0, "both groups off");
        assert_eq!(memory.at(0x080), 0, "IGROUPR0 is for each CPU to write");
        for bank in 1..9 {
            assert_eq!(memory.at(0x080 + 4 * bank), !0, "IGROUPR{bank}");
            assert_eq!(memory.at(0x180 + 4 * bank), !0, "ICENABLER{bank}");
        }
        assert_eq!(memory.at(0x080 + 4 * 9), 0, "there are no more");
        assert_eq!(memory.at(0x400 + 28), 0);
        assert!((32..288).all(|id| memory.at(0x400 + id / 4 * 4) == 0x8080_8080));
        assert_eq!(memory.at(0x400 + 288), 0);
    }

    #[test]
    fn z7_each_cpu_hands_over_its_own_interrupts_and_opens_the_mask_to_the_normal_world() {
        let (mut gicd, mut gicc) = (Memory::new(TYPER), Memory::new(0));
        gicd.0[0] = 2;
        hand_over_cpu(gicd.registers(), gicc.registers());
        assert_eq!(gicd.at(0), 2, "what a kernel has enabled stays");
        assert_eq!(
            [gicd.at(0x080), gicd.at(0x180)],
            [!(1 << 15), !0],
            "but for the wake-up call"
        );
        assert_eq!(gicd.at(0x100), 0, "which is enabled while the CPU waits for it");
        assert_eq!(
            [gicd.at(0x084), gicd.at(0x184)],
            [0, 0],
            "shared interrupts are the kernel's by now"
        );
        let priorities = |index: usize| gicd.at(0x400 + 4 * index);
        assert!(
            (0..8)
                .filter(|index| *index != 3)
                .all(|index| priorities(index) == 0x8080_8080)
        );
        assert_eq!(priorities(3), 0x0080_8080);
        assert_eq!(gicd.at(0x420), 0);
        assert_eq!(gicc.at(4), 0x80, "PMR");
        assert_eq!(gicc.at(0), 0x1e0, "no group enabled, no bypass");
    }

    #[test]
    fn without_security_extensions_the_groups_stay() {
        let mut memory = Memory::new(8);
        hand_over_distributor(memory.registers());
        assert_eq!(memory.at(0x084), 0);
    }

    #[test]
    fn the_registers_lie_where_the_specification_says() {
        use core::mem::offset_of;
        assert_eq!(offset_of!(Gicd, igroupr), 0x080);
        assert_eq!(offset_of!(Gicd, icenabler), 0x180);
        assert_eq!(offset_of!(Gicd, ipriorityr), 0x400);
        assert_eq!([offset_of!(Gicc, ctlr), offset_of!(Gicc, pmr)], [0, 4]);
    }
}
