//! [`Inspection`]: what a file holds, where it will land, and what is wrong with it.
//!
//! Its JSON form is an interface: fields may be added, none is renamed or removed. Sizes and offsets are in bytes and addresses are
//! numbers; a field that does not apply is `null`.

mod devicetree;
mod flash;
mod kernel;
mod text;

use boot_plan::Plan;
use linux_image::ImageHeader;
use phys_range::PhysRange;
use serde::Serialize;

use crate::Error;
use crate::format::Format;

pub use devicetree::TreeFacts;
pub use flash::{FlashFacts, SettingsFacts};
pub use kernel::{KernelFacts, PlanFacts, RangeFacts};

/// The codes of what only the host can tell, for `flint explain`.
pub const CODES: &[&str] = &["flash-no-bootloader", "flash-too-long", "flash-too-short"];

/// What there is to say about a file.
#[derive(Debug, Serialize)]
pub struct Inspection {
    /// The name of the file, as it was given.
    pub file: String,
    /// Its size.
    pub size_bytes: u64,
    /// What it is.
    pub kind: Kind,
    /// What is in a flash image besides the kernel.
    pub flash: Option<FlashFacts>,
    /// The kernel, as far as its header can be read.
    pub kernel: Option<KernelFacts>,
    /// Where the bootloader will put things on the reference machine.
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
    /// A device tree blob.
    Devicetree,
}

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The code that `flint explain` knows.
    pub code: &'static str,
    /// What is wrong; in the bootloader's words, where the bootloader would find it.
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
}

impl Inspection {
    /// Inspects `bytes`, the contents of `file`, for the reference machine with this RAM.
    ///
    /// # Errors
    /// They are nothing that is known; a broken file of a known kind is no error here.
    pub fn of(file: &str, bytes: &[u8], ram: PhysRange) -> Result<Self, Error> {
        let kind = Kind::of(bytes).map_err(|found| unknown(file, found))?;
        let mut inspection = Self {
            file: file.into(),
            size_bytes: bytes.len() as u64,
            kind,
            flash: None,
            kernel: None,
            plan: None,
            devicetree: None,
            notes: Vec::new(),
            errors: Vec::new(),
        };
        match kind {
            Kind::FlashImage => inspection.add_flash(bytes, ram),
            Kind::Image => inspection.add_kernel_file(bytes, ram),
            Kind::Devicetree => inspection.add_devicetree(bytes),
        }
        Ok(inspection)
    }

    /// Adds where the bootloader will put the kernel, or why it will not.
    fn add_plan(&mut self, ram: PhysRange, header: &ImageHeader, kernel_bytes: u64, command_line: Option<&str>) {
        match crate::reference_machine::plan(ram, header, kernel_bytes, command_line) {
            Ok(plan) => self.plan = Some(plan_facts(ram, &plan)),
            Err(error) => self.errors.push(Problem::new(error.code(), error)),
        }
    }
}

fn plan_facts(ram: PhysRange, plan: &Plan) -> PlanFacts {
    PlanFacts {
        ram: ram.into(),
        kernel: plan.kernel.into(),
        entry: plan.entry(),
        devicetree: plan.devicetree.into(),
        work_area: plan.work_area.into(),
    }
}

impl Kind {
    /// What `bytes` are; else which other format they have, if that is known.
    fn of(bytes: &[u8]) -> Result<Self, Option<Format>> {
        if ImageHeader::parse(bytes).is_ok() {
            return Ok(Self::Image);
        }
        match Format::detect(bytes) {
            Some(Format::Devicetree) => Ok(Self::Devicetree),
            Some(Format::FlashImage) => Ok(Self::FlashImage),
            found => Err(found),
        }
    }
}

fn unknown(file: &str, found: Option<Format>) -> Error {
    match found {
        Some(format) => Error::new(format!(
            "{file} is {format}; flash images, raw arm64 Images and device trees can be inspected"
        ))
        .help(format.help()),
        None => Error::new(format!("{file} is no flash image, raw arm64 Image or device tree"))
            .help("check that it is the file you mean; `file` may know what it is"),
    }
}
