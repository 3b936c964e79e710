//! Who must approve a plan: the owner of what changes, where another's line is the cause.
//!
//! A change follows its own line, and then the line's owner is the thing's, or it follows from an agreement through the
//! solver. In that case it is caused by the owner of the agreement, or by those who in this plan put something on the
//! agreement's interfaces or take something off.

use std::collections::{BTreeMap, BTreeSet};

use ranform_network::Network;
use ranform_network::address::Address;
use ranform_network::bundle::Crossing;
use ranform_network::deployment::{Action, Cause, Change};

/// The crossings of a plan, by owner and cause.
pub fn crossings(network: &Network, changes: &[Change]) -> Vec<Crossing> {
    let mut crossings: BTreeMap<(&str, &Address, Option<String>), Crossing> = BTreeMap::new();
    let mut causers: BTreeMap<&Address, BTreeSet<Option<String>>> = BTreeMap::new();
    for change in changes {
        let (Cause::Consequence { of }, Some(owner)) = (&change.cause, change.owner.as_deref()) else { continue };
        let causers = causers.entry(of).or_insert_with(|| causers_of(network, of, changes));
        for causer in causers.iter().filter(|causer| causer.as_deref() != Some(owner)) {
            let crossing = crossings.entry((owner, of, causer.clone())).or_insert_with(|| Crossing {
                owner: owner.to_owned(),
                changes: 0,
                first: change.address.clone(),
                because_of: of.clone(),
                of: causer.clone(),
            });
            crossing.changes += 1;
        }
    }
    crossings.into_values().collect()
}

/// Whose lines cause what follows from an agreement.
fn causers_of(network: &Network, agreement: &Address, changes: &[Change]) -> BTreeSet<Option<String>> {
    let Some((_, sla)) = network.slas.iter().find(|(_, sla)| sla.entity.address == *agreement) else {
        return BTreeSet::from([None]);
    };
    let over: BTreeSet<&Address> = sla.interfaces.iter().map(|at| &network.entity_of(*at).address).collect();
    let joins = |change: &&Change| {
        change.action != Action::Update && change.address.parent().is_some_and(|parent| over.contains(&parent))
    };
    let joining: BTreeSet<Option<String>> = changes.iter().filter(joins).map(|change| change.owner.clone()).collect();
    match joining.is_empty() {
        true => BTreeSet::from([sla.entity.owner.as_ref().map(ToString::to_string)]),
        false => joining,
    }
}

/// A crossing in words.
pub fn words(crossing: &Crossing) -> String {
    let Crossing { changes, first, because_of, of, .. } = crossing;
    let whose = of.as_ref().map_or_else(|| "which nobody owns".to_owned(), |of| format!("of `{of}`"));
    let (things, verb) = if *changes == 1 { ("thing", "changes") } else { ("things", "change") };
    format!("{changes} of its {things} {verb} because of `{because_of}` {whose}, first `{first}`")
}
