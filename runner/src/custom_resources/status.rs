//! What the status of a custom resource says: conditions as the Kubernetes API conventions ask, drift, enforced shares.
//!
//! Everything is a function of what is known ([`Facts`]) and of the object as the cluster has it; no clock, no network.

use std::collections::{BTreeMap, BTreeSet};

use ranform_network::answers::Decisions;
use ranform_network::deployment::{Change, Quota, Quotas, Recorded};
use ranform_network::network::Interface;
use ranform_network::units::{count, decimal};
use ranform_network::{Address, Network, Resource};
use ranform_targets::custom_resources::{LONGEST_MESSAGE, MOST_DRIFT, MOST_SHARES, api_version};
use ranform_targets::kubernetes::ADDRESS;
use serde_json::{Value, json};

use super::places;
use crate::drivers::Difference;
use crate::software::report::RejectedLine;

/// What is known when statuses are written.
pub struct Facts<'a> {
    /// What is intended.
    pub network: &'a Network,
    /// The serial of the last apply; 0 before the first.
    pub serial: u64,
    /// What was applied.
    pub recorded: &'a BTreeMap<Address, Recorded>,
    /// What a plan would change; where there is no plan, why not.
    pub changes: Result<&'a [Change], String>,
    /// What the plan decides on RICs and requests.
    pub decisions: &'a Decisions,
    /// The requests that it does not serve, and why.
    pub rejected: &'a [RejectedLine],
    /// What others changed, and what the intents say about it: `stop`, `restore`, `accept`, `ignore`.
    pub drift: &'a [(Difference, &'static str)],
    /// Devices that could not be read, and why.
    pub unread: &'a BTreeMap<Address, String>,
    /// What is there as applied and yet not in effect, and why.
    pub degraded: &'a BTreeMap<Address, String>,
}

/// The addresses that an object decides.
struct Scope {
    roots: BTreeSet<Address>,
    request: Option<Address>,
}

impl Scope {
    fn of(network: &Network, kind: &str, address: &Address) -> Self {
        let mut roots = BTreeSet::new();
        let mut request = None;
        let on = |tenant: &str, interfaces: &[Interface], vlan: Option<u16>| {
            let interfaces = interfaces.iter().map(|interface| (&network.entity_of(*interface).address, interface));
            let child = |(at, interface): (&Address, &Interface)| match (interface, vlan) {
                (Interface::Port(_), Some(vlan)) => at.child("vlan", &vlan.to_string()),
                _ => at.child("tenant", tenant),
            };
            interfaces.map(child).collect::<Vec<_>>()
        };
        let tenant = |id| network.tenants[id].entity.address.last().1.trim_matches('"');
        match kind {
            "Chunk" => {
                let found = network.chunks.as_slice().iter().filter(|chunk| chunk.entity.address == *address);
                found.for_each(|chunk| roots.extend(on(tenant(chunk.tenant.value), &chunk.interfaces, None)));
            }
            "Service" => {
                for service in network.services.as_slice().iter().filter(|one| one.entity.address == *address) {
                    let chunk = &network.chunks[service.chunk.value];
                    let vlan = service.vlan.map(|vlan| vlan.value);
                    roots.extend(on(tenant(chunk.tenant.value), &chunk.interfaces, vlan));
                }
            }
            "ServiceSla" => {
                for sla in network.slas.as_slice().iter().filter(|one| one.entity.address == *address) {
                    sla.shares.iter().for_each(|share| roots.extend(on(tenant(share.tenant), &sla.interfaces, None)));
                }
            }
            "ModelRequest" => request = Some(address.clone()),
            _ => drop(roots.insert(address.clone())),
        }
        Self { roots, request }
    }

    /// Whether a thing is one of them, or below one.
    fn covers(&self, address: &Address, resources: &[Option<&Resource>]) -> bool {
        let mut at = Some(address.clone());
        while let Some(here) = at {
            if self.roots.contains(&here) {
                return true;
            }
            at = here.parent();
        }
        let Some(request) = &self.request else { return false };
        resources.iter().flatten().any(|resource| match resource {
            Resource::ModelInstance(model) => model.consumers.iter().any(|consumer| consumer.request == *request),
            _ => false,
        })
    }
}

/// A condition before its time is known.
struct Condition {
    kind: &'static str,
    status: &'static str,
    reason: &'static str,
    message: String,
}

