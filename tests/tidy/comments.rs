//! Comments: their width, and the first word of summary lines.

use crate::checkout;

const COLUMNS_MAX: usize = 100;
/// The most summary lines that may open with a question word, in percent.
const QUESTIONS_MAX_PERCENT: usize = 5;
const QUESTION_WORDS: [&str; 10] = [
    "What", "Where", "Whether", "How", "Why", "Who", "Which", "When", "Whose", "Whom",
];

#[test]
fn comments_are_at_most_100_columns_wide() {
    for file in checkout::files("rs") {
        for (index, line) in checkout::read(&file).lines().enumerate() {
            let is_comment = line.trim_start().starts_with("//");
            let width = line.chars().count();
            assert!(
                !is_comment || width <= COLUMNS_MAX,
                "{}:{}: {width} columns",
                file.display(),
                index + 1
            );
        }
    }
}

#[test]
fn summary_lines_name_their_subject() {
    let mut summaries = 0;
    let mut questions = Vec::new();
    for file in checkout::files("rs") {
        let mut is_in_comment = false;
        for (index, line) in checkout::read(&file).lines().enumerate() {
            let line = line.trim_start();
            let text = line.strip_prefix("///").or_else(|| line.strip_prefix("//!"));
            if let (Some(text), false) = (text, is_in_comment) {
                summaries += 1;
                let first = text.split_whitespace().next().unwrap_or_default();
                if QUESTION_WORDS.contains(&first) {
                    questions.push(format!("{}:{}:{text}", file.display(), index + 1));
                }
            }
            is_in_comment = text.is_some();
        }
    }
    let limit = summaries * QUESTIONS_MAX_PERCENT / 100;
    let count = questions.len();
    assert!(
        count <= limit,
        "{count} of {summaries} summary lines open with a question word, at most {limit} may:\n{}",
        questions.join("\n")
    );
}
