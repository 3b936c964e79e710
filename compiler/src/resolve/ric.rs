//! `ric metro { serves e2-nodes in area downtown  candidates compute-nodes where tier = 2  xapp steering { loop 10ms } }`

use ranform_grammar::ast::{Block, Noun};
use ranform_network::diagnostic::codes;
use ranform_network::ids::NodeId;
use ranform_network::network::{
    ComponentKind, Name, NodeKind, PodSecurity, Protocol, Ric, RicComponent, RicPeer, RicProfile, Spread, SpreadAcross,
    Xapp,
};
use ranform_network::units::Nanoseconds;
use ranform_network::{Diagnostic, Located, Span};

use super::body::{Body, Line};
use super::image::image;
use super::management::management;
use super::names::Kind;
use super::node::{amounts, default_profile, twice};
use super::secrets::{pull_secrets, secrets};
use super::select::{Selected, Selector};
use super::settings::settings;
use super::settle::Declared;
use super::suggest;

/// What a RIC block says, its components and xApps included.
pub(crate) fn ric(body: &Body<'_>, declared: &Declared<'_>, selector: Selector<'_>) -> Option<Ric> {
    let block = declared.as_block()?;
    let entity = body.entity(body.scope.address("ric", &body.name));
    let serves = united(body, "serves", "e2-nodes in area downtown", selector);
    let candidates = united(body, "candidates", "compute-nodes where tier = 2", selector);
    let components = components(body, block);
    let xapps = xapps(body, block, &entity.address);
    let names: Vec<&str> = components
        .iter()
        .map(|component| component_word(component.kind))
        .chain(xapps.iter().map(|xapp| xapp.entity.address.last().1))
        .collect();
    let pins = body.all("pin").filter_map(|line| pin(line, &names, selector)).collect();
    let node = |argument: super::argument::Argument<'_, '_>| selector.lookup.bind::<NodeId>(Kind::Node, &argument);
    let exclusions = body.all("exclude").flat_map(|line| line.list()).filter_map(node).collect();
    let spread = body.all("spread").filter_map(|line| spread(line, &names)).collect();
    let e2t = components.iter().find(|component| component.kind == ComponentKind::E2t);
    let at_most = serves_at_most(body).or(e2t.and_then(|e2t| e2t.serves_at_most));
    let (serves, candidates) = (serves?, candidates?);
    let network = selector.lookup.network;
    let only = |nodes: Vec<NodeId>, keep: &dyn Fn(NodeKind) -> bool| {
        nodes.into_iter().filter(|node| keep(network.nodes[*node].kind)).collect()
    };
    Some(Ric {
        entity,
        e2_nodes: only(serves.nodes, &NodeKind::is_e2_node),
        e2_nodes_span: serves.span,
        candidates: only(candidates.nodes, &|kind| kind == NodeKind::Compute),
        candidates_span: candidates.span,
        components,
        xapps,
        pins,
        exclusions,
        serves_at_most: at_most,
        spread,
        peer: peer(body),
        profile: body
            .one("profile")
            .and_then(|profile| profile.choice(&RicProfile::ALL))
            .map(|one| one.value)
            .unwrap_or_default(),
    })
}

/// How policies reach it.
fn peer(body: &Body<'_>) -> Option<RicPeer> {
    let line = body.line("manage")?;
    let management = management(line)?;
    Some(RicPeer {
        management,
        profile: default_profile(Some(NodeKind::NearRtRic), Some(Protocol::A1)),
        profile_span: line.span(),
    })
}

/// All selections of an attribute together.
fn united(body: &Body<'_>, keyword: &str, example: &str, selector: Selector<'_>) -> Option<Selected> {
    let mut all: Option<Selected> = None;
    let mut complete = true;
    for line in body.all(keyword) {
        let Some(selected) = line.first().and_then(|argument| selector.select(&argument)) else {
            complete = false;
            continue;
        };
        all = Some(match all {
            None => selected,
            Some(mut before) => {
                before.nodes.extend(selected.nodes);
                before.nodes.sort_unstable();
                before.nodes.dedup();
                before.span = before.span.to(selected.span);
                before
            }
        });
    }
    if all.is_none() && complete {
        body.missing(keyword, example);
    }
    all.filter(|_| complete)
}

