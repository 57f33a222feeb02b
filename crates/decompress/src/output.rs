//! [`Output`]: the destination, and how much of it is filled.

use crate::DecompressError;
use crate::input::Input;
use crate::refusal::Refused;

/// The most that may come out, whatever the destination holds: 1 GiB, or 16 times the size of the
/// data where that is more. Kernels make two to five times their size. Without a limit, a stream of
/// 63 MiB could fill all RAM of a large machine, and the header in it would say that this is right.
const BYTES_OUT_ALWAYS: usize = 1 << 30;
const BYTES_OUT_PER_BYTE: usize = 16;

/// The destination and how much of it is filled.
pub(crate) struct Output<'d> {
    bytes: &'d mut [u8],
    length: usize,
    /// Whether the destination holds more than may come out.
    is_cut: bool,
    /// Only the first bytes are wanted: stop where they end, check nothing that needs the rest.
    pub is_peek: bool,
}

impl<'d> Output<'d> {
    /// Takes everything that comes out of so many bytes of data, up to the limit.
    pub fn new(bytes: &'d mut [u8], data_bytes: usize) -> Self {
        let most = data_bytes.saturating_mul(BYTES_OUT_PER_BYTE).max(BYTES_OUT_ALWAYS);
        let is_cut = bytes.len() > most;
        Self {
            bytes: if is_cut {
                bytes.get_mut(..most).unwrap_or_default()
            } else {
                bytes
            },
            length: 0,
            is_cut,
            is_peek: false,
        }
    }

    /// Takes no more than `first` holds.
    pub const fn peek(first: &'d mut [u8]) -> Self {
        Self {
            bytes: first,
            length: 0,
            is_cut: false,
            is_peek: true,
        }
    }

    /// How much has come out.
    pub const fn length(&self) -> usize {
        self.length
    }

    /// Whether this is a peek that has all it wants.
    pub const fn is_done(&self) -> bool {
        self.is_peek && self.length >= self.bytes.len()
    }

    /// What is filled, from byte `start` on, and what is free.
    pub fn split(&mut self, start: usize) -> (&[u8], &mut [u8]) {
        let (filled, free) = self.bytes.split_at_mut_checked(self.length).unwrap_or_default();
        (filled.get(start..).unwrap_or_default(), free)
    }

    /// What came out from byte `start` on, and all that is free.
    pub fn from(&mut self, start: usize) -> &mut [u8] {
        self.bytes.get_mut(start..).unwrap_or_default()
    }

    /// What came out from byte `start` on.
    pub fn since(&self, start: usize) -> &[u8] {
        self.bytes.get(start..self.length).unwrap_or_default()
    }

    /// How many more bytes there is room for.
    pub const fn room(&self) -> usize {
        self.bytes.len().saturating_sub(self.length)
    }

    /// `count` bytes of the free part have been filled.
    pub fn filled(&mut self, count: usize) {
        self.length = self.length.saturating_add(count).min(self.bytes.len());
    }

    /// Appends `bytes`, or as many of them as there is room for: false.
    pub fn append(&mut self, bytes: &[u8]) -> bool {
        let count = self.room().min(bytes.len());
        work_counter::add(count);
        let (_, free) = self.split(0);
        if let Some((to, from)) = free.get_mut(..count).zip(bytes.get(..count)) {
            to.copy_from_slice(from);
        }
        self.filled(count);
        count == bytes.len()
    }

    /// Appends what came out `distance` bytes before, `count` bytes of it or as many as there is room for: false. What is appended may be
    /// repeated itself.
    pub fn repeat(&mut self, distance: usize, count: usize) -> bool {
        let room = self.room();
        let end = self.length.saturating_add(count.min(room));
        let start = self.length.saturating_sub(distance);
        // What is between `start` and the end is made of whole repetitions, and twice as long each time.
        while self.length < end && self.length > start {
            let (filled, free) = self.bytes.split_at_mut_checked(self.length).unwrap_or_default();
            let from = filled.get(start..).unwrap_or_default();
            let size = end.saturating_sub(self.length).min(from.len());
            work_counter::add(size);
            if let (Some(to), Some(from)) = (free.get_mut(..size), from.get(..size)) {
                to.copy_from_slice(from);
            }
            self.length = self.length.saturating_add(size);
        }
        count <= room
    }

    /// Checks that there is room for the `claimed` bytes that a frame says it holds.
    pub fn expect(&self, input: &Input<'_>, claimed: u64) -> Result<(), Refused> {
        if self.is_peek || claimed <= self.room() as u64 {
            return Ok(());
        }
        Err(self.too_large(input, Some((self.length as u64).saturating_add(claimed))))
    }

    #[cold]
    pub fn too_large(&self, input: &Input<'_>, claimed: Option<u64>) -> Refused {
        let (compression, limit) = (input.compression, self.bytes.len() as u64);
        input.refuse(if self.is_cut {
            DecompressError::Expansion { compression, limit }
        } else {
            DecompressError::TooLarge {
                compression,
                limit,
                claimed,
            }
        })
    }
}
