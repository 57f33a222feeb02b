//! Markdown: local links, and paths in back-ticks.

use std::path::Path;

use crate::checkout;

/// Returns the lines of Markdown outside of fenced and of indented blocks, with their numbers.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut is_fenced = false;
    (1..).zip(text.lines()).filter(move |(_, line)| {
        let is_fence = line.trim_start().starts_with("```");
        is_fenced ^= is_fence;
        !is_fence && !is_fenced && !line.starts_with("    ")
    })
}

/// Returns the anchor of a heading, as GitHub makes it.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|it| it.is_alphanumeric() || " -_".contains(*it));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

#[test]
fn local_links_resolve() {
    let mut links = 0;
    for file in checkout::files("md") {
        let text = checkout::read(&file);
        let folder = file.parent().unwrap_or(Path::new(""));
        for (number, line) in prose(&text) {
            for link in line.split("](").skip(1) {
                let target = link.split(')').next().unwrap_or_default();
                if target.contains("://") {
                    continue;
                }
                links += 1;
                let place = format!("{}:{number}: {target}", file.display());
                let (path, heading) = target.split_once('#').unwrap_or((target, ""));
                let linked = if path.is_empty() {
                    file.clone()
                } else {
                    folder.join(path)
                };
                assert!(checkout::root().join(&linked).exists(), "{place}: no such file");
                if !heading.is_empty() {
                    let linked = checkout::read(&linked);
                    let mut headings = prose(&linked).filter(|(_, line)| line.starts_with('#'));
                    assert!(
                        headings.any(|(_, line)| anchor(line.trim_start_matches('#').trim()) == heading),
                        "{place}: no such heading"
                    );
                }
            }
        }
    }
    assert!(links > 10);
}

#[test]
fn paths_in_back_ticks_exist() {
    let root = checkout::root();
    let is_folder = |name: &str| !name.is_empty() && root.join(name).is_dir();
    let mut paths = 0;
    for file in checkout::files("md") {
        let text = checkout::read(&file);
        let folder = root.join(&file);
        let folder = folder.parent().unwrap();
        for (number, line) in prose(&text) {
            for span in line.split('`').skip(1).step_by(2) {
                let is_path = span.split_once('/').is_some_and(|(first, _)| is_folder(first));
                let is_made = ["corpus/", "artifacts/", "target/"]
                    .iter()
                    .any(|made| span.contains(made));
                if !is_path || is_made || span.contains([' ', '*', '<', '{', '…']) {
                    continue;
                }
                paths += 1;
                assert!(
                    root.join(span).exists() || folder.join(span).exists(),
                    "{}:{number}: no such path: {span}",
                    file.display()
                );
            }
        }
    }
    assert!(paths > 20);
}
