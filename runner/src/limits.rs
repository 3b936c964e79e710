//! Blast radius: deletions, cells touched, share moved, and sets that shrank since the last apply.

use std::collections::{BTreeMap, BTreeSet};

use ranform_network::Network;
use ranform_network::address::Address;
use ranform_network::deployment::{Action, Change};
use ranform_network::diagnostic::{Diagnostic, codes};
use ranform_network::units;

use crate::moves::renamed;
use crate::rules::{self, Judged};

/// The largest number of deletions that is not denied by default (product.md, `limit`).
const DELETIONS: u64 = 10;

/// And the largest share of what state holds.
const DELETIONS_SHARE: f64 = 0.05;

/// How many of the things that a plan deletes are named where they are too many.
const NAMED: usize = 5;

/// A set that lost one of this many things since the last apply is denied until that is acknowledged.
const SHRINKING: u64 = 10;

/// Everything that is larger than may go at once. `held` is how many things state holds, `populations` how many things
/// each table and selection yielded at the last apply.
pub fn findings(judged: &Judged<'_>, held: u64, populations: &BTreeMap<Address, u64>) -> Vec<Diagnostic> {
    let mut findings = deletions(judged.network, judged.changes, held);
    findings.extend(touched(judged));
    findings.extend(shrunk(judged.network, populations));
    findings
}

/// Tables and selections that became empty or lost a tenth, and whose new size no line acknowledges.
fn shrunk(network: &Network, populations: &BTreeMap<Address, u64>) -> Option<Diagnostic> {
    let now: BTreeMap<&Address, u64> = network.populations.iter().map(|(set, count)| (set, *count)).collect();
    let acknowledged = |set: &Address, count: u64| {
        let lines = network.limits.iter().flat_map(|limit| &limit.acknowledged);
        lines.into_iter().any(|(known, least)| known.value == *set && count >= *least)
    };
    let lost: Vec<(Address, u64, u64)> = populations
        .iter()
        .map(|(set, before)| (renamed(network, set), *before))
        // A set that is no longer declared was taken out by an edit; what it held is judged as deletions.
        .filter_map(|(set, before)| now.get(&set).map(|after| (set, before, *after)))
        .filter(|(_, before, after)| *after < *before && (*before - *after) * SHRINKING >= *before)
        .filter(|(set, _, after)| !acknowledged(set, *after))
        .collect();
    let (first, before, after) = lost.first()?;
    let others = if lost.len() > 1 {
        format!(", and {} shrank", units::count(lost.len() - 1, "more set"))
    } else {
        String::new()
    };
    let message = format!(
        "`{first}` yielded {} at the last apply and yields {after} now{others}",
        units::count(usize::try_from(*before).unwrap_or(usize::MAX), "thing")
    );
    let lines: Vec<String> = lost.iter().map(|(set, _, after)| format!("{set} {after}")).collect();
    let spans: BTreeMap<Address, _> = declared(network).collect();
    let diagnostic = match spans.get(first) {
        Some(span) => Diagnostic::error(&codes::SET_SHRUNK, *span, message),
        None => Diagnostic::error_nowhere(&codes::SET_SHRUNK, message),
    };
    let labels = lost.iter().skip(1).filter_map(|(set, before, after)| Some((spans.get(set)?, before, after)));
    let diagnostic = labels.fold(diagnostic, |diagnostic, (span, before, after)| {
        diagnostic.and(*span, format!("from {before} to {after}"))
    });
    Some(
        diagnostic
            .help("a table that lost rows, or a label that changed, may take things out of service unseen")
            .help(format!("if that is meant, acknowledge it: `limit {{ acknowledge {} }}`", lines.join(", "))),
    )
}

/// The selections of a network with where they are declared.
fn declared(network: &Network) -> impl Iterator<Item = (Address, ranform_network::Span)> + '_ {
    let areas = network.areas.iter().map(|(_, area)| &area.entity);
    let chunks = network.chunks.iter().map(|(_, chunk)| &chunk.entity);
    let slas = network.slas.iter().map(|(_, sla)| &sla.entity);
    let rics = network.rics.iter().map(|(_, ric)| &ric.entity);
    areas.chain(chunks).chain(slas).chain(rics).map(|entity| (entity.address.clone(), entity.span))
}

/// The blast radius of deletions: on by default.
fn deletions(network: &Network, changes: &[Change], held: u64) -> Vec<Diagnostic> {
    let deleted = changes.iter().filter(|change| change.action == Action::Delete);
    let names: Vec<String> = deleted.map(|change| format!("`{}`", change.address)).collect();
    too_many(network, &names, held, ("plan", "state holds")).into_iter().collect()
}

/// That so many things may not go at once of those that are held; `of` says in words what deletes them and who holds them.
pub fn too_many(network: &Network, names: &[String], held: u64, of: (&str, &str)) -> Option<Diagnostic> {
    let count = names.len() as u64;
    let limit = network.limits.iter().find(|limit| limit.deletions.is_some() || limit.deletions_share.is_some());
    let most = limit.and_then(|limit| limit.deletions).unwrap_or(DELETIONS);
    let share = limit.and_then(|limit| limit.deletions_share).map_or(DELETIONS_SHARE, |share| share.0);
    let allowed = most.max((held as f64 * share).floor() as u64);
    if count <= allowed {
        return None;
    }
    let message = format!(
        "the {} deletes {}; at most {allowed} of the {held} that {} may go at once",
        of.0,
        units::count(names.len(), "thing"),
        of.1
    );
    let help = format!("if that is meant, raise the limit: `limit {{ deletions {count} }}`");
    let diagnostic = match limit.map(|limit| limit.span) {
        Some(span) => Diagnostic::error(&codes::LIMIT_EXCEEDED, span, message),
        None => Diagnostic::error_nowhere(&codes::LIMIT_EXCEEDED, message),
    };
    let mut shown = names.iter().take(NAMED).cloned().collect::<Vec<_>>();
    if names.len() > NAMED {
        shown.push(format!("and {} more", names.len() - NAMED));
    }
    Some(diagnostic.help(format!("it deletes {}", shown.join(", "))).help(help))
}

/// Cells touched and share moved per tenant: off until set.
fn touched(judged: &Judged<'_>) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    let cells: BTreeSet<Address> = judged.changes.iter().filter_map(|change| cell_of(&change.address)).collect();
    for limit in &judged.network.limits {
        if limit.cells.is_some_and(|most| cells.len() as u64 > most) {
            let message = format!(
                "the plan touches {}; at most {} may be touched at once",
                units::count(cells.len(), "cell"),
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
