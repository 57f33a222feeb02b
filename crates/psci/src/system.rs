//! [`System`]: all CPUs, and what a call does to them.

use phys_range::PhysRange;

use crate::cpu::{State, affinity};
use crate::function::Function;
use crate::request::low;
use crate::{Answer, Arrival, Cpu, Error, Features, PowerState, Random, Request, Start, trng};

/// The answer of PSCI_VERSION: 1.3 (5.1.1). All that 1.2 and 1.3 add is optional (6.9, table 17).
const PSCI_VERSION: u64 = 0x1_0003;
/// The answer of SMCCC_VERSION: 1.3.
const SMCCC_VERSION: u64 = 0x1_0003;
/// The answer of MIGRATE_INFO_TYPE: there is no trusted OS that would have to move (5.1.7).
const MIGRATION_NOT_REQUIRED: u64 = 2;
/// The size of an A64 instruction, in bytes.
const INSTRUCTION_SIZE_BYTES: u64 = 4;

/// The hibernate type HIBERNATE_OFF of SYSTEM_OFF2 (5.1.10), and its flag in PSCI_FEATURES (table
/// 11).
pub(crate) const HIBERNATE_OFF: u64 = 1;

/// The control that a machine has of its power. The functions for anything else are NOT_SUPPORTED.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PowerControl {
    /// It can be turned off: SYSTEM_OFF, SYSTEM_OFF2.
    pub off: bool,
    /// It can be reset: SYSTEM_RESET, SYSTEM_RESET2.
    pub reset: bool,
}

/// The CPUs of a machine. A CPU is called by its place among them.
#[derive(Debug)]
pub struct System<'a> {
    pub(crate) cpus: &'a mut [Cpu],
    pub(crate) normal_ram: &'a [PhysRange],
    pub(crate) power: PowerControl,
}

impl<'a> System<'a> {
    /// The system of these CPUs, of which `first` is on and has `features`; the others have to
    /// [`join`](Self::join). Entry points lie in `normal_ram`: RAM of the normal world, with
    /// nothing of the monitor in it.
    pub fn new(
        cpus: &'a mut [Cpu],
        first: usize,
        features: Features,
        normal_ram: &'a [PhysRange],
        power: PowerControl,
    ) -> Self {
        if let Some(cpu) = cpus.get_mut(first) {
            cpu.join(features);
            cpu.set_on();
        }
        Self {
            cpus,
            normal_ram,
            power,
        }
    }

    /// Takes notice of the CPU at `place`, which has arrived in the monitor and has `features`.
    /// From here on it is off and can be started. Answers about all CPUs are only as good as the
    /// least of them.
    pub fn join(&mut self, place: usize, features: Features) {
        if let Some(cpu) = self.cpus.get_mut(place) {
            cpu.join(features);
        }
    }

    /// Takes notice that EL3 has stopped the CPU at `place`, which will never run again. The
    /// monitor calls this on the CPU itself, before it halts.
    pub fn stopped(&mut self, place: usize) {
        if let Some(cpu) = self.cpus.get_mut(place) {
            cpu.fail();
        }
    }

    /// The place of the CPU with this MPIDR.
    pub fn position(&self, mpidr: u64) -> Option<usize> {
        let affinity = affinity(mpidr);
        self.cpus.iter().position(|cpu| cpu.affinity() == affinity)
    }

    /// Returns what the monitor does about `request`, which CPU `caller` makes. `now_us`:
    /// microseconds since reset; most calls do not ask.
    pub fn call(&mut self, caller: usize, request: &Request, now_us: impl FnOnce() -> u64) -> Answer {
        self.serve(caller, request, now_us)
            .unwrap_or_else(|error| Answer::Return(error.x0()))
    }

    /// Returns what CPU `cpu` does, which asks from where CPUs are parked, or because of an
    /// interrupt while it is suspended. It may ask as often as it likes: a start is handed out
    /// once.
    pub fn arrive(&mut self, cpu: usize, now_us: u64) -> Arrival {
        self.cpus.get_mut(cpu).map_or(Arrival::Park, |cpu| cpu.arrive(now_us))
    }

    fn serve(&mut self, caller: usize, request: &Request, now_us: impl FnOnce() -> u64) -> Result<Answer, Error> {
        let function = self.served(request.function_id())?;
        let [first, second, third] = request.arguments();
        let start = |entry, context_id| Start {
            entry,
            context_id,
            is_big_endian: request.is_big_endian,
        };
        let value = match function {
            Function::CpuSuspend => return self.cpu_suspend(caller, low(first), start(second, third), now_us()),
            Function::CpuDefaultSuspend => return self.power_down(caller, start(first, second), now_us()),
            Function::CpuOff => return self.cpu_off(caller, now_us()),
            Function::CpuOn => return self.cpu_on(first, start(second, third)),
            Function::SystemSuspend => return self.system_suspend(caller, start(first, second), now_us()),
            Function::SystemOff => return Ok(Answer::SystemOff),
            Function::SystemOff2 => return system_off2(low(first), second),
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
            Function::PsciFeatures => self.psci_features(low(first))?,
            Function::PsciVersion => PSCI_VERSION,
            Function::MigrateInfoType => MIGRATION_NOT_REQUIRED,
            Function::SmcccVersion => SMCCC_VERSION,
            Function::SmcccArchFeatures => return self.arch_features(caller, low(first)),
            Function::FeatureAvailability => return Ok(Self::feature_availability(first)),
            Function::Workaround(workaround) => self.workaround(workaround)?,
        };
        Ok(Answer::Return(request.result(value)))
    }