/// Reads a nested block; its findings become those of the outer one.
pub(crate) fn nested<T>(body: &Body<'_>, block: &Block, read: impl FnOnce(&Body<'_>) -> T) -> T {
    let inner = Body::of_block(block, body.scope);
    let result = read(&inner);
    inner.into_findings().into_iter().for_each(|finding| body.report(finding));
    result
}

fn component_word(kind: ComponentKind) -> &'static str {
    ComponentKind::ALL.iter().find(|(other, _)| *other == kind).map_or("", |(_, word)| word)
}

fn components(body: &Body<'_>, block: &Block) -> Vec<RicComponent> {
    let mut components: Vec<RicComponent> = Vec::new();
    for inner in block.blocks(Noun::Component) {
        let Some(name) = &inner.name else { continue };
        let Some((kind, _)) = ComponentKind::ALL.iter().find(|(_, word)| name.value == *word) else { continue };
        if let Some(first) = components.iter().find(|component| component.kind == *kind) {
            body.report(twice(&format!("component {}", name.value), name.span, first.span));
            continue;
        }
        components.push(nested(body, inner, |inner| RicComponent {
            kind: *kind,
            span: name.span,
            demand: demand(inner, "demand"),
            demand_per_e2_node: demand(inner, "demand per e2-node"),
            serves_at_most: serves_at_most(inner),
            cost: inner.one("cost").and_then(|cost| cost.amount()).map(|cost| cost.value),
            processing: processing(inner),
            image: inner.one("image").and_then(image),
            pull_secrets: pull_secrets(inner),
            secrets: secrets(inner, &[]),
            settings: settings(inner, &[]),
            pod_security: pod_security(inner),
        }));
    }
    components.sort_by_key(|component| component.kind);
    components
}

/// What an instance needs (or needs more for each E2 node), by resource, sorted.
pub(crate) fn demand(body: &Body<'_>, keyword: &str) -> Vec<(Name, f64)> {
    let mut demand: Vec<_> =
        body.all(keyword).flat_map(amounts).map(|(name, amount)| (name.value, amount.value)).collect();
    demand.sort_by(|a, b| a.0.cmp(&b.0));
    demand
}

/// `pod-security privileged`
pub(crate) fn pod_security(body: &Body<'_>) -> Option<Located<PodSecurity>> {
    body.one("pod-security").and_then(|level| level.choice(&PodSecurity::ALL))
}

fn processing(body: &Body<'_>) -> Nanoseconds {
    body.one("processing").and_then(|time| time.nanoseconds()).map_or(Nanoseconds(0), |time| time.value)
}

fn xapps(body: &Body<'_>, block: &Block, ric: &ranform_network::Address) -> Vec<Xapp> {
    let mut blocks: Vec<&Block> = block.blocks(Noun::Xapp).filter(|inner| inner.name.is_some()).collect();
    blocks.sort_by(|a, b| name_of(a).cmp(&name_of(b)));
    let mut distinct: Vec<&Block> = Vec::new();
    for inner in blocks {
        match distinct.last().filter(|last| name_of(last).0 == name_of(inner).0) {
            Some(first) => {
                let (name, span) = name_of(inner);
                body.report(super::settle::duplicate(ric.child("xapp", name).as_str(), name_of(first).1, span));
            }
            None => distinct.push(inner),
        }
    }
    let names: Vec<&str> = distinct.iter().map(|inner| name_of(inner).0).collect();
    distinct.iter().for_each(|inner| refuse_name_of_component(body, inner));
    distinct.iter().map(|inner| nested(body, inner, |inner| xapp(inner, ric, &names))).collect()
}

