//! The forms that PromQL and Grafana have.

use insta::assert_snapshot;

use super::{all, rewritten};

#[test]
fn selectors() {
    assert_snapshot!(all(&[
        "up",
        "up{}",
        "up{ }",
        "up{job=\"a\"}",
        "up{job=\"a\",instance!~'b'}",
        "up{job=\"a\", instance=`b.c`,}",
        "{__name__=~\"node_.+\"}",
        "{\"my.metric\", \"my.label\"=\"a\"}",
        "instance:node_cpu:rate5m{job=\"a\"}",
        "up {\n  job = \"a\", # the job\n  b=\"c\"\n}",
        "rate(a{b=\"c\"}[5m] offset 1d)",
        "max_over_time(a[5m:1m] @ start()) + b @ 1.5e9 offset -1w",
        "max_over_time(rate(a[5m])[1h:])",
        "-a ^ 2",
        "sum",
        "by{offset=\"x\"}",
    ]), @r##"
    up
      up{cluster=~"$cluster"}
    up{}
      up{cluster=~"$cluster"}
    up{ }
      up{cluster=~"$cluster" }
    up{job="a"}
      up{cluster=~"$cluster", job="a"}
    up{job="a",instance!~'b'}
      up{cluster=~"$cluster",job="a",instance!~'b'}
    up{job="a", instance=`b.c`,}
      up{cluster=~"$cluster",job="a", instance=`b.c`,}
    {__name__=~"node_.+"}
      {cluster=~"$cluster", __name__=~"node_.+"}
    {"my.metric", "my.label"="a"}
      {cluster=~"$cluster", "my.metric", "my.label"="a"}
    instance:node_cpu:rate5m{job="a"}
      instance:node_cpu:rate5m{cluster=~"$cluster", job="a"}
    up {
      job = "a", # the job
      b="c"
    }
      up {cluster=~"$cluster",
      job = "a", # the job
      b="c"
    }
    rate(a{b="c"}[5m] offset 1d)
      rate(a{cluster=~"$cluster", b="c"}[5m] offset 1d)
    max_over_time(a[5m:1m] @ start()) + b @ 1.5e9 offset -1w
      max_over_time(a{cluster=~"$cluster"}[5m:1m] @ start()) + b{cluster=~"$cluster"} @ 1.5e9 offset -1w
    max_over_time(rate(a[5m])[1h:])
      max_over_time(rate(a{cluster=~"$cluster"}[5m])[1h:])
    -a ^ 2
      -a{cluster=~"$cluster"} ^ 2
    sum
      sum{cluster=~"$cluster"}
    by{offset="x"}
      by{cluster=~"$cluster", offset="x"}
    "##);
}

#[test]
fn what_has_the_matcher_is_left() {
    for text in [
        "up{cluster=~\"$cluster\"}",
        "up{cluster=\"$cluster\", job=\"a\"}",
        "up{cluster=~\"${cluster:regex}\"}",
        "up{job=\"a\",cluster!~'[[cluster]]'}",
        "up{\"cluster\"=~\"$cluster\"}",
        "1 + 2 * $threshold > bool time()",
        "vector(1)",
    ] {
        let insertions = super::expression(text, &super::wish());
        assert_eq!(insertions, Ok(Vec::new()), "{text}");
    }
    assert_eq!(rewritten("up{cluster!=\"\"}"), "up{cluster=~\"$cluster\", cluster!=\"\"}");
}

#[test]
fn variables_of_grafana() {
    assert_snapshot!(all(&[
        "rate(a[$__rate_interval])",
        "rate(a{b=~\"$b\"}[${__interval}])",
        "rate(a[[[interval]]])",
        "sum by ($label) (rate($metric[5m]))",
        "sum by ($label) (a) / on ($label) b",
        "rate($metric{a=\"b\"}[5m])",
        "node_${metric:raw}_total > $threshold",
        "increase(a[${__range_s}s])",
        "a{$label=~\"$b\"} offset $off",
        "a{$filters}",
        "a{b=\"c\",$filters}",
        "$aggregation(a)",
        "$aggregation by (b) (a)",
        "$aggregation(a) by (b)",
        "$function(a[5m])",
        "topk($k, a)",
        "histogram_quantile($q, sum by (le) (rate(a[5m])))",
        "avg_over_time(a[$__interval:$step] @ $to)",
        "$metric",
        "$unknown",
        "sum($unknown)",
        "$aggregation(sum by (b) (a))",
        "$aggregation(a) / $aggregation(b)",
        "${unknown}5",
    ]), @r##"
    rate(a[$__rate_interval])
      rate(a{cluster=~"$cluster"}[$__rate_interval])
    rate(a{b=~"$b"}[${__interval}])
      rate(a{cluster=~"$cluster", b=~"$b"}[${__interval}])
    rate(a[[[interval]]])
      rate(a{cluster=~"$cluster"}[[[interval]]])
    sum by ($label) (rate($metric[5m]))
      sum by ($label) (rate($metric{cluster=~"$cluster"}[5m]))
    sum by ($label) (a) / on ($label) b
      sum by (cluster, $label) (a{cluster=~"$cluster"}) / on (cluster, $label) b{cluster=~"$cluster"}
    rate($metric{a="b"}[5m])
      rate($metric{cluster=~"$cluster", a="b"}[5m])
    node_${metric:raw}_total > $threshold
      node_${metric:raw}_total{cluster=~"$cluster"} > $threshold
    increase(a[${__range_s}s])
      increase(a{cluster=~"$cluster"}[${__range_s}s])
    a{$label=~"$b"} offset $off
      a{cluster=~"$cluster", $label=~"$b"} offset $off
    a{$filters}
      a{cluster=~"$cluster", $filters}
    a{b="c",$filters}
      a{cluster=~"$cluster",b="c",$filters}
    $aggregation(a)
      $aggregation(a{cluster=~"$cluster"})
    $aggregation by (b) (a)
      $aggregation by (b) (a{cluster=~"$cluster"})
    $aggregation(a) by (b)
      $aggregation(a{cluster=~"$cluster"}) by (b)
    $function(a[5m])
      $function(a{cluster=~"$cluster"}[5m])
    topk($k, a)
      topk($k, a{cluster=~"$cluster"})
    histogram_quantile($q, sum by (le) (rate(a[5m])))
      histogram_quantile($q, sum by (le) (rate(a{cluster=~"$cluster"}[5m])))
    avg_over_time(a[$__interval:$step] @ $to)
      avg_over_time(a{cluster=~"$cluster"}[$__interval:$step] @ $to)
    $metric
      $metric{cluster=~"$cluster"}
    $unknown
      refused: whether $unknown is a number or a metric cannot be told
    sum($unknown)
      refused: whether $unknown is a number or a metric cannot be told
    $aggregation(sum by (b) (a))
      refused: whether $aggregation is a function or an aggregation cannot be told, and it matters
    $aggregation(a) / $aggregation(b)
      refused: whether $aggregation is a function or an aggregation cannot be told, and it matters
    ${unknown}5
      refused: ${unknown}5 may be a number or a metric
    "##);
}

#[test]
fn what_is_no_promql_is_refused() {
    assert_snapshot!(all(&[
        "",
        "sum(",
        "a b",
        "{app=\"x\"} |= \"error\"",
        "a[]",
        "a[5m",
        "a{b}",
        "a{b=c}",
        "a{b=\"c\" or d=\"e\"}",
        "sum by a (b)",
        "a $",
        "a{b=\"}",
    ]), @r##"
      refused: the expression ends too early
    sum(
      refused: the expression ends too early
    a b
      refused: "b" is not expected at 3
    {app="x"} |= "error"
      refused: '|' is no part of PromQL
    a[]
      refused: a range has no duration
    a[5m
      refused: the expression ends too early
    a{b}
      refused: "b" is not expected at 3
    a{b=c}
      refused: "c" is not expected at 5
    a{b="c" or d="e"}
      refused: "or" is not expected at 9
    sum by a (b)
      refused: "a" is not expected at 8
    a $
      refused: '$' is no part of PromQL
    a{b="}
      refused: a string does not end
    "##);
    let deep = "(".repeat(5000);
    assert_eq!(rewritten(&deep), "refused: it is nested too deeply");
}
