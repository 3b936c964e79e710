//! Where a Kubernetes cluster runs an instance, and how: decided here, so that a target decides nothing.

use super::assemble::Assembly;
use super::*;
use crate::address::slug;
use crate::ids::NodeId;
use crate::network::{Management, Node, PodSecurity, Protocol, RicProfile};
use crate::profile::Profile;

/// The namespace of a RIC's objects.
pub(super) fn namespace_of(ric: &Address) -> String {
    let name = if ric.as_str().starts_with("module.") { ric.as_str() } else { ric.last().1.trim_matches('"') };
    slug(&format!("ric-{name}"))
}

/// The name of a compute node in its cluster (`kubernetes.io/hostname`); none for a node that is no cluster's.
pub fn cluster_node(address: &Address, management: Option<&Management>) -> Option<String> {
    let management = management.filter(|way| way.protocol == Protocol::Kubernetes)?;
    let written = management.cluster.as_ref().and_then(|access| access.node.as_ref());
    let own = || address.last().1.trim_matches('"').to_owned();
    Some(written.map_or_else(own, |name| name.value.to_string()))
}

/// The same of a node of the network: one that a folder plays for a cluster is called there as here.
pub fn node_of(node: &Node) -> Option<String> {
    let (address, way) = (&node.entity.address, node.management.as_ref());
    cluster_node(address, way).or_else(|| played_node(address, &node.profile, way))
}

/// The name of a node that a folder plays for a cluster, as in the intents; none for anything else. Several nodes of one
/// cluster may be in one folder.
pub fn played_node(address: &Address, profile: &Profile, management: Option<&Management>) -> Option<String> {
    let folder = management.is_some_and(|way| way.protocol == Protocol::Directory);
    let of_cluster = ["ric-instance.cluster.node", "model-instance.cluster.node"].iter().any(|leaf| profile.has(leaf));
    (folder && of_cluster).then(|| address.last().1.trim_matches('"').to_owned())
}

/// Whether software is told of a leaf of its resource while it runs, by files that change under it: whom it serves, and
/// what is known of its loops, with whom it works, where it reaches them, and the names of what it is a part of: at one
/// address those change by a rename only. Everything else it is told once, when it starts, so that a change of it starts it
/// anew.
pub fn is_told_live(leaf: &str) -> bool {
    let serves =
        ["e2_nodes", "stands_by_for", "consumers", "functions", "peers", "reaches", "tightest_loop", "within_ns"];
    let names = ["ric", "model", "called", "hosted"];
    serves.contains(&leaf) || names.contains(&leaf) || leaf.starts_with("tightest_loop.")
}

/// What decides whether an instance may share a namespace with restricted ones.
#[derive(Clone, Copy, Debug)]
pub struct Needs<'a> {
    /// What it needs.
    pub demand: &'a Amounts,
    /// The Pod Security level, where it is stated.
    pub pod_security: Option<PodSecurity>,
    /// How its inputs come.
    pub connectors: &'a [Connector],
}

/// What decides how a cluster runs an instance.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run<'a> {
    /// What it is called.
    pub name: &'a str,
    /// The namespace of the system that it is a part of.
    pub system: &'a str,
    /// How many pods.
    pub replicas: u32,
    /// What it needs of its node.
    pub needs: Needs<'a>,
}

impl<'a> Needs<'a> {
    /// Of an instance; none for anything else.
    pub fn of(resource: &'a Resource) -> Option<Self> {
        match resource {
            Resource::RicInstance(one) => {
                Some(Self { demand: &one.demand, pod_security: one.pod_security, connectors: &[] })
            }
            Resource::ModelInstance(one) => {
                Some(Self { demand: &one.demand, pod_security: one.pod_security, connectors: &one.connectors })
            }
            _ => None,
        }
    }

    /// What it needs of its node beyond processors, memory and storage, in words.
    pub fn of_node(&self) -> Vec<String> {
        let mut needs = Vec::new();
        if self.taps_fronthaul() {
            needs.push("a tap of the fronthaul".to_owned());
        }
        for name in self.demand.keys().filter(|name| !["cpu", "memory", "storage"].contains(&name.as_str())) {
            needs.push(if is_huge_pages(name) { name.clone() } else { format!("the device `{name}`") });
        }
        needs
    }

    /// Whether it listens on the fronthaul of a radio unit.
    pub fn taps_fronthaul(&self) -> bool {
        self.connectors.contains(&Connector::Fronthaul)
    }

    /// Whether it has a namespace of its own.
    fn is_apart(&self) -> bool {
        self.pod_security.is_some_and(|level| level != PodSecurity::Restricted) || !self.of_node().is_empty()
    }
}

/// Whether a resource is pages of memory of a size, e.g. `hugepages-1gi`.
pub fn is_huge_pages(resource: &str) -> bool {
    resource.starts_with("hugepages-")
}

