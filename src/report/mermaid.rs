//! The federation as a diagram in mermaid's language: what draws Markdown draws it.

use std::fmt::Write as _;

use super::{StatusRow, StatusView};

/// How a context looks, by how it is; in lines, so that dark and bright pages both show it.
const CLASSES: [(&str, &str); 4] = [
    ("well", "stroke:#2da44e"),
    ("wrong", "stroke:#cf222e,stroke-width:3px"),
    ("unknown", "stroke:#bf8700"),
    ("unreachable", "stroke:#6e7781,stroke-dasharray:6 4"),
];

/// A node for each context, and an arrow from each agent to the hub that it writes to.
pub(super) fn mermaid(view: &StatusView) -> String {
    let mut text = String::from("flowchart LR\n");
    for (at, row) in view.items.iter().enumerate() {
        let label = label(row);
        let node =
            if is(row, "hub") { format!("c{at}([\"{label}\"])") } else { format!("c{at}[\"{label}\"]") };
        let _ = writeln!(text, "  {node}:::{}", class(row));
    }
    let agents = || view.items.iter().enumerate().filter(|(_, row)| is(row, "agent"));
    let hub = |row: &StatusRow| view.items.iter().position(|one| row.hub.as_ref() == Some(&one.context));
    if agents().any(|(_, row)| hub(row).is_none()) {
        text.push_str("  elsewhere([\"a hub that was not asked\"]):::unknown\n");
    }
    for (at, row) in agents() {
        let to = hub(row).map_or_else(|| "elsewhere".to_owned(), |hub| format!("c{hub}"));
        let _ = match &row.delivery {
            Some(delivery) => writeln!(text, "  c{at} -- \"{}\" --> {to}", escaped(delivery)),
            None => writeln!(text, "  c{at} -.-> {to}"),
        };
    }
    let used = CLASSES.iter().filter(|(name, _)| text.contains(&format!(":::{name}")));
    let styles: Vec<_> = used.map(|(name, style)| format!("  classDef {name} {style}\n")).collect();
    text + &styles.concat()
}

fn is(row: &StatusRow, role: &str) -> bool {
    row.role.as_deref() == Some(role)
}

fn class(row: &StatusRow) -> &'static str {
    match row.verdict.as_str() {
        "OK" => "well",
        "UNKNOWN" | "NONE" => "unknown",
        "UNREACHABLE" => "unreachable",
        _ => "wrong",
    }
}

/// The name, what runs there, and the verdict with its code.
fn label(row: &StatusRow) -> String {
    let name = row.cluster.as_deref().unwrap_or(&row.context);
    let runs = [row.role.as_deref(), row.prometheus.as_deref().or(row.hub_type)]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>();
    let verdict = [Some(row.verdict.as_str()), row.code].into_iter().flatten().collect::<Vec<_>>();
    let lines = [name.to_owned(), runs.join(" "), verdict.join(" ")];
    let lines = lines.iter().filter(|line| !line.is_empty()).map(|line| escaped(line));
    lines.collect::<Vec<_>>().join("<br/>")
}

/// A text as mermaid takes it between quotes: whatever could end it, or mean Markdown or HTML, as its number.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        if c.is_alphanumeric() || " .,:/@_+-".contains(c) {
            escaped.push(c);
        } else {
            let _ = write!(escaped, "#{};", u32::from(c));
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, role: Option<&str>, verdict: &str) -> StatusRow {
        StatusRow {
            context: format!("admin@{name}"),
            cluster: role.map(|_| name.to_owned()),
            role: role.map(str::to_owned),
            prometheus: role.map(|_| "3.5.0".to_owned()),
            verdict: verdict.to_owned(),
            ..StatusRow::default()
        }
    }

    fn agent(name: &str, hub: Option<&str>, verdict: &str, delivery: Option<&str>) -> StatusRow {
        StatusRow {
            hub: hub.map(str::to_owned),
            delivery: delivery.map(str::to_owned),
            ..row(name, Some("agent"), verdict)
        }
    }

    #[test]
    fn agents_point_at_their_hub_and_look_as_they_are() {
        let losing =
            StatusRow { code: Some("PF501"), ..agent("edge2", Some("admin@hub"), "LOSING", Some("12 lost")) };
        let items = vec![
            losing,
            row("lab", None, "UNREACHABLE"),
            agent("edge1", Some("admin@hub"), "OK", Some("lag 1s")),
            row("hub", Some("hub"), "OK"),
        ];
        insta::assert_snapshot!(mermaid(&StatusView { items }), @r##"
        flowchart LR
          c0["edge2<br/>agent 3.5.0<br/>LOSING PF501"]:::wrong
          c1["admin@lab<br/>UNREACHABLE"]:::unreachable
          c2["edge1<br/>agent 3.5.0<br/>OK"]:::well
          c3(["hub<br/>hub 3.5.0<br/>OK"]):::well
          c0 -- "12 lost" --> c3
          c2 -- "lag 1s" --> c3
          classDef well stroke:#2da44e
          classDef wrong stroke:#cf222e,stroke-width:3px
          classDef unreachable stroke:#6e7781,stroke-dasharray:6 4
        "##);
    }

    #[test]
    fn a_hub_that_was_not_asked_is_drawn_once() {
        let items = vec![agent("edge1", None, "OK", Some("lag 1s")), agent("edge2", None, "UNKNOWN", None)];
        insta::assert_snapshot!(mermaid(&StatusView { items }), @r##"
        flowchart LR
          c0["edge1<br/>agent 3.5.0<br/>OK"]:::well
          c1["edge2<br/>agent 3.5.0<br/>UNKNOWN"]:::unknown
          elsewhere(["a hub that was not asked"]):::unknown
          c0 -- "lag 1s" --> elsewhere
          c1 -.-> elsewhere
          classDef well stroke:#2da44e
          classDef unknown stroke:#bf8700
        "##);
    }

    #[test]
    fn no_name_can_end_its_quotes_or_be_markup() {
        assert_eq!(escaped("a\"]; <b> `x` #1\n"), "a#34;#93;#59; #60;b#62; #96;x#96; #35;1#10;");
    }
}
