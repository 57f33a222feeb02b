//! Flash contents that cannot be booted: the bootloader must say why in one line, and stop;
//! `flint inspect` must say the same before.

use flash_image::PayloadRecord;
use flint_cli::qemu::Machine;
use scenarios::flash::{Flash, HeaderField, Kernel, Place};
use scenarios::linux::Linux;
use scenarios::{End, Scenario, Start, settings};

use crate::expectations::HELLO;

/// Little endian, 16 KiB pages, anywhere in RAM.
const FLAGS_16_KIB_PAGES: u64 = 0b1100;

/// All of them.
pub fn scenarios() -> Vec<Scenario> {
    [headers(), sizes(), truncations()].concat()
}

/// Our kernel, which powers off where it should not even start.
pub fn ours() -> Flash {
    Flash::new(Kernel::Ours, "poweroff")
}

/// `error` is the line that must come, and the last.
pub fn refuses(what: &str, flash: Flash, error: &str) -> Scenario {
    refuses_on(Machine::default(), what, flash, error)
}

fn refuses_on(machine: Machine, what: &str, flash: Flash, error: &str) -> Scenario {
    Scenario::new(format!("refuses_{what}"), machine, Start::Flash(flash))
        .lines([" ms] reset    ", " ms] tree     ", " ms] machine  "])
        .lines([format!(" ms] error    {error}")])
        .never([" ms] load ", " ms] enter ", HELLO, "Booting Linux", "exception"])
        .ends(End::Stop)
        .predicted()
}

fn headers() -> Vec<Scenario> {
    vec![
        refuses(
            "a_kernel_without_the_magic",
            ours().write(Place::Kernel(56), *b"ZZZZ"),
            "payload: *begins with 00 04 00 14 *is unknown*[payload-unknown]",
        ),
        refuses(
            "an_erased_flash_where_the_kernel_should_be",
            Flash::new(Kernel::None, "").without_settings(),
            "payload: *the flash is erased there [payload-erased]",
        ),
        refuses(
            "an_erased_kernel_that_the_settings_have_a_record_of",
            ours().erase_from(Place::Kernel(0)),
            "flash: the kernel at flash offset 0x100000 is cut short or was replaced: *[image-truncated]",
        ),
        refuses(
            "a_kernel_of_zeros",
            Flash::new(Kernel::None, "").without_settings().padded_with_zeros(),
            "payload: *begins with 00 00 00 00 *is unknown*[payload-unknown]",
        ),
        refuses(
            "a_kernel_with_pages_that_the_cpu_does_not_have",
            ours().header(HeaderField::Flags, FLAGS_16_KIB_PAGES),
            "plan: the kernel is built for 16 KiB pages, *[plan-page-size]",
        ),
        refuses(
            "a_kernel_with_an_odd_text_offset",
            ours().header(HeaderField::TextOffset, 0x8_0001),
            "plan: the kernel's text_offset 0x80001 is not a multiple of 4*[plan-entry-unaligned]",
        ),
        refuses(
            "a_kernel_with_a_text_offset_beyond_ram",
            ours().header(HeaderField::TextOffset, 1 << 40),
            "plan: *at text_offset 0x10000000000 *[plan-no-room-kernel]",
        ),
    ]
}

fn sizes() -> Vec<Scenario> {
    let sized = |image_size| ours().header(HeaderField::ImageSize, image_size);
    vec![
        refuses(
            "an_image_size_beyond_ram",
            sized(512 << 20),
            "plan: the kernel needs image_size 0x20000000 bytes (512 MiB)*has 128 MiB [plan-no-room-kernel]",
        ),
        refuses_on(
            Machine {
                memory_bytes: 32 << 20,
                ..Machine::default()
            },
            "a_linux_that_is_larger_than_ram",
            Flash::new(Kernel::Linux(Linux::V6_1), ""),
            "plan: the kernel needs image_size 0x*has 32 MiB [plan-no-room-kernel]",
        ),
        refuses(
            "the_largest_image_size_there_is",
            sized(u64::MAX - 7),
            "plan: the kernel needs image_size 0xfffffffffffffff8*[plan-no-room-kernel]",
        ),
        refuses(
            "an_image_size_beyond_the_flash",
            sized(64 << 20).without_settings(),
            "flash: the kernel at flash offset 0x100000 has 64 MiB to copy, but the flash ends 63 MiB*[image-past-flash]",
        ),
        refuses(
            "an_image_size_that_leaves_no_room_for_the_device_tree",
            sized(126 << 20),
            "plan: *device tree*[plan-no-room-devicetree]",
        ),
        refuses(
            "an_image_size_below_the_size_of_the_file",
            sized(0x40),
            "flash: *but image_size 0x40 in its header [image-size-short]",
        ),
        refuses(
            "an_image_size_of_zero",
            sized(0),
            "flash: *image_size 0 in its header*[image-size-zero]",
        ),
        refuses(
            "an_image_size_that_is_no_multiple_of_8",
            sized(0x1d001),
            "flash: *image_size 0x1d001 in its header, which is not a multiple of 8 [image-size-unaligned]",
        ),
    ]
}

fn truncations() -> Vec<Scenario> {
    let record = |size_bytes, tail_crc32| {
        let record = PayloadRecord { size_bytes, tail_crc32 };
        ours().raw_settings(settings::block(Some("poweroff"), Some(record)))
    };
    let cloud = || Flash::new(Kernel::Linux(Linux::V6_1Cloud), "");
    vec![
        refuses(
            "a_kernel_that_is_recorded_to_be_longer_than_the_flash",
            record(65 << 20, 0),
            "flash: *is cut short: it has 65 MiB by the settings block*63 MiB*[image-truncated]",
        ),
        refuses(
            "a_kernel_that_is_recorded_to_be_longer_than_it_is",
            record(64 << 10, 0x1234_5678),
            "flash: *is cut short or was replaced: *65536 bytes*the settings block says 0x12345678 [image-truncated]",
        ),
        refuses(
            "a_kernel_whose_write_stopped_in_its_last_kilobyte",
            ours().erase_from(Place::KernelEnd(100)),
            "flash: *is cut short or was replaced: *[image-truncated]",
        ),
        refuses(
            "a_kernel_whose_tail_was_overwritten",
            ours().write(Place::KernelEnd(8), *b"garbage!"),
            "flash: *is cut short or was replaced: *[image-truncated]",
        ),
        refuses(
            "a_linux_that_was_cut_in_half",
            cloud().erase_from(Place::Kernel(13 << 20)),
            "flash: *is cut short or was replaced: *[image-truncated]",
        ),
        refuses(
            "a_linux_that_was_cut_in_half_and_has_no_record",
            cloud().without_settings().erase_from(Place::Kernel(13 << 20)),
            "flash: *is cut short: the last 64 of its * bytes are erased [image-truncated]",
        ),
    ]
}
