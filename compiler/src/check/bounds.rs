//! Guarantees, caps and what devices can keep of them: minimum <= maximum, sums, one policy set per element,
//! one value for both directions (target-formats.md 13 and 14; slicing.md D11).

use std::collections::BTreeMap;

use ranform_network::diagnostic::{Diagnostic, codes};
use ranform_network::ids::*;
use ranform_network::network::{Bound, Direction, Interface, SharingMode, Sla};
use ranform_network::profile::Containment;
use ranform_network::source::Span;
use ranform_network::units::Share;

use super::context::name;
use super::shares::{SLACK, ratio_of, tight};
use super::{Check, Context, Findings};

/// The rules of this family.
pub const CHECKS: &[Check] = &[
    minimum_above_maximum,
    guarantees_above_whole,
    caps_leave_unused,
    bound_on_passive,
    one_policy_set,
    one_value_for_both,
    expectations,
    expected_tenant,
];

/// The rules that miss something where an interface is lost.
pub const PLACES: &[Check] = &[bound_without_presence];

/// A minimum or maximum of a tenant on an interface.
#[derive(Clone, Copy)]
struct Limit {
    tenant: TenantId,
    share: f64,
    span: Span,
    direction: Direction,
}

/// The bounds of `kind` that hold on `interface` by itself.
fn on<'a>(
    context: &'a Context<'_>,
    interface: Interface,
    kind: fn(&Sla) -> &Vec<Bound>,
) -> impl Iterator<Item = Limit> + 'a {
    context.slas_of(interface).flat_map(move |sla| {
        let sla = &context.network.slas[sla];
        let here = move |bound: &&Bound| bound.on.as_ref().is_some_and(|on| on.binary_search(&interface).is_ok());
        kind(sla).iter().filter(here).map(move |bound| Limit {
            tenant: bound.tenant.value,
            share: bound.share.value.0,
            span: bound.share.span,
            direction: sla.direction,
        })
    })
}

fn guarantees(sla: &Sla) -> &Vec<Bound> {
    &sla.guarantees
}

fn caps(sla: &Sla) -> &Vec<Bound> {
    &sla.caps
}

/// Whether two bounds of an SLA hold at one place: both over the area, or on one interface.
fn meet(a: &Bound, b: &Bound) -> bool {
    match (&a.on, &b.on) {
        (None, None) => true,
        (Some(a), Some(b)) => a.iter().any(|interface| b.binary_search(interface).is_ok()),
        _ => false,
    }
}

/// dedicated <= min <= max: no guarantee and no floor above a cap.
fn minimum_above_maximum(context: &Context<'_>, findings: &mut Findings) {
    for (_, sla) in context.network.slas.iter() {
        for cap in &sla.caps {
            let tenant = context.tenant(cap.tenant.value);
            let higher = |minimum: f64| minimum > cap.share.value.0 + SLACK;
            let against = |guarantee: &&Bound| guarantee.tenant.value == cap.tenant.value && meet(guarantee, cap);
            for guarantee in sla.guarantees.iter().filter(against) {
                if higher(guarantee.share.value.0) {
                    let message = format!(
                        "tenant `{tenant}` is guaranteed {} but capped at {}",
                        guarantee.share.value, cap.share.value
                    );
                    findings.push(
                        Diagnostic::error(&codes::MINIMUM_ABOVE_MAXIMUM, guarantee.share.span, message)
                            .and(cap.share.span, "the cap")
                            .help(format!("guarantee at most {}, or raise the cap", tight(cap.share.value))),
                    );
                }
            }
            if let Some(floor) = sla.floor.filter(|floor| cap.on.is_some() && higher(floor.value.0)) {
                let message =
                    format!("tenant `{tenant}` is capped at {}, below the floor of {}", cap.share.value, floor.value);
                findings.push(
                    Diagnostic::error(&codes::MINIMUM_ABOVE_MAXIMUM, cap.share.span, message)
                        .and(floor.span, "the floor")
                        .help(format!("cap at {} or more, or lower the floor", tight(floor.value))),
                );
            }
        }
    }
}

