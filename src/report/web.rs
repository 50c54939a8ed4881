//! Where a browser finds Prometheus.

use serde::Serialize;

use super::{Columns, Paint, View};

/// The result of `ui`.
#[derive(Clone, Debug, Serialize)]
pub struct WebView {
    pub context: String,
    pub namespace: String,
    pub url: String,
}

impl View for WebView {
    const KIND: &'static str = "WebUi";

    fn text(&self, _: Columns, _: Paint) -> String {
        format!("{}\n", self.url)
    }

    fn names(&self) -> Vec<String> {
        vec![self.url.clone()]
    }
}
