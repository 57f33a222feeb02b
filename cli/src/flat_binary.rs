//! ELF to flat binary: the bytes that the CPU sees in memory, as `objcopy -O binary` writes them;
//! and the addresses and sizes of its symbols.

use std::collections::BTreeMap;

use object::elf::PT_LOAD;
use object::read::elf::{ElfFile64, ProgramHeader};
use object::{Endianness, Object, ObjectSection, ObjectSymbol, SectionKind};

use crate::Error;

/// More than any flash holds: a longer gap between segments is a mistake in a linker script.
const SIZE_MAX_BYTES: u64 = flash_image::map::FLASH_SIZE_BYTES;

/// The loadable segments of `elf` by physical address, gaps filled with zeros. What has no bytes in
/// the file, such as `.bss` at the end, is left out.
///
/// # Errors
/// `elf` is no 64-bit ELF file, has no segment to load, or spans more than a flash holds.
pub fn flat_binary(elf: &[u8]) -> Result<Vec<u8>, Error> {
    let file = ElfFile64::<Endianness>::parse(elf).map_err(malformed)?;
    let endian = file.endianness();
    let loaded = file.elf_program_headers().iter();
    let loaded = loaded.filter(|segment| segment.p_type(endian) == PT_LOAD && segment.p_filesz(endian) > 0);

    let mut segments = Vec::new();
    for segment in loaded {
        let bytes = segment
            .data(endian, elf)
            .map_err(|()| Error::new("malformed ELF file: a segment is cut short"))?;
        segments.push((segment.p_paddr(endian), bytes));
    }
    let start = segments.iter().map(|(address, _)| *address).min();
    let start = start.ok_or_else(|| Error::new("the ELF file has nothing to load"))?;

    let mut flat = Vec::new();
    for (address, bytes) in segments {
        let offset = address - start;
        if offset.saturating_add(bytes.len() as u64) > SIZE_MAX_BYTES {
            return Err(Error::new(format!(
                "the ELF file spans more than {SIZE_MAX_BYTES} bytes, from {start:#x} on"
            ))
            .help("check the addresses in its linker script"));
        }
        let range = offset as usize..offset as usize + bytes.len();
        flat.resize(flat.len().max(range.end), 0);
        flat[range].copy_from_slice(bytes);
    }
    Ok(flat)
}

/// The address of a symbol of `elf`, if there is one of this name.
///
/// # Errors
/// `elf` is no 64-bit ELF file.
pub fn symbol(elf: &[u8], name: &str) -> Result<Option<u64>, Error> {
    let file = ElfFile64::<Endianness>::parse(elf).map_err(malformed)?;
    Ok(file.symbol_by_name(name).map(|symbol| symbol.address()))
}

/// The name under which [`sizes_by_crate`] has what belongs to no crate: assembly, string literals,
/// and padding.
const REST: &str = "(rest)";

/// Returns the bytes of the flat binary by the crate whose code or data they are.
///
/// # Errors
/// Those of [`flat_binary`].
pub fn sizes_by_crate(elf: &[u8]) -> Result<BTreeMap<String, u64>, Error> {
    let file = ElfFile64::<Endianness>::parse(elf).map_err(malformed)?;
    let is_in_flat = |symbol: &object::read::elf::ElfSymbol64<'_, '_>| {
        let section = symbol
            .section_index()
            .and_then(|index| file.section_by_index(index).ok());
        section.is_some_and(|section| {
            let kind = section.kind();
            matches!(kind, SectionKind::Text | SectionKind::Data | SectionKind::ReadOnlyData)
        })
    };
    let mut sizes = BTreeMap::new();
    for symbol in file.symbols().filter(|symbol| symbol.size() > 0).filter(is_in_flat) {
        let crate_name = symbol.name().ok().and_then(crate_of);
        *sizes.entry(crate_name.unwrap_or_else(|| REST.into())).or_default() += symbol.size();
    }
    let known: u64 = sizes.values().sum();
    *sizes.entry(REST.into()).or_default() += (flat_binary(elf)?.len() as u64).saturating_sub(known);
    Ok(sizes)
}

/// Returns the crate of a mangled name: that of the function, or of the type that it implements
/// something for.
fn crate_of(mangled: &str) -> Option<String> {
    let name = format!("{:#}", rustc_demangle::try_demangle(mangled).ok()?);
    let path = name.trim_start_matches(['<', '&', '[', '*', '(', ' ']);
    let path = ["mut ", "const ", "dyn "]
        .into_iter()
        .find_map(|word| path.strip_prefix(word))
        .unwrap_or(path);
    let end = path.find(|end: char| !end.is_alphanumeric() && end != '_')?;
    path[end..].starts_with("::").then(|| path[..end].to_string())
}

fn malformed(error: object::Error) -> Error {
    Error::new(format!("malformed ELF file: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_crate_of_a_symbol() {
        for (mangled, expected) in [
            (
                "_ZN10decompress13zstd_literals8Literals4read17h5be611e96b41f296E",
                Some("decompress"),
            ),
            (
                "_ZN44_$LT$$RF$T$u20$as$u20$core..fmt..Display$GT$3fmt17hbbd37e8a4e1721eaE",
                None,
            ),
            (
                "_ZN10devicetree4edit40_$LT$impl$u20$devicetree..Devicetree$GT$4edit17h4784a374c3081910E",
                Some("devicetree"),
            ),
            (
                "_ZN62_$LT$machine..console..Console$u20$as$u20$core..fmt..Write$GT$9write_str17h0000000000000000E",
                Some("machine"),
            ),
            ("memcpy", None),
        ] {
            assert_eq!(crate_of(mangled).as_deref(), expected, "{mangled}");
        }
    }

    /// An ELF file with segments of (physical address, bytes in the file, bytes in memory).
    fn elf(segments: &[(u64, &[u8], u64)]) -> Vec<u8> {
        let mut file = vec![0x7f, b'E', b'L', b'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        file.extend([2, 0, 183, 0, 1, 0, 0, 0]);
        file.extend([0; 8]);
        file.extend(64u64.to_le_bytes());
        file.extend([0; 12]);
        file.extend([64, 0, 56, 0, segments.len() as u8, 0, 64, 0, 0, 0, 0, 0]);
        let mut data_offset = 64 + 56 * segments.len() as u64;
        for (address, bytes, memory_size) in segments {
            file.extend(1u32.to_le_bytes());
            file.extend(5u32.to_le_bytes());
            for word in [data_offset, 0xffff_0000, *address, bytes.len() as u64, *memory_size, 8] {
                file.extend(word.to_le_bytes());
            }
            data_offset += bytes.len() as u64;
        }
        segments.iter().for_each(|(_, bytes, _)| file.extend(*bytes));
        file
    }

    #[test]
    fn lays_segments_out_by_physical_address_with_zeros_between() {
        let file = elf(&[(0x1008, b"data", 64), (0x1000, b"text", 4), (0x2000, b"", 0x1000)]);
        assert_eq!(flat_binary(&file).unwrap(), b"text\0\0\0\0data");
    }

    #[test]
    fn refuses_what_is_no_elf_file_or_is_spread_too_far() {
        assert!(flat_binary(b"MZ").is_err());
        assert!(flat_binary(&elf(&[])).is_err());
        assert!(flat_binary(&elf(&[(0, b"a", 1), (u64::MAX - 8, b"b", 1)])).is_err());
    }
}
