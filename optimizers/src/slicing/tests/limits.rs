//! Guarantees, caps, area rows, members and surplus: what is infeasible, and what the decisions say in closed form.

use proptest::prelude::*;
use ranform_network::{AnswerStatus, NoControl};

use super::support::{Random, Recipe, answer, decision, distance, recipes};
use crate::exchange::{Exit, SolveOptions, solve_document};
use crate::slicing::document::ProblemDocument;
use crate::slicing::matrix::Matrix;
use crate::slicing::{Options, Problem, ProblemParts, Sla, Strategy, solve, verify};

/// Nodes with two tenants at full load, agreed shares 60/40, floor 4 %.
pub fn plain(nodes: usize) -> ProblemParts {
    ProblemParts {
        nodes: (0..nodes).map(|node| format!("node-{node}")).collect(),
        tenants: vec!["red".into(), "blue".into()],
        load: Matrix::filled(nodes, 2, 1.0),
        previous_share: Matrix::filled(nodes, 2, 0.5),
        floor: vec![0.04; nodes],
        capacity: vec![1.0; nodes],
        passive: vec![false; nodes],
        observed: Matrix::filled(nodes, 2, 0.0),
        weight: vec![1.0; nodes],
        slas: vec![Sla {
            nodes: (0..nodes).collect(),
            sla_share: vec![0.6, 0.4],
            ewma: vec![0.6, 0.4],
            epsilon: 0.1,
            gamma: 0.1 * 0.01 / nodes as f64,
            ..Sla::default()
        }],
        ..ProblemParts::default()
    }
}

fn share(parts: ProblemParts) -> Matrix {
    decision(&Problem::new(parts).unwrap(), Strategy::Structured).share
}

fn status(parts: ProblemParts) -> AnswerStatus {
    let problem = Problem::new(parts).unwrap();
    let statuses = Strategy::ALL.map(|(_, strategy)| answer(&problem, strategy).certificate.status);
    assert!(statuses.iter().all(|status| *status == statuses[0]), "{statuses:?}");
    statuses[0]
}

#[test]
fn one_node_weighs_agreement_against_evenness() {
    // minimize 2 (ε (u - 0.6))² + 2 γ (u - 0.5)² with θ = γ/ε² = 0.1: u = (0.6 + 0.1 * 0.5) / 1.1, as the page says.
    let share = share(plain(1));
    assert!((share.row(0)[0] - 0.65 / 1.1).abs() < 1e-12, "{share:?}");
}

#[test]
fn guarantees_above_capacity_are_infeasible() {
    let parts = ProblemParts { minimum: Some(Matrix::filled(2, 2, 0.6)), ..plain(2) };
    assert_eq!(status(parts), AnswerStatus::Infeasible);
}

#[test]
fn a_floor_above_a_cap_is_infeasible() {
    let parts = ProblemParts { maximum: Some(Matrix::filled(2, 2, 0.03)), ..plain(2) };
    assert_eq!(status(parts), AnswerStatus::Infeasible);
}

#[test]
fn an_area_cap_below_the_floors_is_infeasible() {
    let mut parts = plain(3);
    parts.slas[0].area_maximum = Some(vec![1.0, 0.03]);
    assert_eq!(status(parts), AnswerStatus::Infeasible);
}

#[test]
fn two_areas_that_ask_too_much_of_their_common_node_are_infeasible() {
    let mut parts = plain(1);
    parts.slas.push(parts.slas[0].clone());
    parts.slas[0].area_minimum = Some(vec![0.7, 0.0]);
    parts.slas[1].area_minimum = Some(vec![0.0, 0.7]);
    assert_eq!(status(parts), AnswerStatus::Infeasible);
}

#[test]
fn an_area_guarantee_is_met_exactly_where_the_agreement_gives_less() {
    let mut parts = plain(4);
    parts.slas[0].area_minimum = Some(vec![0.7, 0.0]);
    let share = share(parts);
    let mean: f64 = share.rows().map(|row| row[0]).sum::<f64>() / 4.0;
    assert!((mean - 0.7).abs() < 1e-12, "{mean}");
}

