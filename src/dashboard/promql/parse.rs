//! The grammar of PromQL, as Prometheus has it up to 3.8; what is not known is refused.

mod listed;

use self::listed::unquoted;
use super::token::{Kind, Token, tokens, variable};
use super::tree::{Aggregation, Binary, Callee, Expr, Grouping, Matching, Selector};

const AGGREGATIONS: [&str; 14] = [
    "sum",
    "avg",
    "count",
    "min",
    "max",
    "group",
    "stddev",
    "stdvar",
    "topk",
    "bottomk",
    "quantile",
    "count_values",
    "limitk",
    "limit_ratio",
];

/// From what binds least to what binds most. The last binds to the right.
const OPERATORS: [&[&str]; 6] = [
    &["or"],
    &["and", "unless"],
    &["==", "!=", "<=", "<", ">=", ">"],
    &["+", "-"],
    &["*", "/", "%", "atan2"],
    &["^"],
];

/// How deep parentheses may be nested.
const DEPTH: usize = 60;
/// How many operators an expression may have.
const OPERATIONS: usize = 250;

/// Reads a whole text as one expression.
pub(super) fn parse(text: &str) -> Result<Expr, String> {
    let tokens = tokens(text)?;
    let mut parser = Parser { text, tokens: &tokens, at: 0, depth: 0, operators: 0 };
    let expr = parser.binary(0)?;
    match parser.token().kind {
        Kind::End => Ok(expr),
        _ => Err(parser.unexpected()),
    }
}

struct Parser<'t> {
    text: &'t str,
    tokens: &'t [Token],
    at: usize,
    depth: usize,
    operators: usize,
}

