//! Secrets by which images are pulled: they are there, and of a type that kubelets take, before anything is written. Who
//! makes them is somebody else; ranform asks for their names and types only.

use std::collections::BTreeMap;

use ranform_targets::kubernetes::Shown;
use serde_json::Value;

use super::check::some;
use super::orders::Orders;
use super::{Kubernetes, words};
use crate::drivers::DriverError;
use crate::kubernetes::{PullSecret, kind};
use crate::patience::Patience;

impl Kubernetes {
    /// Every Secret that a pod of the task names is there.
    pub(super) async fn refuse_missing_pull_secrets(
        &mut self,
        orders: &Orders,
        patience: &Patience,
    ) -> Result<(), DriverError> {
        let Some(secrets) = kind("Secret") else { return Ok(()) };
        let mut wrong = Vec::new();
        for ((namespace, name), whose) in named(orders) {
            let cluster = self.cluster(patience).await?;
            if !cluster.may_to("list", secrets, Some(&namespace), Some(&name), patience).await? {
                return Err(DriverError::Login(format!(
                    "its user may not list secret `{name}` in `{namespace}`, which `pull-secret` names; the role \
                     `ranform-pull-secrets` of targets/kubernetes/role.yaml lets it see the name and the type"
                )));
            }
            match cluster.pull_secret(&namespace, &name, patience).await? {
                PullSecret::Usable => {}
                PullSecret::OfAnotherType => {
                    wrong.push(format!("`{namespace}/{name}` is of another type, for {whose}"))
                }
                PullSecret::Missing => wrong.push(format!("`{namespace}/{name}` is not there, for {whose}")),
            }
        }
        if wrong.is_empty() {
            return Ok(());
        }
        let text = format!(
            "images cannot be pulled by the Secrets that are named: {}; make them, after the namespace where it is new: \
             `kubectl create namespace NAMESPACE`, `kubectl -n NAMESPACE create secret docker-registry NAME ..`",
            some(&wrong)
        );
        Err(DriverError::Failed(text))
    }
}

/// The Secrets that pods name, by namespace and name, with the first workload that names them.
fn named(orders: &Orders) -> BTreeMap<(String, String), String> {
    let mut named = BTreeMap::new();
    for object in orders.apply.iter().chain(&orders.rebuild) {
        let secrets = object.pointer("/spec/template/spec/imagePullSecrets").and_then(Value::as_array);
        let names = secrets.into_iter().flatten().filter_map(|one| one.get("name")?.as_str());
        let namespace = Shown::of(object).namespace.unwrap_or_default();
        for name in names {
            named.entry((namespace.to_owned(), name.to_owned())).or_insert_with(|| words(object));
        }
    }
    named
}
