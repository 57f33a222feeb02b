//! `flint explain`: what an error code means.

use std::io::Write;
use std::process::ExitCode;

use clap::Args;

use crate::Error;
use crate::explanation::{self, Explanation};
use crate::table::Table;

/// The arguments of `flint explain`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  flint explain image-magic
  flint explain                 list all codes")]
pub struct Arguments {
    /// The code, such as image-magic
    pub code: Option<String>,
}

/// Does what `flint explain` is asked for.
///
/// # Errors
/// There is no such code.
pub fn run(arguments: &Arguments) -> Result<ExitCode, anyhow::Error> {
    let mut out = std::io::stdout().lock();
    match &arguments.code {
        Some(code) => write!(out, "{}", text(find(code)?))?,
        None => write!(out, "{}", list())?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The explanation of a code, with or without the brackets that it is printed in, in letters of any case.
fn find(code: &str) -> Result<&'static Explanation, Error> {
    let code = &code.trim_matches(['[', ']']).to_lowercase();
    explanation::all()
        .find(|explanation| explanation.code == *code)
        .ok_or_else(|| {
            let parts: Vec<&str> = code.split('-').filter(|part| part.len() > 3).collect();
            let is_similar = |other: &str| parts.iter().any(|part| other.contains(part));
            let similar: Vec<&str> = explanation::all()
                .map(|other| other.code)
                .filter(|other| is_similar(other))
                .collect();
            let help = if similar.is_empty() {
                "flint explain lists all codes".into()
            } else {
                similar.join(", ")
            };
            Error::new(format!("there is no error code '{code}'")).help(match similar.len() {
                0 => help,
                _ => format!("did you mean one of these: {help}"),
            })
        })
}

fn text(explanation: &Explanation) -> String {
    let Explanation { code, meaning, remedy } = explanation;
    format!("{code}\n\n{}\n\nWhat to do:\n{}\n", wrapped(meaning), wrapped(remedy))
}

fn list() -> Table {
    let mut table = Table::default();
    for explanation in explanation::all() {
        let (first_sentence, _) = explanation
            .meaning
            .split_once(". ")
            .unwrap_or((explanation.meaning, ""));
        table.row([explanation.code, first_sentence.trim_end_matches('.')]);
    }
    table
}

/// The text in lines of at most 78 characters, indented by two.
fn wrapped(text: &str) -> String {
    let mut lines = vec![String::from(" ")];
    for word in text.split_whitespace() {
        let line = lines.last().map_or(0, |line| line.chars().count());
        if line + 1 + word.chars().count() > 80 {
            lines.push(String::from(" "));
        }
        if let Some(line) = lines.last_mut() {
            line.push(' ');
            line.push_str(word);
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_a_code_as_it_is_printed() {
        assert_eq!(find("[image-magic]").unwrap().code, "image-magic");
        assert_eq!(find("IMAGE-Magic").unwrap().code, "image-magic");
        assert!(text(find("image-magic").unwrap()).starts_with("image-magic\n\n  "));
    }

    #[test]
    fn offers_similar_codes() {
        let error = find("image-magick").unwrap_err();
        assert!(error.help_text().unwrap().contains("image-magic"));
        assert_eq!(
            find("xyz").unwrap_err().help_text(),
            Some("flint explain lists all codes")
        );
    }

    #[test]
    fn wraps_at_80_columns() {
        let text = wrapped(&"word ".repeat(40));
        assert!(text.lines().all(|line| line.starts_with("  word") && line.len() <= 80));
    }
}
