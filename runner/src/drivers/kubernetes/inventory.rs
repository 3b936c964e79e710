//! What a device has in a namespace, object by object with its uid, in ConfigMaps of that namespace. Written before an object
//! is, with the name of the transaction, and again when it has come to its end: whatever breaks in between, every object
//! that may be there is listed. What goes is what the last plan owned and the new one does not, by that list.

mod list;
mod others;

use std::collections::{BTreeMap, BTreeSet};

use ranform_network::deployment::ClusterPlace;
use ranform_targets::kubernetes::{INSTANCE, MANAGED_BY, MANAGER, NODE, Shown, node_label, object_name};
use serde_json::{Value, json};

use super::check::some;
use super::lent::is_managed;
use super::orders::{Orders, everything, instance, is_shared};
use super::settle::uid;
use super::unready::Unready;
use super::{Kubernetes, is_workload};
use crate::drivers::{DriverError, Side, Task};
use crate::kubernetes::{Error, How, KINDS, kind};
use crate::patience::Patience;
pub(super) use list::{Id, Listed};
use list::{Row, parts};
pub(super) use others::Others;
use others::{STATE, is_of, short};

/// The label of inventories, beside those of their node.
const COMPONENT: (&str, &str) = ("app.kubernetes.io/component", "inventory");

/// When an inventory is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum At {
    /// Within the transaction: what was there and what is to come.
    Within,
    /// At its end: what is there on that side of it.
    End(Side),
}

impl Kubernetes {
    /// The name of the ConfigMap that says what the node has in a namespace; of many objects there are several. The second
    /// project in a namespace of a node puts the id of its state to it.
    pub(super) fn inventory_name(&self, task: &Task, namespace: &str, part: usize) -> String {
        let mut name = format!("ranform-inventory-{}", node_label(&self.node));
        if self.others.get(namespace).is_some_and(|others| others.has(&name)) {
            name = format!("{name}-{}", short(&task.state));
        }
        if part == 0 { name } else { format!("{name}-{}", part + 1) }
    }

    /// Reads what the namespaces of a task list, once.
    pub(super) async fn read_inventories(
        &mut self,
        task: &Task,
        orders: &Orders,
        patience: &Patience,
    ) -> Result<(), DriverError> {
        for namespace in orders.namespaces() {
            if !self.listed.contains_key(&namespace) {
                let found = self.inventories_in(&namespace, patience).await?;
                let (ours, others): (Vec<Value>, Vec<Value>) = found.into_iter().partition(|one| is_of(one, task));
                self.listed.insert(namespace.clone(), Listed::of(&ours, &namespace));
                self.others.insert(namespace.clone(), Others::of(&others, &namespace));
            }
        }
        Ok(())
    }

    /// The inventories of the node in a namespace, of whatever project.
    async fn inventories_in(&mut self, namespace: &str, patience: &Patience) -> Result<Vec<Value>, DriverError> {
        let Some(kind) = kind("ConfigMap") else { return Ok(Vec::new()) };
        let (label, value) = COMPONENT;
        let ours = format!("{MANAGED_BY}={MANAGER},{NODE}={},{label}={value}", node_label(&self.node));
        Ok(self.cluster(patience).await?.list(kind, Some(namespace), &ours, "", patience).await?)
    }

    /// The inventories of a task within its transaction, as they are to be written.
    pub(super) fn inventories_within(&self, task: &Task, orders: &Orders) -> Result<Vec<Value>, DriverError> {
        let after = everything(task, Side::After)?;
        let namespaces = orders.namespaces().into_iter();
        let within = namespaces.map(|namespace| self.within(task, &namespace, &after));
        let made = within.map(|(namespace, listed)| self.config_maps(task, &namespace, &listed));
        Ok(made.flatten().collect())
    }

