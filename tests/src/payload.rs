//! Payloads made of a kernel: packed in every way, and broken in many.

use dtoolkit::fdt::Fdt;
use dtoolkit::model::{DeviceTree, DeviceTreeProperty};
use flint_cli::compress::Compression;
use flint_cli::fit_writer::FitWriter;
use flint_cli::reference_machine::{MEMORY_SIZE_BYTES, ReferenceMachine};
use hashes::Algorithm;
use linux_image::ImageHeader;

use crate::mutator::{Linked, PAGE_BYTES, put_branch};

/// The kernel in gzip.
pub fn gzip(kernel: &[u8]) -> Vec<u8> {
    compressed(Compression::Gzip, kernel)
}

/// The kernel in LZ4.
pub fn lz4(kernel: &[u8]) -> Vec<u8> {
    compressed(Compression::Lz4, kernel)
}

/// The kernel in zstd.
pub fn zstd(kernel: &[u8]) -> Vec<u8> {
    compressed(Compression::Zstd, kernel)
}

fn compressed(compression: Compression, kernel: &[u8]) -> Vec<u8> {
    // Nothing but an interruption stops it, and then the tests stop too.
    compression.compress(kernel).unwrap_or_default()
}

/// An EFI zboot file (Linux, `drivers/firmware/efi/libstub/zboot-header.S`) around this payload,
/// compressed as `kind` says.
pub fn zboot(kind: &str, payload: &[u8]) -> Vec<u8> {
    const HEADER_SIZE_BYTES: usize = 0x200;
    let mut file = vec![0; HEADER_SIZE_BYTES];
    file[..8].copy_from_slice(b"MZ\0\0zimg");
    file[8..12].copy_from_slice(&(HEADER_SIZE_BYTES as u32).to_le_bytes());
    file[12..16].copy_from_slice(&(payload.len() as u32).to_le_bytes());
    file[24..24 + kind.len()].copy_from_slice(kind.as_bytes());
    file.extend_from_slice(payload);
    file
}

/// A FIT of the kernel, as it is.
pub fn fit(kernel: &[u8]) -> FitWriter<'_> {
    FitWriter {
        kernel,
        compression: "none",
        ramdisk: None,
        fdt: None,
        hashes: &[Algorithm::Crc32],
        command_line: None,
    }
}

/// A FIT of [`FitWriter`] with a wish where an image is to be loaded.
///
/// # Panics
/// It has no such image, or no room before its data.
pub fn with_load(mut fit: Vec<u8>, image: &str, address: u32) -> Vec<u8> {
    let size_bytes = u32::from_be_bytes(*fit[4..].first_chunk().expect("it has a header")) as usize;
    let mut tree = DeviceTree::from_fdt(&Fdt::new(&fit[..size_bytes]).expect("it is sound"));
    let images = tree.root.child_mut("images").expect("it has images");
    let node = images.child_mut(image).expect("it is there");
    node.add_property(DeviceTreeProperty::new_unchecked("load", address));
    let tree = tree.to_dtb();
    assert!(
        fit[size_bytes..tree.len()].iter().all(|byte| *byte == 0),
        "the tree reaches into the data"
    );
    fit[..tree.len()].copy_from_slice(&tree);
    fit
}

/// The model that [`bare_tree`] names.
pub const BARE_TREE_MODEL: &str = "a tree without a machine";

/// A device tree such as a board's maker ships with a kernel: it names the devices, and neither RAM
/// nor CPUs.
///
/// # Panics
/// The tree of the reference machine cannot be read.
pub fn bare_tree() -> Vec<u8> {
    let machine = ReferenceMachine::with_memory(MEMORY_SIZE_BYTES).expect("so much is enough");
    let mut tree = DeviceTree::from_fdt(&Fdt::new(&machine.tree).expect("it is sound"));
    for name in ["memory@40000000", "cpus"] {
        tree.root.remove_child(name).expect("it is there");
    }
    tree.root.remove_property("model");
    tree.root
        .add_property(DeviceTreeProperty::new_unchecked("model", BARE_TREE_MODEL));
    tree.to_dtb()
}

/// Puts `new` where `old` is; the two are of one length, and the old one is there just once.
///
/// # Panics
/// It is not.
pub fn replaced(mut bytes: Vec<u8>, old: &[u8], new: &[u8]) -> Vec<u8> {
    assert_eq!(old.len(), new.len());
    let mut places = bytes
        .windows(old.len())
        .enumerate()
        .filter(|(_, window)| *window == old);
    let place = places.next().map(|(place, _)| place).expect("it is there");
    assert!(places.next().is_none(), "it is there more than once");
    bytes[place..place + new.len()].copy_from_slice(new);
    bytes
}

