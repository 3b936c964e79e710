//! YAML (JSON is YAML) as a tree that knows where each value stands. Bounded in depth, aliases and nodes.

use std::fmt;

use ranform_network::Span;
use ranform_network::source::SourceId;
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_yaml::{Location, Spanned};

/// The deepest nesting of values; the deepest field of a kind is at eight.
const DEPTH: usize = 32;
/// The most values of one file.
const NODES: usize = 4_000_000;
/// The most documents of one file.
const DOCUMENTS: usize = 200_000;

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// The value.
    pub value: Tree,
    /// Its place.
    pub span: Span,
}

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub enum Tree {
    /// Nothing.
    Null,
    /// True or false.
    Flag(bool),
    /// A whole number.
    Whole(i64),
    /// Any other number.
    Fraction(f64),
    /// A text.
    Text(String),
    /// Several values.
    List(Vec<Node>),
    /// Names with values, in the order of the text.
    Map(Vec<(Key, Node)>),
}

/// A name of a map.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    /// The name.
    pub name: String,
    /// Its place.
    pub span: Span,
}

impl Node {
    /// The value of a name, where this is a map that has it.
    pub fn get(&self, name: &str) -> Option<&Node> {
        match &self.value {
            Tree::Map(pairs) => pairs.iter().find(|(key, _)| key.name == name).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The text, where this is one.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Tree::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// The documents of a text; where it is no YAML, why and where.
pub fn read(source: SourceId, text: &str) -> Result<Vec<Node>, (Span, String)> {
    let options = serde_yaml::options! {
        budget: serde_yaml::budget! {
            max_depth: DEPTH,
            flow_nesting_limit: DEPTH,
            max_nodes: NODES,
            max_events: 4 * NODES,
            max_documents: DOCUMENTS,
            max_aliases: 1_000,
            max_anchors: 1_000,
        },
        with_snippet: false,
    };
    let documents = serde_yaml::from_multiple_with_options::<Spanned<Raw>>(text, options);
    let documents = documents.map_err(|error| {
        let at = error.location().map_or(0, |location| offset(text, &location));
        let message = error.without_snippet().to_string();
        let first = message.lines().next().unwrap_or("it cannot be read").trim().to_owned();
        (Span::new(source, at, at), first)
    })?;
    Ok(documents.into_iter().map(|document| placed(document, source, text.len())).collect())
}

/// The byte at a place; what the scanner refuses has a line and a column only.
fn offset(text: &str, location: &Location) -> usize {
    if let Some(offset) = location.span().byte_offset() {
        return usize::try_from(offset).unwrap_or(0).min(text.len());
    }
    let (line, column) = (location.line() as usize, location.column() as usize);
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let characters = text.get(start..).unwrap_or_default().chars().take(column.saturating_sub(1));
    start + characters.map(char::len_utf8).sum::<usize>()
}

fn placed(raw: Spanned<Raw>, source: SourceId, length: usize) -> Node {
    let span = place(&raw, source, length);
    let value = match raw.value {
        Raw::Null => Tree::Null,
        Raw::Flag(flag) => Tree::Flag(flag),
        Raw::Whole(number) => Tree::Whole(number),
        Raw::Fraction(number) => Tree::Fraction(number),
        Raw::Text(text) => Tree::Text(text),
        Raw::List(items) => Tree::List(items.into_iter().map(|item| placed(item, source, length)).collect()),
        Raw::Map(pairs) => {
            let pair = |(key, value): (Spanned<String>, Spanned<Raw>)| {
                let span = place(&key, source, length);
                (Key { name: key.value, span }, placed(value, source, length))
            };
            Tree::Map(pairs.into_iter().map(pair).collect())
        }
    };
    Node { value, span }
}

fn place<T>(value: &Spanned<T>, source: SourceId, length: usize) -> Span {
    let span = value.referenced.span();
    let start = usize::try_from(span.byte_offset().unwrap_or(0)).unwrap_or(0).min(length);
    let bytes = usize::try_from(span.byte_len().unwrap_or(0)).unwrap_or(0);
    Span::new(source, start, start.saturating_add(bytes.max(1)).min(length).max(start))
}

/// A value as the parser gives it.
#[derive(Clone, Debug)]
enum Raw {
    Null,
    Flag(bool),
    Whole(i64),
    Fraction(f64),
    Text(String),
    List(Vec<Spanned<Raw>>),
    Map(Vec<(Spanned<String>, Spanned<Raw>)>),
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Raw, E> {
        Ok(Raw::Flag(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Raw, E> {
        Ok(Raw::Whole(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Raw, E> {
        Ok(i64::try_from(value).map_or(Raw::Fraction(value as f64), Raw::Whole))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Raw, E> {
        Ok(Raw::Fraction(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Raw, E> {
        Ok(Raw::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Raw, E> {
        Ok(Raw::Text(value))
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_none<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Raw, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Raw::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Raw, A::Error> {
        let mut pairs: Vec<(Spanned<String>, Spanned<Raw>)> = Vec::new();
        while let Some(key) = map.next_key::<Spanned<String>>()? {
            if pairs.len() > NODES {
                return Err(A::Error::custom("a mapping has too many names"));
            }
            pairs.push((key, map.next_value()?));
        }
        Ok(Raw::Map(pairs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(node: &Node, source: &str) -> String {
        source[node.span.start as usize..node.span.end as usize].to_owned()
    }

    #[test]
    fn values_know_where_they_stand() {
        let source = "a: 1\nb:\n  - x: yes\n    y: \"60%\"\n---\n{\"c\": [true, null, 1.5]}\n";
        let documents = read(SourceId(0), source).unwrap();
        assert_eq!(documents.len(), 2);
        assert_eq!(text(documents[0].get("a").unwrap(), source), "1");
        let Tree::List(items) = &documents[0].get("b").unwrap().value else { panic!() };
        assert_eq!(items[0].get("y").unwrap().text(), Some("60%"));
        let Tree::List(items) = &documents[1].get("c").unwrap().value else { panic!() };
        assert_eq!((&items[0].value, &items[1].value), (&Tree::Flag(true), &Tree::Null));
        assert!(matches!(items[2].value, Tree::Fraction(_)));
    }

    #[test]
    fn what_is_no_yaml_or_nested_too_deep_is_told_with_its_place() {
        let (span, _) = read(SourceId(0), "a: 1\nb: [1, 2\nc: 3\n").unwrap_err();
        assert!(span.start > 4, "{span:?}");
        assert!(read(SourceId(0), &"[".repeat(200_000)).is_err());
        assert!(read(SourceId(0), &("{a: ".repeat(40) + &"}".repeat(40))).is_err());
        assert!(read(SourceId(0), "a: 1\na: 2\n").is_err(), "a name given twice");
        let bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n".to_owned()
            + &(b'b'..=b'k')
                .map(|c| format!("{}: &{0} [{1}]\n", c as char, vec![format!("*{}", (c - 1) as char); 9].join(",")))
                .collect::<String>();
        assert!(read(SourceId(0), &bomb).is_err());
    }
}
