//! Our heuristic: build by best price per E2 node covered, prune, then ruin and rebuild.
//!
//! It respects capacity at every step, so it finds answers where the paper's greedy finds none. Work is
//! counted in rounds and the random choices come from a seed: the same call gives the same answer. It
//! proves nothing; the bound belongs to [`super::exact`].

use ranform_network::Control;

use super::cover::{Layout, free_slots_served, uncovered};
use super::loops::Loops;
use super::options::{Near, cheapest};
use super::problem::{E2T, Problem};
use super::random::Random;
use super::reach::Reach;
use super::serving::serve;

/// What the heuristic works on.
pub struct Search<'a> {
    /// Loops and classes.
    pub loops: &'a Loops<'a>,
    /// E2 nodes left to cover.
    pub reach: &'a Reach,
    near: Near,
    /// Per E2T place: rows it may serve, as (latency, row), nearest first.
    rows_of: Vec<Vec<(i32, usize)>>,
}

/// A way to cover more: an E2T, a class, a radius and what to open.
struct Step {
    price: i64,
    gain: i64,
    instances: Vec<(usize, usize)>,
}

impl<'a> Search<'a> {
    /// Prepares distances.
    pub fn new(loops: &'a Loops<'a>, reach: &'a Reach) -> Self {
        let problem = loops.problem;
        let mut rows_of = vec![Vec::new(); problem.compute_nodes];
        for (row, wanted) in reach.rows.iter().enumerate() {
            for (node, rows) in rows_of.iter_mut().enumerate() {
                let latency = problem.to_compute(wanted.e2, node);
                if latency <= reach.radii[wanted.class].limit[node] {
                    rows.push((latency, row));
                }
            }
        }
        for rows in &mut rows_of {
            rows.sort_unstable();
        }
        Self { loops, reach, near: Near::new(problem), rows_of }
    }

