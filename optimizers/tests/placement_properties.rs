//! Tiny random instances of every kind against enumeration; answers against mutations; pins and capacity.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;
use ranform_network::{AnswerStatus, NoControl};
use ranform_optimizers::placement::exact::{Race, Settings};
use ranform_optimizers::placement::problem::{
    Component, E2T, Exclusion, FIRST_XAPP, Pin, Problem, Spread, UNREACHABLE,
};
use ranform_optimizers::placement::{Answer, Placement, Strategy as How, curve, solve, verify};

fn exact(problem: &Problem) -> Answer {
    solve(problem, How::Exact, 7, Race::Off, &NoControl).unwrap()
}

/// Raw numbers from which an instance is built; every vector is longer than needed.
#[derive(Clone, Debug)]
struct Raw {
    shape: (usize, usize, usize),
    latencies: Vec<Option<i32>>,
    costs: Vec<i64>,
    capacity: Vec<Option<i64>>,
    loops: Vec<(Option<i64>, bool)>,
    chained: bool,
    rules: Vec<(u8, usize, usize, usize)>,
    moves: Option<i64>,
    /// Limits on E2 nodes served, demands for each, spreads: kind, slot, amount.
    limits: Vec<(u8, usize, usize)>,
}

fn raw() -> impl Strategy<Value = Raw> {
    let latency = prop_oneof![12 => (0..9_i32).prop_map(Some), 1 => Just(None)];
    let shape = prop_oneof![(1..5_usize, 1..4_usize, 1..3_usize), (1..4_usize, 1..3_usize, 3..5_usize)];
    (
        shape,
        prop::collection::vec(latency, 64),
        prop::collection::vec(0..12_i64, 64),
        prop::collection::vec(prop::option::of(1..9_i64), 8),
        prop::collection::vec((prop::option::weighted(0.8, 0..60_i64), any::<bool>()), 4),
        any::<bool>(),
        prop::collection::vec((0..6_u8, 0..8_usize, 0..4_usize, 0..4_usize), 0..3),
        prop::option::weighted(0.3, 0..6_i64),
        prop_oneof![Just(Vec::new()), prop::collection::vec((0..4_u8, 0..8_usize, 0..8_usize), 1..4)],
    )
        .prop_map(|(shape, latencies, costs, capacity, loops, chained, rules, moves, limits)| Raw {
            shape,
            latencies,
            costs,
            capacity,
            loops,
            chained,
            rules,
            moves,
            limits,
        })
}

