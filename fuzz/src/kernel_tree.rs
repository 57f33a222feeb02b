//! A kernel's device tree never chooses what EL3 uses: trees with any GIC, CPUs, PSCI and memory,
//! on QEMU's machines.

use boards::QEMU_VIRT;
use boot_parts::{Given, Offer, Parts, Preparation, PreparationError};
use boot_plan::{Machine, MemoryMap, PageSizes};
use devicetree::Devicetree;
use hashes::Backend;
use linux_image::ImageHeader;
use phys_range::{KIB, MIB};
use platform::{Found, GicRegisters, Platform};
use zerocopy::IntoBytes;

use crate::devicetree_edit::{check_inside, edited};
use crate::input::Input;
use crate::preparation::sound_error;
use crate::tree_writer::TreeWriter;

/// The trees of QEMU's machines: a GICv2 or a GICv3, one CPU or several, below 4 GiB and above,
/// with and without a secure world.
const MACHINES: [&[u8]; 5] = [
    include_bytes!("../../crates/devicetree/tests/fixtures/secure.dtb"),
    include_bytes!("../../crates/devicetree/tests/fixtures/gicv2-8cpus.dtb"),
    include_bytes!("../../crates/devicetree/tests/fixtures/el2-gicv3.dtb"),
    include_bytes!("../../crates/devicetree/tests/fixtures/numa.dtb"),
    include_bytes!("../../crates/devicetree/tests/fixtures/8gib.dtb"),
];

/// Addresses that are right somewhere, and their neighbours that EL3 must not be led to: the GICs'
/// registers, the secure GPIO and UART, the secure RAM with EL3's tables and code, flash, the
/// console, RAM, and the ends of the address space.
const ADDRESSES: [u64; 20] = [
    0x0800_0000,
    0x0801_0000,
    0x080a_0000,
    0x0803_0000,
    0x090b_0000,
    0x0904_0000,
    0x0900_0000,
    0x0e00_0000,
    0x0e1c_0000,
    0x0e20_0000,
    0x0e20_0e80,
    0x0e20_1000,
    0x0dff_fff0,
    0x090a_fff0,
    0x0f00_0000,
    0,
    0x4000_0000,
    0x40_1000_0000,
    0xffff_ffff_ffff_f000,
    0xffff_fff0,
];
/// Sizes that are right somewhere, and others.
const SIZES: [u64; 12] = [
    0x1_0000,
    0x1000,
    0xf6_0000,
    0x2_0000,
    0,
    1,
    0x10,
    0x0100_0000,
    0x3800_0000,
    0x6f6_0000,
    u64::MAX,
    0xffff_ffff_0000_0000,
];
const GICS: [&str; 8] = [
    "arm,gic-v3",
    "arm,cortex-a15-gic",
    "arm,gic-400",
    "arm,gic-v5",
    "arm,gic-v9",
    "arm,cortex-a9-gic",
    "arm,gic",
    "vendor,controller",
];
const STATES: [&str; 4] = ["okay", "disabled", "fail", "ok"];
const METHODS: [&str; 4] = ["smc", "hvc", "", "call"];
const PSCI: [&str; 4] = ["arm,psci-1.0", "arm,psci-0.2", "arm,psci", "vendor,psci"];

/// A kernel of 100 KiB.
const KERNEL_BYTES: u64 = 100 * KIB;

/// The input: the machine, and the [`kernel_tree`].
pub fn check(bytes: &[u8]) {
    let mut input = Input(bytes);
    let machine = MACHINES[usize::from(input.byte()) % MACHINES.len()];
    let serves_psci = input.byte() & 1 != 0;
    let kernel_tree = kernel_tree(&mut input);
    let hardware_tree = Devicetree::parse(machine).unwrap();
    let Ok(kernel_tree) = Devicetree::parse(&kernel_tree) else {
        return;
    };
    let architecture = input.byte() % 6;
    let found = Found {
        affinity: 0,
        gic_architecture: architecture,
        console: QEMU_VIRT.console,
    };
    // EL3 never sees a kernel's tree; a machine's own may be as hostile.
    check_el3(&kernel_tree, &found);
    check_el3(&hardware_tree, &found);
    let header = ImageHeader::new(0, KERNEL_BYTES, 0xa);
    let offer = Offer::Kernel {
        header,
        size_bytes: KERNEL_BYTES,
    };
    let parts = Parts::of(&offer, &Backend::SOFTWARE).unwrap();
    let in_use = QEMU_VIRT.in_use();
    let map = MemoryMap {
        ram: hardware_tree.ram().unwrap(),
        reserved: hardware_tree.reservations().unwrap(),
    };
    let given = Given {
        machine: Machine {
            hardware: map,
            told: map,
            mapped: QEMU_VIRT.ram,
            in_use: &in_use,
            held: &[],
            page_sizes: PageSizes {
                kib4: true,
                kib16: true,
                kib64: true,
            },
        },
        hardware_tree: &hardware_tree,
        kernel_tree: Some(&kernel_tree),
        header: &header,
        fw_cfg_command_line: None,
        settings_command_line: None,
        fw_cfg_initrd_bytes: None,
        fresh_seeds: None,
        serves_psci,
        backend: &Backend::SOFTWARE,
    };
    match Preparation::new(&parts, &given) {
        Ok(preparation) => check_accepted(&hardware_tree, &preparation),
        Err(error) => check_refused(&error),
    }
}