impl<'t> Parser<'t> {
    fn token(&self) -> &'t Token {
        &self.tokens[self.at.min(self.tokens.len() - 1)]
    }

    fn word(&self) -> &'t str {
        &self.text[self.token().span.clone()]
    }

    fn is(&self, sign: &str) -> bool {
        self.token().kind == Kind::Sign && self.word() == sign
    }

    fn is_word(&self, word: &str) -> bool {
        self.token().kind == Kind::Word && self.word().eq_ignore_ascii_case(word)
    }

    fn next(&mut self) -> &'t Token {
        let token = self.token();
        self.at += 1;
        token
    }

    fn takes(&mut self, sign: &str) -> bool {
        let is = self.is(sign);
        self.at += usize::from(is);
        is
    }

    fn takes_word(&mut self, word: &str) -> bool {
        let is = self.is_word(word);
        self.at += usize::from(is);
        is
    }

    fn must(&mut self, sign: &str) -> Result<&'t Token, String> {
        if self.is(sign) { Ok(self.next()) } else { Err(self.unexpected()) }
    }

    fn unexpected(&self) -> String {
        match self.token().kind {
            Kind::End => "the expression ends too early".to_owned(),
            _ => format!("{:?} is not expected at {}", self.word(), self.token().span.start + 1),
        }
    }

    /// Space stands at a place of the text.
    fn is_space(&self, at: usize) -> bool {
        self.text[at..].starts_with(|c: char| c.is_ascii_whitespace())
    }

    /// Terms, and between them operators that bind at least as much as a level.
    fn binary(&mut self, least: usize) -> Result<Expr, String> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err("it is nested too deeply".to_owned());
        }
        // A sign binds less than a power, and more than anything else.
        let power = OPERATORS.len() - 1;
        let mut left = if self.takes("-") || self.takes("+") {
            Expr::Around(Box::new(self.binary(power)?))
        } else {
            self.postfix()?
        };
        while let Some((level, operator)) = self.operator().filter(|(level, _)| *level >= least) {
            self.next();
            self.operators += 1;
            if self.operators > OPERATIONS {
                return Err("it is too long".to_owned());
            }
            let (matching, group) = self.modifiers()?;
            // A power is the only one that begins at its right end.
            let right = self.binary(if level == power { level } else { level + 1 })?;
            left = Expr::Binary(Box::new(Binary { operator, left, right, matching, group }));
        }
        self.depth -= 1;
        Ok(left)
    }

    fn operator(&self) -> Option<(usize, String)> {
        let operator = self.word().to_ascii_lowercase();
        let is_one = matches!(self.token().kind, Kind::Sign | Kind::Word);
        let level = OPERATORS.iter().position(|operators| operators.contains(&operator.as_str()));
        level.filter(|_| is_one).map(|level| (level, operator))
    }

    fn modifiers(&mut self) -> Result<(Matching, Option<Vec<String>>), String> {
        self.takes_word("bool");
        let mut group = None;
        let matching = if self.takes_word("on") {
            Matching::On(self.labels()?)
        } else if self.takes_word("ignoring") {
            Matching::Ignoring(self.labels()?)
        } else {
            Matching::AllLabels
        };
        if matching != Matching::AllLabels
            && (self.takes_word("group_left") || self.takes_word("group_right"))
        {
            group = Some(if self.is("(") { self.labels()?.names } else { Vec::new() });
        }
        for fill in ["fill", "fill_left", "fill_right", "fill_left"] {
            let is_fill =
                self.is_word(fill) && self.tokens.get(self.at + 1).is_some_and(|next| self.opens(next));
            if is_fill {
                self.next();
                self.must("(")?;
                self.signed()?;
                self.must(")")?;
            }
        }
        Ok((matching, group))
    }

    fn opens(&self, token: &Token) -> bool {
        token.kind == Kind::Sign && &self.text[token.span.clone()] == "("
    }

    /// What stands behind a term: `[5m]`, `[1h:5m]`, `offset 1d`, `@ start()`.
    fn postfix(&mut self) -> Result<Expr, String> {
        let mut expr = self.term()?;
        loop {
            if self.takes("[") {
                let from = self.at;
                while !self.takes("]") {
                    let is_inside = matches!(self.token().kind, Kind::Word | Kind::Sign) && !self.is("[");
                    if !is_inside {
                        return Err(self.unexpected());
                    }
                    self.next();
                }
                if self.at == from + 1 {
                    return Err("a range has no duration".to_owned());
                }
            } else if self.takes_word("offset") {
                if self.is("(") { self.parentheses()? } else { self.signed()? }
            } else if self.takes("@") {
                let calls = self.is_word("start") || self.is_word("end");
                if calls {
                    self.next();
                    self.must("(")?;
                    self.must(")")?;
                } else {
                    self.signed()?;
                }
            } else if self.takes_word("smoothed") || self.takes_word("anchored") {
            } else {
                return Ok(expr);
            }
            // A variable with a range behind it is the name of a metric.
            if let Expr::Variable { end, .. } = expr {
                expr = Expr::Selector(Selector { place: end, matchers: None, spaced: true });
            }
            expr = Expr::Around(Box::new(expr));
        }
    }

    /// A number or a duration, or a variable for one.
    fn signed(&mut self) -> Result<(), String> {
        let _ = self.takes("-") || self.takes("+");
        let is_one = self.token().kind == Kind::Word
            && (variable(self.word()).is_some()
                || self.word().starts_with(|c: char| c.is_ascii_digit() || c == '.'));
        if !is_one {
            return Err(self.unexpected());
        }
        self.next();
        Ok(())
    }

    fn parentheses(&mut self) -> Result<(), String> {
        let mut depth = 0_usize;
        loop {
            if self.is("(") {
                depth += 1;
            } else if self.is(")") {
                depth -= 1;
            } else if self.token().kind == Kind::End {
                return Err(self.unexpected());
            }
            self.next();
            if depth == 0 {
                return Ok(());
            }
        }
    }

    fn term(&mut self) -> Result<Expr, String> {
        let token = self.token();
        let word = self.word();
        match token.kind {
            Kind::Text => {
                self.next();
                Ok(Expr::Text(unquoted(word)))
            }
            Kind::Sign if word == "(" => {
                self.next();
                let inner = self.binary(0)?;
                self.must(")")?;
                Ok(Expr::Around(Box::new(inner)))
            }
            Kind::Sign if word == "{" => self.selector(token.span.start),
            Kind::Word => {
                self.next();
                self.named(word, token.span.end)
            }
            Kind::Sign | Kind::End => Err(self.unexpected()),
        }
    }

    fn named(&mut self, word: &'t str, end: usize) -> Result<Expr, String> {
        let lower = word.to_ascii_lowercase();
        let whole = variable(word).filter(|variable| variable.length == word.len());
        let groups = self.is_word("by") || self.is_word("without");
        if (self.is("(") || groups) && AGGREGATIONS.contains(&lower.as_str()) {
            return self.aggregation(lower, end);
        }
        if whole.is_some() && groups {
            return self.aggregation(word.to_owned(), end);
        }
        if self.is("(") {
            let args = self.args()?;
            if self.is_word("by") || self.is_word("without") {
                let grouping = Some(self.grouping()?);
                let spaced = self.is_space(end);
                return Ok(Expr::Aggregation(Aggregation {
                    name: word.to_owned(),
                    end,
                    spaced,
                    grouping,
                    args,
                }));
            }
            // A function may be a variable in part, an aggregation's name has no parts.
            let callee = if whole.is_some() { Callee::Unknown(lower) } else { Callee::Function(lower) };
            return Ok(Expr::Call { callee, args });
        }
        if self.is("{") {
            return self.selector(end);
        }
        if lower == "inf" || lower == "nan" || word.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
            return Ok(Expr::Number);
        }
        if let Some(variable) = whole {
            return Ok(Expr::Variable { name: variable.name.to_owned(), end });
        }
        if !literal(word).contains(|c: char| c.is_ascii_alphabetic()) && variable(word).is_some() {
            return Err(format!("{word} may be a number or a metric"));
        }
        Ok(Expr::Selector(Selector { place: end, matchers: None, spaced: true }))
    }

    fn args(&mut self) -> Result<Vec<Expr>, String> {
        self.must("(")?;
        let mut args = Vec::new();
        if self.takes(")") {
            return Ok(args);
        }
        loop {
            args.push(self.binary(0)?);
            if self.takes(")") {
                return Ok(args);
            }
            self.must(",")?;
        }
    }

    fn grouping(&mut self) -> Result<Grouping, String> {
        let keeps = self.is_word("by");
        self.next();
        Ok(Grouping { keeps, labels: self.labels()? })
    }

    fn aggregation(&mut self, name: String, end: usize) -> Result<Expr, String> {
        let groups = |parser: &Self| parser.is_word("by") || parser.is_word("without");
        let before = if groups(self) { Some(self.grouping()?) } else { None };
        let args = self.args()?;
        let after = if before.is_none() && groups(self) { Some(self.grouping()?) } else { None };
        let spaced = self.is_space(end);
        Ok(Expr::Aggregation(Aggregation { name, end, spaced, grouping: before.or(after), args }))
    }
}

/// The text of a word without its variables.
fn literal(word: &str) -> String {
    let mut text = String::new();
    let mut at = 0;
    while let Some(c) = word[at..].chars().next() {
        if let Some(variable) = variable(&word[at..]) {
            at += variable.length;
        } else {
            text.push(c);
            at += c.len_utf8();
        }
    }
    text
}
