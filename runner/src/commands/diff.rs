//! `ranform diff [FILE]`: every change leaf by leaf, and the rendered artifacts.

use std::collections::BTreeMap;
use std::fmt::Write;

use ranform_network::bundle::Bundle;
use ranform_network::deployment::Action;

use serde_json::{Value, json};

use crate::cli::{DiffArgs, Session, fail, say, say_json};
use crate::commands::{plan, show};
use crate::display::events::resource_change;
use crate::display::plain::one_line;
use crate::exit::Exit;
use crate::project::Project;
use crate::selection::Selection;
use crate::software::rollout::is_moved;

/// Shows the difference of a bundle, or of a plan made now.
pub fn run(session: &Session, args: &DiffArgs) -> Exit {
    let bundle = match &args.file {
        Some(file) => match show::read(file) {
            Ok((bundle, _)) => bundle,
            Err(finding) => return fail(finding),
        },
        None => {
            let project = match Project::open(session, None) {
                Ok(project) => project,
                Err(exit) => return exit,
            };
            match plan::make(session, &project, &Selection::default()) {
                (_, Some(bundle)) => bundle,
                (planned, None) => {
                    return session.stop(&planned.diagnostics, &planned.sources, plan::stopped(&planned));
                }
            }
        }
    };
    let exit = if args.detailed_exitcode && !bundle.changes.is_empty() { Exit::Changes } else { Exit::Ok };
    match args.json {
        true => say_json(&document(&bundle, exit)),
        false => say(&text(&bundle)),
    }
    exit
}

/// The changes leaf by leaf and the artifacts' texts.
fn document(bundle: &Bundle, exit: Exit) -> Value {
    let artifacts = bundle.artifacts.iter().map(|(path, bytes)| (path.as_str(), String::from_utf8_lossy(bytes)));
    json!({
        "format_version": "1.0",
        "resource_changes": bundle.changes.iter().map(resource_change).collect::<Vec<_>>(),
        "artifacts": artifacts.collect::<BTreeMap<_, _>>(),
        "exit_code": exit as u8,
    })
}

/// The changes as a diff with signs in column 0, then each artifact.
fn text(bundle: &Bundle) -> String {
    let mut out = String::new();
    for change in &bundle.changes {
        let sign = match change.action {
            Action::Create => "+",
            Action::Update if is_moved(change) => "+/-",
            Action::Update => "~",
            Action::Delete => "-",
        };
        let _ = writeln!(out, "{sign} {} ({})", one_line(change.address.as_str()), change.effect.word());
        for (path, before, after) in change.leaves() {
            if let Some(before) = before {
                let _ = writeln!(out, "-   {}", one_line(&format!("{path}: {before}")));
            }
            if let Some(after) = after {
                let _ = writeln!(out, "+   {}", one_line(&format!("{path}: {after}")));
            }
        }
    }
    for (path, bytes) in &bundle.artifacts {
        let _ = writeln!(out, "\n=== artifacts/{path}");
        let _ = writeln!(out, "{}", String::from_utf8_lossy(bytes).trim_end());
    }
    if bundle.changes.is_empty() {
        out.push_str("No changes.\n");
    }
    out
}
