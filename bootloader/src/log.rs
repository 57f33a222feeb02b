//! The boot log: one short line a stage, with the time since reset. Tests and people read it, so
//! its shape is an interface.

use core::fmt::{self, Write};

use machine::console::Console;
use machine::counter;

use crate::error::BootError;

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
        let micros = self.micros_since_reset();
        let mut line = OneLine(&mut self.console);
        // A UART has no errors to give back.
        let _ = write!(line, "[{:>6}.{:03} ms] {stage:<8} {text}", micros / 1000, micros % 1000);
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

/// Text that stays in its line: what comes from a device tree or a command line may hold control
/// characters.
struct OneLine<'a>(&'a mut Console);

impl Write for OneLine<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.write_printable(text);
        Ok(())
    }
}
