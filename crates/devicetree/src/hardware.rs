//! The CPUs that a tree describes, for those that start them.

use crate::Devicetree;
use crate::facts::{is_cpu, is_usable_cpu};
use crate::memory::number;
use crate::properties::Known;
use crate::scan::Spot;
use crate::structure::Structure;

impl Devicetree<'_> {
    /// The `reg` of every CPU, whether it can be used now or not (Devicetree Specification v0.4,
    /// 3.8): the affinity fields of its `MPIDR_EL1` (binding `arm/cpus.yaml`).
    pub fn cpus(&self) -> impl Iterator<Item = u64> {
        let structure = &self.checked.structure;
        let cpus = self.children_of_cpus().filter(|child| structure.is_cpu(child));
        cpus.filter_map(|cpu| structure.known(cpu.properties, Known::Reg).map(number))
    }

    /// The same of those that can be used, which [`Self::cpu_count`] counts.
    pub(crate) fn usable_cpus(&self) -> impl Iterator<Item = u64> {
        let structure = &self.checked.structure;
        let cpus = self.children_of_cpus().filter(|child| structure.is_usable_cpu(child));
        cpus.filter_map(|cpu| structure.known(cpu.properties, Known::Reg).map(number))
    }

    fn children_of_cpus(&self) -> impl Iterator<Item = Spot<'_>> {
        let children = self.facts.cpus.map(|cpus| self.checked.structure.children(cpus));
        children.into_iter().flatten()
    }
}

impl Structure<'_> {
    /// Set if a child of `/cpus` is a CPU.
    pub(crate) fn is_cpu(&self, child: &Spot<'_>) -> bool {
        is_cpu(child.name, self.known(child.properties, Known::DeviceType))
    }

    /// Set if it is one that can be used.
    fn is_usable_cpu(&self, child: &Spot<'_>) -> bool {
        self.is_cpu(child) && is_usable_cpu(self.known(child.properties, Known::Status))
    }
}
