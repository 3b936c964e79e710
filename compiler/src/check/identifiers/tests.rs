use ranform_network::network::Interface;
use ranform_network::radio::GnbId;

use super::super::testing::*;

#[test]
fn identities_of_the_other_kind() {
    let help = only("RF343", "a node of kind `gnb` has no eNB id", |network| network.nodes[GNB].enb_id = Some(at(5)));
    assert_eq!(help, ["write `gnb-id`, e.g. `gnb-id 411/22`"]);
}

#[test]
fn local_ids_fit_what_the_base_station_leaves() {
    let help = only("RF344", "the local id 16 does not fit 4 bits", |network| {
        network.nodes[GNB].gnb_id = Some(at(GnbId { value: 411, length: 32 }));
        network.cells[NR].local_id = Some(at(16));
    });
    assert_eq!(help, ["a gNB id of 32 bits leaves 0 to 15"]);
    only("RF344", "the local id 256 does not fit 8 bits", |network| network.cells[LTE].local_id = Some(at(256)));
}

#[test]
fn cell_identities_are_unique() {
    let message = "`node.gnb-1/cell.nr-1` and `node.gnb-1/cell.nr-2` have one NR cell identity, 6733825 (base station 411, local id 1)";
    let help = only("RF345", message, |network| {
        let second = cell(network, GNB, "nr-2", "n77", 3950.01, 50.0, 30_000);
        network.cells[second].local_id = Some(at(1));
    });
    assert_eq!(help, ["`local-id 2` is free on this base station"]);
}

#[test]
fn base_stations_are_unique() {
    only("RF346", "`node.enb-1` and `node.enb-2` have one eNB id, 5", |network| {
        let second = node(network, ranform_network::network::NodeKind::Enb, "enb-2");
        network.nodes[second].enb_id = Some(at(5));
    });
}

#[test]
fn dus_of_one_gnb_share_its_identity_and_have_ids_of_their_own() {
    use ranform_network::network::NodeKind;
    let dus = |network: &mut ranform_network::Network, second: Option<u64>| {
        let cu = node(network, NodeKind::Cu, "cu-1");
        network.nodes[cu].gnb_id = Some(at(GnbId { value: 412, length: 22 }));
        for (name, id) in [("du-1", None), ("du-2", second)] {
            let du = node(network, NodeKind::Du, name);
            network.nodes[du].parent = Some(at(cu));
            network.nodes[du].gnb_du_id = id.map(at);
            let cell = cell(network, du, "nr-1", "n77", 3950.01, 50.0, 30_000);
            network.cells[cell].local_id = Some(at(u32::from(name == "du-2")));
            network.cells[cell].pci = Some(at(900 + u32::from(name == "du-2")));
        }
    };
    codes(&[], |network| dus(network, Some(2)));
    only("RF346", "`node.du-1` and `node.du-2` are DUs of gNB 412/22 with one id, 1", |network| dus(network, None));
    codes(&["RF345"], |network| {
        dus(network, Some(2));
        let last = network.cells.ids().last().unwrap();
        network.cells[last].local_id = Some(at(0));
    });
}

#[test]
fn physical_cell_identities() {
    codes(&[], |network| network.cells[NR].pci = Some(at(1007)));
    only("RF347", "the physical cell identity 1008 of an NR cell is above 1007", |network| {
        network.cells[NR].pci = Some(at(1008));
    });
    only("RF347", "the physical cell identity 504 of an LTE cell is above 503", |network| {
        network.cells[LTE].pci = Some(at(504));
    });
}

#[test]
fn tracking_area_codes() {
    codes(&[], |network| network.cells[NR].tac = Some(at(65_536)));
    for reserved in [0, 0xFF_FFFE, 0x100_0000] {
        codes(&["RF348"], |network| network.cells[NR].tac = Some(at(reserved)));
    }
    let help = only("RF348", "the tracking area code 65536 of an LTE cell is above 65535", |network| {
        network.cells[LTE].tac = Some(at(65_536));
    });
    assert_eq!(help, ["choose 1 to 65533"]);
}

#[test]
fn six_plmns_on_an_lte_cell() {
    let crowd = |tenants: u16| {
        move |network: &mut ranform_network::Network| {
            network.slas = Default::default();
            for index in 0..tenants {
                let tenant = tenant(network, &format!("t{index}"), &format!("002-{index:02}"), "1", 200 + index);
                chunk(network, tenant, vec![Interface::Cell(LTE)]);
            }
            for cell in [LTE, NR] {
                network.cells[cell].sharing.mode = ranform_network::network::SharingMode::Passive;
            }
            network.radios[ranform_network::ids::RadioId(0)].sharing.mode =
                ranform_network::network::SharingMode::Passive;
        }
    };
    codes(&[], crowd(4));
    let message = "`node.enb-1/cell.lte-1` would broadcast 7 PLMNs; a cell has at most 6";
    let help = only("RF349", message, crowd(5));
    assert_eq!(help, ["take 1 tenant off this cell: it carries `red`, `blue`, `t0`, `t1`, `t2` and 2 more"]);
}
