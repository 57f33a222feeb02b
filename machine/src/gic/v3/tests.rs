//! Tests of the GICv3 on registers in memory.

use super::*;

/// Registers as plain memory: what is written can be read.
struct Memory(Vec<u64>);

impl Memory {
    fn new() -> Self {
        Self(vec![0; 0x2_0000 / 8])
    }

    fn at(&self, offset: usize) -> u32 {
        (self.0[offset / 8] >> (offset % 8 * 8)) as u32
    }

    fn set(&mut self, offset: usize, value: u32) {
        let shift = offset % 8 * 8;
        let word = &mut self.0[offset / 8];
        *word = *word & !(0xffff_ffff << shift) | u64::from(value) << shift;
    }

    fn registers<T>(&mut self) -> UniqueMmioPointer<'_, T> {
        assert!(size_of::<T>() <= self.0.len() * 8);
        let pointer = core::ptr::NonNull::from(&mut self.0[..]).cast::<T>();
        // SAFETY: plain memory that is large enough and borrowed for as long; the registers are
        // integers.
        unsafe { UniqueMmioPointer::new(pointer) }
    }
}

/// 288 interrupts, two security states.
const TYPER: u32 = 1 << 10 | 8;

#[test]
fn z7_shared_interrupts_go_to_the_normal_world() {
    let mut memory = Memory::new();
    memory.set(4, TYPER);
    memory.set(0, 0x7);
    memory.set(0xd00 + 4, !0);
    assert_eq!(hand_over_distributor(memory.registers()), Ok(()));
    assert_eq!(memory.at(0), 0x30, "ARE_S and ARE_NS, no group, DS as it was");
    assert_eq!(memory.at(0x080), 0, "IGROUPR0 is the redistributors'");
    for bank in 1..9 {
        assert_eq!(memory.at(0x080 + 4 * bank), !0, "IGROUPR{bank}");
        assert_eq!(memory.at(0x180 + 4 * bank), !0, "ICENABLER{bank}");
        assert_eq!(memory.at(0xd00 + 4 * bank), 0, "IGRPMODR{bank}");
    }
    assert_eq!(memory.at(0x080 + 4 * 9), 0, "there are no more");
    assert_eq!(memory.at(0x400 + 28), 0);
    assert!((32..288).all(|id| memory.at(0x400 + id / 4 * 4) == 0x8080_8080));
    assert_eq!(memory.at(0x400 + 288), 0);
    assert_eq!(memory.at(0x1000), 0, "no extended ones");
}

#[test]
fn z7_extended_interrupts_go_along() {
    let mut memory = Memory::new();
    memory.set(4, TYPER | 1 << 8 | 1 << 27);
    assert_eq!(hand_over_distributor(memory.registers()), Ok(()));
    assert_eq!([memory.at(0x1000), memory.at(0x1004), memory.at(0x1008)], [!0, !0, 0]);
    assert_eq!([memory.at(0x1400), memory.at(0x1404)], [!0, !0]);
    assert!((0..16).all(|index| memory.at(0x2000 + 4 * index) == 0x8080_8080));
    assert_eq!(memory.at(0x2040), 0);
}

#[test]
fn a_distributor_that_takes_no_writes_is_an_error() {
    let mut memory = Memory::new();
    memory.set(0, 1 << 31);
    let gicd = memory.registers::<Gicd>();
    let error = settle(&gicd).unwrap_err().at(0x0800_0000);
    assert_eq!(
        error.to_string(),
        "GICD_CTLR at 0x8000000 reads 0x80000000, where 0x80000000 should be 0"
    );
}

#[test]
fn z7_a_redistributor_wakes_and_hands_over_the_interrupts_of_its_cpu() {
    let mut memory = Memory::new();
    memory.set(0x14, 1 << 1);
    memory.set(0x1_0d00, !0);
    memory.set(0x1_0e00, !0);
    assert_eq!(hand_over_redistributor(memory.registers()), Ok(()));
    assert_eq!(memory.at(0x14), 0, "ProcessorSleep");
    assert_eq!(
        [memory.at(0x1_0080), memory.at(0x1_0084)],
        [!(1 << 15), 0],
        "IGROUPR, but for the wake-up call"
    );
    assert_eq!([memory.at(0x1_0180), memory.at(0x1_0d00)], [!0, 0]);
    let priorities = |index: usize| memory.at(0x1_0400 + 4 * index);
    assert!(
        (0..8)
            .filter(|index| *index != 3)
            .all(|index| priorities(index) == 0x8080_8080)
    );
    assert_eq!([priorities(3), priorities(8)], [0x0080_8080, 0]);
    assert_eq!(memory.at(0x1_0100), 1 << 15, "ISENABLER0");
    assert_eq!(memory.at(0x1_0e00), 0, "NSACR");
}

