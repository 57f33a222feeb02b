//! A payload that is not entered as a kernel could be: which clause was that?
//!
//! Another header tells. If the payload is started with that one, then by what differs between the
//! two.

use boot_plan::PageSizes;
use boot_protocol::Verdict;

use super::console;
use super::finding::{Finding, Witness};
use super::observation::Observation;
use super::payload::Variant;
use super::watch::Watched;
use crate::qemu::Ended;

/// The number of the console's last lines that are evidence.
const EXCERPT_LINES: usize = 12;
/// The first CPU.
const FIRST_CPU: u64 = 0;

/// The clause that says that a kernel with this header is to be started, and a header without what
/// the clause is about.
pub(super) fn control(variant: Variant) -> (&'static str, Variant) {
    let clause = match variant {
        // That one has bit 3 of the flags, the other has not.
        Variant::Plain => return ("D10", Variant::Low),
        Variant::Low => "D9",
        Variant::Offset => "D2",
        Variant::Pages16k | Variant::Pages64k | Variant::PagesUnknown => "D8",
        Variant::Reserved => "D11",
        Variant::Large => "D6",
        Variant::Efi => "D4",
        Variant::BigEndian => "D7",
        Variant::NoSize => "D5",
    };
    (clause, Variant::Plain)
}

/// Returns why nothing can be said but that the level is wrong: at EL3 nothing traps that shows by
/// trapping, and at EL0 everything does.
pub(super) fn at_wrong_level(seen: &Watched) -> Option<String> {
    let level = seen.observation.first.as_ref()?.level();
    (!matches!(level, 1 | 2)).then(|| format!("the payload was entered at EL{level}, where it can tell nothing (H3)"))
}

/// Returns what it says of the loader that the debugger did not see the payload's first
/// instruction, where the payload itself speaks, and was waited for at the place that it speaks
/// from.
pub(super) fn passed_by(seen: &Watched) -> Option<Finding> {
    let start = console::entry(&seen.console).filter(|start| seen.entries.contains(start))?;
    if seen.lost_sight.is_some() {
        return None;
    }
    let found = format!("the payload at {start:#x} runs, and no CPU came by the start of its header");
    Some(Finding::new(
        "D3",
        FIRST_CPU,
        false,
        "the first two words of the header to be executed",
        found,
        Witness::Debugger,
    ))
}

/// Returns what it says of the loader that the payload was not started with one header, and what
/// became of another one. Nothing if it speaks all the same; nor if neither was started before the
/// time was up, as who is slow refuses nothing, or QEMU failed.
pub(super) fn judged(variant: Variant, seen: &Watched, other: &Watched) -> Option<Finding> {
    let (clause, control) = control(variant);
    let not = |clause, expected| {
        let found = format!(
            "it was not; the console ends with:\n{}",
            console::excerpt(&seen.console, EXCERPT_LINES)
        );
        Finding::new(clause, FIRST_CPU, false, expected, found, Witness::Debugger)
    };
    if console::has_begun(&seen.console) || seen.lost_sight.is_some() {
        return None;
    }
    let is_entered = other.observation.first.is_some();
    if is_entered && !has_pages(&other.observation, variant) {
        let why = format!("the CPU has no {}", variant.page_size());
        return Some(Finding::none(
            clause,
            FIRST_CPU,
            Verdict::NotApplicable,
            why,
            Witness::Debugger,
        ));
    }
    if is_entered {
        let expected = format!("the payload to be entered, as with --header {}", control.name());
        return Some(not(clause, expected));
    }
    let is_over = |watched: &Watched| {
        let is_off = matches!(watched.ended, Ended::Exited(status) if status.success());
        (is_off || console::trouble(&watched.console).is_some()) && !console::has_begun(&watched.console)
    };
    (is_over(seen) && is_over(other)).then(|| not("D1", "an Image with the magic number to be entered".into()))
}

