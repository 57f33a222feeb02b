use super::*;

const NOP: u32 = 0xd503_201f;
/// `madd x8, x21, x8, x9`.
const MADD: u32 = 0x9b08_26a8;
/// `ldr w11, [x19, #1084]`.
const LDR: u32 = 0xb944_3e6b;
/// `adrp x0, #4096`.
const ADRP_X0: u32 = 0xb000_0000;
/// `str x1, [x2]`.
const STR: u32 = 0xf900_0041;
/// `ldr x1, [x0, #8]`.
const LDR_BY_X0: u32 = 0xf940_0401;
/// A page's last place but one.
const NEAR_END: u64 = 0x4_0ff8;

fn found(address: u64, words: &[u32]) -> Vec<(Erratum, u64)> {
    let code: Vec<_> = words
        .iter()
        .map(|word| Instruction::from_le_bytes(word.to_le_bytes()))
        .collect();
    sequences(address, &code).collect()
}

#[test]
fn finds_every_memory_access_before_a_multiply_accumulate() {
    for (word, text) in [
        (LDR, "ldr w11, [x19, #1084]"),
        (0x5800_0049, "ldr x9, #8"),
        (0xfd40_0020, "ldr d0, [x1]"),
        (0x3ce4_6862, "ldr q2, [x3, x4]"),
        (0x4c40_7020, "ld1 {v0.16b}, [x1]"),
        (0x0c82_0020, "st4 {v0.8b-v3.8b}, [x1], x2"),
        (0xa94a_2be9, "ldp x9, x10, [sp, #160]"),
        (0x2901_7fff, "stp wzr, wzr, [sp, #8]"),
        (0xa800_0861, "stnp x1, x2, [x3]"),
        (0xc85f_7c41, "ldxr x1, [x2]"),
        (0x889f_fc41, "stlr w1, [x2]"),
        (0xc87f_8861, "ldaxp x1, x2, [x3]"),
        (0xc800_7c41, "stxr w0, x1, [x2]"),
        (0xf821_0062, "ldadd x1, x2, [x3]"),
        (0xb8e1_8062, "swpal w1, w2, [x3]"),
        (0xc8a1_7c62, "cas x1, x2, [x3]"),
        (0xf980_0020, "prfm pldl1keep, [x1]"),
        (0xd800_0080, "prfm pldl1keep, #16"),
        (0xf89f_f020, "prfum pldl1keep, [x1, #-1]"),
        (0xf840_0841, "ldtr x1, [x2]"),
        (0xf800_8441, "str x1, [x2], #8"),
        (0xf840_8c41, "ldr x1, [x2, #8]!"),
        (0xd920_0841, "stg x1, [x2]"),
        // The multiplication needs what is loaded: no erratum by GNU ld, but by LLVM.
        (0xf940_0048, "ldr x8, [x2]"),
    ] {
        let found = found(0x1000, &[NOP, word, MADD, NOP]);
        assert_eq!(found, [(Erratum::MultiplyAccumulate, 0x1008)], "{text}");
    }
}

#[test]
fn finds_every_multiply_accumulate_after_a_memory_access() {
    for (word, text) in [
        (MADD, "madd x8, x21, x8, x9"),
        (0x9b02_8c20, "msub x0, x1, x2, x3"),
        (0x9b22_0c20, "smaddl x0, w1, w2, x3"),
        (0x9b22_8c20, "smsubl x0, w1, w2, x3"),
        (0x9baa_612a, "umaddl x10, w9, w10, x24"),
        (0x9ba2_8c20, "umsubl x0, w1, w2, x3"),
    ] {
        assert_eq!(found(0, &[LDR, word]), [(Erratum::MultiplyAccumulate, 4)], "{text}");
    }
}

#[test]
fn lets_other_instructions_follow_a_memory_access() {
    for (word, text) in [
        (0x9b02_7c20, "mul x0, x1, x2"),
        (0x9b02_fc20, "mneg x0, x1, x2"),
        (0x9ba2_7c20, "umull x0, w1, w2"),
        (0x9b42_7c20, "smulh x0, x1, x2"),
        (0x9bc2_7c20, "umulh x0, x1, x2"),
        (0x1b02_0c20, "madd w0, w1, w2, w3"),
        (0x4ea2_9420, "mla v0.4s, v1.4s, v2.4s"),
        (0x1f42_0c20, "fmadd d0, d1, d2, d3"),
        (NOP, "nop"),
    ] {
        assert_eq!(found(0, &[LDR, word]), [], "{text}");
    }
}

