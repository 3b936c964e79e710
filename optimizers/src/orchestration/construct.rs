//! Building an answer of one component request by request, in integers.
//!
//! Every answer there is, the solver's too, goes through here: a column runs only if its node has room,
//! a request is accepted only if each of its targets is served, one parameter has one controller. So
//! what comes out obeys every constraint whatever went in.

use std::collections::BTreeMap;

use super::component::Part;
use super::core::Core;
use super::model::Program;
use super::presolve::{Component, Reduced};

/// An answer in the making.
pub(crate) struct Construction<'c, 'p> {
    core: &'c Core<'p>,
    reduced: &'c Reduced,
    component: &'c Component,
    /// Nodes of the component, sorted.
    nodes: Vec<usize>,
    /// What is left, by node and resource.
    room: Vec<i64>,
    /// By column of the component.
    running: Vec<bool>,
    owners: BTreeMap<(usize, &'p str), u32>,
    serving: BTreeMap<u32, u32>,
    accepted: Vec<u32>,
    value: i64,
}

/// A column that could serve a target.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Choice {
    column: u32,
    /// Whether it runs already.
    runs: bool,
    /// Whether it serves the target now.
    stays: bool,
}

fn flag(is_set: bool) -> f64 {
    f64::from(u8::from(is_set))
}

/// What to undo when a request turns out not to fit.
#[derive(Default)]
struct Trail<'p> {
    started: Vec<u32>,
    owned: Vec<(usize, &'p str)>,
    served: Vec<u32>,
}

impl<'c, 'p> Construction<'c, 'p> {
    /// Nothing runs, nothing is accepted.
    pub(crate) fn new(core: &'c Core<'p>, reduced: &'c Reduced, component: &'c Component) -> Self {
        let mut nodes: Vec<usize> = component.columns.iter().map(|&column| core.node(column)).collect();
        nodes.sort_unstable();
        nodes.dedup();
        let room = nodes.iter().flat_map(|&node| core.problem.nodes[node].capacity.iter().copied()).collect();
        Self {
            core,
            reduced,
            component,
            nodes,
            room,
            running: vec![false; component.columns.len()],
            owners: BTreeMap::new(),
            serving: BTreeMap::new(),
            accepted: Vec::new(),
            value: 0,
        }
    }

    /// The answer that solver values stand for, completed by what else fits.
    pub(crate) fn from_values(
        core: &'c Core<'p>,
        reduced: &'c Reduced,
        component: &'c Component,
        program: &Program,
        values: &[f64],
    ) -> Part {
        let mut construction = Self::new(core, reduced, component);
        let mut wish = vec![0.0; component.columns.len()];
        for &(column, variable) in &program.run {
            if let Ok(at) = component.columns.binary_search(&column) {
                wish[at] = values[variable];
            }
        }
        let serve: BTreeMap<(u32, u32), f64> =
            program.serve.iter().map(|&(target, column, variable)| ((target, column), values[variable])).collect();
        let mut order: Vec<(f64, u32)> = program
            .accept
            .iter()
            .flat_map(|(requests, variable)| requests.iter().map(|&request| (values[*variable], request)))
            .collect();
        order.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let order: Vec<u32> = order.into_iter().map(|(_, request)| request).collect();
        construction.start_wished(&wish);
        construction.accept_all(&order, &|target, option| {
            let wished = component.columns.binary_search(&option.column).map_or(1.0, |at| wish[at]);
            let served = serve.get(&(target, option.column)).copied().unwrap_or(0.0);
            served * 16.0 + flag(option.runs) * 8.0 + flag(option.stays) * 4.0 + wished
        });
        construction.into_part()
    }

    /// A first answer without any solver: requests worth most per target first, each on the columns
    /// that serve most and leave most room.
    pub(crate) fn greedy(core: &'c Core<'p>, reduced: &'c Reduced, component: &'c Component) -> Part {
        let mut construction = Self::new(core, reduced, component);
        let needs = |request: u32| {
            let targets = &core.requests[request as usize].targets;
            targets.iter().filter(|&&target| reduced.uncovered[target as usize]).count().max(1)
        };
        let mut order = component.requests.clone();
        order.sort_by_key(|&request| {
            let entry = &core.requests[request as usize];
            let per_target = entry.value / i64::try_from(needs(request)).unwrap_or(i64::MAX);
            (!entry.forced, -per_target, request)
        });
        construction.accept_all(&order, &|_, option| {
            let served = reduced.serves[option.column as usize].len();
            let served = f64::from(u32::try_from(served).unwrap_or(u32::MAX)) / f64::from(u32::MAX);
            flag(option.stays) * 4.0 + flag(option.runs) * 2.0 + served
        });
        construction.into_part()
    }

    /// The answer that this order of requests gives, preferring `favoured` columns (sorted).
    pub(crate) fn in_order(
        core: &'c Core<'p>,
        reduced: &'c Reduced,
        component: &'c Component,
        order: &[u32],
        favoured: &[u32],
    ) -> Part {
        let mut construction = Self::new(core, reduced, component);
        construction.accept_all(order, &|_, option| {
            let favour = flag(favoured.binary_search(&option.column).is_ok());
            flag(option.stays) * 4.0 + flag(option.runs) * 2.0 + favour
        });
        construction.into_part()
    }

