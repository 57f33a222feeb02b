//! [`Output`]: the destination, and how much of it is filled.

use crate::input::Input;
use crate::refusal::Refused;
use crate::{DecompressError, Hooks, copy};

/// The most that may come out, whatever the destination holds: 1 GiB, or 16 times the size of the
/// data where that is more. Kernels make two to five times their size. Without a limit, a stream of
/// 63 MiB could fill all RAM of a large machine, and the header in it would say that this is right.
const BYTES_OUT_ALWAYS: usize = 1 << 30;
const BYTES_OUT_PER_BYTE: usize = 16;

/// The distance behind which output is cleaned out of the caches: matches of gzip and lz4 reach
/// back 64 KiB at most, and most of those of zstd do; every CPU that Flint knows has 256 KiB of
/// cache.
const NEAR_BYTES: usize = 256 << 10;

/// The destination and how much of it is filled.
pub(crate) struct Output<'d> {
    bytes: &'d mut [u8],
    length: usize,
    /// The number of bytes that have been checked, and the number that have been settled.
    checked: usize,
    settled: usize,
    pub hooks: Hooks,
    /// True if the destination holds more than may come out.
    is_cut: bool,
    /// Only the first bytes are wanted: stop where they end, check nothing that needs the rest.
    pub is_peek: bool,
}

impl<'d> Output<'d> {
    /// Takes everything that comes out of so many bytes of data, up to the limit.
    pub fn new(bytes: &'d mut [u8], data_bytes: usize, hooks: Hooks) -> Self {
        let most = data_bytes.saturating_mul(BYTES_OUT_PER_BYTE).max(BYTES_OUT_ALWAYS);
        let is_cut = bytes.len() > most;
        Self {
            bytes: if is_cut {
                bytes.get_mut(..most).unwrap_or_default()
            } else {
                bytes
            },
            length: 0,
            checked: 0,
            settled: 0,
            hooks,
            is_cut,
            is_peek: false,
        }
    }

    /// Takes no more than `first` holds.
    pub const fn peek(first: &'d mut [u8]) -> Self {
        Self {
            bytes: first,
            length: 0,
            checked: 0,
            settled: 0,
            hooks: Hooks::NONE,
            is_cut: false,
            is_peek: true,
        }
    }

    /// Returns how much has come out.
    pub const fn length(&self) -> usize {
        self.length
    }

    /// Returns whether this is a peek that has all it wants.
    pub const fn is_done(&self) -> bool {
        self.is_peek && self.length >= self.bytes.len()
    }

    /// Returns the output from byte `start` on with all that is free, and how much of it is filled.
    pub fn window(&mut self, start: usize) -> (&mut [u8], usize) {
        let filled = self.length.saturating_sub(start);
        (self.bytes.get_mut(start..).unwrap_or_default(), filled)
    }

    /// All that came out are now `count` bytes from byte `start` on.
    pub fn filled_to(&mut self, start: usize, count: usize) {
        self.length = start.saturating_add(count).min(self.bytes.len());
    }

    /// A member or frame begins: what is before it is not part of its checksum.
    pub const fn begin_content(&mut self) {
        self.checked = self.length;
    }

    /// Shows `check` what came out since it last took something, and settles what is far behind. It
    /// returns how much it takes; what it does not take is shown again. A peek checks nothing.
    pub fn settle(&mut self, check: &mut dyn FnMut(&[u8]) -> usize) {
        if self.is_peek {
            return;
        }
        let new = self.unchecked();
        work_counter::add(new.len());
        let taken = check(new);
        self.checked = self.checked.saturating_add(taken);
        self.settle_to(self.length.saturating_sub(NEAR_BYTES));
    }

    /// Returns the output that no check has taken yet.
    pub fn unchecked(&self) -> &[u8] {
        self.since(self.checked)
    }

    /// Settles all that came out, and what was written behind it: nothing more comes.
    pub fn settle_all(&mut self) {
        let end = self.length.saturating_add(copy::WRITTEN_BEHIND_MAX);
        self.settle_to(end.min(self.bytes.len()));
    }

    fn settle_to(&mut self, end: usize) {
        if let Some(bytes) = self.bytes.get(self.settled..end).filter(|bytes| !bytes.is_empty()) {
            (self.hooks.settle)(bytes);
            self.settled = end;
        }
    }

    /// Returns what came out from byte `start` on.
    pub fn since(&self, start: usize) -> &[u8] {
        self.bytes.get(start..self.length).unwrap_or_default()
    }

    /// Returns how many more bytes there is room for.
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
        copy::literals(self.bytes, self.length, bytes, count);
        self.filled(count);
        count == bytes.len()
    }

    /// Appends what came out `distance` bytes before, `count` bytes of it or as many as there is
    /// room for: false. What is appended may be repeated itself.
    pub fn repeat(&mut self, distance: usize, count: usize) -> bool {
        let room = self.room();
        let count_with_room = count.min(room);
        if copy::repeat(self.bytes, self.length, distance, count_with_room).is_some() {
            self.filled(count_with_room);
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
