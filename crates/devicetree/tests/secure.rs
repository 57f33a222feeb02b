//! The secure world in a tree.

mod common;

use common::{Builder, EL2_GICV3, SECURE, cells, parse, range};
use devicetree::GpioLine;

#[test]
fn knows_the_power_control_and_the_memory_of_the_secure_world() {
    let tree = parse(SECURE);
    let line = |line| {
        Some(GpioLine {
            controller: 0x90b_0000,
            line,
        })
    };
    assert_eq!((tree.secure_power_off(), tree.secure_restart()), (line(0), line(1)));
    let secure: Vec<_> = tree.secure_ram().collect();
    assert_eq!(secure, [range(0xe00_0000, 0x100_0000)]);
    let tree = parse(EL2_GICV3);
    assert_eq!((tree.secure_power_off(), tree.secure_restart()), (None, None));
    assert_eq!(tree.secure_ram().count(), 0);
}

fn power_off(gpios: &[u32], status: &str, controller: &[u8], phandle: u32) -> Option<GpioLine> {
    let status = format!("{status}\0");
    let builder = Builder::new()
        .node(
            "gpio-poweroff",
            &[
                ("compatible", b"gpio-poweroff\0"),
                ("gpios", &cells(gpios)),
                ("secure-status", status.as_bytes()),
            ],
        )
        .node(
            "gpio",
            &[
                ("compatible", controller),
                ("phandle", &cells(&[phandle])),
                ("reg", &cells(&[0, 0x1000, 0, 0x1000])),
            ],
        );
    parse(&builder.finish()).secure_power_off()
}

#[test]
fn takes_a_line_only_where_all_of_it_is_understood() {
    let pl061 = b"arm,pl061\0arm,primecell\0".as_slice();
    let line = GpioLine {
        controller: 0x1000,
        line: 3,
    };
    assert_eq!(power_off(&[7, 3, 0], "okay", pl061, 7), Some(line));
    assert_eq!(power_off(&[7, 3, 0], "disabled", pl061, 7), None);
    assert_eq!(power_off(&[7, 3, 1], "okay", pl061, 7), None, "active when low");
    assert_eq!(power_off(&[7, 3], "okay", pl061, 7), None);
    assert_eq!(power_off(&[7, 3, 0, 7, 4, 0], "okay", pl061, 7), None);
    assert_eq!(power_off(&[7, 3, 0], "okay", pl061, 8), None, "no such controller");
    assert_eq!(power_off(&[7, 3, 0], "okay", b"vendor,gpio\0", 7), None);
}
