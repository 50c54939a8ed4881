//! What a template variable asks: `label_values(metric, label)` and the like, around PromQL.

use super::promql::{Insertion, Wish, expression, selector};

/// The forms of Grafana's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Asked<'t> {
    /// `label_values(metric, label)`; without the metric it asks all series.
    Values { at: usize, metric: Option<&'t str>, label: &'t str },
    /// `query_result(expression)`.
    Result { at: usize, expression: &'t str },
    /// `label_names(metric)`, or a selector as it is.
    Series { at: usize, selector: &'t str },
    /// `metrics(regex)`, `label_names()`: names of any series.
    Names,
}

/// Reads what a variable asks.
pub(super) fn asked(text: &str) -> Asked<'_> {
    let inside = |function: &str| {
        let inner = text.strip_prefix(function)?.strip_prefix('(')?.trim_end().strip_suffix(')')?;
        Some((function.len() + 1, inner))
    };
    if let Some((at, inner)) = inside("label_values") {
        let (metric, label) = match inner.rsplit_once(',') {
            Some((metric, label)) => (Some(metric), label),
            None => (None, inner),
        };
        return Asked::Values { at, metric, label: label.trim().trim_matches('"') };
    }
    if let Some((at, expression)) = inside("query_result") {
        return Asked::Result { at, expression };
    }
    match inside("label_names") {
        Some((at, selector)) if !selector.trim().is_empty() => Asked::Series { at, selector },
        Some(_) => Asked::Names,
        None if inside("metrics").is_some() || text.trim().is_empty() => Asked::Names,
        None => Asked::Series { at: 0, selector: text },
    }
}

/// What must be inserted so that a variable offers what the chosen clusters have.
pub(super) fn insertions(text: &str, wish: &Wish) -> Result<Vec<Insertion>, String> {
    let (at, insertions) = match asked(text) {
        Asked::Names => return Ok(Vec::new()),
        // It offers clusters, of which some are chosen elsewhere.
        Asked::Values { label, .. } if label == wish.label => return Ok(Vec::new()),
        Asked::Values { at, metric: Some(metric), .. } => (at, selector(metric, wish)?),
        Asked::Values { at, metric: None, .. } => {
            // Prometheus wants one matcher that does not match everything.
            let Wish { label, variable, .. } = wish;
            let text = format!("{{__name__=~\".+\", {label}=~\"${variable}\"}}, ");
            return Ok(vec![Insertion { at, text }]);
        }
        Asked::Result { at, expression: text } => (at, expression(text, wish)?),
        Asked::Series { at, selector: text } => (at, selector(text, wish)?),
    };
    Ok(insertions
        .into_iter()
        .map(|Insertion { at: place, text }| Insertion { at: at + place, text })
        .collect())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use insta::assert_snapshot;

    use super::*;
    use crate::dashboard::promql::inserted;

    #[test]
    fn every_form_of_question() {
        let wish = Wish { label: "cluster".into(), variable: "cluster".into(), known: BTreeMap::new() };
        let all = [
            "label_values(up, job)",
            "label_values(up{job=\"$job\",a=~\"b,c\"}, instance)",
            "label_values(namespace)",
            "label_values(kube_node_info, cluster)",
            "label_values({__name__=~\"$name\"}, $label)",
            "label_names()",
            "label_names(up)",
            "metrics(node_.*)",
            "query_result(topk(5, sum by (pod) (rate(a[$__range]))))",
            "up{job=\"a\"}",
            "label_values(rate(up[5m]), job)",
            "tag_values(x)",
        ];
        let result = |text: &str| match insertions(text, &wish) {
            Ok(more) => {
                let result = inserted(text, &more);
                assert_eq!(insertions(&result, &wish), Ok(Vec::new()), "{result}");
                result
            }
            Err(why) => format!("refused: {why}"),
        };
        let all = all.map(|text| format!("{text}\n  {}", result(text))).join("\n");
        assert_snapshot!(all, @r##"
        label_values(up, job)
          label_values(up{cluster=~"$cluster"}, job)
        label_values(up{job="$job",a=~"b,c"}, instance)
          label_values(up{cluster=~"$cluster",job="$job",a=~"b,c"}, instance)
        label_values(namespace)
          label_values({__name__=~".+", cluster=~"$cluster"}, namespace)
        label_values(kube_node_info, cluster)
          label_values(kube_node_info, cluster)
        label_values({__name__=~"$name"}, $label)
          label_values({cluster=~"$cluster", __name__=~"$name"}, $label)
        label_names()
          label_names()
        label_names(up)
          label_names(up{cluster=~"$cluster"})
        metrics(node_.*)
          metrics(node_.*)
        query_result(topk(5, sum by (pod) (rate(a[$__range]))))
          query_result(topk(5, sum by (pod) (rate(a{cluster=~"$cluster"}[$__range]))))
        up{job="a"}
          up{cluster=~"$cluster", job="a"}
        label_values(rate(up[5m]), job)
          refused: it is no selector of series
        tag_values(x)
          refused: it is no selector of series
        "##);
    }
}
