//! The CPUs, PSCI, GIC and console that a tree describes.

mod common;

use common::*;
use devicetree::{Console, GicKind, PsciConduit, TreeError};

const CPU: (&str, &[u8]) = ("device_type", b"cpu\0");
const PL011: (&str, &[u8]) = ("compatible", b"arm,pl011\0arm,primecell\0");

#[test]
fn counts_the_cpus_that_can_be_used() {
    let blob = Builder::new()
        .begin("cpus")
        .node("cpu-map", &[])
        .node("cpu@0", &[CPU])
        .node("cpu@1", &[CPU, ("status", b"okay\0")])
        .node("cpu@2", &[CPU, ("status", b"disabled\0")])
        .node("cpu@3", &[CPU, ("status", b"fail\0")])
        .node("cpu@4", &[CPU, ("status", b"fail-hot\0")])
        .node("cpu@5", &[])
        .node("l2-cache", &[("device_type", b"cache\0")])
        .end()
        .begin("cpus@1")
        .node("cpu@6", &[CPU])
        .end()
        .begin("soc")
        .begin("cpus")
        .node("cpu@8", &[CPU])
        .end()
        .end()
        .node("cpu@7", &[CPU])
        .finish();
    assert_eq!(parse(&blob).cpu_count(), 3);
}

#[test]
fn finds_psci_by_compatible() {
    let psci = |compatible: &[u8], method: &[u8]| {
        let blob = Builder::new()
            .node("psci", &[("compatible", compatible), ("method", method)])
            .finish();
        parse(&blob).psci()
    };
    assert_eq!(
        psci(b"arm,psci-1.0\0arm,psci-0.2\0arm,psci\0", b"smc\0"),
        Some(PsciConduit::Smc)
    );
    assert_eq!(psci(b"arm,psci-0.2\0", b"hvc\0"), Some(PsciConduit::Hvc));
    assert_eq!(psci(b"arm,psci\0", b"hvc\0"), Some(PsciConduit::Hvc));
    assert_eq!(psci(b"arm,psci-1.0\0", b"hvc"), None);
    assert_eq!(psci(b"arm,psci-1.0\0", b"svc\0"), None);
    assert_eq!(psci(b"arm,psci-1.0.1\0", b"smc\0"), None);
    assert_eq!(psci(b"linaro,optee-tz\0", b"smc\0"), None);
}

#[test]
fn finds_psci_wherever_it_is_but_not_if_it_is_disabled() {
    let psci = [("compatible", b"arm,psci-1.0\0".as_slice()), ("method", b"smc\0")];
    let nested = Builder::new().begin("firmware").node("psci", &psci).end().finish();
    assert_eq!(parse(&nested).psci(), Some(PsciConduit::Smc));
    let optee = [("compatible", b"linaro,optee-tz\0".as_slice()), ("method", b"smc\0")];
    let followed = Builder::new().node("psci", &psci).node("optee", &optee).finish();
    assert_eq!(parse(&followed).psci(), Some(PsciConduit::Smc));
    let disabled = Builder::new()
        .node("psci", &[psci[0], psci[1], ("status", b"disabled\0")])
        .finish();
    assert_eq!(parse(&disabled).psci(), None);
}

#[test]
fn knows_the_gics_by_compatible() {
    let gic = |compatible: &[u8]| {
        let properties = [("compatible", compatible), ("interrupt-controller", b"".as_slice())];
        parse(
            &Builder::new()
                .begin("soc")
                .node("intc@1000", &properties)
                .end()
                .finish(),
        )
        .gic()
    };
    assert_eq!(gic(b"arm,cortex-a15-gic\0"), Some(GicKind::V2));
    assert_eq!(gic(b"arm,gic-400\0"), Some(GicKind::V2));
    assert_eq!(gic(b"vendor,gic\0arm,gic-v3\0"), Some(GicKind::V3));
    assert_eq!(gic(b"arm,gic-v5\0"), Some(GicKind::V5));
    assert_eq!(gic(b"arm,gic-v9\0"), Some(GicKind::Unknown));
    assert_eq!(gic(b"arm,pl061\0"), None);
    assert_eq!(
        parse(&Builder::new().node("intc", &[("compatible", b"arm,gic-v3\0")]).finish()).gic(),
        None
    );
}

