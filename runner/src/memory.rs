//! What state holds, as a value: what a plan reads of it, and what applying a bundle makes of it.

use std::collections::{BTreeMap, BTreeSet};

use ranform_network::address::Address;
use ranform_network::bundle::Bundle;
use ranform_network::deployment::{Device, Recorded};

use crate::state::{StateRecord, rows};

/// Everything that the last apply left behind; empty before the first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Memory {
    /// Counts the changes of state; 0 before the first.
    pub serial: u64,
    /// Its rows, by address.
    pub records: BTreeMap<Address, StateRecord>,
    /// The devices that hold anything recorded, by address of their node.
    pub devices: BTreeMap<Address, Device>,
    /// How many things each table and selection yielded, by address.
    pub populations: BTreeMap<Address, u64>,
}

impl Memory {
    /// What is recorded of each address, as [`ranform_network::deployment::diff`] takes it.
    pub fn recorded(&self) -> BTreeMap<Address, Recorded> {
        let there = self.records.iter().filter(|(_, record)| !record.is_absent());
        there.map(|(address, record)| (address.clone(), record.recorded.clone())).collect()
    }

    /// What is held after `bundle` is applied, as the state file would hold it.
    pub fn after(&self, bundle: &Bundle) -> Self {
        let mut records = self.records.clone();
        for (address, row) in rows::after(&self.records, bundle) {
            match row {
                Some(record) => drop(records.insert(address, record)),
                None => drop(records.remove(&address)),
            }
        }
        let used: BTreeSet<&Address> = records.values().map(|record| &record.recorded.device).collect();
        let mut devices = rows::devices_after(&self.devices, bundle);
        devices.retain(|address, _| used.contains(address));
        Self { serial: self.serial + 1, records, devices, populations: bundle.state.populations.clone() }
    }
}
