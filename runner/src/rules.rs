//! Guards over a plan: each thing that a guard ranges over is asked for its attributes, by name.
//!
//! A guard that matches nothing is a finding too, as are exceptions that were not needed.

use ranform_compiler::expression::attributes::{Attribute, Entity, Kind, value};
use ranform_compiler::expression::{Subject, holds, paths};
use std::collections::BTreeMap;

use ranform_network::Network;
use ranform_network::address::Address;
use ranform_network::answers::SliceShares;
use ranform_network::deployment::{Change, Deployment, Quotas, Resource};
use ranform_network::diagnostic::{Diagnostic, codes};
use ranform_network::ids::{NodeId, TenantId};
use ranform_network::network::{Exception, Guard, Interface, Literal};
use ranform_network::units::{BitsPerSecond, Dbm, Degrees, Hertz, Nanoseconds, Share, decimal};

/// What guards look at.
pub struct Judged<'a> {
    /// What was meant.
    pub network: &'a Network,
    /// What was decided.
    pub shares: &'a SliceShares,
    /// What changes.
    pub changes: &'a [Change],
    /// Everything decided, software that is not deployed included.
    pub deployment: &'a Deployment,
}

/// The findings of all guards.
pub fn findings(judged: &Judged<'_>, today: Option<&str>) -> Vec<Diagnostic> {
    judged.network.guards.iter().flat_map(|guard| one(judged, guard, today)).collect()
}

/// Whether the day of an exception is over.
fn is_over(exception: &Exception, today: Option<&str>) -> bool {
    today.is_some_and(|today| today > &*exception.until.value)
}

/// A thing under judgement: its address and its attributes.
pub(crate) struct Thing<'a> {
    pub(crate) address: Address,
    pub(crate) attribute: Box<dyn Fn(&str) -> Literal + 'a>,
}

impl Subject for Thing<'_> {
    fn attribute(&self, path: &str) -> Literal {
        (self.attribute)(path)
    }
}

fn one(judged: &Judged<'_>, guard: &Guard, today: Option<&str>) -> Vec<Diagnostic> {
    let things = things(judged, &guard.rule.over);
    let matched: Vec<&Thing<'_>> =
        things.iter().filter(|thing| guard.rule.filter.as_ref().is_none_or(|filter| holds(filter, *thing))).collect();
    if matched.is_empty() {
        // A plan without changes matches no change: that is not a mistake of the guard.
        if &*guard.rule.over == "changes" {
            return Vec::new();
        }
        let message = format!("`{}` matches none of the {} {}", guard.address, things.len(), guard.rule.over);
        return vec![Diagnostic::warning(&codes::GUARD_MATCHES_NOTHING, guard.span, message).help("check its `where`")];
    }
    let breaking: Vec<&&Thing<'_>> = matched.iter().filter(|thing| !holds(&guard.rule.require, **thing)).collect();
    let broken: Vec<&Address> = breaking.iter().map(|thing| &thing.address).collect();
    let in_force = || guard.exceptions.iter().filter(|exception| !is_over(exception, today));
    let excepted = |address: &Address| in_force().any(|exception| address.is_within(&exception.address.value));
    let mut findings: Vec<Diagnostic> = in_force()
        .filter(|exception| !broken.iter().any(|address| address.is_within(&exception.address.value)))
        .map(|exception| {
            let message =
                format!("the exception of `{}` for `{}` is not needed", guard.address, exception.address.value);
            Diagnostic::warning(&codes::EXCEPTION_UNUSED, exception.address.span, message).help("take the line away")
        })
        .collect();
    let over = guard.exceptions.iter().filter(|exception| is_over(exception, today)).map(|exception| {
        let (address, day) = (&exception.address.value, &exception.until.value);
        let message = format!("the exception of `{}` for `{address}` ended with {day}", guard.address);
        Diagnostic::warning(&codes::EXCEPTION_EXPIRED, exception.until.span, message)
            .help("take the line away, or have a later day reviewed")
    });
    findings.extend(over);
    let standing: Vec<&&Address> = broken.iter().filter(|address| !excepted(address)).collect();
    if let Some(first) = standing.first() {
        let thing = breaking.iter().find(|thing| thing.address == ***first);
        let found = thing.map(|thing| values(guard, thing)).unwrap_or_default();
        findings.push(denial(guard, first, standing.len(), matched.len()).maybe_help(found));
    }
    findings
}

/// How many attributes of a thing that breaks a guard are told.
const MOST_VALUES: usize = 4;

