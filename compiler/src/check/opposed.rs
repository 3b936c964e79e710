//! No two policies steer one scope in opposite directions: a RIC would obey the last it heard, or neither.

use std::collections::{BTreeMap, BTreeSet};

use ranform_network::diagnostic::{Diagnostic, codes};
use ranform_network::ids::*;
use ranform_network::network::*;
use ranform_network::source::Span;

use super::context::name;
use super::{Check, Context, Findings};

mod single;
mod spoken;

use spoken::{Spoken, spoken};

/// The rules of this family.
pub const CHECKS: &[Check] = &[steering, only_cells, rates, single::values, balance, targets, energy];

/// Whom a policy is for, to compare.
type Whom<'a> = (Option<TenantId>, Option<QosId>, Option<&'a UserEquipment>, Option<GroupId>);

fn whom(policy: &Policy) -> Whom<'_> {
    let subject = &policy.subject;
    (
        subject.tenant.map(|tenant| tenant.value),
        subject.flow.map(|flow| flow.value),
        subject.ue.as_ref().map(|ue| &ue.value),
        subject.group.map(|group| group.value),
    )
}

/// Everybody that `whom` is a part of, itself included: each narrowing may be left out.
fn wider(whom: Whom<'_>) -> BTreeSet<Whom<'_>> {
    let mut all = BTreeSet::new();
    for mask in 0..16_u8 {
        let keep = |bit: u8| mask >> bit & 1 == 1;
        let (tenant, flow, ue, group) = whom;
        all.insert((
            tenant.filter(|_| keep(0)),
            flow.filter(|_| keep(1)),
            ue.filter(|_| keep(2)),
            group.filter(|_| keep(3)),
        ));
    }
    all.remove(&(None, None, None, None));
    all
}

fn push(findings: &mut Findings, message: String, place: Span, other: Span, help: &'static str) {
    findings.push(Diagnostic::error(&codes::POLICIES_OPPOSED, place, message).and(other, "the other way").help(help));
}

/// A line that draws its policy's subject to cells or away from them.
struct Pull<'a> {
    of: &'a Spoken<'a>,
    /// What it is called in the language.
    word: &'static str,
    cells: &'a [CellId],
    attracts: bool,
    /// Whether there are no cells but these.
    only: bool,
    /// Whether it speaks of primary cells only.
    primary: bool,
    span: Span,
}

/// The pulls of a policy: its lines about cells, and where balancing sends load.
fn pulls<'a>(of: &'a Spoken<'a>) -> impl Iterator<Item = Pull<'a>> {
    let lines = of.policy.steering.iter().map(move |line| Pull {
        of,
        word: line.preference.word(),
        cells: &line.cells,
        attracts: line.preference.attracts(),
        only: line.preference == Preference::Shall,
        primary: line.primary,
        span: line.span,
    });
    let onto = of.policy.balance.iter().filter(|balance| !balance.onto.is_empty());
    lines.chain(onto.map(move |balance| Pull {
        of,
        word: "balance .. onto",
        cells: &balance.onto,
        attracts: true,
        only: false,
        primary: false,
        span: balance.span,
    }))
}

