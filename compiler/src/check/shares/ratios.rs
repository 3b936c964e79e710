//! Fixed ratios of chunks and services: only where no SLA decides, on interfaces that obey, at most 100 % together.

use std::collections::BTreeMap;

use ranform_network::diagnostic::{Diagnostic, codes};
use ranform_network::ids::*;
use ranform_network::network::{Interface, SharingMode, Technology};
use ranform_network::source::Located;
use ranform_network::units::Share;

use super::super::context::{Presence, count, name};
use super::super::{Context, Findings};
use super::SLACK;

/// Every ratio that is written, with the chunk it stands on and the technology it is for.
fn written<'a>(context: &'a Context<'_>) -> impl Iterator<Item = (ChunkId, Option<Technology>, Located<Share>)> + 'a {
    let network = context.network;
    let of_chunks = network.chunks.iter().filter_map(|(id, chunk)| chunk.ratio.map(|ratio| (id, None, ratio)));
    let of_services = network.services.as_slice().iter().flat_map(|service| {
        service.ratios.iter().map(|(technology, ratio)| (service.chunk.value, Some(*technology), *ratio))
    });
    of_chunks.chain(of_services)
}

/// The interfaces of `chunk` that a ratio for `technology` concerns; ports have no share.
fn concerned<'a>(
    context: &'a Context<'_>,
    chunk: ChunkId,
    technology: Option<Technology>,
) -> impl Iterator<Item = Interface> + 'a {
    context.network.chunks[chunk].interfaces.iter().copied().filter(move |interface| {
        let of = context.technology(*interface);
        of.is_some() && (technology.is_none() || of == technology)
    })
}

/// The ratio that a presence has on its interface: its service's for the technology, else its chunk's.
pub(in super::super) fn of(context: &Context<'_>, presence: &Presence) -> Option<Located<Share>> {
    let technology = context.technology(presence.interface)?;
    let of_service = context
        .services_of(presence.chunk)
        .find_map(|(_, service)| service.ratios.iter().find(|(of, _)| *of == technology).map(|(_, ratio)| *ratio));
    of_service.or(context.network.chunks[presence.chunk].ratio)
}

/// Under an SLA the solver decides, so a fixed ratio contradicts it.
pub(in super::super) fn under_sla(context: &Context<'_>, findings: &mut Findings) {
    for (chunk, technology, ratio) in written(context) {
        let covered = concerned(context, chunk, technology)
            .find_map(|interface| context.slas_of(interface).next().map(|sla| (interface, sla)));
        let Some((interface, sla)) = covered else { continue };
        let tenant = context.tenant(context.network.chunks[chunk].tenant.value);
        let sla = &context.network.slas[sla];
        let message = format!(
            "a ratio of {} on `{}`, whose shares SLA `{}` decides",
            ratio.value,
            context.interface(interface),
            name(&sla.entity),
        );
        let percent = super::tight(ratio.value);
        findings.push(
            Diagnostic::error(&codes::RATIO_UNDER_SLA, ratio.span, message).and(sla.entity.span, "the SLA").help(
                format!(
                    "in the SLA write `guarantee {tenant} {percent}` for at least, `cap {tenant} {percent}` for at most"
                ),
            ),
        );
    }
}

/// An interface in chunks of several tenants needs a ratio for each, where no SLA decides and it is not passive.
pub(in super::super) fn missing(context: &Context<'_>, findings: &mut Findings) {
    let mut lacking: BTreeMap<ChunkId, (Interface, usize)> = BTreeMap::new();
    for (interface, presences) in context.by_interface() {
        let shared = presences.iter().any(|presence| presence.tenant != presences[0].tenant);
        let passive = context.mode(interface).is_none_or(|mode| mode == SharingMode::Passive);
        if !shared || passive || context.slas_of(interface).next().is_some() {
            continue;
        }
        for presence in presences.iter().filter(|presence| of(context, presence).is_none()) {
            lacking.entry(presence.chunk).or_insert((interface, 0)).1 += 1;
        }
    }
    for (chunk, (interface, places)) in lacking {
        let chunk = &context.network.chunks[chunk];
        let message = format!(
            "chunk `{}` shares {} with other tenants (`{}` first) but has no ratio, and no SLA covers {}",
            name(&chunk.entity),
            count(places, "interface"),
            context.interface(interface),
            if places == 1 { "it" } else { "them" },
        );
        findings.push(
            Diagnostic::error(&codes::RATIO_MISSING, chunk.entity.span, message)
                .help("write a `ratio` in each of the chunks, or an `sla` over the interfaces"),
        );
    }
}

/// Fixed ratios on one interface sum to at most 100 %.
pub(in super::super) fn above_whole(context: &Context<'_>, findings: &mut Findings) {
    let mut told: BTreeMap<Vec<ChunkId>, ()> = BTreeMap::new();
    for (interface, presences) in context.by_interface() {
        let ratios: Vec<(&Presence, Located<Share>)> =
            presences.iter().filter_map(|presence| of(context, presence).map(|ratio| (presence, ratio))).collect();
        let sum: f64 = ratios.iter().map(|(_, ratio)| ratio.value.0).sum();
        let covered = context.slas_of(interface).next().is_some();
        let chunks: Vec<ChunkId> = ratios.iter().map(|(presence, _)| presence.chunk).collect();
        if sum <= 1.0 + SLACK || covered || told.insert(chunks, ()).is_some() {
            continue;
        }
        let Some((last, rest)) = ratios.split_last() else { continue };
        let parts: Vec<String> = ratios
            .iter()
            .map(|(presence, ratio)| format!("`{}` {}", context.tenant(presence.tenant), super::tight(ratio.value)))
            .collect();
        let message =
            format!("the ratios on `{}` sum to {}: {}", context.interface(interface), Share(sum), parts.join(", "));
        let mut finding = Diagnostic::error(&codes::RATIOS_ABOVE_WHOLE, last.1.span, message)
            .help(format!("take {} away", Share(sum - 1.0)));
        for (_, ratio) in rest {
            finding = finding.and(ratio.span, "adds to it");
        }
        findings.push(finding);
    }
}

/// A passive interface gives no shares: a ratio for it alone, or for its technology, cannot be kept.
pub(in super::super) fn on_passive(context: &Context<'_>, findings: &mut Findings) {
    for (chunk, technology, ratio) in written(context) {
        let passive = |interface: &Interface| context.mode(*interface) == Some(SharingMode::Passive);
        let all: Vec<Interface> = concerned(context, chunk, technology).collect();
        let Some(first) = all.iter().copied().find(passive) else { continue };
        // A ratio of a whole chunk may well be meant for its other interfaces.
        if technology.is_none() && !all.iter().all(passive) {
            continue;
        }
        let span = context.network.sharing_of(first).map(|sharing| sharing.span);
        let message = format!("a ratio of {} asked of `{}`, which is passive", ratio.value, context.interface(first));
        let mut finding = Diagnostic::error(&codes::ASKED_OF_PASSIVE, ratio.span, message)
            .help("a passive interface cannot be controlled: take the ratio out, or state what it does with `expect`");
        if let Some(span) = span {
            finding = finding.and(span, "passive here");
        }
        findings.push(finding);
    }
}
