use std::path::{Path, PathBuf};

use super::*;

/// The groups and the number of clauses in each, as booting.rst of Linux v7.1.8 was taken apart.
const COUNTS: [(char, usize); 19] = [
    ('A', 2),
    ('B', 5),
    ('C', 1),
    ('D', 12),
    ('E', 6),
    ('F', 1),
    ('G', 2),
    ('H', 3),
    ('I', 5),
    ('J', 3),
    ('K', 1),
    ('L', 1),
    ('M', 51),
    ('N', 3),
    ('O', 3),
    ('P', 7),
    ('Q', 3),
    ('R', 1),
    ('Z', 9),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

#[test]
fn every_clause_is_there_once_and_in_order() {
    let wanted = COUNTS
        .iter()
        .flat_map(|(letter, count)| (1..=*count).map(move |number| format!("{letter}{number}")));
    assert!(all().map(|clause| clause.id).eq(wanted));
    assert!(
        GROUPS
            .iter()
            .map(|group| group.letter)
            .eq(COUNTS.map(|(letter, _)| letter))
    );
}

#[test]
fn a_clause_is_found_in_letters_of_any_case() {
    assert_eq!(find("m18").unwrap().id, "M18");
    assert_eq!(find("M18"), find("m18"));
    assert_eq!(find("M52"), None);
    assert_eq!(find(""), None);
}

#[test]
fn titles_are_a_few_words() {
    for Clause { id, title, .. } in all() {
        assert!(!title.ends_with('.') && title.split(' ').count() <= 12, "{id}: {title}");
        assert!(starts_well(title), "{id}: {title}");
    }
}

#[test]
fn texts_are_sentences() {
    for clause in all() {
        for text in [clause.asks, clause.met, clause.check.text()] {
            assert!(text.ends_with('.') && starts_well(text), "{}: {text}", clause.id);
            assert!(!text.contains("  ") && !text.contains(".."), "{}: {text}", clause.id);
            assert!(text.matches('`').count().is_multiple_of(2), "{}: {text}", clause.id);
            // They would be read as Markdown.
            assert!(!text.contains(['*', '<', '|', '[']), "{}: {text}", clause.id);
        }
    }
}

fn starts_well(text: &str) -> bool {
    let of_code = ["`", "gzip", "x0", "x1"];
    text.starts_with(char::is_uppercase) || of_code.iter().any(|start| text.starts_with(start))
}

#[test]
fn sources_are_booting_rst_but_for_what_it_implies() {
    for Clause { id, source, force, .. } in all() {
        let is_implied = *force == Force::Implied;
        assert_eq!(id.starts_with('Z'), is_implied, "{id}");
        assert_eq!(source.starts_with("booting.rst, \""), !is_implied, "{id}");
        assert!(!source.ends_with('.'), "{id}");
    }
}

#[test]
fn the_files_that_are_named_are_there() {
    for Clause {
        id, code, met, check, ..
    } in all()
    {
        for path in *code {
            assert!(root().join(path).is_file(), "{id}: {path}");
        }
        let quoted = [met, check.text()].into_iter().flat_map(|text| text.split('`'));
        for path in quoted.filter(|word| word.starts_with("machine/") || word.starts_with("crates/")) {
            assert!(root().join(path).exists(), "{id}: {path}");
        }
    }
}

#[test]
fn what_flint_does_has_code() {
    let without: Vec<&str> = all()
        .filter(|clause| clause.code.is_empty())
        .map(|clause| clause.id)
        .collect();
    assert_eq!(without, ["A2", "I5", "M4"]);
}

/// The monitor refers whoever reads its report to `flint explain`.
#[test]
fn every_clause_that_the_monitor_can_name_is_there() {
    for clause in machine::el3::trap::clauses() {
        let id = clause.to_string();
        assert!(find(&id).is_some_and(|found| found.id == id), "{id}");
    }
}

#[test]
fn the_page_of_the_manual_is_what_the_table_says() {
    let written = std::fs::read_to_string(root().join("docs/boot-protocol.md")).unwrap_or_default();
    assert!(
        written == page(),
        "docs/boot-protocol.md is not what cli/src/clause says; write it anew:\n\
         cargo run -q -p flint-cli --example boot_protocol > docs/boot-protocol.md"
    );
}

#[test]
fn no_two_headings_of_the_page_have_the_same_name() {
    let page = page();
    let mut headings: Vec<&str> = page.lines().filter(|line| line.starts_with('#')).collect();
    let count = headings.len();
    headings.sort_unstable();
    headings.dedup();
    assert_eq!(headings.len(), count);
}
