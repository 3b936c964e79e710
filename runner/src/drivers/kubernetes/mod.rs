//! A compute node that is a node of a Kubernetes cluster.
//!
//! | verb | here |
//! |---|---|
//! | read | objects by label, and what they share; no write, no lock |
//! | prepare | stale check, names, permissions, room on the node, server dry-run; then namespaces, the inventory of what is to come, and the dry-run in them |
//! | commit | server-side apply in waves; each workload ready, on the node that the solver chose |
//! | confirm | removes what the plan no longer has, by the inventory, never by guess; writes what is there now into it |
//! | abort | the objects of before, and what is new away again; waits until it holds |
//!
//! Namespaces, their policy that denies everything, and PriorityClasses are shared by the devices of a cluster: they
//! go when nothing of ours uses them any more. A namespace or PriorityClass that others made is used as it is ([`lent`]),
//! and a namespace that others use stays.

mod admission;
mod check;
mod inventory;
mod lent;
mod orders;
mod ports;
mod room;
mod secrets;
mod settle;
mod unready;
mod volumes;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use ranform_network::Address;
use ranform_network::deployment::{Device, cluster_node};
use ranform_network::network::{Management, Protocol};
use ranform_targets::kubernetes::{HOSTNAME, MANAGED_BY, MANAGER, NODE, Shown, node_label, priority};
use ranform_targets::{Document, Query};
use serde_json::Value;

use super::{Difference, Driver, DriverError, Observation, Prepare, Progress, Side, Task, Verb, sign};
use crate::kubernetes::{Cluster, Error, How, KINDS, Kind, Readiness, Scope, Where, kind, readiness};
use crate::patience::{Impatience, Patience};
use admission::refused;
use inventory::{At, Id, Listed, Others};
use orders::{Orders, instance};
use settle::is_going;
use unready::Unready;

/// The pause between two looks at a workload.
const PAUSE: Duration = Duration::from_millis(250);
/// What is kept of a verb's time to say what went wrong.
const RESERVE: Duration = Duration::from_secs(2);

/// A node of a cluster.
#[derive(Debug)]
pub struct Kubernetes {
    management: Management,
    root: PathBuf,
    /// Its label `kubernetes.io/hostname`.
    node: String,
    cluster: Option<Cluster>,
    /// Its name in the cluster, once it was asked for.
    node_name: Option<String>,
    /// Namespaces and PriorityClasses that are there and not ours, by kind and name.
    lent: BTreeSet<(String, String)>,
    /// The PriorityClasses of all that the device has on the side of the task that it goes to, by name.
    classes: BTreeMap<String, Value>,
    /// The workloads that were not ready before; none where nobody has looked.
    unready: Option<Unready>,
    /// What the cluster held at the check.
    seen: Vec<Document>,
    /// What inventories listed before the transaction, by namespace.
    listed: BTreeMap<String, Listed>,
    /// What those of other projects listed, by namespace.
    others: BTreeMap<String, Others>,
    /// The uids of what was applied.
    written: BTreeMap<Id, String>,
    /// Who is told how many workloads are ready.
    progress: Option<Progress>,
    /// What the operator should know.
    notes: Vec<String>,
}

impl Kubernetes {
    /// The node behind a device's `manage` line; nothing is opened yet. `root` is the project's folder.
    ///
    /// # Errors
    /// A device without such a line.
    pub fn new(device: &Device, root: &Path) -> Result<Self, DriverError> {
        let missing = || DriverError::Unreachable("no way to it is written; write `manage kubernetes ...`".to_owned());
        let management = device.management.clone().ok_or_else(missing)?;
        let own = Address::new("node", &device.name);
        let node = cluster_node(&own, Some(&management)).unwrap_or_else(|| device.name.clone());
        Ok(Self {
            management,
            root: root.to_owned(),
            node,
            cluster: None,
            node_name: None,
            lent: BTreeSet::new(),
            classes: BTreeMap::new(),
            unready: None,
            seen: Vec::new(),
            listed: BTreeMap::new(),
            others: BTreeMap::new(),
            written: BTreeMap::new(),
            progress: None,
            notes: Vec::new(),
        })
    }

    /// The API server.
    async fn cluster(&mut self, patience: &Patience) -> Result<&mut Cluster, DriverError> {
        if self.cluster.is_none() {
            let opened = patience.wait(Cluster::open(&self.management, &self.root)).await;
            self.cluster = Some(opened.map_err(|_| DriverError::Failed("called off".to_owned()))??);
        }
        self.cluster.as_mut().ok_or_else(|| DriverError::Unreachable("no cluster".to_owned()))
    }

