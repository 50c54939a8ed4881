//! Which data source an expression is for.

use std::collections::BTreeMap;

use super::json::Node;

/// The plugins that speak PromQL.
const PROMETHEUS: [&str; 3] =
    ["prometheus", "grafana-amazonprometheus-datasource", "grafana-azureprometheus-datasource"];

/// The kind of a data source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Prometheus,
    /// Each target of the panel has its own.
    Mixed,
    Other,
}

/// What a dashboard says about its sources, by the name that stands between `${` and `}`.
#[derive(Clone, Debug, Default)]
pub(super) struct Sources {
    plugins: BTreeMap<String, String>,
}

impl Sources {
    /// Variables of the type `datasource`, and what the dashboard asks for when it is imported.
    pub(super) fn of(dashboard: &Node, variables: &[Node]) -> Self {
        let inputs = dashboard.get("__inputs").map_or(&[][..], Node::items).iter();
        let inputs = inputs.filter_map(|input| Some((input.text_of("name")?, input.text_of("pluginId")?)));
        let variables = variables.iter().filter(|variable| variable.text_of("type") == Some("datasource"));
        let variables = variables.filter_map(|one| Some((one.text_of("name")?, one.text_of("query")?)));
        let plugins = inputs.chain(variables).map(|(name, plugin)| (name.to_owned(), plugin.to_owned()));
        Self { plugins: plugins.collect() }
    }

    /// The kind that a `datasource` names; `None` where it names none, which means that of the panel, or the default.
    pub(super) fn kind(&self, datasource: Option<&Node>) -> Option<Source> {
        let datasource = datasource?;
        let name = datasource.text().or_else(|| datasource.text_of("uid"));
        let plugin = name.and_then(|name| self.plugin(name)).or_else(|| datasource.text_of("type"));
        match (name, plugin) {
            (Some("-- Mixed --"), _) => Some(Source::Mixed),
            (_, Some(plugin)) if PROMETHEUS.contains(&plugin) => Some(Source::Prometheus),
            (_, Some(_)) => Some(Source::Other),
            (Some("" | "default") | None, None) => None,
            (Some(name), None) if name.starts_with("-- ") => Some(Source::Other),
            // A name alone tells no kind. Who else has an `expr` is Loki.
            (Some(name), None) if name.to_ascii_lowercase().contains("loki") => Some(Source::Other),
            (Some(_), None) => Some(Source::Prometheus),
        }
    }

    fn plugin(&self, name: &str) -> Option<&str> {
        let variable =
            super::promql::token::variable(name).filter(|variable| variable.length == name.len())?;
        self.plugins.get(variable.name).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dashboard::json::parse;

    #[test]
    fn kinds_are_told_by_type_by_variable_and_by_name() {
        let dashboard = parse(
            r#"{"__inputs": [{"name": "DS_LOGS", "pluginId": "loki"}],
                "list": [{"type": "datasource", "name": "ds", "query": "prometheus"}]}"#,
        )
        .expect("a dashboard");
        let sources = Sources::of(&dashboard, dashboard.get("list").expect("a list").items());
        let kind = |text: &str| sources.kind(Some(&parse(text).expect(text)));
        for text in [r#""$ds""#, r#"{"uid": "${ds}"}"#, r#"{"type": "prometheus", "uid": "x"}"#, r#""Prod""#]
        {
            assert_eq!(kind(text), Some(Source::Prometheus), "{text}");
        }
        for text in
            [r#""${DS_LOGS}""#, r#""-- Grafana --""#, r#""Loki EU""#, r#"{"type": "__expr__", "uid": "x"}"#]
        {
            assert_eq!(kind(text), Some(Source::Other), "{text}");
        }
        assert_eq!(kind(r#"{"type": "datasource", "uid": "-- Mixed --"}"#), Some(Source::Mixed));
        assert_eq!(kind("null"), None);
        assert_eq!(sources.kind(None), None);
    }
}
