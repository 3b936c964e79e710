//! The two ends of a transaction: what is no longer wanted goes, or what was there comes back.

use std::collections::BTreeSet;

use ranform_targets::kubernetes::{INSTANCE, MANAGED_BY, MANAGER, NODE, Shown, node_label};
use serde_json::Value;

use super::check::some;
use super::inventory::At;
use super::lent::is_managed;
use super::orders::{Orders, claimed, everything, gives_way, is_shared};
use super::{Kubernetes, PAUSE, is_workload, pause};
use crate::drivers::{Difference, DriverError, Side, Task};
use crate::kubernetes::{Cluster, Contents, KINDS, Scope, kind};
use crate::patience::Patience;

impl Kubernetes {
    /// Removes what the task removes. What somebody took away since the commit is applied anew.
    pub(super) async fn settle(&mut self, task: &Task, patience: &Patience) -> Result<(), DriverError> {
        let orders = Orders::new(task)?;
        self.begin_again(task, &orders, patience).await?;
        self.remember_classes(task, Side::After)?;
        if self.lost_namespace(task, Side::After, patience).await? {
            let all = everything(task, Side::After)?;
            self.put_each(&all, &orders, patience).await?;
            // What it was not asked to change it need not mend either.
            let (asked, beside): (Vec<Value>, Vec<Value>) =
                all.into_iter().partition(|object| orders.apply.contains(object));
            let mut awaited: Vec<&Value> = asked.iter().filter(|object| is_workload(object)).collect();
            awaited.extend(self.ready_before(&beside));
            self.await_all(&awaited, patience).await?;
        } else if !self.unwritten(task, patience).await?.is_empty() {
            self.put_all(&orders.apply, &orders, patience).await?;
        }
        self.give_way(&orders, patience).await?;
        self.rebuild(&orders, patience).await?;
        let surplus = self.surplus(task, &orders)?;
        self.remove(&surplus, patience).await?;
        self.write_inventories(task, &orders, At::End(Side::After), patience).await?;
        self.release_shared(&orders.remove, patience).await?;
        let differences = self.differences(task, Side::After, patience).await?;
        if differences.is_empty() { Ok(()) } else { Err(DriverError::NotTaken(differences)) }
    }

    /// Takes away what is new and applies what was before; only what is ours is taken away.
    pub(super) async fn restore(&mut self, task: &Task, patience: &Patience) -> Result<(), DriverError> {
        let orders = Orders::new(task)?;
        self.begin_again(task, &orders, patience).await?;
        if self.unready.is_none() && self.differences(task, Side::Before, patience).await?.is_empty() {
            // Nothing has taken effect yet: what is not ready now was not ready before.
            self.look_what_is_ready(task, patience).await?;
        }
        self.remember_classes(task, Side::Before)?;
        self.remove(&orders.created, patience).await?;
        let whole = self.lost_namespace(task, Side::Before, patience).await?;
        let before = if whole { everything(task, Side::Before)? } else { orders.restore.clone() };
        // What is refused may be as before already, as an object whose change was refused too.
        if let Some(refusal) = self.put_waves(&before, &orders, true, patience).await? {
            let mut differences = self.differences(task, Side::Before, patience).await?;
            differences.retain(|difference| mended(difference).is_none());
            if !differences.is_empty() {
                return Err(refusal);
            }
        }
        let awaited = self.ready_before(&before);
        self.await_all(&awaited, patience).await?;
        self.write_inventories(task, &orders, At::End(Side::Before), patience).await?;
        self.release_shared(&orders.created, patience).await?;
        let mut differences = self.differences(task, Side::Before, patience).await?;
        self.tell_mended(&mut differences);
        if differences.is_empty() { Ok(()) } else { Err(DriverError::NotRestored(differences)) }
    }

    /// What others altered is nowhere written down, so that it is not altered again when everything else is as before.
    fn tell_mended(&mut self, differences: &mut Vec<Difference>) {
        differences.retain(|difference| {
            let Some(mended) = mended(difference) else { return true };
            let address = &difference.address;
            self.notes.push(format!("`{address}`: what others made of it is not put back: {}", some(&mended)));
            false
        });
    }

    /// Both ends are tried again until they are reached: what was to be told of a try before is no longer true.
    /// After a crash what the transaction wrote down is read.
    async fn begin_again(&mut self, task: &Task, orders: &Orders, patience: &Patience) -> Result<(), DriverError> {
        self.notes.clear();
        self.wait_for_server(patience).await?;
        self.read_inventories(task, orders, patience).await?;
        self.remember_unready(task);
        Ok(())
    }

