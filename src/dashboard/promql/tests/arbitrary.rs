//! Expressions that nobody would write.

use proptest::prelude::*;

use super::super::{expression, inserted};
use super::{judge, wish};

fn labels() -> impl Strategy<Value = String> {
    proptest::sample::subsequence(vec!["ns", "pod", "cluster", "$label"], 0..4)
        .prop_map(|names| names.join(", "))
}

fn selector() -> impl Strategy<Value = String> {
    proptest::sample::select(vec![
        "a",
        "a{}",
        "job:a:sum{b=\"c\",d!='e'}",
        "{\"a.b\", c=~\"$d\"}",
        "a{cluster=~\"$cluster\"}",
        "$metric{b=`c`}",
        "a offset 5m",
        "rate(a[$__rate_interval])",
        "max_over_time(a{x=\"#\"}[1h:$step] @ end())",
    ])
    .prop_map(str::to_owned)
}

fn expressions() -> impl Strategy<Value = String> {
    let leaf =
        prop_oneof![4 => selector(), 1 => Just("vector(0)".to_owned()), 1 => Just("absent(a)".to_owned())];
    leaf.prop_recursive(4, 24, 2, |inner| {
        let aggregations = vec!["sum", "Max", "count", "$aggregation"];
        let operators = vec!["+", "/", "> bool", "and", "or", "unless", "^"];
        prop_oneof![
            (proptest::sample::select(aggregations.clone()), labels(), inner.clone())
                .prop_map(|(name, labels, inner)| format!("{name} by ({labels}) ({inner})")),
            (proptest::sample::select(aggregations), labels(), inner.clone())
                .prop_map(|(name, labels, inner)| format!("{name}({inner}) without({labels})")),
            inner.clone().prop_map(|inner| format!("sum({inner})")),
            inner.clone().prop_map(|inner| format!("topk ($k, {inner})")),
            inner.clone().prop_map(|inner| format!("abs(-({inner}))")),
            inner.clone().prop_map(|inner| format!("label_replace({inner}, 'x', '$1', \"y\", '(.*)')")),
            inner.clone().prop_map(|inner| format!("{inner} / scalar({inner}) # why\n")),
            (inner.clone(), proptest::sample::select(operators.clone()), inner.clone())
                .prop_map(|(left, operator, right)| format!("({left}) {operator} ({right})")),
            (inner.clone(), proptest::sample::select(operators), labels(), inner.clone()).prop_map(
                |(left, operator, labels, right)| format!("({left}) {operator} on({labels}) ({right})")
            ),
            (inner.clone(), labels(), inner).prop_map(|(left, labels, right)| format!(
                "({left}) * ignoring({labels}) group_left() ({right})"
            )),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    /// Everything is still there, the judge sees nothing but the label, and a second run changes nothing.
    #[test]
    fn the_judge_agrees_and_once_is_enough(text in expressions()) {
        if let Ok(insertions) = expression(&text, &wish()) {
            let result = inserted(&text, &insertions);
            judge::agrees(&text, &result);
            prop_assert_eq!(expression(&result, &wish()), Ok(Vec::new()));
        }
    }

    /// Bytes from outside do no harm.
    #[test]
    fn any_text_is_read_or_refused(text in "[a-c(){}\\[\\]$\"'`=~!<>:@#,.0-9 +*^é-]{0,40}") {
        drop(expression(&text, &wish()));
    }
}
