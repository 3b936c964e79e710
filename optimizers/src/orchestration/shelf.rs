//! Bundles put on nodes one by one, moving others aside where that makes room.
//!
//! Where all instances need the same, this is a flow found by augmenting paths: a bundle fits iff the
//! others can be rearranged for it, and classes that cannot grow any more are remembered. Otherwise a
//! bundle goes where it fits now, on the node that the fewest others can use.

use super::classes::Classes;

/// Nodes, what they hold, and for which class.
pub(crate) struct Shelf<'c, 'p> {
    classes: &'c Classes<'p>,
    /// What is left, by node and resource.
    room: Vec<i64>,
    /// Per class and place of it, how many run there.
    held: Vec<Vec<u32>>,
    /// Per node, the classes that can use it and the index of their place.
    users: Vec<Vec<(u32, u32)>>,
    /// Per class, its places from the least to the most wanted node.
    order: Vec<Vec<u32>>,
    /// Classes that can never grow again.
    full: Vec<bool>,
    seen_class: Vec<u32>,
    seen_node: Vec<u32>,
    stamp: u32,
    /// How each class was reached: from the node, and by which of its places.
    class_from: Vec<u32>,
    node_from: Vec<(u32, u32)>,
}

impl<'c, 'p> Shelf<'c, 'p> {
    /// Empty nodes.
    pub(crate) fn new(classes: &'c Classes<'p>) -> Self {
        let nodes = classes.problem.nodes.len();
        let count = classes.classes.len();
        let mut users = vec![Vec::new(); nodes];
        for (class, places) in (0u32..).zip(&classes.classes) {
            for (at, place) in (0u32..).zip(places) {
                users[place.node as usize].push((class, at));
            }
        }
        let order = classes.classes.iter().map(|places| {
            let mut order: Vec<u32> = (0u32..).zip(places).map(|(at, _)| at).collect();
            order.sort_by_key(|&at| users[places[at as usize].node as usize].len());
            order
        });
        Self {
            room: classes.problem.nodes.iter().flat_map(|node| node.capacity.iter().copied()).collect(),
            held: classes.classes.iter().map(|places| vec![0; places.len()]).collect(),
            order: order.collect(),
            users,
            full: vec![false; count],
            seen_class: vec![0; count],
            seen_node: vec![0; nodes],
            stamp: 0,
            class_from: vec![0; count],
            node_from: vec![(0, 0); nodes],
            classes,
        }
    }

    /// Puts all bundles of these classes on nodes, or none of them.
    pub(crate) fn add_all(&mut self, bundles: impl Iterator<Item = u32>) -> bool {
        let mut added = Vec::new();
        for class in bundles {
            if self.add(class, added.is_empty()) {
                added.push(class);
                continue;
            }
            for class in added {
                self.remove(class);
            }
            return false;
        }
        true
    }

    /// Where the bundles of each class run: places and how many.
    pub(crate) fn held(&self, class: u32) -> impl Iterator<Item = (super::options::Place, u32)> {
        let places = &self.classes.classes[class as usize];
        places.iter().copied().zip(self.held[class as usize].iter().copied()).filter(|(_, count)| *count > 0)
    }

    fn add(&mut self, class: u32, is_settled: bool) -> bool {
        if self.full[class as usize] {
            return false;
        }
        if let Some(&at) = self.order[class as usize].iter().find(|&&at| self.has_room(class, at)) {
            self.change(class, at, 1);
            return true;
        }
        if !self.classes.is_unit {
            return false;
        }
        self.augment(class, is_settled)
    }

    fn remove(&mut self, class: u32) {
        let held = self.held[class as usize].iter().position(|&count| count > 0);
        if let Some(at) = held {
            self.change(class, super::tree::narrow(at), -1);
        }
    }

    fn demand(&self, class: u32, at: u32) -> (usize, &'p [i64]) {
        let place = self.classes.classes[class as usize][at as usize];
        let demand = &self.classes.problem.models[place.model as usize].demand;
        (place.node as usize * demand.len(), demand)
    }

    fn has_room(&self, class: u32, at: u32) -> bool {
        let (first, demand) = self.demand(class, at);
        demand.iter().zip(&self.room[first..]).all(|(demand, room)| demand <= room)
    }

    fn change(&mut self, class: u32, at: u32, by: i32) {
        let (first, demand) = self.demand(class, at);
        for (room, demand) in self.room[first..].iter_mut().zip(demand) {
            *room -= demand * i64::from(by);
        }
        let held = &mut self.held[class as usize][at as usize];
        *held = held.saturating_add_signed(by);
    }

    /// Breadth first over classes and nodes to a node with room; then everything on the way moves on.
    /// A failure with nothing tentative on the shelf is final for all classes seen.
    fn augment(&mut self, start: u32, is_settled: bool) -> bool {
        self.stamp += 1;
        let mut queue = vec![start];
        self.seen_class[start as usize] = self.stamp;
        let mut next = 0;
        while next < queue.len() {
            let class = queue[next];
            next += 1;
            for at in 0..super::tree::narrow(self.held[class as usize].len()) {
                let node = self.classes.classes[class as usize][at as usize].node;
                if self.seen_node[node as usize] == self.stamp {
                    continue;
                }
                self.seen_node[node as usize] = self.stamp;
                self.node_from[node as usize] = (class, at);
                if self.has_room(class, at) {
                    self.shift(start, node);
                    return true;
                }
                for user in 0..self.users[node as usize].len() {
                    let (other, place) = self.users[node as usize][user];
                    let holds = self.held[other as usize][place as usize] > 0;
                    if holds && self.seen_class[other as usize] != self.stamp {
                        self.seen_class[other as usize] = self.stamp;
                        self.class_from[other as usize] = node;
                        queue.push(other);
                    }
                }
            }
        }
        if is_settled {
            for class in queue {
                self.full[class as usize] = true;
            }
        }
        false
    }

    fn shift(&mut self, start: u32, mut node: u32) {
        loop {
            let (class, at) = self.node_from[node as usize];
            self.change(class, at, 1);
            if class == start {
                return;
            }
            node = self.class_from[class as usize];
            let places = &self.classes.classes[class as usize];
            let left = places.iter().position(|place| place.node == node);
            if let Some(left) = left {
                self.change(class, super::tree::narrow(left), -1);
            }
        }
    }
}
