//! All that is decided before a byte is loaded, for any payload on one machine.

use std::error::Error;

use boards::QEMU_VIRT;
use boot_parts::{Given, KernelPart, Offer, Parts, Preparation};
use boot_plan::{InitrdRequest, Machine, MemoryMap, PageSizes, Request};
use devicetree::{Devicetree, Seeds};
use hashes::Backend;
use linux_image::ImageHeader;

use crate::devicetree_edit::{MACHINE, edited};
use crate::input::Input;
use crate::{plan, sound};

/// The flags in the first byte of the input.
mod flags {
    pub const END_IS_KNOWN: u8 = 1;
    pub const HAS_COMMAND_LINE: u8 = 1 << 1;
    pub const HAS_INITRD: u8 = 1 << 2;
    /// The command line is of the settings block, else of fw_cfg.
    pub const IS_IN_SETTINGS: u8 = 1 << 3;
    /// At EL3 there is a monitor.
    pub const SERVES_PSCI: u8 = 1 << 4;
}

/// The input: the flags, the length of the command line (two bytes), the size of fw_cfg's initrd,
/// the command line, and the payload.
pub fn check(bytes: &[u8]) {
    let mut input = Input(bytes);
    let flags = input.byte();
    let has = |flag| flags & flag != 0;
    let length = input.half();
    let initrd_bytes = Some(input.number()).filter(|_| has(flags::HAS_INITRD));
    let command_line = Some(input.bytes(length)).filter(|_| has(flags::HAS_COMMAND_LINE));
    let (settings, fw_cfg) = match has(flags::IS_IN_SETTINGS) {
        true => (command_line.and_then(|text| str::from_utf8(text).ok()), None),
        false => (None, command_line),
    };
    let offer = Offer::Payload {
        bytes: input.0,
        end_is_known: has(flags::END_IS_KNOWN),
    };
    let Some((parts, header)) = parts(&offer) else { return };
    let Ok(kernel_tree) = parts.devicetree.map(Devicetree::parse).transpose() else {
        return;
    };
    let hardware_tree = Devicetree::parse(MACHINE).unwrap();
    let seeds = Seeds::new([1, 2, 3, 4, 5]);
    let in_use = QEMU_VIRT.in_use();
    let map = MemoryMap {
        ram: hardware_tree.ram().unwrap(),
        reserved: hardware_tree.reservations().unwrap(),
    };
    let machine = Machine {
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
    };
    let given = Given {
        machine,
        hardware_tree: &hardware_tree,
        kernel_tree: kernel_tree.as_ref(),
        header: &header,
        fw_cfg_command_line: fw_cfg,
        settings_command_line: settings,
        fw_cfg_initrd_bytes: initrd_bytes,
        fresh_seeds: Some(&seeds),
        serves_psci: has(flags::SERVES_PSCI),
        backend: &Backend::SOFTWARE,
    };
    match Preparation::new(&parts, &given) {
        Ok(preparation) => check_preparation(&parts, &given, &preparation),
        Err(error) => sound_error(&error, error.code()),
    }
}

fn parts<'a>(offer: &Offer<'a>) -> Option<(Parts<'a>, ImageHeader)> {
    let parts = Parts::of(offer, &Backend::SOFTWARE).inspect_err(|error| sound_error(error, error.code()));
    let parts = parts.ok()?;
    let KernelPart::InMemory(kernel) = &parts.kernel else {
        panic!("a payload in memory has no kernel elsewhere");
    };
    let header = kernel.header().inspect_err(crate::payload::sound_error).ok()?;
    Some((parts, header))
}

fn check_preparation(parts: &Parts<'_>, given: &Given<'_, '_>, preparation: &Preparation<'_>) {
    let Preparation { plan, tree, .. } = preparation;
    let KernelPart::InMemory(kernel) = &parts.kernel else {
        return;
    };
    let of_fit = parts.ramdisk.map(|ramdisk| InitrdRequest {
        size_bytes: ramdisk.data.len() as u64,
        address: ramdisk.load,
    });
    let of_fw_cfg = given.fw_cfg_initrd_bytes.map(|size_bytes| InitrdRequest {
        size_bytes,
        address: None,
    });
    let request = Request {
        header: given.header,
        kernel_size_bytes: kernel.raw().map_or(given.header.image_size, |raw| raw.len() as u64),
        kernel_address: parts.kernel_address(),
        devicetree_size_bytes: tree.size_bytes(),
        initrd: of_fw_cfg.or(of_fit),
    };
    plan::check_plan(&given.machine, &request, plan);
    let text = preparation.command_line.map(|line| line.text);
    match edited(tree.devicetree(), tree.edits()) {
        Ok(after) => assert_eq!(Devicetree::parse(&after).unwrap().bootargs(), Ok(text)),
        Err(error) => sound_error(&error, error.code()),
    }
}

/// An error of a preparation, or of what comes before and after it.
pub fn sound_error(error: &impl Error, code: &str) {
    let codes = [
        boot_parts::CODES,
        boot_plan::CODES,
        decompress::CODES,
        devicetree::CODES,
        fit::CODES,
        linux_image::CODES,
        payload::CODES,
        platform::CODES,
    ];
    sound::error(error, code, &codes);
}
