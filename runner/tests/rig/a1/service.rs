//! The A1 policy management service, both versions over one store, for the RICs `ric1` and `ric2`.

use serde_json::{Value, json};

use super::{Asked, Inside, Stored, passes, put_at, state, status_of};

/// What it answers.
pub(super) fn answer(asked: &Asked, inside: &mut Inside) -> (u16, String) {
    if let Some(below) = asked.path.strip_prefix("/a1-policy/v2") {
        return version_2(asked, below, inside);
    }
    match asked.path.strip_prefix("/a1-policy-management/v1") {
        Some(below) if !inside.hides_version_3 => version_3(asked, below, inside),
        _ => (404, json!({ "path": asked.path, "status": 404 }).to_string()),
    }
}

/// The policies at a RIC and of a type, where the query names them: id and RIC.
fn listed(asked: &Asked, inside: &Inside, ric: &str, kind: &str) -> Vec<(String, String)> {
    let is = |name: &str, value: &String| asked.query.get(name).is_none_or(|wanted| wanted == value);
    let of = |stored: &Stored| is(ric, &stored.ric) && is(kind, &stored.kind);
    inside
        .policies
        .iter()
        .filter(|(_, stored)| of(stored))
        .map(|(id, stored)| (id.clone(), stored.ric.clone()))
        .collect()
}

const RICS: [&str; 2] = ["ric1", "ric2"];

fn version_2(asked: &Asked, below: &str, inside: &mut Inside) -> (u16, String) {
    let parts: Vec<&str> = below.split('/').skip(1).collect();
    match (asked.method.as_str(), parts.as_slice()) {
        ("GET", ["rics", "ric"]) if asked.query.get("ric_id").is_some_and(|ric| RICS.contains(&ric.as_str())) => {
            let ids: Vec<String> = inside.types.keys().cloned().collect();
            (200, json!({ "ric_id": asked.query["ric_id"], "state": state(inside), "policytype_ids": ids }).to_string())
        }
        ("GET", ["rics"]) => (200, json!({ "rics": RICS.map(|ric| json!({ "ric_id": ric })) }).to_string()),
        ("GET", ["policy-types"]) => {
            let ids: Vec<&String> = inside.types.keys().collect();
            (200, json!({ "policytype_ids": ids }).to_string())
        }
        ("GET", ["policy-types", kind]) => match inside.types.get(*kind) {
            Some(schema) => (200, json!({ "policy_schema": schema }).to_string()),
            None => (404, String::new()),
        },
        ("GET", ["services"]) => {
            let list: Vec<Value> = inside
                .services
                .iter()
                .map(|(id, interval)| json!({ "service_id": id, "keep_alive_interval_seconds": interval }))
                .collect();
            (200, json!({ "service_list": list }).to_string())
        }
        ("GET", ["policies"]) => {
            let found = listed(asked, inside, "ric_id", "policytype_id");
            let ids: Vec<String> = found.into_iter().map(|(id, _)| id).collect();
            (200, json!({ "policy_ids": ids }).to_string())
        }
        ("PUT", ["policies"]) => {
            let body: Value = serde_json::from_slice(&asked.body).unwrap_or_default();
            let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
            let (kind, id) = (text("policytype_id"), text("policy_id"));
            let ric = text("ric_id");
            if !RICS.contains(&ric.as_str()) || !inside.types.contains_key(&kind) {
                return (404, String::new());
            }
            if inside.policies.get(&id).is_some_and(|stored| stored.ric != ric) {
                return (409, json!({ "detail": "Policy cannot change RIC" }).to_string());
            }
            if inside.policies.get(&id).is_some_and(|stored| stored.kind != kind) {
                return (400, json!({ "detail": "The policy id already exist for other policy type." }).to_string());
            }
            if !passes(inside, &kind, &body["policy_data"]) {
                return (400, json!({ "detail": "schema" }).to_string());
            }
            let transient = body["transient"].as_bool().unwrap_or(false);
            let new = put_at(inside, &ric, &id, &kind, body["policy_data"].clone(), transient, &text("service_id"));
            (if new { 201 } else { 200 }, String::new())
        }
        (method, ["policies", id, rest @ ..]) => match (method, rest, inside.policies.get(*id).cloned()) {
            (_, _, None) => (404, json!({ "detail": "Could not find policy" }).to_string()),
            // Written by version 3 last.
            ("GET", [], Some(stored)) if stored.service.is_empty() => {
                (500, json!({ "detail": "java.lang.NullPointerException" }).to_string())
            }
            ("GET", [], Some(stored)) => {
                let shown = json!({
                    "ric_id": stored.ric, "policy_id": id, "service_id": stored.service, "policy_data": stored.body,
                    "policytype_id": stored.kind, "transient": stored.transient,
                });
                (200, shown.to_string())
            }
            ("GET", ["status"], Some(_)) => {
                let status = status_of(inside, id);
                (200, json!({ "last_modified": "2026-11-26T00:00:00Z", "status": status }).to_string())
            }
            ("DELETE", [], Some(_)) => {
                inside.policies.remove(*id);
                // It forgets first, and hands on what the RIC says.
                (if inside.lost.remove(*id) { 404 } else { 204 }, String::new())
            }
            _ => (405, String::new()),
        },
        _ => (404, String::new()),
    }
}

