//! The way of starting the other CPUs that the kernel is given.

mod common;

use common::model::Node;
use common::*;
use devicetree::PsciConduit;
use devicetree::edit::Edits;

fn machine(psci: &[u8], methods: &[Option<&str>]) -> Vec<u8> {
    let mut cpus = Builder::with_ram()
        .node("psci", &[("compatible", psci), ("method", b"smc\0")])
        .begin("cpus")
        .property("#address-cells", &cells(&[1]))
        .property("#size-cells", &cells(&[0]))
        .node("cpu-map", &[]);
    for (index, method) in methods.iter().enumerate() {
        cpus = cpus.begin(&format!("cpu@{index:x}")).property("device_type", b"cpu\0");
        if let Some(method) = method {
            cpus = cpus.property("enable-method", format!("{method}\0").as_bytes());
        }
        cpus = cpus.node("l2-cache", &[("device_type", b"cpu\0")]).end();
    }
    cpus.node("idle-states", &[])
        .node("cpu@ffff", &[("device_type", b"cache\0")])
        .end()
        .node("cpu@0", &[("device_type", b"cpu\0")])
        .finish()
}

#[test]
fn every_cpu_without_an_enable_method_gets_psci() {
    let before = machine(b"arm,psci-1.0\0", &[None, Some("spin-table"), Some("psci"), None]);
    let methods = [Some("psci"), Some("spin-table"), Some("psci"), Some("psci")];
    let after = edited(&before, &Edits::default());
    assert_eq!(Node::read(&after), Node::read(&machine(b"arm,psci-1.0\0", &methods)));
}

#[test]
fn cpus_are_left_as_they_are_where_that_is_asked_for() {
    let edits = Edits {
        leaves_cpus: true,
        ..Edits::default()
    };
    let blob = machine(b"arm,psci-1.0\0", &[None, Some("psci")]);
    assert_eq!(Node::read(&edited(&blob, &edits)), Node::read(&blob));
}

#[test]
fn a_cpu_is_known_by_its_type_or_else_by_its_name() {
    let build = |method: &[(&str, &[u8])]| {
        let of_type = [&[("device_type", b"cpu\0".as_slice())], method].concat();
        Builder::with_ram()
            .node("psci", &[("compatible", b"arm,psci\0"), ("method", b"smc\0")])
            .begin("cpus")
            .node("cpu@0", method)
            .node("core1", &of_type)
            .node("l3-cache", &[])
            .end()
            .finish()
    };
    let before = build(&[]);
    assert_eq!(parse(&before).cpu_count(), 2);
    let after = edited(&before, &Edits::default());
    let expected = build(&[("enable-method", b"psci\0")]);
    assert_eq!(Node::read(&after), Node::read(&expected));
}

#[test]
fn a_monitor_is_told_where_the_tree_knows_of_none() {
    let edits = Edits {
        serves_psci: true,
        ..Edits::default()
    };
    let mut expected = Node::read(SECURE);
    for cpu in &mut expected.child("cpus").unwrap().children {
        if cpu.name.starts_with("cpu@") {
            cpu.set("enable-method", b"psci\0");
        }
    }
    let secram = expected.child("secram@e000000").unwrap();
    secram.properties.retain(|(name, _)| name != "device_type");
    let mut psci = Node::new("psci");
    psci.set("compatible", b"arm,psci-1.0\0arm,psci-0.2\0arm,psci\0");
    psci.set("method", b"smc\0");
    expected.children.push(psci);
    let after = edited(SECURE, &edits);
    assert_eq!(Node::read(&after), expected);
    assert_eq!(parse(&after).psci(), Some(PsciConduit::Smc));
    assert_eq!(edited(&after, &edits), after);
    let hvc = |method: &[u8]| {
        let psci = Builder::with_ram().node(
            "psci",
            &[("compatible", b"arm,psci-1.0\0"), ("method", method), ("a", b"1")],
        );
        psci.node("chosen", &[]).finish()
    };
    assert_eq!(edited(&hvc(b"hvc\0"), &edits), hvc(b"smc\0"));
}

#[test]
fn memory_of_a_monitor_is_no_memory_for_the_kernel() {
    let bank = cells(&[0, 0x9000_0000, 0, 0x1000]);
    let build = |of_type: &[(&str, &[u8])]| {
        let memory = |status| [of_type, &[("reg", bank.as_slice()), ("status", status)]].concat();
        Builder::with_ram()
            .node("secram@90000000", &memory(b"disabled\0"))
            .node(
                "memory@a0000000",
                &[("device_type", b"memory\0"), ("status", b"okay\0")],
            )
            .node("ddr@b0000000", &memory(b"fail\0"))
            .begin("bus")
            .node("memory@0", &[("device_type", b"memory\0"), ("status", b"disabled\0")])
            .end()
            .finish()
    };
    let before = build(&[("device_type", b"memory\0")]);
    let edits = Edits {
        serves_psci: true,
        ..Edits::default()
    };
    let mut expected = Node::read(&build(&[]));
    let mut after = Node::read(&edited(&before, &edits));
    expected.children.retain(|child| child.name != "psci");
    after.children.retain(|child| child.name != "psci");
    assert_eq!(after, expected);
    assert_eq!(edited(&before, &Edits::default()), before);
}

#[test]
fn no_cpu_gets_psci_where_there_is_none() {
    let before = machine(b"another\0", &[None, Some("psci")]);
    assert_eq!(edited(&before, &Edits::default()), before);
}

#[test]
fn as_many_cpus_get_it_as_a_tree_can_have() {
    // With the map, the idle states and the one that is none, as many nodes as may be beside each
    // other.
    let count = 700;
    let after = edited(&machine(b"arm,psci\0", &vec![None; count]), &Edits::default());
    assert_eq!(parse(&after).cpu_count(), count);
    let methods = after.windows(5).filter(|window| *window == b"psci\0").count();
    // One in /psci's compatible, one its name.
    assert_eq!(methods, count + 2);
}

#[test]
fn the_cpus_may_come_before_or_after_chosen() {
    for cpus_first in [true, false] {
        let build = |method: &[(&str, &[u8])], bootargs: &[u8]| {
            let cpus = |builder: Builder| {
                let properties = [&[("device_type", b"cpu\0".as_slice())], method].concat();
                builder.begin("cpus").node("cpu", &properties).end()
            };
            let chosen = |builder: Builder| builder.node("chosen", &[("bootargs", bootargs)]);
            let psci = Builder::with_ram().node("psci", &[("compatible", b"arm,psci\0"), ("method", b"hvc\0")]);
            match cpus_first {
                true => chosen(cpus(psci)),
                false => cpus(chosen(psci)),
            }
            .finish()
        };
        let edits = Edits {
            bootargs: Some("longer"),
            ..Edits::default()
        };
        let after = edited(&build(&[], b"short\0"), &edits);
        let expected = build(&[("enable-method", b"psci\0")], b"longer\0");
        assert_eq!(Node::read(&after), Node::read(&expected));
    }
}
