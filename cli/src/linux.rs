//! [`Linux`]: the stock kernels that the tests and the bench boot, from Debian's packages; `setup/test-linux` fetches them.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use crate::checkout::Checkout;
use crate::child::{ChildProcess, Waited};

/// How long eight packages, 450 MB in all, may take to come.
const FETCH_LIMIT: Duration = Duration::from_secs(1800);

/// A stock kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Linux {
    /// `linux-image-cloud-arm64` of Debian 12: for virtual machines.
    Cloud,
    /// `linux-image-arm64` of Debian 12: for any machine.
    Full,
}

impl Linux {
    /// Where it is kept: outside the checkout, since it is large and not ours.
    pub fn path(self) -> PathBuf {
        kernels_folder().join(match self {
            Self::Cloud => "linux-6.1-cloud",
            Self::Full => "linux-6.1",
        })
    }

    /// Fetches it if it is not there.
    ///
    /// # Errors
    /// Why it cannot be had.
    pub fn fetch(self) -> Result<(), String> {
        static FETCHED: OnceLock<Result<(), String>> = OnceLock::new();
        if is_there(&self.path()) {
            return Ok(());
        }
        FETCHED.get_or_init(run_fetch_script).clone()?;
        if is_there(&self.path()) {
            return Ok(());
        }
        Err(format!("there is no {} after setup/test-linux", self.path().display()))
    }

    /// The package that it is from, and its version.
    pub fn package(self) -> Option<String> {
        let mut path = self.path().into_os_string();
        path.push(".package");
        let text = std::fs::read_to_string(path).ok()?;
        Some(text.trim().to_string())
    }

    /// Its file.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn read(self) -> anyhow::Result<Vec<u8>> {
        let path = self.path();
        std::fs::read(&path).map_err(|error| anyhow::anyhow!("cannot read {}: {error}", path.display()))
    }
}

fn is_there(path: &Path) -> bool {
    path.metadata().is_ok_and(|metadata| metadata.len() > 0)
}

/// `${FLINT_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/flint}/kernels`, as in `setup/test-linux`.
fn kernels_folder() -> PathBuf {
    let folder = |name| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    let caches = || folder("XDG_CACHE_HOME").unwrap_or_else(|| folder("HOME").unwrap_or_default().join(".cache"));
    folder("FLINT_CACHE")
        .unwrap_or_else(|| caches().join("flint"))
        .join("kernels")
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
