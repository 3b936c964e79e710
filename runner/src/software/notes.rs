//! What is decided and not deployed, and E2 nodes that cannot be told their E2 termination: each said once.

use std::collections::{BTreeMap, BTreeSet};

use ranform_network::address::Address;
use ranform_network::answers::RicPlacement;
use ranform_network::deployment::{Connector, Deployment, NotDeployed, Resource};
use ranform_network::diagnostic::codes;
use ranform_network::ids::{NodeId, RicId};
use ranform_network::network::{Entity, Model, Node, Protocol};
use ranform_network::{Diagnostic, Network};

use super::words;

/// All notes about a deployment.
pub fn findings(network: &Network, deployment: &Deployment, placement: &RicPlacement) -> Vec<Diagnostic> {
    let mut findings = undeployed(network, deployment);
    findings.extend(terminations(network, deployment, placement));
    findings.extend(without_connector(network, deployment));
    findings.extend(super::reach::findings(network, deployment));
    findings.extend(behind_one_address(network, placement));
    findings.extend(over_clusters(network, deployment));
    findings
}

/// One warning for each model that runs in a cluster without a connector for a way by which its inputs come, and does not
/// say that it gets them itself.
fn without_connector(network: &Network, deployment: &Deployment) -> Vec<Diagnostic> {
    let mut ways: BTreeMap<&Address, BTreeSet<Connector>> = BTreeMap::new();
    for placed in deployment.placed.values() {
        let Resource::ModelInstance(instance) = &placed.resource else { continue };
        if instance.cluster.is_none() {
            continue;
        }
        let has = |way: &Connector| instance.connector_containers.iter().any(|one| one.connector == *way);
        let missing = instance.connectors.iter().copied().filter(|way| !has(way));
        ways.entry(&instance.model).or_default().extend(missing);
    }
    let models = network.models.as_slice().iter().filter(|model| !model.connects_itself);
    let models = models.filter_map(|model| Some((model, ways.get(&model.entity.address)?)));
    let warning = |(model, ways): (&Model, &BTreeSet<Connector>)| {
        let words: Vec<String> = ways.iter().map(|way| format!("`{}`", way.word())).collect();
        let first = ways.first()?.word();
        let message = format!(
            "`{}` has no connector beside it for {}, and gets its inputs itself",
            model.entity.address,
            words.join(" and ")
        );
        let help = format!(
            "write its container, e.g. `connector {first} \"registry.example/{first}-connector:1.0\" demand cpu 0.25, memory 128MB`; where the model's own image speaks to its sources, say so: `connector none`"
        );
        Some(Diagnostic::warning(&codes::NO_CONNECTOR, model.entity.span, message).help(help))
    };
    models.filter_map(warning).collect()
}

/// One warning per reason, at the first node concerned.
fn undeployed(network: &Network, deployment: &Deployment) -> Vec<Diagnostic> {
    let nodes: BTreeMap<&Address, &Node> = network.nodes.iter().map(|(_, node)| (&node.entity.address, node)).collect();
    let mut by_reason: BTreeMap<NotDeployed, BTreeMap<&Address, usize>> = BTreeMap::new();
    for thing in deployment.undeployed.values() {
        *by_reason.entry(thing.because).or_default().entry(&thing.placed.device).or_default() += 1;
    }
    let mut findings = Vec::new();
    for (reason, concerned) in by_reason {
        let Some(first) = concerned.keys().next().and_then(|address| nodes.get(*address)) else { continue };
        let names: Vec<String> = concerned.keys().map(ToString::to_string).collect();
        let instances = words::count(concerned.values().sum(), "instance");
        let (span, why, help) = match reason {
            NotDeployed::NoManagement => (
                first.entity.span,
                "no `manage` line says how to get there",
                "write e.g. `manage directory \"devices/edge-1\"` on a node to deploy to it",
            ),
            NotDeployed::NoKnob => {
                (first.profile_span, "the profile there holds no software", "choose a profile that runs containers")
            }
        };
        let message =
            format!("software for {} is decided and shown, not deployed ({instances}): {why}", words::some(&names, 5));
        findings.push(Diagnostic::warning(&codes::NOT_DEPLOYED, span, message).help(help));
    }
    findings
}

/// E2 nodes that do not learn where their E2 termination is, per RIC.
fn terminations(network: &Network, deployment: &Deployment, placement: &RicPlacement) -> Vec<Diagnostic> {
    let mut silent: BTreeMap<(RicId, NodeId), usize> = BTreeMap::new();
    let mut deaf: BTreeMap<RicId, BTreeSet<NodeId>> = BTreeMap::new();
    for one in placement.assignments.iter().filter(|one| &*one.component == "e2t") {
        let node = &network.nodes[one.e2_node];
        if !deployment.devices.contains_key(&node.entity.address) {
            continue;
        }
        if !node.profile.knobs.contains_key("node.e2_endpoint") {
            deaf.entry(one.ric).or_default().insert(one.e2_node);
        } else if network.nodes[one.on].e2_endpoint.is_none() {
            *silent.entry((one.ric, one.on)).or_default() += 1;
        }
    }
    let mut findings: Vec<Diagnostic> =
        deaf.into_iter().map(|(ric, nodes)| cannot_be_told(network, ric, &nodes)).collect();
    findings.extend(silent.into_iter().map(|((ric, on), count)| {
        let (node, ric) = (&network.nodes[on].entity, &network.rics[ric].entity.address);
        let message = format!(
            "nothing says where the E2 termination of `{ric}` on `{}` is found; {} told",
            node.address,
            if count == 1 { "1 E2 node is not".to_owned() } else { format!("{count} E2 nodes are not") }
        );
        let help = "write its address and port on the compute node, e.g. `e2 \"10.0.0.5:36421\"`";
        Diagnostic::warning(&codes::E2_ENDPOINT_UNKNOWN, node.span, message).help(help)
    }));
    findings
}

