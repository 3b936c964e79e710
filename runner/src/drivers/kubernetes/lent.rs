//! Whose an object is: ours of this node, ours of any, or lent: a namespace or a PriorityClass of somebody else that is used
//! as it is, never written and never removed.

use ranform_targets::kubernetes::{MANAGED_BY, MANAGER, NODE, Shown, lends, node_label};
use serde_json::Value;

use super::Kubernetes;
use super::orders::{Orders, everything};
use crate::drivers::{DriverError, Side, Task};
use crate::kubernetes::{How, kind};
use crate::patience::Patience;

impl Kubernetes {
    /// Whether an object is known to be lent.
    pub(super) fn is_lent(&self, object: &Value) -> bool {
        let shown = Shown::of(object);
        self.is_lent_name(shown.kind, shown.name)
    }

    pub(super) fn is_lent_name(&self, kind: &str, name: &str) -> bool {
        self.lent.contains(&(kind.to_owned(), name.to_owned()))
    }

    /// Looks whether an object is lent, and remembers it.
    pub(super) async fn look_whose(&mut self, object: &Value, patience: &Patience) -> Result<bool, DriverError> {
        let shown = Shown::of(object);
        if !matches!(shown.kind, "Namespace" | "PriorityClass") {
            return Ok(false);
        }
        let found = self.find(object, patience).await?;
        let lent = found.is_some_and(|found| lends(object, &found));
        let key = (shown.kind.to_owned(), shown.name.to_owned());
        if lent {
            self.lent.insert(key);
        } else {
            self.lent.remove(&key);
        }
        Ok(lent)
    }

    /// Looks which of the shared objects are lent.
    pub(super) async fn find_lent(&mut self, orders: &Orders, patience: &Patience) -> Result<(), DriverError> {
        let mut seen = std::collections::BTreeSet::new();
        for object in orders.all() {
            let shown = Shown::of(object);
            if seen.insert((shown.kind.to_owned(), shown.name.to_owned())) {
                self.look_whose(object, patience).await?;
            }
        }
        Ok(())
    }

    /// Notes the PriorityClasses of all that the device has on that side of a task.
    pub(super) fn remember_classes(&mut self, task: &Task, side: Side) -> Result<(), DriverError> {
        let mut all = everything(task, side)?;
        all.retain(|object| Shown::of(object).kind == "PriorityClass");
        self.classes = all.into_iter().map(|class| (Shown::of(&class).name.to_owned(), class)).collect();
        Ok(())
    }

    /// Applies the PriorityClass of a workload anew where it is gone: another project that shares it may have seen nobody
    /// use it just before the workload was there.
    pub(super) async fn bring_back_class(&mut self, workload: &Value, patience: &Patience) -> Result<(), DriverError> {
        let class = workload.pointer("/spec/template/spec/priorityClassName").and_then(Value::as_str);
        let Some(class) = class.and_then(|class| self.classes.get(class)).cloned() else { return Ok(()) };
        if self.find(&class, patience).await?.is_none() {
            self.cluster(patience).await?.apply(&class, How::Normal, patience).await?;
        }
        Ok(())
    }

    /// Whether a live object is ours, and of this node.
    pub(super) fn is_own(&self, found: &Value) -> bool {
        is_managed(found) && Shown::of(found).label(NODE) == Some(node_label(&self.node).as_str())
    }

    /// What is there under the name of a part of the inventory.
    pub(super) async fn inventory_in(
        &mut self,
        task: &Task,
        namespace: &str,
        part: usize,
        patience: &Patience,
    ) -> Result<Option<Value>, DriverError> {
        let Some(kind) = kind("ConfigMap") else { return Ok(None) };
        let name = self.inventory_name(task, namespace, part);
        Ok(self.cluster(patience).await?.get(kind, Some(namespace), &name, patience).await?)
    }
}

/// Whether a live object is managed by us.
pub(super) fn is_managed(found: &Value) -> bool {
    Shown::of(found).label(MANAGED_BY) == Some(MANAGER)
}
