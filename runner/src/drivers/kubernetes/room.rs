//! Whether a node has room, before anything is written: for everything that runs on it at once while the task is carried
//! out, beside what others run there. Volumes for what is stored there are in [`super::volumes`].

use std::collections::{BTreeMap, BTreeSet};

use ranform_network::Address;
use ranform_network::deployment::{
    Amounts, Change, Recorded, Resource, UpdateStrategy, beside_old, pods_of, stored_bytes,
};
use ranform_network::network::Toleration;
use ranform_targets::kubernetes::{HOSTNAME, INSTANCE, NODE, Shown, node_label, object_name, resource_name, tolerated};
use serde_json::Value;

use super::Kubernetes;
use super::check::some;
use crate::drivers::{DriverError, Side, Task};
use crate::failure::left_out;
use crate::kubernetes::{Kind, PODS, Room, kind, room};
use crate::patience::Patience;
use crate::software::rollout;

impl Kubernetes {
    /// The node is there, takes pods, and has room for everything that is decided for it, and for what runs there beside
    /// it until everything is confirmed.
    pub(super) async fn refuse_too_little_room(&mut self, task: &Task, patience: &Patience) -> Result<(), DriverError> {
        let starts = task.changes.iter().any(starts);
        if !starts && !task.changes.iter().any(stops) {
            return Ok(());
        }
        let (Some(nodes), Some(pods)) = (kind("Node"), kind("Pod")) else { return Ok(()) };
        let selector = format!("{HOSTNAME}={}", self.node);
        let found = self.cluster(patience).await?.list(nodes, None, &selector, "", patience).await?;
        let Some(node) = found.first() else {
            // Pods of a Node that was taken away go with it.
            if !starts {
                return Ok(());
            }
            return Err(DriverError::Failed(self.no_such_node(nodes, patience).await?));
        };
        let on = format!("spec.nodeName={}", Shown::of(node).name);
        let here = self.cluster(patience).await?.list(pods, None, "", &on, patience).await?;
        let mine = names(task, &node_label(&self.node));
        let (mut ours, others): (Vec<Value>, Vec<Value>) = here.into_iter().partition(|pod| mine.contains(&whose(pod)));
        only_admitted(task, &mut ours);
        let places = task.changes.iter().filter_map(|change| change.after.as_ref()?.cluster());
        let planned: Vec<Toleration> = places.flat_map(|place| place.tolerations.clone()).collect();
        let room = room(node, &ours, &others, &planned);
        self.refuse_closed(task, &room)?;
        if !starts {
            // What goes and what stays needs no room.
            return Ok(());
        }
        let mut needed = demand(task, &task.known(Side::After));
        let remedy = "lower its `capacity` to what is left and plan again";
        self.refuse_lacking(room.lacks(&needed), "the plan needs", remedy)?;
        for (name, more) in beside(task) {
            *needed.entry(name).or_insert(0.0) += more;
        }
        let remedy =
            "take out first what goes (`ranform plan -target=ADDRESS`), or lower its `capacity` and plan again";
        self.refuse_lacking(room.lacks(&needed), "while old and new run together the plan needs", remedy)?;
        self.refuse_too_few_volumes(task, patience).await
    }

    /// What to say of a node that the cluster does not have: which it has.
    async fn no_such_node(&mut self, nodes: &'static Kind, patience: &Patience) -> Result<String, DriverError> {
        let all = self.cluster(patience).await?.list(nodes, None, "", "", patience).await?;
        let mut names: Vec<&str> = all.iter().filter_map(|node| Shown::of(node).label(HOSTNAME)).collect();
        // The most alike first: of many only some are told.
        names.sort_by_key(|name| (strsim::damerau_levenshtein(name, &self.node), *name));
        let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
        let there = if names.is_empty() { "it has none".to_owned() } else { format!("there are {}", some(&names)) };
        Ok(format!(
            "no node of the cluster is called `{}` (label {HOSTNAME}); {there}: write the right one in `manage kubernetes .. node \"NAME\"`",
            self.node
        ))
    }

    /// A node that takes no pods is refused what would start there; one that is not ready stops none either.
    fn refuse_closed(&self, task: &Task, room: &Room) -> Result<(), DriverError> {
        if let (Some(why), true) = (&room.closed, task.changes.iter().any(starts)) {
            return Err(DriverError::Failed(format!("node `{}` takes no new pods: {why}", self.node)));
        }
        match &room.unready {
            Some(why) if task.changes.iter().any(stops) => Err(DriverError::Failed(format!(
                "node `{0}` stops no pods: it is not ready ({why}); leave it out (`ranform plan {1}`), or delete the Node \
                 `{0}` where it does not come back",
                self.node,
                left_out(&task.address)
            ))),
            _ => Ok(()),
        }
    }

