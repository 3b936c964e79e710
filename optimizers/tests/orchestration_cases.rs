//! The published cases are solved to optimality at their listed value.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;

use ranform_network::{AnswerKind, NoControl};
use ranform_optimizers::exchange::{Exit, SolveOptions, solve_document};

/// Copies of the published cases, each `{"problem", "optimum"}`.
const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/orchestration");

#[test]
fn published_cases_are_optimal() {
    let mut solved = 0;
    for entry in std::fs::read_dir(Path::new(CASES)).unwrap() {
        let path = entry.unwrap().path();
        let case: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let document = serde_json::to_vec(&case["problem"]).unwrap();
        let outcome = solve_document(AnswerKind::Orchestration, &document, &SolveOptions::default(), &NoControl);
        assert_eq!(outcome.exit, Exit::Solved, "{path:?}: {}", outcome.json);
        assert_eq!(outcome.json["status"], "optimal", "{path:?}");
        assert_eq!(outcome.json["value"], case["optimum"]["value"], "{path:?}");
        assert_eq!(outcome.json["bound"], case["optimum"]["value"], "{path:?}");
        solved += 1;
    }
    assert_eq!(solved, 8);
}
