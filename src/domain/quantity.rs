//! An amount of storage.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use super::Invalid;

/// A Kubernetes quantity of bytes as it was written: `1Gi`, `500M`, `1073741824`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Quantity(String);

impl Quantity {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// How many bytes it is.
    pub fn bytes(&self) -> f64 {
        let unit = self.0.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        let number: f64 = self.0[..self.0.len() - unit.len()].parse().unwrap_or_default();
        let (base, prefix) = match unit.strip_suffix('i') {
            Some(prefix) => (1024.0_f64, prefix),
            None => (1000.0, unit),
        };
        let power =
            ["", "k", "M", "G", "T", "P", "E"].iter().position(|one| one.eq_ignore_ascii_case(prefix));
        (0..power.unwrap_or_default()).fold(number, |bytes, _| bytes * base)
    }
}

/// A size of whole gibibytes that has room for so many bytes.
pub fn gibibytes(bytes: f64) -> Quantity {
    let whole = (bytes / 1024.0_f64.powi(3)).ceil().max(1.0);
    Quantity(format!("{whole:.0}Gi"))
}

impl FromStr for Quantity {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let unit = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        let number = &text[..text.len() - unit.len()];
        let is_number = number.parse::<f64>().is_ok_and(|number| number > 0.0);
        let is_unit =
            matches!(unit, "" | "k" | "M" | "G" | "T" | "P" | "E" | "Ki" | "Mi" | "Gi" | "Ti" | "Pi" | "Ei");
        if is_number && is_unit {
            return Ok(Self(text.to_owned()));
        }
        Err(Invalid::because("a storage size is a number with a Kubernetes unit, like 1Gi or 500M"))
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_is_a_power_of_ten_or_of_two() {
        let bytes = |text: &str| text.parse::<Quantity>().map(|quantity| quantity.bytes());
        for (text, number) in
            [("100", 100.0), ("2k", 2000.0), ("1Ki", 1024.0), ("1.5M", 1.5e6), ("2Gi", 2_147_483_648.0)]
        {
            assert_eq!(bytes(text), Ok(number), "{text}");
        }
    }

    #[test]
    fn kubernetes_units_are_known_and_others_are_not() {
        assert!(["1Gi", "500M", "1.5Ti", "1073741824"].iter().all(|text| text.parse::<Quantity>().is_ok()));
        assert!(
            ["", "Gi", "1GB", "-1Gi", "0Gi", "1 Gi", "1.2.3Gi"]
                .iter()
                .all(|text| text.parse::<Quantity>().is_err())
        );
    }
}
