//! What is there when a plan is made, under today's names: as observed where that is current, else as recorded.

use std::collections::{BTreeMap, BTreeSet};

use ranform_network::Network;
use ranform_network::address::Address;
use ranform_network::deployment::{Change, Recorded};

use crate::drivers::{Difference, sign};
use crate::guard;
use crate::outside;
use crate::pipeline::Inputs;
use crate::reach::Reach;
use crate::state::StateRecord;

/// What is there.
#[derive(Clone, Debug, Default)]
pub struct Present {
    /// What the plan is compared with.
    pub recorded: BTreeMap<Address, Recorded>,
    /// What state holds of it: what is ours.
    pub records: BTreeMap<Address, StateRecord>,
    /// What others changed of it.
    pub outside: Vec<Difference>,
    /// Nodes that are another device than when they were applied.
    pub elsewhere: BTreeSet<Address>,
}

impl Present {
    /// What a plan of `network` finds.
    pub fn new(network: &Network, inputs: &Inputs<'_>) -> Self {
        let recorded = match inputs.snapshot {
            Some(snapshot) => snapshot.resources.clone(),
            None => inputs.memory.recorded(),
        };
        let recorded = guard::after_moves(network, recorded, |recorded| recorded);
        let records = guard::after_moves(network, inputs.memory.records.clone(), |record| &mut record.recorded);
        let mut outside = outside::differences(&records, inputs.snapshot.map(|_| &recorded));
        if let Some(snapshot) = inputs.snapshot {
            let set_by = snapshot.set_by.iter().map(|(address, by)| (guard::renamed(network, address), by.clone()));
            sign(&mut outside, &set_by.collect());
        }
        // Another device holds something else: nobody changed it.
        let elsewhere = Reach::new(network, &inputs.memory.devices).elsewhere();
        outside.retain(|found| {
            records.get(&found.address).is_none_or(|record| !elsewhere.contains(&record.recorded.device))
        });
        Self { recorded, records, outside, elsewhere }
    }

    /// Addresses of which others changed anything.
    pub fn drifted(&self) -> BTreeSet<Address> {
        self.outside.iter().map(|found| found.address.clone()).collect()
    }

    /// Marks the leaves that the devices hold already though no plan of ours put them there.
    pub fn mark_taken_over(&self, changes: &mut [Change]) {
        for change in changes {
            let (Some(before), Some(after)) = (&change.before, &change.after) else { continue };
            let ours = self.records.get(&change.address).map(|record| record.ours().leaves()).unwrap_or_default();
            let wanted = after.leaves();
            let theirs =
                before.leaves().into_keys().filter(|leaf| wanted.contains_key(leaf) && !ours.contains_key(leaf));
            change.taken_over = theirs.collect();
        }
    }
}
