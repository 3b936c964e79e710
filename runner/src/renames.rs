//! A deletion and a creation that are equal but for the name: probably a rename, so the `moved` line to write is told.

use std::collections::{BTreeMap, BTreeSet};

use ranform_network::Network;
use ranform_network::address::Address;
use ranform_network::deployment::{Action, Change, Resource};
use ranform_network::diagnostic::{Diagnostic, codes};

/// One warning per rename that was probably meant.
pub fn looks_renamed(network: &Network, changes: &[Change]) -> Vec<Diagnostic> {
    let (gone, come) = (trees(changes, Action::Delete), trees(changes, Action::Create));
    let mut moves: BTreeMap<(Address, Address), usize> = BTreeMap::new();
    let mut taken = BTreeSet::new();
    for (old, old_tree) in &gone {
        let alike = |(new, new_tree): &(&Address, &Tree)| {
            old.parent() == new.parent()
                && old.last().0 == new.last().0
                && *new_tree == old_tree
                && !taken.contains(*new)
        };
        let Some((new, _)) = come.iter().find(alike) else { continue };
        taken.insert(new.clone());
        *moves.entry(line(network, old, new)).or_default() += 1;
    }
    moves.into_iter().map(|((old, new), count)| warning(network, &old, &new, count)).collect()
}

/// What stands at and below an address: relative address and what is there, without what follows from the name.
type Tree = BTreeMap<String, Resource>;

/// The things that an action concerns, by the topmost address of each.
fn trees(changes: &[Change], action: Action) -> BTreeMap<Address, Tree> {
    // An instance of software that goes and comes is a decision of the optimizer, not a name of the intents.
    let named = |change: &&Change| {
        let resource = change.after.as_ref().or(change.before.as_ref());
        !matches!(resource, Some(Resource::RicInstance(_) | Resource::ModelInstance(_)))
    };
    let concerned: BTreeMap<&Address, &Change> = changes
        .iter()
        .filter(|change| change.action == action)
        .filter(named)
        .map(|change| (&change.address, change))
        .collect();
    let mut trees: BTreeMap<Address, Tree> = BTreeMap::new();
    for (address, change) in &concerned {
        let above = std::iter::successors(address.parent(), Address::parent);
        let top = above.filter(|above| concerned.contains_key(above)).last().unwrap_or_else(|| (*address).clone());
        let Some(resource) = change.after.as_ref().or(change.before.as_ref()) else { continue };
        let below = address.as_str()[top.as_str().len()..].to_owned();
        trees.entry(top).or_default().insert(below, nameless(resource));
    }
    trees
}

/// A resource without what follows from its name or from the order of coming.
fn nameless(resource: &Resource) -> Resource {
    let mut resource = resource.clone();
    match &mut resource {
        Resource::CellTenant(tenant) => tenant.order = 0,
        Resource::PortVlan(vlan) => vlan.description.clear(),
        _ => {}
    }
    resource
}

/// The `moved` line: a tenant is moved once, not on each interface.
fn line(network: &Network, old: &Address, new: &Address) -> (Address, Address) {
    let declared = network.tenants.iter().any(|(_, tenant)| tenant.entity.address.last() == new.last());
    if new.last().0 == "tenant" && declared {
        let top = |address: &Address| Address::from_text(format!("tenant.{}", address.last().1));
        return (top(old), top(new));
    }
    (old.clone(), new.clone())
}

fn warning(network: &Network, old: &Address, new: &Address, count: usize) -> Diagnostic {
    let times = if count > 1 { format!(" in {count} places") } else { String::new() };
    let message = format!("`{old}` is deleted and `{new}` created{times}, and they are equal but for the name");
    let nodes = network.nodes.iter().map(|(_, node)| &node.entity);
    let cells = network.cells.iter().map(|(_, cell)| &cell.entity);
    let radios = network.radios.iter().map(|(_, radio)| &radio.entity);
    let tenants = network.tenants.iter().map(|(_, tenant)| &tenant.entity);
    let entity = nodes.chain(cells).chain(radios).chain(tenants).find(|entity| entity.address == *new);
    let diagnostic = match entity {
        Some(entity) => Diagnostic::warning(&codes::LOOKS_RENAMED, entity.span, message),
        None => Diagnostic::warning_nowhere(&codes::LOOKS_RENAMED, message),
    };
    diagnostic.help(format!("to rename it without touching the network write `moved {old} -> {new}`"))
}
