//! A machine made of maps: what its registers and its memory hold, and what traps.

use std::collections::BTreeMap;

use arrayvec::ArrayVec;
use devicetree::PsciConduit;
use linux_image::ImageHeader;
use phys_range::PhysRange;

use crate::facts::{self, EnableMethod, Gic, Initrd, Uart};
use crate::instruction::{Instruction, Register, Trap};
use crate::{Common, Cpu, Entry, Facts, Image, Subject, register as r};

pub(super) const GICD: u64 = 0x0800_0000;
pub(super) const GICR: u64 = 0x080a_0000;
pub(super) const UART: u64 = 0x0900_0000;
pub(super) const VIRTIO: u64 = 0x0a00_0000;
pub(super) const PCI: u64 = 0x3f00_0000;
const SECURE: u64 = 0x0e00_0000;

/// The value that a trapped instruction leaves in `ESR_ELx`.
const TRAPPED: u64 = 0x6235_0465;
/// `MRS` has this bit, `MSR` of the same register does not.
const READS: u32 = 1 << 21;

/// A machine, a payload in it, and the CPU that runs.
pub(super) struct World {
    pub(super) entry: Entry,
    pub(super) facts: Facts,
    pub(super) image: Image,
    pub(super) cpu: Maps,
    common: Common,
}

/// Registers and memory.
pub(super) struct Maps {
    /// A word that does not keep what is written.
    pub(super) stuck: Option<u64>,
    /// A word that cannot be read.
    pub(super) aborting: Option<u64>,
    /// What instructions give that are no accesses to memory.
    answers: BTreeMap<u32, Result<u64, u64>>,
    memory: BTreeMap<u64, u64>,
}

impl World {
    /// Entered at EL2 below an EL3.
    pub(super) fn at_el2() -> Self {
        let range = |start, size| PhysRange::new(start, size).unwrap();
        let mut world = Self {
            entry: Entry {
                daif: 0x3c0,
                current_el: 2 << 2,
                sctlr: 0x30c5_0830,
                pc: 0x4000_0000,
                mpidr: 0x8000_0000,
                ..Entry::default()
            },
            facts: Facts {
                tree: range(0x4fc0_0000, 0x2000),
                ram: [range(0x4000_0000, 0x1000_0000)].into_iter().collect(),
                reserved: ArrayVec::new(),
                is_reserved_unknown: false,
                not_mapped: ArrayVec::new(),
                cpus: [0, 1]
                    .map(|affinity| facts::Cpu {
                        affinity,
                        method: EnableMethod::Psci,
                    })
                    .into_iter()
                    .collect(),
                psci: Some(PsciConduit::Smc),
                initrd: Initrd::At(range(0x4800_0000, 0x1000)),
                has_sound_bootargs: true,
                skipped: Default::default(),
                gic: Gic::V3 {
                    distributor: GICD,
                    redistributors: [range(GICR, 0x2_0000)].into_iter().collect(),
                    stride: None,
                },
                virtio: [VIRTIO].into_iter().collect(),
                pci: Some(range(PCI, 0x100_0000)),
                uart: Some(Uart {
                    base: UART,
                    interrupt: Some(33),
                }),
                secure_memory: Some(SECURE),
            },
            image: Image {
                header: ImageHeader::new(0, 0x20_0000, 0xa),
                start: 0x4000_0000,
                file_end: 0x4010_0000,
            },
            cpu: Maps {
                stuck: None,
                aborting: Some(SECURE),
                answers: BTreeMap::new(),
                memory: BTreeMap::new(),
            },
            common: Common::default(),
        };
        for (register, value) in [
            (r::ID_AA64PFR0_EL1, 0x0200_1101_1100_1100),
            (r::ID_AA64PFR1_EL1, 1 << 44 | 2 << 24 | 2 << 8),
            (r::ID_AA64PFR2_EL1, 1 << 32),
            (r::ID_AA64SMFR0_EL1, 1 << 63),
            (r::ID_AA64DFR0_EL1, 1 << 52 | 1 << 44 | 1 << 40 | 1 << 32 | 9 << 8 | 9),
            (r::ID_AA64ISAR1_EL1, 2 << 60 | 1 << 4),
            (r::ID_AA64ISAR2_EL1, 1 << 16),
            (r::ID_AA64MMFR0_EL1, 2 << 60 | 2 << 56),
            (r::ID_AA64MMFR1_EL1, 1 << 40 | 1 << 16),
            (r::ID_AA64MMFR3_EL1, 1 << 24 | 1 << 8 | 1 << 4 | 1),
            (r::SCTLR_EL1, 0x30d0_0800),
            (r::SCTLR_EL2, 0x30c5_0830),
            (r::HCR_EL2, 1 << 31),
            (r::CNTFRQ_EL0, 62_500_000),
            (r::ICC_SRE_EL1, 7),
            (r::ICC_SRE_EL2, 0xf),
            (r::AMCNTENSET0_EL0, 0xf),
            (r::PMSIDR_EL1, 1 << 7),
        ] {
            world.set(register, value);
        }
        world.answer(Instruction::HVC, Err(0x16 << 26));
        world.answer(Instruction::SMC, Ok(0x1_0001));
        world.put(GICD + 0xffe8, 0x3b);
        world.put(GICD + 4, 1);
        world.put(GICR + 8, 1 << 4);
        world.put(VIRTIO, 0x7472_6976);
        world
    }

