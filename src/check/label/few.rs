//! A list of names that stays one line.

/// How many are told.
const FEW: usize = 5;

/// The first five of the names, and how many more there are.
pub(in crate::check) fn few<T: AsRef<str>>(names: &[T]) -> String {
    let told: Vec<_> = names.iter().take(FEW).map(AsRef::as_ref).collect();
    let told = told.join(", ");
    match names.len().saturating_sub(FEW) {
        0 => told,
        more => format!("{told} and {more} more"),
    }
}

#[test]
fn five_are_told() {
    assert_eq!(few(&["a", "b"]), "a, b");
    assert_eq!(few(&["a", "b", "c", "d", "e", "f", "g"]), "a, b, c, d, e and 2 more");
}
