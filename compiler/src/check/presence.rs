//! Who radiates what where: two tenants must stay apart on an interface, and a service needs what its technology radiates.

use std::collections::BTreeMap;

use ranform_network::diagnostic::{Code, Diagnostic, codes};
use ranform_network::ids::*;
use ranform_network::network::{Interface, Name, NetworkSharing, Service, Technology};
use ranform_network::radio::{Plmn, Snssai};
use ranform_network::source::{Located, Span};

use super::context::{count, list, name};
use super::{Check, Context, Findings};

/// The rules of this family.
pub const CHECKS: &[Check] = &[
    plmn_on_lte,
    slice_on_nr,
    vlan_on_port,
    vlan_on_access_point,
    missing_identifier,
    repeated_service,
    chunk_without_service,
    carrier_per_operator,
];

/// What a service radiates on an interface: its own identifiers, else its tenant's.
#[derive(Clone, Copy)]
pub(super) struct Identity<'a> {
    pub(super) tenant: TenantId,
    pub(super) service: &'a Service,
    pub(super) plmn: Option<Located<Plmn>>,
    pub(super) snssai: Option<Located<Snssai>>,
    pub(super) ssid: Option<&'a Located<Name>>,
    pub(super) vlan: Option<Located<u16>>,
}

/// What is radiated on `interface`, by tenant, chunk and service.
pub(super) fn identities<'a>(
    context: &'a Context<'a>,
    interface: Interface,
) -> impl Iterator<Item = Identity<'a>> + 'a {
    context.at(interface).iter().flat_map(move |presence| {
        let tenant = &context.network.tenants[presence.tenant];
        context.services_of(presence.chunk).map(move |(_, service)| Identity {
            tenant: presence.tenant,
            service,
            plmn: service.plmn.or(tenant.plmn),
            snssai: service.snssai.or(tenant.snssai),
            ssid: service.ssid.as_ref().or(tenant.ssid.as_ref()),
            vlan: service.vlan.or(tenant.vlan),
        })
    })
}

/// A clash of two tenants, told once however many interfaces it is on.
struct Clash {
    value: String,
    at: Interface,
    places: usize,
    spans: [Span; 2],
}

/// Clashes by pair of tenants and value.
type Clashes = BTreeMap<(TenantId, TenantId, String), Clash>;

/// Collects the pairs of different tenants for which `value` is one on an interface that `wanted` picks.
fn clashes<'a>(
    context: &'a Context<'a>,
    wanted: impl Fn(Interface) -> bool,
    value: impl Fn(&Identity<'a>) -> Option<(String, Span)>,
) -> Clashes {
    let mut found = Clashes::new();
    for (interface, presences) in context.by_interface() {
        if presences.len() < 2 || !wanted(interface) {
            continue;
        }
        let mut seen: BTreeMap<String, (TenantId, Span)> = BTreeMap::new();
        for identity in identities(context, interface) {
            let Some((text, span)) = value(&identity) else { continue };
            let (tenant, first_span) = *seen.entry(text.clone()).or_insert((identity.tenant, span));
            if tenant != identity.tenant {
                let clash = Clash { value: text.clone(), at: interface, places: 0, spans: [first_span, span] };
                found.entry((tenant, identity.tenant, text)).or_insert(clash).places += 1;
            }
        }
    }
    found
}

fn report(
    context: &Context<'_>,
    clashes: Clashes,
    code: &'static Code,
    what: &str,
    help: &str,
    findings: &mut Findings,
) {
    for ((first, second, _), clash) in clashes {
        let others = match clash.places {
            1 => String::new(),
            places => format!(" and {} more", places - 1),
        };
        let message = format!(
            "tenants `{}` and `{}` have one {what}, `{}`, on `{}`{others}",
            context.tenant(first),
            context.tenant(second),
            clash.value,
            context.interface(clash.at),
        );
        let mut finding = Diagnostic::error(code, clash.spans[1], message).help(help);
        if clash.spans[0] != clash.spans[1] {
            finding = finding.and(clash.spans[0], "the same here");
        }
        findings.push(finding);
    }
}

