//! Operations on objects, repeated while the server is busy, away for a moment, or starting again.

use std::collections::BTreeMap;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::time::Duration;

use k8s_openapi::api::authorization::v1::{ResourceAttributes, SelfSubjectAccessReview, SelfSubjectAccessReviewSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ManagedFieldsEntry;
use kube::Client;
use kube::api::{
    Api, DeleteParams, DynamicObject, ListParams, Patch, PatchParams, PostParams, Preconditions, PropagationPolicy,
    ValidationDirective,
};
use kube::client::ClientBuilder;
use ranform_network::network::Management;
use ranform_targets::kubernetes::{MANAGER, Shown};
use serde_json::Value;

use super::access::config;
use super::advice::Advice;
use super::{Error, Kind, Result, Scope, kind};
use crate::patience::{Impatience, Patience};

/// The first pause before an operation is repeated; each further one is twice as long.
const PAUSE: Duration = Duration::from_millis(100);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// How long a server that has just started may refuse what it allowed before: it does not know its roles yet. As long a
/// token that has run out may take to be renewed.
const STARTING: Duration = Duration::from_secs(10);
/// How long a token that has run out is waited for while nothing is written.
const RENEWING: Duration = Duration::from_secs(1);
/// Under which name fields are put back that are not ours, so that no apply of ours takes them away.
const RESTORED: &str = "ranform-restored";
/// Objects of one page of a list.
pub(super) const PAGE: u32 = 500;
/// The most pages of a list.
const MOST_PAGES: usize = 400;

/// How an object is applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// The server checks it as if, admission included; nothing is written.
    DryRun,
    /// The same, with the fields of others taken over.
    DryForce,
    /// Fields that others hold otherwise are refused.
    Normal,
    /// Fields that others hold are taken over: the operator said so.
    Force,
}

/// An API server.
#[derive(Clone)]
pub struct Cluster {
    client: Client,
    /// Its URL, and the context that says it, in words.
    server: String,
    /// The line and the project's folder that say how it is reached.
    way: (Management, PathBuf),
    advice: Advice,
    operations: BTreeMap<&'static str, u64>,
    /// How long a server that does not answer is waited for; none for as long as patience lasts.
    pub absence: Option<Duration>,
}

impl std::fmt::Debug for Cluster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cluster").field("operations", &self.operations).finish_non_exhaustive()
    }
}

impl Cluster {
    /// The server behind a `manage` line; nothing is sent yet. `root` is the project's folder.
    ///
    /// # Errors
    /// A kubeconfig, certificates or keys that cannot be used.
    pub async fn open(management: &Management, root: &Path) -> Result<Self> {
        let advice = Advice::default();
        let (client, server) = client(management, root, &advice).await?;
        Ok(Self {
            client,
            server,
            way: (management.clone(), root.to_owned()),
            advice,
            operations: BTreeMap::new(),
            absence: Some(Duration::from_secs(5)),
        })
    }

    /// Its URL and the context that says it, as messages name them.
    pub fn server(&self) -> &str {
        &self.server
    }

