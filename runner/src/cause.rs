//! Why an address changes: an intent line, the observation, drift, or a consequence of one.

use std::collections::BTreeMap;

use ranform_network::Network;
use ranform_network::address::Address;
use ranform_network::deployment::{Action, Cause, Deployment, Recorded};
use ranform_network::source::Sources;

use crate::display::diagnostics::Lines;
use crate::outside;
use crate::present::Present;

/// What the last apply knew, to tell what is new.
#[derive(Clone, Debug)]
pub struct Causes<'p> {
    /// Whether the observation differs from the one last planned with.
    pub observation_changed: bool,
    /// Addresses where a snapshot of the devices differs from recorded state.
    pub drifted: std::collections::BTreeSet<Address>,
    /// What was there.
    pub before: &'p BTreeMap<Address, Recorded>,
}

impl<'p> Causes<'p> {
    /// What state knows, against what is there now and the digest of today's observation.
    pub fn new(present: &'p Present, observation: &str) -> Self {
        Self {
            observation_changed: present.records.values().any(|record| record.observation != observation),
            drifted: present.drifted(),
            before: &present.recorded,
        }
    }

    /// The cause of each change of `deployment`.
    pub fn over<'a>(
        &'a self,
        network: &'a Network,
        sources: &'a Sources,
        deployment: &'a Deployment,
    ) -> impl FnMut(&Address, Action) -> Cause + 'a {
        let agreed = agreements(network);
        let lines = Lines::new(sources);
        move |address, action| {
            if self.drifted.contains(address) {
                return Cause::Drift;
            }
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
