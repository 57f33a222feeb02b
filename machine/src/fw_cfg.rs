//! fw_cfg: what QEMU hands to the firmware: the kernel, initrd and command line of `-kernel`,
//! `-initrd` and `-append` (QEMU documentation, "QEMU Firmware Configuration (fw_cfg) Device").
//!
//! An item is selected, and read from its start on; by DMA, or, where the device has none, through
//! the data register.

use core::arch::asm;
use core::fmt;
use core::ptr::{NonNull, with_exposed_provenance_mut};

use arm_pl011_uart::UniqueMmioPointer;
use phys_range::PhysRange;
use safe_mmio::field;
use safe_mmio::fields::{ReadOnly, ReadPureWrite, WriteOnly};

use crate::ram::Region;
use crate::{cache, counter};

/// An item of the device that a boot reads; the value is the selector key ("Selector (Control)
/// Register").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum Item {
    /// The text `QEMU`.
    Signature = 0x00,
    /// The abilities of the device.
    Features = 0x01,
    /// The size of the kernel.
    KernelSize = 0x08,
    /// The kernel.
    Kernel = 0x11,
    /// The size of the initrd.
    InitrdSize = 0x0b,
    /// The initrd.
    Initrd = 0x12,
    /// The size of the command line, its NUL included.
    CommandLineSize = 0x14,
    /// The command line.
    CommandLine = 0x15,
}

/// The contents of [`Item::Signature`].
const SIGNATURE: [u8; 4] = *b"QEMU";
/// Bit 1 of [`Item::Features`]: there is the DMA interface.
const FEATURE_DMA: u32 = 1 << 1;

/// Bits of the control word of a DMA access.
const CONTROL_ERROR: u32 = 1 << 0;
const CONTROL_READ: u32 = 1 << 1;
const CONTROL_SELECT: u32 = 1 << 3;

/// The time limit of a transfer, in seconds, after which the device is given up.
const LIMIT_SECONDS: u64 = 10;

#[repr(C)]
struct Registers {
    /// Bytes of the item in their order, whatever the width of the access.
    data: ReadOnly<u64>,
    /// Big endian.
    selector: WriteOnly<u16>,
    _reserved: [u16; 3],
    /// The address of a [`DmaAccess`]; big endian.
    dma: ReadPureWrite<u64>,
}

/// The size of the registers.
pub const SIZE_BYTES: u64 = size_of::<Registers>() as u64;

/// The descriptor that the device reads from memory and reports in; all big endian. It has the
/// lines of the caches that it lies in to itself: no writeback granule is larger (DDI0487,
/// CTR_EL0.CWG).
#[repr(C, align(2048))]
struct DmaAccess {
    control: u32,
    length: u32,
    address: u64,
}

impl DmaAccess {
    const NOTHING: Self = Self {
        control: 0,
        length: 0,
        address: 0,
    };

    /// Its address.
    fn place(&mut self) -> Option<PhysRange> {
        let address = (&raw mut *self).expose_provenance() as u64;
        PhysRange::new(address, size_of::<Self>() as u64)
    }
}

/// The reason why an item cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FwCfgError {
    /// The device says that a transfer failed.
    Refused {
        /// The item that was to be read.
        item: Item,
        /// The number of its bytes.
        length_bytes: usize,
    },
    /// The device has not finished a transfer in time.
    Stuck {
        /// The item that was to be read.
        item: Item,
    },
}

impl FwCfgError {
    /// The code that `flint explain` knows.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Refused { .. } => "fw-cfg-refused",
            Self::Stuck { .. } => "fw-cfg-stuck",
        }
    }
}

impl fmt::Display for FwCfgError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Refused { item, length_bytes } => write!(
                f,
                "the device refused to transfer {length_bytes} bytes of item {:#x}",
                item as u64
            ),
            Self::Stuck { item } => write!(
                f,
                "the transfer of item {:#x} has not ended after {LIMIT_SECONDS} seconds",
                item as u64
            ),
        }
    }
}

/// The device.
pub struct FwCfg {
    registers: UniqueMmioPointer<'static, Registers>,
    has_dma: bool,
    /// The memory for the device's descriptors, if not on the stack.
    mailbox: Option<&'static mut DmaAccess>,
}

