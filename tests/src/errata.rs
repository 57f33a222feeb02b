//! Errata of Cortex-A53 that depend on the instructions of a program alone, looked for in ELF
//! files.
//!
//! Source: Arm's "Cortex-A53 MPCore Software Developers Errata Notice" (ARM-EPM-048406), for r0p0
//! to r0p4. The conditions are those by which the toolchains decide: LLVM and GNU ld for 835769,
//! lld for 843419. Where these differ, the stricter one is taken: a false alarm costs a `nop`.

mod instruction;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;

use anyhow::{Context, ensure};
use instruction::Instruction;
use object::read::elf::ElfFile64;
use object::{Endianness, Object, ObjectSection, ObjectSymbol, SectionKind, SymbolKind};

/// The size of an instruction in bytes.
const INSTRUCTION_BYTES: usize = 4;
/// The page size that `adrp` counts in, in bytes.
const PAGE_BYTES: u64 = 4096;
/// The first offset in a page at which erratum 843419 can strike.
const LAST_TWO_INSTRUCTIONS: u64 = 0xff8;

/// An erratum of Cortex-A53.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Erratum {
    /// 835769: a 64-bit multiply-accumulate right after a memory access may give a wrong result.
    MultiplyAccumulate,
    /// 843419: a load or store whose base comes from an `adrp` at the end of a page may use a wrong
    /// address.
    PageAddress,
}

/// A sequence of instructions that can trigger an erratum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The erratum.
    pub erratum: Erratum,
    /// The address of the sequence's last instruction, as linked.
    pub address: u64,
    /// The function around that address, by its mangled name; empty if the file does not tell.
    pub function: String,
}

impl fmt::Display for Hit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let erratum = match self.erratum {
            Erratum::MultiplyAccumulate => "835769: a memory access before a 64-bit multiply-accumulate",
            Erratum::PageAddress => "843419: adrp at the end of a page before a load or store by its result",
        };
        write!(
            f,
            "{:#x} in {}: Cortex-A53 erratum {erratum}",
            self.address, self.function
        )
    }
}

/// Finds all sequences in the executable sections of `elf`.
///
/// # Errors
/// `elf` is no 64-bit ELF file, or has no instructions to look at.
pub fn scan(elf: &[u8]) -> anyhow::Result<Vec<Hit>> {
    let file = ElfFile64::<Endianness>::parse(elf).context("malformed ELF file")?;
    let functions: BTreeMap<u64, &str> = file
        .symbols()
        .filter(|symbol| symbol.kind() == SymbolKind::Text)
        .filter_map(|symbol| Some((symbol.address(), symbol.name().ok()?)))
        .collect();
    let function_at = |address: u64| {
        let function = functions.range(..=address).next_back();
        function.map_or_else(String::new, |(_, name)| (*name).into())
    };
    let mut hits = Vec::new();
    let mut is_empty = true;
    for section in file.sections().filter(|section| section.kind() == SectionKind::Text) {
        let marks = file
            .symbols()
            .filter(|symbol| symbol.section_index() == Some(section.index()))
            .filter_map(|symbol| Some((symbol.address(), Content::marked_by(symbol.name().ok()?)?)));
        let bytes = section.data().context("malformed ELF file")?;
        for (address, code) in code_in(section.address(), bytes, marks) {
            is_empty &= code.is_empty();
            hits.extend(sequences(address, &code).map(|(erratum, address)| Hit {
                erratum,
                address,
                function: function_at(address),
            }));
        }
    }
    ensure!(!is_empty, "the ELF file has no instructions");
    Ok(hits)
}

/// The content of a part of a section; data comes first in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Content {
    Data,
    Code,
}

impl Content {
    /// Returns the content that begins at a mapping symbol of this name (AAELF64, "Mapping
    /// symbols"): `$x` or `$d`, or one of these with a dot and anything behind it.
    fn marked_by(name: &str) -> Option<Self> {
        match name.split('.').next()? {
            "$x" => Some(Self::Code),
            "$d" => Some(Self::Data),
            _ => None,
        }
    }
}

/// Splits the code of a section into its runs, each with its address; `marks` are the section's
/// mapping symbols. Bytes before the first mark are taken for code, as are those after two
/// different marks of one place: data taken for code can be seen and explained, code taken for data
/// would hide what is there.
fn code_in(
    section_address: u64,
    bytes: &[u8],
    marks: impl Iterator<Item = (u64, Content)>,
) -> Vec<(u64, Vec<Instruction>)> {
    let mut marks: Vec<_> = marks.collect();
    marks.sort();
    // Of two entries for one address, the map keeps the later one.
    let starts = [(section_address, Content::Code)].into_iter().chain(marks);
    let mut starts: Vec<_> = starts.collect::<BTreeMap<_, _>>().into_iter().collect();
    // Each function has a mark of its own: a run goes on from one to the next.
    starts.dedup_by_key(|(_, content)| *content);

    let offset = |address: u64| {
        let offset = usize::try_from(address.saturating_sub(section_address));
        offset.unwrap_or(usize::MAX).min(bytes.len())
    };
    let ends = starts
        .iter()
        .skip(1)
        .map(|(address, _)| offset(*address))
        .chain([bytes.len()]);
    let runs = starts
        .iter()
        .zip(ends)
        .filter(|((_, content), _)| *content == Content::Code);
    let runs = runs.map(|((address, _), end)| {
        let words = bytes[offset(*address)..end].as_chunks::<INSTRUCTION_BYTES>().0.iter();
        (*address, words.map(|word| Instruction::from_le_bytes(*word)).collect())
    });
    runs.collect()
}

/// Finds the sequences in `code`, whose first instruction is at `address`: the erratum, and the
/// address of the last instruction.
fn sequences(address: u64, code: &[Instruction]) -> impl Iterator<Item = (Erratum, u64)> {
    (0..code.len()).flat_map(move |index| {
        let at = |index: usize| address + (index * INSTRUCTION_BYTES) as u64;
        let rest = &code[index..];
        let multiply = is_multiply_after_access(rest).then(|| (Erratum::MultiplyAccumulate, at(index + 1)));
        let page = (at(index) % PAGE_BYTES >= LAST_TWO_INSTRUCTIONS)
            .then(|| length_of_page_address_sequence(rest))
            .flatten()
            .map(|length| (Erratum::PageAddress, at(index + length - 1)));
        [multiply, page].into_iter().flatten()
    })
}

/// Returns whether `code` begins with the sequence of erratum 835769. As for LLVM, it makes no
/// difference whether the multiplication needs what is loaded; GNU ld lets such a pair pass.
fn is_multiply_after_access(code: &[Instruction]) -> bool {
    matches!(code, [first, second, ..] if first.is_memory_access() && second.is_multiply_accumulate())
}

/// Returns the number of instructions of the sequence of erratum 843419 that `code` begins with, if
/// it does, and is at one of the last two places of a page: 3, or 4 with another instruction before
/// the last one.
fn length_of_page_address_sequence(code: &[Instruction]) -> Option<usize> {
    let [first, second, rest @ ..] = code else {
        return None;
    };
    let base = first.adrp_destination()?;
    if !second.is_access_of_843419() || second.writes(base) {
        return None;
    }
    let uses_base = |instruction: &Instruction| instruction.base_of_unsigned_offset_access() == Some(base);
    match rest {
        [third, ..] if uses_base(third) => Some(3),
        [third, fourth, ..] if !third.is_branch() && uses_base(fourth) => Some(4),
        _ => None,
    }
}
