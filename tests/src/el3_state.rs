//! [`El3State`]: what belongs to EL3 on a machine, as QEMU's debugger sees it, and how two of them
//! are compared.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, Instant};
use std::{fmt, fs, io, thread};

use boards::QEMU_VIRT;
use flint_cli::qemu::debugger::{Cpu, Debugger, Register, RegisterNames};
use phys_range::PhysRange;

/// Registers that say what EL3 executes, how it sees memory, and what it lets the other levels do.
const REGISTERS: [&str; 7] = [
    "VBAR_EL3",
    "TTBR0_EL3",
    "TCR_EL3",
    "MAIR_EL3",
    "SCTLR_EL3",
    "SCR_EL3",
    "TPIDR_EL3",
];
/// Devices that only the secure world reaches: the PL061 that powers the machine off, and the
/// second UART.
const DEVICES: [(&str, u64); 2] = [("secure GPIO", QEMU_VIRT.power.base), ("secure UART", 0x0904_0000)];
/// The unit of comparison; no device here has more registers.
const PAGE_BYTES: u64 = 4096;
/// The mode in `cpsr`, and its value for EL3 with its own stack pointer (DDI0487, SPSR_EL3.M).
const MODE: u64 = 0b1111;
const MODE_EL3H: u64 = 0b1101;
/// The time limit for QEMU to reset a machine.
const RESET_LIMIT: Duration = Duration::from_secs(10);
const POLL_INTERVAL: Duration = Duration::from_millis(5);
/// A report names at most so many words of memory.
const NAMED_MAX: usize = 6;

/// The state of EL3 on a machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct El3State {
    /// Registers, by the number of the CPU and their name.
    registers: BTreeMap<(usize, &'static str), u64>,
    /// The registers of [`DEVICES`], as far as EL3 maps them: what it does not map, it cannot write
    /// to.
    devices: BTreeMap<&'static str, Vec<u8>>,
    /// The pages of the secure RAM that hold anything but zeros, by address.
    ram: BTreeMap<u64, Vec<u8>>,
    /// The place where the kernel's device tree is, if the kernel has one by now.
    pub tree: Option<PhysRange>,
}

impl El3State {
    /// Stops the machine and reads its state. The boot is over then: the machine has been reset,
    /// and waits. Makes a file in `folder`.
    ///
    /// QEMU's stub reads physical memory as the normal world does, which sees nothing of all this.
    /// So devices are read through the map of EL3, by a CPU that the debugger moves there; and the
    /// RAM, which a reset leaves as it is, by a CPU that was just reset, at EL3 and with its MMU
    /// off: what is read does not depend on the map then.
    ///
    /// # Errors
    /// QEMU does not answer as expected.
    pub fn read(debugger: &mut Debugger, folder: &Path) -> io::Result<Self> {
        debugger.pause()?;
        let names = debugger.register_names()?;
        let cpus = debugger.cpus()?;
        let first = cpus.first().ok_or_else(|| io::Error::other("QEMU shows no CPU"))?;
        let mut state = Self::default();
        for (number, cpu) in cpus.iter().enumerate() {
            for name in REGISTERS {
                let value = register(debugger, &names, cpu, name)?;
                state.registers.insert((number, name), value);
            }
        }
        let mode = register(debugger, &names, first, "cpsr")? & !MODE | MODE_EL3H;
        debugger.write_register(first, find(&names, "cpsr")?, mode)?;
        let file = folder.join("memory");
        for (name, address) in DEVICES {
            if let Some(bytes) = save_memory(debugger, address, PAGE_BYTES, &file)? {
                state.devices.insert(name, bytes);
            }
        }
        reset(debugger, &names, first)?;
        let ram = QEMU_VIRT.secure.all();
        let bytes = save_memory(debugger, ram.start(), ram.len(), &file)?;
        let bytes = bytes.ok_or_else(|| io::Error::other("the secure RAM cannot be read"))?;
        let pages = (ram.start()..).step_by(PAGE_BYTES as usize);
        let pages = pages.zip(bytes.chunks(PAGE_BYTES as usize));
        let used = pages.filter(|(_, page)| page.iter().any(|byte| *byte != 0));
        state.ram = used.map(|(address, page)| (address, page.to_vec())).collect();
        Ok(state)
    }

