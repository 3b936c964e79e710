//! Near-RT RICs: A1-P versions 1 and 2, and the O-RAN SC forms with numbers as types and 202.

use serde_json::{Value, json};

use super::{Asked, Inside, Speaks, id_of, key, passes, problem, put, status_of};

/// A list was asked for: what was to be deleted some lists ago is gone now.
fn leave(inside: &mut Inside) {
    inside.leaving.values_mut().for_each(|lists| *lists = lists.saturating_sub(1));
    let Inside { leaving, policies, .. } = inside;
    leaving.retain(|id, lists| {
        let stays = *lists > 0;
        if !stays {
            policies.remove(id);
        }
        stays
    });
}

/// A RIC whose policies have types.
pub(super) fn answer(asked: &Asked, root: &str, speaks: Speaks, inside: &mut Inside) -> (u16, String) {
    let (osc, mediator) = (speaks != Speaks::Standard, speaks == Speaks::OscMediator);
    let Some(below) = asked.path.strip_prefix(root) else { return (404, String::new()) };
    let parts: Vec<&str> = below.split('/').skip(1).collect();
    let created = |osc| if osc { (202, 202, 202) } else { (201, 200, 204) };
    match (asked.method.as_str(), parts.as_slice()) {
        // It tells nobody but who asks for policies.
        (method, ["policytypes", rest @ ..]) if inside.database_is_down => match (method, rest) {
            ("GET", []) => (200, "[]".to_owned()),
            ("GET", [_]) => (404, String::new()),
            _ => (503, String::new()),
        },
        ("GET", ["policytypes"]) => {
            let ids: Vec<Value> = inside
                .types
                .keys()
                .map(|id| id.parse::<u64>().map_or_else(|_| Value::from(id.as_str()), Value::from))
                .collect();
            (200, Value::from(ids).to_string())
        }
        (_, ["policytypes", kind, ..]) if mediator && kind.parse::<i64>().is_err() => {
            (422, json!({ "code": 601, "message": "policy_type_id in path must be of type int64" }).to_string())
        }
        // It looks for policies only, not for their type.
        ("GET", ["policytypes", kind, "policies"]) if mediator && !inside.types.contains_key(*kind) => {
            (200, "[]".to_owned())
        }
        (_, ["policytypes", kind, rest @ ..]) if !inside.types.contains_key(*kind) => match rest {
            [_, ..] if osc => (if mediator { 503 } else { 404 }, String::new()),
            _ => problem(404, "The policy type does not exist."),
        },
        ("GET", ["policytypes", kind]) => {
            let member = if osc { "create_schema" } else { "policySchema" };
            (200, json!({ member: inside.types[*kind] }).to_string())
        }
        ("GET", ["policytypes", kind, "policies"]) => {
            leave(inside);
            let of_kind = inside.policies.iter().filter(|(_, stored)| stored.kind == *kind);
            let ids: Vec<&str> = of_kind.map(|(key, _)| id_of(key)).collect();
            (200, json!(ids).to_string())
        }
        ("PUT", ["policytypes", kind, "policies", id]) => {
            let Ok(body) = serde_json::from_slice::<Value>(&asked.body) else { return problem(400, "not JSON") };
            let id = key(inside, kind, id);
            if inside.policies.get(&id).is_some_and(|stored| stored.kind != *kind) {
                if osc {
                    return (400, String::new());
                }
                return problem(400, "The policy id already exist for other policy type.");
            }
            if !passes(inside, kind, &body) {
                return (400, String::new());
            }
            let (new, old, _) = created(osc);
            let status = if put(inside, &id, kind, body.clone(), false, "") { new } else { old };
            (status, if osc { String::new() } else { body.to_string() })
        }
        (method, ["policytypes", kind, "policies", id, rest @ ..]) => {
            let id = key(inside, kind, id);
            if inside.policies.get(&id).is_none_or(|stored| stored.kind != *kind) {
                return match method {
                    _ if mediator && rest.is_empty() => (503, String::new()),
                    _ if osc => (404, String::new()),
                    _ => problem(404, "The policy identity does not exist."),
                };
            }
            match (method, rest) {
                ("GET", []) => (200, inside.policies[&id].body.to_string()),
                ("GET", ["status"]) => (200, status_of(inside, &id).unwrap_or_default().to_string()),
                ("DELETE", []) => {
                    match inside.lingers {
                        0 => drop(inside.policies.remove(&id)),
                        lists => drop(inside.leaving.insert(id, lists)),
                    }
                    (created(osc).2, String::new())
                }
                _ => (405, String::new()),
            }
        }
        _ => (404, String::new()),
    }
}

/// A RIC of version 1: policies have no types, nothing is checked, and no status says anything.
pub(super) fn without_types(asked: &Asked, inside: &mut Inside) -> (u16, String) {
    let Some(below) = asked.path.strip_prefix("/A1-P/v1") else { return (404, String::new()) };
    let parts: Vec<&str> = below.split('/').skip(1).collect();
    match (asked.method.as_str(), parts.as_slice()) {
        ("GET", ["policies"]) => (200, json!(inside.policies.keys().collect::<Vec<_>>()).to_string()),
        ("PUT", ["policies", id]) => {
            let Ok(body) = serde_json::from_slice::<Value>(&asked.body) else { return problem(400, "not JSON") };
            let new = put(inside, id, "", body.clone(), false, "");
            (if new { 201 } else { 200 }, body.to_string())
        }
        (method, ["policies", id, rest @ ..]) if inside.policies.contains_key(*id) => match (method, rest) {
            ("GET", []) => (200, inside.policies[*id].body.to_string()),
            ("GET", ["status"]) => (200, json!({ "enforceStatus": "UNDEFINED" }).to_string()),
            ("DELETE", []) => {
                inside.policies.remove(*id);
                (204, String::new())
            }
            _ => (405, String::new()),
        },
        _ => problem(404, "The policy identity does not exist."),
    }
}
