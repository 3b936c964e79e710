//! Bytes to elements: bounded in size and depth, without document types or entities of the document's own.

use quick_xml::NsReader;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::{Prefix, PrefixDeclaration, QName, ResolveResult};

use super::{BASE, Element, Operation};
use crate::target::{Document, MAX_DEPTH, MAX_DOCUMENT_BYTES, ReadError};

/// The most elements of a document.
const MAX_ELEMENTS: usize = 4_000_000;

/// The top-level data nodes of a document: what stands in its `<data>` or `<config>`, or its own roots.
pub fn parse(document: &Document) -> Result<Vec<Element>, ReadError> {
    let fail = |message: String| ReadError::new(&document.path, message);
    if document.bytes.len() > MAX_DOCUMENT_BYTES {
        return Err(fail(format!("the document is larger than {} MiB", MAX_DOCUMENT_BYTES >> 20)));
    }
    let text = std::str::from_utf8(&document.bytes).map_err(|_| fail("the document is not UTF-8".into()))?;
    let mut forest = elements(text).map_err(fail)?;
    // rpc-reply > data > nodes; depth is bounded, so is this loop.
    while forest.iter().any(is_wrapper) {
        forest = forest
            .into_iter()
            .flat_map(|element| if is_wrapper(&element) { element.children } else { vec![element] })
            .collect();
    }
    Ok(forest)
}

fn is_wrapper(element: &Element) -> bool {
    let name = matches!(element.name.as_str(), "rpc-reply" | "data" | "config");
    name && (element.namespace == BASE || element.namespace.is_empty())
}

fn elements(text: &str) -> Result<Vec<Element>, String> {
    let mut reader = NsReader::from_str(text.trim_start_matches('\u{feff}'));
    let mut stack: Vec<Element> = Vec::new();
    let mut forest = Vec::new();
    let mut count = 0usize;
    loop {
        let at = reader.buffer_position();
        let fail = |message: &str| format!("{message} at byte {at}");
        match reader.read_event().map_err(|error| fail(&error.to_string()))? {
            Event::Eof => break,
            Event::DocType(_) => return Err(fail("a document type is not accepted")),
            Event::Start(start) => {
                if stack.len() >= MAX_DEPTH {
                    return Err(fail("elements are nested too deep"));
                }
                stack.push(open(&start, &reader).map_err(|message| fail(&message))?);
                count += 1;
            }
            Event::Empty(start) => {
                let element = open(&start, &reader).map_err(|message| fail(&message))?;
                close(element, &mut stack, &mut forest, &reader);
                count += 1;
            }
            Event::End(_) => {
                let element = stack.pop().ok_or_else(|| fail("an end without a start"))?;
                close(element, &mut stack, &mut forest, &reader);
            }
            Event::Text(part) => push_text(&mut stack, &part.xml10_content()),
            Event::CData(part) => push_text(&mut stack, &part.xml10_content()),
            Event::GeneralRef(part) => {
                let text = reference(&part).ok_or_else(|| fail("an entity that XML does not predefine"))?;
                push_text(&mut stack, &text);
            }
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
        }
        if count > MAX_ELEMENTS {
            return Err(fail("more elements than are accepted"));
        }
    }
    if stack.is_empty() { Ok(forest) } else { Err("the document ends inside an element".to_owned()) }
}

fn push_text(stack: &mut [Element], text: &str) {
    if let Some(element) = stack.last_mut() {
        element.text.push_str(text);
    }
}

fn reference(part: &quick_xml::events::BytesRef) -> Option<String> {
    if let Ok(Some(character)) = part.resolve_char_ref() {
        return Some(character.to_string());
    }
    quick_xml::escape::resolve_predefined_entity(part).map(str::to_owned)
}

fn open(start: &BytesStart, reader: &NsReader<&[u8]>) -> Result<Element, String> {
    let (namespace, name) = reader.resolver().resolve_element(start.name());
    let mut element =
        Element { namespace: bound(namespace)?, name: name.into_inner().to_owned(), ..Element::default() };
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| error.to_string())?;
        if attribute.key.0.starts_with("xmlns") {
            continue;
        }
        let (namespace, name) = reader.resolver().resolve_attribute(attribute.key);
        let namespace = bound(namespace)?;
        match (namespace.as_str(), name.into_inner(), &*attribute.value) {
            (BASE, "operation", "remove" | "delete") => element.operation = Operation::Remove,
            (BASE, "operation", "merge" | "create") => {}
            (BASE, "operation", other) => return Err(format!("the operation `{other}` is not accepted")),
            _ => {}
        }
    }
    Ok(element)
}

fn bound(result: ResolveResult) -> Result<String, String> {
    match result {
        ResolveResult::Bound(namespace) => Ok(namespace.0.to_owned()),
        ResolveResult::Unbound => Ok(String::new()),
        ResolveResult::Unknown(prefix) => Err(format!("the prefix `{prefix}` is not declared")),
    }
}

/// Hands a finished element to its parent. A prefix that is in scope makes it an identity.
fn close(mut element: Element, stack: &mut [Element], forest: &mut Vec<Element>, reader: &NsReader<&[u8]>) {
    if element.children.is_empty() {
        // Blanks belong to a string (an SSID may end in one); line breaks come from people who indent.
        if element.text.contains('\n') || element.text.trim().is_empty() {
            element.text = element.text.trim().to_owned();
        }
        let name = QName(&element.text);
        let identity = name.prefix().and_then(|prefix| namespace_of(prefix, reader));
        if let Some(namespace) = identity {
            element.text = name.local_name().into_inner().to_owned();
            element.identity = (namespace != element.namespace).then_some(namespace);
        }
    } else {
        element.text.clear();
    }
    match stack.last_mut() {
        Some(parent) => parent.children.push(element),
        None => forest.push(element),
    }
}

/// The namespace of a prefix that is declared by name (not the default one).
fn namespace_of(prefix: Prefix, reader: &NsReader<&[u8]>) -> Option<String> {
    let mut bindings = reader.resolver().bindings();
    bindings.find_map(|(declared, namespace)| match declared {
        PrefixDeclaration::Named(name) if name == prefix.into_inner() => Some(namespace.0.to_owned()),
        _ => None,
    })
}