    /// Entered at EL1, with an EL2 and an EL3 above.
    pub(super) fn at_el1() -> Self {
        let mut world = Self::at_el2();
        world.entry.current_el = 1 << 2;
        world.entry.sctlr = 0x30d0_0800;
        world
    }

    pub(super) fn subject(&mut self) -> Subject<'_> {
        Subject {
            cpu: &mut self.cpu,
            entry: &self.entry,
            facts: &self.facts,
            image: &self.image,
            common: &mut self.common,
        }
    }

    pub(super) fn set(&mut self, register: Register, value: u64) {
        self.answer(register.read(), Ok(value));
    }

    pub(super) fn get(&self, register: Register) -> u64 {
        self.cpu
            .answers
            .get(&register.read().word)
            .map_or(0, |answer| answer.unwrap())
    }

    pub(super) fn answer(&mut self, instruction: Instruction, answer: Result<u64, u64>) {
        self.cpu.answers.insert(instruction.word, answer);
    }

    pub(super) fn trap(&mut self, instruction: Instruction) {
        self.answer(instruction, Err(TRAPPED));
    }

    /// Lets a write have no effect.
    pub(super) fn ignore(&mut self, write: Instruction) {
        self.answer(write, Ok(0));
    }

    pub(super) fn put(&mut self, address: u64, value: u64) {
        self.cpu.memory.insert(address, value);
    }

    pub(super) fn at(&self, address: u64) -> u64 {
        self.cpu.at(address)
    }

    pub(super) fn first_had(&mut self, what: &'static str, value: u64) {
        self.subject().of_first_cpu(what, value);
    }
}

impl Maps {
    fn at(&self, address: u64) -> u64 {
        self.memory.get(&address).copied().unwrap_or(0)
    }
}

impl Cpu for Maps {
    fn execute(&mut self, instruction: Instruction, [x0, x1, ..]: [u64; 4]) -> Result<u64, Trap> {
        let is_load = [Instruction::LOAD_32, Instruction::LOAD_64].contains(&instruction);
        let is_store = [Instruction::STORE_32, Instruction::STORE_64].contains(&instruction);
        if is_load {
            return if self.aborting == Some(x0) {
                Err(Trap(0x9600_0010))
            } else {
                Ok(self.at(x0))
            };
        }
        if is_store {
            if self.stuck != Some(x0) {
                self.memory.insert(x0, x1);
            }
            return Ok(x0);
        }
        if let Some(answer) = self.answers.get(&instruction.word) {
            return answer.map_err(Trap);
        }
        let is_write = instruction.word >> 20 == 0xd51;
        if is_write {
            self.answers.insert(instruction.word | READS, Ok(x0));
        }
        Ok(0)
    }
}
