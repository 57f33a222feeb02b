//! An instruction of the normal world that has trapped to EL3 is answered as undefined, by the
//! level that the CPU would have taken it to had it no EL3 (DDI0487, D1.3.5, "Exception entry", and
//! D1.3.1).

use crate::id_registers::El3IdRegisters;
use crate::level::ExceptionLevel;

/// `SPSR_ELx.M`: the execution state, and the mode of AArch64.
const AARCH32: u64 = 1 << 4;
const MODE: u64 = 0b1111;
const EL0: u64 = 0b0000;
const EL2T: u64 = 0b1000;
const EL2H: u64 = 0b1001;
const EL1H: u64 = 0b0101;
/// `SPSR_ELx`: of AArch32 they are at the same places, where these are there.
const FLAGS: u64 = 0b1111 << 28;
const TCO: u64 = 1 << 25;
const DIT: u64 = 1 << 24;
const PAN: u64 = 1 << 22;
const ALLINT: u64 = 1 << 13;
const SSBS: u64 = 1 << 12;
const DAIF: u64 = 0b1111 << 6;
/// `SCTLR_ELx`.
const SPAN: u64 = 1 << 23;
const DSSBS: u64 = 1 << 44;
const SPINTMASK: u64 = 1 << 62;
/// `HCR_EL2`.
const TGE: u64 = 1 << 27;
const RW: u64 = 1 << 31;
const E2H: u64 = 1 << 34;
/// `ESR_ELx` of an undefined instruction: no reason is given, the instruction has 32 bits.
const UNKNOWN_REASON: u64 = 1 << 25;

/// The state that decides where an exception goes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Below {
    /// `SPSR_EL3`: the state at the instruction.
    pub saved_state: u64,
    /// `HCR_EL2`; 0 on a CPU without EL2.
    pub hcr: u64,
    /// `SCTLR_EL1` and `SCTLR_EL2`.
    pub sctlr: [u64; 2],
    /// `VBAR_EL1` and `VBAR_EL2`.
    pub vbar: [u64; 2],
}

/// The changes by taking the exception, besides that `ELR_EL3` and `SPSR_EL3` become the level's
/// own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Injection {
    /// The level that takes it.
    pub level: ExceptionLevel,
    /// Its vector.
    pub vector: u64,
    /// The state that it is entered with.
    pub state: u64,
    /// Its `ESR_ELx`.
    pub syndrome: u64,
}

/// Returns whether the class of a synchronous exception from below EL3 is that of an instruction
/// that has trapped (DDI0487, ESR_EL3.EC): neither a call nor an abort, nor something to debug.
pub const fn is_trapped_instruction(class: u64) -> bool {
    matches!(class, 0x00 | 0x01 | 0x03..=0x0d | 0x14 | 0x18..=0x1d)
}

/// The level below EL3 that an exception came from, by `SPSR_EL3`; `None` for EL0 and AArch32.
pub const fn level_of(saved_state: u64) -> Option<ExceptionLevel> {
    match saved_state & (AARCH32 | MODE) {
        EL2T | EL2H => Some(ExceptionLevel::El2),
        0b0100 | EL1H => Some(ExceptionLevel::El1),
        _ => None,
    }
}

impl Injection {
    /// Decides how an undefined instruction is taken.
    pub fn new(id: &El3IdRegisters, below: &Below) -> Self {
        let Below { saved_state, hcr, .. } = *below;
        let is_aarch32 = saved_state & AARCH32 != 0;
        let is_el2 = !is_aarch32 && matches!(saved_state & MODE, EL2T | EL2H);
        let is_el0 = saved_state & MODE == EL0;
        let is_host = hcr & (E2H | TGE) == E2H | TGE;
        // An AArch32 kernel is a guest: its hypervisor has to tell it, and it takes nothing of its
        // programs in AArch64.
        let is_el1_aarch32 = !is_host && hcr & RW == 0;
        let to_el2 = id.el2() && (is_el2 || is_el1_aarch32 || is_el0 && hcr & TGE != 0);
        let level = if to_el2 {
            ExceptionLevel::El2
        } else {
            ExceptionLevel::El1
        };
        let place = usize::from(to_el2);
        let (sctlr, vbar) = (below.sctlr[place], below.vbar[place]);
        // What counts is the level below: EL0 for EL1 and for a host, else EL1.
        let is_below_aarch32 = if to_el2 && !is_host { is_el1_aarch32 } else { is_aarch32 };
        let offset = match (level_of(saved_state) == Some(level), is_below_aarch32, saved_state & 1) {
            (true, _, 0) => 0,
            (true, _, _) => 0x200,
            (false, true, _) => 0x600,
            (false, false, _) => 0x400,
        };
        let mut state = saved_state & (FLAGS | PAN | DIT) | DAIF | if to_el2 { EL2H } else { EL1H };
        // At EL2 the bit has this meaning only for a host.
        let has_span = !to_el2 || is_host;
        if id.shared.pan() && has_span && sctlr & SPAN == 0 {
            state |= PAN;
        }
        if id.mte2() {
            state |= TCO;
        }
        if id.shared.ssbs() && sctlr & DSSBS != 0 {
            state |= SSBS;
        }
        if id.nmi() && sctlr & SPINTMASK == 0 {
            state |= ALLINT;
        }
        Self {
            level,
            vector: vbar.wrapping_add(offset),
            state,
            syndrome: UNKNOWN_REASON,
        }
    }
}

