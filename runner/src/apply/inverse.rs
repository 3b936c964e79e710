//! The bundle that leads from what is there to what was there at a serial: the steps between as one transaction.

use std::collections::{BTreeMap, BTreeSet};

use ranform_network::bundle::Bundle;
use ranform_network::deployment::{Action, Resource};
use ranform_network::{Address, Change};

use super::means::Today;
use crate::state::rows::renamed;
use crate::state::{Result, State, StateRecord, Way};

type Renames = Vec<(Address, Address)>;

/// The bundle that goes a way; none where a bundle on it is no longer known. Its documents are made when the devices
/// are read, so that what others wrote since is kept; what it means to people is worked out here. Addresses are those of today. Taking an apply back puts back what it
/// found, what others had made of it included; a serial that was `asked` for is what was applied there.
///
/// # Errors
/// State cannot be read.
pub(super) fn bundle(state: &State, way: &Way, asked: Option<u64>) -> Result<Option<Bundle>> {
    let mut composed = Composed::default();
    for serial in &way.back {
        let Some(bundle) = state.bundle_of(*serial)? else { return Ok(None) };
        composed.back(&bundle);
    }
    for serial in &way.again {
        let Some(bundle) = state.bundle_of(*serial)? else { return Ok(None) };
        composed.again(&bundle);
    }
    if let Some(goal) = asked {
        composed.as_applied(state, goal)?;
    }
    let mut devices = state.devices()?;
    for (address, device) in composed.devices {
        devices.entry(address).or_insert(device);
    }
    // What others had altered is nowhere written down: nobody can alter it again.
    let mut taken_back: Vec<Change> = composed.changes.into_values().collect();
    let places = taken_back.iter_mut().filter_map(|change| change.after.as_mut()?.cluster_mut());
    places.for_each(|place| place.altered.clear());
    let recorded = state.recorded()?;
    let today = Today { recorded: &recorded, devices: &devices };
    let changes = today.carried_out(taken_back);
    let decisions = serde_json::to_value(today.summary(&changes)).unwrap_or_default();
    let mut bundle =
        Bundle { inverse: changes.iter().map(Change::inverse).collect(), devices, decisions, ..Bundle::default() };
    bundle.origin.ranform_version = env!("CARGO_PKG_VERSION").to_owned();
    bundle.origin.state_serial = state.serial()?;
    bundle.changes = changes;
    let names = named(&state.records()?, &bundle).into_iter();
    let names = names.map(|now| (carried(&now, &composed.forth), now)).filter(|(then, now)| then != now);
    bundle.state.renamed = names.map(|(then, now)| (now, then)).collect();
    Ok(Some(bundle))
}

/// Everything that has a name: what is recorded or changed, its devices, and what these are told of others.
fn named(records: &BTreeMap<Address, StateRecord>, bundle: &Bundle) -> BTreeSet<Address> {
    let recorded = records.values().map(|record| &record.recorded);
    let tenants = recorded.clone().filter_map(|known| Some(Address::new("tenant", known.tenant.as_ref()?)));
    let changed = bundle.changes.iter().filter_map(|change| change.after.as_ref());
    let told = recorded.map(|known| &known.resource).chain(changed).flat_map(Resource::names);
    records.keys().chain(bundle.devices.keys()).cloned().chain(tenants).chain(told).collect()
}

#[derive(Default)]
struct Composed {
    changes: BTreeMap<Address, Change>,
    devices: BTreeMap<Address, ranform_network::deployment::Device>,
    /// Renames that lead from the names of the present step to those of today, in order.
    to_today: Vec<Renames>,
    /// Renames that lead from today's names to those of the present step, in order.
    forth: Vec<Renames>,
    /// What had been changed by others before an apply that is taken back.
    drifted: BTreeSet<Address>,
}