#[test]
fn lets_a_multiply_accumulate_follow_other_instructions() {
    for (word, text) in [
        (NOP, "nop"),
        (0x9b02_7c20, "mul x0, x1, x2"),
        (0x9100_2000, "add x0, x0, #8"),
        (0x1000_0040, "adr x0, #8"),
        (0xd65f_03c0, "ret"),
        (0xd503_3fbf, "dmb sy"),
    ] {
        assert_eq!(found(0, &[LDR, word, MADD]), [], "{text}");
    }
    assert_eq!(found(0, &[MADD, LDR]), []);
    assert_eq!(found(0, &[MADD]), []);
}

#[test]
fn finds_every_access_between_adrp_and_its_use() {
    for (word, text) in [
        (STR, "str x1, [x2]"),
        (0xf900_0001, "str x1, [x0]"),
        (0xf940_0041, "ldr x1, [x2]"),
        (0xfd40_0040, "ldr d0, [x2]"),
        (0xf980_0040, "prfm pldl1keep, [x2]"),
        (0xd800_0080, "prfm pldl1keep, #16"),
        (0x5800_0049, "ldr x9, #8"),
        (0x5c00_0040, "ldr d0, #8"),
        (0xf85f_f041, "ldur x1, [x2, #-1]"),
        (0xf840_0841, "ldtr x1, [x2]"),
        (0xf863_6841, "ldr x1, [x2, x3]"),
        (0xf840_8441, "ldr x1, [x2], #8"),
        (0xc85f_7c41, "ldxr x1, [x2]"),
        (0xc803_7c41, "stxr w3, x1, [x2]"),
        (0x889f_fc41, "stlr w1, [x2]"),
        (0xa900_0861, "stp x1, x2, [x3]"),
        (0xa800_0861, "stnp x1, x2, [x3]"),
        (0xad00_0861, "stp q1, q2, [x3]"),
        (0x4c00_7020, "st1 {v0.16b}, [x1]"),
        (0x4c00_a020, "st1 {v0.16b-v1.16b}, [x1]"),
        (0x4c00_6020, "st1 {v0.16b-v2.16b}, [x1]"),
        (0x4c00_2020, "st1 {v0.16b-v3.16b}, [x1]"),
        (0x0d00_0420, "st1 {v0.b}[1], [x1]"),
        (0x0d00_4820, "st1 {v0.h}[1], [x1]"),
        (0x0d00_9020, "st1 {v0.s}[1], [x1]"),
    ] {
        let three = found(NEAR_END, &[ADRP_X0, word, LDR_BY_X0]);
        assert_eq!(three, [(Erratum::PageAddress, NEAR_END + 8)], "{text}");
        let four = found(NEAR_END, &[ADRP_X0, word, NOP, LDR_BY_X0]);
        assert_eq!(four, [(Erratum::PageAddress, NEAR_END + 12)], "{text}");
    }
}

#[test]
fn lets_other_instructions_stand_between_adrp_and_its_use() {
    for (word, text) in [
        (NOP, "nop"),
        // They write the register of `adrp`.
        (0xf940_0040, "ldr x0, [x2]"),
        (0x5800_0040, "ldr x0, #8"),
        (0xc85f_7c40, "ldxr x0, [x2]"),
        (0xf840_8401, "ldr x1, [x0], #8"),
        (0xf800_8401, "str x1, [x0], #8"),
        (0xf800_8c01, "str x1, [x0, #8]!"),
        (0xa881_0801, "stp x1, x2, [x0], #16"),
        (0xa981_0801, "stp x1, x2, [x0, #16]!"),
        (0x4c82_7000, "st1 {v0.16b}, [x0], x2"),
        (0x0d9f_9000, "st1 {v0.s}[1], [x0], #4"),
        // They are of no class that the erratum is about.
        (0xa940_0861, "ldp x1, x2, [x3]"),
        (0xa840_0861, "ldnp x1, x2, [x3]"),
        (0x0d40_9020, "ld1 {v0.s}[1], [x1]"),
        (0x4c40_7020, "ld1 {v0.16b}, [x1]"),
        (0x4c00_8020, "st2 {v0.16b-v1.16b}, [x1]"),
        (0x0d00_b020, "st3 {v0.s-v2.s}[1], [x1]"),
    ] {
        assert_eq!(found(NEAR_END, &[ADRP_X0, word, LDR_BY_X0]), [], "{text}");
        assert_eq!(found(NEAR_END, &[ADRP_X0, word, NOP, LDR_BY_X0]), [], "{text}");
    }
}

