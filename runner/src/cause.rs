//! Why an address changes: an intent line, the observation, drift, or a consequence of one.

use std::collections::BTreeMap;

use ranform_network::Network;
use ranform_network::address::Address;
use ranform_network::deployment::{Action, Cause, Change, Deployment, Recorded};
use ranform_network::source::Sources;

use crate::display::diagnostics::Lines;
use crate::drivers::Difference;
use crate::outside::{self, Rules, Verdict};
use crate::present::Present;

/// What the last apply knew, to tell what is new.
#[derive(Clone, Debug)]
pub struct Causes<'p> {
    /// Whether the observation differs from the one last planned with.
    pub observation_changed: bool,
    /// What was there.
    pub before: &'p BTreeMap<Address, Recorded>,
}

impl<'p> Causes<'p> {
    /// What state knows, against what is there now and the digest of today's observation.
    pub fn new(present: &'p Present, observation: &str) -> Self {
        Self {
            observation_changed: present.records.values().any(|record| record.observation != observation),
            before: &present.recorded,
        }
    }

    /// The cause of each change of `deployment`, drift aside: that is [`mark_outside`]'s.
    pub fn over<'a>(
        &'a self,
        network: &'a Network,
        sources: &'a Sources,
        deployment: &'a Deployment,
    ) -> impl FnMut(&Address, Action) -> Cause + 'a {
        let agreed = agreements(network);
        let lines = Lines::new(sources);
        move |address, action| {
            let Some(placed) = deployment.placed.get(address) else { return Cause::Intent { at: String::new() } };
            let at =
                match (sources.get(placed.span.source), lines.position(placed.span.source, placed.span.start as usize))
                {
                    (Some(source), Some((line, _))) => format!("{}:{line}", source.path),
                    _ => String::new(),
                };
            let before = self.before.get(address);
            let shares_differ = before.is_none_or(|before| outside::shares_differ(&before.resource, &placed.resource));
            let agreement =
                address.parent().and_then(|interface| agreed.get(&interface).cloned()).filter(|_| shares_differ);
            match (action, agreement) {
                (Action::Update, Some(_)) if self.observation_changed => Cause::Observation,
                // A share follows from the agreement over its interface, not from the line of its service.
                (Action::Update, Some(sla)) => Cause::Consequence { of: sla },
                _ => Cause::Intent { at },
            }
        }
    }
}

/// Marks the changes of what others changed: which of them only put ours back, and which take fields from other managers.
pub fn mark_outside(changes: &mut [Change], outside: &[Difference], rules: &Rules<'_>) {
    let mut found: BTreeMap<&Address, Vec<&Difference>> = BTreeMap::new();
    for difference in outside {
        found.entry(&difference.address).or_default().push(difference);
    }
    for change in changes {
        change.forced = is_forced(change, rules);
        let Some(found) = found.get(&change.address) else { continue };
        change.altered = true;
        if puts_back(change, found, rules) {
            change.cause = Cause::Drift;
        }
    }
}

/// Whether a line says `restore` of anything that a change of software gives a value. Elsewhere nobody holds fields.
fn is_forced(change: &Change, rules: &Rules<'_>) -> bool {
    let is_software = [&change.before, &change.after].into_iter().flatten().any(|side| side.cluster().is_some());
    let restores = |leaf: &str| rules.verdict(&change.address, leaf) == Verdict::Restore;
    is_software && !rules.is_empty() && (restores("") || change.leaves().iter().any(|(leaf, _, _)| restores(leaf)))
}

/// Whether all that a change does is to give back values that were applied. What the intents say otherwise by now, or no
/// longer say, is theirs.
fn puts_back(change: &Change, found: &[&Difference], rules: &Rules<'_>) -> bool {
    let stays = |leaf: &str| matches!(rules.verdict(&change.address, leaf), Verdict::Accept | Verdict::Ignore(_));
    let was_applied = |(leaf, _, after): &(String, _, Option<serde_json::Value>)| {
        let is_ours = |one: &&&Difference| one.leaf == *leaf && one.expected == *after && !stays(leaf);
        found.iter().any(|one| is_ours(&one))
    };
    match change.action {
        Action::Delete => false,
        Action::Create => found.iter().any(|one| one.leaf.is_empty()),
        Action::Update => change.leaves().iter().all(was_applied),
    }
}

/// The SLA over each interface; the first in address order where several overlap.
fn agreements(network: &Network) -> BTreeMap<Address, Address> {
    let mut agreed = BTreeMap::new();
    for (_, sla) in network.slas.iter() {
        for interface in &sla.interfaces {
            let at = network.entity_of(*interface).address.clone();
            agreed.entry(at).or_insert_with(|| sla.entity.address.clone());
        }
    }
    agreed
}

/// The digest of the text that an address comes from.
pub fn block_digest(sources: &Sources, span: ranform_network::Span) -> String {
    ranform_network::bundle::sha256(sources.text(span).as_bytes())
}