    /// A register of the first CPU.
    pub fn register(&self, name: &'static str) -> u64 {
        self.register_of(0, name)
    }

    /// A register of any CPU, by its number.
    pub fn register_of(&self, cpu: usize, name: &'static str) -> u64 {
        self.registers.get(&(cpu, name)).copied().unwrap_or_default()
    }

    /// The word of the secure RAM at `address`, a multiple of 8.
    ///
    /// # Errors
    /// The address is not in the secure RAM.
    pub fn word(&self, address: u64) -> anyhow::Result<u64> {
        anyhow::ensure!(
            holds(&QEMU_VIRT.secure.all(), address),
            "{address:#x} is not in the secure RAM"
        );
        let (page, offset) = (address / PAGE_BYTES * PAGE_BYTES, (address % PAGE_BYTES) as usize);
        let bytes = self.ram.get(&page).and_then(|page| page.get(offset..)?.first_chunk());
        Ok(bytes.map_or(0, |bytes| u64::from_le_bytes(*bytes)))
    }

    /// Returns what is not as in `expected`, a line each. The `ignored` parts of the secure RAM may
    /// differ, and so may words that in both boots are addresses in the kernel's device tree.
    pub fn differences(&self, expected: &Self, ignored: &[PhysRange]) -> Vec<String> {
        let mut lines = Vec::new();
        for ((cpu, name), value) in &self.registers {
            let wanted = expected.registers.get(&(*cpu, *name)).copied().unwrap_or_default();
            if *value != wanted {
                lines.push(format!("{name} of CPU {cpu} is {value:#x}, not {wanted:#x}"));
            }
        }
        for (name, address) in DEVICES {
            let [found, wanted] = [self, expected].map(|state| state.devices.get(name));
            match (found, wanted) {
                (Some(found), Some(wanted)) => {
                    lines.extend(words(address, found, wanted).map(|word| word.to_string()));
                }
                _ if found == wanted => {}
                _ => lines.push(format!("the {name} is mapped at EL3 in one boot only")),
            }
        }
        let pages: BTreeSet<_> = self.ram.keys().chain(expected.ram.keys()).collect();
        let zeros = vec![0; PAGE_BYTES as usize];
        let words = pages.into_iter().flat_map(|address| {
            let [found, wanted] = [self, expected].map(|state| state.ram.get(address).unwrap_or(&zeros));
            words(*address, found, wanted)
        });
        let in_tree = |state: &Self, word| state.tree.is_some_and(|tree| holds(&tree, word));
        let words = words.filter(|word| {
            let is_ignored = ignored.iter().any(|range| holds(range, word.address));
            let is_of_tree = in_tree(self, word.found) && in_tree(expected, word.wanted);
            !(is_ignored || is_of_tree)
        });
        let mut ram: Vec<_> = words.map(|word| word.to_string()).collect();
        let more = ram.len().saturating_sub(NAMED_MAX);
        ram.truncate(NAMED_MAX);
        lines.extend(ram);
        if more > 0 {
            lines.push(format!("and {more} words of secure RAM more"));
        }
        lines
    }
}

/// A word of memory that is not as it should be.
struct Word {
    address: u64,
    found: u64,
    wanted: u64,
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { address, found, wanted } = self;
        write!(f, "{address:#010x} holds {found:#018x}, not {wanted:#018x}")
    }
}

/// The words from `address` on that are not as they should be.
fn words(address: u64, found: &[u8], wanted: &[u8]) -> impl Iterator<Item = Word> {
    let of = |bytes: &[u8]| -> Vec<u64> { bytes.as_chunks().0.iter().copied().map(u64::from_le_bytes).collect() };
    let pairs = if found == wanted { Vec::new() } else { of(found) };
    let words = (address..)
        .step_by(size_of::<u64>())
        .zip(pairs.into_iter().zip(of(wanted)));
    words.filter_map(|(address, (found, wanted))| (found != wanted).then_some(Word { address, found, wanted }))
}

fn holds(range: &PhysRange, address: u64) -> bool {
    (range.start()..range.end()).contains(&address)
}

