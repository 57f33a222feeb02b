//! [`Inspection`]: what a file holds, where it will land, and what is wrong with it.
//!
//! Its JSON form is an interface: fields may be added, none is renamed or removed. Sizes and
//! offsets are in bytes and addresses are numbers; a field that does not apply is `null`.

mod devicetree;
mod fit;
mod flash;
mod kernel;
mod prediction;
mod text;

use serde::Serialize;

use crate::Error;
use crate::format::Format;
use crate::reference_machine::ReferenceMachine;

pub use devicetree::TreeFacts;
pub use fit::{FitChoiceFacts, FitFacts, FitImageFacts};
pub use flash::{FlashFacts, SettingsFacts};
pub use kernel::{KernelFacts, PlanFacts, RangeFacts};

/// The codes of what only the host can tell, for `flint explain`.
pub const CODES: &[&str] = &["flash-no-bootloader", "flash-too-long", "flash-too-short"];

/// The facts about a file.
#[derive(Debug, Serialize)]
pub struct Inspection {
    /// The name of the file, as it was given.
    pub file: String,
    /// Its size.
    pub size_bytes: u64,
    /// What it is.
    pub kind: Kind,
    /// The contents of a flash image besides the kernel.
    pub flash: Option<FlashFacts>,
    /// What a FIT holds, alone in a file or in a flash image.
    pub fit: Option<FitFacts>,
    /// The kernel, as far as its header can be read.
    pub kernel: Option<KernelFacts>,
    /// The place where the bootloader will put things on the reference machine.
    pub plan: Option<PlanFacts>,
    /// What a device tree says.
    pub devicetree: Option<TreeFacts>,
    /// What `flint image` would change in a kernel file, a sentence each.
    pub notes: Vec<String>,
    /// What is wrong with it: the bootloader stops at the first that it sees. Empty if all is well.
    pub errors: Vec<Problem>,
}

/// The kinds of files that can be inspected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// All of the first flash.
    FlashImage,
    /// A raw arm64 Image.
    Image,
    /// An Image compressed by gzip, lz4 or zstd.
    CompressedImage,
    /// An EFI zboot kernel.
    Zboot,
    /// A FIT.
    Fit,
    /// A device tree blob.
    Devicetree,
    /// Something else.
    Unknown,
}

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The code that `flint explain` knows.
    pub code: &'static str,
    /// The problem, in the bootloader's words where the bootloader would find it.
    pub message: String,
    /// What to do about it, where the file itself tells.
    #[serde(skip)]
    pub help: Option<&'static str>,
}

impl Problem {
    fn new(code: &'static str, message: impl std::fmt::Display) -> Self {
        Self {
            code,
            message: message.to_string(),
            help: None,
        }
    }

    /// As an error; `what` is what the bootloader would not boot.
    fn about(self, what: &str) -> Error {
        let Self { code, message, .. } = self;
        Error::new(format!("the bootloader would refuse {what}: {message} [{code}]"))
            .help(format!("flint explain {code}"))
    }
}

impl Inspection {
    /// Inspects `bytes`, the contents of `file`, and predicts their boot on this machine.
    pub fn of(file: &str, bytes: &[u8], machine: &ReferenceMachine) -> Self {
        let kind = Kind::of(bytes);
        let mut inspection = Self {
            file: file.into(),
            size_bytes: bytes.len() as u64,
            kind,
            flash: None,
            fit: None,
            kernel: None,
            plan: None,
            devicetree: None,
            notes: Vec::new(),
            errors: Vec::new(),
        };
        match kind {
            Kind::FlashImage => inspection.add_flash(bytes, machine),
            Kind::Image | Kind::CompressedImage | Kind::Zboot => inspection.add_kernel_file(bytes, machine),
            Kind::Fit => {
                inspection.add_fit(bytes);
                inspection.add_kernel_file(bytes, machine);
            }
            Kind::Devicetree => inspection.add_devicetree(bytes),
            Kind::Unknown => inspection.errors.push(unknown(Format::detect(bytes))),
        }
        inspection
    }
}

impl Kind {
    fn of(bytes: &[u8]) -> Self {
        use payload::Format as P;
        match Format::detect(bytes) {
            Some(Format::Devicetree) => Self::Devicetree,
            Some(Format::FlashImage) => Self::FlashImage,
            Some(Format::Payload(P::Image)) => Self::Image,
            Some(Format::FIT) => Self::Fit,
            Some(Format::Payload(P::Zboot)) => Self::Zboot,
            Some(format) if format.is_bootable() => Self::CompressedImage,
            _ => Self::Unknown,
        }
    }
}

/// A file of another format, if that is known.
fn unknown(found: Option<Format>) -> Problem {
    const KNOWN: &str =
        "flash images, kernels (raw, gzip, lz4, zstd, EFI zboot), FITs and device trees can be inspected";
    let (code, what, help) = match found {
        Some(format) => ("kernel-file-format", format.to_string(), format.help()),
        None => (
            "payload-unknown",
            "nothing that is known".into(),
            "check that it is the file you mean; `file` may know what it is",
        ),
    };
    Problem {
        help: Some(help),
        ..Problem::new(code, format_args!("this is {what}; {KNOWN}"))
    }
}
