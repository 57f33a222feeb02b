//! The boot path: find the device tree and the kernel, plan, give the kernel its device tree, load.

use boards::Board;
use boot_plan::{Machine, PageSizes, Plan};
use devicetree::edit::Edits;
use devicetree::{Console as TreeConsole, Devicetree, GicKind};
use flash_image::{FlashError, FlashImage, FlashKernel, map};
use machine::cache;
use machine::console::{self, Console};
use machine::cpu::{self, ExceptionLevel};
use machine::ram::{self, Ram};
use phys_range::PhysRange;

use crate::board::BOARD;
use crate::error::BootError;
use crate::load::{self, Payload};
use crate::log::Log;
use crate::report;

/// On entry: the first CPU, at the level it reset to, MMU and caches on, on the early stack.
/// Does: boots, or prints the one line that says why not.
/// On exit: the kernel runs, or the CPU has stopped.
pub extern "C" fn start(reset_ticks: u64) -> ! {
    // SAFETY: the board's PL011, mapped as a device; this is the first console of the only CPU that runs.
    let Some(mut console) = (unsafe { Console::new(BOARD.console) }) else {
        cpu::halt()
    };
    // A UART whose clock cannot make 115200 baud keeps the rate it has: better garbled than silent.
    let _ = console.enable(BOARD.console_clock_hz);
    let mut log = Log::new(console, reset_ticks);
    // SAFETY: the page tables map the board's RAM for ever, nothing but this stack lies in it, and this is the only `Ram`.
    let mut ram = unsafe { Ram::new(BOARD.ram, BOARD.early_stack) };

    match prepare(&BOARD, &mut ram, &mut log) {
        Ok(payload) => ram.continue_on(payload.plan.work_area, (payload, log), load::load),
        Err(error) => {
            log.error(&error);
            cpu::halt()
        }
    }
}

/// The boot, up to what must not be on the early stack any more, where the kernel may go: each line takes what an earlier one made.
fn prepare(board: &Board, ram: &mut Ram, log: &mut Log) -> Result<Payload, BootError> {
    report::reset(log);
    if ExceptionLevel::current() == ExceptionLevel::El3 {
        return Err(BootError::ResetAtEl3);
    }
    let tree_memory = ram.take(board.devicetree);
    let tree = Devicetree::parse(tree_memory.bytes())?;
    use_described_console(board, &tree, log);
    report::devicetree(log, board, &tree)?;

    let flash = read_flash()?;
    report::payload(log, &flash);
    let edits = Edits {
        bootargs: flash.settings.and_then(|settings| settings.command_line),
        ..Edits::default()
    };
    report::command_line(log, &edits, &tree)?;
    let plan = plan(board, &tree, &flash.kernel, &edits)?;
    report::plan(log, &plan);

    let mut planned_tree = ram.take(plan.devicetree);
    tree.write_edited(&edits, planned_tree.bytes_mut())?;
    cache::clean_and_invalidate(planned_tree.range());
    let has_gicv3 = tree.gic() == Some(GicKind::V3);
    ram.give_back(tree_memory);
    Ok(Payload {
        plan,
        has_gicv3,
        kernel: flash.kernel.bytes,
        early_stack: board.early_stack,
    })
}

/// Goes on on the console that the device tree names, where that is another one, can be reached, and is a PL011.
fn use_described_console(board: &Board, tree: &Devicetree<'_>, log: &mut Log) {
    let Some(TreeConsole::Pl011 { base }) = tree.console() else {
        return;
    };
    let reachable =
        PhysRange::new(base, console::SIZE_BYTES).is_some_and(|registers| board.devices.contains(&registers));
    if base == log.console_base() || !reachable {
        return;
    }
    // SAFETY: the page tables map the address as a device, `log` writes to another one, and what is there is asked first.
    let described = unsafe { Console::new(base) };
    if let Some(mut console) = described.filter(Console::is_pl011) {
        // As for the first console.
        let _ = console.enable(board.console_clock_hz);
        log.move_to(console);
    }
}

/// The two parts of the flash that a boot reads.
fn read_flash() -> Result<FlashImage<'static>, FlashError> {
    // SAFETY: the flash is mapped, in read mode since reset, and the bootloader sends it no commands.
    let part = |range| unsafe { ram::flash(range) };
    FlashImage::from_parts(part(map::SETTINGS), part(map::KERNEL))
}

/// Where everything goes, from what the device tree, the CPU and the kernel's header say.
fn plan(board: &Board, tree: &Devicetree<'_>, kernel: &FlashKernel<'_>, edits: &Edits<'_>) -> Result<Plan, BootError> {
    let in_use = board.in_use();
    let machine = Machine {
        ram: tree.ram()?,
        reserved: tree.reservations()?,
        mapped: board.ram,
        in_use: &in_use,
        page_sizes: PageSizes::from_id_aa64mmfr0(cpu::memory_model_id()),
    };
    let plan = Plan::new(
        &machine,
        &kernel.header,
        kernel.bytes.len() as u64,
        tree.edited_size_max(edits),
    )?;
    Ok(plan)
}