/// The kernel with another `image_size`.
pub fn with_image_size(kernel: &[u8], image_size: u64) -> Vec<u8> {
    let mut kernel = kernel.to_vec();
    kernel[16..24].copy_from_slice(&image_size.to_le_bytes());
    kernel
}

/// Our kernel, which first programs the flash at address 0: the bootloader's first instruction
/// would become a branch to itself, by clearing bits, as programming does. That takes three writes
/// of the command set of Intel's flash chips, to two chips of 16 bits at once. Where the flash
/// takes it, this kernel stays silent. A reset would not show it: QEMU goes on with what it has
/// translated before.
///
/// # Panics
/// The kernel does not begin with a branch.
pub fn flash_writer(kernel: &[u8]) -> Vec<u8> {
    const BRANCH: u32 = 0x1400_0000;
    const DISTANCE: u32 = 0x03ff_ffff;
    const PROGRAM_FLASH: [u32; 12] = [
        0x5280_0009, // mov  w9, #0
        0x5280_080a, // mov  w10, #0x40            program
        0x72a0_080a, // movk w10, #0x40, lsl #16
        0xb900_012a, // str  w10, [x9]
        0x52a2_800b, // movz w11, #0x1400, lsl #16   b .
        0xb900_012b, // str  w11, [x9]
        0x5280_1fea, // mov  w10, #0xff            read the array again
        0x72a0_1fea, // movk w10, #0xff, lsl #16
        0xb900_012a, // str  w10, [x9]
        0xb940_012c, // ldr  w12, [x9]
        0x6b0b_019f, // cmp  w12, w11
        0x5400_0000, // b.eq .                     the bootloader is lost
    ];
    let branch = |distance: usize| BRANCH | distance as u32 & DISTANCE;
    let mut payload = kernel.to_vec();
    payload.resize(kernel.len().next_multiple_of(4), 0);
    let first = u32::from_le_bytes(*kernel.first_chunk().expect("a kernel has a header"));
    assert_eq!(first & !DISTANCE, BRANCH, "a kernel begins with a branch to its start");
    let (start, code) = ((first & DISTANCE) as usize, payload.len() / 4);
    payload[..4].copy_from_slice(&branch(code).to_le_bytes());
    let back = branch(start.wrapping_sub(code + PROGRAM_FLASH.len()));
    payload.extend(PROGRAM_FLASH.into_iter().chain([back]).flat_map(u32::to_le_bytes));
    payload
}

/// The kernel of `tests/faults` that has this name.
///
/// # Errors
/// There is none.
pub(crate) fn fault(faults: &Linked, name: &str) -> anyhow::Result<Vec<u8>> {
    const ANYWHERE_4K_PAGES: u64 = 0xa;
    let image_size = (PAGE_BYTES + faults.bytes.len()).next_multiple_of(PAGE_BYTES) as u64;
    let mut kernel = ImageHeader::new(0, image_size, ANYWHERE_4K_PAGES).to_bytes().to_vec();
    put_branch(&mut kernel, 0, PAGE_BYTES + faults.offset(name)?);
    kernel.resize(PAGE_BYTES, 0);
    kernel.extend(&faults.bytes);
    Ok(kernel)
}

/// A zstd frame in which the header of a kernel is followed by so many blocks of 128 KiB of zeros,
/// 4 bytes each.
pub fn zstd_bomb(image_size: u64, blocks: usize) -> Vec<u8> {
    const WINDOW_128_KIB: u8 = 7 << 3;
    const BLOCK_OF_ONE_BYTE: u32 = 1 << 1;
    let header = ImageHeader::new(0, image_size, 0xa).to_bytes();
    let block_header = |word: u32| word.to_le_bytes()[..3].to_vec();
    let mut frame = b"\x28\xb5\x2f\xfd\x00".to_vec();
    frame.push(WINDOW_128_KIB);
    frame.extend(block_header((header.len() as u32) << 3));
    frame.extend(header);
    for _ in 0..blocks {
        frame.extend(block_header((128 << 10) << 3 | BLOCK_OF_ONE_BYTE));
        frame.push(0);
    }
    frame.extend(block_header(1));
    frame
}
