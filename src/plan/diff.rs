//! A plan's texts as a unified diff.

use similar::{ChangeTag, TextDiff};

use super::step::TextChange;

/// Keys whose values are credentials wherever they stand in values or in a Prometheus configuration.
const CREDENTIALS: [&str; 7] =
    ["password", "credentials", "bearer_token", "client_secret", "secret_key", "access_key", "tls.key"];

/// The hunks that turn `before` into `after`, with two lines around each. Values of credentials are masked.
pub fn unified(change: &TextChange) -> String {
    let before = masked(&change.before);
    let after = masked(&change.after);
    let diff = TextDiff::from_lines(&before, &after);
    let mut text = format!("@@ {} @@\n", change.title);
    for (number, group) in diff.grouped_ops(2).iter().enumerate() {
        if number > 0 {
            text.push_str("...\n");
        }
        for line in group.iter().flat_map(|op| diff.iter_changes(op)) {
            text.push(match line.tag() {
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
                ChangeTag::Equal => ' ',
            });
            text.push_str(line.value().trim_end_matches(['\n', '\r']));
            text.push('\n');
        }
    }
    text
}

fn masked(text: &str) -> String {
    text.split_inclusive('\n').map(mask_line).collect()
}

fn mask_line(line: &str) -> String {
    let body = line.trim_start().trim_start_matches("- ");
    let key = body.split(':').next().unwrap_or_default().trim_matches(['"', '\'']);
    let value = body.split_once(':').map_or("", |(_, value)| value).trim();
    if value.is_empty() || !CREDENTIALS.contains(&key) {
        return line.to_owned();
    }
    line.replacen(value, "<masked>", 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changes_is_shown_and_no_credential() {
        let before = "a: 1\nb: 2\nc:\n  password: hunter2\nd: 3\n";
        let after = "a: 1\nb: 2\nc:\n  password: hunter2\nd: 4\n";
        let change = TextChange { title: "values.yaml".into(), before: before.into(), after: after.into() };
        assert_eq!(unified(&change), "@@ values.yaml @@\n c:\n   password: <masked>\n-d: 3\n+d: 4\n");
    }
}
