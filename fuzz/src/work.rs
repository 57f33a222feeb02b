//! The work that an input may take, counted by the crates that read it (see `work-counter`).
//!
//! The limits are set by what the crates allow themselves, with room for a third more. An input
//! past them takes far longer than others of its size, and would be minutes where it is as large as
//! the flash.

/// The units of work that some input may take.
#[derive(Clone, Copy)]
pub struct Limit {
    /// Whatever the size of the input is.
    pub always: u64,
    /// For each byte of the input.
    pub per_byte_read: u64,
    /// For each byte that comes out.
    pub per_byte_out: u64,
}

/// Runs `task`, and panics if its work is not what an input of `bytes_read` may take, out of which
/// `bytes_out` of its result came.
pub fn bounded<T>(limit: Limit, bytes_read: usize, task: impl FnOnce() -> T, bytes_out: impl FnOnce(&T) -> usize) -> T {
    work_counter::take();
    let result = task();
    let work = work_counter::take();
    let (bytes_read, bytes_out) = (bytes_read as u64, bytes_out(&result) as u64);
    let most = limit.always + limit.per_byte_read * bytes_read + limit.per_byte_out * bytes_out;
    assert!(
        work <= most,
        "{work} units of work for {bytes_read} bytes, out of which {bytes_out} came; at most {most} are right"
    );
    result
}
