//! The `textbook` strategy: the paper's formulation as written, products linearized, through good_lp.
//!
//! Configurations `p = (r, t, s, d)`, all of them: `x[i,p]` (1)-(6); `y[a,i,m]`; `z[a,i,p,m]` for their
//! products and `w[i,a,b,m,m']` for those along chains. It is for tiny instances: the oracle of tests and
//! the honest peer in benches.

use good_lp::{Expression, ProblemVariables, Solution, SolverModel, Variable, constraint, highs, variable};
use ranform_network::{AnswerStatus, Control};

use super::problem::{E2T, FIRST_XAPP, NIB, Problem, SDL, UNREACHABLE, out_of_range};
use super::{Answer, Placement, verify};
use crate::exchange::{DocumentCode, DocumentError};

/// More products than this are refused.
const MOST_PRODUCTS: usize = 200_000;

/// Solves the full model.
pub fn solve(problem: &Problem, control: &dyn Control) -> Result<Answer, DocumentError> {
    let nodes = problem.compute_nodes;
    let xapps = problem.components.len() - FIRST_XAPP;
    let products = nodes.saturating_pow(5).saturating_mul(rows_of(problem)).saturating_mul(xapps.max(1));
    if products > MOST_PRODUCTS {
        return Err(out_of_range(format!(
            "the textbook model would have {products} products, at most {MOST_PRODUCTS} are built; use `exact`"
        )));
    }
    let answer = attempt(problem, "on", control)?;
    // The solver's presolve was seen to call a large model infeasible that is not: that word is asked for twice.
    if answer.status == AnswerStatus::Infeasible { attempt(problem, "off", control) } else { Ok(answer) }
}

/// Builds and solves the model once.
fn attempt(problem: &Problem, presolve: &str, control: &dyn Control) -> Result<Answer, DocumentError> {
    let mut variables = ProblemVariables::new();
    let full = Full::new(problem, &mut variables);
    let mut model = variables.minimise(full.cost()).using(highs);
    model = model.set_option("mip_rel_gap", 0.0).set_option("mip_abs_gap", 0.99).set_option("output_flag", false);
    model = model.set_option("presolve", presolve);
    if let Some(seconds) = control.seconds_left() {
        model = model.set_time_limit(seconds.max(0.01));
    }
    for row in full.rows() {
        model = model.with(row);
    }
    let answer = |status, placement: Option<Placement>, bound| Answer {
        status,
        placement,
        bound,
        steps: 0,
        proved_by: "full model".to_owned(),
        conflict: None,
    };
    match model.solve() {
        Ok(solution) => {
            let placement = full.placement(&|variable| solution.value(variable) > 0.5);
            let optimal = matches!(solution.status(), good_lp::solvers::SolutionStatus::Optimal);
            let status = if optimal { AnswerStatus::Optimal } else { AnswerStatus::Feasible };
            let bound = if optimal { placement.cost } else { 0 };
            Ok(answer(status, Some(placement), Some(bound)))
        }
        Err(good_lp::ResolutionError::Infeasible) => Ok(answer(AnswerStatus::Infeasible, None, None)),
        // The clock ran out before anything was found.
        Err(_) if control.seconds_left().is_some_and(|seconds| seconds <= 0.0) => {
            Ok(answer(AnswerStatus::Unknown, None, Some(0)))
        }
        Err(error) => Err(DocumentError::new(DocumentCode::NotSolved, error.to_string())),
    }
}

/// A step of a chain with its products.
type Step = ((usize, usize), Vec<Vec<Variable>>);

struct Full<'a> {
    problem: &'a Problem,
    /// Places of management, E2T, SDL and NIB, by configuration.
    configurations: Vec<[usize; 4]>,
    /// By E2 node and configuration.
    x: Vec<Vec<Variable>>,
    /// By xApp, E2 node and compute node.
    y: Vec<Vec<Vec<Variable>>>,
    /// By xApp, E2 node, configuration and compute node.
    z: Vec<Vec<Vec<Vec<Variable>>>>,
    /// By E2 node, and consecutive xApps of a chain: by compute node and compute node.
    w: Vec<Vec<Step>>,
    used: Vec<Variable>,
    /// By slot and compute node.
    active: Vec<Vec<Variable>>,
}