/// LTE has no slices, so on an LTE cell the PLMN alone tells tenants apart (TS 23.251).
fn plmn_on_lte(context: &Context<'_>, findings: &mut Findings) {
    let lte = |interface| context.technology(interface) == Some(Technology::Lte);
    let found = clashes(context, lte, |identity| identity.plmn.map(|plmn| (plmn.value.to_string(), plmn.span)));
    let help = "LTE has no S-NSSAI: give one of the two services another `plmn`, or take it off the LTE cells";
    report(context, found, &codes::ONE_PLMN_TWO_TENANTS, "PLMN", help, findings);
}

/// On an NR cell one (PLMN, S-NSSAI) belongs to one tenant: it is in at most one policy (TS 28.541 4.3.36).
fn slice_on_nr(context: &Context<'_>, findings: &mut Findings) {
    let nr = |interface| context.technology(interface) == Some(Technology::Nr);
    let found = clashes(context, nr, |identity| {
        let plmn = identity.plmn?;
        let slice = identity.snssai.map(|snssai| format!(" slice {}", snssai.value)).unwrap_or_default();
        Some((format!("{}{slice}", plmn.value), identity.snssai.map_or(plmn.span, |snssai| snssai.span)))
    });
    let help = "give one of the two services another `slice` or `plmn`";
    report(context, found, &codes::ONE_SLICE_TWO_TENANTS, "PLMN and slice", help, findings);
}

/// A VLAN on a port belongs to one tenant.
fn vlan_on_port(context: &Context<'_>, findings: &mut Findings) {
    let port = |interface| matches!(interface, Interface::Port(_));
    let found = clashes(context, port, |identity| identity.vlan.map(|vlan| (vlan.value.to_string(), vlan.span)));
    let help = "their traffic would mix: give one of the two another `vlan`";
    report(context, found, &codes::ONE_VLAN_TWO_TENANTS, "VLAN", help, findings);
}

/// A VLAN behind an access point belongs to one tenant: all its radios put their traffic on one wire.
fn vlan_on_access_point(context: &Context<'_>, findings: &mut Findings) {
    let mut found = Clashes::new();
    for (_, node) in context.network.nodes.iter().filter(|(_, node)| !node.radios.is_empty()) {
        let mut seen: BTreeMap<u16, Identity<'_>> = BTreeMap::new();
        for (at, identity) in node.radios.iter().flat_map(|radio| {
            let at = Interface::Radio(*radio);
            identities(context, at).map(move |identity| (at, identity))
        }) {
            let Some(vlan) = identity.vlan else { continue };
            let first = *seen.entry(vlan.value).or_insert(identity);
            let pair = (first.tenant.min(identity.tenant), first.tenant.max(identity.tenant), vlan.value.to_string());
            if first.tenant != identity.tenant && first.ssid.is_some() && identity.ssid.is_some() {
                let spans = [first.vlan.map_or(vlan.span, |vlan| vlan.span), vlan.span];
                let clash = Clash { value: vlan.value.to_string(), at, places: 0, spans };
                found.entry(pair).or_insert(clash).places += 1;
            }
        }
    }
    let help = "their traffic would mix behind the access point: give one of the two another `vlan`";
    report(context, found, &codes::ONE_VLAN_TWO_TENANTS, "VLAN", help, findings);
}

