//! The evidence on a console: the payload's lines, and signs that a boot came to a bad end.

use boot_protocol::{Line, Place, Start, Summary, Verdict};

use super::finding::{Finding, Witness};
use crate::{clause, explanation};

/// The texts of lines after which nothing good comes, besides Flint's errors: a panic of whatever
/// is written in Rust, the payload's EFI stub that cannot go on, an exception in U-Boot. A trap
/// that the monitor names is none: it answers the instruction as undefined, and the payload goes
/// on.
const TROUBLE: [&str; 3] = [
    "panicked at ",
    "error: the payload's EFI stub: ",
    "\"Synchronous Abort\" handler",
];
/// As the monitor names the clause of a trap: `clause: by M18 this does not trap to EL3`.
const NAMED_CLAUSE: &str = "clause: by ";

/// `clause M18 cpu 0x1`.
const START_WORDS: usize = 4;
/// The number of the console's last lines that are evidence of a probe that did not come back.
const EXCERPT_LINES: usize = 12;

/// The payload's lines, and those that cannot be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines {
    /// The findings, in their order.
    pub findings: Vec<Finding>,
    /// Lines that were cut short, or that something else wrote into.
    pub damaged: Vec<String>,
    /// What the last line says.
    pub summary: Option<Summary>,
}

/// A CPU that was lost, or whose trap to EL3 the monitor had to answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    /// The clause that the payload looked at, if it was the payload that ran.
    pub begun: Option<String>,
    /// The clause that it was lost to.
    pub clause: String,
    /// The CPU.
    pub cpu: u64,
    /// What the console shows of it.
    shown: String,
}

/// The payload's lines on a console.
pub fn lines(console: &str) -> Lines {
    let mut lines = Lines::default();
    for line in console.lines() {
        match Line::read(line) {
            _ if cut_start(line).is_some() => {}
            None => lines.summary = lines.summary.or(Summary::read(line)),
            Some(Ok(read)) => lines.findings.push(read.into()),
            Some(Err(_)) => lines.damaged.push(line.into()),
        }
    }
    lines
}

/// Returns whether the payload has written a line, or a part of one.
pub fn has_begun(console: &str) -> bool {
    console
        .lines()
        .any(|line| Place::read(line).is_some() || Line::read(line).is_some())
}

/// Returns where the payload says that it is.
pub fn entry(console: &str) -> Option<u64> {
    console.lines().find_map(Place::read).map(|Place(address)| address)
}

impl Lines {
    /// Returns whether the payload found PSCI, by which it powers off.
    pub fn has_psci(&self) -> bool {
        let mut findings = self.findings.iter();
        findings.any(|finding| finding.clause == "Q3" && finding.verdict == Verdict::Pass)
    }

    /// Returns what is wrong with them: lines that cannot be read, and lines that were lost.
    pub fn errors(&self) -> Vec<String> {
        let mut errors: Vec<_> = self
            .damaged
            .iter()
            .map(|line| format!("a damaged line: {line}"))
            .collect();
        let read = self.findings.len();
        if let Some(Summary { lines, .. }) = self.summary.filter(|summary| summary.lines as usize != read) {
            errors.push(format!("the payload wrote {lines} lines, {read} can be read"));
        }
        errors
    }
}

/// Returns whether nothing, or nothing good, will come after what a console shows.
pub fn is_over(console: &str) -> bool {
    console.lines().any(|line| Summary::read(line).is_some()) || trouble(console).is_some()
}

/// The first line after which nothing good comes.
pub fn trouble(console: &str) -> Option<&str> {
    let is_trouble = |line: &&str| is_error_of_flint(line) || TROUBLE.iter().any(|text| line.contains(text));
    console
        .lines()
        .filter(|line| !matches!(Line::read(line), Some(Ok(_))))
        .find(is_trouble)
}

/// Returns whether Flint's bootloader or monitor, or an exception in one of them or in the payload,
/// says why nothing goes on: with a code that is known, so that the errors of others, who may go on
/// after them, are none.
fn is_error_of_flint(line: &str) -> bool {
    let code = line.trim_end().strip_suffix(']').and_then(|line| line.rsplit_once('['));
    code.is_some_and(|(text, code)| text.contains("error") && explanation::all().any(|known| known.code == code))
}

