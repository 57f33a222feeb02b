//! Kernel trees that would lead EL3: to addresses that are not the GIC's, to CPUs that are not
//! there, to another PSCI or other RAM. The bootloader refuses what contradicts the hardware; what
//! the kernel's tree only leaves out, EL3 knows from the hardware. In each case EL3 is as in a
//! harmless boot: see [`scenarios::attack`]. The kernel lies over the machine's own tree, in all of
//! them.

#[macro_use]
mod macros;
mod gicv2;
mod gicv3;

use flint_cli::qemu::{Gic, Machine, StartLevel};
use phys_range::{GIB, MIB};
use scenarios::attack::Delivery::{Flash, FwCfg};
use scenarios::attack::Expected::Refused;
use scenarios::attack::{Attack, Delivery, Expected};

/// The name of a device tree, the number of CPUs, how kernel and tree are delivered, what the tree
/// has more than the machine's, and how the boot must end.
type Row = (&'static str, u32, Delivery, &'static str, Expected);

/// Refused: the GIC is of another kind, it is elsewhere, or its `reg` is malformed.
const KIND: Expected = Refused("tree-gic-kind");
const ADDRESS: Expected = Refused("tree-gic-address");
const REG: Expected = Refused("tree-reg");

/// No machine here has a CPU 9.
const CPU_TOO_MANY: &str = "/ { cpus { cpu@9 { device_type = \"cpu\"; compatible = \"arm,cortex-a53\"; \
     reg = <9>; enable-method = \"psci\"; }; }; };";

/// All of them.
pub fn attacks() -> Vec<Attack> {
    let rows = [(Gic::V2, gicv2::ROWS.as_slice()), (Gic::V3, gicv3::ROWS.as_slice())];
    let mut all: Vec<_> = rows
        .into_iter()
        .flat_map(|(gic, rows)| rows.iter().map(move |row| attack(gic, *row)))
        .collect();
    all.push(page_table(Gic::V2, Flash, gicv2::PAGE_TABLE, ADDRESS));
    all.push(page_table(Gic::V2, FwCfg, gicv2::PAGE_TABLE, ADDRESS));
    all.push(page_table(Gic::V3, FwCfg, gicv3::PAGE_TABLE, KIND));
    all
}

fn attack(gic: Gic, (what, smp, delivery, source, expected): Row) -> Attack {
    Attack {
        what,
        machine: Machine {
            el: StartLevel::El3,
            gic,
            smp,
            memory_bytes: 128 * MIB,
            ..Machine::default()
        },
        delivery,
        tree: source,
        has_page_table: false,
        expected,
    }
}

/// The whole attack, up to code that runs at EL3. The table has to be just below 4 GiB.
fn page_table(gic: Gic, delivery: Delivery, source: &'static str, expected: Expected) -> Attack {
    let mut attack = attack(gic, ("a_page_table_in_a_ramdisk", 1, delivery, source, expected));
    attack.machine.memory_bytes = 4 * GIB;
    attack.has_page_table = true;
    attack
}
