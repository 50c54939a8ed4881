//! What a rule's query does to the label `cluster`, told from its words.
//!
//! No parser of PromQL: what cannot be told for certain keeps the label. A query that speaks of `cluster` anywhere
//! was written with clusters in mind, and is left alone.

/// How a query comes to lose the label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Loss {
    /// By this aggregation, which leaves it out.
    Aggregation(String),
    /// `absent` is silent as long as one cluster of many has the series.
    Absent,
}

/// How the result of a query comes to have no `cluster`; `None` where it has one, or where that is not certain.
pub fn cluster_loss(query: &str) -> Option<Loss> {
    let tokens = tokens(query);
    if tokens.iter().any(|token| token.is("cluster")) {
        return None;
    }
    match fate(&tokens) {
        Fate::Loses(loss) => Some(loss),
        Fate::Keeps | Fate::Scalar => None,
    }
}

/// What becomes of the label.
enum Fate {
    Keeps,
    Loses(Loss),
    /// There are no labels.
    Scalar,
}

#[derive(Debug, PartialEq)]
enum Token {
    Word(String),
    /// A number or a text.
    Constant,
    Sign(char),
}

impl Token {
    fn is(&self, word: &str) -> bool {
        matches!(self, Self::Word(own) if own.eq_ignore_ascii_case(word))
    }

    fn is_one_of(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.is(word))
    }
}

const SUMMING: [&str; 10] =
    ["sum", "avg", "count", "min", "max", "group", "stddev", "stdvar", "quantile", "count_values"];
const MATCHING: [&str; 4] = ["on", "ignoring", "group_left", "group_right"];
const JOINING: [&str; 4] = ["and", "or", "unless", "atan2"];

fn tokens(query: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut chars = query.chars().peekable();
    while let Some(first) = chars.next() {
        match first {
            '#' => while chars.next_if(|c| *c != '\n').is_some() {},
            '"' | '\'' | '`' => {
                while let Some(c) = chars.next() {
                    if c == first {
                        break;
                    }
                    if c == '\\' && first != '`' {
                        chars.next();
                    }
                }
                tokens.push(Token::Constant);
            }
            _ if first.is_ascii_digit() || first == '.' => {
                while chars.next_if(|c| c.is_ascii_alphanumeric() || *c == '.').is_some() {}
                tokens.push(Token::Constant);
            }
            _ if first.is_alphabetic() || matches!(first, '_' | ':') => {
                let mut word = String::from(first);
                while let Some(c) = chars.next_if(|c| c.is_alphanumeric() || matches!(c, '_' | ':')) {
                    word.push(c);
                }
                let is_number = word.eq_ignore_ascii_case("inf") || word.eq_ignore_ascii_case("nan");
                tokens.push(if is_number { Token::Constant } else { Token::Word(word) });
            }
            _ if first.is_whitespace() => {}
            _ => tokens.push(Token::Sign(first)),
        }
    }
    tokens
}

/// That of operands: which operator joins them does not matter, as all of them must lose the label.
fn fate(tokens: &[Token]) -> Fate {
    all(split(tokens, |token| match token {
        Token::Sign(sign) => "+-*/%^=!<>~".contains(*sign),
        word => word.is_one_of(&JOINING),
    })
    .into_iter()
    .map(operand))
}

fn all(fates: impl Iterator<Item = Fate>) -> Fate {
    let mut result = Fate::Scalar;
    for fate in fates {
        match (&result, fate) {
            (_, Fate::Keeps) => return Fate::Keeps,
            (Fate::Scalar, Fate::Loses(loss)) => result = Fate::Loses(loss),
            _ => {}
        }
    }
    result
}

fn operand(mut tokens: &[Token]) -> Fate {
    while let Some((first, rest)) = tokens.split_first() {
        if first.is("bool") {
            tokens = rest;
        } else if first.is_one_of(&MATCHING) {
            tokens = parenthesised(rest).map_or(rest, |(_, rest)| rest);
        } else {
            break;
        }
    }
    match tokens {
        [] | [Token::Constant, ..] => Fate::Scalar,
        [Token::Word(word), rest @ ..] => {
            if SUMMING.iter().any(|name| word.eq_ignore_ascii_case(name))
                && let Some(fate) = aggregation(word, rest)
            {
                return fate;
            }
            match parenthesised(rest) {
                Some((inside, _)) => function(word, inside),
                None => Fate::Keeps,
            }
        }
        _ => parenthesised(tokens).map_or(Fate::Keeps, |(inside, _)| fate(inside)),
    }
}