/// The object with nothing but its status, to be applied to the status subresource. `exported` is what the intents make
/// of it, `live` what the cluster has, `now` an instant in RFC 3339.
pub fn status(exported: &Value, live: Option<&Value>, facts: &Facts<'_>, now: &str) -> Value {
    let text = |path: &str| exported.pointer(path).and_then(Value::as_str).unwrap_or_default();
    let annotation = exported["metadata"]["annotations"][ADDRESS].as_str().unwrap_or_default();
    let (kind, address) = (text("/kind"), Address::from_text(annotation));
    let scope = Scope::of(facts.network, kind, &address);
    let applied: Vec<(&Address, &Recorded)> =
        facts.recorded.iter().filter(|(address, thing)| scope.covers(address, &[Some(&thing.resource)])).collect();
    let of = |address: &Address| facts.recorded.get(address).map(|thing| &thing.resource);
    let drift = facts.drift.iter().filter(|(found, _)| scope.covers(&found.address, &[of(&found.address)]));
    let drift: Vec<&(Difference, &str)> = drift.collect();
    let open = drift.iter().filter(|(_, action)| *action != "ignore").count();
    let others = live.and_then(|live| differs(&exported["spec"], &live["spec"], "spec"));
    let is_applied = is_applied(&scope, facts, &applied, others);
    let drifted = drifted(&drift, open, &address, &applied, facts.unread);
    let degraded = facts.degraded.iter().filter(|(address, _)| scope.covers(address, &[of(address)]));
    let degraded: Vec<String> = degraded.map(|(address, why)| format!("{address}: {why}")).collect();
    let ready = ready(&is_applied, &drifted, &degraded);
    let generation = live.and_then(|live| live["metadata"]["generation"].as_i64());
    let conditions = [ready, is_applied, drifted].map(|one| written(one, generation, live, now));
    let mut status = json!({
        "appliedSerial": facts.serial,
        "conditions": conditions,
        "driftCount": open,
        "drift": drift.iter().take(MOST_DRIFT).map(|(found, action)| difference(found, action)).collect::<Vec<_>>(),
        "shares": applied.iter().flat_map(|(at, thing)| shares(at, thing)).take(MOST_SHARES).collect::<Vec<_>>(),
    });
    if facts.changes.is_ok() {
        places::add(&mut status, kind, &address, facts.network, facts.decisions);
    }
    if let Some(generation) = generation {
        status["observedGeneration"] = generation.into();
    }
    let mut metadata = json!({ "name": text("/metadata/name") });
    if let Some(namespace) = exported.pointer("/metadata/namespace") {
        metadata["namespace"] = namespace.clone();
    }
    json!({ "apiVersion": api_version(), "kind": kind, "metadata": metadata, "status": status })
}

/// Whether what the object decides is on the devices.
fn is_applied(
    scope: &Scope,
    facts: &Facts<'_>,
    applied: &[(&Address, &Recorded)],
    others: Option<String>,
) -> Condition {
    let condition = |status, reason, message: String| Condition { kind: "Applied", status, reason, message };
    if let Some(at) = others {
        let message = format!("the object says something else than the intents: {at}; `ranform import` takes it over");
        return condition("False", "SpecDiffers", message);
    }
    let changes = match &facts.changes {
        Ok(changes) => changes,
        Err(why) => return condition("Unknown", "NoPlan", format!("the intents cannot be planned: {why}")),
    };
    if let Some(rejected) = facts.rejected.iter().find(|line| Some(&line.request) == scope.request.as_ref()) {
        let why = match rejected.reasons.is_empty() {
            true => "why was not looked into".to_owned(),
            false => some(&rejected.reasons),
        };
        return condition("False", "Rejected", format!("the plan does not serve it: {why}"));
    }
    let concerned = |change: &&Change| scope.covers(&change.address, &[change.before.as_ref(), change.after.as_ref()]);
    let pending: Vec<String> = changes.iter().filter(concerned).map(|change| change.address.to_string()).collect();
    if !pending.is_empty() {
        let number = count(pending.len(), "change");
        let message = format!("{number} to apply: {}; `ranform plan` shows them", some(&pending));
        let reason = if applied.is_empty() { "NotApplied" } else { "ChangesPending" };
        return condition("False", reason, message);
    }
    if applied.is_empty() {
        return condition("True", "NothingToApply", "no device is told anything by it".to_owned());
    }
    let message = format!("{} as intended since serial {}", count(applied.len(), "thing"), facts.serial);
    condition("True", "AsIntended", message)
}

/// Whether others changed it.
fn drifted(
    drift: &[&(Difference, &str)],
    open: usize,
    own: &Address,
    applied: &[(&Address, &Recorded)],
    unread: &BTreeMap<Address, String>,
) -> Condition {
    let condition = |status, reason, message: String| Condition { kind: "Drifted", status, reason, message };
    if open > 0 {
        let shown = drift.iter().filter(|(_, action)| *action != "ignore");
        let shown: Vec<String> = shown.map(|(found, _)| found.to_string()).collect();
        let verb = if open == 1 { "differs" } else { "differ" };
        let number = if open == 1 { "1 leaf".to_owned() } else { format!("{open} leaves") };
        return condition("True", "ChangedByOthers", format!("{number} {verb}: {}", some(&shown)));
    }
    let devices: BTreeSet<&Address> = applied.iter().map(|(_, thing)| &thing.device).chain([own]).collect();
    let away: Vec<String> =
        devices.into_iter().filter_map(|device| Some(format!("`{device}`: {}", unread.get(device)?))).collect();
    if !away.is_empty() {
        return condition("Unknown", "DeviceUnreachable", some(&away));
    }
    condition("False", "AsApplied", "the devices show what was applied".to_owned())
}

