//! The errors of a kernel that is compressed, and with what should be a kernel.

use super::{Explanation, explain};

const COMPRESS_WHOLE: &str = "Compress the kernel again, in one piece, with `flint image --compress` or the usual tools at their usual settings.";
const COPY_AGAIN: &str = "Copy or download the file again, and write the flash again. If the tool that made the file (`gzip -t`, `lz4 -t`, `zstd -t`) \
     complains as well, compress the kernel again.";
const UNPACK: &str = "Take the kernel's own Image out of it with the tools of that format, and use that, raw or compressed with gzip, lz4 or zstd.";

pub(super) const EXPLANATIONS: &[Explanation] = &[
    explain(
        "payload-unknown",
        "The payload is nothing that is known. The message shows its first bytes.",
        "Check that the file is the one you mean, and that it was written to the right place. arm64 Images can be raw, compressed with gzip, lz4 \
         or zstd, or EFI zboot kernels; and all of them can be in a FIT.",
    ),
    explain(
        "payload-erased",
        "There is nothing where the payload should be. The flash is erased there.",
        "Write a kernel there: `flint image --kernel Image -o flash.bin`. Or let QEMU hand one over with -kernel, as `flint run --fw-cfg` does; \
         then the flash needs none.",
    ),
    explain(
        "payload-not-kernel",
        "The payload is known, but no kernel that can be booted. The message names the format.",
        UNPACK,
    ),
    explain(
        "payload-inside",
        "The compressed payload holds something else than an arm64 Image.",
        "Compress the Image itself, not an archive, an ELF file (vmlinux) or another container of it.",
    ),
    explain(
        "payload-nested",
        "The payload is compressed twice. Only one layer is taken off.",
        "Decompress it once: what it holds is compressed well enough.",
    ),
    explain(
        "payload-image-size-zero",
        "The compressed kernel's header does not say how much memory it takes. `image_size` is 0, as in kernels from before Linux 3.17 and in \
         many of one's own; nothing then bounds what may come out.",
        "Set the 64-bit little-endian word at byte 16 of the kernel to its size in memory, .bss included, before compressing it; or use the raw \
         Image.",
    ),
    explain(
        "payload-longer",
        "More comes out of the compressed payload than its Image takes. The header's `image_size` has to count the whole file.",
        "Mend the linker script that the header's image_size comes from. If something was appended to the Image before compressing it, take it away \
         again.",
    ),
    explain(
        "kernel-truncated",
        "The kernel is shorter than its PE header says. The end of the file is missing, or was missing when the kernel was compressed.",
        "Copy or download the kernel again, and pack it again.",
    ),
    explain(
        "zboot-bounds",
        "The compressed kernel lies outside the EFI zboot file. By the file's header it begins or ends where the file has no bytes: the file is cut \
         short, or its header damaged.",
        "Copy or download the file again, and write it whole.",
    ),
    explain(
        "zboot-compression",
        "The kernel in the EFI zboot file is compressed in a way that is not supported. Supported are gzip, lz4 and zstd. Or it is not compressed \
         in the way that the file's header names, and the file is damaged.",
        "Build the kernel with CONFIG_KERNEL_GZIP, CONFIG_KERNEL_LZ4 or CONFIG_KERNEL_ZSTD, or take its raw Image.",
    ),
    explain(
        "zboot-size",
        "What came out of the EFI zboot file is not as long as what went in. The size is stored behind the compressed kernel.",
        "Copy or download the file again: it is damaged.",
    ),
    explain(
        "compressed-truncated",
        "The compressed data ends too early. The message says where, and in what.",
        COPY_AGAIN,
    ),
    explain(
        "compressed-corrupt",
        "The compressed data is damaged. It breaks a rule of its format at the byte that the message names.",
        COPY_AGAIN,
    ),
    explain(
        "compressed-checksum",
        "What came out of the compressed data is not what went in. The checksum that is stored with it is another one.",
        COPY_AGAIN,
    ),
    explain(
        "compressed-too-large",
        "More would come out of the compressed data than fits. For a kernel, the room is the `image_size` in its header; nothing \
         is written outside of it.",
        "Mend the linker script that the header's image_size comes from: it counts from the first byte of the kernel to the end of its .bss. If \
         the kernel boots elsewhere, look whether the file is whole: the padding behind a stream that is cut short can be taken for more of it. Data \
         that was made to overflow memory should not be there at all.",
    ),
    explain(
        "compressed-trailing",
        "Something follows the compressed data. Only padding may (bytes of 0 or 0xff), or more data of the same format.",
        "Remove what was appended to the file. In flash, erase what was there before, or write the kernel with `flint image`, which records its size.",
    ),
    explain(
        "compressed-unsupported",
        "The compressed data needs something that is not supported, which the message names. These are dictionaries and what the formats reserve; \
         zstd may have been left out of a small build.",
        "Compress the kernel again, without a dictionary.",
    ),
    explain(
        "compressed-expansion",
        "More would come out of the compressed data than a kernel of its size makes: more than 1 GiB, and more than 16 times the size of the \
         data. Kernels make two to five times their size. Without this limit, a small file could keep the bootloader busy for minutes.",
        "Look at the file: data that was made to overflow memory should not be there at all. A kernel that is so large is better given raw.",
    ),
    explain(
        "compressed-members",
        "The gzip data has too many members for what is in them. 128 are allowed, one more for each 512 bytes of data, and one for \
         each 4096 bytes that come out. Members take time whatever is in them: thousands of empty ones would keep the bootloader busy for minutes.",
        COMPRESS_WHOLE,
    ),
    explain(
        "compressed-frames",
        "The lz4 or zstd data has too many frames for what is in them; frames that are to be skipped count, too. 128 are allowed, one more for \
         each 512 bytes of data, and one for each 4096 bytes that come out. Frames take time whatever is in them.",
        COMPRESS_WHOLE,
    ),
    explain(
        "compressed-blocks",
        "The compressed data has too many blocks for what is in them. 128 are allowed, one more for each 512 bytes of data, and one for each \
         4096 bytes that come out. A block can bring tables of its own, which take time whatever is in it.",
        COMPRESS_WHOLE,
    ),
];
