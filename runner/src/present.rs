//! What is there when a plan is made, under today's names: as observed where that is current, else as recorded.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use ranform_network::Network;
use ranform_network::address::Address;
use ranform_network::deployment::{Change, Recorded};

use crate::drivers::{Difference, sign};
use crate::forgets;
use crate::moves;
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
        let mut recorded = moves::after(network, recorded, |recorded| recorded);
        forgets::let_stay(network, inputs.memory, &mut recorded);
        let records = moves::after(network, inputs.memory.records.clone(), |record| &mut record.recorded);
        let mut outside = outside::differences(&records, inputs.snapshot.map(|_| &recorded));
        if let Some(snapshot) = inputs.snapshot {
            let now = |address: &Address| moves::now(network, inputs.memory, address);
            let set_by = snapshot.set_by.iter().map(|(address, by)| (now(address), by.clone()));
            sign(&mut outside, &set_by.collect());
        }
        // Another device holds something else: nobody changed it.
        let elsewhere = Reach::new(network, &inputs.memory.devices).elsewhere();
        outside.retain(|found| {
            records.get(&found.address).is_none_or(|record| !elsewhere.contains(&record.recorded.device))
        });
        Self { recorded, records, outside, elsewhere }
    }

    /// What ids, names and places are kept by: of software what state holds, whatever others made of it.
    pub fn held(&self) -> Cow<'_, BTreeMap<Address, Recorded>> {
        let differs = |(address, record): &(&Address, &StateRecord)| {
            record.recorded.resource.cluster().is_some() && self.recorded.get(*address) != Some(&record.recorded)
        };
        let mut differing = self.records.iter().filter(differs).peekable();
        if differing.peek().is_none() {
            return Cow::Borrowed(&self.recorded);
        }
        let mut held = self.recorded.clone();
        held.extend(differing.map(|(address, record)| (address.clone(), record.recorded.clone())));
        Cow::Owned(held)
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
