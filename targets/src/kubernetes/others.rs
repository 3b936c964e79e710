//! What others wrote into a file of ours in a folder: with the file it would go.

use std::collections::{BTreeMap, BTreeSet};

use ranform_network::Artifact;
use ranform_network::deployment::DENY_ALL;
use serde_json::Value;

use super::names::{INSTANCE, MANAGED_BY, MANAGER};
use super::{CLUSTER_FILE, Folder, Shown, files, values};
use crate::target::*;

/// The objects of others in the file that an artifact replaces or removes, which the artifact does not keep as they are.
pub fn endangered(artifact: &Artifact, documents: &[Document], query: &Query) -> Result<Vec<String>, ReadError> {
    let Some(present) = documents.iter().find(|document| document.path == artifact.path) else { return Ok(Vec::new()) };
    if present.bytes == artifact.bytes {
        return Ok(Vec::new());
    }
    let applied = files(query.profile, &query.things()).remove(&artifact.path).unwrap_or_default();
    let applied = ours(&artifact.path, applied)?;
    let (found, kept) = (values(present)?, ours(&artifact.path, artifact.bytes.clone())?);
    let lost = strange(&found, &applied, &artifact.path).into_iter().filter(|object| !kept.contains(object));
    Ok(lost.map(|object| format!("{}: {}", artifact.path, stranger(&artifact.path, object).words())).collect())
}

/// The objects of others in the files that are ours by what is known.
pub fn strangers(documents: &[Document], query: &Query, folder: Option<&Folder>) -> Result<Vec<Stranger>, ReadError> {
    let mut applied = files(query.profile, &query.things());
    if let Some(folder) = folder {
        folder.share(&mut BTreeMap::new(), &mut applied);
    }
    let mut strangers = Vec::new();
    for document in documents {
        let Some(bytes) = applied.remove(&document.path).filter(|bytes| *bytes != document.bytes) else { continue };
        let (found, applied) = (values(document)?, ours(&document.path, bytes)?);
        let strange = strange(&found, &applied, &document.path).into_iter();
        strangers.extend(strange.map(|object| stranger(&document.path, object)));
    }
    Ok(strangers)
}

/// The objects in a file of ours that are not ours. Ours is what is as it was applied, and, as others may have edited it,
/// the first that is called so; a second one of its name is not. What was not applied is ours where it says so.
fn strange<'f>(found: &'f [Value], applied: &'f [Value], path: &str) -> Vec<&'f Value> {
    let names: BTreeSet<Name<'f>> = applied.iter().map(name).collect();
    let mut edited: BTreeSet<Name<'f>> = applied.iter().filter(|object| !found.contains(object)).map(name).collect();
    let mut strange: Vec<&'f Value> = Vec::new();
    for object in found.iter().filter(|object| !object.is_null() && !applied.contains(object)) {
        let called = name(object);
        let is_ours = edited.remove(&called) || !names.contains(&called) && is_written_here(object, path);
        strange.extend((!is_ours).then_some(object));
    }
    strange
}

/// What tells an object from all others: its API version, kind, namespace and name.
type Name<'a> = (&'a str, &'a str, Option<&'a str>, &'a str);

fn name(object: &Value) -> Name<'_> {
    let shown = Shown::of(object);
    (shown.api_version, shown.kind, shown.namespace, shown.name)
}

/// Whether ranform writes such an object into a file of this path: by its labels, and by its name, as somebody who copies
/// an object of ours to make another one of it copies its labels too.
fn is_written_here(object: &Value, path: &str) -> bool {
    let shown = Shown::of(object);
    let Some((folder, stem)) = stem(path).filter(|_| shown.label(MANAGED_BY) == Some(MANAGER)) else { return false };
    match (folder, shown.kind) {
        (Some(_), _) => shown.label(INSTANCE) == Some(stem) && shown.name == stem,
        (None, "PriorityClass") => path == CLUSTER_FILE && shown.name.starts_with(MANAGER),
        (None, "Namespace") => shown.name == stem,
        (None, "NetworkPolicy") => shown.namespace == Some(stem) && shown.name == DENY_ALL,
        (None, _) => false,
    }
}

/// The folder of a file, where it is of an instance, and its name without `.yaml`.
fn stem(path: &str) -> Option<(Option<&str>, &str)> {
    let path = path.strip_suffix(".yaml")?;
    Some(path.rsplit_once('/').map_or((None, path), |(folder, stem)| (Some(folder), stem)))
}

fn stranger(path: &str, object: &Value) -> Stranger {
    let shown = Shown::of(object);
    Stranger {
        file: path.to_owned(),
        kind: shown.kind.to_owned(),
        namespace: shown.namespace.map(str::to_owned),
        name: shown.name.to_owned(),
    }
}

/// The objects of a file as we write it; of none where it is not there.
fn ours(path: &str, bytes: Vec<u8>) -> Result<Vec<Value>, ReadError> {
    if bytes.is_empty() { Ok(Vec::new()) } else { values(&Document { path: path.to_owned(), bytes }) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(kind: &str, name: &str, labels: &Value) -> Value {
        json!({"kind": kind, "metadata": {"name": name, "namespace": "ric-metro", "labels": labels}})
    }

    #[test]
    fn an_object_that_was_not_applied_is_of_a_file_by_its_labels_and_its_name() {
        let (ours, of_e2t) = (json!({MANAGED_BY: MANAGER}), json!({MANAGED_BY: MANAGER, INSTANCE: "e2t"}));
        let in_e2t = |object: &Value| is_written_here(object, "ric-metro/e2t.yaml");
        assert!(in_e2t(&object("Service", "e2t", &of_e2t)));
        assert!(!in_e2t(&object("Service", "copy", &of_e2t)), "a copy under another name");
        assert!(!in_e2t(&object("Service", "e2t", &json!({MANAGED_BY: MANAGER, INSTANCE: "nib"}))));
        assert!(!in_e2t(&object("Service", "e2t", &json!({INSTANCE: "e2t"}))));
        let shared = |kind: &str, name: &str, path: &str| is_written_here(&object(kind, name, &ours), path);
        assert!(
            shared("Namespace", "ric-metro", "ric-metro.yaml") && shared("NetworkPolicy", DENY_ALL, "ric-metro.yaml")
        );
        assert!(shared("PriorityClass", "ranform-loop-1s", CLUSTER_FILE));
        assert!(!shared("Namespace", "shop", "ric-metro.yaml") && !shared("PriorityClass", "shop", CLUSTER_FILE));
        assert!(!shared("PriorityClass", "ranform-loop-1s", "ric-metro.yaml"));
    }

    #[test]
    fn of_two_objects_of_one_name_one_is_ours() {
        let ours = [object("Service", "e2t", &json!({"a": "1"})), object("ConfigMap", "e2t", &json!({}))];
        let edited = object("Service", "e2t", &json!({"a": "2"}));
        let strangers = |found: &[Value]| strange(found, &ours, "ric-metro/e2t.yaml").len();
        assert_eq!(strangers(&ours), 0);
        assert_eq!(strangers(&[edited.clone(), ours[1].clone()]), 0, "others edited ours");
        let both = [edited.clone(), ours[0].clone(), ours[1].clone(), Value::Null];
        assert_eq!(strange(&both, &ours, "ric-metro/e2t.yaml"), [&edited]);
        assert_eq!(strangers(&[edited.clone(), edited]), 1);
    }
}