impl Assembly<'_> {
    /// The place of an instance on a node; none where no cluster runs it. A namespace that state knows
    /// stays, unless it is one of several and must not be that any more, or the other way round.
    pub(super) fn cluster_place(&self, address: &Address, on: NodeId, run: &Run<'_>) -> Option<ClusterPlace> {
        let node = self.node_name(&self.network.nodes[on])?;
        let Run { name, system, replicas, needs } = run;
        let apart = needs.is_apart();
        let known = self.recorded.get(address).and_then(|known| known.resource.cluster());
        let known = known.filter(|known| known.beside.is_some() == apart);
        let (namespace, beside) = match (known, apart) {
            (Some(known), _) => (known.namespace.clone(), known.beside.clone()),
            (None, true) => (slug(&format!("{system}-{name}")), Some((*system).to_owned())),
            (None, false) => ((*system).to_owned(), None),
        };
        let update = UpdateStrategy::Recreate;
        let (replicas, called) = (*replicas, None);
        let tolerations = self.network.nodes[on].tolerates.clone();
        Some(ClusterPlace { node, namespace, beside, called, tolerations, replicas, update, altered: Vec::new() })
    }

    /// The name of a node in its cluster. One that a folder plays keeps the name that it began with.
    pub(super) fn node_name(&self, node: &Node) -> Option<String> {
        let named = cluster_node(&node.entity.address, node.management.as_ref());
        named.or_else(|| {
            let played = node_of(node)?;
            Some(self.kept.node(&node.entity.address).map_or(played, str::to_owned))
        })
    }

    /// Where conventions want it, an instance is told which stores have the data of its E2 nodes or targets.
    pub(super) fn data_stores(&mut self) {
        let placed = &self.deployment.placed;
        let of_store = |placed: &Placed| match &placed.resource {
            Resource::RicInstance(one) if one.profile == RicProfile::Osc && one.component == RicPart::Sdl => {
                let place = one.cluster.as_ref()?;
                Some((one.ric.clone(), one.e2_nodes.clone(), format!("{}/{}", place.namespace, place.node)))
            }
            _ => None,
        };
        let mut stores: Vec<_> = placed.values().filter_map(of_store).collect();
        // By the names of the cluster, which no rename changes.
        stores.sort_by(|a, b| a.2.cmp(&b.2));
        for placed in self.deployment.placed.values_mut() {
            let (ric, served, into) = match &mut placed.resource {
                Resource::RicInstance(one) if one.component != RicPart::Sdl && one.profile == RicProfile::Osc => {
                    (Some(&one.ric), one.e2_nodes.clone(), &mut one.stores)
                }
                Resource::ModelInstance(one) if one.profile == RicProfile::Osc => {
                    let targets = one.consumers.iter().map(|consumer| consumer.target.clone());
                    (one.ric.as_ref(), targets.collect(), &mut one.stores)
                }
                _ => continue,
            };
            let of_ric = || stores.iter().filter(|(of, ..)| Some(of) == ric);
            let serving = of_ric().filter(|(_, e2_nodes, _)| e2_nodes.iter().any(|node| served.contains(node)));
            into.extend(serving.map(|(.., store)| store.clone()));
            if into.is_empty() {
                into.extend(of_ric().map(|(.., store)| store.clone()).next());
            }
        }
    }
}

/// The time that the tightest control loop through an instance may take, in nanoseconds: of models what their consumers
/// give them, else what the kind of application is for (O-RAN.WG1 OAD); none where nothing waits for it.
pub fn loop_budget_ns(resource: &Resource) -> Option<u64> {
    const MS: u64 = 1_000_000;
    match resource {
        Resource::RicInstance(instance) => instance.tightest_loop.as_ref().map(|one| one.budget_ns),
        Resource::ModelInstance(model) => model.within_ns.or(match model.application {
            Application::Dapp => Some(10 * MS),
            Application::Xapp => Some(1000 * MS),
            Application::Rapp => None,
        }),
        _ => None,
    }
}

/// Whether E2 nodes end their associations at it.
pub(super) fn is_termination(resource: &Resource) -> bool {
    matches!(resource, Resource::RicInstance(instance) if instance.component == RicPart::E2t)
}

/// The bytes that are set aside on its node for what it keeps there beyond the life of its pod; none where it keeps nothing.
pub fn stored_bytes(resource: &Resource) -> Option<f64> {
    let bytes = resource.demand()?.get("storage").copied()?;
    (has_state(resource) && bytes > 0.0).then_some(bytes)
}

/// Whether it keeps state on its node: two of it are never there at once.
pub fn has_state(resource: &Resource) -> bool {
    matches!(resource, Resource::RicInstance(instance)
        if instance.component == RicPart::Nib || instance.component == RicPart::Sdl && instance.profile == RicProfile::Osc)
}
