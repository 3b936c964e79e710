//! Devices that the snapshot marks unreachable: `defer` holds them as they are ([`crate::hold`]), `stop` stops.

use ranform_network::deployment::Change;
use ranform_network::diagnostic::{Diagnostic, codes};
use ranform_network::network::OnUnreachable;
use ranform_network::{Address, Network};

use crate::failure;
use crate::order::{Turn, turns};
use crate::project::Snapshot;

/// Names the devices that are held, and those that stop the plan because something would change on them.
pub fn findings(network: &Network, snapshot: Option<&Snapshot>, changes: &[Change]) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    let Some(snapshot) = snapshot else { return findings };
    let turns = turns(changes, &snapshot.resources);
    let nodes = network.nodes.iter().map(|(_, node)| (&node.entity, node.on_unreachable));
    // A placed RIC that policies reach is a device too, and is never held. One that this plan deploys, makes anew or
    // removes need not be there before.
    let rics = network.rics.iter().filter(|(_, ric)| ric.peer.is_some());
    let stays = |ric: &Address| turns.get(ric).is_none_or(|turn| *turn == Turn::Stays);
    let rics = rics.filter(|(_, ric)| stays(&ric.entity.address));
    let rics = rics.map(|(_, ric)| (&ric.entity, OnUnreachable::Stop));
    for (entity, on_unreachable) in nodes.chain(rics) {
        let address = &entity.address;
        let Some(reason) = snapshot.unreachable.get(address) else { continue };
        let left_out = failure::left_out(address);
        let message = format!("`{address}` was unreachable when the devices were observed ({reason})");
        match on_unreachable {
            OnUnreachable::Defer => findings.push(
                Diagnostic::warning(&codes::DEVICE_UNREACHABLE, entity.span, format!("{message}; it is held as it is"))
                    .help("when it is back, `ranform plan -refresh` shows what was put off"),
            ),
            OnUnreachable::Stop if changes.iter().any(|change| change.device == *address) => findings.push(
                Diagnostic::error(&codes::DEVICE_UNREACHABLE, entity.span, message).help(format!(
                    "reach it and run `ranform plan -refresh`, leave it out with `{left_out}`, or write `on unreachable defer`"
                )),
            ),
            OnUnreachable::Stop => findings.push(
                Diagnostic::warning(
                    &codes::DEVICE_UNREACHABLE,
                    entity.span,
                    format!("{message}; nothing is planned for it, and whether it is as it was applied is not known"),
                )
                .help(format!("reach it and run `ranform plan -refresh`, or leave it out with `{left_out}`")),
            ),
        }
    }
    findings
}
