//! [`watch`]: one boot, seen from outside by the debugger and by the console.

use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use linux_image::ImageHeader;

use super::boot::Boot;
use super::console;
use super::initrd;
use super::observation::{CpuState, Memory, Observation, REGISTERS};
use super::payload::Payload;
use super::silence::Silence;
use crate::qemu::debugger::{Cpu, Debugger, RegisterNames, Stop};
use crate::qemu::{Ended, Qemu, Session};
use crate::{Error, interrupt};

/// The time limit for QEMU to start.
const CONNECT_LIMIT: Duration = Duration::from_secs(20);
/// The polling interval of the console.
const GLANCE: Duration = Duration::from_millis(200);
/// The interval at which a key is pressed.
const KEY_INTERVAL: Duration = Duration::from_millis(200);
/// The time limit for the rest of the output after something that nothing good comes after, and
/// after QEMU's end.
const GRACE: Duration = Duration::from_secs(2);
/// The number of QEMU's last lines that say why it does not start.
const EXCERPT_LINES: usize = 8;
/// The second word of the header, where a loader may enter as well (O1).
const WORD: u64 = 4;
/// The header of a device tree, up to its size.
const TREE_HEADER_BYTES: usize = 8;
const TREE_MAGIC: [u8; 4] = 0xd00d_feed_u32.to_be_bytes();

/// A boot that is over.
#[derive(Debug)]
pub struct Watched {
    /// What the debugger saw.
    pub observation: Observation,
    /// All that was on the console.
    pub console: String,
    /// How it ended; a time-out where the time was up or nothing good would have come.
    pub ended: Ended,
    /// The reason why the debugger saw no more, if it lost sight of the machine.
    pub lost_sight: Option<String>,
    /// The place where the payload was expected.
    pub entries: Vec<u64>,
}

/// A boot that goes on.
struct Watch<'a> {
    payload: &'a Payload,
    debugger: Debugger,
    names: RegisterNames,
    cpus: Vec<Cpu>,
    /// The place where the debugger stops CPUs.
    breakpoints: Vec<u64>,
    seen: Observation,
}

/// Boots the payload, and looks at every CPU at its first instruction. The places where that may be
/// are `entries`.
///
/// # Errors
/// QEMU does not start, or a signal asks this program to end.
pub fn watch(qemu: &Qemu, boot: &Boot, payload: &Payload, entries: &[u64], limit: Duration) -> Result<Watched, Error> {
    let deadline = Instant::now() + limit;
    let mut session = qemu.spawn(&boot.machine, None, None)?;
    let debugger = connect(&mut session, &boot.socket)?;
    let mut watch = Watch::new(debugger, payload);
    let started = watch.start(entries);
    // It makes the debugger's socket before it looks at all that it was told.
    if started.is_err() && matches!(session.wait_for(&[], GRACE)?, Ended::Exited(_)) {
        return Err(not_started(&session));
    }
    let followed = started.and_then(|()| watch.follow(&mut session, boot, deadline));
    interrupt::check()?;
    let (ended, lost_sight) = match followed {
        Ok(ended) => (ended, None),
        Err(error) => (session.wait_for(&[], GRACE)?, Some(error.to_string())),
    };
    // Before QEMU is ended, as it then has something to say as well.
    let console = session.console();
    Ok(Watched {
        observation: watch.seen,
        console,
        ended,
        lost_sight,
        entries: entries.to_vec(),
    })
}

/// Connects to the debugger of a QEMU that starts.
fn connect(session: &mut Session, socket: &Path) -> Result<Debugger, Error> {
    let deadline = Instant::now() + CONNECT_LIMIT;
    loop {
        let error = match Debugger::connect(socket, GLANCE) {
            Ok(debugger) => return Ok(debugger),
            Err(error) => error,
        };
        match session.wait_for(&[], GLANCE)? {
            Ended::Exited(_) => return Err(not_started(session)),
            _ if Instant::now() >= deadline => {
                return Err(Error::new(format!("cannot reach QEMU's debugger: {error}")));
            }
            _ => {}
        }
    }
}

