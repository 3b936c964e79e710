//! Rules about plans that contradict the network or each other: moved, protect, forget, guards, limits, keep, owners,
//! outside changes. What depends on state or on the day is judged when planning.

use std::collections::BTreeMap;

use ranform_network::Address;
use ranform_network::deployment::may_be_decided;
use ranform_network::diagnostic::{Diagnostic, codes};
use ranform_network::network::{ComponentKind, Moved, Name, Ric};
use ranform_network::source::{Located, Span};

use super::{Check, Context, Findings};

/// The rules of this family.
pub const CHECKS: &[Check] = &[
    moved_to_nothing,
    moved_from_declared,
    moved_twice,
    protect_absent,
    forget_declared,
    guard_over_nothing,
    exceptions,
    limit_values,
    keep_pins,
    owners,
    outside_changes,
];

/// Every declared address with its place, sorted.
fn declared<'a>(context: &'a Context<'_>) -> Vec<(&'a Address, Span)> {
    let network = context.network;
    macro_rules! entities {
        ($($column:ident)*) => {
            std::iter::empty()$(.chain(network.$column.as_slice().iter().map(|item| (&item.entity.address, item.entity.span))))*
        };
    }
    let xapps = network.rics.as_slice().iter().flat_map(|ric| &ric.xapps);
    let mut all: Vec<(&Address, Span)> =
        entities!(sites areas tenants nodes cells radios ports links chunks services slas rics models requests policies)
            .chain(xapps.map(|xapp| (&xapp.entity.address, xapp.entity.span)))
            .chain(network.guards.iter().map(|guard| (&guard.address, guard.span)))
            .chain(network.keeps.iter().map(|keep| (&keep.address, keep.span)))
            .collect();
    all.sort_unstable();
    all
}

fn find(declared: &[(&Address, Span)], address: &Address) -> Option<Span> {
    let index = declared.binary_search_by(|(known, _)| (*known).cmp(address)).ok()?;
    declared.get(index).map(|(_, span)| *span)
}

/// The declared address that is spelled most like `address`.
fn near(declared: &[(&Address, Span)], address: &Address) -> Option<String> {
    let wanted = address.as_str();
    let (noun, _) = wanted.split_once('.')?;
    let alike = |known: &str| known.starts_with(noun) && known.len().abs_diff(wanted.len()) <= 3;
    let best = declared
        .iter()
        .filter(|(known, _)| alike(known.as_str()))
        .take(20_000)
        .map(|(known, _)| (strsim::damerau_levenshtein(known.as_str(), wanted), known.as_str()))
        .min()?;
    (best.0 <= 3).then(|| format!("did you mean `{}`?", best.1))
}

/// The new address of a rename is declared.
fn moved_to_nothing(context: &Context<'_>, findings: &mut Findings) {
    if context.network.moved.is_empty() {
        return;
    }
    let declared = declared(context);
    for moved in &context.network.moved {
        if let Some(finding) = other_kind(&moved.from, &moved.to).or_else(|| in_circle(context, moved)) {
            findings.push(finding);
            continue;
        }
        let goes_on = context.network.moved.iter().any(|next| next.from.value == moved.to.value);
        if goes_on || find(&declared, &moved.to.value).is_some() {
            continue;
        }
        let message = format!("`{}` is moved to `{}`, which is not declared", moved.from.value, moved.to.value);
        let help = near(&declared, &moved.to.value)
            .unwrap_or_else(|| "declare it under its new name; to stop managing it write `forget`".to_owned());
        findings.push(Diagnostic::error(&codes::MOVED_TO_NOTHING, moved.to.span, message).help(help));
    }
}

/// A thing stays what it is under another name.
fn other_kind(from: &Located<Address>, to: &Located<Address>) -> Option<Diagnostic> {
    let (old, new) = (from.value.last().0, to.value.last().0);
    (old != new).then(|| {
        let message = format!("`{}` is a {old}, and `{}` is a {new}", from.value, to.value);
        Diagnostic::error(&codes::WRONG_NOUN, to.span, message)
            .help("a name moves to another name of the same kind; what becomes another thing is declared anew")
    })
}