/// Minimums sum to at most 100 % per interface and direction, and over an area.
fn guarantees_above_whole(context: &Context<'_>, findings: &mut Findings) {
    for (_, sla) in context.network.slas.iter() {
        let area: Vec<Limit> = sla
            .guarantees
            .iter()
            .filter(|bound| bound.on.is_none())
            .map(|bound| Limit {
                tenant: bound.tenant.value,
                share: bound.share.value.0,
                span: bound.share.span,
                direction: sla.direction,
            })
            .collect();
        let place = format!("over SLA `{}`", name(&sla.entity));
        findings.extend(above_whole(context, &area, sla.direction, &place));
    }
    let mut told: BTreeMap<Vec<Span>, ()> = BTreeMap::new();
    for (interface, _) in context.by_interface() {
        for direction in [Direction::Dl, Direction::Ul] {
            let here: Vec<Limit> =
                on(context, interface, guarantees).filter(|limit| limit.direction.covers(direction)).collect();
            let spans: Vec<Span> = here.iter().map(|limit| limit.span).collect();
            let place = format!("on `{}`", context.interface(interface));
            let finding = above_whole(context, &here, direction, &place);
            findings.extend(finding.filter(|_| told.insert(spans, ()).is_none()));
        }
    }
}

fn above_whole(context: &Context<'_>, limits: &[Limit], direction: Direction, place: &str) -> Option<Diagnostic> {
    let sum: f64 = limits.iter().map(|limit| limit.share).sum();
    let (last, rest) = limits.split_last()?;
    if sum <= 1.0 + SLACK {
        return None;
    }
    let parts: Vec<String> = limits
        .iter()
        .map(|limit| format!("`{}` {}", context.tenant(limit.tenant), tight(Share(limit.share))))
        .collect();
    let word = if limits.iter().all(|limit| limit.direction == Direction::Both) {
        ""
    } else if direction == Direction::Ul {
        "uplink "
    } else {
        "downlink "
    };
    let message = format!("the {word}guarantees {place} sum to {}: {}", Share(sum), parts.join(", "));
    let mut finding = Diagnostic::error(&codes::GUARANTEES_ABOVE_WHOLE, last.span, message)
        .help(format!("take {} away", Share(sum - 1.0)));
    for limit in rest {
        finding = finding.and(limit.span, "adds to it");
    }
    Some(finding)
}

/// Caps on every tenant of an interface that together stay below 100 % leave the rest to nobody.
fn caps_leave_unused(context: &Context<'_>, findings: &mut Findings) {
    let mut told: BTreeMap<Vec<Span>, ()> = BTreeMap::new();
    for (interface, _) in context.by_interface() {
        let limits: Vec<Limit> = on(context, interface, caps).collect();
        if limits.is_empty() {
            continue;
        }
        let cap_of = |tenant: TenantId| limits.iter().find(|limit| limit.tenant == tenant);
        let tenants = context.tenants_at(interface);
        let Some(sum) = tenants.iter().map(|tenant| cap_of(*tenant).map(|limit| limit.share)).sum::<Option<f64>>()
        else {
            continue;
        };
        let spans: Vec<Span> = limits.iter().map(|limit| limit.span).collect();
        if sum >= 1.0 - SLACK || told.insert(spans, ()).is_some() {
            continue;
        }
        let message = format!(
            "the caps on `{}` sum to {}: {} of it is given to nobody",
            context.interface(interface),
            Share(sum),
            Share(1.0 - sum)
        );
        findings.push(
            Diagnostic::warning(&codes::CAPS_LEAVE_UNUSED, limits[0].span, message)
                .help("leave one tenant without a cap"),
        );
    }
}

