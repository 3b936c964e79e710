//! What is in a namespace, of whatever kind: the kinds are asked of the server, of the objects only their metadata.

use k8s_openapi::api::authorization::v1::ResourceAttributes;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{APIResource, APIResourceList, ObjectMeta};
use kube::api::{Api, DynamicObject, ListParams};
use kube::core::{ApiResource, GroupVersion};
use ranform_targets::kubernetes::{MANAGED_BY, MANAGER};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

use super::cluster::PAGE;
use super::{Cluster, Error, How, Result, kind};
use crate::patience::Patience;

/// What controllers put beside the objects of others, and what goes with them: nobody misses it.
const BY_CONTROLLERS: [&str; 4] = ["events", "endpoints", "endpointslices", "leases"];
/// How long an extension of the API that does not answer is waited for.
const EXTENSION: Duration = Duration::from_secs(5);
/// How long a count is waited for: controllers that have just lost their server take their time.
const COUNTING: Duration = Duration::from_secs(30);
/// What the names of quotas that count what may not be listed begin with.
const COUNT: &str = "ranform-count";
/// The longest name that a quota can count.
const LONGEST: usize = 63;
/// It limits nothing.
const NO_LIMIT: &str = "1000000000";

/// An object of whatever kind.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Piece {
    /// Its kind, e.g. `CronJob`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Whether ranform manages it.
    pub ours: bool,
    /// Whether it is being deleted.
    pub going: bool,
}

/// What is in a namespace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    /// What may be listed, beside what the cluster puts into every namespace and what goes with its owner.
    pub pieces: Vec<Piece>,
    /// How many there are of what may be counted and not listed, by plural and group; those that are there.
    pub counted: BTreeMap<String, u64>,
    /// What may neither be listed nor counted, or could not be.
    pub unseen: Vec<String>,
}

/// A kind of which objects may be in a namespace.
struct Held {
    resource: ApiResource,
}

impl Held {
    /// As quotas call it: `secrets`, `cronjobs.batch`.
    fn plural(&self) -> String {
        match self.resource.group.as_str() {
            "" => self.resource.plural.clone(),
            group => format!("{}.{group}", self.resource.plural),
        }
    }
}

impl Cluster {
    /// What is in a namespace. What may not be listed (Secrets, under the shipped role) is counted by a quota that
    /// limits nothing, of a name that ends in `asker`: that tells neither names nor contents.
    ///
    /// # Errors
    /// The server cannot be asked for its kinds, or not for the objects of one that may be listed.
    pub async fn contents(&mut self, namespace: &str, asker: &str, patience: &Patience) -> Result<Contents> {
        // A refusal is an answer here, and an extension that is away is not waited for.
        let absence = self.absence.replace(EXTENSION);
        let contents = self.look_into(namespace, &format!("{COUNT}-{asker}"), patience).await;
        self.absence = absence;
        contents
    }

    async fn look_into(&mut self, namespace: &str, counter: &str, patience: &Patience) -> Result<Contents> {
        let mut contents = Contents::default();
        let kinds = self.held(&mut contents.unseen, patience).await?;
        let mut hidden = Vec::new();
        for held in &kinds {
            if !self.may_list(held, namespace, patience).await? {
                hidden.push(held.plural());
                continue;
            }
            match self.pieces(held, namespace, patience).await {
                Ok(found) => {
                    let pieces = found.into_iter().filter(|meta| counts(held, meta, &kinds));
                    contents.pieces.extend(pieces.map(|meta| piece(held, meta)));
                }
                Err(error) if error.is_not_allowed() => hidden.push(held.plural()),
                // A kind that is gone since it was told, or that has objects without lists.
                Err(error) if matches!(error.status(), Some(404 | 405)) => {}
                Err(_) if is_extension(&held.resource.group) => contents.unseen.push(held.plural()),
                Err(error) => return Err(error),
            }
        }
        if !hidden.is_empty() {
            let counts = match self.may_count(namespace, patience).await? {
                true => self.count((namespace, counter), &hidden, patience).await.unwrap_or_default(),
                false => BTreeMap::new(),
            };
            for plural in hidden {
                match counts.get(&plural) {
                    Some(0) => {}
                    Some(number) => drop(contents.counted.insert(plural, *number)),
                    None => contents.unseen.push(plural),
                }
            }
        }
        contents.pieces.sort();
        contents.pieces.dedup();
        Ok(contents)
    }