/// A service has what its interfaces radiate: a PLMN on cells, an SSID on radios, a VLAN on ports.
fn missing_identifier(context: &Context<'_>, findings: &mut Findings) {
    for (_, service) in context.network.services.iter() {
        let chunk = &context.network.chunks[service.chunk.value];
        let tenant = &context.network.tenants[chunk.tenant.value];
        let needs = [
            ("plmn", "cell", service.plmn.or(tenant.plmn).is_some(), "plmn 001-01"),
            ("ssid", "radio", service.ssid.is_some() || tenant.ssid.is_some(), "ssid \"name\""),
            ("vlan", "port", service.vlan.or(tenant.vlan).is_some(), "vlan 101"),
        ];
        for (word, noun, given, example) in needs {
            let of_kind = |interface: &&Interface| match interface {
                Interface::Cell(_) => noun == "cell",
                Interface::Radio(_) => noun == "radio",
                Interface::Port(_) => noun == "port",
            };
            let mut places = chunk.interfaces.iter().filter(of_kind);
            let Some(first) = places.next().filter(|_| !given) else { continue };
            let message = format!(
                "service `{}` is on {} (`{}` first) but tenant `{}` has no {word}",
                name(&service.entity),
                count(places.count() + 1, noun),
                context.interface(*first),
                name(&tenant.entity),
            );
            let help =
                format!("write e.g. `{example}` in the tenant or the service, or select no {noun}s in the chunk");
            findings.push(
                Diagnostic::error(&codes::MISSING_IDENTIFIER, service.entity.span, message)
                    .and(tenant.entity.span, "the tenant")
                    .help(help),
            );
        }
    }
}

/// One tenant has one service on an interface; a second would take the first one's place.
fn repeated_service(context: &Context<'_>, findings: &mut Findings) {
    let mut told: BTreeMap<(Span, Span), ()> = BTreeMap::new();
    for (interface, _) in context.by_interface() {
        let mut last: Option<Identity<'_>> = None;
        for identity in identities(context, interface) {
            let repeated = last.filter(|before| before.tenant == identity.tenant);
            let Some(first) = repeated else {
                last = Some(identity);
                continue;
            };
            let spans = (first.service.entity.span, identity.service.entity.span);
            if told.insert(spans, ()).is_some() {
                continue;
            }
            let message = format!(
                "services `{}` and `{}` of tenant `{}` are both on `{}`",
                name(&first.service.entity),
                name(&identity.service.entity),
                context.tenant(identity.tenant),
                context.interface(interface),
            );
            findings.push(
                Diagnostic::error(&codes::REPEATED_SERVICE, identity.service.entity.span, message)
                    .and(first.service.entity.span, "the first is here")
                    .help("a tenant has one service on an interface: merge the two, or select fewer interfaces"),
            );
        }
    }
}

/// A chunk without a service radiates nothing.
fn chunk_without_service(context: &Context<'_>, findings: &mut Findings) {
    for (id, chunk) in context.network.chunks.iter() {
        if chunk.interfaces.is_empty() || context.services_of(id).next().is_some() {
            continue;
        }
        let chunk_name = name(&chunk.entity);
        let message = format!(
            "nothing of chunk `{chunk_name}` is radiated: no service is on its {}",
            count(chunk.interfaces.len(), "interface")
        );
        let help = format!("write `service {}-service on {chunk_name} {{}}`", context.tenant(chunk.tenant.value));
        findings.push(Diagnostic::warning(&codes::CHUNK_WITHOUT_SERVICE, chunk.entity.span, message).help(help));
    }
}

/// With `share-mode moran` each operator has a carrier of its own (TS 23.251 4.1): one PLMN per cell.
fn carrier_per_operator(context: &Context<'_>, findings: &mut Findings) {
    for (interface, _) in context.by_interface() {
        let Interface::Cell(cell) = interface else { continue };
        let cell = &context.network.cells[cell];
        if cell.network_sharing != Some(NetworkSharing::Moran) {
            continue;
        }
        let mut operators: BTreeMap<Plmn, TenantId> = BTreeMap::new();
        for identity in identities(context, interface) {
            if let Some(plmn) = identity.plmn {
                operators.entry(plmn.value).or_insert(identity.tenant);
            }
        }
        if operators.len() > 1 {
            let tenants: Vec<&str> = operators.values().map(|tenant| context.tenant(*tenant)).collect();
            let message = format!(
                "`{}` has a carrier per operator (moran), but {} radiate different PLMNs on it",
                context.interface(interface),
                list(tenants)
            );
            findings.push(
                Diagnostic::error(&codes::CARRIER_PER_OPERATOR, cell.entity.span, message)
                    .help("write `share-mode mocn`, or give each operator a cell of its own"),
            );
        }
    }
}

#[cfg(test)]
mod tests;
