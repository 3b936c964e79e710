//! The cheapest cover of the targets of one part, with a proof of how few instances must be started.

use std::collections::{BTreeMap, BTreeSet};

use super::super::limits::Limits;
use super::super::model::exact;
use super::super::options::Place;
use super::Rest;
use crate::highs_model::{Flow, Model, Options, Session, SolverError};

/// Branch-and-bound nodes spent on a part: what is left unproven is told, not waited for.
const NODES: u64 = 500;

/// A part with more options than this is not searched either: what can be spared at once is.
const ENTRIES: usize = 500_000;

/// Targets (by their index among the free ones) that hang together, and the places that could serve them.
pub(super) struct Part {
    free: Vec<usize>,
    columns: Vec<Place>,
}

/// What became of a part.
pub(super) struct Solved {
    /// The place of each of its targets.
    pub(super) serving: Vec<(usize, Place)>,
    /// No cover starts fewer.
    pub(super) at_least: usize,
}

/// Parts that share no place, and no node without room for all of its places.
pub(super) fn parts(rest: &Rest<'_>) -> Vec<Part> {
    let mut columns: Vec<Place> = rest.free.iter().flat_map(|free| &free.options).copied().collect();
    columns.sort_unstable();
    columns.dedup();
    columns.retain(|place| has_room(rest, place));
    let position = |place: &Place| columns.binary_search(place).ok();
    let mut group: Vec<usize> = (0..columns.len()).collect();
    for on_node in columns.chunk_by(|one, other| one.node == other.node).filter(|on_node| is_scarce(rest, on_node)) {
        let first = position(&on_node[0]).unwrap_or_default();
        (first..first + on_node.len()).for_each(|at| join(&mut group, first, at));
    }
    let mut seen: BTreeSet<&[Place]> = BTreeSet::new();
    for free in rest.free.iter().filter(|free| seen.insert(&free.options)) {
        let mut able = free.options.iter().filter_map(position);
        let Some(first) = able.next() else { continue };
        able.for_each(|at| join(&mut group, first, at));
    }
    let mut parts: BTreeMap<usize, Part> = BTreeMap::new();
    for (at, &place) in columns.iter().enumerate() {
        let part = parts.entry(root(&mut group, at)).or_insert_with(|| Part { free: Vec::new(), columns: Vec::new() });
        part.columns.push(place);
    }
    for (at, free) in rest.free.iter().enumerate() {
        let root = position(&free.place).map(|place| root(&mut group, place));
        if let Some(part) = root.and_then(|root| parts.get_mut(&root)) {
            part.free.push(at);
        }
    }
    parts.into_values().filter(|part| !part.free.is_empty()).collect()
}

fn has_room(rest: &Rest<'_>, place: &Place) -> bool {
    rest.demand(*place).iter().zip(rest.room(place.node)).all(|(demand, room)| demand <= room)
}

fn is_scarce(rest: &Rest<'_>, on_node: &[Place]) -> bool {
    rest.room(on_node[0].node).iter().enumerate().any(|(resource, &room)| {
        let needed: i128 = on_node.iter().map(|&place| i128::from(rest.demand(place)[resource])).sum();
        needed > i128::from(room)
    })
}

fn root(group: &mut [usize], mut at: usize) -> usize {
    while group[at] != at {
        group[at] = group[group[at]];
        at = group[at];
    }
    at
}

fn join(group: &mut [usize], one: usize, other: usize) {
    let (one, other) = (root(group, one), root(group, other));
    group[one.max(other)] = one.min(other);
}

