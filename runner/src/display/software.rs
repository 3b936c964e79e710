//! Placed software as a reviewer reads it: components by compute node, loops, models, requests; equal things fold, and
//! each part has at most a dozen lines at any size.

use std::collections::BTreeMap;

use ranform_network::AnswerStatus;
use ranform_network::units::{Nanoseconds, decimal};

use crate::software::report::*;
use crate::software::words;

/// The most lines of each part.
const MOST_LINES: usize = 12;
/// Compute nodes with equal instances that are told one by one.
const ONE_BY_ONE: usize = 2;

/// The lines of placement, of what stability costs, and of requests; each may be empty.
pub fn parts(report: &SoftwareReport) -> [(&'static str, Vec<String>); 3] {
    let (mut placement, mut curves) = (Vec::new(), Vec::new());
    for ric in &report.rics {
        placement.extend(ric_lines(ric, report.rics.len()));
        if !ric.curve.is_empty() {
            curves.push(format!("{}:", ric.ric));
            curves.extend(curve(ric).into_iter().map(|row| format!("  {row}")));
        }
    }
    let requests = report.requests.as_ref().map(request_lines).unwrap_or_default();
    [("Placement", capped(placement)), ("Cost against moves", capped(curves)), ("Requests", capped(requests))]
}

fn capped(mut lines: Vec<String>) -> Vec<String> {
    if lines.len() > MOST_LINES {
        let more = lines.len() - MOST_LINES + 1;
        lines.truncate(MOST_LINES - 1);
        lines.push(format!("... and {more} more lines (all of them: ranform show -json)"));
    }
    lines
}

/// A number as people write it.
fn number(value: f64) -> String {
    decimal(value, 3)
}

fn status(status: AnswerStatus, proved_by: &str, value: f64, bound: f64) -> String {
    match status {
        AnswerStatus::Optimal => format!("optimal, proved by {proved_by}"),
        _ => {
            let gap = (value - bound).abs() / value.abs().max(1.0) * 100.0;
            format!("not proven optimal: bound {}, gap {} %", number(bound), decimal(gap, 1))
        }
    }
}

/// A RIC in a few lines, where it shares the page with so many.
pub fn ric_lines(ric: &RicReport, rics: usize) -> Vec<String> {
    let instances: usize = ric.nodes.iter().map(|node| node.instances.len()).sum();
    let mut lines = vec![format!(
        "{}: cost {}, {} on {}; {}",
        ric.ric,
        number(ric.cost),
        words::count(instances, "instance"),
        words::count(ric.nodes.len(), "compute node"),
        status(ric.status, &ric.proved_by, ric.cost, ric.bound)
    )];
    let nodes = node_lines(ric);
    // One RIC has the room to itself; several share it.
    let room = (MOST_LINES / rics.max(1)).saturating_sub(2 + ric.loops.len() + ric.moved.len().min(3)).max(2);
    let more = nodes.len().saturating_sub(room);
    lines.extend(nodes.iter().take(if more > 0 { room - 1 } else { room }).map(|line| format!("  {line}")));
    if more > 0 {
        lines.push(format!("  ... and {} more groups of compute nodes", more + 1));
    }
    lines.extend(ric.loops.iter().map(|one| format!("  {}", loop_line(one))));
    lines.extend(moves(ric).into_iter().map(|line| format!("  {line}")));
    lines
}

/// A row for each point, e.g. `2 moves   cost 62   this plan`; none where stability costs nothing.
pub fn curve(ric: &RicReport) -> Vec<String> {
    let own = ric.cost - ric.move_price * ric.moves.unwrap_or(0) as f64;
    let moves: Vec<String> =
        ric.curve.iter().map(|point| words::count(usize::try_from(point.moves).unwrap_or(0), "move")).collect();
    let width = moves.iter().map(String::len).max().unwrap_or(0);
    let rows = ric.curve.iter().zip(moves).map(|(point, moves)| {
        let chosen = Some(point.moves) == ric.moves && (point.cost - own).abs() < 1e-6;
        let proven = if point.proven { "" } else { " or less" };
        let chosen = if chosen { "   this plan" } else { "" };
        format!("{moves:>width$}   cost {}{proven}{chosen}", number(point.cost))
    });
    rows.collect()
}

fn loop_line(one: &LoopLine) -> String {
    format!(
        "loop of {}: worst {} at {}, median {}, slack {} of {}",
        one.xapp,
        Nanoseconds(one.worst_ns),
        one.worst_at,
        Nanoseconds(one.median_ns),
        Nanoseconds(one.slack_ns),
        Nanoseconds(one.budget_ns)
    )
}

/// Compute nodes with what runs there; those that run the same at the same cost become one line.
fn node_lines(ric: &RicReport) -> Vec<String> {
    let mut groups: BTreeMap<String, Vec<&UsedNode>> = BTreeMap::new();
    for node in &ric.nodes {
        groups.entry(instances(node, false)).or_default().push(node);
    }
    let mut groups: Vec<(String, Vec<&UsedNode>)> = groups.into_iter().collect();
    groups.sort_by(|a, b| a.1[0].node.cmp(&b.1[0].node));
    let mut lines = Vec::new();
    for (content, nodes) in groups {
        if nodes.len() <= ONE_BY_ONE {
            lines.extend(nodes.iter().map(|node| format!("{}: {}", node.node, instances(node, true))));
        } else {
            let served = nodes.iter().filter_map(|node| node.instances.iter().map(|one| one.e2_nodes).max());
            let served: Vec<usize> = served.collect();
            let (least, most) = (served.iter().min().unwrap_or(&0), served.iter().max().unwrap_or(&0));
            let serving = match least == most {
                true => words::count(*most, "E2 node"),
                false => format!("{least} to {most} E2 nodes"),
            };
            lines.push(format!(
                "{} compute nodes (first {}): {content}; each serves {serving}",
                nodes.len(),
                nodes[0].node
            ));
        }
    }
    lines
}

/// `e2t 4, sdl 2, node 10: for 3 E2 nodes`; E2 nodes are left out for comparing.
fn instances(node: &UsedNode, with_served: bool) -> String {
    let mut parts: Vec<String> =
        node.instances.iter().map(|one| format!("{} {}", one.component, number(one.cost))).collect();
    if node.cost != 0.0 {
        parts.push(format!("the node {}", number(node.cost)));
    }
    let mut text = format!("costs {}", parts.join(", "));
    if with_served {
        let most = node.instances.iter().map(|one| one.e2_nodes).max().unwrap_or(0);
        text.push_str(&format!("; serves {}", words::count(most, "E2 node")));
        let standby = node.instances.iter().map(|one| one.stands_by_for).max().unwrap_or(0);
        if standby > 0 {
            text.push_str(&format!(", stands by for {standby}"));
        }
    }
    text
}

/// What starts and stops against the placement in force.
fn moves(ric: &RicReport) -> Vec<String> {
    let Some(moves) = ric.moves.filter(|_| !ric.moved.is_empty()) else { return Vec::new() };
    let price = if ric.move_price > 0.0 { format!(" at {} each", number(ric.move_price)) } else { String::new() };
    let starts = usize::try_from(moves).unwrap_or(0);
    let mut lines = Vec::new();
    for one in ric.moved.iter().take(3) {
        let mut parts = Vec::new();
        let names = |nodes: &[ranform_network::Address]| {
            let names: Vec<String> = nodes.iter().map(ToString::to_string).collect();
            words::some(&names, 2).replace('`', "")
        };
        if !one.starts.is_empty() {
            parts.push(format!("starts on {}", names(&one.starts)));
        }
        if !one.stops.is_empty() {
            parts.push(format!("stops on {}", names(&one.stops)));
        }
        if one.e2_nodes > 0 {
            let verb = if one.e2_nodes == 1 { "moves" } else { "move" };
            parts.push(format!("{} {verb}", words::count(one.e2_nodes, "E2 node")));
        }
        lines.push(format!("moved: {} {}", one.component, parts.join(", ")));
    }
    if ric.moved.len() > 3 {
        lines.push(format!("and {}", words::count(ric.moved.len() - 3, "more component")));
    }
    if starts > 0 {
        lines.push(format!("{} started{price}", words::count(starts, "instance")));
    }
    lines
}

fn request_lines(report: &RequestsReport) -> Vec<String> {
    let all = report.accepted.len() + report.rejected.len();
    let mut lines = vec![format!(
        "accepted {} of {}, value {} of {}; {}",
        report.accepted.len(),
        words::count(all, "request"),
        number(report.value),
        number(report.of),
        status(report.status, &report.proved_by, report.value, report.bound)
    )];
    lines.extend(models(report));
    if !report.e2_traffic.is_empty() {
        let parts = report.e2_traffic.iter().take(4);
        let parts: Vec<String> =
            parts.map(|one| format!("{} {} B/s", one.ric, decimal(one.bytes_per_second, 0))).collect();
        lines.push(format!("  over E2: {}", parts.join(", ")));
    }
    if let Some(moves) = report.moves.filter(|moves| *moves > 0) {
        lines.push(format!("moved: {}", words::count(moves, "target")));
    }
    lines.extend(report.rejected.iter().take(3).map(rejected));
    if report.rejected.len() > 3 {
        lines.push(format!("  ... and {} more rejected", report.rejected.len() - 3));
    }
    lines.extend(report.shadow_prices.iter().take(2).map(shadow));
    lines.extend(report.costlier.iter().map(costlier));
    lines
}

/// Models by host, those of most targets first; more than a few are one line per model.
fn models(report: &RequestsReport) -> Vec<String> {
    if report.instances.len() <= 5 {
        return report.instances.iter().map(model).collect();
    }
    let mut by_model: BTreeMap<(&ranform_network::Address, &'static str), (usize, usize)> = BTreeMap::new();
    for line in &report.instances {
        let entry = by_model.entry((&line.model, line.application.word())).or_default();
        entry.0 += line.instances;
        entry.1 += line.targets;
    }
    let mut order: Vec<_> = by_model.into_iter().collect();
    order.sort_by(|a, b| b.1.1.cmp(&a.1.1).then_with(|| a.0.cmp(&b.0)));
    let more = order.len().saturating_sub(4);
    let mut lines: Vec<String> = order
        .iter()
        .take(4)
        .map(|((model, application), (instances, targets))| {
            let instances = words::count(*instances, &format!("{application} instance"));
            format!("  {model}: {instances} for {}", words::count(*targets, "target"))
        })
        .collect();
    if more > 0 {
        lines.push(format!("  ... and {}", words::count(more, "more model")));
    }
    lines
}

fn model(line: &ModelLine) -> String {
    let instances = if line.instances == 1 { String::new() } else { format!("{} instances, ", line.instances) };
    format!(
        "  {} as {} on {}: {instances}{} of {}",
        line.model,
        line.application.word(),
        line.node,
        words::count(line.targets, "target"),
        words::count(line.requests, "request")
    )
}

fn rejected(line: &RejectedLine) -> String {
    let reason = line.reasons.first().map(|reason| format!(": {}", reason.replace('`', ""))).unwrap_or_default();
    format!("  rejected {} (value {}){reason}", line.request, number(line.value))
}

fn costlier(line: &CostlierLine) -> String {
    format!(
        "  a placement of {} without {}, costing {} more, would accept {}",
        line.ric,
        line.without,
        number(line.cost),
        gain(line.requests, Some(line.value))
    )
}

/// `2 cpu more on node.edge-3 accept 4 more requests`
pub fn shadow(line: &ShadowLine) -> String {
    let more = words::amount(&line.resource, line.more);
    format!("  {more} more on {} would accept {}", line.node, gain(line.requests, line.value))
}

fn gain(requests: i64, value: Option<f64>) -> String {
    match requests {
        1 => "1 more request".to_owned(),
        2.. => format!("{requests} more requests"),
        _ => format!("requests worth {} more", number(value.unwrap_or(0.0))),
    }
}
