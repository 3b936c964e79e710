//! Policies for near-RT RICs against what slicing decided: a guarantee that the shares are estimated not to carry.

use std::collections::BTreeMap;

use ranform_network::Network;
use ranform_network::answers::SliceShares;
use ranform_network::diagnostic::{Diagnostic, codes};
use ranform_network::network::{Direction, Interface};
use ranform_network::units::BitsPerSecond;

use crate::summary::capacity_mbps;

/// A warning for each guarantee to a tenant that is above what its slices are estimated to carry on the policy's cells.
/// Where a cell states no efficiency, or no share was decided, nothing is estimated and nothing said.
pub fn findings(network: &Network, shares: &SliceShares) -> Vec<Diagnostic> {
    let percents: BTreeMap<_, f64> =
        shares.shares.iter().map(|share| ((share.interface, share.tenant, share.direction), share.percent)).collect();
    let mut findings = Vec::new();
    for (_, policy) in network.policies.iter() {
        let Some(tenant) = policy.subject.tenant else { continue };
        for direction in [Direction::Dl, Direction::Ul] {
            let Some(wanted) = policy.guarantee.of(direction) else { continue };
            let cells: Vec<_> = policy.cells.clone().unwrap_or_else(|| network.cells.ids().collect());
            let carried: Option<f64> = cells
                .iter()
                .map(|cell| {
                    let interface = Interface::Cell(*cell);
                    let capacity = capacity_mbps(network, interface, direction)?;
                    // On a cell where the tenant is not, nothing is carried.
                    let there = percents.get(&(interface, tenant.value, direction)).copied();
                    Some(capacity * there.unwrap_or(0.0) / 100.0)
                })
                .sum();
            let Some(carried) = carried.filter(|carried| *carried > 0.0) else { continue };
            if wanted.value.0 as f64 <= carried * 1e6 {
                continue;
            }
            let estimate = BitsPerSecond((carried * 10.0).round() as u64 * 100_000);
            let message = format!(
                "`{}` guarantees {}, but the slices of its tenant carry about {estimate} on its cells (estimated)",
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
