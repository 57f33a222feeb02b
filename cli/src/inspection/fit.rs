//! The facts about a FIT, alone in a file or in a flash image.

use ::fit::{Configuration, Fit, FitError, FitImage};
use hashes::Backend;
use serde::Serialize;

use super::Inspection;

/// The contents of a FIT.
#[derive(Debug, Serialize)]
pub struct FitFacts {
    /// The description in the file.
    pub description: Option<String>,
    /// All of it, data outside the tree included.
    pub size_bytes: u64,
    /// The names of all configurations.
    pub configurations: Vec<String>,
    /// The same with what they are made of.
    pub choices: Vec<FitChoiceFacts>,
    /// The one that is booted.
    pub default: String,
    /// The command line of that one.
    pub command_line: Option<String>,
    /// True if it has a signature, which nobody has verified.
    pub has_signature: bool,
    /// All images.
    pub images: Vec<FitImageFacts>,
}

/// One configuration of a FIT.
#[derive(Debug, Serialize)]
pub struct FitChoiceFacts {
    /// The name of its node.
    pub name: String,
    /// The name of its kernel; `null` where the configuration cannot be started.
    pub kernel: Option<String>,
    /// The name of its ramdisk.
    pub ramdisk: Option<String>,
    /// The name of its device tree.
    pub fdt: Option<String>,
    /// Its command line.
    pub command_line: Option<String>,
    /// The reason why it cannot be started.
    pub problem: Option<String>,
}

/// One image of a FIT.
#[derive(Debug, Serialize)]
pub struct FitImageFacts {
    /// The name of its node.
    pub name: String,
    /// The property `type`.
    pub r#type: Option<String>,
    /// The description in the file.
    pub description: Option<String>,
    /// The property `compression`.
    pub compression: Option<String>,
    /// The size of its data.
    pub size_bytes: u64,
    /// The place where it asks to be loaded.
    pub load: Option<u64>,
    /// The algorithms of its hashes.
    pub hashes: Vec<String>,
    /// True if all of its hashes were verified and found good; `false` where there is none.
    pub is_verified: bool,
    /// The reason why not, where there are hashes.
    pub problem: Option<String>,
}

impl Inspection {
    /// A FIT, if `bytes` open with a sound one; what is wrong with others, the prediction tells.
    pub(super) fn add_fit(&mut self, bytes: &[u8]) {
        self.fit = Fit::parse(bytes).ok().map(|fit| facts(&fit));
    }
}

fn facts(fit: &Fit<'_>) -> FitFacts {
    let configuration = fit.configuration();
    FitFacts {
        description: fit.description().map(String::from),
        size_bytes: fit.size_bytes(),
        configurations: fit.configurations().map(|(name, _)| name.into()).collect(),
        choices: fit.configurations().map(choice).collect(),
        default: configuration.name.into(),
        command_line: configuration.command_line.map(String::from),
        has_signature: configuration.has_signature(),
        images: fit
            .images()
            .filter_map(|(_, image)| image.ok())
            .map(|image| image_facts(&image))
            .collect(),
    }
}

fn choice((name, configuration): (&str, Result<Configuration<'_>, FitError>)) -> FitChoiceFacts {
    let named = |image: FitImage<'_>| image.name.to_string();
    let problem = configuration.as_ref().err().map(ToString::to_string);
    let configuration = configuration.ok();
    FitChoiceFacts {
        name: name.into(),
        kernel: configuration.map(|found| named(found.kernel)),
        ramdisk: configuration.and_then(|found| found.ramdisk).map(named),
        fdt: configuration.and_then(|found| found.fdt).map(named),
        command_line: configuration.and_then(|found| found.command_line).map(String::from),
        problem,
    }
}

fn image_facts(image: &FitImage<'_>) -> FitImageFacts {
    let verified = image.verify(&Backend::SOFTWARE);
    FitImageFacts {
        name: image.name.into(),
        r#type: image.kind().map(String::from),
        description: image.description().map(String::from),
        compression: image.compression_name().map(String::from),
        size_bytes: image.data.len() as u64,
        load: image.load,
        hashes: image.hash_algorithms().map(String::from).collect(),
        is_verified: verified.is_ok_and(|count| count > 0),
        problem: verified.err().map(|error| error.to_string()),
    }
}
