//! Whether a workload runs as ordered: the controller has seen it, its pods are new, ready, and on the chosen node.

use serde_json::Value;

/// How far a workload is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Readiness {
    /// It runs as ordered.
    Ready,
    /// Not yet, and why, in words.
    Waiting(String),
    /// It never will, and why.
    Failed(String),
}

/// The node that must run the pods of a workload.
#[derive(Clone, Copy, Debug)]
pub struct Where<'a> {
    /// Its label `kubernetes.io/hostname`, by which it is chosen.
    pub host: &'a str,
    /// The name of the Node with that label: most often the same.
    pub name: &'a str,
}

/// How far `workload` is, whose pods these are; `node` is where they must run.
pub fn readiness(workload: &Value, pods: &[Value], node: Where<'_>) -> Readiness {
    let number = |path: &str| workload.pointer(path).and_then(Value::as_u64).unwrap_or(0);
    // What the status says before that is of an older order: whoever mends a workload that was given up finds it so.
    if number("/status/observedGeneration") < number("/metadata/generation") {
        return Readiness::Waiting("its controller has not seen it yet".to_owned());
    }
    if let Some(reason) = gave_up(workload) {
        return Readiness::Failed(blocked(pods, node).unwrap_or(reason));
    }
    let wanted = workload.pointer("/spec/replicas").and_then(Value::as_u64).unwrap_or(1);
    let updated = number("/status/updatedReplicas");
    let there = number("/status/replicas");
    let available = number("/status/availableReplicas").min(number("/status/readyReplicas"));
    if updated < wanted || there != updated || available < wanted {
        let counted = format!("{available} of {wanted} pods are available, {updated} are new");
        return Readiness::Waiting(blocked(pods, node).or_else(|| without_pods(workload)).unwrap_or(counted));
    }
    let is_deployment = workload.get("kind").and_then(Value::as_str) == Some("Deployment");
    if is_deployment && condition(workload, "Available").is_none_or(|(status, _)| status != "True") {
        return Readiness::Waiting("it is not available yet".to_owned());
    }
    match blocked(pods, node) {
        Some(reason) => Readiness::Waiting(reason),
        None if living(pods).count() as u64 != wanted => Readiness::Waiting("pods of another version stop".to_owned()),
        None => Readiness::Ready,
    }
}

/// Pods that are not on their way out.
fn living(pods: &[Value]) -> impl Iterator<Item = &Value> {
    pods.iter().filter(|pod| pod.pointer("/metadata/deletionTimestamp").is_none())
}

/// The controller's own deadline has passed.
fn gave_up(workload: &Value) -> Option<String> {
    let (status, condition) = condition(workload, "Progressing")?;
    let reason = condition.get("reason").and_then(Value::as_str);
    let exceeded = status == "False" && reason == Some("ProgressDeadlineExceeded");
    exceeded.then(|| "its controller has given up".to_owned())
}

/// Why its controller is not let make pods: quotas, admission.
fn without_pods(workload: &Value) -> Option<String> {
    let (status, condition) = condition(workload, "ReplicaFailure")?;
    let message = condition.get("message").and_then(Value::as_str).filter(|_| status == "True")?;
    Some(format!("the cluster lets no pod of it be made: {message}"))
}

fn condition<'a>(object: &'a Value, name: &str) -> Option<(&'a str, &'a Value)> {
    let conditions = object.pointer("/status/conditions")?.as_array()?;
    let found = conditions.iter().find(|one| one.get("type").and_then(Value::as_str) == Some(name))?;
    Some((found.get("status")?.as_str()?, found))
}

/// What keeps a pod from running on the node, in the scheduler's or the kubelet's words.
fn blocked(pods: &[Value], node: Where<'_>) -> Option<String> {
    living(pods).find_map(|pod| unscheduled(pod, node.host).or_else(|| elsewhere(pod, node)).or_else(|| unready(pod)))
}

fn unscheduled(pod: &Value, node: &str) -> Option<String> {
    let (status, condition) = condition(pod, "PodScheduled")?;
    let message = condition.get("message").and_then(Value::as_str).unwrap_or("it says no reason");
    (status == "False").then(|| format!("{}; the scheduler says: {message}", in_words(message, node)))
}

/// The scheduler's reason in the words of the intents.
fn in_words(message: &str, node: &str) -> String {
    let lacking = message.split("Insufficient ").skip(1).filter_map(|rest| rest.split([',', '.', ' ']).next());
    let lacking: Vec<&str> = lacking.collect();
    if let Some(resource) = lacking.first() {
        return format!("node `{node}` has too little {resource} left for its demand");
    }
    if message.contains("persistent") || message.contains("volume") {
        return format!("the storage it demands cannot be had on node `{node}`");
    }
    if message.contains("unschedulable") || message.contains("taint") {
        return format!("node `{node}` takes no new pods");
    }
    format!("no pod of it can be put on node `{node}`")
}

