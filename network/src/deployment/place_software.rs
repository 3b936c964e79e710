//! From a placement and a mapping to the instances that nodes run: `ric.metro/e2t.edge-3`, `ric.metro/steering.edge-3`,
//! `node.edge-3/model.storm-v2`, and `node.edge-3/model.storm-v2/instance.1` for one that serves a single request;
//! `node.edge-3/hosted.du-1/model.storm-v2` for a DU that is hosted there.

use std::collections::{BTreeMap, BTreeSet};

use super::access::{login, reached, secrets, secrets_of_model};
use super::assemble::Assembly;
use super::cluster::Run;
use super::settings::settings;
use super::*;
use crate::address::{is_label, slug};
use crate::answers::{Decisions, ModelAssignment, ModelMapping, RicPlacement};
use crate::ids::*;
use crate::network::*;
use crate::source::Located;

/// Where each E2 node finds the E2 termination that serves it, where the compute node says.
pub(super) fn terminations(network: &Network, placement: &RicPlacement) -> BTreeMap<NodeId, Name> {
    let serving = placement.assignments.iter().filter(|one| &*one.component == "e2t");
    serving.filter_map(|one| Some((one.e2_node, network.nodes[one.on].e2_endpoint.clone()?))).collect()
}

/// The last name of an address, without quotation marks.
fn name_of(address: &Address) -> &str {
    address.last().1.trim_matches('"')
}

/// A name for what is below another thing and called after a node: its own, its whole address inside of a module.
fn called_after(node: &Address) -> &str {
    if node.as_str().starts_with("module.") { node.as_str() } else { name_of(node) }
}

/// The noun of the instances of a component or xApp.
pub fn ric_instance_noun(component: &str, xapp: bool) -> String {
    let platform = ComponentKind::ALL.iter().any(|(_, word)| *word == component);
    match (xapp, is_label(component) && !platform) {
        (true, false) => format!("xapp-{}", slug(component)),
        _ => component.to_owned(),
    }
}

/// The address of an instance of a component or xApp, by its noun, on a compute node.
pub fn ric_instance_address(ric: &Address, noun: &str, node: &Address) -> Address {
    ric.child(noun, called_after(node))
}

/// The address of the instance of a model on a node, for itself or one that it hosts; those that serve one request are
/// below it.
pub fn model_instance_address(node: &Address, hosted: Option<&Address>, model: &Address) -> Address {
    let place = hosted.map(|hosted| hosted_address(node, hosted));
    place.as_ref().unwrap_or(node).child("model", called_after(model))
}

/// The address below which a node stands for another that it hosts.
pub fn hosted_address(node: &Address, hosted: &Address) -> Address {
    node.child("hosted", called_after(hosted))
}

/// The component or xApp that an instance of a RIC is of, by the name that the intents have for it.
pub fn component_of<'a>(ric: &'a Ric, address: &Address, instance: &'a RicInstanceResource) -> &'a str {
    let is_it = |xapp: &&Xapp| ric_instance_noun(name_of(&xapp.entity.address), true) == address.last().0;
    let xapp = ric.xapps.iter().filter(|_| instance.xapp.is_some()).find(is_it);
    xapp.map_or_else(|| instance.name(), |xapp| name_of(&xapp.entity.address))
}

/// Why software decided for this node is not deployed; none where it is.
fn obstacle(node: &Node, kind: &str) -> Option<NotDeployed> {
    let prefix = format!("{kind}.");
    if node.management.is_none() {
        Some(NotDeployed::NoManagement)
    } else if !node.profile.knobs.keys().any(|knob| knob.starts_with(&prefix)) {
        Some(NotDeployed::NoKnob)
    } else {
        None
    }
}

fn amounts(demand: &[(Name, f64)]) -> Amounts {
    demand.iter().map(|(name, amount)| (resource(name), *amount)).collect()
}

/// The names of the Secrets by which images are pulled.
fn pull_secrets(named: Option<&Vec<Located<Name>>>) -> Vec<String> {
    named.into_iter().flatten().map(|name| name.value.to_string()).collect()
}

/// The name of a resource; a size of huge pages is written in capitals or not.
fn resource(name: &str) -> String {
    if is_huge_pages(name) { name.to_lowercase() } else { name.to_owned() }
}

/// What an instance needs in any case, and more for each E2 node it serves.
fn amounts_of(base: &[(Name, f64)], more: &[(Name, f64)], served: usize) -> Amounts {
    let mut sums = amounts(base);
    for (name, amount) in more {
        *sums.entry(resource(name)).or_insert(0.0) += amount * served as f64;
    }
    sums
}

