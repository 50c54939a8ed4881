//! What others said, without the credentials in it.
//!
//! Values, configurations and what servers say of them come with credentials. Diffs hide those by their place; here is
//! the same for single words and sentences: flags, URLs, labels, the causes of errors.

use crate::error::Error;
pub use crate::plan::hidden;

/// The error with every credential masked.
pub fn hidden_error(error: &Error) -> Error {
    let all = |texts: &[String]| texts.iter().map(|text| hidden(text)).collect();
    Error {
        kind: error.kind,
        what: hidden(&error.what),
        causes: all(&error.causes),
        hints: all(&error.hints),
        denied: error.denied.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ytt_and_prometheus_quote_of_values_is_hidden() {
        let ytt = "ytt: Error: Overlaying data values (in following order: defaults):\n  One or more data values were invalid\n  ====\n    values.yaml:\n     |\n   2 |   password: x7Qx9\n     |\n     = found: unexpected key";
        assert!(
            !hidden(ytt).contains("x7Qx9") && hidden(ytt).contains("= found: unexpected key"),
            "{}",
            hidden(ytt)
        );
        let prometheus =
            r#"msg="Error loading config" err="parse \"http://me:x7Qx9@[::1\": missing ']' in host""#;
        assert!(!hidden(prometheus).contains("x7Qx9"), "{}", hidden(prometheus));
    }

    #[test]
    fn hints_and_causes_without_credentials_are_as_they_were() {
        let error = Error::failed("cannot get secrets \"values\" in namespace \"a\" of context \"b\"")
            .because("unauthorized: the token of the kubeconfig has expired")
            .hint("log in again, or name other credentials with --user or --token")
            .hint("kubectl promfed agent join --hub-url https://hub.test/api/v1/write --password-file FILE");
        assert_eq!(hidden_error(&error), error);
    }
}
