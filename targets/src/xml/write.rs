//! Elements to bytes: indented, a namespace declared where it changes, the same input always the same bytes.

use quick_xml::escape::escape;

use super::{BASE, Element, Operation};

/// The `<config>` of an edit-config (RFC 6241 7.2), in the base namespace.
pub fn config(forest: &[Element]) -> Vec<u8> {
    wrapped(&format!("<config xmlns=\"{BASE}\" xmlns:nc=\"{BASE}\">"), "</config>", forest)
}

/// A subtree filter (RFC 6241 6).
pub fn filter(forest: &[Element]) -> Vec<u8> {
    wrapped(&format!("<filter xmlns=\"{BASE}\" type=\"subtree\">"), "</filter>", forest)
}

/// The data nodes alone, one after the other.
pub fn document(forest: &[Element]) -> Vec<u8> {
    let mut text = String::new();
    for element in forest {
        element_to(&mut text, element, "", 0);
    }
    text.into_bytes()
}

fn wrapped(start: &str, end: &str, forest: &[Element]) -> Vec<u8> {
    let mut text = format!("{start}\n");
    for element in forest {
        element_to(&mut text, element, BASE, 1);
    }
    text.push_str(end);
    text.push('\n');
    text.into_bytes()
}

fn element_to(text: &mut String, element: &Element, parent: &str, depth: usize) {
    let indent = "  ".repeat(depth);
    text.push_str(&indent);
    text.push('<');
    text.push_str(&element.name);
    if element.namespace != parent {
        text.push_str(&format!(" xmlns=\"{}\"", escape(&element.namespace)));
    }
    if element.operation == Operation::Remove {
        text.push_str(" nc:operation=\"remove\"");
    }
    if let Some(namespace) = &element.identity {
        text.push_str(&format!(" xmlns:{}=\"{}\"", prefix(namespace), escape(namespace)));
    }
    if !element.children.is_empty() {
        text.push_str(">\n");
        for child in &element.children {
            element_to(text, child, &element.namespace, depth + 1);
        }
        text.push_str(&format!("{indent}</{}>\n", element.name));
    } else if element.text.is_empty() {
        text.push_str("/>\n");
    } else {
        let prefix = element.identity.as_ref().map(|namespace| format!("{}:", prefix(namespace))).unwrap_or_default();
        text.push_str(&format!(">{prefix}{}</{}>\n", escape(&element.text), element.name));
    }
}

/// The prefix that the module of an identity declares for itself: a server of the field compares identities in
/// leafrefs as text, and takes the module's own prefix only.
fn prefix(namespace: &str) -> &'static str {
    match namespace {
        "http://openconfig.net/yang/wifi/wifi-types" => "oc-wifi-types",
        "urn:ietf:params:xml:ns:yang:iana-if-type" => "ianaift",
        "urn:ieee:std:802.1Q:yang:ieee802-dot1q-types" => "dot1q-types",
        _ => "id",
    }
}
