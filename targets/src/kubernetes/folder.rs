//! A folder that several nodes of one cluster have their objects in, as a repository for a GitOps tool has: files of
//! instances are one node's, those of namespaces and priority classes belong to all nodes that need what is in them.

use std::collections::{BTreeMap, BTreeSet};

use ranform_network::{Address, Change};

use super::names::node_label;
use super::{CLUSTER_FILE, NODE, Shown, namespace_file, path_of, shared_files, values};
use crate::target::*;

/// Things of several nodes, each with its node.
pub type Held<'a> = BTreeMap<&'a Address, (&'a Address, Thing<'a>)>;

/// The files of the nodes of one folder, before a transaction and after it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folder {
    before: BTreeMap<String, Vec<u8>>,
    after: BTreeMap<String, Vec<u8>>,
    /// The nodes that a file of an instance or a namespace is of, at either time.
    nodes: BTreeMap<String, BTreeSet<Address>>,
}

impl Folder {
    /// Of what its nodes hold after these changes; changes of other nodes do not matter.
    pub fn new(after: &Held<'_>, changes: &[&Change]) -> Self {
        let mut before = after.clone();
        for change in changes {
            match &change.before {
                Some(resource) => {
                    let thing = Thing { resource, device_id: &change.device_id };
                    before.insert(&change.address, (&change.device, thing));
                }
                None => drop(before.remove(&change.address)),
            }
        }
        let mut nodes: BTreeMap<String, BTreeSet<Address>> = BTreeMap::new();
        for (device, thing) in before.values().chain(after.values()) {
            // A node reads no namespaces of others: of many nodes there are many.
            for path in paths_of(thing) {
                nodes.entry(path).or_default().insert((*device).clone());
            }
        }
        let shared = |held: &Held<'_>| shared_files(held.values().map(|(_, thing)| thing.resource));
        Self { before: shared(&before), after: shared(after), nodes }
    }

    /// Whether a file is of other nodes alone.
    pub fn is_of_others(&self, path: &str, node: &Address) -> bool {
        self.nodes.get(path).is_some_and(|nodes| !nodes.contains(node))
    }

    /// Puts what all nodes need into the place of what one of them needs.
    pub(super) fn share(&self, old: &mut BTreeMap<String, Vec<u8>>, new: &mut BTreeMap<String, Vec<u8>>) {
        let of_one: BTreeSet<String> =
            old.keys().chain(new.keys()).filter(|path| !path.contains('/')).cloned().collect();
        for path in of_one {
            for (files, all) in [(&mut *old, &self.before), (&mut *new, &self.after)] {
                match all.get(&path) {
                    Some(bytes) => drop(files.insert(path.clone(), bytes.clone())),
                    None => drop(files.remove(&path)),
                }
            }
        }
    }
}

/// The files that things have objects in.
pub fn paths<'a>(things: impl IntoIterator<Item = Thing<'a>>) -> BTreeSet<String> {
    let mut paths: BTreeSet<String> =
        things.into_iter().flat_map(|thing| paths_of(&thing).collect::<Vec<_>>()).collect();
    if !paths.is_empty() {
        paths.insert(CLUSTER_FILE.to_owned());
    }
    paths
}

/// The file of an instance and those of its namespaces.
fn paths_of<'a>(thing: &Thing<'a>) -> impl Iterator<Item = String> + use<'a> {
    let spaces = thing.resource.cluster().into_iter().flat_map(|place| place.namespaces());
    spaces.map(namespace_file).chain(path_of(thing.resource, thing.device_id))
}

/// The documents of a folder without those of instances on other nodes than the one that is asked for.
pub fn of_node(mut documents: Vec<Document>, query: &Query<'_>) -> Vec<Document> {
    let things = query.things();
    let known: BTreeSet<String> =
        things.values().filter_map(|thing| path_of(thing.resource, thing.device_id)).collect();
    let name = things.values().find_map(|thing| Some(thing.resource.cluster()?.node.as_str()));
    let name = node_label(name.unwrap_or_else(|| query.device.last().1.trim_matches('"')));
    documents.retain(|document| {
        if !document.path.contains('/') || known.contains(&document.path) {
            return true;
        }
        // What does not read is told by whoever reads it.
        let objects = values(document).unwrap_or_default();
        let mut labels = objects.iter().filter_map(|object| Shown::of(object).label(NODE));
        labels.next().is_none_or(|label| label == name)
    });
    documents
}