/// QEMU's own words for why it does not start.
fn not_started(session: &Session) -> Error {
    let why = console::excerpt(&session.console(), EXCERPT_LINES);
    Error::new(format!("QEMU does not start: {why}"))
        .help("choose another machine, or mend the loader's recipe; qemu-system-aarch64 -cpu help lists the CPUs")
}

impl<'a> Watch<'a> {
    fn new(debugger: Debugger, payload: &'a Payload) -> Self {
        Self {
            payload,
            debugger,
            names: RegisterNames::default(),
            cpus: Vec::new(),
            breakpoints: Vec::new(),
            seen: Observation::default(),
        }
    }

    /// Looks at the machine while it waits at reset, and says where it shall stop.
    fn start(&mut self, entries: &[u64]) -> io::Result<()> {
        self.names = self.debugger.register_names()?;
        self.cpus = self.debugger.cpus()?;
        if let (Some(first), Some(frequency)) = (self.cpus.first(), self.names.find("CNTFRQ_EL0")) {
            self.seen.reset_frequency = Some(self.debugger.read_register(first, frequency)?);
        }
        let entries: Vec<u64> = entries.iter().flat_map(|entry| [*entry, entry + WORD]).collect();
        self.stop_at(&entries)
    }

    /// Stops at these addresses, and no others.
    fn stop_at(&mut self, addresses: &[u64]) -> io::Result<()> {
        for address in std::mem::replace(&mut self.breakpoints, addresses.to_vec()) {
            self.debugger.clear_breakpoint(address)?;
        }
        addresses
            .iter()
            .try_for_each(|address| self.debugger.set_breakpoint(*address))
    }

    fn follow(&mut self, session: &mut Session, boot: &Boot, deadline: Instant) -> io::Result<Ended> {
        self.debugger.resume()?;
        type_steps(session, boot, deadline)?;
        let mut deadline = deadline;
        let mut silence = Silence::new(boot.patience());
        loop {
            // A loader may come by a breakpoint again and again, so that the machine never runs for
            // long.
            interrupt::check().map_err(io::Error::other)?;
            let shown = session.console();
            let has_begun = self.seen.first.is_some() || console::has_begun(&shown);
            if Instant::now() >= deadline || silence.is_too_long(&shown, has_begun) {
                return Ok(Ended::TimedOut);
            }
            if console::is_over(&shown) {
                deadline = deadline.min(Instant::now() + GRACE);
            }
            match self.debugger.wait_for_stop(deadline.min(Instant::now() + GLANCE))? {
                Stop::Paused(cpu) => self.look(&cpu)?,
                Stop::Ended => return session.wait_for(&[], GRACE).map_err(io::Error::other),
                Stop::StillRunning => {}
            }
        }
    }

    /// Looks at a CPU that stopped, and lets it go on.
    fn look(&mut self, cpu: &Cpu) -> io::Result<()> {
        let state = self.state(cpu)?;
        let pc = state.get("pc").unwrap_or_default();
        if self.seen.first.is_none() {
            self.look_for_payload(state, pc)?;
        } else if self.seen.cpus().all(|seen| seen.number != state.number) {
            self.seen.others.push(state);
            let first = self.seen.first.as_ref().map_or(0, |first| first.number);
            let first = self.cpus.get(first).cloned();
            self.seen.first_later = first.map(|first| self.state(&first)).transpose()?;
        }
        if self.seen.cpus().count() == self.cpus.len() {
            self.stop_at(&[])?;
        }
        self.pass(cpu, pc)?;
        self.debugger.resume()
    }

    /// Looks whether the first CPU has come to the payload.
    fn look_for_payload(&mut self, state: CpuState, pc: u64) -> io::Result<()> {
        let image_at = match pc {
            _ if self.is_payload_at(pc) => pc,
            _ if self.is_payload_at(pc.wrapping_sub(WORD)) => pc - WORD,
            _ => return Ok(()),
        };
        self.seen.image_at = image_at;
        self.seen.memory = self.memory(image_at, state.get("x0").unwrap_or_default())?;
        self.seen.first = Some(state);
        let later: Vec<u64> = self
            .payload
            .later_entry
            .iter()
            .map(|offset| image_at + offset)
            .collect();
        self.stop_at(&later)
    }

