//! `tenant red { plmn 001-01  slice 1:000001  ssid "red"  vlan 101  core "10.1.0.5" }`

use ranform_network::Located;
use ranform_network::network::Tenant;

use super::body::{Body, Line};

/// What a tenant block or row says.
pub(crate) fn tenant(body: &Body<'_>) -> Option<Tenant> {
    let core = |line: Line<'_, '_>| {
        let (role, endpoint) = match line.at(1) {
            Some(endpoint) => (line.first()?.text()?.value, endpoint),
            None => ("".into(), line.first()?),
        };
        endpoint.text().map(|endpoint| (role, Located::new(endpoint.value, endpoint.span)))
    };
    Some(Tenant {
        entity: body.entity(body.scope.address("tenant", &body.name)),
        plmn: body.one("plmn").and_then(|plmn| plmn.plmn()),
        snssai: body.one("slice").and_then(|slice| slice.snssai()),
        ssid: body.one("ssid").and_then(|ssid| ssid.ssid()),
        vlan: body.one("vlan").and_then(|vlan| vlan.vlan()),
        cores: body.all("core").filter_map(core).collect(),
        contacts: body.all("contact").filter_map(|line| Some(line.first()?.text()?.value)).collect(),
    })
}
