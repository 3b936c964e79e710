//! Placed software on a node of a cluster, at random.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use ranform_network::Address;
use ranform_network::deployment::*;
use ranform_network::network::{LoginProof, PodSecurity, Protocol, RicProfile, Toleration};

use super::deployment;

const MS: u64 = 1_000_000;

fn amounts(storage: bool) -> impl Strategy<Value = Amounts> {
    (1u32..16_000, 0u64..64_000, prop::option::of(1u64..200), prop::option::of(1u8..4)).prop_map(
        move |(cpu, memory, disk, gpu)| {
            let mut amounts = Amounts::new();
            amounts.insert("cpu".to_owned(), f64::from(cpu) / 1000.0);
            amounts.insert("memory".to_owned(), memory as f64 * 1e6);
            amounts.extend(disk.filter(|_| storage).map(|disk| ("storage".to_owned(), disk as f64 * 1e9)));
            amounts.extend(gpu.map(|gpu| ("gpu".to_owned(), f64::from(gpu))));
            amounts
        },
    )
}

fn image() -> impl Strategy<Value = Option<String>> {
    prop_oneof![
        Just("registry.example:5000/ran/app:1.2".to_owned()),
        Just("app@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef".to_owned()),
        "[a-z]{1,8}:[1-9]\\.[0-9]".prop_map(|name| format!("registry.example/{name}")),
    ]
    .prop_map(Some)
}

fn version() -> impl Strategy<Value = Option<String>> {
    prop::option::of(prop_oneof![
        Just("1.0".to_owned()),
        Just("on".to_owned()),
        Just("2026 autumn \"x\": yes".to_owned())
    ])
}

fn pull_secrets() -> impl Strategy<Value = Vec<String>> {
    let name = prop_oneof![Just("login".to_owned()), Just("mirror.eu".to_owned())];
    prop::collection::btree_set(name, 0..3).prop_map(|names| names.into_iter().collect())
}

/// Of these containers some get files, some a variable.
fn secrets(containers: &'static [Option<Connector>]) -> impl Strategy<Value = Vec<SecretReference>> {
    let one = (0..containers.len(), any::<bool>(), any::<bool>()).prop_map(move |(at, file, whole)| SecretReference {
        secret: if whole { "tls.eu".to_owned() } else { "db".to_owned() },
        key: (!file || !whole).then(|| "ca.crt".to_owned()),
        folder: file.then(|| format!("/etc/app/{whole}")),
        variable: (!file).then(|| format!("SECRET_{at}_{whole}")),
        connector: containers[at],
    });
    prop::collection::btree_set(one, 0..4).prop_map(|secrets| secrets.into_iter().collect())
}

/// Of these containers some get arguments, some variables; the pods some annotations.
fn settings(containers: &'static [Option<Connector>]) -> impl Strategy<Value = PodSettings> {
    let text = || prop_oneof![Just("--verbose".to_owned()), Just("a: $(B) # {{ c }}".to_owned()), Just(String::new())];
    let values = prop::collection::vec((any::<bool>(), any::<bool>(), text()), containers.len());
    (values, any::<bool>(), text()).prop_map(move |(values, annotated, said)| {
        let mut settings = PodSettings::default();
        for (connector, (args, env, text)) in containers.iter().zip(values) {
            if args {
                settings
                    .args
                    .push(ContainerArguments { connector: *connector, values: vec![text.clone(), "x".to_owned()] });
            }
            if env {
                settings.env.push(VariableValue { name: "LOG_LEVEL".to_owned(), value: text, connector: *connector });
            }
        }
        if annotated {
            settings.annotations.push(Annotation { key: "k8s.v1.cni.cncf.io/networks".to_owned(), value: said });
        }
        settings
    })
}

fn e2_nodes() -> impl Strategy<Value = Vec<Address>> {
    prop::collection::btree_set(0u8..9, 0..4)
        .prop_map(|ids: BTreeSet<u8>| ids.into_iter().map(|id| Address::new("node", &format!("gnb-{id}"))).collect())
}

fn place(state: bool) -> impl Strategy<Value = Option<ClusterPlace>> {
    let taint =
        prop_oneof![Just("team"), Just("team=ran:NoSchedule"), Just("example.com/gpu:NoExecute"), Just("spot=")];
    let taints = prop::collection::btree_set(taint, 0..3);
    (1u32..4, any::<bool>(), taints).prop_map(move |(replicas, surge, taints)| {
        let update = if surge && !state { UpdateStrategy::Surge } else { UpdateStrategy::Recreate };
        let (node, namespace) = ("edge-3".to_owned(), "ric-metro".to_owned());
        let tolerations = taints.into_iter().map(|taint| Toleration::parse(taint).unwrap()).collect();
        Some(ClusterPlace { node, namespace, tolerations, replicas, update, ..ClusterPlace::default() })
    })
}

