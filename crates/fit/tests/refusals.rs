//! FITs that are refused, and messages that tell a newcomer what to change.

mod common;

use std::collections::BTreeSet;

use common::*;
use fit::{CODES, Fit};

#[test]
fn accepts_the_smallest_fit() {
    let bytes = with("", "");
    let configuration = *parse(&bytes).configuration();
    assert_eq!(configuration.kernel.data, [1, 2, 3, 4]);
    assert!(configuration.ramdisk.is_none() && configuration.fdt.is_none() && configuration.command_line.is_none());
    assert_eq!(parse(&bytes).size_bytes(), bytes.len() as u64);
}

#[test]
fn refuses_what_is_no_tree() {
    check(
        refusal(&[0xff; 64]),
        "fit-tree",
        "the FIT cannot be read: there is no device tree here: it would begin with 0xd00dfeed, found 0xffffffff",
    );
    let bytes = with("", "");
    let length = bytes.len();
    check(
        refusal(&bytes[..length - 1]),
        "fit-tree",
        &format!(
            "the FIT cannot be read: the device tree claims {length} bytes, which is not between 40 and the {} bytes there are",
            length - 1
        ),
    );
}

#[test]
fn refuses_two_nodes_of_the_same_name() {
    // dtc would merge them, so one gets another name first.
    let bytes = made_of(
        "kernel-1 { data = [01]; type = \"kernel\"; }; kernel-X { };",
        "default = \"c\"; c { kernel = \"kernel-1\"; };",
    );
    let at = bytes.windows(8).position(|window| window == b"kernel-X").unwrap();
    let mut twice = bytes.clone();
    twice[at + 7] = b'1';
    let (code, message) = refusal(&twice);
    assert_eq!(code, "fit-tree");
    assert!(
        message.ends_with("a node beside this one has the same name"),
        "{message}"
    );
}

#[test]
fn refuses_a_fit_without_its_two_nodes() {
    check(
        refusal(&dtc("/dts-v1/; / { };")),
        "fit-missing",
        "the node / of the FIT has no images",
    );
    check(
        refusal(&dtc("/dts-v1/; / { images { }; };")),
        "fit-missing",
        "the node / of the FIT has no configurations",
    );
    check(
        refusal(&made_of("", "")),
        "fit-missing",
        "the node configurations of the FIT has no configuration",
    );
}

#[test]
fn refuses_a_fit_without_a_default_even_if_there_is_only_one_configuration() {
    check(
        refusal(&made_of(
            "kernel-1 { data = [01]; };",
            "board-7 { kernel = \"kernel-1\"; };",
        )),
        "fit-no-default",
        "the FIT has no default configuration: its node configurations needs default = \"board-7\";",
    );
}

#[test]
fn refuses_names_of_nodes_that_are_not_there() {
    check(
        refusal(&made_of("", "default = \"conf-2\"; conf-1 { };")),
        "fit-no-node",
        "the node configurations of the FIT has default = \"conf-2\", but configurations has no node of that name",
    );
    for role in ["ramdisk", "fdt"] {
        check(
            refusal(&with("", &format!("{role} = \"part-9\";"))),
            "fit-no-node",
            &format!("the node conf-1 of the FIT has {role} = \"part-9\", but images has no node of that name"),
        );
    }
    check(
        refusal(&made_of(
            "kernel-1 { data = [01]; };",
            "default = \"c\"; c { kernel = \"kernel\"; };",
        )),
        "fit-no-node",
        "the node c of the FIT has kernel = \"kernel\", but images has no node of that name",
    );
}

#[test]
fn names_with_a_unit_address_are_matched_to_the_letter() {
    let images = "kernel@1 { data = [01]; type = \"kernel\"; }; kernel@11 { data = [02]; type = \"kernel\"; };";
    let bytes = made_of(images, "default = \"conf@1\"; conf@1 { kernel = \"kernel@1\"; };");
    assert_eq!(parse(&bytes).configuration().kernel.data, [1]);
}

#[test]
fn refuses_names_that_could_mean_another_node() {
    let with_address = "kernel@1 { data = [01]; type = \"kernel\"; };";
    let without = "kernel { data = [02]; type = \"kernel\"; };";
    let configuration = "default = \"c\"; c { kernel = \"kernel\"; };";
    for images in [
        with_address.to_owned(),
        format!("{with_address} {without}"),
        format!("{without} {with_address}"),
    ] {
        check(
            refusal(&made_of(&images, configuration)),
            "fit-ambiguous",
            "the FIT has the node kernel@1, which some loaders take for kernel",
        );
    }
    let twice = dtc("/dts-v1/; / { images@1 { }; images { }; configurations { }; };");
    check(
        refusal(&twice),
        "fit-ambiguous",
        "the FIT has the node images@1, which some loaders take for images",
    );
}

#[test]
fn refuses_a_configuration_that_would_start_something_else() {
    check(
        refusal(&with("", "firmware = \"atf-1\";")),
        "fit-unsupported",
        "the node conf-1 of the FIT has firmware \"atf-1\": only a kernel can be started",
    );
    check(
        refusal(&with("", "bootargs = \"quiet\";")),
        "fit-unsupported",
        "the node conf-1 of the FIT has bootargs \"quiet\": a FIT has its command line in cmdline",
    );
    check(
        refusal(&with("", "fdt = \"board\", \"overlay\";")),
        "fit-unsupported",
        "the node conf-1 of the FIT has fdt \"board overlay\": overlays cannot be applied",
    );
    check(
        refusal(&made_of("", "default = \"c\"; c { ramdisk = \"r\"; };")),
        "fit-missing",
        "the node c of the FIT has no kernel",
    );
}

