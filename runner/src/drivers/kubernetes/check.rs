//! What is made sure of before anything is written: names that are free, permissions, and what the server says to each
//! object; room is in [`super::room`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ranform_network::deployment::ClusterPlace;
use ranform_targets::kubernetes::Shown;
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::Kubernetes;
use super::admission::{Foreseen, refused};
use super::inventory::most_parts;
use super::lent::is_managed;
use super::orders::{Orders, is_shared};
use super::settle::is_going;
use super::volumes::Store;
use crate::drivers::{DriverError, Task};
use crate::kubernetes::{Error, How, KINDS, Kind, Scope, kind};
use crate::patience::Patience;

/// Verbs on kinds, in a namespace or in the whole cluster.
type Needed = BTreeSet<(&'static str, &'static Kind, Option<String>)>;

/// Reviews of rights that are asked for at once.
const AT_ONCE: usize = 8;
/// The most things named in one message.
const MOST: usize = 8;

impl Kubernetes {
    /// No object that is new, nor the inventory, carries the name of somebody else's; what is lent may.
    pub(super) async fn refuse_taken_names(
        &mut self,
        task: &Task,
        orders: &Orders,
        patience: &Patience,
    ) -> Result<(), DriverError> {
        let mut taken = Vec::new();
        for object in &orders.created {
            let shown = Shown::of(object);
            if self.is_lent(object) {
                continue;
            }
            let Some(found) = self.find(object, patience).await? else { continue };
            let ours = if is_shared(object) { is_managed(&found) } else { self.is_own(&found) };
            if !ours {
                taken.push(format!("{} `{}`", shown.kind, place(&shown)));
            }
        }
        for namespace in orders.namespaces() {
            for part in 0..most_parts(self.listed.get(&namespace), orders.apply.len() + orders.rebuild.len()) {
                let found = self.inventory_in(task, &namespace, part, patience).await?;
                if found.is_some_and(|found| !self.is_own(&found)) {
                    taken.push(format!("ConfigMap `{namespace}/{}`", self.inventory_name(task, &namespace, part)));
                }
            }
        }
        if taken.is_empty() {
            return Ok(());
        }
        let text = format!(
            "the cluster holds what is not ours under names that are needed: {}; rename the RIC or the node, or have its owner remove it",
            some(&taken)
        );
        Err(DriverError::Failed(text))
    }

    /// What the task reads, asked before the first read.
    pub(super) async fn refuse_blindness(
        &mut self,
        task: &Task,
        orders: &Orders,
        patience: &Patience,
    ) -> Result<(), DriverError> {
        let mut needed = Needed::new();
        for name in ["Node", "Pod", "PriorityClass"] {
            needed.extend(kind(name).map(|read| ("list", read, None)));
        }
        for name in ["Namespace", "PriorityClass"] {
            needed.extend(kind(name).map(|read| ("get", read, None)));
        }
        let known = task.known_ever();
        let places = known.values().filter_map(|known| known.resource.cluster());
        let mut namespaces: BTreeSet<String> = places.flat_map(ClusterPlace::namespaces).map(str::to_owned).collect();
        namespaces.extend(orders.namespaces());
        for namespace in namespaces {
            let kinds = KINDS.iter().filter(|kind| kind.scope == Scope::Namespace);
            needed.extend(kinds.map(|kind| ("list", kind, Some(namespace.clone()))));
            needed.extend(kind("ConfigMap").map(|kind| ("get", kind, Some(namespace))));
        }
        for object in orders.all() {
            let shown = Shown::of(object);
            needed.extend(kind(shown.kind).map(|kind| ("get", kind, shown.namespace.map(str::to_owned))));
        }
        self.needs_of_stores(task, orders, &mut needed);
        self.refuse_missing(needed, patience).await
    }

    /// What is read of claims and volumes, where anything is stored anew.
    fn needs_of_stores(&self, task: &Task, orders: &Orders, needed: &mut Needed) {
        let Some(claims) = kind("PersistentVolumeClaim") else { return };
        for store in task.changes.iter().filter_map(Store::of) {
            for name in ["StorageClass", "PersistentVolume"] {
                needed.extend(kind(name).map(|read| ("list", read, None)));
            }
            needed.extend(store.namespace().map(|namespace| ("get", claims, Some(namespace.to_owned()))));
        }
        let rebuilt = orders.rebuild.iter().filter_map(|object| Shown::of(object).namespace);
        needed.extend(rebuilt.map(|namespace| ("list", claims, Some(namespace.to_owned()))));
    }

