//! Where the label goes when series are counted or joined.

use insta::assert_snapshot;

use super::all;

#[test]
fn the_outermost_aggregation_stays_and_those_inside_keep_clusters_apart() {
    assert_snapshot!(all(&[
        "sum(a)",
        "sum by (namespace) (rate(a[5m])) * 100",
        "sum(rate(a[5m])) by (namespace) > 5",
        "count(sum by (node) (a))",
        "sum(max(a) by (namespace,pod)) by (namespace)",
        "count(count(a) without (cpu))",
        "max(sum(a))",
        "max(sum (a))",
        "topk(5, sum by (pod) (a))",
        "sum(topk(5, a))",
        "histogram_quantile(0.99, sum by (le) (rate(a_bucket[5m])))",
        "histogram_quantile(0.99, sum(rate(a[5m])))",
        "max_over_time(sum(a)[1h:5m])",
        "sum without (cluster) (max without (cluster) (a))",
        "avg(sum(a) / sum(b))",
        "count_values(\"version\", max by (node) (a))",
        "quantile(0.9, a)",
    ]), @r##"
    sum(a)
      sum(a{cluster=~"$cluster"})
    sum by (namespace) (rate(a[5m])) * 100
      sum by (namespace) (rate(a{cluster=~"$cluster"}[5m])) * 100
    sum(rate(a[5m])) by (namespace) > 5
      sum(rate(a{cluster=~"$cluster"}[5m])) by (namespace) > 5
    count(sum by (node) (a))
      count(sum by (cluster, node) (a{cluster=~"$cluster"}))
    sum(max(a) by (namespace,pod)) by (namespace)
      sum(max(a{cluster=~"$cluster"}) by (cluster,namespace,pod)) by (namespace)
    count(count(a) without (cpu))
      count(count(a{cluster=~"$cluster"}) without (cpu))
    max(sum(a))
      max(sum by (cluster) (a{cluster=~"$cluster"}))
    max(sum (a))
      max(sum by (cluster) (a{cluster=~"$cluster"}))
    topk(5, sum by (pod) (a))
      topk(5, sum by (pod) (a{cluster=~"$cluster"}))
    sum(topk(5, a))
      sum(topk by (cluster) (5, a{cluster=~"$cluster"}))
    histogram_quantile(0.99, sum by (le) (rate(a_bucket[5m])))
      histogram_quantile(0.99, sum by (le) (rate(a_bucket{cluster=~"$cluster"}[5m])))
    histogram_quantile(0.99, sum(rate(a[5m])))
      histogram_quantile(0.99, sum(rate(a{cluster=~"$cluster"}[5m])))
    max_over_time(sum(a)[1h:5m])
      max_over_time(sum(a{cluster=~"$cluster"})[1h:5m])
    sum without (cluster) (max without (cluster) (a))
      sum without (cluster) (max without (cluster) (a{cluster=~"$cluster"}))
    avg(sum(a) / sum(b))
      avg(sum by (cluster) (a{cluster=~"$cluster"}) / sum by (cluster) (b{cluster=~"$cluster"}))
    count_values("version", max by (node) (a))
      count_values("version", max by (cluster, node) (a{cluster=~"$cluster"}))
    quantile(0.9, a)
      quantile(0.9, a{cluster=~"$cluster"})
    "##);
}

#[test]
fn what_is_joined_is_joined_within_a_cluster() {
    assert_snapshot!(all(&[
        "a / b",
        "a * on(namespace, pod) group_left(node) b",
        "a * on(namespace,pod) group_left b{c=\"d\"}",
        "a * on() group_left b",
        "a / ignoring(mode) b",
        "sum by (namespace) (a) / sum by (namespace) (b)",
        "sum(a) by (namespace) / ignoring(namespace) group_left sum(b)",
        "a / on() group_left() sum(b)",
        "sum(a * on(pod) group_left(owner) max by (pod, owner) (b))",
        "sum by (ns) (a) and on(ns) (sum by (ns) (b) > 5)",
        "sum by (ns) (a) unless sum by (ns) (b)",
        "sum by (ns) (a) or sum by (ns) (b)",
        "sum without (cpu) (a) / sum without (cpu) (b)",
        "histogram_quantile(0.9, sum by (le, job) (a)) / histogram_quantile(0.5, sum by (le, job) (a))",
        "label_replace(sum by (x) (a), \"y\", \"$1\", \"x\", \"(.*)\") * on(y) group_left b",
        "topk(3, a) * on(pod) group_left b",
        "sum by (ns) (a) > bool on (ns) group_left () b",
        "sum by (ns) (a) / on(ns) fill(0) b",
    ]), @r##"
    a / b
      a{cluster=~"$cluster"} / b{cluster=~"$cluster"}
    a * on(namespace, pod) group_left(node) b
      a{cluster=~"$cluster"} * on(cluster, namespace, pod) group_left(node) b{cluster=~"$cluster"}
    a * on(namespace,pod) group_left b{c="d"}
      a{cluster=~"$cluster"} * on(cluster,namespace,pod) group_left b{cluster=~"$cluster", c="d"}
    a * on() group_left b
      a{cluster=~"$cluster"} * on(cluster) group_left b{cluster=~"$cluster"}
    a / ignoring(mode) b
      a{cluster=~"$cluster"} / ignoring(mode) b{cluster=~"$cluster"}
    sum by (namespace) (a) / sum by (namespace) (b)
      sum by (cluster, namespace) (a{cluster=~"$cluster"}) / sum by (cluster, namespace) (b{cluster=~"$cluster"})
    sum(a) by (namespace) / ignoring(namespace) group_left sum(b)
      sum(a{cluster=~"$cluster"}) by (cluster, namespace) / ignoring(namespace) group_left sum by (cluster) (b{cluster=~"$cluster"})
    a / on() group_left() sum(b)
      a{cluster=~"$cluster"} / on(cluster) group_left() sum by (cluster) (b{cluster=~"$cluster"})
    sum(a * on(pod) group_left(owner) max by (pod, owner) (b))
      sum(a{cluster=~"$cluster"} * on(cluster, pod) group_left(owner) max by (cluster, pod, owner) (b{cluster=~"$cluster"}))
    sum by (ns) (a) and on(ns) (sum by (ns) (b) > 5)
      sum by (cluster, ns) (a{cluster=~"$cluster"}) and on(cluster, ns) (sum by (cluster, ns) (b{cluster=~"$cluster"}) > 5)
    sum by (ns) (a) unless sum by (ns) (b)
      sum by (cluster, ns) (a{cluster=~"$cluster"}) unless sum by (cluster, ns) (b{cluster=~"$cluster"})
    sum by (ns) (a) or sum by (ns) (b)
      sum by (cluster, ns) (a{cluster=~"$cluster"}) or sum by (cluster, ns) (b{cluster=~"$cluster"})
    sum without (cpu) (a) / sum without (cpu) (b)
      sum without (cpu) (a{cluster=~"$cluster"}) / sum without (cpu) (b{cluster=~"$cluster"})
    histogram_quantile(0.9, sum by (le, job) (a)) / histogram_quantile(0.5, sum by (le, job) (a))
      histogram_quantile(0.9, sum by (cluster, le, job) (a{cluster=~"$cluster"})) / histogram_quantile(0.5, sum by (cluster, le, job) (a{cluster=~"$cluster"}))
    label_replace(sum by (x) (a), "y", "$1", "x", "(.*)") * on(y) group_left b
      label_replace(sum by (cluster, x) (a{cluster=~"$cluster"}), "y", "$1", "x", "(.*)") * on(cluster, y) group_left b{cluster=~"$cluster"}
    topk(3, a) * on(pod) group_left b
      topk by (cluster) (3, a{cluster=~"$cluster"}) * on(cluster, pod) group_left b{cluster=~"$cluster"}
    sum by (ns) (a) > bool on (ns) group_left () b
      sum by (cluster, ns) (a{cluster=~"$cluster"}) > bool on (cluster, ns) group_left () b{cluster=~"$cluster"}
    sum by (ns) (a) / on(ns) fill(0) b
      sum by (cluster, ns) (a{cluster=~"$cluster"}) / on(cluster, ns) fill(0) b{cluster=~"$cluster"}
    "##);
}

#[test]
fn totals_and_what_has_no_cluster_are_not_joined() {
    assert_snapshot!(all(&[
        "sum(a) / sum(b)",
        "1 - sum(rate(a[5m])) / sum(rate(b[5m]))",
        "sum(a) or vector(0)",
        "sum by (ns) (a) or vector(0)",
        "sum by (ns) (a) or on() vector(0)",
        "(sum(a) or vector(0)) / sum(b)",
        "sum(a or vector(0))",
        "a / scalar(sum(b))",
        "absent(a{job=\"x\"})",
        "absent(a) or a",
        "a and on() hour() > 8",
        "sum by (ns) (a) and on() (hour() > 8)",
        "a * on() group_left vector(2)",
        "sum(a) * vector(2)",
        "time() - max by (pod) (a)",
        "clamp_max(sum by (x) (a), 5)",
    ]), @r##"
    sum(a) / sum(b)
      sum(a{cluster=~"$cluster"}) / sum(b{cluster=~"$cluster"})
    1 - sum(rate(a[5m])) / sum(rate(b[5m]))
      1 - sum(rate(a{cluster=~"$cluster"}[5m])) / sum(rate(b{cluster=~"$cluster"}[5m]))
    sum(a) or vector(0)
      sum(a{cluster=~"$cluster"}) or vector(0)
    sum by (ns) (a) or vector(0)
      sum by (ns) (a{cluster=~"$cluster"}) or vector(0)
    sum by (ns) (a) or on() vector(0)
      sum by (ns) (a{cluster=~"$cluster"}) or on() vector(0)
    (sum(a) or vector(0)) / sum(b)
      (sum(a{cluster=~"$cluster"}) or vector(0)) / sum(b{cluster=~"$cluster"})
    sum(a or vector(0))
      sum(a{cluster=~"$cluster"} or vector(0))
    a / scalar(sum(b))
      a{cluster=~"$cluster"} / scalar(sum(b{cluster=~"$cluster"}))
    absent(a{job="x"})
      absent(a{cluster=~"$cluster", job="x"})
    absent(a) or a
      absent(a{cluster=~"$cluster"}) or a{cluster=~"$cluster"}
    a and on() hour() > 8
      a{cluster=~"$cluster"} and on() hour() > 8
    sum by (ns) (a) and on() (hour() > 8)
      sum by (ns) (a{cluster=~"$cluster"}) and on() (hour() > 8)
    a * on() group_left vector(2)
      a{cluster=~"$cluster"} * on() group_left vector(2)
    sum(a) * vector(2)
      sum(a{cluster=~"$cluster"}) * vector(2)
    time() - max by (pod) (a)
      time() - max by (pod) (a{cluster=~"$cluster"})
    clamp_max(sum by (x) (a), 5)
      clamp_max(sum by (x) (a{cluster=~"$cluster"}), 5)
    "##);
}

#[test]
fn what_names_the_label_was_meant_so() {
    assert_snapshot!(all(&[
        "sum by (cluster) (a) / on(cluster) sum by (cluster) (b)",
        "sum by (cluster, ns) (a) / sum by (ns, cluster) (b)",
        "a * on(cluster, pod) group_left(node) b",
        "a / ignoring(cluster) group_left sum without (cluster) (b)",
        "a * on(pod) group_left(cluster) b",
    ]), @r##"
    sum by (cluster) (a) / on(cluster) sum by (cluster) (b)
      sum by (cluster) (a{cluster=~"$cluster"}) / on(cluster) sum by (cluster) (b{cluster=~"$cluster"})
    sum by (cluster, ns) (a) / sum by (ns, cluster) (b)
      sum by (cluster, ns) (a{cluster=~"$cluster"}) / sum by (ns, cluster) (b{cluster=~"$cluster"})
    a * on(cluster, pod) group_left(node) b
      a{cluster=~"$cluster"} * on(cluster, pod) group_left(node) b{cluster=~"$cluster"}
    a / ignoring(cluster) group_left sum without (cluster) (b)
      a{cluster=~"$cluster"} / ignoring(cluster) group_left sum without (cluster) (b{cluster=~"$cluster"})
    a * on(pod) group_left(cluster) b
      a{cluster=~"$cluster"} * on(pod) group_left(cluster) b{cluster=~"$cluster"}
    "##);
}

#[test]
fn what_cannot_be_kept_apart_is_refused() {
    assert_snapshot!(all(&[
        "sum by (x) (a * on(x) group_left() (b or vector(0)))",
        "a * on(x) absent(b)",
        "a * vector(2)",
        "a / on(ns) label_replace(b, \"cluster\", \"x\", \"y\", \".*\")",
        "sum without (cluster) (a) / sum by (ns) (b)",
        "a * on(x) (b / scalar(c))",
        "a / on(x) $aggregation(b)",
        "info(a)",
    ]), @r##"
    sum by (x) (a * on(x) group_left() (b or vector(0)))
      refused: vector() has no cluster, and is joined with what has
    a * on(x) absent(b)
      refused: one side of * has no cluster, and is joined with what has
    a * vector(2)
      refused: one side of * has no cluster, and is joined with what has
    a / on(ns) label_replace(b, "cluster", "x", "y", ".*")
      refused: one side of / has no cluster, and is joined with what has
    sum without (cluster) (a) / sum by (ns) (b)
      refused: sum without (cluster) has no cluster, and is joined with what has
    a * on(x) (b / scalar(c))
      refused: scalar() has no cluster, and is joined with what has
    a / on(x) $aggregation(b)
      refused: whether $aggregation is a function or an aggregation cannot be told, and it matters
    info(a)
      refused: info() joins by instance and job alone
    "##);
}