    /// Lets the CPU go past the breakpoint that it stands at.
    fn pass(&mut self, cpu: &Cpu, pc: u64) -> io::Result<()> {
        if self.breakpoints.contains(&pc) {
            self.debugger.clear_breakpoint(pc)?;
            match self.debugger.step(cpu)? {
                Stop::Paused(_) => self.debugger.set_breakpoint(pc)?,
                Stop::Ended => return Err(io::Error::other("the machine ended within a step")),
                Stop::StillRunning => return Err(io::Error::other("a step of one instruction did not end")),
            }
        }
        Ok(())
    }

    fn state(&mut self, cpu: &Cpu) -> io::Result<CpuState> {
        let known = REGISTERS
            .iter()
            .filter_map(|name| Some((*name, self.names.find(name)?)));
        let mut state = CpuState {
            number: self.cpus.iter().position(|it| it == cpu).unwrap_or_default(),
            ..CpuState::default()
        };
        for (name, register) in known {
            state
                .registers
                .insert(name, self.debugger.read_register(cpu, register)?);
        }
        Ok(state)
    }

    /// Returns whether what lies there is the payload, and not something of the loader's.
    fn is_payload_at(&mut self, address: u64) -> bool {
        let header = self.debugger.read_memory(address, ImageHeader::SIZE_BYTES);
        header.is_ok_and(|header| self.payload.difference(&header).is_none())
    }

    fn memory(&mut self, image_at: u64, tree_at: u64) -> io::Result<Memory> {
        let tree = self.tree(tree_at)?;
        let initrd = match initrd::range(&tree) {
            // What cannot be read is not there.
            Some(range) => usize::try_from(range.len())
                .ok()
                .and_then(|size_bytes| self.debugger.read_memory(range.start(), size_bytes).ok()),
            None => None,
        };
        Ok(Memory {
            image: self.debugger.read_memory(image_at, self.payload.image.len())?,
            tree,
            initrd,
        })
    }

    fn tree(&mut self, address: u64) -> io::Result<Vec<u8>> {
        let Ok(header) = self.debugger.read_memory(address, TREE_HEADER_BYTES) else {
            return Ok(Vec::new());
        };
        let Some((&magic, &[a, b, c, d])) = header
            .split_first_chunk()
            .and_then(|(m, s)| Some((m, s.first_chunk()?)))
        else {
            return Ok(Vec::new());
        };
        let size_bytes = u32::from_be_bytes([a, b, c, d]) as usize;
        // One byte more than a kernel takes shows that it is too large.
        let size_bytes = size_bytes.min(devicetree::MAX_SIZE_BYTES as usize + 1);
        if magic != TREE_MAGIC {
            return Ok(Vec::new());
        }
        Ok(self.debugger.read_memory(address, size_bytes).unwrap_or_default())
    }
}

/// Does on the console what the recipe says.
fn type_steps(session: &mut Session, boot: &Boot, deadline: Instant) -> io::Result<()> {
    for step in &boot.console {
        if let Some(text) = &step.until {
            let interval = step.press.as_ref().map_or(GLANCE, |_| KEY_INTERVAL);
            loop {
                match session.wait_for(&[text], interval).map_err(io::Error::other)? {
                    Ended::Matched => break,
                    Ended::TimedOut if Instant::now() < deadline && !console::is_over(&session.console()) => {}
                    // Whoever waits for the machine's end sees what came of it.
                    Ended::TimedOut | Ended::Exited(_) => return Ok(()),
                }
                if let Some(key) = &step.press {
                    session.send(key).map_err(io::Error::other)?;
                }
            }
        }
        if let Some(line) = &step.line {
            session.send(&format!("{line}\n")).map_err(io::Error::other)?;
        }
    }
    Ok(())
}
