//! Whether a plan's own rollout can finish: what starts has room beside what is removed last, and a new version beside the
//! old one where it starts first.

use std::collections::BTreeMap;

use ranform_network::address::Address;
use ranform_network::deployment::{
    Action, Amounts, Change, Deployment, Resource, UpdateStrategy, cluster_node, is_told_live, node_of,
};
use ranform_network::diagnostic::codes;
use ranform_network::network::Node;
use ranform_network::{Diagnostic, Network};
use ranform_targets::kubernetes::priority;

use super::words;

/// Each node of a cluster that has too little room while the plan is carried out. Where a folder plays it, another tool
/// carries the plan out, in an order of its own: that is a warning.
pub fn findings(network: &Network, deployment: &Deployment, changes: &[Change]) -> Vec<Diagnostic> {
    let of_clusters = network.nodes.iter().map(|(_, node)| node);
    let of_clusters = of_clusters.filter(|node| node_of(node).is_some());
    of_clusters.filter_map(|node| too_little(node, deployment, changes)).collect()
}

/// Whether pods are made anew by a change, and how: what stands in their template, and what they are told when they start.
pub fn replaced(change: &Change) -> Option<UpdateStrategy> {
    let (before, after) = (change.before.as_ref()?, change.after.as_ref()?);
    let place = after.cluster()?;
    before.cluster()?;
    let leaves = change.leaves();
    let in_template = |path: &str| {
        let leaf = path.split_once('.').map_or(path, |(_, leaf)| leaf);
        ["cluster.node", "cluster.tolerations"].contains(&leaf) || !(leaf.starts_with("cluster.") || is_told_live(leaf))
    };
    // What is told while it runs may be of another class of priority, which pods have from their start.
    let reclassed = priority(before) != priority(after);
    (reclassed || leaves.iter().any(|(path, _, _)| in_template(path))).then_some(place.update)
}

fn too_little(node: &Node, deployment: &Deployment, changes: &[Change]) -> Option<Diagnostic> {
    let device = &node.entity.address;
    let (mut while_it_runs, mut last) = (Amounts::new(), Vec::new());
    for placed in deployment.placed.values().filter(|placed| placed.device == *device) {
        add(&mut while_it_runs, &placed.resource, placed.resource.replicas());
    }
    for change in changes.iter().filter(|change| change.device == *device) {
        let Some(before) = &change.before else { continue };
        match (change.action, replaced(change)) {
            (Action::Delete, _) => {
                last.push(change.address.clone());
                add(&mut while_it_runs, before, before.replicas());
            }
            // Of what is made anew no more than one pod above their number is there at once.
            (_, Some(UpdateStrategy::Surge)) => add(&mut while_it_runs, before, 1),
            _ => {}
        }
    }
    if !changes.iter().any(|change| change.device == *device && change.action != Action::Delete) {
        return None;
    }
    let most: BTreeMap<&str, f64> = node.capacity.iter().map(|(name, amount)| (&**name, amount.value)).collect();
    let lacks = |(name, needed): (&String, &f64)| {
        let most = most.get(name.as_str())?;
        (*needed > most * (1.0 + 1e-9))
            .then(|| format!("{} of {}", words::amount(name, *needed), words::amount(name, *most)))
    };
    let lacking: Vec<String> = while_it_runs.iter().filter_map(lacks).collect();
    if lacking.is_empty() || last.is_empty() {
        return None;
    }
    let message = format!(
        "`{device}` has no room for what starts beside what is removed last: that takes {}",
        lacking.join(", ")
    );
    let first: Vec<String> = last.iter().map(Address::to_string).collect();
    let help = format!(
        "take out what goes before something else comes (`ranform plan -target={}`), or give the node more `capacity`",
        first[0]
    );
    let span = node.entity.span;
    if cluster_node(device, node.management.as_ref()).is_some() {
        return Some(Diagnostic::error(&codes::ROLLOUT_CANNOT_FINISH, span, message).help(help));
    }
    let other = "a tool that removes only when all else is healthy (Argo CD with `PruneLast=true`) waits without end";
    Some(Diagnostic::warning(&codes::ROLLOUT_CANNOT_FINISH, span, message).help(help).help(other))
}

fn add(sums: &mut Amounts, resource: &Resource, pods: u32) {
    for (name, amount) in resource.demand().into_iter().flatten() {
        *sums.entry(name.clone()).or_insert(0.0) += amount * f64::from(pods);
    }
}
