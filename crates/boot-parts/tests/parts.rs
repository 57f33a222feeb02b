//! [`Parts`]: the parts found in each kind of offer.

mod common;

use std::ops::Range;

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
        assert!(parts.fit.is_none() && parts.kernel_image.is_none());
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
    assert_eq!(parts.ramdisk.unwrap().data, b"ramdisk");
    assert_eq!(parts.devicetree.unwrap(), b"not looked at yet");
    assert_eq!(parts.command_line, Some("quiet"));
    // What flint writes is placed by the kernel's header.
    assert_eq!(parts.kernel_address(), None);
    let facts = parts.fit.unwrap();
    assert_eq!((facts.configuration, facts.hashes), ("conf-1", 3));
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
    let damaged = |part: Range<usize>| {
        let mut damaged = written.bytes.clone();
        damaged[part.end - 1] ^= 1;
        damaged
    };
    assert!(of(&written.bytes).unwrap().verify_rest(&Backend::SOFTWARE).is_ok());
    let error = of(&damaged(written.fdt.unwrap())).unwrap_err();
    assert_eq!(error.code(), "fit-hash", "{error}");
    // What is only copied is verified then.
    for part in [written.kernel, written.ramdisk.unwrap()] {
        let damaged = damaged(part);
        let error = of(&damaged).unwrap().verify_rest(&Backend::SOFTWARE).unwrap_err();
        assert_eq!(error.code(), "fit-hash", "{error}");
    }
}

#[test]
fn a_packed_kernel_is_verified_before_it_is_unpacked() {
    let packed = gzip(&image(4096, 100));
    let mut written = fit(&packed).write();
    written.bytes[written.kernel.end - 1] ^= 1;
    assert_eq!(of(&written.bytes).unwrap_err().code(), "fit-hash");
}

#[test]
fn damage_of_a_header_is_called_damage() {
    let kernel = image(0x160, 300);
    let written = fit(&kernel).write();
    // The magic number, and image_size: one that is smaller than the file.
    for (offset, found) in [(56, "payload-unknown"), (17, "kernel-image-size-short")] {
        let mut damaged = kernel.clone();
        damaged[offset] ^= 1;
        assert_eq!(of(&damaged).unwrap_err().code(), found);
        let mut damaged = written.bytes.clone();
        damaged[written.kernel.start + offset] ^= 1;
        assert_eq!(of(&damaged).unwrap_err().code(), "fit-hash");
    }
}

#[test]
fn hashes_that_cannot_be_verified_are_refused_at_once() {
    let kernel = image(4096, 100);
    let mut written = fit(&kernel).write().bytes;
    let place = written.windows(6).position(|name| name == b"crc32\0").unwrap();
    written[place..][..6].copy_from_slice(b"crc16\0");
    assert_eq!(of(&written).unwrap_err().code(), "fit-unsupported");
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
