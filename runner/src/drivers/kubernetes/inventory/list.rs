//! The text of inventories: a line per object, bounded in each ConfigMap.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::super::unready::Unready;

/// The most objects that one ConfigMap lists: half of what a server takes (1 MiB) with the longest names.
const MOST: usize = 2000;
/// What stands for a uid that is not known yet, and for no instance.
const NONE: &str = "-";

/// What tells an object from all others: namespace (none is empty), kind, name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in super::super) struct Id(pub String, pub String, pub String);

/// What is listed of an object beside that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub api_version: String,
    /// None of one that may not be there yet.
    pub uid: Option<String>,
    /// The instance that it is of; none of what instances share.
    pub instance: Option<String>,
}

/// What is listed in a namespace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Listed {
    pub(super) rows: BTreeMap<Id, Row>,
    /// The first digits of the digest of the plan that is in force.
    pub(super) plan: Option<String>,
    /// The transaction that has not come to its end.
    pub(super) transaction: Option<String>,
    /// What was not ready when that began.
    pub(super) unready: Unready,
}

/// How many ConfigMaps so many objects take.
pub(super) fn parts(objects: usize) -> usize {
    objects.div_ceil(MOST)
}

impl Listed {
    /// Reads the parts of an inventory; lines that are none are read over.
    pub(in super::super) fn of(parts: &[Value], namespace: &str) -> Self {
        let mut listed = Self::default();
        for part in parts {
            let text = |name: &str| part.pointer("/data").and_then(|data| data.get(name)).and_then(Value::as_str);
            listed.plan = listed.plan.or(text("plan").map(str::to_owned));
            listed.transaction = listed.transaction.or(text("transaction").map(str::to_owned));
            listed.rows.extend(text("objects").unwrap_or_default().lines().filter_map(row));
            let unready = text("unready").unwrap_or_default().lines().filter_map(|line| line.split_once(": "));
            listed.unready.extend(unready.filter_map(|(object, why)| {
                let (kind, name) = object.split_once(' ')?;
                Some((Id(namespace.to_owned(), kind.to_owned(), name.to_owned()), why.to_owned()))
            }));
        }
        listed
    }

    /// The data of the ConfigMaps that say it, in order; none where nothing is listed.
    pub(super) fn data(&self) -> Vec<Value> {
        let lines: Vec<String> = self.rows.iter().map(line).collect();
        let mut data: Vec<Value> = lines.chunks(MOST).map(|lines| json!({ "objects": lines.join("\n") })).collect();
        if let Some(first) = data.first_mut().and_then(Value::as_object_mut) {
            self.head(first);
        }
        data
    }

    fn head(&self, data: &mut Map<String, Value>) {
        for (name, text) in [("plan", &self.plan), ("transaction", &self.transaction)] {
            data.extend(text.iter().map(|text| (name.to_owned(), text.as_str().into())));
        }
        let unready: Vec<String> = self
            .unready
            .iter()
            .map(|(Id(_, kind, name), why)| {
                format!("{kind} {name}: {}", why.split_whitespace().collect::<Vec<_>>().join(" "))
            })
            .collect();
        if !unready.is_empty() {
            data.insert("unready".to_owned(), unready.join("\n").into());
        }
    }
}

/// `apps/v1 Deployment ric-metro/metro-e2t-edge-3 UID INSTANCE`.
fn line((Id(namespace, kind, name), row): (&Id, &Row)) -> String {
    let place = if namespace.is_empty() { name.clone() } else { format!("{namespace}/{name}") };
    let [uid, instance] = [&row.uid, &row.instance].map(|text| text.as_deref().unwrap_or(NONE));
    format!("{} {kind} {place} {uid} {instance}", row.api_version)
}

fn row(line: &str) -> Option<(Id, Row)> {
    let words: Vec<&str> = line.split(' ').collect();
    let [api_version, kind, place, uid, instance] = words.try_into().ok()?;
    let (namespace, name) = place.split_once('/').unwrap_or(("", place));
    let known = |word: &str| (word != NONE).then(|| word.to_owned());
    let row = Row { api_version: api_version.to_owned(), uid: known(uid), instance: known(instance) };
    Some((Id(namespace.to_owned(), kind.to_owned(), name.to_owned()), row))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many objects with names as long as they may be.
    fn listed(objects: usize) -> Listed {
        let name = |at: usize| format!("{at:0>52}");
        let row = |at: usize| {
            let id = Id("n".repeat(63), "PodDisruptionBudget".to_owned(), name(at));
            let uid = at.is_multiple_of(2).then(|| format!("{at:0>36}"));
            (id, Row { api_version: "networking.k8s.io/v1".to_owned(), uid, instance: Some(name(at)) })
        };
        let mut rows: BTreeMap<Id, Row> = (0..objects).map(row).collect();
        let class = Id(String::new(), "PriorityClass".to_owned(), "ranform-no-loop".to_owned());
        rows.insert(class, Row { api_version: "scheduling.k8s.io/v1".to_owned(), uid: None, instance: None });
        let lame = Id("n".to_owned(), "Deployment".to_owned(), "lame".to_owned());
        let unready = Unready::from([(lame, "quota: none\nleft".to_owned())]);
        Listed { rows, unready, plan: Some("0123".to_owned()), transaction: Some("ranform-4567-8".to_owned()) }
    }

    #[test]
    fn what_is_listed_is_read_back_and_no_part_is_larger_than_a_server_takes() {
        for objects in [0, 1, MOST - 1, MOST, 5 * MOST] {
            let mut whole = listed(objects);
            let data = whole.data();
            assert_eq!(data.len(), parts(objects + 1));
            assert!(data.iter().all(|data| data.to_string().len() < 700_000), "{objects}");
            let parts: Vec<Value> = data.into_iter().map(|data| json!({ "data": data })).collect();
            whole.unready.values_mut().for_each(|why| *why = "quota: none left".to_owned());
            assert_eq!(Listed::of(&parts, "n"), whole);
        }
        assert!(Listed::default().data().is_empty());
    }

    #[test]
    fn what_somebody_wrote_into_it_is_read_over() {
        let part = json!({"data": {"objects": "v1 Service\n\nv1 Service a/b - - -\nv1 Service a/b - c", "unready": "x\ny z", "plan": 1}});
        let listed = Listed::of(&[part, json!({})], "a");
        assert_eq!(listed.rows.len(), 1);
        assert_eq!((listed.plan, listed.unready.len()), (None, 0));
        // As earlier versions wrote it: instances only.
        let old = Listed::of(&[json!({"data": {"plan": "0123", "instances": "metro-e2t-edge-0"}})], "a");
        assert_eq!((old.plan.as_deref(), old.rows.len()), (Some("0123"), 0));
    }
}
