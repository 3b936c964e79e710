//! `node gnb-1 : gnb { site plaza  profile 3gpp-r18  parent cu-1  capacity cpu 32 }`

use std::collections::BTreeSet;
use std::sync::Arc;

use ranform_grammar::ast::Value;
use ranform_network::diagnostic::codes;
use ranform_network::ids::NodeId;
use ranform_network::network::{Node, NodeKind, OnUnreachable, Protocol, Toleration};
use ranform_network::profile::{PROFILES, Profile};
use ranform_network::{Diagnostic, Located, Span};

use super::argument::Argument;
use super::body::{Body, Line, pairs};
use super::management::management;
use super::names::{Kind, Lookup};
use super::site::location;
use super::suggest;

/// What a node block or row says, the nodes that it names excepted: nodes are not numbered yet.
/// `xapps` are the names of all xApps.
pub(crate) fn node(
    body: &Body<'_>,
    kind: Option<NodeKind>,
    lookup: Lookup<'_>,
    xapps: &BTreeSet<&str>,
) -> Option<Node> {
    let entity = body.entity(body.scope.address("node", &body.name));
    let management = body.line("manage").and_then(management);
    let protocol = management.as_ref().map(|way| way.protocol);
    let profile = body.one("profile");
    let profile_span = profile.map_or(body.span, |profile| profile.span);
    let profile = match profile {
        Some(name) => name.name().and_then(|name| find_profile(body, &name)),
        None => Some(default_profile(kind, protocol)),
    };
    let enb = body.line("enb-id");
    let e2 = body.one("e2").and_then(|endpoint| endpoint.text());
    let home = enb.is_some_and(|line| line.says("home"));
    let node = Node {
        entity,
        kind: kind.unwrap_or(NodeKind::Gnb),
        site: body.one("site").and_then(|site| lookup.bind(Kind::Site, &site)).map(|site| site.value),
        parent: None,
        profile: profile.clone().unwrap_or_else(|| default_profile(kind, protocol)),
        profile_span,
        version: body.one("version").and_then(|version| version.text()).map(|version| version.value),
        tier: body.one("tier").and_then(|tier| tier.whole(0, 1000)).map(|tier| tier.value),
        runs_xapps: body.one("runs-xapps").and_then(|answer| answer.yes()).unwrap_or(true),
        management,
        hosted_on: None,
        tolerates: if kind == Some(NodeKind::Compute) { tolerates(body) } else { Vec::new() },
        on_unreachable: body
            .one("on unreachable")
            .and_then(|word| word.choice(ON_UNREACHABLE))
            .map(|word| word.value)
            .unwrap_or_default(),
        host_plmn: body.one("plmn").and_then(|plmn| plmn.plmn()),
        gnb_id: body.one("gnb-id").and_then(|id| id.gnb_id()),
        gnb_du_id: body.one("gnb-du-id").and_then(|id| id.gnb_du_id()),
        gnb_du_name: body.one("gnb-du-name").and_then(|name| name.gnb_du_name()),
        enb_id: enb.and_then(|line| line.first()).and_then(|id| id.enb_id(home)),
        home,
        capacity: capacity(body),
        fixed_cost: None,
        component_cost: Vec::new(),
        e2_endpoint_span: e2.as_ref().map_or(body.span, |endpoint| endpoint.span),
        e2_endpoint: e2.map(|endpoint| endpoint.value),
        location: body.line("location").and_then(location),
        cells: Vec::new(),
        radios: Vec::new(),
        ports: Vec::new(),
    };
    if kind.is_some_and(|kind| kind != NodeKind::Compute) {
        body.without_effect("runs-xapps", "xApps run on compute nodes only");
        body.without_effect("tolerates", "pods run on compute nodes only");
    }
    kind.is_some().then(|| with_costs(body, node, xapps))
}

/// The taints that pods bear, each once.
fn tolerates(body: &Body<'_>) -> Vec<Toleration> {
    let one = |taint: Argument<'_, '_>| {
        let text = taint.text()?;
        let report = |problem: String| {
            let message = format!("`{}` is no taint: {problem}", text.value);
            let help = "write it as `kubectl taint` does: `tolerates \"team=ran:NoSchedule\"`";
            taint.report(&codes::WRONG_VALUE, message, help);
        };
        Toleration::parse(&text.value).map_err(report).ok()
    };
    let all: BTreeSet<Toleration> = body.all("tolerates").filter_map(|line| one(line.first()?)).collect();
    all.into_iter().collect()
}

const ON_UNREACHABLE: &[(OnUnreachable, &str)] = &[(OnUnreachable::Stop, "stop"), (OnUnreachable::Defer, "defer")];

/// The nodes that a node names.
pub(crate) struct Named {
    pub parent: Option<Located<NodeId>>,
    pub hosted_on: Option<Located<NodeId>>,
}

impl Named {
    /// The lines that name one.
    pub const LINES: &[&str] = &["parent", "hosted on"];
}

/// The nodes that a node names, once nodes are numbered.
pub(crate) fn named(body: &Body<'_>, lookup: Lookup<'_>) -> Option<Named> {
    let bound = |line: &str| lookup.bind(Kind::Node, &body.one(line)?);
    let named = Named { parent: bound("parent"), hosted_on: bound("hosted on") };
    (named.parent.is_some() || named.hosted_on.is_some()).then_some(named)
}

/// The profile of a kind that names none: a folder plays the device, a RIC reached over A1 lists what most
/// list, a node of a cluster is one.
pub(crate) fn default_profile(kind: Option<NodeKind>, protocol: Option<Protocol>) -> Arc<Profile> {
    let name = match kind {
        Some(_) if protocol == Some(Protocol::Kubernetes) => "kubernetes",
        Some(NodeKind::NearRtRic) if protocol == Some(Protocol::A1) => "a1-2",
        Some(NodeKind::Compute | NodeKind::NearRtRic | NodeKind::NonRtRic) => "compute",
        _ => "directory",
    };
    PROFILES.get(name).cloned().unwrap_or_default()
}

