//! The machine's device tree as QEMU makes it, and as somebody changed it.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, bail};
use flint_cli::qemu::{Ended, Machine, Qemu};

/// The place where QEMU puts it: at the start of RAM.
pub const ADDRESS: u64 = 0x4000_0000;
/// The time limit for QEMU to write the tree to a file.
const DUMP_LIMIT: Duration = Duration::from_secs(20);
/// The place where the header says how large the tree is, and where the structure block is
/// (Devicetree Specification v0.4, 5.2).
const TOTAL_SIZE: usize = 4;
const OFF_DT_STRUCT: usize = 8;
/// How much of RAM the bootloader takes for the tree.
const WINDOW_SIZE_BYTES: usize = 2 << 20;

/// A change of a device tree.
#[derive(Clone, Debug)]
pub enum TreeEdit {
    /// This big-endian word, at this offset from the start of the blob.
    Word(usize, u32),
    /// This big-endian word, at this offset from the start of the structure block.
    StructureWord(usize, u32),
    /// The first occurrence of these bytes becomes others, as many.
    Replace(Vec<u8>, Vec<u8>),
    /// This device tree source is appended, with the compiler `dtc`.
    Source(&'static str),
}

impl TreeEdit {
    /// The first occurrence of a text becomes another, as long.
    pub fn text(from: &str, to: &str) -> Self {
        Self::Replace(from.into(), to.into())
    }

    fn apply(&self, tree: &mut Vec<u8>) -> anyhow::Result<()> {
        match self {
            Self::Word(offset, value) => put_word(tree, *offset, *value),
            Self::StructureWord(offset, value) => {
                let start = tree.get(OFF_DT_STRUCT..).and_then(|rest| rest.first_chunk());
                let start = u32::from_be_bytes(*start.context("the device tree has no header")?);
                put_word(tree, start as usize + offset, *value)
            }
            Self::Replace(from, to) => {
                let found = tree.windows(from.len()).position(|window| window == from);
                let found =
                    found.with_context(|| format!("the device tree has no {:?}", from.escape_ascii().to_string()))?;
                if from.len() != to.len() {
                    bail!("a replacement in the device tree must be as long as what it replaces");
                }
                tree[found..][..to.len()].copy_from_slice(to);
                Ok(())
            }
            Self::Source(more) => {
                let mut source = dtc("dtb", "dts", tree)?;
                source.extend_from_slice(more.as_bytes());
                *tree = dtc("dts", "dtb", &source)?;
                Ok(())
            }
        }
    }
}

/// Returns why `edits` cannot be made, if they cannot.
pub fn missing(edits: &[TreeEdit]) -> Option<String> {
    let needs_compiler = edits.iter().any(|edit| matches!(edit, TreeEdit::Source(_)));
    let found = || Command::new("dtc").arg("--version").output();
    (needs_compiler && found().is_err())
        .then(|| "there is no dtc; it is in Debian's package device-tree-compiler".into())
}

/// Returns what `dtc` makes of `input`. It reads all of that before it writes.
fn dtc(from: &str, to: &str, input: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut command = Command::new("dtc");
    command.args(["-q", "-q", "-I", from, "-O", to]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    child.stdin.take().context("dtc does not listen")?.write_all(input)?;
    let output = child.wait_with_output()?;
    if !output.status.success() {
        bail!("dtc cannot turn {from} into {to}; see its message above");
    }
    Ok(output.stdout)
}

/// The device tree of `machine` with `edits`, up to its last byte that is not zero. Makes a file in
/// `folder`.
///
/// # Errors
/// QEMU does not write it, or an edit does not apply.
pub fn edited(qemu: &Qemu, machine: &Machine, edits: &[TreeEdit], folder: &Path) -> anyhow::Result<Vec<u8>> {
    let mut tree = with_edits(dump(qemu, machine, &folder.join("machine.dtb"))?, edits)?;
    let used = tree.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    tree.truncate(used);
    Ok(tree)
}

/// A device tree with `edits`.
///
/// # Errors
/// An edit does not apply.
pub fn with_edits(mut tree: Vec<u8>, edits: &[TreeEdit]) -> anyhow::Result<Vec<u8>> {
    edits.iter().try_for_each(|edit| edit.apply(&mut tree))?;
    Ok(tree)
}

/// A tree of [`edited`] with the zeros at its end, as in a file.
pub fn whole(mut tree: Vec<u8>) -> Vec<u8> {
    let total_size = tree.get(TOTAL_SIZE..).and_then(|rest| rest.first_chunk());
    let total_size = total_size.map_or(0, |size| u32::from_be_bytes(*size) as usize);
    tree.resize(total_size.max(tree.len()), 0);
    tree
}

/// Returns what the bootloader sees in RAM where `tree` was put: zeros behind it.
pub fn as_in_ram(tree: &[u8]) -> Vec<u8> {
    let mut window = tree.to_vec();
    window.resize(WINDOW_SIZE_BYTES.max(tree.len()), 0);
    window
}

fn dump(qemu: &Qemu, machine: &Machine, path: &Path) -> anyhow::Result<Vec<u8>> {
    let mut machine = machine.clone();
    let option = format!("dumpdtb={}", path.display());
    machine.extra.extend(["-machine".into(), option.into()]);
    let outcome = qemu.run_until(&machine, None, None, &[], DUMP_LIMIT)?;
    match outcome.ended {
        Ended::Exited(status) if status.success() => Ok(fs::read(path)?),
        _ => bail!("QEMU does not write its device tree: {}", outcome.console),
    }
}

fn put_word(tree: &mut [u8], offset: usize, value: u32) -> anyhow::Result<()> {
    let place = tree.get_mut(offset..).and_then(|rest| rest.first_chunk_mut());
    *place.context("the edit is outside the device tree")? = value.to_be_bytes();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_words_and_texts() {
        let mut tree = vec![0; 32];
        tree[11] = 16;
        tree[20..24].copy_from_slice(b"name");
        TreeEdit::Word(0, 0xd00d_feed).apply(&mut tree).unwrap();
        TreeEdit::StructureWord(8, 7).apply(&mut tree).unwrap();
        TreeEdit::text("name", "game").apply(&mut tree).unwrap();
        assert_eq!(tree[..4], [0xd0, 0x0d, 0xfe, 0xed]);
        assert_eq!((tree[27], &tree[20..24]), (7, b"game".as_slice()));
    }

    #[test]
    fn says_when_an_edit_finds_no_place() {
        let mut tree = vec![0; 16];
        assert!(TreeEdit::Word(14, 0).apply(&mut tree).is_err());
        assert!(TreeEdit::text("name", "game").apply(&mut tree).is_err());
        assert!(TreeEdit::Replace(vec![0], vec![1, 2]).apply(&mut tree).is_err());
    }
}
