//! CPUs that wait in memory.

use flint_cli::qemu::Machine;
use scenarios::mutation::Mutation;
use scenarios::mutator::Jump;
use scenarios::tree::TreeEdit;

use super::{el2, row};

/// Three CPUs of which two wait in memory.
const WAITING: &str = "
/ {
    cpus {
        cpu@1 { enable-method = \"spin-table\"; cpu-release-addr = <0 0x47f00808>; };
        cpu@2 { enable-method = \"spin-table\"; cpu-release-addr = <0 0x47f00810>; };
    };
    reserved-memory {
        #address-cells = <2>;
        #size-cells = <2>;
        ranges;
        pens@47f00000 { reg = <0 0x47f00000 0 0x1000>; };
    };
};";

/// Both for the same word.
const FOR_ONE_WORD: &str = "
/ {
    cpus {
        cpu@1 { cpu-release-addr = <0 0x47f00800>; };
        cpu@2 { cpu-release-addr = <0 0x47f00800>; };
    };
};";

/// For words that are not reserved.
const NOT_RESERVED: &str = "
/ {
    cpus {
        cpu@1 { cpu-release-addr = <0 0x45200008>; };
        cpu@2 { cpu-release-addr = <0 0x45200010>; };
    };
};";

const WITHOUT_ADDRESS: &str = "/ { cpus { cpu@2 { /delete-property/ cpu-release-addr; }; }; };";

/// CPUs that wait in memory.
pub(super) fn spin_tables() -> Vec<Mutation> {
    let waiting = |name, cpus, edit| {
        let machine = Machine { smp: 3, ..el2() };
        Mutation {
            tree: vec![TreeEdit::Source(WAITING), TreeEdit::Source(edit)],
            ..row(name, Jump::ToKernel, machine, cpus)
        }
    };
    const BOTH: &[u64] = &[1, 2];
    const LAST: &[u64] = &[2];
    vec![
        waiting("nothing_waits_for_one_word_each", BOTH, ""),
        waiting("nothing_waits_for_one_word", BOTH, FOR_ONE_WORD),
        waiting("h1_unmasked_in_pen", BOTH, ""),
        waiting("p1_address", LAST, WITHOUT_ADDRESS),
        waiting("p2_value", BOTH, ""),
        waiting("p3_pen", LAST, ""),
        waiting("p3_shared_pen", BOTH, FOR_ONE_WORD),
        waiting("p4_word", BOTH, NOT_RESERVED),
        waiting("p6_never", BOTH, ""),
    ]
}
