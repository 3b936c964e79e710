//! What a rollback says before it is approved, and how new versions start on the way back: as much as the plan said forth.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod scene;

use std::path::Path;

use scene::*;
use serde_json::Value;

/// A node of eight processors that a folder plays, with all of a RIC on it, and one that is empty; two base stations with a
/// cell each.
const INTENTS: &str = r#"language 1
site plaza { region "metro" }
tenant red { plmn 001-01  slice 1:000001 }
tenant blue { plmn 001-02  slice 1:000002 }
node gnb-1 : gnb {
  site plaza  plmn 001-01  gnb-id 411/22  manage directory "devices/gnb-1"
  cell nr-1 { band n77  carrier 4.05GHz  bandwidth 50MHz  scs 30kHz  pci 1  sharing prb }
}
node gnb-2 : gnb { site plaza  plmn 001-01  gnb-id 412/22  manage directory "devices/gnb-2" }
chunk red-all for red { cells }  service red-data on red-all
chunk blue-all for blue { cells }  service blue-data on blue-all
sla fair { over cells  share red 60%, blue 40%  window 100s every 10s  floor 4% }
node edge-1 : compute {
  site plaza
  capacity cpu 8, memory 64GB, storage 100GB
  cost fixed 5, management 4, e2t 4, sdl 2, nib 2, xapp 1
  e2 "10.0.0.1:36421"
  profile kubernetes
  manage directory "deploy/edge-1"
}
node edge-2 : compute {
  site plaza
  capacity cpu 8, memory 64GB, storage 100GB
  cost fixed 50, management 4, e2t 4, sdl 2, nib 2, xapp 1
  e2 "10.0.0.2:36421"
  profile kubernetes
  manage directory "deploy/edge-2"
}
link gnb-1 -- edge-1 { latency 1ms }
link gnb-2 -- edge-1 { latency 1ms }
link edge-1 -- edge-2 { latency 1ms }
ric metro {
  serves e2-nodes
  candidates compute-nodes
  component management { demand cpu 1, memory 1GB  image "registry.example/ricmgmt:1.0" }
  component e2t { demand cpu 1, memory 1GB  image "registry.example/e2t:1.0" }
  component sdl { demand cpu 0.5, memory 1GB  image "registry.example/sdl:1.0" }
  component nib { demand cpu 0.5, memory 1GB, storage 20GB  image "registry.example/redis:1.0" }
  xapp steering { demand cpu 1, memory 1GB  loop 10ms  image "registry.example/steering:1.0" }
}
"#;

fn applied() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("main.intent"), INTENTS).unwrap();
    ok(folder.path(), "apply -auto-approve");
    folder
}

/// Replaces text of the intents, and applies; gives what that said.
fn apply(folder: &Path, from: &str, to: &str) -> String {
    edit(folder, "main.intent", from, to);
    ok(folder, "apply -auto-approve")
}