/// Those that an instance works with, on another node.
fn peers(part: RicPart) -> Vec<Peer> {
    let peer = |component: RicPart| Peer {
        component,
        namespace: "ric-metro".to_owned(),
        node: "edge-1".to_owned(),
        id: format!("metro-{}", component.word()),
        called: None,
    };
    match part {
        RicPart::Nib => Vec::new(),
        RicPart::Sdl => vec![peer(RicPart::Nib)],
        _ => vec![peer(RicPart::Management), peer(RicPart::Sdl)],
    }
}

/// What needs more of its node has a namespace of its own, as it is decided.
fn settled(resource: Resource, name: &str) -> Resource {
    let mut resource = resource;
    let apart = Needs::of(&resource).is_some_and(|needs| !needs.of_node().is_empty());
    let stated = apart.then_some(PodSecurity::Privileged);
    match &mut resource {
        Resource::RicInstance(instance) => instance.pod_security = stated,
        Resource::ModelInstance(model) => model.pod_security = stated,
        _ => {}
    }
    if let Some(place) = resource.cluster_mut().filter(|_| apart) {
        place.beside = Some(std::mem::replace(&mut place.namespace, format!("ric-metro-{name}")));
    }
    resource
}

fn profile() -> impl Strategy<Value = RicProfile> {
    prop_oneof![Just(RicProfile::Plain), Just(RicProfile::Osc)]
}

const PARTS: [RicPart; 5] = [RicPart::Management, RicPart::E2t, RicPart::Sdl, RicPart::Nib, RicPart::Xapp];

fn part(part: RicPart) -> BoxedStrategy<(Address, String, Resource)> {
    let xapp = (part == RicPart::Xapp).then(|| "steering".to_owned());
    let tight = prop::option::of((1u64..2000, 0u64..2000));
    let keeps = part == RicPart::Nib || part == RicPart::Sdl;
    let images = (image(), pull_secrets(), secrets(&[None]), settings(&[None]));
    (e2_nodes(), tight, any::<bool>(), images, version(), amounts(true), place(keeps), profile())
        .prop_map(
            move |(
                e2_nodes,
                tight,
                chained,
                (image, pull_secrets, secrets, settings),
                version,
                demand,
                cluster,
                profile,
            )| {
                // Where there is one store, it is SDL.
                let profile = if part == RicPart::Nib { RicProfile::Plain } else { profile };
                let stores = if profile == RicProfile::Osc && part != RicPart::Sdl {
                    vec!["ric-metro/edge-3".to_owned()]
                } else {
                    Vec::new()
                };
                let version = if profile == RicProfile::Osc { Some("1.2".to_owned()) } else { version };
                let resource = RicInstanceResource {
                    ric: Address::new("ric", "metro"),
                    component: part,
                    xapp: xapp.clone(),
                    e2_nodes,
                    reaches: xapp.iter().map(|_| reached(1, Application::Xapp)).collect(),
                    stands_by_for: Vec::new(),
                    chain: if chained && xapp.is_some() { vec!["log".to_owned(), "no".to_owned()] } else { Vec::new() },
                    tightest_loop: tight.map(|(budget, worst)| InstanceLoop {
                        xapp: "steering".to_owned(),
                        budget_ns: budget * MS,
                        worst_ns: worst * MS,
                    }),
                    reads_sdl: chained,
                    endpoint: (part == RicPart::E2t).then(|| "10.0.0.5:36421".to_owned()),
                    image,
                    version,
                    profile,
                    stores,
                    peers: peers(part),
                    pull_secrets,
                    secrets,
                    settings,
                    pod_security: None,
                    demand,
                    replicas: None,
                    cluster,
                };
                let (id, name) = (format!("metro-{}", resource.name()), resource.name().to_owned());
                let address = resource.address(&Address::new("node", "device"));
                (address, id, settled(Resource::RicInstance(resource), &name))
            },
        )
        .boxed()
}

/// A node as an application knows it that reads it.
fn reached(id: u8, application: Application) -> ReachedNode {
    let over_o1 = application == Application::Rapp;
    ReachedNode {
        node: Address::new("node", &format!("gnb-{id}")),
        netconf: over_o1.then(|| format!("192.0.2.{id}:830")),
        host_key: (over_o1 && id == 1).then(|| "SHA256:47DEQpj8HBSa".to_owned()),
        e2: (application == Application::Xapp).then(|| E2NodeName {
            plmn: "001-01".to_owned(),
            gnb_id: Some(410 + u32::from(id)),
            gnb_id_length: Some(22),
            gnb_du_id: None,
            enb_id: None,
        }),
    }
}

