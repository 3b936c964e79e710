//! `ranform show FILE`: what a reviewer approves, from the bundle alone.

use std::path::Path;

use ranform_network::bundle::Bundle;
use serde_json::json;

use crate::cli::{Session, ShowArgs, fail, say, say_json};
use crate::display::{events, notes, plan as text};
use crate::exit::Exit;
use crate::failure::{self, Failure};
use crate::summary::Summary;

/// Shows a bundle.
pub fn run(_session: &Session, args: &ShowArgs) -> Exit {
    let (bundle, digest) = match read(&args.file) {
        Ok(read) => read,
        Err(finding) => return fail(finding),
    };
    if args.json {
        say_json(&document(&bundle, &digest));
        return Exit::Ok;
    }
    say(&human(&bundle, false));
    say(&format!(
        "Bundle {}\n  intents {}  state serial {}{}{}\n",
        digest,
        bundle.origin.intents.get(..16).unwrap_or_default(),
        bundle.origin.state_serial,
        if bundle.origin.observation.is_empty() { "" } else { "  with an observation" },
        bundle.origin.selection.iter().map(|word| format!("  {word}")).collect::<String>(),
    ));
    Exit::Ok
}

/// The plan of a bundle as text.
pub fn human(bundle: &Bundle, concise: bool) -> String {
    let summary = summary(bundle);
    text::text(&text::View {
        summary: &summary,
        changes: &bundle.changes,
        certificates: &bundle.certificates,
        notes: &notes::text(bundle, &summary),
        concise,
    })
}

/// What a bundle means to people.
pub fn summary(bundle: &Bundle) -> Summary {
    serde_json::from_value(bundle.decisions.clone()).unwrap_or_default()
}

/// The document of `show -json`.
pub fn document(bundle: &Bundle, digest: &str) -> serde_json::Value {
    json!({
        "format_version": "1.0",
        "digest": digest,
        "origin": bundle.origin,
        "resource_changes": bundle.changes.iter().map(events::resource_change).collect::<Vec<_>>(),
        "summary": bundle.decisions,
        "checks": bundle.certificates,
        "order": bundle.decisions.get("order").cloned().unwrap_or_else(|| json!([])),
        "renamed": bundle.state.renamed,
        "adopted": bundle.state.adopted.keys().collect::<Vec<_>>(),
        "approvals_needed": bundle.state.crossings,
        "artifacts": bundle.artifacts.keys().collect::<Vec<_>>(),
        "errored": false,
    })
}

/// Reads a bundle file.
///
/// # Errors
/// It cannot be read, or is no bundle.
pub fn read(path: &Path) -> Result<(Bundle, String), Failure> {
    let length = std::fs::metadata(path).map_err(|error| failure::file(path, &error))?.len();
    if length > ranform_network::bundle::LARGEST as u64 {
        return Err(failure::too_large(path, "a bundle").into());
    }
    let bytes = std::fs::read(path).map_err(|error| failure::file(path, &error))?;
    Bundle::decode(&bytes).map_err(|error| failure::bundle(path, &error).into())
}
