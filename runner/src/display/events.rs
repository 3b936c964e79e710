//! Events as JSON lines, for programs that follow a command: one object a line, `type` says what it is.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Mutex, OnceLock};

use ranform_network::bundle::Bundle;
use ranform_network::deployment::{Action, Change};
use serde_json::{Value, json};

use crate::cli::say;
use crate::clock;
use crate::display::diagnostics;
use crate::exit::Exit;
use crate::pipeline::Planned;

/// Where events go: `-json` is stdout, `-json-into` a file.
struct Sinks {
    stdout: bool,
    file: Option<Mutex<File>>,
}

static SINKS: OnceLock<Sinks> = OnceLock::new();

/// Says where events go, once and before the first.
///
/// # Errors
/// The file cannot be made.
pub fn open(stdout: bool, file: Option<&Path>) -> io::Result<()> {
    let file = file.map(File::create).transpose()?.map(Mutex::new);
    let _ = SINKS.set(Sinks { stdout, file });
    Ok(())
}

/// Whether anybody follows.
pub fn wanted() -> bool {
    SINKS.get().is_some_and(|sinks| sinks.stdout || sinks.file.is_some())
}

/// Tells one event to whoever follows.
pub fn emit(kind: &str, message: &str, extra: Value) {
    let Some(sinks) = SINKS.get().filter(|_| wanted()) else { return };
    let mut event = json!({
        "@level": if kind == "errored" { "error" } else { "info" },
        "@message": message,
        "@module": "ranform",
        "@timestamp": clock::timestamp(clock::now()),
        "type": kind,
    });
    if let (Value::Object(event), Value::Object(extra)) = (&mut event, extra) {
        event.extend(extra);
    }
    let line = format!("{event}\n");
    if let Some(mut file) = sinks.file.as_ref().and_then(|file| file.lock().ok()) {
        // As with stdout, who reads it may be gone; the command goes on.
        let _ = file.write_all(line.as_bytes());
    }
    if sinks.stdout {
        say(&line);
    }
}

/// The events of a plan.
pub fn plan(planned: &Planned, bundle: Option<&Bundle>, exit: Exit) {
    if !wanted() {
        return;
    }
    emit("version", "ranform", json!({ "ranform": env!("CARGO_PKG_VERSION"), "format_version": "1.0" }));
    for diagnostic in &planned.diagnostics {
        let shown = diagnostics::json_one(diagnostic, &planned.sources);
        emit("diagnostic", &diagnostic.message, json!({ "diagnostic": shown }));
    }
    for found in &planned.present.outside {
        let drift =
            json!({ "address": found.address, "leaf": found.leaf, "expected": found.expected, "found": found.found });
        emit("resource_drift", &found.to_string(), json!({ "drift": drift }));
    }
    for change in &planned.changes {
        emit("planned_change", change.address.as_str(), json!({ "change": resource_change(change) }));
    }
    match bundle {
        Some(bundle) => emit(
            "change_summary",
            &crate::display::plan::counts(&planned.changes, &planned.summary.software.undeployed),
            json!({
                "changes": counts(&planned.changes),
                "digest": bundle.encode().1,
                "software": planned.summary.software,
                "approvals_needed": bundle.state.crossings,
            }),
        ),
        None => emit("errored", "the plan stopped", json!({ "exit_code": exit as u8 })),
    }
}

/// How many of each action.
pub fn counts(changes: &[Change]) -> Value {
    let number = |action| changes.iter().filter(|change| change.action == action).count();
    json!({ "add": number(Action::Create), "change": number(Action::Update), "remove": number(Action::Delete) })
}

/// A change as scripts know it: `address`, `change.actions`, `change.before`, `change.after`, `cause`, `effect`.
pub fn resource_change(change: &Change) -> Value {
    let leaves: Vec<Value> = change
        .leaves()
        .into_iter()
        .map(|(path, before, after)| json!({ "path": path, "before": before, "after": after }))
        .collect();
    json!({
        "address": change.address,
        "change": { "actions": [change.action], "before": change.before, "after": change.after, "leaves": leaves },
        "cause": change.cause,
        "effect": change.effect,
        "device": change.device,
        "tenant": change.tenant,
        "owner": change.owner,
    })
}
