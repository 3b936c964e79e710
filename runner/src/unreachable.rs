//! Devices that the snapshot marks unreachable: `defer` holds them as they are and names them, `stop` stops.

use std::collections::BTreeSet;

use ranform_network::Network;
use ranform_network::address::Address;
use ranform_network::deployment::Change;
use ranform_network::diagnostic::{Diagnostic, codes};
use ranform_network::network::OnUnreachable;

/// Takes the changes of deferred devices out, and says which devices stop the plan.
pub fn hold(network: &Network, unreachable: &BTreeSet<Address>, changes: &mut Vec<Change>) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for (_, node) in network.nodes.iter() {
        let address = &node.entity.address;
        if !unreachable.contains(address) || !changes.iter().any(|change| change.device == *address) {
            continue;
        }
        let message = format!("`{address}` was unreachable when the devices were observed");
        findings.push(match node.on_unreachable {
            OnUnreachable::Defer => {
                changes.retain(|change| change.device != *address);
                Diagnostic::warning(&codes::DEVICE_UNREACHABLE, node.entity.span, format!("{message}; it is held as it is"))
            }
            OnUnreachable::Stop => Diagnostic::error(&codes::DEVICE_UNREACHABLE, node.entity.span, message).help(format!(
                "reach it and run `ranform plan -refresh`, leave it out with `-exclude={address}`, or write `on unreachable defer`"
            )),
        });
    }
    findings
}
