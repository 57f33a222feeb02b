//! [`System`]: all CPUs, and what a call does to them.

use phys_range::PhysRange;

use crate::cpu::{AFFINITY_MASK, State};
use crate::function::Function;
use crate::queries::psci_features;
use crate::request::low;
use crate::{Answer, Arrival, Cpu, Error, Features, PowerState, Random, Request, Start, trng};

/// What PSCI_VERSION answers: 1.1 (5.1.1).
const PSCI_VERSION: u64 = 0x1_0001;
/// What SMCCC_VERSION answers: 1.2.
const SMCCC_VERSION: u64 = 0x1_0002;
/// What MIGRATE_INFO_TYPE answers: there is no trusted OS that would have to move (5.1.7).
const MIGRATION_NOT_REQUIRED: u64 = 2;
/// The size of an A64 instruction, in bytes.
const INSTRUCTION_SIZE_BYTES: u64 = 4;

/// The CPUs of a machine. A CPU is called by its place among them.
#[derive(Debug)]
pub struct System<'a> {
    pub(crate) cpus: &'a mut [Cpu],
    pub(crate) features: Features,
    pub(crate) normal_ram: &'a [PhysRange],
}

impl<'a> System<'a> {
    /// The system of these CPUs, of which `first` is on, and has `features`. Entry points lie in `normal_ram`: RAM of the normal world, with nothing of the
    /// monitor in it.
    pub fn new(cpus: &'a mut [Cpu], first: usize, normal_ram: &'a [PhysRange], features: Features) -> Self {
        if let Some(cpu) = cpus.get_mut(first) {
            cpu.set_on();
        }
        Self {
            cpus,
            features,
            normal_ram,
        }
    }

    /// Takes notice of another CPU, which has `features`: answers about all CPUs are only as good as the least of them.
    pub fn join(&mut self, features: Features) {
        self.features = self.features.and(features);
    }

    /// The place of the CPU with this MPIDR.
    pub fn position(&self, mpidr: u64) -> Option<usize> {
        let affinity = mpidr & AFFINITY_MASK;
        self.cpus.iter().position(|cpu| cpu.affinity() == affinity)
    }

    /// What the monitor does about `request`, which CPU `caller` makes. `now_us` is how many microseconds ago reset was; most calls do not
    /// ask.
    pub fn call(&mut self, caller: usize, request: &Request, now_us: impl FnOnce() -> u64) -> Answer {
        self.serve(caller, request, now_us)
            .unwrap_or_else(|error| Answer::Return(error.x0()))
    }

    /// What CPU `cpu` does, which asks from where CPUs are parked, or because of an interrupt while it is suspended. It may ask as often
    /// as it likes: a start is handed out once.
    pub fn arrive(&mut self, cpu: usize, now_us: u64) -> Arrival {
        self.cpus.get_mut(cpu).map_or(Arrival::Park, |cpu| cpu.arrive(now_us))
    }

    fn serve(&mut self, caller: usize, request: &Request, now_us: impl FnOnce() -> u64) -> Result<Answer, Error> {
        let function = Function::of(request.function_id()).ok_or(Error::NotSupported)?;
        let [first, second, third] = request.arguments();
        if function.is_trng() {
            self.features.trng()?;
        }
        let value = match function {
            Function::CpuSuspend => return self.cpu_suspend(caller, low(first), [second, third], now_us()),
            Function::CpuDefaultSuspend => return self.power_down(caller, [first, second], now_us()),
            Function::CpuOff => return self.cpu_off(caller, now_us()),
            Function::CpuOn => return self.cpu_on(first, [second, third]),
            Function::SystemSuspend => return self.system_suspend(caller, [first, second], now_us()),
            Function::SystemOff => return Ok(Answer::SystemOff),
            Function::SystemReset => return Ok(Answer::SystemReset),
            Function::SystemReset2 => return system_reset2(low(first)),
            Function::TrngGetUuid => return Ok(Answer::TrngUuid),
            Function::TrngRnd => return Random::asked_for(request).map(Answer::Random),
            Function::TrngVersion => trng::TRNG_VERSION,
            Function::TrngFeatures => trng::features(low(first))?,
            Function::SetSuspendMode => set_suspend_mode(low(first))?,
            Function::AffinityInfo => self.affinity_info(first, low(second))?,
            Function::NodeHwState => self.node_hw_state(first, low(second))?,
            Function::StatResidency => self.statistic(first, low(second)).residency_us,
            Function::StatCount => self.statistic(first, low(second)).count,
            Function::PsciFeatures => psci_features(low(first))?,
            Function::PsciVersion => PSCI_VERSION,
            Function::MigrateInfoType => MIGRATION_NOT_REQUIRED,
            Function::SmcccVersion => SMCCC_VERSION,
            Function::SmcccArchFeatures => self.arch_features(low(first))?,
            Function::Workaround1 | Function::Workaround2 | Function::Workaround3 => self.workaround(function)?,
        };
        Ok(Answer::Return(request.result(value)))
    }

