//! Findings as text with the lines they are about, and as JSON.

use std::collections::BTreeMap;
use std::ops::Range;

use codespan_reporting::diagnostic as shown;
use codespan_reporting::files::{Error, Files};
use codespan_reporting::term::termcolor::{Ansi, NoColor};
use codespan_reporting::term::{Chars, Config, emit_to_write_style};
use ranform_network::diagnostic::{Diagnostic, Severity, codes, has_errors};
use ranform_network::source::{SourceId, Sources, Span};
use ranform_network::units;
use serde_json::{Value, json};

use super::excerpt::{self, Excerpt};
use super::plain::{coloured, one_line, several_lines};

/// How text looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// For files, pipes and golden cases.
    Plain,
    /// For terminals.
    Colour,
}

/// All findings as text, each with its source lines, and a last line that counts them.
pub fn text(diagnostics: &[Diagnostic], sources: &Sources, style: Style) -> String {
    let lines = Lines::new(sources);
    let mut text: String = diagnostics.iter().map(|diagnostic| with_lines(diagnostic, &lines, style)).collect();
    if let Some(count) = count(diagnostics) {
        text.push_str(&count);
        text.push('\n');
    }
    text
}

/// Which findings of one code are told as one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Folding {
    /// Warnings, in one line.
    pub warnings: bool,
    /// Errors, the first of them in full.
    pub errors: bool,
}

/// Findings as a person reads them: folded as asked, no more than [`MOST_SHOWN`], and a last line that counts all.
pub fn told(findings: &[Diagnostic], sources: &Sources, style: Style, folding: Folding) -> String {
    let lines = Lines::new(sources);
    let groups = grouped(findings, folding);
    let mut text = String::new();
    for group in groups.iter().take(MOST_SHOWN) {
        match group[0].severity {
            Severity::Warning if folding.warnings => text.push_str(&in_one_line(group, sources)),
            _ => text.push_str(&with_lines(&first_of(group, sources), &lines, style)),
        }
    }
    let rest: usize = groups.iter().skip(MOST_SHOWN).map(Vec::len).sum();
    if rest > 0 {
        text.push_str(&with_lines(&not_shown(rest, has_errors(findings)), &lines, style));
    }
    text + &count(findings).map(|count| count + "\n").unwrap_or_default()
}

/// Findings of one code together where they are folded, each by itself otherwise; in the order of the first.
fn grouped(findings: &[Diagnostic], folding: Folding) -> Vec<Vec<&Diagnostic>> {
    let mut groups: Vec<Vec<&Diagnostic>> = Vec::new();
    let mut of_code = BTreeMap::new();
    for finding in findings {
        let folded = match finding.severity {
            Severity::Error => folding.errors,
            Severity::Warning => folding.warnings,
        };
        let own = groups.len();
        let at = if folded { *of_code.entry((word(finding), finding.code.id)).or_insert(own) } else { own };
        match groups.get_mut(at) {
            Some(group) => group.push(finding),
            None => groups.push(vec![finding]),
        }
    }
    groups
}

/// `warning[RF713]: what is wrong (main.intent:1, and 1 more of this code)`.
fn in_one_line(group: &[&Diagnostic], sources: &Sources) -> String {
    let first = group[0];
    let at = first.span.map(|span| place(span, sources)).filter(|at| !at.is_empty());
    let more = (group.len() > 1).then(|| format!("and {} more of this code", group.len() - 1));
    let details: Vec<String> = at.into_iter().chain(more).collect();
    let details = if details.is_empty() { String::new() } else { format!(" ({})", details.join(", ")) };
    format!("warning[{}]: {}{details}\n", first.code.id, one_line(&first.message))
}

/// The first of a group, which says where the others are.
fn first_of(group: &[&Diagnostic], sources: &Sources) -> Diagnostic {
    let others = &group[1..];
    if others.is_empty() {
        return group[0].clone();
    }
    let places: Vec<String> =
        others.iter().filter_map(|other| Some(place(other.span?, sources))).take(MOST_PLACES).collect();
    let at = if places.is_empty() { String::new() } else { format!(": {}", places.join(", ")) };
    let dots = if others.len() > places.len() && !places.is_empty() { ", ..." } else { "" };
    group[0].clone().help(format!("{} more of this code{at}{dots}", others.len()))
}

/// One finding as text with its source lines.
pub fn one(diagnostic: &Diagnostic, sources: &Sources, style: Style) -> String {
    with_lines(diagnostic, &Lines::new(sources), style)
}