#[test]
fn guarantees_hold_where_load_is_low_and_the_common_floor_gives_way() {
    let mut parts = ProblemParts { minimum: Some(Matrix::new(2, vec![0.0, 0.97])), ..plain(1) };
    parts.load = Matrix::new(2, vec![1.0, 0.2]);
    // D1: the floor of red gives way to (1 - 0.97) / 2; D2 and D3: what blue is guaranteed stays reserved.
    let share = share(parts);
    assert!((share.row(0)[1] - 0.97).abs() < 1e-12 && (share.row(0)[0] - 0.03).abs() < 1e-12, "{share:?}");
}

#[test]
fn surplus_goes_by_agreed_share_up_to_the_cap() {
    let mut parts = ProblemParts { maximum: Some(Matrix::new(2, vec![0.3, 1.0])), ..plain(1) };
    parts.load = Matrix::new(2, vec![0.2, 0.2]);
    // Surplus 0.6: red 0.36 cut off at its cap, blue 0.24, the rest unassigned.
    let share = share(parts);
    assert!(distance(share.row(0), &[0.3, 0.44]) < 1e-12, "{share:?}");
}

#[test]
fn a_tenant_that_is_not_on_the_node_gets_nothing_of_it() {
    let mut parts = ProblemParts { member: Some(Matrix::new(2, vec![true, false])), ..plain(1) };
    parts.load = Matrix::new(2, vec![0.2, 0.2]);
    assert!(distance(share(parts).row(0), &[1.0, 0.0]) < 1e-12);
}

#[test]
fn separate_areas_answer_as_if_alone() {
    let mut both = plain(4);
    both.slas[0].nodes = vec![0, 1];
    let mut second = both.slas[0].clone();
    second.nodes = vec![2, 3];
    second.sla_share = vec![0.3, 0.7];
    both.slas.push(second.clone());
    let together = share(both);
    let mut alone = plain(2);
    alone.slas[0] = Sla { nodes: vec![0, 1], ..second };
    assert!(distance(&together.values()[4..], share(alone).values()) < 1e-12);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn strategies_agree_on_area_rows(recipe in recipes(), seed in any::<u64>()) {
        let problem = with_area_rows(recipe, seed);
        let get = |strategy| solve(&problem, &Options { strategy }, &NoControl);
        let structured = get(Strategy::Structured).unwrap();
        let interior = get(Strategy::InteriorPoint).unwrap();
        prop_assert_eq!(structured.certificate.status, interior.certificate.status);
        if let Ok(reference) = get(Strategy::Reference) {
            prop_assert_eq!(structured.certificate.status, reference.certificate.status);
        }
        if let (Some(structured), Some(interior)) = (structured.decision, interior.decision) {
            prop_assert!(distance(structured.consumption.values(), interior.consumption.values()) < 1e-8);
        }
    }
}

#[test]
fn prices_beside_which_bounds_vanish_prove_infeasibility() {
    // Tenant 0 is guaranteed all it can use over the first area, but the floors of the others on node 0 leave it 0.1575
    // less. Newton's prices grow to 1e11, where rounding hides that node 0 gives more than it has.
    let problem = with_area_rows(Recipe(4, 3, 1_879_972_657_997_663_106), 16_854_744_596_345_998_003);
    for (_, strategy) in Strategy::ALL {
        let answer = answer(&problem, strategy);
        assert_eq!(answer.certificate.status, AnswerStatus::Infeasible, "{strategy:?}");
    }
}

/// A random problem with random guarantees and caps over its areas; about a third are infeasible.
fn with_area_rows(recipe: Recipe, seed: u64) -> Problem {
    let mut parts = recipe.problem().into_parts();
    let random = &mut Random::new(seed);
    let tenants = parts.tenants.len() as f64;
    for sla in &mut parts.slas {
        let mut rows = |most: f64, base: f64, none: f64| {
            let row = |_| if random.chance(0.5) { ((base + random.next() * most) / tenants).min(1.0) } else { none };
            (0..tenants as usize).map(row).collect::<Vec<f64>>()
        };
        sla.area_minimum = Some(rows(1.2, 0.0, 0.0));
        sla.area_maximum = Some(rows(1.0, 0.5, 1.0));
    }
    Problem::new(parts).unwrap()
}

