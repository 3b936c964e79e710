//! The changes of a plan as lines: deletions first, then what users notice most, then by address. Changes that say the
//! same of different things fold into one line; one or two are easier to read by themselves.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use ranform_network::Address;
use ranform_network::deployment::{Action, Cause, Change, Quota, Quotas, Resource};
use ranform_network::profile::Effect;
use ranform_network::units::{Hertz, decimal};
use serde_json::Value;

use super::plain::one_line;
use super::values;
use crate::software::rollout::is_moved;
use crate::software::words;

/// The region of each cell and radio, where it is known.
pub type Regions<'a> = BTreeMap<&'a Address, &'a str>;

/// The longest text that stands behind a change on its line; leaves that are more go below it.
const SHORT: usize = 72;

/// This many changes are read one by one; only more are folded.
const FEW: usize = 20;

/// Every change as lines in the order in which they are to be read; folded where they are many, or have not the `room`.
pub fn lines(changes: &[Change], regions: &Regions<'_>, room: usize) -> Vec<String> {
    if changes.len() <= FEW {
        let lines = in_order(changes.iter().map(|change| vec![change]).collect(), regions);
        if lines.len() <= room {
            return lines;
        }
    }
    let mut folded: BTreeMap<String, Vec<&Change>> = BTreeMap::new();
    for change in changes {
        folded.entry(fold_key(change)).or_default().push(change);
    }
    let mut groups: Vec<Vec<&Change>> = Vec::with_capacity(folded.len());
    for group in folded.into_values() {
        if group.len() > 2 {
            groups.push(group);
        } else {
            groups.extend(group.into_iter().map(|change| vec![change]));
        }
    }
    in_order(groups, regions)
}

fn in_order(mut groups: Vec<Vec<&Change>>, regions: &Regions<'_>) -> Vec<String> {
    groups.sort_by(|a, b| order(a[0]).cmp(&order(b[0])).then_with(|| a[0].address.cmp(&b[0].address)));
    let lines = groups.iter().flat_map(|group| group_lines(group, regions));
    lines.map(|line| one_line(&line).into_owned()).collect()
}

/// Deletions first, then by what users notice.
fn order(change: &Change) -> (bool, Reverse<Effect>) {
    (change.action != Action::Delete, Reverse(change.effect))
}

/// What is equal about changes that fold: everything but the address and the line of a table or file.
fn fold_key(change: &Change) -> String {
    let body = match change.action {
        // A new or removed thing folds by its kind and tenant; its leaves are in the artifacts.
        Action::Create | Action::Delete => String::new(),
        Action::Update => format!("{:?}", change.leaves()),
    };
    let cause = match &change.cause {
        Cause::Intent { at } => file_of(at).to_owned(),
        cause => cause_words(cause),
    };
    let taken = !change.taken_over.is_empty();
    format!("{:?}|{}|{:?}|{:?}|{taken}|{cause}|{body}", change.action, kind(change), change.effect, change.tenant)
}

fn file_of(at: &str) -> &str {
    at.rsplit_once(':').map_or(at, |(file, _)| file)
}

fn resource(change: &Change) -> Option<&Resource> {
    change.after.as_ref().or(change.before.as_ref())
}

fn kind(change: &Change) -> &'static str {
    resource(change).map_or("thing", Resource::kind)
}

fn group_lines(group: &[&Change], regions: &Regions<'_>) -> Vec<String> {
    let change = group[0];
    let (sign, verb) = match change.action {
        Action::Create => ("+", "create"),
        Action::Update if is_moved(change) => ("+/-", "replace"),
        Action::Update => ("~", "update"),
        Action::Delete => ("-", "delete"),
    };
    let name = match group {
        [only] => only.address.to_string(),
        many => format!("{}{}", folded_name(many), region_words(many, regions)),
    };
    let effect = if change.effect == Effect::Hitless { String::new() } else { format!(", {}", change.effect.word()) };
    let taken = if change.taken_over.is_empty() { "" } else { ", taken over" };
    let said = match change.action {
        Action::Update => update_words(change),
        Action::Create | Action::Delete => common_words(group),
    };
    let short = said.join(", ");
    let fits = short.chars().count() <= SHORT;
    let behind = if fits && !short.is_empty() { format!("  {short}") } else { String::new() };
    let mut lines = vec![format!("{sign} {name}  {verb}{taken}{effect}{behind}  ({})", group_cause(group))];
    if !fits {
        lines.extend(said.into_iter().map(|words| format!("    {words}")));
    }
    lines
}