/// Pins, costs and instances name components and xApps alike.
fn refuse_name_of_component(body: &Body<'_>, xapp: &Block) {
    let (name, span) = name_of(xapp);
    if ComponentKind::ALL.iter().any(|(_, word)| *word == name) {
        let message = format!("xApp `{name}` has the name of a component of the platform");
        let help = format!("call it otherwise, e.g. `{name}-app`, or write `component {name}` if that is meant");
        body.report(Diagnostic::error(&codes::XAPP_CALLED_AS_COMPONENT, span, message).help(help));
    }
}

pub(crate) fn name_of(block: &Block) -> (&str, Span) {
    block.name.as_ref().map_or(("", block.span), |name| (name.value.as_str(), name.span))
}

fn xapp(body: &Body<'_>, ric: &ranform_network::Address, names: &[&str]) -> Xapp {
    let member = |argument: super::argument::Argument<'_, '_>| {
        let name = argument.name()?;
        match names.iter().position(|other| name.value == **other) {
            Some(index) => Some(Located::new(index, name.span)),
            None => {
                body.report(unknown("xapp", &name.value, name.span, names));
                None
            }
        }
    };
    Xapp {
        entity: body.entity(ric.child("xapp", &body.name)),
        demand: demand(body, "demand"),
        demand_per_e2_node: demand(body, "demand per e2-node"),
        serves_at_most: serves_at_most(body),
        cost: body.one("cost").and_then(|cost| cost.amount()).map(|cost| cost.value),
        loop_budget: body.one("loop").and_then(|budget| budget.nanoseconds()),
        uses_sdl: body.one("sdl").and_then(|sdl| sdl.yes()).unwrap_or(true),
        chain: body.line("chain").map(|line| line.list().into_iter().filter_map(member).collect()).unwrap_or_default(),
        processing: processing(body),
        image: body.one("image").and_then(image),
        pull_secrets: pull_secrets(body),
        secrets: secrets(body, &[]),
        settings: settings(body, &[]),
        replicas: replicas(body),
        version: body.one("version").and_then(|version| version.text()).map(|version| version.value),
        pod_security: pod_security(body),
    }
}

fn unknown(noun: &str, name: &str, span: Span, known: &[&str]) -> Diagnostic {
    let help = suggest::or_say(suggest::nearest(name, known.iter().copied()), || {
        format!("the RIC has {}", known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "))
    });
    Diagnostic::error(&codes::UNKNOWN_REFERENCE, span, format!("there is no {noun} `{name}` in this RIC")).help(help)
}

/// A component or xApp of this RIC.
fn part(line: Line<'_, '_>, names: &[&str]) -> Option<Located<Name>> {
    let name = line.first()?.text()?;
    if !names.contains(&&*name.value) {
        line.body.report(unknown("component or xapp", &name.value, name.span, names));
        return None;
    }
    Some(name)
}

/// `pin e2t on edge-3`
fn pin(line: Line<'_, '_>, names: &[&str], selector: Selector<'_>) -> Option<(Located<Name>, Located<NodeId>)> {
    let part = part(line, names);
    let node = line.after("on").and_then(|node| selector.lookup.bind(Kind::Node, &node));
    Some((part?, node?))
}

/// `spread e2t across site`
fn spread(line: Line<'_, '_>, names: &[&str]) -> Option<Spread> {
    let word = line.after("across")?.name()?.value;
    let across = SpreadAcross::ALL.iter().find(|(_, known)| word == *known).map(|(across, _)| *across)?;
    Some(Spread { component: part(line, names)?, across })
}

/// `replicas 3`
pub(crate) fn replicas(body: &Body<'_>) -> Option<Located<u32>> {
    body.one("replicas").and_then(|number| number.whole(1, 1000))
}

/// `serves at most 128 e2-nodes`
fn serves_at_most(body: &Body<'_>) -> Option<Located<u32>> {
    body.one("serves at most").and_then(|number| number.whole(1, u32::MAX))
}
