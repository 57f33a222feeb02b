//! The advice on connecting gdb to a machine that waits for it.

use std::fmt::Write as _;

use crate::build::TargetBinaries;
use crate::inspection::Inspection;
use crate::qemu::quoted;
use crate::reference_machine::ReferenceMachine;

/// Lines that say how, with the symbols of what runs where we know them.
///
/// The kernel is linked at 0 and its symbols are given the address at which the bootloader will put
/// it.
pub fn instructions(binaries: Option<&TargetBinaries>, memory_bytes: u64) -> String {
    let mut text = String::from("flint: the CPU waits at its first instruction; connect from another terminal:\n");
    let mut command = String::from("  gdb-multiarch -ex 'set confirm off' -ex 'target remote localhost:1234'");
    if let Some(binaries) = binaries {
        if let Some(entry) = kernel_entry(binaries, memory_bytes) {
            let kernel = binaries.kernel.elf_path().display().to_string();
            let _ = write!(
                command,
                " -ex {}",
                quoted(&format!("add-symbol-file {kernel} -o {entry:#x}"))
            );
        }
        let _ = write!(
            command,
            " {}",
            quoted(&binaries.bootloader.elf_path().display().to_string())
        );
    }
    text.push_str(&command);
    text.push('\n');
    text
}

/// Returns where the bootloader will put the Rust kernel.
fn kernel_entry(binaries: &TargetBinaries, memory_bytes: u64) -> Option<u64> {
    let kernel = binaries.kernel.flat().ok()?;
    let machine = ReferenceMachine::with_memory(memory_bytes).ok()?;
    let inspection = Inspection::of("the Rust kernel", &kernel, &machine);
    inspection.plan.map(|plan| plan.entry)
}
