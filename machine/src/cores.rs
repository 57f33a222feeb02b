//! The needs of single cores at EL3: workarounds for their errata and mitigations, by `MIDR_EL1`.
//!
//! [`table`] lists them with the document that each comes from; [`operations`] selects what a CPU
//! needs; `apply` writes it. [`speculation`] decides what an entry to EL3 from a lower level has to
//! do.
//!
//! # Order
//! `CPUECTLR_EL1.SMPEN` is no row: it is set at reset, before any cache is on. The cores' manuals
//! want the other registers, too, to be written while the system is idle, after reset and before
//! the MMU is on (Cortex-A76 TRM, 100798, B2.23; Cortex-A35 TRM, 100236, B2.73 for `L2ACTLR_EL1`).
//! `apply` therefore needs neither stack nor MMU. A patch of an instruction takes effect with its
//! last write, to `CPUPCR_EL3`.
//!
//! # Registers that a model lacks
//! QEMU has these registers as constants, or not at all, which differs between cores and versions.
//! An access that is UNDEFINED is skipped: the vectors of `apply` are in place only while it
//! writes. A list of models would do for those that exist today; it would also be silent about a
//! register that a new core lost. On hardware nothing is skipped, as the cores have the registers.
//!
//! # What is no row, and why
//! * **Compiler and linker**: Cortex-A53 835769, 843419.
//! * **Cache maintenance**: Cortex-A53 819472, 824069, 827319. Nothing at EL3 cleans a line without
//!   invalidating it. Kernels have their own workaround.
//! * **TLB maintenance by EL3**: Cortex-A57 813419, Cortex-A76 1286807, and CVE-2025-10263 of many
//!   cores: each invalidation has to be made twice. EL3 invalidates before it enters a kernel, with
//!   nothing of its own in those TLB entries.
//! * **Address translation at a switch of worlds**: Cortex-A53 1530924, Cortex-A55 1530923,
//!   Cortex-A57 1319537, Cortex-A72 1319367, Cortex-A76 1165522. EL3 serves one world, and never
//!   switches EL1's translation.
//! * **Power-down**: Cortex-A57 817169, Cortex-A76 2743102, Cortex-A76AE 2753838, Cortex-A77
//!   2743100, Cortex-A78 2772019, Cortex-A78C 2772121, Cortex-A710 2008768, 2291219 and 2768515,
//!   Neoverse N1 2743102, N2 2009478, 2326639 and 2743089, V1 2743093, V2 2801372. No core is
//!   powered down: a CPU that is off waits in EL3.
//! * **DSU**: 798953, 936184, 2313941. They concern registers of a cluster, and depend on its L3
//!   cache, its ACP and its revision, which a board would have to state. So does Cortex-A55 778703,
//!   which applies only without an L2 cache.
//! * **Traps to EL3**: Neoverse N1 1542419 and CVE-2025-0647 (Cortex-A710, Neoverse N2, V2) patch
//!   instructions of the kernel so that they trap to EL3 with an IMPLEMENTATION DEFINED syndrome.
//!   Linux works around the first without.
//! * **`SCTLR_EL3`**: Cortex-A75 764081 (r0p0) sets `IESB`. The register belongs to who runs at
//!   EL3, which writes all of it.
//! * **`MSR SSBS`**: Neoverse N1 3324349, N2 3324339, Cortex-A710 3324338. EL3 never writes
//!   `PSTATE.SSBS`: each entry clears it (`SCTLR_EL3.DSSBS` is 0).
//! * **Interconnects**: Cortex-A710 2701952, Neoverse N2 2728475 and their like concern systems
//!   with interconnects that are not Arm's, which a board would have to state. The GIC-600's errata
//!   belong to the GIC's driver.
//! * **Choices**: non-temporal hints (Cortex-A57), near atomics, prefetchers (Neoverse N2 2138953),
//!   external caches and activity monitors before FEAT_AMUv1 are matters of speed.
//! * **A slot that two errata want**: Neoverse V1 2139242 and 1966096 (r1p0, r1p1), 2139242 and
//!   1618635 (r0p0) both patch by slot 3. Firmware that writes both keeps the later. The table has
//!   2139242 from r1p0 on, and 1618635 whole.

pub mod speculation;
pub mod table;

#[cfg(target_arch = "aarch64")]
mod apply;
#[cfg(target_arch = "aarch64")]
pub use apply::apply;

use table::{CORES, Cause, Change, Core, PATCHES, Patch, Workaround};

/// `MIDR_EL1.Implementer`: Arm.
const IMPLEMENTER_ARM: u64 = 0x41;

