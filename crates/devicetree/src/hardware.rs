//! The CPUs that a tree describes, for those that start them.

use crate::Devicetree;
use crate::edit::is_cpu;
use crate::facts::is_usable_cpu;
use crate::memory::number;
use crate::properties::{Known, Properties};
use crate::scan::Spot;

impl Devicetree<'_> {
    /// The `reg` of every CPU, whether it can be used now or not (Devicetree Specification v0.4,
    /// 3.8): the affinity fields of its `MPIDR_EL1` (binding `arm/cpus.yaml`).
    pub fn cpus(&self) -> impl Iterator<Item = u64> {
        let structure = &self.checked.structure;
        let cpus = self.children_of_cpus().filter(|child| is_cpu(structure, child));
        cpus.filter_map(|cpu| affinity(&structure.known(cpu.properties)))
    }

    /// The same of those that can be used, which [`Self::cpu_count`] counts.
    pub(crate) fn usable_cpus(&self) -> impl Iterator<Item = u64> {
        self.children_of_cpus().filter_map(|child| {
            let properties = self.checked.structure.known(child.properties);
            affinity(&properties).filter(|_| is_usable_cpu(child.name, &properties))
        })
    }

    fn children_of_cpus(&self) -> impl Iterator<Item = Spot<'_>> {
        let children = self.facts.cpus.map(|cpus| self.checked.structure.children(cpus));
        children.into_iter().flatten()
    }
}

fn affinity(cpu: &Properties<'_>) -> Option<u64> {
    cpu.get(Known::Reg).map(number)
}
