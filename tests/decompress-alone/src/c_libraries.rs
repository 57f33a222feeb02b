//! C libraries: libdeflate, zlib, liblz4 and libzstd, called as programs call them that have all of
//! the packed bytes and room for all that comes out. Each verifies its format's checksum.
//!
//! The declarations are those of `libdeflate.h`, `zlib.h`, `lz4frame.h` and `zstd.h`.

use core::ffi::{c_char, c_int, c_uint, c_ulong, c_void};
use core::ptr::{null, null_mut};

use crate::{Decoder, GZIP, LZ4, ZSTD};

/// In the order of the formats, and the quickest of a format first.
pub const DECODERS: [Decoder; 4] = [
    Decoder {
        name: "libdeflate",
        magic: GZIP,
        unpack: libdeflate,
    },
    Decoder {
        name: "zlib",
        magic: GZIP,
        unpack: zlib,
    },
    Decoder {
        name: "liblz4",
        magic: LZ4,
        unpack: liblz4,
    },
    Decoder {
        name: "libzstd",
        magic: ZSTD,
        unpack: libzstd,
    },
];

unsafe extern "C" {
    fn libdeflate_alloc_decompressor() -> *mut c_void;
    fn libdeflate_gzip_decompress(
        decompressor: *mut c_void,
        packed: *const u8,
        packed_size: usize,
        output: *mut u8,
        output_room: usize,
        output_size: *mut usize,
    ) -> c_int;

    fn zlibVersion() -> *const c_char;
    fn inflateInit2_(stream: *mut ZStream, window_bits: c_int, version: *const c_char, size: c_int) -> c_int;
    fn inflate(stream: *mut ZStream, flush: c_int) -> c_int;

    fn LZ4F_createDecompressionContext(context: *mut *mut c_void, version: c_uint) -> usize;
    fn LZ4F_decompress(
        context: *mut c_void,
        output: *mut u8,
        output_size: *mut usize,
        packed: *const u8,
        packed_size: *mut usize,
        options: *const Lz4Options,
    ) -> usize;

    fn ZSTD_createDCtx() -> *mut c_void;
    fn ZSTD_findFrameCompressedSize(packed: *const u8, packed_room: usize) -> usize;
    fn ZSTD_decompressDCtx(
        context: *mut c_void,
        output: *mut u8,
        output_room: usize,
        packed: *const u8,
        packed_size: usize,
    ) -> usize;
    fn ZSTD_isError(code: usize) -> c_uint;
}

/// `z_stream` of zlib.
#[repr(C)]
struct ZStream {
    next_in: *const u8,
    avail_in: c_uint,
    total_in: c_ulong,
    next_out: *mut u8,
    avail_out: c_uint,
    total_out: c_ulong,
    msg: *const c_char,
    state: *mut c_void,
    zalloc: *const c_void,
    zfree: *const c_void,
    opaque: *mut c_void,
    data_type: c_int,
    adler: c_ulong,
    reserved: c_ulong,
}

/// `LZ4F_decompressOptions_t`.
#[repr(C)]
struct Lz4Options {
    stable_dst: c_uint,
    skip_checksums: c_uint,
    reserved: [c_uint; 2],
}

fn libdeflate(member: &[u8], output: &mut [u8]) -> usize {
    const SUCCESS: c_int = 0;
    // SAFETY: asks for nothing.
    let decompressor = unsafe { libdeflate_alloc_decompressor() };
    let mut size = 0;
    // SAFETY: the slices are what they say, and the decompressor is new.
    let result = unsafe {
        libdeflate_gzip_decompress(
            decompressor,
            member.as_ptr(),
            member.len(),
            output.as_mut_ptr(),
            output.len(),
            &raw mut size,
        )
    };
    if result == SUCCESS { size } else { 0 }
}

fn zlib(member: &[u8], output: &mut [u8]) -> usize {
    /// The largest window, and a gzip header before the stream.
    const WINDOW_BITS: c_int = 15 + 16;
    const FINISH: c_int = 4;
    const OK: c_int = 0;
    const STREAM_END: c_int = 1;
    let mut stream = ZStream {
        next_in: member.as_ptr(),
        avail_in: member.len() as c_uint,
        total_in: 0,
        next_out: output.as_mut_ptr(),
        avail_out: output.len() as c_uint,
        total_out: 0,
        msg: null(),
        state: null_mut(),
        zalloc: null(),
        zfree: null(),
        opaque: null_mut(),
        data_type: 0,
        adler: 0,
        reserved: 0,
    };
    // SAFETY: asks for nothing.
    let version = unsafe { zlibVersion() };
    // SAFETY: the stream has no state yet, and its buffers are slices.
    if unsafe { inflateInit2_(&raw mut stream, WINDOW_BITS, version, size_of::<ZStream>() as c_int) } != OK {
        return 0;
    }
    // SAFETY: the stream is initialised.
    let result = unsafe { inflate(&raw mut stream, FINISH) };
    if result == STREAM_END {
        stream.total_out as usize
    } else {
        0
    }
}

/// One frame.
fn liblz4(frame: &[u8], output: &mut [u8]) -> usize {
    const VERSION: c_uint = 100;
    static OPTIONS: Lz4Options = Lz4Options {
        stable_dst: 1,
        skip_checksums: 0,
        reserved: [0; 2],
    };
    let mut context = null_mut();
    // SAFETY: there is room for the pointer.
    if unsafe { LZ4F_createDecompressionContext(&raw mut context, VERSION) } != 0 {
        return 0;
    }
    let (mut size, mut packed_size) = (output.len(), frame.len());
    // SAFETY: the slices are what they say, and the context is new.
    let expected = unsafe {
        LZ4F_decompress(
            context,
            output.as_mut_ptr(),
            &raw mut size,
            frame.as_ptr(),
            &raw mut packed_size,
            &raw const OPTIONS,
        )
    };
    // 0 is the end of the frame; else it is the number of bytes that the library waits for, or an
    // error.
    if expected == 0 { size } else { 0 }
}

/// One frame.
fn libzstd(frame: &[u8], output: &mut [u8]) -> usize {
    // SAFETY: the slice is what it says.
    let packed_size = unsafe { ZSTD_findFrameCompressedSize(frame.as_ptr(), frame.len()) };
    if is_zstd_error(packed_size) {
        return 0;
    }
    // SAFETY: asks for nothing.
    let context = unsafe { ZSTD_createDCtx() };
    // SAFETY: the slices are what they say, and the context is new.
    let size = unsafe { ZSTD_decompressDCtx(context, output.as_mut_ptr(), output.len(), frame.as_ptr(), packed_size) };
    if is_zstd_error(size) { 0 } else { size }
}

fn is_zstd_error(code: usize) -> bool {
    // SAFETY: only looks at the number.
    unsafe { ZSTD_isError(code) != 0 }
}
