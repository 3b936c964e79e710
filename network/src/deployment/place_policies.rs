//! From policies as they are meant to what near-RT RICs hold: one per RIC, and per cell where the type is for one cell.

use std::collections::{BTreeMap, BTreeSet};

use super::identity::*;
use super::policy::*;
use super::{Placed, Resource};
use crate::a1::{Generation, PolicyKind, PolicyType};
use crate::address::{Address, slug};
use crate::bundle::sha256;
use crate::ids::*;
use crate::network::*;
use crate::source::Located;
use crate::units::{BitsPerSecond, Bytes, Nanoseconds, Share};

use Objective::*;

/// All policies of a network at their RICs; what has no identity or no type yet is left out (a check has reported it).
pub(super) fn policies(network: &Network) -> Vec<(Address, Placed)> {
    let mut all = Vec::new();
    for (_, policy) in network.policies.iter() {
        for ric in network.rics_of(policy) {
            let Some((policy_type, number)) = network.policy_type(ric, policy) else { continue };
            let Some(resource) = resource(network, policy, policy_type, number) else { continue };
            match (&policy.cells, spoken_of(policy_type.kind)) {
                (Some(cells), Cells::One) => {
                    for cell in network.cells_under(ric, cells) {
                        let Some(identity) = cell_identity(network, cell) else { continue };
                        let mut resource = resource.clone();
                        resource.scope.cell = Some(identity);
                        all.push(placed(network, policy, ric, Some(cell), resource));
                    }
                }
                (Some(cells), Cells::List) => {
                    let under = network.cells_under(ric, cells);
                    let mut resource = resource;
                    if policy.by_tracking_area {
                        let areas: BTreeSet<_> =
                            under.iter().filter_map(|cell| tracking_area(network, *cell)).collect();
                        resource.tracking_areas = areas.into_iter().collect();
                    } else {
                        resource.cells = under.iter().filter_map(|cell| cell_identity(network, *cell)).collect();
                    }
                    if !resource.cells.is_empty() || !resource.tracking_areas.is_empty() {
                        all.push(placed(network, policy, ric, None, resource));
                    }
                }
                (None, _) => all.push(placed(network, policy, ric, None, resource)),
            }
        }
    }
    all
}

/// How a type speaks of the cells that a policy is for.
enum Cells {
    /// One per policy, in its scope.
    One,
    /// A list.
    List,
}

fn spoken_of(kind: PolicyKind) -> Cells {
    match kind {
        PolicyKind::SliceSLATarget | PolicyKind::EnergySaving => Cells::List,
        _ => Cells::One,
    }
}

fn placed(
    network: &Network,
    policy: &Policy,
    ric: PolicyRic,
    cell: Option<CellId>,
    mut resource: PolicyResource,
) -> (Address, Placed) {
    let address = network.policy_address(ric, policy, cell);
    let management = network.policy_peer(ric).and_then(|peer| peer.management);
    let owner = management.and_then(|management| management.user.as_deref()).unwrap_or("ranform");
    let access = management.and_then(|management| management.a1.as_ref());
    if access.is_some_and(|access| access.dialect == Dialect::PmsV2) {
        resource.service = Some(owner.to_owned());
    }
    let name = policy.entity.address.last().1.trim_matches('"');
    // At a management service an id is one over all its RICs.
    let at = access.filter(|access| access.dialect.is_service()).and_then(|access| access.ric.as_deref());
    let digest = sha256(at.map_or(address.to_string(), |ric| format!("{address} at {ric}")).as_bytes());
    let device_id = format!("{}-{}-{}", policy_prefix(owner), slug(name), digest.get(..8).unwrap_or_default());
    let tenant = policy.subject.tenant.map(|tenant| network.tenants[tenant.value].entity.address.last().1);
    let placed = Placed {
        resource: Resource::Policy(Box::new(resource)),
        device: network.ric_entity(ric).address.clone(),
        device_id,
        span: policy.entity.span,
        tenant: tenant.map(|name| name.trim_matches('"').to_owned()),
        owner: policy.entity.owner.as_ref().map(|owner| owner.to_string()),
    };
    (address, placed)
}

