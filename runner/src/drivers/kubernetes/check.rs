//! What is made sure of before anything is written: names that are free, permissions, and what the server says to each
//! object; room is in [`super::room`].

use std::collections::{BTreeMap, BTreeSet};

use ranform_targets::kubernetes::Shown;

use super::lent::is_managed;
use super::orders::{Orders, is_shared};
use super::{Kubernetes, refused};
use crate::drivers::DriverError;
use crate::kubernetes::{How, Kind, Scope, kind};
use crate::patience::Patience;

/// Verbs on kinds, in a namespace or in the whole cluster.
type Needed = BTreeSet<(&'static str, &'static Kind, Option<String>)>;

/// The most things named in one message.
const MOST: usize = 8;

impl Kubernetes {
    /// No object that is new, nor the inventory, carries the name of somebody else's; what is lent may.
    pub(super) async fn refuse_taken_names(&mut self, orders: &Orders, patience: &Patience) -> Result<(), DriverError> {
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
            let found = self.inventory_in(&namespace, patience).await?;
            if found.is_some_and(|found| !self.is_own(&found)) {
                taken.push(format!("ConfigMap `{namespace}/{}`", self.inventory_name()));
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
    pub(super) async fn refuse_blindness(&mut self, orders: &Orders, patience: &Patience) -> Result<(), DriverError> {
        let mut needed = Needed::new();
        for object in orders.all() {
            let shown = Shown::of(object);
            let Some(kind) = kind(shown.kind) else { continue };
            let namespace = shown.namespace.map(str::to_owned);
            needed.insert(("get", kind, namespace.clone()));
            if kind.scope == Scope::Namespace {
                needed.insert(("list", kind, namespace));
            }
        }
        for name in ["Node", "Pod", "PersistentVolumeClaim"] {
            needed.extend(kind(name).map(|read| ("list", read, None)));
        }
        self.refuse_missing(needed, patience).await
    }

    /// Every verb of writing on every kind that the task takes, asked before the first write.
    pub(super) async fn refuse_missing_permissions(
        &mut self,
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
            orders.remove.iter().chain(&orders.rebuild).chain(&orders.created).map(|object| (object, &["delete"][..]));
        for (object, verbs) in written.chain(removed) {
            let shown = Shown::of(object);
            let (Some(kind), false) = (kind(shown.kind), self.is_lent(object)) else { continue };
            needed.extend(verbs.iter().map(|verb| (*verb, kind, shown.namespace.map(str::to_owned))));
        }
        self.refuse_missing(needed, patience).await
    }

    async fn refuse_missing(&mut self, needed: Needed, patience: &Patience) -> Result<(), DriverError> {
        let mut missing = Vec::new();
        for (verb, kind, namespace) in needed {
            if !self.cluster(patience).await?.may(verb, kind, namespace.as_deref(), patience).await? {
                let place = namespace.map_or_else(|| "the whole cluster".to_owned(), |name| format!("`{name}`"));
                missing.push(format!("{verb} {} in {place}", kind.plural));
            }
        }
        if missing.is_empty() {
            return Ok(());
        }
        Err(DriverError::Login(format!("its user may not {}", some(&missing))))
    }

    /// The server checks each object as if, where its namespace is there.
    pub(super) async fn dry_run(&mut self, orders: &Orders, patience: &Patience) -> Result<(), DriverError> {
        let mut there: BTreeMap<String, bool> = BTreeMap::new();
        for object in &orders.apply {
            if self.is_lent(object) {
                continue;
            }
            if let Some(namespace) = Shown::of(object).namespace {
                let known = match there.get(namespace) {
                    Some(known) => *known,
                    None => {
                        let found = self.namespace(namespace, patience).await?;
                        // One that is going away takes nothing new.
                        let phase = found.as_ref().and_then(|found| found.pointer("/status/phase")?.as_str());
                        if phase == Some("Terminating") {
                            let text = format!("namespace `{namespace}` is being deleted; wait until it is gone");
                            return Err(DriverError::Locked(text));
                        }
                        there.insert(namespace.to_owned(), found.is_some());
                        found.is_some()
                    }
                };
                if !known {
                    continue;
                }
            }
            let forced = orders.how(object) == How::Force;
            match self.cluster(patience).await?.apply(object, How::DryRun, patience).await {
                Err(crate::kubernetes::Error::Held(_)) if forced => {}
                done => drop(done.map_err(|error| refused(object, error))?),
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
