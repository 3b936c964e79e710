//! Whether a plan's own rollout can finish: what starts has room beside what is removed last, and a new version beside the
//! old one where it starts first.

use std::collections::BTreeMap;

use ranform_network::address::Address;
use ranform_network::deployment::{
    Action, Amounts, Change, Deployment, Resource, UpdateStrategy, add_amounts, beside_old, cluster_node, is_made_anew,
    moves, node_of, pods_of,
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

/// Whether pods are made anew in the place of the old ones by a change, and how: what stands in their template, and what they
/// are told when they start. Where its [namespace](is_moved) is another nothing takes the place of anything.
pub fn replaced(change: &Change) -> Option<UpdateStrategy> {
    let (before, after) = (change.before.as_ref()?, change.after.as_ref()?);
    let place = after.cluster()?;
    before.cluster()?;
    // What is told while it runs may be of another class of priority, which pods have from their start.
    let anew = is_made_anew(before, after) || priority(before) != priority(after);
    (anew && !is_moved(change)).then_some(place.update)
}

/// Whether a change makes all objects of an instance anew in another namespace; those of before are removed last.
pub fn is_moved(change: &Change) -> bool {
    change.before.as_ref().is_some_and(|before| change.after.as_ref().is_some_and(|after| moves(before, after)))
}

/// What is there of a change at once at most while it is carried out; of the rest what is there after it.
pub fn at_once(change: &Change) -> Amounts {
    let all = |side: &Option<Resource>| side.as_ref().map(|one| pods_of(one, one.replicas())).unwrap_or_default();
    match (&change.before, &change.after, replaced(change)) {
        (Some(before), Some(after), Some(UpdateStrategy::Surge)) => beside_old(before, after),
        _ => {
            let mut sum = all(&change.after);
            if change.after.is_none() || is_moved(change) {
                add_amounts(&mut sum, &all(&change.before));
            }
            sum
        }
    }
}

fn too_little(node: &Node, deployment: &Deployment, changes: &[Change]) -> Option<Diagnostic> {
    let device = &node.entity.address;
    let here: BTreeMap<&Address, &Change> =
        changes.iter().filter(|change| change.device == *device).map(|change| (&change.address, change)).collect();
    if here.values().all(|change| change.action == Action::Delete) {
        return None;
    }
    let mut while_it_runs = Amounts::new();
    for (address, placed) in deployment.placed.iter().filter(|(_, placed)| placed.device == *device) {
        if !here.contains_key(address) {
            add_amounts(&mut while_it_runs, &pods_of(&placed.resource, placed.resource.replicas()));
        }
    }
    here.values().for_each(|change| add_amounts(&mut while_it_runs, &at_once(change)));
    let most: BTreeMap<&str, f64> = node.capacity.iter().map(|(name, amount)| (&**name, amount.value)).collect();
    let lacks = |(name, needed): (&String, &f64)| {
        let most = most.get(name.as_str())?;
        (*needed > most * (1.0 + 1e-9))
            .then(|| format!("{} of {}", words::amount(name, *needed), words::amount(name, *most)))
    };
    let lacking: Vec<String> = while_it_runs.iter().filter_map(lacks).collect();
    let last = here.values().find(|change| change.action == Action::Delete || is_moved(change));
    let beside = here.values().find(|change| replaced(change) == Some(UpdateStrategy::Surge));
    let (what, first) = match (last, beside) {
        _ if lacking.is_empty() => return None,
        (Some(last), _) => ("what starts beside what is removed last", &last.address),
        (None, Some(beside)) => ("a new version beside the old one", &beside.address),
        (None, None) => return None,
    };
    let message = format!("`{device}` has no room for {what}: that takes {}", lacking.join(", "));
    let help = match last {
        Some(last) if last.action == Action::Delete => format!(
            "take out what goes before something else comes (`ranform plan -target={first}`), or give the node more `capacity`"
        ),
        _ => format!("give the node more `capacity`, or leave it out for now (`ranform plan -exclude={first}`)"),
    };
    let span = node.entity.span;
    if cluster_node(device, node.management.as_ref()).is_some() {
        return Some(Diagnostic::error(&codes::ROLLOUT_CANNOT_FINISH, span, message).help(help));
    }
    let other = "a tool that removes only when all else is healthy (Argo CD with `PruneLast=true`) waits without end";
    let finding = Diagnostic::warning(&codes::ROLLOUT_CANNOT_FINISH, span, message).help(help);
    Some(if last.is_some() { finding.help(other) } else { finding })
}
