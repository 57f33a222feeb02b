//! CPUs of a spin table that did not come: did they never jump (P6), or was what they waited in
//! overwritten (P3)?
//!
//! One boot cannot tell where no other CPU came before memory was overwritten. Another one does, in
//! which all of them are let in before that: it leaves out P3.

use boot_protocol::Verdict;

use super::finding::{Finding, Witness};

/// The clause about where CPUs wait. Without it the payload lets them in at once.
pub(super) const WHERE_CPUS_WAIT: &str = "P3";
/// The clause that they jump.
const CPUS_JUMP: &str = "P6";

/// The CPUs that did not come.
pub(super) fn never_came(findings: &[Finding]) -> Vec<u64> {
    let broken = findings
        .iter()
        .filter(|it| it.clause == CPUS_JUMP && it.verdict == Verdict::Fail);
    broken.map(|it| it.cpu).collect()
}

/// Those of them that do come when memory is not overwritten first: it is where they wait that is
/// wrong.
pub(super) fn overwritten(never_came: &[u64], findings: &[Finding]) -> Vec<Finding> {
    let came = findings
        .iter()
        .filter(|it| it.clause == CPUS_JUMP && it.verdict == Verdict::Pass);
    came.filter(|it| never_came.contains(&it.cpu))
        .map(|it| {
            Finding::new(
                WHERE_CPUS_WAIT,
                it.cpu,
                false,
                "the CPU to wait where no kernel writes to",
                "it did not come after memory was overwritten, and comes before that",
                Witness::Payload,
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cpu_that_comes_only_before_memory_is_overwritten_waits_in_the_wrong_place() {
        let p6 = |cpu, is_kept| Finding::new("P6", cpu, is_kept, "it to jump", "", Witness::Payload);
        let never_came = never_came(&[p6(1, false), p6(2, false), p6(3, true)]);
        assert_eq!(never_came, [1, 2]);
        let overwritten = overwritten(&never_came, &[p6(1, true), p6(2, false), p6(3, true)]);
        let named: Vec<_> = overwritten.iter().map(|it| (it.clause.as_str(), it.cpu)).collect();
        assert_eq!(named, [("P3", 1)]);
    }
}
