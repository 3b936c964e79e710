//! What a node of a cluster has left beside what others run on it.

use std::collections::BTreeMap;

use ranform_network::network::Toleration;
use ranform_targets::kubernetes::{amount, toleration};
use serde_json::{Value, json};

/// The resource that every pod takes one of, as nodes call it.
pub const PODS: &str = "pods";

/// What a node can give, by the names of the cluster.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Room {
    /// What it has for pods.
    pub allocatable: BTreeMap<String, f64>,
    /// What pods of others ask for.
    pub taken: BTreeMap<String, f64>,
    /// Why it takes no pods at all, where it does not.
    pub closed: Option<String>,
    /// Why it is not ready, where it is not: nothing stops or starts there.
    pub unready: Option<String>,
}

/// The room of a node; `ours` and `others` are the pods on it. What the plan's pods tolerate they do, and what ours that run
/// there tolerate (admission may have said so) every new one of ours does.
pub fn room(node: &Value, ours: &[Value], others: &[Value], planned: &[Toleration]) -> Room {
    let mut room = Room { allocatable: amounts(node.pointer("/status/allocatable")), ..Room::default() };
    for pod in others.iter().filter(|pod| !is_over(pod)) {
        *room.taken.entry(PODS.to_owned()).or_insert(0.0) += 1.0;
        for (name, amount) in requests(pod) {
            *room.taken.entry(name).or_insert(0.0) += amount;
        }
    }
    room.unready = node_unready(node);
    let not_ready = || room.unready.as_ref().map(|why| format!("it is not ready ({why})"));
    room.closed = cordoned(node).or_else(not_ready).or_else(|| tainted(node, ours, planned));
    room
}

fn cordoned(node: &Value) -> Option<String> {
    let cordoned = node.pointer("/spec/unschedulable").and_then(Value::as_bool) == Some(true);
    cordoned.then(|| "it is cordoned (`kubectl uncordon` opens it again)".to_owned())
}

/// What its kubelet, or who misses that, says of a node that is not ready.
pub fn node_unready(node: &Value) -> Option<String> {
    let conditions = node.pointer("/status/conditions").and_then(Value::as_array).into_iter().flatten();
    let text = |one: &Value, name: &str| one.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let ready = conditions.into_iter().find(|one| text(one, "type") == "Ready")?;
    let (reason, message) = (text(ready, "reason"), text(ready, "message"));
    (text(ready, "status") != "True").then(|| format!("{reason}: {message}").trim_matches([':', ' ']).to_owned())
}

/// The first taint that keeps pods away which do not tolerate it, and that none of ours tolerates.
fn tainted(node: &Value, ours: &[Value], planned: &[Toleration]) -> Option<String> {
    let planned: Vec<Value> = planned.iter().map(|one| json!(toleration(one))).collect();
    let taints = node.pointer("/spec/taints").and_then(Value::as_array).into_iter().flatten();
    let text = |one: &Value, name: &str| one.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let keeps = |taint: &&Value| {
        let tolerated = |pod: &Value| {
            let all = pod.pointer("/spec/tolerations").and_then(Value::as_array);
            all.into_iter().flatten().any(|one| tolerates(one, taint))
        };
        let by_plan = planned.iter().any(|one| tolerates(one, taint));
        matches!(text(taint, "effect").as_str(), "NoSchedule" | "NoExecute") && !by_plan && !ours.iter().any(tolerated)
    };
    let taint = taints.into_iter().find(keeps)?;
    let (key, value, effect) = (text(taint, "key"), text(taint, "value"), text(taint, "effect"));
    let value = if value.is_empty() { value } else { format!("={value}") };
    let name = node.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
    Some(format!(
        "it has the taint `{key}{value}:{effect}`, which no pod of the plan tolerates; write `tolerates \
         \"{key}{value}:{effect}\"` into the node where it is meant to run them (`kubectl taint node {name} \
         {key}:{effect}-` takes the taint away)"
    ))
}