    /// The live object of this kind and name.
    async fn find(&mut self, object: &Value, patience: &Patience) -> Result<Option<Value>, DriverError> {
        let shown = Shown::of(object);
        let Some(kind) = kind(shown.kind) else { return Ok(None) };
        Ok(self.cluster(patience).await?.get(kind, shown.namespace, shown.name, patience).await?)
    }

    async fn namespace(&mut self, name: &str, patience: &Patience) -> Result<Option<Value>, DriverError> {
        let Some(kind) = kind("Namespace") else { return Ok(None) };
        Ok(self.cluster(patience).await?.get(kind, None, name, patience).await?)
    }

    async fn observe(&mut self, query: &Query<'_>, patience: &Patience) -> Result<Observation, DriverError> {
        let things = query.things();
        let places = things.values().filter_map(|thing| thing.resource.cluster());
        let spaces: BTreeSet<String> = places.flat_map(|place| place.namespaces().map(str::to_owned)).collect();
        let classes: BTreeSet<&str> = things.values().map(|thing| priority(thing.resource).0).collect();
        let label = node_label(&self.node);
        let (ours, shared) =
            (format!("{MANAGED_BY}={MANAGER},{NODE}={label}"), format!("{MANAGED_BY}={MANAGER},!{NODE}"));
        let mut objects = Vec::new();
        for kind in KINDS.iter().filter(|_| !spaces.is_empty()) {
            let cluster = self.cluster(patience).await?;
            if kind.scope == Scope::Cluster {
                if kind.name != "Namespace" {
                    let all = cluster.list_signed(kind, None, "", patience).await?;
                    // Those of others may be lent; the cluster's own say nothing of ours.
                    let concerns = |one: &Value| lent::is_managed(one) || classes.contains(Shown::of(one).name);
                    objects.extend(all.into_iter().filter(concerns));
                }
                continue;
            }
            for space in &spaces {
                objects.extend(cluster.list_signed(kind, Some(space), &ours, patience).await?);
                if kind.name == "NetworkPolicy" {
                    objects.extend(cluster.list_signed(kind, Some(space), &shared, patience).await?);
                }
            }
        }
        for space in &spaces {
            objects.extend(self.namespace(space, patience).await?);
        }
        let documents: Vec<Document> = objects.iter().map(document).collect();
        let target = ranform_targets::find(&query.profile.target);
        let target = target.ok_or_else(|| DriverError::Failed(format!("no format `{}`", query.profile.target)))?;
        let reading = query.ask(target, &documents).map_err(|error| DriverError::Failed(error.to_string()))?;
        let degraded = self.degraded(query, &spaces, patience).await?;
        let operations = self.cluster(patience).await?.operations();
        Ok(Observation { documents, reading, operations, no_auto_revert: true, degraded, ..Observation::default() })
    }

    async fn check(&mut self, task: &Task, patience: &Patience) -> Result<(), DriverError> {
        let orders = Orders::new(task)?;
        self.refuse_blindness(task, &orders, patience).await?;
        self.read_inventories(task, &orders, patience).await?;
        self.refuse_other_projects(&orders)?;
        let known = task.known(Side::Before);
        let observed = self.observe(&task.query(&known), patience).await?;
        let mut differences = task.differences(Side::Before, &observed.reading);
        if !differences.is_empty() {
            sign(&mut differences, &observed.reading.set_by);
            return Err(DriverError::Stale(differences));
        }
        self.seen = observed.documents;
        self.find_lent(&orders, patience).await?;
        self.look_what_is_ready(task, patience).await?;
        self.tell_strange(task);
        let surplus = self.surplus(task, &orders)?;
        self.refuse_strangers(&surplus, &orders, patience).await?;
        self.refuse_taken_names(task, &orders, patience).await?;
        self.refuse_missing_permissions(&surplus, &orders, patience).await?;
        self.refuse_missing_secrets(&orders, patience).await?;
        self.refuse_too_little_room(task, patience).await?;
        let foreseen = self.dry_run(&orders, patience).await?;
        self.refuse_mutation(task, &orders, &foreseen)?;
        self.dry_run_inventories(task, &orders, patience).await
    }

