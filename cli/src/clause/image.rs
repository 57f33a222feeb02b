//! Group D: the header of the Image.

use super::{Check, Clause, Force};

pub(super) const CLAUSES: &[Clause] = &[
    Clause {
        id: "D1",
        title: "The magic number tells an Image",
        asks: "An Image has the magic number 0x644d5241, the text `ARM` and 0x64, at byte 56 of its header of 64 \
               bytes.",
        source: "booting.rst, \"Call the kernel image\", header",
        force: Force::Mandatory,
        met: "What has no magic number there is no kernel for Flint, and is refused (image-magic).",
        code: &["crates/linux-image/src/header.rs"],
        check: Check::Observed(
            "The payload's header has it; it is broken by a loader that ends without starting any of them. Unit tests \
             refuse it with any bit wrong. It shows on every QEMU.",
        ),
    },
    Clause {
        id: "D2",
        title: "Header fields are little endian",
        asks: "Since v3.17 every field of the header is little endian, whatever the byte order of the kernel.",
        source: "booting.rst, \"Call the kernel image\", header",
        force: Force::Mandatory,
        met: "All fields are read so.",
        code: &["crates/linux-image/src/header.rs"],
        check: Check::Observed(
            "The host compares where the payload lies with what its fields ask for when they are read in that order; it \
             is broken by a loader that starts the payload only without a `text_offset`. It shows on every QEMU.",
        ),
    },
    Clause {
        id: "D3",
        title: "The first two words are code",
        asks: "The first two words of the header are instructions, and lead to the kernel's start.",
        source: "booting.rst, \"Call the kernel image\", header",
        force: Force::Mandatory,
        met: "They are not looked at; the kernel is entered at the first one.",
        code: &["crates/linux-image/src/header.rs", "crates/boot-plan/src/plan.rs"],
        check: Check::Observed(
            "The debugger sees the payload's first word executed; it is broken by a loader whose payload runs without. \
             It shows on every QEMU.",
        ),
    },
    Clause {
        id: "D4",
        title: "The EFI header changes nothing",
        asks: "Only EFI skips the first two words and goes by the PE header, whose offset is the last word. Any other \
               loader starts at the first word, although its bytes may be those of a PE file, `MZ`.",
        source: "booting.rst, \"Call the kernel image\", header",
        force: Force::Mandatory,
        met: "Kernels with an EFI stub boot like any other. The PE header is read for one thing: how long the file \
              is, where the flash does not say.",
        code: &["crates/linux-image/src/header.rs", "crates/linux-image/src/pe.rs"],
        check: Check::Observed(
            "A variant of the payload begins with `MZ`; it is broken by a loader that starts only the one without. \
             Debian's kernels begin so and boot. It shows on every QEMU.",
        ),
    },
    Clause {
        id: "D5",
        title: "Without `image_size`, `text_offset` is 0x80000",
        asks: "Where `image_size` is 0, the kernel is older than v3.17. Its `text_offset` may be in either byte order \
               and is taken to be 0x80000.",
        source: "booting.rst, \"Call the kernel image\", header",
        force: Force::Mandatory,
        met: "The plan does so, for a raw kernel that comes by fw_cfg. Gap: a kernel without `image_size` is refused \
              in flash (image-size-zero) and when compressed (payload-image-size-zero), because nothing says how much \
              to copy or to unpack; `flint image` sets the field.",
        code: &[
            "crates/linux-image/src/header.rs",
            "crates/boot-plan/src/plan.rs",
            "crates/flash-image/src/payload.rs",
        ],
        check: Check::Observed(
            "`flint image` mends the header of a variant of the payload without `image_size`, and the host compares \
             its address with 0x80000. It shows on every QEMU. What comes by fw_cfg without it is refused, and not \
             tested.",
        ),
    },
    Clause {
        id: "D6",
        title: "With `image_size`, both fields count",
        asks: "Where `image_size` is not 0, it is little endian, and it and `text_offset` are respected.",
        source: "booting.rst, \"Call the kernel image\", header",
        force: Force::Mandatory,
        met: "The plan reserves `image_size` bytes, which is more than the file as a rule, and keeps `text_offset`. A \
              `text_offset` that would put the entry between two instructions is refused (plan-entry-unaligned). Gap: \
              an `image_size` that is no multiple of 8 is refused in flash (image-size-unaligned); `flint image` \
              rounds it up.",
        code: &[
            "crates/linux-image/src/header.rs",
            "crates/boot-plan/src/plan.rs",
            "crates/flash-image/src/payload.rs",
        ],
        check: Check::Observed(
            "Variants of the payload have a `text_offset` of 0 and of 0x80000 and a large `image_size`, and look \
             where they are and what is behind them. It shows on every QEMU.",
        ),
    },
    Clause {
        id: "D7",
        title: "Bit 0 of the flags is the kernel's byte order",
        asks: "Bit 0 of the flags is 0 for a little-endian kernel and 1 for a big-endian one. The kernel switches by \
               itself, so that the loader enters both alike.",
        source: "booting.rst, \"Call the kernel image\", flags",
        force: Force::Mandatory,
        met: "The log says which it is, and nothing else follows from it.",
        code: &["crates/linux-image/src/flags.rs"],
        check: Check::Observed(
            "A variant of the payload has the bit, and is entered in little endian; it is broken by a loader that starts \
             only the one without, too. It shows on every QEMU.",
        ),
    },
    Clause {
        id: "D8",
        title: "Bits 1 and 2 of the flags are the page size",
        asks: "Bits 2:1 of the flags give the kernel's page size: 0 unspecified, 1 4 KiB, 2 16 KiB, 3 64 KiB.",
        source: "booting.rst, \"Call the kernel image\", flags; DDI0487, ID_AA64MMFR0_EL1.TGran4, TGran16, TGran64",
        force: Force::Mandatory,
        met: "A kernel whose page size the CPU does not have is refused (plan-page-size): it could not turn its MMU \
              on, and would stop without a word.",
        code: &["crates/linux-image/src/flags.rs", "crates/boot-plan/src/page_sizes.rs"],
        check: Check::Observed(
            "Variants of the payload carry each value, and start where the CPU has the size; it is broken by a loader \
             that does not start one of them there. cortex-a53 has no pages of 16 KiB, max has them.",
        ),
    },
    Clause {
        id: "D9",
        title: "Bit 3 clear: near the start of RAM",
        asks: "With bit 3 of the flags clear, the base, aligned to 2 MiB, should be as close to the start of RAM as \
               it can be: the kernel cannot use the memory below.",
        source: "booting.rst, \"Call the kernel image\", flags",
        force: Force::Recommended,
        met: "The plan takes the lowest base that does, away from reservations. Neither the machine's device tree nor \
              the bootloader's stack, both at the start of RAM, keep it from going there.",
        code: &["crates/boot-plan/src/plan.rs", "crates/boot-plan/src/free.rs"],
        check: Check::Observed(
            "A variant of the payload compares its base with the lowest one that the device tree leaves free. It \
             shows on every QEMU.",
        ),
    },
    Clause {
        id: "D10",
        title: "Bit 3 set: anywhere within 48 bits",
        asks: "With bit 3 of the flags set, the base is any multiple of 2 MiB for which all `image_size` bytes from \
               the start of the Image on have addresses of at most 48 bits.",
        source: "booting.rst, \"Call the kernel image\", flags",
        force: Force::Mandatory,
        met: "The plan uses no address above 48 bits. It puts such a kernel low, too, but for a FIT that asks for \
              another place which breaks no rule.",
        code: &["crates/boot-plan/src/free.rs", "crates/boot-plan/src/plan.rs"],
        check: Check::Observed(
            "The payload adds `image_size` to its own address, and it is broken by a loader that starts it only with the \
             bit clear. It shows on every QEMU by arithmetic.",
        ),
    },
    Clause {
        id: "D11",
        title: "Reserved fields are not judged",
        asks: "Bits 63:4 of the flags and the fields `res2` to `res4` are reserved. Later kernels may give them a \
               meaning, so that a value other than 0 is no reason to refuse.",
        source: "booting.rst, \"Call the kernel image\", header and flags",
        force: Force::Mandatory,
        met: "They are kept as found, and nothing depends on them.",
        code: &["crates/linux-image/src/header.rs"],
        check: Check::Observed(
            "A variant of the payload has all of them set; it is broken by a loader that starts only the one without. \
             It shows on every QEMU.",
        ),
    },
    Clause {
        id: "D12",
        title: "Without `image_size`, the room behind stays free",
        asks: "Where `image_size` is 0, the loader should keep as much memory as it can free behind the end of the \
               Image: what the kernel needs there has no bound.",
        source: "booting.rst, \"Call the kernel image\", header",
        force: Force::Recommended,
        met: "Kernel low, all else high: initrd and bootloader go to the end of RAM, the device tree to the end of \
              the 512 MiB that an old kernel reaches (B4). In flash such kernels are refused (D5).",
        code: &["crates/boot-plan/src/plan.rs"],
        check: Check::Observed(
            "With a variant of the payload without `image_size` the host computes the room up to the first thing \
             that it was handed. It shows on every QEMU by arithmetic.",
        ),
    },
];
