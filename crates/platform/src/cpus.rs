//! The CPUs of the machine: [`CpuList`].

use devicetree::Devicetree;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::PlatformError;

/// The largest number of CPUs: as many as a GICv3 serves on the boards that there are.
pub const CPUS_MAX: usize = 512;

/// The end of the list: the affinity fields of no CPU.
const NONE: u64 = u64::MAX;

/// The affinity fields of all CPUs, in the order of the device tree. A CPU's place in it is its
/// number everywhere at EL3. CPUs look themselves up in assembly: a number that is none
/// ends the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct CpuList([u64; CPUS_MAX]);

impl CpuList {
    pub(crate) fn new(tree: &Devicetree<'_>, boot_cpu: u64) -> Result<Self, PlatformError> {
        let mut list = [NONE; CPUS_MAX];
        let mut cpus = tree.cpus();
        for (place, affinity) in list.iter_mut().zip(cpus.by_ref()) {
            if affinity != psci::affinity(affinity) {
                return Err(PlatformError::CpuNumber { reg: affinity });
            }
            *place = affinity;
        }
        if cpus.next().is_some() {
            return Err(PlatformError::TooManyCpus);
        }
        let list = Self(list);
        if list.iter().next().is_none() {
            return Err(PlatformError::NoCpus);
        }
        list.place_of(boot_cpu)
            .ok_or(PlatformError::BootCpu { affinity: boot_cpu })?;
        Ok(list)
    }

    /// The affinity fields of all CPUs.
    pub fn iter(&self) -> impl Iterator<Item = u64> {
        self.0.iter().copied().take_while(|affinity| *affinity != NONE)
    }

    /// The place of the CPU with these affinity fields.
    pub fn place_of(&self, affinity: u64) -> Option<usize> {
        self.iter().position(|cpu| cpu == affinity)
    }
}