fn model(number: Option<u32>) -> BoxedStrategy<(Address, String, Resource)> {
    (
        (image(), pull_secrets(), secrets(&[None, Some(Connector::O1)]), settings(&[None, Some(Connector::O1)])),
        version(),
        amounts(true),
        place(false),
        0u8..3,
        profile(),
        any::<bool>(),
    )
        .prop_map(
            move |(
                (image, pull_secrets, secrets, mut settings),
                version,
                mut demand,
                cluster,
                kind,
                profile,
                beside,
            )| {
                let (application, connectors) = match kind {
                    0 => (Application::Rapp, vec![Connector::O1]),
                    1 => (Application::Xapp, vec![Connector::E2]),
                    _ => (Application::Dapp, vec![Connector::Dapp, Connector::Fronthaul]),
                };
                let profile = if application == Application::Xapp { profile } else { RicProfile::Plain };
                let version = if profile == RicProfile::Osc { Some("3.0.1".to_owned()) } else { version };
                let mut containers = Vec::new();
                for connector in connectors.iter().filter(|_| beside) {
                    let own = Amounts::from([("cpu".to_owned(), 0.1), ("memory".to_owned(), 64e6)]);
                    own.iter().for_each(|(name, amount)| *demand.entry(name.clone()).or_default() += amount);
                    let image = format!("registry.example/{}-connector:1.0", connector.word());
                    containers.push(ConnectorContainer { connector: *connector, image, demand: own });
                }
                let has = |way: Connector| containers.iter().any(|one| one.connector == way);
                let secrets = secrets.into_iter().filter(|one| one.connector.is_none_or(has)).collect();
                settings.args.retain(|one| one.connector.is_none_or(has));
                settings.env.retain(|one| one.connector.is_none_or(has));
                let login = (kind == 0 && beside).then(|| LoginReference {
                    user: "forecast".to_owned(),
                    proof: LoginProof::Key,
                    file: "/run/secrets/o1/ssh-privatekey".to_owned(),
                });
                let thousandths = |amount: &mut f64| *amount = (*amount * 1000.0).round() / 1000.0;
                demand.values_mut().for_each(thousandths);
                let consumer = |id: u8| Consumer {
                    request: Address::new("request", &format!("q{id}")),
                    function: "forecast".to_owned(),
                    target: Address::new("node", &format!("gnb-{id}")),
                    sources: vec![Address::new("node", &format!("gnb-{id}"))],
                };
                let resource = ModelInstanceResource {
                    model: Address::new("model", "Storm v2"),
                    called: (number == Some(2)).then(|| "storm-v1".to_owned()),
                    application,
                    ric: (application == Application::Xapp).then(|| Address::new("ric", "metro")),
                    hosted: (application == Application::Dapp).then(|| Address::new("node", "du-1")),
                    functions: vec!["forecast".to_owned()],
                    consumers: vec![consumer(1), consumer(2)],
                    within_ns: number.map(|number| u64::from(number) * 50 * MS),
                    shared: number.is_none(),
                    input: Some("metrics".to_owned()),
                    input_bytes: 100,
                    connectors,
                    controls: vec!["pci".to_owned()],
                    reaches: if kind < 2 { vec![reached(1, application), reached(2, application)] } else { Vec::new() },
                    login,
                    image,
                    version,
                    connector_containers: containers,
                    profile,
                    stores: Vec::new(),
                    peers: peers(RicPart::E2t),
                    pull_secrets,
                    secrets,
                    settings,
                    pod_security: None,
                    demand,
                    replicas: None,
                    cluster,
                };
                let resource = settled(Resource::ModelInstance(resource), "storm-v2");
                let at = Address::new("node", "device").child("model", "Storm v2");
                match number {
                    None => (at, "storm-v2".to_owned(), resource),
                    Some(number) => {
                        let at = at.child("instance", &number.to_string());
                        (at, number.to_string(), resource)
                    }
                }
            },
        )
        .boxed()
}

/// A compute node with any of a RIC's parts and instances of a model.
pub fn compute() -> impl Strategy<Value = Deployment> {
    let parts = PARTS.map(|one| prop::option::of(part(one)));
    let models = [None, Some(1), Some(2)].map(|number| prop::option::of(model(number)));
    (parts, models).prop_map(|(parts, models)| {
        let things = parts.into_iter().flatten().chain(models.into_iter().flatten()).collect();
        deployment("kubernetes", Protocol::Kubernetes, things)
    })
}

/// Everything that the objects carry is wrong, but what they are called by.
pub fn scramble(resource: &mut Resource) {
    match resource {
        Resource::RicInstance(instance) => {
            (instance.e2_nodes, instance.chain, instance.tightest_loop) = (Vec::new(), vec!["x".to_owned()], None);
            (instance.image, instance.version) = (Some("wrong:1".to_owned()), Some("0".to_owned()));
            (instance.reads_sdl, instance.endpoint) = (!instance.reads_sdl, None);
            instance.peers = Vec::new();
            instance.demand = Amounts::from([("cpu".to_owned(), 99.0)]);
        }
        Resource::ModelInstance(model) => {
            (model.functions, model.consumers, model.controls) = (Vec::new(), Vec::new(), Vec::new());
            (model.image, model.version, model.input) = (Some("wrong:1".to_owned()), None, None);
            (model.demand, model.peers, model.within_ns) = (Amounts::new(), Vec::new(), None);
        }
        _ => {}
    }
    if let Some(place) = resource.cluster_mut() {
        (place.replicas, place.update, place.altered) = (9, UpdateStrategy::Recreate, vec!["x".to_owned()]);
    }
}

/// A compute node with all there is.
pub fn full() -> Deployment {
    let mut runner = TestRunner::deterministic();
    loop {
        let x = compute().new_tree(&mut runner).unwrap().current();
        if x.placed.len() == 8 {
            return x;
        }
    }
}
