//! Reports: what the monitor says when a CPU stops, or when it had to step in. A report is one
//! piece, whoever else has something to say.

use core::fmt::{self, Write};

use machine::console::Console;
use machine::el3::trap::{self, Clause};
use machine::exceptions::{self, Frame};
use machine::syndrome::Syndrome;
use machine::{counter, cpu};
use platform::stacks;
use spin::mutex::SpinMutex;

use crate::board::BOARD;
use crate::boot::{self, BootError};
use crate::entry;
use crate::trap::{Below, Registers};
use crate::world;

/// The time that a report waits for that of another CPU, in microseconds. One takes 150 ms at
/// 115200 baud.
const TURN_LIMIT_MICROS: u64 = 500_000;

/// Held by the CPU that reports.
static TURN: SpinMutex<()> = SpinMutex::new(());

/// Says that the monitor cannot serve this CPU, and why; stops the CPU.
pub fn cannot_serve(error: BootError) -> ! {
    last_words(|console| {
        let (affinity, code) = (cpu::affinity(), error.code());
        writeln!(
            console,
            "error: the monitor cannot serve CPU {affinity:#x}: {error} [{code}]"
        )
    });
    world::stop()
}

/// Reports an exception of the monitor itself, which is a bug, and stops the CPU.
pub fn unexpected(frame: &Frame, vector: u64) -> ! {
    last_words(|console| {
        let guards = stacks::guards_of_cpu(BOARD.secure.stacks.start(), entry::own_place() as u64);
        exceptions::write_report(console, frame, vector, guards.as_ref().map_or(&[], |guards| guards))?;
        write_cpu(console)
    });
    world::stop()
}

/// Reports an exception that a kernel has caused before it had vectors of its own, and stops the
/// CPU.
pub fn kernel_fault(registers: &Registers, below: &Below) -> ! {
    last_words(|console| {
        let (kind, from) = exceptions::vector_names(below.vector);
        let level = below.level.name();
        for part in ["\nerror: ", kind, " exception taken to ", level, " from ", from] {
            console.write_str(part)?;
        }
        console.write_str(", by a kernel that has set no vectors of its own [boot-exception]\n")?;
        below.cause.write(console)?;
        exceptions::write_general(console, registers.general())?;
        write_cpu(console)
    });
    world::stop()
}

/// Reports an exception of the normal world that EL3 has no answer to, and stops the CPU.
pub fn unanswered(registers: &Registers) -> ! {
    last_words(|console| {
        let syndrome = exceptions::syndrome();
        console.write_str("\nerror: synchronous exception taken to EL3 from a lower level [boot-exception]\n")?;
        writeln!(console, "  ESR  {:#018x}  {syndrome}", syndrome.0)?;
        writeln!(console, "  ELR  {:#018x}", exceptions::link())?;
        if syndrome.has_fault_address() {
            writeln!(console, "  FAR  {:#018x}", exceptions::fault_address())?;
        }
        exceptions::write_general(console, registers.general())?;
        write_cpu(console)
    });
    world::stop()
}

/// Says that an instruction of the normal world has trapped to EL3 and is answered as undefined,
/// and the clause by which it should not have trapped.
pub fn trapped(syndrome: Syndrome) {
    last_words(|console| {
        let (affinity, link) = (cpu::affinity(), exceptions::link());
        writeln!(
            console,
            "\nmonitor: CPU {affinity:#x} trapped to EL3 at {link:#x} (ESR {:#x}), and takes it as undefined [monitor-trap]",
            syndrome.0
        )?;
        match trap::clause(syndrome) {
            Some(clause) => write_clause(console, clause),
            None => Ok(()),
        }
    });
}

fn write_clause(console: &mut Console, clause: Clause) -> fmt::Result {
    writeln!(
        console,
        "  clause: by {clause} this does not trap to EL3; see flint explain {clause}"
    )
}

fn write_cpu(console: &mut Console) -> fmt::Result {
    writeln!(console, "  CPU  {:#x}", cpu::affinity())
}

/// Lets `write` say something once no other CPU does, or for too long.
pub fn last_words(write: impl FnOnce(&mut Console) -> fmt::Result) {
    let address = boot::platform().map_or(BOARD.console, |platform| platform.console);
    // SAFETY: a PL011 of the board, mapped as a device. The normal world may write to it, too: its
    // lines may be cut.
    let Some(mut console) = (unsafe { Console::new(address) }) else {
        return;
    };
    let gives_up_at = counter::micros().saturating_add(TURN_LIMIT_MICROS);
    let mut turn = TURN.try_lock();
    while turn.is_none() && counter::micros() < gives_up_at {
        core::hint::spin_loop();
        turn = TURN.try_lock();
    }
    // A UART has no errors to give back.
    let _ = write(&mut console);
    console.flush();
}
