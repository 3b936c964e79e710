//! Who must approve a plan: the owner of what changes, where another's line is the cause.
//!
//! A change follows its own line, and then the line's owner is the thing's, or it follows from an agreement through the
//! solver. In that case it is caused by the owner of the agreement, or by those who in this plan put something on the
//! agreement's interfaces or take something off. Who owns a field approves whenever a thing that is there gets another
//! value of it by a line that is not the owner's.

use std::collections::{BTreeMap, BTreeSet};

use ranform_network::Network;
use ranform_network::address::Address;
use ranform_network::bundle::Crossing;
use ranform_network::deployment::{Action, Cause, Change, attributes_at};

/// What makes a crossing one: whose thing or field it is, the agreement it follows from, and whose line that is.
type Key<'a> = (&'a str, Option<&'a str>, Option<&'a Address>, Option<String>);

/// The crossings of a plan, by owner, field and cause.
pub fn crossings(network: &Network, changes: &[Change]) -> Vec<Crossing> {
    let mut crossings: BTreeMap<Key<'_>, Crossing> = BTreeMap::new();
    let mut causers: BTreeMap<&Address, BTreeSet<Option<String>>> = BTreeMap::new();
    for change in changes {
        let (because_of, causers) = match &change.cause {
            Cause::Consequence { of } => {
                (Some(of), causers.entry(of).or_insert_with(|| causers_of(network, of, changes)).clone())
            }
            Cause::Intent { .. } => (None, BTreeSet::from([change.owner.clone()])),
            // The network moved, or ours is put back: nobody's line crosses anything.
            Cause::Observation | Cause::Drift => continue,
        };
        let things = change.owner.as_deref().map(|owner| (owner, None));
        for (owner, field) in things.into_iter().chain(owned_fields(network, change)) {
            for causer in causers.iter().filter(|causer| causer.as_deref() != Some(owner)) {
                let crossing = crossings.entry((owner, field, because_of, causer.clone()));
                let crossing = crossing.or_insert_with(|| Crossing {
                    owner: owner.to_owned(),
                    changes: 0,
                    first: change.address.clone(),
                    because_of: because_of.unwrap_or(&change.address).clone(),
                    of: causer.clone(),
                    field: field.map(str::to_owned),
                });
                crossing.changes += 1;
            }
        }
    }
    crossings.into_values().collect()
}

/// The fields that a change gives another value, with the teams that own them.
fn owned_fields<'a>(network: &'a Network, change: &Change) -> BTreeSet<(&'a str, Option<&'a str>)> {
    let fields = network.owners.iter().flat_map(|owner| {
        let fields = owner.owns.iter().filter_map(|owned| owned.value.strip_prefix("field "));
        fields.map(|field| (&*owner.name, field))
    });
    let mut fields = fields.peekable();
    if change.action != Action::Update || fields.peek().is_none() {
        return BTreeSet::new();
    }
    let leaves = change.leaves();
    let changed =
        |field: &str| leaves.iter().any(|(leaf, _, _)| attributes_at(&change.address, leaf).any(|one| one == field));
    fields.filter(|(_, field)| changed(field)).map(|(owner, field)| (owner, Some(field))).collect()
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
    let Crossing { changes, first, because_of, of, field, .. } = crossing;
    let whose = of.as_ref().map_or_else(|| "which nobody owns".to_owned(), |of| format!("of `{of}`"));
    let (things, verb) = if *changes == 1 { ("thing", "changes") } else { ("things", "change") };
    if let Some(field) = field {
        let times = if *changes == 1 { String::new() } else { format!(" on {changes} things") };
        let why = match because_of == first {
            true => {
                of.as_ref().map_or_else(|| "by a line that nobody owns".to_owned(), |of| format!("by a line of `{of}`"))
            }
            false => format!("because of `{because_of}` {whose}"),
        };
        return format!("its field `{field}` changes{times} {why}, first `{first}`");
    }
    format!("{changes} of its {things} {verb} because of `{because_of}` {whose}, first `{first}`")
}
