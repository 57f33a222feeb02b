//! [`PsciConduit`] and [`GicKind`], recognised by `compatible`
//! wherever the node is.

use core::fmt;

use crate::value;

/// The conduit of PSCI calls (boot-protocol Q3; binding `psci.yaml`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PsciConduit {
    /// By `smc #0`: EL3 answers.
    Smc,
    /// By `hvc #0`: EL2 answers.
    Hvc,
}

/// The kind of the interrupt controller (boot-protocol M5, M10, M11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GicKind {
    /// GICv2.
    V2,
    /// GICv3 or GICv4, which have the same `compatible`.
    V3,
    /// GICv5.
    V5,
    /// A GIC that this crate does not know.
    Unknown,
}

impl PsciConduit {
    /// Returns what a node with these properties says; `None` if it does not describe PSCI.
    pub(crate) fn read(compatible: &[u8], method: &[u8]) -> Option<Self> {
        value::find(compatible, &[b"arm,psci-1.0\0", b"arm,psci-0.2\0", b"arm,psci\0"])?;
        match method {
            b"smc\0" => Some(Self::Smc),
            b"hvc\0" => Some(Self::Hvc),
            _ => None,
        }
    }
}

impl GicKind {
    /// Returns what an interrupt controller with this `compatible` is; `None` if it is no GIC.
    pub(crate) fn read(compatible: &[u8]) -> Option<Self> {
        match value::find(compatible, &KNOWN_GICS)? {
            0 => Some(Self::V3),
            1 => Some(Self::V5),
            2..6 => Some(Self::V2),
            _ => Some(Self::Unknown),
        }
    }
}

/// How the `compatible` of a GIC begins; more telling beginnings come first.
const KNOWN_GICS: [&[u8]; 7] = [
    b"arm,gic-v3",
    b"arm,gic-v5",
    b"arm,gic-400",
    b"arm,cortex-a15-gic",
    b"arm,cortex-a7-gic",
    b"arm,cortex-a9-gic",
    b"arm,gic",
];

impl PsciConduit {
    /// `SMC` or `HVC`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Smc => "SMC",
            Self::Hvc => "HVC",
        }
    }
}

impl GicKind {
    /// `GICv2`, `GICv3`, `GICv5` or `unknown GIC`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::V2 => "GICv2",
            Self::V3 => "GICv3",
            Self::V5 => "GICv5",
            Self::Unknown => "unknown GIC",
        }
    }
}

impl fmt::Display for PsciConduit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for GicKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
