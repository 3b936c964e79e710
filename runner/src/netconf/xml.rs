//! XML with namespaces resolved, as much as NETCONF needs: elements, text, attributes, no document types.
//!
//! Bounded in depth and number of elements; what it reads it can write again with the same meaning,
//! prefixes used inside values (identityrefs) included.

use std::fmt::Write as _;

use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

/// The deepest nesting read.
pub const DEPTH_LIMIT: usize = 128;

/// An element with everything below it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Element {
    /// Its namespace; empty for none.
    pub namespace: String,
    /// Its local name.
    pub name: String,
    /// Attributes without namespace declarations: namespace, local name, value.
    pub attributes: Vec<(String, String, String)>,
    /// Prefixes declared here, which values below may use: prefix and namespace.
    pub prefixes: Vec<(String, String)>,
    /// Its text, with entities resolved; of mixed content all pieces in a row.
    pub text: String,
    /// The elements in it, in order.
    pub children: Vec<Element>,
}

impl Element {
    /// Reads one document. The error says what is wrong and at which byte.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut reader = Reader::from_str(text);
        let mut builder = Builder::default();
        loop {
            let at = reader.buffer_position();
            let event = reader.read_event().map_err(|error| format!("{error} at byte {at}"))?;
            match event {
                Event::Eof => return builder.finish(),
                event => builder.take(event).map_err(|reason| format!("{reason} at byte {at}"))?,
            }
        }
    }

    /// The first child with this local name, in any namespace.
    pub fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The text of the first child with this name, trimmed.
    pub fn child_text(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.trim())
    }

    /// The value of the attribute with this local name, in any namespace.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(_, local, _)| local == name).map(|(_, _, value)| value.as_str())
    }

    /// The document of this element: default namespaces only where they change.
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, "");
        out
    }

    fn write(&self, out: &mut String, inherited: &str) {
        out.push('<');
        out.push_str(&self.name);
        // Writing to a string does not fail.
        if self.namespace != inherited {
            let _ = write!(out, " xmlns=\"{}\"", escape(&self.namespace));
        }
        for (prefix, namespace) in &self.prefixes {
            let _ = write!(out, " xmlns:{prefix}=\"{}\"", escape(namespace));
        }
        for (index, (namespace, name, value)) in self.attributes.iter().enumerate() {
            let value = escape(value);
            if namespace.is_empty() {
                let _ = write!(out, " {name}=\"{value}\"");
            } else {
                let _ = write!(out, " xmlns:a{index}_=\"{}\" a{index}_:{name}=\"{value}\"", escape(namespace));
            }
        }
        if self.children.is_empty() && self.text.is_empty() {
            out.push_str("/>");
            return;
        }
        out.push('>');
        if self.children.is_empty() || !self.text.trim().is_empty() {
            out.push_str(&escape(&self.text));
        }
        for child in &self.children {
            child.write(out, &self.namespace);
        }
        let _ = write!(out, "</{}>", self.name);
    }
}

/// Text with the five special characters escaped.
pub fn escape(text: &str) -> String {
    quick_xml::escape::escape(text).into_owned()
}

#[derive(Default)]
struct Builder {
    /// Open elements, the outermost first, each with the number of scopes it opened.
    open: Vec<(Element, usize)>,
    /// Declarations in scope: prefix (empty for the default) and namespace.
    scope: Vec<(String, String)>,
    root: Option<Element>,
}

impl Builder {
    fn take(&mut self, event: Event<'_>) -> Result<(), String> {
        match event {
            Event::Start(start) => self.begin(&start),
            Event::Empty(start) => self.begin(&start).and_then(|()| self.end()),
            Event::End(_) => self.end(),
            Event::Text(text) => self.text(&text.xml10_content()),
            Event::CData(data) => self.text(&data.xml10_content()),
            Event::GeneralRef(reference) => {
                let resolved = match reference.resolve_char_ref().map_err(|error| error.to_string())? {
                    Some(character) => character.to_string(),
                    None => quick_xml::escape::resolve_predefined_entity(&reference.xml10_content())
                        .ok_or("an unknown entity")?
                        .to_owned(),
                };
                self.text(&resolved)
            }
            // A document type could define entities; NETCONF has none (RFC 6241 section 3).
            Event::DocType(_) => Err("a document type".to_owned()),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::Eof => Ok(()),
        }
    }