/// Every number as a float, as version 3 shows schemas.
fn floats(value: &Value) -> Value {
    match value {
        Value::Array(list) => list.iter().map(floats).collect(),
        Value::Object(object) => {
            Value::Object(object.iter().map(|(name, value)| (name.clone(), floats(value))).collect())
        }
        Value::Number(number) => json!(number.as_f64()),
        other => other.clone(),
    }
}

fn version_3(asked: &Asked, below: &str, inside: &mut Inside) -> (u16, String) {
    let parts: Vec<&str> = below.split('/').skip(1).collect();
    match (asked.method.as_str(), parts.as_slice()) {
        ("GET", ["rics", ric]) if RICS.contains(ric) => {
            (200, json!({ "ricId": ric, "state": state(inside) }).to_string())
        }
        ("GET", ["rics"]) => (200, json!({ "rics": RICS.map(|ric| json!({ "ricId": ric })) }).to_string()),
        ("GET", ["policy-types"]) => {
            let rows = inside.types.keys().flat_map(|id| RICS.map(|ric| (id, ric)));
            let mut rows: Vec<Value> =
                rows.map(|(id, ric)| json!({ "policyTypeId": id, "nearRtRicId": ric })).collect();
            rows.push(json!({ "policyTypeId": "OF_ANOTHER", "nearRtRicId": "ric3" }));
            (200, Value::from(rows).to_string())
        }
        ("GET", ["policy-types", kind]) => match inside.types.get(*kind) {
            Some(schema) => (200, json!({ "policySchema": floats(schema) }).to_string()),
            None => (404, String::new()),
        },
        ("GET", ["services"]) => {
            let services = inside.services.iter();
            let list: Vec<Value> =
                services.map(|(id, time)| json!({ "serviceId": id, "keepAliveIntervalSeconds": time })).collect();
            (200, json!({ "serviceList": list }).to_string())
        }
        ("GET", ["policies"]) => {
            let found = listed(asked, inside, "nearRtRicId", "policyTypeId");
            let rows: Vec<Value> =
                found.iter().map(|(id, ric)| json!({ "policyId": id, "nearRtRicId": ric })).collect();
            (200, Value::from(rows).to_string())
        }
        ("POST", ["policies"]) => {
            let body: Value = serde_json::from_slice(&asked.body).unwrap_or_default();
            let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
            let (kind, id) = (text("policyTypeId"), text("policyId"));
            if inside.policies.contains_key(&id) {
                return (409, json!({ "detail": "Policy already created with ID" }).to_string());
            }
            if !passes(inside, &kind, &body["policyObject"]) {
                return (500, json!({ "detail": "400 BAD_REQUEST from RIC" }).to_string());
            }
            let transient = body["transient"].as_bool().unwrap_or(false);
            let ric = text("nearRtRicId");
            put_at(inside, &ric, &id, &kind, body["policyObject"].clone(), transient, &text("serviceId"));
            (201, body.to_string())
        }
        (method, ["policies", id, rest @ ..]) => match (method, rest, inside.policies.get(*id).cloned()) {
            (_, _, None) => (404, json!({ "detail": "Could not find policy" }).to_string()),
            ("GET", [], Some(stored)) => (200, stored.body.to_string()),
            ("GET", ["status"], Some(_)) => (200, status_of(inside, id).unwrap_or_default().to_string()),
            ("PUT", [], Some(stored)) => {
                let body: Value = serde_json::from_slice(&asked.body).unwrap_or_default();
                inside.lost.remove(*id);
                // It forgets whose it is and that it may vanish.
                put_at(inside, &stored.ric, id, &stored.kind, body.clone(), false, "");
                (200, body.to_string())
            }
            ("DELETE", [], Some(_)) if inside.lost.contains(*id) => {
                let class = "org.springframework.web.reactive.function.client.WebClientResponseException$NotFound";
                let detail = format!("{class}: 404 Not Found from DELETE http://ric1/A1-P/v2/policytypes");
                (500, json!({ "type": "about:blank", "status": 500, "detail": detail }).to_string())
            }
            ("DELETE", [], Some(_)) => {
                inside.policies.remove(*id);
                (204, String::new())
            }
            _ => (405, String::new()),
        },
        _ => (404, String::new()),
    }
}
