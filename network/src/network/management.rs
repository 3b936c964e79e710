//! How nodes are managed: protocols, where credentials are found, what a server must prove.

use serde::{Deserialize, Serialize};

use super::{A1Access, Name};
use crate::address::{is_label, is_subdomain};
use crate::source::Located;

/// How a node is managed. Credentials are references only; a secret never enters a network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Management {
    /// The protocol.
    pub protocol: Protocol,
    /// `host:port` or a folder of the project (directory); for a cluster its context as written, for people.
    pub endpoint: Located<Name>,
    /// The user name.
    pub user: Option<Name>,
    /// Where the private key, token or password is found.
    pub credential: Option<Reference>,
    /// The host key or certificate that the device must show.
    pub host_key: Option<HostKey>,
    /// How an A1 peer is spoken to; none for other protocols.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub a1: Option<A1Access>,
    /// How a cluster is found; for other protocols the one whose Secrets hold the credentials, where its context is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<ClusterAccess>,
}

impl Management {
    /// Its cluster as written: kubeconfig and context.
    pub fn cluster_words(&self) -> String {
        let config = match &self.credential {
            None => String::new(),
            Some(Reference::Environment(name)) => format!("config env {name} "),
            Some(Reference::File(path)) => format!("config file \"{path}\" "),
            Some(Reference::Secret(name)) => format!("config secret \"{name}\" "),
        };
        format!("{config}{}", self.endpoint.value)
    }
}

/// How a compute node is found as a node of a Kubernetes cluster. The kubeconfig is the `credential` of its
/// [`Management`]: without one it is found as `kubectl` finds it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterAccess {
    /// The context of the kubeconfig: its name, or the environment variable that holds it; none for the current one.
    pub context: Option<ContextName>,
    /// The node's label `kubernetes.io/hostname`, where it is not the compute node's own name.
    pub node: Option<Located<Name>>,
}

/// The name of a context of a kubeconfig.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ContextName {
    /// As written.
    Name(Name),
    /// In an environment variable.
    Environment(Name),
}

impl ContextName {
    /// As it is written in the language.
    pub fn words(&self) -> String {
        match self {
            Self::Name(name) => format!("context \"{name}\""),
            Self::Environment(name) => format!("context env {name}"),
        }
    }
}

/// How a device is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Protocol {
    /// A folder that plays the device.
    Directory,
    /// NETCONF over SSH (RFC 6241, 6242).
    Netconf,
    /// A Kubernetes API server.
    Kubernetes,
    /// An A1 peer.
    A1,
}

impl Protocol {
    /// The word of the language.
    pub fn word(self) -> &'static str {
        match self {
            Self::Directory => "directory",
            Self::Netconf => "netconf",
            Self::Kubernetes => "kubernetes",
            Self::A1 => "a1",
        }
    }
}

/// Where a secret is found; never the secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reference {
    /// An environment variable.
    Environment(Name),
    /// A file outside version control.
    File(Name),
    /// A Kubernetes secret `namespace/name/key` ([`SecretEntry`]).
    Secret(Name),
}

/// One entry of a Secret of a cluster, as `namespace/name/key` says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecretEntry<'a> {
    /// The namespace of the Secret.
    pub namespace: &'a str,
    /// Its name.
    pub name: &'a str,
    /// The entry.
    pub key: &'a str,
}

impl<'a> SecretEntry<'a> {
    /// The parts of what is written; none where it is no such entry.
    pub fn parse(written: &'a str) -> Option<Self> {
        let mut parts = written.split('/');
        let (namespace, name, key) = (parts.next()?, parts.next()?, parts.next()?);
        let fits = is_label(namespace) && is_subdomain(name) && is_entry(key) && parts.next().is_none();
        fits.then_some(Self { namespace, name, key })
    }
}

/// Whether a text names an entry of a Secret (`IsConfigMapKey` of Kubernetes: a file name).
pub fn is_entry(key: &str) -> bool {
    let plain = key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    plain && (1..=253).contains(&key.len()) && !key.starts_with("..") && key != "."
}

/// What a server must prove.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HostKey {
    /// An OpenSSH fingerprint `SHA256:...`.
    Fingerprint(Name),
    /// A known_hosts file.
    File(Name),
}

/// What planning does about a device that a snapshot marks unreachable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum OnUnreachable {
    /// Stop.
    #[default]
    Stop,
    /// Hold it at its last state and name it.
    Defer,
}
