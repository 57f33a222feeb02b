//! Ctrl-C ends what would go on for long, and leaves nothing behind.

use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::process::Command;
use std::time::{Duration, Instant};

use flint_cli::child::{ChildProcess, Waited};
use rustix::process::{Pid, Signal, kill_process};

use crate::{Folder, command, kernel};

/// Bytes that take long to compress: 60 MiB of words from a short list.
fn slow_kernel() -> Vec<u8> {
    let mut bytes = kernel(60 << 20, 64);
    let mut number = 1_u64;
    while bytes.len() < 60 << 20 {
        number = number.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
        bytes.extend_from_slice(&((number >> 48) & 0x3ff).wrapping_mul(0x9e37_79b9).to_le_bytes()[..6]);
    }
    bytes.truncate(60 << 20);
    bytes
}

#[test]
fn compressing_ends_at_once_with_ctrl_c() {
    let folder = Folder::new();
    folder.write("slow", &slow_kernel());
    let (kernel, boot, out) = (folder.text("slow"), folder.text("boot"), folder.text("flash.bin"));
    assert_ends_with_ctrl_c(&[
        "image",
        "--kernel",
        &kernel,
        "--bootloader",
        &boot,
        "--compress",
        "gzip",
        "-o",
        &out,
    ]);
    assert_eq!(folder.names(), ["Image", "boot", "slow"]);
}

#[test]
fn reading_what_never_comes_ends_at_once_with_ctrl_c() {
    let folder = Folder::new();
    let (pipe, out) = (folder.text("pipe"), folder.text("flash.bin"));
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    assert_ends_with_ctrl_c(&["inspect", &pipe]);
    assert_ends_with_ctrl_c(&["image", "--kernel", &pipe, "-o", &out]);
    assert_eq!(folder.names(), ["Image", "boot", "pipe"]);
}

/// Sends SIGINT to a command that would go on for long.
#[track_caller]
fn assert_ends_with_ctrl_c(arguments: &[&str]) {
    let mut command = command(arguments);
    command.stderr(std::process::Stdio::piped());
    let mut child = ChildProcess::spawn(&mut command).unwrap();
    std::thread::sleep(Duration::from_millis(500));
    assert!(
        child.try_wait().unwrap().is_none(),
        "it was done before it could be interrupted"
    );
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let deadline = Instant::now() + Duration::from_secs(5);
    let Ok(Waited::Exited(status)) = child.wait_until(Some(deadline)) else {
        panic!("it goes on")
    };
    let mut text = String::new();
    child.stderr.take().unwrap().read_to_string(&mut text).unwrap();
    assert_eq!(status.signal(), Some(2), "{text}");
}
