//! XML as YANG sees it: a tree of elements with namespaces, keyed lists and identities.
//!
//! Not a general XML library: attributes are known only where NETCONF gives them a meaning, mixed content is
//! dropped. Reading is [`parse`], writing [`write`], an edit between two trees [`diff`], the trees
//! between them where list entries move [`waypoints`], the interpretation of an edit [`apply`].

mod apply;
mod diff;
mod moves;
mod parse;
mod write;

use std::collections::BTreeMap;

pub use apply::apply;
pub use diff::{Kept, diff};
pub use moves::waypoints;
pub use parse::parse;
pub use write::{config, document, filter};

/// The NETCONF base namespace (RFC 6241).
pub const BASE: &str = "urn:ietf:params:xml:ns:netconf:base:1.0";

/// An element: a leaf with text or a container or list entry with children.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Element {
    /// The namespace of its name.
    pub namespace: String,
    /// Its local name.
    pub name: String,
    /// The text of a leaf; the local name of an identity.
    pub text: String,
    /// The namespace of the identity that a leaf holds, where it holds one of another module.
    pub identity: Option<String>,
    /// What is in it.
    pub children: Vec<Element>,
    /// What an edit does with it.
    pub operation: Operation,
    /// A value that only satisfies the schema: written where nothing is, never over a value of others.
    pub filler: bool,
}

/// What an edit does with an element (RFC 6241 7.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Operation {
    /// It is merged.
    #[default]
    Merge,
    /// It goes, if it is there.
    Remove,
}

/// A list or leaf-list of a schema.
#[derive(Clone, Copy, Debug)]
pub struct List {
    /// The namespace of its name.
    pub namespace: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Its keys in the schema's order; none for a leaf-list.
    pub keys: &'static [&'static str],
    /// Whether the order of its entries has a meaning.
    pub ordered: bool,
    /// Whether an entry needs leaves that we write: without them it cannot stay for the leaves of others.
    pub mandatory: bool,
}

/// The lists of a format.
pub type Lists<'a> = &'a [&'static [List]];

/// The list that `element` is an entry of.
pub fn list_of(lists: Lists, element: &Element) -> Option<&'static List> {
    let mut all = lists.iter().copied().flatten();
    all.find(|list| list.name == element.name && list.namespace == element.namespace)
}

impl Element {
    /// A leaf.
    pub fn leaf(namespace: &str, name: &str, text: impl Into<String>) -> Self {
        Self { namespace: namespace.into(), name: name.into(), text: text.into(), ..Self::default() }
    }

    /// A container or list entry.
    pub fn container(namespace: &str, name: &str, children: Vec<Element>) -> Self {
        Self { namespace: namespace.into(), name: name.into(), children, ..Self::default() }
    }

    /// Its first child of this name.
    pub fn child(&self, namespace: &str, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name && child.namespace == namespace)
    }

    /// The values of its keys, or of a leaf-list entry its text.
    pub fn keys(&self, list: &List) -> Vec<String> {
        if list.keys.is_empty() {
            return vec![self.text.clone()];
        }
        let text = |key| self.child(&self.namespace, key).map(|leaf| leaf.text.clone()).unwrap_or_default();
        list.keys.iter().map(|key| text(key)).collect()
    }

    /// Whether both are the same node of the data tree: one name and, in a list, one key.
    pub fn same_node(&self, other: &Element, lists: Lists) -> bool {
        self.name == other.name
            && self.namespace == other.namespace
            && list_of(lists, self).is_none_or(|list| {
                // Without copies of the keys: this is asked of each pair of entries of a list.
                let same = |key: &&str| {
                    let [ours, theirs] = [self, other].map(|element| element.child(&element.namespace, key));
                    ours.map(|leaf| &leaf.text) == theirs.map(|leaf| &leaf.text)
                };
                if list.keys.is_empty() { self.text == other.text } else { list.keys.iter().all(same) }
            })
    }

    /// Whether it is a leaf by its shape. An empty container counts as one, which is harmless: both say nothing.
    pub fn is_leaf(&self) -> bool {
        self.children.is_empty()
    }

    /// Its step in a path: `name` or `name[key='value']`.
    pub fn step(&self, lists: Lists) -> String {
        let Some(list) = list_of(lists, self) else { return self.name.clone() };
        let names = if list.keys.is_empty() { &["."] } else { list.keys };
        let keys = self.keys(list);
        let predicates: String = names.iter().zip(keys).map(|(name, key)| format!("[{name}='{key}']")).collect();
        format!("{}{predicates}", self.name)
    }
}

/// All leaves of a forest except keys: path, text.
pub fn leaves(forest: &[Element], lists: Lists) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    collect("", forest, &[], lists, &mut found);
    found
}

fn collect(path: &str, forest: &[Element], keys: &[&str], lists: Lists, found: &mut BTreeMap<String, String>) {
    for element in forest {
        let path = format!("{path}/{}", element.step(lists));
        if element.is_leaf() {
            if !keys.contains(&element.name.as_str()) {
                found.insert(path, element.text.clone());
            }
        } else {
            let keys = list_of(lists, element).map_or(&[] as &[&str], |list| list.keys);
            // An entry of keys only is a leaf of its own: its being there is what it says.
            if !keys.is_empty() && element.children.len() == keys.len() {
                found.insert(path.clone(), String::new());
            }
            collect(&path, &element.children, keys, lists, found);
        }
    }
}

#[cfg(test)]
mod tests;
