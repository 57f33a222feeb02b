//! Kernels that fault: before they have vectors of their own, which the firmware reports at every
//! level; and after, which is theirs to handle.

use flint_cli::qemu::{Machine, StartLevel};
use scenarios::flash::{Flash, Kernel};
use scenarios::mutator::Jump;
use scenarios::{End, Scenario, Start, Tampering};

/// Every level that the machine can reset to.
const LEVELS: [(StartLevel, &str); 4] = [
    (StartLevel::El1, "el1"),
    (StartLevel::El2, "el2"),
    (StartLevel::El3, "el3"),
    (StartLevel::El3WithoutEl2, "el3_without_el2"),
];
/// `ESR_ELx` of an undefined instruction, and of a store to where there is no memory: at the level
/// that runs, a synchronous external abort of a write (DDI0487, ESR_ELx).
const UNDEFINED: &str = "0x0000000002000000";
const EXTERNAL_ABORT: &str = "0x0000000096000050";

/// All of them.
pub fn scenarios() -> Vec<Scenario> {
    let sp = |sp: u64| format!("  SP {sp:#018x}$");
    let mut all = Vec::new();
    for (level, _) in LEVELS {
        let own = taken_to(level);
        all.extend([
            reported(level, "undefined", own, UNDEFINED, &["  SP 0x*"]),
            reported(level, "no_stack", own, UNDEFINED, &[&sp(0)]),
            reported(level, "odd_stack", own, UNDEFINED, &["  SP 0x*1$"]),
            reported(level, "device_stack", own, UNDEFINED, &[&sp(0x0900_0100)]),
            reported(
                level,
                "stack_without_memory",
                own,
                EXTERNAL_ABORT,
                &["  FAR  0x0000001ffffffff0$", &sp(0x20_0000_0000)],
            ),
            handled(level, "takes_its_own", "kernel: an exception in my own vectors$"),
        ]);
    }
    for level in [StartLevel::El2, StartLevel::El3] {
        all.push(reported(level, "below_el2", "EL1", UNDEFINED, &["  SP 0x*"]));
    }
    for level in [StartLevel::El3, StartLevel::El3WithoutEl2] {
        let answer = "kernel: NOT_SUPPORTED, and all is as it was$";
        all.push(handled(level, "makes_unknown_calls", answer));
        all.push(trapped(level));
        all.push(both_reported(level));
        all.push(both_trapped(level));
    }
    all
}

/// The level of the kernel.
fn taken_to(level: StartLevel) -> &'static str {
    match level {
        StartLevel::El1 | StartLevel::El3WithoutEl2 => "EL1",
        StartLevel::El2 | StartLevel::El3 => "EL2",
    }
}

fn scenario(level: StartLevel, name: &str, fault: &'static str) -> Scenario {
    let machine = Machine {
        el: level,
        ..Machine::default()
    };
    let start = Start::Flash(Flash::new(Kernel::Fault(fault), ""));
    Scenario::new(format!("{name}_at_{}", name_of(level)), machine, start).ends(End::Stop)
}

/// The level as in names.
fn name_of(level: StartLevel) -> &'static str {
    let found = LEVELS.iter().find(|(known, _)| *known == level);
    found.map_or("", |(_, name)| name)
}

/// The kernel has no vectors: the firmware reports the exception, with all registers, and stops.
fn reported(level: StartLevel, fault: &'static str, taken_to: &str, syndrome: &str, details: &[&str]) -> Scenario {
    let is_by_monitor = matches!(level, StartLevel::El3 | StartLevel::El3WithoutEl2);
    let by = if is_by_monitor {
        ", by a kernel that has set no vectors of its own"
    } else {
        ""
    };
    let last: &[&str] = if is_by_monitor {
        &["  CPU  0x0$"]
    } else {
        // A frame pointer of 0 ends the chain of calls: there is one address, whatever SP is.
        &["  backtrace:$", "    0x000000004000*  outside this image$"]
    };
    let mut lines = vec![
        format!("error: synchronous exception taken to {taken_to} from this level{by} [boot-exception]$"),
        format!("  ESR  {syndrome}  "),
        "  ELR  0x000000004000".into(),
    ];
    lines.extend(details.iter().map(|line| (*line).into()));
    lines.extend(
        [
            "  x0  0x",
            "  x5  0x0000000000005555  ",
            "  x28 0x*  x29 0x0000000000000000  x30 0x0000000000003030$",
        ]
        .map(String::from),
    );
    lines.extend(last.iter().map(|line| (*line).into()));
    scenario(level, &format!("reports_{fault}_of_a_kernel_without_vectors"), fault)
        .lines(lines)
        .never(["the stack has overflowed", "another exception"])
}

