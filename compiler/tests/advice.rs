//! What a user is told of one slip: its place, what it is, and what was meant.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use ranform_compiler::{CompileOptions, check, compile};
use ranform_network::source::MemoryWorld;
use ranform_network::{Diagnostic, Severity};

/// Each error of a project as `code | text at its place | message | advice`.
fn errors(text: &str) -> Vec<String> {
    let compiled = compile(&MemoryWorld::default().with("main.intent", text), &CompileOptions::default());
    let judged = check::run_beside(&compiled.network, &compiled.damage);
    let line = |finding: &Diagnostic| {
        let place = finding.span.map_or("", |span| &text[span.start as usize..span.end as usize]);
        format!("{} | {place} | {} | {}", finding.code.id, finding.message, finding.help.join("; "))
    };
    let all = compiled.diagnostics.iter().chain(&judged);
    all.filter(|finding| finding.severity == Severity::Error).map(line).collect()
}

const PLACE: &str = "node gnb-1 : gnb {\n  plmn 001-01  gnb-id 411/22\n  \
    cell nr-1 { band n77  carrier 4.05GHz  bandwidth 50MHz  scs 30kHz  duplex tdd  local-id 1  pci 1  tac 7 } }\n\
    tenant red { plmn 001-01  slice 1:000001 }\n";

#[test]
fn a_kind_of_resource_that_no_node_has_is_told_with_what_was_meant() {
    let ric = |demand: &str| {
        errors(&format!(
            "{PLACE}node edge : compute {{ capacity cpu 8, memory 16GB, accelerator 1 }}\n\
             ric metro {{ serves e2-nodes  candidates compute-nodes  component sdl {{ demand {demand} }} }}"
        ))
    };
    assert_eq!(ric("cpu 0.5, memory 1GB"), [""; 0]);
    assert_eq!(ric("cpu 0.5, mem 1GB"), ["RF201 | mem | there is no resource `mem` | did you mean `memory`?"]);
    let fits = |kind: &str| format!("RF508 | sdl | `sdl` of RIC `metro` needs 1 {kind} and fits on no candidate");
    let none = |kind: &str| format!("no compute node has `{kind}` in its `capacity`: did you mean");
    for (kind, meant) in [("acelerator", "accelerator"), ("accel", "accelerator"), ("ram", "memory"), ("cores", "cpu")]
    {
        assert_eq!(ric(&format!("{kind} 1")), [format!("{} | {} `{meant}`?", fits(kind), none(kind))]);
    }
    assert_eq!(ric("gpu 1"), [format!("{} | `node.edge` comes nearest with 0 gpu", fits("gpu"))]);
}

#[test]
fn a_number_out_of_range_hides_no_rule_of_another_policy() {
    let policies = "node ric-1 : near-rt-ric { manage a1 \"http://127.0.0.1:8085\" }\n\
        policy one { for tenant red  through ric-1  guarantee dl 20Mbps  at most dl 10Mbps }\n\
        policy two { for tenant red  through ric-1 }\n\
        policy three { through ric-1  guarantee dl 1Mbps }\n";
    let own = |text: &str| {
        let found = errors(text).into_iter().map(|line| line.split(" | ").next().unwrap().to_owned());
        found.collect::<Vec<_>>()
    };
    let sound = own(&format!("{PLACE}{policies}"));
    assert_eq!(sound, ["RF536", "RF531", "RF531"]);
    // In a policy, in an xApp, and in a tenant of which everything else is known.
    for wrong in [
        "policy four { for 5qi 300  through ric-1  priority 3 }",
        "node edge : compute { }\nric r { serves e2-nodes  candidates compute-nodes  xapp x { replicas 0 } }",
        "site s { tier 100000 }",
    ] {
        let found = own(&format!("{PLACE}{policies}{wrong}"));
        assert_eq!(found, [&["RF303".to_owned()], &sound[..]].concat(), "{wrong}");
    }
    // What follows from the number alone is not told.
    let text = format!("{PLACE}{policies}").replace("tac 7", "tac 99999999999");
    assert_eq!(own(&text), ["RF303", "RF536", "RF531", "RF531"], "{:?}", errors(&text));
}

