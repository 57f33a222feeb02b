//! [`Registers`]: all that a call could change, before and after it.

use core::arch::{asm, naked_asm};
use core::fmt;

use machine::cpu::ExceptionLevel;

use crate::cpus;
use crate::random::Random;

/// `SCTLR_ELx.EE`: data accesses are big-endian.
pub const SCTLR_EE_BIT: u64 = 25;

/// x0 to x17, which a call may use for its arguments.
pub const ARGUMENTS: usize = 18;

/// General registers, the stack pointer, and those of SIMD.
#[repr(C, align(16))]
pub struct Registers {
    /// x0 to x30.
    pub x: [u64; 31],
    sp: u64,
    v: [[u64; 2]; 32],
    /// All ones where the call is made with big-endian data accesses, else 0.
    big_endian: u64,
}

/// A register that is not as it was.
pub struct Difference {
    name: Name,
    before: u64,
    after: u64,
}

enum Name {
    /// x and v, and which of them.
    Numbered(char, usize),
    Known(&'static str),
}

impl Registers {
    /// Nothing but zeros.
    pub const ZERO: Self = Self {
        x: [0; 31],
        sp: 0,
        v: [[0; 2]; 32],
        big_endian: 0,
    };

    /// Any but for the arguments.
    pub fn random(x: &[u64; ARGUMENTS], is_big_endian: bool, random: Random<'_>) -> Self {
        let mut all = Self {
            x: core::array::from_fn(|_| random.next()),
            sp: 0,
            v: core::array::from_fn(|_| [random.next(), random.next()]),
            big_endian: if is_big_endian { !0 } else { 0 },
        };
        all.x[..ARGUMENTS].copy_from_slice(x);
        all
    }

    /// Makes the call, and returns the registers after it. Also notes where the stack pointer is.
    pub fn call(&mut self) -> Self {
        let mut after = Self::ZERO;
        call(self, &mut after);
        after
    }

    /// The first register that differs, but for x0 and those after it that have results.
    pub fn difference(&self, after: &Self, results: usize) -> Option<Difference> {
        let (v, v_after) = (self.v.as_flattened(), after.v.as_flattened());
        let stack = core::iter::once((Name::Known("sp"), (&self.sp, &after.sp)));
        let general = self.x.iter().zip(&after.x).enumerate().skip(results);
        let general = general.map(|(number, values)| (Name::Numbered('x', number), values));
        let simd = v.iter().zip(v_after).enumerate();
        let simd = simd.map(|(half, values)| (Name::Numbered('v', half / 2), values));
        first_difference(general.chain(stack).chain(simd))
    }
}

fn first_difference<'a>(all: impl IntoIterator<Item = (Name, (&'a u64, &'a u64))>) -> Option<Difference> {
    let mut different = all.into_iter().filter(|(_, (before, after))| before != after);
    different.next().map(|(name, (before, after))| Difference {
        name,
        before: *before,
        after: *after,
    })
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name {
            Name::Numbered(kind, number) => write!(f, "{kind}{number}")?,
            Name::Known(name) => f.write_str(name)?,
        }
        write!(f, " is {:#x}, was {:#x}", self.after, self.before)
    }
}

