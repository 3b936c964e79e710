//! Objects of a Kubernetes cluster, one YAML file per instance of software, as `kubectl apply -f` takes them.
//!
//! | file | objects |
//! |---|---|
//! | `priority-classes.yaml` | a PriorityClass per tier of loop budgets in use |
//! | `NAMESPACE.yaml` | the Namespace with its Pod Security level, and a NetworkPolicy that denies our pods everything |
//! | `NAMESPACE/NAME.yaml` | ServiceAccount, ConfigMaps, NetworkPolicies, Services, PodDisruptionBudget, and the Deployment or StatefulSet |
//!
//! Objects are typed (`k8s-openapi`) and complete; the order in a file is the order of applying. The node that the
//! solver chose is a required node affinity, demands are requests and limits alike. Files of one device name objects
//! that other devices of the cluster share: a driver removes those when nothing uses them any more.

mod compare;
mod flows;
mod folder;
mod managers;
mod names;
mod objects;
mod osc;
mod others;
pub mod package;
mod pod;
mod read;
mod secrets;
mod settings;

use std::collections::{BTreeMap, BTreeSet};

use ranform_network::deployment::{Needs, is_huge_pages};
use ranform_network::diagnostic::{Code, codes};
use ranform_network::network::PodSecurity;
use ranform_network::profile::Profile;
use ranform_network::{Address, Artifact, ArtifactKind, Resource};
use serde_json::Value;

pub use compare::say_nothing_there;
pub use folder::{Folder, Held, of_node, paths};
pub use names::{ADDRESS, INSTANCE, Labels, MANAGED_BY, MANAGER, NODE, amount, node_label};
pub use objects::{HOSTNAME, claim_name, lends, priority, resource_name};
pub use pod::{tolerated, toleration};
pub use ranform_network::deployment::object_name;
pub use read::is_gone;

use crate::target::*;
use objects::{Instance, image, namespaces, priority_class};

/// The format `kubernetes`.
pub struct Kubernetes;

/// The file of what a whole cluster shares.
pub const CLUSTER_FILE: &str = "priority-classes.yaml";

impl Target for Kubernetes {
    fn name(&self) -> &'static str {
        "kubernetes"
    }

    fn render(&self, job: &Job) -> Result<Vec<Artifact>, RenderError> {
        let (before, after) = (job.before(), job.after());
        let findings: Vec<Finding> = job
            .changes
            .iter()
            .filter_map(|change| Some((change, after.get(&change.address)?)))
            .flat_map(|(change, thing)| findings(&change.address, thing.resource))
            .collect();
        if !findings.is_empty() {
            return Err(RenderError { findings });
        }
        let (mut old, mut new) = (files(job.profile, &before), files(job.profile, &after));
        if let Some(folder) = job.folder {
            folder.share(&mut old, &mut new);
        }
        let concerned: BTreeSet<String> = job
            .changes
            .iter()
            .flat_map(|change| {
                let things = [&before, &after].into_iter().filter_map(|things| things.get(&change.address));
                things.filter_map(|thing| path_of(thing.resource, thing.device_id)).collect::<Vec<_>>()
            })
            .collect();
        let mended: BTreeSet<String> = job.changes.iter().flat_map(|change| mended(change.before.as_ref())).collect();
        let mut artifacts = Vec::new();
        for (path, bytes) in &new {
            if concerned.contains(path) || mended.contains(path) || old.get(path) != Some(bytes) {
                artifacts.push(job.artifact(ArtifactKind::Whole, path.clone(), bytes.clone()));
            }
        }
        for path in old.keys().filter(|path| !new.contains_key(*path)) {
            artifacts.push(job.artifact(ArtifactKind::Removal, path.clone(), Vec::new()));
        }
        artifacts.sort();
        Ok(artifacts)
    }

    fn read(&self, documents: &[Document], query: &Query) -> Result<Reading, ReadError> {
        Ok(read::read(&read::Objects::new(documents)?, query))
    }

    fn endangered(&self, artifact: &Artifact, documents: &[Document], query: &Query) -> Result<Vec<String>, ReadError> {
        others::endangered(artifact, documents, query)
    }

    fn strangers(
        &self,
        documents: &[Document],
        query: &Query,
        folder: Option<&Folder>,
    ) -> Result<Vec<Stranger>, ReadError> {
        others::strangers(documents, query, folder)
    }
}

