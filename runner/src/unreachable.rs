//! Devices that the snapshot marks unreachable: `defer` holds them as they are ([`crate::hold`]), `stop` stops.

use ranform_network::Network;
use ranform_network::deployment::Change;
use ranform_network::diagnostic::{Diagnostic, codes};
use ranform_network::network::OnUnreachable;

use crate::project::Snapshot;

/// Names the devices that are held, and those that stop the plan because something would change on them.
pub fn findings(network: &Network, snapshot: Option<&Snapshot>, changes: &[Change]) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    let Some(snapshot) = snapshot else { return findings };
    for (_, node) in network.nodes.iter() {
        let address = &node.entity.address;
        let Some(reason) = snapshot.unreachable.get(address) else { continue };
        let message = format!("`{address}` was unreachable when the devices were observed ({reason})");
        match node.on_unreachable {
            OnUnreachable::Defer => findings.push(
                Diagnostic::warning(&codes::DEVICE_UNREACHABLE, node.entity.span, format!("{message}; it is held as it is"))
                    .help("when it is back, `ranform plan -refresh` shows what was put off"),
            ),
            OnUnreachable::Stop if changes.iter().any(|change| change.device == *address) => findings.push(
                Diagnostic::error(&codes::DEVICE_UNREACHABLE, node.entity.span, message).help(format!(
                    "reach it and run `ranform plan -refresh`, leave it out with `-exclude={address}`, or write `on unreachable defer`"
                )),
            ),
            OnUnreachable::Stop => {}
        }
    }
    findings
}
