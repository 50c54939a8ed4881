//! Bodies in protobuf: what kubectl sends when it creates objects of built-in kinds by its own commands
//! (`kubectl create namespace`, `kubectl auth can-i`). Answers are always JSON, which every client takes.
//!
//! `messages` names the fields of the few messages that kubectl sends; a field that is not named there is refused,
//! so that nothing is lost silently.

mod messages;
mod wire;

use serde_json::{Value, json};

use super::status::Failure;
use messages::Form;
use wire::{Reader, Wire};

/// What every body begins with.
const MAGIC: &[u8] = b"k8s\0";

/// Reads an object from its envelope.
pub(super) fn object(bytes: &[u8]) -> Result<Value, Failure> {
    let body =
        bytes.strip_prefix(MAGIC).ok_or_else(|| bad("it does not begin as Kubernetes protobuf does"))?;
    let (mut version, mut kind, mut raw) = (String::new(), String::new(), &[][..]);
    for field in Reader(body) {
        match field.map_err(bad)? {
            (1, Wire::Bytes(meta)) => {
                for part in Reader(meta) {
                    match part.map_err(bad)? {
                        (1, Wire::Bytes(text)) => version = text_of(text)?,
                        (2, Wire::Bytes(text)) => kind = text_of(text)?,
                        _ => {}
                    }
                }
            }
            (2, Wire::Bytes(bytes)) => raw = bytes,
            _ => {}
        }
    }
    let fields = messages::of(&kind).ok_or_else(|| bad(&format!("kind {kind} is only read as JSON here")))?;
    let mut object = message(fields, raw)?;
    object["apiVersion"] = json!(version);
    object["kind"] = json!(kind);
    Ok(object)
}

fn message(fields: &[messages::Field], bytes: &[u8]) -> Result<Value, Failure> {
    let mut object = json!({});
    for field in Reader(bytes) {
        let (number, wire) = field.map_err(bad)?;
        let Some((_, name, form)) = fields.iter().find(|(known, _, _)| *known == number) else {
            return Err(bad(&format!(
                "field {number} next to {:?} is not known here",
                fields.first().map(|f| f.1)
            )));
        };
        match form {
            Form::Skipped => {}
            Form::Each(inner) => {
                if object[*name].is_null() {
                    object[*name] = json!([]);
                }
                let value = value(inner, &wire)?;
                if let Some(items) = object[*name].as_array_mut() {
                    items.push(value);
                }
            }
            Form::Map(inner) => {
                let Wire::Bytes(entry) = wire else { return Err(bad("a map has no entries")) };
                let (mut key, mut entry_value) = (String::new(), json!(""));
                for part in Reader(entry) {
                    match part.map_err(bad)? {
                        (1, Wire::Bytes(text)) => key = text_of(text)?,
                        (2, wire) => entry_value = value(inner, &wire)?,
                        _ => {}
                    }
                }
                object[*name][key] = entry_value;
            }
            Form::Kept(inner) => object[*name] = value(inner, &wire)?,
            single => {
                // Plain fields are on the wire even when they are not set.
                let value = value(single, &wire)?;
                let nothing = [json!(""), json!(0), json!(false), json!({}), Value::Null];
                if *name == "metadata" || !nothing.contains(&value) {
                    object[*name] = value;
                }
            }
        }
    }
    Ok(object)
}

fn value(form: &Form, wire: &Wire<'_>) -> Result<Value, Failure> {
    use base64::Engine as _;
    Ok(match (form, wire) {
        (Form::Text, Wire::Bytes(bytes)) => json!(text_of(bytes)?),
        (Form::Binary, Wire::Bytes(bytes)) => json!(base64::engine::general_purpose::STANDARD.encode(bytes)),
        (Form::Number, Wire::Number(number)) => json!(number.cast_signed()),
        (Form::Truth, Wire::Number(number)) => json!(*number != 0),
        (Form::Message(fields), Wire::Bytes(bytes)) => message(fields, bytes)?,
        (Form::Time, Wire::Bytes(bytes)) => time(bytes)?,
        (Form::NumberOrText, Wire::Bytes(bytes)) => number_or_text(bytes)?,
        _ => return Err(bad("a field has the wrong type")),
    })
}

fn time(bytes: &[u8]) -> Result<Value, Failure> {
    for part in Reader(bytes) {
        if let (1, Wire::Number(seconds)) = part.map_err(bad)? {
            let time =
                jiff::Timestamp::from_second(seconds.cast_signed()).map_err(|_| bad("a time is wrong"))?;
            return Ok(json!(time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()));
        }
    }
    Ok(Value::Null)
}

fn number_or_text(bytes: &[u8]) -> Result<Value, Failure> {
    let (mut is_text, mut number, mut text) = (false, json!(0), json!(""));
    for part in Reader(bytes) {
        match part.map_err(bad)? {
            (1, Wire::Number(form)) => is_text = form == 1,
            (2, Wire::Number(value)) => number = json!(value),
            (3, Wire::Bytes(value)) => text = json!(text_of(value)?),
            _ => {}
        }
    }
    Ok(if is_text { text } else { number })
}

fn text_of(bytes: &[u8]) -> Result<String, Failure> {
    String::from_utf8(bytes.to_vec()).map_err(|_| bad("a text is not UTF-8"))
}

fn bad(why: &str) -> Failure {
    Failure::bad_request(format!("the protobuf body cannot be read: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
        let mut all = vec![number << 3 | 2, u8::try_from(bytes.len()).unwrap()];
        all.extend_from_slice(bytes);
        all
    }

    fn body(kind: &str, raw: &[u8]) -> Vec<u8> {
        let meta = [field(1, b"v1"), field(2, kind.as_bytes())].concat();
        [MAGIC.to_vec(), field(1, &meta), field(2, raw), field(3, b"")].concat()
    }

    #[test]
    fn a_secret() {
        let entry = [field(1, b"k"), field(2, b"v")].concat();
        let raw =
            [field(1, &[field(1, b"s"), field(2, b"")].concat()), field(2, &entry), field(3, b"Opaque")];
        let secret = object(&body("Secret", &raw.concat())).unwrap();
        let expected = json!({"metadata": {"name": "s"}, "data": {"k": "dg=="}, "type": "Opaque",
            "apiVersion": "v1", "kind": "Secret"});
        assert_eq!(secret, expected);
    }

    #[test]
    fn what_is_not_known_is_refused() {
        assert!(object(&body("Secret", &field(15, b"x"))).is_err());
        assert!(object(&body("Job", b"")).is_err());
        assert!(object(b"k8s\0\x0a\xff").is_err());
        assert!(object(b"{}").is_err());
    }
}
