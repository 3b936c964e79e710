//! Exact reductions of the projected problem, repeated until nothing changes.
//!
//! Each rule keeps at least one optimal answer. Targets whose very column matters (contested by
//! controllers, or priced to move) are only ever shortened by columns that cannot help them.
//!
//! 1. a target without options rejects its request;
//! 2. a column without targets goes;
//! 3. a node with room for all its columns runs them all, and their targets are served;
//! 4. a column goes when another on its node needs no more, controls no more and serves no less;
//! 5. a target goes when another of its request has no further options: what serves that serves this;
//! 6. what is left falls into components that share neither node nor request.

use super::core::Core;
use super::tree::narrow;

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// To be decided.
    Open,
    /// Nothing stands in its way.
    Accepted,
    /// A target of it can be served nowhere.
    Rejected,
}

/// The projected problem after the reductions.
pub(crate) struct Reduced {
    /// Per column: still to be decided.
    pub(crate) undecided: Vec<bool>,
    /// Per column: runs in any case (its node has room for all).
    pub(crate) running: Vec<bool>,
    /// Per target: still to be covered.
    pub(crate) uncovered: Vec<bool>,
    /// Per request.
    pub(crate) fate: Vec<Fate>,
    /// Per target: the options left, undecided or running, sorted. Empty once covered.
    pub(crate) options: Vec<Vec<u32>>,
    /// Per column: the targets left.
    pub(crate) serves: Vec<Vec<u32>>,
    /// Whether a pinned request turned out to be impossible.
    pub(crate) impossible: bool,
}

/// Reduces `core` to a fixpoint.
pub(crate) fn presolve(core: &Core<'_>) -> Reduced {
    let mut work = Work::new(core);
    loop {
        work.changed = false;
        work.reject();
        work.drop_idle();
        work.fill_nodes();
        work.dominate_columns();
        work.dominate_targets();
        if !work.changed {
            return work.finish();
        }
    }
}

struct Work<'c, 'p> {
    core: &'c Core<'p>,
    reduced: Reduced,
    /// Undecided columns by node.
    on_node: Vec<Vec<u32>>,
    /// Nodes whose columns changed since they were last looked at.
    dirty: Vec<bool>,
    changed: bool,
}

impl<'c, 'p> Work<'c, 'p> {
    fn new(core: &'c Core<'p>) -> Self {
        let mut on_node = vec![Vec::new(); core.problem.nodes.len()];
        for column in 0..narrow(core.columns.len()) {
            on_node[core.node(column)].push(column);
        }
        let reduced = Reduced {
            undecided: vec![true; core.columns.len()],
            running: vec![false; core.columns.len()],
            uncovered: vec![true; core.targets.len()],
            fate: vec![Fate::Open; core.requests.len()],
            options: core.targets.iter().map(|target| target.options.clone()).collect(),
            serves: core.columns.iter().map(|column| column.targets.clone()).collect(),
            impossible: false,
        };
        Self { core, reduced, dirty: vec![true; on_node.len()], on_node, changed: false }
    }

    /// Rule 1, and its opposite: a request with nothing left to cover is accepted.
    fn reject(&mut self) {
        for request in 0..self.core.requests.len() {
            if self.reduced.fate[request] != Fate::Open {
                continue;
            }
            let entry = &self.core.requests[request];
            let mut left = entry.targets.iter().filter(|&&target| self.reduced.uncovered[target as usize]).peekable();
            let is_worthless = entry.value < 0 && !entry.forced;
            if left.peek().is_none() && !is_worthless {
                self.reduced.fate[request] = Fate::Accepted;
                self.changed = true;
            } else if is_worthless || left.any(|&target| self.reduced.options[target as usize].is_empty()) {
                self.reduced.fate[request] = Fate::Rejected;
                self.reduced.impossible |= entry.forced;
                self.changed = true;
                for &target in &entry.targets {
                    self.release(target);
                }
            }
        }
    }

