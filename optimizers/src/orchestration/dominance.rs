//! Models that are never worth running, and nodes that can run all the others at once.
//!
//! Model b dominates model a when b can stand in for a everywhere: it offers a's functions, needs no
//! more of anything, is no slower, performs no worse under every kind of bound, and controls no further
//! parameter. With shared instances, a node with room for every model left is ample: what reaches it is
//! served, and nothing has to be decided there.

use super::problem::{Model, NodeKind, Problem};

/// What is known about the catalog before any target is looked at.
pub(crate) struct Catalog {
    dominated: Vec<bool>,
    ample: Vec<bool>,
    controls_nothing: Vec<bool>,
    /// `cheaper[b * models + a]`: b needs no more than a and controls nothing that a does not.
    cheaper: Vec<bool>,
    models: usize,
}

impl Catalog {
    /// Looks through the catalog of a valid problem.
    pub(crate) fn new(problem: &Problem) -> Self {
        let models = problem.models.len();
        let mut catalog = Self {
            dominated: vec![false; models],
            ample: vec![false; problem.nodes.len()],
            controls_nothing: problem.models.iter().map(|model| model.controls.is_empty()).collect(),
            cheaper: Vec::new(),
            models,
        };
        if models <= 2000 {
            catalog.find_dominated(problem);
        }
        if problem.is_shared_by_all() {
            catalog.find_ample(problem);
        }
        catalog
    }

    /// Whether another model stands in for this one everywhere.
    pub(crate) fn is_dominated(&self, model: u32) -> bool {
        self.dominated[model as usize]
    }

    /// Whether the node runs every model worth running at once.
    pub(crate) fn is_ample(&self, node: u32) -> bool {
        self.ample[node as usize]
    }

    /// Whether the model controls no parameter.
    pub(crate) fn controls_nothing(&self, model: u32) -> bool {
        self.controls_nothing[model as usize]
    }

    /// Whether `rival` needs no more than `model` and controls nothing else; of equals, the first wins.
    pub(crate) fn is_cheaper(&self, rival: u32, model: u32) -> bool {
        !self.cheaper.is_empty() && self.cheaper[rival as usize * self.models + model as usize]
    }

    fn find_dominated(&mut self, problem: &Problem) {
        let kept = kept_models(problem);
        let excluded = excluded_models(problem);
        let count = self.models;
        self.cheaper = vec![false; count * count];
        for (b, better) in problem.models.iter().enumerate() {
            for (a, model) in problem.models.iter().enumerate() {
                let equal = model.demand == better.demand && is_subset(&model.controls, &better.controls);
                self.cheaper[b * count + a] = a != b && needs_no_more(better, model) && !(equal && a < b);
            }
        }
        let bounds = Bounds::of(problem);
        for (a, is_kept) in kept.into_iter().enumerate() {
            let rivals = (0..count).filter(|&b| b != a && !self.dominated[b] && !excluded[b]);
            let models = &problem.models;
            self.dominated[a] = !is_kept && rivals.into_iter().any(|b| stands_in(&models[b], &models[a], &bounds));
        }
    }

    fn find_ample(&mut self, problem: &Problem) {
        for (at, node) in problem.nodes.iter().enumerate() {
            let mut needed = vec![0i128; problem.resources.len()];
            for (model, entry) in problem.models.iter().enumerate() {
                let runs = !self.dominated[model] && runs_on(entry, node.kind);
                if runs && entry.demand.iter().zip(&node.capacity).all(|(demand, capacity)| demand <= capacity) {
                    needed.iter_mut().zip(&entry.demand).for_each(|(sum, &demand)| *sum += i128::from(demand));
                }
            }
            self.ample[at] = needed.iter().zip(&node.capacity).all(|(sum, &capacity)| *sum <= i128::from(capacity));
        }
    }
}

/// Models that something names: they are never taken away.
fn kept_models(problem: &Problem) -> Vec<bool> {
    let mut kept = vec![false; problem.models.len()];
    let named = problem.current.iter().map(|now| now.model).chain(problem.pinned.iter().map(|pin| pin.model));
    named.for_each(|model| kept[model] = true);
    kept
}

/// Models that may not run somewhere where others may.
fn excluded_models(problem: &Problem) -> Vec<bool> {
    let mut excluded = vec![false; problem.models.len()];
    problem.excluded.iter().filter_map(|exclusion| exclusion.model).for_each(|model| excluded[model] = true);
    excluded
}

fn is_subset<T: PartialEq>(small: &[T], large: &[T]) -> bool {
    small.iter().all(|item| large.contains(item))
}

fn runs_on(model: &Model, kind: NodeKind) -> bool {
    model.execution_ns.contains_key(&kind) && model.suitability_percent.get(&kind).is_some_and(|&percent| percent > 0)
}

fn needs_no_more(better: &Model, model: &Model) -> bool {
    better.demand.iter().zip(&model.demand).all(|(b, a)| b <= a) && is_subset(&better.controls, &model.controls)
}

fn stands_in(better: &Model, model: &Model, bounds: &Bounds<'_>) -> bool {
    needs_no_more(better, model)
        && better.input_bytes <= model.input_bytes
        && is_subset(&model.functions, &better.functions)
        && NodeKind::ALL.iter().all(|&kind| !runs_on(model, kind) || stands_in_on(better, model, kind, bounds))
}

fn stands_in_on(better: &Model, model: &Model, kind: NodeKind, bounds: &Bounds<'_>) -> bool {
    let weighted = |model: &Model, function: &String| {
        let suitability = model.suitability_percent.get(&kind).copied().unwrap_or(0);
        (i128::from(model.performance.get(function).copied().unwrap_or(0)), i128::from(suitability))
    };
    runs_on(better, kind)
        && better.execution_ns.get(&kind) <= model.execution_ns.get(&kind)
        && model.functions.iter().all(|function| {
            let (b, b_suits) = weighted(better, function);
            let (a, a_suits) = weighted(model, function);
            (!bounds.at_least.contains(function.as_str()) || b * b_suits >= a * a_suits)
                && (!bounds.at_most.contains(function.as_str()) || b * a_suits <= a * b_suits)
        })
}

/// Which functions are asked for with which kind of bound.
struct Bounds<'p> {
    at_least: std::collections::BTreeSet<&'p str>,
    at_most: std::collections::BTreeSet<&'p str>,
}

impl<'p> Bounds<'p> {
    fn of(problem: &'p Problem) -> Self {
        let mut bounds = Self { at_least: Default::default(), at_most: Default::default() };
        for target in problem.requests.iter().flat_map(|request| &request.targets) {
            match target.performance {
                super::problem::Bound::AtLeast(_) => bounds.at_least.insert(target.function.as_str()),
                super::problem::Bound::AtMost(_) => bounds.at_most.insert(target.function.as_str()),
            };
        }
        bounds
    }
}
