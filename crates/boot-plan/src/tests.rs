//! One accept and one reject test for each rule, and the properties that every plan has.

extern crate std;

mod devicetree;
mod initrd;
mod properties;

use std::string::ToString;

use linux_image::{ImageHeader, PageSize};
use phys_range::{GIB, KIB, MIB, PhysRange};

use crate::{
    DEVICETREE_BLOCK, InitrdRequest, Machine, MemoryMap, PageSizes, Plan, PlanError, Request, WORK_AREA_SIZE_BYTES,
};

const RAM_BASE: u64 = 0x4000_0000;
const FLAG_ANYWHERE: u64 = 1 << 3;
const HARDWARE_TREE: [PhysRange; 1] = [PhysRange::new(RAM_BASE, MIB).unwrap()];
const ALL_PAGE_SIZES: PageSizes = PageSizes {
    kib4: true,
    kib16: true,
    kib64: true,
};
const TREE_SIZE: u64 = 8 * KIB;

fn range(start: u64, size_bytes: u64) -> PhysRange {
    PhysRange::new(start, size_bytes).unwrap()
}

fn machine<'a>(ram: &'a [PhysRange], reserved: &'a [PhysRange]) -> Machine<'a> {
    let map = MemoryMap { ram, reserved };
    Machine {
        hardware: map,
        told: map,
        mapped: range(RAM_BASE, 255 * GIB),
        in_use: &HARDWARE_TREE,
        held: &[],
        page_sizes: ALL_PAGE_SIZES,
    }
}

fn header(text_offset: u64, image_size: u64, flags: u64) -> ImageHeader {
    ImageHeader::new(text_offset, image_size, flags)
}

fn plan(machine: &Machine<'_>, header: &ImageHeader) -> Result<Plan, PlanError> {
    Plan::new(machine, &request(header, header.image_size.max(1), TREE_SIZE))
}

fn request(header: &ImageHeader, kernel_size_bytes: u64, devicetree_size_bytes: u64) -> Request<'_> {
    Request {
        header,
        kernel_size_bytes,
        kernel_address: None,
        devicetree_size_bytes,
        initrd: None,
    }
}

#[test]
fn puts_the_articles_kernel_where_it_is_linked() {
    let plan = plan(
        &machine(&[range(RAM_BASE, 128 * MIB)], &[]),
        &header(0x8_0000, 64 * KIB, 0),
    )
    .unwrap();
    assert_eq!(plan.entry(), 0x4008_0000);
    assert_eq!(plan.kernel_base, RAM_BASE);
    assert_eq!(plan.kernel, range(0x4008_0000, 64 * KIB));
}

#[test]
fn puts_a_stock_kernel_at_the_start_of_ram_and_the_rest_at_its_end() {
    let plan = plan(
        &machine(&[range(RAM_BASE, 128 * MIB)], &[]),
        &header(0, 0x1aa_0000, 0xa),
    )
    .unwrap();
    assert_eq!(plan.kernel, range(RAM_BASE, 0x1aa_0000));
    assert_eq!(
        plan.work_area,
        range(0x4800_0000 - WORK_AREA_SIZE_BYTES, WORK_AREA_SIZE_BYTES)
    );
    assert_eq!(plan.devicetree, range(0x47c0_0000, TREE_SIZE));
}

#[test]
fn reserves_image_size_and_not_what_is_copied() {
    let ram = [range(RAM_BASE, 64 * MIB)];
    let header = header(0, 40 * MIB, 0);
    let plan = Plan::new(&machine(&ram, &[]), &request(&header, 8 * MIB, TREE_SIZE)).unwrap();
    assert_eq!(plan.kernel.len(), 40 * MIB);
}

#[test]
fn assumes_the_old_text_offset_where_image_size_is_zero() {
    let plan = Plan::new(
        &machine(&[range(RAM_BASE, GIB)], &[]),
        &request(&header(0x1234, 0, 0), 5 * MIB, TREE_SIZE),
    )
    .unwrap();
    assert_eq!(plan.kernel, range(0x4008_0000, 5 * MIB));
    assert!(
        plan.devicetree.start() >= RAM_BASE + 512 * MIB - DEVICETREE_BLOCK,
        "the room behind the kernel stays whole"
    );
}

#[test]
fn moves_the_kernel_above_a_reservation() {
    let reserved = [range(RAM_BASE + MIB, 64 * KIB)];
    let plan = plan(
        &machine(&[range(RAM_BASE, 128 * MIB)], &reserved),
        &header(0x8_0000, 16 * MIB, 0),
    )
    .unwrap();
    assert_eq!(plan.entry(), RAM_BASE + 2 * MIB + 0x8_0000);
}