/// Defines the registers, and the code that changes each of them.
macro_rules! core_registers {
    ($($(#[$doc:meta])* $name:ident = $encoding:literal,)*) => {
        /// An IMPLEMENTATION DEFINED register that EL3 changes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Register {
            $($(#[$doc])* $name,)*
        }

        /// Assembly: for each register, `ACCESS_BYTES` of code that clears the bits in x1, sets
        /// those in x2, and changes x3.
        #[cfg(target_arch = "aarch64")]
        macro_rules! accesses {
            () => {
                concat!($(
                    "mrs x3, ", $encoding, "\nbic x3, x3, x1\norr x3, x3, x2\nmsr ", $encoding, ", x3\nret\n",
                )*)
            };
        }
        #[cfg(target_arch = "aarch64")]
        pub(crate) use accesses;
    };
}

core_registers! {
    /// `CPUACTLR_EL1` of Cortex-A35, A53, A57 and A72.
    PreDsuCpuactlr = "s3_1_c15_c2_0",
    /// `L2ACTLR_EL1` of Cortex-A53 and A57.
    PreDsuL2actlr = "s3_1_c15_c0_0",
    /// A control register of the Cortex-A73 without a public name.
    CortexA73First = "s3_0_c15_c0_0",
    /// The diagnostic register of the Cortex-A73.
    CortexA73Diagnostic = "s3_0_c15_c0_1",
    /// Another control register of the Cortex-A73 without a public name.
    CortexA73Second = "s3_0_c15_c0_2",
    /// `CPUACTLR_EL1`.
    Cpuactlr = "s3_0_c15_c1_0",
    /// `CPUACTLR2_EL1`.
    Cpuactlr2 = "s3_0_c15_c1_1",
    /// `CPUACTLR3_EL1`.
    Cpuactlr3 = "s3_0_c15_c1_2",
    /// `CPUACTLR4_EL1`.
    Cpuactlr4 = "s3_0_c15_c1_3",
    /// `CPUECTLR_EL1`.
    Cpuectlr = "s3_0_c15_c1_4",
    /// `CPUECTLR2_EL1`.
    Cpuectlr2 = "s3_0_c15_c1_5",
    /// `CPUPWRCTLR_EL1`.
    Cpupwrctlr = "s3_0_c15_c2_7",
    /// `CPUACTLR5_EL1` of Cortex-A710, Neoverse N2 and V2.
    Cpuactlr5 = "s3_0_c15_c8_0",
    /// `CPUACTLR6_EL1`.
    Cpuactlr6 = "s3_0_c15_c8_1",
    /// `CPUACTLR5_EL1` of the Cortex-A78 family, Cortex-X1 and Neoverse V1.
    CortexA78Cpuactlr5 = "s3_0_c15_c9_0",
    /// `CPUPSELR_EL3`: the slot that the registers below are for.
    Cpupselr = "s3_6_c15_c8_0",
    /// `CPUPCR_EL3`: the control register of a patch.
    Cpupcr = "s3_6_c15_c8_1",
    /// `CPUPOR_EL3`: the instruction that is patched.
    Cpupor = "s3_6_c15_c8_2",
    /// `CPUPMR_EL3`: the bits of the instruction that count.
    Cpupmr = "s3_6_c15_c8_3",
    /// `CPUPOR2_EL3`: a second instruction.
    Cpupor2 = "s3_6_c15_c8_4",
    /// `CPUPMR2_EL3`: the bits of the second instruction that count.
    Cpupmr2 = "s3_6_c15_c8_5",
}

/// The size of the code that changes one register.
#[cfg(target_arch = "aarch64")]
const ACCESS_BYTES: u64 = 20;

/// A change of a register: first the bits of `clear` become 0, then those of `set` become 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation {
    /// The register.
    pub register: Register,
    /// The bits that become 0.
    pub clear: u64,
    /// The bits that become 1.
    pub set: u64,
}

/// Returns the operations that a CPU with this `MIDR_EL1` needs, in the order in which they must be
/// made. `has_ssbs` says that its `ID_AA64PFR1_EL1` announces FEAT_SSBS.
pub fn operations(midr: u64, has_ssbs: bool) -> impl Iterator<Item = Operation> {
    ROWS.iter()
        .filter(move |row| row.applies_to(midr, has_ssbs))
        .flat_map(Row::operations)
        .flatten()
}

/// Returns true if a CPU without FEAT_SSBS gets the bit set that stops it from loading before older
/// stores (CVE-2018-3639).
fn store_bypass_is_stopped(midr: u64) -> bool {
    ROWS.iter()
        .any(|row| row.applies_to(midr, false) && row.field(Row::ONLY_WITHOUT_SSBS) != 0)
}

/// A row of the table as the target has it: bit fields of 64 bits, which `apply` reads without a
/// stack.
#[derive(Clone, Copy)]
#[repr(transparent)]
struct Row(u64);

/// A bit field of a [`Row`]: its lowest bit and its width.
struct Field(u32, u32);

impl Row {
    const PART: Field = Field(0, 12);
    const FIRST: Field = Field(12, 8);
    const LAST: Field = Field(20, 8);
    const REGISTER: Field = Field(28, 5);
    const ONLY_WITHOUT_SSBS: Field = Field(33, 1);
    /// The lowest bit of the register's field, or the slot of a patch.
    const LOWEST_BIT: Field = Field(34, 6);
    const WIDTH: Field = Field(40, 4);
    /// The new value of the register's field, or the place of the patch in [`PATCHES`].
    const VALUE: Field = Field(44, 8);
    /// Stands in place of a register for a patch.
    const PATCH: u64 = 31;

    const fn new(core: &Core, workaround: &Workaround) -> Self {
        let (first, last) = workaround.revisions.limits();
        let only_without_ssbs = matches!(workaround.cause, Cause::Cve(2018, 3639));
        let row = Self(0)
            .with(Self::PART, core.part as u64)
            .with(Self::FIRST, first as u64)
            .with(Self::LAST, last as u64)
            .with(Self::ONLY_WITHOUT_SSBS, only_without_ssbs as u64);
        match workaround.change {
            Change::Field {
                register,
                lowest_bit,
                width,
                value,
            } => row
                .with(Self::REGISTER, register as u64)
                .with(Self::LOWEST_BIT, lowest_bit as u64)
                .with(Self::WIDTH, width as u64)
                .with(Self::VALUE, value as u64),
            Change::Patch { slot, patch } => row
                .with(Self::REGISTER, Self::PATCH)
                .with(Self::LOWEST_BIT, slot as u64)
                .with(Self::VALUE, patch as u64),
        }
    }

    const fn with(self, field: Field, value: u64) -> Self {
        // A constant: what does not fit stops the build.
        assert!(value >> field.1 == 0);
        Self(self.0 | value << field.0)
    }

    const fn field(&self, field: Field) -> u64 {
        self.0 >> field.0 & ((1 << field.1) - 1)
    }

    /// Returns true if a CPU needs this row.
    fn applies_to(&self, midr: u64, has_ssbs: bool) -> bool {
        let revision = midr >> 16 & 0xf0 | midr & 0xf;
        midr >> 24 & 0xff == IMPLEMENTER_ARM
            && midr >> 4 & 0xfff == self.field(Self::PART)
            && (self.field(Self::FIRST)..=self.field(Self::LAST)).contains(&revision)
            && !(has_ssbs && self.field(Self::ONLY_WITHOUT_SSBS) != 0)
    }

    /// The operations of this row, in order.
    fn operations(&self) -> [Option<Operation>; 6] {
        let value = self.field(Self::VALUE);
        let lowest_bit = self.field(Self::LOWEST_BIT);
        let Some(&register) = FIELD_REGISTERS.get(self.field(Self::REGISTER) as usize) else {
            return PATCHES
                .get(value as usize)
                .map(|patch| patch.operations(lowest_bit))
                .unwrap_or_default();
        };
        let mask = (1 << self.field(Self::WIDTH)) - 1;
        let operation = Operation {
            register,
            clear: mask << lowest_bit,
            set: value << lowest_bit,
        };
        [Some(operation), None, None, None, None, None]
    }
}

impl Patch {
    fn operations(&self, slot: u64) -> [Option<Operation>; 6] {
        let write = |register, set| {
            Some(Operation {
                register,
                clear: u64::MAX,
                set,
            })
        };
        let second = |register, set: u32| (self.mask2 != 0).then(|| write(register, set.into())).flatten();
        [
            write(Register::Cpupselr, slot),
            write(Register::Cpupor, self.opcode),
            write(Register::Cpupmr, self.mask),
            second(Register::Cpupor2, self.opcode2),
            second(Register::Cpupmr2, self.mask2),
            write(Register::Cpupcr, self.control),
        ]
    }
}

/// The registers that rows change fields of, in the order of [`Register`].
const FIELD_REGISTERS: [Register; 15] = {
    use Register as R;
    [
        R::PreDsuCpuactlr,
        R::PreDsuL2actlr,
        R::CortexA73First,
        R::CortexA73Diagnostic,
        R::CortexA73Second,
        R::Cpuactlr,
        R::Cpuactlr2,
        R::Cpuactlr3,
        R::Cpuactlr4,
        R::Cpuectlr,
        R::Cpuectlr2,
        R::Cpupwrctlr,
        R::Cpuactlr5,
        R::Cpuactlr6,
        R::CortexA78Cpuactlr5,
    ]
};

const ROW_COUNT: usize = {
    let (mut count, mut core) = (0, 0);
    while core < CORES.len() {
        count += CORES[core].workarounds.len();
        core += 1;
    }
    count
};

/// All rows of all cores.
static ROWS: [Row; ROW_COUNT] = {
    let mut rows = [Row(0); ROW_COUNT];
    let (mut count, mut core) = (0, 0);
    while core < CORES.len() {
        let mut index = 0;
        while index < CORES[core].workarounds.len() {
            rows[count] = Row::new(&CORES[core], &CORES[core].workarounds[index]);
            count += 1;
            index += 1;
        }
        core += 1;
    }
    rows
};

#[cfg(test)]
mod tests;
