//! A finding for the user: stable code, place, what is wrong in the user's words, how to mend it.
//!
//! Raising one is a line: `Diagnostic::error(codes::UNKNOWN_NOUN, span, "unknown noun `nod`").help("did you mean `node`?")`.
//! Rendering happens once, in the runner. Message manners: lower case, no full stop, user text in
//! backticks, no Rust type names, no line breaks, advice in the help.

pub mod codes;

use serde::Serialize;

use crate::source::Span;

/// How serious a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Nothing is planned or applied.
    Error,
    /// Worth a look; nothing stops.
    Warning,
}

/// A stable code of [`codes`]; its page is `docs/src/codes/<ID>.md`.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code {
    /// The stable identifier, e.g. `RF101`.
    pub id: &'static str,
    /// The same in words, e.g. `unknown-noun`.
    pub name: &'static str,
    /// One line for lists.
    pub summary: &'static str,
}

/// A second place that belongs to a finding, with what it has to do with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What is there, e.g. `first declared here`.
    pub message: String,
}

/// A finding for the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Its stable code.
    pub code: &'static Code,
    /// How serious it is.
    pub severity: Severity,
    /// One line: what is wrong.
    pub message: String,
    /// Where, if it has a place at all (a missing file may have none).
    pub span: Option<Span>,
    /// What to write under the primary place; often empty.
    pub label: String,
    /// Further places.
    pub labels: Vec<Label>,
    /// How to mend it, one line each.
    pub help: Vec<String>,
}

impl Diagnostic {
    /// An error at `span`.
    pub fn error(code: &'static Code, span: Span, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, Some(span), message.into())
    }

    /// A warning at `span`.
    pub fn warning(code: &'static Code, span: Span, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Warning, Some(span), message.into())
    }

    /// An error that has no place in a text.
    pub fn error_nowhere(code: &'static Code, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, None, message.into())
    }

    /// A warning that has no place in a text.
    pub fn warning_nowhere(code: &'static Code, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Warning, None, message.into())
    }

    fn new(code: &'static Code, severity: Severity, span: Option<Span>, message: String) -> Self {
        let message = visible(message);
        Self { code, severity, message, span, label: String::new(), labels: Vec::new(), help: Vec::new() }
    }

    /// Says what is at the primary place.
    pub fn label(mut self, message: impl Into<String>) -> Self {
        self.label = visible(message.into());
        self
    }

    /// Adds a further place.
    pub fn and(mut self, span: Span, message: impl Into<String>) -> Self {
        self.labels.push(Label { span, message: visible(message.into()) });
        self
    }

    /// Adds a line of advice.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(visible(help.into()));
        self
    }

    /// Adds a line of advice where there is one.
    pub fn maybe_help(self, help: Option<String>) -> Self {
        match help {
            Some(help) => self.help(help),
            None => self,
        }
    }
}

/// The text with its control characters written as numbers: what a user wrote is shown to a terminal, which obeys them.
fn visible(text: String) -> String {
    let is_obeyed = |character: char| character.is_control() && !matches!(character, '\n' | '\t');
    if !text.contains(is_obeyed) {
        return text;
    }
    let shown = |character: char| match is_obeyed(character) {
        true => format!("\\u{{{:x}}}", u32::from(character)),
        false => character.to_string(),
    };
    text.chars().map(shown).collect()
}

/// Whether any of `diagnostics` is an error.
pub fn has_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
}

/// Sorts by place, then code, then message, and drops exact repeats, so that output does not depend
/// on the order in which checks ran.
pub fn sort(diagnostics: &mut Vec<Diagnostic>) {
    diagnostics
        .sort_by(|a, b| (a.span, a.code.id, &a.message, a.severity).cmp(&(b.span, b.code.id, &b.message, b.severity)));
    diagnostics.dedup();
}
