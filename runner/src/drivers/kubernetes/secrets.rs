//! Secrets that pods name: they are there, of a type that kubelets take where images are pulled by them, and have the entries
//! that are asked for, before anything is written. Who makes them is somebody else; ranform asks for their metadata only.

use std::collections::{BTreeMap, BTreeSet};

use ranform_targets::kubernetes::Shown;
use serde_json::Value;

use super::check::some;
use super::orders::Orders;
use super::{Kubernetes, words};
use crate::drivers::DriverError;
use crate::kubernetes::{SecretFound, kind};
use crate::patience::Patience;

/// What pods want of a Secret.
#[derive(Debug, Default, PartialEq, Eq)]
struct Wanted {
    /// The first workload that names it.
    whose: String,
    /// Whether images are pulled by it.
    pulls: bool,
    /// The entries that are named.
    entries: BTreeSet<String>,
}

impl Kubernetes {
    /// Every Secret that a pod of the task names is there, and is what it is named for.
    pub(super) async fn refuse_missing_secrets(
        &mut self,
        orders: &Orders,
        patience: &Patience,
    ) -> Result<(), DriverError> {
        let Some(secrets) = kind("Secret") else { return Ok(()) };
        let (mut of_images, mut of_software) = (Vec::new(), Vec::new());
        for ((namespace, name), wanted) in named(orders) {
            let cluster = self.cluster(patience).await?;
            if !cluster.may_to("list", secrets, Some(&namespace), Some(&name), patience).await? {
                return Err(DriverError::Login(format!(
                    "its user may not list secret `{name}` in `{namespace}`, which the intents name for {}; the role \
                     `ranform-secrets` of targets/kubernetes/role.yaml lets it see the names, the type and the names of the entries",
                    wanted.whose
                )));
            }
            let found = match wanted.pulls {
                true => cluster.pull_secret(&namespace, &name, patience).await?,
                false => cluster.secret(&namespace, &name, patience).await?,
            };
            if let Some(fault) = fault(&wanted, &found) {
                let all = if wanted.pulls { &mut of_images } else { &mut of_software };
                all.push(format!("`{namespace}/{name}` {fault}, for {}", wanted.whose));
            }
        }
        let mut faults = Vec::new();
        if !of_images.is_empty() {
            faults.push(format!(
                "images cannot be pulled by the Secrets that are named: {}; make them, after the namespace where it is new: \
                 `kubectl create namespace NAMESPACE`, `kubectl -n NAMESPACE create secret docker-registry NAME ..`",
                some(&of_images)
            ));
        }
        if !of_software.is_empty() {
            faults.push(format!(
                "software cannot be given the Secrets that are named: {}; make them, after the namespace where it is new: \
                 `kubectl create namespace NAMESPACE`, `kubectl -n NAMESPACE create secret generic NAME --from-file=KEY=FILE`",
                some(&of_software)
            ));
        }
        if faults.is_empty() { Ok(()) } else { Err(DriverError::Failed(faults.join("; "))) }
    }
}

/// What is wrong with a Secret; none where it is as it is wanted, or nobody can tell.
fn fault(wanted: &Wanted, found: &SecretFound) -> Option<String> {
    match found {
        SecretFound::Missing => Some("is not there".to_owned()),
        SecretFound::Pulls => None,
        SecretFound::Other(_) if wanted.pulls => Some("is of another type".to_owned()),
        SecretFound::Other(entries) => {
            let entries = entries.as_ref()?;
            let missing: Vec<String> = wanted.entries.difference(entries).map(|key| format!("`{key}`")).collect();
            let has: Vec<String> = entries.iter().map(|key| format!("`{key}`")).collect();
            (!missing.is_empty()).then(|| match has.is_empty() {
                true => format!("has no entry {} and no other", missing.join(", ")),
                false => format!("has no entry {}, only {}", missing.join(", "), has.join(", ")),
            })
        }
    }
}

/// The Secrets that pods name, by namespace and name.
fn named(orders: &Orders) -> BTreeMap<(String, String), Wanted> {
    let mut named = BTreeMap::new();
    for object in orders.apply.iter().chain(&orders.rebuild) {
        let Some(pod) = object.pointer("/spec/template/spec") else { continue };
        let namespace = Shown::of(object).namespace.unwrap_or_default();
        let mut want = |name: Option<&str>, pulls: bool, entries: &[&str]| {
            let Some(name) = name else { return };
            let entry = named.entry((namespace.to_owned(), name.to_owned()));
            let wanted: &mut Wanted = entry.or_insert_with(|| Wanted { whose: words(object), ..Wanted::default() });
            wanted.pulls |= pulls;
            wanted.entries.extend(entries.iter().map(|key| (*key).to_owned()));
        };
        for one in members(pod, "imagePullSecrets") {
            want(text(one, "/name"), true, &[]);
        }
        for volume in members(pod, "volumes").filter_map(|volume| volume.get("secret")) {
            let items: Vec<&str> = members(volume, "items").filter_map(|item| text(item, "/key")).collect();
            want(text(volume, "/secretName"), false, &items);
        }
        for variable in members(pod, "containers").flat_map(|container| members(container, "env")) {
            let key = text(variable, "/valueFrom/secretKeyRef/key");
            want(text(variable, "/valueFrom/secretKeyRef/name"), false, key.as_slice());
        }
    }
    named
}

fn members<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    value.get(name).and_then(Value::as_array).into_iter().flatten()
}

fn text<'a>(value: &'a Value, path: &str) -> Option<&'a str> {
    value.pointer(path)?.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_faulted_for_what_is_named_of_it_alone() {
        let wanted = |pulls: bool, entries: &[&str]| Wanted {
            whose: "Deployment `a/b`".to_owned(),
            pulls,
            entries: entries.iter().map(|key| (*key).to_owned()).collect(),
        };
        let found = |entries: &[&str]| SecretFound::Other(Some(entries.iter().map(|key| (*key).to_owned()).collect()));
        assert_eq!(fault(&wanted(false, &["a"]), &SecretFound::Missing).unwrap(), "is not there");
        assert_eq!(fault(&wanted(true, &[]), &found(&["a"])).unwrap(), "is of another type");
        assert_eq!(fault(&wanted(false, &["a", "c"]), &found(&["a", "b"])).unwrap(), "has no entry `c`, only `a`, `b`");
        assert_eq!(fault(&wanted(false, &["a"]), &found(&[])).unwrap(), "has no entry `a` and no other");
        assert_eq!(fault(&wanted(false, &["a"]), &found(&["a", "b"])), None);
        assert_eq!(fault(&wanted(false, &[]), &found(&[])), None);
        assert_eq!(fault(&wanted(false, &["a"]), &SecretFound::Other(None)), None);
        assert_eq!(fault(&wanted(true, &[]), &SecretFound::Pulls), None);
    }
}
