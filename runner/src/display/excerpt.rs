//! What is shown of lines that cannot be shown as they are: a window around each place of a very long one, such as a
//! table on one line; a question mark for each control character, which a terminal would obey.

use std::ops::Range;

use codespan_reporting::diagnostic as shown;
use codespan_reporting::files::{Error, Files};
use ranform_network::diagnostic::Diagnostic;
use ranform_network::source::{SourceId, Span};

use super::diagnostics::Lines;

/// The longest line shown whole, in bytes.
const LONGEST: usize = 600;
/// How much of a longer one is shown on either side of a place, in bytes.
const AROUND: usize = 60;
/// What stands where a line is cut.
const CUT: &str = "...";

/// A part of a line.
struct Window {
    source: SourceId,
    /// Which part of the source it is.
    range: Range<usize>,
    /// The line and the characters of it that stand before, both from 0.
    line: usize,
    before: usize,
    /// The text, with marks where it is cut.
    text: String,
    /// The length of the mark at its beginning.
    mark: usize,
    /// Where it begins among all windows of its source.
    at: usize,
}

/// The windows of one finding, in the order of sources and places.
pub(super) struct Excerpt<'a> {
    lines: &'a Lines<'a>,
    windows: Vec<Window>,
    texts: Vec<(SourceId, String)>,
}

impl<'a> Excerpt<'a> {
    /// The windows for a finding; none where its lines can be shown as they are.
    pub fn of(diagnostic: &Diagnostic, lines: &'a Lines<'a>) -> Option<Self> {
        let places = || diagnostic.span.into_iter().chain(diagnostic.labels.iter().map(|label| label.span));
        let cannot_be_shown =
            |span: Span| lines.line_of(span).is_some_and(|(range, text)| range.len() > LONGEST || has_control(text));
        if !places().any(cannot_be_shown) {
            return None;
        }
        let mut spans: Vec<Span> = places().collect();
        spans.sort();
        let mut excerpt = Self { lines, windows: Vec::new(), texts: Vec::new() };
        for span in spans {
            if excerpt.find(span).is_none() {
                excerpt.add(span);
            }
        }
        Some(excerpt)
    }

    fn add(&mut self, span: Span) {
        let Some((line, text)) = self.lines.line_of(span) else { return };
        let Some((number, _)) = self.lines.position(span.source, line.start) else { return };
        let range = window(text, (span.start as usize).saturating_sub(line.start), (span.end - span.start) as usize);
        let before = text.get(..range.start).map_or(0, |before| before.chars().count());
        let (head, tail) = (if range.start > 0 { CUT } else { "" }, if range.end < text.len() { CUT } else { "" });
        let text = format!("{head}{}{tail}\n", visible(text.get(range.clone()).unwrap_or_default()));
        if self.texts.last().is_none_or(|(source, _)| *source != span.source) {
            self.texts.push((span.source, String::new()));
        }
        let Some((_, all)) = self.texts.last_mut() else { return };
        let at = all.len();
        all.push_str(&text);
        let range = line.start + range.start..line.start + range.end;
        self.windows.push(Window { source: span.source, range, line: number - 1, before, text, mark: head.len(), at });
    }

    fn find(&self, span: Span) -> Option<&Window> {
        let start = span.start as usize;
        self.windows
            .iter()
            .find(|window| window.source == span.source && (window.range.start..=window.range.end).contains(&start))
    }

    /// Where a place is among the windows of its source.
    pub fn map(&self, span: Span) -> Option<Range<usize>> {
        let window = self.find(span)?;
        let place = |byte: u32| {
            let within = (byte as usize).clamp(window.range.start, window.range.end) - window.range.start;
            window.at + window.mark + within
        };
        Some(place(span.start)..place(span.end))
    }

    /// The finding with its places moved into the windows.
    pub fn moved(&self, shown: shown::Diagnostic<SourceId>) -> shown::Diagnostic<SourceId> {
        let labels = shown.labels.into_iter().filter_map(|label| {
            let range = self.map(Span::new(label.file_id, label.range.start, label.range.end))?;
            Some(shown::Label { range, ..label })
        });
        shown::Diagnostic { labels: labels.collect(), ..shown }
    }

    fn of_source(&self, id: SourceId) -> impl Iterator<Item = &Window> {
        self.windows.iter().filter(move |window| window.source == id)
    }
}

