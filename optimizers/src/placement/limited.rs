//! A bound where instances serve a limited number: enough of them must be open near every set of E2 nodes.
//!
//! The program is that of [`super::relax`] slot by slot: which places are open, and each E2 node has an
//! open one in its reach. For a set `I` of E2 nodes and a limited slot, with `n(m)` of them in reach of `m`:
//!
//! ```text
//! Σ_m min(most[m], n(m))·open[m] >= |I|      and, since places are whole,
//! Σ_(m: n(m) > 0) open[m] >= ceil(|I| / d)   with d the largest coefficient
//! ```
//!
//! The first holds because an instance serves no more than that of `I`. A smallest cut between E2 nodes
//! and places finds the sets that a solution breaks; where none is left, whole seats exist. That the
//! places of a chain are near each other is left out, so this bounds the cost from below.

use std::collections::BTreeMap;

use ranform_network::Control;

use super::bits::Bits;
use super::cover::Layout;
use super::cuts::max_flow;
use super::exact::{INTERIOR_COLUMNS, State};
use super::relax::{Relaxation, by_slot};
use super::seats::{able, most};
use crate::highs_model::{Event, Flow, LinearMethod, Options, Rows, Session, SolverError, Status};

/// Most rounds of cuts on the linear relaxation, and of whole solutions.
const ROUNDS: [usize; 2] = [40, 12];
/// Branch-and-bound nodes of one round where work is not counted.
const NODES: u64 = 5_000;
/// Part of the E2 nodes that may lack a seat before that counts as broken.
const TINY: f64 = 1e-6;

/// The E2 nodes and places of a limited slot.
struct Limited {
    /// Column and most E2 nodes, by compute node.
    places: Vec<Option<(usize, usize)>>,
    /// E2 nodes with the same places in reach, and how many.
    groups: Vec<(Bits, usize)>,
}

impl State<'_> {
    /// Raises the bound by the program above, and offers what its solutions open. Whether nothing fits.
    pub(super) fn limited_bound(&self) -> Result<bool, SolverError> {
        let relaxation = by_slot(self.loops, self.reach);
        let problem = self.problem();
        let limited = (0..problem.components.len()).filter(|slot| problem.is_limited(*slot));
        let slots: Vec<Limited> = limited.map(|slot| self.limited(&relaxation, slot)).collect();
        let mut cuts = Rows::default();
        if self.limited_root(&relaxation, &slots, &mut cuts)? {
            return Ok(true);
        }
        for _ in 0..ROUNDS[1] {
            if self.should_stop() || self.is_closed() {
                break;
            }
            let mut session = Session::new(&relaxation.model)?;
            session.add_rows(&cuts)?;
            let spent = self.known().steps;
            let allowed = self.settings.nodes.map_or(NODES, |nodes| nodes.saturating_sub(spent).min(NODES));
            let options = Options { nodes: Some(allowed), ..self.options(0.0, relaxation.unit) };
            let outcome = session.run(&options, &mut |event| {
                if let Event::Progress { bound, .. } = event {
                    self.raise_bound(bound, relaxation.unit);
                }
                if self.should_stop() || self.is_closed() { Flow::Stop } else { Flow::Continue }
            })?;
            self.known().steps += outcome.nodes.max(1);
            if outcome.status == Status::Infeasible {
                return Ok(true);
            }
            self.raise_bound(outcome.bound, relaxation.unit);
            let Some(columns) = outcome.columns else { break };
            let found = broken(&slots, &columns);
            if found.is_empty() {
                self.offer_repaired(Layout::of(problem, relaxation.instances(&columns)));
                break;
            }
            push(&mut cuts, found);
        }
        Ok(false)
    }

    /// Cuts on the linear relaxation until none is broken. Whether nothing fits.
    fn limited_root(&self, relaxation: &Relaxation, slots: &[Limited], cuts: &mut Rows) -> Result<bool, SolverError> {
        let mut session = Session::new(&relaxation.model.relaxed())?;
        for round in 0..ROUNDS[0] {
            let linear_method = match round == 0 && relaxation.model.columns() > INTERIOR_COLUMNS {
                true => LinearMethod::InteriorPoint,
                false => LinearMethod::Choose,
            };
            let options = Options { linear_method, ..self.options(0.0, 0) };
            let outcome = session.run(&options, &mut |_| Flow::Continue)?;
            self.known().steps += 1;
            let columns = match (outcome.status, outcome.columns) {
                (Status::Infeasible, _) => return Ok(true),
                (Status::Optimal, Some(columns)) => columns,
                _ => return Ok(false),
            };
            self.raise_bound(outcome.objective, relaxation.unit);
            let found = broken(slots, &columns);
            if found.is_empty() || self.should_stop() || self.is_closed() {
                return Ok(false);
            }
            let mut rows = Rows::default();
            push(&mut rows, found.clone());
            session.add_rows(&rows)?;
            push(cuts, found);
        }
        Ok(false)
    }

    fn limited(&self, relaxation: &Relaxation, slot: usize) -> Limited {
        let problem = self.problem();
        let columns = relaxation.columns_of(slot, problem.compute_nodes);
        let places = columns.into_iter().enumerate();
        let places = places.map(|(node, column)| Some((column?, most(problem, slot, node))));
        let mut groups: BTreeMap<Bits, usize> = BTreeMap::new();
        for (_, nodes) in able(self.loops, self.reach, slot) {
            let reach = Bits::from_flags((0..problem.compute_nodes).map(|node| nodes.contains(&node)));
            *groups.entry(reach).or_default() += 1;
        }
        Limited { places: places.collect(), groups: groups.into_iter().collect() }
    }
}

