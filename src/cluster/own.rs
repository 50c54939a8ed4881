//! The credentials that requests carry, kept out of what is told of an answer: servers and proxies repeat them.

use http::{HeaderMap, HeaderValue};
use k8s_openapi::ByteString;
use kube::Config;
use secrecy::ExposeSecret as _;

use super::address::encoded;

const REDACTED: &str = "<redacted>";

/// What is shorter may be a word of any sentence.
const SHORTEST: usize = 4;

/// The credentials of one client, in the forms in which they come back.
pub(super) struct Own(Vec<String>);

impl Own {
    /// What a login plugin or a token file gives is not known here: reports hide that by its place.
    pub(super) fn of(config: &Config) -> Self {
        let user = &config.auth_info;
        let password = user.password.as_ref().map(|password| password.expose_secret().to_owned());
        let basic = password.as_deref().and_then(|password| {
            let name = user.username.as_deref().unwrap_or_default();
            base64(&format!("{name}:{password}"))
        });
        let proxy = config.proxy_url.as_ref().and_then(|url| user_of(url.authority()?.as_str()));
        let server = config.cluster_url.authority().and_then(|authority| user_of(authority.as_str()));
        let token = user.token.as_ref().map(|token| token.expose_secret().trim().to_owned());
        let provider = user.auth_provider.iter().flat_map(|provider| &provider.config);
        let provider = provider.filter(|(key, _)| key.ends_with("token") || key.ends_with("secret"));
        let all = [token, password, basic, proxy, server].into_iter().flatten();
        Self::new(all.chain(provider.map(|(_, value)| value.clone())))
    }

    fn new(all: impl Iterator<Item = String>) -> Self {
        let forms = |one: String| [Some(encoded(&one)), base64(&one), Some(one)].into_iter().flatten();
        let mut pieces: Vec<_> = all.flat_map(forms).filter(|piece| piece.len() >= SHORTEST).collect();
        // Longest first, so that no rest of a longer piece stays.
        pieces.sort_by_key(|piece| std::cmp::Reverse(piece.len()));
        Self(pieces)
    }

    /// The body without them. What is no text has none that could be shown.
    pub(super) fn without(&self, body: Vec<u8>) -> Vec<u8> {
        match String::from_utf8(body) {
            Ok(text) => self.hidden(text).into_bytes(),
            Err(binary) => binary.into_bytes(),
        }
    }

    /// The headers without them: where a redirect leads to is shown.
    pub(super) fn without_in(&self, headers: &mut HeaderMap) {
        for value in headers.values_mut() {
            let hidden = value.to_str().ok().map(|text| self.hidden(text.to_owned()));
            if let Some(hidden) = hidden.and_then(|text| HeaderValue::try_from(text).ok()) {
                *value = hidden;
            }
        }
    }

    fn hidden(&self, text: String) -> String {
        self.0.iter().fold(text, |text, piece| text.replace(piece, REDACTED))
    }
}

fn base64(text: &str) -> Option<String> {
    let value = serde_json::to_value(ByteString(text.as_bytes().to_vec())).ok()?;
    value.as_str().map(|text| text.trim_end_matches('=').to_owned())
}

/// The password of `user:password@host`, or the user where there is none.
fn user_of(authority: &str) -> Option<String> {
    let (user, _) = authority.rsplit_once('@')?;
    Some(user.split_once(':').map_or(user, |(_, password)| password).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(url: &'static str) -> Own {
        let mut config = Config::new(http::Uri::from_static(url));
        config.auth_info.username = Some("ann".into());
        config.auth_info.password = Some("pass/word".to_owned().into());
        config.auth_info.token = Some("a+token".to_owned().into());
        config.proxy_url = Some(http::Uri::from_static("http://me:gate-word@127.0.0.1:1"));
        Own::of(&config)
    }

    #[test]
    fn a_server_that_repeats_who_asks_is_not_quoted() {
        // "ann:pass/word", and "a+token" in a URL and in base64.
        let said =
            "Bearer a+token Basic YW5uOnBhc3Mvd29yZA== pass/word a%2Btoken YSt0b2tlbg gate-word url-word ann";
        let heard = own("https://me:url-word@10.0.0.9").without(said.into());
        assert_eq!(
            String::from_utf8_lossy(&heard),
            "Bearer <redacted> Basic <redacted>== <redacted> <redacted> <redacted> <redacted> <redacted> ann"
        );
    }

    #[test]
    fn a_redirect_tells_where_it_leads_and_not_who_asked() {
        let mut headers = HeaderMap::new();
        headers.insert("location", HeaderValue::from_static("https://there/?was=a+token"));
        own("https://10.0.0.9").without_in(&mut headers);
        assert_eq!(headers["location"], "https://there/?was=<redacted>");
    }

    #[test]
    fn what_is_no_text_stays() {
        assert_eq!(own("https://10.0.0.9").without(vec![0xff, 0]), [0xff, 0]);
    }
}