fn check_refused(error: &PreparationError) {
    sound_error(error, error.code());
}

fn check_accepted(hardware_tree: &Devicetree<'_>, preparation: &Preparation<'_>) {
    match edited(preparation.tree.devicetree(), preparation.tree.edits()) {
        Ok(after) => check_inside(&Devicetree::parse(&after).unwrap(), hardware_tree),
        Err(error) => sound_error(&error, error.code()),
    }
}

/// Holds what EL3 would use on the machine that `tree` describes against the board, whatever else
/// the tree says.
fn check_el3(tree: &Devicetree<'_>, found: &Found) {
    let board = &QEMU_VIRT;
    let platform = match Platform::new(board, tree, found) {
        Ok(platform) => platform,
        Err(error) => return sound_error(&error, error.code()),
    };
    assert!(board.consoles.contains(&platform.console));
    match platform.gic().unwrap() {
        GicRegisters::V2 {
            distributor,
            cpu_interface,
        } => {
            assert_eq!(distributor, board.gic.distributor.start());
            assert_eq!(cpu_interface, board.gic.cpu_interface.start());
        }
        GicRegisters::V3 { distributor, .. } => {
            assert_eq!(distributor, board.gic.distributor.start());
            assert!(platform.redistributors().count() > 0);
        }
    }
    for region in platform.redistributors() {
        assert!(
            board.gic.redistributors.contains(&region),
            "{region} holds other devices"
        );
        assert!(
            [region.start(), region.end()]
                .iter()
                .all(|bound| bound.is_multiple_of(0x1_0000)),
            "{region} cannot be mapped"
        );
        let same = platform.redistributors().filter(|other| other.overlaps(&region));
        assert_eq!(same.count(), 1, "{region} would be mapped twice");
    }
    for bank in platform.normal_ram() {
        assert!(board.ram.contains(&bank), "{bank} is no RAM of the normal world");
    }
    assert!(platform.cpus.place_of(found.affinity).is_some());
    assert_eq!(Platform::read(platform.as_bytes()), Some(&platform));
}

/// A kernel's tree of the bytes of `input`: a root with cells of 0 to 3, up to 3 GICs, each below
/// up to 2 buses, PSCI, CPUs and memory. Up to 3 bytes of it are changed at the end, so that it
/// need not be well formed.
pub fn kernel_tree(input: &mut Input<'_>) -> Vec<u8> {
    let mut tree = TreeWriter::new();
    let root = cells(input, &mut tree);
    for index in 0..input.byte() % 4 {
        gic(input, &mut tree, root, index);
    }
    if input.byte() & 1 != 0 {
        tree.begin("psci");
        tree.text("compatible", choose(input, &PSCI));
        tree.text("method", choose(input, &METHODS));
        status(input, &mut tree);
        tree.end();
    }
    cpus(input, &mut tree);
    for index in 0..input.byte() % 4 {
        tree.begin(&format!("memory@{index}"));
        tree.text("device_type", "memory");
        reg(input, &mut tree, root, "reg", 3);
        status(input, &mut tree);
        tree.end();
    }
    let mut blob = tree.finish();
    for _ in 0..input.byte() % 4 {
        let (place, value) = (input.half() % blob.len(), input.byte());
        blob[place] ^= value;
    }
    blob
}