fn has_pages(seen: &Observation, variant: Variant) -> bool {
    let first = seen.first.as_ref();
    let id = first.and_then(|first| first.get("ID_AA64MMFR0_EL1"));
    id.is_none_or(|id| PageSizes::from_id_aa64mmfr0(id).has(variant.page_size()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt;

    use super::*;
    use crate::conformance::observation::CpuState;

    fn watched(console: &str, first: Option<CpuState>, ended: Ended) -> Watched {
        let observation = Observation {
            first,
            ..Observation::default()
        };
        Watched {
            observation,
            console: console.into(),
            ended,
            lost_sight: None,
            entries: vec![0x4000_0000],
        }
    }

    fn refused() -> Watched {
        watched(
            "[     8.602 ms] error    no magic number there [image-magic]\n",
            None,
            Ended::TimedOut,
        )
    }

    fn entered(id: u64) -> Watched {
        let mut first = CpuState::default();
        first.registers.insert("ID_AA64MMFR0_EL1", id);
        watched("", Some(first), Ended::TimedOut)
    }

    #[test]
    fn another_header_that_is_started_tells_the_clause() {
        let finding = judged(Variant::Reserved, &refused(), &entered(0)).unwrap();
        assert_eq!((finding.clause.as_str(), finding.verdict), ("D11", Verdict::Fail));
        assert!(finding.found.contains("no magic number"), "{finding:?}");
        assert_eq!(judged(Variant::Plain, &refused(), &entered(0)).unwrap().clause, "D10");
    }

    #[test]
    fn pages_that_the_cpu_has_not_are_no_reason_to_start_a_kernel() {
        let verdict = |id| judged(Variant::Pages64k, &refused(), &entered(id)).unwrap().verdict;
        assert_eq!(verdict(0), Verdict::Fail);
        assert_eq!(verdict(0xf << 24), Verdict::NotApplicable);
    }

    #[test]
    fn who_starts_no_image_breaks_the_first_clause_and_who_is_slow_breaks_none() {
        assert_eq!(judged(Variant::Plain, &refused(), &refused()).unwrap().clause, "D1");
        let slow = watched("U-Boot 2023.01\n=> ", None, Ended::TimedOut);
        assert_eq!(judged(Variant::Plain, &slow, &slow), None);
        assert_eq!(judged(Variant::Efi, &slow, &entered(0)).unwrap().clause, "D4");
    }

    #[test]
    fn a_payload_that_runs_without_its_first_instruction_was_entered_elsewhere() {
        let speaks = |line| watched(line, None, Ended::TimedOut);
        let here = speaks("conformance: the payload is at 0x40000000\n");
        assert_eq!(passed_by(&here).unwrap().clause, "D3");
        // Nobody waited for it there.
        let elsewhere = speaks("conformance: the payload is at 0x50000000\n");
        assert_eq!(passed_by(&elsewhere), None);
        assert_eq!(passed_by(&refused()), None);
        let blind = Watched {
            lost_sight: Some("the socket is closed".into()),
            ..here
        };
        assert_eq!(passed_by(&blind), None);
    }

    #[test]
    fn who_speaks_was_started_and_a_qemu_that_fails_refuses_nothing() {
        let speaks = || watched("conformance: the payload is at 0x50000000\n", None, Ended::TimedOut);
        assert_eq!(judged(Variant::Plain, &speaks(), &speaks()), None);
        let status = |code| std::process::ExitStatus::from_raw(code);
        let ended = |code| watched("", None, Ended::Exited(status(code)));
        assert_eq!(judged(Variant::Plain, &ended(0), &ended(0)).unwrap().clause, "D1");
        assert_eq!(judged(Variant::Plain, &ended(134), &ended(134)), None);
    }

    #[test]
    fn only_the_level_is_told_of_a_kernel_that_is_entered_at_none_of_its_own() {
        let at = |level: u64| {
            let mut first = CpuState::default();
            first.registers.insert("cpsr", level << 2);
            at_wrong_level(&watched("", Some(first), Ended::TimedOut))
        };
        assert!(at(3).is_some_and(|why| why.contains("EL3")) && at(0).is_some());
        assert_eq!((at(2), at(1)), (None, None));
    }
}
