//! Vectors for a kernel that has none yet, below a monitor: each is one call by which the monitor
//! reports the exception.
//!
//! At EL1 and EL2 starts the bootloader's own vectors do that. Those lie in flash that only the
//! secure world reaches where there is an EL3, so the bootloader writes these into RAM that is free
//! for the kernel: once the kernel has taken that memory, it has vectors of its own. They use no
//! register, no stack and no memory.

/// The size of a table of vectors, in bytes; it is aligned to this, too (DDI0487, D1.3.1.5).
pub const SIZE_BYTES: u64 = 2048;
/// The size of one vector, in bytes.
pub const VECTOR_BYTES: u64 = 128;
/// The number in the `smc` instruction, which tells the call from those of SMCCC: they have 0.
pub const CALL: u64 = 0xf117;

const SMC: u32 = 0xd400_0003 | (CALL as u32) << 5;
/// `b .`, for a call that comes back, because a hypervisor has answered it.
const STAY: u32 = 0x1400_0000;

/// Writes the table. What there is no room for is left out.
pub fn write(memory: &mut [u8]) {
    for vector in memory
        .chunks_mut(VECTOR_BYTES as usize)
        .take((SIZE_BYTES / VECTOR_BYTES) as usize)
    {
        for (place, instruction) in vector.chunks_exact_mut(4).zip([SMC, STAY]) {
            place.copy_from_slice(&instruction.to_le_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_vector_is_a_call() {
        let mut memory = [0; SIZE_BYTES as usize + 4];
        write(&mut memory);
        for vector in memory[..2048].chunks(128) {
            // `smc #0xf117`, as an assembler has it.
            assert_eq!(vector[..8], [0xe3, 0x22, 0x1e, 0xd4, 0, 0, 0, 0x14]);
        }
        assert_eq!(memory[2048..], [0; 4]);
    }
}
