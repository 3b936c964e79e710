//! What a server makes of an edit (RFC 6241 7.2), so that a folder can play a NETCONF device.

use super::{Element, Lists, Operation};

/// `forest` after `edit`. Deterministic; an edit of nodes that are not there removes nothing.
pub fn apply(forest: &mut Vec<Element>, edit: &[Element], lists: Lists) {
    for change in edit {
        let at = forest.iter().position(|element| element.same_node(change, lists));
        match (change.operation, at) {
            (Operation::Remove, Some(at)) => {
                forest.remove(at);
            }
            (Operation::Remove, None) => {}
            (Operation::Merge, at) => merge(forest, at, change, lists),
        }
    }
}

fn merge(forest: &mut Vec<Element>, at: Option<usize>, change: &Element, lists: Lists) {
    let mut element = match at {
        Some(at) => std::mem::take(&mut forest[at]),
        None => Element::container(&change.namespace, &change.name, Vec::new()),
    };
    element.text.clone_from(&change.text);
    element.identity.clone_from(&change.identity);
    apply(&mut element.children, &change.children, lists);
    match at {
        Some(at) => forest[at] = element,
        None => forest.insert(end(forest, change), element),
    }
    // A container (not a list entry) that nothing is left in is not there (RFC 7950 7.5.1).
    forest.retain(|element| {
        !element.children.is_empty()
            || !element.text.is_empty()
            || change.children.is_empty()
            || !element.same_node(change, lists)
    });
}

/// Where a new entry goes: after its siblings.
fn end(forest: &[Element], change: &Element) -> usize {
    let sibling = |element: &Element| element.name == change.name && element.namespace == change.namespace;
    forest.iter().rposition(sibling).map_or(forest.len(), |last| last + 1)
}
