//! [`Debugger`]: the little of GDB's remote protocol that it takes to look at a machine from
//! outside, and to change it before it starts.
//!
//! The protocol is that of the GDB manual, "Remote Serial Protocol", as QEMU's stub speaks it.
//! `packet` has its packets, and `registers` what the stub says about the registers that it knows.

mod packet;
mod registers;

use std::collections::VecDeque;
use std::ffi::OsString;
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::net::{SocketAddr, UnixStream};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

pub use registers::{Register, RegisterNames};

use super::with_file;
use crate::{Error, interrupt};

/// The time limit for one answer.
const ANSWER_LIMIT: Duration = Duration::from_secs(10);
/// The interval between attempts to connect, while QEMU starts.
const CONNECT_INTERVAL: Duration = Duration::from_millis(10);
/// The polling interval for signals while an answer is waited for.
const POLL_INTERVAL: Duration = Duration::from_millis(20);
/// QEMU takes packets of 4096 bytes, and a byte is two of them.
const CHUNK_SIZE_BYTES: usize = 1024;

/// A connection to a machine; at first it waits at reset.
#[derive(Debug)]
pub struct Debugger {
    stream: UnixStream,
    received: VecDeque<u8>,
}

/// A CPU, as the stub calls it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cpu(String);

/// The reason why a machine that was let run does not run any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// A CPU is at a breakpoint, or has made its step. All CPUs wait.
    Paused(Cpu),
    /// The machine is gone.
    Ended,
    /// It still runs: the time was up first.
    StillRunning,
}

impl Debugger {
    /// QEMU's arguments to wait at reset for a connection to the socket at `path`.
    ///
    /// # Errors
    /// The path is longer than the address of a socket may be (`sun_path`, 107 bytes on Linux).
    pub fn arguments(path: &Path) -> Result<Vec<OsString>, Error> {
        SocketAddr::from_pathname(path).map_err(|error| {
            Error::new(format!(
                "there can be no socket for QEMU's debugger at {}: {error}",
                path.display()
            ))
            .help("set TMPDIR to a folder with a shorter name, such as /tmp")
        })?;
        let socket = with_file("socket,id=debugger,server=on,wait=off,path=", path);
        Ok([
            "-chardev".into(),
            socket,
            "-gdb".into(),
            "chardev:debugger".into(),
            "-S".into(),
        ]
        .into())
    }

    /// Connects to the socket at `path` once QEMU has made it.
    ///
    /// # Errors
    /// QEMU does not make it within the `limit`.
    pub fn connect(path: &Path, limit: Duration) -> io::Result<Self> {
        let deadline = Instant::now() + limit;
        let stream = loop {
            match UnixStream::connect(path) {
                Err(_) if Instant::now() < deadline => thread::sleep(CONNECT_INTERVAL),
                connected => break connected?,
            }
        };
        stream.set_read_timeout(Some(POLL_INTERVAL))?;
        Ok(Self {
            stream,
            received: VecDeque::new(),
        })
    }

    /// Writes to RAM.
    ///
    /// # Errors
    /// QEMU refuses it, or is gone: so do all others.
    pub fn write_memory(&mut self, address: u64, bytes: &[u8]) -> io::Result<()> {
        let chunks = bytes.chunks(CHUNK_SIZE_BYTES);
        let mut addresses = (address..).step_by(CHUNK_SIZE_BYTES);
        chunks.zip(&mut addresses).try_for_each(|(chunk, address)| {
            self.order(&format!("M{address:x},{:x}:{}", chunk.len(), packet::hex(chunk)))
        })
    }

    /// Reads RAM, past whatever the MMU makes of addresses.
    ///
    /// # Errors
    /// There is no RAM.
    pub fn read_memory(&mut self, address: u64, size_bytes: usize) -> io::Result<Vec<u8>> {
        self.order("Qqemu.PhyMemMode:1")?;
        let mut bytes = Vec::with_capacity(size_bytes);
        while bytes.len() < size_bytes {
            let length = CHUNK_SIZE_BYTES.min(size_bytes - bytes.len());
            let at = address + bytes.len() as u64;
            bytes.extend(self.bytes(&format!("m{at:x},{length:x}"))?);
        }
        self.order("Qqemu.PhyMemMode:0")?;
        Ok(bytes)
    }

