//! What a plan does to service: what stops serving users while it is applied, and which cells would be others to the
//! world. Equal things fold.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::summary::Summary;

/// The most lines of each list.
const MOST_GROUPS: usize = 6;

/// Appends both lists; told in a concise plan too.
pub fn text(summary: &Summary, out: &mut String) {
    let mut interrupted: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for interruption in &summary.interruptions {
        interrupted.entry(interruption.words()).or_default().push(interruption.address.to_string());
    }
    let mut renamed: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for change in &summary.identity_changes {
        renamed.entry(change.what.join(", ")).or_default().push(change.cell.to_string());
    }
    for (title, groups) in [("Service interrupted", interrupted), ("Changes cell identity", renamed)] {
        if groups.is_empty() {
            continue;
        }
        let _ = writeln!(out, "{title}");
        for (words, addresses) in groups.iter().take(MOST_GROUPS) {
            let more = if addresses.len() > 1 { format!(" and {} more", addresses.len() - 1) } else { String::new() };
            let _ = writeln!(out, "  {}{more}  {words}", addresses[0]);
        }
        if groups.len() > MOST_GROUPS {
            let _ = writeln!(out, "  ... and {} more (all of them: ranform show -json)", groups.len() - MOST_GROUPS);
        }
        out.push('\n');
    }
}
