//! The bootloader's log as an interface: at most 15 lines, each with the time since reset, and no
//! more than one error.

/// A boot that goes well takes at most so many lines.
const LINES_MAX: usize = 15;

/// The stages of a boot that goes well, as patterns for [`crate::console::matches`].
pub const STAGES: [&str; 9] = [
    " ms] reset    Flint ",
    " ms] tree     ",
    " ms] machine  ",
    " ms] payload  raw Image in flash at 0x100000, ",
    " ms] header   text_offset 0x*, image_size 0x",
    " ms] cmdline  ",
    " ms] plan     kernel 0x*, device tree 0x",
    " ms] load     ",
    " ms] enter    ",
];

/// A line of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Line<'a> {
    micros: u64,
    stage: &'a str,
    text: &'a str,
}

impl<'a> Line<'a> {
    /// Reads `[     5.303 ms] reset    Flint …`.
    fn parse(line: &'a str) -> Option<Self> {
        let (time, rest) = line.strip_prefix('[')?.split_once(" ms] ")?;
        let (millis, fraction) = time.trim_start().split_once('.')?;
        let micros = millis.parse::<u64>().ok()? * 1000 + fraction.parse::<u64>().ok()?;
        let (stage, text) = rest.split_once(' ')?;
        Some(Self {
            micros,
            stage,
            text: text.trim_start(),
        })
    }
}

/// Checks what holds for the logs of so many boots, good or bad; says what is wrong.
pub fn check(console: &str, boots: usize) -> Result<(), String> {
    let lines: Vec<_> = console.lines().filter_map(Line::parse).collect();
    let logs: Vec<_> = lines.chunk_by(|_, next| next.stage != "reset").collect();
    if logs.len() != boots {
        return Err(format!("there are {} boot logs; expected: {boots}", logs.len()));
    }
    logs.into_iter().try_for_each(check_one)
}

fn check_one(lines: &[Line<'_>]) -> Result<(), String> {
    if lines.len() > LINES_MAX {
        return Err(format!(
            "the boot log has {} lines; at most {LINES_MAX} are allowed",
            lines.len()
        ));
    }
    if let Some([line, next]) = lines.array_windows().find(|[line, next]| line.micros > next.micros) {
        return Err(format!("the time runs backwards from {line:?} to {next:?}"));
    }
    let errors = lines.iter().filter(|line| line.stage == "error").count();
    if errors > 1 {
        return Err(format!("{errors} errors were printed instead of one"));
    }
    Ok(())
}

/// Checks that our kernel was entered as the log says: at that level and address, with that x0.
pub fn check_hand_over(console: &str) -> Result<(), String> {
    let enter = console
        .lines()
        .filter_map(Line::parse)
        .find(|line| line.stage == "enter");
    let parts = enter.and_then(|line| line.text.split_once(", x0 = "));
    let (entry, x0) = parts.ok_or("the boot log does not say how the kernel is entered")?;
    for reported in [format!("entry      {entry},"), format!("registers  x0 {x0},")] {
        if !console.lines().any(|line| line.starts_with(&reported)) {
            return Err(format!(
                "the kernel's report has no \"{reported}\", which the boot log promises"
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "[     0.972 ms] reset    Flint 0.1.0 at EL2\n[    12.379 ms] enter    EL2 at 0x40000000, x0 = 0x47c00000\n\
                        Hello\nentry      EL2 at 0x40000000, text_offset 0x0\nregisters  x0 0x47c00000, x1 0x0\n\
                        [    0.000000] Booting Linux\n";

    #[test]
    fn accepts_a_good_log() {
        assert_eq!(check(GOOD, 1), Ok(()));
        assert_eq!(check(&GOOD.repeat(2), 2), Ok(()));
        assert_eq!(check_hand_over(GOOD), Ok(()));
    }

    #[test]
    fn refuses_a_log_that_is_missing_or_too_long() {
        assert!(check("Hello\n", 1).unwrap_err().contains("0 boot logs"));
        let long = "[     1.000 ms] tree     Flint\n".repeat(16);
        assert!(check(&long, 1).unwrap_err().contains("16 lines"));
    }

    #[test]
    fn refuses_a_reset_that_nobody_asked_for_and_a_missing_one() {
        assert!(check(&GOOD.repeat(2), 1).unwrap_err().contains("2 boot logs"));
        assert!(check(GOOD, 2).unwrap_err().contains("1 boot logs"));
    }

    #[test]
    fn refuses_time_that_runs_backwards() {
        let backwards = "[     2.000 ms] reset    a\n[     1.999 ms] tree     b\n";
        assert!(check(backwards, 1).unwrap_err().contains("backwards"));
    }

    #[test]
    fn refuses_a_second_error() {
        let twice = "[     2.000 ms] error    a\n".repeat(2);
        assert!(check(&twice, 1).unwrap_err().contains("2 errors"));
    }

    #[test]
    fn refuses_a_report_that_contradicts_the_log() {
        for (promised, found) in [
            ("x0 0x47c00000,", "x0 0x47c00008,"),
            ("entry      EL2", "entry      EL1"),
        ] {
            assert!(check_hand_over(&GOOD.replace(promised, found)).is_err());
        }
        assert!(check_hand_over("Hello\n").is_err());
    }
}
