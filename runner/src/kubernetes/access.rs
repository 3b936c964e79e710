//! From a `manage kubernetes` line to a client's configuration. Credentials are references until here.

use std::path::Path;
use std::time::Duration;

use kube::config::{Config, KubeConfigOptions, Kubeconfig};
use ranform_network::network::{ContextName, Management, Reference};

use super::{Error, Result};
use crate::credential::Lookup;
use crate::patience::Patience;

/// How long a single request may take; an operation may repeat it.
const REQUEST: Duration = Duration::from_secs(20);
/// How long a kubeconfig in a Secret of another cluster may take to be read, in seconds.
const READING: u64 = 30;

/// What it takes to reach the cluster, and what its server is called in messages. `root` is the project's folder.
///
/// # Errors
/// What is missing or cannot be used, in the operator's words. Never a secret.
pub async fn config(management: &Management, root: &Path) -> Result<(Config, String)> {
    let context = match management.cluster.as_ref().and_then(|access| access.context.as_ref()) {
        None => None,
        Some(ContextName::Name(name)) => Some(name.to_string()),
        Some(ContextName::Environment(name)) => Some(environment(name)?),
    };
    let options = KubeConfigOptions { context, ..KubeConfigOptions::default() };
    let unusable = |error: &dyn std::fmt::Display| Error::Access(format!("the kubeconfig cannot be used: {error}"));
    let kubeconfig = match &management.credential {
        None => found_as_kubectl_does(&options)?,
        Some(Reference::Environment(name)) => Some(written(&environment(name)?, root)?),
        Some(Reference::File(path)) => Some(file(&root.join(&**path))?),
        Some(secret @ Reference::Secret(name)) => {
            let lookup = Lookup { management, root, patience: &Patience::seconds(READING) };
            let text = lookup.text(secret, |_| true).await.map_err(Error::Access)?;
            // What went wrong with its text would tell some of it.
            let read = Kubeconfig::from_yaml(&text);
            Some(read.map_err(|_| Error::Access(format!("Secret `{name}`: what stands in it is no kubeconfig")))?)
        }
    };
    let current = kubeconfig.as_ref().and_then(|kubeconfig| kubeconfig.current_context.clone());
    let context = options.context.clone().or(current);
    let mut config = match kubeconfig {
        Some(kubeconfig) => Config::from_custom_kubeconfig(kubeconfig, &options).await.map_err(|e| unusable(&e))?,
        None => Config::incluster().map_err(|error| {
            Error::Access(format!(
                "there is no kubeconfig (KUBECONFIG, ~/.kube/config), and this is no pod of a cluster: {error}"
            ))
        })?,
    };
    (config.connect_timeout, config.read_timeout, config.write_timeout) = (Some(REQUEST), Some(REQUEST), Some(REQUEST));
    // Operations are repeated by us, who know the deadline and tell the server's words.
    config.default_retry = false;
    let server = in_words(&config, context.as_deref());
    Ok((config, server))
}

/// A server as its user looks for it: the URL, without what may be a login in it, and the context.
fn in_words(config: &Config, context: Option<&str>) -> String {
    let url = &config.cluster_url;
    let port = url.port().map_or_else(String::new, |port| format!(":{port}"));
    let at = format!("`{}://{}{port}`", url.scheme_str().unwrap_or("https"), url.host().unwrap_or_default());
    context.map_or_else(|| at.clone(), |context| format!("{at} (context `{context}`)"))
}

fn environment(name: &str) -> Result<String> {
    std::env::var(name).map_err(|_| Error::Access(format!("the environment variable `{name}` is not set")))
}

/// An environment variable holds a kubeconfig or the path of one.
fn written(value: &str, root: &Path) -> Result<Kubeconfig> {
    if value.contains("clusters:") {
        return Kubeconfig::from_yaml(value)
            .map_err(|error| Error::Access(format!("the kubeconfig cannot be used: {error}")));
    }
    file(&root.join(value))
}

fn file(path: &Path) -> Result<Kubeconfig> {
    Kubeconfig::read_from(path).map_err(|error| Error::Access(format!("`{}`: {error}", path.display())))
}

/// `KUBECONFIG`, else `~/.kube/config`; none where neither is there and no context is asked for.
fn found_as_kubectl_does(options: &KubeConfigOptions) -> Result<Option<Kubeconfig>> {
    match Kubeconfig::read() {
        Ok(kubeconfig) => Ok(Some(kubeconfig)),
        Err(_) if options.context.is_none() => Ok(None),
        Err(error) => Err(Error::Access(format!("no kubeconfig says which context is meant: {error}"))),
    }
}