#[test]
fn prefers_a_gic_that_it_knows() {
    let its = [
        ("compatible", b"arm,gic-thing\0".as_slice()),
        ("interrupt-controller", b""),
    ];
    let gic = [
        ("compatible", b"arm,gic-v3\0".as_slice()),
        ("interrupt-controller", b""),
    ];
    for (first, second) in [(its, gic), (gic, its)] {
        let blob = Builder::new().node("a", &first).node("b", &second).finish();
        assert_eq!(parse(&blob).gic(), Some(GicKind::V3));
    }
}

#[test]
fn shows_gic_and_psci_as_the_log_does() {
    assert_eq!(GicKind::V2.to_string(), "GICv2");
    assert_eq!(GicKind::Unknown.to_string(), "unknown GIC");
    assert_eq!(PsciConduit::Smc.to_string(), "SMC");
}

/// A PL011 on the bus, one behind a transparent bridge and one behind an opaque one.
fn console(stdout_path: &[u8]) -> Option<Console> {
    let reg = cells(&[0, 0x900_0000, 0, 0x1000]);
    let small_reg = cells(&[0xa00_0000, 0x1000]);
    let opaque_reg = cells(&[0, 0, 0x1000]);
    let blob = Builder::new()
        .node("chosen", &[("stdout-path", stdout_path)])
        .node(
            "aliases",
            &[
                ("serial0", b"/serial@9000000\0"),
                ("serial1", b"/soc/serial@a000000\0"),
                ("bad", b"serial0\0"),
            ],
        )
        .node("serial@9000000", &[PL011, ("reg", &reg)])
        .node("off@1", &[PL011, ("reg", &reg), ("status", b"disabled\0")])
        .node("other@1", &[("compatible", b"ns16550a\0"), ("reg", &reg)])
        .begin("soc")
        .property("#address-cells", &cells(&[1]))
        .property("#size-cells", &cells(&[1]))
        .property("ranges", b"")
        .node("serial@a000000", &[PL011, ("reg", &small_reg)])
        .end()
        .begin("bus")
        .property("ranges", &cells(&[0, 0, 0x1000_0000, 0x1000_0000]))
        .node("serial@0", &[PL011, ("reg", &opaque_reg)])
        .end()
        .finish();
    parse(&blob).console()
}

#[test]
fn finds_the_console_by_path_or_alias() {
    let base = 0x900_0000;
    for path in [
        "/serial@9000000\0",
        "/serial@9000000:115200n8\0",
        "serial0\0",
        "serial0:115200\0",
        "/serial\0",
    ] {
        assert_eq!(console(path.as_bytes()), Some(Console::Pl011 { base }), "{path}");
    }
}

#[test]
fn finds_the_console_behind_a_transparent_bus() {
    assert_eq!(console(b"serial1\0"), Some(Console::Pl011 { base: 0xa00_0000 }));
    assert_eq!(console(b"/bus/serial@0\0"), Some(Console::Other));
}

#[test]
fn is_not_misled_on_the_way_to_the_console() {
    let reg = |base| cells(&[0, base, 0, 0x1000]);
    let blob = Builder::new()
        .token(4)
        .node("chosen", &[("stdout-path", b"uart\0")])
        .node("aliases@0", &[("uart", b"/nowhere\0")])
        .begin("bus")
        .property("ranges", b"")
        .node("aliases", &[("uart", b"/nowhere\0")])
        .node("serial@1000", &[PL011, ("reg", &reg(0x2000))])
        .end()
        .token(4)
        .begin("aliases")
        .property("a", b"/a\0")
        .token(4)
        .property("uart", b"/serial@1000\0")
        .end()
        .token(4)
        .begin("serial@1000")
        .property(PL011.0, PL011.1)
        .token(4)
        .property("reg", &reg(0x1000))
        .end()
        .finish();
    assert_eq!(parse(&blob).console(), Some(Console::Pl011 { base: 0x1000 }));
}