#[cfg(target_arch = "aarch64")]
mod target {
    use core::arch::asm;

    use super::{Below, Injection, level_of};
    use crate::id_registers::El3IdRegisters;
    use crate::level::ExceptionLevel;

    macro_rules! read {
        ($register:literal) => {{
            let value: u64;
            // SAFETY: reads a register of this level or one below, without any effect.
            unsafe { asm!(concat!("mrs {}, ", $register), out(reg) value, options(nomem, nostack, preserves_flags)) };
            value
        }};
    }

    macro_rules! write {
        ($register:literal, $value:expr) => {
            // SAFETY: the caller of `inject` vouches for EL3, and that the exception is being
            // handled: nothing below runs.
            unsafe { asm!(concat!("msr ", $register, ", {}"), in(reg) $value, options(nomem, nostack, preserves_flags)) }
        };
    }

    /// The level that an exception taken to EL3 came from; `None` for EL0 and AArch32.
    pub fn level_of_caller() -> Option<ExceptionLevel> {
        level_of(read!("spsr_el3"))
    }

    impl Injection {
        /// Has the normal world go on, once EL3 is left, as if the instruction that has trapped to
        /// EL3 were undefined.
        ///
        /// # Safety
        /// The CPU is at EL3 and handles a synchronous exception from below.
        pub unsafe fn inject(id: &El3IdRegisters) {
            let (link, saved_state) = (read!("elr_el3"), read!("spsr_el3"));
            let mut below = Below {
                saved_state,
                hcr: 0,
                sctlr: [read!("sctlr_el1"), 0],
                vbar: [read!("vbar_el1"), 0],
            };
            if id.el2() {
                below.hcr = read!("hcr_el2");
                below.sctlr[1] = read!("sctlr_el2");
                below.vbar[1] = read!("vbar_el2");
            }
            let injection = Self::new(id, &below);
            if injection.level == ExceptionLevel::El2 {
                write!("elr_el2", link);
                write!("spsr_el2", saved_state);
                write!("esr_el2", injection.syndrome);
            } else {
                write!("elr_el1", link);
                write!("spsr_el1", saved_state);
                write!("esr_el1", injection.syndrome);
            }
            write!("elr_el3", injection.vector);
            write!("spsr_el3", injection.state);
        }
    }
}