/// A GIC below 0 to 2 buses, each with `ranges` that are right, empty, missing or anything.
fn gic(input: &mut Input<'_>, tree: &mut TreeWriter, root: (u32, u32), index: u8) {
    let buses = input.byte() % 3;
    let mut around = root;
    for bus in 0..buses {
        tree.begin(&format!("bus@{index}{bus}"));
        tree.text("compatible", "simple-bus");
        let inside = cells(input, tree);
        match input.byte() % 3 {
            0 => {}
            1 => tree.bytes("ranges", &[]),
            _ => {
                let mut ranges = Vec::new();
                for _ in 0..input.byte() % 3 {
                    push(&mut ranges, address(input), inside.0);
                    push(&mut ranges, address(input), around.0);
                    push(&mut ranges, size(input), inside.1);
                }
                tree.bytes("ranges", &ranges);
            }
        }
        around = inside;
    }
    tree.begin(&format!("intc@{index}"));
    tree.text("compatible", choose(input, &GICS));
    let flags = input.byte();
    if flags & 1 == 0 {
        tree.bytes("interrupt-controller", &[]);
    }
    reg(input, tree, around, "reg", 12);
    if flags & 2 != 0 {
        tree.cell("#redistributor-regions", input.number() as u32);
    }
    if flags & 4 != 0 {
        tree.bytes("redistributor-stride", &address(input).to_be_bytes());
    }
    status(input, tree);
    for _ in 0..=buses {
        tree.end();
    }
}

fn cpus(input: &mut Input<'_>, tree: &mut TreeWriter) {
    let flags = input.byte();
    if flags & 1 != 0 {
        return;
    }
    tree.begin("cpus");
    tree.cell("#address-cells", 1 + u32::from(flags >> 1 & 1));
    tree.cell("#size-cells", 0);
    for index in 0..input.byte() % 10 {
        tree.begin(&format!("cpu@{index}"));
        tree.text("device_type", "cpu");
        let mut reg = Vec::new();
        let affinity = match input.byte() {
            byte @ 0..0xc0 => u64::from(byte % 16),
            _ => input.number(),
        };
        push(&mut reg, affinity, 1 + u32::from(flags >> 1 & 1));
        tree.bytes("reg", &reg);
        status(input, tree);
        tree.end();
    }
    tree.end();
}

/// The numbers of cells for children of the open node, which it says or leaves to be known.
fn cells(input: &mut Input<'_>, tree: &mut TreeWriter) -> (u32, u32) {
    let byte = input.byte();
    if byte & 0xf0 == 0xf0 {
        return (2, 1);
    }
    let cells = match byte & 0xc0 {
        0xc0 => (u32::from(byte & 3), u32::from(byte >> 2 & 3)),
        0x80 => (1, 1),
        _ => (2, 2),
    };
    tree.cell("#address-cells", cells.0);
    tree.cell("#size-cells", cells.1);
    cells
}

/// Up to `entries_max` entries, the last of which may lack some bytes.
fn reg(input: &mut Input<'_>, tree: &mut TreeWriter, cells: (u32, u32), name: &str, entries_max: u8) {
    let byte = input.byte();
    let mut value = Vec::new();
    for _ in 0..(byte & 0x3f) % (entries_max + 1) {
        push(&mut value, address(input), cells.0);
        push(&mut value, size(input), cells.1);
    }
    if byte & 0xc0 == 0xc0 {
        value.truncate(value.len().saturating_sub(4));
    }
    tree.bytes(name, &value);
}

/// A number in so many cells.
fn push(value: &mut Vec<u8>, number: u64, cells: u32) {
    let bytes = u128::from(number).to_be_bytes();
    value.extend(&bytes[bytes.len() - 4 * cells as usize..]);
}

fn address(input: &mut Input<'_>) -> u64 {
    match input.byte() {
        byte @ 0..0xc0 => ADDRESSES[usize::from(byte) % ADDRESSES.len()],
        0xc0..0xe0 => QEMU_VIRT.secure.all().start() + input.number() % (16 * MIB),
        _ => input.number(),
    }
}

fn size(input: &mut Input<'_>) -> u64 {
    match input.byte() {
        byte @ 0..0xe0 => SIZES[usize::from(byte) % SIZES.len()],
        _ => input.number(),
    }
}

fn status(input: &mut Input<'_>, tree: &mut TreeWriter) {
    if input.byte() & 0x80 != 0 {
        tree.text("status", choose(input, &STATES));
    }
}

fn choose<'t>(input: &mut Input<'_>, texts: &[&'t str]) -> &'t str {
    texts[usize::from(input.byte()) % texts.len()]
}
