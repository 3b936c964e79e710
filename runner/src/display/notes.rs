//! What a plan does beside its changes, from the bundle alone: renames, what is held, forgotten, protected.

use std::fmt::Write;

use ranform_network::bundle::Bundle;

use super::plain::one_line;
use super::values;
use crate::outside::KeptLeaf;
use crate::owners;
use crate::summary::Summary;

/// The most lines of one kind; what is over is counted.
const MOST_LINES: usize = 6;

/// One paragraph per kind of note, none for a plan with none.
pub fn text(bundle: &Bundle, summary: &Summary) -> String {
    let mut out = String::new();
    let held = summary.held.iter().map(|held| format!("{} ({})", held.address, held.why));
    let targets = bundle.origin.selection.iter().filter(|word| word.starts_with("-target"));
    let targets: Vec<&str> = targets.map(String::as_str).collect();
    let others = (!targets.is_empty()).then(|| format!("everything else ({})", targets.join(" ")));
    paragraph(&mut out, "Held as they are", held.chain(others).collect());
    paragraph(&mut out, "Left as others made it", summary.kept.iter().map(kept).collect());
    let adopted =
        bundle.state.adopted.keys().filter(|address| summary.kept.iter().all(|kept| kept.address != **address));
    paragraph(&mut out, "As the intents say already, taken into state", adopted.map(ToString::to_string).collect());
    let gone = bundle.state.gone.iter().map(ToString::to_string);
    paragraph(&mut out, "Gone from the devices and the intents, taken out of state", gone.collect());
    let renamed = bundle.state.renamed.iter().map(|(old, new)| format!("{old} -> {new}"));
    paragraph(&mut out, "Renamed without a write", renamed.collect());
    let protected = bundle.state.protected.iter().map(ToString::to_string);
    paragraph(&mut out, "Protected from now on", protected.collect());
    let forgotten = bundle.state.forgotten.iter().map(ToString::to_string);
    paragraph(&mut out, "No longer managed, left on the device as it is", forgotten.collect());
    let crossings = bundle.state.crossings.iter().map(|crossing| {
        format!("{}: {} (apply -approved-by={})", crossing.owner, owners::words(crossing), crossing.owner)
    });
    paragraph(&mut out, "Needs approval", crossings.collect());
    out
}

/// A leaf that stays as others made it, and the line that would say so.
fn kept(leaf: &KeptLeaf) -> String {
    let show = |value: &Option<serde_json::Value>| values::words_or(value.as_ref(), "nothing");
    let what = match leaf.leaf.as_str() {
        "" => format!("{} is gone", leaf.address),
        name => format!("{} {name}: {} instead of {}", leaf.address, show(&leaf.theirs), show(&leaf.ours)),
    };
    let how = leaf.until.as_ref().map_or_else(|| "accepted".to_owned(), |day| format!("ignored until {day}"));
    let line = match (&leaf.line, leaf.leaf.as_str()) {
        (_, "") => "; to settle it take it out of the intents".to_owned(),
        (Some(line), _) => format!("; to settle it write {line}"),
        (None, _) => String::new(),
    };
    format!("{what} ({how}{line})")
}

fn paragraph(out: &mut String, title: &str, lines: Vec<String>) {
    if lines.is_empty() {
        return;
    }
    let _ = writeln!(out, "{title}");
    for line in lines.iter().take(MOST_LINES) {
        let _ = writeln!(out, "  {}", one_line(line));
    }
    if lines.len() > MOST_LINES {
        let _ = writeln!(out, "  ... and {} more (all of them: ranform show -json)", lines.len() - MOST_LINES);
    }
    out.push('\n');
}
