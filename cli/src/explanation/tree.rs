//! The errors of a device tree.

use super::{Explanation, explain};

pub(super) const EXPLANATIONS: &[Explanation] = &[
    explain(
        "tree-too-short",
        "There are fewer bytes than the header of a device tree has. A flattened device tree begins with a header of 40 bytes.",
        "Check that the file is complete and that it is a device tree blob (.dtb), not its source (.dts).",
    ),
    explain(
        "tree-magic",
        "There is no device tree where one should be. It would begin with 0xd00dfeed, most significant byte first. QEMU puts one at \
         the start of RAM for any firmware in flash.",
        "In QEMU, use the machine `virt`, and let nothing else be loaded at the start of RAM (0x4000_0000). For a file, make it \
         with `dtc -O dtb`.",
    ),
    explain(
        "tree-total-size",
        "The size that the device tree claims cannot be right. It is less than its own header, or more than there is.",
        "The blob is cut short or overwritten: copy it again, or look for what else writes to its memory.",
    ),
    explain(
        "tree-too-large",
        "The device tree is larger than the 2 MiB that a kernel accepts. The limit is from the boot protocol.",
        "Pack it: `dtc -I dtb -O dtb -o packed.dtb FILE` drops unused space. If it is still too large, take nodes out.",
    ),
    explain(
        "tree-version",
        "The device tree is in another version of the format. Version 17 is the one in use since 2007.",
        "Convert it: `dtc -I dtb -O dtb -V 17 -o new.dtb FILE`.",
    ),
    explain(
        "tree-corrupt",
        "The device tree breaks a rule of its format. The message names the rule and the place in the blob. Flint starts no \
         kernel with a tree that it cannot fully read, since the kernel would fail later and say less.",
        "See what `dtc -I dtb -O dts FILE` says. Blobs that other tools made may have two nodes or properties of the same name; \
         memory that is overwritten shows up here too.",
    ),
    explain(
        "tree-limit",
        "The device tree has more of something than the bootloader has room for. It does not allocate memory, so its tables have \
         a fixed size; the message names the limit. Two limits keep a tree from taking minutes to read: of nodes and properties, \
         and of names that are made to look alike.",
        "Join neighbouring memory banks or reservations in the device tree.",
    ),
    explain(
        "tree-reg",
        "A `reg` property does not describe addresses. Its length must be a multiple of what `#address-cells` and `#size-cells` \
         of the parent node make, and its ranges must lie in the 64-bit address space.",
        "Correct the node that the message names; `dtc -I dtb -O dts FILE` shows it as text.",
    ),
    explain(
        "tree-no-ram",
        "The device tree describes no RAM. RAM is a child of the root with `device_type = \"memory\"`, a `reg` with a size that is not 0, \
         and a `status` that is absent or `okay`.",
        "Add such a node, or have the firmware before Flint add it.",
    ),
    explain(
        "tree-ram-overlap",
        "The device tree describes the same RAM twice. Two ranges of its memory nodes share addresses.",
        "Correct the `reg` of the memory nodes so that each address is in one of them.",
    ),
    explain(
        "tree-ram-outside",
        "The device tree that came with the kernel describes RAM that the machine does not have, by the machine's own device tree. A kernel would use it and fail.",
        "Correct the memory nodes of the tree, or take them out: a tree without RAM gets the machine's.",
    ),
    explain(
        "tree-gic-kind",
        "The device tree that came with the kernel describes another interrupt controller than the machine has: a kernel that drives a \
         GICv2 finds nothing in a machine with a GICv3, and the other way round.",
        "Use the tree of the machine that boots, or start QEMU with the `gic-version` that the tree was made for.",
    ),
    explain(
        "tree-gic-address",
        "The device tree that came with the kernel has registers of the interrupt controller where the machine has none. Each of its \
         blocks must begin where one of the machine's begins, and be no larger.",
        "Correct the `reg` of the interrupt controller, or leave the tree out: the machine's own tree is right.",
    ),
    explain(
        "tree-cpu-outside",
        "The device tree that came with the kernel describes a CPU that the machine does not have, so that the kernel would wait for \
         it. Fewer CPUs than there are would do.",
        "Start the machine with as many CPUs as the tree has (`-smp N`), or take the node out or give it `status = \"disabled\"`.",
    ),
    explain(
        "tree-psci-conduit",
        "The device tree that came with the kernel says that PSCI is called in another way than this machine answers: by `smc` where \
         firmware at EL3 or QEMU's emulation of it answers, by `hvc` where a hypervisor does.",
        "Correct `method` in the node `/psci`, or leave the node out: it is then taken from the machine's tree.",
    ),
    explain(
        "tree-text",
        "A property that should be text is something else. Text ends with one NUL byte, has no other, and is UTF-8.",
        "Correct the property that the message names.",
    ),
    explain(
        "tree-bootargs-nul",
        "The command line has a NUL byte in it. A kernel would take the first part for all of it.",
        "Make the flash image again with `flint image --cmdline TEXT`.",
    ),
    explain(
        "tree-no-room",
        "The device tree does not fit into its place with the command line added.",
        "Use a shorter command line. If it is short already, this is a bug of Flint: please report it.",
    ),
];