/// Where others find an instance: E2 nodes an E2 termination, policies the management. The A1 mediator of the O-RAN
/// Software Community is none of the components.
fn endpoint(ric: &Ric, kind: Option<ComponentKind>, node: &Node) -> Option<String> {
    match RicPart::from(kind?) {
        RicPart::E2t => node.e2_endpoint.as_ref().map(|at| at.to_string()),
        RicPart::Management if ric.profile.is_plain() => {
            let way = &ric.peer.as_ref()?.management;
            (way.protocol == Protocol::A1).then(|| way.endpoint.value.to_string())
        }
        _ => None,
    }
}

/// Whom an instance serves, and whom it would.
#[derive(Default)]
struct Serves {
    e2_nodes: Vec<NodeId>,
    stands_by_for: Vec<NodeId>,
}

fn addresses(network: &Network, nodes: &[NodeId]) -> Vec<Address> {
    let mut addresses: Vec<Address> = nodes.iter().map(|node| network.nodes[*node].entity.address.clone()).collect();
    addresses.sort();
    addresses
}

/// Round trips by RIC, xApp and E2 node.
type Loops<'a> = BTreeMap<(RicId, &'a str, NodeId), u64>;

impl Assembly<'_> {
    fn put(&mut self, address: Address, node: NodeId, placed: Placed) {
        match obstacle(&self.network.nodes[node], placed.resource.kind()) {
            None => drop(self.deployment.placed.insert(address, placed)),
            Some(because) => drop(self.deployment.undeployed.insert(address, Undeployed { placed, because })),
        }
    }

    /// One thing per RIC, component and compute node.
    pub(super) fn ric_instances(&mut self, decisions: &Decisions) {
        let mut instances: BTreeMap<(RicId, &Name, NodeId), Serves> = BTreeMap::new();
        for one in &decisions.placement.assignments {
            instances.entry((one.ric, &one.component, one.on)).or_default().e2_nodes.push(one.e2_node);
        }
        for one in &decisions.placement.standby {
            let serves = instances.entry((one.ric, &one.component, one.on)).or_default();
            // Elsewhere the E2 node is served there in any case, or by whom it is served is decided with its E2T.
            if &*one.component == "e2t" {
                serves.stands_by_for.push(one.e2_node);
            }
        }
        let trips = decisions.loops.iter().map(|one| ((one.ric, &*one.xapp, one.e2_node), one.round_trip.0));
        let trips: Loops<'_> = trips.collect();
        for ((id, component, on), serves) in instances {
            self.ric_instance(id, component, on, &serves, &trips);
        }
    }

    fn ric_instance(&mut self, id: RicId, component: &Name, on: NodeId, serves: &Serves, trips: &Loops<'_>) {
        let network = self.network;
        let e2_nodes = &serves.e2_nodes;
        let ric = &network.rics[id];
        let xapp = ric.xapps.iter().find(|xapp| name_of(&xapp.entity.address) == component.trim_matches('"'));
        let kind = ComponentKind::ALL.iter().find(|(_, word)| **word == **component).map(|(kind, _)| *kind);
        let declared = ric.components.iter().find(|one| Some(one.kind) == kind);
        let demand = xapp.map(|xapp| (&xapp.demand, &xapp.demand_per_e2_node));
        let demand = demand.or(declared.map(|one| (&one.demand, &one.demand_per_e2_node)));
        let (ric_address, name) = (&ric.entity.address, component.trim_matches('"'));
        let noun = ric_instance_noun(name, xapp.is_some());
        let address = ric_instance_address(ric_address, &noun, &network.nodes[on].entity.address);
        let stated = xapp.and_then(|xapp| xapp.pod_security).or(declared.and_then(|one| one.pod_security));
        let mut resource = RicInstanceResource {
            ric: ric.entity.address.clone(),
            component: kind.map_or(RicPart::Xapp, RicPart::from),
            xapp: xapp.map(|_| self.kept.xapp(ric_address, name)),
            e2_nodes: addresses(network, e2_nodes),
            reaches: match xapp {
                Some(_) => reached(network, Application::Xapp, &e2_nodes.iter().copied().collect()),
                None => Vec::new(),
            },
            stands_by_for: addresses(network, &serves.stands_by_for),
            chain: xapp.map_or_else(Vec::new, |xapp| self.chain(ric, xapp)),
            tightest_loop: self.tightest(id, ric, component, e2_nodes, trips),
            reads_sdl: xapp.is_some_and(|xapp| xapp.uses_sdl),
            endpoint: endpoint(ric, kind, &network.nodes[on]),
            image: xapp
                .and_then(|xapp| xapp.image.as_ref())
                .or(declared.and_then(|one| one.image.as_ref()))
                .map(|image| image.value.to_string()),
            pull_secrets: pull_secrets(xapp.map(|one| &one.pull_secrets).or(declared.map(|one| &one.pull_secrets))),
            secrets: secrets(xapp.map(|one| &one.secrets).or(declared.map(|one| &one.secrets))),
            settings: settings(xapp.map(|one| &one.settings).or(declared.map(|one| &one.settings)), &[]),
            version: xapp.and_then(|xapp| xapp.version.as_ref()).map(|version| version.to_string()),
            profile: ric.profile,
            stores: Vec::new(),
            peers: Vec::new(),
            pod_security: stated.map(|level| level.value),
            demand: demand.map_or_else(Amounts::new, |(base, more)| amounts_of(base, more, e2_nodes.len())),
            replicas: None,
            cluster: None,
        };
        let needs = Needs { demand: &resource.demand, pod_security: resource.pod_security, connectors: &[] };
        let replicas = replicas(xapp.and_then(|xapp| xapp.replicas));
        let system = self.kept.namespace(ric_address);
        let run = Run { name: resource.name(), system: &system, replicas, needs };
        resource.cluster = self.cluster_place(&address, on, &run);
        resource.replicas = several(resource.cluster.as_ref(), replicas);
        let entity = Entity {
            span: xapp.map(|xapp| xapp.entity.span).or(declared.map(|one| one.span)).unwrap_or(ric.entity.span),
            owner: xapp.and_then(|xapp| xapp.entity.owner.clone()).or(ric.entity.owner.clone()),
            ..Entity::default()
        };
        let device_id = slug(&format!("{}-{}", called_after(ric_address), resource.name()));
        let device_id = self.kept.id(&network.nodes[on].entity.address, "", &address, device_id);
        let placed = self.placed(&address, Resource::RicInstance(resource), on, &entity, None, &device_id);
        self.put(address, on, placed);
    }

    /// One thing per model and node where requests share it, else one per request served.
    pub(super) fn model_instances(&mut self, models: &ModelMapping) {
        let mut instances: BTreeMap<(NodeId, ModelId, Option<RequestId>), Vec<&ModelAssignment>> = BTreeMap::new();
        for one in &models.assignments {
            let alone = (!self.network.requests[one.request].sharing).then_some(one.request);
            instances.entry((one.on, one.model, alone)).or_default().push(one);
        }
        let numbers = self.numbers(&instances.keys().copied().collect::<Vec<_>>());
        for ((on, model, alone), served) in instances {
            let number = alone.and_then(|request| numbers.get(&(on, model, request)).copied());
            self.model_instance(on, model, number, &served);
        }
    }

    /// The number of each instance that serves one request: what state knows stays, others get the lowest that is free.
    fn numbers(
        &self,
        instances: &[(NodeId, ModelId, Option<RequestId>)],
    ) -> BTreeMap<(NodeId, ModelId, RequestId), u32> {
        let mut numbers = BTreeMap::new();
        let mut used: BTreeSet<(NodeId, ModelId, u32)> = BTreeSet::new();
        let alone = instances.iter().filter_map(|(on, model, alone)| Some((*on, *model, (*alone)?)));
        let alone: Vec<(NodeId, ModelId, RequestId)> = alone.collect();
        for &(on, model, request) in &alone {
            let number = self.known_number(on, model, request);
            if let Some(number) = number.filter(|number| used.insert((on, model, *number))) {
                numbers.insert((on, model, request), number);
            }
        }
        for &(on, model, request) in &alone {
            numbers.entry((on, model, request)).or_insert_with(|| {
                let free = (1..).find(|number| !used.contains(&(on, model, *number))).unwrap_or(u32::MAX);
                used.insert((on, model, free));
                free
            });
        }
        numbers
    }

    fn known_number(&self, on: NodeId, model: ModelId, request: RequestId) -> Option<u32> {
        let prefix = format!("{}/instance.", self.model_address(on, model));
        let request = &self.network.requests[request].entity.address;
        let from = Address::from_text(prefix.as_str());
        let below = self.recorded.range(from..).take_while(|(address, _)| address.as_str().starts_with(&prefix));
        for (address, known) in below {
            let ("instance", number) = address.last() else { continue };
            if let Resource::ModelInstance(instance) = &known.resource
                && instance.consumers.iter().any(|consumer| consumer.request == *request)
            {
                return number.parse().ok();
            }
        }
        None
    }

    /// The address of an instance for a node: below that node, and below its host where it has one.
    fn model_address(&self, on: NodeId, model: ModelId) -> Address {
        let address = |node: NodeId| &self.network.nodes[node].entity.address;
        let machine = self.network.host_of(on);
        let hosted = (machine != on).then(|| address(on));
        model_instance_address(address(machine), hosted, &self.network.models[model].entity.address)
    }

    fn model_instance(&mut self, on: NodeId, id: ModelId, number: Option<u32>, served: &[&ModelAssignment]) {
        let network = self.network;
        let model = &network.models[id];
        let host = &network.nodes[on];
        let application = application(host.kind);
        let mut consumers: Vec<Consumer> = served.iter().filter_map(|one| consumer(network, one)).collect();
        consumers.sort();
        let functions: BTreeSet<String> = consumers.iter().map(|consumer| consumer.function.clone()).collect();
        let sources = served.iter().filter_map(|one| target(network, one)).flat_map(|target| target.sources.iter());
        let connectors: BTreeSet<Connector> =
            sources.map(|source| connector(application, network.nodes[*source].kind)).collect();
        let within = served.iter().filter_map(|one| Some(target(network, one)?.within.as_ref()?.value)).min();
        let (name, own_name) = (self.kept.model(&model.entity.address), called_after(&model.entity.address));
        let machine = network.host_of(on);
        // On one machine several nodes may be hosted, each with an instance of its own.
        let own = |id: &str| match machine == on {
            true => id.to_owned(),
            false => slug(&format!("{}-{id}", called_after(&host.entity.address))),
        };
        let (address, device_id) = match number.map(|number| number.to_string()) {
            None => (self.model_address(on, id), own(&slug(own_name))),
            Some(number) => (self.model_address(on, id).child("instance", &number), own(&number)),
        };
        let of_model = number.map_or("", |_| name.as_str());
        let device_id = self.kept.id(&network.nodes[machine].entity.address, of_model, &address, device_id);
        let ric = (host.kind == NodeKind::Compute).then(|| owning_ric(network, on, self.kept.ric(&address))).flatten();
        let apart = || format!("ranform-{}s", application.word().to_lowercase());
        let namespace = ric.map_or_else(apart, |ric| self.kept.namespace(&ric.entity.address));
        let containers = connector_containers(model, &connectors);
        let connectors: Vec<Connector> = connectors.into_iter().collect();
        let mut resource = ModelInstanceResource {
            model: model.entity.address.clone(),
            called: (name != name_of(&model.entity.address)).then(|| name.clone()),
            application,
            ric: ric.map(|ric| ric.entity.address.clone()),
            hosted: (machine != on).then(|| host.entity.address.clone()),
            functions: functions.into_iter().collect(),
            shared: number.is_none(),
            input: model.input.as_ref().map(|input| input.to_string()),
            input_bytes: model.input_size.0,
            secrets: secrets_of_model(model, &containers, &connectors),
            settings: settings(Some(&model.settings), &containers),
            reaches: reached(network, application, &acted_upon(network, served)),
            login: login(model, &connectors),
            connectors,
            controls: model.controls.iter().map(|parameter| parameter.value.to_string()).collect(),
            image: model.image.as_ref().map(|image| image.value.to_string()),
            pull_secrets: pull_secrets(Some(&model.pull_secrets)),
            version: model.version.as_ref().map(|version| version.to_string()),
            connector_containers: containers,
            profile: ric.map(|ric| ric.profile).unwrap_or_default(),
            stores: Vec::new(),
            peers: Vec::new(),
            pod_security: model.pod_security.map(|level| level.value),
            demand: amounts(&model.demand),
            replicas: None,
            cluster: None,
            within_ns: within.map(|budget| budget.0),
            consumers,
        };
        let ModelInstanceResource { demand, pod_security, connectors, .. } = &resource;
        let needs = Needs { demand, pod_security: *pod_security, connectors };
        let replicas = replicas(model.replicas);
        let run = Run { name: &name, system: &namespace, replicas, needs };
        resource.cluster = self.cluster_place(&address, machine, &run);
        resource.replicas = several(resource.cluster.as_ref(), replicas);
        let request = served.first().map(|one| &network.requests[one.request].entity);
        let entity = Entity {
            span: request.map_or(model.entity.span, |request| request.span),
            owner: model.entity.owner.clone().or(request.and_then(|request| request.owner.clone())),
            ..Entity::default()
        };
        let placed = self.placed(&address, Resource::ModelInstance(resource), machine, &entity, None, &device_id);
        self.put(address, machine, placed);
    }
}

