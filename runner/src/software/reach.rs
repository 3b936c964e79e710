//! Applications that run in a cluster and are not told what they need to reach a node that they act upon: each said once per
//! model and reason.

use std::collections::{BTreeMap, BTreeSet};

use ranform_network::address::Address;
use ranform_network::deployment::{Application, Deployment, ModelInstanceResource, ReachedNode, Resource};
use ranform_network::diagnostic::codes;
use ranform_network::network::{HostKey, Model};
use ranform_network::{Diagnostic, Network};

use super::words;

/// What an application is not told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Lack {
    /// Where a node listens for NETCONF.
    Endpoint,
    /// Which host key it shows.
    HostKey,
    /// As whom to log in.
    Login,
    /// What a node is called on E2.
    E2Name,
}

/// The warnings.
pub fn findings(network: &Network, deployment: &Deployment) -> Vec<Diagnostic> {
    let mut lacking: BTreeMap<(&Address, Lack), BTreeSet<&Address>> = BTreeMap::new();
    for placed in deployment.placed.values() {
        let Resource::ModelInstance(instance) = &placed.resource else { continue };
        for node in instance.reaches.iter().filter(|_| instance.cluster.is_some()) {
            for lack in lacks(instance, node) {
                lacking.entry((&instance.model, lack)).or_default().insert(&node.node);
            }
        }
    }
    let models: BTreeMap<&Address, &Model> =
        network.models.as_slice().iter().map(|model| (&model.entity.address, model)).collect();
    let warning = |((model, lack), nodes): ((&Address, Lack), BTreeSet<&Address>)| {
        Some(warning(network, models.get(model)?, lack, &nodes))
    };
    lacking.into_iter().filter_map(warning).collect()
}

fn lacks(instance: &ModelInstanceResource, node: &ReachedNode) -> Vec<Lack> {
    match instance.application {
        Application::Rapp => {
            let all = [
                (node.netconf.is_none(), Lack::Endpoint),
                (node.netconf.is_some() && node.host_key.is_none(), Lack::HostKey),
                (node.netconf.is_some() && instance.login.is_none(), Lack::Login),
            ];
            all.into_iter().filter(|(lacks, _)| *lacks).map(|(_, lack)| lack).collect()
        }
        Application::Xapp => node.e2.is_none().then_some(Lack::E2Name).into_iter().collect(),
        Application::Dapp => Vec::new(),
    }
}

fn warning(network: &Network, model: &Model, lack: Lack, nodes: &BTreeSet<&Address>) -> Diagnostic {
    let names: Vec<String> = nodes.iter().map(ToString::to_string).collect();
    let (names, own) = (words::some(&names, 5), &model.entity.address);
    let in_file = || {
        let of = network.nodes.iter().filter(|(_, node)| nodes.contains(&node.entity.address));
        let mut ways = of.filter_map(|(_, node)| node.management.as_ref()?.host_key.as_ref());
        ways.any(|key| matches!(key, HostKey::File(_)))
    };
    let (message, help) = match lack {
        Lack::Endpoint => (
            format!("`{own}` acts as an rApp upon {names}, and nothing says where to reach that by NETCONF"),
            "write e.g. `manage netconf \"192.0.2.11:830\" ..` on the node, or find it by the rApp's own means".to_owned(),
        ),
        Lack::HostKey => (
            format!("`{own}` acts as an rApp upon {names}, and is not told the host key to expect"),
            match in_file() {
                true => "a `known_hosts` file is not at hand in its container: write the fingerprint, `host-key \"SHA256:..\"`".to_owned(),
                false => "write its fingerprint on the node, `host-key \"SHA256:..\"`".to_owned(),
            },
        ),
        Lack::Login => (
            format!("`{own}` acts as an rApp upon {names}, and nothing says as whom it logs in there"),
            format!(
                "name a user and a Secret with its private key or password, e.g. `login as \"{0}\" key \"{0}-o1\"`",
                own.last().1.trim_matches('"')
            ),
        ),
        Lack::E2Name => (
            format!("`{own}` acts as an xApp upon {names}, and nothing says what that is called on E2"),
            "write its PLMN and `gnb-id` or `enb-id`".to_owned(),
        ),
    };
    Diagnostic::warning(&codes::NODE_OUT_OF_REACH, model.entity.span, message).help(help)
}
