//! The interrupt controller, handed to the normal world (clause Z7).
//!
//! With two security states every interrupt starts as a secure one (Group 0), and the normal world
//! can neither see nor enable it: Linux would wait for its timer for ever. So EL3 makes all of them
//! Group 1 of the normal world, but for one software-generated interrupt by which CPUs that wait at
//! EL3 are woken. It is signalled to nobody else: Group 0 is enabled at the interface of a CPU only
//! while it waits.
//!
//! Otherwise the normal world finds the controller as it would be after a reset without a secure
//! world (F1): every interrupt off, of the highest priority that the normal world has, which it
//! reads as 0; the priority mask shut, as it sees it; no group enabled. The last is one bit for
//! both worlds where it is about the normal world's interrupts, and a kernel sets it, as it must
//! without us.
//!
//! The registers are laid out by `arm-gic`. Its drivers are not used: they wait without a bound,
//! where a machine that differs from its device tree would hang without a word; they know a GICv4
//! only with virtual LPIs; the one for a GICv2 enables Group 0. Read beside the specification
//! (IHI0048, IHI0069): TF-A's `gicv2_main.c` and `gicv3_main.c`, boot-wrapper's `gic-v3.c`, QEMU's
//! `arm_gic_common.c`.

mod v2;
mod v3;

use core::fmt;
use core::ops::Range;
use core::ptr::{NonNull, with_exposed_provenance_mut};

use arm_gic::gicv3::registers::{Gicr, GicrTyper};
use phys_range::PhysRange;
use safe_mmio::fields::ReadPureWrite;
use safe_mmio::{UniqueMmioPointer, field_shared};

/// The highest priority that the normal world can give: it sees the upper half of the priorities,
/// as 0 and up (IHI0069, 4.8.1).
pub const NORMAL_WORLD_PRIORITY: u8 = 0x80;

/// Four interrupts of [`NORMAL_WORLD_PRIORITY`].
const PRIORITIES: u32 = u32::from_ne_bytes([NORMAL_WORLD_PRIORITY; 4]);
const EVERY_INTERRUPT: u32 = !0;

/// The software-generated interrupt that wakes CPUs which wait at EL3: the one interrupt of the
/// secure world (Group 0).
pub const WAKE: u32 = 15;
/// All private interrupts but that one.
const PRIVATE_OF_NORMAL_WORLD: u32 = !(1 << WAKE);
/// The priorities of the four interrupts of which that one is the last: the highest for it.
const PRIORITIES_WITH_WAKE: u32 = PRIORITIES & 0x00ff_ffff;

/// The number of reads of a register before the wait for it is given up. What is waited for takes
/// microseconds; a read takes some 100 ns.
const PATIENCE: u32 = 1_000_000;

/// The interrupt controller, as the machine's own device tree describes it.
///
/// `platform::GicRegisters` has the same addresses. It is a type of its own because neither crate
/// may depend on the other: this one knows nothing of device trees, and that one is free of unsafe
/// code.
#[derive(Clone, Copy, Debug)]
pub enum Gic<'a> {
    /// A GICv2.
    V2 {
        /// The distributor.
        distributor: u64,
        /// The CPU interface; each CPU finds its own at this address.
        cpu_interface: u64,
    },
    /// A GICv3 or GICv4, driven by system registers.
    V3 {
        /// The distributor.
        distributor: u64,
        /// The regions of redistributors.
        redistributors: &'a [PhysRange],
    },
}

