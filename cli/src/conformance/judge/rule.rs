//! [`Rule`]: bits of a register that a clause asks for where the CPU has a feature.

/// Bits of a register that a clause asks for where the CPU has a feature.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule {
    pub clause: &'static str,
    pub when: When,
    pub needs: Needs,
    pub register: &'static str,
    /// The bits, and what they are called.
    pub mask: u64,
    pub value: u64,
    pub name: &'static str,
}

/// The condition on which a clause asks for something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    /// There is an EL3.
    El3,
    /// There is an EL3, and the kernel is entered at EL2.
    El3ToEl2,
    /// The kernel is entered at EL2.
    ToEl2,
    /// The kernel is entered at EL1, and there is an EL2.
    El1BelowEl2,
    /// As above, and HCR_EL2.E2H is 1.
    El1WithE2h,
    /// As above, and HCR_EL2.E2H is 0.
    El1WithoutE2h,
    /// The kernel is entered at any level.
    Always,
}

/// The features that a CPU must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Needs {
    /// Nothing: every CPU has it.
    Nothing,
    /// The feature that is announced by a field of an identification register, from this value on.
    Field(&'static str, u32, u64),
    /// The feature that has this register. For features that only ID_AA64PFR0_EL1 announces, which
    /// QEMU's debugger does not show.
    Register(&'static str),
    /// A PMU of at least this version (ID_AA64DFR0_EL1.PMUVer, where 0xf is none of the
    /// architecture's).
    Pmu(u64),
}

impl Rule {
    /// Bits that must be 1.
    pub const fn set(
        clause: &'static str,
        when: When,
        needs: Needs,
        register: &'static str,
        mask: u64,
        name: &'static str,
    ) -> Self {
        Self {
            clause,
            when,
            needs,
            register,
            mask,
            value: mask,
            name,
        }
    }

    /// Bits that must be 0.
    pub const fn clear(
        clause: &'static str,
        when: When,
        needs: Needs,
        register: &'static str,
        mask: u64,
        name: &'static str,
    ) -> Self {
        Self {
            value: 0,
            ..Self::set(clause, when, needs, register, mask, name)
        }
    }
}