/// What the attributes that a guard asks for are of a thing: `there `share.delta` is 25 %`.
fn values(guard: &Guard, thing: &Thing<'_>) -> Option<String> {
    let paths = paths(&guard.rule.require);
    let told = paths.iter().take(MOST_VALUES).map(|path| match thing.attribute(path) {
        Literal::Absent => format!("`{path}` is not given"),
        Literal::Bool(yes) => format!("`{path}` is {}", if yes { "yes" } else { "no" }),
        Literal::Text(text) => format!("`{path}` is `{text}`"),
        Literal::Number(number, dimension) => format!("`{path}` is {}", measured(number, dimension)),
    });
    let told: Vec<String> = told.collect();
    (!told.is_empty()).then(|| format!("there {}", told.join(", ")))
}

/// A number of base units with its unit.
fn measured(number: f64, dimension: &str) -> String {
    match dimension {
        "frequency" => Hertz(number as u64).to_string(),
        "duration" => Nanoseconds(number as u64).to_string(),
        "rate" => BitsPerSecond(number as u64).to_string(),
        "share" => Share(number).to_string(),
        "power" => Dbm(number).to_string(),
        "angle" => Degrees(number).to_string(),
        _ => decimal(number, 6),
    }
}

fn denial(guard: &Guard, first: &Address, broken: usize, matched: usize) -> Diagnostic {
    let text = guard.message.as_ref().map(|message| format!(": {message}")).unwrap_or_default();
    let message = format!(
        "`{}` does not hold of {broken} of {matched} {}, first `{first}`{text}",
        guard.address, guard.rule.over
    );
    let diagnostic = if guard.deny {
        Diagnostic::error(&codes::GUARD_BROKEN, guard.span, message)
    } else {
        Diagnostic::warning(&codes::GUARD_BROKEN, guard.span, message)
    };
    diagnostic.help(format!("change what it concerns, or allow it: `except {first} until DATE because \"...\"`"))
}

/// All things of a set, in address order.
fn things<'a>(judged: &Judged<'a>, over: &str) -> Vec<Thing<'a>> {
    let network = judged.network;
    let interface = move |at: Interface| entity_thing(network, Entity::Interface(at), Kind::Interface);
    match over {
        "changes" => {
            let nodes: BTreeMap<&Address, NodeId> =
                network.nodes.iter().map(|(id, node)| (&node.entity.address, id)).collect();
            judged
                .changes
                .iter()
                .map(|change| change_thing(network, nodes.get(&change.device).copied(), change))
                .collect()
        }
        "shares" => share_things(judged),
        "instances" => crate::software::guarded::things(network, judged.deployment),
        "tenants" => network.tenants.ids().map(|tenant| tenant_thing(judged, tenant)).collect(),
        "cells" => network.cells.ids().map(|cell| interface(Interface::Cell(cell))).collect(),
        "radios" => network.radios.ids().map(|radio| interface(Interface::Radio(radio))).collect(),
        "ports" => network.ports.ids().map(|port| interface(Interface::Port(port))).collect(),
        "interfaces" => {
            let cells = network.cells.ids().map(Interface::Cell);
            let radios = network.radios.ids().map(Interface::Radio);
            cells.chain(radios).chain(network.ports.ids().map(Interface::Port)).map(interface).collect()
        }
        _ => network.nodes.ids().map(|node| entity_thing(network, Entity::Node(node), Kind::Node)).collect(),
    }
}

fn entity_thing(network: &Network, entity: Entity, kind: Kind) -> Thing<'_> {
    let address = match entity {
        Entity::Interface(interface) => network.entity_of(interface).address.clone(),
        Entity::Node(node) => network.nodes[node].entity.address.clone(),
    };
    let attribute = move |path: &str| {
        Attribute::parse(path, kind).map_or(Literal::Absent, |attribute| value(network, entity, &attribute))
    };
    Thing { address, attribute: Box::new(attribute) }
}

pub(crate) fn words(text: &str) -> Literal {
    Literal::Text(text.into())
}

pub(crate) fn optional(text: Option<&str>) -> Literal {
    text.map_or(Literal::Absent, words)
}

fn share(fraction: Option<f64>) -> Literal {
    fraction.map_or(Literal::Absent, |fraction| Literal::Number(fraction, "share"))
}

/// The attribute of a node, by its path.
pub(crate) fn of_node(network: &Network, node: NodeId, path: &str) -> Literal {
    Attribute::parse(path, Kind::Node)
        .map_or(Literal::Absent, |attribute| value(network, Entity::Node(node), &attribute))
}