    /// How often each operation was sent.
    pub fn operations(&self) -> BTreeMap<&'static str, u64> {
        self.operations.clone()
    }

    /// An object; none where there is none.
    ///
    /// # Errors
    /// The server cannot be asked or refuses to say.
    pub async fn get(
        &mut self,
        kind: &Kind,
        namespace: Option<&str>,
        name: &str,
        patience: &Patience,
    ) -> Result<Option<Value>> {
        let doing = format!("get {}", named(kind, namespace, name));
        let get = |client| {
            let api = api(client, kind, namespace);
            async move { api.get_opt(name).await }
        };
        let found = self.patiently("get", &doing, patience, get).await?;
        Ok(found.map(|object| as_value(object, kind)))
    }

    /// The objects of a kind, of one namespace or of all, that a label selector (and a field selector) finds.
    ///
    /// # Errors
    /// As of [`get`](Self::get).
    pub async fn list(
        &mut self,
        kind: &Kind,
        namespace: Option<&str>,
        labels: &str,
        fields: &str,
        patience: &Patience,
    ) -> Result<Vec<Value>> {
        let objects = self.pages(kind, namespace, (labels, fields), patience).await?;
        Ok(objects.into_iter().map(|object| as_value(object, kind)).collect())
    }

    /// As [`list`](Self::list), each object with who else holds fields of it.
    ///
    /// # Errors
    /// As of [`get`](Self::get).
    pub async fn list_signed(
        &mut self,
        kind: &Kind,
        namespace: Option<&str>,
        labels: &str,
        patience: &Patience,
    ) -> Result<Vec<Value>> {
        let objects = self.pages(kind, namespace, (labels, ""), patience).await?;
        let signed = |mut object: DynamicObject| {
            let mut entries = object.metadata.managed_fields.take().unwrap_or_default();
            // What is ours we know, and a status is its controller's.
            let others = |one: &ManagedFieldsEntry| {
                one.manager.as_deref() != Some(MANAGER) && one.subresource.as_deref() != Some("status")
            };
            entries.retain(others);
            let mut value = as_value(object, kind);
            if !entries.is_empty() {
                value["metadata"]["managedFields"] = serde_json::to_value(entries).unwrap_or_default();
            }
            value
        };
        Ok(objects.into_iter().map(signed).collect())
    }

    async fn pages(
        &mut self,
        kind: &Kind,
        namespace: Option<&str>,
        (labels, fields): (&str, &str),
        patience: &Patience,
    ) -> Result<Vec<DynamicObject>> {
        let place = namespace.map_or_else(String::new, |namespace| format!(" in `{namespace}`"));
        let doing = format!("list {}{place}", kind.plural);
        let mut objects = Vec::new();
        let mut params = ListParams::default().limit(PAGE);
        if !labels.is_empty() {
            params = params.labels(labels);
        }
        if !fields.is_empty() {
            params = params.fields(fields);
        }
        for _ in 0..MOST_PAGES {
            let asked = &params;
            let list = |client| {
                let api = api(client, kind, namespace);
                async move { api.list(asked).await }
            };
            let page = self.patiently("list", &doing, patience, list).await?;
            objects.extend(page.items);
            match page.metadata.continue_.filter(|token| !token.is_empty()) {
                Some(token) => params = params.continue_token(&token),
                None => return Ok(objects),
            }
        }
        Err(Error::Access(format!("{doing}: more objects than are read")))
    }

    /// Applies an object (server-side apply under our own field manager).
    ///
    /// # Errors
    /// The server cannot be asked, refuses it, or others hold fields of it.
    pub async fn apply(&mut self, object: &Value, how: How, patience: &Patience) -> Result<Value> {
        let shown = Shown::of(object);
        let kind = kind(shown.kind).ok_or_else(|| Error::Access(format!("no kind `{}`", shown.kind)))?;
        let params = PatchParams {
            dry_run: matches!(how, How::DryRun | How::DryForce),
            force: matches!(how, How::Force | How::DryForce),
            field_manager: Some(MANAGER.to_owned()),
            field_validation: Some(ValidationDirective::Strict),
        };
        let doing = named(kind, shown.namespace, shown.name);
        let patch = Patch::Apply(object);
        let operation = if params.dry_run { "dry-run" } else { "apply" };
        let (params, patch) = (&params, &patch);
        let apply = |client| {
            let api = api(client, kind, shown.namespace);
            async move { api.patch(shown.name, params, patch).await }
        };
        let applied = self.patiently(operation, &doing, patience, apply).await?;
        Ok(as_value(applied, kind))
    }

    /// Changes fields of an object that is there (a JSON merge patch). What names a version changes that version or nothing.
    ///
    /// # Errors
    /// The server cannot be asked, refuses it, or has another version.
    pub async fn merge(
        &mut self,
        kind: &Kind,
        (namespace, name): (Option<&str>, &str),
        change: &Value,
        patience: &Patience,
    ) -> Result<()> {
        let params = PatchParams { field_manager: Some(RESTORED.to_owned()), ..PatchParams::default() };
        let doing = named(kind, namespace, name);
        let patch = Patch::Merge(change);
        let (params, patch) = (&params, &patch);
        let merge = |client| {
            let api = api(client, kind, namespace);
            async move { api.patch(name, params, patch).await }
        };
        self.patiently("apply", &doing, patience, merge).await.map(drop)
    }

    /// Removes an object, and what it owns before it; gone already is fine. With `uid` only that very object.
    ///
    /// # Errors
    /// The server cannot be asked or refuses.
    pub async fn delete(
        &mut self,
        kind: &Kind,
        namespace: Option<&str>,
        name: &str,
        uid: Option<String>,
        patience: &Patience,
    ) -> Result<()> {
        // Pods must be gone before their workload is; what nothing hangs on need not wait for the collector.
        let propagation = match kind.is_workload() {
            true => PropagationPolicy::Foreground,
            false => PropagationPolicy::Background,
        };
        let params = DeleteParams {
            propagation_policy: Some(propagation),
            preconditions: uid.map(|uid| Preconditions { uid: Some(uid), resource_version: None }),
            ..DeleteParams::default()
        };
        let doing = format!("delete {}", named(kind, namespace, name));
        let params = &params;
        let delete = |client| {
            let api = api(client, kind, namespace);
            async move { api.delete(name, params).await }
        };
        match self.patiently("delete", &doing, patience, delete).await {
            Err(error) if error.status() == Some(404) => Ok(()),
            done => done.map(drop),
        }
    }

    /// Whether we may do this.
    ///
    /// # Errors
    /// The server cannot be asked.
    pub async fn may(&mut self, verb: &str, kind: &Kind, namespace: Option<&str>, patience: &Patience) -> Result<bool> {
        self.may_to(verb, kind, namespace, None, patience).await
    }

    /// Whether we may do this to the object of this name; to any where none is given.
    ///
    /// # Errors
    /// As of [`may`](Self::may).
    pub async fn may_to(
        &mut self,
        verb: &str,
        kind: &Kind,
        namespace: Option<&str>,
        name: Option<&str>,
        patience: &Patience,
    ) -> Result<bool> {
        let attributes = ResourceAttributes {
            verb: Some(verb.to_owned()),
            group: Some(kind.group.to_owned()),
            resource: Some(kind.plural.to_owned()),
            namespace: namespace.map(str::to_owned),
            name: name.map(str::to_owned),
            ..ResourceAttributes::default()
        };
        self.review(attributes, patience).await
    }

    pub(super) async fn review(&mut self, attributes: ResourceAttributes, patience: &Patience) -> Result<bool> {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let doing = format!("whether we may {} {}", text(&attributes.verb), text(&attributes.resource));
        let review = SelfSubjectAccessReview {
            spec: SelfSubjectAccessReviewSpec { resource_attributes: Some(attributes), non_resource_attributes: None },
            ..SelfSubjectAccessReview::default()
        };
        let params = PostParams::default();
        let (params, review) = (&params, &review);
        let ask = |client| async move { Api::all(client).create(params, review).await };
        let answer = self.patiently("access-review", &doing, patience, ask).await?;
        Ok(answer.status.is_some_and(|status| status.allowed))
    }

    /// Does something until the server answers to it, or patience ends.
    pub(super) async fn patiently<T, F>(
        &mut self,
        operation: &'static str,
        doing: &str,
        patience: &Patience,
        act: impl Fn(Client) -> F,
    ) -> Result<T>
    where
        F: Future<Output = kube::Result<T>>,
    {
        let mut pause = PAUSE;
        let waiting = self.absence.map(|limit| patience.at_most(limit));
        let mut lately: Option<Patience> = None;
        loop {
            *self.operations.entry(operation).or_default() += 1;
            let error = match patience.wait(act(self.client.clone())).await {
                Ok(Ok(done)) => return Ok(done),
                Ok(Err(error)) => Error::new(doing, &self.server, &error),
                Err(impatience) => return Err(Error::impatient(doing, impatience)),
            };
            let advised = pause.max(self.advice.take());
            // What was checked to be allowed is refused by a server that has just started, or by one that knows our
            // token no longer.
            let is_login = error.status() == Some(401);
            let left = if is_login || self.absence.is_none() && error.is_not_allowed() {
                let limit = if self.absence.is_none() { STARTING } else { RENEWING };
                lately.get_or_insert_with(|| patience.at_most(limit)).left()
            } else if error.is_passing() {
                waiting.as_ref().map_or(patience.left(), Patience::left)
            } else {
                return Err(error);
            };
            if left <= advised {
                return Err(error);
            }
            if patience.wait(tokio::time::sleep(advised)).await == Err(Impatience::Cancelled) {
                return Err(Error::Cancelled(doing.to_owned()));
            }
            if is_login {
                self.renew().await;
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Reads the kubeconfig, and what it refers to, anew: tokens are renewed by others. One that cannot be read now
    /// leaves everything as it is.
    async fn renew(&mut self) {
        if let Ok(anew) = client(&self.way.0, &self.way.1, &self.advice).await {
            (self.client, self.server) = anew;
        }
    }
}

/// The client, and what the server is called in messages.
async fn client(management: &Management, root: &Path, advice: &Advice) -> Result<(Client, String)> {
    let (config, server) = config(management, root).await?;
    let builder = ClientBuilder::try_from(config)
        .map_err(|error| Error::new("the kubeconfig cannot be used", &server, &error))?;
    Ok((builder.with_layer(advice).build(), server))
}

pub(super) fn api(client: Client, kind: &Kind, namespace: Option<&str>) -> Api<DynamicObject> {
    let resource = kind.resource();
    match (kind.scope, namespace) {
        (Scope::Namespace, Some(namespace)) => Api::namespaced_with(client, namespace, &resource),
        _ => Api::all_with(client, &resource),
    }
}

/// An object in words: `Deployment ric-metro/metro-e2t-edge-3`.
pub(super) fn named(kind: &Kind, namespace: Option<&str>, name: &str) -> String {
    match namespace {
        Some(namespace) => format!("{} `{namespace}/{name}`", kind.name),
        None => format!("{} `{name}`", kind.name),
    }
}

/// An object as plain JSON, without the bookkeeping of its fields; items of lists do not say what they are.
pub(super) fn as_value(mut object: DynamicObject, kind: &Kind) -> Value {
    object.metadata.managed_fields = None;
    // Plain data serializes.
    let mut value = serde_json::to_value(object).unwrap_or_default();
    if let Value::Object(members) = &mut value {
        members.insert("apiVersion".to_owned(), kind.api_version().into());
        members.insert("kind".to_owned(), kind.name.into());
    }
    value
}
