//! The boot log as a clock: when each of its lines was written.

/// A line of the boot log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line<'a> {
    /// The stage that it is about.
    pub stage: &'a str,
    /// The time since reset, in microseconds.
    pub microseconds: u64,
}

/// Returns the lines of the boot log on this console, in their order.
pub(super) fn lines(console: &str) -> impl Iterator<Item = Line<'_>> {
    console.lines().filter_map(line)
}

/// Parses a line such as `[     1.500 ms] plan     kernel 0x40000000`.
fn line(line: &str) -> Option<Line<'_>> {
    let (time, rest) = line.strip_prefix('[')?.split_once(" ms] ")?;
    let (millis, fraction) = time.trim().split_once('.')?;
    Some(Line {
        stage: rest.split_whitespace().next()?,
        microseconds: millis.parse::<u64>().ok()? * 1000 + fraction.parse::<u64>().ok()?,
    })
}

/// Returns the microseconds from the line of one stage to the line of another.
pub(super) fn microseconds_between(console: &str, begin: &str, end: &str) -> Option<u64> {
    let of_stage = |stage| lines(console).find(|line| line.stage == stage);
    of_stage(end)?.microseconds.checked_sub(of_stage(begin)?.microseconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONSOLE: &str = "[     1.500 ms] plan     kernel\n[   101.501 ms] load     5 bytes\n\
        [    0.000000] Booting Linux\nother\n";

    #[test]
    fn reads_the_lines_of_the_boot_log_and_no_others() {
        let line = |stage, microseconds| Line { stage, microseconds };
        let expected = [line("plan", 1_500), line("load", 101_501)];
        assert_eq!(lines(CONSOLE).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn takes_the_time_between_two_lines() {
        assert_eq!(microseconds_between(CONSOLE, "plan", "load"), Some(100_001));
        assert_eq!(microseconds_between(CONSOLE, "load", "plan"), None);
        assert_eq!(microseconds_between(CONSOLE, "plan", "enter"), None);
    }
}
