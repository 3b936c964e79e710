//! What an export has put into a namespace, object by object with its uid, in ConfigMaps there. Written before an object is, and
//! again at the end: whatever breaks in between, every object that may be there is listed. What goes is what it lists and the
//! intents no longer say; what it does not list is never removed.

use std::collections::{BTreeMap, BTreeSet};

use ranform_network::{Address, Network};
use ranform_targets::kubernetes::{ADDRESS, MANAGED_BY, MANAGER, Shown};
use serde_json::{Value, json};

use crate::kubernetes::{Cluster, Error, Found, How, kind};
use crate::patience::Patience;

/// What it is called where no flag says it.
pub(super) const NAME: &str = "ranform-resources";
/// The label of such ConfigMaps, beside that of who manages them.
const COMPONENT: (&str, &str) = ("app.kubernetes.io/component", "resources");
/// The most objects that one ConfigMap lists: what a server takes (1 MiB) with the longest names.
const MOST: usize = 1500;
/// The most ConfigMaps of one inventory.
const MOST_PARTS: usize = 100;
/// What stands for a uid that is not known yet.
const NONE: &str = "-";

/// What tells an object from the others of a namespace: kind and name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Id(pub String, pub String);

impl Id {
    /// Of an object.
    pub(super) fn of(object: &Value) -> Self {
        let shown = Shown::of(object);
        Self(shown.kind.to_owned(), shown.name.to_owned())
    }

    /// In words.
    pub(super) fn words(&self) -> String {
        format!("{} `{}`", self.0, self.1)
    }
}

/// What is listed of an object beside that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// None of one that may not be there yet.
    pub uid: Option<String>,
    /// What it is in the intents.
    pub address: String,
}

/// What is listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Inventory {
    /// The objects.
    pub rows: BTreeMap<Id, Row>,
}

/// What is there, by kind and name.
pub(super) type Live = BTreeMap<Id, Found>;

/// What becomes of what is listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Removal {
    /// What goes, with the uid of each.
    pub remove: BTreeMap<Id, String>,
    /// What stays and is listed no more, and why.
    pub left: Vec<String>,
}

impl Inventory {
    /// What the ConfigMaps of this name list; the second is one of them that is somebody else's.
    pub(super) async fn read(
        cluster: &mut Cluster,
        (namespace, name): (&str, &str),
        patience: &Patience,
    ) -> Result<(Self, Option<String>), Error> {
        let mut inventory = Self::default();
        for part in 0..MOST_PARTS {
            let Some(config_map) = kind("ConfigMap") else { break };
            let name = part_name(name, part);
            let Some(found) = cluster.get(config_map, Some(namespace), &name, patience).await? else { break };
            let shown = Shown::of(&found);
            if shown.label(MANAGED_BY) != Some(MANAGER) || shown.label(COMPONENT.0) != Some(COMPONENT.1) {
                return Ok((inventory, Some(name)));
            }
            let lines = found.pointer("/data/objects").and_then(Value::as_str).unwrap_or_default().lines();
            inventory.rows.extend(lines.filter_map(row));
        }
        Ok((inventory, None))
    }

    /// Writes it, the first part last; parts that are no longer needed list nothing.
    pub(super) async fn write(
        &self,
        cluster: &mut Cluster,
        (namespace, name): (&str, &str),
        before: usize,
        patience: &Patience,
    ) -> Result<(), Error> {
        let lines: Vec<String> = self.rows.iter().map(line).collect();
        let mut parts: Vec<&[String]> = lines.chunks(MOST).collect();
        parts.resize(parts.len().max(before.div_ceil(MOST)), &[]);
        let labels = json!({ MANAGED_BY: MANAGER, COMPONENT.0: COMPONENT.1 });
        for (part, lines) in parts.into_iter().enumerate().rev() {
            let object = json!({"apiVersion": "v1", "kind": "ConfigMap",
                "metadata": {"name": part_name(name, part), "namespace": namespace, "labels": labels},
                "data": {"objects": lines.join("\n")}});
            cluster.apply(&object, How::Normal, patience).await?;
        }
        Ok(())
    }

    /// What goes of it, and what of it stays although the intents do not say it.
    pub(super) fn removal(&self, wanted: &BTreeSet<Id>, live: &Live, network: &Network) -> Removal {
        let mut removal = Removal::default();
        for (id, row) in self.rows.iter().filter(|(id, _)| !wanted.contains(*id)) {
            let Some(found) = live.get(id) else { continue };
            let made_by_us = match &row.uid {
                Some(uid) => *uid == found.uid,
                // Listed by an export that did not come to its end: who else says anything of it may have made it.
                None => found.is_ours,
            };
            if network.forgotten.iter().any(|line| within(&row.address, &line.value)) {
                removal.left.push(format!("{}, as `forget` says", id.words()));
            } else if made_by_us {
                removal.remove.insert(id.clone(), found.uid.clone());
            } else {
                removal.left.push(format!("{}, which somebody else made under that name", id.words()));
            }
        }
        removal
    }