fn with_lines(diagnostic: &Diagnostic, lines: &Lines<'_>, style: Style) -> String {
    let config = Config { chars: Chars::ascii(), ..Config::default() };
    let shown = shown_as(diagnostic);
    let mut out = Vec::new();
    let result = match Excerpt::of(diagnostic, lines) {
        Some(excerpt) => write_one(&mut out, style, &config, &excerpt, &excerpt.moved(shown)),
        None => write_one(&mut out, style, &config, lines, &shown),
    };
    if result.is_err() {
        // A span that does not fit its source must never hide the finding itself.
        out.extend_from_slice(
            format!("{}[{}]: {}\n", word(diagnostic), diagnostic.code.id, one_line(&diagnostic.message)).as_bytes(),
        );
    }
    let text = String::from_utf8_lossy(&out);
    match style {
        Style::Plain => several_lines(&text).into_owned(),
        Style::Colour => coloured(&text),
    }
}

/// The most findings shown at once; more than a person reads.
pub const MOST_SHOWN: usize = 100;

/// The places that a folded error names beside its own.
const MOST_PLACES: usize = 5;

fn not_shown(rest: usize, among_errors: bool) -> Diagnostic {
    let verb = if rest == 1 { "is" } else { "are" };
    let message = format!("{} {verb} not shown", units::count(rest, "more finding"));
    let help = "mend these first, or list all with `ranform check -json`";
    match among_errors {
        true => Diagnostic::error_nowhere(&codes::TOO_MANY_ERRORS, message).help(help),
        false => Diagnostic::warning_nowhere(&codes::TOO_MANY_ERRORS, message).help(help),
    }
}

/// `2 errors, 1 warning`; none where there is nothing.
pub fn count(diagnostics: &[Diagnostic]) -> Option<String> {
    let number = |severity| diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity).count();
    let plural = |count: usize, word: &str| match count {
        0 => None,
        1 => Some(format!("1 {word}")),
        count => Some(format!("{count} {word}s")),
    };
    let parts: Vec<String> = [plural(number(Severity::Error), "error"), plural(number(Severity::Warning), "warning")]
        .into_iter()
        .flatten()
        .collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn write_one<'f>(
    out: &mut Vec<u8>,
    style: Style,
    config: &Config,
    files: &'f impl Files<'f, FileId = SourceId>,
    shown: &shown::Diagnostic<SourceId>,
) -> Result<(), Error> {
    match style {
        Style::Plain => emit_to_write_style(&mut NoColor::new(out), config, files, shown),
        Style::Colour => emit_to_write_style(&mut Ansi::new(out), config, files, shown),
    }
}

fn word(diagnostic: &Diagnostic) -> &'static str {
    match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

fn shown_as(diagnostic: &Diagnostic) -> shown::Diagnostic<SourceId> {
    let severity = match diagnostic.severity {
        Severity::Error => shown::Severity::Error,
        Severity::Warning => shown::Severity::Warning,
    };
    let range = |span: Span| span.start as usize..span.end as usize;
    let primary = diagnostic
        .span
        .map(|span| shown::Label::primary(span.source, range(span)).with_message(one_line(&diagnostic.label)));
    let others = diagnostic.labels.iter().map(|label| {
        shown::Label::secondary(label.span.source, range(label.span)).with_message(one_line(&label.message))
    });
    shown::Diagnostic::new(severity)
        .with_code(diagnostic.code.id)
        .with_message(one_line(&diagnostic.message))
        .with_labels(primary.into_iter().chain(others).collect())
        .with_notes(diagnostic.help.iter().map(|help| format!("help: {}", several_lines(help))).collect())
}

/// One finding as the JSON object of `check -json` and of NDJSON events.
pub fn json_one(diagnostic: &Diagnostic, sources: &Sources) -> Value {
    let lines = Lines::new(sources);
    let place = |span: Span| lines.range(span);
    let mut object = json!({
        "severity": diagnostic.severity,
        "code": diagnostic.code.id,
        "name": diagnostic.code.name,
        "summary": diagnostic.message,
        "detail": diagnostic.help.join("; "),
        "help": diagnostic.help,
    });
    if let Some(span) = diagnostic.span {
        object["range"] = place(span);
        object["snippet"] = json!({ "code": lines.cut_line(span), "label": diagnostic.label });
    }
    let related: Vec<Value> =
        diagnostic.labels.iter().map(|label| json!({ "message": label.message, "range": place(label.span) })).collect();
    if !related.is_empty() {
        object["related"] = Value::Array(related);
    }
    object
}

/// The document of `check -json`.
pub fn json(diagnostics: &[Diagnostic], sources: &Sources) -> Value {
    let errors = diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count();
    json!({
        "format_version": "1.0",
        "valid": errors == 0,
        "error_count": errors,
        "warning_count": diagnostics.len() - errors,
        "diagnostics": diagnostics.iter().map(|diagnostic| json_one(diagnostic, sources)).collect::<Vec<_>>(),
    })
}

