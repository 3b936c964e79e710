//! Who else holds the fields of a live object: `metadata.managedFields`, in which the server keeps who set what, and when.

use std::collections::BTreeSet;

use serde_json::Value;

use super::names::MANAGER;

/// A manager of fields, and when it last set any of them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Holder {
    /// Its name, e.g. `kubectl-edit`.
    pub manager: String,
    /// RFC 3339, as the server says it; none where it does not.
    pub at: Option<String>,
}

/// Who beside ranform holds the field at a path like `spec.ports[rmr].port` of a live object, or a part of it, sorted.
pub fn holders(live: &Value, path: &str) -> BTreeSet<Holder> {
    let entries = live.pointer("/metadata/managedFields").and_then(Value::as_array).into_iter().flatten();
    let text = |entry: &Value, name: &str| entry.get(name).and_then(Value::as_str).map(str::to_owned);
    let holder = |entry: &Value| {
        let manager = text(entry, "manager").filter(|manager| manager != MANAGER)?;
        let holds = holds(entry.get("fieldsV1")?, path, live);
        holds.then(|| Holder { manager, at: text(entry, "time") })
    };
    entries.filter_map(holder).collect()
}

/// Whether a set of fields has the one at a path, something in it, or the whole that it is in. `live` is what the set is of.
fn holds(fields: &Value, path: &str, live: &Value) -> bool {
    let Some(fields) = fields.as_object() else { return false };
    // Nothing is said of what is in it: it is held whole.
    if path.is_empty() || fields.keys().all(|key| key == ".") {
        return true;
    }
    if let Some((name, rest)) = path.strip_prefix('[').and_then(|path| path.split_once(']')) {
        let Some(element) = element(live, name) else { return false };
        return fields.iter().any(|(key, inner)| is_of(key, element) && holds(inner, behind(rest), element));
    }
    // Names may have dots in them: the set says which there are.
    fields.iter().any(|(key, inner)| {
        let rest = key.strip_prefix("f:").and_then(|name| Some((name, path.strip_prefix(name)?)));
        rest.is_some_and(|(name, rest)| {
            let ends = rest.is_empty() || rest.starts_with(['.', '[']);
            ends && holds(inner, behind(rest), live.get(name).unwrap_or(&Value::Null))
        })
    })
}

/// A path without the dot before its next name.
fn behind(rest: &str) -> &str {
    rest.strip_prefix('.').unwrap_or(rest)
}

/// The element of a list that is called this, or is at this place.
fn element<'a>(list: &'a Value, name: &str) -> Option<&'a Value> {
    let all = list.as_array()?;
    let named = all.iter().find(|one| one.get("name").and_then(Value::as_str) == Some(name));
    named.or_else(|| all.get(name.parse::<usize>().ok()?))
}

/// Whether a key of a set (`k:{"port":80,"protocol":"TCP"}`, `v:"value"`) means this element.
fn is_of(key: &str, element: &Value) -> bool {
    let parsed = |text: &str| serde_json::from_str::<Value>(text).ok();
    match (key.strip_prefix("k:").and_then(parsed), key.strip_prefix("v:").and_then(parsed)) {
        (Some(Value::Object(keys)), _) => keys.iter().all(|(name, value)| element.get(name) == Some(value)),
        (_, Some(value)) => value == *element,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn held(fields: Value, path: &str) -> bool {
        let live = json!({
            "metadata": {"managedFields": [
                {"manager": "ranform", "time": "2026-01-01T00:00:00Z", "fieldsV1": {"f:spec": {}}},
                {"manager": "kubectl-edit", "time": "2026-11-27T05:30:00Z", "fieldsV1": fields}]},
            "spec": {"replicas": 2, "ports": [{"name": "rmr", "port": 4560, "protocol": "TCP"}, {"name": "http", "port": 80, "protocol": "TCP"}]},
            "data": {"instance.json": "{}"}});
        let found = holders(&live, path);
        assert!(found.iter().all(|one| one.manager == "kubectl-edit"), "{found:?}");
        found.len() == 1
    }

    #[test]
    fn whoever_holds_a_field_is_found_and_ranform_is_not_told() {
        assert!(held(json!({"f:spec": {"f:replicas": {}}}), "spec.replicas"));
        assert!(!held(json!({"f:spec": {"f:replicas": {}}}), "spec.strategy"));
        assert!(!held(json!({"f:spec": {"f:replicasMore": {}}}), "spec.replicas"));
        // Held whole, or in part.
        assert!(held(json!({"f:spec": {"f:strategy": {}}}), "spec.strategy.type"));
        assert!(held(json!({"f:spec": {"f:strategy": {"f:type": {}}}}), "spec.strategy"));
        // Names with dots, elements of lists by their keys.
        assert!(held(json!({"f:data": {"f:instance.json": {}}}), "data.instance.json"));
        let port = json!({"f:spec": {"f:ports": {".": {}, "k:{\"port\":80,\"protocol\":\"TCP\"}": {"f:port": {}}}}});
        assert!(held(port.clone(), "spec.ports[http].port"));
        assert!(held(port.clone(), "spec.ports[1].port"));
        assert!(!held(port.clone(), "spec.ports[rmr].port"));
        assert!(!held(port, "spec.ports[gone].port"));
        assert!(!held(json!("no set"), "spec.replicas"));
    }
}
