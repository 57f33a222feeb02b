//! [`Report`]: the lines of one run, as they are written.

use core::fmt::{self, Write};

use crate::line::Start;
use crate::{Judgement, Line, Verdict};

/// Writes the lines, and counts them.
#[derive(Debug)]
pub struct Report<W> {
    out: W,
    lines: u32,
    failures: u32,
}

/// The place where the payload is, in bytes from address 0: what the first line of a report says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place(pub u64);

/// The last line of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    /// The number of lines that there were.
    pub lines: u32,
    /// How many of them say FAIL.
    pub failures: u32,
}

/// The start of a summary, and the line before all others.
const START: &str = "conformance: ";
const AT: &str = "the payload is at ";

impl<W: Write> Report<W> {
    /// An empty report, to `out`.
    pub const fn new(out: W) -> Self {
        Self {
            out,
            lines: 0,
            failures: 0,
        }
    }

    /// Writes where the payload is: its first line.
    ///
    /// # Errors
    /// Those of the output.
    pub fn begin(&mut self, place: Place) -> fmt::Result {
        writeln!(self.out, "{place}")
    }

    /// Writes one line. The [`Start`] is out before `judge` looks.
    ///
    /// # Errors
    /// Those of the output.
    pub fn tell(&mut self, clause: &str, cpu: u64, judge: impl FnOnce() -> Judgement) -> fmt::Result {
        write!(self.out, "{} ", Start { clause, cpu })?;
        let Judgement {
            verdict,
            expected,
            found,
        } = judge();
        self.lines = self.lines.saturating_add(1);
        self.failures = self.failures.saturating_add((verdict == Verdict::Fail).into());
        writeln!(self.out, "{}", Line::end(verdict, &expected, &found))
    }

    /// Ends a line that another CPU has begun, and did not end.
    ///
    /// # Errors
    /// Those of the output.
    pub fn cut(&mut self) -> fmt::Result {
        writeln!(self.out)
    }

    /// Returns where the lines go.
    pub const fn output(&self) -> &W {
        &self.out
    }

    /// Returns what was written so far.
    pub const fn summary(&self) -> Summary {
        Summary {
            lines: self.lines,
            failures: self.failures,
        }
    }

    /// Writes the last line, and gives the output back.
    ///
    /// # Errors
    /// Those of the output.
    pub fn finish(mut self) -> Result<W, fmt::Error> {
        let summary = self.summary();
        writeln!(self.out, "{summary}")?;
        Ok(self.out)
    }
}

/// `conformance: the payload is at 0x40000000`
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{START}{AT}{:#x}", self.0)
    }
}

impl Place {
    /// Reads the line that says so. What stands around it on a console counts for nothing.
    pub fn read(line: &str) -> Option<Self> {
        let (_, address) = line.split_once(START)?.1.split_once(AT)?;
        u64::from_str_radix(address.trim().strip_prefix("0x")?, 16)
            .ok()
            .map(Self)
    }
}

/// `conformance: 210 lines, 0 FAIL`
impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{START}{} lines, {} FAIL", self.lines, self.failures)
    }
}

impl Summary {
    /// Reads a line of a console; `None` if it is another one.
    pub fn read(line: &str) -> Option<Self> {
        let (lines, rest) = line.strip_prefix(START)?.split_once(" lines, ")?;
        Some(Self {
            lines: lines.parse().ok()?,
            failures: rest.trim_end().strip_suffix(" FAIL")?.parse().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::string::String;

    use super::*;

    #[test]
    fn what_a_report_says_is_read_back() {
        let mut report = Report::new(String::new());
        report.begin(Place(0x4000_0000)).unwrap();
        report.tell("A1", 0, || Judgement::of(true, "RAM", "RAM")).unwrap();
        report
            .tell("H1", 0x101, || Judgement::of(false, "0x3c0", "0x2c0"))
            .unwrap();
        let text = report.finish().unwrap();
        let mut lines = text.lines();
        assert_eq!(Place::read(lines.next().unwrap()), Some(Place(0x4000_0000)));
        assert_eq!(lines.next(), Some("clause A1 cpu 0x0 PASS: expected RAM; found RAM"));
        let failed = Line::read(lines.next().unwrap()).unwrap().unwrap();
        assert_eq!(
            (failed.clause, failed.cpu, failed.verdict),
            ("H1", 0x101, Verdict::Fail)
        );
        let summary = Summary { lines: 2, failures: 1 };
        assert_eq!(Summary::read(lines.next().unwrap()), Some(summary));
        assert_eq!(Summary::read(&std::format!("{summary}\r")), Some(summary));
        assert_eq!(Summary::read("conformance: none"), None);
        assert_eq!(Place::read("conformance: the payload is at home"), None);
    }

    #[test]
    fn the_start_of_a_line_is_out_before_the_cpu_looks() {
        struct Shared<'a>(&'a core::cell::RefCell<String>);
        impl Write for Shared<'_> {
            fn write_str(&mut self, text: &str) -> fmt::Result {
                self.0.borrow_mut().push_str(text);
                Ok(())
            }
        }
        let written = core::cell::RefCell::new(String::new());
        let mut report = Report::new(Shared(&written));
        let look = || {
            assert_eq!(*written.borrow(), "clause M18 cpu 0x0 ");
            Judgement::of(true, "no trap", "none")
        };
        report.tell("M18", 0, look).unwrap();
    }
}
