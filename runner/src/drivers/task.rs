//! The part of a transaction that concerns one device.

use std::collections::BTreeMap;

use ranform_network::deployment::{Device, Placed, Recorded};
use ranform_network::{Address, Artifact, Change, Deployment};
use ranform_targets::{Document, Inverse, Job, Query, Reading, Target};

use super::{Difference, DriverError, differences};

/// What is to be done on one device, decided and complete.
#[derive(Clone, Debug)]
pub struct Task {
    /// The device's address.
    pub address: Address,
    /// The device.
    pub device: Device,
    /// What state holds of the device before.
    pub known: BTreeMap<Address, Recorded>,
    /// What changes on it, in address order.
    pub changes: Vec<Change>,
    /// The reviewed documents.
    pub artifacts: Vec<Artifact>,
    /// The name of its commit, unique to the transaction; journaled.
    pub persist: String,
    /// Seconds after which the device may take an unconfirmed commit back by itself.
    pub confirm_timeout: u32,
}

impl Task {
    /// The format of its documents.
    pub fn target(&self) -> Result<&'static dyn Target, DriverError> {
        let unknown = || DriverError::Failed(format!("no format `{}`", self.device.profile.target));
        ranform_targets::find(&self.device.profile.target).ok_or_else(unknown)
    }

    /// What will be recorded of the device after.
    pub fn after(&self) -> BTreeMap<Address, Recorded> {
        let mut after = self.known.clone();
        for change in &self.changes {
            match &change.after {
                Some(_) => after.extend(recorded(change, change.after.as_ref())),
                None => drop(after.remove(&change.address)),
            }
        }
        after
    }

    /// What is known at that time: gives addresses to ids found.
    pub fn known(&self, side: Side) -> BTreeMap<Address, Recorded> {
        if side == Side::After {
            return self.after();
        }
        let mut known = self.known.clone();
        // A change knows best what was planned against: state may not hold what is taken over.
        known.extend(self.changes.iter().filter_map(|change| recorded(change, change.before.as_ref())));
        known
    }

    /// A query over what is known.
    pub fn query<'a>(&'a self, known: &'a BTreeMap<Address, Recorded>) -> Query<'a> {
        Query { device: &self.address, profile: &self.device.profile, known }
    }

    /// What a reading shows otherwise than it should at that time, among what this task touches.
    pub fn differences(&self, side: Side, reading: &Reading) -> Vec<Difference> {
        differences(&self.changes, side, &self.known(side), reading)
    }

    /// The documents that carry it out now, on a device that holds `present`.
    pub fn render(&self, present: &[Document]) -> Result<Vec<Artifact>, DriverError> {
        let deployment = self.deployment();
        self.target()?.render(&self.job(&deployment, present)).map_err(failed)
    }

    /// The documents that take it back, on a device that holds `present`.
    pub fn render_inverse(&self, present: &[Document]) -> Result<Vec<Artifact>, DriverError> {
        let deployment = self.deployment();
        let job = self.job(&deployment, present);
        let inverse = Inverse::new(&job);
        self.target()?.render(&inverse.job(&job, present)).map_err(failed)
    }

    /// Refuses documents that would take leaves of others away.
    pub fn refuse_endangering(&self, artifacts: &[Artifact], present: &[Document]) -> Result<(), DriverError> {
        let known = self.known(Side::Before);
        let target = self.target()?;
        let mut leaves = Vec::new();
        for artifact in artifacts {
            leaves.extend(target.endangered(artifact, present, &self.query(&known)).map_err(failed)?);
        }
        leaves.sort();
        leaves.dedup();
        if leaves.is_empty() { Ok(()) } else { Err(DriverError::Endangered(leaves)) }
    }

    fn job<'a>(&'a self, deployment: &'a Deployment, present: &'a [Document]) -> Job<'a> {
        let (changes, device) = (self.changes.as_slice(), &self.address);
        Job { deployment, changes, device, profile: &self.device.profile, present }
    }

    /// What is decided for the device, as far as its format needs it.
    fn deployment(&self) -> Deployment {
        let placed = |recorded: Recorded| Placed {
            resource: recorded.resource,
            device: recorded.device,
            device_id: recorded.device_id,
            span: Default::default(),
            tenant: recorded.tenant,
            owner: recorded.owner,
        };
        Deployment {
            placed: self.after().into_iter().map(|(address, recorded)| (address, placed(recorded))).collect(),
            devices: BTreeMap::from([(self.address.clone(), self.device.clone())]),
            ..Deployment::default()
        }
    }
}

/// Before a transaction or after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Before.
    Before,
    /// After.
    After,
}

fn recorded(change: &Change, resource: Option<&ranform_network::Resource>) -> Option<(Address, Recorded)> {
    let recorded = Recorded {
        resource: resource?.clone(),
        device: change.device.clone(),
        device_id: change.device_id.clone(),
        tenant: change.tenant.clone(),
        owner: change.owner.clone(),
    };
    Some((change.address.clone(), recorded))
}

fn failed(error: impl std::fmt::Display) -> DriverError {
    DriverError::Failed(error.to_string())
}
