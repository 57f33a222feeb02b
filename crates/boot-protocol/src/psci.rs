//! PSCI (DEN0022F.b): the calls, and what is made of their answers (Q1, Q2, N1).

use devicetree::PsciConduit;

use crate::Judgement;
use crate::instruction::{Instruction, Trap};
use crate::subject::Cpu;

/// `PSCI_VERSION`.
pub const VERSION: u64 = 0x8400_0000;
/// `CPU_OFF`.
pub const CPU_OFF: u64 = 0x8400_0002;
/// `CPU_ON`, with 64-bit arguments.
pub const CPU_ON: u64 = 0xc400_0003;
/// `AFFINITY_INFO`, with 64-bit arguments.
pub const AFFINITY_INFO: u64 = 0xc400_0004;
/// `SYSTEM_OFF`.
pub const SYSTEM_OFF: u64 = 0x8400_0008;

/// The states that `AFFINITY_INFO` reports of a CPU.
pub const ON: i32 = 0;
/// And of one that is off.
pub const OFF: i32 = 1;

const SUCCESS: i32 = 0;
const INVALID_PARAMETERS: i32 = -2;
const ALREADY_ON: i32 = -4;
const ON_PENDING: i32 = -5;

/// Calls PSCI.
///
/// # Errors
/// The exception that came instead of an answer.
pub fn call(cpu: &mut dyn Cpu, conduit: PsciConduit, function: u64, [x1, x2, x3]: [u64; 3]) -> Result<i32, Trap> {
    let instruction = match conduit {
        PsciConduit::Smc => Instruction::SMC,
        PsciConduit::Hvc => Instruction::HVC,
    };
    // Answers have 32 bits.
    cpu.execute(instruction, [function, x1, x2, x3]).map(|x0| x0 as i32)
}

/// The observation of bringing a CPU in. `None`: it was not asked.
#[derive(Clone, Copy, Debug, Default)]
pub struct Brought {
    /// What `AFFINITY_INFO` said before.
    pub before: Option<Result<i32, Trap>>,
    /// What `CPU_ON` answered.
    pub on: Option<Result<i32, Trap>>,
    /// What `CPU_ON` answered while the CPU was on.
    pub again: Option<Result<i32, Trap>>,
    /// True if it came to the entry point in time.
    pub came: bool,
    /// True if it was done with its checks in time.
    pub finished: bool,
    /// True if it went off in time, as `AFFINITY_INFO` says.
    pub went_off: bool,
}

/// Returns what the first CPU is answered about itself, and about one that does not exist.
pub fn q2_of_first(own: Result<i32, Trap>, own_on: Result<i32, Trap>, nobody_on: Result<i32, Trap>) -> Judgement {
    let wanted = [
        ("AFFINITY_INFO of a CPU that runs", own, ON),
        ("CPU_ON of a CPU that runs", own_on, ALREADY_ON),
        ("CPU_ON of a CPU that does not exist", nobody_on, INVALID_PARAMETERS),
    ];
    for (what, answer, expected) in wanted {
        let expected_text = format_args!("{what} to be answered {expected}");
        match answer {
            Ok(found) if found == expected => {}
            Ok(found) => return Judgement::of(false, expected_text, found),
            Err(trap) => return Judgement::of(false, expected_text, trap),
        }
    }
    Judgement::of(true, "PSCI to know who runs, and who exists", "it does")
}

/// Returns whether a CPU comes when it is called.
pub fn q2(brought: &Brought) -> Judgement {
    judge(
        brought,
        "the CPU off, to come by CPU_ON, to be known as on, and to go by CPU_OFF",
    )
}

/// Returns whether it still does, after all memory that is not reserved was overwritten.
pub fn q1(brought: &Brought) -> Judgement {
    judge(
        brought,
        "the CPU to come and go as before all free memory was overwritten",
    )
}

fn judge(brought: &Brought, expected: &str) -> Judgement {
    let answers = [
        ("AFFINITY_INFO before", brought.before, [OFF, OFF]),
        ("CPU_ON", brought.on, [SUCCESS, SUCCESS]),
        ("CPU_ON of a CPU that is on", brought.again, [ALREADY_ON, ON_PENDING]),
    ];
    for (what, answer, wanted) in answers {
        match answer {
            Some(Ok(answer)) if !wanted.contains(&answer) => {
                return Judgement::of(false, expected, format_args!("{what}: {answer}"));
            }
            Some(Err(trap)) => return Judgement::of(false, expected, format_args!("{what}: {trap}")),
            _ => {}
        }
    }
    match *brought {
        Brought { came: false, .. } => Judgement::of(false, expected, "it did not come"),
        // Which clause that breaks, its last line tells.
        Brought { finished: false, .. } => {
            Judgement::not_observable("a CPU that makes its checks, and goes by CPU_OFF")
        }
        Brought { went_off, .. } => {
            let found = if went_off {
                "it came, and went off"
            } else {
                "it did not go off"
            };
            Judgement::of(went_off, expected, found)
        }
    }
}

/// Returns whether a CPU made all its checks.
pub fn n1(brought: &Brought) -> Judgement {
    let expected = "the CPU to make every check";
    match *brought {
        Brought { came: false, .. } => Judgement::not_observable("a CPU that comes"),
        Brought { finished: false, .. } => Judgement::of(false, expected, "it did not come back from the last one"),
        _ => Judgement::of(true, expected, "it made them"),
    }
}
