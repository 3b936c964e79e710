//! Software on nodes of a cluster and policies on a near-RT RIC, as decided things: what small networks of
//! [`super::plan`] are joined with.
#![allow(dead_code)]

use std::collections::BTreeMap;

use ranform_network::a1::PolicyType;
use ranform_network::deployment::*;
use ranform_network::network::{A1Access, ClusterAccess, ContextName, Management, Protocol, Reference, RicProfile};
use ranform_network::profile::PROFILES;
use ranform_network::radio::{Plmn, Snssai};
use ranform_network::{Address, Located};

/// The type of the policies.
pub const SLICE: &str = "ORAN_SliceSLATarget_1.0.0";

/// The compute node that is this node of the cluster of the file `kubeconfig`.
pub fn compute_node(name: &str, node: &str) -> (Address, Device) {
    compute_node_of("test", name, node)
}

/// The same of the cluster that this context of the file names.
pub fn compute_node_of(context: &str, name: &str, node: &str) -> (Address, Device) {
    let address = Address::new("node", &format!("{name}-{node}"));
    let cluster = ClusterAccess {
        context: Some(ContextName::Name(context.into())),
        node: Some(Located::new(node.into(), Default::default())),
    };
    let management = Management {
        credential: Some(Reference::File("kubeconfig".into())),
        cluster: Some(cluster),
        ..way(Protocol::Kubernetes, &format!("context \"{context}\""))
    };
    let name = address.last().1.to_owned();
    (
        address,
        Device {
            profile: PROFILES["kubernetes"].clone(),
            management: Some(management),
            name,
            capacity: Amounts::new(),
        },
    )
}

fn way(protocol: Protocol, endpoint: &str) -> Management {
    Management {
        protocol,
        endpoint: Located::new(endpoint.into(), Default::default()),
        user: None,
        credential: None,
        host_key: None,
        a1: None,
        cluster: None,
    }
}

/// A part of a RIC on a node of the cluster, in a version of its image.
#[derive(Clone, Debug)]
pub struct Part<'a> {
    /// The RIC's name.
    pub ric: &'a str,
    /// What it is.
    pub part: RicPart,
    /// The context of its cluster.
    pub context: &'a str,
    /// The node of the cluster.
    pub node: &'a str,
    /// The version of its image.
    pub version: u32,
    /// The E2 nodes it serves.
    pub e2_nodes: Vec<Address>,
    /// Where E2 nodes find it.
    pub endpoint: Option<String>,
    /// How a new version takes the place of the old one.
    pub update: UpdateStrategy,
    /// Bytes that it stores.
    pub storage: Option<f64>,
    /// Its name, where it is an xApp.
    pub xapp: Option<String>,
}

impl<'a> Part<'a> {
    /// One that serves nobody yet.
    pub fn new(ric: &'a str, part: RicPart, node: &'a str, version: u32) -> Self {
        let (e2_nodes, update) = (Vec::new(), UpdateStrategy::Recreate);
        Self { ric, part, context: "test", node, version, e2_nodes, endpoint: None, update, storage: None, xapp: None }
    }

    /// An xApp that serves nobody yet.
    pub fn xapp(ric: &'a str, name: &str, node: &'a str, version: u32) -> Self {
        Self { xapp: Some(name.to_owned()), ..Self::new(ric, RicPart::Xapp, node, version) }
    }

    fn word(&self) -> &str {
        self.xapp.as_deref().unwrap_or(self.part.word())
    }

    /// Its address.
    pub fn address(&self) -> Address {
        Address::new("ric", self.ric).child(self.word(), self.node)
    }

    /// The name of its objects.
    pub fn object(&self) -> String {
        format!("{}-{}-{}", self.ric, self.word(), self.node)
    }

    /// Puts it, and the node that runs it, into what is wanted.
    pub fn add(&self, wanted: &mut Deployment) {
        let (device, entry) = compute_node_of(self.context, self.ric, self.node);
        wanted.devices.insert(device.clone(), entry);
        let word = self.word();
        let mut demand = Amounts::from([("cpu".to_owned(), 0.5), ("memory".to_owned(), 1e9)]);
        demand.extend(self.storage.map(|bytes| ("storage".to_owned(), bytes)));
        let resource = RicInstanceResource {
            ric: Address::new("ric", self.ric),
            component: self.part,
            xapp: self.xapp.clone(),
            e2_nodes: self.e2_nodes.clone(),
            reaches: Vec::new(),
            stands_by_for: Vec::new(),
            chain: Vec::new(),
            tightest_loop: None,
            reads_sdl: false,
            endpoint: self.endpoint.clone(),
            image: Some(format!("registry.example/{word}:{}", self.version)),
            version: None,
            profile: RicProfile::Plain,
            stores: Vec::new(),
            peers: Vec::new(),
            pull_secrets: Vec::new(),
            secrets: Vec::new(),
            settings: Default::default(),
            replicas: None,
            pod_security: None,
            demand,
            cluster: Some(ClusterPlace {
                node: self.node.to_owned(),
                namespace: format!("ric-{}", self.ric),
                beside: None,
                called: None,
                tolerations: Vec::new(),
                replicas: 1,
                update: self.update,
                altered: Vec::new(),
            }),
        };
        let id = format!("{}-{word}", self.ric);
        wanted.placed.insert(self.address(), placed(Resource::RicInstance(resource), device, &id));
    }
}

fn placed(resource: Resource, device: Address, device_id: &str) -> Placed {
    let device_id = device_id.to_owned();
    Placed { resource, device, device_id, span: Default::default(), tenant: None, owner: None }
}

/// The near-RT RIC of the policies.
pub fn ric_1() -> Address {
    Address::new("node", "ric-1")
}

/// Puts the RIC at this A1 endpoint, and a policy of this name that guarantees so many Mbit/s, into what is wanted.
pub fn add_policy(wanted: &mut Deployment, url: &str, name: &str, mbps: u32) {
    let management = Management { a1: Some(A1Access::default()), ..way(Protocol::A1, url) };
    let ric = Device {
        profile: PROFILES["a1-2"].clone(),
        management: Some(management),
        name: "ric-1".into(),
        capacity: Amounts::new(),
    };
    wanted.devices.insert(ric_1(), ric);
    let slice = SliceIdentity { plmn: Plmn::parse("001-01").unwrap(), snssai: Snssai { sst: 1, sd: Some(1) } };
    let resource = PolicyResource {
        scope: PolicyScope { slice: Some(slice), ..PolicyScope::default() },
        objectives: BTreeMap::from([(Objective::GuaranteeDlKbps, f64::from(mbps) * 1000.0)]),
        require_enforced: true,
        ..PolicyResource::new(PolicyType::parse(SLICE).unwrap(), None)
    };
    let id = format!("ranform-{name}-00000000");
    let policy = placed(Resource::Policy(Box::new(resource)), ric_1(), &id);
    wanted.placed.insert(ric_1().child("policy", name), policy);
}