fn build(raw: &Raw) -> Problem {
    let (e2_nodes, nodes, xapps) = raw.shape;
    let slots = FIRST_XAPP + xapps;
    let leg = |at: usize| raw.latencies[at % raw.latencies.len()].unwrap_or(UNREACHABLE);
    let cost = |at: usize| raw.costs[at % raw.costs.len()];
    let component = |slot: usize| Component {
        cost: (0..nodes).map(|node| cost(slot * 5 + node)).collect(),
        demand: vec![1 + cost(slot) % 3],
        processing: if slot == 1 { 1 } else { 0 },
        loop_budget: None,
        uses_sdl: false,
        ..Component::default()
    };
    let mut components: Vec<Component> = (0..slots).map(component).collect();
    for xapp in 0..xapps {
        (components[FIRST_XAPP + xapp].loop_budget, components[FIRST_XAPP + xapp].uses_sdl) = raw.loops[xapp];
    }
    if raw.chained && xapps >= 2 {
        components[FIRST_XAPP].chain = (FIRST_XAPP + 1..slots.min(FIRST_XAPP + 3)).rev().collect();
    }
    let mut problem = Problem {
        latency_unit_us: 100,
        resources: vec!["cpu".into()],
        e2_nodes,
        compute_nodes: nodes,
        latency_e2: (0..e2_nodes * nodes).map(leg).collect(),
        latency_compute: (0..nodes * nodes).map(|at| if at % (nodes + 1) == 0 { 0 } else { leg(at + 20) }).collect(),
        fixed_cost: (0..nodes).map(|node| cost(node + 50)).collect(),
        capacity: (0..nodes).map(|node| raw.capacity[node].map(|most| vec![most])).collect(),
        components,
        current: raw
            .moves
            .map(|at| (0..slots).map(|slot| vec![Some((slot + at as usize) % nodes); e2_nodes]).collect()),
        pins: Vec::new(),
        exclusions: Vec::new(),
        move_cost: raw.moves.unwrap_or(0),
        ..Problem::default()
    };
    for &(kind, slot, node, e2) in &raw.rules {
        let (slot, node, e2) = (slot % slots, node % nodes, e2 % e2_nodes);
        match kind {
            0 => problem.pins.push(Pin { component: slot, compute: node, e2: None }),
            1 => problem.pins.push(Pin { component: slot, compute: node, e2: Some(vec![e2]) }),
            2 => problem.exclusions.push(Exclusion { component: Some(slot), compute: node }),
            _ => {}
        }
    }
    for &(kind, slot, amount) in &raw.limits {
        let slot = slot % slots;
        let places: Vec<Option<usize>> =
            (0..nodes).map(|node| Some(amount >> node & 1).filter(|_| amount < 6)).collect();
        match kind {
            0 => problem.components[slot].serves_at_most = Some(1 + amount % 3),
            1 => problem.components[slot].demand_per_e2 = vec![(amount % 3) as i64],
            2 => problem.spreads.push(Spread { component: slot, places, standby: false }),
            _ => problem.spreads.push(Spread { component: E2T, places, standby: true }),
        }
    }
    problem.check().unwrap();
    problem
}

/// The least cost by enumeration of open sets, with loops checked tuple by tuple and E2 nodes assigned one
/// by one.
fn brute_force(problem: &Problem) -> Option<i64> {
    let (slots, nodes) = (problem.components.len(), problem.compute_nodes);
    // Per E2 node: the tuples of places that obey loops, pins and exclusions, as sets of (slot, node) bits.
    let serving: Vec<Vec<u64>> = (0..problem.e2_nodes).map(|e2| legal_tuples(problem, e2)).collect();
    let unpinned = Problem { pins: Vec::new(), ..problem.clone() };
    let standby: Vec<Vec<u64>> = (0..problem.e2_nodes).map(|e2| legal_tuples(&unpinned, e2)).collect();
    let mut best: Option<i64> = None;
    let mut open = vec![1_usize; slots];
    loop {
        let mask = open.iter().enumerate().fold(0_u64, |mask, (slot, set)| mask | (*set as u64) << (slot * nodes));
        let instances: Vec<(usize, usize)> =
            (0..slots * nodes).filter(|at| mask >> at & 1 == 1).map(|at| (at / nodes, at % nodes)).collect();
        let used = (0..nodes).filter(|node| instances.iter().any(|(_, at)| at == node));
        let cost = used.map(|node| problem.fixed_cost[node]).sum::<i64>()
            + instances.iter().map(|(slot, node)| problem.instance_cost(*slot, *node)).sum::<i64>();
        let apart = instances.iter().all(|(slot, node)| {
            instances.iter().all(|(other, at)| slot != other || node == at || !problem.is_too_close(*slot, *node, *at))
        });
        let moves = instances.iter().filter(|(slot, node)| problem.is_move(*slot, *node)).count() as i64;
        let stays = problem.most_moves.is_none_or(|most| moves <= most);
        if best.is_none_or(|best| cost < best) && apart && stays && is_assignable(problem, mask, &serving, &standby) {
            best = Some(cost);
        }
        // The next combination of nonempty sets, like an odometer.
        let Some(slot) = (0..slots).find(|slot| open[*slot] + 1 < 1 << nodes) else { return best };
        open[slot] += 1;
        open[..slot].fill(1);
    }
}

