//! Every rule that a resolved network must keep. A check is one small function that reads the network and pushes
//! findings; [`FAMILIES`] lists them all.
//!
//! Not here: what the resolver already refuses (names, units, references) and what needs a solver
//! (`ranform_optimizers`). [`Context`] holds what several checks look up; the tables of bands and channels are
//! [`crate::radio_tables`]. A new check is a function, a line in its family's list, a code with its page, a golden folder.

mod bounds;
mod carrier;
mod context;
mod devices;
mod hosts;
mod identifiers;
mod images;
mod kinds;
mod knobs;
mod mounts;
mod neighbours;
mod opposed;
mod policies;
mod presence;
mod requests;
mod rics;
mod rules;
mod shares;
mod tree;
mod wifi;

#[cfg(test)]
mod testing;

use ranform_grammar::ast::Noun;
use ranform_network::Network;
use ranform_network::diagnostic::{self, Diagnostic, codes};
use rayon::prelude::*;

use crate::damage::Damage;

pub use context::Context;

/// Where findings are pushed.
pub type Findings = Vec<Diagnostic>;

/// A rule.
pub type Check = fn(&Context<'_>, &mut Findings);

/// Rules that speak of the same nouns.
pub struct Family {
    /// The rules.
    pub checks: &'static [Check],
    /// Beside other errors the family is judged where no block of these nouns is damaged: one that is lost could make a rule
    /// fail that is kept. None for rules that look at one thing, or of which more things can only fail more.
    pub speaks_of: &'static [Noun],
    /// And where no block of these is lost: one whose only errors are numbers out of range is still there, and what is found
    /// by such a number names its place.
    pub refers_to: &'static [Noun],
}

impl Family {
    const fn of(checks: &'static [Check], speaks_of: &'static [Noun]) -> Self {
        Self { checks, speaks_of, refers_to: &[] }
    }
}

/// Who is on an interface, and with what.
const PRESENCE: &[Noun] = &[Noun::Tenant, Noun::Chunk, Noun::Service];
/// What is agreed for whom.
const AGREEMENTS: &[Noun] = &[Noun::Tenant, Noun::Chunk, Noun::Service, Noun::Sla];
/// What is agreed, and every place that it may be about.
const PLACES: &[Noun] = &[
    Noun::Tenant,
    Noun::Chunk,
    Noun::Service,
    Noun::Sla,
    Noun::Site,
    Noun::Area,
    Noun::Node,
    Noun::Cell,
    Noun::Radio,
    Noun::Port,
];
/// What RICs are placed for, and where.
const RICS: &[Noun] =
    &[Noun::Site, Noun::Area, Noun::Node, Noun::Link, Noun::Ric, Noun::Component, Noun::Xapp, Noun::Policy];
/// Whom policies are for, where, and what takes them. Policies that are damaged themselves are left out one by one.
const POLICIES: &[Noun] = &[Noun::Table, Noun::Tenant, Noun::Site, Noun::Area, Noun::Node, Noun::Cell, Noun::Ric];
/// What requests want, and where.
const REQUESTS: &[Noun] = &[Noun::Site, Noun::Area, Noun::Node, Noun::Link, Noun::Model, Noun::Request, Noun::Target];

/// All rules by family; mostly one file per family.
pub const FAMILIES: &[Family] = &[
    Family::of(carrier::CHECKS, &[]),
    Family::of(mounts::CHECKS, &[]),
    Family::of(identifiers::CHECKS, &[]),
    Family::of(neighbours::CHECKS, &[]),
    Family::of(wifi::CHECKS, &[]),
    Family::of(presence::CHECKS, PRESENCE),
    Family::of(shares::PERIODS, &[]),
    Family::of(shares::WHOLES, &[Noun::Tenant, Noun::Sla]),
    Family::of(shares::CHECKS, AGREEMENTS),
    Family::of(shares::PLACES, PLACES),
    Family::of(bounds::CHECKS, AGREEMENTS),
    Family::of(bounds::PLACES, PLACES),
    Family::of(tree::CHECKS, &[]),
    Family::of(hosts::CHECKS, &[]),
    Family::of(rics::CHECKS, RICS),
    Family::of(requests::CHECKS, REQUESTS),
    Family::of(images::CHECKS, &[]),
    Family { checks: policies::CHECKS, speaks_of: &[], refers_to: POLICIES },
    Family { checks: opposed::CHECKS, speaks_of: &[], refers_to: POLICIES },
    Family::of(rules::CHECKS, &Noun::ALL),
    // A device's profile may stand in a row of a table, far from its cells.
    Family::of(devices::CHECKS, &[Noun::Table]),
    Family::of(knobs::CHECKS, AGREEMENTS),
];

/// Runs every check and returns all findings by place, then code: errors and warnings, none of which hides another.
pub fn run(network: &Network) -> Vec<Diagnostic> {
    run_beside(network, &Damage::default())
}

/// Runs the checks that can be judged beside other errors, and keeps what does not follow from those.
pub fn run_beside(network: &Network, damage: &Damage) -> Vec<Diagnostic> {
    let context = Context::new(network, damage);
    let lost = damage.lost(network);
    let judged = FAMILIES
        .iter()
        .filter(|family| damage.spares(family.speaks_of) && !family.refers_to.iter().any(|noun| lost.contains(noun)));
    let checks: Vec<Check> = judged.flat_map(|family| family.checks.iter().copied()).collect();
    let run_one = |check: Check| {
        let mut findings = Findings::new();
        check(&context, &mut findings);
        findings.retain(|finding| !damage.explains(finding));
        findings
    };
    let mut findings: Findings = checks.into_par_iter().flat_map_iter(run_one).collect();
    diagnostic::sort(&mut findings);
    findings
}

/// The most findings that are printed one by one.
pub const MOST_FINDINGS: usize = 100;

/// Keeps the first [`MOST_FINDINGS`] by place, errors before warnings, and counts the rest in one last finding,
/// so that a wrong table of 100,000 cells gives a page and not a flood.
pub fn cap(mut diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    if diagnostics.len() <= MOST_FINDINGS {
        return diagnostics;
    }
    diagnostic::sort(&mut diagnostics);
    diagnostics.sort_by_key(|finding| finding.severity);
    if diagnostics.len() <= MOST_FINDINGS {
        return diagnostics;
    }
    let rest = diagnostics.split_off(MOST_FINDINGS);
    let mut counts = std::collections::BTreeMap::new();
    for finding in &rest {
        *counts.entry((finding.code.id, finding.code.name)).or_insert(0usize) += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|((id, _), count)| (std::cmp::Reverse(*count), *id));
    let kinds: Vec<String> =
        counts.iter().take(5).map(|((id, name), count)| format!("{count} of {id} ({name})")).collect();
    let more = if counts.len() > 5 { " and others" } else { "" };
    let verb = if rest.len() == 1 { "is" } else { "are" };
    let message = format!("{} {verb} not shown", context::count(rest.len(), "more finding"));
    let summary = if diagnostic::has_errors(&rest) || diagnostic::has_errors(&diagnostics) {
        Diagnostic::error_nowhere(&codes::TOO_MANY_ERRORS, message)
    } else {
        Diagnostic::warning_nowhere(&codes::TOO_MANY_ERRORS, message)
    };
    diagnostics.push(summary.help(format!("mend these first; among the rest: {}{more}", kinds.join(", "))));
    diagnostics
}

#[cfg(test)]
mod tests {
    use ranform_network::source::Span;

    use super::*;

    fn finding(index: u32, error: bool) -> Diagnostic {
        let span = Span { start: index, end: index + 1, ..Span::default() };
        match error {
            true => Diagnostic::error(&codes::UNKNOWN_REFERENCE, span, "e"),
            false => Diagnostic::warning(&codes::SYNTAX, span, "w"),
        }
    }

    #[test]
    fn a_hundred_findings_are_left_alone() {
        let all: Vec<_> = (0..100).map(|index| finding(index, index % 2 == 0)).collect();
        assert_eq!(cap(all.clone()), all);
    }

    #[test]
    fn more_are_counted_and_errors_stay() {
        let all: Vec<_> = (0..300).map(|index| finding(index, index >= 250)).collect();
        let capped = cap(all);
        assert_eq!(capped.len(), 101);
        assert_eq!(capped.iter().take(50).filter(|finding| finding.code.id == "RF201").count(), 50);
        assert_eq!(capped[100].code.id, "RF190");
        assert_eq!(capped[100].message, "200 more findings are not shown");
        assert_eq!(capped[100].help, ["mend these first; among the rest: 200 of RF101 (syntax)"]);
    }

    #[test]
    fn an_empty_network_has_no_findings() {
        assert_eq!(run(&Network::default()), []);
    }
}
