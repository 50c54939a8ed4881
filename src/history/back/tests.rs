use super::*;
use crate::history::{Constraint, KeptText, Verb};

fn location() -> Location {
    Location { secret: "values".into(), key: "values.yaml".into() }
}

fn write(revision: u32, before: &str, after: &str) -> Record {
    let text = KeptText { location: location(), before: before.into(), after: after.into() };
    Record { texts: vec![text], ..Record::of_nothing(revision, Verb::HubInit) }
}

fn back(records: &[Record], now: &str) -> Result<Back, Box<Conflict>> {
    let texts = BTreeMap::from([(location(), now.to_owned())]);
    way_back(records, &texts, "2.43.0", &BTreeMap::new())
}

fn text(back: &Back) -> Option<&str> {
    back.texts.get(&location()).map(String::as_str)
}

#[test]
fn untouched_texts_come_back_byte_for_byte() {
    let records = [write(1, "a\r\n\n# x", "a\r\nb\n# x"), write(2, "a\r\nb\n# x", "c")];
    let back = back(&records, "c").expect("a way back");
    assert_eq!(text(&back), Some("a\r\n\n# x"));
    assert!(back.others.is_empty() && back.gaps.is_empty());
}

#[test]
fn what_others_changed_meanwhile_stays() {
    let records = [write(1, "a\n\nb\n\nc\n", "A\n\nb\n\nc\n"), write(2, "A\n\nb\n\nC\n", "A\n\nB\n\nC\n")];
    let back = back(&records, "A\n\nB\n\nC\n# more\n").expect("a way back");
    assert_eq!(text(&back), Some("a\n\nb\n\nC\n# more\n"));
    assert_eq!(back.others, BTreeMap::from([(location(), "A\n\nB\n\nC\n".to_owned())]));
}

#[test]
fn lines_that_both_changed_are_a_conflict() {
    let conflict = back(&[write(4, "a\nb\n", "a\nB\n")], "a\nmine\n").expect_err("a conflict");
    assert_eq!(conflict.revision, 4);
    assert!(conflict.text.contains("mine") && conflict.text.contains("B\n"));
}

#[test]
fn a_write_that_never_happened_goes_back_to_nothing() {
    let back = back(&[write(1, "a\n", "b\n")], "a\n").expect("a way back");
    assert_eq!(text(&back), None);
}

#[test]
fn revisions_that_are_gone_are_crossed_and_named() {
    let records = [write(1, "a\n", "b\n"), write(5, "e\n", "f\n")];
    let back = back(&records, "f\n").expect("a way back");
    assert_eq!((text(&back), &back.gaps[..]), (Some("a\n"), &[(2, 4)][..]));
}

#[test]
fn a_version_goes_back_unless_somebody_moved_it_since() {
    let mut record = write(1, "a\n", "b\n");
    record.constraint = Some(Constraint { before: "2.37.0".into(), after: "2.43.0".into() });
    assert_eq!(back(&[record.clone()], "b\n").expect("a way").constraint.as_deref(), Some("2.37.0"));
    record.constraint = Some(Constraint { before: "2.37.0".into(), after: "2.53.4".into() });
    assert_eq!(back(&[record], "b\n").expect("a way").constraint, None);
}

#[test]
fn a_note_goes_back_to_what_it_was_or_away() {
    let mut record = write(1, "a\n", "b\n");
    record.notes = vec![Note { key: "k".into(), before: None, after: Some("new".into()) }];
    let texts = BTreeMap::from([(location(), "b\n".to_owned())]);
    let annotations = BTreeMap::from([("k".to_owned(), "new".to_owned())]);
    let back = way_back(&[record.clone()], &texts, "", &annotations).expect("a way back");
    assert_eq!(back.notes, [Note { key: "k".into(), before: Some("new".into()), after: None }]);
    let changed = BTreeMap::from([("k".to_owned(), "theirs".to_owned())]);
    assert_eq!(way_back(&[record], &texts, "", &changed).expect("a way back").notes, []);
}
