//! The interrupt controller, as if it had not been handed over.

use crate::devices::store;
use crate::{is_other, mutations};

const DISTRIBUTOR: usize = 0x0800_0000;
const CPU_INTERFACE: usize = 0x0801_0000;
/// The private interrupts' frame of the first redistributor, and the distance to the next.
const PRIVATE: usize = 0x080b_0000;
const PRIVATE_STRIDE: usize = 0x2_0000;
/// `GICD_IGROUPR` and `GICR_IGROUPR0`.
const GROUP: usize = 0x80;

mutations! {
    /// GICv2: private interrupts of one CPU are the secure world's.
    fn z7_v2_private_of_one(_) { if is_other() { store(DISTRIBUTOR + GROUP, 0) } }
    /// GICv2: shared interrupts are.
    fn z7_v2_shared(_) { store(DISTRIBUTOR + GROUP + 4, 0) }
    /// GICv2: priorities are for the secure world alone to unmask (`GICC_PMR`).
    fn z7_v2_priority(_) { store(CPU_INTERFACE + 4, 0) }
    /// GICv3: private interrupts of one CPU are the secure world's.
    fn z7_v3_private_of_one(_) { if is_other() { store(PRIVATE + PRIVATE_STRIDE + GROUP, 0) } }
    /// GICv3: shared interrupts are.
    fn z7_v3_shared(_) { store(DISTRIBUTOR + GROUP + 4, 0) }
}
