//! The program of classes: integers say how many requests are accepted in which way, flows say where
//! the bundles of each class run.
//!
//! A class that can run anywhere below a node flows into that node's hub, and from hub to hub down the
//! tree; other nodes it reaches directly. Where all instances need the same, the matrix of flows is a
//! network and whole by itself, so that only the acceptance variables are integer.
//!
//! ```text
//! maximize   Σ value·w[way]
//! subject to Σ_{ways of a group} w <= requests in the group
//!            Σ w[way]·(bundles of class C in the way) = Σ flow out of C          for each class C
//!            flow into hub = flow to its node + flow to the hubs below           for each hub, demand
//!            Σ demand·(flow into node) <= capacity                               for each node, resource
//! ```

use std::collections::BTreeMap;

use super::classes::{Class, Classes, Way};
use super::model::exact;
use super::options::Place;
use super::tree::narrow;
use crate::highs_model::{Kind, Model};

/// Requests that are worth the same and have ways of the same classes.
pub(crate) struct Group {
    /// The requests, ascending.
    pub(crate) requests: Vec<u32>,
    /// One variable per way.
    pub(crate) ways: Vec<usize>,
}

/// What requests of a group have in common: value, classes of each way, and the request itself if pinned.
type Shape = (i64, Vec<Vec<u32>>, Option<u32>);

/// The program and what its variables mean.
pub(crate) struct Flow {
    /// Minimizes the negated value, divided by `unit`.
    pub(crate) model: Model,
    /// The groups; they come first among the variables.
    pub(crate) groups: Vec<Group>,
    /// Variables that count acceptance: the first so many.
    pub(crate) counts: usize,
    /// Where flow goes: (from, to, variable), per demand.
    pub(crate) arcs: Vec<(Point, Point, usize)>,
    /// All values are multiples of this.
    pub(crate) unit: i64,
}

/// A place that flow passes; the model stands for a demand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Point {
    /// The bundles of a class.
    Class(u32),
    /// All nodes from here down.
    Hub(Place),
    /// Instances on a node.
    Node(Place),
}

/// Builds the program.
pub(crate) fn build(classes: &Classes<'_>) -> Flow {
    let mut builder = Builder::new(classes);
    builder.add_groups();
    builder.flow.counts = builder.flow.model.columns();
    for class in 0..narrow(classes.classes.len()) {
        builder.add_class(class);
    }
    builder.add_hubs();
    builder.add_conservation();
    builder.add_capacities();
    builder.flow
}

struct Builder<'c, 'p> {
    classes: &'c Classes<'p>,
    flow: Flow,
    children: Vec<Vec<u32>>,
    /// Nodes at and below each node.
    size: Vec<usize>,
    /// Nodes, ancestors before descendants.
    order: Vec<u32>,
    /// Per class, the acceptance variables that need it, and how often.
    needed: Vec<Vec<(usize, f64)>>,
}

impl<'c, 'p> Builder<'c, 'p> {
    fn new(classes: &'c Classes<'p>) -> Self {
        let nodes = &classes.problem.nodes;
        let mut children = vec![Vec::new(); nodes.len()];
        let mut order: Vec<u32> = Vec::with_capacity(nodes.len());
        for (at, node) in nodes.iter().enumerate() {
            match node.parent {
                Some(parent) => children[parent].push(narrow(at)),
                None => order.push(narrow(at)),
            }
        }
        let mut next = 0;
        while next < order.len() {
            order.extend_from_slice(&children[order[next] as usize]);
            next += 1;
        }
        let mut size = vec![1; nodes.len()];
        for &node in order.iter().rev() {
            size[node as usize] += children[node as usize].iter().map(|&child| size[child as usize]).sum::<usize>();
        }
        let values = classes.problem.requests.iter().map(|request| request.value);
        let unit = values.fold(0, super::model::common_divisor).max(1);
        let flow = Flow { model: Model::default(), groups: Vec::new(), counts: 0, arcs: Vec::new(), unit };
        Self { needed: vec![Vec::new(); classes.classes.len()], classes, flow, children, size, order }
    }

