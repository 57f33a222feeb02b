//! [`Initramfs`]: the smallest userspace that says what it finds, as a file for a loader to hand to
//! Linux.

use crc::{CRC_32_ISO_HDLC, Crc};

use crate::cpio::Archive;

/// The start of each of its lines on the console.
pub const PREFIX: &str = "flint-userspace: ";

/// The checksum that busybox's `crc32` prints.
const CRC_32: Crc<u32> = Crc::<u32>::new(&CRC_32_ISO_HDLC);

/// `/init`. The kernel is kept from writing into its lines. `@CRC@` is what the padding must have.
const INIT: &str = r#"#!/bin/busybox sh
PATH=/bin
say() { echo "flint-userspace: $*"; }
busybox mount -t proc proc /proc
busybox mount -t sysfs sysfs /sys
busybox mount -t devtmpfs devtmpfs /dev
echo 1 >/proc/sys/kernel/printk
echo
say up
say "kernel $(busybox uname -r)"
say "cpus $(busybox nproc)"
say "psci-cpus $(busybox grep -l psci /proc/device-tree/cpus/cpu@*/enable-method 2>/dev/null | busybox wc -l)"
while read -r name value unit; do
    [ "$name" != MemTotal: ] || say "memtotal $value $unit"
done </proc/meminfo
read -r cmdline </proc/cmdline
say "cmdline $cmdline"
if crc=$(busybox crc32 /padding) && [ "${crc%% *}" = @CRC@ ]; then
    say "initrd intact"
else
    say "initrd damaged: the padding's checksum is $crc instead of @CRC@"
fi
cycles=0
suspends=0
end=poweroff
for word in $cmdline; do
    [ "${word%%=*}" != flint.hotplug ] || cycles=${word#*=}
    [ "${word%%=*}" != flint.suspend ] || suspends=${word#*=}
    [ "$word" != flint.reboot ] || end=reboot
done
# turn FIRST COUNT: takes CPUs FIRST, FIRST + 2, ... away and back, COUNT of them, in no order.
turn() {
    left=$((cycles / 2))
    while [ $left -gt 0 ]; do
        cpu=/sys/devices/system/cpu/cpu$(($1 + RANDOM % $2 * 2))/online
        echo 0 >$cpu && echo 1 >$cpu || say "hotplug of $cpu failed"
        left=$((left - 1))
    done
}
if [ "$cycles" -gt 0 ]; then
    cpus=$(busybox nproc)
    turn 1 $((cpus / 2)) &
    turn 2 $(((cpus - 1) / 2)) &
    wait
    say "hotplug $cycles times, cpus $(busybox nproc)"
fi
if [ "$suspends" -gt 0 ]; then
    say "suspend modes $(busybox cat /sys/power/mem_sleep)"
    echo deep >/sys/power/mem_sleep
    left=$suspends
    while [ $left -gt 0 ]; do
        echo +2 >/sys/class/rtc/rtc0/wakealarm && echo mem >/sys/power/state || say "suspend failed"
        left=$((left - 1))
    done
    say "suspended $(busybox cat /sys/power/suspend_stats/success) times, cpus $(busybox nproc)"
fi
say bye
echo 7 >/proc/sys/kernel/printk
busybox $end -f
"#;

/// The smallest userspace: busybox and a script that prints, each on a line that begins with
/// [`PREFIX`],
///
/// * `up`
/// * `kernel RELEASE`
/// * `cpus N`, how many CPUs run
/// * `psci-cpus N`, how many of the device tree's CPUs PSCI can start
/// * `memtotal N kB`
/// * `cmdline TEXT`
/// * `initrd intact`, or how it is not
/// * `hotplug N times, cpus N`, where the command line has `flint.hotplug=N`: so often was a CPU
///   turned off and on, by two CPUs at once
/// * `suspend modes MODES` and `suspended N times, cpus N`, where the command line has
///   `flint.suspend=N`: so often was the machine suspended to RAM and woken by its real-time clock
/// * `bye`
///
/// and then powers the machine off, or resets it, where the command line has `flint.reboot`. It is
/// a cpio archive that is not compressed.
#[derive(Clone, Debug)]
pub struct Initramfs<'a> {
    busybox: &'a [u8],
    padding_bytes: usize,
}

impl<'a> Initramfs<'a> {
    /// One with this program, a `busybox` for arm64 that needs no libraries.
    pub fn new(busybox: &'a [u8]) -> Self {
        Self {
            busybox,
            padding_bytes: 0,
        }
    }

    /// With so many bytes more, which do not compress.
    #[must_use]
    pub fn padded(self, padding_bytes: usize) -> Self {
        Self { padding_bytes, ..self }
    }

    /// Its bytes.
    pub fn build(&self) -> Vec<u8> {
        let padding = padding(self.padding_bytes);
        let init = INIT.replace("@CRC@", &format!("{:08x}", CRC_32.checksum(&padding)));
        let folders = ["bin", "dev", "proc", "sys"];
        let archive = folders
            .iter()
            .fold(Archive::new(), |archive, name| archive.directory(name));
        // The kernel opens the console before anything can be mounted; without this node all output
        // is lost.
        let archive = archive
            .character_device("dev/console", (5, 1))
            .program("init", init.as_bytes());
        let archive = archive.program("bin/busybox", self.busybox);
        // Last, so that what cuts the archive short damages it.
        archive.file("padding", &padding).finish()
    }
}

/// Bytes that do not repeat, the same in every run: xorshift64.
fn padding(size_bytes: usize) -> Vec<u8> {
    let words = std::iter::successors(Some(0x2545_f491_4f6c_dd1d_u64), |last| {
        let mut next = last ^ (last << 13);
        next ^= next >> 7;
        Some(next ^ (next << 17))
    });
    words.flat_map(u64::to_le_bytes).take(size_bytes).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn position(bytes: &[u8], text: &str) -> Option<usize> {
        bytes.windows(text.len()).position(|window| window == text.as_bytes())
    }

    #[test]
    fn holds_the_program_and_what_starts_it() {
        let bytes = Initramfs::new(b"the program").build();
        for part in [
            "init\0",
            "#!/bin/busybox sh\n",
            "bin/busybox\0",
            "the program",
            "dev/console\0",
        ] {
            assert!(position(&bytes, part).is_some(), "{part}");
        }
        assert!(position(&bytes, "@CRC@").is_none());
    }

    #[test]
    fn every_line_has_the_prefix() {
        assert!(INIT.contains(&format!("echo \"{PREFIX}$*\"")));
    }

    #[test]
    fn grows_by_the_padding_and_knows_its_checksum() {
        let (without, with) = (Initramfs::new(b"").build(), Initramfs::new(b"").padded(4000).build());
        assert_eq!(with.len(), without.len() + 4000);
        // The checksum of nothing is 0.
        assert!(position(&without, "= 00000000 ").is_some());
        assert!(position(&with, "= 00000000 ").is_none());
        let crc = CRC_32.checksum(&padding(4000));
        assert!(position(&with, &format!("= {crc:08x} ")).is_some());
    }

    #[test]
    fn the_padding_does_not_repeat() {
        let padding = padding(1 << 16);
        let words: std::collections::HashSet<_> = padding.chunks(8).collect();
        assert_eq!(words.len(), (1 << 16) / 8);
    }
}