/// Covers the targets of a part.
pub(super) fn solve(rest: &Rest<'_>, part: &Part, limits: Limits<'_>) -> Result<Solved, SolverError> {
    let cover = Cover::new(rest, part);
    let present: BTreeSet<Place> = part.free.iter().map(|&at| rest.free[at].place).collect();
    let starts_nothing_free = part.columns.iter().all(|place| !rest.running.contains(place));
    if let Some(place) = cover.single(&present).filter(|_| starts_nothing_free) {
        return Ok(cover.solved(&[place].into(), 1));
    }
    let entries: usize = cover.rows.iter().map(Vec::len).sum();
    if limits.control.should_stop() || entries > ENTRIES {
        return Ok(cover.solved(&cover.thinned(present), 0));
    }
    let (found, bound) = cover.search(&present, limits)?;
    let at_least = usize::try_from(bound.max(0) / cover.start).unwrap_or(0);
    let better = found.filter(|found| cover.stands(found) && cover.cost(found) < cover.cost(&present));
    Ok(cover.solved(&cover.thinned(better.unwrap_or(present)), at_least))
}

/// A part as a covering problem.
struct Cover<'r, 'p> {
    rest: &'r Rest<'p>,
    part: &'r Part,
    /// The targets that are told apart: which columns (by index, sorted) can serve each.
    rows: BTreeSet<Vec<usize>>,
    /// What each column needs, resources together.
    weight: Vec<i64>,
    /// What one start counts: more than all that a cover needs.
    start: i64,
}

impl<'r, 'p> Cover<'r, 'p> {
    fn new(rest: &'r Rest<'p>, part: &'r Part) -> Self {
        let position = |place: &Place| part.columns.binary_search(place).ok();
        let row = |&at: &usize| {
            let mut row: Vec<usize> = rest.free[at].options.iter().filter_map(position).collect();
            row.sort_unstable();
            row
        };
        let rows: BTreeSet<Vec<usize>> = part.free.iter().map(row).collect();
        let weight = weights(rest, &part.columns);
        let most = |row: &Vec<usize>| row.iter().map(|&column| weight[column]).max().unwrap_or(0);
        let start = 1 + rows.iter().map(most).sum::<i64>();
        Self { rest, part, rows, weight, start }
    }

    /// The one place that serves everything and needs least; of equals the one in use, then the first.
    fn single(&self, present: &BTreeSet<Place>) -> Option<Place> {
        let first = self.rows.first()?;
        let serves_all = |column: &&usize| self.rows.iter().all(|row| row.binary_search(column).is_ok());
        let least = first.iter().filter(serves_all).min_by_key(|&&column| {
            let place = self.part.columns[column];
            (self.weight[column], !present.contains(&place), place)
        });
        least.map(|&column| self.part.columns[column])
    }

    fn cost_of(&self, column: usize) -> i64 {
        let starts = !self.rest.running.contains(&self.part.columns[column]);
        self.weight[column] + if starts { self.start } else { 0 }
    }

    fn cost(&self, chosen: &BTreeSet<Place>) -> i64 {
        let columns = (0..self.part.columns.len()).filter(|&at| chosen.contains(&self.part.columns[at]));
        columns.map(|column| self.cost_of(column)).sum()
    }

    /// Whether these places serve every target and have room.
    fn stands(&self, chosen: &BTreeSet<Place>) -> bool {
        let served = |row: &Vec<usize>| row.iter().any(|&column| chosen.contains(&self.part.columns[column]));
        let mut used: BTreeMap<(u32, usize), i128> = BTreeMap::new();
        for place in chosen {
            for (resource, &demand) in self.rest.demand(*place).iter().enumerate() {
                *used.entry((place.node, resource)).or_default() += i128::from(demand);
            }
        }
        let fits =
            |(&(node, resource), &used): (&(u32, usize), &i128)| used <= i128::from(self.rest.room(node)[resource]);
        self.rows.iter().all(served) && used.iter().all(fits)
    }

