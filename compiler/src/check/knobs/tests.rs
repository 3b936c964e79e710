use std::collections::BTreeMap;

use ranform_network::answers::Decisions;
use ranform_network::deployment::Deployment;
use ranform_network::network::{Interface, Protocol};
use ranform_network::units::{Degrees, Hertz};

use super::super::testing::*;
use super::{cell_leaves, radio_leaves};

#[test]
fn what_a_device_lacks_is_named_once() {
    let message = "profile `3gpp-r18` cannot set `cell.azimuth_deg`, `cell.tilt_deg` of `node.gnb-1/cell.nr-1` and 1 more; the device keeps its own";
    let help = only("RF713", message, |network| {
        profile(network, GNB, "3gpp-r18");
        manage(network, GNB, Protocol::Directory, "devices/gnb-1");
        let second = cell(network, GNB, "nr-2", "n77", 3900.0, 50.0, 30_000);
        for cell in [NR, second] {
            network.cells[cell].azimuth = Some(Degrees(120.0));
            network.cells[cell].tilt = Some(Degrees(4.0));
        }
    });
    assert_eq!(help, ["set 2 leaves on the device by other means, or choose a profile that has it"]);
}

#[test]
fn an_unmanaged_node_is_only_modelled() {
    codes(&[], |network| {
        profile(network, GNB, "flexric");
        network.cells[NR].azimuth = Some(Degrees(120.0));
    });
}

#[test]
fn what_a_tenant_was_promised_is_carried() {
    let message = "profile `srsran` cannot carry `port-vlan.vlan`, which this service needs on `node.gnb-1/port.p1`";
    let found = findings(|network| {
        profile(network, GNB, "srsran");
        manage(network, GNB, Protocol::Directory, "devices/gnb-1");
        let port = port(network, GNB, "p1");
        network.chunks[ranform_network::ids::ChunkId(0)].interfaces.push(Interface::Port(port));
    });
    let errors: Vec<&str> =
        found.iter().filter(|finding| finding.code.id == "RF701").map(|finding| finding.message.as_str()).collect();
    assert_eq!(errors, [message], "{found:#?}");
}

/// The names used here are names of leaves that a deployment makes.
#[test]
fn leaves_have_the_names_of_resources() {
    let mut network = network();
    for (node, folder) in [(GNB, "a"), (ENB, "b"), (AP, "c")] {
        manage(&mut network, node, Protocol::Directory, folder);
    }
    let cell = &mut network.cells[NR];
    cell.azimuth = Some(Degrees(1.0));
    cell.tilt = Some(Degrees(1.0));
    cell.tdd_pattern = Some(at("DDDSU".into()));
    cell.ssb = Some(at(Hertz(4_049_760_000)));
    cell.ssb_arfcn = Some(669_984);
    cell.power = Some(at(ranform_network::units::Dbm(20.0)));
    cell.unlocked = false;
    network.nodes[GNB].host_plmn = ranform_network::radio::Plmn::parse("001-09").map(at);
    network.radios[ranform_network::ids::RadioId(0)].power = Some(at(ranform_network::units::Dbm(20.0)));
    let deployment = Deployment::new(&network, &Decisions::default(), &BTreeMap::new());
    let leaves: std::collections::BTreeSet<String> =
        deployment.placed.values().flat_map(|placed| placed.resource.leaves().into_keys()).collect();
    let used = cell_leaves(&network.cells[NR], &network.nodes[GNB]);
    let radio = radio_leaves(&network.radios[ranform_network::ids::RadioId(0)]);
    for leaf in used.into_iter().chain(radio).map(|(leaf, _)| leaf).chain([
        "cell-tenant.plmn",
        "cell-tenant.snssai",
        "radio-tenant.ssid",
        "radio-tenant.vlan",
    ]) {
        assert!(leaves.contains(leaf), "{leaf} is no leaf");
    }
}
