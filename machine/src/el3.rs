//! The state that EL3 gives a CPU before it leaves to the normal world: a list of register values,
//! decided by what the ID registers say the CPU has, never by its name.
//!
//! Nothing that a kernel finds in the ID registers may trap to EL3, which could only answer it as
//! undefined (booting.rst, "CPU mode" and the rules per feature; clauses M1 to M49 marked EL3, H2,
//! J1, Z1 to Z6). A bit of a feature that the CPU does not have stays 0. The values depend on
//! nothing but the arguments, so CPUs that are alike are set up alike (N1).
//!
//! What is not here: `SCTLR_EL3` and the registers of EL3's own translation belong to who runs
//! there, and are little-endian ([`crate::page_tables::SCTLR_EL2_OFF`], Z8), as `VBAR_EL3` and
//! `TPIDR_EL3` do; `SPSR_EL3` and `ELR_EL3` go with the `eret`. The interrupt controller's
//! memory-mapped half is [`crate::gic`]'s.

pub mod availability;
#[cfg(target_arch = "aarch64")]
pub mod endianness;
mod mdcr;
#[cfg(target_arch = "aarch64")]
pub mod recording;
mod register;
mod scr;
pub mod trap;
pub mod undefined;

pub use mdcr::debug_configuration;
pub use register::Register;
pub use scr::secure_configuration;

use arm_sysregs::el3::registers::{CptrEl3, IccSreEl3, Mpam3El3, SmcrEl3};

use crate::id_registers::El3IdRegisters;
use crate::page_tables::SCTLR_EL2_OFF;

const VECTOR_LENGTH_MAX: u64 = 0xf;
/// The four monitors that the architecture has.
const ARCHITECTED_MONITORS: u64 = 0b1111;

/// `SPSR_ELx.DAIF`: debug exceptions, SError, IRQ and FIQ masked (H1).
const SPSR_DAIF: u64 = 0b1111 << 6;
/// `SPSR_ELx.M`: EL1 with its own stack pointer.
const SPSR_EL1H: u64 = 0b0101;
/// `SPSR_ELx.M`: EL2 with its own stack pointer.
const SPSR_EL2H: u64 = 0b1001;

/// The facts that the machine adds to the ID registers.
#[derive(Clone, Copy, Debug)]
pub struct Machine {
    /// The device tree describes a GICv3 or v4: a CPU can have its registers in a machine with a
    /// GICv2, where they are undefined.
    pub has_gicv3: bool,
    /// The value for `CNTFRQ_EL0`. The first CPU keeps what it found; the others get the same (J1).
    pub counter_hz: u64,
}

/// The value of a register, bit by bit.
#[derive(Clone, Copy)]
struct Bits<T>(T);

impl<T: core::ops::BitOr<Output = T>> Bits<T> {
    /// With `bits`, if the feature that they are about is there.
    fn with(self, present: bool, bits: T) -> Self {
        if present { Self(self.0 | bits) } else { self }
    }
}

/// `SPSR_EL3` for the entry of a kernel: at EL2 where there is EL2 (H3), interrupts masked (H1),
/// its own stack pointer.
pub fn saved_state_at_entry(id: &El3IdRegisters) -> u64 {
    SPSR_DAIF | if id.el2() { SPSR_EL2H } else { SPSR_EL1H }
}

/// The value of `CPTR_EL3` while the normal world runs. `TFP` (M19), `TAM` (M14), `TCPAC` and `TTA`
/// (Z2) are 0: nothing traps.
pub fn architectural_features(id: &El3IdRegisters) -> u64 {
    let Bits(untrapped) = Bits(CptrEl3::empty())
        // M21, M24
        .with(id.shared.sve(), CptrEl3::EZ)
        .with(id.shared.sme(), CptrEl3::ESM);
    untrapped.bits()
}