    fn begin(&mut self, start: &BytesStart<'_>) -> Result<(), String> {
        if self.open.len() >= DEPTH_LIMIT {
            return Err(format!("nesting deeper than {DEPTH_LIMIT}"));
        }
        if self.root.is_some() {
            return Err("a second document".to_owned());
        }
        let mut element = Element::default();
        let mut plain = Vec::new();
        let before = self.scope.len();
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| error.to_string())?;
            let value = attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0);
            let value = value.map_err(|error| error.to_string())?.into_owned();
            let name = attribute.key.0;
            if name == "xmlns" {
                self.scope.push((String::new(), value));
            } else if let Some(prefix) = name.strip_prefix("xmlns:") {
                element.prefixes.push((prefix.to_owned(), value.clone()));
                self.scope.push((prefix.to_owned(), value));
            } else {
                plain.push((name.to_owned(), value));
            }
        }
        (element.namespace, element.name) = self.resolve(start.name().0, true)?;
        for (name, value) in plain {
            let (namespace, name) = self.resolve(&name, false)?;
            element.attributes.push((namespace, name, value));
        }
        self.open.push((element, self.scope.len() - before));
        Ok(())
    }

    fn end(&mut self) -> Result<(), String> {
        let (element, declared) = self.open.pop().ok_or("an end without a beginning")?;
        self.scope.truncate(self.scope.len().saturating_sub(declared));
        match self.open.last_mut() {
            Some((parent, _)) => parent.children.push(element),
            None => self.root = Some(element),
        }
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), String> {
        match self.open.last_mut() {
            Some((element, _)) => element.text.push_str(text),
            None if text.trim_matches(['\u{feff}', ' ', '\n', '\r', '\t']).is_empty() => {}
            None => return Err("text outside of the document".to_owned()),
        }
        Ok(())
    }

    fn finish(self) -> Result<Element, String> {
        match self.root {
            Some(root) if self.open.is_empty() => Ok(root),
            _ => Err("the document ends early".to_owned()),
        }
    }

    /// Namespace and local name of a qualified name; attributes have no default namespace.
    fn resolve(&self, name: &str, with_default: bool) -> Result<(String, String), String> {
        let (prefix, local) = name.split_once(':').unwrap_or(("", name));
        if prefix.is_empty() && !with_default {
            return Ok((String::new(), local.to_owned()));
        }
        if prefix == "xml" {
            return Ok(("http://www.w3.org/XML/1998/namespace".to_owned(), local.to_owned()));
        }
        match self.scope.iter().rev().find(|(declared, _)| declared == prefix) {
            Some((_, namespace)) => Ok((namespace.clone(), local.to_owned())),
            None if prefix.is_empty() => Ok((String::new(), local.to_owned())),
            None => Err(format!("the prefix `{prefix}` is not declared")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_written_with_the_same_meaning() {
        let text = r#"<?xml version="1.0"?><n:a xmlns:n="urn:n" x="1 &lt; 2"><b xmlns="urn:b" n:op="merge"><t>n:id &amp; &#x41;<![CDATA[<>]]></t><e/></b></n:a>"#;
        let element = Element::parse(text).unwrap();
        assert_eq!((element.namespace.as_str(), element.name.as_str()), ("urn:n", "a"));
        let inner = element.child("b").unwrap();
        assert_eq!(inner.child_text("t"), Some("n:id & A<>"));
        assert_eq!(inner.attribute("op"), Some("merge"));
        let again = Element::parse(&element.to_text()).unwrap();
        assert_eq!(again.child("b").unwrap().child("t"), inner.child("t"));
        assert_eq!(again.child("b").unwrap().attributes, inner.attributes);
        assert_eq!(again.prefixes, element.prefixes);
    }

    #[test]
    fn documents_that_are_not_ours_are_refused() {
        let deep = "<a>".repeat(DEPTH_LIMIT + 1);
        for text in ["", "<a>", "<a></b>", "<a/><b/>", "x<a/>", "<p:a/>", "<a>&x;</a>", "<!DOCTYPE a []><a/>", &deep] {
            assert!(Element::parse(text).is_err(), "{}", &text[..text.len().min(30)]);
        }
    }
}
