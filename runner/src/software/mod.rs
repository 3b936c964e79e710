//! Where software runs: near-RT RICs are placed, then models are chosen for requests on what is left, each answer
//! verified by code that does not use a solver. Called by the pipeline after slicing.
//!
//! [`place`] RICs, in address order; [`models`] after them; [`previous`] what is in force, from recorded state;
//! [`impossible`] why a RIC fits nowhere; [`rejected`] why a request is not served; [`notes`] what is decided but not
//! deployed; [`report`] what a plan shows of it all; [`storage`] what becomes of what is stored, and
//! [`rollout`] whether the change itself has room; [`why`] answers `explain`.

pub mod causes;
pub mod guarded;
pub mod impossible;
pub mod models;
pub mod notes;
pub mod place;
pub mod previous;
pub mod reach;
pub mod rejected;
pub mod replacement;
pub mod report;
pub mod rollout;
pub mod storage;
pub mod why;
pub mod words;

use std::collections::{BTreeMap, BTreeSet};

use ranform_network::address::Address;
use ranform_network::answers::{Decisions, RicPlacement, SliceShares};
use ranform_network::deployment::Recorded;
use ranform_network::diagnostic::has_errors;
use ranform_network::ids::{NodeId, RicId};
use ranform_network::{Certificate, Control, Diagnostic, Network};
use ranform_optimizers::placement::Taken;

pub use models::ServedModels;
pub use place::PlacedRic;
pub use previous::Previous;

/// What was solved and found; kept whole, so that `explain` can ask further.
#[derive(Default)]
pub struct Software {
    /// The RICs that could be placed, in address order.
    pub rics: Vec<PlacedRic>,
    /// The requests, where there are any and every RIC has its place.
    pub models: Option<ServedModels>,
    /// What is in force.
    pub previous: Previous,
    /// Compute nodes that are left as they are.
    pub held: BTreeSet<NodeId>,
    /// What was found.
    pub findings: Vec<Diagnostic>,
}

impl Software {
    /// The certificates of all answers, RICs first.
    pub fn certificates(&self) -> impl Iterator<Item = &Certificate> {
        self.rics.iter().map(|ric| &ric.certificate).chain(self.models.iter().map(|models| &models.solved.certificate))
    }

    /// What all RICs but this one take of the compute nodes.
    pub fn taken_by_others(&self, network: &Network, ric: RicId) -> Taken {
        let mut placement = self.placement();
        placement.assignments.retain(|one| one.ric != ric);
        placement.standby.retain(|one| one.ric != ric);
        Taken::of(network, &placement)
    }

    /// The places of all RICs together.
    pub fn placement(&self) -> RicPlacement {
        RicPlacement {
            assignments: self.rics.iter().flat_map(|ric| ric.assignments.iter().cloned()).collect(),
            standby: self.rics.iter().flat_map(|ric| ric.standby.iter().cloned()).collect(),
        }
    }

    /// The decisions, beside the shares.
    pub fn decisions(&self, shares: SliceShares) -> Decisions {
        let mut decisions = Decisions { shares, placement: self.placement(), ..Decisions::default() };
        for ric in &self.rics {
            decisions.loops.extend(ric.loops());
        }
        if let Some(models) = &self.models {
            decisions.models = models.solved.mapping.clone();
        }
        decisions
    }
}

/// Places all RICs, then serves requests. `recorded` is what is there under today's names, `held` the nodes on which it
/// stays as it is.
pub fn solve(
    network: &Network,
    recorded: &BTreeMap<Address, Recorded>,
    held: BTreeSet<NodeId>,
    control: &dyn Control,
) -> Software {
    if network.rics.is_empty() && network.requests.is_empty() {
        return Software::default();
    }
    let mut software = Software { previous: previous::read(network, recorded), held, ..Software::default() };
    place::all(network, &mut software, control);
    if !has_errors(&software.findings) && !network.requests.is_empty() {
        match models::serve(network, &software, control) {
            Ok((models, findings)) => {
                software.models = Some(models);
                software.findings.extend(findings);
            }
            Err(finding) => software.findings.push(*finding),
        }
    }
    software
}