fn resource(
    network: &Network,
    policy: &Policy,
    policy_type: PolicyType,
    type_number: Option<u32>,
) -> Option<PolicyResource> {
    let subject = &policy.subject;
    let slice = match subject.tenant {
        Some(tenant) => Some(slice_identity(network, tenant.value)?),
        None => None,
    };
    let ue = match &subject.ue {
        Some(ue) => Some(ue_identity(network, &ue.value, policy_type.generation())?),
        None => None,
    };
    let onto = policy.balance.as_ref().map(|balance| identities(network, &balance.onto));
    Some(PolicyResource {
        policy_type,
        type_number,
        scope: PolicyScope {
            ue,
            group: subject.group.map(|group| group.value),
            slice,
            flow: subject.flow.map(|flow| flow.value),
            cell: None,
        },
        objectives: objectives(policy, policy_type),
        steering: steering(network, policy)?,
        cells: onto.unwrap_or_else(|| Some(Vec::new()))?,
        tracking_areas: Vec::new(),
        spares: spares(network, policy)?,
        transient: policy.transient,
        service: None,
        require_enforced: policy.require_enforced,
        unexplained: BTreeMap::new(),
    })
}

fn identities(network: &Network, cells: &[CellId]) -> Option<Vec<CellIdentity>> {
    cells.iter().map(|cell| cell_identity(network, *cell)).collect()
}

/// Lines of one kind are one entry, the first line the strongest.
fn steering(network: &Network, policy: &Policy) -> Option<Vec<SteeringEntry>> {
    let mut entries: Vec<SteeringEntry> = Vec::new();
    for line in &policy.steering {
        let cells = identities(network, &line.cells)?;
        match entries.iter_mut().find(|entry| entry.preference == line.preference && entry.primary == line.primary) {
            Some(entry) => entry.cells.extend(cells),
            None => entries.push(SteeringEntry { preference: line.preference, primary: line.primary, cells }),
        }
    }
    entries.iter_mut().for_each(|entry| once_each(&mut entry.cells));
    Some(entries)
}

/// What saving energy must leave, one entry per kind and strength.
fn spares(network: &Network, policy: &Policy) -> Option<Vec<SparesEntry>> {
    let Some(energy) = &policy.energy else { return Some(Vec::new()) };
    let percent = |share: Option<Located<Share>>| share.map(|share| share.value.percent().round() as u8);
    let mut entries: Vec<SparesEntry> = Vec::new();
    for line in &energy.spares {
        let cells = identities(network, &line.cells)?;
        match entries.iter_mut().find(|entry| entry.what == line.what && entry.forbidden == line.forbidden) {
            Some(entry) => entry.cells.extend(cells),
            None => {
                let (while_dl, while_ul) = (percent(energy.while_dl), percent(energy.while_ul));
                entries.push(SparesEntry { what: line.what, forbidden: line.forbidden, cells, while_dl, while_ul });
            }
        }
    }
    entries.iter_mut().for_each(|entry| once_each(&mut entry.cells));
    Some(entries)
}

fn once_each(cells: &mut Vec<CellIdentity>) {
    let mut seen = BTreeSet::new();
    cells.retain(|cell| seen.insert(*cell));
}

/// What is wanted, in the objectives that the type has.
fn objectives(policy: &Policy, policy_type: PolicyType) -> BTreeMap<Objective, f64> {
    let slice = policy_type.kind == PolicyKind::SliceSLATarget;
    let directed = slice || policy_type.kind == PolicyKind::UELevelTarget;
    let later = policy_type.generation() == Generation::Current || !slice;
    let mut all = rates(policy);
    all.extend(packets(policy, directed && later, !directed));
    all.extend(orders(policy, slice, later));
    all.extend(use_of_cells(policy));
    all.into_iter().filter_map(|(objective, value)| Some((objective, rounded(value?)))).collect()
}

type Values = Vec<(Objective, Option<f64>)>;

fn ms(time: Option<Located<Nanoseconds>>) -> Option<f64> {
    time.map(|time| time.value.0 as f64 / 1e6)
}

fn whole(number: Option<Located<u32>>) -> Option<f64> {
    number.map(|number| f64::from(number.value))
}

