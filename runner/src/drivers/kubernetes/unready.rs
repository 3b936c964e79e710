//! Which workloads ran as ordered before the transaction. What was not ready then is put back as it was and not waited for:
//! nothing that the transaction takes back makes it ready.

use std::collections::{BTreeMap, BTreeSet};

use ranform_network::Address;
use ranform_network::deployment::ClusterPlace;
use ranform_targets::Query;
use ranform_targets::kubernetes::{HOSTNAME, MANAGED_BY, MANAGER, NODE, node_label, object_name};
use serde_json::Value;

use super::inventory::Id;
use super::orders::instance;
use super::{Kubernetes, is_workload, words};
use crate::drivers::{DriverError, Side, Task};
use crate::kubernetes::{KINDS, Readiness, Where, kind, node_unready, readiness};
use crate::patience::Patience;

/// Why workloads were not ready.
pub(super) type Unready = BTreeMap<Id, String>;

impl Kubernetes {
    /// Looks which workloads of the device are not ready now, in every namespace where it has something.
    pub(super) async fn look_what_is_ready(&mut self, task: &Task, patience: &Patience) -> Result<(), DriverError> {
        let known = task.known(Side::Before);
        let places = known.values().filter_map(|known| known.resource.cluster());
        let namespaces: BTreeSet<String> = places.flat_map(ClusterPlace::namespaces).map(str::to_owned).collect();
        let mut unready = Unready::new();
        for namespace in namespaces {
            unready.extend(self.unready_in(&namespace, patience).await?);
        }
        self.unready = Some(unready);
        Ok(())
    }

    /// The known things whose workloads are not ready. Who may not list pods is not told.
    pub(super) async fn degraded(
        &mut self,
        query: &Query<'_>,
        namespaces: &BTreeSet<String>,
        patience: &Patience,
    ) -> Result<BTreeMap<Address, String>, DriverError> {
        let mut unready = Unready::new();
        for namespace in namespaces {
            match self.unready_in(namespace, patience).await {
                Err(DriverError::Login(_)) => return Ok(BTreeMap::new()),
                found => unready.extend(found?),
            }
        }
        let of_node = if namespaces.is_empty() { None } else { self.why_node(patience).await };
        let unready: BTreeMap<(&str, &str), &String> =
            unready.iter().map(|(Id(namespace, _, name), why)| ((namespace.as_str(), name.as_str()), why)).collect();
        let known = query.things().into_iter();
        let known = known.filter_map(|(address, thing)| {
            let name = object_name(thing.resource, thing.device_id)?;
            let why = unready.get(&(thing.resource.cluster()?.namespace.as_str(), name.as_str())).copied();
            // Of a node that is lost the cluster may leave pods as ready as they were.
            Some((address.clone(), of_node.as_ref().or(why)?.clone()))
        });
        Ok(known.collect())
    }

    /// Why nothing starts or stops on the node, where that is because it is not ready.
    pub(super) async fn why_node(&mut self, patience: &Patience) -> Option<String> {
        let selector = format!("{HOSTNAME}={}", self.node);
        let found = self.cluster(patience).await.ok()?.list(kind("Node")?, None, &selector, "", patience).await;
        let why = found.ok()?.first().and_then(node_unready)?;
        Some(format!("node `{}` is not ready ({why})", self.node))
    }

    async fn unready_in(&mut self, namespace: &str, patience: &Patience) -> Result<Unready, DriverError> {
        let Some(of_pods) = kind("Pod") else { return Ok(Unready::new()) };
        let ours = format!("{MANAGED_BY}={MANAGER},{NODE}={}", node_label(&self.node));
        let name = self.name_of_node(patience).await?;
        let cluster = self.cluster(patience).await?;
        let mut pods: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for pod in cluster.list(of_pods, Some(namespace), &ours, "", patience).await? {
            pods.entry(instance(&pod).unwrap_or_default().to_owned()).or_default().push(pod);
        }
        let mut unready = Unready::new();
        for kind in KINDS.iter().filter(|kind| kind.is_workload()) {
            for workload in self.cluster(patience).await?.list(kind, Some(namespace), &ours, "", patience).await? {
                let its = instance(&workload).and_then(|instance| pods.get(instance)).map_or(&[][..], Vec::as_slice);
                match readiness(&workload, its, Where { host: &self.node, name: &name }) {
                    Readiness::Ready => {}
                    Readiness::Waiting(why) | Readiness::Failed(why) => drop(unready.insert(Id::of(&workload), why)),
                }
            }
        }
        Ok(unready)
    }

    /// The workloads among these objects that are waited for when everything is as before again. Of the others it is told
    /// that they are not.
    pub(super) fn ready_before<'a>(&mut self, objects: &'a [Value]) -> Vec<&'a Value> {
        let mut ready = Vec::new();
        for object in objects.iter().filter(|object| is_workload(object)) {
            match self.unready.as_ref().and_then(|unready| unready.get(&Id::of(object))) {
                None => ready.push(object),
                Some(why) => self.notes.push(format!(
                    "{} is put back as it was and not waited for: it was not ready before ({why})",
                    words(object)
                )),
            }
        }
        ready
    }
}
