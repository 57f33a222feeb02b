//! The console: a PL011 UART (DDI0183), polled. A value that is passed down, not a global.

use core::fmt;
use core::ptr::{NonNull, with_exposed_provenance_mut};

use arm_pl011_uart::{DataBits, LineConfig, PL011Registers, Parity, StopBits, Uart, UniqueMmioPointer};
use arm_sysregs::el0::accessors;

/// Bits a second on the line.
const BAUD_RATE: u32 = 115_200;

/// The size of the registers (DDI0183, 3.2).
pub const SIZE_BYTES: u64 = 0x1000;

/// The number of times that the UART is asked whether it takes another byte, before that byte and
/// those after it are given up. A byte takes 87 microseconds at 115200 baud; an answer takes some
/// 100 ns.
const PATIENCE: u32 = 1_000_000;

/// A PL011. Writing waits while its FIFO is full, and turns `\n` into `\r\n`. A UART that takes no
/// bytes, because it is turned off or somebody else drives it, costs one wait, not one a byte.
pub struct Console {
    uart: Uart<'static>,
    base: u64,
    /// The number of times that the UART is still asked.
    patience: u32,
}

impl Console {
    /// The PL011 at physical address `base`, set up by whoever ran before.
    ///
    /// `None` where no PL011 can be: its registers fill a page.
    ///
    /// # Safety
    /// `base` is the address of a PL011, mapped as device memory (or the MMU is off), and no other
    /// [`Console`] writes to it at the same time. Where it is not sure what is there, nothing may
    /// be written before [`Self::is_pl011`] has said so.
    pub unsafe fn new(base: u64) -> Option<Self> {
        if !base.is_multiple_of(SIZE_BYTES) {
            return None;
        }
        let registers = NonNull::new(with_exposed_provenance_mut::<PL011Registers>(base as usize))?;
        // SAFETY: the caller promises a PL011's registers at `base`, for this value alone.
        let registers = unsafe { UniqueMmioPointer::new(registers) };
        Some(Self {
            uart: Uart::new(registers),
            base,
            patience: PATIENCE,
        })
    }

    /// Sets the line to 115200 baud, 8 data bits, no parity, 1 stop bit, for a UART clock of
    /// `clock_hz`.
    ///
    /// # Errors
    /// [`arm_pl011_uart::Error`]: this clock cannot be divided down to the baud rate. The UART is
    /// as it was.
    pub fn enable(&mut self, clock_hz: u32) -> Result<(), arm_pl011_uart::Error> {
        let line = LineConfig {
            data_bits: DataBits::Bits8,
            parity: Parity::None,
            stop_bits: StopBits::One,
        };
        self.uart.enable(line, BAUD_RATE, clock_hz)
    }

    /// Returns whether the registers identify themselves as those of a PL011 (DDI0183, 3.3.14): the
    /// address may be that of something else.
    pub fn is_pl011(&self) -> bool {
        self.uart.read_identification().is_valid()
    }

    /// The address of the UART.
    pub fn base(&self) -> u64 {
        self.base
    }

    /// Makes this the UART on which exceptions are reported and panics leave their last words.
    pub fn use_for_last_words(&self) {
        // SAFETY: TPIDR_EL0 is free for software, and nothing but this module and the vectors uses
        // it here.
        unsafe { accessors::write_tpidr_el0(arm_sysregs::el0::registers::TpidrEl0::from_bits_retain(self.base)) };
    }

    /// The console that [`Self::use_for_last_words`] named, if any. What it writes may cut into
    /// another console's line: for reports after which nothing runs any more.
    pub fn last_words() -> Option<Self> {
        let base = accessors::read_tpidr_el0().bits();
        // SAFETY: TPIDR_EL0 holds what `use_for_last_words` wrote, the base of a PL011; the CPU
        // that wrote to it has stopped doing so.
        unsafe { Self::new(base) }
    }

    /// Writes `text` without its control characters.
    pub fn write_printable(&mut self, text: &str) {
        for byte in text.bytes().filter(|byte| !byte.is_ascii_control()) {
            self.put(byte);
        }
    }

    /// Waits until the last byte has left the UART, or it turns out that none leaves.
    pub fn flush(&mut self) {
        self.wait_while(Uart::is_busy);
    }
}

impl fmt::Write for Console {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            if byte == b'\n' {
                self.put(b'\r');
            }
            self.put(byte);
        }
        Ok(())
    }
}

impl Console {
    #[inline(always)]
    fn put(&mut self, byte: u8) {
        if !self.uart.is_tx_fifo_full() || self.wait_while(Uart::is_tx_fifo_full) {
            self.uart.write_word(byte);
        }
    }

    /// Waits while `is_so`, as long as there is patience. Whether it is over.
    #[cold]
    fn wait_while(&mut self, is_so: impl Fn(&Uart<'static>) -> bool) -> bool {
        while is_so(&self.uart) {
            if self.patience == 0 {
                return false;
            }
            self.patience -= 1;
        }
        if self.patience > 0 {
            self.patience = PATIENCE;
        }
        true
    }
}
