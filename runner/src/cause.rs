//! Why an address changes: an intent line, the observation, drift, or a consequence of one.

use std::collections::BTreeMap;

use ranform_network::address::Address;
use ranform_network::deployment::{Action, Cause, Deployment};
use ranform_network::source::Sources;

use crate::display::diagnostics::Lines;

/// What the last apply knew, to tell what is new.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Causes {
    /// The digest of the intent line that each address came from, as recorded.
    pub blocks: BTreeMap<Address, String>,
    /// Whether the observation differs from the one last planned with.
    pub observation_changed: bool,
    /// Addresses where a snapshot of the devices differs from recorded state.
    pub drifted: std::collections::BTreeSet<Address>,
}

impl Causes {
    /// The cause of each change of `deployment`.
    pub fn over<'a>(
        &'a self,
        sources: &'a Sources,
        deployment: &'a Deployment,
    ) -> impl FnMut(&Address, Action) -> Cause + 'a {
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
            let known = self.blocks.get(address);
            let block = block_digest(sources, placed.span);
            match action {
                Action::Update if known == Some(&block) && self.observation_changed => Cause::Observation,
                // The line itself did not change, so what it stands on did: an SLA, a tenant, a parent.
                Action::Update if known == Some(&block) => {
                    Cause::Consequence { of: address.parent().unwrap_or_else(|| address.clone()) }
                }
                _ => Cause::Intent { at },
            }
        }
    }
}

/// The digest of the text that an address comes from.
pub fn block_digest(sources: &Sources, span: ranform_network::Span) -> String {
    ranform_network::bundle::sha256(sources.text(span).as_bytes())
}
