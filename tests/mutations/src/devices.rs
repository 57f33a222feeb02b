//! Devices that are not quiet.

use core::ptr::with_exposed_provenance_mut;

use crate::mutations;

/// Writes to a register of a device.
pub fn store(register: usize, value: u32) {
    // SAFETY: the machine has the device, and nobody uses it any more.
    unsafe { with_exposed_provenance_mut::<u32>(register).write_volatile(value) }
}

mutations! {
    /// The UART interrupts (`UARTIMSC.RXIM`).
    fn f1_uart(_) { store(0x0900_0038, 1 << 4) }
    /// A virtio device was found (`Status.ACKNOWLEDGE`): the one that QEMU puts into the last
    /// transport.
    fn f1_virtio(_) { store(0x0a00_3e70, 1) }
    /// The UART's interrupt is enabled (`GICD_ISENABLER1`).
    fn f1_interrupt(_) { store(0x0800_0104, 1 << 1) }
    /// The redistributor reads the table of LPIs (`GICR_CTLR.EnableLPIs`).
    fn f1_lpis(_) { store(0x080a_0000, 1) }
    /// A PCI device may write to memory (`Command` of the second one: bus master).
    fn f1_pci(_) { store(0x40_1000_8004, 1 << 2) }
}