impl<'a> Full<'a> {
    fn new(problem: &'a Problem, variables: &mut ProblemVariables) -> Self {
        let (nodes, e2_nodes) = (problem.compute_nodes, rows_of(problem));
        let mut binaries = |count: usize| variables.add_vector(variable().binary(), count);
        let configurations: Vec<[usize; 4]> =
            (0..nodes.pow(4)).map(|code| [0, 1, 2, 3].map(|slot| code / nodes.pow(slot) % nodes)).collect();
        let xapps = problem.components.len() - FIRST_XAPP;
        let x = (0..e2_nodes).map(|_| binaries(configurations.len())).collect();
        let y = (0..xapps).map(|_| (0..e2_nodes).map(|_| binaries(nodes)).collect()).collect();
        let z = (0..xapps)
            .map(|_| (0..e2_nodes).map(|_| (0..configurations.len()).map(|_| binaries(nodes)).collect()).collect())
            .collect();
        let steps: Vec<(usize, usize)> = problem
            .xapps()
            .flat_map(|head| {
                let visits: Vec<usize> = problem.visits(head).collect();
                visits.windows(2).map(|pair| (pair[0], pair[1])).collect::<Vec<_>>()
            })
            .collect();
        let w = (0..e2_nodes)
            .map(|_| steps.iter().map(|step| (*step, (0..nodes).map(|_| binaries(nodes)).collect())).collect())
            .collect();
        let active = problem.components.iter().map(|_| binaries(nodes)).collect();
        Self { problem, configurations, x, y, z, w, used: binaries(nodes), active }
    }

    /// (2), (4) and (5).
    fn cost(&self) -> Expression {
        let mut cost = Expression::default();
        for (node, used) in self.used.iter().enumerate() {
            cost.add_mul(self.problem.fixed_cost[node] as f64, used);
        }
        for (slot, active) in self.active.iter().enumerate() {
            for (node, active) in active.iter().enumerate() {
                cost.add_mul(self.problem.instance_cost(slot, node) as f64, active);
            }
        }
        cost
    }

    fn rows(&self) -> Vec<good_lp::Constraint> {
        let mut rows = self.choices();
        rows.extend(self.activations());
        rows.extend(self.loops());
        rows.extend(self.capacities());
        rows.extend(self.limits());
        rows.extend(self.standbys());
        rows
    }

    /// (6), one place per xApp, and the products.
    fn choices(&self) -> Vec<good_lp::Constraint> {
        let mut rows = Vec::new();
        for e2 in 0..self.x.len() {
            rows.push(constraint!(sum(&self.x[e2]) == 1));
            for (y, z) in self.y.iter().zip(&self.z) {
                rows.push(constraint!(sum(&y[e2]) == 1));
                for (x, z) in self.x[e2].iter().zip(&z[e2]) {
                    rows.push(constraint!(sum(z) == *x));
                }
                for (node, y) in y[e2].iter().enumerate() {
                    rows.push(constraint!(z[e2].iter().map(|z| z[node]).sum::<Expression>() == *y));
                }
            }
            for ((from, to), w) in &self.w[e2] {
                for node in 0..self.problem.compute_nodes {
                    rows.push(constraint!(sum(&w[node]) == self.y[from - FIRST_XAPP][e2][node]));
                    let column: Expression = w.iter().map(|w| w[node]).sum();
                    rows.push(constraint!(column == self.y[to - FIRST_XAPP][e2][node]));
                }
            }
        }
        rows
    }

    /// (1) and (3), with pins and exclusions.
    fn activations(&self) -> Vec<good_lp::Constraint> {
        let problem = self.problem;
        let mut rows = Vec::new();
        for (slot, active) in self.active.iter().enumerate() {
            for (node, active) in active.iter().enumerate() {
                rows.push(constraint!(*active <= self.used[node]));
                if problem.is_excluded(slot, node) {
                    rows.push(constraint!(*active == 0));
                }
                for e2 in 0..self.x.len() {
                    let here = self.here(slot, e2, node);
                    rows.push(constraint!(here.clone() <= *active));
                    let concerns = |pin: &&super::problem::Pin| {
                        let serves = pin.e2.as_ref().map_or(e2 < problem.e2_nodes, |list| list.contains(&e2));
                        pin.component == slot && serves
                    };
                    let pins = problem.pins.iter().filter(concerns);
                    for _ in pins.filter(|pin| pin.compute != node) {
                        rows.push(constraint!(here.clone() == 0));
                    }
                }
            }
        }
        rows
    }

    fn here(&self, slot: usize, e2: usize, node: usize) -> Expression {
        if slot >= FIRST_XAPP {
            return self.y[slot - FIRST_XAPP][e2][node].into();
        }
        let there = self.configurations.iter().zip(&self.x[e2]).filter(|(places, _)| places[slot] == node);
        there.map(|(_, x)| *x).sum()
    }

