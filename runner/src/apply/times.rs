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
}

/// Collects what a step took on each device.
#[derive(Debug, Default)]
pub(super) struct Times(BTreeMap<&'static str, Timing>);

impl Times {
    /// Takes note of one device.
    pub(super) fn add(&mut self, way: &'static str, device: &Address, took: Duration) {
        let new = || Timing { way, devices: 0, longest: Duration::ZERO, slowest: device.clone(), sum: Duration::ZERO };
        let entry = self.0.entry(way).or_insert_with(new);
        entry.devices += 1;
        entry.sum += took;
        if (took, std::cmp::Reverse(device)) > (entry.longest, std::cmp::Reverse(&entry.slowest)) {
            (entry.longest, entry.slowest) = (took, device.clone());
        }
    }

    /// What was noted since the last call.
    pub(super) fn take(&mut self) -> Vec<Timing> {
        std::mem::take(&mut self.0).into_values().collect()
    }
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
        assert!(times.take().is_empty());
    }
}