    async fn differences(
        &mut self,
        task: &Task,
        side: Side,
        patience: &Patience,
    ) -> Result<Vec<Difference>, DriverError> {
        let known = task.known(side);
        let seen = self.observe(&task.query(&known), patience).await?;
        let mut differences = task.differences(side, &seen.reading);
        sign(&mut differences, &seen.reading.set_by);
        Ok(differences)
    }

    /// Namespaces hold nothing that takes effect; in them the server can check the rest.
    async fn stage(&mut self, task: &Task, patience: &Patience) -> Result<(), DriverError> {
        let orders = Orders::new(task)?;
        for object in orders.apply.iter().filter(|object| Shown::of(object).kind == "Namespace") {
            self.put(object, &orders, patience).await?;
        }
        self.write_inventories(task, &orders, At::Within, patience).await?;
        let foreseen = self.dry_run(&orders, patience).await?;
        self.refuse_mutation(task, &orders, &foreseen)?;
        self.seen.clear();
        Ok(())
    }

    /// Applies an object, unless it is lent by somebody else.
    async fn put(&mut self, object: &Value, orders: &Orders, patience: &Patience) -> Result<(), DriverError> {
        if self.look_whose(object, patience).await? {
            return Ok(());
        }
        let applied = match orders.how(object) {
            How::Force => self.force(object, patience).await?,
            how => {
                let applied = self.cluster(patience).await?.apply(object, how, patience).await;
                applied.map_err(|error| refused(object, error))?
            }
        };
        self.written.extend(settle::uid(&applied).map(|uid| (Id::of(object), uid)));
        Ok(())
    }

    /// Applies in waves and waits until what runs is ready.
    async fn put_all(&mut self, objects: &[Value], orders: &Orders, patience: &Patience) -> Result<(), DriverError> {
        self.put_each(objects, orders, patience).await?;
        self.await_all(&objects.iter().filter(|object| is_workload(object)).collect::<Vec<_>>(), patience).await
    }

    /// Applies in waves.
    async fn put_each(&mut self, objects: &[Value], orders: &Orders, patience: &Patience) -> Result<(), DriverError> {
        self.put_waves(objects, orders, false, patience).await.map(drop)
    }

    /// Applies in waves; where what is refused is passed over, the first refusal is given back.
    async fn put_waves(
        &mut self,
        objects: &[Value],
        orders: &Orders,
        passes_over: bool,
        patience: &Patience,
    ) -> Result<Option<DriverError>, DriverError> {
        let wave = |object: &Value| kind(Shown::of(object).kind);
        let mut first = None;
        for (done, object) in (1..).zip(objects) {
            match self.put(object, orders, patience).await {
                Err(refusal @ DriverError::Failed(_)) if passes_over => drop(first.get_or_insert(refusal)),
                done => done?,
            }
            if let Some(kind) = wave(object).filter(|_| objects.get(done).map(wave) != Some(wave(object))) {
                self.progress.iter().for_each(|progress| progress.applied(kind.plural, done, objects.len()));
            }
        }
        Ok(first)
    }

    /// Waits until these workloads are ready.
    async fn await_all(&mut self, workloads: &[&Value], patience: &Patience) -> Result<(), DriverError> {
        let of = workloads.len();
        for (done, workload) in (1..).zip(workloads) {
            self.await_ready(workload, patience).await?;
            self.progress.iter().for_each(|progress| progress.ready(done, of));
        }
        Ok(())
    }

    async fn await_ready(&mut self, object: &Value, patience: &Patience) -> Result<(), DriverError> {
        let late = |reason: &str| format!("{} does not start in time: {reason}", words(object));
        let mut last: Option<String> = None;
        loop {
            let reason = match (self.what_it_waits_for(object, patience).await, last.take()) {
                (Ok(None), _) => return Ok(()),
                (Ok(Some(reason)), _) => reason,
                // The server fell silent at the end: what was seen last says more than that.
                (Err(_), Some(reason)) if patience.left() <= RESERVE => reason,
                (Err(error), _) => return Err(error),
            };
            if reason.contains("PriorityClass") {
                self.bring_back_class(object, patience).await?;
            }
            if patience.left() <= RESERVE {
                let reason = self.why_node(patience).await.unwrap_or(reason);
                return Err(DriverError::Failed(late(&reason)));
            }
            pause(patience, RESERVE, || late(&reason)).await?;
            last = Some(reason);
        }
    }

