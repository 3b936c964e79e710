//! The `textbook` strategy: the paper's formulation as written, pruned by its own two rules.
//!
//! Variables x[i,t,m,n,k] (instance k of model m on node n serves target t of request i), w[m,n,k]
//! (the instance is used), z[i] (the request is accepted); function-aware and architecture-aware pruning
//! leave the x that conditions (2)-(5) allow. Constraints are numbered as in the paper. It is the oracle
//! that the exact strategy is tested against, and the honest peer in benches; it is for small instances.

use std::collections::BTreeMap;

use good_lp::{Expression, ProblemVariables, Solution, SolverModel, Variable, constraint, highs, variable};
use ranform_network::{AnswerStatus, Control};

use super::answer::Answer;
use super::options::{Go, Places};
use super::problem::{Assignment, Problem, Sharing};
use super::solve::infeasible;
use crate::exchange::{DocumentCode, DocumentError};

/// More variables than this are refused.
const MAX_VARIABLES: usize = 300_000;

/// Model, node, number.
type Instance = (usize, usize, usize);

/// Solves the full model with HiGHS through good_lp.
pub fn solve_textbook(problem: &Problem, control: &dyn Control) -> Result<Answer, DocumentError> {
    let mut variables = ProblemVariables::new();
    let full = Full::new(problem, &mut variables)?;
    let mut model = variables.maximise(full.objective()).using(highs);
    model = model.set_option("mip_rel_gap", 0.0).set_option("mip_abs_gap", 0.99).set_option("output_flag", false);
    if let Some(seconds) = control.seconds_left() {
        model = model.set_time_limit(seconds.max(0.01));
    }
    let rows = full.each_target_once().into_iter().chain(full.capacities()).chain(full.used_instances());
    for row in rows.chain(full.exclusive_owners()).chain(full.single_controllers()) {
        model = model.with(row);
    }
    match model.solve() {
        Ok(solution) => Ok(full.answer(&|variable| solution.value(variable) > 0.5, solution.status())),
        Err(good_lp::ResolutionError::Infeasible) => Ok(infeasible()),
        Err(error) => Err(DocumentError::new(DocumentCode::NotSolved, error.to_string())),
    }
}

/// The full model's variables.
struct Full<'p> {
    problem: &'p Problem,
    /// By request, target, instance.
    serve: BTreeMap<(usize, usize, Instance), Variable>,
    used: BTreeMap<Instance, Variable>,
    accept: Vec<Variable>,
    /// By node, parameter, instance.
    controls: BTreeMap<(usize, &'p str, Instance), Variable>,
}

impl<'p> Full<'p> {
    fn new(problem: &'p Problem, variables: &mut ProblemVariables) -> Result<Self, DocumentError> {
        let pinned = |request: usize| problem.pinned.iter().any(|pin| pin.request == request);
        let accept = (0..problem.requests.len())
            .map(|request| variables.add(variable().integer().min(if pinned(request) { 1 } else { 0 }).max(1)))
            .collect();
        let mut full =
            Self { problem, serve: BTreeMap::new(), used: BTreeMap::new(), accept, controls: BTreeMap::new() };
        let places = Places::new(problem);
        let targets = problem.requests.iter().map(|request| request.targets.len()).sum::<usize>();
        for (request, wanted) in problem.requests.iter().enumerate() {
            for target in 0..wanted.targets.len() {
                let mut found = Vec::new();
                places.visit(request, target, |place| {
                    found.push((place.model as usize, place.node as usize));
                    Go::On
                });
                for (model, node) in found {
                    for number in 0..instances(problem, model, node, targets) {
                        full.add(request, target, (model, node, number), variables)?;
                    }
                }
            }
        }
        Ok(full)
    }

    fn add(
        &mut self,
        request: usize,
        target: usize,
        instance: Instance,
        variables: &mut ProblemVariables,
    ) -> Result<(), DocumentError> {
        if variables.len() >= MAX_VARIABLES {
            let message = format!("the full model has more than {MAX_VARIABLES} variables; use `exact`");
            return Err(DocumentError::new(DocumentCode::TooLarge, message));
        }
        self.serve.insert((request, target, instance), variables.add(variable().binary()));
        self.used.entry(instance).or_insert_with(|| variables.add(variable().binary()));
        let node = self.problem.requests[request].targets[target].node;
        for parameter in &self.problem.models[instance.0].controls {
            let key = (node, parameter.as_str(), instance);
            self.controls.entry(key).or_insert_with(|| variables.add(variable().binary()));
        }
        Ok(())
    }

    /// (10), less the price of targets that leave their place.
    fn objective(&self) -> Expression {
        let mut objective = Expression::from(0.0);
        for (request, &accept) in self.problem.requests.iter().zip(&self.accept) {
            objective.add_mul(request.value as f64, accept);
        }
        for now in &self.problem.current {
            let price = self.problem.move_cost as f64;
            objective.add_mul(-price, self.accept[now.request]);
            for (_, &serve) in self
                .served(now.request, now.target)
                .filter(|(instance, _)| (instance.0, instance.1) == (now.model, now.node))
            {
                objective.add_mul(price, serve);
            }
        }
        objective
    }

    fn served(&self, request: usize, target: usize) -> impl Iterator<Item = (Instance, &Variable)> {
        let range = (request, target, (0, 0, 0))..(request, target + 1, (0, 0, 0));
        self.serve.range(range).map(|(&(_, _, instance), variable)| (instance, variable))
    }

    /// (1).
    fn each_target_once(&self) -> Vec<good_lp::Constraint> {
        let mut rows = Vec::new();
        for (request, &accept) in self.accept.iter().enumerate() {
            for target in 0..self.problem.requests[request].targets.len() {
                let sum: Expression = self.served(request, target).map(|(_, &variable)| variable).sum();
                rows.push(constraint!(sum == accept));
            }
        }
        rows
    }

