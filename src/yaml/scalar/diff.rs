//! Which lines stay, and which are new.

use std::collections::HashMap;

use similar::{Algorithm, DiffOp, capture_diff_slices};

/// Lines compared at most, one with another; beyond, what differs is replaced as a whole.
const MOST_COMPARED: usize = 50_000_000;

/// The way from the old lines to the new ones. Old lines that are not kept are gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change<'n> {
    Keep(usize),
    Insert(&'n str),
}

/// A shortest way, in time that grows with the size of the difference and not with the square of the text's.
pub(super) fn changes<'n>(old: &[&str], new: &[&'n str]) -> Vec<Change<'n>> {
    let head = old.iter().zip(new).take_while(|(old, new)| old == new).count();
    let pairs = old[head..].iter().rev().zip(new[head..].iter().rev());
    let tail = pairs.take_while(|(old, new)| old == new).count();
    let (old_end, new_end) = (old.len() - tail, new.len() - tail);
    let mut all: Vec<_> = (0..head).map(Change::Keep).collect();
    let (middle, wanted) = (&old[head..old_end], &new[head..new_end]);
    if (middle.len() + wanted.len()).saturating_mul(least_difference(middle, wanted)) > MOST_COMPARED {
        all.extend(wanted.iter().map(|line| Change::Insert(line)));
    } else {
        for op in capture_diff_slices(Algorithm::Myers, middle, wanted) {
            match op {
                DiffOp::Equal { old_index, len, .. } => {
                    all.extend((0..len).map(|offset| Change::Keep(head + old_index + offset)));
                }
                DiffOp::Delete { .. } => {}
                DiffOp::Insert { new_index, new_len, .. } | DiffOp::Replace { new_index, new_len, .. } => {
                    all.extend(
                        wanted[new_index..new_index + new_len].iter().map(|line| Change::Insert(line)),
                    );
                }
            }
        }
    }
    all.extend((old_end..old.len()).map(Change::Keep));
    all
}

/// No way is shorter than the number of lines that only one side has.
fn least_difference(old: &[&str], new: &[&str]) -> usize {
    let mut counts: HashMap<&str, i64> = HashMap::new();
    for line in old {
        *counts.entry(line).or_default() += 1;
    }
    for line in new {
        *counts.entry(line).or_default() -= 1;
    }
    counts
        .values()
        .fold(0, |sum, count| sum + usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX / 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_the_same_is_kept() {
        let way = changes(&["a", "b", "c"], &["a", "x", "c", "d"]);
        assert_eq!(way, [Change::Keep(0), Change::Insert("x"), Change::Keep(2), Change::Insert("d")]);
    }

    #[test]
    fn texts_that_have_little_in_common_are_not_searched_for_it() {
        let old: Vec<_> = (0..50_000).map(|line| format!("old {line}")).collect();
        let new: Vec<_> = (0..50_000).map(|line| format!("new {line}")).collect();
        let (old, new): (Vec<_>, Vec<_>) =
            (old.iter().map(String::as_str).collect(), new.iter().map(String::as_str).collect());
        assert!(changes(&old, &new).iter().all(|change| matches!(change, Change::Insert(_))));
    }
}
