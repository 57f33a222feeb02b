use std::collections::HashMap;

use psci::Vulnerability;

use super::speculation::{EntryMitigation, branch_history, branch_targets, entry_mitigation, store_bypass};
use super::table::{CORES, Cause, Change, PATCHES};
use super::{FIELD_REGISTERS, Operation, Register, operations};
use crate::id_registers::{El3IdRegisters, IdRegisters};

/// `MIDR_EL1` of one of Arm's cores; `revision` has the variant in its upper four bits.
fn midr(part: u16, revision: u8) -> u64 {
    let (variant, revision) = (u64::from(revision >> 4), u64::from(revision & 0xf));
    0x41 << 24 | variant << 20 | 0xf << 16 | u64::from(part) << 4 | revision
}

/// The operations of a row, written down apart from the target's rows.
fn expected(change: Change) -> Vec<Operation> {
    let write = |register, set| Operation {
        register,
        clear: u64::MAX,
        set,
    };
    match change {
        Change::Field {
            register,
            lowest_bit,
            width,
            value,
        } => vec![Operation {
            register,
            clear: (0..width).map(|bit| 1u64 << (lowest_bit + bit)).sum(),
            set: u64::from(value) << lowest_bit,
        }],
        Change::Patch { slot, patch } => {
            let patch = PATCHES[usize::from(patch)];
            let mut all = vec![
                write(Register::Cpupselr, slot.into()),
                write(Register::Cpupor, patch.opcode),
                write(Register::Cpupmr, patch.mask),
            ];
            if patch.mask2 != 0 {
                all.push(write(Register::Cpupor2, patch.opcode2.into()));
                all.push(write(Register::Cpupmr2, patch.mask2.into()));
            }
            all.push(write(Register::Cpupcr, patch.control));
            all
        }
    }
}

#[test]
fn each_revision_gets_the_rows_whose_limits_it_is_within_in_order() {
    for core in CORES {
        for revision in 0..=0xff {
            for has_ssbs in [false, true] {
                let rows = core.workarounds.iter().filter(|row| {
                    let (first, last) = row.revisions.limits();
                    (first..=last).contains(&revision) && !(has_ssbs && row.cause == Cause::Cve(2018, 3639))
                });
                let wanted: Vec<_> = rows.flat_map(|row| expected(row.change)).collect();
                let got: Vec<_> = operations(midr(core.part, revision), has_ssbs).collect();
                assert_eq!(got, wanted, "{} {revision:#x}", core.name);
            }
        }
    }
}

#[test]
fn each_row_begins_and_ends_at_its_limits() {
    for core in CORES {
        for (index, row) in core.workarounds.iter().enumerate() {
            let (first, last) = row.revisions.limits();
            assert!(first <= last, "{} {:?}", core.name, row.cause);
            let count = |revision| operations(midr(core.part, revision), false).count();
            let others = |revision: u8| -> usize {
                let all = core.workarounds.iter().enumerate();
                all.filter(|(other, _)| *other != index)
                    .filter(|(_, other)| {
                        let (first, last) = other.revisions.limits();
                        (first..=last).contains(&revision)
                    })
                    .map(|(_, other)| expected(other.change).len())
                    .sum()
            };
            let own = expected(row.change).len();
            for at in [first, last] {
                assert_eq!(count(at), others(at) + own, "{} {:?} at {at:#x}", core.name, row.cause);
            }
            for beyond in [first.checked_sub(1), last.checked_add(1)].into_iter().flatten() {
                assert_eq!(
                    count(beyond),
                    others(beyond),
                    "{} {:?} at {beyond:#x}",
                    core.name,
                    row.cause
                );
            }
        }
    }
}

