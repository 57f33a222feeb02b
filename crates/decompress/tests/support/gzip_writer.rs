//! A writer of gzip members by RFC 1952.

use super::crc32;

#[path = "../../src/inflate/tests/writer.rs"]
pub mod deflate;

/// The flags of a header.
pub const FTEXT: u8 = 1;
pub const FHCRC: u8 = 1 << 1;
pub const FEXTRA: u8 = 1 << 2;
pub const FNAME: u8 = 1 << 3;
pub const FCOMMENT: u8 = 1 << 4;

/// Returns a header with these flags and `fields`, the optional ones but the header's checksum,
/// which is added for [`FHCRC`].
pub fn header(flags: u8, fields: &[u8]) -> Vec<u8> {
    let mut header = [&[0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 3][..], fields].concat();
    if flags & FHCRC != 0 {
        header.extend_from_slice(&(crc32(&header) as u16).to_le_bytes());
    }
    header
}

/// Returns a member: a header, deflated data, and the checksum and size of `content`.
pub fn member(header: &[u8], deflated: &[u8], content: &[u8]) -> Vec<u8> {
    let size = content.len() as u32;
    [header, deflated, &crc32(content).to_le_bytes(), &size.to_le_bytes()].concat()
}

/// Returns a member without optional fields.
pub fn plain_member(deflated: &[u8], content: &[u8]) -> Vec<u8> {
    member(&header(0, &[]), deflated, content)
}

/// Returns a member that stores `content`, of 65,535 bytes at most, in one block.
pub fn stored_member(header: &[u8], content: &[u8]) -> Vec<u8> {
    let deflated = deflate::Writer::default().stored(true, content).bytes();
    member(header, &deflated, content)
}
