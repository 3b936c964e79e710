//! The content of a table file: fields as places in its text, so that a million rows cost no copies.

use std::collections::BTreeMap;
use std::sync::Arc;

use ranform_network::{SourceId, Span};

/// Rows of named columns.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rows {
    /// Where the text is.
    pub source: SourceId,
    /// The text.
    pub text: Arc<str>,
    /// The columns' names, in the order of the file.
    pub columns: Vec<String>,
    /// Where each field stands, row by row; `start == end` for none.
    pub fields: Vec<(u32, u32)>,
    /// The values of the fields that are not simply their text (escapes).
    pub decoded: BTreeMap<usize, String>,
}

impl Rows {
    /// No rows yet of this text.
    pub fn new(source: SourceId, text: Arc<str>) -> Self {
        Self { source, text, ..Self::default() }
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.fields.len().checked_div(self.columns.len()).unwrap_or(0)
    }

    /// The field at a row and column, if it holds anything, with its place.
    pub fn field(&self, row: usize, column: usize) -> Option<(&str, Span)> {
        let at = row.checked_mul(self.columns.len())?.checked_add(column)?;
        let (start, end) = *self.fields.get(at)?;
        if start == end {
            return None;
        }
        let span = Span { source: self.source, start, end };
        let text = match self.decoded.get(&at) {
            Some(text) => text.as_str(),
            None => self.text.get(start as usize..end as usize)?,
        };
        let text = text.trim();
        (!text.is_empty()).then_some((text, span))
    }

    /// Where a row stands.
    pub fn row_span(&self, row: usize) -> Span {
        let width = self.columns.len();
        let fields = self.fields.get(row * width..(row + 1) * width).unwrap_or_default();
        let places = fields.iter().filter(|(start, end)| start != end);
        let start = places.clone().map(|(start, _)| *start).min().unwrap_or(0);
        let end = places.map(|(_, end)| *end).max().unwrap_or(start);
        Span { source: self.source, start, end }
    }

    /// The column with this name.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column == name)
    }

    /// Adds rows given as named values, in any order and with any of the columns.
    pub fn fill(&mut self, records: Vec<Vec<Value>>) {
        let mut known: BTreeMap<String, usize> = BTreeMap::new();
        for value in records.iter().flatten() {
            if !known.contains_key(&value.name) {
                known.insert(value.name.clone(), self.columns.len());
                self.columns.push(value.name.clone());
            }
        }
        for record in records {
            let base = self.fields.len();
            self.fields.resize(base + self.columns.len(), (0, 0));
            for value in record {
                let Some(column) = known.get(&value.name) else { continue };
                self.fields[base + column] = (value.start, value.end);
                if self.text.get(value.start as usize..value.end as usize) != Some(value.text.as_str()) {
                    self.decoded.insert(base + column, value.text);
                }
            }
        }
    }
}

/// A named value of a YAML or JSON record.
#[derive(Clone, Debug)]
pub(crate) struct Value {
    /// The key.
    pub name: String,
    /// The value's text.
    pub text: String,
    /// The first byte of the value.
    pub start: u32,
    /// One past its last byte.
    pub end: u32,
}

/// What is wrong with a file: where, and what.
pub(crate) type Mistake = (Span, String);
