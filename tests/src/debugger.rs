//! [`Debugger`]: the little of GDB's remote protocol that it takes to write to RAM and registers of a machine that waits at reset.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

/// How long one answer may take.
const ANSWER_LIMIT: Duration = Duration::from_secs(10);
/// How often it is tried to connect, while QEMU starts.
const CONNECT_INTERVAL: Duration = Duration::from_millis(10);
/// QEMU takes packets of 4096 bytes, and a byte is two of them.
const CHUNK_SIZE_BYTES: usize = 1024;

/// A connection to a machine that waits at reset.
pub struct Debugger {
    stream: UnixStream,
}

impl Debugger {
    /// QEMU's arguments to wait at reset for a connection to the socket at `path`.
    pub fn arguments(path: &Path) -> Vec<OsString> {
        let mut socket = OsString::from("socket,id=debugger,server=on,wait=off,path=");
        socket.push(path);
        [
            "-chardev".into(),
            socket,
            "-gdb".into(),
            "chardev:debugger".into(),
            "-S".into(),
        ]
        .into()
    }

    /// Connects to the socket at `path` once QEMU has made it.
    pub fn connect(path: &Path, limit: Duration) -> io::Result<Self> {
        let deadline = Instant::now() + limit;
        let stream = loop {
            match UnixStream::connect(path) {
                Err(_) if Instant::now() < deadline => thread::sleep(CONNECT_INTERVAL),
                connected => break connected?,
            }
        };
        stream.set_read_timeout(Some(ANSWER_LIMIT))?;
        Ok(Self { stream })
    }

    /// Writes to RAM.
    pub fn write_memory(&mut self, address: u64, bytes: &[u8]) -> io::Result<()> {
        let chunks = bytes.chunks(CHUNK_SIZE_BYTES);
        let mut addresses = (address..).step_by(CHUNK_SIZE_BYTES);
        chunks
            .zip(&mut addresses)
            .try_for_each(|(chunk, address)| self.order(&format!("M{address:x},{:x}:{}", chunk.len(), hex(chunk))))
    }

    /// Writes x0 to x30 and SP of the first CPU, in that order.
    pub fn write_registers(&mut self, values: &[u64; 32]) -> io::Result<()> {
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.order(&format!("G{}", hex(&bytes)))
    }

    /// Lets the machine run, and goes.
    pub fn let_go(mut self) -> io::Result<()> {
        self.order("D")
    }

    /// Sends a packet whose answer must be "OK".
    fn order(&mut self, packet: &str) -> io::Result<()> {
        self.stream.write_all(framed(packet).as_bytes())?;
        let answer = self.answer()?;
        if answer == "OK" {
            return Ok(());
        }
        let order = &packet[..packet.len().min(20)];
        Err(io::Error::other(format!("QEMU answers {answer:?} to {order}…")))
    }

    /// The contents of the next packet from QEMU.
    fn answer(&mut self) -> io::Result<String> {
        while self.byte()? != b'$' {}
        let mut contents = String::new();
        loop {
            match self.byte()? {
                b'#' => break,
                byte => contents.push(char::from(byte)),
            }
        }
        // Two digits of checksum: a socket loses nothing.
        self.byte()?;
        self.byte()?;
        self.stream.write_all(b"+")?;
        Ok(contents)
    }

    fn byte(&mut self) -> io::Result<u8> {
        let mut byte = [0];
        self.stream.read_exact(&mut byte)?;
        Ok(byte[0])
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A packet as it is sent: with its checksum, the sum of its bytes.
fn framed(packet: &str) -> String {
    let sum = packet.bytes().fold(0u8, u8::wrapping_add);
    format!("${packet}#{sum:02x}")
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
    fn gives_up_on_a_socket_that_does_not_come() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Debugger::connect(&folder.path().join("socket"), Duration::from_millis(30)).is_err());
    }
}
