//! The results that a call may have: said a second time here, by the specifications, and without
//! the monitor's code.

use crate::arrival;
use crate::cpus::{self, AFFINITY, Cpu};
use crate::function::*;

const SUCCESS: i64 = 0;
const NOT_SUPPORTED: i64 = -1;
const INVALID_PARAMETERS: i64 = -2;
const DENIED: i64 = -3;
const ALREADY_ON: i64 = -4;
const ON_PENDING: i64 = -5;
const INTERNAL_FAILURE: i64 = -6;
const INVALID_ADDRESS: i64 = -9;
/// NO_ENTROPY of the TRNG.
const NO_ENTROPY: i64 = -3;
/// NOT_REQUIRED and INVALID_PARAMETER of SMCCC.
const NOT_REQUIRED: i64 = -2;
const INVALID_PARAMETER: i64 = -3;

const STANDBY: u64 = 0;
const POWER_DOWN: u64 = 1 << 16;
/// Power-down of the cluster and of the system, if all others agree.
const CLUSTER_DOWN: u64 = POWER_DOWN | 1 << 24;
const SYSTEM_DOWN: u64 = POWER_DOWN | 2 << 24;
const LOW: u64 = 0xffff_ffff;

/// A call as the monitor is to understand it.
pub struct Call {
    id: u32,
    x: [u64; 4],
}

