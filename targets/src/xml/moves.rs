//! Lists ordered by the user: an entry that moves goes in one edit and comes back at the end in the next.
//!
//! RFC 7950 7.8.6 has `yang:insert` for that. yuma123 ignores `first` and refuses `after` whatever its `yang:key`
//! looks like, so no edit of ours uses either: in one commit an entry that goes and is appended again has moved, on
//! every server.

use super::{Element, Lists, list_of};

/// The trees that lead from `before` to `after`, the last of which is `after`: from each to the next, entries of lists
/// ordered by the user only go or are appended. Two edits for a move, three where a new entry comes first (a list may
/// want at least one entry at any time).
pub fn waypoints(before: &[Element], after: &[Element], lists: Lists) -> Vec<Vec<Element>> {
    let headed = with_heads(before, after, lists);
    let middle = without_moved(&headed, after, lists);
    let mut trees = Vec::new();
    if headed != before {
        trees.push(headed);
    }
    if middle != after {
        trees.push(middle);
    }
    trees.push(after.to_vec());
    trees
}

/// `before` with the first entry that a list should have appended to it, where that is new and the list has to be
/// put in order.
fn with_heads(before: &[Element], after: &[Element], lists: Lists) -> Vec<Element> {
    let mut forest: Vec<Element> = Vec::new();
    for element in before {
        let wanted = after.iter().find(|wanted| wanted.same_node(element, lists));
        let children = wanted.map(|wanted| with_heads(&element.children, &wanted.children, lists));
        forest.push(Element { children: children.unwrap_or_else(|| element.children.clone()), ..element.clone() });
    }
    for list in ordered_lists(after, lists) {
        let (old, new) = (entries(before, list), entries(after, list));
        let head = new.first().filter(|head| moves(&old, &new, lists) && !holds(&old, head, lists));
        forest.extend(head.map(|head| (*head).clone()));
    }
    forest
}

/// `after` without the entries of its lists that have to come back at the end.
fn without_moved(before: &[Element], after: &[Element], lists: Lists) -> Vec<Element> {
    let mut gone: Vec<&Element> = Vec::new();
    for list in ordered_lists(after, lists) {
        let (old, new) = (entries(before, list), entries(after, list));
        if moves(&old, &new, lists) {
            gone.extend(&new[staying(&old, &new, lists)..]);
        }
    }
    let stays = after.iter().filter(|element| !gone.iter().any(|moved| std::ptr::eq(*moved, *element)));
    let cut = |element: &Element| {
        let had = before.iter().find(|had| had.same_node(element, lists));
        let children = had.map(|had| without_moved(&had.children, &element.children, lists));
        Element { children: children.unwrap_or_else(|| element.children.clone()), ..element.clone() }
    };
    stays.map(cut).collect()
}

/// An entry of each list ordered by the user in a forest.
fn ordered_lists<'e>(forest: &'e [Element], lists: Lists) -> Vec<&'e Element> {
    let mut found: Vec<&Element> = Vec::new();
    for element in forest {
        let ordered = list_of(lists, element).is_some_and(|list| list.ordered);
        if ordered && !found.iter().any(|other| same_list(other, element)) {
            found.push(element);
        }
    }
    found
}

fn same_list(one: &Element, other: &Element) -> bool {
    one.name == other.name && one.namespace == other.namespace
}

fn entries<'e>(forest: &'e [Element], list: &Element) -> Vec<&'e Element> {
    forest.iter().filter(|element| same_list(element, list)).collect()
}

fn holds(entries: &[&Element], wanted: &Element, lists: Lists) -> bool {
    entries.iter().any(|entry| entry.same_node(wanted, lists))
}

/// Whether an entry that is there would have to move.
fn moves(old: &[&Element], new: &[&Element], lists: Lists) -> bool {
    new[staying(old, new, lists)..].iter().any(|entry| holds(old, entry, lists))
}

/// How many entries at the beginning of `new` are in `old` in that order and can stay where they are.
fn staying(old: &[&Element], new: &[&Element], lists: Lists) -> usize {
    let mut left = old.iter();
    new.iter().take_while(|wanted| left.any(|entry| entry.same_node(wanted, lists))).count()
}
