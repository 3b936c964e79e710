//! The part of a transaction that concerns one device.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ranform_network::deployment::{Action, Cause, Device, Placed, Recorded};
use ranform_network::profile::Effect;
use ranform_network::{Address, Artifact, Change, Deployment, Resource};
use ranform_targets::netconf::commits::restarted;
use ranform_targets::{Document, Inverse, Job, Query, Reading, Target};

use super::{Difference, DriverError, differences};
use crate::folders::SharedFolder;
use crate::order::Turn;

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
    /// What becomes of the RIC, where it takes the policies of one that is placed.
    pub turn: Turn,
    /// The reviewed documents.
    pub artifacts: Vec<Artifact>,
    /// The name of its commit, unique to the transaction; journaled.
    pub persist: String,
    /// The id of the project's state: what the device keeps for us is marked with it.
    pub state: String,
    /// The id of another project's state, or the first digits of it: what that one has here is ours from now on.
    pub takes_over: Option<String>,
    /// Seconds after which the device may take an unconfirmed commit back by itself.
    pub confirm_timeout: u32,
    /// The folder that it shares with other nodes, where it does.
    pub folder: Option<Arc<SharedFolder>>,
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
                Some(_) => after.extend(self.recorded(change, change.after.as_ref())),
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
        known.extend(self.changes.iter().filter_map(|change| self.recorded(change, change.before.as_ref())));
        known
    }

    /// One side of a change. What the device was told is known by state alone.
    fn recorded(&self, change: &Change, resource: Option<&Resource>) -> Option<(Address, Recorded)> {
        let recorded = Recorded {
            resource: resource?.clone(),
            device: change.device.clone(),
            device_id: change.device_id.clone(),
            tenant: change.tenant.clone(),
            owner: change.owner.clone(),
            former: self.known.get(&change.address).map(|known| known.former.clone()).unwrap_or_default(),
        };
        Some((change.address.clone(), recorded))
    }

    /// What is known at either time.
    pub fn known_ever(&self) -> BTreeMap<Address, Recorded> {
        let mut known = self.known(Side::Before);
        known.extend(self.after());
        known
    }

    /// A query over what is known.
    pub fn query<'a>(&'a self, known: &'a BTreeMap<Address, Recorded>) -> Query<'a> {
        Query { device: &self.address, profile: &self.device.profile, known }
    }

    /// What a reading shows otherwise than it should at that time, among what this task touches. A cell that is locked
    /// for a change of something on it is touched: whoever locked it since the plan did so for a reason.
    pub fn differences(&self, side: Side, reading: &Reading) -> Vec<Difference> {
        let known = self.known(side);
        let mut all = differences(&self.changes, side, &known, reading);
        for cell in self.locked_beside() {
            let (Some(Recorded { resource: Resource::Cell(expected), .. }), Some(Resource::Cell(found))) =
                (known.get(&cell), reading.resources.get(&cell))
            else {
                continue;
            };
            if expected.unlocked != found.unlocked {
                let (expected, found) = (Some(expected.unlocked.into()), Some(found.unlocked.into()));
                all.push(Difference::new(cell, "cell.unlocked".to_owned(), expected, found));
            }
        }
        all
    }

    /// The cells that are locked while something on them changes, and do not change themselves.
    fn locked_beside(&self) -> BTreeSet<Address> {
        let deployment = self.deployment();
        let mut cells = restarted(&self.job(&deployment, &[]));
        cells.retain(|cell| !self.changes.iter().any(|change| change.address == *cell));
        cells
    }

    /// The documents that carry it out now, on a device that holds `present`.
    pub fn render(&self, present: &[Document]) -> Result<Vec<Artifact>, DriverError> {
        let deployment = self.deployment();
        self.target()?.render(&self.job(&deployment, present)).map_err(failed)
    }

    /// The documents that lead from after to before.
    pub fn render_inverse(&self) -> Result<Vec<Artifact>, DriverError> {
        let deployment = self.deployment();
        let job = self.job(&deployment, &[]);
        let inverse = Inverse::new(&job);
        self.target()?.render(&inverse.job(&job, &[])).map_err(failed)
    }

    /// Whether a reading shows what was before, what is to come after, or something on the way between the two, and
    /// nothing else: then it is ours to take back.
    pub fn is_ours(&self, reading: &Reading) -> bool {
        self.changes.iter().all(|change| on_the_way(change, reading.resources.get(&change.address)))
    }

    /// The documents that lead from what was read back to what was before, in one step: what they mend is out of
    /// service already.
    pub fn render_back(&self, reading: &Reading, present: &[Document]) -> Result<Vec<Artifact>, DriverError> {
        let back = |change: &Change| Change {
            before: reading.resources.get(&change.address).cloned(),
            after: change.before.clone(),
            effect: Effect::Hitless,
            ..change.clone()
        };
        let mut changes: Vec<Change> = self.changes.iter().map(back).collect();
        for cell in self.locked_beside() {
            let Some(known) = self.known.get(&cell) else { continue };
            changes.push(Change {
                address: cell.clone(),
                action: Action::Update,
                before: reading.resources.get(&cell).cloned(),
                after: Some(known.resource.clone()),
                device: known.device.clone(),
                device_id: known.device_id.clone(),
                cause: Cause::Drift,
                effect: Effect::Hitless,
                tenant: None,
                owner: known.owner.clone(),
                taken_over: Vec::new(),
                altered: false,
                forced: false,
            });
        }
        changes.sort_by(|a, b| a.address.cmp(&b.address));
        Self { changes, ..self.clone() }.render(present)
    }

    /// Refuses documents that would take away what others wrote.
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
        let folder = self.folder.as_ref().map(|folder| &folder.files);
        Job { deployment, changes, device, profile: &self.device.profile, present, folder }
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

/// Whether a thing is as before a change, as after it, or on the way: some leaves of the one and some of the other, a
/// cell locked, an entry not yet back in its place.
fn on_the_way(change: &Change, found: Option<&Resource>) -> bool {
    let leaves = |resource: Option<&Resource>| resource.map(|one| one.leaves()).unwrap_or_default();
    let Some(found) = found else { return change.before.is_none() || change.after.is_none() };
    let (before, after, found) = (leaves(change.before.as_ref()), leaves(change.after.as_ref()), leaves(Some(found)));
    let fits = |path: &String| {
        let value = found.get(path);
        let locked = path == "cell.unlocked" && value == Some(&false.into());
        locked || path == "cell-tenant.order" || value == before.get(path) || value == after.get(path)
    };
    before.keys().chain(after.keys()).chain(found.keys()).all(fits)
}

/// Before a transaction or after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Before.
    Before,
    /// After.
    After,
}

fn failed(error: impl std::fmt::Display) -> DriverError {
    DriverError::Failed(error.to_string())
}