impl Gic<'_> {
    /// Returns whether it is driven by system registers: what [`crate::el3::Machine`] wants to
    /// know.
    pub fn has_system_registers(&self) -> bool {
        matches!(self, Self::V3 { .. })
    }

    /// Hands over what the CPUs share: once, by the first CPU, before [`Self::hand_over_cpu`].
    ///
    /// # Errors
    /// [`GicError`]: the controller is in no state to be used.
    ///
    /// # Safety
    /// The CPU is at EL3, nothing runs in the normal world, and the addresses are those of the
    /// controller of this machine, mapped as secure device memory (or the MMU is off).
    pub unsafe fn hand_over(&self) -> Result<(), GicError> {
        match *self {
            Self::V2 { distributor, .. } => {
                // SAFETY: the caller promises a distributor there, and nobody else drives it yet.
                v2::hand_over_distributor(unsafe { registers(distributor) }?);
            }
            Self::V3 { distributor, .. } => {
                // SAFETY: the caller promises a distributor there, and nobody else drives it yet.
                v3::hand_over_distributor(unsafe { registers(distributor) }?).map_err(|stuck| stuck.at(distributor))?;
            }
        }
        complete();
        Ok(())
    }

    /// Hands over what each CPU has for itself: by that CPU, whose `MPIDR_EL1` is `mpidr`, each
    /// time before it enters the normal world, and before [`crate::el3`] writes the GIC's system
    /// registers.
    ///
    /// # Errors
    /// [`GicError`]: the controller is in no state to be used by this CPU.
    ///
    /// # Safety
    /// As [`Self::hand_over`], but other CPUs may run in the normal world.
    pub unsafe fn hand_over_cpu(&self, mpidr: u64) -> Result<(), GicError> {
        match *self {
            Self::V2 {
                distributor: distributor_base,
                cpu_interface,
            } => {
                // SAFETY: the caller promises a distributor there. The normal world may drive it,
                // too, but what is written are registers of which each CPU has its own.
                let distributor = unsafe { registers(distributor_base) }?;
                // SAFETY: the caller promises a CPU interface there, and that of this CPU is seen
                // by this CPU only.
                let cpu_interface = unsafe { registers(cpu_interface) }?;
                v2::hand_over_cpu(distributor, cpu_interface);
                #[cfg(target_arch = "aarch64")]
                // SAFETY: as above; the register has a part for each CPU.
                unsafe {
                    v2::forget_wake(distributor_base);
                }
            }
            Self::V3 { redistributors, .. } => {
                let affinity = psci::affinity(mpidr);
                // SAFETY: the caller promises that these regions hold redistributors, and `find`
                // asks for addresses inside only.
                let typer = |address| unsafe { typer(address) };
                let address = v3::find(redistributors, affinity, typer)?;
                // SAFETY: a redistributor is there, as just read, and it is this CPU's, which is
                // not in the normal world.
                let redistributor = unsafe { registers(address) }?;
                v3::hand_over_redistributor(redistributor).map_err(|stuck| stuck.at(address))?;
            }
        }
        complete();
        Ok(())
    }
}

