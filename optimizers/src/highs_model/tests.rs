//! Small programs with known answers.

use super::*;

fn knapsack() -> Model {
    let mut model = Model::default();
    let items: Vec<usize> = [-10.0, -13.0, -7.0, -8.0].map(|cost| model.binary(cost)).to_vec();
    model.row(f64::NEG_INFINITY, 7.0, items.into_iter().zip([3.0, 4.0, 2.0, 3.0]));
    model
}

#[test]
fn integer_program_is_solved_and_watched() {
    let mut seen = Vec::new();
    let mut session = Session::new(&knapsack()).unwrap();
    let outcome = session
        .run(&Options::default(), &mut |event| {
            if let Event::Solution { objective, .. } = event {
                seen.push(objective);
            }
            Flow::Continue
        })
        .unwrap();
    assert_eq!(outcome.status, Status::Optimal);
    assert_eq!(outcome.objective.round(), -23.0);
    assert_eq!(outcome.bound.round(), -23.0);
}

#[test]
fn linear_program_has_duals_and_takes_cuts() {
    let mut session = Session::new(&knapsack().relaxed()).unwrap();
    let first = session.run(&Options::default(), &mut |_| Flow::Continue).unwrap();
    assert!(first.objective < -23.0 && first.row_duals[0] < 0.0);
    let mut cuts = Rows::default();
    cuts.push(f64::NEG_INFINITY, 1.0, [(0, 1.0), (1, 1.0)]);
    session.add_rows(&cuts).unwrap();
    let second = session.run(&Options::default(), &mut |_| Flow::Continue).unwrap();
    assert!(second.objective > first.objective);
    session.set_bounds(1, 1.0, 1.0).unwrap();
    assert_eq!(session.run(&Options::default(), &mut |_| Flow::Continue).unwrap().columns.unwrap()[1], 1.0);
}

#[test]
fn infeasible_is_a_status_not_an_error() {
    let mut model = knapsack();
    model.row(5.0, 5.0, (0..4).map(|column| (column, 1.0)));
    let outcome = Session::new(&model).unwrap().run(&Options::default(), &mut |_| Flow::Continue).unwrap();
    assert_eq!(outcome.status, Status::Infeasible);
    assert!(outcome.columns.is_none());
}

#[test]
fn interior_point_equals_simplex() {
    let solve = |linear_method| {
        let options = Options { linear_method, ..Options::default() };
        Session::new(&knapsack().relaxed()).unwrap().run(&options, &mut |_| Flow::Continue).unwrap().objective
    };
    assert!((solve(LinearMethod::InteriorPoint) - solve(LinearMethod::Simplex)).abs() < 1e-6);
}

#[test]
fn duals_prove_a_bound_and_reduced_costs_price_columns() {
    // Cover two elements; the third column is dear.
    let mut model = Model::default();
    let columns: Vec<usize> = [2.0, 3.0, 9.0].map(|cost| model.binary(cost)).to_vec();
    model.row(1.0, f64::INFINITY, [(columns[0], 1.0), (columns[2], 1.0)]);
    model.row(1.0, f64::INFINITY, [(columns[1], 1.0), (columns[2], 1.0)]);
    let outcome = Session::new(&model.relaxed()).unwrap().run(&Options::default(), &mut |_| Flow::Continue).unwrap();
    let (bound, reduced) = model.dual_bound(&outcome.row_duals);
    // The duals are not unique (each cheap column is at its bound as well), the bound is.
    assert!((bound - 5.0).abs() < 1e-6, "{bound} {reduced:?}");
    assert!((reduced[2] - (9.0 - outcome.row_duals[0] - outcome.row_duals[1])).abs() < 1e-6);
    assert!(model.dual_bound(&[-1.0, 100.0]).0 <= 5.0);
    let fewer = model.without(&[true, false, false]);
    let outcome = Session::new(&fewer).unwrap().run(&Options::default(), &mut |_| Flow::Continue).unwrap();
    assert_eq!(outcome.objective.round(), 9.0);
}
