//! Custom resources on an API server: definitions, objects and their status.

use std::collections::BTreeMap;
use std::time::Duration;

use kube::api::{ListParams, Patch, PatchParams, ValidationDirective};
use ranform_targets::custom_resources::{GROUP, VERSION};
use ranform_targets::kubernetes::{MANAGER, Shown};
use serde_json::Value;

use super::cluster::{api, as_value, named};
use super::{Cluster, Error, Kind, Result, Scope};
use crate::patience::{Impatience, Patience};

/// Definitions of custom resources.
pub const DEFINITION: Kind = Kind {
    name: "CustomResourceDefinition",
    group: "apiextensions.k8s.io",
    version: "v1",
    plural: "customresourcedefinitions",
    scope: Scope::Cluster,
};

/// A kind of custom resource as the client needs it.
pub fn custom(kind: &ranform_targets::custom_resources::Kind) -> Kind {
    Kind { name: kind.name, group: GROUP, version: VERSION, plural: kind.plural, scope: Scope::Namespace }
}

/// How long a server may take to serve what it was just told to: definitions that somebody else has brought.
const SERVED_WITHIN: Duration = Duration::from_secs(5);

/// Which part of an object is applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// What it says, metadata included.
    Object,
    /// The same as if: the server says what it would make of it, and writes nothing.
    AsIf,
    /// Its status alone.
    Status,
}

/// An object as far as its metadata tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its uid.
    pub uid: String,
    /// Whether everything that it says was applied by us; a status is its controller's.
    pub is_ours: bool,
}

impl Cluster {
    /// The objects of a kind in a namespace, by name.
    ///
    /// # Errors
    /// The server cannot be asked, refuses to say, or does not serve the kind: status 404.
    pub async fn found(
        &mut self,
        kind: &Kind,
        namespace: &str,
        patience: &Patience,
    ) -> Result<BTreeMap<String, Found>> {
        let params = ListParams::default();
        let (params, doing) = (&params, format!("list {} in `{namespace}`", kind.plural));
        let list = |client| {
            let api = api(client, kind, Some(namespace));
            async move { api.list_metadata(params).await }
        };
        let listed = self.patiently("list", &doing, patience, list).await?;
        let found = listed.items.into_iter().filter_map(|one| {
            let managers = one.metadata.managed_fields.unwrap_or_default();
            let mut says = managers.iter().filter(|entry| entry.subresource.as_deref() != Some("status"));
            let is_ours = says.all(|entry| entry.manager.as_deref() == Some(MANAGER)) && !managers.is_empty();
            Some((one.metadata.name?, Found { uid: one.metadata.uid?, is_ours }))
        });
        Ok(found.collect())
    }

    /// Applies an object of this kind, or its status, by server-side apply under our own field manager. Fields that
    /// others hold otherwise are refused; the status is ours.
    ///
    /// # Errors
    /// The server cannot be asked, refuses it, or others hold fields of it.
    pub async fn apply_as(&mut self, kind: &Kind, object: &Value, part: Part, patience: &Patience) -> Result<Value> {
        let shown = Shown::of(object);
        let params = PatchParams {
            dry_run: part == Part::AsIf,
            force: part == Part::Status,
            field_manager: Some(MANAGER.to_owned()),
            field_validation: Some(ValidationDirective::Strict),
        };
        let doing = named(kind, shown.namespace, shown.name);
        let patch = Patch::Apply(object);
        let (params, patch) = (&params, &patch);
        let apply = |client| {
            let api = api(client, kind, shown.namespace);
            async move {
                match part {
                    Part::Object | Part::AsIf => api.patch(shown.name, params, patch).await,
                    Part::Status => api.patch_status(shown.name, params, patch).await,
                }
            }
        };
        let operation = match part {
            Part::Object => "apply",
            Part::AsIf => "dry-run",
            Part::Status => "apply-status",
        };
        let applied = self.patiently(operation, &doing, patience, apply).await?;
        Ok(as_value(applied, kind))
    }

    /// Waits until the server serves objects of all these kinds, so that none of them is written where one is not served.
    ///
    /// # Errors
    /// It cannot be asked, or does not serve one of them in time: status 404.
    pub async fn serves(&mut self, kinds: &[Kind], patience: &Patience) -> Result<()> {
        let version = format!("{GROUP}/{VERSION}");
        let soon = patience.at_most(SERVED_WITHIN);
        loop {
            let list = |client: kube::Client| {
                let version = &version;
                async move { client.list_api_group_resources(version).await }
            };
            let served = match self.patiently("list", &format!("list what `{version}` has"), patience, list).await {
                Err(error) if error.status() == Some(404) => Vec::new(),
                listed => listed?.resources.into_iter().map(|resource| resource.name).collect(),
            };
            let Some(absent) = kinds.iter().find(|kind| !served.iter().any(|name| name == kind.plural)) else {
                return Ok(());
            };
            let refused = || Error::Refused {
                doing: format!("{} of `{version}`", absent.name),
                status: 404,
                message: "the cluster does not serve objects of this kind; nothing was written".to_owned(),
            };
            match soon.wait(tokio::time::sleep(Duration::from_millis(100))).await {
                Ok(()) => {}
                Err(Impatience::Cancelled) => return Err(Error::Cancelled("looking for definitions".to_owned())),
                Err(Impatience::Deadline) => return Err(refused()),
            }
        }
    }

    /// Waits until the server serves the objects of a definition.
    ///
    /// # Errors
    /// It cannot be asked, says that it never will, or patience ends.
    pub async fn established(&mut self, name: &str, patience: &Patience) -> Result<()> {
        loop {
            let definition = self.get(&DEFINITION, None, name, patience).await?.unwrap_or_default();
            let conditions = definition.pointer("/status/conditions").and_then(Value::as_array);
            let is = |kind: &str, status: &str| {
                conditions.into_iter().flatten().find(|one| one["type"] == kind && one["status"] == status)
            };
            if is("Established", "True").is_some() {
                return Ok(());
            }
            if let Some(refused) = is("NamesAccepted", "False") {
                let why = refused["message"].as_str().unwrap_or_default();
                return Err(Error::Access(format!("CustomResourceDefinition `{name}`: {why}")));
            }
            let doing = format!("CustomResourceDefinition `{name}`");
            match patience.wait(tokio::time::sleep(Duration::from_millis(100))).await {
                Ok(()) => {}
                Err(Impatience::Cancelled) => return Err(Error::Cancelled(doing)),
                Err(Impatience::Deadline) => return Err(Error::Deadline(doing)),
            }
        }
    }
}
