//! The objects of a cluster as packages that other tools deploy: a kustomize base with an overlay per environment, and a
//! Helm chart. Both give the objects of the plan, to the byte of every field; what an operator may change beside is
//! little and named (`docs/src/decisions/0061-packages.md`).

mod helm;
mod kustomize;
mod patch;

use std::collections::BTreeMap;

use ranform_network::{Artifact, ArtifactKind};
use serde_json::Value;

use super::{Shown, values};
use crate::target::{Document, ReadError};

pub use helm::{Chart, helm};
pub use kustomize::kustomize;

/// The first line of every file that is written: by it a later run knows what it may replace.
pub const HEADER: &str = "# Written by `ranform render`; change the intents, not this file.\n";

/// A file of a package.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct File {
    /// Its path below the package.
    pub path: String,
    /// What is in it.
    pub text: String,
}

/// What tells an object from all others: API version, kind, namespace, name.
type Key = (String, String, String, String);

fn key(object: &Value) -> Key {
    let shown = Shown::of(object);
    let text = str::to_owned;
    (text(shown.api_version), text(shown.kind), text(shown.namespace.unwrap_or_default()), text(shown.name))
}

/// The objects of a cluster by file, each once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Objects(BTreeMap<String, BTreeMap<Key, (usize, Value)>>);

impl Objects {
    /// The objects of the artifacts of all nodes of a cluster: what several share is there once.
    ///
    /// # Errors
    /// An artifact that is no YAML.
    pub fn new<'a>(artifacts: impl IntoIterator<Item = &'a Artifact>) -> Result<Self, ReadError> {
        let mut files: BTreeMap<String, BTreeMap<Key, (usize, Value)>> = BTreeMap::new();
        for artifact in artifacts.into_iter().filter(|artifact| artifact.kind == ArtifactKind::Whole) {
            let document = Document { path: artifact.path.clone(), bytes: artifact.bytes.clone() };
            let file = files.entry(artifact.path.clone()).or_default();
            for (order, object) in values(&document)?.into_iter().enumerate() {
                file.entry(key(&object)).or_insert((order, object));
            }
        }
        Ok(Self(files))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The files with their objects, in the order of applying.
    pub fn files(&self) -> impl Iterator<Item = (&str, Vec<&Value>)> {
        self.0.iter().map(|(path, file)| {
            let mut objects: Vec<(usize, &Key, &Value)> =
                file.iter().map(|(key, (order, object))| (*order, key, object)).collect();
            objects.sort_by_key(|(order, key, _)| (*order, *key));
            (path.as_str(), objects.into_iter().map(|(_, _, object)| object).collect())
        })
    }

    /// Every object.
    pub fn all(&self) -> impl Iterator<Item = &Value> {
        self.0.values().flat_map(|file| file.values().map(|(_, object)| object))
    }

    fn by_key(&self) -> BTreeMap<&Key, (&str, &Value)> {
        let files = self.0.iter();
        files
            .flat_map(|(path, file)| file.iter().map(move |(key, (_, object))| (key, (path.as_str(), object))))
            .collect()
    }
}

/// Objects as the text of a YAML file.
fn yaml<'a>(objects: impl IntoIterator<Item = &'a Value>) -> String {
    let text = |object: &Value| serde_yaml::to_string(object).unwrap_or_default();
    let documents: Vec<String> = objects.into_iter().map(text).collect();
    HEADER.to_owned() + &documents.join("---\n")
}
