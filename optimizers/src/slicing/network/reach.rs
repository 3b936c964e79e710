//! What cannot be reached, told in intent lines.
//!
//! Judged per SLA before rounding, with load 1 for every member and passive use as stated (else as observed). A plan
//! stops unless the SLA says that the best is enough. Where the use of a passive interface is only assumed, nothing is
//! claimed. A shortfall that only observed load causes is a warning. Several SLAs whose shares only together are out of
//! reach are the matter of [`super::together`].

use std::collections::BTreeMap;
use std::ops::Range;

use ranform_network::diagnostic::{Diagnostic, Severity, codes};
use ranform_network::ids::TenantId;
use ranform_network::network::{Interface, Network, Sla};
use ranform_network::source::Span;
use ranform_network::units::Share;

use crate::slicing::explain::{Explanation, Item, Question, Relaxation, TOLERANCE, explain};
use crate::slicing::matrix::Matrix;
use crate::slicing::network::build::{NetworkProblem, PassiveUse};

/// Every SLA of the problem that cannot be reached, and every passive interface about which nothing is known.
pub fn findings(network: &Network, built: &NetworkProblem) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for position in 0..built.slas.len() {
        let assumed = rows_of(built, position).find(|&row| built.rows[row].passive == Some(PassiveUse::Assumed));
        match assumed {
            Some(row) => findings.push(assumed_use(network, built, position, row)),
            None => {
                let lines = Lines::new(network, built, position);
                findings.extend(explain(&lines.question).map(|explanation| lines.unreachable(&explanation)));
            }
        }
    }
    findings
}

/// Tenants that get less than agreed only because their observed load is low.
pub fn shortfalls(network: &Network, built: &NetworkProblem, consumption: &Matrix) -> Vec<Diagnostic> {
    let parts = built.problem.parts();
    let mut findings = Vec::new();
    for (position, agreement) in parts.slas.iter().enumerate().filter(|_| built.observed) {
        let sum: f64 = agreement.nodes.iter().map(|&row| parts.weight[row]).sum();
        let idle = |row: usize, column: usize| parts.weight[row] * (1.0 - parts.load.row(row)[column]);
        for (column, &tenant) in built.tenants.iter().enumerate() {
            let used: f64 =
                agreement.nodes.iter().map(|&row| parts.weight[row] / sum * consumption.row(row)[column]).sum();
            let silent = agreement
                .nodes
                .iter()
                .copied()
                .filter(|&row| built.problem.is_member(row, column) && idle(row, column) > 0.0);
            let most = silent.max_by(|&a, &b| idle(a, column).total_cmp(&idle(b, column)));
            let (Some(row), true) = (most, used < agreement.sla_share[column] - TOLERANCE) else { continue };
            let sla = &network.slas[built.slas[position]];
            let message = format!(
                "`{}` uses {} of `{}` this period, {} are agreed: its load on `{}` is {}",
                tenant_name(network, tenant),
                Share(used),
                sla.entity.address,
                Share(agreement.sla_share[column]),
                network.entity_of(built.rows[row].interfaces[0]).address,
                Share(parts.load.row(row)[column]),
            );
            findings.push(Diagnostic::warning(&codes::OBSERVED_SHORTFALL, sla.shares_span, message));
        }
    }
    findings
}

/// Tenants that get less than agreed only because devices are held as they are.
pub fn held_back(network: &Network, built: &NetworkProblem, consumption: &Matrix) -> Vec<Diagnostic> {
    let parts = built.problem.parts();
    let mut findings = Vec::new();
    for (position, agreement) in parts.slas.iter().enumerate().filter(|_| !built.observed) {
        let mut held = agreement.nodes.iter().filter(|&&row| built.rows[row].passive == Some(PassiveUse::Held));
        let (Some(&first), more) = (held.next(), held.count()) else { continue };
        let sum: f64 = agreement.nodes.iter().map(|&row| parts.weight[row]).sum();
        let used = |column: usize| {
            agreement.nodes.iter().map(|&row| parts.weight[row] / sum * consumption.row(row)[column]).sum::<f64>()
        };
        let sla = &network.slas[built.slas[position]];
        for (column, &tenant) in built.tenants.iter().enumerate() {
            let (got, agreed) = (used(column), agreement.sla_share[column]);
            if got >= agreed - TOLERANCE {
                continue;
            }
            let others = match more {
                0 => "is held as it is".to_owned(),
                more => format!("and {more} more are held as they are"),
            };
            let message = format!(
                "`{}` gets {} of `{}` while `{}` {others}, {} are agreed",
                tenant_name(network, tenant),
                Share(got),
                sla.entity.address,
                network.entity_of(built.rows[first].interfaces[0]).address,
                Share(agreed),
            );
            findings.push(
                Diagnostic::warning(&codes::HELD_BACK, sla.shares_span, message)
                    .help("the next plan that may change it makes up for it"),
            );
        }
    }
    findings
}