    /// Removes the Services whose address others take over.
    async fn give_way(&mut self, orders: &Orders, patience: &Patience) -> Result<(), DriverError> {
        let given_up = orders.remove.iter().filter(|old| orders.rebuild.iter().any(|new| gives_way(old, new)));
        let given_up: Vec<Value> = given_up.cloned().collect();
        self.remove(&given_up, patience).await
    }

    /// Makes those that had to wait: a claim keeps its size, so what one of another size holds goes. Doing it twice is doing
    /// it once.
    async fn rebuild(&mut self, orders: &Orders, patience: &Patience) -> Result<(), DriverError> {
        let Some(claims) = kind("PersistentVolumeClaim") else { return Ok(()) };
        for object in &orders.rebuild {
            let found = self.find(object, patience).await?;
            if found.is_some_and(|found| claimed(&found) != claimed(object)) {
                self.remove(std::slice::from_ref(object), patience).await?;
                let shown = Shown::of(object);
                let selector = format!("{INSTANCE}={}", shown.name);
                let late = || format!("the storage of {} does not go away in time", super::words(object));
                while !self
                    .cluster(patience)
                    .await?
                    .list(claims, shown.namespace, &selector, "", patience)
                    .await?
                    .is_empty()
                {
                    pause(patience, PAUSE, late).await?;
                }
            }
            self.put_all(std::slice::from_ref(object), orders, patience).await?;
        }
        Ok(())
    }

    /// Whether somebody deleted a namespace that the device has something in at that time; one that is on its way out is
    /// waited for. Those that others made are theirs to make again.
    async fn lost_namespace(&mut self, task: &Task, side: Side, patience: &Patience) -> Result<bool, DriverError> {
        let known = task.known(side);
        let used = known.values().filter_map(|known| Some(known.resource.cluster()?.namespace.clone()));
        let used: BTreeSet<String> = used.filter(|name| !self.is_lent_name("Namespace", name)).collect();
        let mut lost = false;
        for name in used {
            loop {
                match self.namespace(&name, patience).await? {
                    None => lost = true,
                    Some(found) if is_going(&found) => {
                        pause(patience, PAUSE, || format!("namespace `{name}` does not go away in time")).await?;
                        continue;
                    }
                    Some(_) => {}
                }
                break;
            }
        }
        Ok(lost)
    }

    /// Removes objects of this device, in this order, and waits until they are gone. What is not the object that was applied
    /// is left alone.
    async fn remove(&mut self, objects: &[Value], patience: &Patience) -> Result<(), DriverError> {
        let mut own = Vec::new();
        for object in objects.iter().filter(|object| !is_shared(object)) {
            let Some(found) = self.find(object, patience).await? else { continue };
            let shown = Shown::of(&found);
            if let Some(why) = self.why_not_ours(&found) {
                self.notes.push(format!("left alone: {why}"));
                continue;
            }
            own.push(object);
            let Some(kind) = kind(shown.kind) else { continue };
            self.cluster(patience).await?.delete(kind, shown.namespace, shown.name, uid(&found), patience).await?;
        }
        for object in own {
            self.await_gone(object, patience).await?;
        }
        Ok(())
    }

    async fn await_gone(&mut self, object: &Value, patience: &Patience) -> Result<(), DriverError> {
        let label = Shown::of(object).label(INSTANCE);
        loop {
            let found = self.find(object, patience).await?;
            // Somebody else's of the same name is none of our business.
            if found.is_none_or(|found| Shown::of(&found).label(INSTANCE) != label) {
                return Ok(());
            }
            pause(patience, PAUSE, || format!("{} does not go away in time", super::words(object))).await?;
        }
    }

    /// Removes shared objects that nothing of ours uses any more.
    async fn release_shared(&mut self, objects: &[Value], patience: &Patience) -> Result<(), DriverError> {
        for object in objects.iter().filter(|object| is_shared(object)) {
            let shown = Shown::of(object);
            let Some(found) = self.find(object, patience).await? else { continue };
            if !is_managed(&found) {
                continue;
            }
            let in_use = match shown.kind {
                "PriorityClass" => class_in_use(self.cluster(patience).await?, shown.name, patience).await?,
                "Namespace" => self.namespace_in_use(shown.name, patience).await?,
                _ => {
                    let namespace = shown.namespace.unwrap_or_default();
                    device_objects(self.cluster(patience).await?, namespace, patience).await?
                }
            };
            let Some(kind) = kind(shown.kind).filter(|_| !in_use) else { continue };
            match self.cluster(patience).await?.delete(kind, shown.namespace, shown.name, uid(&found), patience).await {
                // Another device of the cluster was faster.
                Err(error) if error.status() == Some(409) => {}
                done => done?,
            }
        }
        for object in objects.iter().filter(|object| is_shared(object)) {
            self.await_shared_gone(object, patience).await?;
        }
        Ok(())
    }

