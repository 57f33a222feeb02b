//! The monitor's room: everything that it needs at EL3 is put into the secure RAM before a payload
//! is looked at.

use flash_image::{Monitor, map};
use machine::page_tables::Kind;
use machine::page_tables::tables::{MapError, Table, Tables};
use machine::ram::Ram;
use machine::{cache, cpu, gic};
use phys_range::PhysRange;
use platform::{Found, GicRegisters, Platform, stacks};
use zerocopy::{FromBytes, IntoBytes};

use crate::board::{BOARD, SECURE_STACK};
use crate::error::BootError;

/// On entry: at EL3; the machine's own tree is read, and nothing of a payload.
/// Does: describes the machine for the monitor, copies the monitor to where it is linked to run,
/// clears its variables, builds its page tables. All of it is in memory afterwards, not in a cache.
/// On exit: where the monitor is.
pub fn load(monitor: &Monitor<'_>, tree: &devicetree::Devicetree<'_>, console: u64) -> Result<PhysRange, BootError> {
    // SAFETY: at EL3, where the board has a distributor, mapped as a device; registers that never
    // change are read.
    let gic_architecture = unsafe { gic::architecture(BOARD.gic.distributor.start()) };
    let found = Found {
        affinity: cpu::affinity(),
        gic_architecture,
        console,
    };
    let platform = Platform::new(&BOARD, tree, &found)?;
    // SAFETY: the page tables map the secure RAM for as long as the bootloader runs, it holds no
    // Rust object but the stack at its end, and no other `Ram` has any of it: the one of
    // `boot::start` has the board's normal RAM.
    let mut ram = unsafe { Ram::new(BOARD.secure.all(), SECURE_STACK) };
    let Some(room) = Room::of(monitor) else {
        unreachable!("the sizes were checked when the monitor was found")
    };
    cache::copy_to_memory(platform.as_bytes(), ram.take(room.platform).bytes_mut());
    cache::copy_to_memory(monitor.image, ram.take(room.image).bytes_mut());
    let mut variables = ram.take(room.variables);
    variables.bytes_mut().fill(0);
    cache::clean_and_invalidate(room.variables);
    let mut memory = ram.take(BOARD.secure.tables);
    let tables = <[Table]>::mut_from_bytes(memory.bytes_mut()).ok();
    let tables = tables.and_then(|tables| Tables::new(tables, BOARD.secure.tables.start()));
    let mapped = tables.map(|mut tables| room.map(&platform, &mut tables));
    cache::clean_and_invalidate(BOARD.secure.tables);
    match mapped {
        Some(Ok(())) => Ok(room.image),
        // A bug: the room for tables is for the largest machine of the board.
        _ => panic!("the monitor's page tables have no room"),
    }
}

// What fits into the monitor's part of the flash fits into its part of the secure RAM.
const _: () = assert!(map::MONITOR.len() <= BOARD.secure.monitor.len());

/// The memory of the monitor.
struct Room {
    image: PhysRange,
    code: PhysRange,
    constants: Option<PhysRange>,
    platform: PhysRange,
    variables: PhysRange,
}

impl Room {
    /// `None` past the end of the address space.
    fn of(monitor: &Monitor<'_>) -> Option<Self> {
        let secure = &BOARD.secure;
        let image = PhysRange::new(secure.monitor.start(), monitor.image.len() as u64)?;
        let code = PhysRange::new(image.start(), monitor.code_bytes)?;
        let end = phys_range::align_up(image.end(), machine::page_tables::PAGE_BYTES)?;
        let variables = PhysRange::new(secure.variables.start(), monitor.variables_bytes)?;
        Some(Self {
            image,
            code,
            constants: PhysRange::from_bounds(code.end(), end),
            platform: PhysRange::new(secure.platform.start(), size_of::<Platform>() as u64)?,
            variables,
        })
    }

    /// Maps what the monitor reads, writes and executes, and nothing else.
    fn map(&self, platform: &Platform, tables: &mut Tables<'_>) -> Result<(), MapError> {
        tables.map(self.code, Kind::Code)?;
        if let Some(constants) = self.constants {
            tables.map(constants, Kind::Constants)?;
        }
        tables.map(BOARD.secure.platform, Kind::Constants)?;
        tables.map(
            self.variables
                .widened_to(machine::page_tables::PAGE_BYTES)
                .ok_or(MapError::Range)?,
            Kind::SecureRam,
        )?;
        for place in 0..platform.cpus.iter().count() as u64 {
            for stack in stacks::of_cpu(BOARD.secure.stacks.start(), place).ok_or(MapError::Range)? {
                tables.map(stack, Kind::SecureRam)?;
            }
        }
        tables.map(page(platform.console)?, Kind::Device)?;
        // A fault while one is reported goes to the first one.
        if platform.console != BOARD.console {
            tables.map(page(BOARD.console)?, Kind::Device)?;
        }
        if platform.can_power_off() || platform.can_reset() {
            tables.map(page(BOARD.power.base)?, Kind::Device)?;
        }
        tables.map(BOARD.gic.distributor, Kind::Device)?;
        match platform.gic() {
            Some(GicRegisters::V2 { .. }) => tables.map(BOARD.gic.cpu_interface, Kind::Device),
            _ => platform
                .redistributors()
                .try_for_each(|region| tables.map(region, Kind::Device)),
        }
    }
}

/// The page of a device.
fn page(address: u64) -> Result<PhysRange, MapError> {
    PhysRange::new(address, machine::page_tables::PAGE_BYTES).ok_or(MapError::Range)
}