    /// The same without the starts of which the others that are chosen can serve every target.
    fn thinned(&self, mut chosen: BTreeSet<Place>) -> BTreeSet<Place> {
        let mut served: Vec<usize> = Vec::with_capacity(self.rows.len());
        let mut rows_of: BTreeMap<Place, Vec<usize>> = BTreeMap::new();
        for (at, row) in self.rows.iter().enumerate() {
            let by = row.iter().map(|&column| self.part.columns[column]).filter(|place| chosen.contains(place));
            let by: Vec<Place> = by.collect();
            served.push(by.len());
            by.into_iter().for_each(|place| rows_of.entry(place).or_default().push(at));
        }
        let starts: Vec<Place> = chosen.iter().copied().filter(|place| !self.rest.running.contains(place)).collect();
        for place in starts {
            let rows = rows_of.get(&place).map(Vec::as_slice).unwrap_or_default();
            if rows.iter().all(|&row| served[row] > 1) {
                rows.iter().for_each(|&row| served[row] -= 1);
                chosen.remove(&place);
            }
        }
        chosen
    }

    /// The solver's choice, if it has one, and the least that any costs.
    fn search(
        &self,
        present: &BTreeSet<Place>,
        limits: Limits<'_>,
    ) -> Result<(Option<BTreeSet<Place>>, i64), SolverError> {
        let mut session = Session::new(&self.program())?;
        let start: Vec<f64> =
            self.part.columns.iter().map(|place| f64::from(u8::from(present.contains(place)))).collect();
        session.set_start(&start)?;
        let options = Options {
            seconds: limits.control.seconds_left(),
            nodes: Some(limits.nodes.map_or(NODES, |nodes| nodes.min(NODES))),
            absolute_gap: 0.99,
            ..Options::default()
        };
        let outcome = session.run(&options, &mut |_| {
            if limits.control.should_stop() { Flow::Stop } else { Flow::Continue }
        })?;
        let chosen = outcome.columns.map(|values| {
            let taken = self.part.columns.iter().zip(values).filter(|(_, value)| *value > 0.5);
            taken.map(|(place, _)| *place).collect()
        });
        // A cast saturates: without a bound it is the smallest number.
        let bound = (outcome.bound - 1e-6 - outcome.bound.abs() * 1e-9).ceil() as i64;
        Ok((chosen, bound))
    }

    fn program(&self) -> Model {
        let mut model = Model::default();
        for column in 0..self.part.columns.len() {
            model.binary(exact(self.cost_of(column)));
        }
        for row in &self.rows {
            model.row(1.0, f64::INFINITY, row.iter().map(|&column| (column, 1.0)));
        }
        let mut on_node: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        for (column, place) in self.part.columns.iter().enumerate() {
            on_node.entry(place.node).or_default().push(column);
        }
        for (node, columns) in on_node {
            for (resource, &room) in self.rest.room(node).iter().enumerate() {
                let demand = |column: usize| self.rest.demand(self.part.columns[column])[resource];
                let total: i128 = columns.iter().map(|&column| i128::from(demand(column))).sum();
                if total > i128::from(room) {
                    let terms = columns.iter().map(|&column| (column, exact(demand(column))));
                    model.row(f64::NEG_INFINITY, exact(room), terms.filter(|term| term.1 > 0.0));
                }
            }
        }
        model
    }

    /// Each target is served from the nearest of the chosen places, or stays where it was put.
    fn solved(&self, chosen: &BTreeSet<Place>, at_least: usize) -> Solved {
        let serving = self.part.free.iter().map(|&at| {
            let free = &self.rest.free[at];
            let nearest = free.options.iter().find(|place| chosen.contains(place));
            (at, if chosen.contains(&free.place) { free.place } else { nearest.copied().unwrap_or(free.place) })
        });
        Solved { serving: serving.collect(), at_least }
    }
}

/// What an instance of each place needs: its share of the largest demand, in thousandths, over all resources.
fn weights(rest: &Rest<'_>, columns: &[Place]) -> Vec<i64> {
    let resources = rest.problem.resources.len();
    let largest: Vec<i64> = (0..resources)
        .map(|resource| columns.iter().map(|&place| rest.demand(place)[resource]).max().unwrap_or(0).max(1))
        .collect();
    let share = |(&demand, &largest): (&i64, &i64)| {
        i64::try_from(i128::from(demand) * 1000 / i128::from(largest)).unwrap_or(1000)
    };
    columns.iter().map(|&place| rest.demand(place).iter().zip(&largest).map(share).sum()).collect()
}
