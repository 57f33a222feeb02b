//! Plans: every rule of them, for any machine and any kernel.

use boards::QEMU_VIRT;
use boot_plan::{
    CODES, DEVICETREE_BLOCK, InitrdRequest, KERNEL_BASE_ALIGN, Machine, MemoryMap, PageSizes, Plan, PlanError, Request,
};
use linux_image::ImageHeader;
use phys_range::{GIB, MIB, PhysRange};

use crate::input::Input;
use crate::sound;

/// The flags in the first byte of the input.
mod flags {
    pub const HAS_INITRD: u8 = 1;
    pub const HAS_INITRD_WISH: u8 = 1 << 1;
    pub const HAS_KERNEL_WISH: u8 = 1 << 2;
    pub const HAS_SCRATCH: u8 = 1 << 3;
    /// Else it is that of [`super::QEMU_VIRT`], and the RAM begins where it does there.
    pub const OTHER_MAPPING: u8 = 1 << 4;
    pub const FEW_PAGE_SIZES: u8 = 1 << 5;
}

/// The input: the flags, then numbers, see [`Input::number`]: `text_offset`, `image_size`, the
/// header's flags, the size of the kernel, of the device tree, of the initrd and of the scratch
/// memory, the wish for the initrd, for the kernel, the mapping (start and size), and what is in
/// use (start and size); a byte with the numbers of banks (low 3 bits) and reservations (next 3),
/// and for each of them its distance from the one before and its size.
pub fn check(bytes: &[u8]) {
    let mut input = Input(bytes);
    let flags = input.byte();
    let has = |flag| flags & flag != 0;
    let header = ImageHeader::new(input.number(), input.number(), input.number());
    let [kernel_size_bytes, devicetree_size_bytes, initrd_bytes, scratch_bytes] = [(); 4].map(|()| input.number());
    let [initrd_wish, kernel_wish] = [(); 2].map(|()| input.number());
    let other_mapping = PhysRange::new(input.number(), input.number());
    let used = PhysRange::new(input.number(), input.number());
    let counts = input.byte();
    let mapped = other_mapping
        .filter(|_| has(flags::OTHER_MAPPING))
        .unwrap_or(QEMU_VIRT.ram);
    let ram = banks(&mut input, mapped.start(), counts & 7);
    let reserved: Vec<_> = (0..counts >> 3 & 7)
        .filter_map(|_| PhysRange::new(mapped.start().wrapping_add(input.number()), input.number()))
        .collect();
    let in_use: Vec<_> = QEMU_VIRT.in_use().into_iter().chain(used).collect();
    let map = MemoryMap {
        ram: &ram,
        reserved: &reserved,
    };
    let machine = Machine {
        hardware: map,
        told: map,
        mapped,
        in_use: &in_use,
        held: &[],
        page_sizes: PageSizes {
            kib4: true,
            kib16: !has(flags::FEW_PAGE_SIZES),
            kib64: !has(flags::FEW_PAGE_SIZES),
        },
    };
    let scratch = has(flags::HAS_SCRATCH).then(|| machine.scratch(scratch_bytes).inspect_err(sound_error));
    let held: Vec<_> = scratch.into_iter().flatten().collect();
    let machine = Machine { held: &held, ..machine };
    let request = Request {
        header: &header,
        kernel_size_bytes,
        kernel_address: has(flags::HAS_KERNEL_WISH).then_some(kernel_wish),
        devicetree_size_bytes,
        initrd: has(flags::HAS_INITRD).then_some(InitrdRequest {
            size_bytes: initrd_bytes,
            address: has(flags::HAS_INITRD_WISH).then_some(initrd_wish),
        }),
    };
    if let Ok(plan) = Plan::new(&machine, &request).inspect_err(sound_error) {
        check_plan(&machine, &request, &plan);
        check_lowest(&machine, &request, &plan);
    }
}

