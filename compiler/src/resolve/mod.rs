//! From what was written to what was meant: the steps, one after the other.
//!
//! Each noun has a file with one function from a [`body::Body`] (a block or a table row) to the entity. Nouns are
//! resolved in the order of their needs; within a noun in parallel, with ids in the order of addresses
//! ([`settle`]), so that the order of declaration changes nothing.

mod area;
pub(crate) mod argument;
pub(crate) mod body;
mod cell;
mod chunk;
mod guard;
mod identifier;
mod image;
mod link;
mod management;
mod model;
mod names;
pub(crate) mod naming;
pub(crate) mod node;
mod ownership;
mod policy;
mod port;
mod program;
pub(crate) mod quantity;
mod radio;
mod request;
mod ric;
mod rules;
pub(crate) mod scope;
mod secrets;
pub(crate) mod select;
mod service;
mod settings;
pub(crate) mod settle;
mod sharing;
mod site;
mod sla;
mod subject;
pub(crate) mod suggest;
mod tenant;

use ranform_grammar::ast::{Block, Item, Noun};
use ranform_grammar::vocabulary;
use ranform_network::diagnostic::has_errors;
use ranform_network::ids::{Id, NodeId};
use ranform_network::{Diagnostic, Network, Sources};
use rayon::prelude::*;

use body::Body;
use names::{Kind, Lookup, Names};
pub(crate) use program::Program;
use select::{Selector, nodes_of_site};
use settle::{Declared, Origin, Settled, column, settle};

/// What was meant, and what is wrong with what was written.
pub(crate) fn resolve(program: &Program<'_>, sources: &Sources) -> (Network, Vec<Diagnostic>) {
    let mut resolver = Resolver {
        program,
        network: Network { language: 1, ..Network::default() },
        names: Names::new(program.scopes),
        findings: Vec::new(),
    };
    for (noun, scope, name) in &program.broken {
        let words = vocabulary::nouns_in(None).map(|entry| entry.noun.as_str());
        // `sitee plaza` was meant to be a site.
        let kind = Kind::find(noun).or_else(|| vocabulary::near_miss(noun, words).and_then(Kind::find));
        if let Some(kind) = kind {
            resolver.names.add_broken(kind, *scope, name);
        }
    }
    resolver.names.incomplete = program.incomplete || !program.broken.is_empty() || !program.lost.is_empty();
    for noun in &program.lost {
        match noun {
            Noun::Cell | Noun::Radio | Noun::Port => resolver.names.lost_interfaces = true,
            noun => resolver.names.lost.extend(Kind::find(noun.as_str())),
        }
    }
    resolver.places();
    resolver.nodes();
    resolver.interfaces();
    resolver.links();
    resolver.radio_services();
    resolver.functions();
    resolver.policies();
    resolver.rules();
    resolver.populations();
    if !program.broken.iter().any(|(noun, ..)| noun == "owner") {
        let unknown = ownership::unknown(&resolver.network, sources);
        resolver.findings.extend(unknown);
    }
    ownership::inherit(&mut resolver.network, sources);
    (resolver.network, resolver.findings)
}

struct Resolver<'p, 'a> {
    program: &'p Program<'a>,
    network: Network,
    names: Names,
    findings: Vec<Diagnostic>,
}

