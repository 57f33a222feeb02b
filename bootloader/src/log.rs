//! The boot log: one short line a stage, with the time since reset. Tests and people read it, so
//! its shape is an interface.

use core::fmt::{self, Write};

use machine::console::Console;
use machine::counter;

use crate::error::BootError;

/// The columns that a time takes at least.
const TIME_COLUMNS: usize = 10;
/// The longest time: the 20 digits of a number of 64 bits, and the point.
const TIME_MAX_BYTES: usize = 21;
/// The padding behind a stage's name, from the name's length on.
const STAGE_PADDING: &str = "        ";

/// The log, and the console that it goes to.
pub struct Log {
    console: Console,
    reset_ticks: u64,
}

impl Log {
    /// A log on `console` whose times count from `reset_ticks` of the system counter on.
    pub fn new(console: Console, reset_ticks: u64) -> Self {
        Self { console, reset_ticks }
    }

    /// Goes on on another console; the lines so far stay where they are.
    pub fn move_to(&mut self, mut console: Console) {
        self.console.flush();
        console.use_for_last_words();
        core::mem::swap(&mut self.console, &mut console);
    }

    /// The address of the console's UART.
    pub fn console_base(&self) -> u64 {
        self.console.base()
    }

    /// Writes a line about `stage`.
    pub fn line(&mut self, stage: &str, text: fmt::Arguments<'_>) {
        let mut room = [0; TIME_MAX_BYTES];
        let time = milliseconds(self.micros_since_reset(), &mut room);
        let padding = STAGE_PADDING.get(stage.len()..).unwrap_or_default();
        for part in ["[", time, " ms] ", stage, padding, " "] {
            self.console.write_printable(part);
        }
        // A UART has no errors to give back.
        let _ = OneLine(&mut self.console).write_fmt(text);
        let _ = self.console.write_str("\n");
    }

    /// Writes the line of a boot that failed.
    pub fn error(&mut self, error: &BootError) {
        self.line("error", format_args!("{error} [{}]", error.code()));
        self.flush();
    }

    /// Waits until all that was logged has left the UART.
    pub fn flush(&mut self) {
        self.console.flush();
    }

    fn micros_since_reset(&self) -> u64 {
        let ticks = counter::ticks().saturating_sub(self.reset_ticks);
        // Without a frequency (clause J1) there is no time to tell.
        ticks.saturating_mul(1_000_000) / counter::frequency_hz().max(1)
    }
}

/// A time in microseconds as milliseconds with three decimals, aligned to the right. Every line has
/// one, and `core::fmt` would take as many instructions for it as for the text.
fn milliseconds(micros: u64, room: &mut [u8; TIME_MAX_BYTES]) -> &str {
    let mut rest = micros;
    let mut start = room.len();
    for (place, character) in room.iter_mut().rev().enumerate() {
        if place >= TIME_COLUMNS && rest == 0 {
            break;
        }
        start = start.saturating_sub(1);
        *character = match place {
            3 => b'.',
            _ if place <= 4 || rest > 0 => {
                let digit = rest % 10;
                rest /= 10;
                b'0' + digit as u8
            }
            _ => b' ',
        };
    }
    let time = room.get(start..).unwrap_or_default();
    core::str::from_utf8(time).unwrap_or_default()
}

/// Text that stays in its line: what comes from a device tree or a command line may hold control
/// characters.
struct OneLine<'a>(&'a mut Console);

impl Write for OneLine<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.write_printable(text);
        Ok(())
    }
}
