//! What a plan does to service: what stops serving users while it is applied, what becomes of what is stored, and which
//! cells would be others to the world; and in which order it is carried out. Equal things fold.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::plain::one_line;
use crate::summary::Summary;

/// The most lines of each list.
const MOST_GROUPS: usize = 6;

/// Appends the lists; told in a concise plan too.
pub fn text(summary: &Summary, out: &mut String) {
    let mut interrupted: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for interruption in &summary.interruptions {
        interrupted.entry(interruption.words()).or_default().push(interruption.address.to_string());
    }
    let mut renamed: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for change in &summary.identity_changes {
        renamed.entry(change.what.join(", ")).or_default().push(change.cell.to_string());
    }
    let mut stored: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in &summary.storage {
        stored.entry(line.words()).or_default().push(line.store.to_string());
    }
    let mut put_back: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for policy in &summary.put_back {
        let words = "kept; put back where the RIC that is made anew does not hold it";
        put_back.entry(words.to_owned()).or_default().push(policy.to_string());
    }
    let groups = [
        ("Service interrupted", interrupted),
        ("Storage, which does not move", stored),
        ("A1 policies", put_back),
        ("Changes cell identity", renamed),
    ];
    for (title, groups) in groups {
        if groups.is_empty() {
            continue;
        }
        let _ = writeln!(out, "{title}");
        for (words, addresses) in groups.iter().take(MOST_GROUPS) {
            let more = if addresses.len() > 1 { format!(" and {} more", addresses.len() - 1) } else { String::new() };
            let _ = writeln!(out, "  {}", one_line(&format!("{}{more}  {words}", addresses[0])));
        }
        if groups.len() > MOST_GROUPS {
            let _ = writeln!(out, "  ... and {} more (all of them: ranform show -json)", groups.len() - MOST_GROUPS);
        }
        out.push('\n');
    }
    if !summary.order.is_empty() {
        let _ = writeln!(out, "Order");
        for line in &summary.order {
            let _ = writeln!(out, "  {}", one_line(&line.words()));
        }
        out.push('\n');
    }
}
