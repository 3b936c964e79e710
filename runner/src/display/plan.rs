//! A plan as a reviewer reads it: SLAs, shares, then changes; equal things fold, deletions and service-affecting
//! changes first, at most about 60 lines at any size.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use ranform_network::deployment::{Action, Change};
use ranform_network::network::Direction;
use ranform_network::units::{count, decimal};
use ranform_network::{Address, AnswerKind, Certificate};

use super::changes::{self, Regions};
use super::plain::one_line;
use crate::display::software;
use crate::software::report::{SoftwareReport, UndeployedLine};
use crate::software::words;
use crate::summary::{Level, ShareLine, SlaLine, Summary};

/// What the text is made of; all of it is in a bundle.
pub struct View<'a> {
    /// Shares and SLAs.
    pub summary: &'a Summary,
    /// The changes, in address order.
    pub changes: &'a [Change],
    /// The certificates of the optimizers' answers.
    pub certificates: &'a [Certificate],
    /// What the plan does beside its changes, as [`crate::display::notes`] tells it.
    pub notes: &'a str,
    /// Leave the changes out.
    pub concise: bool,
}

/// The lines of a page; what is over is counted.
const PAGE: usize = 60;
/// The lines that shares and changes have each, however much stands beside them.
const LEAST: usize = 13;

/// The most SLAs that are listed; those that miss what they ask come first.
const MOST_SLAS: usize = 10;

/// The whole text.
pub fn text(view: &View<'_>) -> String {
    let mut out = String::new();
    slas(view, &mut out);
    let software = software(&view.summary.software);
    let shares = share_rows(&view.summary.shares);
    let mut service = String::new();
    super::service::text(view.summary, &mut service);
    let beside: usize = [&out, &software, &service, view.notes].iter().map(|text| text.lines().count()).sum();
    // Two titles, two empty lines, and what the plan comes to.
    let left = PAGE.saturating_sub(beside + 5);
    let changes = change_lines(view, rooms(left, shares.len(), left).1);
    let (share_room, change_room) = rooms(left, shares.len(), changes.len());
    table(&shares, share_room, &mut out);
    out.push_str(&software);
    list(&changes, change_room, &mut out);
    out.push_str(&service);
    out.push_str(view.notes);
    let undeployed = &view.summary.software.undeployed;
    if undeployed.is_empty()
        && view.changes.is_empty()
        && !(view.summary.kept.is_empty() && view.summary.held.is_empty())
    {
        out.push_str("No changes. Apart from what is told above, the network is as the intents say.\n");
    } else {
        let _ = writeln!(out, "{}", counts(view.changes, view.summary));
    }
    out
}

/// How many of `left` lines the shares and the changes have: half each, and what one does not need is the other's.
fn rooms(left: usize, shares: usize, changes: usize) -> (usize, usize) {
    let half = (left / 2).max(LEAST);
    let share_room = half.max(left.saturating_sub(changes));
    (share_room, half.max(left.saturating_sub(shares.min(share_room))))
}

/// Placement, what stability costs, and requests.
fn software(report: &SoftwareReport) -> String {
    let mut out = String::new();
    for (title, lines) in software::parts(report).iter().filter(|(_, lines)| !lines.is_empty()) {
        let _ = writeln!(out, "{title}");
        for line in lines {
            let _ = writeln!(out, "  {}", one_line(line));
        }
        out.push('\n');
    }
    out
}

/// ` 6 instances are decided and not deployed: no `manage` line on node.cloud.`; nothing where all are deployed.
fn decided_only(undeployed: &[UndeployedLine]) -> String {
    let mut by_reason: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for line in undeployed {
        by_reason.entry(&line.because).or_default().insert(line.node.to_string());
    }
    let reasons = by_reason.into_iter().map(|(reason, nodes)| {
        let nodes: Vec<String> = nodes.into_iter().collect();
        let nodes = words::some(&nodes, 3).replace('`', "");
        match reason {
            "no-management" => format!("no `manage` line on {nodes}"),
            "no-driver" => format!("this version does not apply to {nodes}"),
            _ => format!("the profile of {nodes} holds no software"),
        }
    });
    let reasons: Vec<String> = reasons.collect();
    let verb = if undeployed.len() == 1 { "is" } else { "are" };
    match reasons.as_slice() {
        [] => String::new(),
        reasons => {
            format!(" {} {verb} decided and not deployed: {}.", count(undeployed.len(), "instance"), reasons.join("; "))
        }
    }
}