#[test]
fn a_policy_goes_to_rics_of_either_kind() {
    let through = |name: &str| {
        errors(&format!(
            "{PLACE}node edge : compute {{ }}\nnode harbour : near-rt-ric {{ manage a1 \"http://127.0.0.1:1\" }}\n\
             ric plaza {{ serves e2-nodes  candidates compute-nodes  manage directory \"d\" }}\n\
             policy p {{ for tenant red  through {name}  at most 64 ues }}"
        ))
    };
    assert_eq!(through("plaza"), [""; 0]);
    let told = |name: &str, help: &str| format!("RF201 | {name} | there is no near-RT RIC `{name}` | {help}");
    assert_eq!(through("plazza"), [told("plazza", "did you mean `plaza`?")]);
    assert_eq!(through("harbor"), [told("harbor", "did you mean `harbour`?")]);
    assert_eq!(
        through("elsewhere"),
        [told("elsewhere", "declare it: `ric elsewhere ..`, or `node elsewhere : near-rt-ric ..`")]
    );
    assert_eq!(
        through("red"),
        [
            "RF203 | red | `red` is a tenant, not a near-RT RIC | write the name of a `ric`, or of a `node` that is a `near-rt-ric`"
        ]
    );
}

#[test]
fn an_e2_address_is_marked_where_it_is_written() {
    let found = errors(&format!("{PLACE}node edge : compute {{ e2 \"10.0.9.1\" }}"));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("RF708 | \"10.0.9.1\" | the E2 endpoint of `node.edge`"), "{found:?}");
}

#[test]
fn the_types_of_a_ric_in_a_folder_are_said_in_its_manage_line() {
    let ric = |manage: &str| {
        errors(&format!(
            "{PLACE}node edge : compute {{ }}\n\
             ric metro {{ serves e2-nodes  candidates compute-nodes  manage {manage} }}\n\
             policy p {{ for tenant red  delay dl 10ms }}\npolicy save {{ on cells on node gnb-1  save energy 20% }}"
        ))
    };
    let help =
        |found: Vec<String>| found.iter().map(|line| line.rsplit(" | ").next().unwrap().to_owned()).collect::<Vec<_>>();
    let folder = "write what the folder lists: `manage directory .. types a1-r004`, or the ids of types";
    assert_eq!(help(ric("directory \"d\"")), [folder, folder]);
    let peer = "write what the RIC lists: `manage a1 .. types a1-r004`, or the ids of types: `types \"ORAN_..\"`";
    assert_eq!(help(ric("a1 \"http://127.0.0.1:1\"")), [peer, peer]);
    assert_eq!(ric("directory \"d\" types a1-r004"), [""; 0]);
    assert_eq!(ric("a1 \"http://127.0.0.1:1\" types a1-r004 as \"smo\""), [""; 0]);
    let node = errors(&format!(
        "{PLACE}node ric-1 : near-rt-ric {{ profile a1-2  manage directory \"d\" types a1-r004 }}\n\
         policy p {{ for tenant red  through ric-1  delay dl 10ms }}"
    ));
    assert!(node[0].starts_with("RF107 | a1-r004 | `types` after `manage directory` is for a `ric`"), "{node:?}");
}

#[test]
fn the_parts_of_a_manage_line_are_read_in_any_order_and_once() {
    let manage =
        |line: &str| errors(&format!("{PLACE}node ric-1 : near-rt-ric {{ manage a1 \"http://127.0.0.1:1\" {line} }}"));
    for line in [
        "types \"ORAN_SliceSLATarget_1.0.0\" 20008 dialect osc",
        "dialect osc types \"ORAN_SliceSLATarget_1.0.0\" 20008, \"ORAN_QoSTarget_1.0.0\" 20009 as \"smo\"",
        "key env KEY as \"smo\" certificate env CERTIFICATE",
    ] {
        assert_eq!(manage(line), [""; 0], "{line}");
    }
    let found = manage("as \"a\" dialect osc as \"b\" types \"ORAN_SliceSLATarget_1.0.0\" 1");
    assert_eq!(found, ["RF105 | as | `as` is given twice | keep one of the two"], "{found:?}");
    let found = manage("key env KEY");
    assert!(found[0].starts_with("RF107 | env | `key` of an A1 peer stands without its `certificate`"), "{found:?}");
}