    /// A target that no longer has to be covered.
    fn release(&mut self, target: u32) {
        let at = target as usize;
        if !std::mem::replace(&mut self.reduced.uncovered[at], false) {
            return;
        }
        self.changed = true;
        for column in std::mem::take(&mut self.reduced.options[at]) {
            self.reduced.serves[column as usize].retain(|&served| served != target);
            self.dirty[self.core.node(column)] = true;
        }
    }

    /// A column that is not worth running.
    fn close(&mut self, column: u32) {
        self.reduced.undecided[column as usize] = false;
        self.changed = true;
        self.dirty[self.core.node(column)] = true;
        for target in std::mem::take(&mut self.reduced.serves[column as usize]) {
            self.reduced.options[target as usize].retain(|&option| option != column);
        }
    }

    /// Rule 2.
    fn drop_idle(&mut self) {
        for node in 0..self.on_node.len() {
            if !self.dirty[node] {
                continue;
            }
            let idle = |column: &&u32| self.reduced.serves[**column as usize].is_empty();
            let idle: Vec<u32> = self.on_node[node].iter().filter(idle).copied().collect();
            for &column in &idle {
                self.close(column);
            }
            self.on_node[node].retain(|&column| self.reduced.undecided[column as usize]);
        }
    }

    /// Rule 3.
    fn fill_nodes(&mut self) {
        for node in 0..self.on_node.len() {
            if !self.dirty[node] || self.on_node[node].is_empty() || !self.has_room_for_all(node) {
                continue;
            }
            self.changed = true;
            let columns = std::mem::take(&mut self.on_node[node]);
            for &column in &columns {
                self.reduced.undecided[column as usize] = false;
                self.reduced.running[column as usize] = true;
            }
            for &column in &columns {
                for target in self.reduced.serves[column as usize].clone() {
                    if self.is_served_freely(column, target) {
                        self.release(target);
                    }
                }
            }
        }
    }

    fn has_room_for_all(&self, node: usize) -> bool {
        let capacity = &self.core.problem.nodes[node].capacity;
        capacity.iter().enumerate().all(|(resource, &capacity)| {
            let demands = self.on_node[node].iter().map(|&column| i128::from(self.core.demand(column)[resource]));
            demands.sum::<i128>() <= i128::from(capacity)
        })
    }

    /// Whether a running column settles the target for good.
    fn is_served_freely(&self, column: u32, target: u32) -> bool {
        let entry = &self.core.targets[target as usize];
        entry.current.is_none_or(|current| current == column)
            && (!entry.contested || self.core.controls(column).is_empty())
    }

    /// Rule 4. Rivals of a column are found among the options of one of its targets.
    fn dominate_columns(&mut self) {
        for node in 0..self.on_node.len() {
            if !std::mem::replace(&mut self.dirty[node], false) {
                continue;
            }
            let mut closed = Vec::new();
            for &column in &self.on_node[node] {
                if !self.is_current_of_some(column) && self.has_rival(column, node, &closed) {
                    closed.push(column);
                }
            }
            for &column in &closed {
                self.close(column);
            }
            self.on_node[node].retain(|&column| self.reduced.undecided[column as usize]);
            // Closing made the node dirty for rules 2 to 4 again only if something was closed.
            self.dirty[node] = !closed.is_empty();
        }
    }

    fn is_current_of_some(&self, column: u32) -> bool {
        let served = &self.reduced.serves[column as usize];
        served.iter().any(|&target| self.core.targets[target as usize].current == Some(column))
    }

    fn has_rival(&self, column: u32, node: usize, closed: &[u32]) -> bool {
        let serves = &self.reduced.serves[column as usize];
        let Some(&first) = serves.iter().min_by_key(|&&target| self.reduced.options[target as usize].len()) else {
            return false;
        };
        self.reduced.options[first as usize].iter().any(|&rival| {
            rival != column
                && self.core.node(rival) == node
                && self.reduced.undecided[rival as usize]
                && !closed.contains(&rival)
                && self.is_at_least_as_good(rival, column)
        })
    }

