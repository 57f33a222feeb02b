//! Packed payloads that are broken: the bootloader must say what is wrong with it, and
//! `flint inspect` the same before.

use flint_cli::fit_writer::FitWriter;
use flint_cli::qemu::Machine;
use hashes::Algorithm;
use phys_range::MIB;
use scenarios::flash::{Flash, Kernel};
use scenarios::payload::{fit, gzip, replaced, with_image_size, zboot, zstd, zstd_bomb};
use scenarios::{End, Scenario, Start};

use crate::expectations::HELLO;

/// Much more than the kernel takes.
const LARGE_BYTES: usize = 60 << 20;

/// All of them.
pub fn scenarios() -> Vec<Scenario> {
    [streams(), fits(), sizes()].concat()
}

fn streams() -> Vec<Scenario> {
    vec![
        refuses(
            "gzip_with_a_bad_crc",
            |kernel| {
                let mut payload = gzip(kernel);
                let crc = payload.len() - 8;
                payload[crc] ^= 1;
                payload
            },
            "payload: the gzip data is damaged: its content has checksum *[compressed-checksum]",
        ),
        refuses(
            "zstd_that_is_truncated",
            |kernel| {
                let mut payload = zstd(kernel);
                payload.truncate(payload.len() * 2 / 3);
                payload
            },
            "payload: the zstd *[compressed-truncated]",
        ),
        refuses(
            "a_gzip_bomb",
            |_| {
                let header = linux_image::ImageHeader::new(0, MIB, 0xa).to_bytes();
                let mut bomb = header.to_vec();
                bomb.resize(10 << 20, 0);
                gzip(&bomb)
            },
            "payload: the gzip *[compressed-too-large]",
        ),
        refuses(
            "a_zstd_bomb_of_10_gib",
            |_| zstd_bomb(MIB, 10 << 13),
            "payload: the zstd *[compressed-too-large]",
        ),
        refuses(
            "gzip_with_garbage_behind_it",
            |kernel| [gzip(kernel), b"garbage".to_vec()].concat(),
            "payload: *gzip *[compressed-trailing]",
        ),
        refuses(
            "gzip_in_gzip",
            |kernel| gzip(&gzip(kernel)),
            "payload: *[payload-nested]",
        ),
        refuses(
            "gzip_of_something_else",
            |_| gzip(&[b'x'; 100]),
            "payload: *[payload-inside]",
        ),
        refuses(
            "a_zboot_kernel_with_an_unknown_algorithm",
            |kernel| zboot("quux", kernel),
            "payload: *quux*[zboot-compression]",
        ),
        refuses(
            "an_unknown_payload",
            |_| b"hello, world".repeat(10),
            "payload: *68 65 6c 6c 6f 2c 20 77*[payload-unknown]",
        ),
        refuses(
            "an_elf_kernel",
            |_| b"\x7fELF\x02\x01\x01".repeat(20),
            "payload: *ELF*objcopy*[payload-not-kernel]",
        ),
    ]
}

