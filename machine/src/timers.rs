//! The timers of the CPU that runs, kept while its state is made anew.

use arm_sysregs::el0::{accessors as el0, registers::CntpCtlEl0, registers::CntvCtlEl0};
use arm_sysregs::el2::{accessors as el2, registers::CnthpCtlEl2, registers::CnthvCtlEl2};

use crate::id_registers::El3IdRegisters;

/// The timers that run, and those of them that interrupt. What they count to is in registers that
/// nobody but their owner writes.
#[derive(Clone, Copy, Debug)]
pub struct Timers {
    physical: CntpCtlEl0,
    virtual_: CntvCtlEl0,
    hypervisor: Option<CnthpCtlEl2>,
    hypervisor_virtual: Option<CnthvCtlEl2>,
}

impl Timers {
    /// The timers as they are.
    ///
    /// # Safety
    /// The CPU is at EL3, with `SCR_EL3.NS` set.
    pub unsafe fn read(id: &El3IdRegisters) -> Self {
        Self {
            physical: el0::read_cntp_ctl_el0(),
            virtual_: el0::read_cntv_ctl_el0(),
            hypervisor: id.el2().then(el2::read_cnthp_ctl_el2),
            hypervisor_virtual: (id.el2() && id.shared.vhe()).then(el2::read_cnthv_ctl_el2),
        }
    }

    /// Lets them go on. An interrupt of one whose time has come meanwhile is pending again.
    ///
    /// # Safety
    /// As for [`Self::read`], which was called on this CPU.
    pub unsafe fn write(self) {
        el0::write_cntp_ctl_el0(self.physical);
        el0::write_cntv_ctl_el0(self.virtual_);
        if let Some(control) = self.hypervisor {
            el2::write_cnthp_ctl_el2(control);
        }
        if let Some(control) = self.hypervisor_virtual {
            el2::write_cnthv_ctl_el2(control);
        }
    }
}
