//! What a server makes of an edit (RFC 6241 7.2, RFC 7950 7.8.6), so that a folder can play a NETCONF device.

use super::{Element, Insert, Lists, Operation, list_of};

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
        Some(at) if change.insert.is_some() => forest.remove(at),
        Some(at) => std::mem::take(&mut forest[at]),
        None => Element::container(&change.namespace, &change.name, Vec::new()),
    };
    element.text.clone_from(&change.text);
    element.identity.clone_from(&change.identity);
    apply(&mut element.children, &change.children, lists);
    match (&change.insert, at) {
        (None, Some(at)) => forest[at] = element,
        (insert, _) => {
            let place = place(forest, insert.as_ref(), change, lists);
            forest.insert(place, element);
        }
    }
    // A container (not a list entry) that nothing is left in is not there (RFC 7950 7.5.1).
    forest.retain(|element| {
        !element.children.is_empty()
            || !element.text.is_empty()
            || change.children.is_empty()
            || !element.same_node(change, lists)
    });
}

/// Where an entry goes: at the end of its siblings unless the edit says otherwise.
fn place(forest: &[Element], insert: Option<&Insert>, change: &Element, lists: Lists) -> usize {
    let sibling = |element: &Element| element.name == change.name && element.namespace == change.namespace;
    let end = forest.iter().rposition(sibling).map_or(forest.len(), |last| last + 1);
    match (insert, list_of(lists, change)) {
        (Some(Insert::First), _) => forest.iter().position(sibling).unwrap_or(end),
        (Some(Insert::After(keys)), Some(list)) => {
            let anchor = forest.iter().position(|element| sibling(element) && element.keys(list) == *keys);
            anchor.map_or(end, |anchor| anchor + 1)
        }
        _ => end,
    }
}
