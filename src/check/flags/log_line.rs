//! One line of Prometheus's log: `key=value` with quotes where a value has spaces. 2.x and 3.x write the same way, with
//! other keys for time and level.

/// The value of a key, without its quotes. Line breaks in it are blanks.
pub(super) fn field(line: &str, key: &str) -> Option<String> {
    let mut rest = line.trim_start();
    while !rest.is_empty() {
        let end = rest.find(['=', ' ']).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        let Some(after) = after.strip_prefix('=') else {
            rest = after.trim_start();
            continue;
        };
        let (value, after) = value(after);
        if name == key {
            return Some(value.split_whitespace().collect::<Vec<_>>().join(" "));
        }
        rest = after.trim_start();
    }
    None
}

/// A value and what follows it.
fn value(text: &str) -> (String, &str) {
    let Some(inside) = text.strip_prefix('"') else {
        let end = text.find(' ').unwrap_or(text.len());
        return (text[..end].to_owned(), &text[end..]);
    };
    let mut value = String::new();
    let mut chars = inside.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return (value, &inside[at + 1..]),
            '\\' => match chars.next() {
                Some((_, 'n' | 't' | 'r')) => value.push(' '),
                Some((_, other)) => value.push(other),
                None => {}
            },
            other => value.push(other),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::field;

    #[test]
    fn both_ways_of_writing_are_read() {
        let old = r#"ts=2026-01-01T00:00:00Z caller=main.go:1 level=error msg="Error reloading config" err="yaml: a\n  line 2: \"x\"""#;
        let new = r"time=2026-01-01T00:00:00Z level=ERROR source=main.go:1 msg=stopped err=EOF";
        assert_eq!(field(old, "msg").as_deref(), Some("Error reloading config"));
        assert_eq!(field(old, "err").as_deref(), Some("yaml: a line 2: \"x\""));
        assert_eq!(field(new, "msg").as_deref(), Some("stopped"));
        assert_eq!(field(new, "err").as_deref(), Some("EOF"));
        assert_eq!(field("panic: runtime error", "err"), None);
    }
}