impl<'a> Resolver<'_, 'a> {
    fn lookup(&self) -> Lookup<'_> {
        Lookup { scopes: self.program.scopes, names: &self.names, network: &self.network }
    }

    /// Sites and tenants: they need nobody.
    fn places(&mut self) {
        let sites = settle(self.program.of(Noun::Site), |body, _| site::site(body), |site| &site.entity);
        let tenants = settle(self.program.of(Noun::Tenant), |body, _| tenant::tenant(body), |tenant| &tenant.entity);
        self.names.add(Kind::Site, &sites, |site| &site.entity);
        self.names.add(Kind::Tenant, &tenants, |tenant| &tenant.entity);
        self.findings.extend(sites.findings);
        self.findings.extend(tenants.findings);
        self.network.sites = column(sites.items);
        self.network.tenants = column(tenants.items);
    }

    /// Nodes, then the nodes that they name.
    fn nodes(&mut self) {
        let lookup = self.lookup();
        let rics = self.program.of(Noun::Ric).iter().filter_map(Declared::as_block);
        let xapps = rics.flat_map(|ric| ric.blocks(Noun::Xapp)).map(|xapp| ric::name_of(xapp).0).collect();
        let make =
            |body: &Body<'_>, declared: &Declared<'_>| node::node(body, declared.node_kind(body), lookup, &xapps);
        let nodes = settle(self.program.of(Noun::Node), make, |node| &node.entity);
        self.names.add(Kind::Node, &nodes, |node| &node.entity);
        self.names.incomplete |= !nodes.broken.is_empty();
        let Settled { items, declared, findings, .. } = nodes;
        self.findings.extend(findings);
        self.network.nodes = column(items);
        let lookup = self.lookup();
        let named = second_pass(&declared, node::Named::LINES, |body| node::named(body, lookup));
        for (index, (named, findings)) in named {
            self.findings.extend(findings);
            let Some(named) = named else { continue };
            let node = &mut self.network.nodes[NodeId::from_index(index)];
            (node.parent, node.hosted_on) = (named.parent, named.hosted_on);
        }
    }

    /// The nested blocks of this noun, with their nodes.
    fn nested(&self, noun: Noun) -> Vec<Declared<'a>> {
        let mut nested = Vec::new();
        for declared in self.program.of(Noun::Node) {
            let Some(block) = declared.as_block() else { continue };
            let name = block.name.as_ref().map_or("", |name| name.value.as_str());
            let node =
                self.names.find(Kind::Node, declared.scope, name).flatten().map(|id| NodeId::from_index(id as usize));
            nested.extend(
                block.blocks(noun).map(|inner: &'a Block| Declared { node, ..Declared::block(inner, declared.scope) }),
            );
        }
        nested.extend(self.program.of(noun));
        nested
    }

    /// Cells, radios and ports, then what cells say of other cells.
    fn interfaces(&mut self) {
        let lookup = self.lookup();
        let cells = settle(
            &self.nested(Noun::Cell),
            |body, on| cell::cell(body, place(body, on, lookup), lookup),
            |cell| &cell.entity,
        );
        let radios = settle(
            &self.nested(Noun::Radio),
            |body, on| radio::radio(body, place(body, on, lookup), lookup),
            |radio| &radio.entity,
        );
        let ports = settle(
            &self.nested(Noun::Port),
            |body, on| port::port(body, place(body, on, lookup), lookup),
            |port| &port.entity,
        );
        self.names.incomplete |= [&cells.broken, &radios.broken, &ports.broken].iter().any(|broken| !broken.is_empty());
        self.findings.extend(cells.findings);
        self.findings.extend(radios.findings);
        self.findings.extend(ports.findings);
        self.network.cells = column(cells.items);
        self.network.radios = column(radios.items);
        self.network.ports = column(ports.items);
        let network = &mut self.network;
        for (id, cell) in network.cells.iter() {
            network.nodes[cell.node].cells.push(id);
        }
        for (id, radio) in network.radios.iter() {
            network.nodes[radio.node].radios.push(id);
        }
        for (id, port) in network.ports.iter() {
            network.nodes[port.node].ports.push(id);
        }
        self.broken_interfaces();
        let lookup = self.lookup();
        let references = second_pass(&cells.declared, cell::REFERENCES, |body| cell::references(body, lookup));
        for (index, (references, findings)) in references {
            self.findings.extend(findings);
            let Some(references) = references else { continue };
            let cell = &mut self.network.cells[ranform_network::ids::CellId::from_index(index)];
            cell.neighbours = references.neighbours;
            cell.aggregates_with = references.aggregates_with;
            cell.anchor = references.anchor;
        }
    }

    /// Takes note of interfaces that were written but are not there, so that naming them is no second error.
    fn broken_interfaces(&mut self) {
        let mut broken = Vec::new();
        for declared in self.program.of(Noun::Node) {
            let Some(block) = declared.as_block() else { continue };
            let name = block.name.as_ref().map_or("", |name| name.value.as_str());
            for item in block.items() {
                self.names.incomplete |= is_broken_block(item);
                let inner = match item {
                    Item::Block(inner) => inner.name.as_ref().map(|name| name.value.as_str()),
                    Item::Broken(item) => item.name.as_ref().map(|name| name.as_str()),
                    Item::Statement(_) => None,
                };
                broken.extend(inner.map(|inner| (declared.scope.id, format!("{name}/{inner}"))));
            }
        }
        for (scope, name) in broken {
            self.names.add_broken(Kind::Node, scope, &name);
        }
    }

    fn links(&mut self) {
        let lookup = self.lookup();
        let links = settle(
            self.program.of(Noun::Link),
            |body, declared| link::link(body, declared, lookup),
            |link| &link.entity,
        );
        self.findings.extend(links.findings);
        self.findings.extend(link::both_ways(&links.items));
        self.network.links = column(links.items);
        let lookup = self.lookup();
        let read: Vec<_> =
            second_pass(&self.program.latencies, &["from", "to", "latency"], |body| link::latency(body, lookup));
        let mut latencies = Vec::with_capacity(read.len());
        for (_, (latency, findings)) in read {
            latencies.extend(latency);
            self.findings.extend(findings);
        }
        latencies.sort_by_key(|latency| (latency.from, latency.to, latency.span));
        self.network.latencies = latencies;
    }

    /// RICs, models and requests.
    fn functions(&mut self) {
        let by_site = nodes_of_site(&self.network);
        let selector = Selector { lookup: self.lookup(), nodes_of_site: &by_site };
        let rics = settle(self.program.of(Noun::Ric), |body, on| ric::ric(body, on, selector), |ric| &ric.entity);
        let models = settle(self.program.of(Noun::Model), |body, _| model::model(body), |model| &model.entity);
        let requests = settle(
            self.program.of(Noun::Request),
            |body, on| request::request(body, on, selector),
            |request| &request.entity,
        );
        self.names.add(Kind::Ric, &rics, |ric| &ric.entity);
        self.names.add(Kind::Model, &models, |model| &model.entity);
        self.names.add(Kind::Request, &requests, |request| &request.entity);
        let broken_models = !models.broken.is_empty()
            || has_errors(&models.findings)
            || self.program.broken.iter().any(|(noun, ..)| noun == "model");
        self.findings.extend(rics.findings);
        self.findings.extend(models.findings);
        self.findings.extend(requests.findings);
        self.network.rics = column(rics.items);
        self.network.models = column(models.items);
        self.network.requests = column(requests.items);
        if !broken_models {
            let unknown = request::unknown_functions(self.lookup());
            self.findings.extend(unknown);
        }
    }

    /// Policies for near-RT RICs.
    fn policies(&mut self) {
        let by_site = nodes_of_site(&self.network);
        let selector = Selector { lookup: self.lookup(), nodes_of_site: &by_site };
        let read = |body: &Body<'_>, _: &Declared<'_>| policy::policy(body, selector);
        let policies = settle(self.program.of(Noun::Policy), read, |policy| &policy.entity);
        self.names.add(Kind::Policy, &policies, |policy| &policy.entity);
        self.findings.extend(policies.findings);
        self.network.policies = column(policies.items);
    }

    /// Guards, limits, keep, owners, protect, forget, moved, outside changes.
    fn rules(&mut self) {
        let by_site = nodes_of_site(&self.network);
        let lookup = self.lookup();
        let selector = Selector { lookup, nodes_of_site: &by_site };
        let mut rules = Network::default();
        let mut findings = Vec::new();
        let nouns = [
            Noun::Guard,
            Noun::Limit,
            Noun::Keep,
            Noun::Owner,
            Noun::Protect,
            Noun::Forget,
            Noun::Moved,
            Noun::Outside,
        ];
        for declared in nouns.into_iter().flat_map(|noun| self.program.of(noun)) {
            let Some(block) = declared.as_block() else { continue };
            let body = Body::of_block(block, declared.scope);
            match block.noun.value {
                Noun::Guard => rules.guards.extend(guard::guard(&body, declared, selector)),
                Noun::Limit => rules.limits.push(rules::limit(&body, lookup)),
                Noun::Keep => rules.keeps.push(rules::keep(&body, block, lookup)),
                Noun::Owner => rules.owners.push(rules::owner(&body, lookup)),
                Noun::Protect => rules.protected.extend(rules::addresses(&body, block)),
                Noun::Forget => rules.forgotten.extend(rules::addresses(&body, block)),
                Noun::Moved => rules.moved.extend(rules::moved(&body, block)),
                _ => rules.outside_changes.extend(rules::outside_change(&body, block)),
            }
            findings.extend(body.into_findings());
        }
        sort_rules(&mut rules, &mut findings);
        self.findings.extend(findings);
        self.network.guards = rules.guards;
        self.network.limits = rules.limits;
        self.network.keeps = rules.keeps;
        self.network.owners = rules.owners;
        self.network.protected = rules.protected;
        self.network.forgotten = rules.forgotten;
        self.network.moved = rules.moved;
        self.network.outside_changes = rules.outside_changes;
    }

    /// How many things each table and each selection yielded.
    fn populations(&mut self) {
        let network = &self.network;
        let mut populations = self.program.populations.clone();
        populations.extend(
            network
                .areas
                .iter()
                .map(|(_, area)| (area.entity.address.clone(), (area.interfaces.len() + area.nodes.len()) as u64)),
        );
        populations.extend(
            network.chunks.iter().map(|(_, chunk)| (chunk.entity.address.clone(), chunk.interfaces.len() as u64)),
        );
        populations
            .extend(network.slas.iter().map(|(_, sla)| (sla.entity.address.clone(), sla.interfaces.len() as u64)));
        populations.extend(network.rics.iter().map(|(_, ric)| (ric.entity.address.clone(), ric.e2_nodes.len() as u64)));
        populations.extend(
            network
                .policies
                .iter()
                .filter_map(|(_, policy)| Some((policy.entity.address.clone(), policy.cells.as_ref()?.len() as u64))),
        );
        populations.sort();
        self.network.populations = populations;
    }

    /// Areas, chunks, services and SLAs.
    fn radio_services(&mut self) {
        let by_site = nodes_of_site(&self.network);
        let mut findings = Vec::new();
        let mut known = Vec::new();
        for wave in area::waves(self.program.of(Noun::Area), &mut findings) {
            let selector = Selector { lookup: self.lookup(), nodes_of_site: &by_site };
            let areas = settle(&wave, |body, _| area::area(body, selector), |area| &area.entity);
            for (scope, name) in &areas.broken {
                self.names.add_broken(Kind::Area, *scope, name);
            }
            findings.extend(areas.findings);
            known.extend(areas.items.into_iter().zip(areas.declared));
            self.set_areas(&mut known, &mut findings);
        }
        self.findings.extend(findings);
        let selector = Selector { lookup: self.lookup(), nodes_of_site: &by_site };
        let chunks =
            settle(self.program.of(Noun::Chunk), |body, on| chunk::chunk(body, on, selector), |chunk| &chunk.entity);
        let slas = settle(self.program.of(Noun::Sla), |body, _| sla::sla(body, selector), |sla| &sla.entity);
        self.names.add(Kind::Chunk, &chunks, |chunk| &chunk.entity);
        self.names.add(Kind::Sla, &slas, |sla| &sla.entity);
        self.findings.extend(chunks.findings);
        self.findings.extend(slas.findings);
        self.network.chunks = column(chunks.items);
        self.network.slas = column(slas.items);
        let lookup = self.lookup();
        let make = |body: &Body<'_>, on: &Declared<'_>| service::service(body, on, lookup);
        let services = settle(self.program.of(Noun::Service), make, |service| &service.entity);
        self.names.add(Kind::Service, &services, |service| &service.entity);
        self.findings.extend(services.findings);
        self.network.services = column(services.items);
    }

    /// Numbers the areas known so far by address.
    fn set_areas(
        &mut self,
        known: &mut Vec<(ranform_network::network::Area, Declared<'a>)>,
        findings: &mut Vec<Diagnostic>,
    ) {
        known.sort_by(|(a, _), (b, _)| (&a.entity.address, a.entity.span).cmp(&(&b.entity.address, b.entity.span)));
        known.dedup_by(|(later, _), (first, _)| {
            let same = later.entity.address == first.entity.address;
            if same {
                findings.push(settle::duplicate(first.entity.address.as_str(), first.entity.span, later.entity.span));
            }
            same
        });
        let (items, declared): (Vec<_>, Vec<_>) = known.iter().cloned().unzip();
        let areas = Settled { items, declared, broken: Vec::new(), findings: Vec::new() };
        self.names.add(Kind::Area, &areas, |area| &area.entity);
        self.network.areas = column(areas.items);
    }
}

