//! [`Firmware`]: who has started this program, what it says, and what it hands over as tables and
//! text (UEFI 2.10, 4.3, 4.6 and 9.1).

use core::ffi::c_void;
use core::fmt::{self, Write};
use core::ptr;

use arrayvec::ArrayString;
use devicetree::MAX_SIZE_BYTES;
use r_efi::efi;
use r_efi::protocols::{loaded_image, simple_text_output};

/// The table with the device tree (UEFI 2.10, 4.6, `EFI_DTB_TABLE_GUID`).
const DEVICE_TREE: efi::Guid = efi::Guid::from_fields(
    0xb1b6_21d5,
    0xf19c,
    0x41a5,
    0x83,
    0x0b,
    &[0xd9, 0x15, 0x2c, 0x69, 0xaa, 0xe0],
);
/// The place where a device tree's header has its total size (Devicetree Specification v0.4, 5.2).
const TOTAL_SIZE_WORD: usize = 1;

/// The reason why the kernel is not started.
#[derive(Clone, Copy, Debug)]
pub struct Failed {
    what: &'static str,
    /// What the firmware is told.
    pub status: efi::Status,
}

/// The firmware, while its boot services last.
pub struct Firmware {
    pub(super) image: efi::Handle,
    system: &'static efi::SystemTable,
    pub(super) services: &'static efi::BootServices,
}

impl Failed {
    /// Without a status of the firmware's.
    pub const fn new(what: &'static str) -> Self {
        Self {
            what,
            status: efi::Status::LOAD_ERROR,
        }
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (status {:#x})", self.what, self.status.as_usize())
    }
}

/// Nothing, where the status is success.
///
/// # Errors
/// The status, where it is another; `what` says what failed.
pub(super) fn done(status: efi::Status, what: &'static str) -> Result<(), Failed> {
    match status {
        efi::Status::SUCCESS => Ok(()),
        status => Err(Failed { what, status }),
    }
}

impl Firmware {
    /// The firmware that has started this program; `None` if it has no boot services.
    ///
    /// # Safety
    /// The two are what it was entered with.
    pub unsafe fn new(image: efi::Handle, system: *mut efi::SystemTable) -> Option<Self> {
        // SAFETY: the caller vouches for it.
        let system = unsafe { system.as_ref() }?;
        // SAFETY: the table's pointer, which stays until the boot services are left.
        let services = unsafe { system.boot_services.as_ref() }?;
        Some(Self {
            image,
            system,
            services,
        })
    }

    /// Writes to the console.
    pub fn say(&self, text: fmt::Arguments<'_>) {
        struct Console(*mut simple_text_output::Protocol);
        impl Write for Console {
            fn write_str(&mut self, text: &str) -> fmt::Result {
                // SAFETY: the system table's pointer.
                let Some(protocol) = (unsafe { self.0.as_ref() }) else {
                    return Err(fmt::Error);
                };
                for character in text.encode_utf16() {
                    let mut text = [character, 0];
                    // SAFETY: a text with its NUL. What became of it, nobody could be told.
                    let _ = unsafe { (protocol.output_string)(self.0, text.as_mut_ptr()) };
                }
                Ok(())
            }
        }
        let _ = Console(self.system.con_out).write_fmt(text);
    }

    /// The device tree, as long as its header says that it is, and no longer than a kernel takes
    /// (B2).
    ///
    /// # Errors
    /// There is none.
    pub fn device_tree(&self) -> Result<&'static [u8], Failed> {
        let (tables, count) = (self.system.configuration_table, self.system.number_of_table_entries);
        // SAFETY: the system table says that so many are there.
        let tables = unsafe { core::slice::from_raw_parts(tables, count) };
        let table = tables.iter().find(|table| table.vendor_guid == DEVICE_TREE);
        let table = table
            .ok_or(Failed::new("the firmware has no device tree"))?
            .vendor_table;
        let size = table.cast::<u32>().wrapping_add(TOTAL_SIZE_WORD);
        // SAFETY: what the table is said to be has a header of ten words, aligned to 8 bytes.
        let size = unsafe { size.read() };
        let size_bytes = u64::from(u32::from_be(size)).min(MAX_SIZE_BYTES);
        // SAFETY: the firmware's device tree, which nobody writes to.
        Ok(unsafe { core::slice::from_raw_parts(table.cast(), size_bytes as usize) })
    }

    /// The protocol of this GUID that a device or a program speaks.
    ///
    /// # Errors
    /// It does not; `what` says so.
    pub(super) fn protocol<T>(
        &self,
        device: efi::Handle,
        mut guid: efi::Guid,
        what: &'static str,
    ) -> Result<*mut T, Failed> {
        let mut protocol: *mut c_void = ptr::null_mut();
        // SAFETY: all three are there while it is called.
        let status = unsafe { (self.services.handle_protocol)(device, &raw mut guid, &raw mut protocol) };
        done(status, what).map(|()| protocol.cast())
    }

    /// Reads the command line (UEFI 2.10, 9.1, `LoadOptions`).
    ///
    /// # Errors
    /// It is no text, or too long.
    pub fn read_command_line<const MAX: usize>(&self, text: &mut ArrayString<MAX>) -> Result<(), Failed> {
        let what = "the firmware does not know the program that it has started";
        let program = self.protocol::<loaded_image::Protocol>(self.image, loaded_image::PROTOCOL_GUID, what)?;
        // SAFETY: it is that protocol, by its GUID.
        let program = unsafe { &*program };
        if program.load_options.is_null() {
            return Ok(());
        }
        let length = program.load_options_size as usize / size_of::<efi::Char16>();
        let options = program.load_options.cast::<efi::Char16>();
        let character = |number| {
            // SAFETY: the protocol says that so many are there; not that they are aligned.
            unsafe { options.wrapping_add(number).read_unaligned() }
        };
        let options = (0..length).map(character).take_while(|character| *character != 0);
        for character in char::decode_utf16(options) {
            let character = character.map_err(|_| Failed::new("the command line is no text"))?;
            text.try_push(character)
                .map_err(|_| Failed::new("the command line is too long"))?;
        }
        Ok(())
    }
}