    fn add_groups(&mut self) {
        let mut groups: BTreeMap<Shape, Vec<u32>> = BTreeMap::new();
        for (request, ways) in self.classes.ways.iter().enumerate() {
            if ways.is_empty() {
                continue;
            }
            let shape = |way: &Way| way.iter().map(|bundle| bundle.0).collect();
            let alone = self.classes.forced[request].then_some(narrow(request));
            let key = (self.classes.problem.requests[request].value, ways.iter().map(shape).collect(), alone);
            groups.entry(key).or_default().push(narrow(request));
        }
        for ((value, shapes, alone), requests) in groups {
            let most = exact(i64::from(narrow(requests.len())));
            let least = if alone.is_some() { 1.0 } else { 0.0 };
            let mut ways = Vec::with_capacity(shapes.len());
            for shape in &shapes {
                let lower = if shapes.len() == 1 { least } else { 0.0 };
                let way = self.flow.model.column(-exact(value / self.flow.unit), lower, most, Kind::Integer);
                for part in shape.chunk_by(|one, other| one == other) {
                    self.needed[part[0] as usize].push((way, exact(i64::from(narrow(part.len())))));
                }
                ways.push(way);
            }
            if ways.len() > 1 {
                self.flow.model.row(least, most, ways.iter().map(|&way| (way, 1.0)));
            }
            self.flow.groups.push(Group { requests, ways });
        }
    }

    fn arc(&mut self, from: Point, to: Point) {
        let kind = if self.classes.is_unit { Kind::Continuous } else { Kind::Integer };
        let variable = self.flow.model.column(0.0, 0.0, f64::INFINITY, kind);
        self.flow.arcs.push((from, to, variable));
    }

    /// Whole subtrees of one demand go to their hub, other nodes are reached directly.
    fn add_class(&mut self, class: u32) {
        if self.needed[class as usize].is_empty() {
            return;
        }
        let places = &self.classes.classes[class as usize];
        let below = self.counted_below(places);
        for place in places {
            let is_whole = |node: u32| {
                below.get(&Place { node, model: place.model }) == Some(&self.size[node as usize])
                    && self.size[node as usize] > 1
            };
            let above = self.classes.problem.nodes[place.node as usize].parent.map(narrow);
            if above.is_some_and(is_whole) {
                continue;
            }
            let to = if is_whole(place.node) { Point::Hub(*place) } else { Point::Node(*place) };
            self.arc(Point::Class(class), to);
        }
    }

    /// Per node and demand, how many nodes at and below it the class has at that demand.
    fn counted_below(&self, places: &Class) -> BTreeMap<Place, usize> {
        let mut below: BTreeMap<Place, usize> = BTreeMap::new();
        let mut queue: Vec<(usize, Place)> = Vec::with_capacity(places.len());
        queue.extend(places.iter().map(|&place| (self.depth_rank(place.node), place)));
        queue.sort_unstable();
        for &(_, place) in queue.iter().rev() {
            let children = self.children[place.node as usize].iter();
            let counts = children.filter_map(|&node| below.get(&Place { node, model: place.model }));
            let count = 1 + counts.sum::<usize>();
            below.insert(place, count);
        }
        below
    }

    fn depth_rank(&self, node: u32) -> usize {
        // Ancestors have larger subtrees, so fewer nodes rank behind them.
        usize::MAX - self.size[node as usize]
    }

    /// Every hub passes its flow on to its node and to the hubs (or leaves) below.
    fn add_hubs(&mut self) {
        let mut wanted: Vec<Vec<u32>> = vec![Vec::new(); self.size.len()];
        for (_, to, _) in &self.flow.arcs {
            if let Point::Hub(place) = to
                && !wanted[place.node as usize].contains(&place.model)
            {
                wanted[place.node as usize].push(place.model);
            }
        }
        for at in 0..self.order.len() {
            let node = self.order[at];
            let mut models = std::mem::take(&mut wanted[node as usize]);
            models.sort_unstable();
            for model in models {
                let hub = Point::Hub(Place { node, model });
                self.arc(hub, Point::Node(Place { node, model }));
                for child in self.children[node as usize].clone() {
                    let place = Place { node: child, model };
                    if self.size[child as usize] == 1 {
                        self.arc(hub, Point::Node(place));
                        continue;
                    }
                    self.arc(hub, Point::Hub(place));
                    if !wanted[child as usize].contains(&model) {
                        wanted[child as usize].push(model);
                    }
                }
            }
        }
    }

