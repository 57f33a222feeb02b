//! The comparison of a console with what it should show.

/// Returns whether `line` holds `pattern`, in which each `*` stands for anything, and a `$` at the
/// end for the end of the line.
pub fn matches(line: &str, pattern: &str) -> bool {
    let (pattern, is_anchored) = match pattern.strip_suffix('$') {
        Some(pattern) => (pattern, true),
        None => (pattern, false),
    };
    let (pieces, last) = pattern
        .rsplit_once('*')
        .map_or((None, pattern), |(pieces, last)| (Some(pieces), last));
    let mut rest = Some(line);
    for piece in pieces.into_iter().flat_map(|pieces| pieces.split('*')) {
        rest = rest.and_then(|rest| Some(rest.split_once(piece)?.1));
    }
    rest.is_some_and(|rest| {
        if is_anchored {
            rest.ends_with(last)
        } else {
            rest.contains(last)
        }
    })
}

/// The first of `patterns` that does not come in its turn; each needs a line of its own after that
/// of the one before. A line that has no end yet does not count.
pub fn first_missing<'a>(console: &str, patterns: &'a [String]) -> Option<&'a str> {
    let mut lines = complete_lines(console);
    let missing = patterns
        .iter()
        .find(|pattern| !lines.any(|line| matches(line, pattern)));
    missing.map(String::as_str)
}

/// The first line that holds one of `patterns`, and that pattern.
pub fn first_forbidden<'c, 'p>(console: &'c str, patterns: &'p [String]) -> Option<(&'c str, &'p str)> {
    console.lines().find_map(|line| {
        let pattern = patterns.iter().find(|pattern| matches(line, pattern))?;
        Some((line, pattern.as_str()))
    })
}

/// The last line that is not empty.
pub fn last_line(console: &str) -> &str {
    console.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("")
}

/// The last `count` lines, each indented.
pub fn excerpt(console: &str, count: usize) -> String {
    let lines: Vec<_> = console.lines().collect();
    let from = lines.len().saturating_sub(count);
    let shown = lines[from..].iter().map(|line| format!("    {line}\n"));
    shown.collect()
}

fn complete_lines(console: &str) -> impl Iterator<Item = &str> {
    console.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONSOLE: &str = "[  1.000 ms] reset    Flint\nHello\nmemory     0x40..0x48\nmemory     0x48..0x50\n\nbye";

    fn missing(patterns: &[&str]) -> Option<String> {
        let patterns: Vec<_> = patterns.iter().map(|text| text.to_string()).collect();
        first_missing(CONSOLE, &patterns).map(String::from)
    }

    #[test]
    fn a_pattern_is_a_part_of_a_line_with_stars_for_anything() {
        assert!(matches("x0 0x47c00000, x1 0x0, x2 0x0", "x0 0x*, x1 0x0,"));
        assert!(matches("any", ""));
        assert!(!matches("x0 0x47c00000, x1 0x5, x2 0x0", "x0 0x*, x1 0x0,"));
        assert!(!matches("b a", "a*b"));
    }

    #[test]
    fn a_dollar_sign_is_the_end_of_the_line() {
        assert!(matches("cpus       1", "cpus  *1$"));
        assert!(matches("1 of 1", "1$"));
        assert!(!matches("cpus       12", "cpus       1$"));
        assert!(!matches("ab", "ab*b$"));
    }

    #[test]
    fn finds_all_lines_in_order() {
        assert_eq!(missing(&["reset", "Hello", "memory", "memory *0x50"]), None);
        assert_eq!(missing(&[]), None);
    }

    #[test]
    fn names_the_line_that_is_missing_or_out_of_order() {
        assert_eq!(missing(&["reset", "Goodbye"]).as_deref(), Some("Goodbye"));
        assert_eq!(missing(&["Hello", "reset"]).as_deref(), Some("reset"));
        assert_eq!(missing(&["memory", "memory", "memory"]).as_deref(), Some("memory"));
    }

    #[test]
    fn a_line_without_an_end_does_not_count_yet() {
        assert_eq!(missing(&["bye"]).as_deref(), Some("bye"));
    }

    #[test]
    fn finds_what_must_not_be_there_even_without_an_end() {
        let forbidden = |pattern: &str| first_forbidden(CONSOLE, &[pattern.into()]).map(|(line, _)| line);
        assert_eq!(forbidden("by"), Some("bye"));
        assert_eq!(forbidden("0x40*0x50"), None);
    }

    #[test]
    fn shows_the_last_lines() {
        assert_eq!(excerpt("a\nb\nc\n", 2), "    b\n    c\n");
        assert_eq!(last_line("a\nb\n\n"), "b");
    }
}
