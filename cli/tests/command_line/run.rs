//! `flint run`, with something else in QEMU's place.

use std::fs;
use std::path::{Path, PathBuf};

use flint_cli::compress::Compression;
use rustix::process::{Pid, Signal, kill_process};

use crate::{Folder, assert_refused, command, stderr, stdout};

/// An executable that answers like some QEMU.
fn fake_qemu(folder: &Path, script: &str) -> PathBuf {
    use std::os::unix::fs::PermissionsExt;
    let path = folder.join("qemu");
    fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

#[test]
fn run_looks_at_qemu_and_the_image_first() {
    let folder = Folder::new();
    let image = folder.text("Image");
    let run = |qemu: &Path| {
        command(&["run", "--image", &image])
            .env("FLINT_QEMU", qemu)
            .output()
            .unwrap()
    };
    assert_refused(
        &run(Path::new("/no/qemu")),
        1,
        &["QEMU is not installed", "apt-get install qemu-system-arm"],
    );
    let old = fake_qemu(folder.0.path(), "echo QEMU emulator version 6.2.0");
    assert_refused(&run(&old), 1, &["is QEMU 6.2.0", "needs 7.2.0 or newer"]);
    let mute = fake_qemu(folder.0.path(), "exit 0");
    assert_refused(&run(&mute), 1, &["does not say which QEMU"]);
    let good = fake_qemu(folder.0.path(), "echo QEMU emulator version 10.0.2");
    assert_refused(
        &run(&good),
        1,
        &["4,096 bytes; a flash image has 64 MiB", "flint run --kernel"],
    );
    fs::File::create(&image).unwrap().set_len(64 << 20).unwrap();
    assert_refused(
        &run(&good),
        1,
        &["begins with padding", "flint explain flash-no-bootloader"],
    );
    folder.write("boot", b"");
    let without = command(&["run", "--bootloader", &folder.text("boot")])
        .env("FLINT_QEMU", &good)
        .output();
    assert_refused(&without.unwrap(), 1, &["[flash-no-bootloader]"]);
}

#[test]
fn run_ends_with_qemu_and_takes_its_files_with_it() {
    let folder = Folder::new();
    let script = "[ \"$1\" = --version ] && { echo QEMU emulator version 10.0.2; exit; }
        ls \"$TMPDIR\"; for argument; do [ \"$argument\" = fail ] && exit 3; [ \"$argument\" = hang ] && exec sleep 600; done; exit 0";
    let qemu = fake_qemu(folder.0.path(), script);
    let temporary = folder.path("tmp");
    fs::create_dir(&temporary).unwrap();
    let (kernel, boot) = (folder.text("Image"), folder.text("boot"));
    let run = |more: &[&str]| {
        let arguments = [&["run", "--kernel", &kernel, "--bootloader", &boot], more].concat();
        let output = command(&arguments)
            .env("FLINT_QEMU", &qemu)
            .env("TMPDIR", &temporary)
            .output()
            .unwrap();
        assert_eq!(fs::read_dir(&temporary).unwrap().count(), 0);
        output
    };
    let good = run(&["-v"]);
    assert!(
        good.status.success() && stdout(&good).starts_with("flint-run-"),
        "{}",
        stderr(&good)
    );
    assert!(
        stderr(&good).lines().next().unwrap().contains("Ctrl-A X ends QEMU"),
        "{}",
        stderr(&good)
    );
    assert!(stderr(&good).contains("-M virt,virtualization=on,gic-version=3 -cpu cortex-a53 -nographic"));
    assert_refused(&run(&["--", "fail"]), 1, &["QEMU ended with exit status: 3"]);
    assert_refused(&run(&["--timeout", "1", "--", "hang"]), 1, &["still ran after 1 s"]);
}

#[test]
fn run_that_is_told_to_end_takes_qemu_and_its_files_with_it() {
    let folder = Folder::new();
    let script = "[ \"$1\" = --version ] && { echo QEMU emulator version 10.0.2; exit; }
        echo $$ >\"$TMPDIR/../pid.new\"; mv \"$TMPDIR/../pid.new\" \"$TMPDIR/../pid\"; exec sleep 600";
    let qemu = fake_qemu(folder.0.path(), script);
    let temporary = folder.path("tmp");
    fs::create_dir(&temporary).unwrap();
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let mut run = command(&[
            "run",
            "--kernel",
            &folder.text("Image"),
            "--bootloader",
            &folder.text("boot"),
        ]);
        let mut run = run.env("FLINT_QEMU", &qemu).env("TMPDIR", &temporary).spawn().unwrap();
        let pid = wait_for_text(&folder.path("pid"));
        assert!(Path::new("/proc").join(&pid).exists());
        kill_process(Pid::from_child(&run), signal).unwrap();
        assert_eq!(run.wait().unwrap().code(), None, "flint ends by the signal itself");
        assert!(!Path::new("/proc").join(&pid).exists(), "{signal:?} left QEMU behind");
        assert_eq!(
            fs::read_dir(&temporary).unwrap().count(),
            0,
            "{signal:?} left a file behind"
        );
        fs::remove_file(folder.path("pid")).unwrap();
    }
}

/// Returns what is in a file, once it is there.
fn wait_for_text(path: &Path) -> String {
    for _ in 0..2000 {
        if let Ok(text) = fs::read_to_string(path) {
            return text.trim().into();
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("{} never came", path.display());
}

#[test]
fn run_hands_the_kernel_over_by_fw_cfg() {
    let folder = Folder::new();
    // Prints its arguments, and what is in the kernel's place of the flash.
    let script = "[ \"$1\" = --version ] && { echo QEMU emulator version 10.0.2; exit; }
        echo \"$*\"; for argument; do case $argument in
            *file=*) echo flash $(dd if=\"${argument##*file=}\" bs=1M skip=1 count=1 2>&- | tr -d '\\377' | wc -c);; esac; done
        while [ $# -gt 1 ]; do [ \"$1\" = -kernel ] && cmp \"$2\" \"$KERNEL\" && echo same kernel; shift; done; exit 0";
    let qemu = fake_qemu(folder.0.path(), script);
    folder.write("initrd", b"an initrd");
    let (kernel, boot, initrd) = (folder.text("Image"), folder.text("boot"), folder.text("initrd"));
    let run = |more: &[&str]| {
        let arguments = [&["run", "--kernel", &kernel, "--bootloader", &boot], more].concat();
        let mut run = command(&arguments);
        run.env("FLINT_QEMU", &qemu).env("KERNEL", &kernel).output().unwrap()
    };
    let over = run(&["--fw-cfg", "--initrd", &initrd, "--cmdline", "quiet panic=1"]);
    let text = stdout(&over);
    assert!(over.status.success(), "{}", stderr(&over));
    for part in [
        "-kernel /",
        &format!("-initrd {initrd} -append quiet panic=1"),
        "flash 0\n",
        "same kernel\n",
    ] {
        assert!(text.contains(part), "'{part}' is not in: {text}");
    }
    let mut damaged = Compression::Gzip.compress(&crate::kernel(0x2000, 0x1000)).unwrap();
    let crc = damaged.len() - 8;
    damaged[crc] ^= 1;
    folder.write("Image", &damaged);
    assert_refused(
        &run(&["--fw-cfg"]),
        1,
        &["would refuse", "Image: the gzip", "[compressed-checksum]"],
    );
    folder.write("Image", &crate::kernel(0x2000, 0x1000));
    let in_flash = stdout(&run(&["--initrd", &initrd]));
    assert!(
        !in_flash.contains("-kernel") && !in_flash.contains("flash 0\n"),
        "{in_flash}"
    );
}