    /// Every kind that namespaces hold objects of; groups that do not answer are unseen.
    async fn held(&mut self, unseen: &mut Vec<String>, patience: &Patience) -> Result<Vec<Held>> {
        let core = |client: kube::Client| async move { client.list_core_api_resources("v1").await };
        let core = self.patiently("discover", "list the kinds of the API", patience, core).await?;
        let groups = |client: kube::Client| async move { client.list_api_groups().await };
        let groups = self.patiently("discover", "list the groups of the API", patience, groups).await?;
        let mut kinds = held_of(&core);
        for group in groups.groups {
            let version = group.preferred_version.or_else(|| group.versions.first().cloned());
            let Some(version) = version.map(|version| version.group_version) else { continue };
            let (doing, version) = (format!("list the kinds of `{version}`"), version.as_str());
            let list = |client: kube::Client| async move { client.list_api_group_resources(version).await };
            match self.patiently("discover", &doing, &patience.at_most(EXTENSION), list).await {
                Ok(list) => kinds.extend(held_of(&list)),
                Err(_) => unseen.push(format!("*.{}", group.name)),
            }
        }
        Ok(kinds)
    }

    async fn may_list(&mut self, held: &Held, namespace: &str, patience: &Patience) -> Result<bool> {
        let attributes = ResourceAttributes {
            verb: Some("list".to_owned()),
            group: Some(held.resource.group.clone()),
            resource: Some(held.resource.plural.clone()),
            namespace: Some(namespace.to_owned()),
            ..ResourceAttributes::default()
        };
        self.review(attributes, patience).await
    }

