//! Whole projects, small.

use ranform_network::diagnostic::has_errors;
use ranform_network::network::{Interface, SharingMode};
use ranform_network::source::MemoryWorld;
use ranform_network::units::{Hertz, Prb, Share};

use super::*;

const TESTBED: &str = r#"
language 1
site plaza { region "metro"  tier 1 }
tenant red  { plmn 001-01  slice 1:000001  ssid "red"   vlan 101  core "10.1.0.5" }
tenant blue { plmn 001-02  slice 1:000002  ssid "blue"  vlan 102  core amf "10.2.0.5" }
node gnb-1 : gnb {
  site plaza  profile 3gpp-r18  gnb-id 411/22  plmn 001-99
  manage netconf "192.0.2.11:830" as "ranform" key env RAN_KEY host-key file "known_hosts"
  cell nr-1 { band n77  carrier 4.05GHz  bandwidth 50MHz  scs 30kHz  duplex tdd  sharing passive expect red 50%, blue 50% }
}
node enb-1 : enb {
  site plaza  profile ranform-lte  enb-id 5
  cell lte-1 { band b7  carrier 2.68GHz  bandwidth 20MHz  neighbours gnb-1/nr-1 }
}
node ap-1 : ap { site plaza  profile hostapd  radio r1 { channel 149  width 20MHz  standard 802.11n } }
chunk red-plaza  for red  { interfaces in site plaza }
chunk blue-plaza for blue { interfaces in site plaza where node.kind != ap }
service red-broadband on red-plaza { vlan 101  throughput dl 100Mbps, ul 10Mbps }
sla plaza { over site plaza  share red 60%, blue 40%  window 100s every 10s  floor 4%  guarantee red 20% on gnb-1/nr-1 }
"#;

fn compile_text(text: &str) -> Compiled {
    compile(&MemoryWorld::default().with("main.intent", text), &CompileOptions::default())
}

fn messages(compiled: &Compiled) -> Vec<String> {
    let line = |finding: &Diagnostic| format!("{}: {}", finding.code.id, finding.message);
    compiled.diagnostics.iter().map(line).collect()
}

#[test]
fn the_testbed_resolves() {
    let compiled = compile_text(TESTBED);
    assert!(!has_errors(&compiled.diagnostics), "{:#?}", compiled.diagnostics);
    let network = &compiled.network;
    let cells: Vec<_> = network.cells.iter().map(|(_, cell)| cell).collect();
    assert_eq!(cells[0].entity.address.as_str(), "node.enb-1/cell.lte-1");
    assert_eq!((cells[0].prbs, cells[0].scs.value), (Prb(100), Hertz(15_000)));
    assert_eq!(cells[0].uplink_carrier.unwrap().value, Hertz(2_560_000_000));
    assert_eq!(cells[0].sharing.mode, SharingMode::Prb);
    assert_eq!((cells[1].prbs, cells[1].arfcn_dl), (Prb(133), 670_000));
    assert_eq!(cells[1].sharing.expect.len(), 2);
    assert_eq!(network.radios.iter().next().unwrap().1.sharing.mode, SharingMode::Airtime);
    let interfaces: Vec<_> = network.chunks.iter().map(|(_, chunk)| chunk.interfaces.len()).collect();
    assert_eq!(interfaces, [2, 3]);
    let (_, sla) = network.slas.iter().next().unwrap();
    assert_eq!(sla.shares.iter().map(|share| share.share.value).collect::<Vec<_>>(), [Share(0.4), Share(0.6)]);
    assert!(matches!(sla.guarantees[0].on.as_deref(), Some([Interface::Cell(_)])));
    let (_, service) = network.services.iter().next().unwrap();
    assert_eq!(service.ssid.as_ref().map(|ssid| &*ssid.value), Some("red"));
}

#[test]
fn every_independent_error_is_told_once() {
    let compiled = compile_text(
        r#"
        site plaza { tier 1 tier 2 }
        tenant red { plmn 001-1  slice 256:1  vlan 4095 }
        node gnb-1 : gnb { site plzaa  cell nr-1 { band n77  bandwidth 50MHz scs 30kHz } }
        node gnb-2 : gnb { site red  parent gnb-1  cell nr-1 { band n77  carrier 4.05GHz bandwidth 50MHz scs 30kHz  neighbours gnb-1/nr-1, gnb-2/nr-7 } }
        chunk a for red { cells in site plaza }
        site plaza {}
        "#,
    );
    assert_eq!(
        messages(&compiled),
        [
            "RF105: `tier` is given twice for site `plaza`",
            "RF304: `001-1` is no PLMN",
            "RF305: `256:1` is no slice",
            "RF306: `4095` is no VLAN",
            "RF201: there is no site `plzaa`",
            "RF106: cell `nr-1` has no `carrier`",
            "RF203: `red` is a tenant, not a site",
            "RF201: node `gnb-2` has no cell, radio or port `nr-7`",
            "RF204: this selection yields none of the 1 cells there are",
            "RF202: `site.plaza` is declared twice",
        ]
    );
}

#[test]
fn a_secret_in_clear_is_refused() {
    let compiled = compile_text(r#"node gnb-1 : gnb { manage netconf "192.0.2.1:830" as "admin" password "hunter2" }"#);
    assert_eq!(messages(&compiled), ["RF311: the password of a device stands in clear"]);
}

#[test]
fn the_order_of_declaration_changes_nothing() {
    let blocks: Vec<&str> = TESTBED.trim().split("\n").collect();
    assert!(blocks.len() > 10);
    let one = "node b : gnb { cell x { band n77 carrier 4.05GHz bandwidth 50MHz scs 30kHz } }\n";
    let two = "node a : gnb { cell y { band n78 carrier 3.5GHz bandwidth 20MHz scs 30kHz neighbours b/x } }\n";
    let addresses = |text: String| {
        let compiled = compile_text(&text);
        assert!(!has_errors(&compiled.diagnostics));
        let cells = compiled.network.cells;
        cells.iter().map(|(_, cell)| (cell.entity.address.to_string(), cell.neighbours.len())).collect::<Vec<_>>()
    };
    assert_eq!(addresses(format!("{one}{two}")), addresses(format!("{two}{one}")));
}
