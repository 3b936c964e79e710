//! Places in a text that expressions of the template language take.

use serde_json::Value;

/// The digits of the number of an expression.
const DIGITS: usize = 6;

/// The expressions of a chart, each with a mark that stands in its place until the text is written.
#[derive(Debug)]
pub(super) struct Marks {
    mark: String,
    expressions: Vec<String>,
}

impl Marks {
    /// With marks that are nowhere in a text.
    pub(super) fn of(text: &str) -> Self {
        let mut mark = "RANFORM".to_owned();
        while text.contains(&mark) {
            mark.push('X');
        }
        Self { mark, expressions: Vec::new() }
    }

    /// The mark of an expression, for a part of a text.
    pub(super) fn part(&mut self, expression: String) -> String {
        self.expressions.push(expression);
        format!("{}{:0DIGITS$}E", self.mark, self.expressions.len() - 1)
    }

    /// A value that is written by an expression.
    pub(super) fn value(&mut self, expression: String) -> Value {
        self.part(expression).into()
    }

    /// A member of `object` that an expression writes, name and all, over lines of their own.
    pub(super) fn lines(&mut self, object: &mut Value, expression: &str) {
        let name = self.part(expression.to_owned());
        if let Some(members) = object.as_object_mut() {
            members.insert(name, Value::Null);
        }
    }

    /// The text with the expressions in their places. `{{` of the text itself is written as such.
    pub(super) fn fill(&self, text: &str) -> String {
        let mut filled = String::new();
        for line in text.replace("{{", "{{ \"{{\" }}").lines() {
            let content = line.trim_start();
            let indent = line.len() - content.len();
            match self.next(content) {
                Some((0, length, expression)) if &content[length..] == ": null" => {
                    let block = expression.replace("INDENT", &indent.to_string());
                    let lines = block.lines().map(|one| format!("{}{one}", " ".repeat(indent)));
                    filled.push_str(&lines.collect::<Vec<_>>().join("\n"));
                }
                _ => self.replaced(line, &mut filled),
            }
            filled.push('\n');
        }
        filled
    }

    fn replaced(&self, mut rest: &str, filled: &mut String) {
        while let Some((at, length, expression)) = self.next(rest) {
            filled.push_str(&rest[..at]);
            filled.push_str(expression);
            rest = &rest[at + length..];
        }
        filled.push_str(rest);
    }

    /// The first mark: where it begins, its length, its expression.
    fn next(&self, text: &str) -> Option<(usize, usize, &str)> {
        let at = text.find(&self.mark)?;
        let begin = at + self.mark.len();
        let number: usize = text.get(begin..begin + DIGITS)?.parse().ok()?;
        Some((at, self.mark.len() + DIGITS + 1, self.expressions.get(number)?))
    }
}
