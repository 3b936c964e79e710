//! `export custom-resources -apply`: objects to the API server, and what the intents no longer say out of it.

use std::collections::{BTreeMap, BTreeSet};

use ranform_network::Network;
use ranform_network::diagnostic::Diagnostic;
use ranform_network::units::count;
use ranform_targets::custom_resources::Kind;
use ranform_targets::kubernetes::Shown;
use serde_json::{Value, json};

use super::cluster::{namespace, with};
use super::inventory::{Id, Inventory, Live, NAME, Removal};
use crate::cli::{ExportArgs, Session, say, say_json, tell};
use crate::exit::Exit;
use crate::failure;
use crate::kubernetes::{Cluster, Error, Part, custom};
use crate::limits;
use crate::patience::Patience;
use crate::pipeline::Planned;

/// The most objects that one line names.
const MOST_NAMES: usize = 5;

/// What an export does, or would do.
#[derive(Debug, Default)]
struct Done {
    created: Vec<Id>,
    changed: Vec<Id>,
    applied: usize,
    removed: Vec<Id>,
    left: Vec<String>,
}

/// What an export is about.
struct Order<'a> {
    network: &'a Network,
    objects: &'a [Value],
    namespace: &'a str,
    /// The inventory, and whether a flag says which.
    inventory: (&'a str, bool),
    dry_run: bool,
}

/// Applies the objects once the server serves all of their kinds, and removes what was applied before and the intents do not
/// say any more.
pub(super) fn apply(session: &Session, args: &ExportArgs, checked: &Planned, objects: &[Value]) -> Exit {
    let inventory = (args.inventory.as_deref().unwrap_or(NAME), args.inventory.is_some());
    let order =
        Order { network: &checked.network, objects, namespace: namespace(args), inventory, dry_run: args.dry_run };
    let done = with(session, args, |cluster, patience| carried_out(cluster, &order, patience));
    match done {
        Ok(Ok(done)) => told(args, &done),
        Ok(Err(finding)) => session.stop(&[*finding], &checked.sources, Exit::Error),
        Err(exit) => exit,
    }
}

async fn carried_out(
    mut cluster: Cluster,
    order: &Order<'_>,
    patience: Patience,
) -> Result<Result<Done, Box<Diagnostic>>, Error> {
    let (cluster, patience) = (&mut cluster, &patience);
    let kinds: BTreeSet<_> = order.objects.iter().filter_map(|object| Some(custom(of(object)?))).collect();
    cluster.serves(&kinds.into_iter().collect::<Vec<_>>(), patience).await?;
    let place = (order.namespace, order.inventory.0);
    let (inventory, strange) = Inventory::read(cluster, place, patience).await?;
    let live = live(cluster, order, &inventory, patience).await?;
    let wanted: BTreeSet<Id> = order.objects.iter().map(Id::of).collect();
    let removal = inventory.removal(&wanted, &live, order.network);
    if let Some(finding) = refusal(order, &inventory, strange, &wanted, &removal) {
        return Ok(Err(Box::new(finding)));
    }
    may_remove(cluster, order, &removal, patience).await?;
    if order.dry_run {
        return tried(cluster, order, &live, removal, patience).await.map(Ok);
    }
    let mut within = inventory.with(order.objects, &live);
    let listed = within.rows.len().max(inventory.rows.len());
    if listed > 0 {
        within.write(cluster, place, listed, patience).await?;
    }
    for object in order.objects {
        let Some(kind) = of(object) else { continue };
        let applied = cluster.apply_as(&custom(kind), object, Part::Object, patience).await?;
        if let Some(row) = within.rows.get_mut(&Id::of(object)) {
            row.uid = applied.pointer("/metadata/uid").and_then(Value::as_str).map(str::to_owned);
        }
    }
    for (id, uid) in &removal.remove {
        let Some(kind) = Kind::find(&id.0) else { continue };
        cluster.delete(&custom(kind), Some(order.namespace), &id.1, Some(uid.clone()), patience).await?;
    }
    within.rows.retain(|id, _| wanted.contains(id));
    if listed > 0 {
        within.write(cluster, place, listed, patience).await?;
    }
    let removed = removal.remove.into_keys().collect();
    Ok(Ok(Done { applied: order.objects.len(), removed, left: removal.left, ..Done::default() }))
}

fn of(object: &Value) -> Option<&'static Kind> {
    Kind::find(Shown::of(object).kind)
}

/// What is there of the kinds that are exported or listed. A kind that the server does not serve any more has nothing.
async fn live(
    cluster: &mut Cluster,
    order: &Order<'_>,
    inventory: &Inventory,
    patience: &Patience,
) -> Result<Live, Error> {
    let listed = inventory.rows.keys().map(|id| id.0.as_str());
    let names: BTreeSet<&str> = order.objects.iter().map(|object| Shown::of(object).kind).chain(listed).collect();
    let mut live = Live::new();
    for kind in names.into_iter().filter_map(Kind::find) {
        let found = match cluster.found(&custom(kind), order.namespace, patience).await {
            Err(error) if error.status() == Some(404) => BTreeMap::new(),
            found => found?,
        };
        live.extend(found.into_iter().map(|(name, found)| (Id(kind.name.to_owned(), name), found)));
    }
    Ok(live)
}

