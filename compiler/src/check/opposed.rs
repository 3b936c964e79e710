//! No two policies steer one scope in opposite directions: a RIC would obey the last it heard, or neither.

use std::collections::{BTreeMap, BTreeSet};

use ranform_network::diagnostic::{Diagnostic, codes};
use ranform_network::ids::*;
use ranform_network::network::*;
use ranform_network::source::Span;

use super::context::name;
use super::policies::policies;
use super::{Check, Context, Findings};

mod single;

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

/// Whether two policies speak of a common place: a policy without cells speaks of all.
fn meet(a: &Policy, b: &Policy) -> bool {
    match (&a.cells, &b.cells) {
        (Some(a), Some(b)) => a.iter().any(|cell| b.binary_search(cell).is_ok()),
        _ => true,
    }
}

fn push(findings: &mut Findings, message: String, place: Span, other: Span, help: &'static str) {
    findings.push(Diagnostic::error(&codes::POLICIES_OPPOSED, place, message).and(other, "the other way").help(help));
}

/// A line that draws its policy's subject to cells or away from them.
struct Pull<'a> {
    policy: &'a Policy,
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
fn pulls(policy: &Policy) -> impl Iterator<Item = Pull<'_>> {
    let lines = policy.steering.iter().map(move |line| Pull {
        policy,
        word: line.preference.word(),
        cells: &line.cells,
        attracts: line.preference.attracts(),
        only: line.preference == Preference::Shall,
        primary: line.primary,
        span: line.span,
    });
    let onto = policy.balance.iter().filter(|balance| !balance.onto.is_empty());
    lines.chain(onto.map(move |balance| Pull {
        policy,
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
    let all: Vec<Pull<'_>> = policies(context).flat_map(|(_, policy)| pulls(policy)).collect();
    let mut pulled: BTreeMap<(Whom<'_>, CellId), Vec<&Pull<'_>>> = BTreeMap::new();
    for pull in &all {
        for cell in pull.cells {
            pulled.entry((whom(pull.policy), *cell)).or_default().push(pull);
        }
    }
    let mut told = BTreeSet::new();
    for ((_, cell), pulls) in &pulled {
        for (index, pull) in pulls.iter().enumerate() {
            let mut later = pulls.iter().skip(index + 1);
            let against = later.find(|other| pull.attracts != other.attracts && meet(pull.policy, other.policy));
            let Some(other) = against else { continue };
            // One finding for two lines, however many cells they share.
            if !told.insert((pull.span, other.span)) {
                continue;
            }
            let message = format!(
                "`{}` of `{}` and `{}` of `{}` pull apart at `{}`",
                other.word,
                name(&other.policy.entity),
                pull.word,
                name(&pull.policy.entity),
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
    for (_, policy) in policies(context) {
        by_subject.entry(whom(policy)).or_default().extend(pulls(policy).filter(|pull| pull.attracts));
    }
    for pulls in by_subject.values() {
        for pull in pulls.iter().filter(|pull| pull.only) {
            let own = pull.policy.steering.iter().filter(|own| own.preference == Preference::Shall);
            let own: BTreeSet<CellId> = own.flat_map(|own| own.cells.clone()).collect();
            let against = pulls.iter().find(|other| {
                // Of two that require, the first is told.
                let same = other.policy.entity.address == pull.policy.entity.address;
                let told = other.only && (other.span < pull.span || same);
                !told
                    && other.primary == pull.primary
                    && meet(pull.policy, other.policy)
                    && !other.cells.iter().any(|cell| own.contains(cell))
            });
            let Some(other) = against else { continue };
            let message = format!(
                "`{}` of `{}` draws to cells that `require` of `{}` leaves out",
                other.word,
                name(&other.policy.entity),
                name(&pull.policy.entity),
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
    let mut takers: BTreeMap<Whom<'_>, Vec<&Policy>> = BTreeMap::new();
    for (_, policy) in policies(context).filter(|(_, policy)| !policy.at_most.is_empty()) {
        takers.entry(whom(policy)).or_default().push(policy);
    }
    for (_, giver) in policies(context).filter(|(_, policy)| !policy.guarantee.is_empty()) {
        let wider = wider(whom(giver));
        let others = wider.iter().filter_map(|whom| takers.get(whom)).flatten();
        for taker in others.filter(|taker| taker.entity.address != giver.entity.address && meet(giver, taker)) {
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

/// Load of a cell does not go to another whose load goes back.
fn balance(context: &Context<'_>, findings: &mut Findings) {
    let mut moves: BTreeMap<(Option<TenantId>, CellId, CellId), (&Policy, Span)> = BTreeMap::new();
    let mut told = BTreeSet::new();
    for (_, policy) in policies(context) {
        let (Some(balance), Some(cells)) = (&policy.balance, &policy.cells) else { continue };
        let tenant = policy.subject.tenant.map(|tenant| tenant.value);
        for from in cells {
            for to in balance.onto.iter().filter(|to| *to != from) {
                moves.entry((tenant, *from, *to)).or_insert((policy, balance.span));
            }
        }
    }
    for ((tenant, from, to), (policy, span)) in moves.iter().filter(|((_, from, to), _)| from < to) {
        let Some((other, place)) = moves.get(&(*tenant, *to, *from)) else { continue };
        // Cells of one policy may help each other.
        if other.entity.address == policy.entity.address || !told.insert((*span, *place)) {
            continue;
        }
        let address = |cell: CellId| context.network.cells[cell].entity.address.as_str();
        let message = format!(
            "`{}` sends load from `{}` to `{}`, and `{}` sends it back",
            name(&policy.entity),
            address(*from),
            address(*to),
            name(&other.entity)
        );
        push(findings, message, *span, *place, "let load go one way only, or put both cells into one policy");
    }
}

/// One cell has one aim: how full it should be for one subject, how much energy it saves.
fn targets(context: &Context<'_>, findings: &mut Findings) {
    let mut aims: BTreeMap<(bool, Option<TenantId>, CellId), (&Policy, Span)> = BTreeMap::new();
    let mut told = BTreeSet::new();
    for (_, policy) in policies(context) {
        let tenant = policy.subject.tenant.map(|tenant| tenant.value);
        let balance = policy.balance.as_ref().map(|balance| (false, balance.span));
        let energy = policy.energy.as_ref().filter(|energy| energy.aim.is_some()).map(|energy| (true, energy.span));
        for (saves, span) in balance.into_iter().chain(energy) {
            for cell in policy.cells.iter().flatten() {
                let Some((other, place)) = aims.insert((saves, tenant, *cell), (policy, span)) else { continue };
                if other.entity.address == policy.entity.address
                    || same_aim(other, policy)
                    || !told.insert((place, span))
                {
                    continue;
                }
                let message = format!(
                    "`{}` and `{}` set different aims for `{}`",
                    name(&other.entity),
                    name(&policy.entity),
                    context.network.cells[*cell].entity.address
                );
                push(findings, message, span, place, "let one policy speak for a cell");
            }
        }
    }
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
    let mut drawn: BTreeMap<CellId, (&Policy, Span)> = BTreeMap::new();
    for (_, policy) in policies(context) {
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
    for (_, policy) in policies(context) {
        let Some(energy) = policy.energy.as_ref() else { continue };
        let spared = |cell: &CellId| {
            energy.spares.iter().any(|line| line.what == Spared::Operation && line.cells.contains(cell))
        };
        for cell in policy.cells.iter().flatten().filter(|cell| !spared(cell)) {
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
