//! Where policies are in force: on cells, named or those of the tracking areas that hold the named ones.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use ranform_network::deployment::{TrackingArea, tracking_area};
use ranform_network::ids::CellId;
use ranform_network::network::Policy;

use super::super::Context;
use super::super::policies::policies;

/// A policy with the cells where it is in force.
pub(super) struct Spoken<'a> {
    pub(super) policy: &'a Policy,
    /// In order of ids; none where it speaks of all.
    pub(super) cells: Option<Cow<'a, [CellId]>>,
}

impl Spoken<'_> {
    /// Whether two policies speak of a common place: a policy without cells speaks of all.
    pub(super) fn meets(&self, other: &Self) -> bool {
        match (&self.cells, &other.cells) {
            (Some(a), Some(b)) => a.iter().any(|cell| b.binary_search(cell).is_ok()),
            _ => true,
        }
    }

    pub(super) fn is(&self, other: &Self) -> bool {
        self.policy.entity.address == other.policy.entity.address
    }
}

/// All policies, each with the cells where it is in force: a tracking area is all its cells, named or not.
pub(super) fn spoken<'a>(context: &'a Context<'_>) -> Vec<Spoken<'a>> {
    let network = context.network;
    let mut areas: BTreeMap<TrackingArea, Vec<CellId>> = BTreeMap::new();
    if network.policies.iter().any(|(_, policy)| policy.by_tracking_area) {
        for cell in network.cells.ids() {
            if let Some(area) = tracking_area(network, cell) {
                areas.entry(area).or_default().push(cell);
            }
        }
    }
    let of_areas = |named: &[CellId]| {
        // What is in no area is another finding; it counts for itself.
        let (inside, outside): (Vec<_>, Vec<_>) =
            named.iter().map(|cell| (tracking_area(network, *cell), *cell)).partition(|(area, _)| area.is_some());
        let meant: BTreeSet<TrackingArea> = inside.into_iter().filter_map(|(area, _)| area).collect();
        let cells = meant.iter().filter_map(|area| areas.get(area)).flatten().copied();
        let all: BTreeSet<CellId> = cells.chain(outside.into_iter().map(|(_, cell)| cell)).collect();
        all.into_iter().collect::<Vec<CellId>>()
    };
    let all = policies(context).map(|(_, policy)| {
        let cells = policy.cells.as_deref();
        let cells = cells.map(|cells| match policy.by_tracking_area {
            true => Cow::Owned(of_areas(cells)),
            false => Cow::Borrowed(cells),
        });
        Spoken { policy, cells }
    });
    all.collect()
}
