//! Which contexts of the kubeconfig are meant: all, or names and patterns.

use regex::Regex;

/// Which contexts of the kubeconfig a command is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Every one.
    All,
    /// These, in this order. In a pattern `*` stands for any letters and `?` for one.
    Named(Vec<String>),
}

/// Whether a name was meant by itself, or found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meant {
    ByName,
    Found,
}

impl Choice {
    /// The contexts that are meant, each once. A pattern that finds none is the error, as is a name of none.
    pub(super) fn among(&self, known: &[String]) -> Result<Vec<(String, Meant)>, String> {
        let mut chosen: Vec<(String, Meant)> = Vec::new();
        let mut choose = |name: &str, meant| {
            if !chosen.iter().any(|(there, _)| there == name) {
                chosen.push((name.to_owned(), meant));
            }
        };
        match self {
            Self::All => known.iter().for_each(|name| choose(name, Meant::Found)),
            Self::Named(words) => {
                for word in words {
                    let pattern = pattern(word).filter(|_| !known.contains(word));
                    let Some(pattern) = pattern else {
                        choose(word, Meant::ByName);
                        continue;
                    };
                    let mut found = known.iter().filter(|name| pattern.is_match(name)).peekable();
                    if found.peek().is_none() {
                        return Err(word.clone());
                    }
                    found.for_each(|name| choose(name, Meant::Found));
                }
            }
        }
        Ok(chosen)
    }
}

/// `None` for what is a name and nothing else.
fn pattern(word: &str) -> Option<Regex> {
    if !word.contains(['*', '?']) {
        return None;
    }
    let literal = regex::escape(word).replace(r"\*", ".*").replace(r"\?", ".");
    Regex::new(&format!("^(?s:{literal})$")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(words: &[&str]) -> Result<Vec<String>, String> {
        let known = ["hub", "edge-1", "edge-2", "lab.x", "odd*"].map(str::to_owned);
        let choice = Choice::Named(words.iter().map(|word| (*word).to_owned()).collect());
        choice.among(&known).map(|all| all.into_iter().map(|(name, _)| name).collect())
    }

    #[test]
    fn names_and_patterns_are_told_apart_and_nothing_comes_twice() {
        assert_eq!(chosen(&["edge-2", "hub", "edge-*"]).unwrap(), ["edge-2", "hub", "edge-1"]);
        assert_eq!(chosen(&["edge-?"]).unwrap(), ["edge-1", "edge-2"]);
        assert_eq!(chosen(&["*.x"]).unwrap(), ["lab.x"]);
    }

    #[test]
    fn a_name_that_looks_like_a_pattern_is_a_name() {
        assert_eq!(chosen(&["odd*"]).unwrap(), ["odd*"]);
    }

    #[test]
    fn a_pattern_that_finds_nothing_is_told_and_a_name_is_left_to_its_reader() {
        assert_eq!(chosen(&["hub", "prod-*"]).unwrap_err(), "prod-*");
        assert_eq!(chosen(&["nowhere"]).unwrap(), ["nowhere"]);
    }
}