/// The bytes that the first CPU sees there; `None` where its map has nothing.
pub(crate) fn save_memory(
    debugger: &mut Debugger,
    address: u64,
    size_bytes: u64,
    file: &Path,
) -> io::Result<Option<Vec<u8>>> {
    let printed = debugger.qemu_command(&format!("memsave {address:#x} {size_bytes:#x} \"{}\"", file.display()))?;
    let bytes = fs::read(file)?;
    match bytes.len() as u64 == size_bytes {
        true => Ok(Some(bytes)),
        false if printed.contains("Invalid addr") => Ok(None),
        false => Err(io::Error::other(printed)),
    }
}

/// Resets the machine, which waits; its memory stays as it is.
fn reset(debugger: &mut Debugger, names: &RegisterNames, first: &Cpu) -> io::Result<()> {
    debugger.qemu_command("system_reset")?;
    let deadline = Instant::now() + RESET_LIMIT;
    while register(debugger, names, first, "pc")? != QEMU_VIRT.flash.start() {
        if Instant::now() >= deadline {
            return Err(io::Error::other("QEMU does not reset the machine"));
        }
        thread::sleep(POLL_INTERVAL);
    }
    Ok(())
}

pub(crate) fn register(debugger: &mut Debugger, names: &RegisterNames, cpu: &Cpu, name: &str) -> io::Result<u64> {
    debugger.read_register(cpu, find(names, name)?)
}

pub(crate) fn find(names: &RegisterNames, name: &str) -> io::Result<Register> {
    let missing = || io::Error::other(format!("QEMU does not show {name}"));
    names.find(name).ok_or_else(missing)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state() -> El3State {
        El3State {
            registers: [((0, "SCR_EL3"), 0x501)].into(),
            devices: [("secure GPIO", vec![0; 4096])].into(),
            ram: [(0x0e20_1000, vec![1; 4096])].into(),
            tree: PhysRange::new(0x47c0_0000, 0x2000),
        }
    }

    #[test]
    fn the_same_state_has_no_differences() {
        assert_eq!(state().differences(&state(), &[]), [""; 0]);
    }

    #[test]
    fn names_registers_devices_and_words_of_ram() {
        let mut found = state();
        found.registers.insert((0, "SCR_EL3"), 0x500);
        found.devices.get_mut("secure GPIO").unwrap()[0x400] = 3;
        found
            .ram
            .insert(0x0e20_3000, [vec![0; 8], vec![0xff; 8], vec![0; 4080]].concat());
        let expected = [
            "SCR_EL3 of CPU 0 is 0x500, not 0x501",
            "0x090b0400 holds 0x0000000000000003, not 0x0000000000000000",
            "0x0e203008 holds 0xffffffffffffffff, not 0x0000000000000000",
        ];
        assert_eq!(found.differences(&state(), &[]), expected);
        let ignored = PhysRange::new(0x0e20_3008, 8).unwrap();
        assert_eq!(found.differences(&state(), &[ignored]), expected[..2]);
    }

    #[test]
    fn addresses_in_the_kernels_tree_are_the_same_wherever_it_is() {
        let with = |tree: u64, word: u64| {
            let mut state = state();
            state.tree = PhysRange::new(tree, 0x2000);
            state.ram.get_mut(&0x0e20_1000).unwrap()[..8].copy_from_slice(&word.to_le_bytes());
            state
        };
        let expected = with(0x47c0_0000, 0x47c0_19c0);
        assert_eq!(with(0x43e0_0000, 0x43e0_19d0).differences(&expected, &[]), [""; 0]);
        assert_eq!(with(0x43e0_0000, 0x4400_0000).differences(&expected, &[]).len(), 1);
        assert_eq!(with(0x43e0_0000, 0x47c0_19d0).differences(&expected, &[]).len(), 1);
    }

    #[test]
    fn a_page_that_was_emptied_and_a_device_that_is_not_mapped_are_differences() {
        let lines = El3State::default().differences(&state(), &[]);
        assert_eq!(lines.len(), 1 + NAMED_MAX + 1, "{lines:?}");
        assert!(lines[0].contains("secure GPIO"), "{lines:?}");
        assert_eq!(lines.last().unwrap(), "and 506 words of secure RAM more");
    }
}
