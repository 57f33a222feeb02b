//! The second flash for U-Boot: its environment, and the kernel.
//!
//! Debian's U-Boot waits two seconds for a key, then looks through the disks and the network. An
//! environment in flash, where this build looks for one, ends both without rebuilding it: it stands
//! for the built-in one as a whole. The kernel lies behind it, so U-Boot's task is Flint's: to copy
//! or unpack it from flash to RAM.

use crc::{CRC_32_ISO_HDLC, Crc};

use super::format::Format;
use crate::flash::ERASED;

/// The size of the flash.
const FLASH_SIZE_BYTES: usize = 64 << 20;
/// The size of the environment at its start (U-Boot's `CONFIG_ENV_SIZE` for this machine).
const ENVIRONMENT_SIZE_BYTES: usize = 0x4_0000;
/// The place where the flash is for the CPU.
const FLASH_ADDRESS: usize = 0x400_0000;
/// The place where the kernel lies in the flash.
const KERNEL_OFFSET: usize = 0x10_0000;
/// The place where the kernel is copied to: a multiple of 2 MiB, as `booti` then leaves it there.
const KERNEL_ADDRESS: usize = 0x4020_0000;

/// The texts on the console around unpacking.
pub(super) const UNPACKING: [&str; 2] = ["unpacking begins", "unpacking ends"];
/// The most bytes that an unpacked kernel may have, as `unlz4` asks for it.
const UNPACKED_SIZE_MAX_BYTES: usize = 128 << 20;

/// Returns the command that puts a kernel of this format and size into its place; `None` where
/// Debian's build of U-Boot does not know the format.
fn load_command(format: Format, size_bytes: usize) -> Option<String> {
    let source = FLASH_ADDRESS + KERNEL_OFFSET;
    match format {
        Format::Raw => Some(format!(
            "cp.q {source:#x} {KERNEL_ADDRESS:#x} {:#x}",
            size_bytes.div_ceil(8)
        )),
        Format::Gzip => Some(format!("unzip {source:#x} {KERNEL_ADDRESS:#x}")),
        Format::Lz4 => Some(format!(
            "unlz4 {source:#x} {KERNEL_ADDRESS:#x} {UNPACKED_SIZE_MAX_BYTES:#x}"
        )),
        Format::Zstd => None,
    }
}

/// Returns the flash with this kernel; `None` where Debian's build of U-Boot cannot unpack it.
pub(super) fn flash(kernel: &[u8], format: Format, command_line: &str) -> Option<Vec<u8>> {
    let [begins, ends] = UNPACKING;
    let boot = format!(
        "echo {begins}; {}; echo {ends}; booti {KERNEL_ADDRESS:#x} - ${{fdtcontroladdr}}",
        load_command(format, kernel.len())?
    );
    // -2: not even a look whether a key was pressed.
    let variables = [("bootdelay", "-2"), ("bootargs", command_line), ("bootcmd", &boot)];
    let mut flash = environment(&variables);
    flash.resize(KERNEL_OFFSET, ERASED);
    flash.extend_from_slice(kernel);
    flash.resize(FLASH_SIZE_BYTES.max(flash.len()), ERASED);
    Some(flash)
}

/// An environment as U-Boot keeps it: a CRC of all that follows, then `NAME=VALUE` with a zero byte
/// behind each and one more at the end.
fn environment(variables: &[(&str, &str)]) -> Vec<u8> {
    let texts = variables.iter().map(|(name, value)| format!("{name}={value}\0"));
    let mut bytes = texts.collect::<String>().into_bytes();
    bytes.resize(ENVIRONMENT_SIZE_BYTES - size_of::<u32>(), 0);
    let crc = Crc::<u32>::new(&CRC_32_ISO_HDLC).checksum(&bytes);
    [crc.to_le_bytes().as_slice(), &bytes].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn makes_the_environment_that_mkenvimage_makes() {
        let made = environment(&[("bootdelay", "-2"), ("bootcmd", "booti 0x40200000 - ${fdtcontroladdr}")]);
        assert_eq!(made.len(), 0x4_0000);
        // printf 'bootdelay=-2\nbootcmd=booti 0x40200000 - ${fdtcontroladdr}\n' | mkenvimage -s
        // 0x40000 -p 0 -o - - | head -c 4
        assert_eq!(made[..4], [0xbc, 0x09, 0x8e, 0xc4]);
        assert!(made[4..].starts_with(b"bootdelay=-2\0bootcmd=booti 0x40200000 - ${fdtcontroladdr}\0\0"));
    }

    #[test]
    fn copies_a_kernel_of_any_size_as_a_whole() {
        let flash = flash(&[7; 17], Format::Raw, "quiet").unwrap();
        assert_eq!(flash.len(), 64 << 20);
        let text = String::from_utf8_lossy(&flash[4..200]);
        assert!(
            text.contains("; cp.q 0x4100000 0x40200000 0x3; echo unpacking ends; booti 0x40200000 "),
            "{text}"
        );
        assert_eq!(flash[0x10_0000..0x10_0012], [[7; 17].as_slice(), &[0xff]].concat());
    }

    #[test]
    fn unpacks_what_this_build_knows() {
        let command = |format| load_command(format, 17);
        assert_eq!(command(Format::Gzip).unwrap(), "unzip 0x4100000 0x40200000");
        assert_eq!(command(Format::Lz4).unwrap(), "unlz4 0x4100000 0x40200000 0x8000000");
        assert_eq!(command(Format::Zstd), None);
    }
}