#[cfg(target_arch = "aarch64")]
impl Gic<'_> {
    /// Returns where [`Self::wake`] finds the CPU that runs, whose `MPIDR_EL1` is `mpidr`.
    ///
    /// # Safety
    /// As [`Self::hand_over_cpu`].
    pub unsafe fn own_target(&self, mpidr: u64) -> Target {
        match *self {
            // SAFETY: the caller promises a distributor there.
            Self::V2 { distributor, .. } => Target(unsafe { v2::own_target(distributor) }),
            Self::V3 { .. } => Target(psci::affinity(mpidr)),
        }
    }

    /// Lets [`Self::wake`], and nothing else, wake the CPU that runs, after
    /// [`Self::hand_over_cpu`].
    ///
    /// # Safety
    /// As [`Self::hand_over_cpu`].
    pub unsafe fn wait_for_wake(&self) {
        match *self {
            Self::V2 {
                distributor,
                cpu_interface,
            } => {
                // SAFETY: the caller promises a distributor and a CPU interface there, and what is
                // written is this CPU's own.
                unsafe { v2::wait_for_wake(distributor, cpu_interface) };
            }
            // SAFETY: the machine has a GICv3, and the CPU is at EL3.
            Self::V3 { .. } => unsafe { v3::wait_for_wake() },
        }
    }

    /// Takes what has woken the CPU that runs, and lets nothing wake it any more.
    ///
    /// # Safety
    /// As [`Self::wait_for_wake`], which has come before.
    pub unsafe fn take_wake(&self) {
        match *self {
            Self::V2 {
                distributor,
                cpu_interface,
            } => {
                // SAFETY: the caller promises a distributor and a CPU interface there, and what is
                // written is this CPU's own.
                unsafe { v2::take_wake(distributor, cpu_interface) };
            }
            // SAFETY: as in `wait_for_wake`.
            Self::V3 { .. } => unsafe { v3::take_wake() },
        }
    }

    /// Wakes a CPU that waits at EL3. One that does not gets no interrupt, but finds one pending
    /// when it waits.
    ///
    /// # Safety
    /// As [`Self::hand_over_cpu`].
    pub unsafe fn wake(&self, target: Target) {
        match *self {
            // SAFETY: the caller promises a distributor there; one write to this register is one
            // interrupt, whoever else writes to it.
            Self::V2 { distributor, .. } => unsafe { v2::wake(distributor, target.0) },
            // SAFETY: as in `wait_for_wake`.
            Self::V3 { .. } => unsafe { v3::wake(target.0) },
        }
    }
}

/// A CPU, as an interrupt finds it.
#[derive(Clone, Copy, Debug)]
pub struct Target(pub u64);

/// Reads the architecture of the GIC from its identification registers: 2 for a GICv2 (IHI0048,
/// 4.3.19), 3 or 4 for those after it (IHI0069, 12.1.13).
///
/// # Safety
/// A distributor is at `distributor`, mapped as device memory.
#[cfg(target_arch = "aarch64")]
pub unsafe fn architecture(distributor: u64) -> u8 {
    /// `GICD_TYPER.IDbits`, which no GICv3 has as 0, and every GICv2 has: its other registers are
    /// not where the other's are.
    const TYPER: u64 = 4;
    const ID_BITS: u32 = 0x1f << 19;
    const PIDR2_OF_V2: u64 = 0xfe8;
    const PIDR2_OF_V3: u64 = 0xffe8;
    let read = |offset| {
        // SAFETY: the caller promises a distributor there; the registers never change.
        let register = unsafe { registers::<ReadPureWrite<u32>>(distributor + offset) };
        register.map_or(0, |register| register.read())
    };
    let pidr2 = if read(TYPER) & ID_BITS == 0 {
        PIDR2_OF_V2
    } else {
        PIDR2_OF_V3
    };
    (read(pidr2) >> 4 & 0xf) as u8
}

/// Tells the CPUs that sleep in the bootloader that the monitor is ready for them: sets the enable
/// bit of the secure world's Group 0, which is known to be 0 after reset, and which the normal
/// world does not see, and wakes them.
///
/// # Errors
/// [`GicError::Address`].
///
/// # Safety
/// The CPU is at EL3, the distributor of this machine is at `distributor`, mapped as secure device
/// memory, and nothing runs in the normal world.
#[cfg(target_arch = "aarch64")]
pub unsafe fn let_others_in(distributor: u64, has_system_registers: bool) -> Result<(), GicError> {
    // SAFETY: the caller promises a distributor there; a GICv2 has the same register at the same
    // place.
    let mut gicd: UniqueMmioPointer<'_, arm_gic::gicv2::registers::Gicd> = unsafe { registers(distributor) }?;
    let control = field_shared!(gicd, ctlr).read();
    // What the others will read has to be there first: nothing else orders memory before a device.
    complete();
    safe_mmio::field!(gicd, ctlr).write(control | arm_gic::gicv2::registers::GicdCtlr::EnableGrp0);
    complete();
    if has_system_registers {
        // SAFETY: the machine has a GICv3, and the CPU is at EL3.
        unsafe { v3::wake_all_others() };
    } else {
        // SAFETY: the caller promises a distributor there.
        unsafe { v2::wake_all_others(distributor) };
    }
    complete();
    Ok(())
}