    /// Whether a namespace has to stay: another device has something in it, or it holds what is not ours, or what cannot
    /// be seen. What is not ours is told, for with the namespace it would go.
    async fn namespace_in_use(&mut self, name: &str, patience: &Patience) -> Result<bool, DriverError> {
        let label = node_label(&self.node);
        let cluster = self.cluster(patience).await?;
        if device_objects(cluster, name, patience).await? {
            return Ok(true);
        }
        let contents = cluster.contents(name, &label, patience).await?;
        let Some(held) = others(&contents) else { return Ok(false) };
        // Another device of the cluster may have been faster: what is in a namespace on its way out goes with it.
        if self.namespace(name, patience).await?.is_none_or(|found| is_going(&found)) {
            return Ok(true);
        }
        self.notes.push(format!(
            "namespace `{name}` stays: {held}; when nothing of it is needed any more: kubectl delete namespace {name}"
        ));
        Ok(true)
    }

    /// A namespace that is being deleted is waited for.
    async fn await_shared_gone(&mut self, object: &Value, patience: &Patience) -> Result<(), DriverError> {
        while let Some(found) = self.find(object, patience).await? {
            if !is_going(&found) {
                return Ok(());
            }
            pause(patience, PAUSE, || format!("{} does not go away in time", super::words(object))).await?;
        }
        Ok(())
    }
}

/// What others had altered and is as ordered, where a difference says no more than that.
pub(super) fn mended(difference: &Difference) -> Option<Vec<String>> {
    let words = |side: &Option<Value>| -> BTreeSet<String> {
        let all = side.as_ref().and_then(Value::as_array).into_iter().flatten();
        all.filter_map(|one| one.as_str().map(str::to_owned)).collect()
    };
    let (expected, found) = (words(&difference.expected), words(&difference.found));
    let less = difference.leaf.ends_with("cluster.altered") && found.is_subset(&expected) && found != expected;
    less.then(|| expected.difference(&found).cloned().collect())
}

async fn class_in_use(cluster: &mut Cluster, name: &str, patience: &Patience) -> Result<bool, DriverError> {
    let selector = format!("{MANAGED_BY}={MANAGER}");
    for kind in KINDS.iter().filter(|kind| kind.is_workload()) {
        let workloads = cluster.list(kind, None, &selector, "", patience).await?;
        let uses = |workload: &Value| {
            let class = workload.pointer("/spec/template/spec/priorityClassName").and_then(Value::as_str);
            class == Some(name)
        };
        if workloads.iter().any(uses) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether any device has objects of ours in a namespace, other than those on their way out: the collector may still
/// hold an inventory that was just deleted.
async fn device_objects(cluster: &mut Cluster, namespace: &str, patience: &Patience) -> Result<bool, DriverError> {
    let selector = format!("{MANAGED_BY}={MANAGER},{NODE}");
    for kind in KINDS.iter().filter(|kind| kind.scope == Scope::Namespace) {
        let objects = cluster.list(kind, Some(namespace), &selector, "", patience).await?;
        if objects.iter().any(|object| !is_going(object)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What tells an object from a later one of the same name.
pub(super) fn uid(object: &Value) -> Option<String> {
    object.pointer("/metadata/uid").and_then(Value::as_str).map(str::to_owned)
}

/// Whether an object is being deleted.
pub(super) fn is_going(object: &Value) -> bool {
    object.pointer("/metadata/deletionTimestamp").is_some()
}

/// What of a namespace is not ours, in words; what is on its way out does not count.
fn others(contents: &Contents) -> Option<String> {
    let pieces = contents.pieces.iter().filter(|piece| !piece.ours && !piece.going);
    let named: Vec<String> = pieces.map(|piece| format!("{} `{}`", piece.kind, piece.name)).collect();
    let counted: Vec<String> = contents.counted.iter().map(|(plural, number)| format!("{number} {plural}")).collect();
    let parts = [
        ("it holds what is not ours, ", &named),
        ("it holds what we may not list, ", &counted),
        ("whether it holds these cannot be seen: ", &contents.unseen),
    ];
    let parts = parts.iter().filter(|(_, list)| !list.is_empty());
    let text: Vec<String> = parts.map(|(words, list)| format!("{words}{}", some(list))).collect();
    (!text.is_empty()).then(|| text.join("; "))
}
