//! The mixed integer program of one component, column by column.
//!
//! Variables y (run a column, zero-one), z (accept a group of requests, zero-one), move (a target leaves
//! its current column), and where controllers compete: owns (column c is the controller of parameter p
//! of node d, zero-one) and x (column c serves contested target t). [`super::classes`] has the smaller
//! program for instances that are not shared.

use std::collections::BTreeMap;

use super::core::Core;
use super::presolve::{Component, Reduced};
use crate::highs_model::{Kind, Model};

/// A component's program, with what each variable means.
pub(crate) struct Program {
    /// Minimizes the negated value, divided by `unit`.
    pub(crate) model: Model,
    /// Variable of each column of the component, in its order.
    pub(crate) run: Vec<(u32, usize)>,
    /// Requests that are accepted together, and their variable.
    pub(crate) accept: Vec<(Vec<u32>, usize)>,
    /// Contested target, column, variable.
    pub(crate) serve: Vec<(u32, u32, usize)>,
    /// All coefficients of the objective are multiples of this.
    pub(crate) unit: i64,
}

/// Builds the program of `component`.
pub(crate) fn build(core: &Core<'_>, reduced: &Reduced, component: &Component) -> Program {
    let mut builder = Builder {
        core,
        reduced,
        program: Program {
            model: Model::default(),
            run: Vec::new(),
            accept: Vec::new(),
            serve: Vec::new(),
            unit: unit(core, component),
        },
        run_of: BTreeMap::new(),
        owns: BTreeMap::new(),
        serve_of: BTreeMap::new(),
    };
    for &column in &component.columns {
        let variable = builder.program.model.binary(0.0);
        builder.program.run.push((column, variable));
        builder.run_of.insert(column, variable);
    }
    builder.add_controllers(component);
    builder.add_requests(component);
    builder.add_capacities(component);
    builder.program
}

/// The greatest common divisor of every value and the move cost.
pub(crate) fn unit(core: &Core<'_>, component: &Component) -> i64 {
    let values = component.requests.iter().map(|&request| core.requests[request as usize].value);
    values.fold(core.problem.move_cost, common_divisor).max(1)
}

