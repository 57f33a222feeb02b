//! Writes the smallest userspace that says what it finds, the one that the tests boot, to a file:
//! `cargo run -p flint-cli --example initramfs -- initrd.img`. Fetches Debian's busybox for it if
//! it is not there.

use anyhow::Context;
use flint_cli::linux;

fn main() -> anyhow::Result<()> {
    let path = std::env::args_os().nth(1).context("name the file to write")?;
    linux::fetch_busybox().map_err(anyhow::Error::msg)?;
    Ok(std::fs::write(path, linux::initramfs(0)?)?)
}