/// `Plan: 1 to add, 0 to change, 0 to destroy.`, what it touches, and what is decided and not deployed.
pub fn counts(changes: &[Change], summary: &Summary) -> String {
    let undeployed = summary.software.undeployed.as_slice();
    let number = |action| changes.iter().filter(|change| change.action == action).count();
    match (changes, undeployed) {
        ([], []) if !summary.unread.is_empty() => {
            let unread: Vec<String> = summary.unread.iter().map(Address::to_string).collect();
            let verb = if unread.len() == 1 { "was" } else { "were" };
            return format!("No changes on what was read; {} {verb} not read.", words::some(&unread, 3));
        }
        ([], []) => return "No changes. The network is as the intents say.".to_owned(),
        ([], undeployed) => return format!("No changes to what is managed.{}", decided_only(undeployed)),
        _ => {}
    }
    let owners: BTreeSet<&str> = changes.iter().filter_map(|change| change.owner.as_deref()).collect();
    let mut text = format!(
        "Plan: {} to add, {} to change, {} to destroy.",
        number(Action::Create),
        number(Action::Update),
        number(Action::Delete)
    );
    if !owners.is_empty() {
        let _ = write!(text, " Owners touched: {}.", owners.into_iter().collect::<Vec<_>>().join(", "));
    }
    text += &decided_only(undeployed);
    one_line(&text).into_owned()
}

fn slas(view: &View<'_>, out: &mut String) {
    let mut by_sla: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for line in &view.summary.slas {
        by_sla.entry((&line.sla, line.direction)).or_default().push(line);
    }
    if by_sla.is_empty() {
        return;
    }
    out.push_str("SLAs\n");
    let missed = |lines: &[&SlaLine]| lines.iter().any(|line| decimal(line.target, 2) != decimal(line.reached, 2));
    let mut listed: Vec<_> = by_sla.into_iter().collect();
    if listed.len() > MOST_SLAS {
        listed.sort_by_key(|(_, lines)| !missed(lines));
    }
    let rest = listed.split_off(listed.len().min(MOST_SLAS));
    for ((sla, direction), lines) in listed {
        let tenants: Vec<String> = lines
            .iter()
            .map(|line| {
                let (target, reached) = (decimal(line.target, 2), decimal(line.reached, 2));
                if target == reached {
                    format!("{} {reached} %", line.tenant)
                } else {
                    format!("{} {reached} % (wants {target} %)", line.tenant)
                }
            })
            .collect();
        let line = format!("{sla}{}: {}", direction_words(direction), tenants.join(", "));
        let _ = writeln!(out, "  {}", one_line(&line));
    }
    if !rest.is_empty() {
        let short = match rest.iter().filter(|(_, lines)| missed(lines)).count() {
            0 => "all as they want".to_owned(),
            short => format!("{short} of them short"),
        };
        let _ = writeln!(out, "  ... and {} more, {short} (all of them: ranform show -json)", rest.len());
    }
    let slicing: Vec<Certificate> =
        view.certificates.iter().filter(|one| one.kind == AnswerKind::Slicing).cloned().collect();
    for (certificate, count) in distinct(&slicing) {
        let worst = certificate.residuals.iter().map(|residual| residual.value).fold(0.0, f64::max);
        let _ = writeln!(
            out,
            "  {}{}: {}, proved by {}, largest residual {:.0e}",
            certificate.kind.name(),
            if count > 1 { format!(" ({count} problems)") } else { String::new() },
            format!("{:?}", certificate.status).to_lowercase(),
            certificate.proved_by,
            worst
        );
    }
    out.push('\n');
}

/// Certificates that say the same, with how many there are and the worst of their residuals.
fn distinct(certificates: &[Certificate]) -> Vec<(Certificate, usize)> {
    let mut distinct: Vec<(Certificate, usize)> = Vec::new();
    for certificate in certificates {
        let same = |other: &&mut (Certificate, usize)| {
            (other.0.kind, other.0.status, &other.0.proved_by)
                == (certificate.kind, certificate.status, &certificate.proved_by)
        };
        match distinct.iter_mut().find(same) {
            Some((first, count)) => {
                first.residuals.extend(certificate.residuals.iter().cloned());
                *count += 1;
            }
            None => distinct.push((certificate.clone(), 1)),
        }
    }
    distinct
}

