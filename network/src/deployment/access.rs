//! What software is given to reach others with: Secrets by reference, the nodes that it reads and sets as they are known on
//! O1 and E2, and as whom it logs in there. Never what is in a Secret.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::address::Address;
use crate::ids::NodeId;
use crate::network::{HostKey, Login, LoginProof, Model, Network, NodeKind, Protocol, SecretUse};

use super::{Application, Connector, ConnectorContainer};

/// Folders of a container in which something is mounted already, or that belong to the system.
pub mod folders {
    /// Where software finds its configuration.
    pub const CONFIG: &str = "/etc/ranform";
    /// Where a store keeps its state.
    pub const DATA: &str = "/data";
    /// Where a model and its connectors meet.
    pub const EXCHANGE: &str = "/run/ranform";
    /// What any container may write.
    pub const SCRATCH: &str = "/tmp";
    /// Huge pages, with the size after it where there are several.
    pub const HUGE_PAGES: &str = "/dev/hugepages";
    /// The descriptor of an xApp of the O-RAN Software Community.
    pub const DESCRIPTOR: &str = "/opt/ric/config";
    /// What proves who logs in over O1.
    pub const LOGIN: &str = "/run/secrets/o1";

    /// All of them: nothing else is mounted there, above or below.
    pub const TAKEN: [&str; 10] =
        [CONFIG, DATA, EXCHANGE, SCRATCH, HUGE_PAGES, DESCRIPTOR, LOGIN, "/dev", "/proc", "/sys"];

    /// Whether of two folders one is the other or is below it, so that one mount would hide the other.
    pub fn collide(one: &str, other: &str) -> bool {
        let below = |below: &str, above: &str| {
            let rest = below.strip_prefix(above.trim_end_matches('/'));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        below(one, other) || below(other, one)
    }
}

/// A Secret that an instance is given, and where it finds it; of its namespace, and a reference only.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SecretReference {
    /// The Secret.
    pub secret: String,
    /// The entry of it that is given; all of them where none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The folder in which it is, a file for each entry; none where it is in the environment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
    /// The variable of the environment that holds the entry; none where it is a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variable: Option<String>,
    /// The connector whose container gets it; that of the software itself where none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connector: Option<Connector>,
}

/// As whom an application logs in at the nodes that it reads and sets over O1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginReference {
    /// The user.
    pub user: String,
    /// What proves it.
    pub proof: LoginProof,
    /// The file in its container that holds the proof.
    pub file: String,
}

/// A node that an application reads or sets, as it is known there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ReachedNode {
    /// The node.
    pub node: Address,
    /// Where it listens for NETCONF over SSH, `HOST:PORT`; none where the application does not reach it over O1, or no
    /// intent says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub netconf: Option<String>,
    /// The fingerprint of its host key, as OpenSSH prints it; none where no intent says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host_key: Option<String>,
    /// What it is called on E2; none where the application does not reach it over E2, or no intent says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub e2: Option<E2NodeName>,
}

/// The identity of an E2 node as its E2 Setup gives it (Global E2 Node ID, O-RAN.WG3 E2AP 9.2.6).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct E2NodeName {
    /// The network that it is of: that of its operator.
    pub plmn: String,
    /// The gNB identity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gnb_id: Option<u32>,
    /// The length of that in bits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gnb_id_length: Option<u8>,
    /// The identity of a DU within its gNB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gnb_du_id: Option<u64>,
    /// The eNB identity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enb_id: Option<u32>,
}

/// The Secrets of a component or xApp.
pub(super) fn secrets(used: Option<&Vec<SecretUse>>) -> Vec<SecretReference> {
    let mut secrets: Vec<SecretReference> = used.into_iter().flatten().map(reference).collect();
    secrets.sort();
    secrets
}

fn reference(used: &SecretUse) -> SecretReference {
    SecretReference {
        secret: used.secret.value.to_string(),
        key: used.key.as_ref().map(|key| key.value.to_string()),
        folder: used.folder().map(str::to_owned),
        variable: used.variable().map(str::to_owned),
        connector: used.connector.as_ref().map(|connector| connector.value),
    }
}