/// `city on 2520 cells`, `700 nodes`.
fn folded_name(group: &[&Change]) -> String {
    let count = group.len();
    let tenant = group[0].tenant.as_deref().unwrap_or("tenants");
    match kind(group[0]) {
        "cell-tenant" => format!("{tenant} on {count} cells"),
        "radio-tenant" => format!("{tenant} on {count} radios"),
        "port-vlan" => format!("{count} VLANs of {tenant}"),
        "node" => format!("{count} nodes"),
        "ric-instance" => format!("{count} instances of RIC parts"),
        "model-instance" => format!("{count} model instances"),
        kind => {
            let devices: BTreeSet<&Address> = group.iter().map(|change| &change.device).collect();
            let things = if kind == "policy" { "policies".to_owned() } else { format!("{kind}s") };
            format!("{count} {things} on {}", ranform_network::units::count(devices.len(), "device"))
        }
    }
}

/// ` in region north` where all of a group are.
fn region_words(group: &[&Change], regions: &Regions<'_>) -> String {
    let of = |change: &&Change| {
        let above = change.address.parent();
        let own = regions.get(&change.address).or_else(|| regions.get(above.as_ref()?));
        own.copied().or_else(|| {
            let mut below = regions.range::<Address, _>(&change.device..);
            below.next().filter(|(address, _)| address.is_within(&change.device)).map(|(_, region)| *region)
        })
    };
    match of(&group[0]) {
        Some(region) if group.iter().all(|change| of(change) == Some(region)) => format!(" in region {region}"),
        _ => String::new(),
    }
}

fn group_cause(group: &[&Change]) -> String {
    let first = &group[0].cause;
    match first {
        Cause::Intent { at } if group.iter().any(|change| change.cause != *first) => {
            format!(
                "{}, {} lines",
                file_of(at),
                group.iter().map(|change| &change.cause).collect::<BTreeSet<_>>().len()
            )
        }
        cause => cause_words(cause),
    }
}

/// A cause in words.
pub fn cause_words(cause: &Cause) -> String {
    match cause {
        Cause::Intent { at } if at.is_empty() => "an intent line that is gone".to_owned(),
        Cause::Intent { at } => at.clone(),
        Cause::Observation => "the observation".to_owned(),
        Cause::Drift => "drift".to_owned(),
        Cause::Consequence { of } => format!("follows from {of}"),
    }
}

/// What new or removed things have in common, in a few words.
fn common_words(group: &[&Change]) -> Vec<String> {
    let mut all = group.iter().filter_map(|change| resource(change)).map(gist);
    let Some(mut common) = all.next() else { return Vec::new() };
    for other in all {
        common.retain(|words| other.contains(words));
    }
    common
}

/// A thing in the words that tell it from others of its kind.
fn gist(resource: &Resource) -> Vec<String> {
    match resource {
        Resource::Node(node) => match (node.id, node.id_length) {
            (Some(id), Some(length)) => vec![format!("gNB {id}/{length}")],
            (Some(id), None) => vec![format!("eNB {id}")],
            _ => Vec::new(),
        },
        Resource::Cell(cell) => {
            let width = format!("{} at {}", Hertz(cell.bandwidth_hz), Hertz(cell.carrier_hz));
            let pci = cell.pci.map(|pci| format!("PCI {pci}"));
            [width].into_iter().chain(pci).collect()
        }
        Resource::CellTenant(tenant) => {
            let slice = tenant.snssai.map(|slice| format!("slice {slice}"));
            let quota = tenant.quota.map_or_else(|| "no quota".to_owned(), |quota| quota_words(&quota));
            [format!("PLMN {}", tenant.plmn)].into_iter().chain(slice).chain([quota]).collect()
        }
        Resource::Radio(radio) => vec![format!("channel {}", radio.channel), Hertz(radio.width_hz).to_string()],
        Resource::RadioTenant(tenant) => {
            let vlan = tenant.vlan.map(|vlan| format!("VLAN {vlan}"));
            let weight = tenant.weight.map(|weight| format!("{} %", decimal(weight, 2)));
            [format!("SSID {:?}", tenant.ssid)].into_iter().chain(vlan).chain(weight).collect()
        }
        Resource::Port(port) => vec![port.interface.clone()],
        Resource::PortVlan(vlan) => vec![format!("VLAN {} on {}", vlan.vlan, vlan.interface)],
        Resource::RicInstance(instance) => {
            let some = |verb: &str, nodes: &[Address]| {
                (!nodes.is_empty()).then(|| format!("{verb} {}", ranform_network::units::count(nodes.len(), "E2 node")))
            };
            let standby = some("stands by for", &instance.stands_by_for);
            some("serves", &instance.e2_nodes).into_iter().chain(standby).collect()
        }
        Resource::ModelInstance(instance) => instance.functions.clone(),
        Resource::Policy(policy) => {
            let slice = policy.scope.slice.map(|slice| format!("slice {}", slice.snssai));
            [format!("A1 {}", policy.policy_type.kind.word())].into_iter().chain(slice).collect()
        }
    }
}

