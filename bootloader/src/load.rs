//! The last stage: the kernel into its place, and the hand-over.

use boot_plan::Plan;
use machine::cpu::{self, ExceptionLevel};
use machine::hand_over::HandOver;
use machine::ram::Ram;
use machine::{cache, el2};
use phys_range::PhysRange;

use crate::log::Log;
use crate::report;

/// All that is left to do, and with what.
pub struct Payload {
    /// Where everything goes; the device tree is there already.
    pub plan: Plan,
    /// Whether the machine has a GICv3, by its device tree.
    pub has_gicv3: bool,
    /// The kernel as it lies in flash.
    pub kernel: &'static [u8],
    /// The stack that was in use until now.
    pub early_stack: PhysRange,
}

/// On entry: on the stack of the work area; the device tree is in its place and clean.
/// Does: copies the kernel, cleans what else was written out of the caches, brings EL2 into its documented state where there is one.
/// On exit: the kernel runs, entered at the level that the machine reset to.
pub fn load(mut ram: Ram, (payload, mut log): (Payload, Log)) -> ! {
    // The rest of image_size is the kernel's to clear (E3).
    let loaded = PhysRange::new(payload.plan.entry(), payload.kernel.len() as u64);
    if let Some(range) = loaded {
        cache::copy_to_memory(payload.kernel, ram.take(range).bytes_mut());
    }
    cache::clean_and_invalidate(payload.early_stack);
    report::load(&mut log, payload.kernel.len());
    report::enter(&mut log, &payload.plan);

    if ExceptionLevel::current() == ExceptionLevel::El2 {
        // SAFETY: at EL2, with HCR_EL2.E2H clear since reset, and nothing runs at EL1.
        unsafe { el2::initialise(&cpu::id_registers(), payload.has_gicv3) };
    }
    let hand_over = HandOver {
        entry: payload.plan.entry(),
        device_tree: payload.plan.devicetree.start(),
        work_area: payload.plan.work_area,
    };
    // SAFETY: the level is EL1 or EL2 (EL3 was refused), MMU and caches are on since reset; the kernel and the device tree are in memory,
    // and so is the early stack; the page tables and this code are in flash and were never written.
    unsafe { hand_over.enter() }
}
