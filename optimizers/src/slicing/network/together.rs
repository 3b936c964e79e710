//! SLAs whose shares are out of reach together: each by itself could be had, all of them cannot.
//!
//! Judged as one SLA is (load 1, passive use as stated, before rounding), over all SLAs that share interfaces and do not
//! say `best effort`. The lines in conflict are the agreed shares themselves and the limits of all of them.

use ranform_network::NoControl;
use ranform_network::diagnostic::{Diagnostic, Severity, codes};
use ranform_network::network::{Network, Sla as NetworkSla};
use ranform_network::source::Span;
use ranform_network::units::Share;

use crate::slicing::explain::{Item, TOLERANCE};
use crate::slicing::matrix::Matrix;
use crate::slicing::network::build::{NetworkProblem, PassiveUse};
use crate::slicing::network::reach::{Line, Lines, rows_of, tenant_name};
use crate::slicing::{Options, Problem, ProblemParts, Sla, solve};

/// Slack of comparisons with [`TOLERANCE`].
const SLACK: f64 = 1e-6;
/// Weight of evenness, as in an explanation of one SLA.
const THETA: f64 = 1e-7;
/// The period over the window of an SLA of which only the limits count: its shares weigh a millionth of another's.
const FAINT: f64 = 1e-3;
/// The most contradictions of limits that are told at once.
const MOST_CONTRADICTIONS: usize = 4;

/// What is out of reach together; nothing where it is not proven.
pub fn findings(network: &Network, built: &NetworkProblem) -> Vec<Diagnostic> {
    let assumed = built.rows.iter().any(|row| row.passive == Some(PassiveUse::Assumed));
    if built.slas.len() < 2 || assumed {
        return Vec::new();
    }
    let joint = Joint::new(network, built);
    let findings = joint.judged(joint.kept(|sla| !sla.best_effort));
    if !findings.is_empty() {
        return findings;
    }
    let mut findings = joint.judged(joint.kept(|_| true));
    findings.iter_mut().for_each(|finding| finding.severity = Severity::Warning);
    findings
}

/// Limits of several SLAs that contradict each other while something is held as it is.
pub fn contradiction(network: &Network, built: &NetworkProblem) -> Diagnostic {
    let mut slas = built.slas.iter().map(|&id| &network.slas[id]);
    let held = built.rows.iter().find(|row| row.passive == Some(PassiveUse::Held));
    let held = held.map(|row| format!(" while `{}` is held as it is", network.entity_of(row.interfaces[0]).address));
    let names: Vec<String> = slas.clone().map(|sla| format!("`{}`", sla.entity.address)).collect();
    let message =
        format!("the guarantees, caps and floors of {} cannot all hold{}", names.join(", "), held.unwrap_or_default());
    let span = slas.next().map(|sla| sla.entity.span).unwrap_or_default();
    let finding = Diagnostic::error(&codes::SLA_UNREACHABLE, span, message);
    slas.fold(finding, |finding, sla| finding.and(sla.entity.span, "with this one"))
        .help("lower a guarantee or a floor, or raise a cap")
}

/// Which lines count: the agreed shares of each SLA, and each item.
#[derive(Clone)]
struct Kept {
    shares: Vec<bool>,
    items: Vec<bool>,
}

/// What comes of the lines that are kept.
enum Verdict {
    /// Every SLA gets what it agrees, give or take half a point.
    Reached,
    /// The nearest shares of each SLA.
    Missed(Vec<Vec<f64>>),
    /// The limits contradict each other.
    Contradiction,
    /// The solver does not say, or a point may be within the tolerance of all.
    Unknown,
}

struct Joint<'a> {
    network: &'a Network,
    built: &'a NetworkProblem,
    lines: Lines<'a>,
    /// Per SLA its rows and what it agrees.
    agreed: Vec<(Vec<usize>, Vec<f64>)>,
}

impl<'a> Joint<'a> {
    fn new(network: &'a Network, built: &'a NetworkProblem) -> Self {
        let slas = built.problem.parts().slas.iter().enumerate();
        let agreed = slas.map(|(position, sla)| (rows_of(built, position).collect(), sla.sla_share.clone()));
        Self { network, built, lines: Lines::of_all(network, built), agreed: agreed.collect() }
    }