    /// With these objects as well, but for what others have made and is listed nowhere.
    pub(super) fn with(&self, objects: &[Value], live: &Live) -> Self {
        let mut rows = self.rows.clone();
        for object in objects {
            let id = Id::of(object);
            let found = live.get(&id);
            let uid = found.map(|found| found.uid.clone());
            match rows.get(&id) {
                // Its maker is another than that of the one that was listed.
                Some(row) if row.uid.is_some() && uid.is_some() && row.uid != uid => drop(rows.remove(&id)),
                Some(_) => {}
                None if found.is_some_and(|found| !found.is_ours) => {}
                None => {
                    let address = Shown::of(object).annotation(ADDRESS).unwrap_or_default().to_owned();
                    rows.insert(id, Row { uid, address });
                }
            }
        }
        Self { rows }
    }
}

/// Whether what an object is in the intents is at or below a path.
fn within(address: &str, path: &Address) -> bool {
    let rest = address.strip_prefix(path.as_str());
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn part_name(name: &str, part: usize) -> String {
    if part == 0 { name.to_owned() } else { format!("{name}-{}", part + 1) }
}

/// `Chunk red-plaza UID chunk.red-plaza`.
fn line((Id(kind, name), row): (&Id, &Row)) -> String {
    format!("{kind} {name} {} {}", row.uid.as_deref().unwrap_or(NONE), row.address)
}

fn row(line: &str) -> Option<(Id, Row)> {
    let mut words = line.splitn(4, ' ');
    let (kind, name, uid, address) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let uid = (uid != NONE).then(|| uid.to_owned());
    Some((Id(kind.to_owned(), name.to_owned()), Row { uid, address: address.to_owned() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(name: &str) -> Id {
        Id("Chunk".to_owned(), name.to_owned())
    }

    fn listed(rows: &[(&str, Option<&str>)]) -> Inventory {
        let row = |(name, uid): &(&str, Option<&str>)| {
            (id(name), Row { uid: uid.map(str::to_owned), address: format!("chunk.\"{name} x\"") })
        };
        Inventory { rows: rows.iter().map(row).collect() }
    }

    fn live(all: &[(&str, &str, bool)]) -> Live {
        let found =
            |(name, uid, is_ours): &(&str, &str, bool)| (id(name), Found { uid: (*uid).to_owned(), is_ours: *is_ours });
        all.iter().map(found).collect()
    }

    #[test]
    fn lines_are_read_back_and_what_is_none_is_read_over() {
        let rows = listed(&[("a", None), ("b", Some("7"))]).rows;
        assert!(rows.iter().all(|(id, of)| row(&line((id, of))) == Some((id.clone(), of.clone()))));
        assert_eq!(row("Chunk a"), None);
    }

    #[test]
    fn what_goes_is_what_was_listed_and_is_still_the_same() {
        let all = listed(&[
            ("kept", Some("1")),
            ("gone", Some("2")),
            ("anew", Some("3")),
            ("same", Some("4")),
            ("begun", None),
            ("met", None),
        ]);
        let there = live(&[
            ("kept", "1", true),
            ("anew", "33", true),
            ("same", "4", false),
            ("begun", "5", true),
            ("met", "6", false),
            ("theirs", "7", false),
        ]);
        let removal = all.removal(&BTreeSet::from([id("kept")]), &there, &Network::default());
        let removed: Vec<&str> = removal.remove.keys().map(|id| id.1.as_str()).collect();
        assert_eq!(removed, ["begun", "same"]);
        assert_eq!(removal.left.len(), 2, "{:?}", removal.left);
    }

    #[test]
    fn what_others_made_is_not_listed() {
        let object =
            |name: &str| json!({"kind": "Chunk", "metadata": {"name": name, "annotations": {ADDRESS: "chunk.x"}}});
        let objects: Vec<Value> = ["new", "older", "theirs", "anew"].into_iter().map(object).collect();
        let there = live(&[("older", "1", true), ("theirs", "2", false), ("anew", "4", false)]);
        let with = listed(&[("gone", Some("0")), ("anew", Some("3"))]).with(&objects, &there);
        let rows: Vec<(&str, Option<&str>)> =
            with.rows.iter().map(|(id, row)| (id.1.as_str(), row.uid.as_deref())).collect();
        assert_eq!(rows, [("gone", Some("0")), ("new", None), ("older", Some("1"))]);
    }
}
