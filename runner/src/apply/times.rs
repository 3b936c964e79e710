//! How long each step took, by the way to the devices.

use std::collections::BTreeMap;
use std::time::Duration;

use ranform_network::Address;

/// How long a step took on the devices that are reached the same way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timing {
    /// The way: `directory`, `netconf`, `kubernetes`, `a1`.
    pub way: &'static str,
    /// How many devices.
    pub devices: usize,
    /// The longest that it took on one of them, waiting for its turn left out.
    pub longest: Duration,
    /// Where it took that long; the first of several.
    pub slowest: Address,
    /// All of them together.
    pub sum: Duration,
    /// What it took on each, the longest first.
    pub each: Vec<(Address, Duration)>,
}

/// Collects what a step took on each device.
#[derive(Debug, Default)]
pub(super) struct Times(BTreeMap<&'static str, Vec<(Address, Duration)>>);

impl Times {
    /// Takes note of one device.
    pub(super) fn add(&mut self, way: &'static str, device: &Address, took: Duration) {
        self.0.entry(way).or_default().push((device.clone(), took));
    }

    /// What was noted since the last call.
    pub(super) fn take(&mut self) -> Vec<Timing> {
        std::mem::take(&mut self.0).into_iter().filter_map(|(way, each)| timing(way, each)).collect()
    }
}

/// None of no device.
fn timing(way: &'static str, mut each: Vec<(Address, Duration)>) -> Option<Timing> {
    each.sort_by(|(a, took), (b, other)| other.cmp(took).then(a.cmp(b)));
    let (slowest, longest) = each.first()?.clone();
    Some(Timing { way, devices: each.len(), longest, slowest, sum: each.iter().map(|(_, took)| *took).sum(), each })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slowest_of_each_way_is_named() {
        let mut times = Times::default();
        for (way, name, took) in [("netconf", "a", 3), ("netconf", "b", 7), ("netconf", "c", 7), ("a1", "d", 1)] {
            times.add(way, &Address::new("node", name), Duration::from_secs(took));
        }
        let found = times.take();
        let told: Vec<_> =
            found.iter().map(|one| (one.way, one.devices, one.slowest.as_str(), one.sum.as_secs())).collect();
        assert_eq!(told, [("a1", 1, "node.d", 1), ("netconf", 3, "node.b", 17)]);
        let each: Vec<_> = found[1].each.iter().map(|(at, took)| (at.as_str(), took.as_secs())).collect();
        assert_eq!(each, [("node.b", 7), ("node.c", 7), ("node.a", 3)]);
        assert!(times.take().is_empty());
    }
}
