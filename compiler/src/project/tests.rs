//! Whole projects, small.

use proptest::strategy::Strategy;
use ranform_network::network::{Interface, SharingMode};
use ranform_network::source::MemoryWorld;
use ranform_network::units::{Hertz, Prb, Share};

use super::*;

pub(super) const TESTBED: &str = r#"
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

pub(super) fn compile_text(text: &str) -> Compiled {
    compile(&MemoryWorld::default().with("main.intent", text), &CompileOptions::default())
}

pub(super) fn messages(compiled: &Compiled) -> Vec<String> {
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
            "RF202: `site.plaza` is declared twice",
        ]
    );
}

#[test]
fn a_secret_in_clear_is_refused() {
    let compiled = compile_text(r#"node gnb-1 : gnb { manage netconf "192.0.2.1:830" as "admin" password "hunter2" }"#);
    assert_eq!(messages(&compiled), ["RF311: the password of a device stands in clear"]);
}

/// What the project of these files is, and its messages.
fn compile_files(files: &[(&str, &str)], options: &CompileOptions) -> (Compiled, Vec<String>) {
    let world = files.iter().fold(MemoryWorld::default(), |world, (path, text)| world.with(*path, text));
    let compiled = compile(&world, options);
    let messages = messages(&compiled);
    (compiled, messages)
}

const CELLS: &str = "Cell,gNB,Freq,Vendor,Near\nnr-1,gnb-1,4050,acme,gnb-1/nr-2\nnr-2,gnb-1,4100,\"\"\"zeta\"\"\",\n";

#[test]
fn rows_are_read_as_blocks_are() {
    let main = r#"
        node gnb-1 : gnb {}
        table cells from "tables/cells.csv" {
          key "Cell"  column node "gNB"  column carrier "Freq" MHz  column label.vendor "Vendor"  column neighbours "Near"
          set band n77  set bandwidth 50MHz  set scs 30kHz
        }
    "#;
    let (compiled, messages) =
        compile_files(&[("main.intent", main), ("tables/cells.csv", CELLS)], &CompileOptions::default());
    assert_eq!(messages, Vec::<String>::new());
    let cells = compiled.network.cells.as_slice();
    assert_eq!(cells[0].entity.address.as_str(), "node.gnb-1/cell.nr-1");
    assert_eq!(cells[1].carrier.value, Hertz(4_100_000_000));
    assert_eq!(&*cells[1].entity.labels[0].1, "\"zeta\"");
    assert_eq!(cells[0].neighbours.len(), 1);
    assert_eq!(compiled.network.populations, [(ranform_network::Address::new("table", "cells"), 2)]);
    assert_eq!(compiled.sources.text(cells[1].carrier.span), "4100");
    assert_eq!(compiled.files.len(), 2);
}

#[test]
fn wrong_rows_are_told_by_field() {
    let main = r#"
        node gnb-1 : gnb {}
        table t from "c.csv" {
          as cell on gnb  key "Cel"  column gnb "gNB"  column carrier "Freq"  column colour "Near"
          set band n77  set bandwidth 50MHz  set scs 30kHz
        }
    "#;
    let (_, messages) = compile_files(&[("main.intent", main), ("c.csv", CELLS)], &CompileOptions::default());
    assert_eq!(
        messages,
        [
            "RF221: the file has no column `Cel`",
            "RF103: a cell has no attribute `colour`",
            "RF301: `carrier` is the number `4050` without a unit",
            "RF301: `carrier` is the number `4100` without a unit",
        ]
    );
    let (_, messages) =
        compile_files(&[("main.intent", r#"table sites from "../x.csv" { key "a" }"#)], &CompileOptions::default());
    assert_eq!(messages, ["RF121: `../x.csv` is outside the project"]);
    let (_, messages) =
        compile_files(&[("main.intent", r#"table sites from "x.csv" { key "a" }"#)], &CompileOptions::default());
    assert_eq!(messages, ["RF120: there is no file `x.csv`"]);
}

#[test]
fn json_and_yaml_tables_serve_as_well() {
    let main = r#"
        table sites from "s.json" { key "name"  rows at "net.sites"  column region "region"  column location.lat "lat"  column location.lon "lon" }
        table nodes from "n.yaml" { as node  key "id"  column kind "type"  column site "site"  column capacity.memory "ram" GB  column capacity.cpu "cores" }
        table latencies from "l.csv" { column from "a"  column to "b"  column latency "ms" ms }
    "#;
    let json = r#"{"net": {"sites": [{"name": "plaza", "region": "metro", "lat": 41.5, "lon": 2}]}}"#;
    let yaml =
        "- {id: gnb-1, type: gnb, site: plaza}\n- {id: edge-1, type: compute, site: plaza, ram: 64, cores: 16}\n";
    let (compiled, messages) = compile_files(
        &[("main.intent", main), ("s.json", json), ("n.yaml", yaml), ("l.csv", "a,b,ms\ngnb-1,edge-1,0.5\n")],
        &CompileOptions::default(),
    );
    assert_eq!(messages, Vec::<String>::new());
    let network = compiled.network;
    assert_eq!(network.sites.as_slice()[0].location, Some((41.5, 2.0)));
    let memory: Vec<_> =
        network.nodes.as_slice()[0].capacity.iter().map(|(name, amount)| (&**name, amount.value)).collect();
    assert_eq!(memory, [("cpu", 16.0), ("memory", 64e9)]);
    assert_eq!(network.latencies[0].latency.0, 500_000);
}

const MODULE: &str = r#"
    parameter share  parameter floor = $share / 10
    node gnb-1 : gnb { site plaza  cell c { band n77 carrier 4.05GHz bandwidth 50MHz scs 30kHz } }
    chunk red for red { cells on node gnb-1  ratio $floor }
"#;

#[test]
fn a_module_is_used_several_times() {
    let main = r#"
        parameter half = 50%
        site plaza {}  tenant red {}
        module north from "metro" { parameter share $half }
        module south from "metro" { parameter share 20% }
        area all { cells module.north.node.gnb-1/cell.c, module.south.node.gnb-1/cell.c }
    "#;
    let files = [("main.intent", main), ("metro/main.intent", MODULE)];
    let (compiled, found) = compile_files(&files, &CompileOptions::default());
    assert_eq!(found, Vec::<String>::new());
    let chunks = compiled.network.chunks.as_slice();
    assert_eq!(chunks[0].entity.address.as_str(), "module.north.chunk.red");
    assert_eq!(chunks[0].ratio.unwrap().value, Share(0.05));
    assert_eq!(chunks[1].ratio.unwrap().value, Share(0.02));
    assert_eq!(compiled.network.areas.as_slice()[0].interfaces.len(), 2);
    let variables = vec![("half".to_owned(), "30%".to_owned()), ("hlaf".to_owned(), "1".to_owned())];
    let (compiled, found) = compile_files(&files, &CompileOptions { variables, ..CompileOptions::default() });
    assert_eq!(found, ["RF210: the project has no parameter `hlaf`"]);
    assert_eq!(compiled.network.chunks.as_slice()[0].ratio.unwrap().value, Share(0.03));
}

#[test]
fn modules_that_cannot_be_used_are_told() {
    let main = r#"
        module a from "m" {}
        module b from "m" { parameter share 1%  parameter colour 3 }
        module c from "nothing" {}
        module d from "../x" {}
    "#;
    let circle = r#"parameter share  module again from "../m" { parameter share $share }"#;
    let (_, found) = compile_files(&[("main.intent", main), ("m/x.intent", circle)], &CompileOptions::default());
    assert_eq!(
        found,
        [
            "RF211: module `a` is not given its parameter `share`",
            "RF210: module `b` has no parameter `colour`",
            "RF212: there are no intent files in `nothing`",
            "RF121: `../x` is outside the project",
            "RF206: module `again` uses itself",
        ]
    );
}

#[test]
fn an_overlay_changes_what_it_names() {
    let main = r#"
        node gnb-1 : gnb { label site a  cell c { band n77 carrier 4.05GHz bandwidth 50MHz scs 30kHz power 30dBm } }
        overlay staging { set node.gnb-1/cell.c { power 20dBm }  set node.gnb-1 { label site b } }
        overlay wrong { set node.gnb-2 { label site b } }
    "#;
    let with = |name: &str| {
        compile_files(
            &[("main.intent", main)],
            &CompileOptions { overlay: Some(name.to_owned()), ..CompileOptions::default() },
        )
    };
    let (compiled, found) = with("staging");
    assert_eq!(found, Vec::<String>::new());
    assert_eq!(compiled.network.cells.as_slice()[0].power.unwrap().value.0, 20.0);
    assert_eq!(&*compiled.network.nodes.as_slice()[0].entity.labels[0].1, "b");
    assert_eq!(with("wrong").1, ["RF201: there is no `node.gnb-2` to lay over"]);
    assert_eq!(with("stagin").1, ["RF213: there is no overlay `stagin`"]);
}

#[test]
fn an_overlay_changes_rows_of_tables() {
    let main = r#"
        node gnb-1 : gnb { plmn 001-01  gnb-id 1/22 }
        table gnbs from "gnbs.csv" { as node : gnb  key "Node"  column gnb-id "Id"  set plmn 001-01  set label.site a }
        table cells from "cells.csv" {
          as cell on node  key "Cell"  column node "Node"  column power "Power" dBm
          set band n77  set carrier 4.05GHz  set bandwidth 50MHz  set scs 30kHz
        }
        overlay staging {
          set node.gnb-1/cell.a { power 20dBm }
          set node.gnb-2/cell.a { bandwidth 20MHz  power 10dBm }
          set node.gnb-2 { label site b }
        }
        overlay wrong {
          set node.gnb-2/cell.b { power 20dBm }
          set node.gnb-2 { cell a { power 20dBm } }
        }
    "#;
    let files = [
        ("main.intent", main),
        ("gnbs.csv", "Node,Id\ngnb-2,2/22\n"),
        ("cells.csv", "Node,Cell,Power\ngnb-1,a,30\ngnb-2,a,31\n"),
    ];
    let with = |name: &str| {
        compile_files(&files, &CompileOptions { overlay: Some(name.to_owned()), ..CompileOptions::default() })
    };
    let (compiled, found) = with("staging");
    assert_eq!(found, Vec::<String>::new());
    let cells: Vec<_> =
        compiled.network.cells.iter().map(|(_, cell)| (cell.power.unwrap().value.0, cell.bandwidth.value.0)).collect();
    assert_eq!(cells, [(20.0, 50_000_000), (10.0, 20_000_000)]);
    let labels: Vec<_> = compiled.network.nodes.iter().map(|(_, node)| node.entity.labels.len()).collect();
    assert_eq!(labels, [0, 1]);
    assert_eq!(&*compiled.network.nodes.as_slice()[1].entity.labels[0].1, "b");
    assert_eq!(
        with("wrong").1,
        [
            "RF201: there is no `node.gnb-2/cell.b` to lay over",
            "RF201: `node.gnb-2` is a row of a table, which holds no cell"
        ]
    );
}

#[test]
fn functions_resolve() {
    let compiled = compile_text(
        r#"
        site s { region "downtown"  tier 2 }
        node du-1 : du { site s }  node cp-1 : cu-cp { site s }  node e : compute { site s  capacity cpu 32, memory 64GB  cost fixed 10, e2t 4 }
        link du-1 -- e { latency 2ms  rate 10Gbps }
        ric metro {
          serves e2-nodes where region = "downtown"
          candidates compute-nodes where tier = 2 and capacity.cpu >= 16
          component e2t { demand cpu 2, memory 4GB  processing 100us  serves at most 128 e2-nodes }
          xapp guard { demand cpu 1  loop 10ms  chain log }  xapp log { sdl no }
          pin e2t on e  spread e2t across site
        }
        model storm { offers storm-protection performance 95%  input metrics 100B  demand cpu 1  runs 1ms on du, 2ms on cu-cp  suits du 80% }
        request r { want storm-protection on cu-cp where region = "downtown"  within 10ms  accuracy >= 90%  data from e2-nodes in site s  value 10  sharing no }
        request q { want strom-protection on du }
        "#,
    );
    assert_eq!(messages(&compiled), ["RF501: no model offers `strom-protection`"]);
    let network = compiled.network;
    let ric = &network.rics.as_slice()[0];
    assert_eq!(
        (ric.e2_nodes.len(), ric.candidates.len(), ric.serves_at_most.map(|most| most.value)),
        (2, 1, Some(128))
    );
    assert_eq!(ric.xapps[0].chain[0].value, 1);
    assert!(ric.xapps[0].uses_sdl && !ric.xapps[1].uses_sdl);
    assert_eq!(network.models.as_slice()[0].execution.len(), 2);
    let request = &network.requests.as_slice()[1];
    assert_eq!((request.targets.len(), request.targets[0].sources.len(), request.sharing), (1, 2, false));
    assert_eq!(network.links.as_slice()[0].entity.address.as_str(), "link.du-1--e");
    assert_eq!(network.nodes.as_slice()[2].fixed_cost, Some(10.0));
}

#[test]
fn rules_resolve_and_owners_are_inherited() {
    let compiled = compile_text(
        r#"
        site plaza { owner team-a }  tenant red {}
        node gnb-1 : gnb { site plaza  capacity cpu 8  cell c { band n77 carrier 4.05GHz bandwidth 50MHz scs 30kHz } }
        owner team-a { contact "a@x.example" }
        owner team-b { owns tenant red, folder "north/" }
        guard small deny { over changes where kind = cell  require share.delta <= 20%  except node.gnb-1/cell.c until 2026-12-31 because "migration" }
        guard room warn { over nodes where count(cells in site plaza) > 0  require sum(capacity.cpu of nodes in site plaza) >= 4 }
        guard dim deny { over cells  require power < 20% }
        guard odd deny { over cells  require colour = 3 }
        guard e2 deny { over e2-nodes  require region = "metro" }
        limit { deletions 10 or 5%  cells 100  share-moved red 10% }
        keep placement { pin e2t on gnb-1  churn price 5 }
        protect node.gnb-1  forget node.gnb-9  moved tenant.rot -> tenant.red
        outside change on node.gnb-1/** ignore until 2026-02-30
        "#,
    );
    assert_eq!(
        messages(&compiled),
        [
            "RF120: no file of the project is in the folder `north`",
            "RF231: a power is compared with a share",
            "RF230: there is no attribute `colour` here",
            "RF310: `2026-02-30` is no day",
        ]
    );
    let network = compiled.network;
    assert_eq!(network.cells.as_slice()[0].entity.owner.as_deref(), Some("team-a"));
    assert_eq!(network.tenants.as_slice()[0].entity.owner.as_deref(), Some("team-b"));
    assert_eq!(network.guards.len(), 3);
    assert_eq!(&*network.guards[0].rule.over, "nodes");
    assert!(network.guards[0].rule.filter.is_some());
    assert!(!network.guards[1].deny && network.guards[2].deny);
    let limit = &network.limits[0];
    assert_eq!((limit.deletions, limit.deletions_share, limit.cells), (Some(10), Some(Share(0.05)), Some(100)));
    assert_eq!(network.moved[0].to.value.as_str(), "tenant.red");
}

#[test]
fn areas_build_on_areas_but_not_in_a_circle() {
    let compiled = compile_text(
        r#"
        site s {}  node g : gnb { site s  cell c { band n77 carrier 4.05GHz bandwidth 50MHz scs 30kHz } }
        area outer { interfaces in area inner }  area inner { cells in site s }
        area a { cells in area b }  area b { cells in area a }
        "#,
    );
    assert_eq!(messages(&compiled), ["RF206: area `a` is defined by itself", "RF206: area `b` is defined by itself"]);
    assert_eq!(compiled.network.areas.as_slice().iter().map(|area| area.interfaces.len()).collect::<Vec<_>>(), [1, 1]);
}

#[test]
fn shipped_intents_resolve() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../intents");
    for name in ["quickstart", "cosmo-testbed"] {
        let text = std::fs::read_to_string(folder.join(name).join("main.intent")).unwrap();
        assert_eq!(messages(&compile_text(&text)), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn a_table_that_is_not_utf8_says_its_line() {
    let text = "language 1\ntable sites from \"sites.csv\" { as site  key \"Name\" }";
    let world = MemoryWorld::default().with("main.intent", text).with("sites.csv", b"Name\na\nPla\xe7a\n");
    let compiled = compile(&world, &CompileOptions::default());
    let found = &compiled.diagnostics[0];
    assert_eq!(
        (found.code.id, found.message.as_str()),
        ("RF123", "`sites.csv` is not UTF-8 text: line 3 has a byte that belongs to no character")
    );
    assert!(found.span.is_some(), "the place where it is named");
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    /// Blocks in any order give the same network but for places.
    #[test]
    fn the_order_of_declaration_changes_nothing(order in proptest::sample::subsequence((0..10usize).collect::<Vec<_>>(), 10).prop_shuffle()) {
        let blocks = [
            "site plaza { region \"metro\" }",
            "tenant red { plmn 001-01 }",
            "tenant blue { plmn 001-02 }",
            "node b : gnb { site plaza parent a cell x { band n77 carrier 4.05GHz bandwidth 50MHz scs 30kHz sharing passive expect red 50%, blue 50% } }",
            "node a : cu { site plaza }",
            "node c : gnb { site plaza cell y { band n78 carrier 3.5GHz bandwidth 20MHz scs 30kHz neighbours b/x } }",
            "area z { interfaces in area y }",
            "area y { cells where band = n77 }",
            "chunk k for red { cells in area z }",
            "sla s { over site plaza share red 60%, blue 40% }",
        ];
        let text: Vec<&str> = order.iter().map(|index| blocks[*index]).collect();
        let expected = crate::network_json(&compile_text(&blocks.join("\n")).network);
        let compiled = compile_text(&text.join("\n"));
        proptest::prop_assert!(compiled.diagnostics.is_empty());
        proptest::prop_assert_eq!(crate::network_json(&compiled.network), expected);
    }
}
