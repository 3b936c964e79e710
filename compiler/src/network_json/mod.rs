//! A network as JSON for people and golden files: addresses instead of numbers, base units named in the keys,
//! what is absent or the default left out. Not an exchange format: nothing reads it back.

mod functions;
mod intents;
mod inventory;
mod policies;
mod rules;

#[cfg(test)]
mod tests;

use ranform_network::Network;
use ranform_network::ids::NodeId;
use ranform_network::json::Object;
use ranform_network::network::{Entity, Interface};
use serde_json::Value;

/// The network as JSON.
pub fn network_json(network: &Network) -> Value {
    let writer = Writer { network };
    let mut object = Object::default().put("language", network.language);
    object = writer.inventory(object);
    object = writer.intents(object);
    object = writer.functions(object);
    object = writer.policies(object);
    object = writer.rules(object);
    let populations = network.populations.iter().map(|(address, count)| (address.to_string(), Value::from(*count)));
    object.object("populations", populations.collect()).into()
}

/// Writes the parts of a network, its numbers as addresses.
#[derive(Clone, Copy)]
struct Writer<'n> {
    network: &'n Network,
}

impl Writer<'_> {
    fn node(self, node: NodeId) -> Value {
        text(&self.network.nodes[node].entity)
    }

    fn nodes(self, nodes: &[NodeId]) -> Vec<Value> {
        nodes.iter().map(|node| self.node(*node)).collect()
    }

    fn interfaces(self, interfaces: &[Interface]) -> Vec<Value> {
        interfaces.iter().map(|interface| text(self.network.entity_of(*interface))).collect()
    }
}

/// The address of an entity.
fn text(entity: &Entity) -> Value {
    Value::from(entity.address.as_str())
}

/// Begins with what every entity has.
fn entity_object(entity: &Entity) -> Object {
    let labels = entity.labels.iter().map(|(key, value)| (key.to_string(), Value::from(&**value))).collect();
    Object::default()
        .put("address", entity.address.as_str())
        .maybe("owner", entity.owner.as_deref())
        .object("labels", labels)
}

/// The word that serde gives a plain enum.
fn word(value: impl serde::Serialize) -> Value {
    serde_json::to_value(value).unwrap_or(Value::Null)
}
