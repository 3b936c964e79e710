//! Rules about plans: moves, protection, blast radius and guards, judged over the changes.

use std::collections::{BTreeMap, BTreeSet};

use ranform_network::Network;
use ranform_network::address::Address;
use ranform_network::deployment::{Action, Change, Recorded};
use ranform_network::diagnostic::{Diagnostic, codes};

use crate::rules::{self, Judged};

/// The largest number of deletions that is not denied by default (product.md, `limit`).
const DELETIONS: u64 = 10;

/// And the largest share of what state holds.
const DELETIONS_SHARE: f64 = 0.05;

/// Recorded state under today's names: `moved` renames, `forget` takes away.
pub fn after_moves(network: &Network, recorded: &BTreeMap<Address, Recorded>) -> BTreeMap<Address, Recorded> {
    let forgotten = |address: &Address| network.forgotten.iter().any(|path| address.is_within(&path.value));
    recorded
        .iter()
        .filter(|(address, _)| !forgotten(address))
        .map(|(address, thing)| {
            let mut thing = thing.clone();
            thing.device = renamed(network, &thing.device);
            let renamed = renamed(network, address);
            if let (Some(tenant), ("tenant", name)) = (&mut thing.tenant, renamed.last()) {
                *tenant = name.trim_matches('"').to_owned();
            }
            (renamed, thing)
        })
        .collect()
}

/// An address after all `moved` lines: a whole prefix, or a tenant's name wherever it stands below an interface.
pub(crate) fn renamed(network: &Network, address: &Address) -> Address {
    let mut address = address.clone();
    for moved in &network.moved {
        let (from, to) = (&moved.from.value, &moved.to.value);
        if let Some(rest) = address.as_str().strip_prefix(from.as_str()).filter(|_| address.is_within(from)) {
            address = Address::from_text(format!("{to}{rest}"));
        } else if let (Some(parent), ("tenant", _)) = (address.parent(), from.last())
            && address.last() == from.last()
        {
            address = Address::from_text(format!("{parent}/tenant.{}", to.last().1));
        }
    }
    address
}

/// What is recorded under another name than today's: old, new.
pub fn renames(network: &Network, recorded: &BTreeMap<Address, Recorded>) -> Vec<(Address, Address)> {
    let pairs = recorded.keys().map(|address| (address.clone(), renamed(network, address)));
    pairs.filter(|(old, new)| old != new).collect()
}

/// Everything that denies or doubts the plan.
pub fn findings(
    judged: &Judged<'_>,
    recorded: &BTreeMap<Address, Recorded>,
    held: &BTreeSet<Address>,
) -> Vec<Diagnostic> {
    let mut findings = protected(judged.network, judged.changes, held);
    findings.extend(deletions(judged.network, judged.changes, recorded.len() as u64));
    findings.extend(touched(judged));
    findings.extend(rules::findings(judged));
    findings
}

/// Deletions of protected things: by a line of the intents, or by one that is gone and state remembers.
fn protected(network: &Network, changes: &[Change], held: &BTreeSet<Address>) -> Vec<Diagnostic> {
    let deleted = changes.iter().filter(|change| change.action == Action::Delete);
    let finding = |change: &Change| {
        let line = network.protected.iter().find(|path| change.address.is_within(&path.value));
        if line.is_none() && !held.contains(&change.address) {
            return None;
        }
        let message = format!("the plan deletes `{}`, which is protected", change.address);
        let diagnostic = match line {
            Some(line) => Diagnostic::error(&codes::PROTECTED_DELETED, line.span, message),
            None => Diagnostic::error_nowhere(&codes::PROTECTED_DELETED, message),
        };
        let help = "put the thing back, or `forget` it to stop managing it and leave the device as it is";
        Some(diagnostic.help(help))
    };
    deleted.filter_map(finding).collect()
}

/// The blast radius of deletions: on by default.
fn deletions(network: &Network, changes: &[Change], held: u64) -> Vec<Diagnostic> {
    let count = changes.iter().filter(|change| change.action == Action::Delete).count() as u64;
    let limit = network.limits.iter().find(|limit| limit.deletions.is_some() || limit.deletions_share.is_some());
    let most = limit.and_then(|limit| limit.deletions).unwrap_or(DELETIONS);
    let share = limit.and_then(|limit| limit.deletions_share).map_or(DELETIONS_SHARE, |share| share.0);
    let allowed = most.max((held as f64 * share).floor() as u64);
    if count <= allowed {
        return Vec::new();
    }
    let message =
        format!("the plan deletes {count} things; at most {allowed} of the {held} that state holds may go at once");
    let help = format!("if that is meant, raise the limit: `limit {{ deletions {count} }}`");
    let span = limit.map(|limit| limit.span);
    let diagnostic = match span {
        Some(span) => Diagnostic::error(&codes::LIMIT_EXCEEDED, span, message),
        None => Diagnostic::error_nowhere(&codes::LIMIT_EXCEEDED, message),
    };
    vec![diagnostic.help(help)]
}

/// Cells touched and share moved per tenant: off until set.
fn touched(judged: &Judged<'_>) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    let cells: BTreeSet<Address> = judged.changes.iter().filter_map(|change| cell_of(&change.address)).collect();
    for limit in &judged.network.limits {
        if limit.cells.is_some_and(|most| cells.len() as u64 > most) {
            let message = format!(
                "the plan touches {} cells; at most {} may be touched at once",
                cells.len(),
                limit.cells.unwrap_or(0)
            );
            findings.push(
                Diagnostic::error(&codes::LIMIT_EXCEEDED, limit.span, message).help("apply in parts with `-target`"),
            );
        }
        for (tenant, most) in &limit.share_moved {
            let name = tenant
                .map(|tenant| judged.network.tenants[tenant].entity.address.last().1.trim_matches('"').to_owned());
            let change = judged.changes.iter().find(|change| {
                name.as_ref().is_none_or(|name| change.tenant.as_ref() == Some(name))
                    && rules::share_moved(change) > most.0 + 1e-9
            });
            if let Some(change) = change {
                let message = format!(
                    "`{}` moves {} of its interface, more than the {most} allowed",
                    change.address,
                    ranform_network::units::Share(rules::share_moved(change))
                );
                findings.push(
                    Diagnostic::error(&codes::LIMIT_EXCEEDED, limit.span, message)
                        .help("go there in smaller steps, or raise the limit"),
                );
            }
        }
    }
    findings
}

/// The cell or radio that an address is at or below.
fn cell_of(address: &Address) -> Option<Address> {
    std::iter::successors(Some(address.clone()), Address::parent)
        .find(|address| matches!(address.last().0, "cell" | "radio"))
}

/// Whether a finding denies a plan that is otherwise right (exit 4).
pub fn denies(diagnostic: &Diagnostic) -> bool {
    [&codes::GUARD_BROKEN, &codes::LIMIT_EXCEEDED, &codes::PROTECTED_DELETED, &codes::CELL_IDENTITY]
        .iter()
        .any(|code| *diagnostic.code == **code)
}
