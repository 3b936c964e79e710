//! Numbers and names of placed software as people say them.

use ranform_network::Network;
use ranform_network::deployment::is_huge_pages;
use ranform_network::ids::NodeId;
use ranform_network::units::{Bytes, decimal};

/// An amount of a resource: bytes in their largest whole unit, anything else as a number, e.g. `2 cpu`.
pub fn amount(resource: &str, value: f64) -> String {
    let of_bytes = matches!(resource, "memory" | "storage") || is_huge_pages(resource);
    match value {
        // The cast saturates.
        _ if of_bytes && value.fract() == 0.0 && value >= 0.0 => format!("{} {resource}", Bytes(value as u64)),
        _ => format!("{} {resource}", decimal(value, 3)),
    }
}

/// The address of a node.
pub fn node(network: &Network, node: NodeId) -> String {
    network.nodes[node].entity.address.to_string()
}

pub use ranform_network::units::count;

/// The first few of many, and how many more there are.
pub fn some(items: &[String], shown: usize) -> String {
    let mut text = items.iter().take(shown).map(|item| format!("`{item}`")).collect::<Vec<_>>().join(", ");
    if items.len() > shown {
        text.push_str(&format!(" and {} more", items.len() - shown));
    }
    text
}