/// Banks of RAM, sorted by address.
fn banks(input: &mut Input<'_>, start: u64, count: u8) -> Vec<PhysRange> {
    let mut next = start;
    let banks = (0..=count).map_while(|_| {
        let bank = PhysRange::new(next.checked_add(input.number())?, input.number())?;
        next = bank.end();
        Some(bank)
    });
    banks.collect()
}

fn sound_error(error: &PlanError) {
    sound::error(error, error.code(), &[CODES]);
}

/// Checks that a plan keeps every rule.
pub fn check_plan(machine: &Machine<'_>, request: &Request<'_>, plan: &Plan) {
    let Request { header, initrd, .. } = *request;
    assert_eq!(
        plan.initrd.map(|range| range.len()),
        initrd.map(|initrd| initrd.size_bytes)
    );
    let parts: Vec<_> = [plan.kernel, plan.devicetree, plan.work_area]
        .into_iter()
        .chain(plan.initrd)
        .chain(machine.held.iter().copied())
        .collect();
    for (index, part) in parts.iter().enumerate() {
        check_free(machine, part);
        assert!(
            !parts.iter().skip(index + 1).any(|other| other.overlaps(part)),
            "{part} overlaps"
        );
    }
    for part in parts.iter().skip(1) {
        let is_in_use = machine.in_use.iter().any(|range| range.overlaps(part));
        assert!(!is_in_use, "{part} is written while what is there is needed");
    }
    assert_eq!(plan.kernel_base % KERNEL_BASE_ALIGN, 0);
    assert_eq!(plan.kernel_base + header.text_offset(), plan.entry());
    let mut banks = machine.hardware.ram.iter();
    assert!(banks.any(|bank| bank.start() <= plan.kernel_base && plan.kernel.end() <= bank.end()));
    assert!(plan.kernel.len() >= request.kernel_size_bytes && plan.kernel.len() >= header.image_size);
    assert_eq!(plan.devicetree.len(), request.devicetree_size_bytes);
    let block = plan.devicetree.widened_to(DEVICETREE_BLOCK).unwrap();
    assert_eq!(
        (block.start(), block.len()),
        (plan.devicetree.start(), DEVICETREE_BLOCK)
    );
    check_free(machine, &block);
    if let Some(initrd) = plan.initrd {
        let start = plan.kernel.start().min(initrd.start()) / GIB * GIB;
        let end = plan.kernel.end().max(initrd.end());
        assert!(end - start <= 32 * GIB, "no window of 32 GiB holds both");
        assert!(!initrd.overlaps(&block), "the initrd is in the device tree's block");
    }
}

fn check_free(machine: &Machine<'_>, part: &PhysRange) {
    assert!(
        machine.hardware.ram.iter().any(|bank| bank.contains(part)),
        "{part} is not in RAM"
    );
    assert!(machine.mapped.contains(part), "{part} cannot be reached");
    assert!(
        !machine.hardware.reserved.iter().any(|other| other.overlaps(part)),
        "{part} is reserved"
    );
    assert!(part.end() <= 1 << 48, "{part} is out of the kernel's reach");
}

/// Checks that no lower base would have done for a kernel that nobody has a wish for.
fn check_lowest(machine: &Machine<'_>, request: &Request<'_>, plan: &Plan) {
    let first = machine.hardware.ram.iter().map(PhysRange::start).min().unwrap_or(0);
    let tries = (plan.kernel_base - first.min(plan.kernel_base)) / (2 * MIB);
    if request.kernel_address.is_some() || tries > 100 {
        return;
    }
    let taken = [machine.hardware.reserved, machine.held, &[plan.work_area]];
    for base in (1..=tries).map(|step| plan.kernel_base - step * 2 * MIB) {
        let lower = PhysRange::new(base + request.header.text_offset(), plan.kernel.len()).unwrap();
        let is_in_ram = machine
            .hardware
            .ram
            .iter()
            .filter_map(|bank| bank.intersection(&machine.mapped))
            .any(|bank| bank.start() <= base && lower.end() <= bank.end());
        let is_free = is_in_ram && !taken.iter().copied().flatten().any(|other| other.overlaps(&lower));
        assert!(!is_free, "{lower} was free");
    }
}