/// Calls `set` with every register that EL3 is to have while the normal world runs, in an order in
/// which they can be written: some can be reached only once an earlier one has taken effect, so the
/// caller puts a context synchronization event before each.
///
/// From the first one on, what EL3 does with registers that the security states have one each of
/// goes to the normal world's.
pub fn state_at_entry(id: &El3IdRegisters, machine: Machine, mut set: impl FnMut(Register, u64)) {
    use Register as R;
    let shared = &id.shared;

    set(R::ScrEl3, secure_configuration(id));
    set(R::CptrEl3, architectural_features(id));
    set(R::MdcrEl3, debug_configuration(id));

    // M22, M26: the longest there are, which the hardware cuts to what it has; so they are as equal
    // as the CPUs are.
    if shared.sve() {
        set(R::ZcrEl3, VECTOR_LENGTH_MAX);
    }
    if shared.sme() {
        // M28, M32
        let Bits(streaming) = Bits(SmcrEl3::from_bits_retain(VECTOR_LENGTH_MAX))
            .with(shared.sme_fa64(), SmcrEl3::FA64)
            .with(shared.sme2(), SmcrEl3::EZT0);
        set(R::SmcrEl3, streaming.bits());
        // A CPU may have been turned off in streaming mode (L1).
        set(R::Svcr, 0);
    }

    // Z5: TRAPLOWER is 0. MPAMEN: EL3 itself is in the default partition.
    if shared.mpam() {
        set(R::Mpam3El3, Mpam3El3::MPAMEN.bits());
    }

    // M14. Which auxiliary monitors are of use is the platform's knowledge; all that there are
    // costs nothing.
    if shared.amu() {
        set(R::AmcrEl0, 0);
        set(R::Amcntenset0El0, ARCHITECTED_MONITORS);
        let auxiliary = id.amu_auxiliary_counters();
        if auxiliary > 0 {
            set(R::Amcntenset1El0, (1 << auxiliary.min(16)) - 1);
        }
    }

    if shared.gic_system_registers() && machine.has_gicv3 {
        // M6, M7; DIB and DFB: no interrupt goes past the GIC.
        let system_registers = IccSreEl3::SRE | IccSreEl3::DFB | IccSreEl3::DIB;
        set(R::IccSreEl3, (system_registers | IccSreEl3::ENABLE).bits());
        // M9 of a CPU without EL2.
        set(R::IccSreEl1, system_registers.bits());
        // M8: PMHE is 0 on every CPU.
        set(R::IccCtlrEl3, 0);
        // Nothing is signalled before the kernel asks for it (F1). Its own view of the enable bit
        // and of the mask is not cut, as FIQ is 0.
        set(R::IccIgrpen0El1, 0);
        set(R::IccIgrpen1El3, 0);
        set(R::IccPmrEl1, u64::from(crate::gic::NORMAL_WORLD_PRIORITY));
    }

    set(R::CntfrqEl0, machine.counter_hz);
    set(R::CntpsCtlEl1, 0);

    // I1, Z8: MMU and caches off, little-endian, RES1 bits set.
    if id.el2() {
        set(R::SctlrEl2, SCTLR_EL2_OFF);
    }
}

/// Brings the CPU that runs into the state that the boot protocol asks for, at EL3 and every level
/// below it. What is left is the `eret`, by [`saved_state_at_entry`]. The interrupt controller's
/// memory-mapped half comes before ([`crate::gic::Gic::hand_over_cpu`]): system registers of a
/// GICv3 may be written only once the CPU's redistributor is awake.
///
/// # Safety
/// The CPU is at EL3 and runs from memory that its translation calls Secure; `HCR_EL2.E2H` can be
/// 0; nothing runs below EL3. With a GICv3, its redistributor is awake. `counter_hz` is the
/// frequency of the counter.
#[cfg(target_arch = "aarch64")]
pub unsafe fn initialise(id: &El3IdRegisters, machine: Machine) {
    state_at_entry(id, machine, |register, value| {
        // SAFETY: a barrier, so that what was written before is in force.
        unsafe { core::arch::asm!("isb", options(nomem, nostack, preserves_flags)) };
        // SAFETY: the caller vouches for EL3; `state_at_entry` names registers that the ID
        // registers announce, with values under which EL3 itself goes on as before: they trap
        // nothing of its own, and it fetches from secure memory.
        unsafe { register.write(value) };
    });
    // SAFETY: a barrier, so that SCR_EL3.NS is in force for the registers below EL3.
    unsafe { core::arch::asm!("isb", options(nomem, nostack, preserves_flags)) };
    if id.el2() {
        // A kernel may have left HCR_EL2.E2H set: what the TLBs hold of its EL2 goes while that
        // says which regime is meant (DDI0487, TLBI ALLE2). What they hold of the other regime goes
        // when the CPU leaves.
        // SAFETY: at EL3 with SCR_EL3.NS set and an EL2; nothing runs below EL3.
        unsafe { core::arch::asm!("tlbi alle2", "dsb nsh", "isb", options(nomem, nostack, preserves_flags)) };
        // SAFETY: at EL3 with SCR_EL3.NS set and an EL2 whose E2H can be cleared, says the caller;
        // nothing runs below EL3.
        unsafe { crate::el2::initialise(&id.shared, machine.has_gicv3) };
    }
    // SAFETY: at EL3 with SCR_EL3.NS set, as just done; nothing runs below.
    unsafe { crate::el1::initialise(&id.shared) };
}

#[cfg(test)]
mod tests;
