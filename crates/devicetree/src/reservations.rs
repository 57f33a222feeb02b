//! The memory reservation block (Devicetree Specification v0.4, 5.3).

use crate::fault::Fault;
use crate::header::Header;
use crate::memory::Described;
use crate::{Defect, memory};

const PLACE: &str = "the memory reservation block";

/// Address and size, 8 bytes each.
const ENTRY_BYTES: usize = 16;

/// Adds the entries up to the empty one that ends the block, which must come before the structure
/// block. What is wrong with a single entry is told to whoever asks for the reservations.
pub(crate) fn read(blob: &[u8], header: &Header, reservations: &mut Described) -> Result<(), Fault> {
    let block = blob.get(header.reservations_offset as usize..header.structure_offset as usize);
    for entry in block.unwrap_or_default().chunks_exact(ENTRY_BYTES) {
        let (start, size_bytes) = entry.split_at(ENTRY_BYTES / 2);
        let (start, size_bytes) = (memory::number(start), memory::number(size_bytes));
        if (start, size_bytes) == (0, 0) {
            return Ok(());
        }
        reservations.add(start, size_bytes, PLACE);
    }
    Err(Fault::Corrupt(Defect::Reservations, header.reservations_offset))
}
