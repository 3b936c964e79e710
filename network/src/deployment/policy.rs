//! A1 policies as things that near-RT RICs hold, and how they are made from what was meant.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Placed, Resource};
use crate::a1::{Generation, PolicyKind, PolicyType};
use crate::address::{Address, slug};
use crate::bundle::sha256;
use crate::ids::*;
use crate::network::*;
use crate::radio::{Plmn, Snssai};
use crate::units::{BitsPerSecond, Nanoseconds};

/// A policy at a near-RT RIC, with everything that is decided about it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PolicyResource {
    /// Its type at the RIC.
    pub policy_type: PolicyType,
    /// The integer that the RIC has for the type; none where its types have names.
    pub type_number: Option<u32>,
    /// Whom and which cells it is for.
    pub scope: PolicyScope,
    /// What is wanted, by objective.
    #[serde(default)]
    pub objectives: BTreeMap<Objective, f64>,
    /// Cells to steer to and from, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steering: Vec<SteeringEntry>,
    /// The cells that it is about (slice SLA, energy saving), or where load may go (load balancing).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cells: Vec<CellIdentity>,
    /// Whether it may vanish with a restart of the RIC or of the management service.
    #[serde(default)]
    pub transient: bool,
    /// Whether the apply fails unless the RIC reports that it is enforced.
    #[serde(default)]
    pub require_enforced: bool,
    /// Members found at the RIC that no objective of ours explains, by their path.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unexplained: BTreeMap<String, serde_json::Value>,
}

/// Whom and which cell a policy is for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PolicyScope {
    /// One user equipment, 16 hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ue: Option<String>,
    /// A group of user equipments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<GroupId>,
    /// A slice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slice: Option<SliceIdentity>,
    /// A kind of QoS flow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flow: Option<QosId>,
    /// One cell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cell: Option<CellIdentity>,
}

/// A slice of a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SliceIdentity {
    /// The network.
    pub plmn: Plmn,
    /// The slice.
    pub snssai: Snssai,
}

/// A cell of a network (TS 38.413 9.3.1.7, TS 36.413 9.2.1.38).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CellIdentity {
    /// The network: the host's.
    pub plmn: Plmn,
    /// The cell in it.
    pub id: CellNumber,
}

/// A cell within a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CellNumber {
    /// NR cell identity, 36 bits.
    Nci(u64),
    /// E-UTRA cell identity, 28 bits.
    Eci(u32),
}

/// Cells to steer to or from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SteeringEntry {
    /// How strongly.
    pub preference: Preference,
    /// Whether primary cells only are meant.
    pub primary: bool,
    /// The cells, the strongest first.
    pub cells: Vec<CellIdentity>,
}

/// Something wanted, with its unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say what is wanted, in which direction and in which unit")]
pub enum Objective {
    GuaranteeDlKbps,
    GuaranteeUlKbps,
    AtMostDlKbps,
    AtMostUlKbps,
    AtMostPerUeDlKbps,
    AtMostPerUeUlKbps,
    AtMostUes,
    AtMostSessions,
    DelayMs,
    DelayDlMs,
    DelayUlMs,
    Priority,
    PriorityDl,
    PriorityUl,
    QualityScore,
    QualityBufferingSeconds,
    QualityRebuffering,
    QualityStallRatio,
    PrbUsageDlPercent,
    /// 1 mean and 2 peak of the cell, 3 mean and 4 peak of the slice.
    PrbUsageDlType,
    PrbUsageUlPercent,
    /// As downlink.
    PrbUsageUlType,
    EnergyPercent,
}

/// The id of a policy at a RIC: unique over all types, so that it never comes back under another one.
pub fn policy_id(device_id: &str, policy_type: PolicyType) -> String {
    format!("{device_id}.{}", policy_type.suffix())
}

/// The identity of a cell; none where its node or itself has no number yet.
pub fn cell_identity(network: &Network, cell: CellId) -> Option<CellIdentity> {
    let cell = &network.cells[cell];
    let node = &network.nodes[cell.node];
    let plmn = node.host_plmn?.value;
    let local = cell.local_id?.value;
    let id = match cell.technology() {
        Technology::Nr => {
            let gnb = numbered(network, cell.node)?;
            CellNumber::Nci((u64::from(gnb.value) << (36 - u32::from(gnb.length))) | u64::from(local))
        }
        _ if node.home => CellNumber::Eci(node.enb_id?.value),
        _ => CellNumber::Eci((node.enb_id?.value << 8) | local),
    };
    Some(CellIdentity { plmn, id })
}

/// The gNB identity of a node, or of the gNB that it is a part of.
fn numbered(network: &Network, node: NodeId) -> Option<crate::radio::GnbId> {
    let mut at = Some(node);
    for _ in 0..=network.nodes.len() {
        let node = &network.nodes[at?];
        if let Some(id) = node.gnb_id {
            return Some(id.value);
        }
        at = node.parent.map(|parent| parent.value);
    }
    None
}