#[test]
fn does_not_take_another_device_for_a_pl011() {
    for path in [
        "/off@1\0",
        "/other@1\0",
        "/nowhere\0",
        "/\0",
        "serial9\0",
        "bad\0",
        "/serial@9000001\0",
        "/serial@900000\0",
        "/ser\0",
        "/soc/serial@9000000\0",
        ":\0",
        "\0",
    ] {
        assert_eq!(console(path.as_bytes()), Some(Console::Other), "{path}");
    }
}

#[test]
fn has_no_console_where_the_tree_names_none() {
    assert_eq!(parse(&Builder::new().finish()).console(), None);
    assert_eq!(
        parse(&Builder::new().node("chosen@0", &[("stdout-path", b"/a\0")]).finish()).console(),
        None
    );
}

#[test]
fn takes_chosen_from_the_root_only() {
    let chosen = [("stdout-path", b"/a\0".as_slice()), ("bootargs", b"quiet\0")];
    let blob = Builder::new().begin("a").node("chosen", &chosen).end().finish();
    assert_eq!(parse(&blob).console(), None);
    assert_eq!(parse(&blob).bootargs(), Ok(None));
}

#[test]
fn reads_model_and_first_compatible() {
    let blob = Builder::new()
        .property("compatible", b"a,b\0c,d\0")
        .property("model", b"A model\0")
        .finish();
    assert_eq!(parse(&blob).compatible(), Some("a,b"));
    assert_eq!(parse(&blob).model(), Some("A model"));
    let blob = Builder::new()
        .property("compatible", b"\xff\0")
        .property("model", b"no end")
        .finish();
    assert_eq!(parse(&blob).compatible(), None);
    assert_eq!(parse(&blob).model(), None);
}

#[test]
fn reads_the_command_line() {
    let bootargs = |value: &[u8]| {
        parse(&Builder::new().node("chosen", &[("bootargs", value)]).finish())
            .bootargs()
            .map(|text| text.map(str::to_owned))
    };
    let text = |text: &str| Ok(Some(text.to_owned()));
    let broken = Err(TreeError::Text {
        property: "/chosen/bootargs",
    });
    assert_eq!(bootargs(b"console=ttyAMA0 \xc3\xa4\0"), text("console=ttyAMA0 ä"));
    assert_eq!(bootargs(b"\0"), text(""));
    assert_eq!(bootargs(b""), text(""));
    assert_eq!(bootargs(b"no end"), broken);
    assert_eq!(bootargs(b"two\0strings\0"), broken);
    assert_eq!(bootargs(b"\xff\0"), broken);
    assert_eq!(
        parse(&Builder::new().node("chosen@0", &[("bootargs", b"quiet\0")]).finish()).bootargs(),
        Ok(None)
    );
}

#[test]
fn finds_no_console_in_a_node_beside_the_one_that_the_path_names() {
    // Two cells for the address and one for the size: the default.
    let reg = cells(&[0, 0x3000, 0x1000]);
    let uart = [("compatible", b"arm,pl011\0".as_slice()), ("reg", &reg)];
    let tree = |name| {
        Builder::new()
            .begin("a")
            .property("ranges", b"")
            .end()
            .begin(name)
            .property("ranges", &reg)
            .node("serial@3000", &uart)
            .end()
            .node("chosen", &[("stdout-path", b"/a/serial\0")])
            .finish()
    };
    let direct = || {
        Builder::new()
            .begin("a")
            .property("ranges", b"")
            .node("serial@3000", &uart)
            .end()
            .node("chosen", &[("stdout-path", b"/a/serial\0")])
            .finish()
    };
    let beside = Builder::new()
        .begin("a")
        .property("ranges", b"")
        .end()
        .node("serial@3000", &uart)
        .node("chosen", &[("stdout-path", b"/a/serial\0")])
        .finish();
    assert_eq!(parse(&beside).console(), Some(Console::Other));
    assert_eq!(parse(&tree("z")).console(), Some(Console::Other));
    assert_eq!(parse(&direct()).console(), Some(Console::Pl011 { base: 0x3000 }));
}

