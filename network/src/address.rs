//! Stable addresses: `[module.NAME.]noun.NAME{/noun.NAME}`, the same in errors, plans, diffs and state.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// The address of an entity or of a thing decided below it, e.g. `node.gnb-1/cell.nr-1/tenant.red`.
/// Order is that of the text, and is the order of everything printed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Address(Arc<str>);

impl Default for Address {
    fn default() -> Self {
        Self(Arc::from(""))
    }
}

impl Address {
    /// The address of a top-level entity: `noun.NAME`, the name quoted unless it is a DNS label.
    pub fn new(noun: &str, name: &str) -> Self {
        Self(format!("{noun}.{}", Segment(name)).into())
    }

    /// The address with this canonical text; no check is made.
    pub fn from_text(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    /// The address of `noun.NAME` below this one.
    pub fn child(&self, noun: &str, name: &str) -> Self {
        Self(format!("{}/{noun}.{}", self.0, Segment(name)).into())
    }

    /// The address of the same thing inside the module use `name`.
    pub fn inside_module(&self, name: &str) -> Self {
        Self(format!("module.{}.{}", Segment(name), self.0).into())
    }

    /// Its canonical text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address it stands directly below, if any.
    pub fn parent(&self) -> Option<Address> {
        let mut quoted = false;
        let mut cut = None;
        for (index, byte) in self.0.bytes().enumerate() {
            match byte {
                b'"' => quoted = !quoted,
                b'/' if !quoted => cut = Some(index),
                _ => {}
            }
        }
        cut.map(|index| Self(self.0[..index].into()))
    }

    /// The noun and the name of its last segment; the name as written in the address (quoted if it is).
    pub fn last(&self) -> (&str, &str) {
        let start = self.parent().map_or(0, |parent| parent.0.len() + 1);
        let segment = &self.0[start..];
        let segment = if start == 0 { after_modules(segment) } else { segment };
        segment.split_once('.').unwrap_or((segment, ""))
    }

    /// Whether `self` is `other` or below it.
    pub fn is_within(&self, other: &Address) -> bool {
        self.0.strip_prefix(&*other.0).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

/// What follows the `module.NAME.` prefixes.
fn after_modules(mut text: &str) -> &str {
    while let Some(rest) = text.strip_prefix("module.") {
        let end = if let Some(inner) = rest.strip_prefix('"') {
            inner.find('"').map(|index| index + 2)
        } else {
            rest.find('.')
        };
        match end.and_then(|end| rest.get(end + 1..)) {
            Some(next) => text = next,
            None => break,
        }
    }
    text
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A name in an address.
struct Segment<'a>(&'a str);

impl std::fmt::Display for Segment<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if is_label(self.0) {
            return f.write_str(self.0);
        }
        // A quotation mark inside a name is doubled away so that the address stays one token.
        write!(f, "\"{}\"", self.0.replace('"', "'"))
    }
}

/// Whether `name` is a DNS label (RFC 1123): lower-case letters, digits and inner hyphens, at most 63.
pub fn is_label(name: &str) -> bool {
    let bytes = name.as_bytes();
    let inner = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-';
    (1..=63).contains(&bytes.len())
        && bytes.iter().all(inner)
        && bytes.first() != Some(&b'-')
        && bytes.last() != Some(&b'-')
}

/// Whether a name is a DNS subdomain (RFC 1123), as most objects of a Kubernetes cluster have it: labels with dots between
/// them, at most 253 characters.
pub fn is_subdomain(name: &str) -> bool {
    name.len() <= 253 && name.split('.').all(is_label)
}

/// Whether a text is the value of a label of Kubernetes: empty, or letters, digits and inner `-`, `_` and `.`, at most 63.
pub fn is_label_value(text: &str) -> bool {
    let ends = |byte: Option<&u8>| byte.is_none_or(u8::is_ascii_alphanumeric);
    let bytes = text.as_bytes();
    let inner = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
    bytes.len() <= 63 && bytes.iter().all(inner) && ends(bytes.first()) && ends(bytes.last())
}

/// An identifier for devices made of a name: the name itself where it is a DNS label of at most 32
/// characters, else its label-like part and 8 hexadecimal digits of the SHA-256 of the whole.
pub fn slug(name: &str) -> String {
    use sha2::Digest;
    const LONGEST: usize = 32;
    if is_label(name) && name.len() <= LONGEST {
        return name.to_owned();
    }
    let mut text = String::new();
    for character in name.chars().map(|character| character.to_ascii_lowercase()) {
        let kept = character.is_ascii_alphanumeric();
        if kept && text.len() < LONGEST - 9 {
            text.push(character);
        } else if !kept && !text.is_empty() && !text.ends_with('-') {
            text.push('-');
        }
    }
    let digest = sha2::Sha256::digest(name.as_bytes());
    let hex: String = digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    let text = text.trim_end_matches('-');
    if text.is_empty() { format!("x-{hex}") } else { format!("{text}-{hex}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_labels_and_tell_names_apart() {
        assert_eq!(slug("red"), "red");
        assert!(is_label(&slug("Cell 7/A")), "{}", slug("Cell 7/A"));
        assert_ne!(slug("Cell 7/A"), slug("cell 7/a"));
        assert!(is_label(&slug("\u{e9}\u{e9}")) && is_label(&slug(&"x".repeat(80))));
    }

    #[test]
    fn addresses_nest_and_quote() {
        let cell = Address::new("node", "gnb-1").child("cell", "Cell 7/A");
        assert_eq!(cell.as_str(), "node.gnb-1/cell.\"Cell 7/A\"");
        assert_eq!(cell.parent(), Some(Address::new("node", "gnb-1")));
        assert_eq!(cell.last(), ("cell", "\"Cell 7/A\""));
        assert_eq!(Address::new("node", "x").inside_module("north").last(), ("node", "x"));
        assert!(cell.is_within(&Address::new("node", "gnb-1")));
        assert!(!Address::new("node", "gnb-10").is_within(&Address::new("node", "gnb-1")));
    }
}
