//! The Arm Architecture Calls of SMCCC (DEN0028).

use crate::function::{Function, Workaround};
use crate::{Answer, El3Register, Error, System, Vulnerability};

impl System<'_> {
    /// SMCCC_ARCH_FEATURES, by CPU `caller`.
    ///
    /// Of a workaround that may be called on every CPU it says whether `caller` needs it: 0 if so,
    /// 1 if not. The second one is NOT_REQUIRED instead: no CPU has a mitigation that could be
    /// turned off.
    pub(crate) fn arch_features(&self, caller: usize, id: u32) -> Result<Answer, Error> {
        Ok(Answer::Return(match Function::of(id) {
            Some(Function::SmcccVersion | Function::SmcccArchFeatures | Function::FeatureAvailability) => 0,
            Some(Function::Workaround(workaround)) => {
                self.workaround(workaround)?;
                let features = self.features(caller).ok_or(Error::InternalFailure)?;
                match (workaround, features.vulnerability(workaround)) {
                    (Workaround::Second, _) => Error::NOT_REQUIRED,
                    (_, Vulnerability::NotAffected) => 1,
                    _ => 0,
                }
            }
            _ => return Err(Error::NotSupported),
        }))
    }

    /// SMCCC_ARCH_WORKAROUND_1 to 3. What mitigates has run by now, as the monitor was entered.
    ///
    /// Where a CPU needs a workaround that the firmware does not have, it is NOT_SUPPORTED on all:
    /// it may be called on any CPU, or on none.
    pub(crate) fn workaround(&self, workaround: Workaround) -> Result<u64, Error> {
        let vulnerability = self.joined().map(|features| features.vulnerability(workaround)).max();
        match vulnerability {
            Some(Vulnerability::NotAffected | Vulnerability::Mitigated) => Ok(0),
            Some(Vulnerability::Unmitigated) | None => Err(Error::NotSupported),
        }
    }

    /// SMCCC_ARCH_FEATURE_AVAILABILITY. A register is selected by its encoding:
    /// op0 in bits 20:19, op1 in 18:16, CRn in 15:12, CRm in 11:8, op2 in 7:5.
    pub(crate) fn feature_availability(selector: u64) -> Answer {
        Answer::FeatureAvailability(match selector {
            0x1e_1100 => El3Register::Scr,
            0x1e_1140 => El3Register::Cptr,
            0x1e_1320 => El3Register::Mdcr,
            0x1e_a500 => El3Register::Mpam3,
            _ => return Answer::Return(Error::INVALID_PARAMETER),
        })
    }
}