/// The CPUs that were lost: that stopped while the payload looked at a clause, or trapped to EL3.
/// What the monitor says of a trap is more than what the payload had begun to say, and is about the
/// same CPU.
pub fn lost(console: &str) -> Vec<Lost> {
    let lines: Vec<&str> = console.lines().collect();
    let shown = |number: usize| lines[number..lines.len().min(number + EXCERPT_LINES)].join("\n");
    let mut lost: Vec<Lost> = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        if let Some(Start { clause, cpu }) = cut_start(line) {
            lost.push(Lost {
                begun: Some(clause.into()),
                clause: clause.into(),
                cpu,
                shown: shown(number),
            });
        }
        let Some(clause) = named_clause(line) else { continue };
        match lost.last_mut() {
            Some(last) => last.clause = clause.into(),
            None => lost.push(Lost {
                begun: None,
                clause: clause.into(),
                cpu: 0,
                shown: shown(number.saturating_sub(EXCERPT_LINES - 1)),
            }),
        }
    }
    lost
}

/// The clause that a line of the monitor's about a trap names.
fn named_clause(line: &str) -> Option<&'static str> {
    let (_, rest) = line.split_once(NAMED_CLAUSE)?;
    Some(clause::find(rest.split_whitespace().next()?)?.id)
}

impl Lost {
    /// Returns what this says of clauses.
    pub fn findings(&self) -> Vec<Finding> {
        let expected = "the CPU to come back from looking, without a trap to EL3";
        let found = format!("it did not:\n{}", self.shown);
        let failure = Finding::new(&self.clause, self.cpu, false, expected, found, Witness::Console);
        let untold = self.begun.iter().filter(|begun| **begun != self.clause).map(|begun| {
            let why = format!("the CPU was lost to {}", self.clause);
            Finding::none(begun, self.cpu, Verdict::NotObservable, why, Witness::Console)
        });
        std::iter::once(failure).chain(untold).collect()
    }
}

/// The start of a line that goes on with no verdict: with nothing, or with what somebody else
/// wrote.
fn cut_start(line: &str) -> Option<Start<'_>> {
    let (space, _) = line.match_indices(' ').nth(START_WORDS - 1).unwrap_or((line.len(), ""));
    let (start, rest) = line.split_at(space);
    let rest = rest.trim();
    let mut verdicts = Verdict::ALL.into_iter().map(Verdict::name);
    let has_verdict = !rest.is_empty() && verdicts.any(|name| rest.starts_with(name) || name.starts_with(rest));
    Start::read_cut_short(start).filter(|_| !has_verdict)
}

