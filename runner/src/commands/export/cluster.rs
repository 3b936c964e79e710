//! `export -apply`: to the API server, by server-side apply.

use std::future::Future;

use ranform_network::network::{ClusterAccess, ContextName, Management, Protocol, Reference};
use ranform_network::units::count;
use ranform_network::{Located, Span};
use ranform_targets::custom_resources::{self, KINDS};
use ranform_targets::kubernetes::Shown;
use serde_json::{Value, json};

use crate::cli::{ExportArgs, Session, fail, say, say_json};
use crate::commands::apply::runtime;
use crate::exit::Exit;
use crate::failure;
use crate::kubernetes::{Cluster, DEFINITION, Error, Part};
use crate::patience::Patience;

/// How long it all may take, in seconds.
const LIMIT: u64 = 600;

/// Where objects go.
pub(super) fn namespace(args: &ExportArgs) -> &str {
    args.namespace.as_deref().unwrap_or("default")
}

/// Does something with the cluster that the flags mean.
pub(super) fn with<T, F>(
    session: &Session,
    args: &ExportArgs,
    work: impl FnOnce(Cluster, Patience) -> F,
) -> Result<T, Exit>
where
    F: Future<Output = Result<T, Error>>,
{
    let management = Management {
        protocol: Protocol::Kubernetes,
        endpoint: Located::new("".into(), Span::default()),
        user: None,
        // Paths of the command line count from the folder that one is in.
        credential: args.kubeconfig.as_ref().map(|path| {
            let path = std::path::absolute(path).unwrap_or_else(|_| path.clone());
            Reference::File(path.display().to_string().into())
        }),
        host_key: None,
        a1: None,
        cluster: Some(ClusterAccess {
            context: args.context.as_ref().map(|name| ContextName::Name(name.as_str().into())),
            node: None,
        }),
    };
    let runtime = runtime().map_err(fail)?;
    let done = runtime.block_on(async {
        let cluster = Cluster::open(&management, &session.folder).await?;
        work(cluster, Patience::seconds(LIMIT)).await
    });
    done.map_err(|error| fail(failure::cluster(error)))
}

/// The definitions; done when the server serves their objects.
pub(super) fn definitions(session: &Session, args: &ExportArgs) -> Exit {
    let done = with(session, args, |mut cluster, patience| async move {
        let definitions: Vec<Value> = KINDS.iter().map(custom_resources::definition).collect();
        for definition in &definitions {
            cluster.apply_as(&DEFINITION, definition, Part::Object, &patience).await?;
        }
        for definition in &definitions {
            cluster.established(Shown::of(definition).name, &patience).await?;
        }
        Ok(definitions.len())
    });
    match done {
        Ok(number) => told(args, &format!("{} applied and served.\n", count(number, "definition")), number),
        Err(exit) => exit,
    }
}

/// What was done, for people or programs.
pub(super) fn told(args: &ExportArgs, text: &str, number: usize) -> Exit {
    match args.json {
        true => say_json(&json!({ "format_version": "1.0", "applied": number })),
        false => say(text),
    }
    Exit::Ok
}