/// The shared files that a thing that others altered may need anew.
fn mended(before: Option<&Resource>) -> Vec<String> {
    let altered = before.and_then(Resource::cluster).filter(|place| !place.altered.is_empty());
    let namespaces = altered.into_iter().flat_map(|place| place.namespaces().map(namespace_file));
    let files: Vec<String> = namespaces.collect();
    if files.is_empty() { files } else { [vec![CLUSTER_FILE.to_owned()], files].concat() }
}

/// The file of an instance.
fn path_of(resource: &Resource, device_id: &str) -> Option<String> {
    let place = resource.cluster()?;
    Some(format!("{}/{}.yaml", place.namespace, object_name(resource, device_id)?))
}

/// The files of these things.
fn files(profile: &Profile, things: &Things) -> BTreeMap<String, Vec<u8>> {
    let mut files = shared_files(things.values().map(|thing| thing.resource));
    for (address, thing) in things {
        let resource = thing.resource;
        let Some(name) = object_name(resource, thing.device_id) else { continue };
        let Some(place) = resource.cluster() else { continue };
        let instance = Instance { address, profile, resource, place, name: &name };
        files.insert(format!("{}/{name}.yaml", place.namespace), yaml(&instance.objects()));
    }
    files
}

/// The file of a namespace and what denies everything in it.
fn namespace_file(namespace: &str) -> String {
    format!("{namespace}.yaml")
}

/// The files that things share: of their namespaces and of their priority classes.
fn shared_files<'a>(resources: impl Iterator<Item = &'a Resource>) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut classes: BTreeMap<String, Value> = BTreeMap::new();
    for resource in resources {
        let Some(place) = resource.cluster() else { continue };
        for (namespace, objects) in namespaces(resource, place) {
            files.entry(namespace_file(&namespace)).or_insert_with(|| yaml(&objects));
        }
        let class = priority_class(resource);
        classes.insert(Shown::of(&class).name.to_owned(), class);
    }
    if !classes.is_empty() {
        files.insert(CLUSTER_FILE.to_owned(), yaml(&classes.into_values().collect::<Vec<_>>()));
    }
    files
}

/// Objects as YAML documents.
fn yaml(objects: &[Value]) -> Vec<u8> {
    let documents: Vec<String> =
        objects.iter().map(|object| serde_yaml::to_string(object).unwrap_or_default()).collect();
    documents.join("---\n").into_bytes()
}

/// The objects of a document, bounded in size.
///
/// # Errors
/// No YAML or JSON.
pub fn values(document: &Document) -> Result<Vec<Value>, ReadError> {
    if document.bytes.len() > MAX_DOCUMENT_BYTES {
        return Err(ReadError::new(&document.path, "the document is larger than 64 MiB"));
    }
    if document.bytes.first() == Some(&b'{') {
        let object = serde_json::from_slice(&document.bytes);
        return object.map(|object| vec![object]).map_err(|error| ReadError::new(&document.path, error.to_string()));
    }
    let text = std::str::from_utf8(&document.bytes)
        .map_err(|_| ReadError::new(&document.path, "the document is not UTF-8"))?;
    serde_yaml::from_multiple(text).map_err(|error| ReadError::new(&document.path, error.to_string()))
}

/// What an object is called.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shown<'a> {
    /// Its API version.
    pub api_version: &'a str,
    /// Its kind.
    pub kind: &'a str,
    /// Its namespace, where it is in one.
    pub namespace: Option<&'a str>,
    /// Its name.
    pub name: &'a str,
    object: &'a Value,
}

impl<'a> Shown<'a> {
    /// Of an object; what it does not say is empty.
    pub fn of(object: &'a Value) -> Self {
        let text = |path: &str| object.pointer(path).and_then(Value::as_str);
        Self {
            api_version: text("/apiVersion").unwrap_or_default(),
            kind: text("/kind").unwrap_or_default(),
            namespace: text("/metadata/namespace"),
            name: text("/metadata/name").unwrap_or_default(),
            object,
        }
    }

    /// One of its labels.
    pub fn label(&self, key: &str) -> Option<&'a str> {
        self.object.pointer("/metadata/labels")?.get(key)?.as_str()
    }

    /// An annotation.
    pub fn annotation(&self, key: &str) -> Option<&'a str> {
        self.object.pointer("/metadata/annotations")?.get(key)?.as_str()
    }
}

