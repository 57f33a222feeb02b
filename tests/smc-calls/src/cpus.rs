//! State that the CPUs share: a [`Cpu`] for each. Every field has one CPU that writes it at a time.

use core::sync::atomic::{AtomicU64, Ordering};

use devicetree::Devicetree;
use machine::cpu::ExceptionLevel;
use machine::exceptions::ReportStack;

use crate::random::Random;

/// The most CPUs. Those that the device tree has beyond are left off.
pub const CPUS_MAX: usize = 16;

/// The affinity fields of `MPIDR_EL1`; not the monitor's constant, whose answers are held against
/// this one.
pub const AFFINITY: u64 = 0xff_00ff_ffff;

/// The CPUs, in the order of the device tree.
pub static CPUS: [Cpu; CPUS_MAX] = [const { Cpu::new() }; CPUS_MAX];

/// The place where each of them reports exceptions.
static REPORT_STACKS: [ReportStack; CPUS_MAX] = [const { ReportStack::new() }; CPUS_MAX];

/// The level that the first CPU was entered at, as all are.
static LEVEL: AtomicU64 = AtomicU64::new(0);

/// From the lowest address of RAM to the end of the highest bank.
static RAM: [AtomicU64; 2] = [const { AtomicU64::new(0) }; 2];

/// A CPU. Its first field is what a CPU that starts looks for.
#[repr(C)]
pub struct Cpu {
    affinity: AtomicU64,
    state: AtomicU64,
    /// What it is to find in x0 when it comes back from a power-down state, and whether it is to be
    /// big-endian then.
    context: AtomicU64,
    is_big_endian: AtomicU64,
    random: AtomicU64,
    /// The number of calls that it has still to make.
    pub left: AtomicU64,
    /// The number of calls that returned with a result that is no error.
    pub answered: AtomicU64,
    /// How many returned with an error.
    pub refused: AtomicU64,
    /// The number of times that it turned a CPU on, and how often it was turned on itself.
    pub starts_asked: AtomicU64,
    pub starts: AtomicU64,
}

/// What a CPU is about to be, said before the call that makes it so.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u64)]
pub enum State {
    /// Off: the first CPU is to turn it on.
    Off,
    /// On.
    On,
    /// In a power-down state, or on the way there.
    Suspended,
    /// It has nothing more to do, and is off.
    Done,
    /// It has said what is wrong, and stopped.
    Failed,
}

impl Cpu {
    const fn new() -> Self {
        Self {
            affinity: AtomicU64::new(0),
            state: AtomicU64::new(State::Off as u64),
            context: AtomicU64::new(0),
            is_big_endian: AtomicU64::new(0),
            random: AtomicU64::new(0),
            left: AtomicU64::new(0),
            answered: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            starts_asked: AtomicU64::new(0),
            starts: AtomicU64::new(0),
        }
    }

    /// Its affinity fields.
    pub fn affinity(&self) -> u64 {
        self.affinity.load(Ordering::Relaxed)
    }

    /// Returns whether that is its state.
    pub fn is(&self, state: State) -> bool {
        self.state.load(Ordering::Acquire) == state as u64
    }

    /// Makes it that.
    pub fn set(&self, state: State) {
        self.state.store(state as u64, Ordering::Release);
    }

    /// It goes to a power-down state, and is to come back with `context` in x0 and this endianness.
    pub fn suspend(&self, context: u64, is_big_endian: bool) {
        self.context.store(context, Ordering::Relaxed);
        self.is_big_endian.store(is_big_endian.into(), Ordering::Relaxed);
        self.set(State::Suspended);
    }

    /// Returns whether it may find `context` in x0 when it comes in with this endianness. Where it
    /// was turned on, that is [`Self::start_context`], or the lower half of it after an SMC32 call.
    pub fn may_find(&self, context: u64, is_big_endian: bool) -> bool {
        let start = self.start_context(is_big_endian);
        match self.is(State::Suspended) {
            true => {
                context == self.context.load(Ordering::Relaxed)
                    && u64::from(is_big_endian) == self.is_big_endian.load(Ordering::Relaxed)
            }
            false => !self.is(State::On) && (context == start || context == start & 0xffff_ffff),
        }
    }

    /// The context that a caller of this endianness passes to it when it turns it on.
    pub fn start_context(&self, is_big_endian: bool) -> u64 {
        let of_cpu = 0xc0de_0000_0001_0000_u64 ^ self.affinity().rotate_left(16) ^ self.affinity();
        of_cpu ^ u64::from(is_big_endian) << 15
    }

    /// Returns whether it was ever on.
    pub fn has_come_in(&self) -> bool {
        is_first(self) || self.starts.load(Ordering::Relaxed) > 0
    }

    /// Returns where it reports exceptions.
    pub fn report_stack(&'static self) -> &'static ReportStack {
        let place = CPUS.iter().position(|cpu| core::ptr::eq(cpu, self));
        &REPORT_STACKS[place.unwrap_or(0)]
    }

    /// Its random numbers.
    pub fn random(&self) -> Random<'_> {
        Random(&self.random)
    }

    /// Gives it its share.
    pub fn prepare(&self, calls: u64, seed: u64) {
        self.left.store(calls, Ordering::Relaxed);
        self.random.store(seed, Ordering::Relaxed);
    }
}

/// One more. There is one CPU that counts.
pub fn count(counter: &AtomicU64) {
    counter.store(counter.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
}

/// Takes CPUs and RAM from the device tree, or says what it lacks.
pub fn note(tree: &Devicetree<'_>) -> Result<(), &'static str> {
    // No affinity: the end of the list.
    for cpu in &CPUS {
        cpu.affinity.store(u64::MAX, Ordering::Relaxed);
    }
    for (cpu, affinity) in CPUS.iter().zip(tree.cpus()) {
        cpu.affinity.store(affinity, Ordering::Relaxed);
    }
    let own = machine::cpu::affinity();
    if first().affinity() != own {
        return Err("CPU that is this one for its first");
    }
    first().set(State::On);
    LEVEL.store(ExceptionLevel::current() as u64, Ordering::Relaxed);
    let ram = tree.ram().map_err(|_| "RAM")?;
    let (first, last) = (ram.first().ok_or("RAM")?, ram.last().ok_or("RAM")?);
    RAM[0].store(first.start(), Ordering::Relaxed);
    RAM[1].store(last.end(), Ordering::Relaxed);
    Ok(())
}

/// Those that there are.
pub fn all() -> impl Iterator<Item = &'static Cpu> {
    CPUS.iter().take_while(|cpu| cpu.affinity() != u64::MAX)
}

/// The one that the machine started with, which is never off.
pub fn first() -> &'static Cpu {
    &CPUS[0]
}

/// Returns whether it is that one.
pub fn is_first(cpu: &Cpu) -> bool {
    cpu.affinity() == first().affinity()
}

/// Returns whether the CPU that runs is at the level that the first one was entered at.
pub fn is_at_level() -> bool {
    ExceptionLevel::current() as u64 == LEVEL.load(Ordering::Relaxed)
}

/// Returns whether an address may be RAM, where code could run that is none.
pub fn may_be_ram(address: u64) -> bool {
    (RAM[0].load(Ordering::Relaxed)..RAM[1].load(Ordering::Relaxed)).contains(&address)
}
