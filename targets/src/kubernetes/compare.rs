//! What a live object says otherwise than the one we render: only what we say counts, defaults and others' fields do not.

use std::collections::BTreeMap;

use serde_json::Value;

use super::names::VERSION;

/// The most paths named of one object.
const MOST: usize = 4;

/// The paths at which `live` does not say what `ours` says.
pub fn altered(ours: &Value, live: &Value) -> Vec<String> {
    let mut paths = unsaid(ours, live);
    for part in ["spec", "data", "automountServiceAccountToken", "value", "preemptionPolicy"] {
        if let Some(ours) = ours.get(part) {
            compare(part.to_owned(), ours, live.get(part).unwrap_or(&Value::Null), &mut paths);
        }
    }
    if let Some(labels) = ours.pointer("/metadata/labels") {
        let live = live.pointer("/metadata/labels").unwrap_or(&Value::Null);
        compare("metadata.labels".to_owned(), labels, live, &mut paths);
    }
    paths.truncate(MOST);
    paths
}

/// Where others can keep ours from being done by what we do not say: a Deployment that rolls nothing out, pods that go
/// elsewhere or may more than they are meant to, what our containers run in the place of what their images say, addresses
/// that a Service takes. By path the place, and what nothing is there.
fn places(object: &Value) -> BTreeMap<String, (String, Value)> {
    const POD: &str = "spec.template.spec";
    const OF_POD: [&str; 5] = ["hostNetwork", "hostPID", "hostIPC", "nodeSelector", "schedulerName"];
    const OF_CONTAINER: [&str; 4] =
        ["command", "args", "securityContext.privileged", "securityContext.capabilities.add"];
    let at = |path: &str| format!("/{}", path.replace('.', "/"));
    let mut places = BTreeMap::new();
    if object.get("kind").and_then(Value::as_str) == Some("Service") {
        places.insert("spec.externalIPs".to_owned(), ("/spec/externalIPs".to_owned(), Value::Array(Vec::new())));
    }
    let containers = object.pointer(&at(POD)).and_then(|pod| pod.get("containers")?.as_array());
    let Some(containers) = containers else { return places };
    places.insert("spec.paused".to_owned(), ("/spec/paused".to_owned(), Value::Bool(false)));
    for key in OF_POD {
        let path = format!("{POD}.{key}");
        places.insert(path.clone(), (at(&path), nothing(key)));
    }
    for (number, container) in containers.iter().enumerate() {
        let Some(name) = container.get("name").and_then(Value::as_str) else { continue };
        for key in OF_CONTAINER {
            let place = at(&format!("{POD}.containers.{number}.{key}"));
            places.insert(format!("{POD}.containers[{name}].{key}"), (place, nothing(key)));
        }
    }
    places
}

/// What stands for nothing in a field, so that a server takes it from who set it.
fn nothing(key: &str) -> Value {
    match key {
        "nodeSelector" => Value::Object(serde_json::Map::new()),
        "schedulerName" => "default-scheduler".into(),
        "command" | "args" | "securityContext.capabilities.add" => Value::Array(Vec::new()),
        _ => Value::Bool(false),
    }
}

/// The paths of what others set there and we do not.
fn unsaid(ours: &Value, live: &Value) -> Vec<String> {
    let is_set = |object: &Value, (place, nothing): &(String, Value)| {
        object.pointer(place).is_some_and(|value| !value.is_null() && value != nothing)
    };
    let theirs = places(live);
    let set = |(path, place): &(String, (String, Value))| {
        !is_set(ours, place) && theirs.get(path).is_some_and(|place| is_set(live, place))
    };
    places(ours).into_iter().filter(set).map(|(path, _)| path).collect()
}

/// Says of an object that there is nothing where others were told to have set what we do not say (`Deployment `a`
/// spec.paused`): a server takes a field from others only where ours is another.
pub fn say_nothing_there(object: &mut Value, told: &[String]) {
    let shown = super::Shown::of(object);
    let words = format!("{} `{}` ", shown.kind, shown.name);
    let told: Vec<&str> = told.iter().filter_map(|told| told.strip_prefix(&words)).collect();
    if told.is_empty() {
        return;
    }
    for (path, (place, nothing)) in places(object) {
        let Some((above, key)) = place.rsplit_once('/').filter(|_| told.contains(&path.as_str())) else { continue };
        if let Some(Value::Object(members)) = object.pointer_mut(above) {
            members.entry(key).or_insert(nothing);
        }
    }
}

fn compare(path: String, ours: &Value, live: &Value, paths: &mut Vec<String>) {
    if paths.len() >= MOST {
        return;
    }
    match (ours, live) {
        (Value::Null, _) => {}
        // A label that says which version the image is does nothing by itself; whoever sets the image does not set it.
        _ if path.ends_with(VERSION) => {}
        // The server leaves out what is empty.
        (Value::Object(ours), Value::Null) if ours.is_empty() => {}
        (Value::Array(ours), Value::Null) if ours.is_empty() => {}
        // A term more is another selector: it may select nothing.
        (Value::Object(ours), Value::Object(live)) if is_selector(&path) => {
            if ours != live {
                paths.push(path);
            }
        }
        (Value::Object(ours), Value::Object(live)) => {
            for (key, value) in ours {
                compare(format!("{path}.{key}"), value, live.get(key).unwrap_or(&Value::Null), paths);
            }
        }
        (Value::Array(ours), Value::Array(live)) => lists(path, ours, live, paths),
        (ours, live) if ours == live => {}
        _ => paths.push(path),
    }
}