fn assumed_use(network: &Network, built: &NetworkProblem, position: usize, row: usize) -> Diagnostic {
    let interface = built.rows[row].interfaces[0];
    let entity = network.entity_of(interface);
    let span = network.sharing_of(interface).map_or(entity.span, |sharing| sharing.span);
    let sla = &network.slas[built.slas[position]].entity.address;
    let message =
        format!("nothing is known of who uses `{}`, so whether `{sla}` can be reached is not claimed", entity.address);
    Diagnostic::warning(&codes::PASSIVE_USE_UNKNOWN, span, message)
        .help("say what it is assumed to do (`sharing passive expect ...`), or give an observation file")
}

pub(super) fn rows_of(built: &NetworkProblem, position: usize) -> impl Iterator<Item = usize> + '_ {
    built.problem.parts().slas[position].nodes.iter().copied()
}

pub(super) fn tenant_name(network: &Network, tenant: TenantId) -> &str {
    network.tenants[tenant].entity.address.last().1
}

/// The question about SLAs, and the line that each item stands for.
pub(super) struct Lines<'a> {
    network: &'a Network,
    /// The SLA asked about, the first of several.
    sla: &'a Sla,
    pub(super) tenants: &'a [TenantId],
    pub(super) question: Question,
    pub(super) lines: Vec<Line>,
}

/// What an item stands for.
pub(super) struct Line {
    /// Where it is.
    pub(super) span: Span,
    /// What is there.
    pub(super) text: String,
    /// What of it could be another number; nothing where a device gives no choice.
    number: Option<String>,
    /// The SLA, by its position, over whose area it is.
    pub(super) sla: usize,
}

impl<'a> Lines<'a> {
    fn new(network: &'a Network, built: &'a NetworkProblem, position: usize) -> Self {
        let rows: Vec<usize> = rows_of(built, position).collect();
        Self::over(network, built, &rows, position..position + 1)
    }

    /// The lines about every SLA of a problem.
    pub(super) fn of_all(network: &'a Network, built: &'a NetworkProblem) -> Self {
        let rows: Vec<usize> = (0..built.rows.len()).collect();
        Self::over(network, built, &rows, 0..built.slas.len())
    }

    /// The lines about what is on `rows`, with what the SLAs `asked` say of their areas.
    fn over(network: &'a Network, built: &'a NetworkProblem, rows: &[usize], asked: Range<usize>) -> Self {
        let parts = built.problem.parts();
        let position = asked.start;
        let member = |&row: &usize| {
            (0..built.tenants.len()).map(|column| built.problem.is_member(row, column)).collect::<Vec<bool>>()
        };
        let question = Question {
            target: parts.slas[position].sla_share.clone(),
            weight: rows.iter().map(|&row| parts.weight[row]).collect(),
            capacity: rows.iter().map(|&row| parts.capacity[row]).collect(),
            member: Matrix::from_rows(&rows.iter().map(member).collect::<Vec<_>>()),
            grids: rows.iter().map(|&row| Some(built.rows[row].grid)).collect(),
            items: Vec::new(),
        };
        let sla = &network.slas[built.slas[position]];
        let mut lines = Self { network, sla, tenants: &built.tenants, question, lines: Vec::new() };
        // What a person cannot change comes first: where it says the same as a line it is not the one named.
        lines.add_smallest(built, rows);
        lines.add_pins(built, rows);
        for other in 0..built.slas.len() {
            lines.add_floor_and_bounds(built, rows, other, asked.contains(&other));
        }
        lines
    }

    fn add(&mut self, item: Item, line: Line) {
        self.question.items.push(item);
        self.lines.push(line);
    }

