//! Events as JSON lines, for programs that follow a command: one object a line, `type` says what it is.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Mutex, OnceLock};

use ranform_network::bundle::Bundle;
use ranform_network::deployment::{Action, Change};
use ranform_network::diagnostic::{Diagnostic, Severity};
use ranform_network::source::Sources;
use serde_json::{Value, json};

use crate::cli::{hand_over, keep};
use crate::clock;
use crate::commands::show;
use crate::display::diagnostics;
use crate::drivers::Difference;
use crate::exit::Exit;
use crate::pipeline::Planned;
use crate::software::rollout::is_moved;

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
        "@level": if matches!(kind, "errored" | "apply_errored") { "error" } else { "info" },
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
        keep(Path::new("-json-into"), file.write_all(line.as_bytes()));
    }
    if sinks.stdout {
        hand_over(line.as_bytes());
    }
}

/// Tells a finding.
pub fn diagnostic(finding: &Diagnostic, sources: &Sources) {
    if !wanted() {
        return;
    }
    let level = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warn",
    };
    let shown = diagnostics::json_one(finding, sources);
    emit("diagnostic", &finding.message, json!({ "@level": level, "diagnostic": shown }));
}

/// The events of a plan that stopped.
pub fn stopped(planned: &Planned, exit: Exit) {
    if wanted() {
        found(planned);
        emit("errored", "the plan stopped", json!({ "exit_code": exit as u8 }));
    }
}

/// The events of a plan; the last one holds the exit code where the command ends here.
pub fn plan(planned: &Planned, bundle: &Bundle, exit: Option<Exit>) {
    if !wanted() {
        return;
    }
    found(planned);
    let mut summary = means(bundle);
    summary["digest"] = bundle.encode().1.into();
    summary["software"] = json!(planned.summary.software);
    summary["approvals_needed"] = json!(bundle.state.crossings);
    if let Some(exit) = exit {
        summary["exit_code"] = (exit as u8).into();
    }
    let words = crate::display::plan::counts(&planned.changes, &planned.summary);
    emit("change_summary", &words, summary);
}

/// The events of a way back to a serial, before it is gone.
pub fn way_back(serial: u64, bundle: &Bundle) {
    if !wanted() {
        return;
    }
    emit("version", "ranform", json!({ "ranform": env!("CARGO_PKG_VERSION"), "format_version": "1.0" }));
    for change in &bundle.changes {
        emit("planned_change", change.address.as_str(), json!({ "change": resource_change(change) }));
    }
    let mut summary = means(bundle);
    summary["to_serial"] = serial.into();
    let words = crate::display::plan::counts(&bundle.changes, &show::summary(bundle));
    emit("change_summary", &words, summary);
}

/// What carrying out a bundle means: how many changes, what stops serving users, what becomes of what is stored, the order.
fn means(bundle: &Bundle) -> Value {
    let list = |name: &str| bundle.decisions.get(name).cloned().unwrap_or_else(|| json!([]));
    json!({
        "changes": counts(&bundle.changes),
        "interruptions": list("interruptions"),
        "replacements": list("replacements"),
        "storage": list("storage"),
        "put_back": list("put_back"),
        "identity_changes": list("identity_changes"),
        "order": list("order"),
    })
}

/// What planning found.
fn found(planned: &Planned) {
    emit("version", "ranform", json!({ "ranform": env!("CARGO_PKG_VERSION"), "format_version": "1.0" }));
    for diagnostic in &planned.diagnostics {
        self::diagnostic(diagnostic, &planned.sources);
    }
    for found in &planned.present.outside {
        let drift = json!({
            "address": found.address, "leaf": found.leaf, "expected": found.expected, "found": found.found,
            "changed_by": changed_by(found),
        });
        emit("resource_drift", &found.to_string(), json!({ "drift": drift }));
    }
    for change in &planned.changes {
        emit("planned_change", change.address.as_str(), json!({ "change": resource_change(change) }));
    }
}

/// Who set what was found otherwise than it was applied, and when, where the device keeps that.
pub fn changed_by(found: &Difference) -> Value {
    found.by.iter().map(|by| json!({ "manager": by.manager, "at": by.at })).collect()
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
    // What is made in another namespace is there before what was goes.
    let actions = if is_moved(change) { vec![Action::Create, Action::Delete] } else { vec![change.action] };
    json!({
        "address": change.address,
        "change": { "actions": actions, "before": change.before, "after": change.after, "leaves": leaves },
        "cause": change.cause,
        "effect": change.effect,
        "device": change.device,
        "tenant": change.tenant,
        "owner": change.owner,
    })
}