    fn within(&self, task: &Task, namespace: &str, after: &[Value]) -> (String, Listed) {
        let old = self.listed.get(namespace).cloned().unwrap_or_default();
        let mut rows = old.rows.clone();
        for (id, mut row) in self.rows(namespace, after) {
            row.uid = self.written.get(&id).cloned().or_else(|| rows.get(&id)?.uid.clone());
            rows.insert(id, row);
        }
        let here = |Id(of, _, _): &Id| of == namespace;
        let unready: Unready = self.unready.clone().unwrap_or_default();
        let unready = unready.into_iter().filter(|(id, _)| here(id)).collect();
        (namespace.to_owned(), Listed { rows, unready, transaction: Some(task.persist.clone()), ..old })
    }

    /// Writes the inventories of a task, in namespaces that are there.
    pub(super) async fn write_inventories(
        &mut self,
        task: &Task,
        orders: &Orders,
        at: At,
        patience: &Patience,
    ) -> Result<(), DriverError> {
        let all = everything(task, if at == At::End(Side::Before) { Side::Before } else { Side::After })?;
        for namespace in orders.namespaces() {
            if self.namespace(&namespace, patience).await?.is_none_or(|found| super::is_going(&found)) {
                continue;
            }
            let listed = match at {
                At::Within => self.within(task, &namespace, &all).1,
                At::End(side) => self.at_the_end(task, &namespace, &all, side, patience).await?,
            };
            self.write(task, &namespace, &listed, patience).await?;
        }
        Ok(())
    }

    /// What is there when everything has come to its end: each object with the uid that it has now.
    async fn at_the_end(
        &mut self,
        task: &Task,
        namespace: &str,
        all: &[Value],
        side: Side,
        patience: &Patience,
    ) -> Result<Listed, DriverError> {
        let old = self.listed.get(namespace).cloned().unwrap_or_default();
        let mut rows = self.rows(namespace, all);
        for object in all {
            let id = Id::of(object);
            let Some(row) = rows.get_mut(&id) else { continue };
            row.uid = self.written.get(&id).cloned().or_else(|| old.rows.get(&id)?.uid.clone());
            if row.uid.is_none() {
                let found = self.find(object, patience).await?;
                row.uid = found.filter(is_managed).as_ref().and_then(uid);
            }
        }
        let plan = match side {
            Side::Before => old.plan,
            Side::After => task.persist.split('-').nth(1).map(str::to_owned),
        };
        Ok(Listed { rows, plan, ..Listed::default() })
    }

    /// The rows of these objects in a namespace: what is in it, itself, and the classes of what runs there. What is lent was
    /// not written by us.
    fn rows(&self, namespace: &str, objects: &[Value]) -> BTreeMap<Id, Row> {
        let inside = |object: &&Value| Shown::of(object).namespace == Some(namespace);
        let class = |object: &Value| {
            let class = object.pointer("/spec/template/spec/priorityClassName");
            class.and_then(Value::as_str).map(str::to_owned)
        };
        let workloads = objects.iter().filter(inside).filter(|object| is_workload(object));
        let classes: BTreeSet<String> = workloads.filter_map(class).collect();
        let concerns = |object: &&Value| {
            let shown = Shown::of(object);
            match shown.kind {
                "Namespace" => shown.name == namespace,
                "PriorityClass" => classes.contains(shown.name),
                _ => shown.namespace == Some(namespace),
            }
        };
        // A namespace by itself is nothing that we have there.
        if !objects.iter().any(|object| inside(&object)) {
            return BTreeMap::new();
        }
        let ours = objects.iter().filter(concerns).filter(|object| !self.is_lent(object));
        ours.map(|object| (Id::of(object), Row::of(object))).collect()
    }

    fn config_maps(&self, task: &Task, namespace: &str, listed: &Listed) -> Vec<Value> {
        let labels = json!({
            MANAGED_BY: MANAGER, NODE: node_label(&self.node), COMPONENT.0: COMPONENT.1, STATE: task.state,
        });
        let object = |(part, data): (usize, Value)| {
            let name = self.inventory_name(task, namespace, part);
            json!({"apiVersion": "v1", "kind": "ConfigMap",
                "metadata": {"name": name, "namespace": namespace, "labels": labels}, "data": data})
        };
        listed.data().into_iter().enumerate().map(object).collect()
    }

