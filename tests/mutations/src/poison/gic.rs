//! The interrupt controller: what IHI0069 calls UNKNOWN at reset, and IHI0048 (4.1.2)
//! IMPLEMENTATION DEFINED. Groups and the priority masks are shut at reset, and so are a
//! redistributor's private interrupts. For a CPU that starts at EL3: below, the firmware leaves all
//! of it to the kernel.

use super::{fill, has};
use crate::devices::store;

const DISTRIBUTOR: usize = 0x0800_0000;
/// The redistributor of the first CPU; the distance to the next; its frame of private interrupts.
const REDISTRIBUTOR: usize = 0x080a_0000;
const REDISTRIBUTOR_STRIDE: usize = 0x2_0000;
const PRIVATE: usize = 0x1_0000;
/// QEMU's `virt` has 288 interrupts: 9 banks of 32, of which the first is each CPU's own.
const BANKS: usize = 9;

const IGROUPR: usize = 0x080;
const ISENABLER: usize = 0x100;
const IPRIORITYR: usize = 0x400;
const ICFGR: usize = 0xc00;
const IGRPMODR: usize = 0xd00;
const NSACR: usize = 0xe00;
const IROUTER: usize = 0x6000;
/// `GICR_PROPBASER` and `GICR_PENDBASER`.
const PROPBASER: usize = 0x70;
const PENDBASER: usize = 0x78;

/// What of `ICC_CTLR_EL3` has no value at reset: `EOImode_EL1NS`, `EOImode_EL1S`, `EOImode_EL3`,
/// `CBPR_EL1NS` and `CBPR_EL1S`.
const ICC_CTLR_UNKNOWN: u64 = 0b1_1111;

/// Fills what belongs to this CPU; by the first one, what belongs to all.
pub fn fill(garbage: u64) {
    let is_other = crate::is_other();
    if !has(read!("id_aa64pfr0_el1"), 24, 1) {
        let banks = if is_other { 0..1 } else { 0..BANKS };
        for bank in banks {
            fill_words(DISTRIBUTOR + IGROUPR + 4 * bank, 1, garbage);
            fill_words(DISTRIBUTOR + ISENABLER + 4 * bank, 1, garbage);
            fill_words(DISTRIBUTOR + ICFGR + 8 * bank, 2, garbage);
        }
        return;
    }
    if !is_other {
        for bank in 1..BANKS {
            fill_words(DISTRIBUTOR + ISENABLER + 4 * bank, 1, garbage);
            fill_bank(DISTRIBUTOR, bank, garbage);
            fill_words(DISTRIBUTOR + IROUTER + 8 * 32 * bank, 2 * 32, garbage);
        }
    }
    let own = REDISTRIBUTOR + REDISTRIBUTOR_STRIDE * (read!("mpidr_el1") as usize & 0xff);
    fill_words(own + PROPBASER, 2, garbage);
    fill_words(own + PENDBASER, 2, garbage);
    fill_bank(own + PRIVATE, 0, garbage);
    write!("s3_6_c12_c12_4", garbage & ICC_CTLR_UNKNOWN);
    fill_list_registers(garbage);
}

/// 32 interrupts.
fn fill_bank(base: usize, bank: usize, garbage: u64) {
    fill_words(base + IGROUPR + 4 * bank, 1, garbage);
    fill_words(base + IGRPMODR + 4 * bank, 1, garbage);
    fill_words(base + IPRIORITYR + 32 * bank, 8, garbage);
    fill_words(base + ICFGR + 8 * bank, 2, garbage);
    fill_words(base + NSACR + 8 * bank, if bank == 0 { 1 } else { 2 }, garbage);
}

fn fill_words(start: usize, count: usize, garbage: u64) {
    for index in 0..count {
        store(start + 4 * index, garbage as u32);
    }
}

/// `ICH_VMCR_EL2`, and as many of `ICH_LR<n>_EL2` as QEMU has.
fn fill_list_registers(garbage: u64) {
    if super::el3::has_el2() {
        fill!(garbage, "s3_4_c12_c11_7" "s3_4_c12_c12_0" "s3_4_c12_c12_1" "s3_4_c12_c12_2" "s3_4_c12_c12_3");
    }
}
