//! What a word without quotes stands for. ytt's YAML is of version 1.1, as Go programs read it: `yes` and `on` are
//! booleans, `010` is eight, `1_000` is a thousand, and a date is a string.

use serde_json::{Number, Value};

/// The value of a plain scalar.
pub(super) fn resolve(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            return Value::Bool(true);
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            return Value::Bool(false);
        }
        _ => {}
    }
    number(text).map_or_else(|| Value::String(text.to_owned()), Value::Number)
}

fn number(text: &str) -> Option<Number> {
    if !text.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '+' | '-' | '.')) {
        return None;
    }
    let text = text.replace('_', "");
    integer(&text).or_else(|| float(&text))
}

fn integer(text: &str) -> Option<Number> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let prefix = digits.get(..2).unwrap_or_default().to_ascii_lowercase();
    let (radix, digits) = match prefix.as_str() {
        "0x" => (16, &digits[2..]),
        "0o" => (8, &digits[2..]),
        "0b" => (2, &digits[2..]),
        _ if digits.len() > 1 && digits.starts_with('0') => (8, &digits[1..]),
        _ => (10, digits),
    };
    if !digits.starts_with(|first: char| first.is_digit(radix)) {
        return None;
    }
    if negative {
        i64::from_str_radix(&format!("-{digits}"), radix).ok().map(Number::from)
    } else {
        u64::from_str_radix(digits, radix).ok().map(Number::from)
    }
}

fn float(text: &str) -> Option<Number> {
    let may_be = text.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'e' | 'E'));
    text.parse().ok().filter(|_| may_be).and_then(Number::from_f64)
}

/// A float without a fraction is printed without one, and whoever reads it next sees an integer.
pub(super) fn printed(value: Value) -> Value {
    /// The size from which on a float is printed with an exponent.
    const LONG: f64 = 1e6;
    match value.as_f64() {
        Some(float) if value.is_f64() && float.fract() == 0.0 && float.abs() < LONG => {
            format!("{float:.0}").parse::<i64>().map_or(value, Value::from)
        }
        _ => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn words_are_read_as_yaml_1_1() {
        for (text, value) in [
            ("", json!(null)),
            ("~", json!(null)),
            ("yes", json!(true)),
            ("Off", json!(false)),
            ("yEs", json!("yEs")),
            ("0", json!(0)),
            ("010", json!(8)),
            ("08", json!(8.0)),
            ("0o17", json!(15)),
            ("0x1F", json!(31)),
            ("0b11", json!(3)),
            ("+5", json!(5)),
            ("-5", json!(-5)),
            ("1_000", json!(1000)),
            ("18446744073709551615", json!(u64::MAX)),
            ("1.5", json!(1.5)),
            (".5", json!(0.5)),
            ("12e-3", json!(0.012)),
            ("2020-01-01", json!("2020-01-01")),
            ("12:30:45", json!("12:30:45")),
            ("+-5", json!("+-5")),
            ("-", json!("-")),
            ("infinity", json!("infinity")),
            ("150Gi", json!("150Gi")),
        ] {
            assert_eq!(resolve(text), value, "{text:?}");
        }
    }

    #[test]
    fn a_whole_float_is_printed_as_an_integer() {
        assert_eq!(printed(json!(2.0)), json!(2));
        assert_eq!(printed(json!(2.5)), json!(2.5));
        assert_eq!(printed(json!(1e30)), json!(1e30));
        assert_eq!(printed(json!("2.0")), json!("2.0"));
    }
}