fn quota_words(quota: &Quotas) -> String {
    let one = |quota: &Quota| format!("{} % = {} PRB", decimal(quota.min, 2), quota.prbs);
    match quota {
        Quotas::Both { both } => one(both),
        Quotas::Each { dl, ul } => {
            let parts = [("downlink", dl), ("uplink", ul)].into_iter();
            let parts = parts.filter_map(|(word, quota)| quota.as_ref().map(|quota| format!("{word} {}", one(quota))));
            parts.collect::<Vec<_>>().join(", ")
        }
    }
}

/// The leaves of an update: a quota in shares and PRBs, replicas as what becomes of them, every other leaf by its name.
fn update_words(change: &Change) -> Vec<String> {
    let (before, after) = (quota_of(change.before.as_ref()), quota_of(change.after.as_ref()));
    let mut words = Vec::new();
    let side = |quota: Option<Quotas>| quota.map_or_else(|| "no quota".to_owned(), |quota| quota_words(&quota));
    if side(before) != side(after) {
        words.push(format!("{} -> {}", side(before), side(after)));
    }
    let leaves = change.leaves();
    let whom = |path: &str| path.ends_with(".e2_nodes") || path.ends_with(".consumers");
    let tells_whom = leaves.iter().any(|(path, _, _)| whom(path));
    for (path, old, new) in leaves {
        let leaf = path.split_once('.').map_or(path.as_str(), |(_, leaf)| leaf);
        // The quota says it already, but for a cap that is not the minimum's shadow.
        if leaf.starts_with("quota.") && !(leaf.ends_with(".max") && (is_capped(before) || is_capped(after))) {
            continue;
        }
        // What nodes are called follows from which nodes they are.
        if leaf == "reaches" && tells_whom {
            continue;
        }
        if let Some(resource) = leaf.strip_prefix("demand.") {
            words.push(scaled(resource, old.as_ref(), new.as_ref()));
            continue;
        }
        let said = if leaf == "secrets" { secrets } else { value };
        let (old, new) = (said(old.as_ref()), said(new.as_ref()));
        words.push(match leaf {
            "cluster.replicas" | "replicas" => format!("scale {old} -> {new} replicas"),
            _ => format!("{leaf}: {old} -> {new}"),
        });
    }
    words
}

/// A demand that becomes another, in the words of replicas: `scale 1 -> 2 cpu`.
fn scaled(resource: &str, old: Option<&Value>, new: Option<&Value>) -> String {
    let amount = |side: Option<&Value>| {
        let amount = words::amount(resource, side.and_then(Value::as_f64).unwrap_or(0.0));
        amount.strip_suffix(resource).map_or(amount.clone(), |number| number.trim_end().to_owned())
    };
    format!("scale {} -> {} {resource}", amount(old), amount(new))
}

fn quota_of(resource: Option<&Resource>) -> Option<Quotas> {
    match resource {
        Some(Resource::CellTenant(tenant)) => tenant.quota,
        _ => None,
    }
}

/// Whether a maximum says something else than the minimum.
fn is_capped(quotas: Option<Quotas>) -> bool {
    match quotas {
        Some(Quotas::Both { both }) => both.max != both.min,
        Some(Quotas::Each { dl, ul }) => [dl, ul].into_iter().flatten().any(|quota| quota.max != quota.min),
        None => false,
    }
}

/// Secrets by reference, as they are written in the language.
fn secrets(value: Option<&Value>) -> String {
    let entries = value.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let one = |entry: &Value| {
        let said = |word: &str, member: &str| {
            entry.get(member).and_then(Value::as_str).map(|text| format!("{word}{text}")).unwrap_or_default()
        };
        let members =
            [("", "secret"), (" key ", "key"), (" at ", "folder"), (" as ", "variable"), (" for ", "connector")];
        members.into_iter().map(|(word, member)| said(word, member)).collect::<String>()
    };
    match entries.len() {
        0 => "none".to_owned(),
        1..=3 => entries.iter().map(one).collect::<Vec<_>>().join(", "),
        many => format!("[{many} items]"),
    }
}

/// A value as JSON; a long list by its length.
fn value(value: Option<&Value>) -> String {
    match value {
        None => "nothing".to_owned(),
        Some(Value::Array(items)) if items.len() > 3 => format!("[{} items]", items.len()),
        Some(Value::Array(items)) if !items.is_empty() && items.iter().all(Value::is_object) => {
            items.iter().map(parts).collect::<Vec<_>>().join(", ")
        }
        Some(value) => values::words(value),
    }
}

/// What an entry of a list says, without its names: `10.1.0.5 001-01 amf`.
fn parts(entry: &Value) -> String {
    let text = |value: &Value| value.as_str().map_or_else(|| values::words(value), str::to_owned);
    entry.as_object().into_iter().flatten().map(|(_, value)| text(value)).collect::<Vec<_>>().join(" ")
}
