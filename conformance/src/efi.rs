//! The EFI stub: started as an EFI program, the payload does what a kernel's own stub does, and no
//! more, so that it is entered at its first instruction as the protocol asks (Linux,
//! drivers/firmware/efi/libstub).
//!
//! Whatever the firmware owes a kernel passes through here as it is: the device tree gets the
//! command line, the initrd and the memory that the firmware keeps, and nothing else is mended in
//! it; of the CPU's registers MMU, caches and masks change, and nothing else.

mod firmware;
mod header;
mod initrd;
mod memory;

use core::convert::Infallible;
use core::ptr::{with_exposed_provenance, with_exposed_provenance_mut};

use arrayvec::ArrayString;
use devicetree::edit::Edits;
use devicetree::{Devicetree, MAX_SIZE_BYTES, Ranges};
use linux_image::ImageHeader;
use machine::cache;
use phys_range::{MIB, PhysRange, align_up};
use r_efi::efi;

use crate::start;
use firmware::{Failed, Firmware};
use memory::Map;

/// What the base of an Image is a multiple of, and the block that a device tree is mapped by (E1,
/// B3).
const BLOCK_BYTES: u64 = 2 * MIB;
/// The longest command line, in bytes: that of Linux (`COMMAND_LINE_SIZE` of arch/arm64), without
/// its NUL.
const COMMAND_LINE_MAX: usize = 2047;
/// The number of times that the memory map may turn out to be stale: once, as Linux has it, and
/// then some.
const ATTEMPTS: usize = 4;

/// The place for the Image, and the block behind it for its device tree.
struct Place {
    image: PhysRange,
    tree: PhysRange,
}

/// On entry: from `efi_entry`, as an EFI program (UEFI 2.10, 4.1), relocated.
/// Does: leaves the firmware and enters the kernel that this Image is.
/// On exit: only where it cannot, which a line on the console says.
unsafe extern "efiapi" fn main(image: efi::Handle, system: *mut efi::SystemTable) -> efi::Status {
    // SAFETY: the caller is the firmware, which hands over these two.
    let Some(firmware) = (unsafe { Firmware::new(image, system) }) else {
        return efi::Status::INVALID_PARAMETER;
    };
    // What the payload writes later begins its own lines.
    firmware.say(format_args!("\r\nthe payload's EFI stub runs\r\n"));
    let Err(failed) = boot(&firmware);
    firmware.say(format_args!("error: the payload's EFI stub: {failed}\r\n"));
    failed.status
}

fn boot(firmware: &Firmware) -> Result<Infallible, Failed> {
    let tree = firmware.device_tree()?;
    let tree = Devicetree::parse(tree).map_err(|_| Failed::new("the device tree cannot be read"))?;
    let mut command_line = ArrayString::<COMMAND_LINE_MAX>::new();
    firmware.read_command_line(&mut command_line)?;
    let initrd = firmware.load_initrd()?;
    let own = start::image().map_err(|_| Failed::new("the payload has no header"))?;
    let file = own.file().ok_or(Failed::new("the payload has no place"))?;
    let place = place(firmware, &tree, &own.header, file.len())?;
    copy(file, &place);

    let room = firmware.room_for_map()?;
    for _ in 0..ATTEMPTS {
        let map = firmware.memory_map(room)?;
        let edits = Edits {
            // Without one, that of the device tree stays.
            bootargs: Some(command_line.as_str()).filter(|line| !line.is_empty()),
            initrd,
            reserved: &kept(&map, &tree)?,
            leaves_cpus: true,
            ..Edits::default()
        };
        let written = tree.write_edited(&edits, bytes_at(place.tree));
        written.map_err(|_| Failed::new("the device tree cannot be edited"))?;
        if !firmware.exit(&map) {
            continue;
        }
        // What is to be seen without caches, this code included.
        for range in [Some(place.image), Some(place.tree), initrd, Some(file)]
            .into_iter()
            .flatten()
        {
            cache::clean_and_invalidate(range);
        }
        // SAFETY: the firmware is gone; everything is clean, and the Image is there.
        unsafe { header::leave(place.tree.start(), place.image.start()) }
    }
    Err(Failed::new("the memory map is stale each time"))
}

/// Allocates the lowest place that is free, as kernels wish that want to be low (D9).
fn place(firmware: &Firmware, tree: &Devicetree<'_>, header: &ImageHeader, file_bytes: u64) -> Result<Place, Failed> {
    let banks = tree
        .ram()
        .map_err(|_| Failed::new("the device tree describes no RAM"))?;
    let at = |base: u64| {
        let start = base.checked_add(header.text_offset())?;
        let image = PhysRange::new(start, header.image_size.max(file_bytes))?;
        let tree = PhysRange::new(align_up(image.end(), BLOCK_BYTES)?, MAX_SIZE_BYTES)?;
        Some((Place { image, tree }, PhysRange::from_bounds(start, tree.end())?))
    };
    for bank in banks {
        let bases = align_up(bank.start(), BLOCK_BYTES).unwrap_or(bank.end())..bank.end();
        for (place, all) in bases.step_by(BLOCK_BYTES as usize).filter_map(at) {
            if bank.contains(&all) && firmware.allocate_at(all) {
                return Ok(place);
            }
        }
    }
    Err(Failed::new("no RAM is free for the kernel"))
}

/// Copies the Image to its place, as it is in its file (C1).
fn copy(file: PhysRange, place: &Place) {
    let start = with_exposed_provenance(file.start() as usize);
    // SAFETY: this program, of which nobody changes anything meanwhile.
    let file = unsafe { core::slice::from_raw_parts(start, file.len() as usize) };
    let (image, _) = bytes_at(place.image).split_at_mut(file.len());
    image.copy_from_slice(file);
    for offset in header::relocated() {
        if let Some(word) = image.get_mut(offset..).and_then(|rest| rest.first_chunk_mut::<8>()) {
            *word = [0; 8];
        }
    }
}

/// Returns what is not the kernel's of the RAM that the device tree describes: a kernel that EFI
/// starts knows it by the memory map, and uses nothing that is not in there (Linux,
/// drivers/firmware/efi/efi-init.c); the payload reads device trees only (E6).
fn kept(map: &Map<'_>, tree: &Devicetree<'_>) -> Result<Ranges, Failed> {
    let banks = tree
        .ram()
        .map_err(|_| Failed::new("the device tree describes no RAM"))?;
    let mut kept = Ranges::new();
    for bank in banks {
        let mut start = bank.start();
        while start < bank.end() {
            let here = map
                .usable()
                .find(|usable| (usable.start()..usable.end()).contains(&start));
            if let Some(usable) = here {
                start = usable.end();
                continue;
            }
            let next = map
                .usable()
                .map(|usable| usable.start())
                .filter(|next| *next > start)
                .min();
            let end = next.unwrap_or(bank.end()).min(bank.end());
            if let Some(range) = PhysRange::from_bounds(start, end) {
                kept.try_push(range)
                    .map_err(|_| Failed::new("the firmware keeps too many ranges of memory"))?;
            }
            start = end;
        }
    }
    Ok(kept)
}

/// Memory that was allocated.
fn bytes_at(range: PhysRange) -> &'static mut [u8] {
    let start = with_exposed_provenance_mut(range.start() as usize);
    // SAFETY: the stub's own by allocation, identity mapped as EFI has it (UEFI 2.10, 2.3.6), and
    // each range is used by one borrow at a time.
    unsafe { core::slice::from_raw_parts_mut(start, range.len() as usize) }
}