/// E2 terminations of several RICs on a node that says one address and port: only one of them can listen there.
fn behind_one_address(network: &Network, placement: &RicPlacement) -> Vec<Diagnostic> {
    let mut here: BTreeMap<NodeId, BTreeSet<RicId>> = BTreeMap::new();
    for one in placement.assignments.iter().chain(&placement.standby).filter(|one| &*one.component == "e2t") {
        here.entry(one.on).or_default().insert(one.ric);
    }
    let several = here.into_iter().filter(|(_, rics)| rics.len() > 1);
    several.filter_map(|(on, rics)| contended(network, &network.nodes[on], &rics)).collect()
}

fn contended(network: &Network, node: &Node, rics: &BTreeSet<RicId>) -> Option<Diagnostic> {
    let at = node.e2_endpoint.as_ref()?;
    let rics: Vec<_> = rics.iter().map(|ric| &network.rics[*ric].entity).collect();
    let names: Vec<String> = rics.iter().map(|ric| format!("`{}`", ric.address)).collect();
    let (last, first) = (rics.last()?, names.join(" and "));
    let (name, own) = (node.entity.address.last().1, last.address.last().1);
    let message = format!(
        "the E2 terminations of {first} are all placed on `{}`, behind one address, `{at}`",
        node.entity.address
    );
    let help = format!(
        "keep one of them elsewhere, e.g. `exclude {name}` or `pin e2t on NODE` in `ric {own}`, or give each RIC compute nodes of its own (`candidates`)"
    );
    let finding = Diagnostic::error(&codes::ONE_E2_ADDRESS, node.entity.span, message).help(help);
    Some(rics.iter().fold(finding, |finding, ric| finding.and(ric.span, "its E2 termination is placed there")))
}

/// One warning for each RIC whose parts run in several clusters: Services and policies are those of one.
fn over_clusters(network: &Network, deployment: &Deployment) -> Vec<Diagnostic> {
    let mut clusters: BTreeMap<&Address, BTreeMap<String, Vec<String>>> = BTreeMap::new();
    for (address, placed) in &deployment.placed {
        let Resource::RicInstance(instance) = &placed.resource else { continue };
        let device = deployment.devices.get(&placed.device);
        let way = device.and_then(|device| device.management.as_ref());
        let Some(way) = way.filter(|way| way.protocol == Protocol::Kubernetes) else { continue };
        let of_ric = clusters.entry(&instance.ric).or_default();
        of_ric.entry(way.cluster_words()).or_default().push(address.to_string());
    }
    let rics = network.rics.iter().filter_map(|(_, ric)| Some((&ric.entity, clusters.get(&ric.entity.address)?)));
    let warning = |(ric, clusters): (&Entity, &BTreeMap<String, Vec<String>>)| {
        let parts = clusters.iter().map(|(cluster, parts)| format!("{} in {cluster}", words::some(parts, 2)));
        let message = format!(
            "the parts of `{}` run in {} clusters and find each other by the names of one: {}",
            ric.address,
            clusters.len(),
            parts.collect::<Vec<_>>().join("; ")
        );
        let help =
            "keep it in one cluster (`candidates`), or join the clusters and open the ways between them yourself";
        Diagnostic::warning(&codes::RIC_OVER_CLUSTERS, ric.span, message).help(help)
    };
    rics.filter(|(_, clusters)| clusters.len() > 1).map(warning).collect()
}

fn cannot_be_told(network: &Network, ric: RicId, nodes: &BTreeSet<NodeId>) -> Diagnostic {
    let names: Vec<String> = nodes.iter().map(|node| words::node(network, *node)).collect();
    let profiles: BTreeSet<&str> = nodes.iter().map(|node| network.nodes[*node].profile.name.as_str()).collect();
    let profiles = profiles.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let ric = &network.rics[ric].entity;
    let message = format!(
        "profile {profiles} cannot tell {} where the E2 termination of `{}` is",
        words::some(&names, 5),
        ric.address
    );
    let span = nodes.iter().next().map_or(ric.span, |node| network.nodes[*node].profile_span);
    let help = "set `node.e2_endpoint` on the device by other means, or choose a profile that has it";
    Diagnostic::warning(&codes::E2_ENDPOINT_UNKNOWN, span, message).help(help)
}
