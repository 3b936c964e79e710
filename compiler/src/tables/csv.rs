//! CSV (RFC 4180) with a header row: a scanner of field places. Not the `csv` crate, whose records do not tell
//! where a field stands in the file, which every error about a field needs.

use super::rows::{Mistake, Rows};
use ranform_network::Span;

/// How many mistakes are told of one file.
const MISTAKES: usize = 20;

/// Fills `rows` from its text.
pub(crate) fn read(rows: &mut Rows, delimiter: u8) -> Vec<Mistake> {
    let text = rows.text.clone();
    let mut scanner = Scanner { bytes: text.as_bytes(), at: 0, delimiter, mistakes: Vec::new(), source: rows.source };
    if text.starts_with('\u{feff}') {
        scanner.at = 3;
    }
    let mut record = Vec::new();
    scanner.record(&mut record);
    rows.columns = record.iter().map(|field| unquoted(&text, field).trim().to_owned()).collect();
    let width = rows.columns.len();
    while scanner.at < scanner.bytes.len() && scanner.mistakes.len() < MISTAKES {
        let start = scanner.at;
        record.clear();
        scanner.record(&mut record);
        if matches!(record[..], [Field { start, end, .. }] if start == end) {
            continue;
        }
        if record.len() != width {
            let span = Span::new(rows.source, start, scanner.at);
            let plural = if record.len() == 1 { "" } else { "s" };
            let message = format!("this row has {} field{plural}, the header has {width}", record.len());
            scanner.mistakes.push((span, message));
            continue;
        }
        for field in &record {
            if field.escaped {
                rows.decoded.insert(rows.fields.len(), unquoted(&text, field));
            }
            rows.fields.push((field.start as u32, field.end as u32));
        }
    }
    scanner.mistakes
}

/// A field, without its quotes.
struct Field {
    start: usize,
    end: usize,
    /// Whether quotes are doubled inside.
    escaped: bool,
}

fn unquoted(text: &str, field: &Field) -> String {
    let text = text.get(field.start..field.end).unwrap_or_default();
    if field.escaped { text.replace("\"\"", "\"") } else { text.to_owned() }
}

struct Scanner<'t> {
    bytes: &'t [u8],
    at: usize,
    delimiter: u8,
    mistakes: Vec<Mistake>,
    source: ranform_network::SourceId,
}

impl Scanner<'_> {
    /// Reads one record and the end of its line.
    fn record(&mut self, fields: &mut Vec<Field>) {
        loop {
            fields.push(if self.bytes.get(self.at) == Some(&b'"') { self.quoted() } else { self.bare() });
            match self.bytes.get(self.at) {
                Some(byte) if *byte == self.delimiter => self.at += 1,
                Some(b'\r') if self.bytes.get(self.at + 1) == Some(&b'\n') => {
                    self.at += 2;
                    return;
                }
                Some(_) => {
                    self.at += 1;
                    return;
                }
                None => return,
            }
        }
    }

    fn bare(&mut self) -> Field {
        let start = self.at;
        let rest = self.bytes.get(start..).unwrap_or_default();
        let length = rest.iter().position(|byte| *byte == self.delimiter || *byte == b'\n').unwrap_or(rest.len());
        self.at = start + length;
        let ends_line = self.bytes.get(self.at) != Some(&self.delimiter);
        if ends_line && length > 0 && rest.get(length - 1) == Some(&b'\r') {
            self.at -= 1;
        }
        Field { start, end: self.at, escaped: false }
    }

    fn quoted(&mut self) -> Field {
        let start = self.at + 1;
        let mut escaped = false;
        self.at = start;
        loop {
            match (self.bytes.get(self.at), self.bytes.get(self.at + 1)) {
                (Some(b'"'), Some(b'"')) => {
                    escaped = true;
                    self.at += 2;
                }
                (Some(b'"'), _) => break,
                (Some(_), _) => self.at += 1,
                (None, _) => {
                    let span = Span::new(self.source, start - 1, start);
                    self.mistakes.push((span, "this quotation mark is never closed".to_owned()));
                    return Field { start, end: self.at, escaped };
                }
            }
        }
        let end = self.at;
        self.at += 1;
        let after = self.bare();
        if self.bytes.get(after.start..after.end).unwrap_or_default().iter().any(|byte| !byte.is_ascii_whitespace()) {
            let span = Span::new(self.source, after.start, after.end);
            self.mistakes.push((span, "there is text after the closing quotation mark".to_owned()));
        }
        Field { start, end, escaped }
    }
}
