//! Reading many devices at once, without a lock and without a write.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ranform_network::Address;
use ranform_network::deployment::{Device, Recorded};
use ranform_targets::{Document, Query, Reading, Stranger};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::{DriverError, allowance, open};
use crate::folders::{self, SharedFolder};
use crate::patience::Patience;

/// What a device showed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Observation {
    /// Its documents, as read.
    pub documents: Vec<Document>,
    /// What they say.
    pub reading: Reading,
    /// How often each protocol operation was sent: what proves that nothing was written.
    pub operations: BTreeMap<&'static str, u64>,
    /// Whether it cannot take a commit back by itself, so that a plan says `no auto-revert`.
    pub no_auto_revert: bool,
    /// The ids of the A1 policy types that it lists, sorted.
    pub policy_types: Vec<String>,
    /// What is there as ordered and yet not in effect, and why: a policy that its RIC does not enforce, a workload
    /// whose pods are not ready.
    pub degraded: BTreeMap<Address, String>,
    /// Objects of others in files that are ours.
    pub strangers: Vec<Stranger>,
}

/// What each device showed, or why it could not be read.
pub type Observed = BTreeMap<Address, Result<Observation, DriverError>>;

/// Reads the devices, at most `parallelism` at a time, each within `limit` and what is allowed for many policies. `known` is what state holds: it gives
/// addresses to what is found. Only readers are used: no lock, no edit.
pub async fn observe(
    devices: &BTreeMap<Address, Device>,
    known: &BTreeMap<Address, Recorded>,
    root: &Path,
    parallelism: usize,
    limit: Duration,
    patience: &Patience,
) -> Observed {
    let gate = Arc::new(Semaphore::new(parallelism.clamp(1, 64)));
    let known = Arc::new(known.clone());
    let folders = folders::of_transaction(devices, &known, &[]);
    let mut readers = JoinSet::new();
    let mut observed = Observed::new();
    for (address, device) in devices {
        let (address, device, folder) = (address.clone(), device.clone(), folders.get(address).cloned());
        let (gate, known, root, patience) = (gate.clone(), known.clone(), root.to_owned(), patience.clone());
        // Called off or crashed readers leave this answer.
        let unread = DriverError::Failed("it was not read".to_owned());
        observed.insert(address.clone(), Err(unread));
        readers.spawn(async move {
            let _turn = gate.acquire_owned().await;
            let things = known.values().filter(|known| known.device == address).count();
            let patience = patience.at_most(limit + allowance(&device, things));
            let seen = read_one((&address, &device), folder.as_ref(), &known, &root, &patience).await;
            (address, seen)
        });
    }
    while let Some(done) = readers.join_next().await {
        if let Ok((address, seen)) = done {
            observed.insert(address, seen);
        }
    }
    observed
}

async fn read_one(
    (address, device): (&Address, &Device),
    folder: Option<&Arc<SharedFolder>>,
    known: &BTreeMap<Address, Recorded>,
    root: &Path,
    patience: &Patience,
) -> Result<Observation, DriverError> {
    let mut driver = open(device, root, folder, patience).await?;
    driver.read(Query { device: address, profile: &device.profile, known }, patience).await
}