impl From<ComponentKind> for RicPart {
    fn from(kind: ComponentKind) -> Self {
        match kind {
            ComponentKind::Management => Self::Management,
            ComponentKind::E2t => Self::E2t,
            ComponentKind::Sdl => Self::Sdl,
            ComponentKind::Nib => Self::Nib,
        }
    }
}

impl Assembly<'_> {
    /// The xApps that its loop goes on to, as they are called in their RIC.
    fn chain(&self, ric: &Ric, xapp: &Xapp) -> Vec<String> {
        let members = xapp.chain.iter().filter_map(|member| ric.xapps.get(member.value));
        members.map(|member| self.kept.xapp(&ric.entity.address, name_of(&member.entity.address))).collect()
    }

    /// Of the loops that pass through an instance, the one with the least time to spare; ties go to the first name.
    fn tightest(
        &self,
        id: RicId,
        ric: &Ric,
        component: &str,
        e2_nodes: &[NodeId],
        trips: &Loops<'_>,
    ) -> Option<InstanceLoop> {
        let passes = |head: &Xapp| {
            let visits =
                || std::iter::once(head).chain(head.chain.iter().filter_map(|member| ric.xapps.get(member.value)));
            match component {
                "e2t" => true,
                "sdl" | "nib" => visits().any(|xapp| xapp.uses_sdl),
                name => visits().any(|xapp| xapp.entity.address.last().1 == name),
            }
        };
        let of = |head: &Xapp| {
            let budget_ns = head.loop_budget?.value.0;
            let name = head.entity.address.last().1;
            let worst_ns = e2_nodes.iter().filter_map(|e2| trips.get(&(id, name, *e2)).copied()).max()?;
            let xapp = self.kept.xapp(&ric.entity.address, name.trim_matches('"'));
            Some(InstanceLoop { xapp, budget_ns, worst_ns })
        };
        let loops = ric.xapps.iter().filter(|head| passes(head)).filter_map(of);
        loops.min_by_key(|one| (one.budget_ns.saturating_sub(one.worst_ns), one.xapp.clone()))
    }
}