#[test]
fn a_false_proof_of_infeasibility_is_refused() {
    let mut parts = plain(3);
    parts.slas[0].area_minimum = Some(vec![0.7, 0.0]);
    let problem = Problem::new(parts).unwrap();
    for direction in [[-1.0, 0.0], [1.0, 0.0], [0.0, -1.0], [-1.0, 1.0]] {
        assert!(verify::separation(&problem, &direction) <= 0.0);
    }
    assert!(!verify::contradiction(&problem));
}

fn document(change: impl Fn(&mut serde_json::Value)) -> Vec<u8> {
    let mut value = serde_json::to_value(ProblemDocument::new(&Problem::new(plain(2)).unwrap())).unwrap();
    change(&mut value);
    serde_json::to_vec(&value).unwrap()
}

#[test]
fn an_infeasible_document_answers_with_nulls() {
    let bytes = document(|value| value["minimum"] = serde_json::json!([[0.6, 0.6], [0.0, 0.0]]));
    let outcome = solve_document(ranform_network::AnswerKind::Slicing, &bytes, &SolveOptions::default(), &NoControl);
    assert_eq!(outcome.exit, Exit::Infeasible);
    let object = outcome.json.as_object().unwrap();
    assert_eq!((&object["format"], &object["status"]), (&"ranform.slicing.answer/1".into(), &"infeasible".into()));
    assert!(
        object
            .iter()
            .filter(|(key, _)| !["format", "status"].contains(&key.as_str()))
            .all(|(_, value)| value.is_null())
    );
}

#[test]
fn wrong_documents_are_refused_with_their_code() {
    type Change = fn(&mut serde_json::Value);
    let wrong: [(&str, Change); 12] = [
        ("wrong-format", |value| value["format"] = "ranform.placement/1".into()),
        ("wrong-size", |value| value["load"] = serde_json::json!([[1.0, 1.0], [1.0]])),
        ("wrong-size", |value| value["load"] = serde_json::json!([[], []])),
        ("wrong-size", |value| value["passive"] = serde_json::json!([true])),
        ("wrong-size", |value| value["nodes"] = serde_json::json!([])),
        ("out-of-range", |value| value["load"][1][0] = (-0.1).into()),
        ("out-of-range", |value| value["capacity"] = 1.5.into()),
        ("out-of-range", |value| value["slas"][0]["epsilon"] = 0.0.into()),
        ("out-of-range", |value| value["slas"][0]["nodes"] = serde_json::json!([0, 7])),
        ("inconsistent", |value| value["slas"][0]["nodes"] = serde_json::json!([0])),
        ("inconsistent", |value| value["slas"][0]["sla_share"] = serde_json::json!([0.9, 0.4])),
        ("not-readable", |value| value["tenants"] = serde_json::json!(7)),
    ];
    for (code, change) in wrong {
        let outcome = solve_document(
            ranform_network::AnswerKind::Slicing,
            &document(change),
            &SolveOptions::default(),
            &NoControl,
        );
        assert_eq!((outcome.json["code"].as_str(), outcome.exit), (Some(code), Exit::Failed), "{}", outcome.json);
    }
    for bytes in
        [&b""[..], b"[", b"{\"format\":1e999}", &[b'['; 100_000], b"\xff\xfe", b"{\"format\":\"ranform.slicing/1\"}"]
    {
        let outcome = solve_document(ranform_network::AnswerKind::Slicing, bytes, &SolveOptions::default(), &NoControl);
        assert_eq!(outcome.json["code"], "not-readable");
    }
}

#[test]
fn an_unknown_strategy_is_refused_by_name() {
    let options = SolveOptions { strategy: Some("simplex".into()), ..SolveOptions::default() };
    let outcome = solve_document(ranform_network::AnswerKind::Slicing, &document(|_| {}), &options, &NoControl);
    assert_eq!(outcome.json["code"], "unknown-strategy");
}

#[test]
fn a_document_and_its_problem_are_the_same() {
    let problem = Recipe(5, 3, 42).problem();
    let text = serde_json::to_string(&ProblemDocument::new(&problem)).unwrap();
    let back: ProblemDocument = serde_json::from_str(&text).unwrap();
    assert_eq!(back.problem().unwrap(), problem);
}