    /// (6).
    fn capacities(&self) -> Vec<good_lp::Constraint> {
        let mut sums: BTreeMap<(usize, usize), Expression> = BTreeMap::new();
        for (&(model, node, _), &used) in &self.used {
            for (resource, &demand) in self.problem.models[model].demand.iter().enumerate() {
                sums.entry((node, resource)).or_default().add_mul(demand as f64, used);
            }
        }
        let capacity = |(node, resource): (usize, usize)| self.problem.nodes[node].capacity[resource] as f64;
        sums.into_iter().map(|(place, sum)| constraint!(sum <= capacity(place))).collect()
    }

    /// (7)-(9): an instance that serves anything is used.
    fn used_instances(&self) -> Vec<good_lp::Constraint> {
        let mut sums: BTreeMap<Instance, Vec<Variable>> = BTreeMap::new();
        for (&(_, _, instance), &serve) in &self.serve {
            sums.entry(instance).or_default().push(serve);
        }
        let row = |(instance, serving): (Instance, Vec<Variable>)| {
            let many = serving.len() as f64;
            let sum: Expression = serving.into_iter().sum();
            constraint!(sum <= many * self.used[&instance])
        };
        sums.into_iter().map(row).collect()
    }

    /// (14): with sharing off, an instance has one owner.
    fn exclusive_owners(&self) -> Vec<good_lp::Constraint> {
        let mut by_instance: BTreeMap<Instance, Vec<(usize, usize, Variable)>> = BTreeMap::new();
        for (&(request, target, instance), &serve) in &self.serve {
            by_instance.entry(instance).or_default().push((request, target, serve));
        }
        let mut rows = Vec::new();
        for serving in by_instance.values() {
            for (at, &(request, target, serve)) in serving.iter().enumerate() {
                for &(other_request, other_target, other) in &serving[..at] {
                    let both = (self.problem.sharing_of(request), self.problem.sharing_of(other_request));
                    let same = match both {
                        (Sharing::On, Sharing::On) => true,
                        (Sharing::PerRequest, Sharing::PerRequest) => request == other_request,
                        _ => (request, target) == (other_request, other_target),
                    };
                    if !same {
                        rows.push(constraint!(serve + other <= 1.0));
                    }
                }
            }
        }
        rows
    }

    /// One controller per parameter and node.
    fn single_controllers(&self) -> Vec<good_lp::Constraint> {
        let mut rows = Vec::new();
        let mut rivals: BTreeMap<(usize, &str), Expression> = BTreeMap::new();
        for (&(node, parameter, _), &controls) in &self.controls {
            *rivals.entry((node, parameter)).or_default() += controls;
        }
        rows.extend(rivals.into_values().map(|sum| constraint!(sum <= 1.0)));
        for (&(request, target, instance), &serve) in &self.serve {
            let node = self.problem.requests[request].targets[target].node;
            for parameter in &self.problem.models[instance.0].controls {
                rows.push(constraint!(serve <= self.controls[&(node, parameter.as_str(), instance)]));
            }
        }
        rows
    }

    fn answer(&self, is_set: &dyn Fn(Variable) -> bool, status: good_lp::SolutionStatus) -> Answer {
        let accepted: Vec<usize> = (0..self.accept.len()).filter(|&at| is_set(self.accept[at])).collect();
        let mut assignment: Vec<Assignment> = Vec::new();
        for (&(request, target, (model, node, instance)), &serve) in &self.serve {
            if is_set(serve) {
                assignment.push(Assignment { request, target, model, node, instance });
            }
        }
        renumber(&mut assignment);
        let moved = |now: &&Assignment| {
            assignment.iter().any(|entry| {
                (entry.request, entry.target) == (now.request, now.target)
                    && (entry.model, entry.node) != (now.model, now.node)
            })
        };
        let moves = self.problem.current.iter().filter(moved).count() as i64;
        let gained: i64 = accepted.iter().map(|&request| self.problem.requests[request].value).sum();
        let value = gained - moves * self.problem.move_cost;
        let (status, bound) = match status {
            good_lp::SolutionStatus::Optimal => (AnswerStatus::Optimal, value),
            _ => (AnswerStatus::Feasible, self.problem.total_value()),
        };
        Answer { status, value: Some(value), bound: Some(bound), accepted, assignment, ..infeasible() }
    }
}

/// Instances of a model that a node can hold (the paper's floor), and that are of any use.
fn instances(problem: &Problem, model: usize, node: usize, targets: usize) -> usize {
    let demand = problem.models[model].demand.iter().zip(&problem.nodes[node].capacity);
    let held = demand.filter(|(demand, _)| **demand > 0).map(|(demand, capacity)| capacity / demand).min();
    let useful = if problem.is_shared_by_all() { 1 } else { targets };
    held.map_or(useful, |held| usize::try_from(held).unwrap_or(0).min(useful))
}

/// Counts the instances of each model and node from 0 without gaps, in their present order.
pub(crate) fn renumber(assignment: &mut [Assignment]) {
    let mut numbers: BTreeMap<(usize, usize), BTreeMap<usize, usize>> = BTreeMap::new();
    for entry in assignment.iter() {
        numbers.entry((entry.model, entry.node)).or_default().insert(entry.instance, 0);
    }
    for instances in numbers.values_mut() {
        instances.values_mut().enumerate().for_each(|(at, number)| *number = at);
    }
    for entry in assignment {
        let known = numbers.get(&(entry.model, entry.node)).and_then(|instances| instances.get(&entry.instance));
        entry.instance = known.copied().unwrap_or(entry.instance);
    }
}
