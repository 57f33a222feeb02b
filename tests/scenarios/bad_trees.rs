//! The machine's device tree cannot be used: the bootloader must say why in one line, and stop.

use flint_cli::qemu::{Gic, Machine, StartLevel};
use phys_range::MIB;
use scenarios::flash::{Flash, Kernel};
use scenarios::tree::TreeEdit;
use scenarios::{End, Scenario, Start, Tampering};

use crate::expectations::HELLO;

/// The place where the header has what (Devicetree Specification v0.4, 5.2).
const TOTAL_SIZE: usize = 4;
const VERSION: usize = 20;

/// Redistributors of a GICv3 that EL3 could not map, or would not find.
const HALF_A_PAGE: &str = "/ { intc@8000000 { reg = <0 0x8000000 0 0x10000  0 0x80a0000 0 0x40800>; }; };";
const TWICE: &str = "/ { intc@8000000 { #redistributor-regions = <2>; \
     reg = <0 0x8000000 0 0x10000  0 0x80a0000 0 0x40000  0 0x80c0000 0 0x40000>; }; };";
const ELSEWHERE: &str = "/ { intc@8000000 { reg = <0 0x8000000 0 0x10000  0 0x8800000 0 0x40000>; }; };";

/// All of them.
pub fn scenarios() -> Vec<Scenario> {
    use TreeEdit::{Replace, StructureWord, Word};
    let text = TreeEdit::text;
    vec![
        no_tree(),
        refuses(
            "a_tree_larger_than_a_kernel_takes",
            Word(TOTAL_SIZE, 3 << 20),
            "tree: *[tree-too*",
        ),
        refuses(
            "a_tree_smaller_than_its_header",
            Word(TOTAL_SIZE, 39),
            "tree: *claims 39 bytes*[tree-total-size]",
        ),
        refuses(
            "a_tree_that_ends_too_early",
            Word(TOTAL_SIZE, 4096),
            "tree: *[tree-corrupt]",
        ),
        refuses(
            "a_tree_of_another_version",
            Word(VERSION, 16),
            "tree: *version 16*[tree-version]",
        ),
        refuses(
            "a_tree_that_does_not_begin_with_a_node",
            StructureWord(0, 9),
            "tree: *[tree-corrupt]",
        ),
        refuses(
            "a_tree_with_an_unknown_token",
            StructureWord(8, 7),
            "tree: *a token is unknown*[tree-corrupt]",
        ),
        refuses(
            "a_tree_with_two_nodes_of_the_same_name",
            text("virtio_mmio@a000200", "virtio_mmio@a000000"),
            "tree: *a node beside this one has the same name [tree-corrupt]",
        ),
        refuses(
            "a_tree_with_a_broken_node_name",
            text("virtio_mmio@a000200", "virtio mmio@a000200"),
            "tree: *[tree-corrupt]",
        ),
        refuses(
            "a_tree_without_ram",
            text("memory\0", "memorx\0"),
            "tree: the device tree describes no RAM [tree-no-ram]",
        ),
        refuses(
            "a_tree_with_a_bank_past_the_end_of_the_address_space",
            Replace(bank(0x4000_0000, 128 * MIB), bank(!0xfff, 128 * MIB)),
            "tree: a memory node of the device tree has a range that passes the end*[tree-reg]",
        ),
        overlapping_banks(),
        refuses_redistributors("that_end_inside_a_page", HALF_A_PAGE),
        refuses_redistributors("described_twice", TWICE),
        refuses_redistributors("elsewhere", ELSEWHERE),
    ]
}

/// `error` is the line that must come, and the last.
fn refuses(what: &str, edit: TreeEdit, error: &str) -> Scenario {
    refuses_on(Machine::default(), what, edit, error)
}

fn refuses_on(machine: Machine, what: &str, edit: TreeEdit, error: &str) -> Scenario {
    let flash = Flash::new(Kernel::Ours, "poweroff");
    Scenario::new(format!("refuses_{what}"), machine, Start::Flash(flash))
        .tampered(Tampering::Tree(vec![edit]))
        .lines([" ms] reset    ".to_string(), format!(" ms] error    {error}")])
        .never([" ms] payload ", " ms] load ", " ms] enter ", HELLO, "exception"])
        .ends(End::Stop)
        .predicted()
}

/// EL3 drives the GIC by the machine's own tree, which `flint inspect` does not hold against the
/// board.
fn refuses_redistributors(what: &str, source: &'static str) -> Scenario {
    let machine = Machine {
        el: StartLevel::El3,
        gic: Gic::V3,
        ..Machine::default()
    };
    Scenario {
        is_predicted: false,
        ..refuses_on(
            machine,
            &format!("a_tree_with_redistributors_{what}"),
            TreeEdit::Source(source),
            "platform: *redistributors at 0x8*[platform-gic-address]",
        )
    }
}

/// A memory node's `reg`.
fn bank(start: u64, size_bytes: u64) -> Vec<u8> {
    [start.to_be_bytes(), size_bytes.to_be_bytes()].concat()
}

/// `flint inspect` cannot know that it should be one.
fn no_tree() -> Scenario {
    Scenario {
        is_predicted: false,
        ..refuses(
            "a_machine_without_a_tree",
            TreeEdit::Word(0, 0),
            "tree: there is no device tree here: *0x00000000 [tree-magic]",
        )
    }
}

fn overlapping_banks() -> Scenario {
    let nodes = [
        "-object",
        "memory-backend-ram,id=low,size=64M",
        "-object",
        "memory-backend-ram,id=high,size=64M",
        "-numa",
        "node,memdev=low,cpus=0",
        "-numa",
        "node,memdev=high,cpus=1",
    ];
    let machine = Machine {
        smp: 2,
        extra: nodes.iter().map(Into::into).collect(),
        ..Machine::default()
    };
    let overlap = TreeEdit::Replace(bank(0x4400_0000, 64 * MIB), bank(0x4300_0000, 64 * MIB));
    refuses_on(
        machine,
        "a_tree_that_describes_ram_twice",
        overlap,
        "tree: the device tree describes RAM twice: 0x40000000..0x44000000*0x43000000..0x47000000*[tree-ram-overlap]",
    )
}