/// Where the image of an instance is written. A RIC has its components also where nobody declared them.
fn where_an_image_stands(resource: &Resource) -> String {
    match resource {
        Resource::RicInstance(instance) if instance.xapp.is_none() => {
            let word = instance.component.word();
            format!(
                "declare it in its RIC, with an image: `component {word} {{ demand ..  image \"registry.example/{word}:1.2\" }}`"
            )
        }
        _ => "write e.g. `image \"registry.example/app:1.2\"` on the xApp or model".to_owned(),
    }
}

/// What Kubernetes cannot be told of an instance.
fn findings(address: &Address, resource: &Resource) -> Vec<Finding> {
    let finding = |code: &'static Code, message: String, help: &str| Finding {
        code,
        address: address.clone(),
        message,
        help: help.to_owned(),
    };
    if resource.cluster().is_none() {
        let message = "nothing says on which node of a cluster it runs".to_owned();
        return vec![finding(&codes::MANDATORY_MISSING, message, "manage its node by `manage kubernetes context ..`")];
    }
    let mut findings = Vec::new();
    if image(resource).is_none() {
        findings.push(finding(
            &codes::MANDATORY_MISSING,
            "a container needs an image, and none is written".to_owned(),
            &where_an_image_stands(resource),
        ));
    }
    for (_, image) in pod::images(resource).into_iter().filter(|(_, image)| !ranform_network::image::is_pinned(image)) {
        findings.push(finding(
            &codes::IMAGE_NOT_PINNED,
            format!("image `{image}` can become another one without a change of any intent"),
            "name a version or, better, the digest: `image \"registry.example/app:1.2\"`, `image \"registry.example/app@sha256:..\"`",
        ));
    }
    findings.extend(security(resource).map(|(message, help)| finding(&codes::LEVEL_NOT_STATED, message, help)));
    if let [first, second, ..] = osc::stores(resource) {
        let message =
            format!("the data of its E2 nodes are in several stores, `{first}` and `{second}`, and it finds one");
        let help = "keep the RIC's SDL in one place, `pin sdl on NODE`, or give the loops that keep it apart more time";
        findings.push(finding(&codes::DATA_APART, message, help));
    }
    findings.extend(
        osc::findings(resource).into_iter().map(|(message, help)| finding(&codes::XAPP_DESCRIPTOR, message, &help)),
    );
    for (name, amount) in resource.demand().into_iter().flatten().chain(pod::connector_demands(resource)) {
        if let Some(wrong) = wrong_pages(name, *amount) {
            findings.push(finding(
                &codes::NOT_ON_GRID,
                wrong,
                "give whole pages of a size that the node has: `hugepages-1gi 2GiB`",
            ));
            continue;
        }
        // Thousandths of a core, and whole bytes and devices.
        let step = if name == "cpu" { 1000.0 } else { 1.0 };
        if (amount * step).round() / step != *amount || !(0.0..1e18).contains(amount) {
            let message = format!("its demand of {amount} {name} is finer than Kubernetes counts");
            findings.push(finding(
                &codes::NOT_ON_GRID,
                message,
                "give cpu in thousandths of a core, bytes and devices in whole numbers",
            ));
        }
    }
    findings
}

/// What is wrong with a demand of huge pages.
fn wrong_pages(name: &str, amount: f64) -> Option<String> {
    if !is_huge_pages(name) {
        return None;
    }
    let size = objects::page_size(name).unwrap_or(0.0);
    let whole = size > 0.0 && amount > 0.0 && amount % size == 0.0;
    (!whole).then(|| format!("its demand of {amount} bytes is no number of pages of `{name}`"))
}

/// What a function needs of its node beyond what restricted pods may, where no level or too strict a one is stated.
fn security(resource: &Resource) -> Option<(String, &'static str)> {
    let needs = Needs::of(resource)?;
    let of_node = needs.of_node();
    match needs.pod_security {
        None if !of_node.is_empty() => Some((
            format!("it needs {} of its node, and no Pod Security level is stated", of_node.join(" and ")),
            "say which level it may have, in a namespace of its own: `pod-security privileged`, or `restricted` where that is enough",
        )),
        Some(level) if needs.taps_fronthaul() && level != PodSecurity::Privileged => Some((
            format!("level `{}` does not let it tap the fronthaul, which is on its node's own network", level.word()),
            "write `pod-security privileged`",
        )),
        _ => None,
    }
}