fn rates(policy: &Policy) -> Values {
    let kbps = |rate: Option<Located<BitsPerSecond>>| rate.map(|rate| rate.value.0 as f64 / 1e3);
    vec![
        (GuaranteeDlKbps, kbps(policy.guarantee.dl)),
        (GuaranteeUlKbps, kbps(policy.guarantee.ul)),
        (AtMostDlKbps, kbps(policy.at_most.dl)),
        (AtMostUlKbps, kbps(policy.at_most.ul)),
        (AtMostPerUeDlKbps, kbps(policy.at_most_per_ue.dl)),
        (AtMostPerUeUlKbps, kbps(policy.at_most_per_ue.ul)),
        (AtMostUes, whole(policy.ues)),
        (AtMostSessions, whole(policy.sessions)),
    ]
}

/// Delays, losses and the like: per direction where the type has them so.
fn packets(policy: &Policy, directed: bool, undirected: bool) -> Values {
    let delay = &policy.delay;
    let part = |share: Option<Located<Share>>| share.map(|share| share.value.0);
    let bytes = |size: Option<Located<Bytes>>| size.map(|size| size.value.0 as f64);
    let mut values = vec![
        (DelayMs, ms(delay.both).filter(|_| undirected)),
        (DelayDlMs, ms(delay.dl.or(delay.both)).filter(|_| directed)),
        (DelayUlMs, ms(delay.ul.or(delay.both)).filter(|_| directed)),
        (LossDl, part(policy.loss.dl)),
        (LossUl, part(policy.loss.ul)),
        (JitterDlMs, ms(policy.jitter.dl)),
        (JitterUlMs, ms(policy.jitter.ul)),
        (PacketDlBytes, bytes(policy.packet.dl)),
        (PacketUlBytes, bytes(policy.packet.ul)),
    ];
    let reliability = [
        (policy.reliability.dl, ReliabilityDl, ReliabilityDlBytes, ReliabilityDlMs),
        (policy.reliability.ul, ReliabilityUl, ReliabilityUlBytes, ReliabilityUlMs),
    ];
    for (said, success, size, time) in reliability {
        let said = said.map(|said| said.value);
        values.push((success, said.map(|said| said.success.0)));
        values.push((size, said.map(|said| said.packet.0 as f64)));
        values.push((time, said.map(|said| said.within.0 as f64 / 1e6)));
    }
    values
}

/// Priorities and what a user should experience.
fn orders(policy: &Policy, slice: bool, later: bool) -> Values {
    let (priority, quality) = (whole(policy.priority), &policy.quality);
    vec![
        (Priority, priority.filter(|_| !slice)),
        (PriorityDl, priority.filter(|_| slice && later)),
        (PriorityUl, priority.filter(|_| slice && later)),
        (QualityScore, quality.score.map(|score| score.value)),
        (QualityBufferingSeconds, quality.buffering.map(|time| time.value.0 as f64 / 1e9)),
        (QualityRebuffering, quality.rebuffering.map(|often| often.value)),
        (QualityStallRatio, quality.stalls.map(|part| part.value.0)),
    ]
}

/// How full cells should be, and how much energy they should take.
fn use_of_cells(policy: &Policy) -> Values {
    let level = |share: Option<Located<Share>>| share.map(|share| share.value.percent());
    let balance = policy.balance.as_ref();
    let usage = balance.map(|balance| {
        let of_slice = if policy.subject.tenant.is_some() { 2.0 } else { 0.0 };
        of_slice + if balance.peak { 2.0 } else { 1.0 }
    });
    let (dl, ul) = (balance.and_then(|balance| level(balance.dl)), balance.and_then(|balance| level(balance.ul)));
    let aim = policy.energy.as_ref().and_then(|energy| energy.aim).map(|aim| aim.value);
    let less = aim.and_then(|aim| if let EnergyAim::Less(share) = aim { Some(share.percent()) } else { None });
    let down_to = aim.and_then(|aim| if let EnergyAim::DownTo(kwh) = aim { Some(kwh) } else { None });
    vec![
        (PrbUsageDlPercent, dl),
        (PrbUsageDlType, dl.and(usage)),
        (PrbUsageUlPercent, ul),
        (PrbUsageUlType, ul.and(usage)),
        (EnergyPercent, less),
        (EnergyKwh, down_to),
    ]
}

/// A number as written: percents of shares carry the noise of their division.
fn rounded(value: f64) -> f64 {
    (value * 1e9).round() / 1e9
}