    /// The function with this id, if this machine has it.
    pub(crate) fn served(&self, id: u32) -> Result<Function, Error> {
        let function = Function::of(id).ok_or(Error::NotSupported)?;
        let is_served = match function {
            Function::SystemOff | Function::SystemOff2 => self.power.off,
            Function::SystemReset | Function::SystemReset2 => self.power.reset,
            _ if function.is_trng() => self.joined().all(|features| features.random_numbers),
            _ => true,
        };
        if is_served {
            Ok(function)
        } else {
            Err(Error::NotSupported)
        }
    }

    /// The features of all CPUs that have joined.
    pub(crate) fn joined(&self) -> impl Iterator<Item = &Features> {
        self.cpus.iter().filter_map(Cpu::features)
    }

    /// The features of the CPU at `place`.
    pub(crate) fn features(&self, place: usize) -> Option<&Features> {
        self.cpus.get(place)?.features()
    }

    /// CPU_ON (5.1.4).
    fn cpu_on(&mut self, target: u64, start: Start) -> Result<Answer, Error> {
        let (position, _) = self.named(target)?;
        self.check(&start)?;
        self.cpu(position)?.start(start)?;
        Ok(Answer::Wake(position))
    }

    /// CPU_OFF (5.1.3). The last CPU may go too: a system that is to be turned off has a call of
    /// its own.
    fn cpu_off(&mut self, caller: usize, now_us: u64) -> Result<Answer, Error> {
        self.cpu(caller)?.stop(now_us);
        Ok(Answer::Off)
    }

    /// CPU_SUSPEND (5.1.2). A standby state has no use for an entry point, so that anything may
    /// stand there.
    fn cpu_suspend(&mut self, caller: usize, state: u32, start: Start, now_us: u64) -> Result<Answer, Error> {
        match PowerState::requested(state)? {
            PowerState::Standby => {
                self.cpu(caller)?.stand_by(now_us);
                Ok(Answer::Standby)
            }
            PowerState::PowerDown => self.power_down(caller, start, now_us),
        }
    }

    /// CPU_SUSPEND to the power-down state, and CPU_DEFAULT_SUSPEND (5.1.17), for which that is the
    /// default.
    fn power_down(&mut self, caller: usize, start: Start, now_us: u64) -> Result<Answer, Error> {
        self.check(&start)?;
        self.cpu(caller)?.power_down(start, now_us);
        Ok(Answer::Suspend)
    }

    /// SYSTEM_SUSPEND (5.1.19): by the last CPU that is on, with no other about to be.
    fn system_suspend(&mut self, caller: usize, start: Start, now_us: u64) -> Result<Answer, Error> {
        let mut others = self.cpus.iter().enumerate().filter(|(place, _)| *place != caller);
        if !others.all(|(_, cpu)| matches!(cpu.state(), State::Absent | State::Off | State::Stopped)) {
            return Err(Error::Denied);
        }
        self.power_down(caller, start, now_us)?;
        Ok(Answer::SystemSuspend)
    }

    /// Fails unless the entry point is the address of an instruction in the normal world's RAM. An
    /// odd address would mean T32 code, which no CPU can enter here: all start in AArch64.
    fn check(&self, start: &Start) -> Result<(), Error> {
        let instruction = PhysRange::new(start.entry, INSTRUCTION_SIZE_BYTES);
        instruction
            .filter(|_| start.entry.is_multiple_of(INSTRUCTION_SIZE_BYTES))
            .filter(|instruction| self.normal_ram.iter().any(|ram| ram.contains(instruction)))
            .map(|_| ())
            .ok_or(Error::InvalidAddress)
    }

    /// The CPU that an argument names, with nothing but zeros beside the affinity fields (5.1.4),
    /// and its place.
    pub(crate) fn named(&self, target: u64) -> Result<(usize, &Cpu), Error> {
        let mut cpus = self.cpus.iter().enumerate();
        cpus.find(|(_, cpu)| cpu.affinity() == target)
            .ok_or(Error::InvalidParameters)
    }

    fn cpu(&mut self, position: usize) -> Result<&mut Cpu, Error> {
        self.cpus.get_mut(position).ok_or(Error::InternalFailure)
    }
}

/// SYSTEM_OFF2 (5.1.10): type 0 means HIBERNATE_OFF, too. `cookie` is reserved.
const fn system_off2(hibernate_type: u32, cookie: u64) -> Result<Answer, Error> {
    match (hibernate_type as u64, cookie) {
        (0 | HIBERNATE_OFF, 0) => Ok(Answer::SystemOff),
        _ => Err(Error::InvalidParameters),
    }
}

/// SYSTEM_RESET2 (5.1.12): the architectural warm reset, and no vendor's.
const fn system_reset2(reset_type: u32) -> Result<Answer, Error> {
    match reset_type {
        0 => Ok(Answer::SystemWarmReset),
        _ => Err(Error::InvalidParameters),
    }
}

/// PSCI_SET_SUSPEND_MODE (5.1.20): platform-coordinated is how it is; OS-initiated is known and not
/// implemented.
const fn set_suspend_mode(mode: u32) -> Result<u64, Error> {
    match mode {
        0 => Ok(0),
        1 => Err(Error::NotSupported),
        _ => Err(Error::InvalidParameters),
    }
}