/// The Secrets of an instance of a model: those of its containers that are there, what it logs in with included.
pub(super) fn secrets_of_model(
    model: &Model,
    containers: &[ConnectorContainer],
    connectors: &[Connector],
) -> Vec<SecretReference> {
    let beside = |way: Connector| containers.iter().any(|one| one.connector == way);
    let mut all = secrets(Some(&model.secrets));
    all.retain(|one| one.connector.is_none_or(beside));
    if let Some(login) = login_over_o1(model, connectors) {
        all.push(SecretReference {
            secret: login.secret.value.to_string(),
            key: Some(login.proof.entry().to_owned()),
            folder: Some(folders::LOGIN.to_owned()),
            variable: None,
            connector: beside(Connector::O1).then_some(Connector::O1),
        });
    }
    all.sort();
    all
}

/// As whom an instance of a model logs in; none where it reads nothing over O1.
pub(super) fn login(model: &Model, connectors: &[Connector]) -> Option<LoginReference> {
    let login = login_over_o1(model, connectors)?;
    Some(LoginReference {
        user: login.user.to_string(),
        proof: login.proof,
        file: format!("{}/{}", folders::LOGIN, login.proof.entry()),
    })
}

fn login_over_o1<'m>(model: &'m Model, connectors: &[Connector]) -> Option<&'m Login> {
    model.login.as_ref().filter(|_| connectors.contains(&Connector::O1))
}

/// The nodes that an application reads and sets, in address order; those of a dApp are its own node and what is below it.
pub(super) fn reached(network: &Network, application: Application, nodes: &BTreeSet<NodeId>) -> Vec<ReachedNode> {
    let mut reached: Vec<ReachedNode> =
        nodes.iter().filter_map(|node| reached_node(network, application, *node)).collect();
    reached.sort();
    reached
}

fn reached_node(network: &Network, application: Application, id: NodeId) -> Option<ReachedNode> {
    let node = &network.nodes[id];
    let mut reached = ReachedNode { node: node.entity.address.clone(), netconf: None, host_key: None, e2: None };
    match application {
        Application::Rapp => {
            let way = node.management.as_ref().filter(|way| way.protocol == Protocol::Netconf);
            reached.netconf = way.map(|way| way.endpoint.value.to_string());
            reached.host_key = way.and_then(|way| match way.host_key.as_ref()? {
                HostKey::Fingerprint(key) => Some(key.to_string()),
                HostKey::File(_) => None,
            });
        }
        Application::Xapp => reached.e2 = e2_name(network, id),
        Application::Dapp => return None,
    }
    Some(reached)
}

/// What a node is called on E2: of a radio unit, what the E2 node above it is.
fn e2_name(network: &Network, id: NodeId) -> Option<E2NodeName> {
    let mut at = id;
    while network.nodes[at].kind == NodeKind::Ru {
        // One step: nothing but a DU, CU or gNB is above a radio unit.
        at = network.nodes[at].parent.as_ref()?.value;
        if network.nodes[at].kind == NodeKind::Ru {
            return None;
        }
    }
    let node = &network.nodes[at];
    let gnb = network.gnb_id_of(at).filter(|_| node.kind != NodeKind::Enb);
    let enb_id = node.enb_id.filter(|_| node.kind == NodeKind::Enb).map(|id| id.value);
    if gnb.is_none() && enb_id.is_none() {
        return None;
    }
    Some(E2NodeName {
        plmn: network.host_plmn_of(at)?.value.to_string(),
        gnb_id: gnb.map(|id| id.value.value),
        gnb_id_length: gnb.map(|id| id.value.length),
        gnb_du_id: node.gnb_du_id.filter(|_| node.kind == NodeKind::Du).map(|id| id.value),
        enb_id,
    })
}

#[cfg(test)]
mod tests {
    use super::folders::collide;

    #[test]
    fn a_folder_collides_with_itself_and_with_what_is_above_and_below_it() {
        for (one, other) in [("/etc/tls", "/etc/tls"), ("/etc", "/etc/tls"), ("/", "/etc/tls"), ("/dev/shm", "/dev")] {
            assert!(collide(one, other) && collide(other, one), "{one} {other}");
        }
        for (one, other) in [("/etc/tls", "/etc/tls2"), ("/etc/a", "/etc/b"), ("/data", "/database")] {
            assert!(!collide(one, other) && !collide(other, one), "{one} {other}");
        }
    }
}
