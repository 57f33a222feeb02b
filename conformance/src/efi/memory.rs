//! Memory: allocated, described, and in the end all the kernel's (UEFI 2.10, 7.2 and 7.4).

use phys_range::PhysRange;
use r_efi::efi;

use super::bytes_at;
use super::firmware::{Failed, Firmware, done};

/// EFI's pages, in bytes.
const PAGE_BYTES: u64 = 4096;
/// The room for a memory map, in bytes: for more than a thousand ranges.
const MAP_BYTES: u64 = 0x1_0000;

/// A memory map.
pub struct Map<'a> {
    descriptors: &'a [u8],
    descriptor_bytes: usize,
    key: usize,
}

impl Firmware {
    /// Allocates this range, if it is free.
    pub fn allocate_at(&self, range: PhysRange) -> bool {
        let mut start = range.start();
        // Code is executed there.
        self.allocate_pages(efi::ALLOCATE_ADDRESS, efi::LOADER_CODE, range.len(), &mut start)
    }

    /// Allocates as many bytes anywhere: the address.
    pub fn allocate(&self, size_bytes: u64) -> Option<u64> {
        let mut start = 0;
        self.allocate_pages(efi::ALLOCATE_ANY_PAGES, efi::LOADER_DATA, size_bytes, &mut start)
            .then_some(start)
    }

    fn allocate_pages(
        &self,
        how: efi::AllocateType,
        purpose: efi::MemoryType,
        size_bytes: u64,
        start: &mut u64,
    ) -> bool {
        let pages = size_bytes.div_ceil(PAGE_BYTES) as usize;
        // SAFETY: memory that is free becomes the caller's.
        let status = unsafe { (self.services.allocate_pages)(how, purpose, pages, start) };
        status == efi::Status::SUCCESS
    }

    /// Allocates room for a memory map.
    ///
    /// # Errors
    /// No memory is free.
    pub fn room_for_map(&self) -> Result<&'static mut [u8], Failed> {
        let start = self.allocate(MAP_BYTES);
        let room = start.and_then(|start| PhysRange::new(start, MAP_BYTES));
        room.map(bytes_at)
            .ok_or(Failed::new("no memory is free for the memory map"))
    }

    /// The memory map as it is now.
    ///
    /// # Errors
    /// The firmware does not tell it, or it has more ranges than there is room for.
    pub fn memory_map<'a>(&self, room: &'a mut [u8]) -> Result<Map<'a>, Failed> {
        let (mut size, mut key, mut descriptor_bytes, mut version) = (room.len(), 0, 0, 0);
        let start = room.as_mut_ptr().cast();
        let get = self.services.get_memory_map;
        // SAFETY: there is as much room as `size` says, aligned to a page.
        let status = unsafe { get(&mut size, start, &mut key, &mut descriptor_bytes, &mut version) };
        done(status, "the firmware tells no memory map")?;
        Ok(Map {
            descriptors: room.get(..size).unwrap_or_default(),
            descriptor_bytes,
            key,
        })
    }

    /// Leaves the boot services; `false` where this is not the memory map as it is now. After that,
    /// nothing of the firmware may be used.
    pub fn exit(&self, map: &Map<'_>) -> bool {
        // SAFETY: the caller uses the firmware no more, if it succeeds.
        let status = unsafe { (self.services.exit_boot_services)(self.image, map.key) };
        status == efi::Status::SUCCESS
    }
}

impl Map<'_> {
    /// The ranges that are the kernel's once the boot services are gone (UEFI 2.10, 7.2, "Memory
    /// Type Usage after ExitBootServices()"), as far as they can be cached.
    pub fn usable(&self) -> impl Iterator<Item = PhysRange> {
        let stride = self.descriptor_bytes.max(size_of::<efi::MemoryDescriptor>());
        self.descriptors.chunks_exact(stride).filter_map(|descriptor| {
            // SAFETY: a descriptor is there, whose fields are numbers.
            let descriptor = unsafe { descriptor.as_ptr().cast::<efi::MemoryDescriptor>().read_unaligned() };
            let is_free = matches!(
                descriptor.r#type,
                efi::LOADER_CODE
                    | efi::LOADER_DATA
                    | efi::BOOT_SERVICES_CODE
                    | efi::BOOT_SERVICES_DATA
                    | efi::CONVENTIONAL_MEMORY
                    | efi::PERSISTENT_MEMORY
            );
            let size_bytes = descriptor.number_of_pages.checked_mul(PAGE_BYTES)?;
            let range = PhysRange::new(descriptor.physical_start, size_bytes)?;
            (is_free && descriptor.attribute & efi::MEMORY_WB != 0).then_some(range)
        })
    }
}