    /// Whether a quota may be made, looked at and taken away again.
    async fn may_count(&mut self, namespace: &str, patience: &Patience) -> Result<bool> {
        let Some(quota) = kind("ResourceQuota") else { return Ok(false) };
        for verb in ["create", "patch", "get", "delete"] {
            if !self.may(verb, quota, Some(namespace), patience).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn pieces(&mut self, held: &Held, namespace: &str, patience: &Patience) -> Result<Vec<ObjectMeta>> {
        let doing = format!("list {} in `{namespace}`", held.plural());
        // A page of them is enough to say that there are some, and which.
        let params = ListParams::default().limit(PAGE);
        let (params, resource) = (&params, &held.resource);
        let list = |client| {
            let api: Api<DynamicObject> = Api::namespaced_with(client, namespace, resource);
            async move { api.list_metadata(params).await }
        };
        let page = self.patiently("list", &doing, patience, list).await?;
        Ok(page.items.into_iter().map(|object| object.metadata).collect())
    }

    /// How many objects of each of these there are, as the controller of quotas counts them for this quota; of what it
    /// does not count, nothing.
    async fn count(
        &mut self,
        (namespace, name): (&str, &str),
        plurals: &[String],
        patience: &Patience,
    ) -> Result<BTreeMap<String, u64>> {
        let quota = kind("ResourceQuota").ok_or_else(|| Error::Access("no kind `ResourceQuota`".to_owned()))?;
        let fitting = plurals.iter().filter(|plural| plural.len() <= LONGEST);
        let hard: BTreeMap<String, &str> = fitting.map(|plural| (counter(plural), NO_LIMIT)).collect();
        let object = json!({
            "apiVersion": quota.api_version(), "kind": quota.name,
            "metadata": {"name": name, "namespace": namespace, "labels": {MANAGED_BY: MANAGER}},
            "spec": {"hard": hard},
        });
        self.apply(&object, How::Force, patience).await?;
        let counted = self.counted((namespace, name), plurals, &patience.at_most(COUNTING)).await;
        self.delete(quota, Some(namespace), name, None, patience).await?;
        counted
    }

    /// What the quota counted, once it has.
    async fn counted(
        &mut self,
        (namespace, name): (&str, &str),
        plurals: &[String],
        patience: &Patience,
    ) -> Result<BTreeMap<String, u64>> {
        let quota = kind("ResourceQuota").ok_or_else(|| Error::Access("no kind `ResourceQuota`".to_owned()))?;
        loop {
            let found = self.get(quota, Some(namespace), name, patience).await?.unwrap_or_default();
            let used = found.pointer("/status/used").and_then(Value::as_object);
            let counts: BTreeMap<String, u64> = plurals
                .iter()
                .filter_map(|plural| {
                    let used = used?.get(&counter(plural))?.as_str()?;
                    Some((plural.clone(), used.parse().ok()?))
                })
                .collect();
            let pause = tokio::time::sleep(Duration::from_millis(100));
            // It tells all at once, what it cannot count never.
            if !counts.is_empty() || patience.wait(pause).await.is_err() {
                return Ok(counts);
            }
        }
    }
}

/// What a quota calls the number of objects.
fn counter(plural: &str) -> String {
    format!("count/{plural}")
}

/// Whether a group is served by somebody else's server or definition, not by the API server itself.
fn is_extension(group: &str) -> bool {
    group.contains('.') && !group.ends_with(".k8s.io")
}

/// The kinds of a list that have objects in namespaces, with objects that can be listed and deleted one by one: others
/// are views.
fn held_of(list: &APIResourceList) -> Vec<Held> {
    let (group, version) = match list.group_version.rsplit_once('/') {
        Some((group, version)) => (group, version),
        None => ("", list.group_version.as_str()),
    };
    let held = |resource: &APIResource| {
        let verb = |verb: &str| resource.verbs.iter().any(|one| one == verb);
        let whole = resource.namespaced && !resource.name.contains('/');
        let ours = whole && verb("list") && verb("delete") && !BY_CONTROLLERS.contains(&resource.name.as_str());
        let named = |group: &str, version: &str| ApiResource {
            group: group.to_owned(),
            version: version.to_owned(),
            api_version: GroupVersion::gv(group, version).api_version(),
            kind: resource.kind.clone(),
            plural: resource.name.clone(),
        };
        ours.then(|| Held { resource: named(group, version) })
    };
    list.resources.iter().filter_map(held).collect()
}

/// Whether an object says that a namespace is in use: it is not in every namespace, and does not go with an owner that
/// counts itself.
fn counts(held: &Held, meta: &ObjectMeta, kinds: &[Held]) -> bool {
    let name = meta.name.as_deref().unwrap_or_default();
    let given = matches!(
        (held.resource.kind.as_str(), name),
        ("ServiceAccount", "default")
            | ("ConfigMap", "kube-root-ca.crt" | "openshift-service-ca.crt" | "istio-ca-root-cert")
    ) || held.resource.kind == "ResourceQuota" && name.starts_with(COUNT);
    let owners = meta.owner_references.iter().flatten();
    let owned = owners.clone().any(|owner| {
        let group = owner.api_version.rsplit_once('/').map_or("", |(group, _)| group);
        kinds.iter().any(|one| one.resource.kind == owner.kind && one.resource.group == group)
    });
    !given && !owned
}

fn piece(held: &Held, meta: ObjectMeta) -> Piece {
    let label = meta.labels.as_ref().and_then(|labels| labels.get(MANAGED_BY));
    Piece {
        kind: held.resource.kind.clone(),
        name: meta.name.unwrap_or_default(),
        ours: label.is_some_and(|manager| manager == MANAGER),
        going: meta.deletion_timestamp.is_some(),
    }
}
