//! What a plan does to service: what stops serving users while it is applied, what becomes of what is stored, and which
//! cells would be others to the world; and in which order it is carried out. Equal things fold.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::plain::one_line;
use crate::summary::Summary;

/// The most lines of each list.
const MOST_GROUPS: usize = 6;

/// Addresses by what is said of them, a line or several.
type Groups = BTreeMap<Vec<String>, Vec<String>>;

/// Appends the lists; told in a concise plan too.
pub fn text(summary: &Summary, out: &mut String) {
    let (mut interrupted, mut renamed) = (Groups::new(), Groups::new());
    for interruption in &summary.interruptions {
        interrupted.entry(vec![interruption.words()]).or_default().push(interruption.address.to_string());
    }
    for change in &summary.identity_changes {
        renamed.entry(vec![change.what.join(", ")]).or_default().push(change.cell.to_string());
    }
    let mut replaced = Groups::new();
    for replacement in &summary.replacements {
        replaced.entry(replacement.lines()).or_default().push(replacement.address.to_string());
    }
    let (mut stored, mut put_back) = (Groups::new(), Groups::new());
    for line in &summary.storage {
        stored.entry(line.lines()).or_default().push(line.store.to_string());
    }
    for policy in &summary.put_back {
        let words = "kept; put back where the RIC that is made anew does not hold it";
        put_back.entry(vec![words.to_owned()]).or_default().push(policy.to_string());
    }
    let groups = [
        ("Replaced, in another namespace", replaced),
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
            let mut lines = words.iter();
            let first = lines.next().map_or("", String::as_str);
            let _ = writeln!(out, "  {}", one_line(&format!("{}{more}  {first}", addresses[0])));
            for line in lines {
                let _ = writeln!(out, "    {}", one_line(line));
            }
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
