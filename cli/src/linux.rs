//! [`Linux`]: the stock kernels that the tests and the bench boot, from Debian's packages, and what
//! they start; `setup/test-linux` fetches them.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use crate::cache;
use crate::checkout::Checkout;
use crate::child::{ChildProcess, Waited};
use crate::initramfs::Initramfs;

/// The time limit for eight packages, 450 MB in all, to come.
const FETCH_LIMIT: Duration = Duration::from_secs(1800);

/// Debian's `busybox-static` for arm64.
const BUSYBOX: &str = "busybox";

/// A stock kernel for arm64.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Linux {
    /// 6.1 of Debian 12, for virtual machines.
    V6_1Cloud,
    /// 6.1 of Debian 12, for any machine.
    V6_1,
    /// 6.1 of Debian 12, with `PREEMPT_RT`.
    V6_1Rt,
    /// 6.12 of Debian 12's backports, for virtual machines.
    V6_12Cloud,
    /// 6.12 of Debian 12's backports, for any machine.
    V6_12,
    /// 6.12 of Debian 12's backports, with `PREEMPT_RT`.
    V6_12Rt,
    /// 6.12 of Debian 12's backports, with pages of 16 KiB.
    V6_12Pages16k,
}

impl Linux {
    /// All of them; those that boot quickest come first.
    pub const ALL: [Self; 7] = [
        Self::V6_1Cloud,
        Self::V6_12Cloud,
        Self::V6_1,
        Self::V6_1Rt,
        Self::V6_12,
        Self::V6_12Rt,
        Self::V6_12Pages16k,
    ];

    /// The name of its file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::V6_1Cloud => "linux-6.1-cloud",
            Self::V6_1 => "linux-6.1",
            Self::V6_1Rt => "linux-6.1-rt",
            Self::V6_12Cloud => "linux-6.12-cloud",
            Self::V6_12 => "linux-6.12",
            Self::V6_12Rt => "linux-6.12-rt",
            Self::V6_12Pages16k => "linux-6.12-16k",
        }
    }

    /// Its version, as far as the name says it.
    pub const fn version(self) -> &'static str {
        match self {
            Self::V6_1Cloud | Self::V6_1 | Self::V6_1Rt => "6.1",
            Self::V6_12Cloud | Self::V6_12 | Self::V6_12Rt | Self::V6_12Pages16k => "6.12",
        }
    }

    /// Returns where it is kept: outside the checkout, since it is large and not ours.
    pub fn path(self) -> PathBuf {
        kernels_folder().join(self.name())
    }

    /// Fetches it if it is not there.
    ///
    /// # Errors
    /// Why it cannot be had.
    pub fn fetch(self) -> Result<(), String> {
        fetch(&self.path())
    }

    /// The package that it is from, and its version.
    pub fn package(self) -> Option<String> {
        cache::package(&self.path())
    }

    /// Its file.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn read(self) -> anyhow::Result<Vec<u8>> {
        read(&self.path())
    }
}

/// Fetches what [`initramfs`] is made of, if it is not there.
///
/// # Errors
/// Why it cannot be had.
pub fn fetch_busybox() -> Result<(), String> {
    fetch(&kernels_folder().join(BUSYBOX))
}

/// An initramfs that says what it finds, with so many bytes of padding.
///
/// # Errors
/// Its program cannot be read.
pub fn initramfs(padding_bytes: usize) -> anyhow::Result<Vec<u8>> {
    let busybox = read(&kernels_folder().join(BUSYBOX))?;
    Ok(Initramfs::new(&busybox).padded(padding_bytes).build())
}

fn fetch(path: &Path) -> Result<(), String> {
    static FETCHED: OnceLock<Result<(), String>> = OnceLock::new();
    if cache::is_there(path) {
        return Ok(());
    }
    let fetched = FETCHED.get_or_init(run_fetch_script).clone();
    // One that could not be had need not be the one that is asked for.
    if cache::is_there(path) {
        return Ok(());
    }
    fetched?;
    Err(format!("there is no {} after setup/test-linux", path.display()))
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(path).map_err(|error| anyhow::anyhow!("cannot read {}: {error}", path.display()))
}

/// Returns where `setup/test-linux` puts them.
fn kernels_folder() -> PathBuf {
    cache::folder("kernels")
}

/// The script says on stderr what it does, and why it cannot.
fn run_fetch_script() -> Result<(), String> {
    let checkout = Checkout::find().map_err(|error| error.to_string())?;
    let mut script = Command::new(checkout.root().join("setup/test-linux"));
    script.stdin(Stdio::null());
    let mut child =
        ChildProcess::spawn(&mut script).map_err(|error| format!("cannot run setup/test-linux: {error}"))?;
    match child.wait_until(Some(Instant::now() + FETCH_LIMIT)) {
        Ok(Waited::Exited(status)) if status.success() => Ok(()),
        Ok(Waited::Exited(_)) => {
            Err("setup/test-linux could not fetch the stock kernels; see its message above".into())
        }
        Ok(_) => Err("setup/test-linux was interrupted, or took too long".into()),
        Err(error) => Err(format!("lost sight of setup/test-linux: {error}")),
    }
}
