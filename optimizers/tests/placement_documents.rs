//! Placement documents that cannot be: each has a stable code and says where, nothing panics, nothing grows.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use ranform_network::{AnswerKind, NoControl};
use ranform_optimizers::exchange::{Exit, SolveOptions, SolveOutcome, solve_document};
use serde_json::{Value, json};

fn run(document: &[u8]) -> SolveOutcome {
    solve_document(AnswerKind::Placement, document, &SolveOptions::default(), &NoControl)
}

/// Two E2 nodes, two compute nodes, two xApps.
fn good() -> Value {
    let component = json!({"cost": [1, 2], "demand": [1]});
    let xapp = |budget: Value, chain: Value| json!({"cost": [1, 1], "demand": [1], "loop_budget": budget, "uses_sdl": true, "chain": chain});
    json!({
        "format": "ranform.placement/1", "latency_unit_us": 100, "resources": ["cpu"],
        "latency_e2_compute": [[1, 2], [2, 1]], "latency_compute": [[0, 1], [1, 0]],
        "fixed_cost": [5, 5], "capacity": [[16], null],
        "components": {"management": component, "e2t": component, "sdl": component, "nib": component},
        "xapps": [xapp(json!(40), json!([1])), xapp(Value::Null, json!([]))],
        "pinned": [{"component": "e2t", "compute": 0, "e2": [0]}], "excluded": [{"component": 1, "compute": 0}],
        "move_cost": 0, "spread": [{"component": "sdl", "places": [0, 1]}],
    })
}

#[test]
fn the_good_one_is_good() {
    let outcome = run(good().to_string().as_bytes());
    assert_eq!((outcome.exit, &outcome.json["status"]), (Exit::Solved, &json!("optimal")), "{}", outcome.json);
}

/// Documents that once got another answer, with the one they have: status and cost.
#[test]
fn what_was_once_answered_wrongly_is_answered_rightly() {
    let room_for_two = include_str!("cases/found/placement-room-for-two.json");
    let more = room_for_two.replace("\"capacity\": [[11]]", "\"capacity\": [[12]]");
    assert_ne!(room_for_two, more);
    // Two slots on one node that need more for each E2 node.
    for (document, status, cost) in [
        (room_for_two, "infeasible", Value::Null),
        (&more, "optimal", json!(0)),
        (include_str!("cases/found/placement-room-elsewhere.json"), "optimal", json!(27)),
    ] {
        let answer = run(document.as_bytes()).json;
        assert_eq!((&answer["status"], &answer["cost"]), (&json!(status), &cost), "{answer}");
    }
    // Costs of a million million: found, and bounded as far as the solver's numbers reach in time.
    let answer = run(include_bytes!("cases/found/placement-large-costs.json")).json;
    assert!(answer["status"] == "optimal" || answer["status"] == "feasible", "{answer}");
    assert_eq!(answer["cost"], json!(4_500_000_000_005_i64), "{answer}");
    let twice = good().to_string().replacen("\"e2t\":", "\"sdl\":", 1);
    assert_eq!(run(twice.as_bytes()).json["code"], "not-readable");
}

