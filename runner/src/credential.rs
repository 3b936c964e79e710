//! What a reference of the intents leads to: read when a device is spoken to, kept nowhere, never printed.
//!
//! A Secret is read from the cluster that `kubectl` would ask (`KUBECONFIG`, `~/.kube/config`, the account of a pod), in the
//! context that the line names: that one object by its name, so that the right to read no other is needed.

use std::path::Path;

use futures_util::future::BoxFuture;
use ranform_network::Located;
use ranform_network::network::{ClusterAccess, Management, Protocol, Reference, SecretEntry};

use crate::kubernetes::{Cluster, Error};
use crate::patience::Patience;

/// Where references are looked up.
#[derive(Clone, Copy, Debug)]
pub struct Lookup<'a> {
    /// The line that they stand in.
    pub management: &'a Management,
    /// The project's folder.
    pub root: &'a Path,
    /// How long a cluster is waited for.
    pub patience: &'a Patience,
}

impl<'a> Lookup<'a> {
    /// The text that a reference leads to. `is_secret` tells of the value of an environment variable whether it is the
    /// secret itself; else it is the path of its file.
    ///
    /// # Errors
    /// What is missing or cannot be read, in the operator's words. Never the secret.
    pub async fn text(self, reference: &'a Reference, is_secret: impl Fn(&str) -> bool) -> Result<String, String> {
        match reference {
            Reference::Environment(name) => match std::env::var(&**name) {
                Ok(value) if is_secret(&value) => Ok(value),
                // What it holds is never told: it may be a secret in a form that is not looked for.
                Ok(path) => std::fs::read_to_string(self.root.join(path)).map_err(|error| {
                    format!("the environment variable `{name}` holds no secret of its kind, nor the path of a file with one that can be read: {}", error.kind())
                }),
                Err(_) => Err(format!("the environment variable `{name}` is not set")),
            },
            Reference::File(path) => self.file(path),
            Reference::Secret(written) => self.secret(written).await,
        }
    }

    fn file(self, path: &str) -> Result<String, String> {
        let path = self.root.join(path);
        std::fs::read_to_string(&path).map_err(|error| format!("`{}`: {error}", path.display()))
    }

    /// Reading a kubeconfig may lead here again: a future that holds itself has no size.
    fn secret(self, written: &'a str) -> BoxFuture<'a, Result<String, String>> {
        let asked = self.cluster();
        Box::pin(async move {
            let entry = SecretEntry::parse(written).ok_or_else(|| format!("`{written}` is no `NAMESPACE/NAME/KEY`"))?;
            let read = async {
                let mut cluster = Cluster::open(&asked, self.root).await?;
                cluster.secret_entry(entry, self.patience).await
            };
            let read =
                self.patience.wait(read).await.map_err(|_| format!("reading Secret `{written}` took too long"))?;
            read.map_err(|error: Error| format!("Secret `{written}`: {error}"))
        })
    }

    /// The cluster whose Secrets are meant.
    fn cluster(self) -> Management {
        // The context of a cluster that is managed is one of the kubeconfig that the Secret holds.
        let context = match self.management.protocol {
            Protocol::Kubernetes => None,
            _ => self.management.cluster.as_ref().and_then(|access| access.context.clone()),
        };
        Management {
            protocol: Protocol::Kubernetes,
            endpoint: Located::new("".into(), self.management.endpoint.span),
            user: None,
            credential: None,
            host_key: None,
            a1: None,
            cluster: Some(ClusterAccess { context, node: None }),
        }
    }
}