    /// What a workload waits for now; none where it is ready.
    async fn what_it_waits_for(&mut self, object: &Value, patience: &Patience) -> Result<Option<String>, DriverError> {
        let shown = Shown::of(object);
        let (Some(kind), Some(pods)) = (kind(shown.kind), kind("Pod")) else { return Ok(None) };
        let selector = format!("{}={}", ranform_targets::kubernetes::INSTANCE, instance(object).unwrap_or_default());
        let name = self.name_of_node(patience).await?;
        let cluster = self.cluster(patience).await?;
        let Some(live) = cluster.get(kind, shown.namespace, shown.name, patience).await? else {
            return Err(DriverError::Failed(format!("{} is gone: somebody deleted it", words(object))));
        };
        let pods = cluster.list(pods, shown.namespace, &selector, "", patience).await?;
        Ok(match readiness(&live, &pods, Where { host: &self.node, name: &name }) {
            Readiness::Ready => None,
            Readiness::Failed(reason) => {
                return Err(DriverError::Failed(format!("{} does not start: {reason}", words(object))));
            }
            Readiness::Waiting(reason) if pods.is_empty() => {
                Some(self.why_no_pods(&live, patience).await?.unwrap_or(reason))
            }
            Readiness::Waiting(reason) => Some(reason),
        })
    }

    /// The name of the Node that is chosen by its host name.
    async fn name_of_node(&mut self, patience: &Patience) -> Result<String, DriverError> {
        if let Some(name) = &self.node_name {
            return Ok(name.clone());
        }
        let Some(nodes) = kind("Node") else { return Ok(self.node.clone()) };
        let selector = format!("{HOSTNAME}={}", self.node);
        let found = self.cluster(patience).await?.list(nodes, None, &selector, "", patience).await?;
        // Without such a node pods wait, and the scheduler says why.
        let name = found.first().map_or(self.node.clone(), |node| Shown::of(node).name.to_owned());
        Ok(self.node_name.insert(name).clone())
    }

    /// Why the controller of a StatefulSet is not let make its pods (quotas, admission): it sets no condition, and says it
    /// in an Event. None where there is none, or where we may not list them.
    async fn why_no_pods(&mut self, live: &Value, patience: &Patience) -> Result<Option<String>, DriverError> {
        let shown = Shown::of(live);
        let uid = live.pointer("/metadata/uid").and_then(Value::as_str);
        let (Some(events), Some(uid), "StatefulSet") = (kind("Event"), uid, shown.kind) else { return Ok(None) };
        let cluster = self.cluster(patience).await?;
        if !cluster.may("list", events, shown.namespace, patience).await? {
            return Ok(None);
        }
        let of = format!("involvedObject.uid={uid},type=Warning");
        let mut told = cluster.list(events, shown.namespace, "", &of, patience).await?;
        told.retain(|event| event.get("reason").and_then(Value::as_str) == Some("FailedCreate"));
        let at = |event: &Value| event.get("lastTimestamp").and_then(Value::as_str).map(str::to_owned);
        let last = told.iter().max_by_key(|event| at(event));
        let message = last.and_then(|event| event.get("message")?.as_str());
        Ok(message.map(|message| format!("the cluster lets no pod of it be made: {message}")))
    }

    async fn commit_all(&mut self, task: &Task, patience: &Patience) -> Result<(), DriverError> {
        let orders = Orders::new(task)?;
        self.wait_for_server(patience).await?;
        self.remember_classes(task, Side::After)?;
        self.put_all(&orders.apply, &orders, patience).await?;
        self.write_inventories(task, &orders, At::Within, patience).await?;
        let mut differences = self.unwritten(task, patience).await?;
        // What has to wait is as before until everything is confirmed; of what a Service takes over only that is missing.
        let (services, workloads): (Vec<&Value>, Vec<&Value>) =
            orders.rebuild.iter().partition(|object| Shown::of(object).kind == "Service");
        let of = |objects: &[&Value]| -> BTreeSet<String> {
            objects.iter().filter_map(|object| address(object).map(str::to_owned)).collect()
        };
        let (services, workloads) = (of(&services), of(&workloads));
        differences.retain(|difference| {
            let address = difference.address.as_str();
            let awaited = services.contains(address) && difference.leaf.ends_with("cluster.altered");
            !awaited && !workloads.contains(address)
        });
        if differences.is_empty() { Ok(()) } else { Err(DriverError::NotTaken(differences)) }
    }

