//! Whether a Secret is there, and of which type: asked by metadata alone, so that what it holds never leaves the server.

use kube::api::{Api, DynamicObject, ListParams};

use super::{Cluster, Error, Result, kind};
use crate::patience::Patience;

/// The types of Secrets by which kubelets pull images.
const PULLS: [&str; 2] = ["kubernetes.io/dockerconfigjson", "kubernetes.io/dockercfg"];

/// What is there under the name of a Secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PullSecret {
    /// One that images can be pulled by.
    Usable,
    /// One of another type.
    OfAnotherType,
    /// None.
    Missing,
}

impl Cluster {
    /// What is there under the name of a Secret by which images are to be pulled.
    ///
    /// # Errors
    /// The server cannot be asked or refuses to say.
    pub async fn pull_secret(&mut self, namespace: &str, name: &str, patience: &Patience) -> Result<PullSecret> {
        for of in PULLS {
            if self.has_secret(namespace, &format!("metadata.name={name},type={of}"), patience).await? {
                return Ok(PullSecret::Usable);
            }
        }
        Ok(match self.has_secret(namespace, &format!("metadata.name={name}"), patience).await? {
            true => PullSecret::OfAnotherType,
            false => PullSecret::Missing,
        })
    }

    async fn has_secret(&mut self, namespace: &str, fields: &str, patience: &Patience) -> Result<bool> {
        let secrets = kind("Secret").ok_or_else(|| Error::Access("no kind `Secret`".to_owned()))?.resource();
        let params = ListParams::default().fields(fields);
        let (params, secrets, doing) = (&params, &secrets, format!("list secrets in `{namespace}`"));
        let list = |client| {
            let api: Api<DynamicObject> = Api::namespaced_with(client, namespace, secrets);
            async move { api.list_metadata(params).await }
        };
        Ok(!self.patiently("list", &doing, patience, list).await?.items.is_empty())
    }
}
