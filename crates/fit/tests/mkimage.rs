//! FITs of `mkimage` are read as they were meant.

mod common;

use common::*;
use fit::{Fit, FitCompression, FitImage};
use hashes::Algorithm;

const SOURCE: &str = r#"/dts-v1/;
/ {
    description = "A kernel and its friends";
    #address-cells = <1>;
    images {
        kernel-1 {
            description = "The kernel";
            data = /incbin/("kernel");
            type = "kernel"; arch = "arm64"; os = "linux"; compression = "gzip";
            load = <0x40200000>; entry = <0x40200040>;
            hash-1 { algo = "crc32"; };
            hash-2 { algo = "sha1"; };
            hash@3 { algo = "sha256"; };
            hash-4 { algo = "sha384"; };
            hash-5 { algo = "sha512"; };
            hash-6 { algo = "md5"; };
        };
        ramdisk-1 {
            description = "The ramdisk";
            data = /incbin/("ramdisk");
            type = "ramdisk"; arch = "arm64"; os = "linux"; compression = "gzip";
            hash { algo = "sha256"; };
        };
        fdt-1 {
            description = "The device tree";
            data = /incbin/("fdt");
            type = "flat_dt"; arch = "arm64"; compression = "none";
        };
    };
    configurations {
        default = "conf-2";
        conf-1 { description = "Just the kernel"; kernel = "kernel-1"; };
        conf-2 {
            description = "Everything";
            kernel = "kernel-1"; ramdisk = "ramdisk-1"; fdt = "fdt-1"; cmdline = "console=ttyAMA0 quiet";
        };
        conf-3 { description = "No kernel"; ramdisk = "ramdisk-1"; };
    };
};
"#;

/// The ways to lay a FIT out, and by how much its file is padded.
const LAYOUTS: [&[&str]; 7] = [
    &[],
    &["-B", "1000"],
    &["-E"],
    &["-E", "-p", "2000"],
    &["-E", "-B", "200"],
    &["-E", "-B", "8"],
    &["-E", "-B", "200", "-p", "3000"],
];

/// The FIT in each layout.
fn layouts() -> Vec<(&'static [&'static str], Vec<u8>)> {
    let folder = workshop();
    let fits = LAYOUTS.iter();
    fits.map(|layout| (*layout, mkimage(folder.path(), SOURCE, layout)))
        .collect()
}

#[test]
fn reads_all_parts_of_the_default_configuration_in_every_layout() {
    for (layout, bytes) in layouts() {
        let fit = parse(&bytes);
        let configuration = fit.configuration();
        assert_eq!(fit.description(), Some("A kernel and its friends"), "{layout:?}");
        assert_eq!(configuration.name, "conf-2");
        assert_eq!(configuration.description(), Some("Everything"));
        assert_eq!(configuration.command_line, Some("console=ttyAMA0 quiet"));
        assert_eq!(configuration.kernel.data, kernel());
        assert_eq!(configuration.ramdisk.unwrap().data, ramdisk(), "{layout:?}");
        assert_eq!(configuration.fdt.unwrap().data, fdt(), "{layout:?}");
        assert!(!configuration.has_signature());
    }
}

#[test]
fn reads_what_mkimage_says_about_an_image() {
    for (_, bytes) in layouts() {
        let kernel = parse(&bytes).configuration().kernel;
        assert_eq!(kernel.name, "kernel-1");
        assert_eq!(kernel.description(), Some("The kernel"));
        assert_eq!((kernel.load, kernel.entry), (Some(0x4020_0000), Some(0x4020_0040)));
        assert_eq!(
            (kernel.kind(), kernel.arch(), kernel.os()),
            (Some("kernel"), Some("arm64"), Some("linux"))
        );
        assert_eq!(kernel.compression, FitCompression::Gzip);
        assert!(!kernel.has_signature());
        assert!(
            kernel
                .hash_algorithms()
                .eq(["crc32", "sha1", "sha256", "sha384", "sha512", "md5"])
        );
    }
}

