//! Throughput objectives of services against what their shares carry, as estimated.

use std::collections::BTreeMap;

use ranform_network::answers::SliceShares;
use ranform_network::diagnostic::{Diagnostic, codes};
use ranform_network::ids::TenantId;
use ranform_network::network::{Direction, Interface, Service};
use ranform_network::units::{BitsPerSecond, decimal};
use ranform_network::{Located, Network};

/// Shares in percent by interface, tenant and direction.
type Shares = BTreeMap<(Interface, TenantId, Direction), f64>;

/// A warning for each objective that the decided shares are estimated to miss. A chunk with an interface that states no
/// efficiency is not judged: nothing is known of what it carries.
pub fn findings(network: &Network, shares: &SliceShares) -> Vec<Diagnostic> {
    let shares: Shares =
        shares.shares.iter().map(|share| ((share.interface, share.tenant, share.direction), share.percent)).collect();
    let mut findings = Vec::new();
    for (_, service) in network.services.iter() {
        for (objective, direction) in [(service.throughput_dl, Direction::Dl), (service.throughput_ul, Direction::Ul)] {
            let Some(objective) = objective else { continue };
            findings.extend(missed(network, service, objective, direction, &shares));
        }
    }
    findings
}

fn missed(
    network: &Network,
    service: &Service,
    objective: Located<BitsPerSecond>,
    direction: Direction,
    shares: &Shares,
) -> Option<Diagnostic> {
    let chunk = &network.chunks[service.chunk.value];
    let carried = chunk.interfaces.iter().filter(|interface| !matches!(interface, Interface::Port(_)));
    let mut estimated = 0.0;
    for interface in carried {
        let capacity = network.estimated_mbps(*interface, direction)?;
        let percent = shares.get(&(*interface, chunk.tenant.value, direction)).copied()?;
        estimated += capacity * percent / 100.0;
    }
    let wanted = objective.value.0 as f64 / 1e6;
    if estimated >= wanted * (1.0 - 1e-9) {
        return None;
    }
    let word = if direction == Direction::Ul { "uplink" } else { "downlink" };
    let message = format!(
        "service `{}` wants {} Mbps {word}; its shares carry an estimated {} Mbps",
        service.entity.address.last().1.trim_matches('"'),
        decimal(wanted, 1),
        decimal(estimated, 1)
    );
    let help = "promise its tenant a larger share, widen its chunk, or lower the objective; estimates follow from \
                bandwidth, `efficiency` and the TDD pattern";
    Some(Diagnostic::warning(&codes::OBJECTIVE_MISSED, objective.span, message).help(help))
}
