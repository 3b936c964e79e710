//! `forget` lines: which of them let something go, and which name what was never managed.

use ranform_network::Network;
use ranform_network::address::Address;
use ranform_network::diagnostic::{Diagnostic, Severity, codes};

use crate::memory::Memory;
use crate::moves;
use crate::state::{Result, State, StateRecord};

/// The most applies that are looked through for what a line let go before.
const MOST_APPLIES: usize = 200;

/// The addresses of `forget` lines under which state holds something: what this plan lets go.
pub fn due(network: &Network, memory: &Memory) -> Vec<Address> {
    let lines = network.forgotten.iter().map(|line| &line.value);
    lines.filter(|path| holds(network, memory, path)).cloned().collect()
}

fn holds(network: &Network, memory: &Memory, path: &Address) -> bool {
    let now = |(address, record): (&Address, &StateRecord)| moves::of(network, address, &record.recorded);
    memory.records.iter().any(|one| one.0.is_within(path) || now(one).is_within(path))
}

/// Warns of lines about what was never managed. A line that was carried out may stay; it says nothing any more.
pub fn findings(network: &Network, memory: &Memory, state: Option<&State>) -> Vec<Diagnostic> {
    let lines = network.forgotten.iter().filter(|line| !holds(network, memory, &line.value));
    let never = lines.filter(|line| match state.map(|state| was_managed(state, &line.value)) {
        None | Some(Ok(false)) => true,
        // What cannot be read is no ground to doubt a line.
        Some(Ok(true) | Err(_)) => false,
    });
    never
        .map(|line| {
            let message = format!("`forget {}` names nothing that was ever managed", line.value);
            let mut finding = Diagnostic::error(&codes::UNKNOWN_ADDRESS, line.span, message);
            finding.severity = Severity::Warning;
            finding.maybe_help(near(memory, &line.value)).help("the line does nothing and may go")
        })
        .collect()
}

/// Whether an apply made, changed or let go something at or below the path.
fn was_managed(state: &State, path: &Address) -> Result<bool> {
    for entry in state.history()?.entries.iter().rev().take(MOST_APPLIES) {
        let Some(bundle) = state.bundle_of(entry.serial)? else { continue };
        let changed = bundle.changes.iter().map(|change| &change.address).chain(bundle.state.adopted.keys());
        if bundle.state.forgotten.contains(path) || changed.into_iter().any(|address| address.is_within(path)) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn near(memory: &Memory, path: &Address) -> Option<String> {
    let distance = |known: &Address| strsim::damerau_levenshtein(known.as_str(), path.as_str());
    let near = memory.records.keys().map(|known| (distance(known), known)).min();
    near.filter(|(distance, _)| *distance <= 2).map(|(_, known)| format!("did you mean `{known}`?"))
}