/// A rename that leads back to where it began; told at the first address of the circle.
fn in_circle(context: &Context<'_>, moved: &Moved) -> Option<Diagnostic> {
    let next = |at: &Address| context.network.moved.iter().find(|one| one.from.value == *at).map(|one| &one.to.value);
    let mut at = &moved.to.value;
    for _ in 0..context.network.moved.len() {
        if *at < moved.from.value {
            return None;
        }
        if *at == moved.from.value && moved.to.value != moved.from.value {
            let message = format!("`{}` is moved in a circle", moved.from.value);
            return Some(
                Diagnostic::error(&codes::CYCLE, moved.from.span, message)
                    .help("take out the line that is no longer meant"),
            );
        }
        at = next(at)?;
    }
    None
}

/// The old address of a rename is gone.
fn moved_from_declared(context: &Context<'_>, findings: &mut Findings) {
    if context.network.moved.is_empty() {
        return;
    }
    let declared = declared(context);
    for moved in &context.network.moved {
        let (message, place) = if moved.from.value == moved.to.value {
            (format!("`{}` is moved to itself", moved.from.value), None)
        } else if let Some(place) = find(&declared, &moved.from.value) {
            (format!("`{}` is moved away but still declared", moved.from.value), Some(place))
        } else {
            continue;
        };
        let mut finding = Diagnostic::error(&codes::MOVED_STILL_DECLARED, moved.from.span, message)
            .help(format!("take the old declaration out, or the `moved` line if `{}` is a new thing", moved.to.value));
        if let Some(place) = place {
            finding = finding.and(place, "still declared here");
        }
        findings.push(finding);
    }
}

/// An address is moved once, to a place of its own, and not in a circle.
fn moved_twice(context: &Context<'_>, findings: &mut Findings) {
    let moved = &context.network.moved;
    let mut from: BTreeMap<&Address, Span> = BTreeMap::new();
    let mut to: BTreeMap<&Address, Span> = BTreeMap::new();
    for one in moved {
        if let Some(first) = from.insert(&one.from.value, one.from.span) {
            let message = format!("`{}` is moved twice", one.from.value);
            findings.push(
                Diagnostic::error(&codes::MOVED_TWICE, one.from.span, message)
                    .and(first, "the first is here")
                    .help("keep one of the two lines"),
            );
        }
        if let Some(first) = to.insert(&one.to.value, one.to.span) {
            let message = format!("two things are moved to `{}`", one.to.value);
            findings.push(
                Diagnostic::error(&codes::MOVED_TWICE, one.to.span, message)
                    .and(first, "the first is here")
                    .help("two things cannot become one: keep one of the two lines"),
            );
        }
    }
}

/// What is protected is there (protection in state outlives the line, so it need not stay for what is gone).
fn protect_absent(context: &Context<'_>, findings: &mut Findings) {
    if context.network.protected.is_empty() {
        return;
    }
    let declared = declared(context);
    for address in &context.network.protected {
        if address.value.last().0 == "request" && address.value.parent().is_none() {
            let message = format!("`protect {}` protects nothing: a request stands on no device itself", address.value);
            let help = "protect the `model` that serves it, or the node that it runs on";
            findings.push(Diagnostic::error(&codes::PROTECT_ABSENT, address.span, message).help(help));
            continue;
        }
        if find(&declared, &address.value).is_some() || may_be_decided(context.network, &address.value) {
            continue;
        }
        let message = format!("`{}` is protected but not declared", address.value);
        let help = near(&declared, &address.value).unwrap_or_else(|| absent(&declared, &address.value));
        findings.push(Diagnostic::error(&codes::PROTECT_ABSENT, address.span, message).help(help));
    }
}

/// How to mend a `protect` that names nothing and is near to nothing.
fn absent(declared: &[(&Address, Span)], address: &Address) -> String {
    let mut above = std::iter::successors(address.parent(), Address::parent);
    match above.find(|above| find(declared, above).is_some()) {
        Some(above) => format!("write what stands below `{above}` as plans print it, such as `ric.metro/e2t.edge-1`"),
        None => "protection is kept in state: take the line out, or declare the thing again".to_owned(),
    }
}

/// What is forgotten is not declared, and not protected.
fn forget_declared(context: &Context<'_>, findings: &mut Findings) {
    if context.network.forgotten.is_empty() {
        return;
    }
    let declared = declared(context);
    for address in &context.network.forgotten {
        let same = |protected: &&Located<Address>| protected.value == address.value;
        let (message, place, what) = if let Some(place) = find(&declared, &address.value) {
            (format!("`{}` is to be forgotten but still declared", address.value), place, "declared here")
        } else if let Some(protected) = context.network.protected.iter().find(same) {
            (format!("`{}` is both protected and to be forgotten", address.value), protected.span, "protected here")
        } else {
            continue;
        };
        findings.push(
            Diagnostic::error(&codes::FORGET_DECLARED, address.span, message)
                .and(place, what)
                .help("`forget` stops managing what is no longer declared: keep one of the two"),
        );
    }
}