#[test]
fn finds_every_use_with_an_unsigned_offset() {
    for (word, is_use, text) in [
        (LDR_BY_X0, true, "ldr x1, [x0, #8]"),
        (0x3900_0401, true, "strb w1, [x0, #1]"),
        (0x3dc0_0401, true, "ldr q1, [x0, #16]"),
        (0xf940_0461, false, "ldr x1, [x3, #8]"),
        (0xf85f_f001, false, "ldur x1, [x0, #-1]"),
        (0xf862_6801, false, "ldr x1, [x0, x2]"),
        (0xa940_0801, false, "ldp x1, x2, [x0]"),
        (0x9100_2000, false, "add x0, x0, #8"),
    ] {
        assert_eq!(
            found(NEAR_END, &[ADRP_X0, STR, word]).len(),
            usize::from(is_use),
            "{text}"
        );
        assert_eq!(
            found(NEAR_END, &[ADRP_X0, STR, NOP, word]).len(),
            usize::from(is_use),
            "{text}"
        );
    }
}

#[test]
fn lets_branches_end_the_sequence() {
    for (word, text) in [
        (0x1400_0002, "b #8"),
        (0x9400_0002, "bl #8"),
        (0x5400_0040, "b.eq #8"),
        (0xb400_0041, "cbz x1, #8"),
        (0x3718_0041, "tbnz w1, #3, #8"),
        (0xd65f_03c0, "ret"),
        (0xd63f_0060, "blr x3"),
        (0xd69f_03e0, "eret"),
    ] {
        assert_eq!(found(NEAR_END, &[ADRP_X0, STR, word, LDR_BY_X0]), [], "{text}");
    }
}

#[test]
fn looks_for_adrp_at_the_last_two_places_of_a_page() {
    let sequence = [ADRP_X0, STR, LDR_BY_X0];
    let is_found = |offset: u64| !found(0x7000 + offset, &sequence).is_empty();
    assert_eq!(
        [0, 0x7f8, 0xff4, 0xff8, 0xffc].map(is_found),
        [false, false, false, true, true]
    );
    let adr = 0x1000_0040;
    assert_eq!(found(NEAR_END, &[adr, STR, LDR_BY_X0]), []);
    // Too far behind it, or not there any more.
    assert_eq!(found(NEAR_END, &[ADRP_X0, STR, NOP, NOP, LDR_BY_X0]), []);
    assert_eq!(found(NEAR_END, &[ADRP_X0, STR]), []);
}

/// Flags of a section: in memory.
const ALLOCATED: u64 = 1 << 1;
/// Flags of a section: in memory, with instructions.
const EXECUTABLE: u64 = ALLOCATED | 1 << 2;

