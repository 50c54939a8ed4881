//! What stands in parentheses behind `by`, and in the braces of a selector.

use super::super::token::{Kind, variable};
use super::super::tree::{Expr, Labels, Matcher, Selector};
use super::Parser;

impl Parser<'_> {
    pub(super) fn labels(&mut self) -> Result<Labels, String> {
        let place = self.must("(")?.span.end;
        let mut labels = Labels { place, names: Vec::new(), spaced: true };
        while !self.takes(")") {
            let name = match self.token().kind {
                Kind::Word => self.word().to_owned(),
                Kind::Text => unquoted(self.word()),
                _ => return Err(self.unexpected()),
            };
            self.next();
            labels.names.push(name);
            if !self.is(")") {
                let comma = self.must(",")?;
                labels.spaced = self.is_space(comma.span.end);
            }
        }
        Ok(labels)
    }

    /// The braces of a selector; without them, the selector ends where its name does.
    pub(super) fn selector(&mut self, end: usize) -> Result<Expr, String> {
        let mut selector = Selector { place: end, matchers: None, spaced: true };
        selector.place = self.must("{")?.span.end;
        let mut matchers = Vec::new();
        while !self.takes("}") {
            matchers.push(self.matcher()?);
            if !self.is("}") {
                let comma = self.must(",")?;
                selector.spaced = self.is_space(comma.span.end);
            }
        }
        // Where a space or a line break follows the brace, it follows the comma.
        selector.spaced &= !self.is_space(selector.place);
        selector.matchers = Some(matchers);
        Ok(Expr::Selector(selector))
    }

    fn matcher(&mut self) -> Result<Matcher, String> {
        let token = self.next();
        let label = &self.text[token.span.clone()];
        let compares = ["=", "!=", "=~", "!~"].into_iter().any(|sign| self.takes(sign));
        if compares {
            let label = match token.kind {
                Kind::Word => label.to_owned(),
                Kind::Text => unquoted(label),
                Kind::Sign | Kind::End => return Err("a matcher has no label".to_owned()),
            };
            if self.token().kind != Kind::Text {
                return Err(self.unexpected());
            }
            let value = self.word().to_owned();
            self.next();
            return Ok(Matcher::Label { label, value });
        }
        let is_variable = variable(label).is_some_and(|variable| variable.length == label.len());
        if token.kind == Kind::Text || (token.kind == Kind::Word && is_variable) {
            return Ok(Matcher::Other);
        }
        self.at -= 1;
        Err(self.unexpected())
    }
}

/// Label names have no escapes that anybody uses: one that has them equals no name.
pub(super) fn unquoted(text: &str) -> String {
    text.trim_matches(|c| matches!(c, '"' | '\'' | '`')).to_owned()
}