    /// CPU_ON (5.1.4).
    fn cpu_on(&mut self, target: u64, entry: [u64; 2]) -> Result<Answer, Error> {
        let (position, _) = self.named(target)?;
        let start = self.start(entry)?;
        self.cpu(position)?.start(start)?;
        Ok(Answer::Wake(position))
    }

    /// CPU_OFF (5.1.3). The last CPU may go too: a system that is to be turned off has a call of its own.
    fn cpu_off(&mut self, caller: usize, now_us: u64) -> Result<Answer, Error> {
        self.cpu(caller)?.stop(now_us);
        Ok(Answer::Off)
    }

    /// CPU_SUSPEND (5.1.2). A standby state has no use for an entry point, so that anything may stand there.
    fn cpu_suspend(&mut self, caller: usize, state: u32, entry: [u64; 2], now_us: u64) -> Result<Answer, Error> {
        match PowerState::requested(state)? {
            PowerState::Standby => {
                self.cpu(caller)?.stand_by(now_us);
                Ok(Answer::Standby)
            }
            PowerState::PowerDown => self.power_down(caller, entry, now_us),
        }
    }

    /// CPU_SUSPEND to the power-down state, and CPU_DEFAULT_SUSPEND (5.1.17), for which that is the default.
    fn power_down(&mut self, caller: usize, entry: [u64; 2], now_us: u64) -> Result<Answer, Error> {
        let start = self.start(entry)?;
        self.cpu(caller)?.power_down(start, now_us);
        Ok(Answer::Suspend)
    }

    /// SYSTEM_SUSPEND (5.1.19): by the last CPU that is on, with no other about to be.
    fn system_suspend(&mut self, caller: usize, entry: [u64; 2], now_us: u64) -> Result<Answer, Error> {
        let mut others = self.cpus.iter().enumerate().filter(|(place, _)| *place != caller);
        if others.any(|(_, cpu)| cpu.state() != State::Off) {
            return Err(Error::Denied);
        }
        self.power_down(caller, entry, now_us)?;
        Ok(Answer::SystemSuspend)
    }

    /// The start that arguments ask for. An odd address would mean T32 code, which no CPU can enter here: all start in AArch64.
    fn start(&self, [entry, context_id]: [u64; 2]) -> Result<Start, Error> {
        let instruction = PhysRange::new(entry, INSTRUCTION_SIZE_BYTES);
        let instruction = instruction.filter(|_| entry.is_multiple_of(INSTRUCTION_SIZE_BYTES));
        instruction
            .filter(|it| self.normal_ram.iter().any(|ram| ram.contains(it)))
            .map(|_| Start { entry, context_id })
            .ok_or(Error::InvalidAddress)
    }

    /// The CPU that an argument names, with nothing but zeros beside the affinity fields (5.1.4), and its place.
    pub(crate) fn named(&self, target: u64) -> Result<(usize, &Cpu), Error> {
        let mut cpus = self.cpus.iter().enumerate();
        cpus.find(|(_, cpu)| cpu.affinity() == target)
            .ok_or(Error::InvalidParameters)
    }

    fn cpu(&mut self, position: usize) -> Result<&mut Cpu, Error> {
        self.cpus.get_mut(position).ok_or(Error::InternalFailure)
    }
}

/// SYSTEM_RESET2 (5.1.12): the architectural warm reset, and no vendor's.
const fn system_reset2(reset_type: u32) -> Result<Answer, Error> {
    match reset_type {
        0 => Ok(Answer::SystemWarmReset),
        _ => Err(Error::InvalidParameters),
    }
}

/// PSCI_SET_SUSPEND_MODE (5.1.20): platform-coordinated is how it is; OS-initiated is known and not implemented.
const fn set_suspend_mode(mode: u32) -> Result<u64, Error> {
    match mode {
        0 => Ok(0),
        1 => Err(Error::NotSupported),
        _ => Err(Error::InvalidParameters),
    }
}
