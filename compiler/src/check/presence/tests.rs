use ranform_network::ids::*;
use ranform_network::network::{Interface, SharingMode};
use ranform_network::radio::Plmn;

use super::super::testing::*;

#[test]
fn one_plmn_on_an_lte_cell() {
    let message = "tenants `red` and `blue` have one PLMN, `001-01`, on `node.enb-1/cell.lte-1`";
    let help = only("RF380", message, |network| network.tenants[BLUE].plmn = Plmn::parse("001-01").map(at));
    assert_eq!(help, ["LTE has no S-NSSAI: give one of the two services another `plmn`, or take it off the LTE cells"]);
}

#[test]
fn one_slice_on_an_nr_cell() {
    codes(&["RF380", "RF381"], |network| {
        network.tenants[BLUE].plmn = Plmn::parse("001-01").map(at);
        network.tenants[BLUE].snssai = network.tenants[RED].snssai;
    });
}

#[test]
fn one_vlan_on_a_port() {
    let found = findings(|network| {
        let port = port(network, GNB, "p1");
        network.tenants[BLUE].vlan = Some(at(101));
        for chunk in [ChunkId(0), ChunkId(1)] {
            network.chunks[chunk].interfaces.push(Interface::Port(port));
        }
    });
    let told: Vec<_> = found.iter().map(|finding| (finding.code.id, finding.message.as_str())).collect();
    // The two are behind the access point as well.
    let message = |place: &str| format!("tenants `red` and `blue` have one VLAN, `101`, on `{place}`");
    let (port, radio) = (message("node.gnb-1/port.p1"), message("node.ap-1/radio.r1"));
    assert_eq!(told, [("RF382", radio.as_str()), ("RF382", port.as_str())]);
}

#[test]
fn services_have_what_they_radiate() {
    let message = "service `s0` is on 2 cells (`node.gnb-1/cell.nr-1` first) but tenant `red` has no plmn";
    let help = only("RF383", message, |network| network.tenants[RED].plmn = None);
    assert_eq!(help, ["write e.g. `plmn 001-01` in the tenant or the service, or select no cells in the chunk"]);
    codes(&["RF383"], |network| network.tenants[RED].ssid = None);
    codes(&[], |network| {
        network.tenants[RED].ssid = None;
        network.services[ServiceId(0)].ssid = Some(at("own".into()));
    });
}

#[test]
fn one_service_of_a_tenant_per_interface() {
    let message = "services `s0` and `s2` of tenant `red` are both on `node.gnb-1/cell.nr-1`";
    only("RF384", message, |network| {
        service(network, ChunkId(0));
    });
}

#[test]
fn chunks_without_services() {
    let message = "nothing of chunk `c1` is radiated: no service is on its 3 interfaces";
    let help =
        only("RF386", message, |network| network.services = network.services.as_slice()[..1].iter().cloned().collect());
    assert_eq!(help, ["write `service blue-service on c1 {}`"]);
}

#[test]
fn passive_interfaces_are_radiated_on_too() {
    codes(&["RF380", "RF416"], |network| {
        network.cells[LTE].sharing.mode = SharingMode::Passive;
        network.tenants[BLUE].plmn = Plmn::parse("001-01").map(at);
    });
}