    /// Returns which registers there are.
    ///
    /// # Errors
    /// As above.
    pub fn register_names(&mut self) -> io::Result<RegisterNames> {
        let target = self.description("target.xml")?;
        let mut names = RegisterNames::default();
        for part in registers::parts(&target)? {
            names.add(&self.description(&part)?)?;
        }
        Ok(names)
    }

    /// Reads a register of a CPU.
    ///
    /// # Errors
    /// As above.
    pub fn read_register(&mut self, cpu: &Cpu, register: Register) -> io::Result<u64> {
        self.order(&format!("Hg{}", cpu.0))?;
        let mut value = self.bytes(&format!("p{:x}", register.0))?;
        value.resize(size_of::<u64>(), 0);
        Ok(value.iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte)))
    }

    /// Writes a register of a CPU that waits. QEMU lets general registers and `cpsr` be written; it
    /// ignores writes to system registers.
    ///
    /// # Errors
    /// As above.
    pub fn write_register(&mut self, cpu: &Cpu, register: Register, value: u64) -> io::Result<()> {
        self.order(&format!("Hg{}", cpu.0))?;
        // The stub takes as many bytes as it gives.
        let size_bytes = self.bytes(&format!("p{:x}", register.0))?.len();
        let bytes = value.to_le_bytes();
        let bytes = bytes.get(..size_bytes).unwrap_or(&bytes);
        self.order(&format!("P{:x}={}", register.0, packet::hex(bytes)))
    }

    /// Gives a command to QEMU's human monitor, and returns what that prints.
    ///
    /// # Errors
    /// As above.
    pub fn qemu_command(&mut self, command: &str) -> io::Result<String> {
        self.send(&format!("qRcmd,{}", packet::hex(command.as_bytes())))?;
        let mut printed = String::new();
        loop {
            let answer = self.answer(Instant::now() + ANSWER_LIMIT)?;
            if answer == "OK" {
                return Ok(printed);
            }
            let output = answer.strip_prefix('O').and_then(packet::unhex);
            let output = output.ok_or_else(|| packet::unexpected(command, &answer))?;
            printed.push_str(&String::from_utf8_lossy(&output));
        }
    }

    /// The CPUs, the first one first.
    ///
    /// # Errors
    /// As above.
    pub fn cpus(&mut self) -> io::Result<Vec<Cpu>> {
        let mut cpus = Vec::new();
        let mut answer = self.ask("qfThreadInfo")?;
        while let Some(threads) = answer.strip_prefix('m') {
            cpus.extend(threads.split(',').map(|thread| Cpu(thread.into())));
            answer = self.ask("qsThreadInfo")?;
        }
        Ok(cpus)
    }

    /// From now on, every CPU stops before it executes what is at this address.
    ///
    /// # Errors
    /// As above.
    pub fn set_breakpoint(&mut self, address: u64) -> io::Result<()> {
        self.order(&format!("Z1,{address:x},4"))
    }

    /// No more.
    ///
    /// # Errors
    /// As above.
    pub fn clear_breakpoint(&mut self, address: u64) -> io::Result<()> {
        self.order(&format!("z1,{address:x},4"))
    }

    /// Lets the machine run.
    ///
    /// # Errors
    /// As above.
    pub fn resume(&mut self) -> io::Result<()> {
        self.send("vCont;c")
    }

    /// Stops all CPUs of a machine that runs, wherever they are.
    ///
    /// # Errors
    /// As above.
    pub fn pause(&mut self) -> io::Result<Stop> {
        self.stream.write_all(packet::INTERRUPT)?;
        self.wait_for_stop(Instant::now() + ANSWER_LIMIT)
    }

    /// Lets this CPU execute one instruction, while the others wait.
    ///
    /// # Errors
    /// As above.
    pub fn step(&mut self, cpu: &Cpu) -> io::Result<Stop> {
        self.send(&format!("vCont;s:{}", cpu.0))?;
        self.wait_for_stop(Instant::now() + ANSWER_LIMIT)
    }

    /// Waits until a machine that runs does so no more.
    ///
    /// # Errors
    /// A signal asks this program to end (see [`crate::interrupt`]).
    pub fn wait_for_stop(&mut self, deadline: Instant) -> io::Result<Stop> {
        match self.answer(deadline) {
            Ok(answer) => Ok(packet::stopped_thread(&answer).map_or(Stop::Ended, |thread| Stop::Paused(Cpu(thread)))),
            Err(error) if error.kind() == ErrorKind::TimedOut => Ok(Stop::StillRunning),
            Err(error) if packet::is_end(&error) => Ok(Stop::Ended),
            Err(error) => Err(error),
        }
    }

    /// Lets the machine run, and goes.
    ///
    /// # Errors
    /// As above.
    pub fn let_go(mut self) -> io::Result<()> {
        self.order("D")
    }

    /// A part of what the stub says about the registers.
    fn description(&mut self, name: &str) -> io::Result<String> {
        let mut text = String::new();
        loop {
            let answer = self.ask(&format!("qXfer:features:read:{name}:{:x},7ff", text.len()))?;
            let (more, rest) = answer.split_at_checked(1).unwrap_or_default();
            text.push_str(rest);
            match more {
                "m" => {}
                "l" => return Ok(text),
                _ => return Err(packet::unexpected(name, &answer)),
            }
        }
    }

    /// Sends a packet whose answer must be "OK".
    fn order(&mut self, order: &str) -> io::Result<()> {
        match self.ask(order)? {
            answer if answer == "OK" => Ok(()),
            answer => Err(packet::unexpected(order, &answer)),
        }
    }

    /// Sends a packet whose answer must be bytes.
    fn bytes(&mut self, question: &str) -> io::Result<Vec<u8>> {
        let answer = self.ask(question)?;
        packet::unhex(&answer).ok_or_else(|| packet::unexpected(question, &answer))
    }

    fn ask(&mut self, question: &str) -> io::Result<String> {
        self.send(question)?;
        self.answer(Instant::now() + ANSWER_LIMIT)
    }

    fn send(&mut self, contents: &str) -> io::Result<()> {
        self.stream.write_all(packet::framed(contents).as_bytes())
    }

    /// The contents of the next packet from QEMU.
    fn answer(&mut self, deadline: Instant) -> io::Result<String> {
        loop {
            if let Some(contents) = packet::take(&mut self.received) {
                self.stream.write_all(b"+")?;
                return Ok(contents);
            }
            self.receive(deadline)?;
        }
    }

    fn receive(&mut self, deadline: Instant) -> io::Result<()> {
        let mut buffer = [0; 4096];
        loop {
            match self.stream.read(&mut buffer) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(length) => return self.received.write_all(&buffer[..length]),
                Err(error) if error.kind() != ErrorKind::WouldBlock => return Err(error),
                Err(_) if interrupt::pending().is_some() => return Err(io::Error::other("interrupted")),
                Err(_) if Instant::now() >= deadline => return Err(ErrorKind::TimedOut.into()),
                Err(_) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comma_in_the_name_of_the_socket_is_doubled() {
        let arguments = Debugger::arguments(Path::new("/tmp/a,b/debugger")).unwrap();
        assert_eq!(
            arguments[1],
            "socket,id=debugger,server=on,wait=off,path=/tmp/a,,b/debugger"
        );
    }

    #[test]
    fn a_name_that_is_too_long_for_a_socket_is_refused() {
        let error = Debugger::arguments(Path::new(&format!("/tmp/{}/debugger", "x".repeat(100)))).unwrap_err();
        assert!(error.message().contains("xxx/debugger"), "{error}");
        assert!(error.help_text().unwrap().contains("TMPDIR"));
    }

    #[test]
    fn gives_up_on_a_socket_that_does_not_come() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Debugger::connect(&folder.path().join("socket"), Duration::from_millis(30)).is_err());
    }
}