fn direction_words(direction: Direction) -> &'static str {
    match direction {
        Direction::Dl => " (downlink)",
        Direction::Ul => " (uplink)",
        Direction::Both => "",
    }
}

/// Equal shares of interfaces in one row; what stays as it is comes after what changes.
fn share_rows(lines: &[ShareLine]) -> Vec<[String; 5]> {
    let mut folded: BTreeMap<String, Vec<&ShareLine>> = BTreeMap::new();
    let mut order: Vec<String> = Vec::new();
    for line in lines {
        let key = format!("{}|{}|{:?}|{:?}|{:?}", line.tenant, line.sharing, line.direction, line.before, line.after);
        let entry = folded.entry(key.clone()).or_default();
        if entry.is_empty() {
            order.push(key);
        }
        entry.push(line);
    }
    order.sort_by_key(|key| folded.get(key).is_some_and(|group| group[0].before.as_ref() == Some(&group[0].after)));
    order.iter().filter_map(|key| folded.get(key)).map(|group| share_row(group)).collect()
}

fn share_row(group: &[&ShareLine]) -> [String; 5] {
    let line = group[0];
    let place = match group {
        [only] => only.interface.to_string(),
        many => format!("{} interfaces{}", many.len(), region(many)),
    };
    let passive = line.sharing == "passive";
    let arrow = |pick: &dyn Fn(&Level) -> Option<String>| match (line.before.as_ref().and_then(pick), pick(&line.after))
    {
        (_, None) => String::new(),
        (Some(before), Some(after)) if before == after => after,
        (Some(before), Some(after)) => format!("{before} -> {after}"),
        (None, Some(after)) => format!("new {after}"),
    };
    let share = arrow(&|level| Some(format!("{} %", decimal(level.percent, 2))));
    [
        place,
        line.tenant.clone(),
        if passive { format!("{} (expected, not enforced)", share.trim_start_matches("new ")) } else { share },
        if passive { String::new() } else { arrow(&|level| level.prbs.map(|prbs| format!("{prbs} PRB"))) },
        format!(
            "{}{}",
            arrow(&|level| level.mbps.map(|mbps| format!("{} Mbps", decimal(mbps, 1)))).trim_start_matches("new "),
            direction_words(line.direction)
        )
        .trim_start()
        .to_owned(),
    ]
    .map(|cell| one_line(&cell).into_owned())
}

/// ` in region north` where all of a group are.
fn region(group: &[&ShareLine]) -> String {
    match &group[0].region {
        Some(region) if group.iter().all(|line| line.region.as_ref() == Some(region)) => format!(" in region {region}"),
        _ => String::new(),
    }
}

/// The shares in aligned columns, capped.
fn table(rows: &[[String; 5]], most: usize, out: &mut String) {
    if rows.is_empty() {
        return;
    }
    let estimates = rows.iter().any(|row| row[4].contains("Mbps"));
    out.push_str(if estimates { "Shares (Mbps are estimates)\n" } else { "Shares\n" });
    let shown = &rows[..rows.len().min(most)];
    let width = |column: usize| shown.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..5).map(width).collect();
    for row in shown {
        let cells: Vec<String> =
            row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}", width = *width)).collect();
        let _ = writeln!(out, "  {}", cells.join("  ").trim_end());
    }
    rest(rows.len() - shown.len(), "row", out);
}

/// The changes, equal ones folded; none where they are left out.
fn change_lines(view: &View<'_>, room: usize) -> Vec<String> {
    if view.concise {
        return Vec::new();
    }
    let regions: Regions<'_> =
        view.summary.shares.iter().filter_map(|line| Some((&line.interface, line.region.as_deref()?))).collect();
    changes::lines(view.changes, &regions, room)
}

/// The changes, capped.
fn list(lines: &[String], most: usize, out: &mut String) {
    if lines.is_empty() {
        return;
    }
    out.push_str("Changes\n");
    let shown = lines.len().min(most);
    for line in &lines[..shown] {
        let _ = writeln!(out, "  {line}");
    }
    rest(lines.len() - shown, "line", out);
}

/// What did not fit, and the empty line that ends a part.
fn rest(more: usize, of: &str, out: &mut String) {
    if more > 0 {
        let _ = writeln!(out, "  ... and {} (all of them: ranform show -json)", count(more, &format!("more {of}")));
    }
    out.push('\n');
}
