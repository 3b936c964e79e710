//! What a live object says otherwise than the one we render: only what we say counts, defaults and others' fields do not.

use serde_json::Value;

/// The most paths named of one object.
const MOST: usize = 4;

/// The paths at which `live` does not say what `ours` says.
pub fn altered(ours: &Value, live: &Value) -> Vec<String> {
    let mut paths = Vec::new();
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

fn compare(path: String, ours: &Value, live: &Value, paths: &mut Vec<String>) {
    if paths.len() >= MOST {
        return;
    }
    match (ours, live) {
        (Value::Null, _) => {}
        // The server leaves out what is empty.
        (Value::Object(ours), Value::Null) if ours.is_empty() => {}
        (Value::Array(ours), Value::Null) if ours.is_empty() => {}
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
    }
}
