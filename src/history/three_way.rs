//! A text that two have changed since both knew it.

/// What comes of two changes to one text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ThreeWay {
    /// Both changes are in it.
    Clean(String),
    /// They meet in the same lines: the text with both, between marks.
    Conflict(String),
}

/// Brings the change from `base` to `ours` into `theirs`, line by line.
pub fn merge(base: &str, theirs: &str, ours: &str) -> ThreeWay {
    if theirs == base || theirs == ours {
        return ThreeWay::Clean(ours.to_owned());
    }
    if ours == base {
        return ThreeWay::Clean(theirs.to_owned());
    }
    match diffy::merge(base, theirs, ours) {
        Ok(text) => ThreeWay::Clean(text),
        Err(text) => ThreeWay::Conflict(named(&text)),
    }
}

/// The marks say whose lines follow, in words of this tool.
fn named(text: &str) -> String {
    let line = |line: &str| match line.get(..7) {
        Some("<<<<<<<") => "<<<<<<< now\n".to_owned(),
        Some("|||||||") => "||||||| as promfed wrote it\n".to_owned(),
        Some(">>>>>>>") => ">>>>>>> before that\n".to_owned(),
        _ => line.to_owned(),
    };
    text.split_inclusive('\n').map(line).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn changes_apart_are_both_kept() {
        let merged = merge("a\nb\nc\nd\ne\n", "a\nb\nc\nd\nE\n", "A\nb\nc\nd\ne\n");
        assert_eq!(merged, ThreeWay::Clean("A\nb\nc\nd\nE\n".into()));
    }

    #[test]
    fn changes_that_meet_are_shown() {
        let ThreeWay::Conflict(text) = merge("a\nb\nc\n", "a\ntheirs\nc\n", "a\nours\nc\n") else {
            panic!("a conflict")
        };
        insta::assert_snapshot!(text, @r"
        a
        <<<<<<< now
        theirs
        ||||||| as promfed wrote it
        b
        =======
        ours
        >>>>>>> before that
        c
        ");
    }

    proptest! {
        #[test]
        fn who_changed_nothing_has_no_say(base in "[abc\r\n]{0,20}", other in "[abc\r\n]{0,20}") {
            prop_assert_eq!(merge(&base, &base, &other), ThreeWay::Clean(other.clone()));
            prop_assert_eq!(merge(&base, &other, &base), ThreeWay::Clean(other));
        }
    }
}