    fn is_at_least_as_good(&self, rival: u32, column: u32) -> bool {
        let (needs, offers) = (self.core.demand(rival), self.core.demand(column));
        needs.iter().zip(offers).all(|(rival, column)| rival <= column)
            && is_sorted_subset(&self.reduced.serves[column as usize], &self.reduced.serves[rival as usize])
            && self.core.controls(rival).iter().all(|parameter| self.core.controls(column).contains(parameter))
    }

    /// Rule 5.
    fn dominate_targets(&mut self) {
        for request in 0..self.core.requests.len() {
            if self.reduced.fate[request] != Fate::Open {
                continue;
            }
            let targets = &self.core.requests[request].targets;
            let left: Vec<u32> =
                targets.iter().copied().filter(|&target| self.reduced.uncovered[target as usize]).collect();
            for &easy in &left {
                let is_implied = |&hard: &u32| {
                    hard != easy
                        && self.reduced.uncovered[hard as usize]
                        && is_sorted_subset(&self.reduced.options[hard as usize], &self.reduced.options[easy as usize])
                };
                if !self.core.targets[easy as usize].is_protected() && left.iter().any(is_implied) {
                    self.release(easy);
                }
            }
        }
    }

    fn finish(self) -> Reduced {
        self.reduced
    }
}

/// Whether sorted `small` lies within sorted `large`.
fn is_sorted_subset(small: &[u32], large: &[u32]) -> bool {
    if small.len() > large.len() {
        return false;
    }
    let mut rest = large.iter();
    small.iter().all(|item| rest.any(|other| other == item))
}

/// Rule 6: undecided columns, uncovered targets and open requests that hang together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Component {
    /// Undecided columns, sorted.
    pub(crate) columns: Vec<u32>,
    /// Open requests, sorted.
    pub(crate) requests: Vec<u32>,
}

/// Splits what is left. Contested targets on one node hang together too.
pub(crate) fn components(core: &Core<'_>, reduced: &Reduced) -> Vec<Component> {
    let nodes = core.problem.nodes.len();
    let mut groups = Groups::new(nodes + core.requests.len() + nodes);
    for request in open_requests(core, reduced) {
        for &target in &core.requests[request].targets {
            for &column in &reduced.options[target as usize] {
                if reduced.undecided[column as usize] {
                    groups.join(nodes + request, core.node(column));
                }
            }
            if reduced.uncovered[target as usize] && core.targets[target as usize].contested {
                groups.join(nodes + request, nodes + core.requests.len() + core.target_node(target));
            }
        }
    }
    let mut number = vec![usize::MAX; groups.parent.len()];
    let mut parts: Vec<Component> = Vec::new();
    for request in open_requests(core, reduced) {
        let root = groups.root(nodes + request);
        if number[root] == usize::MAX {
            number[root] = parts.len();
            parts.push(Component::default());
        }
        parts[number[root]].requests.push(narrow(request));
    }
    for column in (0..narrow(core.columns.len())).filter(|&column| reduced.undecided[column as usize]) {
        let root = groups.root(core.node(column));
        if let Some(part) = parts.get_mut(number[root]) {
            part.columns.push(column);
        }
    }
    parts
}

fn open_requests<'a>(core: &'a Core<'_>, reduced: &'a Reduced) -> impl Iterator<Item = usize> + 'a {
    (0..core.requests.len()).filter(|&request| reduced.fate[request] == Fate::Open)
}

struct Groups {
    parent: Vec<usize>,
}

impl Groups {
    fn new(count: usize) -> Self {
        Self { parent: (0..count).collect() }
    }

    fn root(&mut self, mut item: usize) -> usize {
        while self.parent[item] != item {
            self.parent[item] = self.parent[self.parent[item]];
            item = self.parent[item];
        }
        item
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.root(one), self.root(other));
        self.parent[one.max(other)] = one.min(other);
    }
}