/// The part of a long line that is shown around a place; the whole of a short one.
fn window(line: &str, start: usize, length: usize) -> Range<usize> {
    if line.len() <= LONGEST {
        return 0..line.len();
    }
    let boundary = |mut at: usize| {
        while !line.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let start = start.min(line.len());
    let end = (start + length.min(4 * AROUND) + AROUND).min(line.len());
    boundary(start.saturating_sub(AROUND))..boundary(end)
}

/// A line cut around a place, for those who show it themselves.
pub(super) fn cut(line: &str, start: usize, length: usize) -> String {
    let range = window(line, start, length);
    let (head, tail) = (if range.start > 0 { CUT } else { "" }, if range.end < line.len() { CUT } else { "" });
    format!("{head}{}{tail}", line.get(range).unwrap_or_default())
}

fn is_control(character: char) -> bool {
    character.is_control() && !matches!(character, '\t' | '\r')
}

fn has_control(text: &str) -> bool {
    text.contains(is_control)
}

/// The text with question marks for control characters, of the same length.
fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match is_control(character) {
            true => shown.extend(std::iter::repeat_n('?', character.len_utf8())),
            false => shown.push(character),
        }
    }
    shown
}

impl<'a> Files<'a> for Excerpt<'_> {
    type FileId = SourceId;
    type Name = &'a str;
    type Source = &'a str;

    fn name(&'a self, id: SourceId) -> Result<&'a str, Error> {
        self.lines.name(id)
    }

    fn source(&'a self, id: SourceId) -> Result<&'a str, Error> {
        let found = self.texts.iter().find(|(source, _)| *source == id);
        found.map(|(_, text)| text.as_str()).ok_or(Error::FileMissing)
    }

    fn line_index(&'a self, id: SourceId, byte: usize) -> Result<usize, Error> {
        Ok(self.of_source(id).take_while(|window| window.at <= byte).count().max(1) - 1)
    }

    fn line_number(&'a self, id: SourceId, line: usize) -> Result<usize, Error> {
        let window = self.of_source(id).nth(line);
        window.map(|window| window.line + 1).ok_or(Error::LineTooLarge { given: line, max: self.windows.len() })
    }

    fn column_number(&'a self, id: SourceId, line: usize, byte: usize) -> Result<usize, Error> {
        let window = self.of_source(id).nth(line);
        let window = window.ok_or(Error::LineTooLarge { given: line, max: self.windows.len() })?;
        let within = window.text.get(window.mark..byte.saturating_sub(window.at)).unwrap_or_default();
        Ok(window.before + within.chars().count() + 1)
    }

    fn line_range(&'a self, id: SourceId, line: usize) -> Result<Range<usize>, Error> {
        let window = self.of_source(id).nth(line);
        let window = window.ok_or(Error::LineTooLarge { given: line, max: self.windows.len() })?;
        Ok(window.at..window.at + window.text.len())
    }
}

#[cfg(test)]
mod tests {
    use ranform_network::diagnostic::codes;
    use ranform_network::source::Sources;

    use super::super::diagnostics::{Style, json_one, one};
    use super::*;

    #[test]
    fn a_long_line_is_cut_around_its_place() {
        let line: String = (0..20_000).map(|number| format!("{{\"n\": \"site-{number}\"}}, ")).collect();
        let mut sources = Sources::new();
        let source = sources.add("sites.json", format!("[\n{line}\n]"));
        let text = &sources.get(source).unwrap().text;
        let at = text.find("site-12345").unwrap();
        let finding = Diagnostic::error(&codes::OUT_OF_RANGE, Span::new(source, at, at + 10), "this is wrong");
        let shown = one(&finding, &sources, Style::Plain);
        assert!(shown.len() < 600 && shown.contains("site-12345"), "{shown}");
        assert!(shown.contains(&format!("sites.json:2:{}", at - 1)), "{shown}");
        let marked = shown.lines().position(|line| line.contains("^^^^^^^^^^")).unwrap();
        let (above, marks) = (shown.lines().nth(marked - 1).unwrap(), shown.lines().nth(marked).unwrap());
        assert_eq!(above.find("site-12345"), marks.find('^'), "{shown}");
        let json = json_one(&finding, &sources).to_string();
        assert!(json.len() < 900 && json.contains("site-12345"), "{json}");
    }

    #[test]
    fn control_characters_never_reach_a_terminal() {
        let mut sources = Sources::new();
        let source = sources.add("main.intent", "site s {} # \u{1b}[2J\u{85}");
        let finding = Diagnostic::error(&codes::SYNTAX, Span::new(source, 12, 13), "a \u{1b} here");
        let shown = one(&finding, &sources, Style::Plain);
        assert!(!shown.contains(['\u{1b}', '\u{85}']) && shown.contains("?[2J??"), "{shown}");
    }
}