/// Why nothing is written; none where all may be.
fn refusal(
    order: &Order<'_>,
    inventory: &Inventory,
    strange: Option<String>,
    wanted: &BTreeSet<Id>,
    removal: &Removal,
) -> Option<Diagnostic> {
    let (namespace, (name, is_said)) = (order.namespace, order.inventory);
    if let Some(strange) = strange {
        let message = format!("ConfigMap `{namespace}/{strange}` is no inventory of ranform; nothing was written");
        return Some(failure::usage(message, "name another: `-inventory=NAME`"));
    }
    let held = inventory.rows.len();
    // Objects of two projects in one namespace: the second would take those of the first for its own that it gave up.
    if held > 0 && !is_said && inventory.rows.keys().all(|id| !wanted.contains(id)) && !removal.remove.is_empty() {
        let message = format!(
            "the inventory `{namespace}/{name}` lists {}, and none of them is of these intents; nothing was written",
            count(held, "object")
        );
        let help = format!(
            "two projects in one namespace name an inventory each: `-inventory=NAME`; if all of them are to go, say so: `-inventory={name}`"
        );
        return Some(failure::usage(message, help));
    }
    let names: Vec<String> = removal.remove.keys().map(Id::words).collect();
    limits::too_many(order.network, &names, held as u64, ("export", "the inventory lists"))
}

/// Asked before the first write: whoever may not remove is told so while nothing has changed.
async fn may_remove(
    cluster: &mut Cluster,
    order: &Order<'_>,
    removal: &Removal,
    patience: &Patience,
) -> Result<(), Error> {
    let kinds: BTreeSet<&str> = removal.remove.keys().map(|id| id.0.as_str()).collect();
    for kind in kinds.into_iter().filter_map(Kind::find) {
        if !cluster.may("delete", &custom(kind), Some(order.namespace), patience).await? {
            let doing = format!("delete {} in `{}`", kind.plural, order.namespace);
            let message = "its user may not; nothing was written".to_owned();
            return Err(Error::Refused { doing, status: 403, message });
        }
    }
    Ok(())
}

/// What would be done: the server says what it would make of each object.
async fn tried(
    cluster: &mut Cluster,
    order: &Order<'_>,
    live: &Live,
    removal: Removal,
    patience: &Patience,
) -> Result<Done, Error> {
    let mut done = Done { left: removal.left, removed: removal.remove.into_keys().collect(), ..Done::default() };
    for object in order.objects {
        let (Some(kind), id) = (of(object), Id::of(object)) else { continue };
        let kind = custom(kind);
        let made = cluster.apply_as(&kind, object, Part::AsIf, patience).await?;
        if !live.contains_key(&id) {
            done.created.push(id);
            continue;
        }
        let before = cluster.get(&kind, Some(order.namespace), &id.1, patience).await?.unwrap_or_default();
        let differs = ["/spec", "/metadata/labels", "/metadata/annotations"];
        if differs.iter().any(|part| before.pointer(part) != made.pointer(part)) {
            done.changed.push(id);
        }
    }
    Ok(done)
}

/// What was done or would be, for people or programs.
fn told(args: &ExportArgs, done: &Done) -> Exit {
    for left in &done.left {
        tell(&format!("note: left as it is: {left}\n"));
    }
    let names = |ids: &[Id]| ids.iter().map(|id| format!("{}/{}", id.0, id.1)).collect::<Vec<_>>();
    if args.json {
        let mut said = json!({ "format_version": "1.0", "removed": names(&done.removed), "left": done.left });
        match args.dry_run {
            true => {
                said["created"] = json!(names(&done.created));
                said["changed"] = json!(names(&done.changed));
            }
            false => said["applied"] = json!(done.applied),
        }
        say_json(&said);
    } else if args.dry_run {
        say(&would(done));
    } else {
        say(&did(done));
    }
    Exit::Ok
}

fn did(done: &Done) -> String {
    let applied = format!("{} applied", count(done.applied, "object"));
    if done.removed.is_empty() {
        return format!("{applied}.\n");
    }
    let mut names: Vec<String> = done.removed.iter().take(MOST_NAMES).map(Id::words).collect();
    if done.removed.len() > MOST_NAMES {
        names.push(format!("and {} more", done.removed.len() - MOST_NAMES));
    }
    format!("{applied}, {} removed: {}.\n", done.removed.len(), names.join(", "))
}

/// A line for each object that would change, what goes first, as plans list it.
fn would(done: &Done) -> String {
    let lines = |mark: char, ids: &[Id]| ids.iter().map(|id| format!("{mark} {}\n", id.words())).collect::<String>();
    let text = lines('-', &done.removed) + &lines('~', &done.changed) + &lines('+', &done.created);
    if text.is_empty() { "Nothing would change.\n".to_owned() } else { text + "Nothing was written.\n" }
}