#[cfg(target_arch = "aarch64")]
pub use target::level_of_caller;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id_registers::IdRegisters;

    const VBAR_EL1: u64 = 0xffff_8000_0801_0000;
    const VBAR_EL2: u64 = 0x4008_0800;

    fn id(el2: bool) -> El3IdRegisters {
        El3IdRegisters {
            shared: IdRegisters {
                pfr0: if el2 { 1 << 8 } else { 0 },
                ..IdRegisters::default()
            },
            ..El3IdRegisters::default()
        }
    }

    /// Of a CPU whose EL1 is AArch64.
    fn taken(el2: bool, saved_state: u64, hcr: u64) -> Injection {
        taken_by(el2, saved_state, hcr | RW)
    }

    fn taken_by(el2: bool, saved_state: u64, hcr: u64) -> Injection {
        let below = Below {
            saved_state,
            hcr,
            vbar: [VBAR_EL1, VBAR_EL2],
            ..Below::default()
        };
        Injection::new(&id(el2), &below)
    }

    fn place(injection: Injection) -> (ExceptionLevel, u64) {
        (injection.level, injection.vector)
    }

    #[test]
    fn each_level_takes_its_own() {
        use ExceptionLevel::{El1, El2};
        assert_eq!(place(taken(true, 0b1001, 0)), (El2, VBAR_EL2 + 0x200));
        assert_eq!(place(taken(true, 0b1000, 0)), (El2, VBAR_EL2));
        assert_eq!(place(taken(true, 0b0101, 0)), (El1, VBAR_EL1 + 0x200));
        assert_eq!(place(taken(false, 0b0100, 0)), (El1, VBAR_EL1));
        assert_eq!(place(taken(true, 0b0000, 0)), (El1, VBAR_EL1 + 0x400));
        assert_eq!(place(taken(true, 0b0000, TGE)), (El2, VBAR_EL2 + 0x400));
    }

    #[test]
    fn aarch32_has_its_own_vectors_and_its_kernels_a_hypervisor() {
        use ExceptionLevel::{El1, El2};
        assert_eq!(place(taken(true, AARCH32, 0)), (El1, VBAR_EL1 + 0x600));
        assert_eq!(place(taken(false, AARCH32, 0)), (El1, VBAR_EL1 + 0x600));
        assert_eq!(place(taken_by(true, AARCH32 | 0b0011, 0)), (El2, VBAR_EL2 + 0x600));
        // EL1 in AArch64 would be an illegal state to go on in, and EL3 would fault.
        assert_eq!(place(taken_by(true, AARCH32, 0)), (El2, VBAR_EL2 + 0x600));
        // A host is right above its programs; otherwise EL1 is below EL2, used or not.
        assert_eq!(place(taken(true, AARCH32, E2H | TGE)), (El2, VBAR_EL2 + 0x600));
        assert_eq!(place(taken_by(true, AARCH32, E2H | TGE)), (El2, VBAR_EL2 + 0x600));
        assert_eq!(place(taken_by(true, 0, E2H | TGE)), (El2, VBAR_EL2 + 0x400));
        assert_eq!(place(taken(true, AARCH32, TGE)), (El2, VBAR_EL2 + 0x400));
        assert_eq!(place(taken_by(true, AARCH32, TGE)), (El2, VBAR_EL2 + 0x600));
        // A hypervisor of AArch32 guests takes its own.
        assert_eq!(place(taken_by(true, 0b1001, 0)), (El2, VBAR_EL2 + 0x200));
    }

    #[test]
    fn interrupts_are_masked_and_only_flags_survive() {
        let everything = FLAGS | TCO | DIT | 1 << 23 | PAN | 0b11 << 20 | ALLINT | SSBS | 0b11 << 10 | 0b0101;
        let injection = taken(true, everything, 0);
        assert_eq!(injection.state, FLAGS | DIT | PAN | DAIF | EL1H);
        assert_eq!(injection.syndrome, 0x200_0000);
        assert_eq!(taken(true, 0b1001, 0).state, DAIF | EL2H);
        // Bit 21 says that a guest is stepped through.
        assert_eq!(taken(true, AARCH32 | DIT | 1 << 21, 0).state, DIT | DAIF | EL1H);
    }

    #[test]
    fn features_decide_what_else_is_set() {
        let mut id = id(true);
        id.shared.mmfr1 = 1 << 20;
        id.shared.pfr1 = 2 << 8 | 1 << 4 | 1 << 36;
        let mut below = Below {
            saved_state: 0b0101,
            hcr: RW,
            sctlr: [DSSBS, 0],
            ..Below::default()
        };
        assert_eq!(
            Injection::new(&id, &below).state,
            PAN | TCO | SSBS | ALLINT | DAIF | EL1H
        );
        below.sctlr = [SPAN | SPINTMASK, 0];
        assert_eq!(Injection::new(&id, &below).state, TCO | DAIF | EL1H);
        below.saved_state = 0b1001;
        assert_eq!(Injection::new(&id, &below).state, TCO | ALLINT | DAIF | EL2H);
        below.hcr = E2H | TGE;
        assert_eq!(Injection::new(&id, &below).state, PAN | TCO | ALLINT | DAIF | EL2H);
    }

    #[test]
    fn calls_aborts_and_breakpoints_are_no_trapped_instructions() {
        for class in [0x12, 0x13, 0x16, 0x17, 0x20, 0x24, 0x2f, 0x32, 0x3c] {
            assert!(!is_trapped_instruction(class), "{class:#x}");
        }
        for class in [0x01, 0x07, 0x09, 0x0a, 0x18, 0x19, 0x1d] {
            assert!(is_trapped_instruction(class), "{class:#x}");
        }
    }
}