/// The RIC whose xApps run on a compute node: the one that it was of, else the first that may use it.
fn owning_ric<'n>(network: &'n Network, on: NodeId, known: Option<&Address>) -> Option<&'n Ric> {
    let excluded = |ric: &Ric| ric.exclusions.iter().any(|node| node.value == on);
    let may = |ric: &&Ric| ric.candidates.contains(&on) && !excluded(ric);
    let owners = || network.rics.iter().map(|(_, ric)| ric).filter(may);
    owners().find(|ric| known == Some(&ric.entity.address)).or_else(|| owners().next())
}

/// The containers of the connectors that an instance has, where the model says them.
fn connector_containers(model: &Model, connectors: &BTreeSet<Connector>) -> Vec<ConnectorContainer> {
    let used = model.connectors.iter().filter(|connector| connectors.contains(&connector.way.value));
    let container = |connector: &ModelConnector| ConnectorContainer {
        connector: connector.way.value,
        image: connector.image.value.to_string(),
        demand: amounts(&connector.demand),
    };
    used.map(container).collect()
}

/// How many there are, where that is several and no cluster says it.
fn several(cluster: Option<&ClusterPlace>, replicas: u32) -> Option<u32> {
    (cluster.is_none() && replicas > 1).then_some(replicas)
}

