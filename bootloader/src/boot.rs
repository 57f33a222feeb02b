//! The boot path: find the device tree and the kernel, plan, give the kernel its device tree, load.

use boards::Board;
use boot_parts::{Given, KernelPart, Parts, Preparation};
use devicetree::{Console as TreeConsole, Devicetree, GicKind, Seeds};
use linux_image::ImageHeader;
use machine::console::Console;
use machine::cpu::{self, ExceptionLevel};
use machine::ram::Ram;
use machine::{cache, hashes, random};

use crate::board::{BOARD, SPACES, first_stack};
use crate::error::BootError;
use crate::load::{self, Initrd, Job};
use crate::log::Log;
use crate::memory::Memory;
use crate::monitor;
use crate::report;
use crate::source::{self, Source};

/// On entry: the first CPU, at the level it reset to, MMU and caches on, on the early stack.
/// Does: boots, or prints the one line that says why not.
/// On exit: the kernel runs, or the CPU has stopped.
pub extern "C" fn start(reset_ticks: u64) -> ! {
    // SAFETY: the board's PL011, mapped as a device; this is the first console of the only CPU that
    // runs.
    let Some(mut console) = (unsafe { Console::new(BOARD.console) }) else {
        cpu::halt()
    };
    // A UART whose clock cannot make 115200 baud keeps the rate it has: better garbled than silent.
    let _ = console.enable(BOARD.console_clock_hz);
    let mut log = Log::new(console, reset_ticks);
    // SAFETY: the page tables map the board's RAM for ever, nothing but they and this stack lies in
    // it, and no other `Ram` has any of it.
    let mut ram = unsafe { Ram::new(BOARD.ram, first_stack()) };

    match prepare(&BOARD, &mut ram, &mut log) {
        // The stack in the secure RAM is in nobody's way.
        Ok(job) if job.is_below_monitor => load::load(ram, (job, log)),
        Ok(job) => ram.continue_on(&SPACES, job.plan.work_area, (job, log), load::load),
        Err(error) => {
            log.error(&error);
            cpu::halt()
        }
    }
}

/// The boot, up to what must not be on the early stack any more, where the kernel may go: each line
/// takes what an earlier one made.
fn prepare(board: &Board, ram: &mut Ram, log: &mut Log) -> Result<Job, BootError> {
    report::reset(log);
    let monitor = match ExceptionLevel::current() {
        ExceptionLevel::El3 => Some(source::monitor()?),
        _ => None,
    };
    let is_below_monitor = monitor.is_some();
    let tree_memory = ram.take(board.devicetree);
    let tree = Devicetree::parse(tree_memory.bytes())?;
    use_described_console(board, &tree, log);
    report::devicetree(log, board, &tree)?;
    if let Some(monitor) = monitor {
        let place = monitor::load(&monitor, &tree, log.console_base())?;
        report::monitor(log, place);
    }

    let in_use = board.in_use();
    let mut memory = Memory::new(board, &in_use, &tree, ram)?;
    let mut source = Source::find(board, &tree, &mut memory)?;
    let offer = source.offer(&mut memory)?;
    let backend = hashes::backend();
    let parts = Parts::of(&offer, &backend)?;
    report::payload(log, &source, &parts);
    let header = kernel_header(&parts)?;
    report::header(log, &header);

    let kernel_tree = parts.devicetree.map(Devicetree::parse).transpose()?;
    let fresh_seeds = fresh_seeds(&tree);
    let preparation = Preparation::new(
        &parts,
        &Given {
            machine: memory.machine(),
            hardware_tree: &tree,
            kernel_tree: kernel_tree.as_ref(),
            header: &header,
            fw_cfg_command_line: source.fw_cfg_command_line(),
            settings_command_line: source.settings_command_line(),
            fw_cfg_initrd_bytes: source.fw_cfg_initrd_bytes(),
            fresh_seeds: fresh_seeds.as_ref(),
            serves_psci: is_below_monitor,
            backend: &backend,
        },
    )?;
    let plan = preparation.plan;
    report::command_line(log, &preparation);
    report::plan(log, &plan);

    let mut planned_tree = memory.ram.take(plan.devicetree);
    preparation.tree.write(planned_tree.bytes_mut())?;
    cache::clean_and_invalidate(planned_tree.range());
    let held = memory.held;
    let has_gicv3 = tree.gic() == Some(GicKind::V3);
    ram.give_back(tree_memory);
    Ok(Job {
        plan,
        is_below_monitor,
        has_gicv3,
        kernel: parts.kernel,
        kernel_image: parts.kernel_image,
        initrd: Initrd::of(&parts, &source),
        fw_cfg: source.into_device(),
        held,
        early_stack: board.early_stack,
    })
}

/// The header of the kernel; of a packed one, what comes out first.
fn kernel_header(parts: &Parts<'_>) -> Result<ImageHeader, BootError> {
    match &parts.kernel {
        KernelPart::Elsewhere { header, .. } => Ok(*header),
        KernelPart::InMemory(kernel) => Ok(kernel.header()?),
    }
}

/// Random numbers, where the machine's tree has none and the CPU makes some.
fn fresh_seeds(tree: &Devicetree<'_>) -> Option<Seeds> {
    if tree.lacks_seeds() {
        random::words().map(Seeds::new)
    } else {
        None
    }
}

/// Switches to the console that the device tree names, where that is another one of the board's and
/// is a PL011.
fn use_described_console(board: &Board, tree: &Devicetree<'_>, log: &mut Log) {
    let Some(TreeConsole::Pl011 { base }) = tree.console() else {
        return;
    };
    if base == log.console_base() || !board.consoles.contains(&base) {
        return;
    }
    // SAFETY: the page tables map the address as a device, `log` writes to another one, and what is
    // there is asked first.
    let described = unsafe { Console::new(base) };
    if let Some(mut console) = described.filter(Console::is_pl011) {
        // As for the first console.
        let _ = console.enable(board.console_clock_hz);
        log.move_to(console);
    }
}
