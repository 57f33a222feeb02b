//! The errors of a FIT.

use super::{Explanation, explain};

pub(super) const EXPLANATIONS: &[Explanation] = &[
    explain(
        "fit-tree",
        "The FIT cannot be read: its tree is broken, or cut short. A FIT is a flattened device tree with files in it, and the message \
         says which rule of that format it breaks.",
        "Write the FIT again, all of it: `mkimage -f SOURCE.its OUTPUT.itb` makes one, `dumpimage -l OUTPUT.itb` shows what is in it.",
    ),
    explain(
        "fit-missing",
        "The FIT lacks something that it must have. A FIT has the nodes `images` and `configurations`; each configuration names a \
         `kernel`; each image that it names has `data` and a `type`, each hash an `algo` and a `value`, and data outside of the tree have a `data-size`.",
        "Add to the FIT's source what the message names, and run `mkimage` again. It computes the values of the hashes.",
    ),
    explain(
        "fit-no-default",
        "The FIT does not say which of its configurations is meant. Flint starts the one that is named by the property `default` of the \
         node `configurations`, and so does U-Boot, even if there is only one.",
        "Add `default = \"NAME\";` to the node `configurations` of the FIT's source, as the message shows, and run `mkimage` again.",
    ),
    explain(
        "fit-no-node",
        "The FIT names a part that it does not have. The property `default` must name a child of `configurations`; `kernel`, \
         `ramdisk` and `fdt` must name children of `images`. Names must be equal to the letter, unit address included.",
        "Correct the name in the FIT's source. `dumpimage -l FILE` lists the parts there are.",
    ),
    explain(
        "fit-ambiguous",
        "A name in the FIT might mean either of two nodes. Some loaders take `kernel@1` for `kernel`, so that the same file would start \
         one kernel here and another one there; people have broken verified boot that way.",
        "Rename the node that the message names: `kernel-1` in place of `kernel@1`.",
    ),
    explain(
        "fit-property",
        "A property of the FIT is not written as it should be. The message names the node, the property and the rule.",
        "Correct it in the FIT's source. Names and texts are one string, addresses and sizes are numbers of one or two cells, and an \
         image has its data in one place: in `data`, at `data-offset` or at `data-position`.",
    ),
    explain(
        "fit-data",
        "The data of an image are not inside the FIT. By its offset and its size it begins inside the tree, or passes the end of \
         the file or of the flash.",
        "If the FIT was made by `mkimage -E`, its data come after the tree: copy the whole file, not just what the tree says. \
         Otherwise make the FIT again.",
    ),
    explain(
        "fit-unsupported",
        "The FIT asks for something that Flint cannot do. It starts an arm64 kernel (compressed by gzip, lz4 or zstd if you like) with a \
         ramdisk, a device tree that is not compressed, and a command line from the property `cmdline`. It verifies crc32, md5, sha1, \
         sha256, sha384 and sha512. Device tree overlays, firmware and encrypted data are refused, because without them something else \
         would start.",
        "Change what the message names in the FIT's source: apply overlays before (`fdtoverlay`), use another compression or another \
         hash, or give the command line in `cmdline`.",
    ),
    explain(
        "fit-hash",
        "The data of an image in the FIT are not those that were packed. The hash in the FIT and that of the data differ, so one of \
         them has been changed or was damaged on the way.",
        "Write the FIT again. If it was edited, run `mkimage` again, which computes the hashes.",
    ),
];