#[test]
fn lets_a_reservation_lie_in_the_gap_below_the_kernel() {
    let reserved = [range(RAM_BASE, 64 * KIB)];
    let plan = plan(
        &machine(&[range(RAM_BASE, 128 * MIB)], &reserved),
        &header(0x8_0000, 16 * MIB, 0),
    )
    .unwrap();
    assert_eq!(plan.kernel_base, RAM_BASE);
}

#[test]
fn uses_a_later_bank_when_the_first_is_too_small() {
    let ram = [range(RAM_BASE, 16 * MIB), range(0x8000_0000, 128 * MIB)];
    let plan = plan(&machine(&ram, &[]), &header(0, 32 * MIB, FLAG_ANYWHERE)).unwrap();
    assert_eq!(plan.kernel_base, 0x8000_0000);
}

#[test]
fn aligns_the_kernel_in_a_bank_that_starts_anywhere() {
    let ram = [range(RAM_BASE + 0x3000, 64 * MIB)];
    let plan = plan(&machine(&ram, &[]), &header(0, 8 * MIB, 0)).unwrap();
    assert_eq!(plan.kernel_base, RAM_BASE + 2 * MIB);
}

#[test]
fn rejects_kernel_past_the_end_of_ram() {
    let ram = [range(RAM_BASE, 64 * MIB)];
    let error = plan(&machine(&ram, &[]), &header(0, 64 * MIB + 8, 0)).unwrap_err();
    let no_room = PlanError::NoRoomForKernel {
        size_bytes: 64 * MIB + 8,
        text_offset: 0,
        largest_bank_bytes: 64 * MIB,
    };
    assert_eq!(error, no_room);
    assert_eq!(
        error.to_string(),
        "the kernel needs image_size 0x4000008 bytes (67108872 bytes) of free RAM at text_offset 0x0 from a 2 MiB boundary; \
         the largest RAM bank has 64 MiB"
    );
}

#[test]
fn rejects_image_size_and_text_offset_that_would_wrap() {
    let ram = [range(RAM_BASE, 64 * MIB)];
    for header in [header(0, u64::MAX, 0), header(u64::MAX - 3, 8, 0), header(!3, !7, 0)] {
        assert!(
            matches!(
                plan(&machine(&ram, &[]), &header),
                Err(PlanError::NoRoomForKernel { .. })
            ),
            "{header:?}"
        );
    }
}

#[test]
fn rejects_kernel_beyond_48_bits() {
    let high = range(1 << 48, 64 * MIB);
    let low = range((1 << 48) - 64 * MIB, 64 * MIB);
    let everything = range(0, u64::MAX);
    let plan_in = |bank| {
        let ram = [bank];
        plan(
            &Machine {
                mapped: everything,
                ..machine(&ram, &[])
            },
            &header(0, 8 * MIB, FLAG_ANYWHERE),
        )
    };
    assert!(plan_in(low).is_ok());
    assert!(plan_in(high).is_err());
}

#[test]
fn rejects_ram_that_the_bootloader_cannot_reach() {
    let ram = [range(512 * GIB, GIB)];
    assert!(matches!(
        plan(&machine(&ram, &[]), &header(0, MIB, 0)),
        Err(PlanError::NoRoomForWorkArea { .. })
    ));
}

#[test]
fn rejects_an_entry_between_two_instructions() {
    let ram = [range(RAM_BASE, 64 * MIB)];
    assert!(plan(&machine(&ram, &[]), &header(0x8_0004, MIB, 0)).is_ok());
    let error = plan(&machine(&ram, &[]), &header(0x8_0002, MIB, 0)).unwrap_err();
    assert_eq!(error, PlanError::EntryUnaligned { text_offset: 0x8_0002 });
}

#[test]
fn rejects_a_page_size_that_the_cpu_lacks() {
    let ram = [range(RAM_BASE, 64 * MIB)];
    let only_4k = Machine {
        page_sizes: PageSizes {
            kib4: true,
            kib16: false,
            kib64: false,
        },
        ..machine(&ram, &[])
    };
    assert!(plan(&only_4k, &header(0, MIB, 1 << 1)).is_ok());
    assert!(plan(&only_4k, &header(0, MIB, 0)).is_ok());
    for (flags, needed) in [(2 << 1, PageSize::Kib16), (3 << 1, PageSize::Kib64)] {
        assert_eq!(
            plan(&only_4k, &header(0, MIB, flags)),
            Err(PlanError::PageSizeMissing { needed })
        );
        assert!(plan(&machine(&ram, &[]), &header(0, MIB, flags)).is_ok());
    }
}