fn elsewhere(pod: &Value, node: Where<'_>) -> Option<String> {
    let on = pod.pointer("/spec/nodeName").and_then(Value::as_str)?;
    (on != node.name).then(|| format!("a pod of it runs on `{on}`, not on `{}`", node.host))
}

fn unready(pod: &Value) -> Option<String> {
    let containers = pod.pointer("/status/containerStatuses").and_then(Value::as_array).into_iter().flatten();
    let waiting = containers.filter_map(|one| one.pointer("/state/waiting"));
    let mut reasons = waiting.filter_map(|waiting| {
        let reason = waiting.get("reason").and_then(Value::as_str)?;
        let message = waiting.get("message").and_then(Value::as_str).unwrap_or_default();
        Some(format!("its container does not start: {reason} {message}").trim_end().to_owned())
    });
    let not_ready = condition(pod, "Ready").is_some_and(|(status, _)| status != "True");
    reasons.next_back().or_else(|| not_ready.then(|| "its pod is not ready".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn deployment(status: Value) -> Value {
        json!({"kind": "Deployment", "metadata": {"generation": 2}, "spec": {"replicas": 1}, "status": status})
    }

    fn on(node: &str) -> Where<'_> {
        Where { host: node, name: node }
    }

    #[test]
    fn a_pod_is_where_its_node_is_whatever_its_affinity_says() {
        let done = json!({"observedGeneration": 2, "replicas": 1, "updatedReplicas": 1, "availableReplicas": 1, "readyReplicas": 1,
            "conditions": [{"type": "Available", "status": "True"}]});
        let terms =
            json!([{"matchExpressions": [{"key": "kubernetes.io/hostname", "operator": "In", "values": ["edge-1"]}]}]);
        let affinity =
            json!({"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}});
        let pod = json!({"spec": {"nodeName": "worker-7", "affinity": affinity},
            "status": {"conditions": [{"type": "Ready", "status": "True"}]}});
        let at = |host, name| readiness(&deployment(done.clone()), std::slice::from_ref(&pod), Where { host, name });
        assert_eq!(at("edge-1", "worker-7"), Readiness::Ready);
        let elsewhere = Readiness::Waiting("a pod of it runs on `worker-7`, not on `edge-1`".to_owned());
        assert_eq!(at("edge-1", "edge-1"), elsewhere);
        assert_eq!(at("edge-1", "worker-8"), elsewhere);
    }

    #[test]
    fn a_workload_is_ready_when_its_new_pod_runs_where_it_must() {
        let done = json!({"observedGeneration": 2, "replicas": 1, "updatedReplicas": 1, "availableReplicas": 1, "readyReplicas": 1,
            "conditions": [{"type": "Available", "status": "True"}]});
        let pod =
            json!({"spec": {"nodeName": "edge-1"}, "status": {"conditions": [{"type": "Ready", "status": "True"}]}});
        assert_eq!(readiness(&deployment(done.clone()), std::slice::from_ref(&pod), on("edge-1")), Readiness::Ready);
        let Readiness::Waiting(text) = readiness(&deployment(done.clone()), std::slice::from_ref(&pod), on("edge-2"))
        else {
            panic!()
        };
        assert_eq!(text, "a pod of it runs on `edge-1`, not on `edge-2`");
        let mut old = done.clone();
        old["observedGeneration"] = 1.into();
        assert!(matches!(readiness(&deployment(old), &[pod], on("edge-1")), Readiness::Waiting(_)));
        let mut surging = done;
        surging["replicas"] = 2.into();
        assert!(matches!(readiness(&deployment(surging), &[], on("edge-1")), Readiness::Waiting(_)));
    }

    #[test]
    fn the_scheduler_s_reason_is_said_in_the_words_of_the_intents() {
        let message =
            "0/5 nodes are available: 1 Insufficient cpu, 4 node(s) didn't match Pod's node affinity/selector.";
        let pod = json!({"spec": {}, "status": {"conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message}]}});
        let status = json!({"observedGeneration": 2, "replicas": 1, "updatedReplicas": 1});
        let Readiness::Waiting(text) = readiness(&deployment(status), &[pod], on("edge-1")) else { panic!() };
        assert_eq!(
            text,
            format!("node `edge-1` has too little cpu left for its demand; the scheduler says: {message}")
        );
    }

    #[test]
    fn what_was_given_up_before_it_was_mended_is_waited_for() {
        let given_up = |generation: u64| {
            json!({"observedGeneration": generation,
                "conditions": [{"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}]})
        };
        let told = "its controller has given up".to_owned();
        assert_eq!(readiness(&deployment(given_up(2)), &[], on("edge-1")), Readiness::Failed(told));
        assert!(matches!(readiness(&deployment(given_up(1)), &[], on("edge-1")), Readiness::Waiting(_)));
    }
}
