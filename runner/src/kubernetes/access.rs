//! From a `manage kubernetes` line to a client's configuration. Credentials are references until here.

use std::path::Path;
use std::time::Duration;

use kube::config::{Config, KubeConfigOptions, Kubeconfig, KubeconfigError};
use ranform_grammar::vocabulary::near_miss;
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
    let kubeconfig = match &management.credential {
        None => found_as_kubectl_does(&options)?,
        Some(Reference::Environment(name)) => Some(written(name, &environment(name)?, root)?),
        Some(Reference::File(path)) => Some(file(&root.join(&**path))?),
        Some(secret @ Reference::Secret(name)) => {
            let lookup = Lookup { management, root, patience: &Patience::seconds(READING) };
            let text = lookup.text(secret, |_| true).await.map_err(Error::Access)?;
            Some(Kubeconfig::from_yaml(&text).map_err(|error| unusable(&format!("Secret `{name}`"), &error))?)
        }
    };
    if let Some(kubeconfig) = &kubeconfig {
        has_context(&in_short(management), kubeconfig, options.context.as_deref())?;
    }
    let current = kubeconfig.as_ref().and_then(|kubeconfig| kubeconfig.current_context.clone());
    let context = options.context.clone().or(current);
    let mut config = match kubeconfig {
        Some(kubeconfig) => {
            let made = Config::from_custom_kubeconfig(kubeconfig, &options).await;
            made.map_err(|error| unusable(&in_short(management), &error))?
        }
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

/// Where the kubeconfig comes from.
fn in_short(management: &Management) -> String {
    match &management.credential {
        None => "the kubeconfig".to_owned(),
        Some(Reference::Environment(name)) => format!("the kubeconfig of the environment variable `{name}`"),
        Some(Reference::File(path)) => format!("`{path}`"),
        Some(Reference::Secret(name)) => format!("the kubeconfig of Secret `{name}`"),
    }
}

/// Refuses a context that a kubeconfig does not have, by those that it has: names are no secret, the rest may be.
fn has_context(what: &str, kubeconfig: &Kubeconfig, asked: Option<&str>) -> Result<()> {
    const NAMED: usize = 5;
    let known: Vec<&str> = kubeconfig.contexts.iter().map(|context| context.name.as_str()).collect();
    let current = kubeconfig.current_context.as_deref().filter(|name| !name.is_empty());
    let wrong = match (asked, current) {
        (Some(name), _) if known.contains(&name) => return Ok(()),
        (None, Some(name)) if known.contains(&name) => return Ok(()),
        (Some(name), _) => format!("{what} has no context `{name}`"),
        (None, Some(name)) => format!("{what} has no context `{name}`, which it calls the current one"),
        (None, None) => format!("{what} has no current context; say which one after `context`"),
    };
    let near = asked.and_then(|name| near_miss(name, known.iter().copied()));
    let named = known.iter().take(NAMED).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let more = known.len().saturating_sub(NAMED);
    let has = match (known.is_empty(), more) {
        (true, _) => "it has none".to_owned(),
        (false, 0) => format!("it has {named}"),
        (false, more) => format!("it has {named} and {more} more"),
    };
    let meant = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
    Err(Error::Access(format!("{wrong}; {has}{meant}")))
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

/// An environment variable holds a kubeconfig, as YAML or JSON, or the path of one. Its value is never told: it may be
/// a secret in a form that is not looked for.
fn written(name: &str, value: &str, root: &Path) -> Result<Kubeconfig> {
    let what = format!("the environment variable `{name}`");
    if is_text(value) {
        return Kubeconfig::from_yaml(value).map_err(|error| unusable(&what, &error));
    }
    match Kubeconfig::read_from(root.join(value)) {
        Err(KubeconfigError::ReadConfig(..)) => {
            Err(Error::Access(format!("{what} holds neither a kubeconfig nor the path of one that can be read")))
        }
        read => read.map_err(|error| unusable(&format!("the file that {what} names"), &error)),
    }
}

/// Whether this is a kubeconfig and not the path of one: a path is one line and maps nothing.
fn is_text(value: &str) -> bool {
    let value = value.trim();
    value.contains('\n') || value.starts_with('{') || value.contains(": ")
}

fn file(path: &Path) -> Result<Kubeconfig> {
    let what = format!("`{}`", path.display());
    match Kubeconfig::read_from(path) {
        Err(KubeconfigError::ReadConfig(error, _)) => Err(Error::Access(format!("{what}: {error}"))),
        read => read.map_err(|error| unusable(&what, &error)),
    }
}

/// What is wrong with a kubeconfig, without a word of what stands in it: a token may stand there.
fn unusable(what: &str, error: &KubeconfigError) -> Error {
    Error::Access(match error {
        KubeconfigError::Parse(error) => {
            let place = error.location().map(|at| format!(": line {}, column {}", at.line(), at.column()));
            format!("{what} is no kubeconfig{}", place.unwrap_or_default())
        }
        error => format!("{what} cannot be used: {error}"),
    })
}

/// `KUBECONFIG`, else `~/.kube/config`; none where neither is there and no context is asked for.
fn found_as_kubectl_does(options: &KubeConfigOptions) -> Result<Option<Kubeconfig>> {
    match Kubeconfig::read() {
        Ok(kubeconfig) => Ok(Some(kubeconfig)),
        Err(_) if options.context.is_none() => Ok(None),
        Err(error) => Err(unusable("the kubeconfig that says which context is meant", &error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "sesame-open";

    /// What a context is called is told; whatever else stands there is not.
    #[test]
    fn a_context_that_is_not_there_is_told_by_those_that_are() {
        let context = |name: &str| format!("  - {{name: {name}, context: {{cluster: c, user: u}}}}\n");
        let text = |current: &str, names: &[&str]| {
            let contexts: String = names.iter().map(|name| context(name)).collect();
            let contexts = if names.is_empty() { String::new() } else { format!("contexts:\n{contexts}") };
            format!("apiVersion: v1\nusers: [{{name: u, user: {{token: {SECRET}}}}}]\n{current}{contexts}")
        };
        let told = |current: &str, names: &[&str], asked: Option<&str>| {
            let kubeconfig = Kubeconfig::from_yaml(&text(current, names)).unwrap();
            has_context("`kubeconfig`", &kubeconfig, asked).err().map(|error| error.to_string())
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(told("", &["test", "lab"], Some("test")), None);
        assert_eq!(told("current-context: lab\n", &["test", "lab"], None), None);
        assert_eq!(
            told("current-context: lab\n", &["test"], Some("tset")),
            some("`kubeconfig` has no context `tset`; it has `test`; did you mean `test`?")
        );
        assert_eq!(
            told("current-context: lab\n", &["a", "b", "c", "d", "e", "f", "g"], None),
            some(
                "`kubeconfig` has no context `lab`, which it calls the current one; it has `a`, `b`, `c`, `d`, `e` and 2 more"
            )
        );
        assert_eq!(
            told("", &[], None),
            some("`kubeconfig` has no current context; say which one after `context`; it has none")
        );
    }

    /// A kubeconfig in these shapes is read, or refused without a word of what stands in it.
    #[test]
    fn no_kubeconfig_is_told_whatever_is_wrong_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let json =
            format!(r#"{{"apiVersion":"v1","kind":"Config","users":[{{"name":"u","user":{{"token":"{SECRET}"}}}}]}}"#);
        let users = |rest: &str| format!("apiVersion: v1\nusers: [{{name: u, user: {{token: {SECRET}{rest}}}}}]\n");
        for good in [json.clone(), users(""), users("").replace("\nusers", ", users").replace("api", "{api") + "}"] {
            assert!(written("KC", &good, folder.path()).is_ok(), "{good}");
        }
        std::fs::write(folder.path().join("broken"), users(", bad: [")).unwrap();
        let base64 = "c2VzYW1lLW9wZW4=";
        for bad in
            [users(", bad: ["), json.replace("}]}", "}"), SECRET.to_owned(), base64.to_owned(), "broken".to_owned()]
        {
            let told = written("KC", &bad, folder.path()).unwrap_err().to_string();
            assert!(told.contains("the environment variable `KC`"), "{told}");
            assert!(!told.contains(SECRET) && !told.contains(base64), "{told}");
        }
        let told = file(&folder.path().join("broken")).unwrap_err().to_string();
        assert!(told.contains("broken` is no kubeconfig: line 2, column ") && !told.contains(SECRET), "{told}");
    }
}