fn fits() -> Vec<Scenario> {
    vec![
        refuses(
            "a_fit_with_data_past_its_end",
            |kernel| {
                let size = (kernel.len() as u32).to_be_bytes();
                replaced(fit(kernel).write().bytes, &size, &0x7000_0000_u32.to_be_bytes())
            },
            "payload: the data of the FIT's node kernel, *are not between *[fit-data]",
        ),
        refuses(
            "a_fit_without_a_default",
            |kernel| replaced(fit(kernel).write().bytes, b"default\0", b"defaunt\0"),
            "payload: the FIT *default*conf-1*[fit-no-default]",
        ),
        refuses(
            "a_fit_whose_data_are_damaged",
            |kernel| {
                let mut written = fit(kernel).write();
                let last = written.kernel.end - 1;
                written.bytes[last] ^= 0x10;
                written.bytes
            },
            "payload: the data of an image of the FIT are damaged: the crc32 in kernel/hash-1 *[fit-hash]",
        ),
        refuses(
            "a_fit_whose_kernel_has_a_damaged_header",
            |kernel| {
                let mut written = fit(kernel).write();
                // image_size: the kernel would be too large for any RAM.
                written.bytes[written.kernel.start + 22] ^= 0x10;
                written.bytes
            },
            "payload: the data of an image of the FIT are damaged: the crc32 in kernel/hash-1 *[fit-hash]",
        ),
        refuses(
            "a_fit_whose_packed_kernel_is_damaged",
            |kernel| {
                let packed = gzip(kernel);
                let fit = FitWriter {
                    compression: "gzip",
                    ..fit(&packed)
                };
                let mut written = fit.write();
                let last = written.kernel.end - 1;
                written.bytes[last] ^= 0x10;
                written.bytes
            },
            "payload: the data of an image of the FIT are damaged: the crc32 in kernel/hash-1 *[fit-hash]",
        ),
        refuses(
            "a_fit_whose_ramdisk_is_damaged",
            |kernel| {
                let fit = FitWriter {
                    ramdisk: Some(&[7; 9999]),
                    hashes: &[Algorithm::Sha256, Algorithm::Sha512],
                    ..fit(kernel)
                };
                let mut written = fit.write();
                let last = written.ramdisk.clone().expect("it has one").end - 1;
                written.bytes[last] ^= 0x10;
                written.bytes
            },
            "payload: the data of an image of the FIT are damaged: the sha256 in ramdisk/hash-1 *[fit-hash]",
        ),
        refuses(
            "a_fit_with_a_hash_that_cannot_be_verified",
            |kernel| replaced(fit(kernel).write().bytes, b"crc32\0", b"crc16\0"),
            "payload: the node kernel/hash-1 of the FIT has algo \"crc16\": *[fit-unsupported]",
        ),
        refuses(
            "a_fit_that_says_gzip_of_a_raw_kernel",
            |kernel| {
                let fit = FitWriter {
                    compression: "gzip",
                    ..fit(kernel)
                };
                fit.write().bytes
            },
            "payload: *gzip, but it is not compressed [fit-compression]",
        ),
        refuses(
            "a_command_line_of_100_kib",
            |kernel| {
                let text = "x".repeat(100 << 10);
                let fit = FitWriter {
                    command_line: Some(&text),
                    ..fit(kernel)
                };
                fit.write().bytes
            },
            "payload: the command line from the FIT has 102400 bytes, Linux takes at most 2047 [cmdline-length]",
        ),
        refuses(
            "a_fit_with_a_device_tree_that_is_none",
            |kernel| {
                let fit = FitWriter {
                    fdt: Some(b"no tree"),
                    ..fit(kernel)
                };
                fit.write().bytes
            },
            "tree: *[tree-too-short]",
        ),
    ]
}

fn sizes() -> Vec<Scenario> {
    let small = || Machine {
        memory_bytes: 64 * MIB,
        ..Machine::default()
    };
    vec![
        refuses_on(
            Machine {
                memory_bytes: 32 * MIB,
                ..Machine::default()
            },
            "an_initrd_larger_than_ram",
            |kernel| {
                let ramdisk = vec![0x5a; LARGE_BYTES];
                let fit = FitWriter {
                    ramdisk: Some(&ramdisk),
                    ..fit(kernel)
                };
                fit.write().bytes
            },
            "plan: the initrd needs 62914560 bytes *has 32 MiB [plan-no-room-initrd]",
        ),
        refuses_on(
            small(),
            "a_kernel_that_does_not_fit_into_64_mib",
            |kernel| gzip(&with_image_size(kernel, 100 * MIB)),
            "plan: the kernel needs image_size 0x6400000 bytes *has 64 MiB [plan-no-room-kernel]",
        ),
    ]
}

fn refuses(what: &str, pack: fn(&[u8]) -> Vec<u8>, error: &str) -> Scenario {
    refuses_on(Machine::default(), what, pack, error)
}

fn refuses_on(machine: Machine, what: &str, pack: fn(&[u8]) -> Vec<u8>, error: &str) -> Scenario {
    let flash = Flash::new(Kernel::Packed(pack), "poweroff");
    Scenario::new(format!("refuses_{what}"), machine, Start::Flash(flash))
        .lines([" ms] reset    ", " ms] tree     ", " ms] machine  "])
        .lines([format!(" ms] error    {error}")])
        .never([" ms] enter ", HELLO, "exception"])
        .ends(End::Stop)
        .predicted()
}
