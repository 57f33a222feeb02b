//! [`Preparation`]: its decisions on the reference machine.

mod common;

use boards::QEMU_VIRT;
use boot_parts::{CommandLine, Given, KernelPart, Offer, Origin, Parts, PartsError, Preparation, PreparationError};
use boot_plan::PlanError;
use common::{fit, gzip, image};
use devicetree::Devicetree;
use flint_cli::fit_writer::FitWriter;
use flint_cli::reference_machine::{self, MEMORY_SIZE_BYTES, ReferenceMachine};
use hashes::Backend;
use linux_image::ImageHeader;
use phys_range::MIB;

/// The items that are handed over beside the payload.
#[derive(Clone, Copy, Default)]
struct Beside<'a> {
    command_line_of_fw_cfg: Option<&'a [u8]>,
    command_line_of_settings: Option<&'a str>,
    initrd_bytes_of_fw_cfg: Option<u64>,
}

/// Prepares the boot of `payload` with so much RAM, and lets `check` look at what came of it.
fn prepare<T>(
    payload: &[u8],
    memory_bytes: u64,
    beside: Beside<'_>,
    check: impl FnOnce(Result<Preparation<'_>, PreparationError>) -> T,
) -> T {
    let machine = ReferenceMachine::with_memory(memory_bytes).unwrap();
    let hardware_tree = Devicetree::parse(&machine.tree).unwrap();
    let in_use = QEMU_VIRT.in_use();
    let offer = Offer::Payload {
        bytes: payload,
        end_is_known: true,
    };
    let parts = Parts::of(&offer, &Backend::SOFTWARE).unwrap();
    let kernel_tree = parts.devicetree.map(|bytes| Devicetree::parse(bytes).unwrap());
    let KernelPart::InMemory(kernel) = &parts.kernel else {
        panic!("the kernel is elsewhere");
    };
    let header = kernel.header().unwrap();
    check(Preparation::new(
        &parts,
        &Given {
            machine: reference_machine::memory(&hardware_tree, &in_use).unwrap(),
            hardware_tree: &hardware_tree,
            kernel_tree: kernel_tree.as_ref(),
            header: &header,
            fw_cfg_command_line: beside.command_line_of_fw_cfg,
            settings_command_line: beside.command_line_of_settings,
            fw_cfg_initrd_bytes: beside.initrd_bytes_of_fw_cfg,
            fresh_seeds: None,
            serves_psci: false,
            backend: &Backend::SOFTWARE,
        },
    ))
}

/// Prepares it with the reference machine's RAM.
fn prepare_good<T>(payload: &[u8], beside: Beside<'_>, check: impl FnOnce(Preparation<'_>) -> T) -> T {
    prepare(payload, MEMORY_SIZE_BYTES, beside, |preparation| {
        check(preparation.unwrap())
    })
}

/// The tree that the kernel gets.
fn written(preparation: &Preparation<'_>) -> Vec<u8> {
    let mut tree = vec![0; preparation.plan.devicetree.len() as usize];
    let size_bytes = preparation.tree.write(&mut tree).unwrap();
    tree.truncate(size_bytes);
    tree
}

#[test]
fn a_packed_kernel_gets_all_that_its_header_reserves() {
    let kernel = image(3 * MIB, 4096);
    for payload in [kernel.clone(), gzip(&kernel), fit(&kernel).write().bytes] {
        prepare_good(&payload, Beside::default(), |preparation| {
            assert_eq!(preparation.plan.kernel.len(), 3 * MIB);
            assert_eq!(preparation.plan.entry(), QEMU_VIRT.ram.start());
            assert_eq!((preparation.plan.initrd, preparation.command_line), (None, None));
        });
    }
}

/// The kernel is verified only when it is copied, but the plan is made by its header.
#[test]
fn damage_of_a_header_is_not_called_a_lack_of_room() {
    let kernel = image(4096, 4096);
    let written = fit(&kernel).write();
    let code = |payload: &[u8]| {
        prepare(payload, MEMORY_SIZE_BYTES, Beside::default(), |preparation| {
            preparation.unwrap_err().code()
        })
    };
    let (mut large, mut damaged) = (kernel.clone(), written.bytes);
    large[22] ^= 0x10;
    damaged[written.kernel.start + 22] ^= 0x10;
    assert_eq!(code(&large), "plan-no-room-kernel");
    assert_eq!(code(&damaged), "fit-hash");
}

