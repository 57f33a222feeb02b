//! A kernel's own tree held against the machine's: what it says of CPUs, GIC and PSCI must be true.
//!
//! Less than there is (fewer CPUs, no GIC) is no contradiction: such a kernel leaves something
//! unused. RAM is held against the machine's where it is looked up ([`Devicetree::edited_ram`]).

use arrayvec::ArrayVec;
use phys_range::PhysRange;

use crate::fault::SIBLINGS_MAX;
use crate::gic::Gic;
use crate::{Devicetree, GicKind, PsciConduit, TreeError};

impl Devicetree<'_> {
    /// Checks that this tree, which replaces the one of the `machine`, does not contradict it.
    /// `conduit` is how PSCI is called on the machine, where that is known.
    ///
    /// # Errors
    /// [`TreeError::CpuOutside`], [`TreeError::GicKind`], [`TreeError::GicAddress`],
    /// [`TreeError::PsciConduit`], and those of [`Self::gics`].
    pub fn agrees_with(&self, machine: &Devicetree<'_>, conduit: Option<PsciConduit>) -> Result<(), TreeError> {
        if let (Some(described), Some(machine)) = (self.psci(), conduit)
            && described != machine
        {
            return Err(TreeError::PsciConduit { described, machine });
        }
        self.check_cpus(machine)?;
        let of_machine = machine.gics()?;
        self.gics()?.iter().try_for_each(|gic| gic.is_one_of(of_machine))
    }

    #[inline(never)]
    fn check_cpus(&self, machine: &Devicetree<'_>) -> Result<(), TreeError> {
        // A valid tree has no more siblings than there is room for.
        let there_are: ArrayVec<u64, SIBLINGS_MAX> = machine.cpus().take(SIBLINGS_MAX).collect();
        let mut outside = self.usable_cpus().filter(|cpu| !there_are.contains(cpu));
        match outside.next() {
            Some(affinity) if !there_are.is_empty() => Err(TreeError::CpuOutside {
                affinity,
                machine_cpus: there_are.len(),
            }),
            _ => Ok(()),
        }
    }
}

impl Gic {
    /// Checks that this is one of the machine's; any will do where the machine's tree describes
    /// none.
    fn is_one_of(&self, machine: &[Self]) -> Result<(), TreeError> {
        let Some(first) = machine.first() else {
            return Ok(());
        };
        let same_kind = machine.iter().find(|there| there.kind == self.kind);
        let there = same_kind.ok_or(TreeError::GicKind {
            described: self.kind,
            machine: first.kind,
        })?;
        check_blocks("distributor", self.blocks.get(..1), there.blocks.get(..1))?;
        match self.kind {
            GicKind::V2 => check_blocks("CPU interface", self.blocks.get(1..2), there.blocks.get(1..2)),
            GicKind::V3 => check_blocks(
                "redistributors",
                Some(self.redistributors()),
                Some(there.redistributors()),
            ),
            GicKind::V5 | GicKind::Unknown => Ok(()),
        }
    }
}

/// Checks that each of the blocks begins where one of the machine's does, and lies in it.
fn check_blocks(
    role: &'static str,
    described: Option<&[PhysRange]>,
    machine: Option<&[PhysRange]>,
) -> Result<(), TreeError> {
    let machine = machine.unwrap_or_default();
    let is_there = |block: &PhysRange| {
        machine
            .iter()
            .any(|there| there.start() == block.start() && there.contains(block))
    };
    let mut outside = described.unwrap_or_default().iter().filter(|block| !is_there(block));
    match (outside.next(), machine.first()) {
        (Some(&block), Some(&machine)) => Err(TreeError::GicAddress { block, role, machine }),
        _ => Ok(()),
    }
}