    /// Runs the columns that are wished for wholly, where they fit.
    fn start_wished(&mut self, wish: &[f64]) {
        let mut trail = Trail::default();
        for (at, &column) in self.component.columns.iter().enumerate() {
            if wish[at] > 0.999 && self.fits(column) {
                self.start(column, &mut trail);
            }
        }
    }

    /// Accepts what fits, in this order.
    pub(crate) fn accept_all(&mut self, order: &[u32], wish: &dyn Fn(u32, Choice) -> f64) {
        for &request in order {
            self.accept(request, wish);
        }
    }

    /// Accepts a request if each of its targets can be served by what runs or fits, preferring columns
    /// that are wished for; changes nothing otherwise.
    fn accept(&mut self, request: u32, wish: &dyn Fn(u32, Choice) -> f64) -> bool {
        let core = self.core;
        let entry = &core.requests[request as usize];
        let mut trail = Trail::default();
        let mut moves = 0;
        for &target in &entry.targets {
            if !self.reduced.uncovered[target as usize] {
                continue;
            }
            let Some(column) = self.choose(target, wish) else {
                self.undo(trail);
                return false;
            };
            self.serve(target, column, &mut trail);
            let current = core.targets[target as usize].current;
            moves += i64::from(current.is_some_and(|current| current != column));
        }
        let gain = entry.value - moves * core.problem.move_cost;
        if gain < 0 && !entry.forced {
            self.undo(trail);
            return false;
        }
        self.value += gain;
        self.accepted.push(request);
        true
    }

    /// The column that is wished for most among those that can serve the target; of equals the first.
    fn choose(&self, target: u32, wish: &dyn Fn(u32, Choice) -> f64) -> Option<u32> {
        let entry = &self.core.targets[target as usize];
        let mut best: Option<(f64, u32)> = None;
        for &column in &self.reduced.options[target as usize] {
            let runs = self.runs(column);
            if !(runs || self.fits(column)) || (entry.contested && !self.may_control(target, column)) {
                continue;
            }
            let wished = wish(target, Choice { column, runs, stays: entry.current == Some(column) });
            if best.is_none_or(|(most, _)| wished > most) {
                best = Some((wished, column));
            }
        }
        best.map(|(_, column)| column)
    }

    fn position(&self, column: u32) -> Option<usize> {
        self.component.columns.binary_search(&column).ok()
    }

    fn runs(&self, column: u32) -> bool {
        self.reduced.running[column as usize] || self.position(column).is_some_and(|at| self.running[at])
    }

    fn room_of(&self, column: u32) -> std::ops::Range<usize> {
        let resources = self.core.problem.resources.len();
        let at = self.nodes.partition_point(|&node| node < self.core.node(column));
        at * resources..(at + 1) * resources
    }

    fn fits(&self, column: u32) -> bool {
        let room = &self.room[self.room_of(column)];
        room.iter().zip(self.core.demand(column)).all(|(room, demand)| demand <= room)
    }

    fn may_control(&self, target: u32, column: u32) -> bool {
        let node = self.core.target_node(target);
        let controls = self.core.controls(column);
        controls
            .iter()
            .all(|parameter| self.owners.get(&(node, parameter.as_str())).is_none_or(|&owner| owner == column))
    }

    fn serve(&mut self, target: u32, column: u32, trail: &mut Trail<'p>) {
        if !self.runs(column) {
            self.start(column, trail);
        }
        if self.core.targets[target as usize].contested {
            let node = self.core.target_node(target);
            for parameter in self.core.controls(column) {
                if self.owners.insert((node, parameter), column).is_none() {
                    trail.owned.push((node, parameter));
                }
            }
        }
        if self.core.targets[target as usize].is_protected() {
            self.serving.insert(target, column);
            trail.served.push(target);
        }
    }

    fn start(&mut self, column: u32, trail: &mut Trail<'p>) {
        let Some(at) = self.position(column) else { return };
        self.running[at] = true;
        let room = self.room_of(column);
        let demand = self.core.demand(column);
        self.room[room].iter_mut().zip(demand).for_each(|(room, demand)| *room -= demand);
        trail.started.push(column);
    }

    fn undo(&mut self, trail: Trail<'p>) {
        for column in trail.started {
            if let Some(at) = self.position(column) {
                self.running[at] = false;
            }
            let room = self.room_of(column);
            let demand = self.core.demand(column);
            self.room[room].iter_mut().zip(demand).for_each(|(room, demand)| *room += demand);
        }
        for owned in trail.owned {
            self.owners.remove(&owned);
        }
        for target in trail.served {
            self.serving.remove(&target);
        }
    }

    fn into_part(mut self) -> Part {
        self.accepted.sort_unstable();
        let is_accepted = |request: &u32| self.accepted.binary_search(request).is_ok();
        let forced = |request: &&u32| self.core.requests[**request as usize].forced;
        let complete = self.component.requests.iter().filter(forced).all(is_accepted);
        let columns = self.component.columns.iter().zip(&self.running);
        Part {
            running: columns.filter(|(_, runs)| **runs).map(|(column, _)| *column).collect(),
            value: complete.then_some(self.value),
            accepted: self.accepted,
            serving: self.serving.into_iter().collect(),
            ..Part::default()
        }
    }
}
