//! [`Line`]: what is said of one clause on one CPU.
//!
//! ```text
//! clause M18 cpu 0x1 PASS: expected HCRX_EL2 not to trap; found 0x0
//! ```
//!
//! The first three words are written before the CPU does what the clause is about ([`Start`]). If
//! it never comes back, because that trapped to a level that does not go on, they are what is left:
//! who reads the console knows clause and CPU.

use core::fmt;

use crate::Verdict;

/// The start of every line; other output does not have it.
const START: &str = "clause ";

/// The report of one clause on one CPU: a line without its end. `E` and `F` are displayed once,
/// when the line is written; a line that was read has texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a, E = &'a str, F = &'a str> {
    /// The clause, such as `M18`.
    pub clause: &'a str,
    /// The CPU, by the affinity fields of `MPIDR_EL1`.
    pub cpu: u64,
    /// How the clause was kept.
    pub verdict: Verdict,
    /// What the clause asks for here; or why it asks for nothing, or cannot be observed. Has no ";
    /// found " in it.
    pub expected: E,
    /// What there is.
    pub found: F,
}

/// The start of a [`Line`]: the clause, and the CPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Start<'a> {
    /// The clause.
    pub clause: &'a str,
    /// The CPU, by the affinity fields of `MPIDR_EL1`.
    pub cpu: u64,
}

/// `clause M18 cpu 0x1`, without the space that follows.
impl fmt::Display for Start<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{START}{} cpu {:#x}", self.clause, self.cpu)
    }
}

impl<'a> Start<'a> {
    /// Reads a line of a console that was cut short after its start: what this clause is about was
    /// begun on this CPU, and did not end. `None` for every other line.
    pub fn read_cut_short(line: &'a str) -> Option<Self> {
        let (clause, cpu) = line.strip_prefix(START)?.trim_end().split_once(" cpu 0x")?;
        Self::new(clause, cpu)
    }

    fn new(clause: &'a str, cpu: &str) -> Option<Self> {
        let is_id = clause.len() <= 3 && clause.starts_with(|c: char| c.is_ascii_uppercase());
        let clause = Some(clause).filter(|_| is_id)?;
        let cpu = u64::from_str_radix(cpu, 16).ok()?;
        Some(Self { clause, cpu })
    }
}

/// The reason why a line that starts like one of ours is none: it was cut short, or something else
/// wrote into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineError;

impl fmt::Display for LineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not of the form `clause ID cpu AFFINITY VERDICT: expected …; found …`")
    }
}

impl core::error::Error for LineError {}

impl<E: fmt::Display, F: fmt::Display> fmt::Display for Line<'_, E, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            clause,
            cpu,
            verdict,
            expected,
            found,
        } = self;
        let start = Start { clause, cpu: *cpu };
        write!(f, "{start} {}", Self::end(*verdict, expected, found))
    }
}

impl<E: fmt::Display, F: fmt::Display> Line<'_, E, F> {
    /// Returns what follows the [`Start`] of a line and a space.
    pub(crate) fn end(verdict: Verdict, expected: &E, found: &F) -> impl fmt::Display {
        fmt::from_fn(move |f| write!(f, "{verdict}: expected {expected}; found {found}"))
    }
}

impl<'a> Line<'a> {
    /// Reads a line of a console, whatever stands at its end. `None`: it is about something else.
    ///
    /// # Errors
    /// [`LineError`].
    pub fn read(line: &'a str) -> Option<Result<Self, LineError>> {
        let rest = line.strip_prefix(START)?;
        Some(Self::read_after_start(rest.trim_end()).ok_or(LineError))
    }

    fn read_after_start(rest: &'a str) -> Option<Self> {
        let (clause, rest) = rest.split_once(" cpu 0x")?;
        let (cpu, rest) = rest.split_once(' ')?;
        let (verdict, rest) = rest.split_once(": expected ")?;
        let (expected, found) = rest.split_once("; found ")?;
        let Start { clause, cpu } = Start::new(clause, cpu)?;
        Some(Self {
            clause,
            cpu,
            verdict: Verdict::ALL.into_iter().find(|known| known.name() == verdict)?,
            expected,
            found,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        for verdict in Verdict::ALL {
            let line = Line {
                clause: "M18",
                cpu: 0x1_0000_0203,
                verdict,
                expected: "HCRX_EL2 not to trap",
                found: "0x0",
            };
            let text = line.to_string();
            assert_eq!(Line::read(&text), Some(Ok(line)));
            assert_eq!(Line::read(&std::format!("{text}\r\n")), Some(Ok(line)));
        }
    }

    #[test]
    fn a_line_reads_like_a_sentence() {
        let line = Line {
            clause: "G1",
            cpu: 0,
            verdict: Verdict::Fail,
            expected: format_args!("x0 at a device tree"),
            found: format_args!("{:#x}", 8),
        };
        assert_eq!(
            line.to_string(),
            "clause G1 cpu 0x0 FAIL: expected x0 at a device tree; found 0x8"
        );
    }

    #[test]
    fn other_lines_are_left_alone() {
        assert_eq!(Line::read("[     0.497 ms] reset    Flint"), None);
        assert_eq!(Line::read(""), None);
    }

    #[test]
    fn a_line_that_was_cut_short_says_what_was_looked_at() {
        let start = Start {
            clause: "M18",
            cpu: 0x101,
        };
        assert_eq!(start.to_string(), "clause M18 cpu 0x101");
        assert_eq!(Start::read_cut_short("clause M18 cpu 0x101 \r\n"), Some(start));
        assert_eq!(Line::read("clause M18 cpu 0x101 "), Some(Err(LineError)));
        for other in [
            "clause M18 cpu 0x0 PASS: expected a; found b",
            "clause M18 cpu ",
            "error: M18",
        ] {
            assert_eq!(Start::read_cut_short(other), None, "{other}");
        }
    }

    #[test]
    fn damaged_lines_are_noticed() {
        for text in [
            "clause ",
            "clause M18 cpu 0x0 PASS: expected a",
            "clause M18 cpu 0x0 MAYBE: expected a; found b",
            "clause M18 cpu 0xg PASS: expected a; found b",
            "clause M18 cpu 0 PASS: expected a; found b",
            "clause m18 cpu 0x0 PASS: expected a; found b",
            "clause M18[ cpu 0x0 PASS: expected a; found b",
        ] {
            assert_eq!(Line::read(text), Some(Err(LineError)), "{text}");
        }
    }
}
