//! Names that are made: hashes of templates and random endings, in the alphabet that Kubernetes uses for them.

use std::hash::{BuildHasher, RandomState};

use serde_json::Value;

/// No vowels and no look-alikes: nothing rude or ambiguous can come out.
const ALPHABET: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";

/// The hash of a pod template: the same for the same template, whatever the order of its fields.
pub(super) fn template_hash(template: &Value) -> String {
    // FNV-1a.
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut text = String::new();
    canonical(template, &mut text);
    for byte in text.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    letters(hash, 10)
}

/// A random ending of five letters.
pub(super) fn suffix() -> String {
    letters(RandomState::new().hash_one(0), 5)
}

fn letters(mut number: u64, count: usize) -> String {
    let mut text = String::with_capacity(count);
    for _ in 0..count {
        let index = usize::try_from(number % 27).unwrap_or_default();
        text.push(char::from(ALPHABET[index]));
        number /= 27;
    }
    text
}

fn canonical(value: &Value, text: &mut String) {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<(&String, &Value)> = fields.iter().collect();
            fields.sort_unstable_by_key(|(name, _)| *name);
            for (name, value) in fields {
                text.push_str(name);
                text.push('=');
                canonical(value, text);
                text.push(';');
            }
        }
        Value::Array(items) => {
            for item in items {
                text.push('-');
                canonical(item, text);
            }
        }
        scalar => text.push_str(&scalar.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_template_has_one_hash() {
        let hash = template_hash(&json!({"a": 1, "b": ["x"]}));
        assert_eq!(hash, template_hash(&json!({"b": ["x"], "a": 1})));
        assert_ne!(hash, template_hash(&json!({"a": 1, "b": ["y"]})));
        assert_eq!(hash.len(), 10);
    }

    #[test]
    fn endings_differ() {
        let ending = suffix();
        assert_eq!(ending.len(), 5);
        assert_ne!(ending, suffix());
    }
}