pub(crate) fn find_profile(body: &Body<'_>, name: &Located<ranform_grammar::ast::Word>) -> Option<Arc<Profile>> {
    let found = PROFILES.get(name.value.as_str()).cloned();
    if found.is_none() {
        let near = suggest::nearest(&name.value, PROFILES.keys().map(String::as_str));
        let all: Vec<_> = PROFILES.keys().map(|name| format!("`{name}`")).collect();
        body.report(
            Diagnostic::error(&codes::UNKNOWN_REFERENCE, name.span, format!("there is no profile `{}`", name.value))
                .help(suggest::or_say(near, || format!("the profiles are {}", all.join(", ")))),
        );
    }
    found
}

/// `capacity cpu 32, memory 64GB`
fn capacity(body: &Body<'_>) -> Vec<(ranform_network::network::Name, Located<f64>)> {
    let mut capacity: Vec<_> =
        body.all("capacity").flat_map(amounts).map(|(name, amount)| (name.value, amount)).collect();
    capacity.sort_by(|a, b| a.0.cmp(&b.0));
    capacity
}

/// `cpu 32, memory 64GB`: names, each once, with amounts in base units.
pub(crate) fn amounts(line: Line<'_, '_>) -> Vec<(Located<ranform_network::network::Name>, Located<f64>)> {
    amounts_of(line, line.values())
}

/// The amounts that some values of a line say.
pub(crate) fn amounts_of<'b>(
    line: Line<'b, '_>,
    values: &'b [Located<Value>],
) -> Vec<(Located<ranform_network::network::Name>, Located<f64>)> {
    let mut amounts: Vec<(Located<ranform_network::network::Name>, Located<f64>)> = Vec::new();
    for (name, amount) in pairs(line, values) {
        let (Some(name), Some(amount)) = (resource(&name), in_base_units(&name, amount)) else { continue };
        if let Some((first, _)) = amounts.iter().find(|(other, _)| other.value == name.value) {
            line.body.report(twice(&name.value, name.span, first.span));
        } else {
            amounts.push((name, amount));
        }
    }
    amounts
}

/// The resources that Kubernetes and every RIC know; any other is matched by its name.
pub(crate) const RESOURCES: [&str; 3] = ["cpu", "memory", "storage"];

/// The name of a resource. Any name is one, but for a slip of a known one.
fn resource(name: &Argument<'_, '_>) -> Option<Located<ranform_network::network::Name>> {
    let text = name.text()?;
    if RESOURCES.contains(&&*text.value) {
        return Some(text);
    }
    // `mem` is the beginning of one; `gpu` is no slip of `cpu`.
    let begun = RESOURCES.into_iter().find(|known| text.value.len() >= 3 && known.starts_with(&*text.value));
    let slip = || suggest::nearest(&text.value, RESOURCES).filter(|_| text.value.len() > 3);
    let Some(near) = begun.or_else(slip) else { return Some(text) };
    let message = format!("there is no resource `{}`", text.value);
    name.report(&codes::UNKNOWN_REFERENCE, message, format!("did you mean `{near}`?"));
    None
}

/// The amount of a resource: cores, or an amount of data, as the resource is measured.
fn in_base_units<'b>(name: &Argument<'b, '_>, amount: Argument<'b, '_>) -> Option<Located<f64>> {
    let word = name.value.name().map_or("", |name| name.as_str());
    let amount = amount.of(word);
    match word {
        "cpu" => amount.cores(),
        "memory" | "storage" => amount.bytes().map(|bytes| bytes.map(|bytes| bytes.0 as f64)),
        _ => amount.resource(),
    }
}

/// The finding about a name that stands twice in a list.
pub(crate) fn twice(name: &str, second: Span, first: Span) -> Diagnostic {
    Diagnostic::error(&codes::DUPLICATE_ATTRIBUTE, second, format!("`{name}` is given twice"))
        .and(first, "first given here")
        .help("keep one of the two")
}

/// What a node's cost may speak of, beside the xApps by name.
const COST_PARTS: [&str; 6] = ["fixed", "management", "e2t", "sdl", "nib", "xapp"];

/// `cost fixed 10, management 4, e2t 4`
fn with_costs(body: &Body<'_>, mut node: Node, xapps: &BTreeSet<&str>) -> Node {
    let mut given: Vec<Located<ranform_network::network::Name>> = Vec::new();
    for (name, cost) in body.all("cost").flat_map(|line| line.pairs()) {
        let Some(part) = name.text() else { continue };
        if !COST_PARTS.contains(&&*part.value) && !xapps.contains(&*part.value) {
            let known = COST_PARTS.iter().chain(xapps).copied();
            let help = suggest::or_say(suggest::nearest(&part.value, known), || {
                format!(
                    "a cost is of {}, or of an xApp by its name",
                    COST_PARTS.map(|part| format!("`{part}`")).join(", ")
                )
            });
            name.report(&codes::UNKNOWN_REFERENCE, format!("there is no component or xApp `{}`", part.value), help);
            continue;
        }
        if let Some(first) = given.iter().find(|other| other.value == part.value) {
            body.report(twice(&part.value, part.span, first.span));
            continue;
        }
        given.push(part.clone());
        let Some(cost) = cost.plain_amount() else { continue };
        match &*part.value {
            "fixed" => node.fixed_cost = Some(cost.value),
            _ => node.component_cost.push((part.value, cost.value)),
        }
    }
    node.component_cost.sort_by(|a, b| a.0.cmp(&b.0));
    node
}