    fn problem(&self) -> &'a Problem {
        self.loops.problem
    }

    /// A first layout, with no randomness: the best price per E2 node covered, again and again.
    pub fn construct(&self, control: &dyn Control) -> Option<Layout> {
        let mut layout = Layout::new(self.problem());
        self.complete(&mut layout, &mut Random::new(0), 0, control).then(|| self.pruned(layout))
    }

    /// Improves a layout for `rounds` rounds of ruin and rebuild; tells of every improvement.
    pub fn improve(
        &self,
        mut best: Layout,
        rounds: u64,
        seed: u64,
        control: &dyn Control,
        better: &mut dyn FnMut(&Layout),
    ) -> Layout {
        let mut random = Random::new(seed);
        let mut cost = best.cost(self.problem());
        let mut working = best.clone();
        for _ in 0..rounds {
            if control.should_stop() {
                break;
            }
            let mut candidate = working.clone();
            self.ruin(&mut candidate, &mut random);
            if !self.complete(&mut candidate, &mut random, 30, control) {
                continue;
            }
            let candidate = self.pruned(candidate);
            let found = candidate.cost(self.problem());
            // Equal cost moves on too: plateaus are wide.
            if found <= cost {
                working = candidate;
            }
            if found < cost {
                cost = found;
                best = working.clone();
                better(&best);
            }
        }
        best
    }

    /// Closes everything on some used nodes near each other.
    fn ruin(&self, layout: &mut Layout, random: &mut Random) {
        let problem = self.problem();
        let used: Vec<usize> = (0..problem.compute_nodes).filter(|node| layout.is_used(*node)).collect();
        if used.is_empty() {
            return;
        }
        let centre = used[random.below(used.len())];
        let most = (used.len() / 2).clamp(1, 8);
        let mut closest = used;
        closest.sort_by_key(|node| (problem.between(centre, *node), *node));
        for node in closest.into_iter().take(1 + random.below(most)) {
            for slot in 0..problem.components.len() {
                layout.close(problem, slot, node);
            }
        }
    }

    /// Opens until everything is covered. `noise` in percent blurs the choice. False if stuck.
    pub fn complete(&self, layout: &mut Layout, random: &mut Random, noise: u64, control: &dyn Control) -> bool {
        let problem = self.problem();
        loop {
            let (open, full) = uncovered(self.loops, self.reach, &layout.open);
            if open.is_empty() {
                break;
            }
            if control.should_stop() {
                return false;
            }
            let Some(step) = self.best_step(layout, (&open, &full), random, noise) else { return false };
            for (slot, node) in step.instances {
                layout.open(problem, slot, node);
            }
        }
        self.serve_free_slots(layout)
    }

    /// The best price per row gained among extensions that open something.
    fn best_step(
        &self,
        layout: &Layout,
        (open, full): (&[usize], &[(usize, usize)]),
        random: &mut Random,
        noise: u64,
    ) -> Option<Step> {
        let mut is_open = vec![false; self.reach.rows.len()];
        for row in open {
            is_open[*row] = true;
        }
        let mut best: Option<Step> = None;
        for (e2t, class, radius, gain, floor) in self.candidates(layout, full, &is_open) {
            // Candidates come with what their E2T alone costs, best first: the rest cannot win.
            if best.as_ref().is_some_and(|best| floor * 100 * best.gain >= best.price * gain) {
                break;
            }
            let found = cheapest(self.loops, &self.near, (layout, full), class, e2t, radius);
            let is_new = |(slot, node): &(usize, usize)| !layout.is_open(*slot, *node);
            let Some(found) = found.filter(|found| found.instances.iter().any(is_new)) else { continue };
            let blur = 100 + random.below(noise as usize + 1) as i64;
            let step = Step { price: found.price * blur, gain, instances: found.instances };
            if best.as_ref().is_none_or(|best| step.price * best.gain < best.price * step.gain) {
                best = Some(step);
            }
        }
        best
    }

    /// E2Ts with classes, radii to aim at, rows gained and price of the E2T, best price per row first.
    fn candidates(
        &self,
        layout: &Layout,
        full: &[(usize, usize)],
        is_open: &[bool],
    ) -> Vec<(usize, usize, i32, i64, i64)> {
        let problem = self.problem();
        let most = problem.components[E2T].serves_at_most.unwrap_or(usize::MAX);
        let mut candidates = Vec::new();
        let may = |node: &usize| layout.fits(problem, E2T, *node) && !full.contains(&(E2T, *node));
        for e2t in (0..problem.compute_nodes).filter(may) {
            let floor = layout.price(problem, E2T, e2t);
            for class in 0..self.loops.classes.len() {
                let wanted =
                    self.rows_of[e2t].iter().filter(|(_, row)| is_open[*row] && self.reach.rows[*row].class == class);
                let rows: Vec<i32> = wanted.map(|(latency, _)| *latency).take(most).collect();
                for index in targets(rows.len()) {
                    let gain = rows.partition_point(|latency| *latency <= rows[index]) as i64;
                    candidates.push((e2t, class, rows[index], gain, floor));
                }
            }
        }
        candidates.sort_by(|a, b| (a.4 * b.3, a.0, a.1, a.2).cmp(&(b.4 * a.3, b.0, b.1, b.2)));
        candidates
    }

    /// Opens slots that are in no loop where that is cheapest, for every class.
    fn serve_free_slots(&self, layout: &mut Layout) -> bool {
        let problem = self.problem();
        for slot in (0..problem.components.len()).filter(|slot| !self.loops.is_looped(*slot)) {
            for class in &self.loops.classes {
                if layout.open[slot].iter().any(|node| class.allowed[slot][*node]) {
                    continue;
                }
                let fitting = (0..problem.compute_nodes).filter(|node| class.allowed[slot][*node]);
                let fitting = fitting.filter(|node| layout.fits(problem, slot, *node));
                let Some(node) = fitting.min_by_key(|node| (layout.price(problem, slot, *node), *node)) else {
                    return false;
                };
                layout.open(problem, slot, node);
            }
        }
        !problem.is_assigned() || self.serve_limited_slots(layout)
    }

    /// Opens more of limited slots that are in no loop until everybody is served.
    fn serve_limited_slots(&self, layout: &mut Layout) -> bool {
        let problem = self.problem();
        loop {
            let Err(left) = serve(self.loops, &layout.open, None) else { return true };
            let Some(&e2) = left.e2_nodes.first() else { return false };
            let class = &self.loops.classes[self.loops.class_of[e2]];
            let mut opened = false;
            for slot in (0..problem.components.len()).filter(|slot| !self.loops.is_looped(*slot)) {
                let has_room = |node: &usize| class.allowed[slot][*node] && !left.full.contains(&(slot, *node));
                if layout.open[slot].iter().any(has_room) {
                    continue;
                }
                let closed = (0..problem.compute_nodes).filter(|node| class.allowed[slot][*node]);
                let closed = closed.filter(|node| !layout.is_open(slot, *node) && layout.fits(problem, slot, *node));
                let Some(node) = closed.min_by_key(|node| (layout.price(problem, slot, *node), *node)) else {
                    return false;
                };
                layout.open(problem, slot, node);
                opened = true;
            }
            if !opened {
                return false;
            }
        }
    }

    /// Closes what is not needed: the dearest nodes first, then single instances.
    pub fn pruned(&self, mut layout: Layout) -> Layout {
        let problem = self.problem();
        let mut nodes: Vec<usize> = (0..problem.compute_nodes).filter(|node| layout.is_used(*node)).collect();
        nodes.sort_by_key(|node| (std::cmp::Reverse(problem.fixed_cost[*node]), *node));
        for node in nodes {
            let mut without = layout.clone();
            for slot in 0..problem.components.len() {
                without.close(problem, slot, node);
            }
            if self.is_complete(&without) {
                layout = without;
            }
        }
        let mut singles: Vec<(i64, usize, usize)> = Vec::new();
        for (slot, places) in layout.open.iter().enumerate() {
            singles.extend(places.iter().map(|node| (-problem.instance_cost(slot, *node), slot, *node)));
        }
        singles.sort_unstable();
        for (_, slot, node) in singles {
            layout.close(problem, slot, node);
            if !self.is_complete(&layout) {
                layout.open(problem, slot, node);
            }
        }
        layout
    }

    /// Whether a layout covers everything.
    pub fn is_complete(&self, layout: &Layout) -> bool {
        free_slots_served(self.loops, &layout.open)
            && (layout.open[E2T].is_empty() <= self.reach.rows.is_empty())
            && uncovered(self.loops, self.reach, &layout.open).0.is_empty()
            && (!self.problem().is_assigned() || serve(self.loops, &layout.open, None).is_ok())
    }
}

/// Which of `count` rows, by distance, give the radius to aim at: all, three quarters, half, a quarter.
fn targets(count: usize) -> impl Iterator<Item = usize> {
    let mut indexes: Vec<usize> = [4, 3, 2, 1].iter().map(|quarter| count * quarter / 4).collect();
    indexes.dedup();
    indexes.into_iter().filter(|end| *end > 0).map(|end| end - 1)
}
