//! System registers, by their names in assembly. Those of features that the assembler does not know
//! have names such as `s3_6_c1_c2_0`.

/// The value of a register.
macro_rules! read {
    ($register:literal) => {{
        let value: u64;
        // SAFETY: the register is there on the machines of the mutation, and reading it changes
        // nothing.
        unsafe { core::arch::asm!(concat!("mrs {}, ", $register), out(reg) value, options(nomem, nostack)) };
        value
    }};
}

/// Writes a register.
macro_rules! write {
    ($register:literal, $value:expr) => {{
        let value: u64 = $value;
        // SAFETY: the register is there, and what it breaks it breaks for the kernel: this level
        // does not depend on it.
        unsafe { core::arch::asm!(concat!("msr ", $register, ", {}"), in(reg) value, options(nostack)) };
    }};
}

/// Makes bits of a register 1.
macro_rules! set {
    ($register:literal, $($bit:expr),+) => { write!($register, read!($register) $(| 1 << $bit)+) };
}

/// Makes bits of a register 0.
macro_rules! clear {
    ($register:literal, $($bit:expr),+) => { write!($register, read!($register) $(& !(1 << $bit))+) };
}

/// What was written is in force.
macro_rules! barrier {
    () => {
        // SAFETY: a barrier.
        unsafe { core::arch::asm!("isb", options(nostack)) }
    };
}
