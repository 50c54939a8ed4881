//! What a mistyped name was probably meant to be.

/// The known name that is nearest, if it is near enough to be a slip of the keyboard.
pub fn nearest<'a>(typed: &str, known: &[&'a str]) -> Option<&'a str> {
    let contained = |name: &&&str| !typed.is_empty() && name.contains(typed);
    let near = known.iter().map(|name| (distance(typed, name), *name)).min();
    match near {
        Some((distance, name)) if distance <= (typed.chars().count() / 3).max(1) => Some(name),
        _ => {
            let mut inside = known.iter().filter(contained);
            let only = inside.next().copied();
            only.filter(|_| inside.next().is_none())
        }
    }
}

/// Letters to insert, remove, replace, or swap with their neighbour to get from one to the other.
fn distance(from: &str, to: &str) -> usize {
    let (from, to): (Vec<char>, Vec<char>) = (from.chars().collect(), to.chars().collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=to.len()).collect()];
    for (above, letter) in from.iter().enumerate() {
        let mut row = vec![above + 1];
        for (left, other) in to.iter().enumerate() {
            let replaced = rows[above][left] + usize::from(letter != other);
            let mut least = replaced.min(rows[above][left + 1] + 1).min(row[left] + 1);
            let swapped = above > 0 && left > 0 && from[above - 1] == *other && to[left - 1] == *letter;
            if swapped {
                least = least.min(rows[above - 1][left - 1] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[from.len()][to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_its_name() {
        assert_eq!(nearest("admin@egde", &["admin@hub", "admin@edge"]), Some("admin@edge"));
        assert_eq!(nearest("hbu", &["edge", "hub"]), Some("hub"));
    }

    #[test]
    fn a_part_of_one_name_only_is_that_name() {
        assert_eq!(
            nearest("hub", &["kubernetes-admin@hub", "kubernetes-admin@edge"]),
            Some("kubernetes-admin@hub")
        );
    }

    #[test]
    fn a_part_of_several_names_is_none_of_them() {
        assert_eq!(nearest("admin", &["kubernetes-admin@hub", "kubernetes-admin@edge"]), None);
    }

    #[test]
    fn something_else_is_nothing() {
        assert_eq!(nearest("production", &["lab"]), None);
    }
}