#[test]
fn the_initrd_of_fw_cfg_goes_before_that_of_the_fit() {
    let kernel = image(4096, 4096);
    let ramdisk = [7; 12_345];
    let packed = FitWriter {
        ramdisk: Some(&ramdisk),
        ..fit(&kernel)
    };
    let packed = packed.write().bytes;
    let size = |initrd_bytes_of_fw_cfg| {
        let beside = Beside {
            initrd_bytes_of_fw_cfg,
            ..Beside::default()
        };
        prepare_good(&packed, beside, |preparation| {
            // What is planned is what the kernel is told.
            assert_eq!(preparation.tree.edits().initrd, preparation.plan.initrd);
            preparation.plan.initrd.unwrap().len()
        })
    };
    assert_eq!(size(None), 12_345);
    assert_eq!(size(Some(54_321)), 54_321);
}

#[test]
fn the_command_line_is_the_one_that_goes_first() {
    let kernel = image(4096, 4096);
    let packed = FitWriter {
        command_line: Some("of the FIT"),
        ..fit(&kernel)
    };
    let packed = packed.write().bytes;
    let all = Beside {
        command_line_of_fw_cfg: Some(b"of fw_cfg"),
        command_line_of_settings: Some("of the settings"),
        ..Beside::default()
    };
    let without_fw_cfg = Beside {
        command_line_of_fw_cfg: None,
        ..all
    };
    for (payload, beside, origin, text) in [
        (&packed, all, Origin::FwCfg, "of fw_cfg"),
        (&packed, without_fw_cfg, Origin::Fit, "of the FIT"),
        (&kernel, without_fw_cfg, Origin::Settings, "of the settings"),
    ] {
        prepare_good(payload, beside, |preparation| {
            assert_eq!(preparation.command_line, Some(CommandLine { origin, text }));
            let tree = written(&preparation);
            assert_eq!(Devicetree::parse(&tree).unwrap().bootargs(), Ok(Some(text)));
        });
    }
}

#[test]
fn a_tree_keeps_its_own_command_line_where_nobody_gives_another() {
    let kernel = image(4096, 4096);
    let beside = Beside {
        command_line_of_settings: Some("kept"),
        ..Beside::default()
    };
    let tree = prepare_good(&kernel, beside, |preparation| written(&preparation));
    let packed = FitWriter {
        fdt: Some(&tree),
        ..fit(&kernel)
    };
    prepare_good(&packed.write().bytes, Beside::default(), |preparation| {
        let kept = CommandLine {
            origin: Origin::Devicetree,
            text: "kept",
        };
        assert_eq!(preparation.command_line, Some(kept));
        let tree = written(&preparation);
        assert_eq!(Devicetree::parse(&tree).unwrap().bootargs(), Ok(Some("kept")));
    });
}

#[test]
fn a_command_line_that_linux_would_cut_off_is_refused_whoever_gives_it() {
    let beside = Beside {
        command_line_of_fw_cfg: Some(&[b'x'; 2048]),
        ..Beside::default()
    };
    let error = PartsError::CommandLineLength {
        origin: Origin::FwCfg,
        length_bytes: 2048,
    };
    prepare(&image(4096, 4096), MEMORY_SIZE_BYTES, beside, |preparation| {
        assert_eq!(preparation.unwrap_err(), PreparationError::Parts(error));
    });
}

#[test]
fn what_does_not_fit_is_refused_before_a_byte_is_written() {
    let large_kernel = image(64 * MIB, 4096);
    let large_initrd = Beside {
        initrd_bytes_of_fw_cfg: Some(64 * MIB),
        ..Beside::default()
    };
    for (kernel, beside) in [
        (large_kernel, Beside::default()),
        (image(4096, ImageHeader::SIZE_BYTES), large_initrd),
    ] {
        prepare(&kernel, 64 * MIB, beside, |preparation| {
            match preparation.unwrap_err() {
                PreparationError::Plan(PlanError::NoRoomForKernel { .. } | PlanError::NoRoomForInitrd { .. }) => {}
                error => panic!("{error}"),
            }
        });
        prepare(&kernel, 512 * MIB, beside, |preparation| {
            preparation.unwrap();
        });
    }
}