/// An ELF file with `words` at 0x1000 in a section with `flags`, mapping symbols, and a function
/// `code` at 0x1000.
fn elf_file(flags: u64, words: &[u32], marks: &[(&str, u64)]) -> Vec<u8> {
    const HEADER_BYTES: usize = 64;
    const FUNCTION: u8 = 2;
    let text: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    let mut names = b"\0".to_vec();
    let mut symbols = vec![0; 24];
    let marks = marks.iter().map(|(name, address)| (*name, 0, *address));
    for (name, kind, address) in [("code", FUNCTION, 0x1000)].into_iter().chain(marks) {
        symbols.extend((names.len() as u32).to_le_bytes());
        symbols.extend([kind, 0, 1, 0]);
        symbols.extend([address, 0].map(u64::to_le_bytes).concat());
        names.extend(name.bytes().chain([0]));
    }
    // Program bits, symbol table, string table, each with its flags, address, link and entry size.
    let sections = [
        (1u32, flags, 0x1000, 0u32, 0, text),
        (2, 0, 0, 3, 24, symbols),
        (3, 0, 0, 0, 0, names),
    ];

    let mut contents = Vec::new();
    let mut headers = vec![0; 64];
    for (kind, flags, address, link, entry_bytes, bytes) in sections {
        headers.extend([0, kind].map(u32::to_le_bytes).concat());
        let offset = (HEADER_BYTES + contents.len()) as u64;
        headers.extend(
            [flags, address, offset, bytes.len() as u64]
                .map(u64::to_le_bytes)
                .concat(),
        );
        headers.extend([link, 0].map(u32::to_le_bytes).concat());
        headers.extend([1, entry_bytes].map(u64::to_le_bytes).concat());
        contents.extend(bytes);
    }
    contents.resize(contents.len().next_multiple_of(8), 0);

    let mut file = b"\x7fELF\x02\x01\x01".to_vec();
    file.resize(16, 0);
    file.extend([2, 0, 183, 0, 1, 0, 0, 0]);
    file.resize(40, 0);
    file.extend(((HEADER_BYTES + contents.len()) as u64).to_le_bytes());
    file.extend([0, 0, 0, 0, 64, 0, 56, 0, 0, 0, 64, 0, 4, 0, 3, 0]);
    [file, contents, headers].concat()
}

fn addresses(elf: &[u8]) -> Vec<u64> {
    scan(elf).unwrap().iter().map(|hit| hit.address).collect()
}

#[test]
fn names_the_place_and_the_function() {
    let hits = scan(&elf_file(EXECUTABLE, &[NOP, LDR, MADD], &[("$x", 0x1000)])).unwrap();
    let message = "0x1008 in code: Cortex-A53 erratum 835769: a memory access before a 64-bit multiply-accumulate";
    assert_eq!(hits.iter().map(ToString::to_string).collect::<Vec<_>>(), [message]);
}

#[test]
fn takes_no_data_for_code_and_loses_no_code_behind_it() {
    let words = [LDR, MADD, LDR, MADD, LDR, MADD];
    let marks = [("$x", 0x1000), ("$d.3", 0x1008), ("$x.4", 0x1010)];
    assert_eq!(addresses(&elf_file(EXECUTABLE, &words, &marks)), [0x1004, 0x1014]);
    // A load that ends the code before data does not come before the code behind it.
    let marks = [("$x", 0x1000), ("$d", 0x1004), ("$x", 0x1014)];
    assert_eq!(addresses(&elf_file(EXECUTABLE, &words, &marks)), [0; 0]);
}

#[test]
fn looks_across_the_borders_of_functions() {
    let marks = [("$x", 0x1000), ("$x", 0x1004)];
    assert_eq!(addresses(&elf_file(EXECUTABLE, &[LDR, MADD], &marks)), [0x1004]);
}

#[test]
fn takes_what_is_not_marked_for_sure_for_code() {
    let words = [LDR, MADD];
    assert_eq!(addresses(&elf_file(EXECUTABLE, &words, &[])), [0x1004]);
    for marks in [[("$d", 0x1000), ("$x", 0x1000)], [("$x", 0x1000), ("$d", 0x1000)]] {
        assert_eq!(addresses(&elf_file(EXECUTABLE, &words, &marks)), [0x1004]);
    }
    // A mark behind the end.
    let marks = [("$x", 0x1000), ("$d", 0x2000)];
    assert_eq!(addresses(&elf_file(EXECUTABLE, &words, &marks)), [0x1004]);
    // Symbols that only look like marks.
    let marks = [("$x", 0x1000), ("$data", 0x1000), ("$", 0x1004)];
    assert_eq!(addresses(&elf_file(EXECUTABLE, &words, &marks)), [0x1004]);
}

#[test]
fn refuses_a_file_without_code() {
    assert!(scan(b"MZ").is_err());
    assert!(scan(&elf_file(ALLOCATED, &[LDR, MADD], &[])).is_err());
    assert!(scan(&elf_file(EXECUTABLE, &[], &[])).is_err());
    assert!(scan(&elf_file(EXECUTABLE, &[LDR, MADD], &[("$d", 0x1000)])).is_err());
}
