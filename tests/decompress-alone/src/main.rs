//! Crates that unpack gzip, lz4 and zstd, called on the payload in flash at 1 MiB, into RAM, with nothing around
//! it: no checksums of our own, no checks, no planning. `flint bench` measures Flint against it.
//!
//! Caches and MMU stay off, which makes no difference to how many instructions are executed. It prints how long the counter counted.

#![no_std]
#![no_main]

extern crate alloc;

use alloc::alloc::{GlobalAlloc, Layout};
use core::arch::{asm, naked_asm};
use core::panic::PanicInfo;
use core::ptr::{null_mut, with_exposed_provenance, with_exposed_provenance_mut};

use miniz_oxide::inflate::core::inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress};
use ruzstd::decoding::FrameDecoder;

const PAYLOAD: usize = 0x10_0000;
const PAYLOAD_ROOM: usize = 63 << 20;
const UART: usize = 0x0900_0000;
/// RAM, above the device tree: the stack, what comes out, and the heap.
const STACK_TOP: u64 = 0x4040_0000;
const OUTPUT: usize = 0x4080_0000;
const OUTPUT_ROOM: usize = 120 << 20;
const HEAP: usize = OUTPUT + OUTPUT_ROOM;
const CPTR_EL2_FP: u64 = 0x33ff;

/// On entry: reset at EL2. Does: lets FP and SIMD be used, gives Rust a stack and the heap its first address, in `TPIDR_EL0`. On exit:
/// [`run`].
#[unsafe(naked)]
#[unsafe(no_mangle)]
#[unsafe(link_section = ".text.reset")]
extern "C" fn reset() -> ! {
    naked_asm!(
        "msr    daifset, #0xf",
        "ldr    x9, ={cptr}",
        "msr    cptr_el2, x9",
        "isb",
        "ldr    x9, ={stack_top}",
        "mov    sp, x9",
        "ldr    x9, ={heap}",
        "msr    tpidr_el0, x9",
        "b      {run}",
        ".ltorg",
        cptr = const CPTR_EL2_FP,
        stack_top = const STACK_TOP,
        heap = const HEAP,
        run = sym run,
    )
}

extern "C" fn run() -> ! {
    // SAFETY: the flash is there and nothing writes it.
    let payload = unsafe { core::slice::from_raw_parts(with_exposed_provenance(PAYLOAD), PAYLOAD_ROOM) };
    // SAFETY: this RAM is nobody else's: stack and heap are elsewhere.
    let output = unsafe { core::slice::from_raw_parts_mut(with_exposed_provenance_mut(OUTPUT), OUTPUT_ROOM) };
    let start = ticks();
    let size = match payload {
        [0x1f, 0x8b, ..] => gzip(&payload[10..], output),
        [0x04, 0x22, 0x4d, 0x18, ..] => lz4(payload, output),
        _ => zstd(payload, output),
    };
    let ticks = ticks() - start;
    print_number(size as u64);
    print(b" bytes came out in ");
    print_number(ticks);
    print(b" ticks\n");
    stop()
}

/// The stream behind a header without a name.
fn gzip(stream: &[u8], output: &mut [u8]) -> usize {
    let mut inflate = DecompressorOxide::new();
    decompress(
        &mut inflate,
        stream,
        output,
        0,
        TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF,
    )
    .2
}

/// The blocks of a frame whose header tells the size of its content; they do not depend on each other.
fn lz4(frame: &[u8], output: &mut [u8]) -> usize {
    const HEADER_SIZE_BYTES: usize = 15;
    const UNCOMPRESSED: usize = 1 << 31;
    let (mut rest, mut size) = (&frame[HEADER_SIZE_BYTES..], 0);
    loop {
        let word = u32::from_le_bytes([rest[0], rest[1], rest[2], rest[3]]) as usize;
        let length = word & !UNCOMPRESSED;
        if length == 0 {
            return size;
        }
        let block = &rest[4..4 + length];
        if word & UNCOMPRESSED != 0 {
            output[size..size + length].copy_from_slice(block);
            size += length;
        } else {
            size += lz4_flex::block::decompress_into(block, &mut output[size..]).unwrap_or(0);
        }
        rest = &rest[4 + length..];
    }
}

/// One frame.
fn zstd(mut frame: &[u8], output: &mut [u8]) -> usize {
    let mut decoder = FrameDecoder::new();
    let mut size = 0;
    if decoder.init(&mut frame).is_err() {
        return 0;
    }
    while let Ok((read, written)) = decoder.decode_from_to(frame, &mut output[size..]) {
        frame = &frame[read..];
        size += written;
        if read == 0 && written == 0 {
            break;
        }
    }
    size
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

/// The simplest heap: its next address is in `TPIDR_EL0`, and nothing is given back.
struct Heap;

#[global_allocator]
static ALLOCATOR: Heap = Heap;

// SAFETY: hands out addresses of RAM in rising order, each aligned and behind all before it.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let next: usize;
        // SAFETY: a register that is for software to use, and that only the heap uses here.
        unsafe { asm!("mrs {}, tpidr_el0", out(reg) next, options(nomem, nostack, preserves_flags)) };
        let Some(block) = next.checked_next_multiple_of(layout.align()) else {
            return null_mut();
        };
        // SAFETY: as above.
        unsafe { asm!("msr tpidr_el0, {}", in(reg) block + layout.size(), options(nomem, nostack, preserves_flags)) };
        with_exposed_provenance_mut(block)
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    print(b"panic\n");
    stop()
}