/// Whether every E2 node finds a tuple, and a standby where that is asked for, so that nothing is overfull.
fn is_assignable(problem: &Problem, mask: u64, serving: &[Vec<u64>], standby: &[Vec<u64>]) -> bool {
    let (slots, nodes) = (problem.components.len(), problem.compute_nodes);
    let counted = (0..slots).filter(|slot| *slot == E2T || problem.is_limited(*slot));
    let counted = counted.fold(0_u64, |bits, slot| bits | ((1 << nodes) - 1) << (slot * nodes));
    let e2t = |tuple: u64| (0..nodes).find(|node| tuple >> (E2T * nodes + node) & 1 == 1).unwrap();
    let mut choices: Vec<Vec<u64>> = Vec::new();
    for (serving, standby) in serving.iter().zip(standby) {
        let open = |tuple: &&u64| **tuple & !mask == 0;
        let seconds: Vec<usize> = standby.iter().filter(open).map(|tuple| e2t(*tuple)).collect();
        let has_standby = |first: usize| {
            !problem.needs_standby()
                || seconds.iter().any(|second| first != *second && !problem.is_too_close(E2T, first, *second))
        };
        let mut of: Vec<u64> = serving
            .iter()
            .filter(open)
            .filter(|tuple| has_standby(e2t(**tuple)))
            .map(|tuple| tuple & counted)
            .collect();
        of.sort_unstable();
        of.dedup();
        choices.push(of);
    }
    let mut room: Vec<i64> =
        problem.capacity.iter().map(|most| most.as_ref().map_or(i64::MAX, |most| most[0])).collect();
    for at in (0..slots * nodes).filter(|at| mask >> at & 1 == 1) {
        room[at % nodes] -= problem.components[at / nodes].demand[0];
    }
    room.iter().all(|room| *room >= 0) && assign_from(problem, &choices, &mut vec![0; slots * nodes], &mut room)
}

fn assign_from(problem: &Problem, choices: &[Vec<u64>], served: &mut [usize], room: &mut [i64]) -> bool {
    let Some((first, rest)) = choices.split_first() else { return true };
    let nodes = problem.compute_nodes;
    first.iter().any(|tuple| {
        let bits: Vec<usize> = (0..served.len()).filter(|at| tuple >> at & 1 == 1).collect();
        let count = |served: &mut [usize], room: &mut [i64], sign: i64| {
            for at in &bits {
                served[*at] = served[*at].saturating_add_signed(sign as isize);
                room[at % nodes] -= sign * problem.demand_per_e2(at / nodes, 0);
            }
        };
        count(served, room, 1);
        let fits =
            bits.iter().all(|at| problem.components[at / nodes].serves_at_most.is_none_or(|most| served[*at] <= most))
                && room.iter().all(|room| *room >= 0);
        let found = fits && assign_from(problem, rest, served, room);
        count(served, room, -1);
        found
    })
}

fn legal_tuples(problem: &Problem, e2: usize) -> Vec<u64> {
    let (slots, nodes) = (problem.components.len(), problem.compute_nodes);
    let mut legal = Vec::new();
    for code in 0..nodes.pow(slots as u32) {
        let tuple: Vec<usize> = (0..slots).map(|slot| code / nodes.pow(slot as u32) % nodes).collect();
        let placement = Placement {
            places: tuple.iter().map(|node| vec![*node; problem.e2_nodes]).collect(),
            ..Placement::default()
        };
        let loops = problem.xapps().all(|xapp| {
            let Some(budget) = problem.components[xapp].loop_budget else { return true };
            verify::round_trip(problem, &placement, e2, xapp).is_some_and(|trip| trip <= budget)
        });
        let pins = problem.pins.iter().all(|pin| {
            let concerned = pin.e2.as_ref().is_none_or(|list| list.contains(&e2));
            !concerned || tuple[pin.component] == pin.compute
        });
        let excluded = (0..slots).any(|slot| problem.is_excluded(slot, tuple[slot]));
        if loops && pins && !excluded {
            legal.push(tuple.iter().enumerate().fold(0, |mask, (slot, node)| mask | 1 << (slot * nodes + node)));
        }
    }
    legal
}

