//! How few instances must be started, by enumeration.

use std::collections::BTreeSet;

use ranform_optimizers::orchestration::{Answer, Problem};

use super::orchestration_support::places;

/// By enumeration, how few shared instances must be started to accept the same and move the same as `answer` does.
pub fn fewest_starts(problem: &Problem, answer: &Answer) -> usize {
    let options: Vec<Vec<(usize, usize)>> = answer
        .assignment
        .iter()
        .map(|entry| {
            let (request, target, there) = (entry.request, entry.target, (entry.model, entry.node));
            let of_target = |one: (usize, usize)| one == (request, target);
            let now = problem.current.iter().find(|now| of_target((now.request, now.target)));
            let now = now.map(|now| (now.model, now.node));
            let pinned = problem.pinned.iter().any(|pin| of_target((pin.request, pin.target)));
            if now == Some(there) || pinned {
                return vec![there];
            }
            places(problem, request, target).into_iter().filter(|&place| Some(place) != now).collect()
        })
        .collect();
    let room: Vec<Vec<i64>> = problem.nodes.iter().map(|node| node.capacity.clone()).collect();
    fewest(problem, &options, room, &mut BTreeSet::new()).expect("the answer itself stands")
}

fn fewest(
    problem: &Problem,
    options: &[Vec<(usize, usize)>],
    room: Vec<Vec<i64>>,
    used: &mut BTreeSet<(usize, usize)>,
) -> Option<usize> {
    let Some((first, rest)) = options.split_first() else {
        let in_force: BTreeSet<_> = problem.current.iter().map(|now| (now.model, now.node)).collect();
        return Some(used.difference(&in_force).count());
    };
    let mut best = None;
    for &(model, node) in first {
        let mut left = room.clone();
        let starts = used.insert((model, node));
        if starts {
            left[node].iter_mut().zip(&problem.models[model].demand).for_each(|(left, need)| *left -= need);
        }
        if left[node].iter().all(|&left| left >= 0) {
            let found = fewest(problem, rest, left, used);
            best = [best, found].into_iter().flatten().min();
        }
        if starts {
            used.remove(&(model, node));
        }
    }
    best
}
