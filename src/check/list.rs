//! All checks, in the order in which one thing causes the next.

use std::sync::LazyLock;

use super::check::Check;
use super::{capacity, connection, delivery, flags, label, package, safety, time};

static ALL: LazyLock<Vec<&'static Check>> = LazyLock::new(|| {
    let folders: [&[&'static Check]; 8] = [
        connection::CHECKS,
        package::CHECKS,
        flags::CHECKS,
        label::CHECKS,
        delivery::CHECKS,
        time::CHECKS,
        capacity::CHECKS,
        safety::CHECKS,
    ];
    folders.concat()
});

/// All checks, in causal order.
pub fn all() -> &'static [&'static Check] {
    &ALL
}

/// The check of a code.
pub fn by_code(code: &str) -> Option<&'static Check> {
    all().iter().find(|check| check.code.eq_ignore_ascii_case(code)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn codes_are_unique_and_tell_the_category() {
        let codes: BTreeSet<_> = all().iter().map(|check| check.code).collect();
        assert_eq!(codes.len(), all().len());
        for check in all() {
            let digit = check.code.strip_prefix("PF").and_then(|number| number.chars().next());
            assert_eq!(digit, char::from_digit(check.category as u32, 10), "{}", check.code);
            assert_eq!(check.code.len(), 5, "{}", check.code);
        }
    }

    #[test]
    fn what_explains_a_check_is_judged_before_it() {
        for (at, check) in all().iter().enumerate() {
            for cause in check.after {
                let before = all()[..at].iter().any(|other| other.code == *cause);
                let is_of_the_hub =
                    by_code(cause).is_some_and(|other| other.subject == super::super::Subject::Hub);
                assert!(before || is_of_the_hub, "{} comes after {cause}", check.code);
            }
        }
    }

    #[test]
    fn every_page_says_everything() {
        for check in all() {
            let page = check.page;
            for text in [page.symptom, page.cause, page.detected, page.fix, page.versions] {
                assert!(!text.is_empty(), "{}", check.code);
            }
        }
    }
}