/// A guard ranges over something.
fn guard_over_nothing(context: &Context<'_>, findings: &mut Findings) {
    let network = context.network;
    for guard in &network.guards {
        let size = match &*guard.rule.over {
            "cells" => network.cells.len(),
            "radios" => network.radios.len(),
            "ports" => network.ports.len(),
            "interfaces" => network.cells.len() + network.radios.len() + network.ports.len(),
            "nodes" => network.nodes.len(),
            "tenants" => network.tenants.len(),
            "sites" => network.sites.len(),
            "slas" => network.slas.len(),
            "links" => network.links.len(),
            "services" => network.services.len(),
            "chunks" => network.chunks.len(),
            // Sets of the plan (changes, shares) are known when planning.
            _ => continue,
        };
        if size > 0 {
            continue;
        }
        let message = format!("`{}` guards {}, and there are none", guard.address, guard.rule.over);
        findings.push(
            Diagnostic::warning(&codes::GUARD_OVER_NOTHING, guard.span, message)
                .help("a guard that matches nothing protects nothing: mend the selection or take it out"),
        );
    }
}

/// Exceptions name an address that exists, once each.
fn exceptions(context: &Context<'_>, findings: &mut Findings) {
    if context.network.guards.iter().all(|guard| guard.exceptions.is_empty()) {
        return;
    }
    let declared = declared(context);
    for guard in &context.network.guards {
        let mut seen: BTreeMap<&Address, Span> = BTreeMap::new();
        for exception in &guard.exceptions {
            let address = &exception.address;
            // An exception may be for something decided below an entity, e.g. a tenant on a cell.
            let known = std::iter::successors(Some(address.value.clone()), Address::parent)
                .any(|address| find(&declared, &address).is_some());
            if !known {
                let message = format!("`{}` excepts `{}`, which does not exist", guard.address, address.value);
                findings.push(
                    Diagnostic::warning(&codes::WRONG_EXCEPTION, address.span, message)
                        .help(near(&declared, &address.value).unwrap_or_else(|| "take the exception out".to_owned())),
                );
            }
            if let Some(first) = seen.insert(&address.value, address.span) {
                let message = format!("`{}` excepts `{}` twice", guard.address, address.value);
                findings.push(
                    Diagnostic::error(&codes::WRONG_EXCEPTION, address.span, message)
                        .and(first, "the first is here")
                        .help("keep the one with the later day"),
                );
            }
        }
    }
}

/// A tenant has one limit of moved share per `limit` block.
fn limit_values(context: &Context<'_>, findings: &mut Findings) {
    for limit in &context.network.limits {
        for (index, (tenant, _)) in limit.share_moved.iter().enumerate() {
            if limit.share_moved[..index].iter().all(|(other, _)| other != tenant) {
                continue;
            }
            let whose =
                tenant.map_or("every tenant".to_owned(), |tenant| format!("tenant `{}`", context.tenant(tenant)));
            let message = format!("two limits of the share moved of {whose}");
            findings.push(Diagnostic::error(&codes::WRONG_LIMIT, limit.span, message).help("keep one of the two"));
        }
        limit.acknowledged.iter().for_each(|(set, _)| acknowledged(context, set, findings));
    }
}

/// What is acknowledged is a table or a selection.
fn acknowledged(context: &Context<'_>, set: &Located<Address>, findings: &mut Findings) {
    let sets = &context.network.populations;
    if sets.iter().any(|(known, _)| *known == set.value) {
        return;
    }
    let distance = |known: &Address| strsim::damerau_levenshtein(known.as_str(), set.value.as_str());
    let nearest = sets.iter().map(|(known, _)| (distance(known), known)).min().filter(|(distance, _)| *distance <= 4);
    let help = nearest.map_or_else(
        || "tables, areas, chunks, SLAs and RICs select things: name one of those".to_owned(),
        |(_, near)| format!("did you mean `{near}`?"),
    );
    let message = format!("`{}` is no table and no selection", set.value);
    findings.push(Diagnostic::error(&codes::WRONG_LIMIT, set.span, message).help(help));
}

/// Whether `address` is something that `ric` places: below its address, or the bare name of a component or xApp.
fn places(ric: &Ric, address: &Address) -> bool {
    let bare = address.as_str();
    address.is_within(&ric.entity.address)
        || ComponentKind::ALL.iter().any(|(_, word)| *word == bare)
        || ric.xapps.iter().any(|xapp| super::context::name(&xapp.entity) == bare)
}

