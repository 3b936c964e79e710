//! What a node of a cluster has left beside what others run on it.

use std::collections::BTreeMap;

use ranform_targets::kubernetes::amount;
use serde_json::Value;

/// What a node can give, by the names of the cluster.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Room {
    /// What it has for pods.
    pub allocatable: BTreeMap<String, f64>,
    /// What pods of others ask for.
    pub taken: BTreeMap<String, f64>,
    /// Why it takes no pods at all, where it does not.
    pub closed: Option<String>,
}

/// The room of a node; `others` are the pods on it that are not ours.
pub fn room(node: &Value, others: &[Value]) -> Room {
    let mut room = Room { allocatable: amounts(node.pointer("/status/allocatable")), ..Room::default() };
    for pod in others.iter().filter(|pod| !is_over(pod)) {
        for (name, amount) in requests(pod) {
            *room.taken.entry(name).or_insert(0.0) += amount;
        }
    }
    if node.pointer("/spec/unschedulable").and_then(Value::as_bool) == Some(true) {
        room.closed = Some("it is cordoned (`kubectl uncordon` opens it again)".to_owned());
    }
    room
}

impl Room {
    /// What is too little for a demand by the names of the cluster: resource, wanted, left.
    pub fn lacks(&self, demand: &BTreeMap<String, f64>) -> Vec<(String, f64, f64)> {
        let left = |name: &str| {
            self.allocatable.get(name).copied().unwrap_or(0.0) - self.taken.get(name).copied().unwrap_or(0.0)
        };
        let lacking = demand.iter().map(|(name, wanted)| (name.clone(), *wanted, left(name)));
        lacking.filter(|(_, wanted, left)| *wanted > *left + 1e-9).collect()
    }
}

fn is_over(pod: &Value) -> bool {
    matches!(pod.pointer("/status/phase").and_then(Value::as_str), Some("Succeeded" | "Failed"))
}

/// What a pod asks for: all its containers, or its greediest init container where that is more (as the scheduler counts).
fn requests(pod: &Value) -> BTreeMap<String, f64> {
    let of = |path: &str| {
        let containers = pod.pointer(path).and_then(Value::as_array).into_iter().flatten();
        containers.map(|container| amounts(container.pointer("/resources/requests"))).collect::<Vec<_>>()
    };
    let mut sums = amounts(pod.pointer("/spec/overhead"));
    for container in of("/spec/containers") {
        for (name, amount) in container {
            *sums.entry(name).or_insert(0.0) += amount;
        }
    }
    for init in of("/spec/initContainers") {
        for (name, amount) in init {
            let most = sums.entry(name).or_insert(0.0);
            *most = most.max(amount);
        }
    }
    sums
}

fn amounts(quantities: Option<&Value>) -> BTreeMap<String, f64> {
    let pairs = quantities.and_then(Value::as_object).into_iter().flatten();
    pairs.filter_map(|(name, quantity)| Some((name.clone(), amount(quantity.as_str()?)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn room_is_what_pods_of_others_leave() {
        let node = json!({"status": {"allocatable": {"cpu": "8", "memory": "32Gi"}}});
        let pod = json!({"spec": {
            "containers": [{"resources": {"requests": {"cpu": "1500m", "memory": "1Gi"}}}, {"resources": {"requests": {"cpu": "1"}}}],
            "initContainers": [{"resources": {"requests": {"cpu": "3"}}}]}, "status": {"phase": "Running"}});
        let over = json!({"spec": {"containers": [{"resources": {"requests": {"cpu": "8"}}}]}, "status": {"phase": "Succeeded"}});
        let room = room(&node, &[pod, over]);
        assert_eq!(room.taken["cpu"], 3.0);
        assert!(room.lacks(&BTreeMap::from([("cpu".to_owned(), 5.0)])).is_empty());
        assert_eq!(
            room.lacks(&BTreeMap::from([("cpu".to_owned(), 6.0), ("gpu".to_owned(), 1.0)])),
            [("cpu".to_owned(), 6.0, 5.0), ("gpu".to_owned(), 1.0, 0.0)]
        );
    }
}
