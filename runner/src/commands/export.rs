//! `ranform export`: the intents as custom resources of a cluster, their definitions, their status; as text, or applied.

mod cluster;
mod inventory;
mod objects;
mod status;

use ranform_network::Network;
use ranform_network::diagnostic::has_errors;
use ranform_network::units::count;
use ranform_targets::custom_resources::{self, KINDS, Kind};
use serde_json::{Value, json};

use crate::cli::{Export, ExportArgs, Session, fail, hand_over, tell};
use crate::exit::Exit;
use crate::failure;
use crate::pipeline;
use crate::replace::replace;
use crate::world::DiskWorld;

/// Exports what is asked for.
pub fn run(session: &Session, args: &ExportArgs) -> Exit {
    if args.what != Export::CustomResources && (args.dry_run || args.inventory.is_some()) {
        let message = "`-dry-run` and `-inventory` are of `ranform export custom-resources -apply`";
        return fail(failure::usage(message, "leave them out"));
    }
    match args.what {
        Export::Crds if args.apply => cluster::definitions(session, args),
        Export::Crds => {
            let list = || KINDS.iter().map(custom_resources::definition).collect();
            written(args, list, custom_resources::definitions_yaml)
        }
        Export::CustomResources => objects(session, args),
        Export::Status => status::run(session, args),
    }
}

fn objects(session: &Session, args: &ExportArgs) -> Exit {
    let world = match DiskWorld::new(&session.folder) {
        Ok(world) => world,
        Err(error) => return fail(failure::file(&session.folder, &error)),
    };
    let checked = pipeline::check(&world, &session.compile_options());
    if has_errors(&checked.diagnostics) {
        return session.stop(&checked.diagnostics, &checked.sources, Exit::Error);
    }
    session.tell_findings(&checked.diagnostics, &checked.sources);
    if let Some(left) = left_out(&checked.network) {
        tell(&format!("note: {left} have no kind of custom resource and stay in the intents\n"));
    }
    if let Some(empty) = empty(&checked.network) {
        tell(&format!("note: {empty}: what selects nothing has no object and stays in the intents\n"));
    }
    if args.apply {
        let objects = custom_resources::objects(&checked.network, cluster::namespace(args));
        return self::objects::apply(session, args, &checked, &objects);
    }
    let objects = custom_resources::objects(&checked.network, args.namespace.as_deref().unwrap_or_default());
    written(args, || objects.clone(), || custom_resources::yaml(&objects))
}

/// The documents on stdout or in a file, as YAML or as one JSON list.
fn written(args: &ExportArgs, list: impl Fn() -> Vec<Value>, yaml: impl Fn() -> String) -> Exit {
    let text = match args.json {
        true => format!("{:#}\n", json!({ "apiVersion": "v1", "kind": "List", "items": list() })),
        false => yaml(),
    };
    match &args.out {
        None => hand_over(text.as_bytes()),
        Some(path) => {
            if let Err(error) = replace(path, text.as_bytes()) {
                return fail(failure::file(path, &error));
            }
        }
    }
    Exit::Ok
}

/// The most things that are named.
const MOST_NAMES: usize = 5;

/// What has a kind and selects nothing, by name.
fn empty(network: &Network) -> Option<String> {
    let empty = custom_resources::without_object(network);
    let names: Vec<String> = empty.iter().take(MOST_NAMES).map(|entity| format!("`{}`", entity.address)).collect();
    let more = empty.len() - names.len();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    (!names.is_empty()).then(|| format!("left out {}{more}", names.join(", ")))
}

/// What an export does not say, counted.
fn left_out(network: &Network) -> Option<String> {
    let other_nodes = network.nodes.as_slice().iter().filter(|node| Kind::of_node(node.kind).is_none()).count();
    let counts = [
        (network.tenants.len(), "tenant"),
        (network.sites.len(), "site"),
        (network.areas.len(), "area"),
        (other_nodes, "other node"),
        (network.links.len(), "link"),
        (network.models.len(), "model"),
        (network.guards.len(), "guard"),
    ];
    let parts = counts.iter().filter(|(number, _)| *number > 0).map(|(number, noun)| count(*number, noun));
    let policies = match network.policies.len() {
        0 => None,
        1 => Some("1 policy".to_owned()),
        number => Some(format!("{number} policies")),
    };
    let parts: Vec<String> = parts.chain(policies).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}
