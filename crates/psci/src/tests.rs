//! Each function's answers with its errors, every interleaving of calls, and properties of any
//! call.

extern crate std;

mod arrivals;
mod functions;
mod interleavings;
mod model;
mod power;
mod properties;
mod smccc;
mod trng;

use phys_range::{MIB, PhysRange};

use crate::{Answer, Cpu, Features, PowerControl, Request, Start, System, Vulnerability};

const RAM: [PhysRange; 2] = [
    PhysRange::new(0x4000_0000, 256 * MIB).unwrap(),
    PhysRange::new(0x8_8000_0000, 256 * MIB).unwrap(),
];
const ENTRY: u64 = 0x4008_0000;
const HIGH_ENTRY: u64 = 0x8_8000_0000;
const CONTEXT: u64 = 0x1234_5678_9abc_def0;

/// Of a CPU that has nothing, and about which nothing is known.
const NO_FEATURES: Features = Features {
    branch_target_injection: Vulnerability::Unmitigated,
    store_bypass: Vulnerability::Unmitigated,
    branch_history_injection: Vulnerability::Unmitigated,
    random_numbers: false,
};

/// Of a machine that can be turned off and reset.
const POWER: PowerControl = PowerControl { off: true, reset: true };

/// The next step of a CPU that was turned on with [`ENTRY`] and [`CONTEXT`].
const START: Start = Start {
    entry: ENTRY,
    context_id: CONTEXT,
    is_big_endian: false,
};

const SUCCESS: i64 = 0;
const NOT_SUPPORTED: i64 = -1;
const INVALID_PARAMETERS: i64 = -2;
const DENIED: i64 = -3;
const ALREADY_ON: i64 = -4;
const ON_PENDING: i64 = -5;
const INTERNAL_FAILURE: i64 = -6;
const DISABLED: i64 = -8;
const INVALID_ADDRESS: i64 = -9;

const CPU_SUSPEND: u64 = 0xc400_0001;
const CPU_OFF: u64 = 0x8400_0002;
const CPU_ON: u64 = 0xc400_0003;
const AFFINITY_INFO: u64 = 0xc400_0004;
const PSCI_FEATURES: u64 = 0x8400_000a;
const SYSTEM_OFF: u64 = 0x8400_0008;
const SYSTEM_SUSPEND: u64 = 0x8400_000e;
const SYSTEM_SUSPEND_64: u64 = 0xc400_000e;
const SYSTEM_OFF2: u64 = 0x8400_0015;

const STANDBY: u64 = 0;
const POWER_DOWN: u64 = 0x1_0000;

/// Two clusters of two CPUs each, and one CPU with an Aff3.
const AFFINITIES: [u64; 5] = [0x000, 0x001, 0x100, 0x101, 0x1_0000_0000];

fn cpus() -> [Cpu; 5] {
    AFFINITIES.map(Cpu::new)
}

/// A little-endian caller's request.
fn request(registers: [u64; 4]) -> Request {
    Request::of(registers, false)
}

/// A system in which all CPUs have joined.
fn system(cpus: &mut [Cpu]) -> System<'_> {
    system_of(cpus, NO_FEATURES)
}

/// The same with other features.
fn system_of(cpus: &mut [Cpu], features: Features) -> System<'_> {
    let others = 1..cpus.len();
    let mut system = System::new(cpus, 0, features, &RAM, POWER);
    others.for_each(|place| system.join(place, features));
    system
}

impl System<'_> {
    fn smc(&mut self, caller: usize, registers: [u64; 4]) -> Answer {
        self.call(caller, &request(registers), || 0)
    }

    /// x0 after a call by the first CPU that changes nothing else.
    fn x0(&mut self, registers: [u64; 4]) -> i64 {
        match self.smc(0, registers) {
            Answer::Return(x0) => x0 as i64,
            other => panic!("{other:?}"),
        }
    }

    /// Returns what AFFINITY_INFO says of one CPU.
    fn affinity_state(&mut self, target: u64) -> i64 {
        self.x0([AFFINITY_INFO, target, 0, 0])
    }
}