/// Whether an item of a node was reported that may have been a cell, radio or port.
fn is_broken_block(item: &Item) -> bool {
    match item {
        Item::Broken(broken) => {
            !vocabulary::attributes_of(Noun::Node).any(|attribute| broken.keyword == *attribute.keyword)
        }
        Item::Block(_) | Item::Statement(_) => false,
    }
}

/// The number of a declaration, what was read of it, and what was found.
type Reread<T> = (usize, (Option<T>, Vec<Diagnostic>));

/// Reads again the declarations that say something of `keywords`: of things of their own kind, which are numbered now.
fn second_pass<'a, T: Send>(
    declared: &[Declared<'a>],
    keywords: &[&str],
    read: impl Fn(&Body<'a>) -> Option<T> + Sync,
) -> Vec<Reread<T>> {
    declared
        .par_iter()
        .enumerate()
        .filter(|(_, declared)| declared.may_say(keywords))
        .filter_map(|(index, declared)| {
            let body = declared.body(&mut Vec::new())?;
            let found = read(&body);
            let findings = body.into_findings();
            (found.is_some() || !findings.is_empty()).then_some((index, (found, findings)))
        })
        .collect()
}

/// The node of an interface: the one its block is in, or the one its row names.
fn place(body: &Body<'_>, declared: &Declared<'_>, lookup: Lookup<'_>) -> Option<NodeId> {
    match declared.origin {
        Origin::Block(_) => declared.node,
        Origin::Row(..) => lookup.bind(Kind::Node, &body.required("node", "gnb-1")?).map(|node| node.value),
    }
}

/// Puts rules in the order of their addresses, and refuses the second of two with one name.
fn sort_rules(rules: &mut Network, findings: &mut Vec<Diagnostic>) {
    rules.guards.sort_by(|a, b| (&a.address, a.span).cmp(&(&b.address, b.span)));
    for pair in rules.guards.windows(2).filter(|pair| pair[0].address == pair[1].address) {
        findings.push(settle::duplicate(pair[0].address.as_str(), pair[0].span, pair[1].span));
    }
    rules.guards.dedup_by(|later, first| later.address == first.address);
    rules.keeps.sort_by(|a, b| (&a.address, a.span).cmp(&(&b.address, b.span)));
    rules.owners.sort_by(|a, b| (&a.name, a.span).cmp(&(&b.name, b.span)));
    for pair in rules.owners.windows(2).filter(|pair| pair[0].name == pair[1].name) {
        findings.push(settle::duplicate(&format!("owner.{}", pair[0].name), pair[0].span, pair[1].span));
    }
    rules.owners.dedup_by(|later, first| later.name == first.name);
    rules.limits.sort_by_key(|limit| limit.span);
    rules.protected.sort();
    rules.protected.dedup_by(|later, first| later.value == first.value);
    rules.forgotten.sort();
    rules.forgotten.dedup_by(|later, first| later.value == first.value);
    rules.moved.sort_by(|a, b| a.from.cmp(&b.from));
    rules.outside_changes.sort_by(|a, b| a.path.cmp(&b.path));
}
