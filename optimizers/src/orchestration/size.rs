//! How large the model of a problem is after each step that shrinks it, in yes-or-no variables.
//!
//! Nothing is solved. The first three counts are the paper's (section VI-A), the others ours.

use super::core::Core;
use super::options::{Go, Places};
use super::presolve::{Fate, presolve};
use super::problem::{Problem, Target};
use super::tree::Tree;
use crate::exchange::DocumentError;

/// Numbers of yes-or-no variables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// Every request, function, node asked for, model, host and instance.
    pub full: u128,
    /// After function-aware pruning: what is asked for, by models that offer it.
    pub function_pruned: u128,
    /// After architecture-aware pruning too: on hosts that reach the node and every source.
    pub architecture_pruned: u128,
    /// After conditions (2) to (5), which are decided in integers.
    pub filtered: u128,
    /// After the projection to instances and requests.
    pub projected: usize,
    /// After presolve: what is left to decide.
    pub reduced: usize,
}

/// Counts the variables of a valid problem.
///
/// # Errors
/// A problem whose targets have too many possible places to be held in memory.
pub fn sizes(problem: &Problem) -> Result<Sizes, DocumentError> {
    let mut count = Count::new(problem);
    for (request, wanted) in problem.requests.iter().enumerate() {
        for (target, entry) in wanted.targets.iter().enumerate() {
            count.target(request, target, entry);
        }
    }
    let core = Core::new(problem)?;
    let reduced = presolve(&core);
    let open = reduced.fate.iter().filter(|fate| **fate == Fate::Open).count();
    let undecided = reduced.undecided.iter().filter(|undecided| **undecided).count();
    let sizes =
        Sizes { projected: core.columns.len() + problem.requests.len(), reduced: undecided + open, ..count.sizes };
    Ok(sizes)
}

struct Count<'p> {
    problem: &'p Problem,
    tree: Tree,
    places: Places<'p>,
    /// Per model and node, how many instances the node can hold.
    held: Vec<Vec<u128>>,
    /// Per model, the same summed over nodes.
    held_anywhere: Vec<u128>,
    sizes: Sizes,
}

impl<'p> Count<'p> {
    fn new(problem: &'p Problem) -> Self {
        let held: Vec<Vec<u128>> = (0..problem.models.len())
            .map(|model| (0..problem.nodes.len()).map(|node| held(problem, model, node)).collect())
            .collect();
        let held_anywhere: Vec<u128> = held.iter().map(|of_model| of_model.iter().sum()).collect();
        let functions: std::collections::BTreeSet<&str> =
            problem.models.iter().flat_map(|model| &model.functions).map(String::as_str).collect();
        let asked = problem.requests.len() as u128 * functions.len() as u128 * problem.nodes.len() as u128;
        let full = asked.saturating_mul(held_anywhere.iter().sum());
        let sizes = Sizes { full, function_pruned: 0, architecture_pruned: 0, filtered: 0, projected: 0, reduced: 0 };
        Self { problem, tree: Tree::new(problem), places: Places::new(problem), held, held_anywhere, sizes }
    }

    fn target(&mut self, request: usize, target: usize, wanted: &Target) {
        let offers = |model: &usize| self.problem.models[*model].functions.contains(&wanted.function);
        let offering: Vec<usize> = (0..self.problem.models.len()).filter(offers).collect();
        self.sizes.function_pruned += offering.iter().map(|&model| self.held_anywhere[model]).sum::<u128>();
        let reaches = |node: &usize| wanted.sources.iter().all(|&source| self.tree.reaches(*node, source));
        for node in self.tree.hosts(wanted.node).filter(reaches) {
            self.sizes.architecture_pruned += offering.iter().map(|&model| self.held[model][node]).sum::<u128>();
        }
        let (held, mut filtered) = (&self.held, 0);
        self.places.visit(request, target, |place| {
            filtered += held[place.model as usize][place.node as usize];
            Go::On
        });
        self.sizes.filtered += filtered;
    }
}

/// The paper's floor of capacity by demand: how many instances of a model a node can hold. A model that
/// needs nothing counts once.
fn held(problem: &Problem, model: usize, node: usize) -> u128 {
    let pairs = problem.models[model].demand.iter().zip(&problem.nodes[node].capacity);
    let least = pairs.filter(|(demand, _)| **demand > 0).map(|(demand, capacity)| capacity / demand).min();
    least.map_or(1, |count| u128::try_from(count).unwrap_or(0))
}