    /// From here on a server that is away is waited for as long as patience lasts.
    async fn wait_for_server(&mut self, patience: &Patience) -> Result<(), DriverError> {
        self.cluster(patience).await?.absence = None;
        Ok(())
    }

    /// What the cluster does not hold as ordered, removals aside.
    async fn unwritten(&mut self, task: &Task, patience: &Patience) -> Result<Vec<Difference>, DriverError> {
        let stays: BTreeSet<_> =
            task.changes.iter().filter(|change| change.after.is_some()).map(|change| &change.address).collect();
        let mut differences = self.differences(task, Side::After, patience).await?;
        // A rollback to what others had altered does not alter it again.
        differences.retain(|difference| stays.contains(&difference.address) && settle::mended(difference).is_none());
        Ok(differences)
    }
}

/// The pause before the next look; once no more than `reserve` is left of the time, what `late` says.
async fn pause(patience: &Patience, reserve: Duration, late: impl FnOnce() -> String) -> Result<(), DriverError> {
    if patience.left() <= reserve {
        return Err(DriverError::Failed(late()));
    }
    match patience.wait(tokio::time::sleep(PAUSE)).await {
        Err(Impatience::Cancelled) => Err(DriverError::Failed("called off".to_owned())),
        _ => Ok(()),
    }
}

/// An object as a document of what was read.
fn document(object: &Value) -> Document {
    let shown = Shown::of(object);
    let place = shown.namespace.map_or_else(String::new, |namespace| format!("{namespace}/"));
    let bytes = serde_json::to_vec(object).unwrap_or_default();
    Document { path: format!("{place}{}/{}", shown.kind, shown.name), bytes }
}

/// Whether an object runs pods.
fn is_workload(object: &Value) -> bool {
    kind(Shown::of(object).kind).is_some_and(Kind::is_workload)
}

/// The address that an object is for.
fn address(object: &Value) -> Option<&str> {
    object.pointer("/metadata/annotations")?.get(ranform_targets::kubernetes::ADDRESS)?.as_str()
}

/// An object in the words of the intents: the address it is for, else its kind and name.
fn words(object: &Value) -> String {
    let shown = Shown::of(object);
    match address(object) {
        Some(address) => format!("`{address}` ({} `{}`)", shown.kind, shown.name),
        None => format!("{} `{}`", shown.kind, shown.name),
    }
}

impl Driver for Kubernetes {
    fn read<'a>(&'a mut self, query: Query<'a>, patience: &'a Patience) -> Verb<'a, Observation> {
        Box::pin(async move { self.observe(&query, patience).await })
    }

    fn prepare<'a>(&'a mut self, task: &'a Task, step: Prepare, patience: &'a Patience) -> Verb<'a, ()> {
        Box::pin(async move {
            match step {
                Prepare::Check => self.check(task, patience).await,
                Prepare::Stage => self.stage(task, patience).await,
            }
        })
    }

    fn commit<'a>(&'a mut self, task: &'a Task, patience: &'a Patience) -> Verb<'a, ()> {
        Box::pin(async move { self.commit_all(task, patience).await })
    }

    fn confirm<'a>(&'a mut self, task: &'a Task, patience: &'a Patience) -> Verb<'a, ()> {
        Box::pin(async move { self.settle(task, patience).await })
    }

    fn abort<'a>(&'a mut self, task: &'a Task, patience: &'a Patience) -> Verb<'a, ()> {
        Box::pin(async move { self.restore(task, patience).await })
    }

    fn release<'a>(&'a mut self, _patience: &'a Patience) -> Verb<'a, ()> {
        self.cluster = None;
        Box::pin(std::future::ready(Ok(())))
    }

    fn tells(&mut self, progress: Progress) {
        self.progress = Some(progress);
    }

    fn notes(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notes)
    }
}

impl From<Error> for DriverError {
    fn from(error: Error) -> Self {
        let text = error.to_string();
        match &error {
            Error::Access(_) => Self::Credential { protocol: Protocol::Kubernetes, why: text },
            // rustls names what is wrong with the certificate that the server shows.
            Error::Unreachable { reason, .. } if reason.contains("certificate") => Self::HostKey(text),
            Error::Unreachable { .. } => Self::Unreachable(text),
            Error::Refused { status: 401, .. } => {
                Self::Login(format!("{text}; the API server does not know its token or certificate (any more)"))
            }
            error if error.is_not_allowed() => Self::Login(text),
            Error::Held(_) => Self::Held { what: text, address: None },
            _ => Self::Failed(text),
        }
    }
}