#[test]
fn a_ramdisk_is_loaded_as_it_is() {
    let bytes = &layouts()[0].1;
    let ramdisk = parse(bytes).configuration().ramdisk.unwrap();
    assert_eq!(
        (ramdisk.compression, ramdisk.compression_name()),
        (FitCompression::None, Some("gzip"))
    );
}

#[test]
fn addresses_may_have_two_cells() {
    let folder = workshop();
    let source = SOURCE
        .replace("#address-cells = <1>", "#address-cells = <2>")
        .replace("load = <", "load = <0x1 ")
        .replace("entry = <", "entry = <0x2 ");
    let bytes = mkimage(folder.path(), &source, &[]);
    let kernel = parse(&bytes).configuration().kernel;
    assert_eq!((kernel.load, kernel.entry), (Some(0x1_4020_0000), Some(0x2_4020_0040)));
}

#[test]
fn every_hash_is_verified() {
    for (layout, bytes) in layouts() {
        let fit = parse(&bytes);
        let counts: Vec<_> = fit
            .images()
            .map(|(_, image)| image.unwrap().verify(BACKEND).unwrap())
            .collect();
        assert_eq!(counts, [6, 1, 0], "{layout:?}");
    }
}

#[test]
fn data_are_handed_on_while_they_are_verified() {
    for (layout, bytes) in layouts() {
        // Six hashes, one, and none.
        for (_, image) in parse(&bytes).images() {
            let image = image.unwrap();
            let mut handed = Vec::new();
            let verified = image.verify_while(BACKEND, &mut |slice| handed.extend_from_slice(slice));
            assert_eq!(verified, Ok(image.hash_algorithms().count()), "{layout:?}");
            assert_eq!(image.hash_count(), verified);
            assert!(handed == image.data, "{layout:?} {}", image.name);
        }
    }
}

#[test]
fn every_hash_notices_a_changed_byte() {
    let folder = workshop();
    for algorithm in Algorithm::ALL.map(Algorithm::name) {
        let source = SOURCE.replace(
            "hash { algo = \"sha256\"; }",
            &format!("hash {{ algo = \"{algorithm}\"; }}"),
        );
        let mut bytes = mkimage(folder.path(), &source, &["-E"]);
        let size_bytes = parse(&bytes).size_bytes() as usize;
        let last_of_ramdisk = size_bytes - FDT_BYTES - 1 - (4 - RAMDISK_BYTES % 4);
        assert_eq!(bytes[last_of_ramdisk], *ramdisk().last().unwrap());
        bytes[last_of_ramdisk] ^= 0x10;
        let error = parse(&bytes)
            .configuration()
            .ramdisk
            .unwrap()
            .verify(BACKEND)
            .unwrap_err();
        assert_eq!(error.code(), "fit-hash");
        let text = error.to_string();
        assert!(
            text.contains(&format!("the {algorithm} in ramdisk-1/hash has 0x")),
            "{text}"
        );
        assert_eq!(parse(&bytes).configuration().kernel.verify(BACKEND), Ok(6));
    }
}

#[test]
fn lists_images_and_configurations() {
    for (_, bytes) in layouts() {
        let fit = parse(&bytes);
        let images = fit.images().map(|(name, _)| name);
        assert_eq!(images.collect::<Vec<_>>(), ["kernel-1", "ramdisk-1", "fdt-1"]);
        let configurations: Vec<_> = fit.configurations().collect();
        assert_eq!(
            configurations.iter().map(|(name, _)| *name).collect::<Vec<_>>(),
            ["conf-1", "conf-2", "conf-3"]
        );
        let first = configurations[0].1.as_ref().unwrap();
        assert_eq!(
            (first.description(), first.command_line),
            (Some("Just the kernel"), None)
        );
        assert!(first.ramdisk.is_none() && first.fdt.is_none());
        let error = configurations[2].1.as_ref().unwrap_err();
        assert_eq!(error.to_string(), "the node conf-3 of the FIT has no kernel");
    }
}

