//! SLAs and fixed ratios: wholes, floors, who is named, windows, and what a passive interface cannot do
//! (slicing.md, D1 to D12).

use std::collections::BTreeMap;

use ranform_network::diagnostic::{Diagnostic, codes};
use ranform_network::ids::*;
use ranform_network::network::{Interface, SharingMode, Sla};
use ranform_network::profile::GridKind;
use ranform_network::source::Span;
use ranform_network::units::{Share, decimal};

use super::context::{count, list, name};
use super::{Check, Context, Findings};

mod ratios;

pub(super) use ratios::of as ratio_of;

/// The rules of who shares with whom.
pub const CHECKS: &[Check] = &[
    floor_times_tenants,
    unnamed_tenant,
    floor_below_smallest,
    passive_without_use,
    ratios::under_sla,
    ratios::missing,
    ratios::above_whole,
    ratios::on_passive,
];

/// The rules of what an SLA says of its tenants.
pub const WHOLES: &[Check] = &[whole];

/// The rules of what an SLA says of itself.
pub const PERIODS: &[Check] = &[window];

/// The rules that miss something where an interface is lost.
pub const PLACES: &[Check] = &[absent_tenant, empty_sla];

/// Shares are compared with this slack: a ten-thousandth of a percent.
pub(super) const SLACK: f64 = 1e-6;

/// The shares of an SLA, with what the others get, sum to 100 %.
fn whole(context: &Context<'_>, findings: &mut Findings) {
    for (_, sla) in context.network.slas.iter() {
        let named: f64 = sla.shares.iter().map(|share| share.share.value.0).sum();
        let others = sla.others.map_or(0.0, |others| others.value.0);
        let sum = named + others;
        if (sum - 1.0).abs() <= SLACK || sla.shares.is_empty() {
            continue;
        }
        let difference = exact((sum - 1.0).abs());
        let message = format!("the shares of SLA `{}` sum to {}, not 100 %", name(&sla.entity), exact(sum));
        let help = match sla.shares.last() {
            Some(last) if last.share.value.0 + 1.0 - sum > 0.0 => {
                let mended = exact(last.share.value.0 + 1.0 - sum).replace(' ', "");
                let verb = if sum > 1.0 { "take away" } else { "add" };
                format!("{verb} {difference}, e.g. `{} {mended}`", context.tenant(last.tenant))
            }
            _ => format!("take {difference} away"),
        };
        findings.push(Diagnostic::error(&codes::SHARES_NOT_WHOLE, sla.shares_span, message).help(help));
    }
}

/// A share with all the digits that tell it from another: [`SLACK`] is the last of them.
fn exact(share: f64) -> String {
    format!("{} %", decimal(share * 100.0, 4))
}

/// The smallest share that the device of an interface enforces: stated, its profile's, or one resource block on
/// a grid of whole percent (ceil(100 / N_RB) %, since floor(N_RB * percent / 100) must not be 0).
pub(super) fn smallest(context: &Context<'_>, interface: Interface) -> f64 {
    let node = &context.network.nodes[context.network.node_of(interface)];
    let Some(sharing) = context.network.sharing_of(interface) else { return 0.0 };
    let profile = node.profile.sharing.as_ref();
    let stated = sharing.smallest.map_or(0.0, |share| share.0);
    let of_profile = profile.map_or(0.0, |capability| capability.smallest_percent / 100.0);
    let of_grid = match (interface, profile.map(|capability| capability.grid)) {
        (Interface::Cell(cell), Some(GridKind::PercentFloor)) => {
            // A channel that does not exist has no blocks to count: that is another finding.
            match context.network.cells[cell].prbs.0 {
                0 => 0.0,
                blocks => f64::from(100u32.div_ceil(blocks)) / 100.0,
            }
        }
        _ => 0.0,
    };
    stated.max(of_profile).max(of_grid)
}

/// The interfaces of an SLA that obey, i.e. are not passive.
fn active<'a>(context: &'a Context<'_>, sla: &'a Sla) -> impl Iterator<Item = Interface> + 'a {
    let obeys = |interface: &Interface| context.mode(*interface).is_some_and(|mode| mode != SharingMode::Passive);
    sla.interfaces.iter().copied().filter(obeys)
}

