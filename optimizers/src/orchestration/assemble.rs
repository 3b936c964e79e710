//! From chosen columns to the assignment of targets, with instances counted per model and node.

use std::collections::BTreeMap;

use super::component::Part;
use super::core::Core;
use super::options::Place;
use super::presolve::{Fate, Reduced};
use super::problem::{Assignment, Problem, Sharing};
use super::tree::narrow;

/// Accepted requests, and one entry per target of each.
pub(crate) fn assemble(core: &Core<'_>, reduced: &Reduced, parts: &[Part]) -> (Vec<usize>, Vec<Assignment>) {
    let mut running = reduced.running.clone();
    let mut accepted: Vec<bool> = reduced.fate.iter().map(|fate| *fate == Fate::Accepted).collect();
    let mut serving: BTreeMap<u32, u32> = BTreeMap::new();
    for part in parts {
        part.running.iter().for_each(|&column| running[column as usize] = true);
        part.accepted.iter().for_each(|&request| accepted[request as usize] = true);
        serving.extend(part.serving.iter().copied());
    }
    let mut served: Vec<(u32, u32, Place, u64)> = Vec::new();
    for &(request, target, place) in &core.settled {
        served.push((request, target, place, owner(core, request, target)));
    }
    for (at, target) in core.targets.iter().enumerate() {
        if !accepted[target.request as usize] {
            continue;
        }
        let column = serving.get(&narrow(at)).copied().or_else(|| running_option(core, at, &running));
        if let Some(column) = column {
            let place = core.columns[column as usize].place;
            served.push((target.request, target.target, place, owner(core, target.request, target.target)));
        }
    }
    served.retain(|entry| accepted[entry.0 as usize]);
    let accepted = (0..accepted.len()).filter(|&request| accepted[request]).collect();
    (accepted, number_instances(served))
}

/// The column that serves a target: its current one where that runs, else one that controls nothing
/// where that matters, else the first.
fn running_option(core: &Core<'_>, target: usize, running: &[bool]) -> Option<u32> {
    let entry = &core.targets[target];
    let runs = |column: &&u32| running[**column as usize];
    if let Some(current) = entry.current.filter(|&current| running[current as usize]) {
        return Some(current);
    }
    let harmless = |column: &&u32| !entry.contested || core.controls(**column).is_empty();
    entry.options.iter().filter(runs).find(harmless).copied()
}

/// Whose instance serves the target, as one number: equal owners share an instance of a place.
fn owner(core: &Core<'_>, request: u32, target: u32) -> u64 {
    owner_of(core.problem, request, target)
}

/// As [`owner`], of a target of a problem; 0 where any may share.
pub(crate) fn owner_of(problem: &Problem, request: u32, target: u32) -> u64 {
    // Requests count from 1 here, so that the owner of shared instances is none of them.
    let number = (u64::from(request) + 1) << 32;
    match problem.sharing_of(request as usize) {
        Sharing::On => 0,
        Sharing::PerRequest => number,
        Sharing::PerTarget => number | (u64::from(target) + 1),
    }
}

/// Assignments in order, instances of each place counted from 0 by their owners' first targets.
pub(crate) fn number_instances(mut served: Vec<(u32, u32, Place, u64)>) -> Vec<Assignment> {
    served.sort_unstable_by_key(|entry| (entry.0, entry.1));
    let mut used: BTreeMap<Place, usize> = BTreeMap::new();
    let mut instances: BTreeMap<(Place, u64), usize> = BTreeMap::new();
    let mut assignment = Vec::with_capacity(served.len());
    for (request, target, place, owner) in served {
        let instance = *instances.entry((place, owner)).or_insert_with(|| {
            let next = used.entry(place).or_default();
            *next += 1;
            *next - 1
        });
        assignment.push(Assignment {
            request: request as usize,
            target: target as usize,
            model: place.model as usize,
            node: place.node as usize,
            instance,
        });
    }
    assignment
}
