//! The Rust kernel's reports when it fails, and the machines it runs on.

use flint_cli::qemu::{Machine, StartLevel};
use phys_range::MIB;
use scenarios::flash::{Flash, HeaderField, Kernel};
use scenarios::{End, Scenario, Start, Tampering, payload};

use crate::expectations::{FROM_SETTINGS, HELLO, LEVELS, RAM_BASE, RESET, TROUBLE, report, stages};
use crate::machines;

/// The device tree that QEMU puts at the start of RAM claims so much of it.
const MACHINE_TREE_BYTES: u64 = MIB;
/// Little endian, pages of any size, and bit 3 clear: as close to the start of RAM as possible
/// (boot-protocol D9).
const FLAGS_NEAR_RAM_BASE: u64 = 0;

/// All of them.
pub fn scenarios() -> Vec<Scenario> {
    let mut all = Vec::new();
    for (el, level) in LEVELS {
        let machine = Machine {
            el,
            ..Machine::default()
        };
        all.push(fault(level, machine.clone()));
        all.push(panic(level, machine.clone()));
        all.push(rewrites_the_bootloader(level, machine.clone()));
        all.extend(placements(level, &machine));
        all.extend(garbage(el, level));
    }
    all.extend(garbage(StartLevel::El3, "el3"));
    all.extend(garbage(StartLevel::El3WithoutEl2, "el3_without_el2"));
    all
}

fn fault(level: &str, machine: Machine) -> Scenario {
    let taken_to = machine.el;
    let flash = Flash::new(Kernel::Ours, "fault");
    Scenario::new(
        format!("a_fault_of_the_kernel_is_decoded_at_{level}"),
        machine,
        Start::Flash(flash),
    )
    .lines([HELLO, "cmdline    fault"])
    .lines([format!(
        "error: synchronous exception taken to {taken_to} from this level"
    )])
    .lines([
        "  ESR  0x00000000*  data abort, read, address size fault, level 0",
        "  ELR  0x0000000040*  image + 0x",
        "  FAR  0x000fffffffff",
        "  SPSR 0x*  SP 0x",
        "  x0  0x*  x1  0x*  x2  0x*  x3  0x",
        "  x28 0x*  x29 0x*  x30 0x",
        "  backtrace:",
        "    0x0000000040*  image + 0x",
        "    0x0000000040*  image + 0x",
    ])
    .never(["Waiting.", "another exception", "outside this image"])
    .ends(End::Stop)
}

fn panic(level: &str, machine: Machine) -> Scenario {
    let flash = Flash::new(Kernel::Ours, "panic");
    Scenario::new(
        format!("a_panic_of_the_kernel_says_where_at_{level}"),
        machine,
        Start::Flash(flash),
    )
    .lines([
        HELLO,
        "cmdline    panic",
        "error: the kernel panicked: panicked at kernel/src/main.rs:",
        "the command line asked for it",
    ])
    .never(["Waiting."])
    .ends(End::Stop)
}

/// The kernel programs the flash, and finds that it still holds the bootloader.
fn rewrites_the_bootloader(level: &str, machine: Machine) -> Scenario {
    let flash = Flash::new(Kernel::Packed(payload::flash_writer), "poweroff");
    Scenario::new(
        format!("a_kernel_cannot_rewrite_the_bootloader_at_{level}"),
        machine,
        Start::Flash(flash),
    )
    .lines([RESET, HELLO, "cmdline    poweroff"])
    .never(TROUBLE)
}

/// The kernel's header asks for other places: it must go there, and the kernel must run there.
fn placements(level: &str, machine: &Machine) -> Vec<Scenario> {
    let flash = || Flash::new(Kernel::Ours, "poweroff");
    let article = flash().header(HeaderField::TextOffset, 0x8_0000);
    let near = article.clone().header(HeaderField::Flags, FLAGS_NEAR_RAM_BASE);
    let odd_kib = flash().header(HeaderField::TextOffset, 0x12_3400);
    let placements = [
        ("where_the_articles_kernel_is_linked", article, 0x8_0000),
        ("near_the_start_of_ram_if_it_must_be", near, 0x8_0000),
        ("at_any_text_offset", odd_kib, 0x12_3400),
    ];
    let scenarios = placements.map(|(place, flash, text_offset)| {
        let entry = RAM_BASE + text_offset;
        let name = format!("loads_the_kernel_{place}_at_{level}");
        Scenario::new(name, machine.clone(), Start::Flash(flash))
            .lines(stages(machine.el, entry, FROM_SETTINGS))
            .lines(report(machine, entry, "poweroff"))
            .never(TROUBLE)
    });
    scenarios.into()
}

/// Neither RAM nor registers are zero when the machine starts; only the device tree is as it should
/// be.
fn garbage(el: StartLevel, level: &str) -> Vec<Scenario> {
    let machine = Machine {
        el,
        memory_bytes: 64 * MIB,
        ..Machine::default()
    };
    // This kernel is loaded behind the machine's device tree, so that its .bss and its stack are
    // not zero either.
    let entry = RAM_BASE + MACHINE_TREE_BYTES;
    let flash = Flash::new(Kernel::Ours, "poweroff").header(HeaderField::TextOffset, MACHINE_TREE_BYTES);
    let name = format!("boots_a_kernel_that_is_loaded_over_garbage_at_{level}");
    let in_garbage = Scenario::new(name, machine.clone(), Start::Flash(flash))
        .lines(stages(el, entry, FROM_SETTINGS))
        .lines(report(&machine, entry, "poweroff"))
        .never(TROUBLE);
    let boot = machines::boot(
        format!("boots_the_kernel_if_ram_and_registers_hold_garbage_at_{level}"),
        machine,
    );
    let scenarios = [in_garbage, boot];
    scenarios
        .map(|scenario| scenario.tampered(Tampering::Poison("poison_ones")))
        .into()
}