    /// Every verb of writing on every kind that the task takes, and what is read to know that nobody needs any more what
    /// is shared; asked before the first write.
    pub(super) async fn refuse_missing_permissions(
        &mut self,
        surplus: &[Value],
        orders: &Orders,
        patience: &Patience,
    ) -> Result<(), DriverError> {
        let mut needed = Needed::new();
        let written = orders
            .apply
            .iter()
            .chain(&orders.rebuild)
            .chain(&orders.restore)
            .map(|object| (object, &["create", "patch"][..]));
        let removed =
            surplus.iter().chain(&orders.rebuild).chain(&orders.created).map(|object| (object, &["delete"][..]));
        for (object, verbs) in written.chain(removed) {
            let shown = Shown::of(object);
            let (Some(kind), false) = (kind(shown.kind), self.is_lent(object)) else { continue };
            needed.extend(verbs.iter().map(|verb| (*verb, kind, shown.namespace.map(str::to_owned))));
        }
        for namespace in orders.namespaces() {
            let verbs = ["create", "patch", "delete"].into_iter();
            needed.extend(verbs.filter_map(|verb| Some((verb, kind("ConfigMap")?, Some(namespace.clone())))));
        }
        let mut released = orders.remove.iter().chain(&orders.created);
        if released.any(|object| Shown::of(object).kind == "PriorityClass" && !self.is_lent(object)) {
            needed.extend(KINDS.iter().filter(|kind| kind.is_workload()).map(|kind| ("list", kind, None)));
        }
        self.refuse_missing(needed, patience).await
    }

    async fn refuse_missing(&mut self, needed: Needed, patience: &Patience) -> Result<(), DriverError> {
        let (gate, mut asking) = (Arc::new(Semaphore::new(AT_ONCE)), JoinSet::new());
        for (verb, kind, namespace) in needed {
            let (mut cluster, patience) = (self.cluster(patience).await?.clone(), patience.clone());
            let gate = gate.clone();
            asking.spawn(async move {
                let _turn = gate.acquire_owned().await;
                let may = cluster.may(verb, kind, namespace.as_deref(), &patience).await?;
                let place = namespace.map_or_else(|| "the whole cluster".to_owned(), |name| format!("`{name}`"));
                Ok::<_, Error>((!may).then(|| format!("{verb} {} in {place}", kind.plural)))
            });
        }
        let mut missing = Vec::new();
        while let Some(answer) = asking.join_next().await {
            let answer = answer.map_err(|error| DriverError::Failed(format!("rights were not asked for: {error}")))?;
            missing.extend(answer?);
        }
        missing.sort();
        if missing.is_empty() {
            return Ok(());
        }
        Err(DriverError::Login(format!("its user may not {}", some(&missing))))
    }

    /// The server checks each object as if, where its namespace is there. What it would make of them.
    pub(super) async fn dry_run(&mut self, orders: &Orders, patience: &Patience) -> Result<Foreseen, DriverError> {
        let mut foreseen = Foreseen::default();
        let mut there: BTreeMap<String, bool> = BTreeMap::new();
        for object in &orders.apply {
            if self.is_lent(object) {
                foreseen.objects.extend(self.find(object, patience).await?);
                continue;
            }
            if let Some(namespace) = Shown::of(object).namespace {
                let known = match there.get(namespace) {
                    Some(known) => *known,
                    None => {
                        let found = self.namespace(namespace, patience).await?;
                        // One that is going away takes nothing new.
                        if found.as_ref().is_some_and(is_going) {
                            let text = format!("namespace `{namespace}` is being deleted; wait until it is gone");
                            return Err(DriverError::Locked(text));
                        }
                        there.insert(namespace.to_owned(), found.is_some());
                        found.is_some()
                    }
                };
                if !known {
                    foreseen.lacks(object);
                    continue;
                }
            }
            if orders.how(object) == How::Force {
                match self.foresee(object, patience).await? {
                    Some(applied) => foreseen.objects.push(applied),
                    None => foreseen.lacks(object),
                }
                continue;
            }
            let applied = self.cluster(patience).await?.apply(object, How::DryRun, patience).await;
            foreseen.objects.push(applied.map_err(|error| refused(object, error))?);
        }
        Ok(foreseen)
    }

    /// The server checks the inventories as if, where their namespaces are there.
    pub(super) async fn dry_run_inventories(
        &mut self,
        task: &Task,
        orders: &Orders,
        patience: &Patience,
    ) -> Result<(), DriverError> {
        for object in self.inventories_within(task, orders)? {
            let namespace = Shown::of(&object).namespace.unwrap_or_default();
            if self.namespace(namespace, patience).await?.is_none() {
                continue;
            }
            match self.cluster(patience).await?.apply(&object, How::DryRun, patience).await {
                // Told when it is written.
                Err(Error::Held(_)) => {}
                done => drop(done.map_err(|error| refused(&object, error))?),
            }
        }
        Ok(())
    }
}

fn place(shown: &Shown<'_>) -> String {
    shown.namespace.map_or_else(|| shown.name.to_owned(), |namespace| format!("{namespace}/{}", shown.name))
}

pub(super) fn some(all: &[String]) -> String {
    let mut text = all.iter().take(MOST).cloned().collect::<Vec<_>>().join(", ");
    if all.len() > MOST {
        text.push_str(&format!(", and {} more", all.len() - MOST));
    }
    text
}
