//! Documents in, one JSON object out: bad ones are refused with a stable code, good ones repeat.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use ranform_network::{AnswerKind, NoControl};
use ranform_optimizers::exchange::{Exit, SolveOptions, SolveOutcome, solve_document};
use serde_json::{Value, json};

mod support;
use support::orchestration::{LatencyMix, NodeCase, Setting, generate};

fn run(document: &[u8]) -> SolveOutcome {
    solve_document(AnswerKind::Orchestration, document, &SolveOptions::default(), &NoControl)
}

fn good() -> Value {
    json!({
        "format": "ranform.orchestration/1", "resources": ["cpu"], "sharing": "on", "collect": "sum",
        "nodes": [
            {"kind": "near-rt-ric", "parent": null, "capacity": [1], "uplink": null},
            {"kind": "du", "parent": 0, "capacity": [0], "uplink": {"ps_per_byte": 10, "propagation_ns": 1000}},
        ],
        "models": [{"functions": ["f"], "demand": [1], "input_bytes": 100, "execution_ns": {"near-rt-ric": 1000},
            "performance": {"f": 90}, "suitability_percent": {"near-rt-ric": 100}}],
        "requests": [{"value": 1, "targets": [{"function": "f", "node": 1, "sources": [1], "latency_ns": 2001,
            "performance": {"at_least": 90}}]}],
    })
}

#[test]
fn a_tie_in_picoseconds_is_in_time_and_one_less_is_not() {
    // 1000 ns of propagation, 100 bytes at 10 ps, 1000 ns of execution: 2001 ns exactly.
    assert_eq!(run(good().to_string().as_bytes()).json["value"], 1);
    let mut late = good();
    late["requests"][0]["targets"][0]["latency_ns"] = json!(2000);
    assert_eq!(run(late.to_string().as_bytes()).json["value"], 0);
}

/// Documents that once got another answer.
#[test]
fn what_was_once_answered_wrongly_is_answered_rightly() {
    // What is in force on a node that is closed to all but pins is served elsewhere.
    let closed = run(include_bytes!("cases/found/orchestration-closed-node.json")).json;
    assert_eq!((&closed["status"], &closed["value"]), (&json!("optimal"), &json!(1)), "{closed}");
    assert_ne!(closed["assignment"][0]["node"], 0);
    // A request that is in force for one of its targets keeps that one.
    let partly = run(include_bytes!("cases/found/orchestration-partly-in-force.json")).json;
    let stays =
        |entry: &&Value| (&entry["target"], &entry["model"], &entry["node"]) == (&json!(1), &json!(0), &json!(1));
    assert!(partly["assignment"].as_array().unwrap().iter().any(|entry| stays(&entry)), "{partly}");
    let twice = good().to_string().replace("\"near-rt-ric\":1000", "\"near-rt-ric\":1000,\"near-rt-ric\":1");
    assert_eq!(run(twice.as_bytes()).json["code"], "not-readable");
}

#[test]
fn bad_documents_have_codes() {
    let cases: [(&str, Value, &str); 17] = [
        ("/nodes/1/parent", json!(1), "inconsistent"),
        ("/nodes/0/parent", json!(1), "inconsistent"),
        ("/nodes/1/parent", json!(7), "out-of-range"),
        ("/nodes/1/uplink", json!(null), "inconsistent"),
        ("/nodes/0/capacity", json!([1, 2]), "wrong-size"),
        ("/nodes/0/capacity/0", json!(-1), "out-of-range"),
        ("/nodes/0/capacity/0", json!(1.5), "not-readable"),
        ("/nodes/0/kind", json!("toaster"), "not-readable"),
        ("/models/0/demand", json!([]), "wrong-size"),
        ("/models/0/performance", json!({}), "inconsistent"),
        ("/models/0/suitability_percent/near-rt-ric", json!(101), "out-of-range"),
        ("/models/0/input_bytes", json!(1u64 << 60), "out-of-range"),
        ("/requests/0/value", json!(-3), "out-of-range"),
        ("/requests/0/targets/0/sources", json!([]), "wrong-size"),
        ("/requests/0/targets/0/node", json!(2), "out-of-range"),
        ("/sharing", json!("sometimes"), "not-readable"),
        ("/format", json!("ranform.orchestration/2"), "wrong-format"),
    ];
    for (place, value, code) in cases {
        let mut document = good();
        *document.pointer_mut(place).unwrap() = value.clone();
        let outcome = run(document.to_string().as_bytes());
        assert_eq!(outcome.exit, Exit::Failed, "{place} {value}");
        assert_eq!(outcome.json["code"], code, "{place} {value}: {}", outcome.json);
    }
}

#[test]
fn sums_that_overflow_are_refused() {
    let mut document = good();
    let request = json!({"value": 1i64 << 53, "targets": []});
    document["requests"] = json!([request, request]);
    assert_eq!(run(document.to_string().as_bytes()).json["code"], "out-of-range");
    let mut document = good();
    let most = 1i64 << 53;
    document["models"][0]["input_bytes"] = json!(most);
    document["nodes"][1]["uplink"] = json!({"ps_per_byte": most, "propagation_ns": most});
    document["requests"][0]["targets"][0]["sources"] = json!(vec![1; 3_000_000]);
    assert_eq!(run(document.to_string().as_bytes()).json["code"], "out-of-range");
}

#[test]
fn nonsense_is_no_panic() {
    let nested = "[".repeat(200_000);
    for text in ["", "null", "{}", "NaN", "{\"format\":NaN}", "[1e999]", &nested] {
        assert_eq!(run(text.as_bytes()).exit, Exit::Failed);
    }
}

#[test]
fn a_pin_that_cannot_be_kept_is_infeasible() {
    let mut document = good();
    document["pinned"] = json!([{"request": 0, "target": 0, "model": 0, "node": 1}]);
    let outcome = run(document.to_string().as_bytes());
    assert_eq!(outcome.exit, Exit::Infeasible);
    assert_eq!(outcome.json["status"], "infeasible");
}

#[test]
fn equal_documents_have_equal_answers() {
    for sharing in ["on", "per-request", "per-target"] {
        let setting =
            Setting { nodes: 135, case: NodeCase::RanOnly, mix: LatencyMix::UltraLowLatency, ..Setting::default() };
        let mut document = serde_json::to_value(generate(&setting)).unwrap();
        document["sharing"] = json!(sharing);
        let bytes = document.to_string().into_bytes();
        let (first, second) = (run(&bytes), run(&bytes));
        assert_eq!(first.json.to_string(), second.json.to_string());
        assert_eq!(first.json["status"], "optimal");
    }
}