/// The clause stands before the arguments or after them.
fn aggregation(word: &str, rest: &[Token]) -> Option<Fate> {
    let clause = |tokens: &[Token]| tokens.first().is_some_and(|first| first.is_one_of(&["by", "without"]));
    let (inside, keyword) = if clause(rest) {
        let (_, after) = parenthesised(&rest[1..])?;
        (parenthesised(after)?.0, rest.first())
    } else {
        let (inside, after) = parenthesised(rest)?;
        (inside, after.first().filter(|_| clause(after)))
    };
    let last = split(inside, |token| *token == Token::Sign(',')).pop().unwrap_or_default();
    Some(match (fate(last), keyword) {
        (Fate::Scalar, _) => Fate::Scalar,
        // No list names the cluster here, so this one leaves it.
        (inner, Some(keyword)) if keyword.is("without") => inner,
        (Fate::Loses(loss), _) => Fate::Loses(loss),
        (Fate::Keeps, _) => Fate::Loses(Loss::Aggregation(word.to_lowercase())),
    })
}

fn function(word: &str, inside: &[Token]) -> Fate {
    match word.to_lowercase().as_str() {
        "absent" | "absent_over_time" => Fate::Loses(Loss::Absent),
        "vector" | "scalar" | "time" | "pi" => Fate::Scalar,
        // They can put any label on.
        "label_replace" | "label_join" | "info" => Fate::Keeps,
        _ => all(split(inside, |token| *token == Token::Sign(',')).into_iter().map(fate)),
    }
}

/// What stands between a parenthesis at the beginning and its end, and what follows.
fn parenthesised(tokens: &[Token]) -> Option<(&[Token], &[Token])> {
    if tokens.first()? != &Token::Sign('(') {
        return None;
    }
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Sign('(') => depth += 1,
            Token::Sign(')') => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some((&tokens[1..at], &tokens[at + 1..]));
        }
    }
    None
}

/// The parts between the tokens that separate, outside all brackets.
fn split(tokens: &[Token], separates: impl Fn(&Token) -> bool) -> Vec<&[Token]> {
    let mut depth = 0_usize;
    let mut parts = Vec::new();
    let mut begin = 0;
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Sign('(' | '[' | '{') => depth += 1,
            Token::Sign(')' | ']' | '}') => depth = depth.saturating_sub(1),
            token if depth == 0 && separates(token) => {
                parts.push(&tokens[begin..at]);
                begin = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&tokens[begin..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by(query: &str) -> String {
        match cluster_loss(query) {
            Some(Loss::Aggregation(word)) => word,
            Some(Loss::Absent) => "absent".into(),
            None => String::new(),
        }
    }

    #[test]
    fn an_aggregation_without_the_cluster_loses_it() {
        for (query, word) in [
            ("sum by (job) (up)", "sum"),
            ("SUM(rate(x{scope=\"cluster\"}[5m])) by (namespace) > 5", "sum"),
            ("100 * (1 - avg(rate(idle[5m])))", "avg"),
            ("histogram_quantile(0.99, sum(rate(x_bucket[5m])) by (le))", "sum"),
            ("max(a) / on() sum(b)", "max"),
            ("count_values(\"version\", build_info) > 1 # by (cluster)", "count_values"),
            ("quantile by (job) (0.9, x) or vector(0)", "quantile"),
            ("absent(up{job=\"api\"} == 1)", "absent"),
            ("-sum(a offset 5m)", "sum"),
        ] {
            assert_eq!(by(query), word, "{query}");
        }
    }

    #[test]
    fn what_keeps_the_cluster_or_may_keep_it_is_left_alone() {
        for query in [
            "up == 0",
            "sum by (cluster, job) (up)",
            "sum(x) by (job, cluster)",
            "sum without (instance) (up)",
            "sum(rate(x{cluster=\"edge\"}[5m]))",
            "absent(up{cluster=\"edge\"})",
            "x * on (pod) group_left sum by (pod) (y)",
            "x and on() sum(y) > 3",
            "topk(5, x)",
            "label_replace(sum(x), \"cluster\", \"all\", \"\", \"\")",
            "sum_over_time(x[5m])",
            "cluster:x:sum",
            "time() - vector(3)",
            "sum(vector(1))",
            "",
            "((",
            "sum(",
            "sum by (",
            "1 +",
        ] {
            assert_eq!(by(query), "", "{query}");
        }
    }
}