/// On entry: x0 = the registers to call with, x1 = where to put what comes back.
/// Does: `smc #0` with all of them, big-endian if that is wanted. CNTV_CVAL_EL0, whose timer is
/// off, holds x1 while that changes. Data that is all ones or zeros reads the same either way.
/// On exit: as any function; it trusts the stack pointer to be as it was.
#[unsafe(naked)]
extern "C" fn call(before: &mut Registers, after: &mut Registers) {
    naked_asm!(
        r#"
        stp     x29, x30, [sp, #-176]!
        stp     x19, x20, [sp, #16]
        stp     x21, x22, [sp, #32]
        stp     x23, x24, [sp, #48]
        stp     x25, x26, [sp, #64]
        stp     x27, x28, [sp, #80]
        stp     d8, d9, [sp, #96]
        stp     d10, d11, [sp, #112]
        stp     d12, d13, [sp, #128]
        stp     d14, d15, [sp, #144]
        str     x1, [sp, #160]
        mov     x2, sp
        str     x2, [x0, #{sp}]
        ldr     x2, [x0, #{big_endian}]
        str     x2, [sp, #168]
        .irp    n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
        ldr     q\n, [x0, #{v} + 16 * \n]
        .endr
        .irp    n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30
        ldr     x\n, [x0, #8 * \n]
        .endr
        ldr     x0, [x0]
        .macro  change_endianness
        msr     cntv_cval_el0, x1
        ldr     x1, [sp, #168]
        cbz     x1, 3f
        mrs     x1, CurrentEL
        tbz     x1, #3, 1f
        mrs     x1, sctlr_el2
        eor     x1, x1, #(1 << {ee})
        msr     sctlr_el2, x1
        b       2f
1:      mrs     x1, sctlr_el1
        eor     x1, x1, #(1 << {ee})
        msr     sctlr_el1, x1
2:      isb
3:      mrs     x1, cntv_cval_el0
        .endm
        change_endianness
        smc     #0
        change_endianness
        .purgem change_endianness
        stp     x0, x1, [sp, #-16]!
        ldr     x0, [sp, #16 + 160]
        str     x1, [x0, #8]
        ldr     x1, [sp], #16
        str     x1, [x0]
        mov     x1, sp
        str     x1, [x0, #{sp}]
        .irp    n, 2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30
        str     x\n, [x0, #8 * \n]
        .endr
        .irp    n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
        str     q\n, [x0, #{v} + 16 * \n]
        .endr
        ldp     d14, d15, [sp, #144]
        ldp     d12, d13, [sp, #128]
        ldp     d10, d11, [sp, #112]
        ldp     d8, d9, [sp, #96]
        ldp     x27, x28, [sp, #80]
        ldp     x25, x26, [sp, #64]
        ldp     x23, x24, [sp, #48]
        ldp     x21, x22, [sp, #32]
        ldp     x19, x20, [sp, #16]
        ldp     x29, x30, [sp], #176
        ret
        "#,
        sp = const core::mem::offset_of!(Registers, sp),
        v = const core::mem::offset_of!(Registers, v),
        big_endian = const core::mem::offset_of!(Registers, big_endian),
        ee = const SCTLR_EE_BIT,
    )
}

/// Reads registers by their names.
macro_rules! read {
    ($($name:literal)*) => {
        [$({
            let value: u64;
            // SAFETY: reads a register of the level that runs, or of one below it, without any
            // effect.
            unsafe { asm!(concat!("mrs {}, ", $name), out(reg) value, options(nomem, nostack, preserves_flags)) };
            ($name, value)
        },)*]
    };
}

/// Writes registers by their names.
macro_rules! scramble {
    ($random:ident $($name:literal)*) => {
        $(
            // SAFETY: the register has no effect on what runs: the MMU is off, and no exception is
            // being handled.
            unsafe { asm!(concat!("msr ", $name, ", {}"), in(reg) $random.next(), options(nomem, nostack, preserves_flags)) };
        )*
    };
}

/// The system registers of the normal world that a call must leave alone, at each level.
pub struct SystemRegisters {
    el1: [(&'static str, u64); 23],
    el2: Option<[(&'static str, u64); 20]>,
}

impl SystemRegisters {
    /// As they are.
    pub fn read() -> Self {
        let el1 = read!(
            "CurrentEL" "DAIF" "SPSel" "FPCR" "FPSR" "SP_EL0" "TPIDR_EL0" "TPIDRRO_EL0"
            "SCTLR_EL1" "CPACR_EL1" "TTBR0_EL1" "TTBR1_EL1" "TCR_EL1" "MAIR_EL1" "VBAR_EL1" "CONTEXTIDR_EL1" "TPIDR_EL1" "PAR_EL1"
            "ESR_EL1" "ELR_EL1" "FAR_EL1" "SPSR_EL1" "CNTKCTL_EL1"
        );
        let is_el2 = ExceptionLevel::current() == ExceptionLevel::El2;
        let el2 = is_el2.then(|| {
            read!(
                "HCR_EL2" "SCTLR_EL2" "CPTR_EL2" "HSTR_EL2" "MDCR_EL2" "VBAR_EL2" "VPIDR_EL2" "VMPIDR_EL2" "TTBR0_EL2" "TCR_EL2" "MAIR_EL2"
                "VTTBR_EL2" "VTCR_EL2" "TPIDR_EL2" "ESR_EL2" "ELR_EL2" "FAR_EL2" "SPSR_EL2" "CNTHCTL_EL2" "CNTVOFF_EL2"
            )
        });
        Self { el1, el2 }
    }

    /// Writes anything to those that allow it.
    pub fn scramble(random: Random<'_>) {
        scramble!(random "TPIDR_EL1" "ESR_EL1" "ELR_EL1" "FAR_EL1" "TTBR0_EL1" "MAIR_EL1" "PAR_EL1" "CONTEXTIDR_EL1");
        if ExceptionLevel::current() == ExceptionLevel::El2 {
            scramble!(random "TPIDR_EL2" "ESR_EL2" "ELR_EL2" "FAR_EL2" "TTBR0_EL2" "MAIR_EL2" "VTTBR_EL2");
        }
    }

    /// The first that differs.
    pub fn difference(&self, after: &Self) -> Option<Difference> {
        let of_el2 = |registers: &'_ Self| registers.el2.unwrap_or([("", 0); 20]);
        let (el2, el2_after) = (of_el2(self), of_el2(after));
        let before = self.el1.iter().chain(&el2);
        let pairs = before.zip(after.el1.iter().chain(&el2_after));
        first_difference(pairs.map(|((name, before), (_, after))| (Name::Known(name), (before, after))))
    }
}

/// Returns what a CPU must not find where it comes in (DEN0022F.b 6.4).
pub fn wrong_at_entry() -> Option<&'static str> {
    const DAIF_MASKED: u64 = 0xf << 6;
    const MMU_AND_CACHES: u64 = 1 << 12 | 1 << 2 | 1;
    let [(_, daif)] = read!("DAIF");
    let [(_, sctlr)] = match ExceptionLevel::current() {
        ExceptionLevel::El2 => read!("SCTLR_EL2"),
        _ => read!("SCTLR_EL1"),
    };
    if !cpus::is_at_level() {
        return Some("another level than the first CPU's");
    }
    if daif != DAIF_MASKED {
        return Some("exceptions that are not masked");
    }
    (sctlr & MMU_AND_CACHES != 0).then_some("its MMU or caches on")
}