    /// (7), with half the budget for the way there.
    fn loops(&self) -> Vec<good_lp::Constraint> {
        let problem = self.problem;
        let mut rows = Vec::new();
        for (head, half) in problem.xapps().filter_map(|xapp| Some((xapp, problem.half_budget(xapp)?))) {
            // A leg without a path is as bad as the whole budget and one more.
            let leg = |latency: i32| f64::from(if latency >= UNREACHABLE { half + 1 } else { latency });
            for e2 in 0..self.x.len() {
                let mut sum = Expression::default();
                for (places, x) in self.configurations.iter().zip(&self.x[e2]) {
                    sum.add_mul(leg(problem.to_compute(e2 % problem.e2_nodes, places[E2T])), x);
                }
                for visited in problem.visits(head) {
                    for (places, z) in self.configurations.iter().zip(&self.z[visited - FIRST_XAPP][e2]) {
                        for (node, z) in z.iter().enumerate() {
                            let first = if visited == head { leg(problem.between(places[E2T], node)) } else { 0.0 };
                            let trip = leg(problem.between(node, places[SDL]))
                                + leg(problem.between(places[SDL], places[NIB]));
                            sum.add_mul(first + if problem.components[visited].uses_sdl { trip } else { 0.0 }, z);
                        }
                    }
                }
                let mut from = head;
                for to in problem.visits(head).skip(1) {
                    for (_, w) in self.w[e2].iter().filter(|(step, _)| *step == (from, to)) {
                        for (a, row) in w.iter().enumerate() {
                            for (b, w) in row.iter().enumerate() {
                                sum.add_mul(leg(problem.between(a, b)), w);
                            }
                        }
                    }
                    from = to;
                }
                rows.push(constraint!(sum <= half));
            }
        }
        rows
    }

    /// (8)-(10).
    fn capacities(&self) -> Vec<good_lp::Constraint> {
        let mut rows = Vec::new();
        for (node, capacity) in self.problem.capacity.iter().enumerate() {
            for (resource, most) in capacity.iter().flatten().enumerate() {
                let mut load = Expression::default();
                for (slot, active) in self.active.iter().enumerate() {
                    load.add_mul(self.problem.components[slot].demand[resource] as f64, active[node]);
                    let more = self.problem.demand_per_e2(slot, resource);
                    for e2 in (0..self.problem.e2_nodes).filter(|_| more > 0) {
                        load += self.here(slot, e2, node) * more as f64;
                    }
                }
                rows.push(constraint!(load <= *most as f64));
            }
        }
        rows
    }

    /// What the paper does not have: how many E2 nodes an instance serves, and instances kept apart.
    fn limits(&self) -> Vec<good_lp::Constraint> {
        let problem = self.problem;
        let mut rows = Vec::new();
        for (slot, component) in problem.components.iter().enumerate() {
            for (most, node) in component
                .serves_at_most
                .into_iter()
                .flat_map(|most| (0..problem.compute_nodes).map(move |node| (most, node)))
            {
                let served: Expression = (0..problem.e2_nodes).map(|e2| self.here(slot, e2, node)).sum();
                rows.push(constraint!(served <= most as f64));
            }
        }
        for spread in &problem.spreads {
            let active = &self.active[spread.component];
            for (a, b) in (0..active.len()).flat_map(|a| (0..a).map(move |b| (a, b))) {
                if problem.is_too_close(spread.component, a, b) {
                    rows.push(constraint!(active[a] + active[b] <= 1.0));
                }
            }
        }
        rows
    }

    /// A standby is another E2 node at the same place that is served from other E2Ts.
    fn standbys(&self) -> Vec<good_lp::Constraint> {
        let mut rows = Vec::new();
        for e2 in (0..self.problem.e2_nodes).filter(|_| self.problem.needs_standby()) {
            for node in 0..self.problem.compute_nodes {
                let (first, second) = (self.here(E2T, e2, node), self.here(E2T, self.problem.e2_nodes + e2, node));
                rows.push(constraint!(first + second <= 1.0));
            }
        }
        rows
    }

    fn placement(&self, chosen: &dyn Fn(Variable) -> bool) -> Placement {
        let problem = self.problem;
        let slots = problem.components.len();
        let mut all = vec![vec![0; self.x.len()]; slots];
        for e2 in 0..self.x.len() {
            let configuration = self.x[e2].iter().position(|x| chosen(*x)).unwrap_or(0);
            for (places, place) in all.iter_mut().zip(self.configurations[configuration]) {
                places[e2] = place;
            }
            for (xapp, y) in self.y.iter().enumerate() {
                all[FIRST_XAPP + xapp][e2] = y[e2].iter().position(|y| chosen(*y)).unwrap_or(0);
            }
        }
        let standby: Vec<Vec<usize>> = all.iter_mut().map(|places| places.split_off(problem.e2_nodes)).collect();
        let standby = if problem.needs_standby() { standby } else { Vec::new() };
        let mut placement = Placement { places: all, standby, ..Placement::default() };
        placement.cost = verify::cost(problem, &placement);
        placement.moves = problem.current.is_some().then(|| verify::moves(problem, &placement));
        placement
    }
}

/// E2 nodes and, behind them, their standbys, where these are asked for.
fn rows_of(problem: &Problem) -> usize {
    problem.e2_nodes * if problem.needs_standby() { 2 } else { 1 }
}

fn sum(variables: &[Variable]) -> Expression {
    variables.iter().copied().sum()
}