/// How a Deployment starts new versions, as its document says.
fn strategy(folder: &Path, name: &str) -> String {
    let path = folder.join(format!("deploy/edge-1/ric-metro/{name}-edge-1.yaml"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let line = text.lines().map(str::trim).find(|line| ["type: Recreate", "type: RollingUpdate"].contains(line));
    line.unwrap_or_else(|| panic!("{text}")).to_owned()
}

/// A state that an apply or rollback left is one that the next plan leaves as it is.
fn is_settled(folder: &Path, intents: &str) {
    std::fs::write(folder.join("main.intent"), intents).unwrap();
    let plan = ok(folder, "plan");
    assert!(plan.contains("No changes."), "{plan}");
    assert_eq!(run(folder, "drift").0, 0);
}

#[test]
fn what_needs_more_or_less_stops_first_where_both_have_no_room_there_and_back() {
    let folder = applied();
    let folder = folder.path();
    let e2t = "component e2t { demand cpu 1,";
    assert_eq!(strategy(folder, "metro-e2t"), "type: RollingUpdate");
    // 3 + 3 processors beside it: 1 + 4 fit.
    let plan = apply(folder, e2t, "component e2t { demand cpu 4,");
    assert!(!plan.contains("Service interrupted"), "{plan}");
    assert_eq!(strategy(folder, "metro-e2t"), "type: RollingUpdate");
    // 4 + 2 do not, though 2 + 2 would.
    let plan = apply(folder, "component e2t { demand cpu 4,", "component e2t { demand cpu 2,");
    assert!(plan.contains("e2t.edge-1  stops before its new version starts (its node has no room for both)"), "{plan}");
    assert!(plan.contains("cluster.update: \"surge\" -> \"recreate\""), "{plan}");
    assert_eq!(strategy(folder, "metro-e2t"), "type: Recreate");
    let twos = std::fs::read_to_string(folder.join("main.intent")).unwrap();
    is_settled(folder, &twos);
    // Back to 4 it is the same: what was there then had started first.
    let said = ok(folder, "rollback -auto-approve");
    assert!(said.contains("e2t.edge-1  stops before its new version starts (its node has no room for both)"), "{said}");
    assert!(!said.contains("cluster.update"), "{said}");
    assert_eq!(strategy(folder, "metro-e2t"), "type: Recreate");
    is_settled(folder, &twos.replace("component e2t { demand cpu 2,", "component e2t { demand cpu 4,"));
    // And on to 1, for which there is room beside 4 again.
    let said = ok(folder, "rollback -auto-approve");
    assert!(!said.contains("Service interrupted"), "{said}");
    assert_eq!(strategy(folder, "metro-e2t"), "type: RollingUpdate");
    is_settled(folder, INTENTS);
    ok(folder, "rollback -to=3 -auto-approve");
    is_settled(folder, &twos);
}

#[test]
fn what_stays_keeps_its_way_until_it_is_made_anew() {
    let folder = applied();
    let folder = folder.path();
    apply(folder, "component e2t { demand cpu 1,", "component e2t { demand cpu 5,");
    assert_eq!(strategy(folder, "metro-e2t"), "type: Recreate", "1 + 5 do not fit beside 3");
    // More room alone restarts and changes nothing.
    edit(folder, "main.intent", "capacity cpu 8, memory 64GB", "capacity cpu 16, memory 64GB");
    assert!(ok(folder, "plan").contains("No changes."));
    let plan = apply(folder, "registry.example/e2t:1.0", "registry.example/e2t:1.1");
    assert!(
        plan.contains("cluster.update: \"recreate\" -> \"surge\"") && !plan.contains("Service interrupted"),
        "{plan}"
    );
    // The way back knows what the node has now.
    let said = ok(folder, "rollback -auto-approve");
    assert!(!said.contains("Service interrupted"), "{said}");
}

#[test]
fn a_rollback_says_what_stops_what_is_lost_and_the_order() {
    let folder = applied();
    let folder = folder.path();
    edit(folder, "main.intent", "component e2t { demand cpu 1,", "component e2t { demand cpu 4,");
    edit(folder, "main.intent", "registry.example/e2t:1.0", "registry.example/e2t:1.1");
    edit(folder, "main.intent", "storage 20GB  image", "storage 30GB  image");
    let forth = apply(folder, "pci 1 ", "pci 2 ");
    let said = fails(folder, 1, "rollback");
    for part in [
        "Service interrupted\n",
        "node.gnb-1/cell.nr-1  cell-restart, not locked first",
        "ric.metro/nib.edge-1  stops before its new version starts (it keeps state)",
        "Storage, which does not move\n  ric.metro/nib.edge-1  rebuild: 30GB storage on node.edge-1 become 20GB storage, empty",
        "Order\n  prepare: ",
        "take back, if anything fails before that: ",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    // Whatever is named on the way back was named on the way there.
    let listed = |text: &str| {
        let lines = text.lines().skip_while(|line| *line != "Service interrupted").skip(1);
        lines.take_while(|line| !line.is_empty()).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(listed(&said), listed(&forth));

    let events = ok(folder, "rollback -auto-approve -json");
    let events: Vec<Value> = events.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |kind: &'static str| events.iter().filter(move |event| event["type"] == kind);
    let addresses: Vec<&Value> = of("planned_change").map(|event| &event["change"]["address"]).collect();
    assert!(addresses.contains(&&"node.gnb-1/cell.nr-1".into()) && addresses.contains(&&"ric.metro/nib.edge-1".into()));
    let summary = of("change_summary").next().unwrap();
    assert_eq!((&summary["to_serial"], &summary["changes"]["add"]), (&1.into(), &0.into()), "{summary}");
    let storage = &summary["storage"][0];
    assert_eq!(
        (&storage["fate"], &storage["bytes"], &storage["bytes_after"]),
        (&"rebuild".into(), &30e9.into(), &20e9.into())
    );
    assert_eq!(summary["interruptions"].as_array().unwrap().len(), listed(&said).len(), "{summary}");
    assert_eq!(summary["order"].as_array().unwrap().len(), 4, "{summary}");
    is_settled(folder, INTENTS);
}

#[test]
fn the_rollback_of_a_drain_says_which_store_starts_empty() {
    let folder = applied();
    let folder = folder.path();
    let forth = apply(folder, "candidates compute-nodes", "candidates node edge-2");
    assert!(forth.contains("rebuild: starts empty on node.edge-2"), "{forth}");
    let said = fails(folder, 1, "rollback");
    assert!(
        said.contains("ric.metro/nib.edge-1  rebuild: starts empty on node.edge-1; its 20GB storage on node.edge-2 go"),
        "{said}"
    );
    ok(folder, "rollback -auto-approve");
    is_settled(folder, INTENTS);
}

#[test]
fn the_way_back_over_a_new_cell_says_that_it_goes_off_the_air() {
    let folder = applied();
    let folder = folder.path();
    let cell = "  cell nr-2 { band n77  carrier 3950.01MHz  bandwidth 50MHz  scs 30kHz  pci 9  sharing prb }\n";
    let forth = apply(
        folder,
        "node gnb-2 : gnb",
        &format!(
            "node gnb-3 : gnb {{\n  site plaza  plmn 001-01  gnb-id 413/22  manage directory \"devices/gnb-3\"\n{cell}}}\nlink gnb-3 -- edge-1 {{ latency 1ms }}\nnode gnb-2 : gnb"
        ),
    );
    assert!(!forth.contains("goes off the air"), "{forth}");
    let said = ok(folder, "rollback -auto-approve");
    assert!(
        said.contains("Service interrupted\n  node.gnb-3 and 1 more  goes off the air, and is not put back"),
        "{said}"
    );
    is_settled(folder, INTENTS);
}
