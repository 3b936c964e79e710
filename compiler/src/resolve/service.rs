//! `service red-broadband on red-plaza { vlan 101  ratio nr 40%, wifi 50%  throughput dl 100Mbps, ul 10Mbps }`

use ranform_network::Located;
use ranform_network::ids::ChunkId;
use ranform_network::network::{Service, Technology};

use super::body::Body;
use super::names::{Kind, Lookup};
use super::settle::Declared;

const TECHNOLOGIES: &[(Technology, &str)] =
    &[(Technology::Nr, "nr"), (Technology::Lte, "lte"), (Technology::Wifi, "wifi")];

/// What a service block says; what it does not say of identifiers is its tenant's.
pub(crate) fn service(body: &Body<'_>, declared: &Declared<'_>, lookup: Lookup<'_>) -> Option<Service> {
    let chunk = declared
        .as_block()
        .and_then(|block| block.after("on"))
        .and_then(|name| super::argument::Argument::new(body, "on", name))
        .and_then(|chunk| lookup.bind(Kind::Chunk, &chunk));
    let rate = |word: &str| {
        let after = body.all("throughput").find_map(|line| line.after(word));
        after.and_then(|rate| rate.bits_per_second())
    };
    let mut ratios = Vec::new();
    for (technology, share) in body.all("ratio").flat_map(|line| line.pairs()) {
        let (Some(technology), Some(share)) = (technology.choice(TECHNOLOGIES), share.share()) else { continue };
        ratios.push((technology.value, share));
    }
    ratios.sort_by_key(|(technology, _): &(Technology, Located<_>)| *technology);
    let mut service = Service {
        entity: body.entity(body.scope.address("service", &body.name)),
        chunk: chunk.unwrap_or(Located::new(ChunkId(0), body.span)),
        plmn: body.one("plmn").and_then(|plmn| plmn.plmn()),
        snssai: body.one("slice").and_then(|slice| slice.snssai()),
        ssid: body.one("ssid").and_then(|ssid| ssid.ssid()),
        vlan: body.one("vlan").and_then(|vlan| vlan.vlan()),
        ratios,
        throughput_dl: rate("dl"),
        throughput_ul: rate("ul"),
        latency: body.one("latency").and_then(|latency| latency.nanoseconds()),
        ues: body.one("ues").and_then(|ues| ues.whole(1, u32::MAX)),
    };
    for keyword in ["latency", "ues"] {
        body.without_effect(keyword, "no device of this version can be told of it");
    }
    let tenant = lookup.network.tenants.get(lookup.network.chunks.get(chunk?.value)?.tenant.value)?;
    service.plmn = service.plmn.or(tenant.plmn);
    service.snssai = service.snssai.or(tenant.snssai);
    service.ssid = service.ssid.or_else(|| tenant.ssid.clone());
    service.vlan = service.vlan.or(tenant.vlan);
    Some(service)
}
