//! Policies for near-RT RICs against what slicing decided: a guarantee that the shares are estimated not to carry.

use std::collections::BTreeMap;

use ranform_network::Network;
use ranform_network::a1::PolicyKind;
use ranform_network::answers::SliceShares;
use ranform_network::diagnostic::{Diagnostic, codes};
use ranform_network::ids::{CellId, TenantId};
use ranform_network::network::{Direction, Interface};
use ranform_network::units::BitsPerSecond;

use crate::summary::capacity_mbps;

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
    let capacity = capacity_mbps(network, interface, direction)?;
    // On a cell where the tenant is not, nothing is carried.
    let there = percents.get(&(interface, tenant, direction)).copied();
    Some(capacity * there.unwrap_or(0.0) / 100.0)
}