#[test]
fn z7_extended_private_interrupts_go_along() {
    let mut memory = Memory::new();
    memory.set(0x8, 2 << 27);
    assert_eq!(hand_over_redistributor(memory.registers()), Ok(()));
    assert_eq!(
        [memory.at(0x1_0080), memory.at(0x1_0084), memory.at(0x1_0088)],
        [!(1 << 15), !0, !0]
    );
}

#[test]
fn a_redistributor_that_does_not_wake_or_take_writes_is_an_error() {
    let mut memory = Memory::new();
    memory.set(0x14, 1 << 2 | 1 << 1);
    let error = |memory: &mut Memory| {
        let stuck = hand_over_redistributor(memory.registers()).unwrap_err();
        stuck.at(0x080a_0000).to_string()
    };
    assert_eq!(
        error(&mut memory),
        "GICR_WAKER at 0x80a0014 reads 0x4, where 0x4 should be 0"
    );
    memory.set(0x14, 0);
    memory.set(0, 1 << 3);
    assert_eq!(
        error(&mut memory),
        "GICR_CTLR at 0x80a0000 reads 0x8, where 0x8 should be 0"
    );
}

/// Redistributors of `size` bytes one after the other from `base`: the affinity of each.
fn typer_of(base: u64, size: u64, cpus: &[u32], more: u64) -> impl Fn(u64) -> Result<GicrTyper, GicError> {
    move |address| {
        assert_eq!((address - base) % size, 0, "{address:#x} is inside a redistributor");
        let index = ((address - base) / size) as usize;
        let last = u64::from(index + 1 == cpus.len()) << 4;
        Ok(zerocopy::transmute!(u64::from(cpus[index]) << 32 | last | more))
    }
}

fn no_redistributor(affinity: u64, last: Option<[u64; 2]>) -> Result<u64, GicError> {
    Err(GicError::NoRedistributor { affinity, last })
}

fn region(start: u64, size: u64) -> PhysRange {
    PhysRange::new(start, size).unwrap()
}

#[test]
fn a_redistributor_is_found_by_the_affinity_of_its_cpu() {
    let regions = [region(0x80a_0000, 0xf6_0000)];
    let typer = typer_of(0x80a_0000, 0x2_0000, &[0, 1, 0x100, 0x0201_0300], 0);
    assert_eq!(find(&regions, 0, &typer), Ok(0x80a_0000));
    assert_eq!(find(&regions, 0x100, &typer), Ok(0x80e_0000));
    assert_eq!(
        find(&regions, 0x02_0001_0300, &typer),
        Ok(0x810_0000),
        "Aff3 is at bit 32"
    );
    assert_eq!(
        find(&regions, 2, &typer),
        no_redistributor(2, Some([0x810_0000, 0x02_0001_0300])),
        "the last one is the last"
    );
}

#[test]
fn virtual_lpis_make_a_redistributor_twice_as_large() {
    let regions = [region(0x80a_0000, 0xf6_0000)];
    let typer = typer_of(0x80a_0000, 0x4_0000, &[0, 1], 1 << 1);
    assert_eq!(find(&regions, 1, typer), Ok(0x80e_0000));
}

#[test]
fn the_search_goes_on_in_the_next_region_and_never_leaves_one() {
    let regions = [region(0x10_0000, 0x4_0000), region(0x90_0000, 0x5_0000)];
    let typer = |address: u64| {
        assert!(
            regions
                .iter()
                .any(|region| region.start() <= address && address + 0x2_0000 <= region.end())
        );
        let cpu = match address {
            0x10_0000 => 0,
            0x12_0000 => 1,
            0x90_0000 => 2,
            _ => 3_u64,
        };
        Ok(zerocopy::transmute!(cpu << 32))
    };
    assert_eq!(find(&regions, 3, typer), Ok(0x92_0000));
    assert_eq!(find(&regions, 4, typer), no_redistributor(4, Some([0x92_0000, 3])));
    let none = find(&[], 0, typer);
    assert_eq!(none, no_redistributor(0, None));
    assert_eq!(
        none.unwrap_err().to_string(),
        "no redistributor is for CPU 0x0: there is none"
    );
    assert_eq!(
        no_redistributor(4, Some([0x92_0000, 3])).unwrap_err().to_string(),
        "no redistributor is for CPU 0x4: the last one, at 0x920000, is for CPU 0x3"
    );
}