#[test]
fn the_size_is_that_of_the_file_but_for_its_padding() {
    for (layout, bytes) in layouts() {
        let size_bytes = parse(&bytes).size_bytes();
        let padding = bytes.len() as u64 - size_bytes;
        let most = if layout.contains(&"200") { 0x200 } else { 8 };
        assert!(padding < most, "{layout:?}: {padding}");
        assert!(bytes[size_bytes as usize..].iter().all(|byte| *byte == 0));
    }
}

#[test]
fn what_follows_a_fit_is_no_part_of_it() {
    for (_, bytes) in layouts() {
        let size_bytes = parse(&bytes).size_bytes();
        let longer = [&bytes, [0xff; 10_000].as_slice()].concat();
        assert_eq!(parse(&longer).size_bytes(), size_bytes);
        assert_eq!(parse(&longer).configuration().kernel.data, kernel());
    }
}

#[test]
fn a_fit_that_is_cut_short_is_refused_at_every_length() {
    for (layout, bytes) in layouts() {
        let size_bytes = parse(&bytes).size_bytes() as usize;
        for length in (0..size_bytes).step_by(7).chain([size_bytes - 1]) {
            assert!(Fit::parse(&bytes[..length]).is_err(), "{layout:?} {length}");
        }
        assert!(Fit::parse(&bytes[..size_bytes]).is_ok());
    }
}

#[test]
fn reads_what_mkimage_makes_without_a_source() {
    let folder = workshop();
    let arguments = [
        "-f", "auto", "-A", "arm64", "-O", "linux", "-T", "kernel", "-C", "lz4", "-a", "40080000",
    ];
    let files = [
        "-e", "40080000", "-d", "kernel", "-b", "fdt", "-i", "ramdisk", "fit.itb",
    ];
    run(folder.path(), "mkimage", &[arguments.as_slice(), &files].concat());
    let bytes = std::fs::read(folder.path().join("fit.itb")).unwrap();
    let fit = parse(&bytes);
    let configuration = fit.configuration();
    assert_eq!(
        (configuration.kernel.data, configuration.kernel.compression),
        (&*kernel(), FitCompression::Lz4)
    );
    assert_eq!(configuration.ramdisk.unwrap().data, ramdisk());
    assert_eq!(configuration.fdt.unwrap().data, fdt());
}

/// The oracle is U-Boot's own reader.
#[test]
fn finds_the_bytes_that_dumpimage_finds() {
    let folder = workshop();
    for (layout, bytes) in layouts() {
        std::fs::write(folder.path().join("fit.itb"), &bytes).unwrap();
        for (index, (name, image)) in parse(&bytes).images().enumerate() {
            let index = index.to_string();
            run(
                folder.path(),
                "dumpimage",
                &["-T", "flat_dt", "-p", &index, "-o", "part", "fit.itb"],
            );
            let dumped = std::fs::read(folder.path().join("part")).unwrap();
            assert!(dumped == image.unwrap().data, "{layout:?} {name}");
        }
    }
}

/// Its list has names, sizes and addresses of all images, and names of all configurations.
#[test]
fn agrees_with_the_list_of_dumpimage() {
    let folder = workshop();
    for (layout, bytes) in layouts() {
        std::fs::write(folder.path().join("fit.itb"), &bytes).unwrap();
        let list = run(folder.path(), "dumpimage", &["-l", "fit.itb"]);
        let fit = parse(&bytes);
        for (index, (name, image)) in fit.images().enumerate() {
            let part = list.split(" Image ").nth(index + 1).unwrap();
            assert!(part.starts_with(&format!("{index} ({name})\n")), "{layout:?} {part}");
            assert!(part.contains(&data_size(&image.unwrap())), "{layout:?} {part}");
        }
        assert!(list.contains("Default Configuration: 'conf-2'"));
        assert!(list.contains("Load Address: 0x40200000") && list.contains("Entry Point:  0x40200040"));
        assert_eq!(list.matches("\n Configuration ").count(), fit.configurations().count());
    }
}

fn data_size(image: &FitImage<'_>) -> String {
    format!("Data Size:    {} Bytes", image.data.len())
}
