//! Which CPUs are there, and where is the interrupt controller? For who drives them.

use phys_range::PhysRange;

use crate::Devicetree;
use crate::edit::is_cpu;
use crate::memory::{entry_bytes, number, numbers};
use crate::properties::Known;

impl Devicetree<'_> {
    /// The `reg` of every CPU, whether it can be used now or not (Devicetree Specification v0.4, 3.8): the affinity fields of its `MPIDR_EL1`
    /// (binding `arm/cpus.yaml`).
    pub fn cpus(&self) -> impl Iterator<Item = u64> {
        let structure = &self.checked.structure;
        let children = self.facts.cpus.map(|cpus| structure.children(cpus));
        let cpus = children.into_iter().flatten().filter(|child| is_cpu(structure, child));
        cpus.filter_map(|cpu| Some(number(structure.known(cpu.properties).get(Known::Reg)?)))
    }

    /// The register blocks of the GIC, in the order of its binding: the distributor first, then the CPU interface of a GICv2, or the regions
    /// of redistributors of a GICv3, which the other blocks follow.
    pub fn gic_registers(&self) -> impl Iterator<Item = PhysRange> {
        let (properties, cells) = self.facts.gic_node;
        let known = self.facts.gic.map(|_| self.checked.structure.known(properties));
        let reg = known.and_then(|known| known.get(Known::Reg)).unwrap_or_default();
        let entries = reg.chunks_exact(entry_bytes(reg, cells).unwrap_or(usize::MAX));
        entries.filter_map(move |entry| {
            let (start, size_bytes) = numbers(entry, cells);
            PhysRange::new(start, size_bytes)
        })
    }

    /// How many of the [`Self::gic_registers`] after the first one are regions of redistributors (binding `arm,gic-v3.yaml`).
    pub fn redistributor_regions(&self) -> usize {
        self.gic_number(b"#redistributor-regions")
            .map_or(1, |count| count as usize)
    }

    /// From one redistributor to the next, in bytes, where the tree says so (binding `arm,gic-v3.yaml`).
    pub fn redistributor_stride(&self) -> Option<u64> {
        self.gic_number(b"redistributor-stride")
    }

    fn gic_number(&self, name: &[u8]) -> Option<u64> {
        self.facts.gic?;
        self.checked.structure.value(self.facts.gic_node.0, name).map(number)
    }
}