#[test]
fn finds_fw_cfg_only_where_the_cpu_reaches_it_and_may() {
    let found = Some(range(0x902_0000, 0x18));
    let node = |builder: Builder, compatible: &[u8], status: &[u8], reg: &[u32]| {
        let properties = [("compatible", compatible), ("status", status), ("reg", &cells(reg))];
        builder.node("fw-cfg@9020000", &properties)
    };
    let (name, reg): (&[u8], _) = (b"qemu,fw-cfg-mmio\0", [0, 0x902_0000, 0, 0x18]);
    let bus = |ranges: &[u8]| {
        let cells = cells(&[2]);
        let bus = Builder::with_ram().begin("bus").property("#address-cells", &cells);
        let bus = bus.property("#size-cells", &cells);
        if ranges == b"none" {
            bus
        } else {
            bus.property("ranges", ranges)
        }
    };
    for (blob, expected) in [
        (node(Builder::with_ram(), name, b"okay\0", &reg), found),
        (node(Builder::with_ram(), name, b"disabled\0", &reg), None),
        (node(Builder::with_ram(), b"qemu,fw-cfg\0", b"okay\0", &reg), None),
        (node(Builder::with_ram(), name, b"okay\0", &[1, 2, 3]), None),
        (node(Builder::with_ram(), name, b"okay\0", &[]), None),
        (node(Builder::with_ram(), name, b"okay\0", &[0, 1, 0, 0]), None),
        (node(bus(b""), name, b"okay\0", &reg).end(), found),
        (node(bus(b"none"), name, b"okay\0", &reg).end(), None),
        (node(bus(&[0; 24]), name, b"okay\0", &reg).end(), None),
        (
            node(
                bus(b"none").begin("inner").property("ranges", b""),
                name,
                b"okay\0",
                &reg,
            )
            .end()
            .end(),
            None,
        ),
    ] {
        assert_eq!(parse(&blob.finish()).fw_cfg(), expected);
    }
}

#[test]
fn names_the_cpus_and_the_blocks_of_the_interrupt_controller() {
    let tree = parse(GICV2_8CPUS);
    assert_eq!(tree.cpus().collect::<Vec<_>>(), (0..8).collect::<Vec<_>>());
    let gic = tree.main_gic().unwrap();
    assert_eq!(
        gic.blocks[..2],
        [range(0x800_0000, 0x1_0000), range(0x801_0000, 0x1_0000)]
    );
    let tree = parse(EL2_GICV3);
    assert_eq!(tree.cpus().collect::<Vec<_>>(), [0]);
    let gic = tree.main_gic().unwrap();
    assert_eq!(
        gic.blocks[..],
        [range(0x800_0000, 0x1_0000), range(0x80a_0000, 0xf6_0000)]
    );
    assert_eq!(gic.redistributors(), [range(0x80a_0000, 0xf6_0000)]);
    assert_eq!(gic.redistributor_stride, None);
    assert_eq!(tree.gics().unwrap().len(), 1);
    let nothing = Builder::with_ram().finish();
    let nothing = parse(&nothing);
    assert_eq!((nothing.cpus().count(), nothing.gics().unwrap().len()), (0, 0));
}

#[test]
fn finds_the_console_behind_any_number_of_siblings() {
    for siblings in [0, 61, 62, 63, 64, 200] {
        let mut builder = Builder::new().node("chosen", &[("stdout-path", b"/uart\0")]);
        for sibling in 0..siblings {
            builder = builder.begin(&format!("bus@{sibling}")).node("uart", &[PL011]).end();
        }
        let uart = [PL011, ("reg", &cells(&[0, 0x1000, 0, 0x1000]))];
        let blob = builder.node("uart", &uart).finish();
        assert_eq!(
            parse(&blob).console(),
            Some(Console::Pl011 { base: 0x1000 }),
            "{siblings}"
        );
    }
}