    /// Writes the inventory of a namespace, the first part last; none where nothing is listed. Parts that are no longer
    /// needed go.
    async fn write(
        &mut self,
        task: &Task,
        namespace: &str,
        listed: &Listed,
        patience: &Patience,
    ) -> Result<(), DriverError> {
        let Some(kind) = kind("ConfigMap") else { return Ok(()) };
        let objects = self.config_maps(task, namespace, listed);
        for object in objects.iter().rev() {
            let name = Shown::of(object).name.to_owned();
            let found = self.cluster(patience).await?.get(kind, Some(namespace), &name, patience).await?;
            if found.is_some_and(|found| !self.is_own(&found) || !is_of(&found, task)) {
                // Somebody, another project perhaps, took its name since it was looked at.
                self.note(format!("ConfigMap `{namespace}/{name}` is not ours and is left alone: no inventory"));
                continue;
            }
            match self.cluster(patience).await?.apply(object, How::Normal, patience).await {
                Err(Error::Held(fields)) => {
                    let fields = some(&fields);
                    self.note(format!("the inventory in `{namespace}` stays as others hold it: {fields}"));
                }
                done => drop(done?),
            }
        }
        let all = self.inventories_in(namespace, patience).await?;
        for surplus in all.into_iter().filter(|one| is_of(one, task)) {
            let name = Shown::of(&surplus).name;
            if !objects.iter().any(|object| Shown::of(object).name == name) {
                self.cluster(patience).await?.delete(kind, Some(namespace), name, uid(&surplus), patience).await?;
            }
        }
        Ok(())
    }

    /// Tells something once.
    fn note(&mut self, text: String) {
        if !self.notes.contains(&text) {
            self.notes.push(text);
        }
    }

    /// What the last plan owned of the instances that change and the new one does not, last first: by what is listed, and
    /// by what state says where nothing is.
    pub(super) fn surplus(&self, task: &Task, orders: &Orders) -> Result<Vec<Value>, DriverError> {
        let stays: BTreeSet<Id> = everything(task, Side::After)?.iter().map(Id::of).collect();
        let gone: BTreeSet<Id> = orders.remove.iter().map(Id::of).collect();
        let changed = changed(task);
        let listed = self.listed.values().flat_map(|listed| &listed.rows);
        let goes = |(id, row): &(&Id, &Row)| {
            let of = row.instance.clone().map(|instance| (id.0.clone(), instance));
            let ours = of.is_some_and(|of| changed.contains(&of)) && KINDS.iter().any(|kind| kind.name == id.1);
            ours && !stays.contains(*id) && !gone.contains(*id)
        };
        // Two instances of an earlier version may have had an object of one name: it is still the other's.
        let others = |object: &&Value| !is_shared(object) && stays.contains(&Id::of(object));
        let mut surplus: Vec<Value> = orders.remove.iter().filter(|object| !others(object)).cloned().collect();
        surplus.extend(listed.filter(goes).map(|(id, row)| row.object(id)));
        let wave = |object: &Value| kind(Shown::of(object).kind).map_or(0, crate::kubernetes::Kind::wave);
        // Those of the task are last first already.
        surplus.sort_by_key(|object| std::cmp::Reverse(wave(object)));
        Ok(surplus)
    }

    /// Tells what is listed of instances that nobody knows any more: it is left as it is.
    pub(super) fn tell_strange(&mut self, task: &Task) {
        let known = known(task);
        let strange = |(id, row): &(&Id, &Row)| {
            row.instance.as_ref().is_some_and(|instance| !known.contains(&(id.0.clone(), instance.clone())))
        };
        let told = |(namespace, listed): (&String, &Listed)| {
            let strange = listed.rows.iter().filter(strange).map(|(Id(_, kind, name), _)| format!("{kind} `{name}`"));
            let strange: Vec<String> = strange.collect();
            (!strange.is_empty()).then(|| format!(
                "the inventory of `{namespace}` lists what no plan knows any more (forgotten, or applied from a state that \
                 is lost); it is left as it is: {}",
                some(&strange)
            ))
        };
        let told: Vec<String> = self.listed.iter().filter_map(told).collect();
        self.notes.extend(told);
    }

