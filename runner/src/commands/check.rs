//! `ranform check`: every error in the intents, offline.

use crate::cli::{CheckArgs, Session, fail, hand_over, say};
use crate::display::diagnostics;
use crate::exit::Exit;
use crate::failure;
use crate::pipeline;
use crate::world::DiskWorld;
use ranform_network::diagnostic::has_errors;

/// Checks the project.
pub fn run(session: &Session, args: &CheckArgs) -> Exit {
    let world = match DiskWorld::new(&session.folder) {
        Ok(world) => world,
        Err(error) => return fail(failure::file(&session.folder, &error)),
    };
    let planned = pipeline::check_all(&world, &session.compile_options());
    let exit = if has_errors(&planned.diagnostics) { Exit::Error } else { Exit::Ok };
    session.tell_findings(&planned.diagnostics, &planned.sources);
    if args.json {
        let mut document = diagnostics::json(&planned.diagnostics, &planned.sources);
        document["exit_code"] = (exit as u8).into();
        hand_over(format!("{document}\n").as_bytes());
    } else if planned.diagnostics.is_empty() {
        say(&format!("{}\n", inventory(&planned.network)));
    }
    // The process ends here: the system takes back a million entities faster than they are dropped one by one.
    std::mem::forget(planned);
    exit
}

/// `ok: 3 nodes, 2 cells, 1 radio, 2 tenants, 1 SLA`.
fn inventory(network: &ranform_network::Network) -> String {
    let counts = [
        (network.nodes.len(), "node"),
        (network.cells.len(), "cell"),
        (network.radios.len(), "radio"),
        (network.ports.len(), "port"),
        (network.tenants.len(), "tenant"),
        (network.services.len(), "service"),
        (network.slas.len(), "SLA"),
        (network.rics.len(), "RIC"),
        (network.models.len(), "model"),
        (network.requests.len(), "request"),
        (network.policies.len(), "policy"),
    ];
    let parts: Vec<String> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| match word.strip_suffix('y') {
            _ if *count == 1 => format!("{count} {word}"),
            Some(stem) => format!("{count} {stem}ies"),
            None => format!("{count} {word}s"),
        })
        .collect();
    if parts.is_empty() { "ok: nothing is declared".to_owned() } else { format!("ok: {}", parts.join(", ")) }
}
