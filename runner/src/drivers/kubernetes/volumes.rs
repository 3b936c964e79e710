//! Volumes for what is stored on a node, before anything is written. A claim that somebody made under the name of a new
//! store's is taken with what is in it: that is how a store is moved by hand. For every other new store there is a volume.

use ranform_network::Address;
use ranform_network::deployment::{Change, stored_bytes};
use ranform_network::units::Bytes;
use ranform_targets::kubernetes::{HOSTNAME, Shown, amount, claim_name, object_name};
use serde_json::Value;

use super::{Kubernetes, is_going};
use crate::drivers::{DriverError, Task};
use crate::kubernetes::kind;
use crate::patience::Patience;

/// The class that is used where no other is named.
const DEFAULT_CLASS: &str = "storageclass.kubernetes.io/is-default-class";
/// The provisioner of a class whose volumes somebody makes by hand.
const BY_HAND: &str = "kubernetes.io/no-provisioner";

/// What is stored anew on the node.
pub(super) struct Store<'a> {
    address: &'a Address,
    bytes: f64,
    /// The namespace and name of its claim, where nothing was stored under the address before.
    claim: Option<(&'a str, String)>,
}

impl<'a> Store<'a> {
    /// The store that a change makes; none where it makes none, or one as it was.
    pub(super) fn of(change: &'a Change) -> Option<Self> {
        let after = change.after.as_ref()?;
        let bytes = stored_bytes(after)?;
        let before = change.before.as_ref().and_then(stored_bytes);
        let claim = || Some((after.cluster()?.namespace.as_str(), claim_name(&object_name(after, &change.device_id)?)));
        let claim = before.is_none().then(claim).flatten();
        (before != Some(bytes)).then_some(Self { address: &change.address, bytes, claim })
    }
}

impl Store<'_> {
    /// The namespace of its claim, where nothing was stored under the address before.
    pub(super) fn namespace(&self) -> Option<&str> {
        self.claim.as_ref().map(|(namespace, _)| *namespace)
    }
}

impl Kubernetes {
    /// Each store that is new on the node has a claim that is there already, or a volume: where they are made by hand, one
    /// for each.
    pub(super) async fn refuse_too_few_volumes(&mut self, task: &Task, patience: &Patience) -> Result<(), DriverError> {
        let mut stores = Vec::new();
        for store in task.changes.iter().filter_map(Store::of) {
            if !self.has_claim(&store, patience).await? {
                stores.push(store);
            }
        }
        let (Some(classes), Some(volumes)) = (kind("StorageClass"), kind("PersistentVolume")) else { return Ok(()) };
        let Some(first) = stores.first() else { return Ok(()) };
        let cluster = self.cluster(patience).await?;
        let classes = cluster.list(classes, None, "", "", patience).await?;
        let is_default = |class: &&Value| {
            let annotations = class.pointer("/metadata/annotations");
            annotations.and_then(|all| all.get(DEFAULT_CLASS)).and_then(Value::as_str) == Some("true")
        };
        let Some(class) = classes.iter().find(is_default) else {
            let text = format!("`{}` stores what it has, and the cluster has no default StorageClass", first.address);
            return Err(DriverError::Failed(text));
        };
        if class.get("provisioner").and_then(Value::as_str) != Some(BY_HAND) {
            return Ok(());
        }
        let class = Shown::of(class).name;
        let all = cluster.list(volumes, None, "", "", patience).await?;
        let mut left: Vec<f64> = all.iter().filter_map(|volume| free_bytes(volume, class, &self.node)).collect();
        left.sort_by(f64::total_cmp);
        stores.sort_by(|a, b| a.bytes.total_cmp(&b.bytes));
        for Store { address, bytes, .. } in stores {
            // The smallest that is large enough.
            let Some(at) = left.iter().position(|free| *free >= bytes) else {
                let text = format!(
                    "node `{}` has no volume of {} left for `{address}`, and class `{class}` makes none by itself",
                    self.node,
                    Bytes(bytes as u64),
                );
                return Err(DriverError::Failed(text));
            };
            left.remove(at);
        }
        Ok(())
    }

    /// Whether the claim of a new store is there already: then the store starts with what is in it, which is told.
    async fn has_claim(&mut self, store: &Store<'_>, patience: &Patience) -> Result<bool, DriverError> {
        let (Some(claims), Some((namespace, name))) = (kind("PersistentVolumeClaim"), &store.claim) else {
            return Ok(false);
        };
        let found = self.cluster(patience).await?.get(claims, Some(namespace), name, patience).await?;
        let Some(found) = found.filter(|found| !is_going(found)) else { return Ok(false) };
        let has = found.pointer("/spec/resources/requests/storage").and_then(|has| amount(has.as_str()?));
        let (has, address) = (has.unwrap_or(0.0), store.address);
        if has < store.bytes {
            let (has, needs) = (Bytes(has as u64), Bytes(store.bytes as u64));
            return Err(DriverError::Failed(format!(
                "claim `{namespace}/{name}` is there already, which `{address}` would take, with {has} of the {needs} that it needs; \
                 remove it or make a larger one"
            )));
        }
        self.notes.push(format!("claim `{namespace}/{name}` is there already: `{address}` starts with what is in it"));
        Ok(true)
    }
}

/// The bytes of a volume of this class that nobody has claimed and that can be had on this node.
fn free_bytes(volume: &Value, class: &str, node: &str) -> Option<f64> {
    let text = |path: &str| volume.pointer(path).and_then(Value::as_str);
    // A volume that was just made has no phase yet, or waits for its controller to look.
    let is_free = matches!(text("/status/phase"), None | Some("Pending" | "Available"));
    if !is_free || text("/spec/storageClassName") != Some(class) {
        return None;
    }
    let terms = volume.pointer("/spec/nodeAffinity/required/nodeSelectorTerms").and_then(Value::as_array);
    let here = |term: &Value| {
        let rules = term.get("matchExpressions").and_then(Value::as_array).into_iter().flatten();
        rules.into_iter().all(|rule| {
            let values = rule.get("values").and_then(Value::as_array);
            rule.get("key").and_then(Value::as_str) != Some(HOSTNAME)
                || values.is_none_or(|values| values.iter().any(|value| value.as_str() == Some(node)))
        })
    };
    if terms.is_some_and(|terms| !terms.iter().any(here)) {
        return None;
    }
    amount(text("/spec/capacity/storage")?)
}