/// The slice of a tenant: its own, else that of its first service that has one.
pub fn slice_identity(network: &Network, tenant: TenantId) -> Option<SliceIdentity> {
    let services = network.services.iter().map(|(_, service)| service);
    let mut own = services.filter(|service| network.chunks[service.chunk.value].tenant.value == tenant);
    let data = &network.tenants[tenant];
    let service = own.find(|service| service.snssai.is_some());
    let snssai = data.snssai.or(service.and_then(|service| service.snssai))?.value;
    let plmn = data.plmn.or(service.and_then(|service| service.plmn))?.value;
    Some(SliceIdentity { plmn, snssai })
}

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
                    resource.cells = under.iter().filter_map(|cell| cell_identity(network, *cell)).collect();
                    if !resource.cells.is_empty() {
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
    ric: NodeId,
    cell: Option<CellId>,
    resource: PolicyResource,
) -> (Address, Placed) {
    let address = network.policy_address(ric, policy, cell);
    let node = &network.nodes[ric];
    let prefix = node.management.as_ref().and_then(|management| management.user.as_deref()).unwrap_or("ranform");
    let name = policy.entity.address.last().1.trim_matches('"');
    let digest = sha256(address.as_str().as_bytes());
    // Short enough that the name of its document fits into a bundle.
    let prefix: String = slug(prefix).chars().take(16).collect();
    let prefix = prefix.trim_end_matches('-');
    let device_id = format!("{prefix}-{}-{}", slug(name), digest.get(..8).unwrap_or_default());
    let tenant = policy.subject.tenant.map(|tenant| network.tenants[tenant.value].entity.address.last().1);
    let placed = Placed {
        resource: Resource::Policy(Box::new(resource)),
        device: node.entity.address.clone(),
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
    let identities =
        |cells: &[CellId]| cells.iter().map(|cell| cell_identity(network, *cell)).collect::<Option<Vec<_>>>();
    let subject = &policy.subject;
    let slice = match subject.tenant {
        Some(tenant) => Some(slice_identity(network, tenant.value)?),
        None => None,
    };
    let mut steering: Vec<SteeringEntry> = Vec::new();
    for line in &policy.steering {
        let cells = identities(&line.cells)?;
        match steering.iter_mut().find(|entry| entry.preference == line.preference && entry.primary == line.primary) {
            Some(entry) => entry.cells.extend(cells),
            None => steering.push(SteeringEntry { preference: line.preference, primary: line.primary, cells }),
        }
    }
    for entry in &mut steering {
        let mut seen = std::collections::BTreeSet::new();
        entry.cells.retain(|cell| seen.insert(*cell));
    }
    let onto = policy.balance.as_ref().map(|balance| identities(&balance.onto));
    Some(PolicyResource {
        policy_type,
        type_number,
        scope: PolicyScope {
            ue: subject.ue.as_ref().map(|ue| ue.value.to_string()),
            group: subject.group.map(|group| group.value),
            slice,
            flow: subject.flow.map(|flow| flow.value),
            cell: None,
        },
        objectives: objectives(policy, policy_type),
        steering,
        cells: onto.unwrap_or_else(|| Some(Vec::new()))?,
        transient: policy.transient,
        require_enforced: policy.require_enforced,
        unexplained: BTreeMap::new(),
    })
}

/// What is wanted, in the objectives that the type has.
fn objectives(policy: &Policy, policy_type: PolicyType) -> BTreeMap<Objective, f64> {
    use Objective::*;
    let kbps = |rate: Option<crate::source::Located<BitsPerSecond>>| rate.map(|rate| rate.value.0 as f64 / 1e3);
    let ms = |delay: Option<crate::source::Located<Nanoseconds>>| delay.map(|delay| delay.value.0 as f64 / 1e6);
    let whole = |number: Option<crate::source::Located<u32>>| number.map(|number| f64::from(number.value));
    let slice = policy_type.kind == PolicyKind::SliceSLATarget;
    let directed = slice || policy_type.kind == PolicyKind::UELevelTarget;
    let current = policy_type.generation() == Generation::Current;
    let (delay, priority) = (&policy.delay, whole(policy.priority));
    let quality = &policy.quality;
    let balance = policy.balance.as_ref();
    let level = |share: Option<crate::source::Located<crate::units::Share>>| share.map(|share| share.value.percent());
    let usage = balance.map(|balance| {
        let of_slice = if policy.subject.tenant.is_some() { 2.0 } else { 0.0 };
        of_slice + if balance.peak { 2.0 } else { 1.0 }
    });
    let (dl, ul) = (balance.and_then(|balance| level(balance.dl)), balance.and_then(|balance| level(balance.ul)));
    let all = [
        (GuaranteeDlKbps, kbps(policy.guarantee.dl)),
        (GuaranteeUlKbps, kbps(policy.guarantee.ul)),
        (AtMostDlKbps, kbps(policy.at_most.dl)),
        (AtMostUlKbps, kbps(policy.at_most.ul)),
        (AtMostPerUeDlKbps, kbps(policy.at_most_per_ue.dl)),
        (AtMostPerUeUlKbps, kbps(policy.at_most_per_ue.ul)),
        (AtMostUes, whole(policy.ues)),
        (AtMostSessions, whole(policy.sessions)),
        (DelayMs, ms(delay.both).filter(|_| !directed)),
        (DelayDlMs, ms(delay.dl.or(delay.both)).filter(|_| directed && (current || !slice))),
        (DelayUlMs, ms(delay.ul.or(delay.both)).filter(|_| directed && (current || !slice))),
        (Priority, priority.filter(|_| !slice)),
        (PriorityDl, priority.filter(|_| slice && current)),
        (PriorityUl, priority.filter(|_| slice && current)),
        (QualityScore, quality.score.map(|score| score.value)),
        (QualityBufferingSeconds, quality.buffering.map(|time| time.value.0 as f64 / 1e9)),
        (QualityRebuffering, quality.rebuffering.map(|often| often.value)),
        (QualityStallRatio, quality.stalls.map(|part| part.value.0)),
        (PrbUsageDlPercent, dl),
        (PrbUsageDlType, dl.and(usage)),
        (PrbUsageUlPercent, ul),
        (PrbUsageUlType, ul.and(usage)),
        (EnergyPercent, level(policy.save_energy)),
    ];
    all.into_iter().filter_map(|(objective, value)| Some((objective, rounded(value?)))).collect()
}

/// A number as written: percents of shares carry the noise of their division.
fn rounded(value: f64) -> f64 {
    (value * 1e9).round() / 1e9
}
