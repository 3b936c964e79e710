//! YAML: a list of flat mappings, at a path of keys. The parser is bounded against alias bombs and deep nesting.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_yaml::{Error, Spanned};

use super::rows::{Mistake, Rows, Value};
use ranform_network::Span;

type Record = BTreeMap<String, Option<Spanned<String>>>;

/// Fills `rows` from its text; `path` leads to the list.
pub(crate) fn read(rows: &mut Rows, path: &[&str]) -> Vec<Mistake> {
    let text = rows.text.clone();
    let records = serde_yaml::with_deserializer_from_str(&text, |yaml| List { path }.deserialize(yaml));
    match records {
        Ok(records) => {
            rows.fill(records.into_iter().map(|record| values(&text, record)).collect());
            Vec::new()
        }
        Err(error) => vec![mistake(rows, &error)],
    }
}

fn mistake(rows: &Rows, error: &Error) -> Mistake {
    let offset = error.location().and_then(|location| location.span().byte_offset()).unwrap_or(0);
    let at = usize::try_from(offset).unwrap_or(0).min(rows.text.len());
    // The parser's message carries its own copy of the text around the place; the first line says what it is.
    let message = error.without_snippet().to_string();
    let first = message.lines().next().unwrap_or("it cannot be read").trim();
    (Span::new(rows.source, at, at), in_words(first))
}

/// The parser's message in the words of tables, without its place and its advice to programmers.
fn in_words(message: &str) -> String {
    let message = message.split(" at line ").next().unwrap_or(message);
    if let Some(rest) = message.strip_prefix("duplicate mapping key") {
        let key = rest.split(',').next().unwrap_or_default().trim_start_matches([':', ' ']);
        return format!("the key `{key}` stands twice in this mapping");
    }
    if message.starts_with("multiple YAML documents") {
        return "the file holds several documents, a table is one".to_owned();
    }
    match message {
        "expected sequence start" => "what stands here is no list".to_owned(),
        "expected mapping start" => "expected a mapping, `name: value`".to_owned(),
        "expected string scalar" => "a field of a row is a text, a number, `true`, `false` or nothing".to_owned(),
        other => other.to_owned(),
    }
}

fn values(text: &str, record: Record) -> Vec<Value> {
    let place = |name: String, value: Spanned<String>| {
        let span = value.referenced.span();
        let start = usize::try_from(span.byte_offset().unwrap_or(0)).unwrap_or(0).min(text.len());
        let length = usize::try_from(span.byte_len().unwrap_or(0)).unwrap_or(0).max(1);
        let end = start.saturating_add(length).min(text.len()).max(start);
        Value { name, text: value.value, start: start as u32, end: end as u32 }
    };
    record.into_iter().filter_map(|(name, value)| Some(place(name, value?))).collect()
}

/// The list at a path of keys.
struct List<'p> {
    path: &'p [&'p str],
}

impl<'de> DeserializeSeed<'de> for List<'_> {
    type Value = Vec<Record>;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Vec<Record>, D::Error> {
        match self.path.split_first() {
            None => serde::Deserialize::deserialize(deserializer),
            Some((key, rest)) => deserializer.deserialize_map(Step { key, rest }),
        }
    }
}

struct Step<'p> {
    key: &'p str,
    rest: &'p [&'p str],
}

impl<'de> Visitor<'de> for Step<'_> {
    type Value = Vec<Record>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "a mapping with the key `{}`", self.key)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Vec<Record>, A::Error> {
        let mut found = None;
        while let Some(key) = map.next_key::<String>()? {
            if key == self.key {
                found = Some(map.next_value_seed(List { path: self.rest })?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        found.ok_or_else(|| serde::de::Error::custom(format!("there is no key `{}`", self.key)))
    }
}
