//! The initrd: the firmware has a device of a well-known name that loads it (UEFI 2.10, 13.2,
//! `LoadFile2`).

use core::ffi::c_void;
use core::ptr;

use phys_range::PhysRange;
use r_efi::efi;
use r_efi::protocols::{device_path, load_file2};

use super::firmware::{Failed, Firmware, done};

/// The device whose file is the initrd (Linux, `LINUX_EFI_INITRD_MEDIA_GUID`).
const INITRD: efi::Guid = efi::Guid::from_fields(
    0x5568_e427,
    0x68fc,
    0x4f3d,
    0xac,
    0x74,
    &[0xca, 0x55, 0x52, 0x31, 0xcc, 0x68],
);

/// A path to the initrd's device: its name, and the end (UEFI 2.10, 10.3).
#[repr(C)]
struct Path {
    vendor: device_path::Protocol,
    guid: efi::Guid,
    end: device_path::Protocol,
}

const fn node(r#type: u8, sub_type: u8, size_bytes: usize) -> device_path::Protocol {
    device_path::Protocol {
        r#type,
        sub_type,
        length: (size_bytes as u16).to_le_bytes(),
    }
}

const NODE_BYTES: usize = size_of::<device_path::Protocol>();

const PATH: Path = Path {
    vendor: node(
        device_path::TYPE_MEDIA,
        device_path::Media::SUBTYPE_VENDOR,
        NODE_BYTES + size_of::<efi::Guid>(),
    ),
    guid: INITRD,
    end: node(device_path::TYPE_END, device_path::End::SUBTYPE_ENTIRE, NODE_BYTES),
};

impl Firmware {
    /// Loads the initrd, if there is one.
    ///
    /// # Errors
    /// It cannot be loaded, or finds no memory.
    pub fn load_initrd(&self) -> Result<Option<PhysRange>, Failed> {
        let path = PATH;
        let mut rest: *mut device_path::Protocol = (&raw const path).cast_mut().cast();
        let (mut guid, mut device) = (load_file2::PROTOCOL_GUID, ptr::null_mut());
        // SAFETY: all three are there while it is called, which writes to its arguments only.
        let status = unsafe { (self.services.locate_device_path)(&raw mut guid, &raw mut rest, &raw mut device) };
        if status == efi::Status::NOT_FOUND {
            return Ok(None);
        }
        done(status, "the firmware cannot tell where the initrd is")?;
        let what = "the initrd's device does not load";
        let file = self.protocol::<load_file2::Protocol>(device, load_file2::PROTOCOL_GUID, what)?;
        let load = |size: &mut usize, to: *mut c_void| {
            // SAFETY: it is that protocol, by its GUID.
            let load = unsafe { (*file).load_file };
            // SAFETY: as many bytes as `size` says are at `to`; none at first.
            unsafe { load(file, rest, efi::Boolean::FALSE, size, to) }
        };
        let mut size = 0;
        match load(&mut size, ptr::null_mut()) {
            efi::Status::BUFFER_TOO_SMALL => {}
            status => return done(status, "the initrd cannot be loaded").map(|()| None),
        }
        let start = self
            .allocate(size as u64)
            .ok_or(Failed::new("no memory is free for the initrd"))?;
        let status = load(&mut size, ptr::with_exposed_provenance_mut(start as usize));
        done(status, "the initrd cannot be loaded")?;
        Ok(PhysRange::new(start, size as u64))
    }
}