/// The greatest common divisor; of nothing, 0.
pub(crate) fn common_divisor(a: i64, b: i64) -> i64 {
    let (mut a, mut b) = (a.abs(), b.abs());
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

struct Builder<'c, 'p> {
    core: &'c Core<'p>,
    reduced: &'c Reduced,
    program: Program,
    run_of: BTreeMap<u32, usize>,
    /// Controller variables by node, parameter, column.
    owns: BTreeMap<(usize, &'p str, u32), usize>,
    serve_of: BTreeMap<(u32, u32), usize>,
}

impl<'p> Builder<'_, 'p> {
    fn uncovered(&self, request: u32) -> impl Iterator<Item = u32> {
        let targets = &self.core.requests[request as usize].targets;
        targets.iter().copied().filter(|&target| self.reduced.uncovered[target as usize])
    }

    /// At most one controller per parameter and node; a target is served by a column that controls
    /// something only where that column is the controller.
    fn add_controllers(&mut self, component: &Component) {
        let contested: Vec<u32> = component
            .requests
            .iter()
            .flat_map(|&request| self.uncovered(request).collect::<Vec<_>>())
            .filter(|&target| self.core.targets[target as usize].contested)
            .collect();
        for &target in &contested {
            for &column in &self.reduced.options[target as usize] {
                self.add_service(target, column);
            }
        }
        let mut rivals: BTreeMap<(usize, &str), Vec<usize>> = BTreeMap::new();
        for (&(node, parameter, _), &variable) in &self.owns {
            rivals.entry((node, parameter)).or_default().push(variable);
        }
        for variables in rivals.into_values() {
            self.program.model.row(f64::NEG_INFINITY, 1.0, variables.into_iter().map(|variable| (variable, 1.0)));
        }
    }

    /// x <= y, and x <= owns for each parameter the column controls.
    fn add_service(&mut self, target: u32, column: u32) {
        let model = &mut self.program.model;
        let serve = model.column(0.0, 0.0, 1.0, Kind::Continuous);
        self.program.serve.push((target, column, serve));
        self.serve_of.insert((target, column), serve);
        if let Some(&run) = self.run_of.get(&column) {
            model.row(f64::NEG_INFINITY, 0.0, [(serve, 1.0), (run, -1.0)]);
        }
        let node = self.core.target_node(target);
        for parameter in self.core.controls(column) {
            let owns = *self.owns.entry((node, parameter, column)).or_insert_with(|| model.binary(0.0));
            model.row(f64::NEG_INFINITY, 0.0, [(serve, 1.0), (owns, -1.0)]);
        }
    }

    /// Requests that need the same are accepted together; one variable stands for them.
    fn add_requests(&mut self, component: &Component) {
        let mut groups: BTreeMap<Vec<&[u32]>, Vec<u32>> = BTreeMap::new();
        for &request in &component.requests {
            let is_plain = self.uncovered(request).all(|target| !self.core.targets[target as usize].is_protected());
            if !is_plain || self.core.requests[request as usize].forced {
                self.add_group(vec![request]);
                continue;
            }
            let mut needs: Vec<&[u32]> =
                self.uncovered(request).map(|target| self.reduced.options[target as usize].as_slice()).collect();
            needs.sort_unstable();
            groups.entry(needs).or_default().push(request);
        }
        for requests in groups.into_values() {
            self.add_group(requests);
        }
    }

    fn add_group(&mut self, requests: Vec<u32>) {
        let unit = self.program.unit;
        let value: i64 = requests.iter().map(|&request| self.core.requests[request as usize].value).sum();
        let forced = requests.iter().any(|&request| self.core.requests[request as usize].forced);
        let lower = if forced { 1.0 } else { 0.0 };
        let accept = self.program.model.column(-exact(value / unit), lower, 1.0, Kind::Integer);
        for target in requests.first().map(|&request| self.uncovered(request).collect::<Vec<_>>()).unwrap_or_default() {
            self.add_cover(target, accept);
        }
        self.program.accept.push((requests, accept));
    }

    /// (1): z <= Σ y, and the price of leaving the current column.
    fn add_cover(&mut self, target: u32, accept: usize) {
        let entry = &self.core.targets[target as usize];
        let options = &self.reduced.options[target as usize];
        let variable = |column: u32| self.serve_of.get(&(target, column)).or_else(|| self.run_of.get(&column)).copied();
        // A running column without a variable serves an uncontested target for nothing.
        let is_free = options.iter().any(|&column| variable(column).is_none());
        let terms: Vec<(usize, f64)> = options.iter().filter_map(|&column| Some((variable(column)?, -1.0))).collect();
        let stay = entry.current.filter(|column| options.contains(column)).map(variable);
        let model = &mut self.program.model;
        if !is_free {
            model.row(f64::NEG_INFINITY, 0.0, terms.into_iter().chain([(accept, 1.0)]));
        }
        if entry.current.is_some() {
            let price = exact(self.core.problem.move_cost / self.program.unit);
            let moves = model.column(price, 0.0, 1.0, Kind::Integer);
            let stays = stay.flatten().map(|stay| (stay, -1.0));
            if stay != Some(None) {
                model.row(f64::NEG_INFINITY, 0.0, stays.into_iter().chain([(accept, 1.0), (moves, -1.0)]));
            }
        }
    }

    /// (6)-(9), each row divided by the greatest common divisor of its demands.
    fn add_capacities(&mut self, component: &Component) {
        let mut on_node: BTreeMap<usize, Vec<u32>> = BTreeMap::new();
        for &column in &component.columns {
            on_node.entry(self.core.node(column)).or_default().push(column);
        }
        for (node, columns) in on_node {
            for (resource, &capacity) in self.core.problem.nodes[node].capacity.iter().enumerate() {
                let demand = |column: u32| self.core.demand(column)[resource];
                let divisor = columns.iter().map(|&column| demand(column)).fold(0, common_divisor);
                let total: i128 = columns.iter().map(|&column| i128::from(demand(column))).sum();
                if divisor == 0 || total <= i128::from(capacity) {
                    continue;
                }
                let terms = columns.iter().filter(|&&column| demand(column) > 0);
                let terms = terms.map(|&column| (self.run_of[&column], exact(demand(column) / divisor)));
                self.program.model.row(f64::NEG_INFINITY, exact(capacity / divisor), terms);
            }
        }
    }
}

/// Whole numbers of a valid problem are at most 2^53, so this loses nothing.
pub(crate) fn exact(number: i64) -> f64 {
    number as f64
}
