//! [`Mutator`]: the firmware, with one of its last jumps led to a function of `tests/mutations`.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context, bail, ensure};
use flint_cli::build::{self, Firmware, TargetBinaries, TargetBinary};
use object::{Object, ObjectSymbol};

/// `eret`.
const ERET: u32 = 0xd69f_03e0;
/// `br x4`.
const BR_X4: u32 = 0xd61f_0080;
/// `b`, and the bits of its distance in instructions.
const B: u32 = 0x1400_0000;
const B_DISTANCE: u32 = 0x03ff_ffff;
/// What is found by page must stay where it is in its page.
const PAGE_BYTES: usize = 4096;
/// Where the monitor's size is in it.
const MONITOR_SIZE: usize = 8;

/// Which jump is led elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Jump {
    /// The bootloader's, to the kernel.
    ToKernel,
    /// The monitor's, to the normal world, on each CPU.
    ToNormalWorld,
    /// The monitor's, at the end of a call.
    FromCall,
}

/// What can be mutated, and what by.
#[derive(Debug)]
pub struct Mutator {
    bootloader: Linked,
    monitor: Linked,
    mutations: Linked,
}

/// A flat binary, and where in it the symbols of its ELF file are.
#[derive(Debug)]
struct Linked {
    bytes: Vec<u8>,
    symbols: BTreeMap<String, usize>,
}

impl Mutator {
    /// Builds the mutations, for the firmware among `binaries`.
    ///
    /// # Errors
    /// A binary cannot be built or read.
    pub fn new(binaries: &TargetBinaries) -> anyhow::Result<Self> {
        Ok(Self {
            bootloader: Linked::new(&binaries.bootloader)?,
            monitor: Linked::new(&binaries.monitor)?,
            mutations: Linked::new(&build::mutations()?)?,
        })
    }

    /// The names of all mutations: each begins with a clause.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let names = self.mutations.symbols.keys().map(String::as_str);
        names.filter(|name| {
            let clause = name.split('_').next().unwrap_or_default();
            let number = clause.trim_start_matches(|c: char| c.is_ascii_lowercase());
            clause.len() == number.len() + 1 && number.parse::<u8>().is_ok()
        })
    }

    /// The firmware with `mutation` in the place of `jump`.
    ///
    /// # Errors
    /// There is no such mutation, or the jump is not where it should be.
    pub fn firmware(&self, jump: Jump, mutation: &str) -> anyhow::Result<Firmware> {
        let mut firmware = Firmware {
            bootloader: self.bootloader.bytes.clone(),
            monitor: self.monitor.bytes.clone(),
        };
        match jump {
            Jump::ToKernel => {
                firmware.bootloader = self.lead(&self.bootloader, "hand_over5leave", BR_X4, mutation)?;
            }
            Jump::ToNormalWorld => firmware.monitor = self.lead(&self.monitor, "world5leave", ERET, mutation)?,
            Jump::FromCall => firmware.monitor = self.lead(&self.monitor, "monitor_call", ERET, mutation)?,
        }
        let monitor_size = firmware.monitor.len() as u64;
        firmware.monitor[MONITOR_SIZE..][..8].copy_from_slice(&monitor_size.to_le_bytes());
        Ok(firmware)
    }

    /// `host`, with all mutations behind it, and the first `jump` from a symbol on led to one of them.
    fn lead(&self, host: &Linked, symbol: &str, jump: u32, mutation: &str) -> anyhow::Result<Vec<u8>> {
        let mut bytes = host.bytes.clone();
        bytes.resize(bytes.len().next_multiple_of(PAGE_BYTES), 0);
        let target = bytes.len() + self.mutations.offset(mutation)?;
        bytes.extend(&self.mutations.bytes);
        bytes.resize(bytes.len().next_multiple_of(PAGE_BYTES), 0);

        let start = host.offset(symbol)?;
        let mut words = host.bytes[start..].chunks_exact(4);
        let found = words.position(|word| word == jump.to_le_bytes());
        let place = start + 4 * found.with_context(|| format!("no instruction {jump:#x} in {symbol}"))?;
        let distance = (target - place) as u32 / 4;
        bytes[place..][..4].copy_from_slice(&(B | distance & B_DISTANCE).to_le_bytes());
        Ok(bytes)
    }
}

impl Linked {
    fn new(binary: &TargetBinary) -> anyhow::Result<Self> {
        let elf = fs::read(binary.elf_path())?;
        let file = object::File::parse(elf.as_slice())?;
        let bytes = binary.flat()?;
        let start = file.symbols().filter(|symbol| symbol.is_definition());
        let symbols = start.filter_map(|symbol| Some((symbol.name().ok()?.to_owned(), symbol.address())));
        let symbols: BTreeMap<_, _> = symbols.collect();
        // All three are linked from the start of a page on.
        let base = *symbols.get("__image_start").unwrap_or(&0);
        ensure!(base.is_multiple_of(PAGE_BYTES as u64), "an image that starts in a page");
        let symbols = symbols
            .into_iter()
            .filter_map(|(name, address)| Some((name, usize::try_from(address.checked_sub(base)?).ok()?)));
        Ok(Self {
            bytes,
            symbols: symbols.collect(),
        })
    }

    /// Where the only symbol is that has this in its name; or the one that has this name.
    fn offset(&self, part: &str) -> anyhow::Result<usize> {
        if let Some(offset) = self.symbols.get(part) {
            return Ok(*offset);
        }
        let mut found = self.symbols.iter().filter(|(name, _)| name.contains(part));
        match (found.next(), found.next()) {
            (Some((_, offset)), None) => Ok(*offset),
            (None, _) => bail!("no symbol {part}"),
            (Some((one, _)), Some((other, _))) => bail!("{part} is in {one} and in {other}"),
        }
    }
}