/// A row `Σ coefficient·column >= right`.
type Cut = (Vec<(usize, f64)>, f64);

fn push(rows: &mut Rows, cuts: Vec<Cut>) {
    for (terms, right) in cuts {
        rows.push(right, f64::INFINITY, terms);
    }
}

/// The cuts that column values break: two for each slot whose E2 nodes find no seats.
fn broken(slots: &[Limited], values: &[f64]) -> Vec<Cut> {
    slots.iter().filter_map(|limited| limited.broken(values)).flatten().collect()
}

impl Limited {
    fn broken(&self, values: &[f64]) -> Option<[Cut; 2]> {
        let open: Vec<(usize, f64)> = self
            .places
            .iter()
            .enumerate()
            .filter_map(|(node, place)| place.map(|(column, most)| (node, values[column].max(0.0) * most as f64)))
            .filter(|(_, room)| *room > TINY)
            .collect();
        let supply: Vec<f64> = self.groups.iter().map(|(_, count)| *count as f64).collect();
        let edges: Vec<Vec<usize>> = self
            .groups
            .iter()
            .map(|(reach, _)| (0..open.len()).filter(|at| reach.contains(open[*at].0)).collect())
            .collect();
        let total: f64 = supply.iter().sum();
        let (flow, reached) = max_flow(supply, open.iter().map(|(_, room)| *room).collect(), &edges);
        (flow < total - TINY * total.max(1.0)).then(|| self.cuts(&reached))
    }

    /// The cuts of a set of groups.
    fn cuts(&self, inside: &[bool]) -> [Cut; 2] {
        let groups = || self.groups.iter().zip(inside).filter(|(_, inside)| **inside).map(|(group, _)| group);
        let wanted: usize = groups().map(|(_, count)| count).sum();
        let mut terms = Vec::new();
        let mut largest = 1;
        for (node, (column, most)) in self.places.iter().enumerate().filter_map(|(node, place)| Some((node, (*place)?)))
        {
            let near: usize = groups().filter(|(reach, _)| reach.contains(node)).map(|(_, count)| count).sum();
            let serves = near.min(most);
            if serves > 0 {
                largest = largest.max(serves);
                terms.push((column, serves as f64));
            }
        }
        let whole = terms.iter().map(|(column, _)| (*column, 1.0)).collect();
        [(terms, wanted as f64), (whole, wanted.div_ceil(largest) as f64)]
    }
}