/// As the scheduler matches them: no key is every key, no effect every effect.
fn tolerates(toleration: &Value, taint: &Value) -> bool {
    let text = |one: &Value, name: &str| one.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let any_or_same = |name: &str| text(toleration, name).is_empty() || text(toleration, name) == text(taint, name);
    let exists = text(toleration, "operator") == "Exists";
    let value = exists || text(toleration, "value") == text(taint, "value");
    let key = text(toleration, "key") == text(taint, "key") || exists && text(toleration, "key").is_empty();
    key && value && any_or_same("effect")
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

/// What a pod asks for, as the scheduler counts: all its containers and the init containers that run beside them
/// (`restartPolicy: Always`), or more where another init container needs more beside those that were started before it; or
/// what is written for the pod as a whole; and the overhead of its runtime class.
fn requests(pod: &Value) -> BTreeMap<String, f64> {
    let containers = |path: &str| pod.pointer(path).and_then(Value::as_array).into_iter().flatten();
    let asked = |container: &Value| amounts(container.pointer("/resources/requests"));
    let mut sums = BTreeMap::new();
    containers("/spec/containers").for_each(|container| add(&mut sums, &asked(container)));
    let (mut beside, mut most) = (BTreeMap::new(), BTreeMap::new());
    for init in containers("/spec/initContainers") {
        let asked = asked(init);
        let mut now = beside.clone();
        add(&mut now, &asked);
        if init.get("restartPolicy").and_then(Value::as_str) == Some("Always") {
            add(&mut sums, &asked);
            beside.clone_from(&now);
        }
        at_least(&mut most, &now);
    }
    at_least(&mut sums, &most);
    sums.extend(amounts(pod.pointer("/spec/resources/requests")));
    add(&mut sums, &amounts(pod.pointer("/spec/overhead")));
    sums
}

fn add(sums: &mut BTreeMap<String, f64>, more: &BTreeMap<String, f64>) {
    more.iter().for_each(|(name, amount)| *sums.entry(name.clone()).or_insert(0.0) += amount);
}

fn at_least(sums: &mut BTreeMap<String, f64>, least: &BTreeMap<String, f64>) {
    for (name, amount) in least {
        let sum = sums.entry(name.clone()).or_insert(0.0);
        *sum = sum.max(*amount);
    }
}

fn amounts(quantities: Option<&Value>) -> BTreeMap<String, f64> {
    let pairs = quantities.and_then(Value::as_object).into_iter().flatten();
    pairs.filter_map(|(name, quantity)| Some((name.clone(), amount(quantity.as_str()?)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_what_pods_of_others_leave() {
        let node = json!({"status": {"allocatable": {"cpu": "8", "memory": "32Gi", "pods": "3"}}});
        let pod = json!({"spec": {
            "containers": [{"resources": {"requests": {"cpu": "1500m", "memory": "1Gi"}}}, {"resources": {"requests": {"cpu": "1"}}}],
            "initContainers": [{"resources": {"requests": {"cpu": "3"}}}]}, "status": {"phase": "Running"}});
        let over = |phase: &str| json!({"spec": {"containers": [{"resources": {"requests": {"cpu": "8"}}}]}, "status": {"phase": phase}});
        let room = room(&node, &[], &[pod, over("Succeeded"), over("Failed")], &[]);
        assert_eq!((room.taken["cpu"], room.taken[PODS]), (3.0, 1.0));
        assert!(room.lacks(&BTreeMap::from([("cpu".to_owned(), 5.0), (PODS.to_owned(), 2.0)])).is_empty());
        assert_eq!(
            room.lacks(&BTreeMap::from([("cpu".to_owned(), 6.0), ("gpu".to_owned(), 1.0), (PODS.to_owned(), 3.0)])),
            [("cpu".to_owned(), 6.0, 5.0), ("gpu".to_owned(), 1.0, 0.0), (PODS.to_owned(), 3.0, 2.0)]
        );
    }

    #[test]
    fn pods_ask_for_what_the_scheduler_counts() {
        let asks = |cpu: &str| json!({"resources": {"requests": {"cpu": cpu}}});
        let beside = |cpu: &str| json!({"resources": {"requests": {"cpu": cpu}}, "restartPolicy": "Always"});
        let cpu = |containers: Value, init: Value, more: Value| {
            let mut spec = json!({"containers": containers, "initContainers": init});
            more.as_object().unwrap().iter().for_each(|(name, value)| spec[name] = value.clone());
            requests(&json!({"spec": spec}))["cpu"]
        };
        // Init containers run one after the other before the others.
        assert_eq!(cpu(json!([asks("2"), asks("1")]), json!([asks("2"), asks("2")]), json!({})), 3.0);
        assert_eq!(cpu(json!([asks("1")]), json!([asks("4")]), json!({})), 4.0);
        // Those that go on running count with the containers, and with every init container after them.
        assert_eq!(cpu(json!([asks("2")]), json!([beside("1"), beside("1")]), json!({})), 4.0);
        assert_eq!(cpu(json!([asks("1")]), json!([beside("1"), asks("3"), beside("1")]), json!({})), 4.0);
        assert_eq!(cpu(json!([asks("1")]), json!([asks("3"), beside("1")]), json!({})), 3.0);
        // Overhead comes on top of either; what is written for the whole pod stands for its containers.
        let overhead = json!({"overhead": {"cpu": "500m"}});
        assert_eq!(cpu(json!([asks("1")]), json!([asks("4")]), overhead), 4.5);
        assert_eq!(cpu(json!([asks("1")]), json!([asks("1")]), json!({"resources": {"requests": {"cpu": "2"}}})), 2.0);
    }

    #[test]
    fn a_node_that_takes_no_pods_says_why() {
        let closed = |node: Value, ours: &[Value]| room(&node, ours, &[], &[]).closed.unwrap_or_default();
        assert_eq!(closed(json!({}), &[]), "");
        assert!(closed(json!({"spec": {"unschedulable": true}}), &[]).contains("cordoned"));
        let condition = json!({"type": "Ready", "status": "Unknown", "reason": "NodeStatusUnknown", "message": "Kubelet stopped posting."});
        let told = closed(json!({"status": {"conditions": [condition]}}), &[]);
        assert_eq!(told, "it is not ready (NodeStatusUnknown: Kubelet stopped posting.)");
        let tainted = |effect: &str| json!({"metadata": {"name": "edge-1"}, "spec": {"taints": [{"key": "team", "value": "core", "effect": effect}]}});
        assert_eq!(closed(tainted("PreferNoSchedule"), &[]), "");
        let told = closed(tainted("NoExecute"), &[]);
        assert!(told.contains("`team=core:NoExecute`") && told.contains("kubectl taint node edge-1 team:NoExecute-"));
        for (planned, takes) in
            [("team=core:NoSchedule", true), ("team", true), ("team=edge", false), ("team:NoExecute", false)]
        {
            let planned = [Toleration::parse(planned).unwrap()];
            assert_eq!(room(&tainted("NoSchedule"), &[], &[], &planned).closed.is_none(), takes, "{planned:?}");
        }
        let pod = |toleration: Value| [json!({"spec": {"tolerations": [toleration]}})];
        for tolerated in [
            json!({"operator": "Exists"}),
            json!({"key": "team", "operator": "Exists"}),
            json!({"key": "team", "value": "core", "effect": "NoSchedule"}),
            json!({"key": "team", "operator": "Equal", "value": "core"}),
        ] {
            assert_eq!(closed(tainted("NoSchedule"), &pod(tolerated)), "");
        }
        for other in [
            json!({"key": "team", "value": "edge"}),
            json!({"key": "node", "operator": "Exists"}),
            json!({"key": "team", "operator": "Exists", "effect": "NoExecute"}),
        ] {
            assert!(!closed(tainted("NoSchedule"), &pod(other)).is_empty());
        }
    }
}
