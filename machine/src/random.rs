//! Random numbers from the CPU, where it has FEAT_RNG (DDI0487, D24.2, `RNDRRS`).

use core::arch::asm;

use arm_sysregs::el1::accessors;

/// The generator may be out of numbers for a moment; after so many attempts it is broken.
const ATTEMPTS: usize = 16;

/// Returns whether the CPU has FEAT_RNG.
pub fn is_there() -> bool {
    accessors::read_id_aa64isar0_el1().rndr() != 0
}

/// Random numbers that nobody has seen before; `None` where the CPU makes none.
pub fn words<const WORDS: usize>() -> Option<[u64; WORDS]> {
    if !is_there() {
        return None;
    }
    let mut words = [0; WORDS];
    for word in &mut words {
        *word = (0..ATTEMPTS).find_map(|_| number())?;
    }
    Some(words)
}

/// `RNDRRS`, which is seeded anew by the true source each time: NZCV is 0b0000 where the number is
/// good, 0b0100 where there is none.
fn number() -> Option<u64> {
    let (value, failed): (u64, u64);
    // SAFETY: reads a register that the CPU has (FEAT_RNG was seen by `words`); only the flags
    // change.
    unsafe {
        asm!(
            "mrs {value}, s3_3_c2_c4_1",
            "cset {failed}, eq",
            value = out(reg) value,
            failed = out(reg) failed,
            options(nomem, nostack),
        );
    }
    (failed == 0).then_some(value)
}
