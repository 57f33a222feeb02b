//! Devices that could write to memory, or interrupt: quiet (F1).

use phys_range::PhysRange;

use crate::Judgement;
use crate::facts::Gic;
use crate::instruction::Trap;
use crate::subject::Subject;

/// `MagicValue` of a virtio transport, and its `Status` (Virtual I/O Device, 4.2.2).
const VIRTIO_MAGIC: u64 = 0x7472_6976;
const VIRTIO_STATUS: u64 = 0x70;

/// A device's part of the configuration space, its `Command` with the bit that lets it be a bus
/// master, and its class, above the revision.
const PCI_DEVICE_BYTES: u64 = 0x8000;
const PCI_DEVICES: u64 = 32;
const PCI_COMMAND: u64 = 0x4;
const PCI_BUS_MASTER: u64 = 1 << 2;
const PCI_CLASS: u64 = 0x8;
const PCI_NONE: u64 = 0xffff;
/// A host bridge: it has nothing to write by itself.
const PCI_HOST_BRIDGE: u64 = 0x0600;

/// `UARTIMSC` and `UARTDMACR` (DDI0183, 3.3).
const UART_INTERRUPT_MASK: u64 = 0x38;
const UART_DMA_CONTROL: u64 = 0x48;

/// `GICD_TYPER` and the first `GICD_ISENABLER` of shared interrupts; of a GICv3,
/// `GICR_CTLR.EnableLPIs`.
const GICD_TYPER: u64 = 0x4;
const GICD_ISENABLER1: u64 = 0x104;
const ENABLE_LPIS: u64 = 1;

/// A device that is not quiet: its name, the address of the register that says so, and its value.
type Loud = Option<(&'static str, u64, u64)>;

pub(super) fn f1(subject: &mut Subject<'_>) -> Judgement {
    let expected = "no device that writes to memory or interrupts";
    match loud(subject) {
        Ok(None) => Judgement::of(true, expected, "virtio, PCI, UART and GIC quiet"),
        Ok(Some((name, register, value))) => {
            Judgement::of(false, expected, format_args!("{name}: {value:#x} at {register:#x}"))
        }
        Err(trap) => Judgement::of(false, expected, format_args!("a register that cannot be read: {trap}")),
    }
}

fn loud(subject: &mut Subject<'_>) -> Result<Loud, Trap> {
    let facts = subject.facts;
    for base in &facts.virtio {
        let status = base.saturating_add(VIRTIO_STATUS);
        if subject.load(*base)? == VIRTIO_MAGIC {
            let value = subject.load(status)?;
            if value != 0 {
                return Ok(Some(("virtio in use", status, value)));
            }
        }
    }
    if let Some(pci) = facts.pci
        && let Some(loud) = loud_on_pci(subject, pci)?
    {
        return Ok(Some(loud));
    }
    if let Some(uart) = facts.uart {
        for (name, offset) in [
            ("interrupts of the UART", UART_INTERRUPT_MASK),
            ("DMA of the UART", UART_DMA_CONTROL),
        ] {
            let register = uart.base.saturating_add(offset);
            let value = subject.load(register)?;
            if value != 0 {
                return Ok(Some((name, register, value)));
            }
        }
    }
    loud_in_gic(subject)
}

/// A bus master on the first bus.
fn loud_on_pci(subject: &mut Subject<'_>, space: PhysRange) -> Result<Loud, Trap> {
    for device in 0..PCI_DEVICES {
        let base = space.start().saturating_add(device.saturating_mul(PCI_DEVICE_BYTES));
        let command = base.saturating_add(PCI_COMMAND);
        let class = base.saturating_add(PCI_CLASS);
        if subject.load(base)? & PCI_NONE != PCI_NONE && subject.load(class)? >> 16 != PCI_HOST_BRIDGE {
            let value = subject.load(command)?;
            if value & PCI_BUS_MASTER != 0 {
                return Ok(Some(("a bus master on PCI", command, value)));
            }
        }
    }
    Ok(None)
}

fn loud_in_gic(subject: &mut Subject<'_>) -> Result<Loud, Trap> {
    let facts = subject.facts;
    let (Gic::V2 { distributor, .. } | Gic::V3 { distributor, .. }) = &facts.gic else {
        return Ok(None);
    };
    let banks = subject.load(distributor.saturating_add(GICD_TYPER))? & 0x1f;
    for bank in 0..banks {
        let register = distributor
            .saturating_add(GICD_ISENABLER1)
            .saturating_add(bank.saturating_mul(4));
        let value = subject.load(register)?;
        if value != 0 {
            return Ok(Some(("interrupts enabled", register, value)));
        }
    }
    if let Some(redistributor) = super::gic::own_redistributor(subject)? {
        let value = subject.load(redistributor)?;
        if value & ENABLE_LPIS != 0 {
            return Ok(Some(("LPIs enabled", redistributor, value)));
        }
    }
    Ok(None)
}