    fn add_conservation(&mut self) {
        let mut rows: BTreeMap<Point, Vec<(usize, f64)>> = BTreeMap::new();
        for &(from, to, variable) in &self.flow.arcs {
            rows.entry(from).or_default().push((variable, -1.0));
            if matches!(to, Point::Hub(_)) {
                rows.entry(to).or_default().push((variable, 1.0));
            }
        }
        for (class, needed) in self.needed.iter().enumerate() {
            if !needed.is_empty() {
                rows.entry(Point::Class(narrow(class))).or_default().extend(needed);
            }
        }
        for terms in rows.into_values() {
            self.flow.model.row(0.0, 0.0, terms);
        }
    }

    fn add_capacities(&mut self) {
        let mut into: BTreeMap<u32, Vec<(u32, usize)>> = BTreeMap::new();
        for &(_, to, variable) in &self.flow.arcs {
            if let Point::Node(place) = to {
                into.entry(place.node).or_default().push((place.model, variable));
            }
        }
        let problem = self.classes.problem;
        for (node, arcs) in into {
            for (resource, &capacity) in problem.nodes[node as usize].capacity.iter().enumerate() {
                let demand = |model: u32| problem.models[model as usize].demand[resource];
                let divisor = arcs.iter().map(|&(model, _)| demand(model)).fold(0, super::model::common_divisor);
                if divisor > 0 {
                    let terms = arcs.iter().filter(|&&(model, _)| demand(model) > 0);
                    let terms = terms.map(|&(model, variable)| (variable, exact(demand(model) / divisor)));
                    self.flow.model.row(f64::NEG_INFINITY, exact(capacity / divisor), terms);
                }
            }
        }
    }
}

/// Where the bundles of each class run: per class, how many on which place. None if a flow is no whole
/// number.
pub(crate) fn decode(flow: &Flow, values: &[f64]) -> Option<BTreeMap<u32, Vec<(Place, u32)>>> {
    let mut out: BTreeMap<Point, Vec<(Point, u32)>> = BTreeMap::new();
    for &(from, to, variable) in &flow.arcs {
        let amount = values[variable].round();
        if (values[variable] - amount).abs() > 1e-5 || amount < 0.0 {
            return None;
        }
        if amount > 0.0 {
            // Whole and at most the number of targets.
            out.entry(from).or_default().push((to, amount as u32));
        }
    }
    let classes: Vec<u32> =
        out.keys().filter_map(|point| if let Point::Class(class) = point { Some(*class) } else { None }).collect();
    let mut running = BTreeMap::new();
    for class in classes {
        let mut places = Vec::new();
        let mut left = out.remove(&Point::Class(class)).unwrap_or_default();
        while let Some((point, amount)) = left.pop() {
            match point {
                Point::Node(place) => places.push((place, amount)),
                // What came into a hub leaves it again, by whichever way still has flow.
                Point::Hub(_) => left.extend(take(out.get_mut(&point)?, amount)?),
                Point::Class(_) => return None,
            }
        }
        running.insert(class, places);
    }
    Some(running)
}

fn take(ways: &mut Vec<(Point, u32)>, mut amount: u32) -> Option<Vec<(Point, u32)>> {
    let mut taken = Vec::new();
    while amount > 0 {
        let (point, left) = ways.pop()?;
        let used = left.min(amount);
        taken.push((point, used));
        amount -= used;
        if left > used {
            ways.push((point, left - used));
        }
    }
    Some(taken)
}
