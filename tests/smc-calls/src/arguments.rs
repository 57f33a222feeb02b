//! Calls of any kind: known functions with arguments that mean something, near misses, and noise.

use crate::arrival;
use crate::cpus::{self, Cpu};
use crate::expected::Call;
use crate::function::{
    Argument, CPU_DEFAULT_SUSPEND, CPU_OFF, CPU_ON, CPU_SUSPEND, FUNCTIONS, PSCI_VERSION, SMC64, SVE_HINT, SYSTEM_OFF,
    SYSTEM_OFF2, SYSTEM_RESET, SYSTEM_RESET2, SYSTEM_SUSPEND,
};
use crate::registers::ARGUMENTS;
use crate::start;

/// The upper half of a register.
const UPPER: u64 = !0 << 32;
/// The place where no kernel can be entered: the flash, the monitor, its variables, the UART, and
/// behind what any CPU can address.
const NO_RAM: [u64; 7] = [0, 0x0e00_0000, 0x0e20_0000, 0x0900_0000, 1 << 48, !0, !0 << 2];

/// x0 to x17 for a call by `cpu` with this endianness, one that the run survives.
pub fn any(cpu: &Cpu, is_big_endian: bool) -> [u64; ARGUMENTS] {
    let random = cpu.random();
    let mut x: [u64; ARGUMENTS] = core::array::from_fn(|_| random.next());
    let (function, arguments) = random.of(FUNCTIONS);
    let known = u64::from(function | if random.once_in(2) { SMC64 } else { 0 });
    let id = match random.below(8) {
        0..=4 => Some(known),
        5 => Some(known ^ 1 << random.below(32)),
        6 => Some(known ^ (random.next() & 0x1f)),
        _ => None,
    };
    if let Some(id) = id {
        // What is above the id is no part of it, nor is the hint.
        let hint = u64::from(if random.once_in(4) { SVE_HINT } else { 0 });
        x[0] = id ^ hint | if random.once_in(4) { random.next() & UPPER } else { 0 };
        for (x, kind) in x[1..].iter_mut().zip(arguments) {
            let kind = if random.once_in(16) { Argument::Any } else { kind };
            let noise = if random.once_in(8) { random.next() & UPPER } else { 0 };
            *x = argument(kind, cpu) ^ noise;
        }
    }
    tame(&mut x, cpu, is_big_endian);
    x
}

/// An argument: mostly one that means something.
fn argument(kind: Argument, cpu: &Cpu) -> u64 {
    let random = cpu.random();
    match kind {
        Argument::Affinity => match random.below(12) {
            0 => cpu.affinity() | 1 << 31,
            1 => cpus::all().count() as u64,
            2 => 1 << random.below(64),
            3 => random.next(),
            4 => cpu.affinity(),
            _ => {
                let place = random.below(cpus::all().count());
                cpus::all().nth(place).map_or(0, Cpu::affinity)
            }
        },
        Argument::Entry => match random.below(10) {
            0..=5 => arrival::address(),
            6 => arrival::address() + 1 + random.below(3) as u64,
            7 => start::image_header().as_ptr().addr() as u64 | 2,
            8 => random.of(&NO_RAM),
            _ => random.next(),
        },
        Argument::PowerState => match random.below(8) {
            0..=2 => 0,
            3..=5 => 1 << 16 | random.of(&[0, 0, 1, 2, 3]) << 24,
            6 => 1 << random.below(32),
            _ => random.next(),
        },
        Argument::Function => {
            let (function, _) = random.of(FUNCTIONS);
            u64::from(function) ^ random.of(&[0, 0, u64::from(SMC64), u64::from(SMC64), u64::from(SVE_HINT), 1])
        }
        Argument::Register => {
            let registers = [0x1e_1100, 0x1e_1140, 0x1e_1320, 0x1e_a500];
            random.of(&registers) ^ if random.once_in(4) { 1 << random.below(64) } else { 0 }
        }
        Argument::Small => match random.below(6) {
            0..=3 => random.next() & 3,
            4 => random.next() & 0xf,
            _ => random.next(),
        },
        Argument::Any => random.of(&[0, 1, !0, random.next()]),
    }
}

/// Makes of a call that would end the machine, or let a CPU run where there is no code, one that
/// does not.
fn tame(x: &mut [u64; ARGUMENTS], cpu: &Cpu, is_big_endian: bool) {
    let call = Call::of(x);
    let entry_at = match call.base() {
        SYSTEM_OFF | SYSTEM_RESET => return harmless(x),
        // The first CPU is there to turn others on.
        CPU_OFF if cpus::is_first(cpu) => return harmless(x),
        // No such type.
        SYSTEM_RESET2 | SYSTEM_OFF2 => {
            x[1] |= 2;
            return;
        }
        CPU_SUSPEND | CPU_ON => 2,
        CPU_DEFAULT_SUSPEND | SYSTEM_SUSPEND => 1,
        _ => return,
    };
    let entry = call.masked(x[entry_at]);
    if cpus::may_be_ram(entry) && entry.is_multiple_of(4) {
        x[entry_at] = x[entry_at] ^ entry ^ arrival::address();
    }
    if call.base() == CPU_ON {
        let target = call.masked(x[1]);
        x[3] = cpus::all()
            .find(|cpu| cpu.affinity() == target)
            .map_or(x[3], |cpu| cpu.start_context(is_big_endian));
    }
}

fn harmless(x: &mut [u64; ARGUMENTS]) {
    x[0] = x[0] & UPPER | u64::from(PSCI_VERSION);
}