    fn add_pins(&mut self, built: &NetworkProblem, rows: &[usize]) {
        for (node, &row) in rows.iter().enumerate().filter(|(_, row)| built.rows[**row].passive.is_some()) {
            let used = built.problem.parts().observed.row(row).to_vec();
            let uses = self.tenants.iter().zip(&used).filter(|(_, used)| **used > 0.0);
            let uses: Vec<String> = uses
                .map(|(&tenant, used)| format!("`{}` {}", tenant_name(self.network, tenant), Share(*used)))
                .collect();
            let source = if built.rows[row].passive == Some(PassiveUse::Observed) {
                "was observed at"
            } else {
                "is taken to give"
            };
            let text = format!("takes no orders and {source} {}", uses.join(", "));
            let interfaces = &built.rows[row].interfaces;
            let number = format!("`{}` gives", self.network.entity_of(interfaces[0]).address);
            let span = self.sharing_span(interfaces);
            self.add(Item::Pin { node, used }, Line { span, text, number: Some(number), sla: 0 });
        }
    }

    /// The least that devices enforce: each by itself where that is more than the floors of the SLAs over it, the others
    /// together by how much it is.
    fn add_smallest(&mut self, built: &NetworkProblem, rows: &[usize]) {
        let mut below: BTreeMap<u64, (f64, Vec<usize>)> = BTreeMap::new();
        let mut above = Vec::new();
        for (node, &row) in rows.iter().enumerate().filter(|(_, row)| built.rows[**row].passive.is_none()) {
            let share = built.rows[row].grid.smallest_share();
            let covering = built.slas.iter().map(|&id| &self.network.slas[id]).filter(|sla| {
                built.rows[row].interfaces.iter().any(|interface| sla.interfaces.binary_search(interface).is_ok())
            });
            let floor = covering.filter_map(|sla| sla.floor).map(|floor| floor.value.0).fold(0.0, f64::max);
            if share > floor {
                above.push((share, vec![node]));
            } else if share > 0.0 {
                below.entry(share.to_bits()).or_insert((share, Vec::new())).1.push(node);
            }
        }
        for (share, nodes) in below.into_values().chain(above) {
            let on = if nodes.len() == 1 { "it".to_owned() } else { format!("it and {} more", nodes.len() - 1) };
            let text = format!("enforces at least {} for everybody on {on}", Share(share));
            let span = self.sharing_span(&built.rows[rows[nodes[0]]].interfaces);
            self.add(Item::Floor { nodes, share }, Line { span, text, number: None, sla: 0 });
        }
    }

    fn add_floor_and_bounds(&mut self, built: &NetworkProblem, rows: &[usize], position: usize, own: bool) {
        let sla = &self.network.slas[built.slas[position]];
        let nodes_of = |interfaces: &[Interface]| -> Vec<usize> {
            let on = |row: usize| {
                built.rows[row].interfaces.iter().any(|interface| interfaces.binary_search(interface).is_ok())
            };
            (0..rows.len()).filter(|&node| on(rows[node])).collect()
        };
        if let Some(floor) = sla.floor {
            let text = format!("keeps {} for everybody", floor.value);
            let item = Item::Floor { nodes: nodes_of(&sla.interfaces), share: floor.value.0 };
            let number = Some("a floor of".to_owned());
            self.add(item, Line { span: floor.span, text, number, sla: position });
        }
        for (bounds, guarantee) in [(&sla.guarantees, true), (&sla.caps, false)] {
            for bound in bounds {
                let Some(tenant) = self.tenants.iter().position(|tenant| *tenant == bound.tenant.value) else {
                    continue;
                };
                // What another SLA says about its own area is no row of this one.
                let nodes = match &bound.on {
                    Some(on) => Some(nodes_of(on)),
                    None if own => None,
                    None => continue,
                };
                let (share, name) = (bound.share.value.0, tenant_name(self.network, bound.tenant.value));
                let (item, word, number) = if guarantee {
                    (Item::Guarantee { tenant, nodes, share }, "guarantees", format!("a guarantee of `{name}` of"))
                } else {
                    (Item::Cap { tenant, nodes, share }, "caps", format!("a cap of `{name}` of"))
                };
                let text = format!("{word} `{name}` {}", bound.share.value);
                self.add(item, Line { span: bound.share.span, text, number: Some(number), sla: position });
            }
        }
    }

