use ranform_network::Network;
use ranform_network::network::{Direction, HostKey, Protocol, SharingMode};

use super::super::testing::*;
use super::endpoint_problem;

#[test]
fn profiles_are_for_kinds() {
    let help = only("RF702", "profile `hostapd` is not for nodes of kind `switch`", |network| {
        let switch = node(network, ranform_network::network::NodeKind::Switch, "sw-1");
        profile(network, switch, "hostapd");
    });
    assert!(help[0].contains("`directory`"), "{help:?}");
}

#[test]
fn protocols_of_a_profile() {
    let help = only("RF703", "a device of profile `hostapd` is not reached by `netconf`", |network| {
        profile(network, AP, "hostapd");
        manage(network, AP, Protocol::Netconf, "192.0.2.11:830");
    });
    assert_eq!(help, ["it is reached by `directory`"]);
}

#[test]
fn sharing_of_a_profile() {
    let help = only("RF704", "profile `ranform-lte` does not offer `sharing prb-policy`", |network| {
        profile(network, ENB, "ranform-lte");
        network.cells[LTE].sharing.mode = SharingMode::PrbPolicy;
    });
    assert_eq!(help, ["it offers `prb` and `passive`"]);
    only("RF705", "profile `srsran` has one share for both directions", |network| {
        profile(network, GNB, "srsran");
        network.cells[NR].sharing.direction = Direction::Dl;
    });
}

fn netconf(network: &mut Network) {
    profile(network, GNB, "3gpp-r18");
    manage(network, GNB, Protocol::Netconf, "192.0.2.11:830");
}

#[test]
fn netconf_needs_user_key_and_host_key() {
    codes(&[], netconf);
    only("RF706", "`node.gnb-1` is managed by NETCONF without a user", |network| {
        netconf(network);
        network.nodes[GNB].management.as_mut().unwrap().user = None;
    });
    only("RF706", "`node.gnb-1` is managed by NETCONF without a key", |network| {
        netconf(network);
        network.nodes[GNB].management.as_mut().unwrap().credential = None;
    });
    only("RF707", "`node.gnb-1` is managed by NETCONF without a host key to verify", |network| {
        netconf(network);
        network.nodes[GNB].management.as_mut().unwrap().host_key = None;
    });
    only("RF707", "`SHA256:short` is no host key fingerprint", |network| {
        netconf(network);
        let key = HostKey::Fingerprint("SHA256:short".into());
        network.nodes[GNB].management.as_mut().unwrap().host_key = Some(key);
    });
}

#[test]
fn endpoints() {
    for right in ["192.0.2.11:830", "gnb-1.example:830", "[2001:db8::11]:830", "localhost:1"] {
        assert_eq!(endpoint_problem(right), None, "{right}");
    }
    for wrong in
        ["192.0.2.11", "192.0.2.300:830", "host:0", "host:65536", "2001:db8::11:830", ":830", "a b:830", "[x]:1"]
    {
        assert!(endpoint_problem(wrong).is_some(), "{wrong}");
    }
    only("RF708", "`192.0.2.11` has no port", |network| {
        netconf(network);
        network.nodes[GNB].management.as_mut().unwrap().endpoint.value = "192.0.2.11".into();
    });
}

#[test]
fn device_folders_stay_inside() {
    for wrong in ["../gnb", "/etc", "a//b", "a/./b", ""] {
        codes(&["RF709"], |network| manage(network, GNB, Protocol::Directory, wrong));
    }
    codes(&[], |network| manage(network, GNB, Protocol::Directory, "devices/gnb-1"));
}

#[test]
fn two_nodes_are_two_devices() {
    only("RF710", "`node.gnb-1` and `node.enb-1` are managed at one endpoint, `devices/x`", |network| {
        manage(network, GNB, Protocol::Directory, "devices/x");
        manage(network, ENB, Protocol::Directory, "devices/x");
    });
}
