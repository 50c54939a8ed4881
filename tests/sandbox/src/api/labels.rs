//! Label selectors: `a=b,c!=d,e in (f,g),h notin (i),j,!k,l>3`.

use std::cmp::Ordering;
use std::iter::Peekable;
use std::vec::IntoIter;

use serde_json::Value;

use super::status::Failure;

/// One requirement on labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Requirement {
    In(String, Vec<String>),
    NotIn(String, Vec<String>),
    Exists(String),
    Missing(String),
    /// The value is a number that is greater or less than another.
    Than(String, Ordering, i64),
}

impl Requirement {
    pub(super) fn holds(&self, labels: &Value) -> bool {
        let value = |key: &str| labels.get(key).and_then(Value::as_str);
        match self {
            Self::In(key, values) => value(key).is_some_and(|value| values.iter().any(|v| v == value)),
            Self::NotIn(key, values) => !value(key).is_some_and(|value| values.iter().any(|v| v == value)),
            Self::Exists(key) => value(key).is_some(),
            Self::Missing(key) => value(key).is_none(),
            Self::Than(key, order, limit) => {
                let number = value(key).and_then(|value| value.parse::<i64>().ok());
                number.is_some_and(|number| number.cmp(limit) == *order)
            }
        }
    }
}

/// Reads a selector.
pub(super) fn parse(text: &str) -> Result<Vec<Requirement>, Failure> {
    let mut words = Words(split(text).into_iter().peekable());
    words.all().map_err(|why| Failure::bad_request(format!("unable to parse requirement: {why}")))
}

const SIGNS: &str = "=!(),<>";

/// The signs and the words of a selector.
fn split(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let mut rest = text.chars().peekable();
    while let Some(letter) = rest.next() {
        if !letter.is_whitespace() && !SIGNS.contains(letter) {
            word.push(letter);
            continue;
        }
        if !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if letter.is_whitespace() {
            continue;
        }
        let double = "=!".contains(letter) && rest.next_if_eq(&'=').is_some();
        words.push(if double { format!("{letter}=") } else { letter.to_string() });
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

struct Words(Peekable<IntoIter<String>>);

impl Words {
    fn all(&mut self) -> Result<Vec<Requirement>, String> {
        let mut all = Vec::new();
        if self.0.peek().is_none() {
            return Ok(all);
        }
        loop {
            all.push(self.requirement()?);
            match self.0.next().as_deref() {
                None => return Ok(all),
                Some(",") => {}
                Some(other) => return Err(format!("found '{other}', expected: ',' or 'end of string'")),
            }
        }
    }

    fn requirement(&mut self) -> Result<Requirement, String> {
        if self.0.next_if(|word| word == "!").is_some() {
            return self.word().map(Requirement::Missing);
        }
        let key = self.word()?;
        if self.ends() {
            return Ok(Requirement::Exists(key));
        }
        let sign = self.0.next().unwrap_or_default();
        Ok(match sign.as_str() {
            "=" | "==" => Requirement::In(key, vec![self.value()?]),
            "!=" => Requirement::NotIn(key, vec![self.value()?]),
            "in" => Requirement::In(key, self.values()?),
            "notin" => Requirement::NotIn(key, self.values()?),
            ">" | "<" => {
                let order = if sign == ">" { Ordering::Greater } else { Ordering::Less };
                let limit = self.value()?;
                let number = limit.parse();
                Requirement::Than(key, order, number.map_err(|_| format!("{limit:?} is no integer"))?)
            }
            other => return Err(format!("found '{other}', expected: in, notin, =, ==, !=, gt, lt")),
        })
    }

    /// Whether the requirement is over.
    fn ends(&mut self) -> bool {
        self.0.peek().is_none_or(|word| word == ",")
    }

    fn word(&mut self) -> Result<String, String> {
        match self.0.next() {
            Some(word) if !word.chars().all(|letter| SIGNS.contains(letter)) => Ok(word),
            other => Err(format!("found '{}', expected: identifier", other.unwrap_or_default())),
        }
    }

    /// A value, which may be empty.
    fn value(&mut self) -> Result<String, String> {
        if self.ends() { Ok(String::new()) } else { self.word() }
    }

    fn values(&mut self) -> Result<Vec<String>, String> {
        match self.0.next().as_deref() {
            Some("(") => {}
            other => return Err(format!("found '{}', expected: '('", other.unwrap_or_default())),
        }
        let mut values = Vec::new();
        loop {
            values.push(self.word()?);
            match self.0.next().as_deref() {
                Some(")") => return Ok(values),
                Some(",") => {}
                other => return Err(format!("found '{}', expected: ',' or ')'", other.unwrap_or_default())),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn label(text: &str) -> bool {
        let object = json!({"app": "prometheus", "tier": "1"});
        parse(text).unwrap().iter().all(|requirement| requirement.holds(&object))
    }

    #[test]
    fn label_selectors() {
        assert!(label(""));
        assert!(label("app=prometheus,tier==1"));
        assert!(label("app in (a, prometheus),tier notin (2),!x,tier,x!=1"));
        assert!(label("tier>0,tier<2"));
        assert!(!label("app notin (prometheus)"));
        assert!(!label("!app"));
        assert!(!label("app="));
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        let why = |text: &str| parse(text).unwrap_err().status()["message"].clone();
        assert_eq!(
            why("a b"),
            "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"
        );
        assert_eq!(why("a==="), "unable to parse requirement: found '=', expected: identifier");
        assert_eq!(why("a in b"), "unable to parse requirement: found 'b', expected: '('");
    }
}
