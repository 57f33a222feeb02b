//! `flint explain`: what an error code means, or a clause of the boot protocol.

use std::fmt::Write as _;
use std::io::Write;
use std::process::ExitCode;

use clap::Args;

use crate::Error;
use crate::clause::{self, Clause};
use crate::explanation::{self, Explanation};
use crate::table::Table;

/// The arguments of `flint explain`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  flint explain image-magic
  flint explain                 list all codes
  flint explain M18
  flint explain --clauses       list all clauses")]
pub struct Arguments {
    /// The code, such as image-magic, or the clause of the boot protocol, such as M18
    #[arg(value_name = "CODE|CLAUSE")]
    pub name: Option<String>,

    /// List the clauses of the boot protocol
    #[arg(long, conflicts_with = "name")]
    pub clauses: bool,
}

/// Does what `flint explain` is asked for.
///
/// # Errors
/// There is no such code or clause.
pub fn run(arguments: &Arguments) -> Result<ExitCode, anyhow::Error> {
    let mut out = std::io::stdout().lock();
    match &arguments.name {
        Some(name) if is_clause(name) => write!(out, "{}", clause_text(find_clause(name)?))?,
        Some(code) => write!(out, "{}", text(find(code)?))?,
        None if arguments.clauses => write!(out, "{}", list_of_clauses())?,
        None => write!(out, "{}", list())?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Returns whether this is meant for a clause: a letter and a number. Codes are words.
fn is_clause(name: &str) -> bool {
    let number = name.strip_prefix(|c: char| c.is_ascii_alphabetic());
    number.is_some_and(|number| !number.is_empty() && number.bytes().all(|c| c.is_ascii_digit()))
}

fn find_clause(id: &str) -> Result<&'static Clause, Error> {
    clause::find(id).ok_or_else(|| {
        Error::new(format!("the boot protocol has no clause '{id}'")).help("flint explain --clauses lists all clauses")
    })
}

fn clause_text(clause: &Clause) -> String {
    let Clause {
        id,
        title,
        asks,
        source,
        force,
        met,
        code,
        check,
    } = clause;
    let mut text = format!(
        "{id}: {title} ({force})\n\nWhat it asks:\n{}\n\n{}\n\nHow Flint meets it:\n{}\n",
        wrapped(asks),
        wrapped(source),
        wrapped(met)
    );
    if !code.is_empty() {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "\n{}", wrapped(&code.join(" ")));
    }
    let _ = writeln!(text, "\nHow it is checked: {}\n{}", check.name(), wrapped(check.text()));
    text
}

fn list_of_clauses() -> Table {
    let mut table = Table::default();
    for Clause { id, title, check, .. } in clause::all() {
        table.row([*id, *title, check.name()]);
    }
    table
}

/// The explanation of a code, with or without the brackets that it is printed in, in letters of any
/// case.
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
    fn tells_clauses_from_codes() {
        assert!(is_clause("M18") && is_clause("z7"));
        assert!(!is_clause("image-magic") && !is_clause("m") && !is_clause("18") && !is_clause(""));
    }

    #[test]
    fn shows_all_of_a_clause() {
        let text = clause_text(find_clause("m18").unwrap());
        assert!(text.starts_with("M18: HCRX_EL2 can be reached (mandatory)\n"));
        let unwrapped: Vec<&str> = text.split_whitespace().collect();
        let unwrapped = unwrapped.join(" ");
        for part in [
            "SCR_EL3.HXEn (bit 38) is 1",
            "booting.rst, ",
            "machine/src/el3/scr.rs",
            "seen on QEMU",
        ] {
            assert!(unwrapped.contains(part), "{part}: {text}");
        }
        assert!(text.lines().all(|line| line.len() <= 80));
        let error = find_clause("M99").unwrap_err();
        assert!(error.help_text().unwrap().contains("--clauses"));
    }

    #[test]
    fn wraps_at_80_columns() {
        let text = wrapped(&"word ".repeat(40));
        assert!(text.lines().all(|line| line.starts_with("  word") && line.len() <= 80));
    }
}