impl FwCfg {
    /// The device at physical address `base`; `None` where something else answers. It reaches no
    /// memory of the secure world, so who has the stack there gives it a `mailbox` elsewhere: 2 KiB
    /// at a multiple of that.
    ///
    /// # Safety
    /// `base` is the address of such a device by the machine's description, mapped as device
    /// memory, and there is no other [`FwCfg`].
    pub unsafe fn new(base: u64, mailbox: Option<Region>) -> Option<Self> {
        if !base.is_multiple_of(align_of::<Registers>() as u64) {
            return None;
        }
        let registers = NonNull::new(with_exposed_provenance_mut::<Registers>(base as usize))?;
        // SAFETY: the caller promises the device's registers at `base`, for this value alone.
        let registers = unsafe { UniqueMmioPointer::new(registers) };
        let mut device = Self {
            registers,
            has_dma: false,
            mailbox: mailbox.and_then(|mailbox| mailbox.into_place(DmaAccess::NOTHING)),
        };
        // It is in RAM that is the kernel's: where nothing is transferred, nobody else cleans it.
        if let Some(place) = device.mailbox.as_deref_mut().and_then(DmaAccess::place) {
            cache::clean_and_invalidate(place);
        }
        let mut signature = SIGNATURE.map(|_| 0);
        device.read_small(Item::Signature, &mut signature);
        if signature != SIGNATURE {
            return None;
        }
        let mut features = [0; 4];
        device.read_small(Item::Features, &mut features);
        device.has_dma = u32::from_le_bytes(features) & FEATURE_DMA != 0;
        Some(device)
    }

    /// Returns whether items come by DMA.
    pub fn has_dma(&self) -> bool {
        self.has_dma
    }

    /// The number in an item, such as [`Item::KernelSize`]; 0 where the item is not there.
    pub fn number(&mut self, item: Item) -> u64 {
        let mut bytes = [0; 4];
        self.read_small(item, &mut bytes);
        u32::from_le_bytes(bytes).into()
    }

    /// Fills `destination` with the start of an item, and leaves it clean to the point of
    /// coherency.
    ///
    /// # Errors
    /// See [`FwCfgError`].
    pub fn read(&mut self, item: Item, destination: &mut [u8]) -> Result<(), FwCfgError> {
        let start = destination.as_mut_ptr().expose_provenance() as u64;
        let Some(range) = PhysRange::new(start, destination.len() as u64) else {
            return Ok(());
        };
        if !self.has_dma {
            self.read_small(item, destination);
            cache::clean_and_invalidate(range);
            return Ok(());
        }
        // Nothing of the destination may be written back over what the device writes, and nothing
        // old may be read after it.
        cache::clean_and_invalidate(range);
        let transferred = self.transfer(item, range);
        cache::clean_and_invalidate(range);
        transferred
    }

    /// Has the device write the start of an item to `destination`.
    fn transfer(&mut self, item: Item, destination: PhysRange) -> Result<(), FwCfgError> {
        let length_bytes = destination.len() as usize;
        let refused = FwCfgError::Refused { item, length_bytes };
        let Ok(length) = u32::try_from(destination.len()) else {
            return Err(refused);
        };
        let control = (item as u32) << 16 | CONTROL_SELECT | CONTROL_READ;
        let mut on_stack = DmaAccess {
            control: control.to_be(),
            length: length.to_be(),
            address: destination.start().to_be(),
        };
        let access = match &mut self.mailbox {
            Some(mailbox) => {
                **mailbox = on_stack;
                &mut **mailbox
            }
            None => &mut on_stack,
        };
        let place = access.place().ok_or(refused)?;
        cache::clean_and_invalidate(place);
        field!(self.registers, dma).write(place.start().to_be());

        let deadline = counter::ticks().saturating_add(counter::frequency_hz().saturating_mul(LIMIT_SECONDS));
        loop {
            cache::clean_and_invalidate(place);
            // SAFETY: the field is a live u32; the device may change it behind the compiler's back.
            let control = u32::from_be(unsafe { (&raw const access.control).read_volatile() });
            if control & CONTROL_ERROR != 0 {
                return Err(refused);
            }
            if control == 0 {
                // SAFETY: a barrier: what the device wrote before it said so is not read ahead of
                // that.
                unsafe { asm!("dsb sy", options(nostack, preserves_flags)) };
                return Ok(());
            }
            if counter::ticks() > deadline {
                return Err(FwCfgError::Stuck { item });
            }
        }
    }

    /// Fills `destination`, which may be anywhere, through the data register, which gives zeros
    /// after the end of an item: for what is small.
    pub fn read_small(&mut self, item: Item, destination: &mut [u8]) {
        field!(self.registers, selector).write((item as u16).to_be());
        for chunk in destination.chunks_mut(size_of::<u64>()) {
            let bytes = field!(self.registers, data).read().to_ne_bytes();
            chunk.copy_from_slice(&bytes[..chunk.len()]);
        }
    }
}