/// No two lines draw one subject to a cell and away from it.
fn steering(context: &Context<'_>, findings: &mut Findings) {
    let policies = spoken(context);
    let all: Vec<Pull<'_>> = policies.iter().flat_map(pulls).collect();
    let mut pulled: BTreeMap<(Whom<'_>, CellId), Vec<&Pull<'_>>> = BTreeMap::new();
    for pull in &all {
        for cell in pull.cells {
            pulled.entry((whom(pull.of.policy), *cell)).or_default().push(pull);
        }
    }
    let mut told = BTreeSet::new();
    for ((_, cell), pulls) in &pulled {
        for (index, pull) in pulls.iter().enumerate() {
            let mut later = pulls.iter().skip(index + 1);
            let against = later.find(|other| pull.attracts != other.attracts && pull.of.meets(other.of));
            let Some(other) = against else { continue };
            // One finding for two lines, however many cells they share.
            if !told.insert((pull.span, other.span)) {
                continue;
            }
            let message = format!(
                "`{}` of `{}` and `{}` of `{}` pull apart at `{}`",
                other.word,
                name(&other.of.policy.entity),
                pull.word,
                name(&pull.of.policy.entity),
                context.network.cells[*cell].entity.address,
            );
            push(findings, message, other.span, pull.span, ONE_SUBJECT);
        }
    }
}

const ONE_SUBJECT: &str =
    "one subject is drawn to a cell or kept from it: keep one of the two, or narrow whom or where it is for";

/// What one policy requires as the only cells, no other draws the same subject away from.
fn only_cells(context: &Context<'_>, findings: &mut Findings) {
    let mut by_subject: BTreeMap<Whom<'_>, Vec<Pull<'_>>> = BTreeMap::new();
    let policies = spoken(context);
    for of in &policies {
        by_subject.entry(whom(of.policy)).or_default().extend(pulls(of).filter(|pull| pull.attracts));
    }
    for pulls in by_subject.values() {
        for pull in pulls.iter().filter(|pull| pull.only) {
            let own = pull.of.policy.steering.iter().filter(|own| own.preference == Preference::Shall);
            let own: BTreeSet<CellId> = own.flat_map(|own| own.cells.clone()).collect();
            let against = pulls.iter().find(|other| {
                // Of two that require, the first is told.
                let told = other.only && (other.span < pull.span || other.of.is(pull.of));
                !told
                    && other.primary == pull.primary
                    && pull.of.meets(other.of)
                    && !other.cells.iter().any(|cell| own.contains(cell))
            });
            let Some(other) = against else { continue };
            let message = format!(
                "`{}` of `{}` draws to cells that `require` of `{}` leaves out",
                other.word,
                name(&other.of.policy.entity),
                name(&pull.of.policy.entity),
            );
            push(
                findings,
                message,
                other.span,
                pull.span,
                "`require` names all cells there are for its subject: add them to it, or take the other line out",
            );
        }
    }
}

/// No policy guarantees more than another allows the same subject, or one that it is a part of.
fn rates(context: &Context<'_>, findings: &mut Findings) {
    let policies = spoken(context);
    let mut takers: BTreeMap<Whom<'_>, Vec<&Spoken<'_>>> = BTreeMap::new();
    for of in policies.iter().filter(|of| !of.policy.at_most.is_empty()) {
        takers.entry(whom(of.policy)).or_default().push(of);
    }
    for of in policies.iter().filter(|of| !of.policy.guarantee.is_empty()) {
        let giver = of.policy;
        let wider = wider(whom(giver));
        let others = wider.iter().filter_map(|whom| takers.get(whom)).flatten();
        for taker in others.filter(|taker| !taker.is(of) && taker.meets(of)).map(|taker| taker.policy) {
            for direction in [Direction::Dl, Direction::Ul] {
                let (Some(low), Some(high)) = (giver.guarantee.of(direction), taker.at_most.of(direction)) else {
                    continue;
                };
                if low.value <= high.value {
                    continue;
                }
                let message = format!(
                    "`{}` guarantees {}, but `{}` allows {} for the same",
                    name(&giver.entity),
                    low.value,
                    name(&taker.entity),
                    high.value
                );
                let help = "lower the one, raise the other, or narrow whom or where they are for";
                push(findings, message, low.span, high.span, help);
            }
        }
    }
}

/// Load of a cell does not go to another whose load goes back. What is said of all tenants is said of each.
fn balance(context: &Context<'_>, findings: &mut Findings) {
    let policies = spoken(context);
    let mut moves: BTreeMap<(CellId, CellId), Vec<(&Spoken<'_>, Span)>> = BTreeMap::new();
    for of in &policies {
        let (Some(balance), Some(cells)) = (&of.policy.balance, &of.cells) else { continue };
        for from in cells.iter() {
            for to in balance.onto.iter().filter(|to| *to != from) {
                moves.entry((*from, *to)).or_default().push((of, balance.span));
            }
        }
    }
    let mut told = BTreeSet::new();
    for ((from, to), there) in moves.iter().filter(|((from, to), _)| from < to) {
        let Some(back) = moves.get(&(*to, *from)) else { continue };
        for (of, span) in there {
            // Cells of one policy may help each other.
            let against = back.iter().find(|(other, _)| !other.is(of) && same_tenant(other.policy, of.policy));
            let Some((other, place)) = against.filter(|(_, place)| told.insert((*span, *place))) else { continue };
            let address = |cell: CellId| context.network.cells[cell].entity.address.as_str();
            let message = format!(
                "`{}` sends load from `{}` to `{}`, and `{}` sends it back",
                name(&of.policy.entity),
                address(*from),
                address(*to),
                name(&other.policy.entity)
            );
            push(findings, message, *span, *place, "let load go one way only, or put both cells into one policy");
        }
    }
}

/// Whether what two policies say is said of one tenant: without one it is of all.
fn same_tenant(a: &Policy, b: &Policy) -> bool {
    let tenant = |policy: &Policy| policy.subject.tenant.map(|tenant| tenant.value);
    tenant(a).is_none() || tenant(b).is_none() || tenant(a) == tenant(b)
}

/// One cell has one aim: how full it should be for one subject, how much energy it saves and what of it is spared.
fn targets(context: &Context<'_>, findings: &mut Findings) {
    let policies = spoken(context);
    let mut aims: BTreeMap<(bool, Option<TenantId>, CellId), (&Policy, Span)> = BTreeMap::new();
    let mut told = BTreeSet::new();
    for Spoken { policy, cells } in &policies {
        let tenant = policy.subject.tenant.map(|tenant| tenant.value);
        let balance = policy.balance.as_ref().map(|balance| (false, balance.span));
        let energy = policy.energy.as_ref().filter(|energy| energy.aim.is_some()).map(|energy| (true, energy.span));
        for (saves, span) in balance.into_iter().chain(energy) {
            for cell in cells.iter().flat_map(|cells| cells.iter()) {
                let Some((other, place)) = aims.insert((saves, tenant, *cell), (policy, span)) else { continue };
                let what = match (same_aim(other, policy), same_spares(other, policy, *cell)) {
                    (false, _) => "set different aims for",
                    (true, false) if saves => "differ in what they spare of",
                    (true, _) => continue,
                };
                if other.entity.address == policy.entity.address || !told.insert((place, span)) {
                    continue;
                }
                let message = format!(
                    "`{}` and `{}` {what} `{}`",
                    name(&other.entity),
                    name(&policy.entity),
                    context.network.cells[*cell].entity.address
                );
                push(findings, message, span, place, "let one policy speak for a cell");
            }
        }
    }
}

/// Whether two policies leave the same of a cell as it is.
fn same_spares(a: &Policy, b: &Policy, cell: CellId) -> bool {
    let of = |policy: &Policy| {
        let lines = policy.energy.iter().flat_map(|energy| &energy.spares);
        let lines = lines.filter(|line| line.cells.contains(&cell)).map(|line| (line.what, line.forbidden));
        lines.collect::<BTreeSet<_>>()
    };
    of(a) == of(b)
}

fn same_aim(a: &Policy, b: &Policy) -> bool {
    let level = |policy: &Policy| {
        let balance = policy.balance.as_ref();
        let of = |share: Option<Level>| share.map(|share| share.value.0);
        let balance = balance.map(|balance| (of(balance.dl), of(balance.ul), balance.peak));
        (balance, policy.energy.as_ref().and_then(|energy| energy.aim).map(|aim| aim.value))
    };
    level(a) == level(b)
}

type Level = ranform_network::source::Located<ranform_network::units::Share>;

/// Where energy is saved by switching cells off, no policy sends load or users to them.
fn energy(context: &Context<'_>, findings: &mut Findings) {
    let policies = spoken(context);
    let mut drawn: BTreeMap<CellId, (&Policy, Span)> = BTreeMap::new();
    for Spoken { policy, .. } in &policies {
        let required = policy.steering.iter().filter(|line| line.preference == Preference::Shall);
        let lines = required.map(|line| (line.cells.as_slice(), line.span));
        let onto = policy.balance.iter().map(|balance| (balance.onto.as_slice(), balance.span));
        for (cells, span) in lines.chain(onto) {
            for cell in cells {
                drawn.entry(*cell).or_insert((policy, span));
            }
        }
    }
    let mut told = BTreeSet::new();
    for Spoken { policy, cells } in &policies {
        let Some(energy) = policy.energy.as_ref() else { continue };
        let spared = |cell: &CellId| {
            energy.spares.iter().any(|line| line.what == Spared::Operation && line.cells.contains(cell))
        };
        for cell in cells.iter().flat_map(|cells| cells.iter()).filter(|cell| !spared(cell)) {
            let Some((other, place)) = drawn.get(cell) else { continue };
            if !told.insert((energy.span, *place)) {
                continue;
            }
            let message = format!(
                "`{}` may switch `{}` off, to which `{}` sends traffic",
                name(&policy.entity),
                context.network.cells[*cell].entity.address,
                name(&other.entity)
            );
            findings.push(
                Diagnostic::warning(&codes::POLICIES_OPPOSED, energy.span, message)
                    .and(*place, "the other way")
                    .help("spare the cell: `forbid switching-off cells ..`, or send the traffic elsewhere"),
            );
        }
    }
}
