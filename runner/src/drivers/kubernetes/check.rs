//! What is made sure of before anything is written: names that are free, permissions, room on the node, and what the
//! server says to each object.

use std::collections::{BTreeMap, BTreeSet};

use ranform_network::deployment::Recorded;
use ranform_targets::kubernetes::{MANAGED_BY, MANAGER, NODE, Shown, keeps_storage, node_label, resource_name};
use serde_json::Value;

use super::{Kubernetes, refused};
use super::orders::{Orders, is_shared};
use crate::drivers::{DriverError, Side, Task};
use crate::kubernetes::{How, Kind, Scope, kind, room};
use crate::patience::Patience;

/// Verbs on kinds, in a namespace or in the whole cluster.
type Needed = BTreeSet<(&'static str, &'static Kind, Option<String>)>;

/// The most things named in one message.
const MOST: usize = 8;

impl Kubernetes {
    /// No object that is new carries the name of somebody else's. Gives the namespaces that are there already and not
    /// ours: they are used and left alone.
    pub(super) async fn refuse_taken_names(&mut self, orders: &Orders, patience: &Patience) -> Result<(), DriverError> {
        let mut taken = Vec::new();
        for object in &orders.created {
            let shown = Shown::of(object);
            let Some(found) = self.find(object, patience).await? else { continue };
            let found = Shown::of(&found);
            let ours = found.label(MANAGED_BY) == Some(MANAGER);
            let same_device = found.label(NODE) == Some(&node_label(&self.node));
            match (shown.kind, is_shared(object)) {
                ("Namespace", _) if !ours => drop(self.lent.insert(shown.name.to_owned())),
                (_, true) if ours => {}
                (_, false) if ours && same_device => {}
                _ => taken.push(format!("{} `{}`", shown.kind, place(&shown))),
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
        let written = orders.apply.iter().chain(&orders.restore).map(|object| (object, &["create", "patch"][..]));
        let removed = orders.remove.iter().chain(&orders.created).map(|object| (object, &["delete"][..]));
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

    /// The node is there, takes pods, and has room for everything that is decided for it beside what others run there.
    pub(super) async fn refuse_too_little_room(&mut self, task: &Task, patience: &Patience) -> Result<(), DriverError> {
        let after = task.known(Side::After);
        if !after.values().any(|known| known.resource.cluster().is_some()) {
            return Ok(());
        }
        let (Some(nodes), Some(pods)) = (kind("Node"), kind("Pod")) else { return Ok(()) };
        let selector = format!("{}={}", ranform_targets::kubernetes::HOSTNAME, self.node);
        let found = self.cluster(patience).await?.list(nodes, None, &selector, "", patience).await?;
        let Some(node) = found.first() else {
            let text = format!(
                "no node of the cluster is called `{0}` (label kubernetes.io/hostname); write its name: `manage kubernetes .. node \"{0}\"`",
                self.node
            );
            return Err(DriverError::Failed(text));
        };
        let on = format!("spec.nodeName={}", Shown::of(node).name);
        let here = self.cluster(patience).await?.list(pods, None, "", &on, patience).await?;
        let ours = node_label(&self.node);
        let others: Vec<Value> =
            here.into_iter().filter(|pod| Shown::of(pod).label(NODE) != Some(ours.as_str())).collect();
        let room = room(node, &others);
        if let Some(why) = room.closed {
            return Err(DriverError::Failed(format!("node `{}` takes no new pods: {why}", self.node)));
        }
        let lacking = room.lacks(&demand(task, &after));
        if lacking.is_empty() {
            return Ok(());
        }
        let lacking: Vec<String> = lacking
            .into_iter()
            .map(|(name, wanted, left)| format!("{wanted} {name} of the {} left", left.max(0.0)))
            .collect();
        let text = format!(
            "node `{}` has too little left beside what others run there: the plan needs {}; lower its `capacity` to what is left and plan again",
            self.node,
            some(&lacking)
        );
        Err(DriverError::Failed(text))
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

/// Everything that is decided for the device, by the names of the cluster; claims are not the node's to give.
fn demand(task: &Task, after: &BTreeMap<ranform_network::Address, Recorded>) -> BTreeMap<String, f64> {
    let mut sums = BTreeMap::new();
    for known in after.values().filter(|known| known.resource.cluster().is_some()) {
        let replicas = known.resource.cluster().map_or(1, |place| place.replicas);
        for (name, amount) in known.resource.demand().into_iter().flatten() {
            if name == "storage" && keeps_storage(&known.resource) {
                continue;
            }
            *sums.entry(resource_name(&task.device.profile, name)).or_insert(0.0) += amount * f64::from(replicas);
        }
    }
    sums
}

fn place(shown: &Shown<'_>) -> String {
    shown.namespace.map_or_else(|| shown.name.to_owned(), |namespace| format!("{namespace}/{}", shown.name))
}

fn some(all: &[String]) -> String {
    let mut text = all.iter().take(MOST).cloned().collect::<Vec<_>>().join(", ");
    if all.len() > MOST {
        text.push_str(&format!(", and {} more", all.len() - MOST));
    }
    text
}
