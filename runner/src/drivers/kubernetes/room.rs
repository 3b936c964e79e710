//! Whether a node has room, before anything is written: for everything that runs on it at once while the task is carried
//! out, beside what others run there. Volumes for what is stored there are in [`super::volumes`].

use std::collections::BTreeMap;

use ranform_network::Address;
use ranform_network::deployment::{Amounts, Recorded, Resource, UpdateStrategy, stored_bytes};
use ranform_targets::kubernetes::{HOSTNAME, NODE, Shown, node_label, resource_name};
use serde_json::Value;

use super::Kubernetes;
use super::check::some;
use crate::drivers::{DriverError, Side, Task};
use crate::kubernetes::{kind, room};
use crate::patience::Patience;
use crate::software::rollout;

impl Kubernetes {
    /// The node is there, takes pods, and has room for everything that is decided for it, and for what runs there beside
    /// it until everything is confirmed.
    pub(super) async fn refuse_too_little_room(&mut self, task: &Task, patience: &Patience) -> Result<(), DriverError> {
        let after = task.known(Side::After);
        if !after.values().any(|known| known.resource.cluster().is_some()) {
            return Ok(());
        }
        let (Some(nodes), Some(pods)) = (kind("Node"), kind("Pod")) else { return Ok(()) };
        let selector = format!("{HOSTNAME}={}", self.node);
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
        let mut needed = demand(task, &after);
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

/// Everything that is decided for the device, by the names of the cluster.
fn demand(task: &Task, after: &BTreeMap<Address, Recorded>) -> Amounts {
    let mut sums = Amounts::new();
    for known in after.values().filter(|known| known.resource.cluster().is_some()) {
        add(task, &known.resource, &mut sums);
    }
    sums
}

/// What runs beside it until everything is confirmed: what is removed last, and old versions beside new ones.
fn beside(task: &Task) -> Amounts {
    let mut sums = Amounts::new();
    for change in &task.changes {
        let stays = change.after.is_none() || rollout::replaced(change) == Some(UpdateStrategy::Surge);
        if let Some(before) = change.before.as_ref().filter(|before| stays && before.cluster().is_some()) {
            add(task, before, &mut sums);
        }
    }
    sums
}

/// Adds the demand of all pods of a thing; claims are not the node's to give.
fn add(task: &Task, resource: &Resource, sums: &mut Amounts) {
    let replicas = resource.cluster().map_or(1, |place| place.replicas);
    for (name, amount) in resource.demand().into_iter().flatten() {
        if name == "storage" && stored_bytes(resource).is_some() {
            continue;
        }
        *sums.entry(resource_name(&task.device.profile, name)).or_insert(0.0) += amount * f64::from(replicas);
    }
}