/// The last lines of a console.
pub fn excerpt(console: &str, lines: usize) -> String {
    let all: Vec<&str> = console.lines().filter(|line| !line.trim().is_empty()).collect();
    all[all.len().saturating_sub(lines)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONSOLE: &str = "\
[     8.505 ms] enter    EL2 at 0x40000000
clause G1 cpu 0x0 PASS: expected x0 at a device tree; found 0x47c00000
clause H1 cpu 0x0 FAIL: expected DAIF 0x3c0; found 0x2c0\r
clause M18 cpu 0x1 NOT APPL
other output
clause M21 cpu 0x1 
";

    #[test]
    fn reads_the_payloads_lines_among_others_and_keeps_damaged_ones() {
        let lines = lines(CONSOLE);
        let verdicts: Vec<_> = lines
            .findings
            .iter()
            .map(|it| (it.clause.as_str(), it.verdict))
            .collect();
        assert_eq!(verdicts, [("G1", Verdict::Pass), ("H1", Verdict::Fail)]);
        assert_eq!(lines.damaged, ["clause M18 cpu 0x1 NOT APPL"]);
        assert_eq!(lines.errors(), ["a damaged line: clause M18 cpu 0x1 NOT APPL"]);
        assert!(has_begun(CONSOLE) && !has_begun("[     8.505 ms] enter    EL2 at 0x40000000\n"));
        assert_eq!(trouble(CONSOLE), None);
    }

    #[test]
    fn a_trap_to_el3_is_the_failure_of_the_clause_that_the_monitor_names_and_the_payload_goes_on() {
        let console = "clause M18 cpu 0x1 \n\
            monitor: CPU 0x1 trapped to EL3 at 0x40003000 (ESR 0x62350405), and takes it as undefined [monitor-trap]\n  \
            clause: by M18 this does not trap to EL3; see flint explain M18\n\
            FAIL: expected HCRX_EL2 not to trap; found an exception, ESR 0x2000000\n\
            clause E6 cpu 0x0 ";
        let failures: Vec<_> = lost(console).iter().flat_map(Lost::findings).collect();
        assert_eq!((failures[0].clause.as_str(), failures[0].cpu), ("M18", 1));
        assert_eq!(failures[0].verdict, Verdict::Fail);
        assert!(failures[0].found.contains("trapped to EL3 at 0x40003000"));
        // More is to come: to end here would make E6 a clause that a CPU was lost to.
        assert!(!is_over(console));
    }

    #[test]
    fn what_flint_says_last_is_trouble() {
        for line in [
            "[    12.000 ms] error    the kernel at 0x100000 has no magic [image-magic]",
            "error: synchronous exception taken to EL2 from this level [boot-exception]",
            "error: an exception without a stack to report it on, or while another one was reported [boot-exception]",
            "error: the monitor cannot serve CPU 0x1 [monitor-gic]",
            "clause M1 cpuerror: the monitor cannot serve CPU 0x1 [monitor-platform]",
            "error: this is a bug of the bootloader; please report these lines [boot-panic]",
            "error: the payload panicked: panicked at conformance/src/main.rs:1:2:",
        ] {
            assert_eq!(trouble(line), Some(line));
        }
    }

    #[test]
    fn others_may_go_on_after_an_error() {
        for line in [
            "error: no such device",
            "** error: no medium [scsi] **",
            "lzma error: stream [0]",
            "error: cannot find EFI/debian [boot]",
            "[    12.000 ms] load     34896 bytes of kernel [image-magic]",
        ] {
            assert_eq!(trouble(line), None);
        }
    }

    #[test]
    fn the_payload_says_where_it_is() {
        assert_eq!(
            entry("conformance: the payload is at 0x40001000\r\n"),
            Some(0x4000_1000)
        );
        assert_eq!(entry(CONSOLE), None);
    }

    #[test]
    fn lost_lines_are_noticed_by_the_last_one() {
        let errors = |summary| lines(&format!("clause G1 cpu 0x0 PASS: expected a; found b\n{summary}\n")).errors();
        assert!(errors("conformance: 1 lines, 0 FAIL").is_empty());
        assert_eq!(
            errors("conformance: 2 lines, 0 FAIL"),
            ["the payload wrote 2 lines, 1 can be read"]
        );
    }

    #[test]
    fn a_line_that_was_only_begun_is_the_failure_of_its_clause() {
        let found: Vec<_> = lost(CONSOLE).into_iter().map(|it| (it.clause, it.cpu)).collect();
        assert_eq!(found, [("M21".to_string(), 1)]);
        let interrupted = "clause M12 cpu 0x0 \"Synchronous Abort\" handler, esr 0x02000000\n";
        assert_eq!(lost(interrupted)[0].clause, "M12");
        assert!(trouble(interrupted).is_some() && lines(interrupted).damaged.is_empty());
    }

    #[test]
    fn the_monitor_knows_better_what_a_cpu_was_lost_to() {
        let lost = lost("clause L1 cpu 0x1 \nerror: exception\n  clause: by M48 this does not trap to EL3\n");
        let findings = lost[0].findings();
        let verdicts: Vec<_> = findings
            .iter()
            .map(|it| (it.clause.as_str(), it.cpu, it.verdict))
            .collect();
        assert_eq!(verdicts, [("M48", 1, Verdict::Fail), ("L1", 1, Verdict::NotObservable)]);
        assert_eq!(lost.len(), 1);
    }

    #[test]
    fn shows_the_end_of_a_console() {
        assert_eq!(excerpt("a\n\nb\nc\n", 2), "b\nc");
        assert_eq!(excerpt("", 2), "");
    }
}