/// Floor times tenants fits into every interface that obeys, with the device's own smallest share as a floor.
fn floor_times_tenants(context: &Context<'_>, findings: &mut Findings) {
    for (_, sla) in context.network.slas.iter() {
        let Some(floor) = sla.floor else { continue };
        let crowded = active(context, sla).map(|interface| (context.tenants_at(interface).len(), interface)).filter(
            |(tenants, interface)| *tenants as f64 * floor.value.0.max(smallest(context, *interface)) > 1.0 + SLACK,
        );
        // The interface with the most tenants, the first of them.
        let Some((tenants, interface)) = crowded.reduce(|a, b| if b.0 > a.0 { b } else { a }) else { continue };
        let least = floor.value.0.max(smallest(context, interface));
        let why = if least > floor.value.0 { ", raised to the smallest share the device enforces" } else { "" };
        let message = format!(
            "a floor of {}{why} for {} is {} of `{}`, more than 100 %",
            Share(least),
            count(tenants, "tenant"),
            Share(least * tenants as f64),
            context.interface(interface),
        );
        let most = (100.0 / tenants as f64 * 100.0).floor() / 100.0;
        let help = match why.is_empty() {
            true => format!("a floor of at most {} fits {tenants} tenants", tight(Share(most / 100.0))),
            false => "let fewer tenants share this interface".to_owned(),
        };
        findings.push(Diagnostic::error(&codes::FLOOR_ABOVE_CAPACITY, floor.span, message).help(help));
    }
}

/// D12: whoever is present in the area is named, or the SLA says what the others get.
fn unnamed_tenant(context: &Context<'_>, findings: &mut Findings) {
    for (_, sla) in context.network.slas.iter() {
        if sla.others.is_some() {
            continue;
        }
        let mut unnamed: BTreeMap<TenantId, (Interface, usize, Span)> = BTreeMap::new();
        for &interface in &sla.interfaces {
            for presence in context.at(interface) {
                if sla.shares.iter().all(|share| share.tenant != presence.tenant) {
                    let span = context.network.chunks[presence.chunk].entity.span;
                    unnamed.entry(presence.tenant).or_insert((interface, 0, span)).1 += 1;
                }
            }
        }
        for (tenant, (interface, places, span)) in unnamed {
            let more = if places > 1 { format!(" and {} more", places - 1) } else { String::new() };
            let message = format!(
                "tenant `{}` is on `{}`{more}, but SLA `{}` does not name it",
                context.tenant(tenant),
                context.interface(interface),
                name(&sla.entity),
            );
            findings.push(
                Diagnostic::error(&codes::UNNAMED_TENANT, sla.shares_span, message)
                    .and(span, "it is there by this chunk")
                    .help(format!("give `{}` a share, or say what the rest get: `others 0%`", context.tenant(tenant))),
            );
        }
    }
}

/// A tenant that an SLA names is somewhere in its area.
fn absent_tenant(context: &Context<'_>, findings: &mut Findings) {
    for (_, sla) in context.network.slas.iter() {
        let mut present: Vec<TenantId> = sla
            .interfaces
            .iter()
            .flat_map(|interface| context.at(*interface))
            .map(|presence| presence.tenant)
            .collect();
        present.sort_unstable();
        present.dedup();
        if sla.interfaces.is_empty() {
            continue;
        }
        for share in sla.shares.iter().filter(|share| share.share.value.0 > 0.0) {
            if present.binary_search(&share.tenant).is_ok() {
                continue;
            }
            let tenant = context.tenant(share.tenant);
            let message = format!(
                "SLA `{}` promises {} to tenant `{tenant}`, which is on no interface of its area",
                name(&sla.entity),
                share.share.value,
            );
            let help = format!("give `{tenant}` a chunk there, or take it out of the shares");
            findings.push(Diagnostic::error(&codes::ABSENT_TENANT, share.share.span, message).help(help));
        }
    }
}