fn application(host: NodeKind) -> Application {
    match host {
        NodeKind::NonRtRic => Application::Rapp,
        NodeKind::NearRtRic | NodeKind::Compute => Application::Xapp,
        _ => Application::Dapp,
    }
}

fn connector(application: Application, source: NodeKind) -> Connector {
    match (application, source) {
        (Application::Rapp, _) => Connector::O1,
        (Application::Xapp, _) => Connector::E2,
        (Application::Dapp, NodeKind::Ru) => Connector::Fronthaul,
        (Application::Dapp, _) => Connector::Dapp,
    }
}

fn target<'n>(network: &'n Network, one: &ModelAssignment) -> Option<&'n RequestTarget> {
    network.requests[one.request].targets.get(one.target as usize)
}

/// The nodes that an instance reads and sets.
fn acted_upon(network: &Network, served: &[&ModelAssignment]) -> BTreeSet<NodeId> {
    let targets = served.iter().filter_map(|one| target(network, one));
    targets.flat_map(|target| target.sources.iter().copied().chain([target.node])).collect()
}

fn consumer(network: &Network, one: &ModelAssignment) -> Option<Consumer> {
    let target = target(network, one)?;
    let address = |node: &NodeId| network.nodes[*node].entity.address.clone();
    Some(Consumer {
        request: network.requests[one.request].entity.address.clone(),
        function: target.function.value.to_string(),
        target: address(&target.node),
        sources: target.sources.iter().map(address).collect(),
    })
}