/// A pool of so many threads.
fn threads(count: usize) -> rayon::ThreadPool {
    rayon::ThreadPoolBuilder::new().num_threads(count).build().unwrap()
}

fn some(places: &[Vec<usize>]) -> Vec<Vec<Option<usize>>> {
    places.iter().map(|places| places.iter().copied().map(Some).collect()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn tiny_instances_equal_enumeration(raw in raw()) {
        let problem = build(&raw);
        let answer = exact(&problem);
        match brute_force(&problem) {
            Some(best) => {
                prop_assert_eq!(answer.status, AnswerStatus::Optimal);
                prop_assert_eq!(answer.placement.as_ref().map(|placement| placement.cost), Some(best));
                prop_assert_eq!(answer.bound, Some(best));
            }
            None => prop_assert_eq!(answer.status, AnswerStatus::Infeasible),
        }
        let paper = solve(&problem, How::Paper, 7, Race::Off, &NoControl).unwrap();
        if let Some(paper) = &paper.placement {
            prop_assert!(Some(paper.cost) >= answer.placement.as_ref().map(|placement| placement.cost));
        }
        if problem.compute_nodes <= 2 && problem.e2_nodes <= 2 {
            let textbook = solve(&problem, How::Textbook, 7, Race::Off, &NoControl).unwrap();
            prop_assert_eq!(textbook.status, answer.status);
            let cost = |answer: &Answer| answer.placement.as_ref().map(|placement| placement.cost);
            prop_assert_eq!(cost(&textbook), cost(&answer));
        }
        let quick = solve(&problem, How::Heuristic, 7, Race::Off, &NoControl).unwrap();
        if let (Some(quick), Some(best)) = (&quick.placement, &answer.placement) {
            prop_assert!(quick.cost >= best.cost);
        }
    }

    #[test]
    fn more_capacity_never_costs_more(raw in raw(), node in 0..3_usize, more in 1..5_i64) {
        let problem = build(&raw);
        let mut roomier = problem.clone();
        for most in roomier.capacity[node % problem.compute_nodes].iter_mut() {
            most[0] += more;
        }
        if let Some(before) = exact(&problem).placement {
            prop_assert!(exact(&roomier).placement.unwrap().cost <= before.cost);
        }
    }

    #[test]
    fn pins_never_move_and_the_placement_in_force_wins_ties(raw in raw(), e2 in 0..4_usize, slot in 0..6_usize) {
        let mut problem = build(&raw);
        let Some(first) = exact(&problem).placement else { return Ok(()) };
        let (e2, slot) = (e2 % problem.e2_nodes, slot % problem.components.len());
        let compute = first.places[slot][e2];
        problem.pins.push(Pin { component: slot, compute, e2: Some(vec![e2]) });
        let pinned = exact(&problem).placement.unwrap();
        prop_assert_eq!(pinned.places[slot][e2], compute);
        prop_assert_eq!(pinned.cost, first.cost);
        problem.pins.pop();
        problem.current = Some(some(&first.places));
        problem.current_standby = some(&first.standby);
        let again = exact(&problem).placement.unwrap();
        prop_assert_eq!(again.moves, Some(0));
        // Without a price on moves nothing at all changes.
        if problem.move_cost == 0 {
            prop_assert_eq!(again.places, first.places);
            prop_assert_eq!(again.standby, first.standby);
        }
    }

    #[test]
    fn verify_rejects_every_mutation(raw in raw(), pick in any::<prop::sample::Index>(), to in 0..3_usize) {
        let problem = build(&raw);
        let answer = exact(&problem);
        prop_assert!(verify::verify(&problem, &answer).holds());
        prop_assert_eq!(answer.status == AnswerStatus::Optimal, answer.placement.is_some());
        let Some(placement) = &answer.placement else { return Ok(()) };
        let with = |change: &dyn Fn(&mut Answer)| {
            let mut mutated = answer.clone();
            change(&mut mutated);
            verify::verify(&problem, &mutated).holds()
        };
        prop_assert!(!with(&|answer| answer.bound = answer.bound.map(|bound| bound + 1)));
        prop_assert!(!with(&|answer| answer.bound = answer.bound.map(|bound| bound - 1)));
        prop_assert!(!with(&|answer| answer.placement.as_mut().unwrap().cost -= 1));
        let shorter = with(&|answer| drop(answer.placement.as_mut().unwrap().places.pop()));
        prop_assert!(!shorter);
        prop_assert!(!with(&|answer| answer.placement.as_mut().unwrap().places[1][0] = problem.compute_nodes));
        prop_assert!(!with(&|answer| answer.status = AnswerStatus::Infeasible));
        if problem.needs_standby() {
            prop_assert!(!with(&|answer| answer.placement.as_mut().unwrap().standby.clear()));
            let doubled = with(&|answer| {
                let placement = answer.placement.as_mut().unwrap();
                placement.standby[E2T][0] = placement.places[E2T][0];
            });
            prop_assert!(!doubled);
        }
        for (slot, most) in problem.components.iter().enumerate().filter_map(|(slot, one)| Some((slot, one.serves_at_most?))) {
            let mut stricter = problem.clone();
            let served = |node: &usize| placement.places[slot].iter().filter(|place| *place == node).count();
            let fullest = placement.places[slot].iter().map(served).max().unwrap();
            prop_assert!(fullest <= most);
            stricter.components[slot].serves_at_most = Some(fullest - 1);
            prop_assert!(!verify::verify(&stricter, &answer).holds());
        }
        // A component moved elsewhere is accepted only if enumeration would accept it at that cost.
        let (slots, e2s) = (placement.places.len(), problem.e2_nodes);
        let at = pick.index(slots * e2s);
        let mut moved = placement.clone();
        moved.places[at / e2s][at % e2s] = to % problem.compute_nodes;
        let cost = verify::cost(&problem, &moved);
        let accepted = with(&|answer| answer.placement = Some(moved.clone()));
        let tuple = (0..slots).fold(0_u64, |mask, slot| mask | 1 << (slot * problem.compute_nodes + moved.places[slot][at % e2s]));
        let legal = legal_tuples(&problem, at % e2s).contains(&tuple);
        prop_assert!(!accepted || (legal && cost == placement.cost));
    }

    #[test]
    fn threads_change_nothing(raw in raw()) {
        let problem = build(&raw);
        let alone = threads(1).install(|| exact(&problem));
        prop_assert_eq!(threads(4).install(|| exact(&problem)), alone);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn the_curve_is_the_least_cost_for_every_number_of_moves(raw in raw(), at in 0..3_usize) {
        let mut problem = build(&raw);
        let (slots, nodes) = (problem.components.len(), problem.compute_nodes);
        problem.current = Some((0..slots).map(|slot| vec![Some((slot + at) % nodes); problem.e2_nodes]).collect());
        problem.move_cost = 0;
        let curve = curve(&problem, 99, &Settings::default(), &NoControl).unwrap();
        prop_assert!(curve.iter().all(|point| point.proven));
        prop_assert!(curve.windows(2).all(|pair| pair[0].cost < pair[1].cost && pair[0].moves > pair[1].moves));
        // Where the curve steps, and one move before that.
        let mut steps: Vec<i64> = curve.iter().flat_map(|point| [point.moves, point.moves - 1]).collect();
        steps.push(0);
        steps.retain(|most| *most >= 0);
        steps.dedup();
        for most in steps {
            problem.most_moves = Some(most);
            let best = brute_force(&problem);
            let point = curve.iter().find(|point| point.moves <= most);
            prop_assert_eq!(point.map(|point| point.cost), best, "at most {} moves", most);
        }
        problem.most_moves = None;
        let allowed = exact(&problem);
        prop_assert_eq!(allowed.placement.map(|placement| placement.cost), curve.first().map(|point| point.cost));
    }
}