/// A bound is for a tenant that is there, on an interface that the SLA covers.
fn bound_without_presence(context: &Context<'_>, findings: &mut Findings) {
    for (_, sla) in context.network.slas.iter() {
        for (bound, word) in sla.guarantees.iter().map(|b| (b, "guarantee")).chain(sla.caps.iter().map(|b| (b, "cap")))
        {
            let tenant = context.tenant(bound.tenant.value);
            let there = |interface: &Interface| {
                context.at(*interface).iter().any(|presence| presence.tenant == bound.tenant.value)
            };
            let outside = |interface: &&Interface| sla.interfaces.binary_search(interface).is_err();
            let (message, help) = match &bound.on {
                Some(on) if on.iter().any(|interface| outside(&interface)) => {
                    let place = on.iter().find(outside).map(|interface| context.interface(*interface)).unwrap_or("");
                    let message = format!("a {word} on `{place}`, which SLA `{}` does not cover", name(&sla.entity));
                    (message, "name an interface of its area, or widen `over`".to_owned())
                }
                Some(on) if !on.iter().any(there) => {
                    let place = on.first().map(|interface| context.interface(*interface)).unwrap_or("nothing");
                    let message = format!("a {word} for tenant `{tenant}` on `{place}`, where it is not");
                    (message, format!("give `{tenant}` a chunk there, or take the {word} out"))
                }
                None if !sla.interfaces.iter().any(there) => {
                    let message =
                        format!("a {word} for tenant `{tenant}`, which is nowhere in SLA `{}`", name(&sla.entity));
                    (message, format!("give `{tenant}` a chunk there, or take the {word} out"))
                }
                _ => continue,
            };
            findings.push(Diagnostic::error(&codes::BOUND_WITHOUT_PRESENCE, bound.share.span, message).help(help));
        }
    }
}

/// A guarantee or cap asked of a passive interface cannot be kept.
fn bound_on_passive(context: &Context<'_>, findings: &mut Findings) {
    for (_, sla) in context.network.slas.iter() {
        for (bound, word) in sla.guarantees.iter().map(|b| (b, "guarantee")).chain(sla.caps.iter().map(|b| (b, "cap")))
        {
            let passive = |interface: &Interface| context.mode(*interface) == Some(SharingMode::Passive);
            let place = match &bound.on {
                Some(on) => on.iter().copied().find(passive),
                None => sla.interfaces.first().copied().filter(|_| sla.interfaces.iter().all(passive)),
            };
            let Some(interface) = place else { continue };
            let message = format!(
                "a {word} of {} asked of `{}`, which is passive",
                bound.share.value,
                context.interface(interface)
            );
            let mut finding = Diagnostic::error(&codes::ASKED_OF_PASSIVE, bound.share.span, message)
                .help(format!("a passive interface cannot be controlled: take it out of the {word}"));
            if let Some(sharing) = context.network.sharing_of(interface) {
                finding = finding.and(sharing.span, "passive here");
            }
            findings.push(finding);
        }
    }
}

/// What a cell asks for itself: tenant, whether a maximum, direction, in thousandths of a percent; for comparison.
fn asked(context: &Context<'_>, interface: Interface) -> Vec<(TenantId, &'static str, Direction, i64, Span)> {
    let row = |word: &'static str| {
        move |limit: Limit| (limit.tenant, word, limit.direction, (limit.share * 1e5).round() as i64, limit.span)
    };
    let ratios = context.at(interface).iter().filter_map(|presence| {
        let ratio = ratio_of(context, presence)?;
        Some((presence.tenant, "ratio", Direction::Both, (ratio.value.0 * 1e5).round() as i64, ratio.span))
    });
    let mut all: Vec<_> = on(context, interface, guarantees)
        .map(row("guarantee"))
        .chain(on(context, interface, caps).map(row("cap")))
        .chain(ratios)
        .collect();
    all.sort_unstable();
    all
}

