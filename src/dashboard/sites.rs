//! Where in a dashboard PromQL stands.

use super::json::{Node, Value};
use super::source::{Source, Sources};
use super::variable::question;

/// A text that asks Prometheus.
#[derive(Clone, Debug)]
pub(super) struct Site<'d> {
    /// The string in the document.
    pub node: &'d Node,
    /// The same as a JSON pointer.
    pub pointer: String,
    /// Whose it is, for people: `panel "CPU"`, `variable "node"`.
    pub place: String,
    pub ref_id: Option<String>,
    pub kind: Kind,
    /// The data source that it names, or that its panel names.
    pub datasource: Option<&'d Node>,
}

/// What the text is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Expression,
    /// The question of a variable, by its name, or its copy for people.
    Question(String),
    /// Nothing that is in this document: a panel of the library.
    Elsewhere,
}

/// All texts that ask Prometheus, in the order of the document's parts.
pub(super) fn sites<'d>(root: &'d Node, base: &str, list: &'d [Node], sources: &Sources) -> Vec<Site<'d>> {
    let mut finder = Finder { sources, sites: Vec::new() };
    for (at, variable) in list.iter().enumerate() {
        finder.variable(variable, &format!("{base}/templating/list/{at}"));
    }
    let annotations = root.get("annotations").and_then(|all| all.get("list")).map_or(&[][..], Node::items);
    for (at, annotation) in annotations.iter().enumerate() {
        finder.annotation(annotation, &format!("{base}/annotations/list/{at}"));
    }
    finder.panels(root, base);
    let rows = root.get("rows").map_or(&[][..], Node::items);
    for (at, row) in rows.iter().enumerate() {
        finder.panels(row, &format!("{base}/rows/{at}"));
    }
    finder.sites
}

struct Finder<'d, 's> {
    sources: &'s Sources,
    sites: Vec<Site<'d>>,
}

/// A value of JSON that says nothing.
fn said(node: Option<&Node>) -> Option<&Node> {
    node.filter(|node| !matches!(node.value, Value::Plain))
}

impl<'d> Finder<'d, '_> {
    fn is_prometheus(&self, datasource: Option<&Node>) -> bool {
        self.sources.kind(datasource).unwrap_or(Source::Prometheus) == Source::Prometheus
    }

    fn panels(&mut self, parent: &'d Node, base: &str) {
        let panels = parent.get("panels").map_or(&[][..], Node::items);
        for (at, panel) in panels.iter().enumerate() {
            let base = format!("{base}/panels/{at}");
            self.panel(panel, &base);
            // A row that is folded holds its panels.
            self.panels(panel, &base);
        }
    }

    fn panel(&mut self, panel: &'d Node, base: &str) {
        let title = panel.text_of("title").unwrap_or_default();
        let place = match (title, panel.get("id").and_then(Node::number)) {
            ("", Some(id)) => format!("panel {id}"),
            (title, _) => format!("panel {title:?}"),
        };
        let own = said(panel.get("datasource"));
        let targets = panel.get("targets").map_or(&[][..], Node::items);
        if let (Some(library), []) = (panel.get("libraryPanel"), targets) {
            let (pointer, ref_id) = (format!("{base}/libraryPanel"), None);
            let site =
                Site { node: library, pointer, place, ref_id, kind: Kind::Elsewhere, datasource: None };
            self.sites.push(site);
            return;
        }
        for (at, target) in targets.iter().enumerate() {
            let named = said(target.get("datasource"));
            let panels = own.filter(|own| self.sources.kind(Some(own)) != Some(Source::Mixed));
            let datasource = named.or(panels);
            let Some(node) = target.get("expr").filter(|_| self.is_prometheus(datasource)) else { continue };
            self.sites.push(Site {
                node,
                pointer: format!("{base}/targets/{at}/expr"),
                place: place.clone(),
                ref_id: target.text_of("refId").map(str::to_owned),
                kind: Kind::Expression,
                datasource,
            });
        }
    }

    fn annotation(&mut self, annotation: &'d Node, base: &str) {
        let datasource = said(annotation.get("datasource"));
        if !self.is_prometheus(datasource) {
            return;
        }
        let name = annotation.text_of("name").unwrap_or_default();
        let of_target = annotation.get("target").and_then(|target| target.get("expr"));
        let found = [(annotation.get("expr"), "expr"), (of_target, "target/expr")];
        for (node, key) in found {
            let Some(node) = node else { continue };
            self.sites.push(Site {
                node,
                pointer: format!("{base}/{key}"),
                place: format!("annotation {name:?}"),
                ref_id: None,
                kind: Kind::Expression,
                datasource,
            });
        }
    }

    fn variable(&mut self, variable: &'d Node, base: &str) {
        let datasource = said(variable.get("datasource"));
        let (Some("query"), Some(query)) = (variable.text_of("type"), variable.get("query")) else { return };
        if !self.is_prometheus(datasource) {
            return;
        }
        let name = variable.text_of("name").unwrap_or_default();
        let inner = query.get("query");
        let key = if inner.is_some() { "query/query" } else { "query" };
        // The definition is what lists of variables show.
        let copy = variable.get("definition").filter(|copy| copy.text() == question(variable));
        for (node, key) in [(inner.or(Some(query)), key), (copy, "definition")] {
            let Some(node) = node.filter(|node| node.text().is_some()) else { continue };
            self.sites.push(Site {
                node,
                pointer: format!("{base}/{key}"),
                place: format!("variable {name:?}"),
                ref_id: None,
                kind: Kind::Question(name.to_owned()),
                datasource,
            });
        }
    }
}
