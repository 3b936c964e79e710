//! What makes one object of another: a JSON Patch (RFC 6902), member by member; a list of another length is replaced.

use serde_json::{Value, json};

/// The operations, in an order in which they can be done.
pub fn patch(from: &Value, to: &Value) -> Vec<Value> {
    let mut operations = Vec::new();
    differ(String::new(), from, to, &mut operations);
    operations
}

fn differ(path: String, from: &Value, to: &Value, operations: &mut Vec<Value>) {
    match (from, to) {
        (from, to) if from == to => {}
        (Value::Object(from), Value::Object(to)) => {
            for name in from.keys().filter(|name| !to.contains_key(*name)) {
                operations.push(json!({"op": "remove", "path": format!("{path}/{}", escaped(name))}));
            }
            for (name, value) in to {
                let path = format!("{path}/{}", escaped(name));
                match from.get(name) {
                    Some(before) => differ(path, before, value, operations),
                    None => operations.push(json!({"op": "add", "path": path, "value": value})),
                }
            }
        }
        (Value::Array(from), Value::Array(to)) if from.len() == to.len() => {
            for (at, (before, after)) in from.iter().zip(to).enumerate() {
                differ(format!("{path}/{at}"), before, after, operations);
            }
        }
        (_, to) => operations.push(json!({"op": "replace", "path": path, "value": to})),
    }
}

/// A member's name in a JSON Pointer (RFC 6901).
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_added_removed_and_replaced_and_lists_by_place_or_whole() {
        let from = json!({"a": 1, "b": {"x/y": 1, "z": 2}, "l": [1, {"m": 1}], "s": [1], "same": {}});
        let to = json!({"b": {"x/y": 2}, "c": [1], "l": [1, {"m": 2}], "s": [1, 2], "same": {}});
        assert_eq!(
            patch(&from, &to),
            [
                json!({"op": "remove", "path": "/a"}),
                json!({"op": "remove", "path": "/b/z"}),
                json!({"op": "replace", "path": "/b/x~1y", "value": 2}),
                json!({"op": "add", "path": "/c", "value": [1]}),
                json!({"op": "replace", "path": "/l/1/m", "value": 2}),
                json!({"op": "replace", "path": "/s", "value": [1, 2]}),
            ]
        );
        assert!(patch(&from, &from).is_empty());
    }
}