#[test]
fn no_two_rows_of_one_core_contradict_each_other() {
    for core in CORES {
        for revision in 0..=0xff {
            let mut bits: HashMap<(usize, u32), bool> = HashMap::new();
            let mut slots: HashMap<u8, u8> = HashMap::new();
            for row in core.workarounds {
                let (first, last) = row.revisions.limits();
                if !(first..=last).contains(&revision) {
                    continue;
                }
                if let Change::Patch { slot, patch } = row.change {
                    // One patch may mend two errata.
                    let before = slots.insert(slot, patch);
                    assert!(
                        before.is_none_or(|before| before == patch),
                        "{} {revision:#x} {:?}: slot {slot}",
                        core.name,
                        row.cause
                    );
                    continue;
                }
                for operation in expected(row.change) {
                    for bit in (0..64).filter(|bit| operation.clear >> bit & 1 != 0) {
                        let value = operation.set >> bit & 1 != 0;
                        let before = bits.insert((operation.register as usize, bit), value);
                        assert!(
                            before.is_none_or(|before| before == value),
                            "{} {revision:#x} {:?}: bit {bit} of {:?}",
                            core.name,
                            row.cause,
                            operation.register
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn fields_and_patches_are_well_formed() {
    for core in CORES {
        let listed = core.workarounds.iter().map(|row| row.cause);
        for row in core.workarounds {
            match row.change {
                Change::Field {
                    register,
                    lowest_bit,
                    width,
                    value,
                } => {
                    assert!(FIELD_REGISTERS.contains(&register));
                    assert!(width > 0 && lowest_bit + width <= 64 && u32::from(value) >> width == 0);
                }
                Change::Patch { slot, patch } => {
                    assert!(slot < 8 && usize::from(patch) < PATCHES.len());
                }
            }
        }
        assert!(listed.count() > 0, "{}", core.name);
    }
    for (index, patch) in PATCHES.iter().enumerate() {
        assert!(patch.control & 1 != 0, "patch {index} is off");
        assert!(
            PATCHES[..index].iter().all(|before| before != patch),
            "patch {index} is there twice"
        );
    }
}

#[test]
fn registers_are_numbered_as_their_code_lies() {
    for (index, register) in FIELD_REGISTERS.iter().enumerate() {
        assert_eq!(*register as usize, index);
    }
}

#[test]
fn parts_are_listed_once() {
    for (index, core) in CORES.iter().enumerate() {
        assert!(
            CORES[..index].iter().all(|before| before.part != core.part),
            "{}",
            core.name
        );
    }
}

#[test]
fn cores_of_others_and_unknown_parts_get_nothing() {
    for (implementer, part) in [
        (0x46, 0x001),
        (0x00, 0xd03),
        (0x41, 0xd02),
        (0x41, 0xfff),
        (0x00, 0x051),
    ] {
        assert_eq!(operations(implementer << 24 | part << 4, false).count(), 0);
    }
}

fn set(register: Register, bit: u32) -> Operation {
    Operation {
        register,
        clear: 1 << bit,
        set: 1 << bit,
    }
}

/// The CPUs of QEMU: name, `MIDR_EL1`, FEAT_SSBS, and the number of operations.
const QEMU_CPUS: [(&str, u64, bool, usize); 13] = [
    ("a64fx", 0x461f_0010, false, 0),
    ("cortex-a35", 0x411f_d040, false, 0),
    ("cortex-a53", 0x410f_d034, false, 1),
    ("cortex-a55", 0x412f_d050, true, 0),
    ("cortex-a57", 0x411f_d070, false, 9),
    ("cortex-a72", 0x410f_d083, false, 2),
    ("cortex-a76", 0x414f_d0b1, true, 14),
    ("cortex-a78ae", 0x410f_d423, true, 3),
    ("cortex-a710", 0x412f_d471, true, 6),
    ("neoverse-n1", 0x414f_d0c1, true, 13),
    ("neoverse-n2", 0x410f_d493, true, 4),
    ("neoverse-v1", 0x411f_d402, true, 5),
    ("max", 0x000f_0510, true, 0),
];

#[test]
fn cpus_of_qemu_get_what_their_revision_needs() {
    for (name, midr, has_ssbs, count) in QEMU_CPUS {
        assert_eq!(operations(midr, has_ssbs).count(), count, "{name}");
    }
    let a53: Vec<_> = operations(0x410f_d034, false).collect();
    assert_eq!(a53, [set(Register::PreDsuCpuactlr, 44)]);
    let a72: Vec<_> = operations(0x410f_d083, false).collect();
    assert_eq!(
        a72,
        [set(Register::PreDsuCpuactlr, 32), set(Register::PreDsuCpuactlr, 55)]
    );
    let n2: Vec<_> = operations(0x410f_d493, true).collect();
    assert_eq!(
        n2,
        [
            set(Register::Cpuactlr2, 0),
            set(Register::Cpuactlr2, 22),
            set(Register::Cpuactlr5, 50),
            set(Register::Cpuectlr, 46),
        ]
    );
}

/// The ID registers that speculation depends on.
fn id(midr: u64, csv2: u64, ssbs: bool, ecbhb: bool, clrbhb: bool) -> El3IdRegisters {
    El3IdRegisters {
        shared: IdRegisters {
            midr,
            pfr0: csv2 << 56,
            pfr1: u64::from(ssbs) << 4,
            mmfr1: u64::from(ecbhb) << 60,
            ..IdRegisters::default()
        },
        isar2: u64::from(clrbhb) << 28,
        ..El3IdRegisters::default()
    }
}

#[test]
fn old_cores_are_exposed_and_mitigated_by_their_part() {
    use Vulnerability::{Mitigated as M, NotAffected as N, Unmitigated as X};
    const LOOP_24: EntryMitigation = EntryMitigation::Loop { iterations: 24 };
    const LOOP_32: EntryMitigation = EntryMitigation::Loop { iterations: 32 };
    // Part, CSV2, FEAT_SSBS; branch targets, store bypass, branch history; what an entry does.
    let cores = [
        (0xd04, 0, false, N, N, N, EntryMitigation::None),
        (0xd03, 0, false, N, N, N, EntryMitigation::None),
        (0xd05, 1, false, N, N, N, EntryMitigation::None),
        (0xd07, 0, false, M, M, M, EntryMitigation::InvalidatePredictor),
        (0xd08, 0, false, M, M, M, EntryMitigation::InvalidatePredictor),
        (0xd08, 1, false, N, M, M, EntryMitigation::Loop { iterations: 8 }),
        (0xd09, 0, false, X, M, X, EntryMitigation::None),
        (0xd09, 1, false, N, M, X, EntryMitigation::None),
        (0xd0a, 0, false, X, M, X, EntryMitigation::None),
        (0xd0a, 1, false, N, M, X, EntryMitigation::None),
        (0xd0b, 1, false, N, M, M, LOOP_24),
        (0xd0b, 1, true, N, M, M, LOOP_24),
        (0xd0e, 1, true, N, M, M, LOOP_24),
        (0xd0c, 1, true, N, M, M, LOOP_24),
        (0xd0d, 1, true, N, M, M, LOOP_24),
        (0xd41, 1, true, N, M, M, LOOP_32),
        (0xd42, 1, true, N, M, M, LOOP_32),
        (0xd4b, 1, true, N, M, M, LOOP_32),
        (0xd44, 1, true, N, M, M, LOOP_32),
        (0xd47, 1, true, N, M, M, LOOP_32),
        (0xd49, 1, true, N, M, M, LOOP_32),
        (0xd40, 1, true, N, M, M, LOOP_32),
        (0xd4f, 1, true, N, M, M, EntryMitigation::Loop { iterations: 132 }),
        // Neoverse E1, of which nothing is listed.
        (0xd4a, 1, true, N, M, X, EntryMitigation::None),
    ];
    for (part, csv2, ssbs, targets, bypass, history, entry) in cores {
        let id = id(midr(part, 0), csv2, ssbs, false, false);
        assert_eq!(branch_targets(&id), targets, "{part:#x}");
        assert_eq!(store_bypass(&id), bypass, "{part:#x}");
        assert_eq!(branch_history(&id), history, "{part:#x}");
        assert_eq!(entry_mitigation(&id), entry, "{part:#x}");
    }
}

#[test]
fn id_registers_decide_before_the_part() {
    // Neoverse V2.
    let part = midr(0xd4f, 0x02);
    assert_eq!(entry_mitigation(&id(part, 3, true, false, true)), EntryMitigation::None);
    assert_eq!(
        branch_history(&id(part, 3, true, false, false)),
        Vulnerability::NotAffected
    );
    assert_eq!(entry_mitigation(&id(part, 2, true, true, true)), EntryMitigation::None);
    assert_eq!(
        branch_history(&id(part, 2, true, true, false)),
        Vulnerability::NotAffected
    );
    assert_eq!(
        entry_mitigation(&id(part, 2, true, false, true)),
        EntryMitigation::ClearHistory
    );
    assert_eq!(
        branch_history(&id(part, 2, true, false, true)),
        Vulnerability::Mitigated
    );
}

#[test]
fn of_unknown_cores_only_the_id_registers_count() {
    // The same part number of another implementer is another core.
    for midr in [0x000f_0510, 0x461f_0010, 0x000f_d080] {
        let bare = id(midr, 0, false, false, false);
        assert_eq!(branch_targets(&bare), Vulnerability::Unmitigated);
        assert_eq!(store_bypass(&bare), Vulnerability::Unmitigated);
        assert_eq!(branch_history(&bare), Vulnerability::Unmitigated);
        assert_eq!(entry_mitigation(&bare), EntryMitigation::None);
        let newer = id(midr, 1, true, false, true);
        assert_eq!(branch_targets(&newer), Vulnerability::NotAffected);
        assert_eq!(store_bypass(&newer), Vulnerability::Mitigated);
        assert_eq!(branch_history(&newer), Vulnerability::Mitigated);
        assert_eq!(entry_mitigation(&newer), EntryMitigation::ClearHistory);
    }
}

#[test]
fn store_bypass_is_stopped_by_a_row_where_there_is_no_ssbs() {
    for (part, register, bit) in [
        (0xd07, Register::PreDsuCpuactlr, 55),
        (0xd08, Register::PreDsuCpuactlr, 55),
        (0xd09, Register::CortexA73First, 3),
        (0xd0a, Register::Cpuactlr, 35),
        (0xd0b, Register::Cpuactlr2, 16),
    ] {
        assert!(operations(midr(part, 0xff), false).any(|operation| operation == set(register, bit)));
        assert!(operations(midr(part, 0xff), true).all(|operation| operation != set(register, bit)));
    }
}
