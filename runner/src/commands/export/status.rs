//! `export status`: what is applied of each object and what drifted, as its status.

use std::collections::BTreeMap;

use ranform_network::Address;
use ranform_network::diagnostic::Severity;
use ranform_network::units::count;
use ranform_targets::custom_resources::{self, KINDS, Kind};
use ranform_targets::kubernetes::Shown;
use serde_json::Value;

use super::cluster::{namespace, told, with};
use super::written;
use crate::cli::{ExportArgs, Session, fail};
use crate::clock;
use crate::commands::drift::{action, report};
use crate::commands::plan::make;
use crate::custom_resources::status::{Facts, status};
use crate::drivers::Difference;
use crate::exit::Exit;
use crate::failure;
use crate::kubernetes::{Part, custom};
use crate::project::Project;
use crate::selection::Selection;

/// Reads the devices, plans against what was applied, and says of each object how it stands.
pub(super) fn run(session: &Session, args: &ExportArgs) -> Exit {
    let mut project = match Project::open(session, None) {
        Ok(project) => project,
        Err(exit) => return exit,
    };
    // What is not applied yet is counted from what was applied; what devices show is drift.
    project.snapshot = None;
    let (planned, _) = make(session, &project, &Selection::new(&[], &[]));
    let drift = match report(session, &project.memory, args.parallelism) {
        Ok(report) => report,
        Err(exit) => return exit,
    };
    let error = planned.diagnostics.iter().find(|found| found.severity == Severity::Error);
    let recorded = project.memory.recorded();
    let unread: BTreeMap<Address, String> =
        drift.unread.iter().map(|(device, error)| (device.clone(), error.to_string())).collect();
    let differences: Vec<(Difference, &str)> =
        drift.differences.into_iter().map(|(found, verdict)| (found, action(&verdict))).collect();
    let facts = Facts {
        network: &planned.network,
        serial: project.memory.serial,
        recorded: &recorded,
        changes: match error {
            Some(error) => Err(error.message.clone()),
            None => Ok(&planned.changes),
        },
        decisions: &planned.decisions,
        rejected: planned.summary.software.requests.as_ref().map_or(&[][..], |requests| requests.rejected.as_slice()),
        drift: &differences,
        unread: &unread,
        degraded: &drift.degraded,
    };
    let now = clock::timestamp(clock::now());
    if args.apply {
        let objects = custom_resources::objects(&planned.network, namespace(args));
        return applied(session, args, &objects, &facts, &now);
    }
    let objects = custom_resources::objects(&planned.network, args.namespace.as_deref().unwrap_or_default());
    let statuses: Vec<Value> = objects.iter().map(|object| status(object, None, &facts, &now)).collect();
    written(args, || statuses.clone(), || custom_resources::yaml(&statuses))
}

/// Writes the statuses of the objects that the cluster has.
fn applied(session: &Session, args: &ExportArgs, objects: &[Value], facts: &Facts<'_>, now: &str) -> Exit {
    let done = with(session, args, |mut cluster, patience| async move {
        let mut live: BTreeMap<(&str, String), Value> = BTreeMap::new();
        for kind in &KINDS {
            let found = cluster.list(&custom(kind), Some(namespace(args)), "", "", &patience).await?;
            live.extend(found.into_iter().map(|object| ((kind.name, Shown::of(&object).name.to_owned()), object)));
        }
        let (mut number, mut absent) = (0, Vec::new());
        for object in objects {
            let shown = Shown::of(object);
            let Some(kind) = Kind::find(shown.kind) else { continue };
            match live.get(&(kind.name, shown.name.to_owned())) {
                Some(found) => {
                    let said = status(object, Some(found), facts, now);
                    cluster.apply_as(&custom(kind), &said, Part::Status, &patience).await?;
                    number += 1;
                }
                None => absent.push(format!("{} `{}`", shown.kind, shown.name)),
            }
        }
        Ok((number, absent))
    });
    match done {
        Ok((number, absent)) if absent.is_empty() => {
            told(args, &format!("Status of {} applied.\n", count(number, "object")), number)
        }
        Ok((number, absent)) => {
            let all = absent.len();
            let first = absent.first().map_or("", String::as_str);
            let message = format!(
                "the cluster has no {first}{}",
                if all > 1 { format!(" and {} more", all - 1) } else { String::new() }
            );
            let help = format!("{number} were told; `ranform export custom-resources -apply` brings the others");
            fail(failure::usage(message, help))
        }
        Err(exit) => exit,
    }
}