impl Composed {
    /// Takes an apply back.
    fn back(&mut self, bundle: &Bundle) {
        self.add(bundle.inverse.clone(), bundle);
        let drifted = bundle.changes.iter().filter(|change| change.altered);
        self.drifted.extend(drifted.map(|change| carried(&change.address, &self.to_today)));
        self.to_today.insert(0, bundle.state.renamed.clone());
        self.forth.push(reversed(&bundle.state.renamed));
    }

    /// Carries an apply out again.
    fn again(&mut self, bundle: &Bundle) {
        self.to_today.insert(0, reversed(&bundle.state.renamed));
        self.forth.push(bundle.state.renamed.clone());
        self.add(bundle.changes.clone(), bundle);
    }

    /// Puts what was applied at a serial in the place of what others had made of it before a later apply: the last
    /// bundle up to it that speaks of a thing says what it was.
    fn as_applied(&mut self, state: &State, goal: u64) -> Result<()> {
        let mut open = std::mem::take(&mut self.drifted);
        for serial in (1..=goal).rev() {
            if open.is_empty() {
                break;
            }
            let Some(bundle) = state.bundle_of(serial)? else { continue };
            for (address, after) in applied(&bundle) {
                let address = carried(address, &self.to_today);
                if open.remove(&address)
                    && let Some(change) = self.changes.remove(&address)
                {
                    let after = after.map(|after| after.renamed(|name| carried(name, &self.to_today)));
                    self.changes.extend(leading_to(change, after).map(|change| (address, change)));
                }
            }
            self.to_today.insert(0, bundle.state.renamed.clone());
        }
        Ok(())
    }

    fn add(&mut self, changes: Vec<Change>, bundle: &Bundle) {
        for (address, device) in &bundle.devices {
            self.devices.entry(carried(address, &self.to_today)).or_insert_with(|| device.clone());
        }
        for mut change in changes {
            change.address = carried(&change.address, &self.to_today);
            change.device = carried(&change.device, &self.to_today);
            for side in [&mut change.before, &mut change.after].into_iter().flatten() {
                *side = side.renamed(|name| carried(name, &self.to_today));
            }
            let merged = match self.changes.remove(&change.address) {
                None => Some(change),
                Some(earlier) => merged(earlier, change),
            };
            if let Some(change) = merged {
                self.changes.insert(change.address.clone(), change);
            }
        }
    }
}

/// Two changes of one thing, one after the other, as one; none where the second takes the first back.
fn merged(earlier: Change, later: Change) -> Option<Change> {
    let effect = earlier.effect.max(later.effect);
    let (altered, forced) = (earlier.altered || later.altered, earlier.forced || later.forced);
    let after = later.after.clone();
    leading_to(Change { before: earlier.before, effect, altered, forced, ..later }, after)
}

/// A change that leads to this; none where it is there already.
fn leading_to(change: Change, after: Option<Resource>) -> Option<Change> {
    let action = match (&change.before, &after) {
        (None, None) => return None,
        (Some(before), Some(after)) if before == after => return None,
        (None, Some(_)) => Action::Create,
        (Some(_), None) => Action::Delete,
        (Some(_), Some(_)) => Action::Update,
    };
    Some(Change { action, after, ..change })
}

/// What a bundle made of things: changed, taken into state, found gone.
fn applied(bundle: &Bundle) -> impl Iterator<Item = (&Address, Option<&Resource>)> {
    let changed = bundle.changes.iter().map(|change| (&change.address, change.after.as_ref()));
    let adopted = bundle.state.adopted.iter().map(|(address, known)| (address, Some(&known.resource)));
    changed.chain(adopted).chain(bundle.state.gone.iter().map(|address| (address, None)))
}

fn reversed(renames: &Renames) -> Renames {
    renames.iter().map(|(old, new)| (new.clone(), old.clone())).collect()
}

fn carried(address: &Address, steps: &[Renames]) -> Address {
    steps.iter().fold(address.clone(), |address, renames| renamed(&address, renames))
}