    fn sla(&self, position: usize) -> &'a NetworkSla {
        &self.network.slas[self.built.slas[position]]
    }

    fn kept(&self, binds: impl Fn(&NetworkSla) -> bool) -> Kept {
        let shares = (0..self.agreed.len()).map(|position| binds(self.sla(position))).collect();
        Kept { shares, items: vec![true; self.lines.lines.len()] }
    }

    /// The findings about these lines, none where they can be had: limits that contradict each other by themselves first,
    /// then the shares beside the limits that are left.
    fn judged(&self, mut kept: Kept) -> Vec<Diagnostic> {
        let mut findings = Vec::new();
        loop {
            match self.verdict(&kept, &self.agreed) {
                Verdict::Reached | Verdict::Unknown => return findings,
                Verdict::Missed(best) => {
                    let finding = self.told(Some(&best), &self.conflict(&kept));
                    // Ways out were solved without the limits that are told before: they hold by themselves only.
                    findings.push(if findings.is_empty() { self.with_ways_out(finding, &kept) } else { finding });
                    return findings;
                }
                Verdict::Contradiction => {
                    let limits = Kept { shares: vec![false; kept.shares.len()], items: kept.items.clone() };
                    let conflict = self.conflict(&limits);
                    findings.push(self.told(None, &conflict));
                    if !conflict.items.contains(&true) || findings.len() > MOST_CONTRADICTIONS {
                        return findings;
                    }
                    kept.items.iter_mut().zip(conflict.items).for_each(|(kept, conflicts)| *kept &= !conflicts);
                }
            }
        }
    }

    /// Deletion filter over shares and items, whole blocks first: what can go while something stays out of reach is no
    /// part of the conflict.
    fn conflict(&self, kept: &Kept) -> Kept {
        let shares: Vec<usize> = (0..kept.shares.len()).filter(|&position| kept.shares[position]).collect();
        let lines: Vec<Entry> =
            (0..kept.items.len()).map(Entry::Item).chain(shares.into_iter().map(Entry::Shares)).collect();
        let mut conflict = kept.clone();
        self.delete_block(&lines, &mut conflict);
        conflict
    }

    fn delete_block(&self, lines: &[Entry], kept: &mut Kept) {
        lines.iter().for_each(|line| line.set(kept, false));
        if matches!(self.verdict(kept, &self.agreed), Verdict::Missed(_) | Verdict::Contradiction) {
            return;
        }
        lines.iter().for_each(|line| line.set(kept, true));
        if lines.len() > 1 {
            let (left, right) = lines.split_at(lines.len() / 2);
            self.delete_block(left, kept);
            self.delete_block(right, kept);
        }
    }

    fn verdict(&self, kept: &Kept, agreed: &[(Vec<usize>, Vec<f64>)]) -> Verdict {
        let Ok(problem) = Problem::new(self.parts(kept, agreed)) else { return Verdict::Unknown };
        let decision = match solve(&problem, &Options::default(), &NoControl) {
            Ok(answer) => answer.decision,
            Err(_) => return Verdict::Unknown,
        };
        let Some(decision) = decision else { return Verdict::Contradiction };
        let means: Vec<Vec<f64>> = agreed.iter().map(|(rows, _)| self.mean(rows, &decision.consumption)).collect();
        let misses: Vec<f64> = (0..agreed.len())
            .filter(|&position| kept.shares[position])
            .flat_map(|position| agreed[position].1.iter().zip(&means[position]).map(|(want, got)| (want - got).abs()))
            .collect();
        let limit = TOLERANCE + SLACK;
        // The nearest in the sense of squares: where all misses could be within the limit, their squares add up to less.
        let most = misses.len() as f64 * limit * limit;
        if misses.iter().all(|miss| *miss <= limit) {
            Verdict::Reached
        } else if misses.iter().map(|miss| miss * miss).sum::<f64>() > most {
            Verdict::Missed(means)
        } else {
            Verdict::Unknown
        }
    }

    fn mean(&self, rows: &[usize], consumption: &Matrix) -> Vec<f64> {
        let weight = &self.lines.question.weight;
        let sum: f64 = rows.iter().map(|&row| weight[row]).sum();
        let used = |tenant: usize| rows.iter().map(|&row| weight[row] / sum * consumption.row(row)[tenant]).sum();
        (0..self.lines.tenants.len()).map(used).collect()
    }

    /// The slicing problem whose answer is nearest to the shares kept, within the limits kept.
    fn parts(&self, kept: &Kept, agreed: &[(Vec<usize>, Vec<f64>)]) -> ProblemParts {
        let items: Vec<&Item> = self
            .lines
            .question
            .items
            .iter()
            .zip(&kept.items)
            .filter(|(_, kept)| **kept)
            .map(|(item, _)| item)
            .collect();
        let mut parts = self.lines.question.parts(&items);
        parts.slas = agreed
            .iter()
            .enumerate()
            .map(|(position, (rows, shares))| Sla {
                nodes: rows.clone(),
                sla_share: shares.clone(),
                ewma: shares.clone(),
                epsilon: if kept.shares[position] { 1.0 } else { FAINT },
                gamma: THETA / rows.len().max(1) as f64,
                area_minimum: self.area(kept, position, true),
                area_maximum: self.area(kept, position, false),
            })
            .collect();
        parts
    }

    /// What is kept of an SLA's guarantees or caps over its area.
    fn area(&self, kept: &Kept, position: usize, guarantees: bool) -> Option<Vec<f64>> {
        let none: f64 = if guarantees { 0.0 } else { 1.0 };
        let mut values = vec![none; self.lines.tenants.len()];
        let lines = self.lines.question.items.iter().zip(&self.lines.lines).zip(&kept.items);
        for ((item, _), _) in lines.filter(|((_, line), kept)| **kept && line.sla == position) {
            match item {
                Item::Guarantee { tenant, nodes: None, share } if guarantees => {
                    values[*tenant] = values[*tenant].max(*share);
                }
                Item::Cap { tenant, nodes: None, share } if !guarantees => {
                    values[*tenant] = values[*tenant].min(*share);
                }
                _ => {}
            }
        }
        values.iter().any(|value| *value != none).then_some(values)
    }

    /// The finding: what is asked, the best, every line in conflict.
    fn told(&self, best: Option<&[Vec<f64>]>, conflict: &Kept) -> Diagnostic {
        let asked: Vec<usize> = (0..self.agreed.len()).filter(|&position| conflict.shares[position]).collect();
        let mut labels: Vec<(Span, String)> = asked
            .iter()
            .map(|&position| (self.sla(position).shares_span, self.agreement(position)))
            .chain(self.conflicting_lines(conflict).map(|line| (line.span, line.text.clone())))
            .collect();
        let (message, first) = match (best, asked.first()) {
            (Some(best), Some(_)) => (self.missed(&asked, best), labels.remove(0)),
            _ if labels.is_empty() => (self.limits(conflict), (Span::default(), String::new())),
            _ => (self.limits(conflict), labels.remove(0)),
        };
        let finding = Diagnostic::error(&codes::SLA_UNREACHABLE, first.0, message).label(first.1);
        let finding = labels.into_iter().fold(finding, |finding, (span, text)| finding.and(span, text));
        let finding = finding.help(match self.is_minimal(conflict) {
            true => "proven minimal: without any one of the lines marked the others would be reached",
            false => "not proven minimal: at least some of the lines marked stand in the way",
        });
        match best {
            Some(_) => finding,
            None => finding.help("lower a guarantee or a floor, or raise a cap"),
        }
    }

    /// Whether the conflict alone is out of reach, and is not without any one of its lines.
    fn is_minimal(&self, conflict: &Kept) -> bool {
        let missed = matches!(self.verdict(conflict, &self.agreed), Verdict::Missed(_) | Verdict::Contradiction);
        let items = (0..conflict.items.len()).filter(|&item| conflict.items[item]).map(Entry::Item);
        let shares = (0..conflict.shares.len()).filter(|&position| conflict.shares[position]).map(Entry::Shares);
        missed
            && items.chain(shares).all(|line| {
                let mut without = conflict.clone();
                line.set(&mut without, false);
                matches!(self.verdict(&without, &self.agreed), Verdict::Reached)
            })
    }

    /// What each SLA whose shares count could agree instead, where that leads out.
    fn with_ways_out(&self, finding: Diagnostic, kept: &Kept) -> Diagnostic {
        let asked = (0..self.agreed.len()).filter(|&position| kept.shares[position]);
        asked.filter_map(|position| self.way_out(kept, position)).fold(finding, Diagnostic::help)
    }

    fn conflicting_lines(&self, conflict: &Kept) -> impl Iterator<Item = &Line> {
        let kept: Vec<bool> = conflict.items.clone();
        self.lines.lines.iter().zip(kept).filter(|(_, kept)| *kept).map(|(line, _)| line)
    }

    /// `agrees red 60 %, blue 40 %`.
    fn agreement(&self, position: usize) -> String {
        let shares = self.lines.tenants.iter().zip(&self.agreed[position].1).filter(|(_, share)| **share > 0.0);
        let shares: Vec<String> = shares
            .map(|(&tenant, share)| format!("`{}` {}", tenant_name(self.network, tenant), Share(*share)))
            .collect();
        format!("agrees {}", shares.join(", "))
    }

    /// The tenant that misses most over these SLAs, with what each of them asks and the best for it.
    fn missed(&self, asked: &[usize], best: &[Vec<f64>]) -> String {
        let miss = |tenant: usize| {
            let misses = asked.iter().map(|&position| (self.agreed[position].1[tenant] - best[position][tenant]).abs());
            misses.fold(0.0, f64::max)
        };
        let worst = (1..self.lines.tenants.len())
            .fold(0, |worst, one| if miss(one) > miss(worst) + SLACK { one } else { worst });
        let parts: Vec<String> = asked
            .iter()
            .map(|&position| {
                let (want, got) = (self.agreed[position].1[worst], best[position][worst]);
                format!("`{}` gets {} (agrees {})", self.sla(position).entity.address, Share(got), Share(want))
            })
            .collect();
        let tenant = tenant_name(self.network, self.lines.tenants[worst]);
        format!("SLAs over the same interfaces contradict each other about `{tenant}`; at best {}", parts.join(", "))
    }

    fn limits(&self, conflict: &Kept) -> String {
        let mut slas: Vec<usize> = self.conflicting_lines(conflict).map(|line| line.sla).collect();
        slas.extend((0..self.agreed.len()).filter(|&position| conflict.shares[position]));
        slas.sort_unstable();
        slas.dedup();
        let names: Vec<String> =
            slas.into_iter().map(|position| format!("`{}`", self.sla(position).entity.address)).collect();
        format!("the guarantees, caps and floors of {} cannot all hold", names.join(", "))
    }

    /// What one SLA could agree beside the others, solved again; else whether it is enough that it says `best effort`.
    fn way_out(&self, kept: &Kept, position: usize) -> Option<String> {
        let mut without = kept.clone();
        without.shares[position] = false;
        let name = &self.sla(position).entity.address;
        let Ok(problem) = Problem::new(self.parts(&without, &self.agreed)) else { return None };
        if !matches!(self.verdict(&without, &self.agreed), Verdict::Reached) {
            return None;
        }
        let decision = solve(&problem, &Options::default(), &NoControl).ok()?.decision?;
        let mut agreed = self.agreed.clone();
        let rounded = hundredths(&self.mean(&agreed[position].0, &decision.consumption));
        agreed[position].1.clone_from(&rounded);
        if !matches!(self.verdict(kept, &agreed), Verdict::Reached) {
            return Some(format!("a way out: let `{name}` say `best effort`"));
        }
        let shares = self.lines.tenants.iter().zip(&rounded).filter(|(_, share)| **share > 0.0);
        let shares: Vec<String> =
            shares.map(|(&tenant, share)| format!("{} {}", tenant_name(self.network, tenant), Share(*share))).collect();
        Some(format!("a way out: agree {} in `{name}`, or let it say `best effort`", shares.join(", ")))
    }
}

/// Shares in hundredths of a percent that add up to 1: the largest takes what rounding leaves.
fn hundredths(shares: &[f64]) -> Vec<f64> {
    let mut rounded: Vec<f64> = shares.iter().map(|share| (share * 1e4).round().max(0.0) / 1e4).collect();
    let rest = 1.0 - rounded.iter().sum::<f64>();
    if let Some(largest) = rounded.iter_mut().max_by(|a, b| a.total_cmp(b)) {
        *largest = ((*largest + rest) * 1e4).round() / 1e4;
    }
    rounded
}

/// One line of a conflict.
#[derive(Clone, Copy)]
enum Entry {
    Item(usize),
    Shares(usize),
}

impl Entry {
    fn set(self, kept: &mut Kept, value: bool) {
        match self {
            Self::Item(item) => kept.items[item] = value,
            Self::Shares(position) => kept.shares[position] = value,
        }
    }
}
