//! Certificates in PEM, one behind the other.

const END: &str = "-----END CERTIFICATE-----";
const BEGIN: &str = "-----BEGIN CERTIFICATE-----";

/// The certificates of a text, each from its first line to its last. What stands between them is left out.
pub fn blocks(pem: &str) -> impl Iterator<Item = &str> {
    pem.split_inclusive(END)
        .filter_map(|part| Some(&part[part.find(BEGIN)?..]))
        .filter(|block| block.ends_with(END))
}

/// The certificates of both, each once, the first text's first.
pub fn merged(first: &str, second: &str) -> String {
    let mut seen: Vec<String> = blocks(first).map(bare).collect();
    let mut text = first.to_owned();
    for block in blocks(second) {
        let bare = bare(block);
        if !seen.contains(&bare) {
            if !text.is_empty() && !text.ends_with('\n') {
                text.push('\n');
            }
            text.push_str(block);
            text.push('\n');
            seen.push(bare);
        }
    }
    text
}

/// The same certificate may be broken into lines otherwise.
fn bare(block: &str) -> String {
    block.chars().filter(|c| !c.is_whitespace()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pem(body: &str) -> String {
        format!("{BEGIN}\n{body}\n{END}\n")
    }

    #[test]
    fn each_certificate_is_there_once() {
        let both = format!("subject=one\n{}{}", pem("A"), pem("B"));
        assert_eq!(merged(&pem("A"), &both), format!("{}{}", pem("A"), pem("B")));
        assert_eq!(merged(&both, &pem("A\n")), both);
        assert_eq!(merged("", &pem("A")), pem("A"));
    }

    #[test]
    fn what_is_no_certificate_is_left_out() {
        assert_eq!(blocks("-----BEGIN CERTIFICATE-----\nA\n").count(), 0);
        assert_eq!(blocks(&format!("x{}y", pem("A"))).collect::<Vec<_>>(), [pem("A").trim_end()]);
    }
}
