//! Conflicts: one parameter of one node has at most one controller.
//!
//! A model may name the parameters it `controls`. They are parameters of the *target's* node: that is
//! the node acted upon, wherever the model runs. A controller is a running instance: two targets on one
//! node served by different instances that set the same parameter conflict, also when both instances
//! run the same model (they see different data and would fight). Targets served by one instance never
//! conflict, nor do models that control nothing.

use std::collections::BTreeMap;

use super::problem::Problem;

/// Which targets could meet another controller on their node: per request, per target. Empty when no
/// model controls anything.
pub(crate) fn contested_targets(problem: &Problem) -> Vec<Vec<bool>> {
    if problem.models.iter().all(|model| model.controls.is_empty()) {
        return Vec::new();
    }
    let controlled = parameters_by_function(problem);
    let mut touching: BTreeMap<(usize, &str), usize> = BTreeMap::new();
    let targets = || problem.requests.iter().flat_map(|request| &request.targets);
    for target in targets() {
        for &parameter in controlled.get(target.function.as_str()).into_iter().flatten() {
            *touching.entry((target.node, parameter)).or_default() += 1;
        }
    }
    let is_contested = |target: &super::problem::Target| {
        let parameters = controlled.get(target.function.as_str()).into_iter().flatten();
        parameters.into_iter().any(|&parameter| touching.get(&(target.node, parameter)).is_some_and(|&count| count > 1))
    };
    problem.requests.iter().map(|request| request.targets.iter().map(is_contested).collect()).collect()
}

/// The parameters that some model offering a function controls.
fn parameters_by_function(problem: &Problem) -> BTreeMap<&str, Vec<&str>> {
    let mut controlled: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for model in &problem.models {
        for function in &model.functions {
            let list = controlled.entry(function).or_default();
            list.extend(model.controls.iter().map(String::as_str));
            list.sort_unstable();
            list.dedup();
        }
    }
    controlled
}