/// All of it together, and in effect.
fn ready(applied: &Condition, drifted: &Condition, degraded: &[String]) -> Condition {
    let condition = |status, from: &Condition| Condition {
        kind: "Ready",
        status,
        reason: from.reason,
        message: from.message.clone(),
    };
    match (applied.status, drifted.status) {
        ("False", _) => condition("False", applied),
        (_, "True") => condition("False", drifted),
        ("Unknown", _) => condition("Unknown", applied),
        (_, "Unknown") => condition("Unknown", drifted),
        _ if !degraded.is_empty() => {
            Condition { kind: "Ready", status: "False", reason: "Degraded", message: some(degraded) }
        }
        _ => condition("True", applied),
    }
}

/// A condition as the API has it; the time is kept where its status is as before.
fn written(condition: Condition, generation: Option<i64>, live: Option<&Value>, now: &str) -> Value {
    let before = live.and_then(|live| live.pointer("/status/conditions")?.as_array());
    let before = before.into_iter().flatten().find(|one| one["type"] == condition.kind);
    let since =
        before.filter(|one| one["status"] == condition.status).and_then(|one| one["lastTransitionTime"].as_str());
    let message: String = condition.message.chars().take(LONGEST_MESSAGE as usize).collect();
    let mut written = json!({
        "type": condition.kind,
        "status": condition.status,
        "reason": condition.reason,
        "message": message,
        "lastTransitionTime": since.unwrap_or(now),
    });
    if let Some(generation) = generation {
        written["observedGeneration"] = generation.into();
    }
    written
}

/// The first few, and how many more.
fn some(list: &[String]) -> String {
    const SHOWN: usize = 3;
    let more = list.len().saturating_sub(SHOWN);
    let shown = list.iter().take(SHOWN).cloned().collect::<Vec<_>>().join("; ");
    if more > 0 { format!("{shown}; and {more} more") } else { shown }
}

fn difference(found: &Difference, action: &str) -> Value {
    let short = |value: &Value| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        text.chars().take(1024).collect::<String>()
    };
    let leaf = if found.leaf.is_empty() { "all of it" } else { found.leaf.as_str() };
    let mut written = json!({ "address": found.address, "leaf": leaf, "action": action });
    for (field, value) in [("expected", &found.expected), ("found", &found.found)] {
        if let Some(text) = value.as_ref().map(short).filter(|text| !text.is_empty()) {
            written[field] = text.into();
        }
    }
    written
}

/// The shares of a tenant on a cell or radio, as applied.
fn shares(address: &Address, thing: &Recorded) -> Vec<Value> {
    let interface = address.parent().unwrap_or_default();
    let tenant = thing.tenant.as_deref().unwrap_or(address.last().1.trim_matches('"'));
    let percent = |number: f64| format!("{}%", decimal(number, 6));
    let one = |direction: &str, quota: Quota| {
        json!({
            "interface": interface, "tenant": tenant, "direction": direction,
            "dedicated": percent(quota.dedicated), "minimum": percent(quota.min), "maximum": percent(quota.max),
        })
    };
    match &thing.resource {
        Resource::CellTenant(cell) => match cell.quota {
            Some(Quotas::Both { both }) => vec![one("both", both)],
            Some(Quotas::Each { dl, ul }) => {
                let each = [("dl", dl), ("ul", ul)];
                each.into_iter().filter_map(|(direction, quota)| Some(one(direction, quota?))).collect()
            }
            None => Vec::new(),
        },
        Resource::RadioTenant(radio) => {
            let quota = radio.weight.map(|weight| {
                let max = if radio.limit { weight } else { 100.0 };
                one("both", Quota { dedicated: 0.0, min: weight, max, prbs: 0 })
            });
            quota.into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// The first place where two values differ, in words.
fn differs(intended: &Value, live: &Value, path: &str) -> Option<String> {
    match (intended, live) {
        (Value::Object(a), Value::Object(b)) => {
            let names: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            let null = Value::Null;
            names.into_iter().find_map(|name| {
                let of = |object: &serde_json::Map<String, Value>| object.get(name).unwrap_or(&null).clone();
                differs(&of(a), &of(b), &format!("{path}.{name}"))
            })
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            let pairs = a.iter().zip(b).enumerate();
            pairs.into_iter().find_map(|(at, (a, b))| differs(a, b, &format!("{path}[{at}]")))
        }
        _ if intended == live => None,
        (Value::Null, _) => Some(format!("`{path}` is not intended")),
        (_, Value::Null) => Some(format!("`{path}` is missing")),
        (Value::Array(_) | Value::Object(_), _) | (_, Value::Array(_) | Value::Object(_)) => {
            Some(format!("`{path}` differs"))
        }
        _ => Some(format!("`{path}` is {live}, not {intended}")),
    }
}