/// Whether `address` is a model of the catalog, by its address or its bare name.
fn is_model(context: &Context<'_>, address: &Address) -> bool {
    let bare = address.as_str();
    let mut models = context.network.models.iter();
    models.any(|(_, model)| model.entity.address == *address || super::context::name(&model.entity) == bare)
}

/// `keep` pins name what is placed, on a node it may be on.
fn keep_pins(context: &Context<'_>, findings: &mut Findings) {
    let (models, placement): (Vec<_>, Vec<_>) =
        context.network.keeps.iter().partition(|keep| keep.address.last().1 == "models");
    for (address, _) in models.iter().flat_map(|keep| &keep.pins).filter(|(what, _)| !is_model(context, &what.value)) {
        let message = format!("`{}` is pinned, but there is no such model", address.value);
        findings.push(
            Diagnostic::error(&codes::WRONG_KEEP, address.span, message)
                .help("`keep models` pins models of the catalog; components and xApps are pinned by `keep placement`"),
        );
    }
    for keep in placement {
        for (address, node) in &keep.pins {
            let rics: Vec<&Ric> =
                context.network.rics.as_slice().iter().filter(|ric| places(ric, &address.value)).collect();
            let (span, message) = match rics.first() {
                None => (address.span, format!("`{}` is pinned, but no RIC places it", address.value)),
                Some(ric) if rics.iter().all(|ric| ric.candidates.binary_search(&node.value).is_err()) => {
                    let place = context.node(node.value);
                    let ric = &ric.entity.address;
                    (node.span, format!("`{}` is pinned on `{place}`, which is no candidate of `{ric}`", address.value))
                }
                Some(_) => continue,
            };
            findings.push(
                Diagnostic::error(&codes::WRONG_KEEP, span, message)
                    .help("pin a component or xApp of a RIC on one of its `candidates`"),
            );
        }
    }
}

/// A thing has one owner.
fn owners(context: &Context<'_>, findings: &mut Findings) {
    let mut owned: BTreeMap<&Name, (&Name, Span)> = BTreeMap::new();
    for owner in &context.network.owners {
        for thing in &owner.owns {
            let Some((first, span)) = owned.insert(&thing.value, (&owner.name, thing.span)) else { continue };
            let message = if *first == owner.name {
                format!("owner `{}` names `{}` twice", owner.name, thing.value)
            } else {
                format!("`{}` has two owners, `{first}` and `{}`", thing.value, owner.name)
            };
            findings.push(
                Diagnostic::error(&codes::TWO_OWNERS, thing.span, message)
                    .and(span, "the first is here")
                    .help("a thing has one owner, whose approval a change needs: keep one of the two"),
            );
        }
    }
}

/// One rule per path, on a path that exists.
fn outside_changes(context: &Context<'_>, findings: &mut Findings) {
    if context.network.outside_changes.is_empty() {
        return;
    }
    let declared = declared(context);
    let mut seen: BTreeMap<(&Name, Option<&Name>), Span> = BTreeMap::new();
    for rule in &context.network.outside_changes {
        let path = &rule.path;
        let fields: Vec<Option<&Name>> = match rule.fields.as_slice() {
            [] => vec![None],
            fields => fields.iter().map(Some).collect(),
        };
        if let Some(first) = fields.into_iter().filter_map(|field| seen.insert((&path.value, field), path.span)).next()
        {
            let message = format!("two rules for outside changes at `{}`", path.value);
            findings.push(
                Diagnostic::error(&codes::OUTSIDE_CHANGE, path.span, message)
                    .and(first, "the first is here")
                    .help("keep one of the two"),
            );
        }
        let top = path.value.trim_end_matches("/**").trim_end_matches("**");
        let address = Address::from_text(top);
        let known = top.is_empty()
            || top.contains('*')
            || std::iter::successors(Some(address.clone()), Address::parent)
                .any(|address| find(&declared, &address).is_some());
        if !known {
            let message = format!("there is nothing at `{}`", path.value);
            findings.push(
                Diagnostic::error(&codes::OUTSIDE_CHANGE, path.span, message).help(
                    near(&declared, &address)
                        .unwrap_or_else(|| "name a declared address, with `/**` for all below".to_owned()),
                ),
            );
        }
    }
}

#[cfg(test)]
mod tests;