/// `file:line` of a span, for causes and tables.
pub fn place(span: Span, sources: &Sources) -> String {
    let lines = Lines::new(sources);
    match (sources.get(span.source), lines.position(span.source, span.start as usize)) {
        (Some(source), Some((line, _))) => format!("{}:{line}", source.path),
        _ => String::new(),
    }
}

/// The line structure of the sources, found on demand.
pub struct Lines<'a> {
    sources: &'a Sources,
    starts: std::cell::RefCell<BTreeMap<SourceId, std::rc::Rc<[usize]>>>,
}

impl<'a> Lines<'a> {
    /// Over these sources.
    pub fn new(sources: &'a Sources) -> Self {
        Self { sources, starts: std::cell::RefCell::default() }
    }

    fn starts(&self, id: SourceId) -> Option<std::rc::Rc<[usize]>> {
        if let Some(starts) = self.starts.borrow().get(&id) {
            return Some(starts.clone());
        }
        let text = &self.sources.get(id)?.text;
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(index, _)| index + 1);
        let starts: std::rc::Rc<[usize]> = std::iter::once(0).chain(ends).collect();
        self.starts.borrow_mut().insert(id, starts.clone());
        Some(starts)
    }

    /// Line and column (in characters) of a byte, both from 1.
    pub fn position(&self, id: SourceId, byte: usize) -> Option<(usize, usize)> {
        let starts = self.starts(id)?;
        let line = starts.partition_point(|start| *start <= byte).max(1) - 1;
        let text = &self.sources.get(id)?.text;
        let before = text.get(starts[line]..byte.min(text.len())).unwrap_or("");
        Some((line + 1, before.chars().count() + 1))
    }

    fn range(&self, span: Span) -> Value {
        let point = |byte: u32| {
            let (line, column) = self.position(span.source, byte as usize).unwrap_or((0, 0));
            json!({ "line": line, "column": column, "byte": byte })
        };
        let filename = self.sources.get(span.source).map_or("", |source| source.path.as_str());
        json!({ "filename": filename, "start": point(span.start), "end": point(span.end) })
    }

    /// The line that a place begins on: where it is in its source, and its text.
    pub(super) fn line_of(&self, span: Span) -> Option<(Range<usize>, &'a str)> {
        let starts = self.starts(span.source)?;
        let start = starts[starts.partition_point(|start| *start <= span.start as usize).max(1) - 1];
        let line = self.sources.get(span.source)?.text.get(start..)?.lines().next().unwrap_or("");
        Some((start..start + line.len(), line))
    }

    fn cut_line(&self, span: Span) -> String {
        let Some((range, line)) = self.line_of(span) else { return String::new() };
        excerpt::cut(line, (span.start as usize).saturating_sub(range.start), (span.end - span.start) as usize)
    }
}

impl<'a> Files<'a> for Lines<'_> {
    type FileId = SourceId;
    type Name = &'a str;
    type Source = &'a str;

    fn name(&'a self, id: SourceId) -> Result<&'a str, Error> {
        self.sources.get(id).map(|source| source.path.as_str()).ok_or(Error::FileMissing)
    }

    fn source(&'a self, id: SourceId) -> Result<&'a str, Error> {
        self.sources.get(id).map(|source| &*source.text).ok_or(Error::FileMissing)
    }

    fn line_index(&'a self, id: SourceId, byte: usize) -> Result<usize, Error> {
        let starts = self.starts(id).ok_or(Error::FileMissing)?;
        Ok(starts.partition_point(|start| *start <= byte).max(1) - 1)
    }

    fn line_range(&'a self, id: SourceId, line: usize) -> Result<Range<usize>, Error> {
        let starts = self.starts(id).ok_or(Error::FileMissing)?;
        let length = self.sources.get(id).map_or(0, |source| source.text.len());
        let start = *starts.get(line).ok_or(Error::LineTooLarge { given: line, max: starts.len() })?;
        Ok(start..starts.get(line + 1).copied().unwrap_or(length))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_shown_is_as_grave_as_what_there_is() {
        let warning = || Diagnostic::warning_nowhere(&codes::SYNTAX, "w");
        let with = |last: Diagnostic| {
            let mut all: Vec<Diagnostic> = (0..MOST_SHOWN).map(|_| warning()).collect();
            all.push(last);
            told(&all, &Sources::new(), Style::Plain, Folding::default())
        };
        assert!(with(warning()).contains("warning[RF190]: 1 more finding is not shown"));
        assert!(with(Diagnostic::error_nowhere(&codes::SYNTAX, "e")).contains("error[RF190]"));
    }
}