    fn refuse_lacking(&self, lacking: Vec<(String, f64, f64)>, what: &str, remedy: &str) -> Result<(), DriverError> {
        if lacking.is_empty() {
            return Ok(());
        }
        let lacking: Vec<String> = lacking
            .into_iter()
            .map(|(name, wanted, left)| format!("{wanted} {name} of the {} left", left.max(0.0)))
            .collect();
        let text = format!(
            "node `{}` has too little left beside what others run there: {what} {}; {remedy}",
            self.node,
            some(&lacking)
        );
        Err(DriverError::Failed(text))
    }
}

/// Leaves pods the tolerations that admission gave them: those that ranform wrote go with the plan that wrote them.
fn only_admitted(task: &Task, pods: &mut [Value]) {
    let known = task.known(Side::Before);
    let places = known.values().filter_map(|known| known.resource.cluster());
    let written: BTreeSet<&Toleration> = places.flat_map(|place| &place.tolerations).collect();
    for pod in pods {
        if let Some(Value::Array(all)) = pod.pointer_mut("/spec/tolerations") {
            all.retain(|one| tolerated(one).is_none_or(|one| !written.contains(&one)));
        }
    }
}

/// Whether pods start by a change: anything but what they are told while they run.
fn starts(change: &Change) -> bool {
    let place = |side: &Option<Resource>| side.as_ref().and_then(Resource::cluster).cloned();
    match (place(&change.before), place(&change.after)) {
        (_, None) => false,
        (None, Some(_)) => true,
        (Some(before), Some(after)) => {
            is_anew(change) || after.replicas > before.replicas || !before.altered.is_empty()
        }
    }
}

/// Whether pods of before have to stop by a change.
fn stops(change: &Change) -> bool {
    let ran = change.before.as_ref().is_some_and(|before| before.cluster().is_some());
    ran && (change.after.is_none() || is_anew(change))
}

/// Whether other pods run after a change of an instance.
fn is_anew(change: &Change) -> bool {
    rollout::replaced(change).is_some() || rollout::is_moved(change)
}

/// Namespace, node and instance of the pods that the task counts itself.
fn names(task: &Task, node: &str) -> BTreeSet<[String; 3]> {
    let name = |known: Recorded| {
        let name = object_name(&known.resource, &known.device_id)?;
        Some([known.resource.cluster()?.namespace.clone(), node.to_owned(), name])
    };
    // What moves to another namespace has pods in both.
    let sides = [Side::Before, Side::After].into_iter();
    sides.flat_map(|side| task.known(side).into_values()).filter_map(name).collect()
}

/// The same of a pod.
fn whose(pod: &Value) -> [String; 3] {
    let shown = Shown::of(pod);
    [shown.namespace, shown.label(NODE), shown.label(INSTANCE)].map(|part| part.unwrap_or_default().to_owned())
}

/// Everything that is decided for the device, by the names of the cluster.
fn demand(task: &Task, after: &BTreeMap<Address, Recorded>) -> Amounts {
    let mut sums = Amounts::new();
    for known in after.values().filter(|known| known.resource.cluster().is_some()) {
        add(task, &known.resource, known.resource.replicas(), &mut sums);
    }
    sums
}

/// What runs beside it until everything is confirmed: what is removed last, and old versions beside new ones.
fn beside(task: &Task) -> Amounts {
    let mut sums = Amounts::new();
    for change in &task.changes {
        let Some(before) = change.before.as_ref().filter(|before| before.cluster().is_some()) else { continue };
        match (&change.after, rollout::replaced(change)) {
            (Some(after), Some(UpdateStrategy::Surge)) => {
                // Of what is made anew no more than one pod above their number is there at once.
                *sums.entry(PODS.to_owned()).or_insert(0.0) += 1.0;
                let later = pods_of(after, after.replicas());
                for (name, amount) in beside_old(before, after) {
                    let more = amount - later.get(&name).copied().unwrap_or(0.0);
                    *sums.entry(resource_name(&task.device.profile, &name)).or_insert(0.0) += more.max(0.0);
                }
            }
            (None, _) => add(task, before, before.replicas(), &mut sums),
            _ if rollout::is_moved(change) => add(task, before, before.replicas(), &mut sums),
            _ => {}
        }
    }
    sums
}

/// Adds the demand of so many pods of a thing; claims are not the node's to give.
fn add(task: &Task, resource: &Resource, pods: u32, sums: &mut Amounts) {
    *sums.entry(PODS.to_owned()).or_insert(0.0) += f64::from(pods);
    for (name, amount) in resource.demand().into_iter().flatten() {
        if name == "storage" && stored_bytes(resource).is_some() {
            continue;
        }
        *sums.entry(resource_name(&task.device.profile, name)).or_insert(0.0) += amount * f64::from(pods);
    }
}
