//! JSON (RFC 8259): a list of flat objects, at a path of keys. A scanner of its own, since errors need the place of
//! every value; a general tree is never built.

use std::collections::BTreeSet;

use super::rows::{Mistake, Rows, Value};
use ranform_network::Span;

/// How deep values may be nested.
const DEPTH: usize = 64;

/// Fills `rows` from its text; `path` leads to the list.
pub(crate) fn read(rows: &mut Rows, path: &[&str]) -> Vec<Mistake> {
    let text = rows.text.clone();
    let mut reader = Reader { text: &text, at: 0 };
    if text.starts_with('\u{feff}') {
        reader.at = 3;
    }
    match reader.document(path) {
        Ok(Some(records)) => {
            rows.fill(records);
            Vec::new()
        }
        Ok(None) => vec![(Span::new(rows.source, 0, 0), no_list(path))],
        Err(message) => {
            let at = reader.at.min(text.len());
            let end = text[at..].chars().next().map_or(at, |next| at + next.len_utf8());
            vec![(Span::new(rows.source, at, end), message)]
        }
    }
}

/// What is said of a file whose list is elsewhere.
pub(super) fn no_list(path: &[&str]) -> String {
    match path {
        [] => "the document is no list".to_owned(),
        path => format!("what stands at `{}` is no list", path.join(".")),
    }
}

type Records = Vec<Vec<Value>>;

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl Reader<'_> {
    fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while matches!(bytes.get(self.at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
        bytes.get(self.at).copied()
    }

    fn expect(&mut self, byte: u8, what: &str) -> Result<(), String> {
        if self.peek() != Some(byte) {
            return Err(format!("expected {what}"));
        }
        self.at += 1;
        Ok(())
    }

    fn document(&mut self, path: &[&str]) -> Result<Option<Records>, String> {
        let found = self.find(path, 0)?;
        match self.peek() {
            None => Ok(found),
            Some(_) => Err("there is text after the end of the document".to_owned()),
        }
    }

    /// Walks to the list at `path`; the whole value is read in any case.
    fn find(&mut self, path: &[&str], depth: usize) -> Result<Option<Records>, String> {
        let Some((key, rest)) = path.split_first() else {
            return if self.peek() == Some(b'[') {
                self.list(depth).map(Some)
            } else {
                self.skip(depth).map(|()| None)
            };
        };
        if self.peek() != Some(b'{') {
            return self.skip(depth).map(|()| None);
        }
        let mut found = None;
        self.members(depth, |reader, name| {
            if name == *key && found.is_none() {
                found = reader.find(rest, depth + 1)?;
                Ok(())
            } else {
                reader.skip(depth + 1)
            }
        })?;
        Ok(found)
    }

    fn members(
        &mut self,
        depth: usize,
        mut member: impl FnMut(&mut Self, String) -> Result<(), String>,
    ) -> Result<(), String> {
        if depth > DEPTH {
            return Err(format!("values are nested deeper than {DEPTH}"));
        }
        self.expect(b'{', "an object, `{`")?;
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(());
        }
        loop {
            self.peek();
            let name = self.string()?;
            self.expect(b':', "`:`")?;
            member(self, name)?;
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(());
                }
                _ => return Err("expected `,` or `}`".to_owned()),
            }
        }
    }

    fn list(&mut self, depth: usize) -> Result<Records, String> {
        let mut records = Vec::new();
        self.elements(depth, |reader| {
            let mut record = Vec::new();
            let mut seen: BTreeSet<String> = BTreeSet::new();
            reader.members(depth + 1, |reader, name| {
                if !seen.insert(name.clone()) {
                    return Err(format!("the key `{name}` stands twice in this object"));
                }
                if let Some((text, start, end)) = reader.scalar()? {
                    record.push(Value { name, text, start: start as u32, end: end as u32 });
                }
                Ok(())
            })?;
            records.push(record);
            Ok(())
        })?;
        Ok(records)
    }

    fn elements(
        &mut self,
        depth: usize,
        mut element: impl FnMut(&mut Self) -> Result<(), String>,
    ) -> Result<(), String> {
        if depth > DEPTH {
            return Err(format!("values are nested deeper than {DEPTH}"));
        }
        self.expect(b'[', "a list, `[`")?;
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(());
        }
        loop {
            element(self)?;
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(());
                }
                _ => return Err("expected `,` or `]`".to_owned()),
            }
        }
    }

    /// A text, number or truth value; none for `null`.
    fn scalar(&mut self) -> Result<Option<(String, usize, usize)>, String> {
        match self.peek() {
            Some(b'"') => {
                let start = self.at;
                let text = self.string()?;
                // The place of a text is that of what stands between the quotes, unless nothing does.
                let inner = if text.is_empty() { (start, self.at) } else { (start + 1, self.at - 1) };
                Ok(Some((text, inner.0, inner.1)))
            }
            Some(b'{' | b'[') => Err("a field of a row is a text, a number, `true`, `false` or `null`".to_owned()),
            _ => {
                let start = self.at;
                let word = self.word();
                match word {
                    "null" => Ok(None),
                    "true" => Ok(Some(("yes".to_owned(), start, self.at))),
                    "false" => Ok(Some(("no".to_owned(), start, self.at))),
                    number if number.parse::<f64>().is_ok_and(f64::is_finite) => {
                        Ok(Some((number.to_owned(), start, self.at)))
                    }
                    _ => {
                        self.at = start;
                        Err("expected a value".to_owned())
                    }
                }
            }
        }
    }

    fn word(&mut self) -> &str {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let length =
            rest.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '+' | '.')).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    fn skip(&mut self, depth: usize) -> Result<(), String> {
        match self.peek() {
            Some(b'{') => self.members(depth, |reader, _| reader.skip(depth + 1)),
            Some(b'[') => self.elements(depth, |reader| reader.skip(depth + 1)),
            _ => self.scalar().map(|_| ()),
        }
    }

    /// A text in quotes; its escapes by the standard's own reader.
    fn string(&mut self) -> Result<String, String> {
        let bytes = self.text.as_bytes();
        if bytes.get(self.at) != Some(&b'"') {
            return Err("expected a text in quotes".to_owned());
        }
        let start = self.at;
        let mut at = start + 1;
        let mut plain = true;
        loop {
            match bytes.get(at) {
                Some(b'"') => break,
                Some(b'\\') => {
                    plain = false;
                    at += 2;
                }
                Some(0..=0x1f) | None => return Err("this text is never closed".to_owned()),
                Some(_) => at += 1,
            }
        }
        let written = self.text.get(start..=at).ok_or("this text is never closed")?;
        let text = if plain {
            written[1..written.len() - 1].to_owned()
        } else {
            serde_json::from_str(written).map_err(|_| "this text has an escape that does not exist".to_owned())?
        };
        self.at = at + 1;
        Ok(text)
    }
}
