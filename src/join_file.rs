//! What somebody needs to join a hub without access to its cluster, as a file: where to write, whom to trust, and who
//! one is. It holds a private key, so it is written for its owner's eyes alone, and it ends.

use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

use crate::domain::{ClusterName, WriteUrl};
use crate::error::{Error, Result};
use crate::yaml::{self, write::to_yaml};

const API_VERSION: &str = "promfed.dev/v1alpha1";
const KIND: &str = "JoinFile";

/// The content of a join file.
#[derive(Clone, Debug)]
pub struct JoinFile {
    /// After this moment it is not taken any more. The certificate in it is valid for longer.
    pub expires: Timestamp,
    pub cluster: ClusterName,
    pub url: WriteUrl,
    /// The authority that signed the hub's certificate, in PEM.
    pub authority: Option<String>,
    /// The certificate that the hub lets in, and its key, both in PEM.
    pub identity: Option<(String, SecretString)>,
}

impl JoinFile {
    pub fn to_text(&self) -> String {
        let mut file = json!({
            "apiVersion": API_VERSION,
            "kind": KIND,
            "expires": self.expires,
            "clusterName": self.cluster.as_str(),
            "url": self.url,
        });
        if let Some(pem) = &self.authority {
            file["authority"] = json!(pem);
        }
        if let Some((certificate, key)) = &self.identity {
            file["certificate"] = json!(certificate);
            file["key"] = json!(key.expose_secret());
        }
        format!(
            "# Whoever has this file may write to the hub as {}. Keep it to yourself.\n{}",
            self.cluster,
            to_yaml(&file)
        )
    }

    /// Reads a file. The error says nothing of what is in it.
    pub fn read(text: &str) -> Result<Self> {
        let wrong = |why: &str| Error::usage("this is no join file").because(why.to_owned());
        let file = yaml::read(text).map_err(|_| wrong("it is not YAML"))?;
        if file["apiVersion"] != API_VERSION || file["kind"] != KIND {
            return Err(wrong(&format!("it is not of kind {KIND}, {API_VERSION}")));
        }
        let text = |field: &str| file[field].as_str().ok_or_else(|| wrong(&format!("it has no {field}")));
        let certificate = file["certificate"].as_str().zip(file["key"].as_str());
        Ok(Self {
            expires: text("expires")?.parse().map_err(|_| wrong("expires is no time"))?,
            cluster: text("clusterName")?.parse().map_err(|_| wrong("clusterName is no name"))?,
            url: text("url")?.parse().map_err(|_| wrong("url is no write URL"))?,
            authority: file.get("authority").and_then(Value::as_str).map(str::to_owned),
            identity: certificate.map(|(pem, key)| (pem.to_owned(), SecretString::from(key.to_owned()))),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file() -> JoinFile {
        JoinFile {
            expires: "2030-01-01T00:00:00Z".parse().expect("a time"),
            cluster: "edge".parse().expect("a name"),
            url: "https://hub.example.com/api/v1/write".parse().expect("a URL"),
            authority: Some("A\n".into()),
            identity: Some(("C\n".into(), SecretString::from("K\n".to_owned()))),
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        let read = JoinFile::read(&file().to_text()).expect("a join file");
        assert_eq!(read.to_text(), file().to_text());
        let open = JoinFile { identity: None, authority: None, ..file() };
        assert!(JoinFile::read(&open.to_text()).is_ok_and(|read| read.identity.is_none()));
    }

    #[test]
    fn what_is_none_is_refused_and_not_repeated() {
        for (text, why) in
            [("a: [s3cr3t", "not YAML"), ("kind: Secret\n", "not of kind"), ("[]", "not of kind")]
        {
            let error = JoinFile::read(text).expect_err("a refusal");
            assert!(error.causes[0].contains(why) && !error.causes[0].contains("s3cr3t"), "{error}");
        }
        let text = file().to_text().replace("clusterName: edge\n", "");
        assert!(JoinFile::read(&text).is_err_and(|error| error.causes[0].contains("no clusterName")));
    }

    #[test]
    fn a_key_is_not_printed() {
        assert!(!format!("{:?}", file()).contains("K\n"));
    }
}
