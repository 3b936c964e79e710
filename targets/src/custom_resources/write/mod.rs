//! The objects of a network.

mod access;
mod nodes;
mod radio;
mod software;

use std::collections::BTreeSet;

use ranform_network::Network;
use ranform_network::ids::{NodeId, TenantId};
use ranform_network::json::Object;
use ranform_network::network::{Entity, Interface, Name};
use ranform_network::units::{Bytes, Share};
use serde_json::{Map, Value, json};

use super::kinds::{Kind, api_version};
use super::names::{object_name, steps};
use crate::kubernetes::{ADDRESS, MANAGED_BY, MANAGER};

/// What has a kind and no object: its selections yield nothing, and the API server refuses an object without them.
pub fn without_object(network: &Network) -> Vec<&Entity> {
    let chunks = network.chunks.as_slice().iter().filter(|chunk| chunk.interfaces.is_empty());
    let slas = network.slas.as_slice().iter().filter(|sla| sla.interfaces.is_empty() || sla.shares.is_empty());
    let rics = network.rics.as_slice().iter().filter(|ric| ric.e2_nodes.is_empty() || ric.candidates.is_empty());
    let requests = network.requests.as_slice().iter().filter(|request| request.targets.is_empty());
    let first = chunks.map(|chunk| &chunk.entity).chain(slas.map(|sla| &sla.entity));
    first.chain(rics.map(|ric| &ric.entity)).chain(requests.map(|request| &request.entity)).collect()
}

/// The objects of everything in the network that has a kind, in the order of kinds and addresses; not of what
/// [`without_object`] names.
pub fn objects(network: &Network, namespace: &str) -> Vec<Value> {
    let writer = Writer { network };
    let mut all = Vec::new();
    let mut add = |kind: &str, entity: &Entity, spec: Object| {
        if let Some(kind) = Kind::find(kind) {
            all.push(object(kind, entity, namespace, spec));
        }
    };
    network.chunks.as_slice().iter().for_each(|chunk| add("Chunk", &chunk.entity, writer.chunk(chunk)));
    network.services.as_slice().iter().for_each(|service| add("Service", &service.entity, writer.service(service)));
    network.slas.as_slice().iter().for_each(|sla| add("ServiceSla", &sla.entity, writer.sla(sla)));
    network.rics.as_slice().iter().for_each(|ric| add("RicDeployment", &ric.entity, writer.ric(ric)));
    network
        .requests
        .as_slice()
        .iter()
        .for_each(|request| add("ModelRequest", &request.entity, writer.request(request)));
    for kind in ["GnbNode", "EnbNode", "AccessPoint"] {
        let nodes = network.nodes.as_slice().iter();
        let nodes = nodes.filter(|node| Kind::of_node(node.kind).is_some_and(|of| of.name == kind));
        nodes.for_each(|node| add(kind, &node.entity, writer.node(node)));
    }
    let without: BTreeSet<&str> = without_object(network).into_iter().map(|entity| entity.address.as_str()).collect();
    all.retain(|object| !object["metadata"]["annotations"][ADDRESS].as_str().is_some_and(|at| without.contains(at)));
    all
}

fn object(kind: &Kind, entity: &Entity, namespace: &str, spec: Object) -> Value {
    let address = entity.address.as_str();
    let name = match steps(address) {
        Some(parts) => object_name(&parts.modules, parts.steps.last().map_or("", |step| step.name.as_str())),
        None => object_name(&[], address),
    };
    let mut metadata = json!({
        "name": name,
        "annotations": { ADDRESS: address },
        "labels": { MANAGED_BY: MANAGER },
    });
    if !namespace.is_empty() {
        metadata["namespace"] = namespace.into();
    }
    let spec = spec.maybe("owner", entity.owner.as_deref()).object("labels", labels(entity));
    json!({ "apiVersion": api_version(), "kind": kind.name, "metadata": metadata, "spec": Value::from(spec) })
}

fn labels(entity: &Entity) -> Map<String, Value> {
    entity.labels.iter().map(|(key, value)| (key.to_string(), Value::from(&**value))).collect()
}

/// Writes specifications.
#[derive(Clone, Copy)]
struct Writer<'n> {
    network: &'n Network,
}

impl Writer<'_> {
    fn tenant(self, tenant: TenantId) -> String {
        name(&self.network.tenants[tenant].entity)
    }

    fn node_name(self, node: NodeId) -> String {
        node_name(self.network, node)
    }

    fn node_names(self, nodes: &[NodeId]) -> Vec<Value> {
        nodes.iter().map(|node| self.node_name(*node).into()).collect()
    }

    fn interface(self, interface: Interface) -> Value {
        self.network.entity_of(interface).address.as_str().into()
    }

    fn interfaces(self, interfaces: &[Interface]) -> Vec<Value> {
        interfaces.iter().map(|interface| self.interface(*interface)).collect()
    }
}

/// The name of a node; of one in a module its address, since names are known inside of a module only.
pub fn node_name(network: &Network, node: NodeId) -> String {
    let entity = &network.nodes[node].entity;
    let address = entity.address.as_str();
    if address.starts_with("module.") { address.to_owned() } else { name(entity) }
}

/// The name of a thing, without quotes.
fn name(entity: &Entity) -> String {
    entity.address.last().1.trim_matches('"').to_owned()
}

/// A share as a percentage that reads back as the very same number: `33.3%`.
pub fn percent(share: Share) -> String {
    let text = format!("{}", share.0);
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let mut digits = part.to_owned();
    while digits.len() < 2 {
        digits.push('0');
    }
    let (up, rest) = digits.split_at(2);
    let whole = format!("{whole}{up}");
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    if rest.is_empty() { format!("{whole}%") } else { format!("{whole}.{rest}%") }
}

/// A number without floating point: whole, or a text.
fn decimal(number: f64) -> Value {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if number.fract() == 0.0 && number.abs() < EXACT { json!(number as i64) } else { number.to_string().into() }
}

/// Resources by name; memory and storage in bytes.
fn amounts(amounts: impl IntoIterator<Item = (Name, f64)>) -> Map<String, Value> {
    let text = |name: &str, amount: f64| match name {
        "memory" | "storage" if amount.fract() == 0.0 && (0.0..1e18).contains(&amount) => {
            Bytes(amount as u64).to_string()
        }
        _ => amount.to_string(),
    };
    amounts.into_iter().map(|(name, amount)| (name.to_string(), text(&name, amount).into())).collect()
}

/// Begins with what every entity below a node or RIC has.
fn entity_object(entity: &Entity) -> Object {
    let object = Object::default().put("name", name(entity));
    object.maybe("owner", entity.owner.as_deref()).object("labels", labels(entity))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentage_reads_back_as_the_same_share() {
        for (share, text) in [(0.6, "60%"), (0.333, "33.3%"), (1.0, "100%"), (0.0, "0%"), (0.07, "7%"), (0.005, "0.5%")]
        {
            assert_eq!(percent(Share(share)), text);
        }
        for share in [1.0 / 3.0, 0.1 + 0.2, 0.07, 1e-9] {
            let text = percent(Share(share));
            let back: f64 = format!("{}e-2", text.trim_end_matches('%')).parse().unwrap();
            assert_eq!(back.to_bits(), share.to_bits(), "{text}");
        }
    }
}