/// The reason why the interrupt controller could not be handed over. It is not what the machine's
/// own device tree says, or it does not work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GicError {
    /// No register block can be at this address.
    Address(u64),
    /// No redistributor is for a CPU.
    NoRedistributor {
        /// The affinity fields of the CPU's `MPIDR_EL1`.
        affinity: u64,
        /// The last redistributor that there is, and the affinity fields that its `GICR_TYPER` has.
        last: Option<[u64; 2]>,
    },
    /// A bit of a register does not become 0: the redistributor does not wake up
    /// (`GICR_WAKER.ChildrenAsleep`), or writes do not take effect (`GICD_CTLR.RWP`,
    /// `GICR_CTLR.RWP`).
    Stuck {
        /// The register.
        register: &'static str,
        /// The address of the register.
        address: u64,
        /// Its last value.
        value: u32,
        /// The bit.
        bit: u32,
    },
}

impl fmt::Display for GicError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Address(address) => write!(f, "no interrupt controller can be at {address:#x}"),
            Self::NoRedistributor { affinity, last: None } => {
                write!(f, "no redistributor is for CPU {affinity:#x}: there is none")
            }
            Self::NoRedistributor {
                affinity,
                last: Some([address, other]),
            } => {
                write!(f, "no redistributor is for CPU {affinity:#x}: ")?;
                write!(f, "the last one, at {address:#x}, is for CPU {other:#x}")
            }
            Self::Stuck {
                register,
                address,
                value,
                bit,
            } => {
                write!(f, "{register} at {address:#x} reads {value:#x}, ")?;
                write!(f, "where {bit:#x} should be 0")
            }
        }
    }
}

impl core::error::Error for GicError {}

/// The registers of type `T` at physical address `base`.
///
/// # Safety
/// Such registers are there, mapped as device memory, and what this pointer is used to write,
/// nobody else writes meanwhile.
unsafe fn registers<T>(base: u64) -> Result<UniqueMmioPointer<'static, T>, GicError> {
    let pointer = NonNull::new(with_exposed_provenance_mut::<T>(base as usize))
        .filter(|pointer| pointer.is_aligned())
        .ok_or(GicError::Address(base))?;
    // SAFETY: the caller promises such registers at `base`, for this pointer alone.
    Ok(unsafe { UniqueMmioPointer::new(pointer) })
}

/// `GICR_TYPER` of the redistributor at `address`.
///
/// # Safety
/// A redistributor is there, mapped as device memory.
unsafe fn typer(address: u64) -> Result<GicrTyper, GicError> {
    // SAFETY: the caller promises a redistributor there; only a register that never changes is
    // read.
    let registers: UniqueMmioPointer<Gicr> = unsafe { registers(address) }?;
    Ok(field_shared!(registers, typer).read())
}

/// Waits until what was written has arrived.
fn complete() {
    #[cfg(target_arch = "aarch64")]
    // SAFETY: a barrier.
    unsafe {
        core::arch::asm!("dsb sy", options(nostack, preserves_flags));
    }
}

/// Writes `value` to the registers `range` of an array; those past its end are not there.
fn fill<const N: usize>(mut registers: UniqueMmioPointer<[ReadPureWrite<u32>; N]>, range: Range<usize>, value: u32) {
    for index in range {
        if let Some(mut register) = registers.get(index) {
            register.write(value);
        }
    }
}

/// Reads a register until `bit` of it is 0.
///
/// # Errors
/// Its last value, when patience ends.
fn wait_for_zero(bit: u32, mut read: impl FnMut() -> u32) -> Result<(), u32> {
    let mut value = bit;
    for _ in 0..PATIENCE {
        value = read();
        if value & bit == 0 {
            return Ok(());
        }
    }
    Err(value)
}