/// A device with one policy set for all its cells (release 16 shape) cannot keep bounds that differ between them.
fn one_policy_set(context: &Context<'_>, findings: &mut Findings) {
    for node in context.network.nodes.as_slice() {
        let Some((first, rest)) = node.cells.split_first() else { continue };
        if node.profile.containment != Containment::TopLevel || rest.is_empty() {
            continue;
        }
        let base = asked(context, Interface::Cell(*first));
        let strip = |rows: &[(TenantId, &'static str, Direction, i64, Span)]| {
            rows.iter().map(|row| (row.0, row.1, row.2, row.3)).collect::<Vec<_>>()
        };
        for cell in rest {
            let here = asked(context, Interface::Cell(*cell));
            if strip(&here) == strip(&base) {
                continue;
            }
            let differs = here.iter().find(|row| !strip(&base).contains(&(row.0, row.1, row.2, row.3)));
            let differs =
                differs.or_else(|| base.iter().find(|row| !strip(&here).contains(&(row.0, row.1, row.2, row.3))));
            let Some((tenant, word, _, _, span)) = differs else { continue };
            let message = format!(
                "profile `{}` has one policy set for all cells, but the {word} of tenant `{}` differs between `{}` and `{}`",
                node.profile.name,
                context.tenant(*tenant),
                context.interface(Interface::Cell(*first)),
                context.interface(Interface::Cell(*cell)),
            );
            findings.push(
                Diagnostic::error(&codes::ONE_POLICY_SET, *span, message)
                    .and(node.profile_span, "the profile")
                    .help(format!("write the {word} `on {}`, so that it holds on all its cells", node.entity.address)),
            );
            break;
        }
    }
}

/// A device without directions has one value for both, so downlink and uplink shares must not differ.
fn one_value_for_both(context: &Context<'_>, findings: &mut Findings) {
    let mut told: BTreeMap<(SlaId, SlaId), ()> = BTreeMap::new();
    for (interface, _) in context.by_interface() {
        let node = &context.network.nodes[context.network.node_of(interface)];
        let both_only = node.profile.sharing.as_ref().is_some_and(|capability| !capability.directions);
        if !both_only || context.mode(interface) == Some(SharingMode::Passive) {
            continue;
        }
        let slas: Vec<SlaId> = context.slas_of(interface).collect();
        for (index, &first) in slas.iter().enumerate() {
            for &second in &slas[index + 1..] {
                let (a, b) = (&context.network.slas[first], &context.network.slas[second]);
                let opposite =
                    a.direction != b.direction && a.direction != Direction::Both && b.direction != Direction::Both;
                if !opposite || same_shares(a, b) || told.insert((first, second), ()).is_some() {
                    continue;
                }
                let message = format!(
                    "profile `{}` has one share for both directions, but SLAs `{}` and `{}` want different ones on `{}`",
                    node.profile.name,
                    name(&a.entity),
                    name(&b.entity),
                    context.interface(interface),
                );
                findings.push(
                    Diagnostic::error(&codes::ONE_VALUE_FOR_BOTH, b.shares_span, message)
                        .and(a.shares_span, "the other direction")
                        .help("write one SLA with `direction both`, or use a profile that has both directions"),
                );
            }
        }
    }
}

fn same_shares(a: &Sla, b: &Sla) -> bool {
    let shares = |sla: &Sla| {
        let mut shares: Vec<(TenantId, i64)> =
            sla.shares.iter().map(|share| (share.tenant, (share.share.value.0 * 1e7).round() as i64)).collect();
        shares.sort_unstable();
        shares
    };
    shares(a) == shares(b)
}

/// What a passive interface is expected to do sums to at most 100 %.
fn expectations(context: &Context<'_>, findings: &mut Findings) {
    for (interface, _) in context.by_interface() {
        let Some(sharing) = context.network.sharing_of(interface) else { continue };
        let sum: f64 = sharing.expect.iter().map(|(_, share)| share.value.0).sum();
        if sum <= 1.0 + SLACK {
            continue;
        }
        let message = format!("`{}` is expected to give {} in all", context.interface(interface), Share(sum));
        let span = sharing.expect.last().map_or(sharing.span, |(_, share)| share.span);
        findings.push(
            Diagnostic::error(&codes::EXPECTED_ABOVE_WHOLE, span, message)
                .help(format!("take {} away", Share(sum - 1.0))),
        );
    }
}

/// Tenants that a passive interface is expected to serve are on it.
fn expected_tenant(context: &Context<'_>, findings: &mut Findings) {
    for (interface, _) in context.by_interface() {
        let Some(sharing) = context.network.sharing_of(interface) else { continue };
        let present = context.tenants_at(interface);
        for (tenant, share) in &sharing.expect {
            if present.binary_search(tenant).is_ok() || share.value.0 == 0.0 {
                continue;
            }
            let tenant = context.tenant(*tenant);
            let message = format!(
                "`{}` is expected to serve tenant `{tenant}`, which is not on it",
                context.interface(interface)
            );
            let help = format!("give `{tenant}` a chunk with this interface, or take it out of `expect`");
            findings.push(Diagnostic::error(&codes::EXPECTED_TENANT_ABSENT, share.span, message).help(help));
        }
    }
}

#[cfg(test)]
mod tests;
