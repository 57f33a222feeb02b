//! Leftovers in registers of EL2 and EL1.

use crate::{is_other, mutations};

/// Blocks of a GiB, each mapped to itself: normal memory, which may be written and executed.
#[repr(align(4096))]
struct Table([u64; 512]);

static TABLE: Table = {
    const BLOCK: u64 = 1 << 10 | 1 << 6 | 0b01;
    let mut all = [0; 512];
    all[0] = BLOCK;
    all[1] = 1 << 30 | BLOCK;
    Table(all)
};

mutations! {
    /// The MMU is on, in a kernel that is entered at EL2.
    fn i1_mmu(_) {
        write!("mair_el2", 0xff);
        // 39 bits of address, 36 of physical address.
        write!("tcr_el2", 1 << 31 | 1 << 23 | 1 << 16 | 25);
        write!("ttbr0_el2", TABLE.0.as_ptr().addr() as u64);
        set!("sctlr_el2", 0);
    }
    /// The data cache is on.
    fn i1_cache(_) { set!("sctlr_el2", 2) }
    /// The data cache of one CPU is on.
    fn i1_cache_of_one(_) { if is_other() { set!("sctlr_el2", 2) } }
    /// `CNTVOFF_EL2` is not the same on all CPUs.
    fn j2_offset(_) { if is_other() { write!("cntvoff_el2", 0x1000) } }
    /// `SCTLR_EL2` is as QEMU resets it: what is RES1 is not 1.
    fn l1_sctlr(_) { write!("sctlr_el2", 0) }
    /// `HCR_EL2.FMO` is 1.
    fn l1_hcr(_) { set!("hcr_el2", 3) }
    /// `CPTR_EL2.TFP` is 1.
    fn l1_cptr(_) { set!("cptr_el2", 10) }
    /// `MDCR_EL2.TPM` is 1.
    fn l1_mdcr(_) { set!("mdcr_el2", 6) }
    /// `HSTR_EL2.T0` is 1.
    fn l1_hstr(_) { set!("hstr_el2", 0) }
    /// `VTTBR_EL2` holds something, on one CPU.
    fn l1_vttbr_of_one(_) { if is_other() { write!("vttbr_el2", 0x4000_0000) } }
    /// `VPIDR_EL2` is another CPU's.
    fn l1_vpidr(_) { write!("vpidr_el2", 0) }
    /// `VMPIDR_EL2` of one CPU is another one's.
    fn l1_vmpidr_of_one(_) { if is_other() { write!("vmpidr_el2", 0x8000_0000) } }
    /// A timer runs.
    fn l1_timer(_) { set!("cnthp_ctl_el2", 0) }
    /// The MMU of EL1 is on.
    fn l1_sctlr_of_el1(_) { set!("sctlr_el1", 0) }
    /// `MDSCR_EL1.MDE` is 1.
    fn l1_debug(_) { set!("mdscr_el1", 15) }
    /// Data is big endian.
    fn z8_endianness(_) { set!("sctlr_el2", 25) }
    /// Data is big endian on one CPU.
    fn z8_endianness_of_one(_) { if is_other() { set!("sctlr_el2", 25) } }
}