/// The permitted result of a call.
pub enum Expected {
    /// It returns one of these, sign-extended.
    OneOf(&'static [i64]),
    /// It returns a number, as wide as the call.
    Number,
    /// It returns one of these, and has results in x1 to x3.
    Four(&'static [i64]),
    /// It returns four numbers, as wide as the call.
    FourNumbers,
    /// It returns SUCCESS, and in x1 these bits.
    Features {
        /// Those that are set on every CPU.
        certain: u64,
        /// Those that may be set besides.
        possible: u64,
    },
    /// The CPU is off.
    Off,
    /// The CPU comes back by its entry point, with this in x0.
    Entry(u64),
    /// That, or other CPUs are on.
    EntryOrDenied(u64),
}

impl Call {
    /// The call that these registers make.
    pub fn of(x: &[u64]) -> Self {
        Self {
            id: x[0] as u32 & !SVE_HINT,
            x: [x[0], x[1], x[2], x[3]],
        }
    }

    /// The id for SMC32, whatever the call is.
    pub fn base(&self) -> u32 {
        self.id & !SMC64
    }

    /// An argument without what an SMC32 call does not look at.
    pub fn masked(&self, argument: u64) -> u64 {
        if self.is_smc64() { argument } else { argument & LOW }
    }

    /// The bits of a register that it is about.
    fn width(&self) -> u64 {
        if self.is_smc64() { 64 } else { 32 }
    }

    fn is_smc64(&self) -> bool {
        self.id & SMC64 != 0
    }

    fn argument(&self, number: usize) -> u64 {
        self.masked(self.x[number])
    }

    /// An argument of 32 bits.
    fn low(&self, number: usize) -> u64 {
        self.x[number] & LOW
    }
}

impl Expected {
    /// Returns what may come of `call` by `cpu`.
    pub fn of(call: &Call, cpu: &Cpu) -> Self {
        use Expected::{Number, Off, OneOf};
        let [first, second, third] = [1, 2, 3].map(|number| call.argument(number));
        match served(call.id) {
            Some(PSCI_VERSION | SMCCC_VERSION) => OneOf(&[0x1_0003]),
            Some(MIGRATE_INFO_TYPE) => OneOf(&[2]),
            Some(PSCI_FEATURES) => psci_feature(call.low(1) as u32),
            Some(ARCH_FEATURES) => arch_feature(call.low(1) as u32),
            Some(FEATURE_AVAILABILITY) => feature_availability(first),
            Some(ARCH_WORKAROUND_1 | ARCH_WORKAROUND_2 | ARCH_WORKAROUND_3) => OneOf(&[SUCCESS, NOT_SUPPORTED]),
            Some(CPU_OFF) => Off,
            Some(CPU_ON) => cpu_on(first, second, cpu),
            Some(CPU_SUSPEND) => match call.low(1) {
                STANDBY => OneOf(&[SUCCESS]),
                POWER_DOWN | CLUSTER_DOWN | SYSTEM_DOWN => power_down(second, third),
                _ => OneOf(&[INVALID_PARAMETERS]),
            },
            Some(CPU_DEFAULT_SUSPEND) => power_down(first, second),
            Some(SYSTEM_SUSPEND) => match power_down(first, second) {
                Self::Entry(context) => Self::EntryOrDenied(context),
                _ => OneOf(&[INVALID_ADDRESS, DENIED]),
            },
            Some(AFFINITY_INFO) => affinity_info(first, call.low(2), cpu),
            Some(NODE_HW_STATE) if cpus::all().any(|cpu| cpu.affinity() == first) => {
                affinity_info(first, call.low(2), cpu)
            }
            Some(NODE_HW_STATE | SYSTEM_RESET2 | SYSTEM_OFF2) => OneOf(&[INVALID_PARAMETERS]),
            Some(TRNG_VERSION) => OneOf(&[0x1_0000]),
            Some(TRNG_FEATURES) => trng_feature(call.low(1) as u32),
            Some(TRNG_GET_UUID) => Self::FourNumbers,
            Some(TRNG_RND) => match call.low(1) {
                0 => OneOf(&[INVALID_PARAMETERS]),
                bits if bits > 3 * call.width() => OneOf(&[INVALID_PARAMETERS]),
                _ => Self::Four(&[SUCCESS, NO_ENTROPY]),
            },
            Some(STAT_RESIDENCY | STAT_COUNT) => Number,
            Some(SET_SUSPEND_MODE) => match call.low(1) {
                0 => OneOf(&[SUCCESS]),
                1 => OneOf(&[NOT_SUPPORTED]),
                _ => OneOf(&[INVALID_PARAMETERS]),
            },
            _ => OneOf(&[NOT_SUPPORTED]),
        }
    }

    /// Returns how many registers have results.
    pub fn results(&self) -> usize {
        match self {
            Self::Four(_) | Self::FourNumbers => 4,
            Self::Features { .. } => 2,
            _ => 1,
        }
    }

    /// Whether a call may come back to its caller with these in x0 and x1.
    pub fn allows(&self, [x0, x1]: [u64; 2], call: &Call) -> bool {
        match self {
            Self::Features { certain, possible } => {
                x0 == 0 && x1 & certain == *certain && x1 & !(certain | possible) == 0
            }
            Self::OneOf(values) | Self::Four(values) => values.contains(&(x0 as i64)),
            Self::Number | Self::FourNumbers => call.masked(x0) == x0 && x0 as i64 >= 0,
            Self::EntryOrDenied(_) => x0 as i64 == DENIED,
            Self::Off | Self::Entry(_) => false,
        }
    }
}

/// The functions of SMCCC are none of PSCI's, but for the one that finds the rest.
fn psci_feature(id: u32) -> Expected {
    match served(id) {
        Some(
            ARCH_FEATURES
            | FEATURE_AVAILABILITY
            | ARCH_WORKAROUND_1
            | ARCH_WORKAROUND_2
            | ARCH_WORKAROUND_3
            | TRNG_VERSION..=TRNG_RND,
        )
        | None => Expected::OneOf(&[NOT_SUPPORTED]),
        Some(SYSTEM_OFF2) => Expected::OneOf(&[1]),
        Some(_) => Expected::OneOf(&[0]),
    }
}

fn arch_feature(id: u32) -> Expected {
    match served(id) {
        Some(SMCCC_VERSION | ARCH_FEATURES | FEATURE_AVAILABILITY) => Expected::OneOf(&[0]),
        Some(ARCH_WORKAROUND_1 | ARCH_WORKAROUND_3) => Expected::OneOf(&[0, 1, NOT_SUPPORTED]),
        Some(ARCH_WORKAROUND_2) => Expected::OneOf(&[NOT_REQUIRED, NOT_SUPPORTED]),
        _ => Expected::OneOf(&[NOT_SUPPORTED]),
    }
}

/// By the encoding of a register: SCR_EL3, CPTR_EL3, MDCR_EL3, MPAM3_EL3. Certain is what every CPU
/// has and nothing traps; fields about EL3 itself are never reported.
fn feature_availability(selector: u64) -> Expected {
    let (certain, possible) = match selector {
        // RES1, NS, IRQ, FIQ, EA, SMD, HCE, SIF, RW, ST, TWI, TWE, and API; NSE and GPF.
        0x1e_1100 => (0, !(0x3fff | 1 << 17 | 1 << 48 | 1 << 62)),
        0x1e_1140 => (1 << 31 | 1 << 10, 1 << 30 | 1 << 20 | 1 << 12 | 1 << 8),
        // SDD, SPME, STE, SCCD, MCCD, MPMX; external debug.
        0x1e_1320 => (
            1 << 10 | 1 << 9 | 1 << 7,
            !(0b111 << 16 | 0xf << 20 | 0b11 << 34 | 0x1f),
        ),
        0x1e_a500 => (0, 1 << 62),
        _ => return Expected::OneOf(&[INVALID_PARAMETER]),
    };
    Expected::Features { certain, possible }
}

fn trng_feature(id: u32) -> Expected {
    Expected::OneOf(match served(id) {
        Some(TRNG_VERSION..=TRNG_RND) => &[0],
        _ => &[NOT_SUPPORTED],
    })
}

fn cpu_on(target: u64, entry: u64, caller: &Cpu) -> Expected {
    let cpu = cpus::all().find(|cpu| cpu.affinity() == target);
    // A CPU that has never come in may still be on its way into the monitor.
    let is_known = cpu.is_some_and(Cpu::has_come_in);
    let is_cpu = cpu.is_some();
    let is_entry = entry == arrival::address();
    Expected::OneOf(match (is_cpu, is_entry) {
        (false, false) => &[INVALID_PARAMETERS, INVALID_ADDRESS],
        (false, true) => &[INVALID_PARAMETERS],
        (true, false) => &[INVALID_ADDRESS, ALREADY_ON, ON_PENDING],
        (true, true) if target == caller.affinity() => &[ALREADY_ON],
        (true, true) if is_known => &[SUCCESS, ALREADY_ON, ON_PENDING],
        (true, true) => &[SUCCESS, ALREADY_ON, ON_PENDING, INTERNAL_FAILURE],
    })
}

fn power_down(entry: u64, context: u64) -> Expected {
    if entry == arrival::address() {
        Expected::Entry(context)
    } else {
        Expected::OneOf(&[INVALID_ADDRESS])
    }
}

/// Whoever asks about itself is on.
fn affinity_info(target: u64, level: u64, caller: &Cpu) -> Expected {
    let mask = match level {
        0..=2 => AFFINITY & !0 << (8 * level),
        _ => return Expected::OneOf(&[INVALID_PARAMETERS]),
    };
    let is_member = |cpu: &Cpu| target & !AFFINITY == 0 && (cpu.affinity() ^ target) & mask == 0;
    Expected::OneOf(match (is_member(caller), cpus::all().any(is_member)) {
        (true, _) => &[0],
        (false, true) => &[0, 1, 2],
        (false, false) => &[INVALID_PARAMETERS],
    })
}
