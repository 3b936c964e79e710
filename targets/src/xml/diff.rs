//! The edit between two trees of ours: merge what is new or differs, remove what is no longer wanted.

use std::collections::BTreeSet;

use super::{Element, Insert, Lists, Operation, leaves, list_of};

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
/// the second value). Lists ordered by the user get their places.
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
        place(&mut edit, before, after, self.lists);
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
            return Some(Element {
                operation: Operation::Remove,
                text: text_of_removed(gone, self.lists),
                ..bare(gone)
            });
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

/// A removed leaf-list entry is named by its value; a removed leaf needs none.
fn text_of_removed(leaf: &Element, lists: Lists) -> String {
    if list_of(lists, leaf).is_some() { leaf.text.clone() } else { String::new() }
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

/// Gives new and moved entries of lists ordered by the user their places.
fn place(edit: &mut Vec<Element>, before: &[Element], after: &[Element], lists: Lists) {
    let mut names: Vec<(&str, &str)> = Vec::new();
    for element in after {
        let name = (element.namespace.as_str(), element.name.as_str());
        if list_of(lists, element).is_some_and(|list| list.ordered) && !names.contains(&name) {
            names.push(name);
        }
    }
    for (namespace, name) in names {
        let of = |forest: &[Element]| -> Vec<Element> {
            forest.iter().filter(|element| element.name == name && element.namespace == namespace).cloned().collect()
        };
        place_list(edit, &of(before), &of(after), lists);
    }
}

fn place_list(edit: &mut Vec<Element>, before: &[Element], after: &[Element], lists: Lists) {
    let Some(list) = after.first().and_then(|entry| list_of(lists, entry)) else { return };
    let old: Vec<Vec<String>> = before.iter().map(|entry| entry.keys(list)).collect();
    let new: Vec<Vec<String>> = after.iter().map(|entry| entry.keys(list)).collect();
    let stays = longest_common(&old, &new);
    let last_stay = new.iter().rposition(|key| stays.contains(key));
    for (index, key) in new.iter().enumerate() {
        // Entries after the last one that stays are appended by default, unless they were there in another place.
        let appended = last_stay.is_none_or(|last| index > last) && !old.contains(key);
        if stays.contains(key) || appended {
            continue;
        }
        let insert = match index.checked_sub(1).map(|before| new[before].clone()) {
            Some(previous) => Insert::After(previous),
            None => Insert::First,
        };
        match edit.iter_mut().find(|entry| entry.operation == Operation::Merge && entry.same_node(&after[index], lists))
        {
            Some(entry) => entry.insert = Some(insert),
            None => {
                let children = with_keys(&after[index], Vec::new(), lists);
                edit.push(Element { insert: Some(insert), children, ..bare(&after[index]) });
            }
        }
    }
    // Insertions refer to entries before them, so they are sent in the order of the list.
    edit.sort_by_key(|entry| {
        let ours =
            entry.operation == Operation::Merge && list_of(lists, entry).is_some_and(|own| std::ptr::eq(own, list));
        if ours { 1 + new.iter().position(|key| *key == entry.keys(list)).unwrap_or(0) } else { 0 }
    });
}

/// The longest common subsequence of two key lists: entries that need not move.
fn longest_common(old: &[Vec<String>], new: &[Vec<String>]) -> Vec<Vec<String>> {
    let width = new.len() + 1;
    let mut length = vec![0usize; (old.len() + 1) * width];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            length[i * width + j] = if old[i] == new[j] {
                length[(i + 1) * width + j + 1] + 1
            } else {
                length[(i + 1) * width + j].max(length[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j, mut common) = (0, 0, Vec::new());
    while i < old.len() && j < new.len() {
        if old[i] == new[j] {
            common.push(new[j].clone());
            (i, j) = (i + 1, j + 1);
        } else if length[(i + 1) * width + j] >= length[i * width + j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    common
}