/// Whether what stands there chooses pods, namespaces or nodes: servers keep it as a whole.
fn is_selector(path: &str) -> bool {
    path.rsplit('.').next().is_some_and(|key| key == "selector" || key.ends_with("Selector"))
}

/// Lists of named things are compared by name, others' entries beside ours do not count; any other list as a whole.
fn lists(path: String, ours: &[Value], live: &[Value], paths: &mut Vec<String>) {
    fn name(value: &Value) -> Option<&str> {
        value.get("name").and_then(Value::as_str)
    }
    // A volume may be mounted at several places.
    let same = |one: &Value, other: &Value| name(one) == name(other) && one.get("mountPath") == other.get("mountPath");
    if !ours.is_empty() && ours.iter().all(|one| name(one).is_some()) {
        for one in ours {
            let found = live.iter().find(|other| same(one, other)).unwrap_or(&Value::Null);
            compare(format!("{path}[{}]", name(one).unwrap_or_default()), one, found, paths);
        }
        return;
    }
    if ours.len() != live.len() {
        paths.push(path);
        return;
    }
    for (at, (one, other)) in ours.iter().zip(live).enumerate() {
        compare(format!("{path}[{at}]"), one, other, paths);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn defaults_and_entries_of_others_are_no_difference_and_what_we_say_is() {
        let ours = json!({"spec": {"replicas": 1, "podSelector": {}, "containers": [{"name": "main", "image": "a:1"}], "ports": [1]}});
        let live = json!({"spec": {"replicas": 1, "containers": [{"name": "proxy", "image": "p:1"}, {"name": "main", "image": "a:1", "x": 1}], "ports": [1], "y": 2}, "status": {}});
        assert!(altered(&ours, &live).is_empty());
        let mounts =
            json!({"spec": {"volumeMounts": [{"name": "s", "mountPath": "/a"}, {"name": "s", "mountPath": "/b"}]}});
        assert!(altered(&mounts, &mounts).is_empty());
        let live = json!({"spec": {"replicas": 3, "containers": [{"name": "main", "image": "a:2"}], "ports": [1, 2]}});
        assert_eq!(altered(&ours, &live), ["spec.containers[main].image", "spec.ports", "spec.replicas"]);
        let labelled =
            |version: &str| json!({"metadata": {"labels": {"app.kubernetes.io/version": version, "a": version}}});
        assert_eq!(altered(&labelled("1.0"), &labelled("2.0")), ["metadata.labels.a"]);
    }

    #[test]
    fn a_term_more_in_a_selector_is_a_difference() {
        let service = |selector: Value| json!({"kind": "Service", "spec": {"selector": selector}});
        let policy = |selector: Value| json!({"kind": "NetworkPolicy", "spec": {"podSelector": selector}});
        let (one, two) = (json!({"app": "a"}), json!({"app": "a", "and": "b"}));
        assert!(altered(&service(one.clone()), &service(one.clone())).is_empty());
        assert_eq!(altered(&service(one), &service(two.clone())), ["spec.selector"]);
        assert!(altered(&policy(json!({})), &policy(Value::Null)).is_empty());
        assert_eq!(altered(&policy(json!({})), &policy(json!({"matchLabels": two}))), ["spec.podSelector"]);
        let mut live = service(json!({}));
        live["spec"]["externalIPs"] = json!(["10.0.0.9"]);
        assert_eq!(altered(&service(json!({})), &live), ["spec.externalIPs"]);
    }

    #[test]
    fn what_keeps_ours_from_being_done_is_a_difference_and_is_taken_back() {
        let ours = json!({"kind": "Deployment", "metadata": {"name": "a"}, "spec": {"template": {"spec": {"containers": [{"name": "main", "image": "a:1"}]}}}});
        let mut live = ours.clone();
        live["spec"]["paused"] = false.into();
        live["spec"]["template"]["spec"]["containers"] =
            json!([{"name": "proxy", "command": ["x"]}, {"name": "main", "image": "a:1", "args": []}]);
        assert!(altered(&ours, &live).is_empty(), "what is a container of others, and what says nothing");
        live["spec"]["paused"] = true.into();
        live["spec"]["template"]["spec"]["containers"][1]["command"] = json!(["sleep", "9"]);
        let told = altered(&ours, &live);
        assert_eq!(told, ["spec.paused", "spec.template.spec.containers[main].command"]);
        let told: Vec<String> = told.iter().map(|path| format!("Deployment `a` {path}")).collect();
        let mut back = ours.clone();
        say_nothing_there(&mut back, &told);
        assert_eq!(back["spec"]["paused"], false);
        assert_eq!(
            back["spec"]["template"]["spec"]["containers"][0],
            json!({"name": "main", "image": "a:1", "command": []})
        );
        let mut live = ours.clone();
        live["spec"]["template"]["spec"]["nodeSelector"] = json!({"nowhere": "x"});
        live["spec"]["template"]["spec"]["hostPID"] = true.into();
        live["spec"]["template"]["spec"]["schedulerName"] = "default-scheduler".into();
        live["spec"]["template"]["spec"]["containers"][0]["securityContext"] =
            json!({"privileged": true, "capabilities": {"add": ["SYS_ADMIN"]}});
        let pod = "spec.template.spec";
        let most = [
            format!("{pod}.containers[main].securityContext.capabilities.add"),
            format!("{pod}.containers[main].securityContext.privileged"),
            format!("{pod}.hostPID"),
            format!("{pod}.nodeSelector"),
        ];
        assert_eq!(altered(&ours, &live), most);
        let mut another = ours.clone();
        another["metadata"]["name"] = "b".into();
        let before = another.clone();
        say_nothing_there(&mut another, &told);
        assert_eq!(another, before);
    }
}