#[test]
fn ignores_what_only_other_loaders_use() {
    let more = "loadables = \"kernel-1\", \"more\"; script = \"none\"; fpga = \"x\"; compatible = \"a,b\"; vendor,x;";
    assert!(Fit::parse(&with("vendor,x = <1>; signature-1 { };", more)).is_ok());
}

#[test]
fn tells_of_signatures() {
    let image = with("signature-1 { algo = \"sha256,rsa2048\"; };", "");
    assert!(parse(&image).configuration().kernel.has_signature());
    assert!(!parse(&image).configuration().has_signature());
    let configuration = with("", "signature { algo = \"sha256,rsa2048\"; };");
    assert!(!parse(&configuration).configuration().kernel.has_signature());
    assert!(parse(&configuration).configuration().has_signature());
}

#[test]
fn refuses_images_that_cannot_do_what_is_wanted() {
    let kernel = |source: &str| {
        let images = format!("k {{ data = [01]; {source} }};");
        refusal(&made_of(&images, "default = \"c\"; c { kernel = \"k\"; };"))
    };
    check(kernel(""), "fit-missing", "the node k of the FIT has no type");
    check(
        kernel("type = \"script\";"),
        "fit-unsupported",
        "the node k of the FIT has type \"script\": a kernel must be of type kernel or kernel_noload",
    );
    check(
        kernel("type = \"kernel\"; arch = \"arm\";"),
        "fit-unsupported",
        "the node k of the FIT has arch \"arm\": only arm64 can be started",
    );
    check(
        kernel("type = \"kernel\"; compression = \"lzma\";"),
        "fit-unsupported",
        "the node k of the FIT has compression \"lzma\": only none, gzip, lz4 and zstd are known",
    );
    check(
        kernel("type = \"kernel\"; cipher { algo = \"aes256\"; };"),
        "fit-unsupported",
        "the node k/cipher of the FIT has algo \"aes256\": encrypted data cannot be read",
    );
    check(
        refusal(&with("", "ramdisk = \"kernel-1\";")),
        "fit-unsupported",
        "the node kernel-1 of the FIT has type \"kernel\": a ramdisk must be of type ramdisk",
    );
    check(
        refusal(&with("", "fdt = \"kernel-1\";")),
        "fit-unsupported",
        "the node kernel-1 of the FIT has type \"kernel\": a device tree must be of type flat_dt",
    );
    check(
        refusal(&made_of(
            "k { data = [01]; type = \"kernel\"; }; d { data = [02]; type = \"flat_dt\"; compression = \"gzip\"; };",
            "default = \"c\"; c { kernel = \"k\"; fdt = \"d\"; };",
        )),
        "fit-unsupported",
        "the node d of the FIT has compression \"gzip\": a device tree must not be compressed",
    );
}

#[test]
fn a_kernel_noload_has_no_addresses() {
    let images = "k { data = [01]; type = \"kernel_noload\"; load = <0>; entry = <0>; };";
    let bytes = made_of(images, "default = \"c\"; c { kernel = \"k\"; };");
    let kernel = parse(&bytes).configuration().kernel;
    assert_eq!((kernel.load, kernel.entry), (None, None));
}

#[test]
fn refuses_properties_that_are_not_written_as_they_should_be() {
    for (value, length) in [("<1>", 4), ("[61 00 62 00]", 4), ("[ff 00]", 2), ("[61]", 1), ("[]", 0)] {
        check(
            refusal(&with("", &format!("cmdline = {value};"))),
            "fit-property",
            &format!(
                "the property cmdline of the FIT's node conf-1 is not one NUL-terminated UTF-8 string; it has {length} bytes"
            ),
        );
    }
    check(
        refusal(&with("load = <1 2 3>;", "")),
        "fit-property",
        "the property load of the FIT's node kernel-1 is not a number of 4 or 8 bytes; it has 12 bytes",
    );
    check(
        refusal(&made_of(
            "k { data; type = \"kernel\"; };",
            "default = \"c\"; c { kernel = \"k\"; };",
        )),
        "fit-missing",
        "the node k of the FIT has no data",
    );
    check(
        refusal(&with("data-offset = <0>; data-size = <1>;", "")),
        "fit-property",
        "the property data of the FIT's node kernel-1 stands beside data-offset or data-position; it has 4 bytes",
    );
    check(
        refusal(&with("data-position = <0>;", "")),
        "fit-property",
        "the property data of the FIT's node kernel-1 stands beside data-offset or data-position; it has 4 bytes",
    );
}

#[test]
fn an_empty_command_line_is_not_the_same_as_none() {
    let bytes = with("", "cmdline = \"\";");
    assert_eq!(parse(&bytes).configuration().command_line, Some(""));
}

#[test]
fn names_in_messages_are_short_and_printable() {
    let bytes = with(
        "",
        "bootargs = \"\\x1b[31mred\\n0123456789012345678901234567890123456789\";",
    );
    let (_, message) = refusal(&bytes);
    assert!(
        message.contains("bootargs \"?[31mred?0123456789012345678901234567890...\""),
        "{message}"
    );
}

#[test]
fn every_code_is_in_the_list_once() {
    assert_eq!(CODES.iter().collect::<BTreeSet<_>>().len(), CODES.len());
    assert!(CODES.iter().all(|code| code.starts_with("fit-")));
}
