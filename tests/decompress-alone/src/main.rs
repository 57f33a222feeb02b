//! Decoders of gzip, LZ4 and zstd, called on the payload in flash at 1 MiB, into RAM, with nothing
//! around them: no checks of our own, no planning, no cache maintenance. `flint bench` measures
//! Flint beside them.
//!
//! Each decoder that knows the payload's format unpacks it. For each there is a line with the size
//! of what came out, its CRC-32 and how long the counter counted; then `done`.
//!
//! The decoders are Rust crates and, where the build is given their archives, C libraries.

#![no_std]
#![no_main]

extern crate alloc;

#[cfg(c_libraries)]
mod c_libraries;
#[cfg(c_libraries)]
mod c_runtime;
mod crates;
mod heap;
mod memory;
mod start;

use core::arch::aarch64::{__crc32b, __crc32d};
use core::arch::asm;
use core::panic::PanicInfo;
use core::ptr::{with_exposed_provenance, with_exposed_provenance_mut};

const PAYLOAD: usize = 0x10_0000;
const PAYLOAD_ROOM: usize = 63 << 20;
const UART: usize = 0x0900_0000;
/// RAM for what comes out, above the program and its stack. The heap follows.
const OUTPUT: usize = 0x4080_0000;
const OUTPUT_ROOM: usize = 120 << 20;

/// A decoder.
struct Decoder {
    /// The name of the crate or library.
    name: &'static str,
    /// The first bytes of its format.
    magic: &'static [u8],
    /// Unpacks what begins at the first byte, and returns how many bytes came out; 0 if it fails.
    unpack: fn(&[u8], &mut [u8]) -> usize,
}

/// Magic number of a gzip member (RFC 1952, 2.3.1).
const GZIP: &[u8] = &[0x1f, 0x8b];
/// Magic number of an LZ4 frame (LZ4 Frame Format 1.6.4).
const LZ4: &[u8] = &[0x04, 0x22, 0x4d, 0x18];
/// Magic number of a zstd frame (RFC 8878, 3.1.1).
const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];

extern "C" fn run() -> ! {
    // SAFETY: the flash is there and nothing writes it.
    let payload = unsafe { core::slice::from_raw_parts(with_exposed_provenance(PAYLOAD), PAYLOAD_ROOM) };
    // SAFETY: this RAM is nobody else's: program, stack and heap are elsewhere.
    let output = unsafe { core::slice::from_raw_parts_mut(with_exposed_provenance_mut(OUTPUT), OUTPUT_ROOM) };
    crates::DECODERS
        .iter()
        .for_each(|decoder| measure(decoder, payload, output));
    #[cfg(c_libraries)]
    c_libraries::DECODERS
        .iter()
        .for_each(|decoder| measure(decoder, payload, output));
    print(b"done\n");
    stop()
}

fn measure(decoder: &Decoder, payload: &[u8], output: &mut [u8]) {
    if !payload.starts_with(decoder.magic) {
        return;
    }
    // What the decoder before this one left must not count as its own.
    output.fill(0);
    let start = ticks();
    let size = (decoder.unpack)(payload, output);
    let ticks = ticks() - start;
    print(decoder.name.as_bytes());
    print(b": ");
    print_number(size as u64);
    print(b" bytes with the CRC-32 ");
    // SAFETY: the CPU of the reference machine, Cortex-A53, has these instructions.
    let crc = unsafe { crc32(&output[..size]) };
    print_number(u64::from(crc));
    print(b" came out in ");
    print_number(ticks);
    print(b" ticks\n");
}

/// Returns the CRC-32 that gzip has (RFC 1952, 8).
#[target_feature(enable = "crc")]
fn crc32(bytes: &[u8]) -> u32 {
    let (words, rest) = bytes.as_chunks();
    let crc = words
        .iter()
        .fold(!0, |crc, word| __crc32d(crc, u64::from_le_bytes(*word)));
    !rest.iter().fold(crc, |crc, byte| __crc32b(crc, *byte))
}

fn ticks() -> u64 {
    let ticks;
    // SAFETY: reads a counter that every CPU has.
    unsafe { asm!("isb", "mrs {}, cntpct_el0", out(reg) ticks, options(nostack, preserves_flags)) };
    ticks
}

fn print(text: &[u8]) {
    for byte in text {
        // SAFETY: the data register of QEMU's UART, which takes every byte at once.
        unsafe { with_exposed_provenance_mut::<u32>(UART).write_volatile(u32::from(*byte)) };
    }
}

fn print_number(number: u64) {
    if number >= 10 {
        print_number(number / 10);
    }
    print(&[b'0' + (number % 10) as u8]);
}

fn stop() -> ! {
    loop {
        // SAFETY: waits for interrupts, which are masked.
        unsafe { asm!("wfi", options(nomem, nostack)) };
    }
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    print(b"panic\n");
    stop()
}
