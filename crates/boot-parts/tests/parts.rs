//! What [`Parts`] finds in what is offered.

mod common;

use boot_parts::{KernelPart, Offer, Parts, PartsError};
use common::{fit, gzip, image};
use decompress::Compression;
use fit::FitCompression;
use flint_cli::fit_writer::FitWriter;
use hashes::Backend;
use linux_image::ImageHeader;

fn of(bytes: &[u8]) -> Result<Parts<'_>, PartsError> {
    let offer = Offer::Payload {
        bytes,
        end_is_known: true,
    };
    Parts::of(&offer, &Backend::SOFTWARE)
}

fn kernel_bytes<'a>(parts: &Parts<'a>) -> &'a [u8] {
    let KernelPart::InMemory(kernel) = parts.kernel else {
        panic!("the kernel is elsewhere");
    };
    kernel.raw().expect("a raw kernel")
}

#[test]
fn a_kernel_on_its_own_comes_alone() {
    let kernel = image(4096, 100);
    for bytes in [kernel.clone(), gzip(&kernel)] {
        let parts = of(&bytes).unwrap();
        assert!(parts.ramdisk.is_none() && parts.devicetree.is_none() && parts.command_line.is_none());
        assert!(parts.fit.is_none() && parts.kernel_address.is_none());
    }
}

#[test]
fn a_fit_brings_all_of_its_parts() {
    let kernel = image(4096, 100);
    let packed = FitWriter {
        ramdisk: Some(b"ramdisk"),
        fdt: Some(b"not looked at yet"),
        command_line: Some("quiet"),
        ..fit(&kernel)
    };
    let packed = packed.write().bytes;
    let parts = of(&packed).unwrap();
    assert_eq!(kernel_bytes(&parts), kernel);
    assert_eq!(parts.ramdisk.unwrap().bytes, b"ramdisk");
    assert_eq!(parts.devicetree.unwrap(), b"not looked at yet");
    assert_eq!(parts.command_line, Some("quiet"));
    // What flint writes is placed by the kernel's header.
    assert_eq!(parts.kernel_address, None);
    let facts = parts.fit.unwrap();
    assert_eq!((facts.configuration, facts.verified_hashes), ("conf-1", 3));
    assert!(!facts.has_signature);
}

#[test]
fn every_part_of_a_fit_is_verified() {
    let kernel = image(4096, 100);
    let written = FitWriter {
        ramdisk: Some(b"ramdisk"),
        fdt: Some(b"device tree"),
        ..fit(&kernel)
    };
    let written = written.write();
    for part in [Some(written.kernel), written.ramdisk, written.fdt] {
        let mut damaged = written.bytes.clone();
        damaged[part.unwrap().end - 1] ^= 1;
        let error = of(&damaged).unwrap_err();
        assert_eq!(error.code(), "fit-hash", "{error}");
    }
}

#[test]
fn a_fit_has_to_be_right_about_the_compression() {
    let kernel = image(4096, 100);
    let packed = gzip(&kernel);
    let says = |compression, kernel| {
        FitWriter {
            compression,
            ..fit(kernel)
        }
        .write()
        .bytes
    };
    assert!(of(&says("gzip", &packed)).is_ok());
    // "none" is what many write who let the kernel speak for itself.
    assert!(of(&says("none", &packed)).is_ok());
    let wrong = |bytes: Vec<u8>, said, found| {
        assert_eq!(of(&bytes).unwrap_err(), PartsError::FitCompression { said, found });
    };
    wrong(says("gzip", &kernel), FitCompression::Gzip, None);
    wrong(says("zstd", &packed), FitCompression::Zstd, Some(Compression::Gzip));
}

#[test]
fn refuses_a_kernel_that_its_header_does_not_count() {
    let header = ImageHeader::new(0, 96, 0);
    let error = PartsError::ImageSizeShort {
        image_size: 96,
        size_bytes: 100,
    };
    assert_eq!(of(&image(96, 100)).unwrap_err(), error);
    assert_eq!(of(&fit(&image(96, 100)).write().bytes).unwrap_err(), error);
    let size_bytes = 100;
    let fetched = Parts::of(&Offer::Kernel { header, size_bytes }, &Backend::SOFTWARE);
    assert_eq!(fetched.unwrap_err(), error);
    assert!(of(&image(100, 100)).is_ok());
}

#[test]
fn refuses_what_is_no_kernel() {
    for (bytes, code) in [
        (vec![0xff; 4096], "payload-erased"),
        (b"#!/bin/sh\n".repeat(10), "payload-unknown"),
        (fit(b"#!/bin/sh\n").write().bytes, "payload-unknown"),
    ] {
        assert_eq!(of(&bytes).unwrap_err().code(), code);
    }
}
