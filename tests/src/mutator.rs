//! [`Mutator`]: the firmware, with its first instruction or one of its last jumps led to a function
//! of `tests/mutations`.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context, bail, ensure};
use flint_cli::build::{self, Firmware, TargetBinaries, TargetBinary};
use object::{Object, ObjectSymbol};

/// `eret`.
const ERET: u32 = 0xd69f_03e0;
/// `br x4`.
const BR_X4: u32 = 0xd61f_0080;
/// `msr daifset, #0xf`.
const MASK_ALL: u32 = 0xd503_4fdf;
/// `b`, and the bits of its distance in instructions.
const B: u32 = 0x1400_0000;
const B_DISTANCE: u32 = 0x03ff_ffff;
/// What is found by page must stay where it is in its page.
pub(crate) const PAGE_BYTES: usize = 4096;
/// What the names of those begin with that break nothing, but fill the machine with garbage.
pub const POISON: &str = "poison";
/// The place where the monitor's size is in it, and that of its code, which is all of a mutated
/// one: the mutations are behind its constants, and are executed.
const MONITOR_SIZE: usize = 8;
const MONITOR_CODE_SIZE: usize = 16;

/// The jump that is redirected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Jump {
    /// No jump yet, but the bootloader's first instruction, on each CPU that resets: it runs later.
    FromReset,
    /// The bootloader's, to the kernel.
    ToKernel,
    /// The monitor's, to the normal world, on each CPU.
    ToNormalWorld,
    /// The monitor's, at the end of a call.
    FromCall,
}

/// The firmware to mutate, and the mutations.
#[derive(Debug)]
pub struct Mutator {
    pub(crate) bootloader: Linked,
    pub(crate) monitor: Linked,
    mutations: Linked,
}

/// A flat binary, and where in it the symbols of its ELF file are.
#[derive(Debug)]
pub(crate) struct Linked {
    /// The binary.
    pub(crate) bytes: Vec<u8>,
    symbols: BTreeMap<String, usize>,
    /// The place where it is linked to run.
    base: u64,
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

    /// The names of all mutations: each begins with a clause, or with what poisons.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let names = self.mutations.symbols.keys().map(String::as_str);
        names.filter(|name| {
            let clause = name.split('_').next().unwrap_or_default();
            let number = clause.trim_start_matches(|c: char| c.is_ascii_lowercase());
            clause == POISON || clause.len() == number.len() + 1 && number.parse::<u8>().is_ok()
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
            Jump::FromReset => firmware.bootloader = self.detour(&self.bootloader, "reset", MASK_ALL, mutation)?,
            Jump::ToKernel => {
                firmware.bootloader = self.lead(&self.bootloader, "hand_over5leave", BR_X4, mutation)?.0;
            }
            Jump::ToNormalWorld => firmware.monitor = self.lead(&self.monitor, "world5leave", ERET, mutation)?.0,
            Jump::FromCall => firmware.monitor = self.lead(&self.monitor, "monitor_call", ERET, mutation)?.0,
        }
        let monitor_size = firmware.monitor.len() as u64;
        firmware.monitor[MONITOR_SIZE..][..8].copy_from_slice(&monitor_size.to_le_bytes());
        if matches!(jump, Jump::ToNormalWorld | Jump::FromCall) {
            firmware.monitor[MONITOR_CODE_SIZE..][..8].copy_from_slice(&monitor_size.to_le_bytes());
        }
        Ok(firmware)
    }

    /// `host`, with all mutations behind it, and the first `jump` from a symbol on led to one of
    /// them; and where that is.
    fn lead(&self, host: &Linked, symbol: &str, jump: u32, mutation: &str) -> anyhow::Result<(Vec<u8>, usize)> {
        let mut bytes = host.bytes.clone();
        bytes.resize(host.size_in_pages(), 0);
        bytes.extend(&self.mutations.bytes);
        bytes.resize(bytes.len().next_multiple_of(PAGE_BYTES), 0);

        let start = host.offset(symbol)?;
        let mut words = host.bytes[start..].chunks_exact(4);
        let found = words.position(|word| word == jump.to_le_bytes());
        let place = start + 4 * found.with_context(|| format!("no instruction {jump:#x} in {symbol}"))?;
        put_branch(
            &mut bytes,
            place,
            host.size_in_pages() + self.mutations.offset(mutation)?,
        );
        Ok((bytes, place))
    }

    /// The same with any instruction, which is executed after the mutation; what comes next is what
    /// came next before.
    fn detour(&self, host: &Linked, symbol: &str, instruction: u32, mutation: &str) -> anyhow::Result<Vec<u8>> {
        let (mut bytes, place) = self.lead(host, symbol, instruction, mutation)?;
        let end = host.size_in_pages() + self.mutations.offset("displaced")?;
        bytes[end..][..4].copy_from_slice(&instruction.to_le_bytes());
        put_branch(&mut bytes, end + 4, place + 4);
        Ok(bytes)
    }
}

/// Puts a branch to `target` at `place`.
pub(crate) fn put_branch(bytes: &mut [u8], place: usize, target: usize) {
    let distance = target.wrapping_sub(place) as u32 >> 2;
    bytes[place..][..4].copy_from_slice(&(B | distance & B_DISTANCE).to_le_bytes());
}

impl Linked {
    /// Reads a binary that was built.
    ///
    /// # Errors
    /// Its ELF file cannot be read.
    pub(crate) fn new(binary: &TargetBinary) -> anyhow::Result<Self> {
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
            base,
        })
    }

    /// Returns where something that starts in a page can be put behind it.
    fn size_in_pages(&self) -> usize {
        self.bytes.len().next_multiple_of(PAGE_BYTES)
    }

    /// The address of a symbol, as of [`Self::offset`].
    pub(crate) fn address(&self, part: &str) -> anyhow::Result<u64> {
        Ok(self.base + self.offset(part)? as u64)
    }

    /// Returns where the only symbol is that has this in its name; or the one that has this name.
    pub(crate) fn offset(&self, part: &str) -> anyhow::Result<usize> {
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
