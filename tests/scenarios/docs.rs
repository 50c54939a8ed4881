//! What the documents say is what the program says.
//!
//! `PROMFED_DOCS=write` writes them instead of comparing.

use promfed::report::checks_page;

#[test]
fn the_page_of_checks_has_every_check() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/checks.md");
    if std::env::var("PROMFED_DOCS").is_ok_and(|wish| wish == "write") {
        std::fs::write(path, checks_page()).expect("docs/checks.md");
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        written == checks_page(),
        "docs/checks.md is not what `explain` says: PROMFED_DOCS=write writes it"
    );
}
