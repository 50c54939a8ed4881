//! promfed's own dashboard: what arrives at a hub, what is late, what is lost, and who is silent.
//!
//! It asks what promfed itself asks, so that a panel and a check do not tell two things. It is written for one cluster and
//! goes through `rewrite`, as anybody's would.

use serde_json::{Value, json};

use super::promql::{Wish, expression, inserted};
use super::rewrite::rewrite;
use crate::error::{Error, Result};
use crate::prometheus::promql::{Question, arrivals_by_cluster, pending_by_cluster, shards_by_cluster};

/// Its title.
pub const FEDERATION: &str = "promfed: what arrives at the hub";

/// The variable that holds the hub's own name: what the hub tells of itself is shown whichever clusters are chosen.
const HUB: &str = "hub";

/// How long a cluster may be silent, in seconds, before it is called so: as long as an instant query looks back.
const SILENT: u32 = 300;

/// How a panel shows what it asks.
#[derive(Clone, Copy)]
enum Look {
    Number,
    Lines,
    Table,
}

struct Panel {
    title: &'static str,
    about: &'static str,
    look: Look,
    unit: &'static str,
    /// Questions, each with its legend.
    asks: Vec<(String, &'static str)>,
    width: u32,
}

/// The dashboard, for Grafana 9 and newer.
pub fn federation() -> Result<String> {
    let failed = |why: String| Error::failed("the dashboard cannot be made").because(why);
    let one =
        serde_json::to_string_pretty(&dashboard().map_err(failed)?).map_err(|why| failed(why.to_string()))?;
    let many = rewrite(&(one + "\n"), "cluster").map_err(failed)?;
    match many.left.into_iter().next() {
        None => Ok(many.text),
        Some(left) => Err(failed(format!("{}: {}", left.place, left.why))),
    }
}

fn dashboard() -> Result<Value, String> {
    let mut panels = Vec::new();
    let (mut x, mut y, mut height) = (0, 0, 0);
    for (id, panel) in (1..).zip(panels_of_hub()?) {
        let own = if matches!(panel.look, Look::Number) { 4 } else { 8 };
        if x + panel.width > 24 {
            (x, y) = (0, y + height);
        }
        height = own;
        let width = panel.width;
        panels.push(panel.json(id, &json!({"h": own, "w": width, "x": x, "y": y})));
        x += width;
    }
    let source = json!({"type": "prometheus", "uid": "${datasource}"});
    let hubs = "label_values(prometheus_tsdb_head_samples_appended_total, cluster)";
    Ok(json!({
        "title": FEDERATION,
        "uid": "promfed-federation",
        "tags": ["promfed"],
        "editable": true,
        "graphTooltip": 1,
        "refresh": "1m",
        "schemaVersion": 39,
        "time": {"from": "now-1h", "to": "now"},
        "timezone": "browser",
        "annotations": {"list": []},
        "templating": {"list": [
            {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus", "current": {}, "hide": 0},
            {"name": HUB, "type": "query", "datasource": source, "query": hubs, "definition": hubs, "refresh": 2,
             "includeAll": true, "allValue": ".*", "multi": false, "hide": 2,
             "current": {"selected": true, "text": "All", "value": "$__all"}},
        ]},
        "panels": panels,
    }))
}

impl Panel {
    fn json(self, id: u32, place: &Value) -> Value {
        let (kind, is_instant) = match self.look {
            Look::Number => ("stat", true),
            Look::Lines => ("timeseries", false),
            Look::Table => ("table", true),
        };
        let source = json!({"type": "prometheus", "uid": "${datasource}"});
        let letters = 'A'..='Z';
        let targets = letters.zip(self.asks).map(|(id, (expr, legend))| {
            let format = if matches!(self.look, Look::Table) { "table" } else { "time_series" };
            json!({"refId": id.to_string(), "datasource": source, "expr": expr, "legendFormat": legend,
                   "instant": is_instant, "range": !is_instant, "format": format})
        });
        json!({
            "id": id,
            "title": self.title,
            "description": self.about,
            "type": kind,
            "datasource": source,
            "gridPos": place,
            "fieldConfig": {"defaults": {"unit": self.unit, "min": 0}, "overrides": []},
            "options": {},
            "targets": targets.collect::<Vec<_>>(),
        })
    }
}

/// What the hub tells of itself.
fn of_hub(question: Question) -> Result<String, String> {
    let wish =
        Wish { label: "cluster".into(), variable: HUB.into(), known: std::collections::BTreeMap::new() };
    let text = question.promql();
    Ok(inserted(&text, &expression(&text, &wish)?))
}

fn panels_of_hub() -> Result<Vec<Panel>, String> {
    let age = format!("time() - ({})", Question::LastSample.promql());
    let silent = format!("{age} > {SILENT}");
    let number = |title, about, unit, ask| Panel {
        title,
        about,
        look: Look::Number,
        unit,
        asks: vec![(ask, "")],
        width: 6,
    };
    let lines = |title, about, unit, asks| Panel { title, about, look: Look::Lines, unit, asks, width: 12 };
    let table = |title, about, ask| Panel {
        title,
        about,
        look: Look::Table,
        unit: "s",
        asks: vec![(ask, "")],
        width: 12,
    };
    let one = |question: Question, legend| vec![(question.promql(), legend)];
    Ok(vec![
        number("Clusters", "Seen within a week.", "none", format!("count({age}) or vector(0)")),
        number("Silent", "No sample for five minutes.", "none", format!("count({silent}) or vector(0)")),
        number("Stored", "Samples per second that the hub stores.", "wps", of_hub(Question::Ingest)?),
        number(
            "Series",
            "At the last scrape of all targets.",
            "none",
            format!("sum({}) or vector(0)", Question::SeriesByCluster.promql()),
        ),
        table("Newest sample", "How long ago it was taken, by cluster.", age),
        table("Silent clusters", "Who sent nothing for five minutes, and for how long.", silent),
        lines(
            "Arrivals",
            "Samples per second that are at the hub, by cluster.",
            "wps",
            vec![(arrivals_by_cluster(), "{{cluster}}")],
        ),
        lines(
            "Lag",
            "How far an agent's sending is behind its scraping.",
            "s",
            one(Question::Lag, "{{cluster}}"),
        ),
        lines(
            "Waiting to be sent",
            "Samples that an agent holds in its shards.",
            "none",
            vec![(pending_by_cluster(), "{{cluster}}")],
        ),
        lines(
            "Shards",
            "How many an agent sends by, and by how many it would need more than it may have.",
            "none",
            vec![
                (shards_by_cluster(), "{{cluster}}"),
                (Question::ShardsOverMaximum.promql(), "{{cluster}}: too few"),
            ],
        ),
        lines(
            "Lost",
            "Samples per second that the hub refused or that an agent dropped. Nothing to see is good.",
            "wps",
            vec![
                (Question::Failed.promql(), "{{cluster}}: refused"),
                (Question::Dropped.promql(), "{{cluster}}: {{reason}}"),
            ],
        ),
        lines("Sent again", "Samples per second.", "wps", one(Question::Retried, "{{cluster}}")),
        lines(
            "Write requests in five minutes",
            "As the hub answered them.",
            "none",
            vec![(of_hub(Question::WriteRequests)?, "{{code}}")],
        ),
        lines(
            "Out of order and out of time",
            "Taken out of order, per second; refused in five minutes.",
            "none",
            vec![
                (of_hub(Question::OutOfOrderTaken)?, "taken out of order"),
                (of_hub(Question::OutOfBounds)?, "refused: out of bounds"),
                (of_hub(Question::TooOld)?, "refused: too old"),
            ],
        ),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dashboard::Change;

    #[test]
    fn it_is_rewritten_already() {
        let text = federation().expect("the dashboard");
        let again = rewrite(&text, "cluster").expect("a dashboard");
        assert_eq!(again.text, text);
        assert_eq!((again.change, again.rewritten, again.left), (Change::Kept, 0, Vec::new()));
        assert_eq!(text.matches("\"expr\"").count(), again.unchanged - 2, "and two variables");
    }

    #[test]
    fn it_asks_what_promfed_asks() {
        let text = federation().expect("the dashboard");
        let dashboard: Value = serde_json::from_str(&text).expect("JSON");
        let lost =
            &dashboard["panels"].as_array().expect("panels").iter().find(|panel| panel["title"] == "Lost");
        insta::assert_snapshot!(lost.expect("a panel")["targets"][0]["expr"], @r#""sum by (cluster) (rate(prometheus_remote_storage_samples_failed_total{cluster=~\"$cluster\"}[5m])) > 0""#);
        insta::assert_snapshot!(dashboard["panels"][1]["targets"][0]["expr"], @r#""count(time() - (max by (cluster) (timestamp(up{cluster=~\"$cluster\"}) or max_over_time(timestamp(up{cluster=~\"$cluster\"})[7d:5m]))) > 300) or vector(0)""#);
        insta::assert_snapshot!(dashboard["panels"][2]["targets"][0]["expr"], @r#""sum(rate(prometheus_tsdb_head_samples_appended_total{cluster=~\"$hub\"}[5m]))""#);
    }
}