#[test]
fn reads_page_sizes_from_the_id_register() {
    // Cortex-A53 and A57: 4 KiB and 64 KiB.
    assert_eq!(
        PageSizes::from_id_aa64mmfr0(0x0000_1122),
        PageSizes {
            kib4: true,
            kib16: false,
            kib64: true
        }
    );
    // TGran4 = 0xf (no), TGran16 = 1 (yes), TGran64 = 0xf (no).
    assert_eq!(
        PageSizes::from_id_aa64mmfr0(0xff10_1122),
        PageSizes {
            kib4: false,
            kib16: true,
            kib64: false
        }
    );
}

#[test]
fn rejects_a_machine_without_room_for_the_work_area() {
    let ram = [range(RAM_BASE, 64 * MIB)];
    let reserved = [range(RAM_BASE, 64 * MIB)];
    let error = plan(&machine(&ram, &reserved), &header(0, MIB, 0)).unwrap_err();
    assert_eq!(
        error,
        PlanError::NoRoomForWorkArea {
            size_bytes: WORK_AREA_SIZE_BYTES
        }
    );
}

#[test]
fn keeps_the_work_area_off_what_is_in_use() {
    let ram = [range(RAM_BASE, MIB + 64 * KIB)];
    let in_use = [range(RAM_BASE + 64 * KIB, MIB)];
    let machine = Machine {
        in_use: &in_use,
        ..machine(&ram, &[])
    };
    assert!(machine.work_area().is_err());
}

fn plan_with_initrd(machine: &Machine<'_>, header: &ImageHeader, initrd: InitrdRequest) -> Result<Plan, PlanError> {
    let request = Request {
        initrd: Some(initrd),
        ..request(header, header.image_size, TREE_SIZE)
    };
    Plan::new(machine, &request)
}

fn initrd(size_bytes: u64) -> InitrdRequest {
    InitrdRequest {
        size_bytes,
        address: None,
    }
}

#[test]
fn holds_scratch_memory_until_the_kernel_runs() {
    let ram = [range(RAM_BASE, 128 * MIB)];
    let machine = machine(&ram, &[]);
    let held = [machine.scratch(64 * MIB).unwrap()];
    assert!(!held[0].overlaps(&machine.work_area().unwrap()));
    let machine = Machine { held: &held, ..machine };
    let second = machine.scratch(MIB).unwrap();
    assert!(!second.overlaps(&held[0]));
    let plan = plan_with_initrd(&machine, &header(0, 32 * MIB, 0xa), initrd(8 * MIB)).unwrap();
    for part in [plan.kernel, plan.devicetree, plan.initrd.unwrap(), plan.work_area] {
        assert!(!part.overlaps(&held[0]), "{part}");
    }
    assert_eq!(
        machine.scratch(64 * MIB),
        Err(PlanError::NoRoomForScratch {
            size_bytes: 64 * MIB,
            largest_bank_bytes: 128 * MIB
        })
    );
}

#[test]
fn hands_out_only_memory_that_the_kernel_is_told_about() {
    let ram = [range(RAM_BASE, 512 * MIB)];
    let told = [range(RAM_BASE + 64 * MIB, 128 * MIB)];
    let firmware = [range(RAM_BASE + 64 * MIB, 2 * MIB)];
    let machine = Machine {
        told: MemoryMap {
            ram: &told,
            reserved: &firmware,
        },
        ..machine(&ram, &[])
    };
    let plan = plan_with_initrd(&machine, &header(0, 32 * MIB, 0xa), initrd(8 * MIB)).unwrap();
    assert_eq!(plan.kernel_base, RAM_BASE + 66 * MIB);
    for part in [plan.kernel, plan.devicetree, plan.initrd.unwrap()] {
        assert!(told[0].contains(&part) && !firmware[0].overlaps(&part), "{part}");
    }
    assert_eq!(
        plan.work_area.end(),
        RAM_BASE + 512 * MIB,
        "the bootloader may use all there is"
    );
}

#[test]
fn every_code_is_listed_once() {
    let errors = [
        PlanError::PageSizeMissing {
            needed: PageSize::Kib16,
        },
        PlanError::EntryUnaligned { text_offset: 1 },
        PlanError::NoRoomForKernel {
            size_bytes: 1,
            text_offset: 0,
            largest_bank_bytes: 0,
        },
        PlanError::DevicetreeTooLarge { size_bytes: 1 },
        PlanError::NoRoomForDevicetree,
        PlanError::NoRoomForWorkArea { size_bytes: 1 },
        PlanError::NoRoomForScratch {
            size_bytes: 1,
            largest_bank_bytes: 0,
        },
        PlanError::NoRoomForInitrd {
            size_bytes: 1,
            largest_bank_bytes: 0,
        },
    ];
    assert_eq!(errors.map(|error| error.code()).as_slice(), crate::CODES);
}