/// A machine with two CPUs, both of which do something at once.
fn of_both(level: StartLevel, name: &str, fault: &'static str) -> Scenario {
    let mut scenario = scenario(level, name, fault);
    scenario.machine.smp = 2;
    scenario
}

/// Two CPUs without vectors fault at once: each report is in one piece, whichever comes first.
fn both_reported(level: StartLevel) -> Scenario {
    let report = [
        "from this level, by a kernel that has set no vectors of its own [boot-exception]$",
        "  ESR  0x0000000002000000  ",
        "  ELR  0x000000004000",
        "  SPSR 0x*  SP 0x*$",
        "  x0  0x*  x1  0x*  x2  0x*  x3  0x*$",
        "  x4  0x*  x5  0x0000000000005555  x6  0x*  x7  0x*$",
        "  x8  0x*  x9  0x*  x10 0x*  x11 0x*$",
        "  x12 0x*  x13 0x*  x14 0x*  x15 0x*$",
        "  x16 0x*  x17 0x*  x18 0x*  x19 0x*$",
        "  x20 0x*  x21 0x*  x22 0x*  x23 0x*$",
        "  x24 0x*  x25 0x*  x26 0x*  x27 0x*$",
        "  x28 0x*  x29 0x0000000000000000  x30 0x0000000000003030$",
        "  CPU  0x*$",
    ];
    of_both(level, "reports_two_cpus_that_fault_at_once_one_by_one", "both_fault").lines([report, report].concat())
}

/// Two CPUs trap at once, and once more: each is logged once, in one piece. What the kernel says
/// around the second time is one line, which a line of the monitor would cut.
fn both_trapped(level: StartLevel) -> Scenario {
    let logged = [
        "monitor: CPU 0x* trapped to EL3 at 0x4000* (ESR 0x62*), and takes it as undefined [monitor-trap]$",
        "  clause: by M49 this does not trap to EL3; see flint explain M49$",
    ];
    of_both(level, "logs_a_trap_once_on_each_of_two_cpus", "both_are_trapped")
        .tampered(Tampering::Mutation(Jump::ToNormalWorld, "m49_pmu"))
        .lines([logged, logged].concat())
        .lines(["kernel: undefined once, and once more, on both CPUs$"])
        .never(["boot-exception"])
}

/// The kernel has vectors: the firmware says nothing.
fn handled(level: StartLevel, fault: &'static str, line: &str) -> Scenario {
    scenario(level, &format!("leaves_a_kernel_alone_that_{fault}"), fault)
        .lines([line])
        .never(["boot-exception", "monitor-trap"])
}

/// EL3 traps what a kernel reads: it is undefined, and is logged once.
fn trapped(level: StartLevel) -> Scenario {
    scenario(level, "answers_a_trap_as_undefined", "is_trapped")
        .tampered(Tampering::Mutation(Jump::ToNormalWorld, "m49_pmu"))
        .lines([
            "monitor: CPU 0x0 trapped to EL3 at 0x4000* (ESR 0x62*), and takes it as undefined [monitor-trap]$",
            "  clause: by M49 this does not trap to EL3; see flint explain M49$",
            "kernel: undefined once, and once more, with all registers as they were$",
        ])
        .never(["boot-exception"])
}
