//! The meaning and the remedy of each error code, for `flint explain`.

mod boot;
mod fit;
mod flash;
mod image;
mod kernel_file;
mod parts;
mod payload;
mod plan;
mod platform;
mod tree;

/// The explanation of an error code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The code, as it is printed in brackets.
    pub code: &'static str,
    /// The problem. The first sentence stands alone in the list of all codes.
    pub meaning: &'static str,
    /// The remedy.
    pub remedy: &'static str,
}

/// The codes that the bootloader, the monitor and the Rust kernel print without any of the crates:
/// see `bootloader/src/error.rs`, `monitor/src/boot.rs`, `monitor/src/report.rs`, their panic
/// handlers, and `machine/src/exceptions.rs`.
pub const TARGET_CODES: &[&str] = &[
    "boot-exception",
    "boot-panic",
    "fw-cfg-refused",
    "fw-cfg-stuck",
    "monitor-gic",
    "monitor-panic",
    "monitor-platform",
    "monitor-trap",
];

/// Every code, in the order of a boot.
pub fn all() -> impl Iterator<Item = &'static Explanation> {
    [
        boot::EXPLANATIONS,
        tree::EXPLANATIONS,
        flash::EXPLANATIONS,
        image::EXPLANATIONS,
        payload::EXPLANATIONS,
        fit::EXPLANATIONS,
        parts::EXPLANATIONS,
        kernel_file::EXPLANATIONS,
        plan::EXPLANATIONS,
        platform::EXPLANATIONS,
    ]
    .into_iter()
    .flatten()
}

/// The code of one kind of error, explained.
const fn explain(code: &'static str, meaning: &'static str, remedy: &'static str) -> Explanation {
    Explanation { code, meaning, remedy }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn codes_in_use() -> BTreeSet<&'static str> {
        let lists = [
            linux_image::CODES,
            flash_image::CODES,
            ::fit::CODES,
            devicetree::CODES,
            boot_plan::CODES,
            decompress::CODES,
            ::payload::CODES,
            boot_parts::CODES,
            ::platform::CODES,
            crate::kernel_file_error::CODES,
            crate::inspection::CODES,
            TARGET_CODES,
        ];
        lists.into_iter().flatten().copied().collect()
    }

    #[test]
    fn every_code_is_explained_and_every_explanation_is_needed() {
        let explained: BTreeSet<&str> = all().map(|explanation| explanation.code).collect();
        assert_eq!(explained, codes_in_use());
    }

    #[test]
    fn no_code_is_explained_twice() {
        assert_eq!(all().count(), codes_in_use().len());
    }

    #[test]
    fn explanations_are_sentences() {
        for Explanation { code, meaning, remedy } in all() {
            assert!(meaning.ends_with('.') && remedy.ends_with('.'), "{code}");
            let starts_well = |text: &str| text.starts_with(|c: char| c.is_uppercase() || c == '`');
            assert!(starts_well(meaning) && starts_well(remedy), "{code}");
        }
    }
}
