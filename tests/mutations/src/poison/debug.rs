//! Debug, and the PMU. The OS lock is left as it is: it is locked at reset, on QEMU as well.

use super::{fill, fill_but, has};

/// `MDSCR_EL1` but for `SS`, `TDCC`, `KDE` and `MDE`: what belongs to an external debugger is 0
/// after a Cold reset.
const MDSCR_KEPT: u64 = !(1 << 15 | 1 << 13 | 1 << 12 | 1);
/// `PMCR_EL0.E` is 0 at reset; `P` and `C` are no state.
const PMCR_KEPT: u64 = 0b111;
/// `PMSELR_EL0.SEL`: no counter has a higher number.
const PMSELR_SEL: u64 = 0x1f;

/// Registers of which there are as many as `count` says, and no more on a CPU of QEMU.
macro_rules! fill_first {
    ($garbage:expr, $count:expr, $($number:literal: $($register:literal)+;)+) => {$(
        if $number < $count { fill!($garbage, $($register)+); }
    )+};
}

/// Fills registers of EL1 and EL0.
pub fn fill(garbage: u64) {
    fill_but!(garbage, "mdscr_el1", MDSCR_KEPT);
    let dfr0 = read!("id_aa64dfr0_el1");
    let breakpoints = (dfr0 >> 12 & 0xf) + 1;
    fill_first! { garbage, breakpoints,
        0: "dbgbvr0_el1" "dbgbcr0_el1";
        1: "dbgbvr1_el1" "dbgbcr1_el1";
        2: "dbgbvr2_el1" "dbgbcr2_el1";
        3: "dbgbvr3_el1" "dbgbcr3_el1";
        4: "dbgbvr4_el1" "dbgbcr4_el1";
        5: "dbgbvr5_el1" "dbgbcr5_el1";
    }
    let watchpoints = (dfr0 >> 20 & 0xf) + 1;
    fill_first! { garbage, watchpoints,
        0: "dbgwvr0_el1" "dbgwcr0_el1";
        1: "dbgwvr1_el1" "dbgwcr1_el1";
        2: "dbgwvr2_el1" "dbgwcr2_el1";
        3: "dbgwvr3_el1" "dbgwcr3_el1";
    }
    if has(dfr0, 8, 1) && !has(dfr0, 8, 0xf) {
        fill_pmu(garbage);
    }
}

fn fill_pmu(garbage: u64) {
    let counters = read!("pmcr_el0") >> 11 & PMSELR_SEL;
    for counter in 0..counters {
        write!("pmselr_el0", counter);
        barrier!();
        fill!(garbage, "pmxevtyper_el0" "pmxevcntr_el0");
    }
    write!("pmselr_el0", garbage & PMSELR_SEL);
    fill!(garbage, "pmccfiltr_el0" "pmccntr_el0" "pmuserenr_el0");
    fill!(garbage, "pmcntenset_el0" "pmintenset_el1" "pmovsset_el0");
    fill_but!(garbage, "pmcr_el0", PMCR_KEPT);
}
