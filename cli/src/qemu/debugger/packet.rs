//! Packets: `$CONTENTS#CHECKSUM`, most of whose contents are hexadecimal.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::io::{self, ErrorKind};

/// The byte that stops a running machine, sent without a frame.
pub(super) const INTERRUPT: &[u8] = &[3];

/// Digits of the checksum behind a packet.
const CHECKSUM_DIGITS: usize = 2;

/// A packet as it is sent: with its checksum, the sum of its bytes.
pub(super) fn framed(contents: &str) -> String {
    let sum = contents.bytes().fold(0u8, u8::wrapping_add);
    format!("${contents}#{sum:02x}")
}

/// Takes the contents of the first packet, if all of it has come. The checksum is not looked at: a
/// socket loses nothing.
pub(super) fn take(received: &mut VecDeque<u8>) -> Option<String> {
    let start = received.iter().position(|byte| *byte == b'$')?;
    let end = received.iter().position(|byte| *byte == b'#')?;
    let after = end + 1 + CHECKSUM_DIGITS;
    if received.len() < after {
        return None;
    }
    let packet: Vec<u8> = received.drain(..after).collect();
    Some(String::from_utf8_lossy(&packet[start + 1..end]).into_owned())
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The bytes that `text` stands for; an error, such as `E14`, stands for none.
pub(super) fn unhex(text: &str) -> Option<Vec<u8>> {
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else {
        return None;
    };
    let byte = |pair: &[u8; 2]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    pairs.iter().map(byte).collect()
}

/// The CPU that a machine stopped for, as in `T05thread:p01.02;`; `None`: it ended.
pub(super) fn stopped_thread(answer: &str) -> Option<String> {
    let fields = answer.strip_prefix('T')?.get(2..)?;
    let mut threads = fields.split(';').filter_map(|field| field.strip_prefix("thread:"));
    Some(threads.next()?.into())
}

/// Returns whether nobody is at the other end any more.
pub(super) fn is_end(error: &io::Error) -> bool {
    let kinds = [
        ErrorKind::UnexpectedEof,
        ErrorKind::ConnectionReset,
        ErrorKind::BrokenPipe,
    ];
    kinds.contains(&error.kind())
}

pub(super) fn unexpected(question: &str, answer: &str) -> io::Error {
    let question: String = question.chars().take(20).collect();
    io::Error::other(format!("QEMU answers {answer:?} to {question}…"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_packets_with_their_checksum() {
        assert_eq!(framed("D"), "$D#44");
        assert_eq!(framed(&format!("M40,2:{}", hex(&[0x0f, 0xa0]))), "$M40,2:0fa0#70");
    }

    #[test]
    fn takes_packets_one_by_one_and_none_by_half() {
        let mut received: VecDeque<u8> = b"++$OK#9a$T05thread:p01.02;#0".iter().copied().collect();
        assert_eq!(take(&mut received).as_deref(), Some("OK"));
        assert_eq!(take(&mut received), None);
        received.push_back(b'7');
        assert_eq!(take(&mut received).as_deref(), Some("T05thread:p01.02;"));
        assert!(received.is_empty());
    }

    #[test]
    fn an_error_stands_for_no_bytes() {
        assert_eq!(unhex("0fa0"), Some(vec![0x0f, 0xa0]));
        assert_eq!(unhex("E14"), None);
        assert_eq!(unhex("xx"), None);
    }

    #[test]
    fn tells_a_stop_from_an_end() {
        assert_eq!(stopped_thread("T05thread:p01.02;").as_deref(), Some("p01.02"));
        assert_eq!(stopped_thread("T05core:01;thread:01;").as_deref(), Some("01"));
        assert_eq!(stopped_thread("W00"), None);
    }
}