fn change_thing<'a>(network: &'a Network, node: Option<NodeId>, change: &'a Change) -> Thing<'a> {
    let before = change.before.as_ref().and_then(resource_share);
    let after = change.after.as_ref().and_then(resource_share);
    let attribute = move |path: &str| match path {
        "address" => words(change.address.as_str()),
        "action" => words(match change.action {
            ranform_network::deployment::Action::Create => "create",
            ranform_network::deployment::Action::Update => "update",
            ranform_network::deployment::Action::Delete => "delete",
        }),
        "kind" => optional(change.after.as_ref().or(change.before.as_ref()).map(Resource::kind)),
        "effect" => words(change.effect.word()),
        "tenant" => optional(change.tenant.as_deref()),
        "owner" => optional(change.owner.as_deref()),
        "node" => words(change.device.last().1.trim_matches('"')),
        "site" | "region" => node.map_or(Literal::Absent, |node| of_node(network, node, path)),
        "cause" => words(&crate::display::changes::cause_words(&change.cause)),
        "leaves" => Literal::Number(change.leaves().len() as f64, ""),
        "share.before" => share(before),
        "share.after" => share(after),
        // A tenant that comes or goes moves its whole share.
        "share.delta" => {
            share((before.is_some() || after.is_some()).then(|| (after.unwrap_or(0.0) - before.unwrap_or(0.0)).abs()))
        }
        _ => Literal::Absent,
    };
    Thing { address: change.address.clone(), attribute: Box::new(attribute) }
}

/// How much of its interface a change gives to or takes from its tenant, a fraction.
pub fn share_moved(change: &Change) -> f64 {
    let part = |resource: &Option<Resource>| resource.as_ref().and_then(resource_share);
    match (part(&change.before), part(&change.after)) {
        (Some(before), Some(after)) => (after - before).abs(),
        // A tenant that comes is no share moved; one that goes is judged as a deletion.
        _ => 0.0,
    }
}

/// The share that a resource enforces, a fraction; the downlink's where directions differ.
fn resource_share(resource: &Resource) -> Option<f64> {
    let percent = match resource {
        Resource::CellTenant(tenant) => match tenant.quota? {
            Quotas::Both { both } => both.min,
            Quotas::Each { dl, ul } => dl.or(ul)?.min,
        },
        Resource::RadioTenant(tenant) => tenant.weight?,
        _ => return None,
    };
    Some(percent / 100.0)
}

fn share_things<'a>(judged: &Judged<'a>) -> Vec<Thing<'a>> {
    let network = judged.network;
    let thing = |decided: &'a ranform_network::answers::SliceShare| {
        let entity = network.entity_of(decided.interface);
        let tenant = network.tenants[decided.tenant].entity.address.last().1.trim_matches('"').to_owned();
        let address = entity.address.child("tenant", &tenant);
        let attribute = move |path: &str| match path {
            "tenant" => words(&tenant),
            "address" => words(entity.address.as_str()),
            "share" | "minimum" => share(Some(decided.percent / 100.0)),
            "maximum" => share(Some(decided.max_percent / 100.0)),
            "node" => words(network.nodes[network.node_of(decided.interface)].entity.address.last().1),
            other => of_node(network, network.node_of(decided.interface), other),
        };
        Thing { address, attribute: Box::new(attribute) }
    };
    judged.shares.shares.iter().map(thing).collect()
}

fn tenant_thing<'a>(judged: &Judged<'a>, id: TenantId) -> Thing<'a> {
    let tenant = &judged.network.tenants[id];
    let entity = &tenant.entity;
    let held: Vec<f64> =
        judged.shares.shares.iter().filter(|share| share.tenant == id).map(|share| share.percent / 100.0).collect();
    let mean = (!held.is_empty()).then(|| held.iter().sum::<f64>() / held.len() as f64);
    let attribute = move |path: &str| match path {
        "name" => words(entity.address.last().1.trim_matches('"')),
        "address" => words(entity.address.as_str()),
        "owner" => optional(entity.owner.as_deref()),
        "share" => share(mean),
        "plmn" => tenant.plmn.map_or(Literal::Absent, |plmn| words(&plmn.value.to_string())),
        "vlan" => tenant.vlan.map_or(Literal::Absent, |vlan| Literal::Number(f64::from(vlan.value), "")),
        _ => Literal::Absent,
    };
    Thing { address: entity.address.clone(), attribute: Box::new(attribute) }
}