/// An SLA covers something.
fn empty_sla(context: &Context<'_>, findings: &mut Findings) {
    for (_, sla) in context.network.slas.iter().filter(|(_, sla)| sla.interfaces.is_empty()) {
        let message = format!("SLA `{}` covers no cell and no radio", name(&sla.entity));
        findings.push(
            Diagnostic::error(&codes::EMPTY_SLA, sla.over_span, message)
                .help("look at `over`: its site, area or selection holds no interface whose share can be measured"),
        );
    }
}

/// The control period is not longer than the window.
fn window(context: &Context<'_>, findings: &mut Findings) {
    for (_, sla) in context.network.slas.iter() {
        let (window, period) = (sla.window, sla.period);
        if period.value > window.value {
            let message = format!("the control period {} is longer than the window {}", period.value, window.value);
            let help = format!("choose a period of at most {}", window.value);
            findings.push(Diagnostic::error(&codes::WINDOW_AND_PERIOD, period.span, message).help(help));
        }
    }
}

/// A floor below what a device enforces is raised there (D7), which the user should know.
fn floor_below_smallest(context: &Context<'_>, findings: &mut Findings) {
    for (_, sla) in context.network.slas.iter() {
        let Some(floor) = sla.floor.filter(|floor| floor.value.0 > 0.0) else { continue };
        let raised: Vec<(Interface, f64)> = active(context, sla)
            .map(|interface| (interface, smallest(context, interface)))
            .filter(|(_, least)| *least > floor.value.0 + SLACK)
            .collect();
        let highest = raised.iter().copied().reduce(|a, b| if b.1 > a.1 { b } else { a });
        let Some((interface, least)) = highest else { continue };
        let message = format!(
            "a floor of {} is below what {} can enforce; it is raised there, to {} on `{}`",
            floor.value,
            count(raised.len(), "interface"),
            Share(least),
            context.interface(interface),
        );
        findings.push(
            Diagnostic::warning(&codes::FLOOR_BELOW_SMALLEST, floor.span, message)
                .help(format!("write `floor {}` to have one floor everywhere", tight(Share(least)))),
        );
    }
}

/// A passive interface under an SLA states what it does, or only observations can tell.
fn passive_without_use(context: &Context<'_>, findings: &mut Findings) {
    for (_, sla) in context.network.slas.iter() {
        let silent = |interface: &&Interface| {
            let sharing = context.network.sharing_of(**interface);
            sharing.is_some_and(|sharing| sharing.mode == SharingMode::Passive && sharing.expect.is_empty())
        };
        let silent: Vec<Interface> = sla.interfaces.iter().filter(silent).copied().collect();
        let Some(first) = silent.first() else { continue };
        let span = context.network.sharing_of(*first).map_or(sla.entity.span, |sharing| sharing.span);
        let message = format!(
            "SLA `{}` counts on {} whose use is not stated, so without observations no reachability is claimed: {}",
            name(&sla.entity),
            count(silent.len(), "passive interface"),
            list(silent.iter().map(|interface| context.interface(*interface))),
        );
        let equal = equal_parts(context, *first);
        findings.push(
            Diagnostic::warning(&codes::PASSIVE_WITHOUT_USE, span, message)
                .and(sla.entity.span, "the SLA")
                .help(format!("state it, e.g. `sharing passive expect {equal}`, or plan with an observation file")),
        );
    }
}

/// Equal parts of 100 % for the tenants of an interface, as one writes them.
fn equal_parts(context: &Context<'_>, interface: Interface) -> String {
    let tenants = context.tenants_at(interface);
    let part = Share((100.0 / tenants.len().max(1) as f64).floor() / 100.0);
    let parts: Vec<String> =
        tenants.iter().map(|tenant| format!("{} {}", context.tenant(*tenant), tight(part))).collect();
    if parts.is_empty() { "red 50%, blue 50%".to_owned() } else { parts.join(", ") }
}

/// A share as one writes it: `60%`.
pub(super) fn tight(share: Share) -> String {
    share.to_string().replace(' ', "")
}

#[cfg(test)]
mod tests;
