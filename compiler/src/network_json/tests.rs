//! What the JSON of a network looks like.

use ranform_network::source::MemoryWorld;

use crate::{CompileOptions, compile, network_json};

#[test]
fn addresses_stand_for_numbers_and_defaults_are_left_out() {
    let text = r#"
        site plaza { region "metro" }
        tenant red { plmn 001-01 }
        node gnb-1 : gnb { site plaza cell nr-1 { band n77 carrier 4.05GHz bandwidth 50MHz scs 30kHz sharing passive expect red 100% } }
        chunk red-plaza for red { cells in site plaza }
        guard small deny { over changes where kind = "cell"  require share.delta <= 20% }
    "#;
    let compiled = compile(&MemoryWorld::default().with("main.intent", text), &CompileOptions::default());
    assert_eq!(compiled.diagnostics, []);
    let json = network_json(&compiled.network);
    assert_eq!(json["chunks"][0]["interfaces"][0], "node.gnb-1/cell.nr-1");
    assert_eq!(json["cells"][0]["sharing"], serde_json::json!({"mode": "passive", "expect": {"tenant.red": 1.0}}));
    assert_eq!(json["cells"][0]["carrier_hz"], 4_050_000_000u64);
    assert_eq!(json["cells"][0].get("locked"), None);
    assert_eq!(
        json["nodes"][0],
        serde_json::json!({"address": "node.gnb-1", "kind": "gnb", "site": "site.plaza", "profile": "directory"})
    );
    assert_eq!(json["guards"][0]["where"], "(kind = \"cell\")");
    assert_eq!(json["guards"][0]["require"], "(share.delta <= 0.2 [share])");
    assert_eq!(json.get("slas"), None);
}
