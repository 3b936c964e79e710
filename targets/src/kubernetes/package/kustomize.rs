//! A kustomize base, and for each environment an overlay with what it has otherwise.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::patch::patch;
use super::{File, Objects, yaml};
use crate::kubernetes::Shown;

/// The file that kustomize begins with.
const KUSTOMIZATION: &str = "kustomization.yaml";

/// `base/` with the objects, and `overlays/NAME/` for each environment by its name.
pub fn kustomize(base: &Objects, environments: &BTreeMap<String, Objects>) -> Vec<File> {
    let mut files: Vec<File> =
        base.files().map(|(path, objects)| file(format!("base/{path}"), yaml(objects))).collect();
    let resources: Vec<&str> = base.files().map(|(path, _)| path).collect();
    files.push(kustomization("base", &json!({"resources": resources})));
    for (name, objects) in environments {
        files.extend(overlay(name, base, objects));
    }
    files.sort();
    files
}

fn file(path: String, text: String) -> File {
    File { path, text }
}

fn kustomization(folder: &str, members: &Value) -> File {
    let mut whole = json!({"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization"});
    if let (Some(whole), Some(members)) = (whole.as_object_mut(), members.as_object()) {
        whole.extend(members.iter().map(|(name, value)| (name.clone(), value.clone())));
    }
    file(format!("{folder}/{KUSTOMIZATION}"), yaml([&whole]))
}

/// What is new as files, what is otherwise as patches, what is not there as patches that delete.
fn overlay(name: &str, base: &Objects, wanted: &Objects) -> Vec<File> {
    let folder = format!("overlays/{name}");
    let (before, after) = (base.by_key(), wanted.by_key());
    let mut new: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
    let mut patches = Vec::new();
    for (key, (path, object)) in &after {
        match before.get(key) {
            None => new.entry(*path).or_default().push(object),
            Some((_, from)) => patches.extend(change(from, object)),
        }
    }
    let gone = before.iter().filter(|(key, _)| !after.contains_key(*key));
    patches.extend(gone.map(|(_, (_, object))| deletion(object)));
    let resources: Vec<String> =
        std::iter::once("../../base".to_owned()).chain(new.keys().map(|path| (*path).to_owned())).collect();
    let mut members = json!({"resources": resources});
    if !patches.is_empty() {
        members["patches"] = Value::Array(patches);
    }
    let mut files = vec![kustomization(&folder, &members)];
    files.extend(new.into_iter().map(|(path, objects)| file(format!("{folder}/{path}"), yaml(objects))));
    files
}

fn change(from: &Value, to: &Value) -> Option<Value> {
    let operations = patch(from, to);
    if operations.is_empty() {
        return None;
    }
    let shown = Shown::of(to);
    let (group, version) = shown.api_version.split_once('/').unwrap_or(("", shown.api_version));
    let mut target = json!({"version": version, "kind": shown.kind, "name": shown.name});
    if !group.is_empty() {
        target["group"] = group.into();
    }
    if let Some(namespace) = shown.namespace {
        target["namespace"] = namespace.into();
    }
    // As JSON: kustomize cuts what is blank at the end of a patch, and with it the last line end of a text in YAML.
    let text = serde_json::to_string_pretty(&operations).unwrap_or_default() + "\n";
    Some(json!({"target": target, "patch": text}))
}

fn deletion(object: &Value) -> Value {
    let shown = Shown::of(object);
    let mut metadata = json!({"name": shown.name});
    if let Some(namespace) = shown.namespace {
        metadata["namespace"] = namespace.into();
    }
    let whole = json!({
        "$patch": "delete", "apiVersion": shown.api_version, "kind": shown.kind, "metadata": metadata,
    });
    json!({"patch": serde_yaml::to_string(&whole).unwrap_or_default()})
}