#[test]
fn bad_documents_have_codes() {
    let component = |field: &str, value: Value| json!({"cost": [1, 2], "demand": [1], field: value});
    let cases: Vec<(&str, Value, &str)> = vec![
        ("/format", json!("ranform.placement/2"), "wrong-format"),
        ("/latency_unit_us", json!(0), "out-of-range"),
        ("/latency_unit_us", json!(-1), "not-readable"),
        ("/latency_unit_us", json!(1.5), "not-readable"),
        ("/latency_e2_compute/0", json!([1]), "wrong-size"),
        ("/latency_e2_compute/0/0", json!(-1), "out-of-range"),
        ("/latency_e2_compute/0/0", json!(1u64 << 40), "out-of-range"),
        ("/latency_e2_compute/0/0", json!("near"), "not-readable"),
        ("/latency_compute", json!([[0, 1]]), "wrong-size"),
        ("/fixed_cost", json!([5]), "wrong-size"),
        ("/fixed_cost/0", json!(-5), "out-of-range"),
        ("/fixed_cost/0", json!(1i64 << 60), "out-of-range"),
        ("/capacity", json!([null]), "wrong-size"),
        ("/capacity/0", json!([1, 2]), "wrong-size"),
        ("/capacity/0/0", json!(-1), "out-of-range"),
        ("/components", json!({}), "not-readable"),
        ("/components/e2t", component("cost", json!([1])), "wrong-size"),
        ("/components/e2t", component("demand", json!([-1])), "out-of-range"),
        ("/components/e2t", component("demand", json!([1i64 << 60])), "out-of-range"),
        ("/components/e2t", component("processing", json!(-1)), "out-of-range"),
        ("/components/e2t", component("serves_at_most", json!(0)), "out-of-range"),
        ("/components/e2t", component("serves_at_most", json!(-1)), "not-readable"),
        ("/components/e2t", component("demand_per_e2", json!([1, 2])), "wrong-size"),
        ("/components/e2t", component("demand_per_e2", json!([-1])), "out-of-range"),
        ("/components/e2t", component("demand_per_e2", json!([1i64 << 50])), "out-of-range"),
        ("/xapps/0/chain", json!([0]), "inconsistent"),
        ("/xapps/0/chain", json!([1, 1]), "inconsistent"),
        ("/xapps/0/chain", json!([7]), "inconsistent"),
        ("/xapps/0/chain", json!([u64::MAX]), "inconsistent"),
        ("/xapps/1/chain", json!([0]), "inconsistent"),
        ("/xapps/0/chain", json!(vec![1; 9]), "out-of-range"),
        ("/xapps/0/loop_budget", json!(-1), "out-of-range"),
        ("/pinned/0/component", json!("e3t"), "inconsistent"),
        ("/pinned/0/component", json!(2), "inconsistent"),
        ("/pinned/0/compute", json!(2), "out-of-range"),
        ("/pinned/0/e2", json!([2]), "out-of-range"),
        ("/excluded/0/compute", json!(9), "out-of-range"),
        ("/move_cost", json!(-1), "out-of-range"),
        ("/move_cost", json!(1i64 << 50), "out-of-range"),
        ("/spread/0/component", json!("ric"), "inconsistent"),
        ("/spread/0/places", json!([0]), "wrong-size"),
        ("/spread/0", json!({"component": "sdl", "places": [0, 1], "standby": true}), "inconsistent"),
    ];
    for (place, value, code) in cases {
        let mut document = good();
        *document.pointer_mut(place).unwrap() = value.clone();
        let outcome = run(document.to_string().as_bytes());
        assert_eq!(outcome.exit, Exit::Failed, "{place} {value}: {}", outcome.json);
        assert_eq!(outcome.json["code"], code, "{place} {value}: {}", outcome.json);
        assert!(!outcome.json["message"].as_str().unwrap().is_empty());
    }
    for (field, value, code) in
        [("most_moves", json!(-1), "out-of-range"), ("current", json!({"components": {}, "xapps": []}), "inconsistent")]
    {
        let mut document = good();
        document[field] = value;
        assert_eq!(run(document.to_string().as_bytes()).json["code"], code, "{field}");
    }
}

#[test]
fn fields_of_others_are_passed_over() {
    let mut document = good();
    document["serves"] = json!(3);
    document["components"]["e2t"]["colour"] = json!("red");
    let outcome = run(document.to_string().as_bytes());
    assert_eq!((outcome.exit, &outcome.json["status"]), (Exit::Solved, &json!("optimal")), "{}", outcome.json);
}

#[test]
fn nonsense_is_no_panic() {
    let nested = "[".repeat(200_000);
    let number = good().to_string().replace("\"fixed_cost\":[5,5]", "\"fixed_cost\":[1e400,5]");
    let nan = good().to_string().replace("\"fixed_cost\":[5,5]", "\"fixed_cost\":[NaN,5]");
    for text in ["", "null", "{}", "NaN", "{\"format\":NaN}", "[1e999]", "{\"format\":", &nested, &number, &nan] {
        assert_eq!(run(text.as_bytes()).exit, Exit::Failed, "{}", &text[..text.len().min(60)]);
    }
    assert!(number.contains("1e400") && nan.contains("NaN"));
}

#[test]
fn nothing_to_place_costs_nothing() {
    let mut document = good();
    document["latency_e2_compute"] = json!([]);
    document["pinned"] = json!([]);
    let outcome = run(document.to_string().as_bytes());
    assert_eq!((&outcome.json["status"], &outcome.json["cost"]), (&json!("optimal"), &json!(0)), "{}", outcome.json);
    document["fixed_cost"] = json!([]);
    assert_eq!(run(document.to_string().as_bytes()).exit, Exit::Failed);
}

#[test]
fn the_full_model_is_not_called_infeasible_by_a_presolve_that_errs() {
    let document = include_bytes!("cases/textbook-twice.json");
    let costs: Vec<Value> = ["exact", "textbook"]
        .iter()
        .map(|strategy| {
            let options = SolveOptions { strategy: Some((*strategy).to_owned()), ..SolveOptions::default() };
            solve_document(AnswerKind::Placement, document, &options, &NoControl).json["cost"].clone()
        })
        .collect();
    assert_eq!(costs, [json!(5), json!(5)]);
}