    fn sharing_span(&self, interfaces: &[Interface]) -> Span {
        let entity = self.network.entity_of(interfaces[0]);
        self.network.sharing_of(interfaces[0]).map_or(entity.span, |sharing| sharing.span)
    }

    /// The finding: what is asked, the best, the lines in conflict, the ways out.
    fn unreachable(&self, explanation: &Explanation) -> Diagnostic {
        let severity =
            if self.sla.best_effort && explanation.best.is_some() { Severity::Warning } else { Severity::Error };
        let name = &self.sla.entity.address;
        let message = match &explanation.best {
            Some(best) => {
                let worst = self.most_missed(best);
                let tenant = tenant_name(self.network, self.tenants[worst]);
                let (target, best) = (Share(self.question.target[worst]), Share(best[worst]));
                format!("`{name}` agrees {target} for `{tenant}`, {best} is the best that can be reached")
            }
            None => format!("the limits of `{name}` cannot all hold"),
        };
        let mut finding = Diagnostic::error(&codes::SLA_UNREACHABLE, self.sla.shares_span, message);
        finding.severity = severity;
        finding = finding.label("these shares are out of reach");
        for &item in &explanation.conflict {
            let line = &self.lines[item];
            finding = finding.and(line.span, line.text.clone());
        }
        finding = finding.help(self.conflict_help(explanation));
        for way in explanation.relaxations.iter().filter_map(|way| self.way_out(way, explanation)).take(3) {
            finding = finding.help(way);
        }
        for (item, without) in explanation.lowering.iter().take(3) {
            let worst = explanation.best.as_ref().map_or(0, |best| self.most_missed(best));
            let best = explanation.best.as_ref().map_or(0.0, |best| best[worst]);
            let lowered = format!("lowers the best from {} to {}", Share(without[worst]), Share(best));
            let line = &self.lines[*item];
            // What a device does names it; a line of an SLA is found by the SLA.
            let of = match self.question.items[*item] {
                Item::Floor { .. } | Item::Guarantee { .. } | Item::Cap { .. } => {
                    let sla = self.network.slas.as_slice().get(line.sla).unwrap_or(self.sla);
                    format!(" of `{}`", sla.entity.address)
                }
                _ => String::new(),
            };
            finding = finding.help(format!("another line{of} {} and {lowered}", line.text));
        }
        if severity == Severity::Error && explanation.best.is_some() {
            finding = finding.help("or let the SLA say `best effort`");
        }
        finding
    }

    fn conflict_help(&self, explanation: &Explanation) -> String {
        match (explanation.conflict.len(), explanation.minimal) {
            (0, _) => "no line stands in the way: the tenants' chunks leave no other shares".into(),
            (1, true) => "proven minimal: without the line marked it would be reached".into(),
            (count, true) => format!("proven minimal: without any one of the {count} lines marked it would be reached"),
            (count, false) => format!("not proven minimal: at least some of the {count} lines marked stand in the way"),
        }
    }

    /// A line with the number that is enough; none for what a device gives no choice of.
    fn way_out(&self, way: &Relaxation, explanation: &Explanation) -> Option<String> {
        let (from, to) = (Share(way.from), Share(way.to));
        let name = |tenant: usize| tenant_name(self.network, self.tenants[tenant]);
        Some(match (way.item, way.tenant, &explanation.best) {
            (Some(item), Some(tenant), _) if matches!(self.question.items[item], Item::Pin { .. }) => {
                let line = self.lines[item].number.as_ref()?;
                format!("a way out: {line} `{}` {to} instead of {from}", name(tenant))
            }
            (Some(item), ..) => format!("a way out: {} {to} instead of {from}", self.lines[item].number.as_ref()?),
            // Of the shares agreed, the one that the message speaks of.
            (None, _, Some(best)) => {
                let worst = self.most_missed(best);
                let (from, to) = (Share(self.question.target[worst]), Share(best[worst]));
                format!("a way out: agree {to} instead of {from} for `{}`", name(worst))
            }
            (None, ..) => format!("a way out: agree {to} instead of {from}"),
        })
    }

    /// The tenant that gets least of what was agreed; the first of equals.
    fn most_missed(&self, best: &[f64]) -> usize {
        let miss = |column: usize| self.question.target[column] - best[column];
        (1..best.len()).fold(0, |worst, column| if miss(column) > miss(worst) + 1e-6 { column } else { worst })
    }
}
