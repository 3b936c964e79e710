//! What was observed: loads and uses per interface and tenant. An input file like the intents.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::address::Address;
use crate::network::Direction;

/// The observation document `ranform.observation/1` (JSON; a CSV form has the same columns).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Telemetry {
    /// Always `ranform.observation/1`.
    pub format: String,
    /// One record per interface, tenant and direction.
    pub records: Vec<Observation>,
    /// EWMA of observed use per SLA address, tenant and direction, written back by a running loop.
    #[serde(default)]
    pub slas: Vec<SlaObservation>,
}

/// The load and use of one tenant on one interface.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Observation {
    /// The cell or radio.
    pub interface: Address,
    /// The tenant's name.
    pub tenant: String,
    /// The direction.
    #[serde(default)]
    pub direction: Direction,
    /// Offered load as a fraction of the interface's capacity, 0..=1.
    #[serde(default)]
    pub load: Option<f64>,
    /// Observed use as a fraction, 0..=1.
    #[serde(default)]
    pub used: Option<f64>,
    /// The share enforced when it was observed, 0..=1.
    #[serde(default)]
    pub share: Option<f64>,
}

/// The running average of a tenant's use over an SLA's area.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlaObservation {
    /// The SLA.
    pub sla: Address,
    /// The tenant's name.
    pub tenant: String,
    /// The direction.
    #[serde(default)]
    pub direction: Direction,
    /// The EWMA (slicing.md: e).
    pub ewma: f64,
    /// Loop periods missed since it was taken.
    #[serde(default)]
    pub missed: u32,
}

impl Telemetry {
    /// Records by interface, tenant and direction; a record for both directions stands for each.
    pub fn by_place(&self) -> BTreeMap<(&Address, &str, Direction), &Observation> {
        let mut places = BTreeMap::new();
        for record in &self.records {
            for direction in [Direction::Dl, Direction::Ul] {
                if record.direction.covers(direction) {
                    places.insert((&record.interface, record.tenant.as_str(), direction), record);
                }
            }
        }
        places
    }
}
