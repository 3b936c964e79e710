//! The edit between two trees of ours: merge what is new or differs, remove what is no longer wanted.

use std::collections::BTreeSet;

use super::{Element, Lists, Operation, leaves, list_of};

/// A list entry that an edit takes away leaf by leaf because others keep leaves in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its path.
    pub path: String,
    /// Whether its schema wants leaves that go, so that a device will refuse.
    pub mandatory: bool,
}

/// The edit from `before` to `after`. `present` is what the device holds, as far as that is known: fillers are
/// written only where it has nothing, entries in which it has leaves of others are not removed whole (and named in
/// the second value). Entries of lists ordered by the user do not move: see [`waypoints`](super::waypoints).
pub fn diff(before: &[Element], after: &[Element], present: &[Element], lists: Lists) -> (Vec<Element>, Vec<Kept>) {
    let mut differ = Differ { lists, kept: Vec::new() };
    let edit = differ.forest("", before, after, Some(present));
    (edit, differ.kept)
}

struct Differ<'a> {
    lists: Lists<'a>,
    kept: Vec<Kept>,
}

impl Differ<'_> {
    fn forest(
        &mut self,
        path: &str,
        before: &[Element],
        after: &[Element],
        present: Option<&[Element]>,
    ) -> Vec<Element> {
        let lists = self.lists;
        let mut edit = Vec::new();
        for gone in before.iter().filter(|gone| find(after, gone, lists).is_none()) {
            let present = present.and_then(|present| find(present, gone, lists));
            edit.extend(self.removal(path, gone, present));
        }
        for wanted in after {
            let had = find(before, wanted, lists);
            let there = present.and_then(|present| find(present, wanted, lists));
            edit.extend(self.change(path, had, wanted, there));
        }
        edit
    }

    fn change(
        &mut self,
        path: &str,
        had: Option<&Element>,
        wanted: &Element,
        there: Option<&Element>,
    ) -> Option<Element> {
        let Some(had) = had else {
            return self.creation(wanted, there);
        };
        if wanted.is_leaf() {
            return (had.text != wanted.text || had.identity != wanted.identity).then(|| wanted.clone());
        }
        let path = format!("{path}/{}", wanted.step(self.lists));
        let children =
            self.forest(&path, &had.children, &wanted.children, there.map(|element| element.children.as_slice()));
        (!children.is_empty()).then(|| Element { children: with_keys(wanted, children, self.lists), ..bare(wanted) })
    }

    /// `wanted` without the fillers in whose place the device already has something.
    fn creation(&self, wanted: &Element, there: Option<&Element>) -> Option<Element> {
        let Some(there) = there else { return Some(wanted.clone()) };
        if wanted.filler {
            return None;
        }
        if wanted.is_leaf() {
            return Some(wanted.clone());
        }
        // A list of fillers (a mandatory list) is filled if it has any entry.
        let filled = |child: &Element| {
            child.filler
                && there.children.iter().any(|other| other.name == child.name && other.namespace == child.namespace)
        };
        let children = wanted.children.iter().filter(|child| !filled(child));
        let children =
            children.filter_map(|child| self.creation(child, find(&there.children, child, self.lists))).collect();
        Some(Element { children, ..bare(wanted) })
    }

    fn removal(&mut self, path: &str, gone: &Element, there: Option<&Element>) -> Option<Element> {
        if gone.is_leaf() {
            // With its value: servers that parse an edit by its schema refuse an empty leaf of most types.
            return Some(Element { operation: Operation::Remove, ..gone.clone() });
        }
        let step = format!("{path}/{}", gone.step(self.lists));
        if let Some(list) = list_of(self.lists, gone) {
            let ours: BTreeSet<String> = leaves(std::slice::from_ref(gone), self.lists).into_keys().collect();
            let found = there.map(|there| leaves(std::slice::from_ref(there), self.lists)).unwrap_or_default();
            if found.keys().all(|leaf| ours.contains(leaf)) {
                let keys = gone.children.iter().filter(|child| list.keys.contains(&child.name.as_str()));
                let children = keys.cloned().collect();
                return Some(Element { operation: Operation::Remove, children, ..bare(gone) });
            }
            self.kept.push(Kept { path: step.clone(), mandatory: list.mandatory });
        }
        let keys = list_of(self.lists, gone).map_or(&[] as &[&str], |list| list.keys);
        let mut children = Vec::new();
        // In an entry that stays for others, fillers go on satisfying the schema.
        for child in gone.children.iter().filter(|child| !keys.contains(&child.name.as_str()) && !child.filler) {
            let there = there.and_then(|there| find(&there.children, child, self.lists));
            children.extend(self.removal(&step, child, there));
        }
        (!children.is_empty()).then(|| Element { children: with_keys(gone, children, self.lists), ..bare(gone) })
    }
}

fn find<'e>(forest: &'e [Element], element: &Element, lists: Lists) -> Option<&'e Element> {
    forest.iter().find(|other| other.same_node(element, lists))
}

/// The element without content.
fn bare(element: &Element) -> Element {
    Element::container(&element.namespace, &element.name, Vec::new())
}

/// `children` with the keys of `entry` before them.
fn with_keys(entry: &Element, children: Vec<Element>, lists: Lists) -> Vec<Element> {
    let keys = list_of(lists, entry).map_or(&[] as &[&str], |list| list.keys);
    let mut all: Vec<Element> =
        entry.children.iter().filter(|child| keys.contains(&child.name.as_str())).cloned().collect();
    all.extend(children);
    all
}
