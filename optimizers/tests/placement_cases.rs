//! The cases with known optima, through the door for documents, each answer checked again from outside.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;

use ranform_network::{AnswerKind, NoControl};
use ranform_optimizers::exchange::{Exit, SolveOptions, solve_document};
use serde_json::Value;

fn solve(problem: &Value, strategy: &str) -> Value {
    let options = SolveOptions { strategy: Some(strategy.into()), ..SolveOptions::default() };
    let document = serde_json::to_vec(problem).unwrap();
    let outcome = solve_document(AnswerKind::Placement, &document, &options, &NoControl);
    assert_eq!(outcome.exit, Exit::Solved, "{}", outcome.json);
    outcome.json
}

#[test]
fn every_case_is_optimal_at_its_listed_cost() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/placement");
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(paths.len() >= 12);
    for path in paths {
        let case: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let answer = solve(&case["problem"], "exact");
        assert_eq!(answer["status"], "optimal", "{}", path.display());
        assert_eq!(answer["cost"], case["optimum"]["cost"], "{}", path.display());
        assert_eq!(answer["bound"], answer["cost"], "{}", path.display());
        assert_eq!(answer["gap"], 0.0, "{}", path.display());
        let quick = solve(&case["problem"], "heuristic");
        assert_eq!(quick["status"], "feasible", "{}", path.display());
        assert!(quick["cost"].as_i64() >= answer["cost"].as_i64(), "{}", path.display());
    }
}

#[test]
fn a_document_that_asks_for_an_unknown_strategy_is_told_which_there_are() {
    let options = SolveOptions { strategy: Some("magic".into()), ..SolveOptions::default() };
    let outcome = solve_document(AnswerKind::Placement, b"{}", &options, &NoControl);
    assert_eq!(outcome.exit, Exit::Failed);
    assert!(outcome.json["message"].as_str().unwrap().contains("`exact`"));
}

#[test]
fn an_infeasible_problem_names_a_minimal_conflict_and_what_would_do() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/placement/tiny-geo-6-3-s1.json");
    let case: Value = serde_json::from_slice(&fs::read(folder).unwrap()).unwrap();
    let mut problem = case["problem"].clone();
    problem["xapps"][0]["loop_budget"] = 20.into();
    let document = serde_json::to_vec(&problem).unwrap();
    let outcome = solve_document(AnswerKind::Placement, &document, &SolveOptions::default(), &NoControl);
    assert_eq!(outcome.exit, Exit::Infeasible);
    let conflict = &outcome.json["conflict"];
    assert_eq!(conflict["minimal"], true);
    let items: Vec<&str> = conflict["items"].as_array().unwrap().iter().map(|item| item.as_str().unwrap()).collect();
    assert_eq!(items.len(), 2, "{items:?}");
    assert!(items[0].starts_with("e2 ") && items[1] == "budget xapp 0");
    // The E2 node that is farthest from its nearest compute node decides the budget that would do.
    let rows = problem["latency_e2_compute"].as_array().unwrap();
    let nearest = rows.iter().map(|row| row.as_array().unwrap().iter().map(|leg| leg.as_i64().unwrap()).min().unwrap());
    let change = format!("loop_budget {}", 2 * nearest.max().unwrap());
    assert!(
        conflict["relaxations"].as_array().unwrap().iter().any(|one| one["change"] == change.as_str()),
        "{conflict}"
    );
    assert!(outcome.json["cost"].is_null() && outcome.json["components"].is_null());
}
