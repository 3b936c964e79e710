//! What others wrote into a file of ours in a folder: with the file it would go.

use std::collections::BTreeSet;

use ranform_network::Artifact;
use serde_json::Value;

use super::names::{INSTANCE, MANAGED_BY, MANAGER};
use super::{Shown, files, values};
use crate::target::*;

/// The objects of others in the file that an artifact replaces or removes, which the artifact does not keep as they are.
pub fn endangered(artifact: &Artifact, documents: &[Document], query: &Query) -> Result<Vec<String>, ReadError> {
    let Some(present) = documents.iter().find(|document| document.path == artifact.path) else { return Ok(Vec::new()) };
    if present.bytes == artifact.bytes {
        return Ok(Vec::new());
    }
    let (found, wanted) = (values(present)?, ours(&artifact.path, artifact.bytes.clone())?);
    let strange =
        |object: &&Value| !object.is_null() && !wanted.contains(object) && !is_written_here(object, &artifact.path);
    let strange: Vec<&Value> = found.iter().filter(strange).collect();
    if strange.is_empty() {
        return Ok(Vec::new());
    }
    // One of ours that somebody has labelled anew is still ours.
    let applied = files(query.profile, &query.things()).remove(&artifact.path).unwrap_or_default();
    let applied = ours(&artifact.path, applied)?;
    let applied: BTreeSet<Name<'_>> = applied.iter().map(name).collect();
    let others = strange.into_iter().filter(|object| !applied.contains(&name(object)));
    Ok(others.map(|object| format!("{}: {}", artifact.path, words(object))).collect())
}

/// What tells an object from all others: its API version, kind, namespace and name.
type Name<'a> = (&'a str, &'a str, Option<&'a str>, &'a str);

fn name(object: &Value) -> Name<'_> {
    let shown = Shown::of(object);
    (shown.api_version, shown.kind, shown.namespace, shown.name)
}

/// Whether ranform writes such an object into a file of this path: one of the instance that it is called after, or one that
/// is of no instance.
fn is_written_here(object: &Value, path: &str) -> bool {
    let shown = Shown::of(object);
    let stem = path.rsplit('/').next().and_then(|file| file.strip_suffix(".yaml"));
    let of_instance = path.contains('/');
    let instance = shown.label(INSTANCE);
    shown.label(MANAGED_BY) == Some(MANAGER) && if of_instance { instance == stem } else { instance.is_none() }
}

fn words(object: &Value) -> String {
    let shown = Shown::of(object);
    match (shown.kind, shown.namespace) {
        ("", _) => "what is no object of a cluster".to_owned(),
        (kind, Some(namespace)) => format!("{kind} `{namespace}/{}`", shown.name),
        (kind, None) => format!("{kind} `{}`", shown.name),
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

    #[test]
    fn an_object_is_of_a_file_by_its_instance() {
        let object = |labels: Value| json!({"kind": "Service", "metadata": {"name": "a", "labels": labels}});
        let (mine, beside) =
            (json!({MANAGED_BY: MANAGER, INSTANCE: "e2t"}), json!({MANAGED_BY: MANAGER, INSTANCE: "nib"}));
        assert!(is_written_here(&object(mine.clone()), "ric-metro/e2t.yaml"));
        assert!(!is_written_here(&object(beside), "ric-metro/e2t.yaml"));
        assert!(!is_written_here(&object(json!({INSTANCE: "e2t"})), "ric-metro/e2t.yaml"));
        assert!(!is_written_here(&object(mine), "ric-metro.yaml"));
        assert!(is_written_here(&object(json!({MANAGED_BY: MANAGER})), "ric-metro.yaml"));
    }
}
