//! Policies for near-RT RICs beside what else is known: the types that a RIC listed, and the shares that slicing decided.

use std::collections::{BTreeMap, BTreeSet};

use ranform_network::a1::{PolicyKind, PolicyType};
use ranform_network::answers::SliceShares;
use ranform_network::diagnostic::{Diagnostic, codes};
use ranform_network::ids::{CellId, TenantId};
use ranform_network::network::{Direction, Interface, PolicyRic};
use ranform_network::units::BitsPerSecond;
use ranform_network::{Address, Network};

use crate::memory::Memory;
use crate::project::Snapshot;

/// The ids of the policy types that near-RT RICs list, as far as that is known.
pub type Listed = BTreeMap<Address, Vec<String>>;

/// What each RIC listed when it was observed, else what the last apply went by.
pub fn listed(memory: &Memory, snapshot: Option<&Snapshot>) -> Listed {
    let applied = memory.devices.iter().filter_map(|(address, device)| {
        let types = &device.management.as_ref()?.a1.as_ref()?.types;
        // Numbers belong to a line of the intents, which says them again.
        let ids = types.iter().filter(|(_, number)| number.is_none()).map(|(one, _)| one.to_string());
        Some((address.clone(), ids.collect()))
    });
    let mut listed: Listed = applied.collect();
    listed.extend(snapshot.map(|snapshot| snapshot.policy_types.clone()).unwrap_or_default());
    listed
}

/// Of each RIC the policy types that it lists, where the intents do not say them: of each kind those of
/// its profile that it lists, where these say all that is asked, else all that it lists. Numbers say nothing of what they mean.
pub fn as_listed(network: &mut Network, listed: &Listed) {
    let rics: Vec<PolicyRic> = network.policy_rics().collect();
    for ric in rics {
        let Some(ids) = listed.get(&network.ric_entity(ric).address) else { continue };
        let there: Vec<PolicyType> = ids.iter().filter_map(|id| PolicyType::parse(id)).collect();
        let written = network.policy_peer(ric).and_then(|peer| peer.management?.a1.as_ref());
        if there.is_empty() || written.is_none_or(|access| !access.types.is_empty()) {
            continue;
        }
        let expected = network.policy_types(ric);
        let own: BTreeSet<PolicyType> =
            expected.iter().map(|(one, _)| *one).filter(|one| there.contains(one)).collect();
        set_types(network, ric, own.iter().copied());
        let says_all = |kind: PolicyKind| {
            let mut asked =
                network.policies.iter().map(|(_, policy)| policy).filter(|policy| policy.kind() == Some(kind));
            asked.all(|policy| !network.rics_of(policy).contains(&ric) || network.policy_type(ric, policy).is_some())
        };
        // Without any of its own the profile would be asked again.
        let asked_all = |kind: &PolicyKind| !own.is_empty() && says_all(*kind);
        let short: Vec<PolicyKind> =
            PolicyKind::ALL.map(|(kind, _)| kind).into_iter().filter(|kind| !asked_all(kind)).collect();
        let types = there.into_iter().filter(|one| own.contains(one) || short.contains(&one.kind));
        set_types(network, ric, types.collect::<Vec<_>>().into_iter());
    }
}

fn set_types(network: &mut Network, ric: PolicyRic, types: impl Iterator<Item = PolicyType>) {
    let management = match ric {
        PolicyRic::Node(node) => network.nodes[node].management.as_mut(),
        PolicyRic::Placed(ric) => network.rics[ric].peer.as_mut().map(|peer| &mut peer.management),
    };
    if let Some(access) = management.and_then(|management| management.a1.as_mut()) {
        access.types = types.map(|one| (one, None)).collect();
    }
}

/// Percentages by place.
type Percents = BTreeMap<(Interface, TenantId, Direction), f64>;

/// A warning for each guarantee to a tenant that is above what its slices are estimated to carry on the policy's cells:
/// on all of them together for what a slice gets, on each of them for what a flow or a user gets there.
/// Where a cell states no efficiency, or no share was decided, nothing is estimated and nothing said.
pub fn findings(network: &Network, shares: &SliceShares) -> Vec<Diagnostic> {
    let shares = shares.shares.iter();
    let percents: Percents =
        shares.map(|share| ((share.interface, share.tenant, share.direction), share.percent)).collect();
    let mut findings = Vec::new();
    for (_, policy) in network.policies.iter() {
        let Some(tenant) = policy.subject.tenant else { continue };
        let cells: Vec<CellId> = policy.cells.clone().unwrap_or_else(|| network.cells.ids().collect());
        let together = policy.kind() == Some(PolicyKind::SliceSLATarget) || policy.cells.is_none();
        for direction in [Direction::Dl, Direction::Ul] {
            let Some(wanted) = policy.guarantee.of(direction) else { continue };
            let carried = |cell: &CellId| carried(network, &percents, *cell, tenant.value, direction);
            let least = || cells.iter().filter_map(carried).min_by(f64::total_cmp);
            let carried = if together { cells.iter().map(carried).sum() } else { least() };
            let Some(carried) = carried.filter(|carried| *carried > 0.0) else { continue };
            if wanted.value.0 as f64 <= carried * 1e6 {
                continue;
            }
            // What is more than the cells carry at all was told when the intents were checked.
            let whole = |cell: &CellId| network.estimated_mbps(Interface::Cell(*cell), direction);
            let whole: Option<f64> = match together {
                true => cells.iter().map(whole).sum(),
                false => cells.iter().filter_map(whole).min_by(f64::total_cmp),
            };
            if whole.is_some_and(|whole| wanted.value.0 as f64 > whole * 1e6) {
                continue;
            }
            let estimate = BitsPerSecond((carried * 10.0).round() as u64 * 100_000);
            let place = if together { "on its cells" } else { "on one of its cells" };
            let message = format!(
                "`{}` guarantees {}, but the slices of its tenant carry about {estimate} {place} (estimated)",
                policy.entity.address, wanted.value
            );
            findings.push(
                Diagnostic::warning(&codes::GUARANTEE_ABOVE_SLICE, wanted.span, message)
                    .help("guarantee less, give the tenant a larger share, or select more cells"),
            );
        }
    }
    findings
}

/// What a tenant's slices carry on a cell, in Mbit/s; none where the cell does not say enough to estimate it.
fn carried(
    network: &Network,
    percents: &Percents,
    cell: CellId,
    tenant: TenantId,
    direction: Direction,
) -> Option<f64> {
    let interface = Interface::Cell(cell);
    let capacity = network.estimated_mbps(interface, direction)?;
    // On a cell where the tenant is not, nothing is carried.
    let there = percents.get(&(interface, tenant, direction)).copied();
    Some(capacity * there.unwrap_or(0.0) / 100.0)
}
