//! Rules about plans: protection; blast radius is in [`crate::limits`], guards in [`crate::rules`].

use std::collections::{BTreeMap, BTreeSet};

use ranform_network::Network;
use ranform_network::address::Address;
use ranform_network::deployment::{Action, Change, Recorded};
use ranform_network::diagnostic::{Diagnostic, codes};

use crate::limits;
use crate::memory::Memory;
use crate::moves;
use crate::rules::{self, Judged};
use crate::scope::Protection;

/// Everything that denies or doubts the plan.
pub fn findings(
    judged: &Judged<'_>,
    recorded: &BTreeMap<Address, Recorded>,
    memory: &Memory,
    today: Option<&str>,
) -> Vec<Diagnostic> {
    let known = memory.records.iter().filter(|(_, record)| record.protected);
    let held = known.map(|(address, record)| moves::of(judged.network, address, &record.recorded)).collect();
    let mut findings = protected(judged.network, judged.changes, recorded, &held);
    findings.extend(limits::findings(judged, recorded.len() as u64, &memory.populations));
    findings.extend(rules::findings(judged, today));
    findings
}

/// Deletions of protected things: by a line of the intents, or by one that is gone and state remembers.
fn protected(
    network: &Network,
    changes: &[Change],
    recorded: &BTreeMap<Address, Recorded>,
    held: &BTreeSet<Address>,
) -> Vec<Diagnostic> {
    let lines = Protection::new(network, recorded);
    let deleted = changes.iter().filter(|change| change.action == Action::Delete).map(|change| &change.address);
    let refused: BTreeSet<&Address> =
        deleted.filter(|address| lines.line(address).is_some() || held.contains(*address)).collect();
    let finding = |address: &&Address| {
        let above = std::iter::successors(address.parent(), Address::parent);
        if above.into_iter().any(|above| refused.contains(&above)) {
            return None;
        }
        let below = refused.iter().filter(|other| other.is_within(address)).count() - 1;
        let more = if below > 0 { format!(" and {below} more below it") } else { String::new() };
        let verb = if below > 0 { "are" } else { "is" };
        let message = format!("the plan deletes `{address}`{more}, which {verb} protected");
        let diagnostic = match lines.line(address) {
            Some(line) => Diagnostic::error(&codes::PROTECTED_DELETED, line, message),
            None => Diagnostic::error_nowhere(&codes::PROTECTED_DELETED, message),
        };
        let help = "put the thing back, or `forget` it to stop managing it and leave the device as it is";
        Some(diagnostic.help(help))
    };
    refused.iter().filter_map(finding).collect()
}

/// Whether a finding denies a plan that is otherwise right (exit 4).
pub fn denies(diagnostic: &Diagnostic) -> bool {
    [&codes::GUARD_BROKEN, &codes::LIMIT_EXCEEDED, &codes::SET_SHRUNK, &codes::PROTECTED_DELETED, &codes::CELL_IDENTITY]
        .iter()
        .any(|code| *diagnostic.code == **code)
}
