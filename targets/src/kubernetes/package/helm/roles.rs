//! The chosen nodes by what they are in the intents, and where their names in the cluster stand in what objects say.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Objects;
use super::marks::Marks;
use crate::kubernetes::{ADDRESS, Shown};

/// Where a workload says on which node it runs.
pub(super) const ON_NODE: &str = "/spec/template/spec/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/nodeSelectorTerms/0/matchExpressions/0/values/0";

/// What the nodes that are chosen are called in the cluster, by their names in the intents.
pub(super) type Roles = BTreeMap<String, String>;

/// The nodes of all workloads. Two of one name in modules are told apart by that of the cluster.
pub(super) fn roles(objects: &Objects) -> Roles {
    let mut roles = Roles::new();
    for object in objects.all() {
        let Some(node) = object.pointer(ON_NODE).and_then(Value::as_str) else { continue };
        if roles.values().any(|known| known == node) {
            continue;
        }
        let own = Shown::of(object).annotation(ADDRESS).and_then(node_of).unwrap_or(node);
        let role = if roles.contains_key(own) { node } else { own };
        roles.insert(role.to_owned(), node.to_owned());
    }
    roles
}

/// The node that an instance is on, by its address: `ric.metro/e2t.edge-3`, `node.edge-3/model.storm`. One of a module is called
/// by its whole address.
fn node_of(address: &str) -> Option<&str> {
    let (first, last) = (address.split('/').next()?, address.rsplit('/').next()?);
    let name = match first.strip_prefix("node.") {
        Some(name) => name,
        None if first.starts_with("module.") && first.contains(".node.") => first,
        None => last.split_once('.')?.1,
    };
    Some(name.trim_matches('"'))
}

/// The name of a node wherever a text is made of it, with what takes its place.
#[derive(Debug)]
pub(super) struct Named {
    node: String,
    role: String,
    /// As a part of a text.
    part: String,
    /// As a text of its own.
    whole: String,
}

/// All nodes, the longest names first: one may begin with another.
pub(super) fn named(roles: &Roles, marks: &mut Marks) -> Vec<Named> {
    let mut all: Vec<Named> = roles
        .iter()
        .map(|(role, node)| {
            let name = format!("index .Values.names {}", Value::from(role.as_str()));
            let (part, whole) =
                (marks.part(format!("{{{{ {name} }}}}")), marks.part(format!("{{{{ {name} | quote }}}}")));
            Named { node: node.clone(), role: role.clone(), part, whole }
        })
        .collect();
    all.sort_by_key(|one| std::cmp::Reverse(one.node.len()));
    all
}

/// Puts marks where names of nodes stand in what an object says, but for where it runs.
pub(super) fn mark(value: &mut Value, names: &[Named]) {
    match value {
        Value::String(text) => {
            let whole = names.iter().find(|one| one.node == *text);
            *text = whole.map_or_else(|| replaced(text, names, |one| &one.part), |one| one.whole.clone());
        }
        Value::Array(items) => items.iter_mut().for_each(|item| mark(item, names)),
        Value::Object(members) => {
            let members = members.iter_mut().filter(|(name, _)| *name != "nodeAffinity" && *name != ADDRESS);
            members.for_each(|(_, member)| mark(member, names));
        }
        _ => {}
    }
}

/// A text with the nodes called as in the intents.
pub(super) fn in_role(text: &str, names: &[Named]) -> String {
    replaced(text, names, |one| &one.role)
}

/// A text with marks, with the nodes called as in the intents.
pub(super) fn in_words(text: &str, names: &[Named]) -> String {
    names.iter().fold(text.to_owned(), |text, one| text.replace(&one.part, &one.role).replace(&one.whole, &one.role))
}

/// Names are joined by `-`, stand in quotation marks in files, and after the namespace of a store.
fn replaced<'a>(text: &str, names: &'a [Named], by: impl Fn(&'a Named) -> &'a str) -> String {
    let (mut made, mut at) = (String::new(), 0);
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let joined = text[..at].ends_with(['-', '"', '/']);
        let begins = |one: &&Named| {
            let after = rest.strip_prefix(one.node.as_str());
            joined && after.is_some_and(|after| after.is_empty() || after.starts_with(['-', '"', '.', ':', '/']))
        };
        if let Some(one) = names.iter().find(begins) {
            made.push_str(by(one));
            at += one.node.len();
        } else {
            let first = rest.chars().next().map_or(1, char::len_utf8);
            made.push_str(&rest[..first]);
            at += first;
        }
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_is_called_as_in_the_intents() {
        for (address, node) in [
            ("ric.metro/e2t.edge-3", "edge-3"),
            ("node.edge-3/model.storm/instance.1", "edge-3"),
            ("node.\"edge 3\"/hosted.du-1/model.storm", "edge 3"),
            ("module.north.node.edge/model.storm", "module.north.node.edge"),
            ("module.north.ric.metro/e2t.\"module.north.node.edge\"", "module.north.node.edge"),
        ] {
            assert_eq!(node_of(address), Some(node), "{address}");
        }
    }

    #[test]
    fn names_of_nodes_are_marked_where_texts_are_made_of_them_and_nowhere_else() {
        let roles = Roles::from([("a".to_owned(), "edge-1".to_owned()), ("b".to_owned(), "edge-1-b".to_owned())]);
        let names = named(&roles, &mut Marks::of(""));
        for (text, called) in [
            ("metro-e2t-edge-1", "metro-e2t-a"),
            ("metro-e2t-edge-1-b.ric:5000", "metro-e2t-b.ric:5000"),
            ("configmap-ric-app-edge-1-appenv", "configmap-ric-app-a-appenv"),
            ("\"node\": \"edge-1\"", "\"node\": \"a\""),
            ("node.edge-1", "node.edge-1"),
            ("metro-edge-10", "metro-edge-10"),
            ("hedge-1", "hedge-1"),
        ] {
            assert_eq!(in_role(text, &names), called);
        }
    }
}
