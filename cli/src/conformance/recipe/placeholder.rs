//! Placeholders in the texts of a recipe: words in braces that files and texts stand for.

use super::{Build, Firmware, Flash, Recipe};

impl Recipe {
    /// A placeholder that the recipe has nothing for.
    pub(super) fn unknown_placeholder(&self) -> Option<&str> {
        let has_file = matches!(
            self.firmware,
            Some(Firmware::File { .. } | Firmware::Build(Build::ArticleLoader))
        );
        let is_known = |placeholder: &&str| match *placeholder {
            "{kernel}" | "{initrd}" | "{initrd-size}" | "{command-line}" => true,
            "{firmware}" => has_file,
            "{flash}" => self.flash.is_some(),
            _ => false,
        };
        let lines = self.console.iter().filter_map(|step| step.line.as_ref());
        let files = match &self.flash {
            Some(Flash::Files(files)) => files.as_slice(),
            _ => &[],
        };
        let files = files.iter().map(|part| &part.file);
        let texts = self.arguments.iter().chain(lines).chain(files);
        let mut found = texts.flat_map(|text| placeholders(text));
        found.find(|placeholder| !is_known(placeholder))
    }
}

/// The placeholders in a text. `${…}` is somebody else's.
fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices('{').filter_map(|(start, _)| {
        let (word, _) = text[start + 1..].split_once('}')?;
        let is_word = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        (is_word && !text[..start].ends_with('$')).then(|| &text[start..start + word.len() + 2])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_words_in_braces() {
        let found: Vec<_> =
            placeholders("booti {kernel} {initrd}:{initrd-size} ${fdtcontroladdr} {} {A b} {").collect();
        assert_eq!(found, ["{kernel}", "{initrd}", "{initrd-size}"]);
    }

    #[test]
    fn what_nothing_stands_for_is_refused() {
        let refused = |rest: &str| {
            let text = format!("title = \"mine\"\nabout = \"mine\"\n{rest}");
            Recipe::parse("mine", &text).map_err(|error| error.message().to_string())
        };
        assert!(refused("arguments = [\"-kernel\", \"{kernel}\"]").is_ok());
        let error = refused("arguments = [\"-kernel\", \"{kernal}\"]").unwrap_err();
        assert_eq!(error, "nothing stands for {kernal} in this recipe");
        assert!(refused("arguments = [\"-bios\", \"{firmware}\"]").is_err());
        assert!(refused("firmware = { file = \"/opt/mine.bin\" }\narguments = [\"-bios\", \"{firmware}\"]").is_ok());
        assert!(refused("firmware = { build = \"flint\" }\narguments = [\"-bios\", \"{firmware}\"]").is_err());
        assert!(refused("arguments = [\"file={flash}\"]").is_err());
    }

    #[test]
    fn firmware_is_built_or_a_file() {
        let error = Recipe::parse("mine", "title = \"a\"\nabout = \"b\"\nfirmware = { package = \"c\" }").unwrap_err();
        assert!(error.message().contains("firmware is either"), "{error}");
    }
}