    /// Refuses to remove what carries another owner, or was made anew by somebody since it was listed.
    pub(super) async fn refuse_strangers(
        &mut self,
        surplus: &[Value],
        orders: &Orders,
        patience: &Patience,
    ) -> Result<(), DriverError> {
        let mut strange = Vec::new();
        for object in surplus.iter().chain(&orders.rebuild).filter(|object| !is_shared(object)) {
            let Some(found) = self.find(object, patience).await? else { continue };
            strange.extend(self.why_not_ours(&found));
        }
        if strange.is_empty() { Ok(()) } else { Err(DriverError::Endangered(strange)) }
    }

    /// Why a live object is not the one that was applied; none where it is.
    pub(super) fn why_not_ours(&self, found: &Value) -> Option<String> {
        let (shown, id) = (Shown::of(found), Id::of(found));
        let name = format!("{} `{}/{}`", shown.kind, shown.namespace.unwrap_or_default(), shown.name);
        if !self.is_own(found) {
            let owner = shown.label(MANAGED_BY).unwrap_or("nobody");
            return Some(format!("{name}, which belongs to `{owner}` ({MANAGED_BY})"));
        }
        let rows = self.listed.get(&id.0).and_then(|listed| listed.rows.get(&id));
        let applied = self.written.get(&id).or(rows?.uid.as_ref())?;
        let has = uid(found)?;
        (has != *applied).then(|| format!("{name}, which somebody made anew: its uid is {has}, {applied} was applied"))
    }

    /// What was not ready when the transaction began, where this very transaction wrote it down.
    pub(super) fn remember_unready(&mut self, task: &Task) {
        let ours = |listed: &&Listed| listed.transaction.as_ref() == Some(&task.persist);
        if self.unready.is_none() && self.listed.values().any(|listed| ours(&listed)) {
            let all = self.listed.values().filter(ours).flat_map(|listed| listed.unready.clone());
            self.unready = Some(all.collect());
        }
    }
}

/// How many parts the inventory of a namespace has, with these objects more.
pub(super) fn most_parts(listed: Option<&Listed>, more: usize) -> usize {
    parts(listed.map_or(0, |listed| listed.rows.len()) + more)
}

/// Namespace and name of the instances that change.
fn changed(task: &Task) -> BTreeSet<(String, String)> {
    let sides = task.changes.iter().flat_map(|change| {
        let sides = [&change.before, &change.after].into_iter().flatten();
        sides.filter_map(|side| Some((side.cluster()?, object_name(side, &change.device_id)?)))
    });
    in_namespaces(sides)
}

/// Namespace and name of the instances that are known, before or after.
fn known(task: &Task) -> BTreeSet<(String, String)> {
    let mut known = changed(task);
    for all in [task.known(Side::Before), task.after()] {
        let named = all.values();
        let named =
            named.filter_map(|one| Some((one.resource.cluster()?, object_name(&one.resource, &one.device_id)?)));
        known.extend(in_namespaces(named));
    }
    known
}

fn in_namespaces<'a>(instances: impl Iterator<Item = (&'a ClusterPlace, String)>) -> BTreeSet<(String, String)> {
    let spread = |(place, name): (&'a ClusterPlace, String)| {
        place.namespaces().map(move |namespace| (namespace.to_owned(), name.clone())).collect::<Vec<_>>()
    };
    instances.flat_map(spread).collect()
}

impl Id {
    /// Of an object.
    pub(super) fn of(object: &Value) -> Self {
        let shown = Shown::of(object);
        Self(shown.namespace.unwrap_or_default().to_owned(), shown.kind.to_owned(), shown.name.to_owned())
    }
}

impl Row {
    fn of(object: &Value) -> Self {
        let api_version = Shown::of(object).api_version.to_owned();
        Self { api_version, uid: None, instance: instance(object).map(str::to_owned) }
    }

    /// As much of the object as removing it takes.
    fn object(&self, Id(namespace, kind, name): &Id) -> Value {
        json!({"apiVersion": self.api_version, "kind": kind, "metadata": {
            "name": name, "namespace": namespace, "labels": {INSTANCE: self.instance, NODE: ""}}})
    }
}
