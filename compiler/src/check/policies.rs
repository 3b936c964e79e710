//! Policies for near-RT RICs: they reach one, a policy type says them, their subjects have identities that A1 can
//! name, and no two pull one scope apart.

use std::collections::BTreeMap;

use ranform_network::a1::PolicyKind;
use ranform_network::deployment::{cell_identity, slice_identity};
use ranform_network::diagnostic::{Diagnostic, codes};
use ranform_network::ids::*;
use ranform_network::network::*;
use ranform_network::source::Span;

use super::context::{count, list, name};
use super::{Check, Context, Findings};

/// The rules of this family.
pub const CHECKS: &[Check] = &[
    reaches,
    means_one_type,
    type_is_listed,
    has_identities,
    bounds,
    opposed_steering,
    opposed_rates,
    opposed_balance,
];

fn policies<'a>(context: &'a Context<'_>) -> impl Iterator<Item = (PolicyId, &'a Policy)> {
    context.network.policies.iter()
}

/// A policy goes to at least one RIC, and each of its cells is below one.
fn reaches(context: &Context<'_>, findings: &mut Findings) {
    let network = context.network;
    for (_, policy) in policies(context) {
        for ric in &policy.through {
            if !network.takes_policies(ric.value) {
                let node = &network.nodes[ric.value];
                let message = match node.kind {
                    NodeKind::NearRtRic => format!("`{}` takes no A1 policies", node.entity.address),
                    _ => format!("`{}` is a {}, not a near-RT RIC", node.entity.address, node.kind.word()),
                };
                findings.push(Diagnostic::error(&codes::POLICY_WITHOUT_RIC, ric.span, message).help(MANAGE));
            }
        }
        let rics = network.rics_of(policy);
        if rics.is_empty() && policy.through.is_empty() {
            let message = format!("`{}` reaches no near-RT RIC", policy.entity.address);
            let help = match (&policy.cells, network.nodes.ids().any(|node| network.takes_policies(node))) {
                (_, false) => MANAGE,
                _ => "give the nodes of its cells a near-RT RIC: `parent ric-1`",
            };
            findings.push(Diagnostic::error(&codes::POLICY_WITHOUT_RIC, policy.entity.span, message).help(help));
            continue;
        }
        let outside =
            |cell: &&CellId| network.ric_above(network.cells[**cell].node).is_none_or(|ric| !rics.contains(&ric));
        let cells = policy.cells.as_deref().unwrap_or_default();
        let lost: Vec<&CellId> = cells.iter().filter(outside).collect();
        if !lost.is_empty() && !rics.is_empty() {
            let names = list(lost.iter().map(|cell| network.cells[**cell].entity.address.as_str()));
            let message = format!(
                "{} of `{}` are below none of its RICs: {names}",
                count(lost.len(), "cell"),
                policy.entity.address
            );
            findings.push(
                Diagnostic::warning(&codes::POLICY_WITHOUT_RIC, policy.cells_span, message)
                    .help("nothing is said for them; give their nodes the RIC as `parent`, or select fewer cells"),
            );
        }
    }
}

const MANAGE: &str =
    "declare how a near-RT RIC is reached: `node ric-1 : near-rt-ric { manage a1 \"https://ric.example:8443\" }`";

/// What a policy asks is one type's to say.
fn means_one_type(context: &Context<'_>, findings: &mut Findings) {
    for (_, policy) in policies(context) {
        let kind = policy.kind();
        let needs_cells = matches!(kind, Some(PolicyKind::LoadBalancing | PolicyKind::EnergySaving));
        if needs_cells && policy.cells.is_none() {
            let message = format!("`{}` does not say which cells it is about", policy.entity.address);
            findings.push(
                Diagnostic::error(&codes::POLICY_MEANING, policy.entity.span, message)
                    .help("select them: `on cells in site plaza`"),
            );
        }
        if kind.is_none() {
            let (message, help) = meaningless(policy);
            let message = format!("`{}` {message}", policy.entity.address);
            findings.push(Diagnostic::error(&codes::POLICY_MEANING, policy.entity.span, message).help(help));
        }
    }
}

/// Why no type says what the policy asks, and what to do.
fn meaningless(policy: &Policy) -> (&'static str, &'static str) {
    let subject = &policy.subject;
    let rates = !policy.guarantee.is_empty() || !policy.at_most.is_empty();
    let counts = policy.ues.is_some() || policy.sessions.is_some() || !policy.at_most_per_ue.is_empty();
    let objectives = rates || counts || !policy.delay.is_empty() || policy.priority.is_some();
    let quality = policy.quality.span().is_some();
    if policy.balance.is_some() || policy.save_energy.is_some() {
        return (
            "says more than how cells are balanced, or how they save energy",
            "balance is for cells, or for a tenant on cells; energy is for cells alone; write the rest as a policy of its own",
        );
    }
    if !objectives && !quality && policy.steering.is_empty() {
        return ("asks for nothing", "say what is wanted, e.g. `guarantee dl 20Mbps` or `prefer cells in site plaza`");
    }
    let nobody = subject.tenant.is_none() && subject.flow.is_none() && subject.ue.is_none() && subject.group.is_none();
    if nobody {
        return (
            "is for nobody",
            "say whom it is for: `for tenant red`, `for 5qi 9`, `for ue \"..\"` or `for group spid 3`",
        );
    }
    if objectives && quality {
        return ("asks for throughput or delay and for quality at once", "write two policies");
    }
    if subject.flow.is_some() && (counts || policy.guarantee.ul.is_some() || policy.at_most.ul.is_some()) {
        return (
            "asks of a kind of flow what is asked of slices",
            "a flow has `guarantee dl`, `at most dl`, `delay` and `priority`; counts, uplink and `per ue` are for a tenant",
        );
    }
    if subject.group.is_some() {
        return ("narrows a group as no type does", "a group goes with a kind of flow: `for group spid 3  for 5qi 9`");
    }
    if objectives && !policy.steering.is_empty() {
        return (
            "steers and asks for throughput of more than one kind of flow",
            "add `for 5qi 9`, or write two policies",
        );
    }
    (
        "asks what no policy type says of its subject",
        "a user equipment has `guarantee` and `delay`; steering is for a tenant or a user equipment",
    )
}

/// Each RIC lists the type that a policy needs.
fn type_is_listed(context: &Context<'_>, findings: &mut Findings) {
    let network = context.network;
    for (_, policy) in policies(context) {
        let Some(kind) = policy.kind() else { continue };
        for ric in network.rics_of(policy).into_iter().filter(|ric| network.policy_type(*ric, policy).is_none()) {
            let listed = network.policy_types(ric);
            let same = listed.iter().filter(|(listed, _)| listed.kind == kind);
            let ids: Vec<String> = same.map(|(listed, _)| listed.to_string()).collect();
            let node = &network.nodes[ric];
            let message = match ids.is_empty() {
                true => format!(
                    "`{}` lists no type `{}`, which `{}` needs",
                    node.entity.address,
                    kind.word(),
                    policy.entity.address
                ),
                false => format!(
                    "`{}` lists {}, which does not say all that `{}` asks",
                    node.entity.address,
                    list(ids.iter().map(String::as_str)),
                    policy.entity.address
                ),
            };
            let help = match policy.subject.ue.is_some() && !ids.is_empty() {
                true => "user equipments are named as generation 2.0.0 does; choose a RIC that lists that generation",
                false => {
                    "choose a profile whose types have it (`a1-r004`), or write what the RIC lists: `manage a1 .. types \"ORAN_..\"`"
                }
            };
            findings.push(
                Diagnostic::error(&codes::POLICY_TYPE_NOT_LISTED, policy.entity.span, message)
                    .and(node.profile_span, "its types follow from this")
                    .help(help),
            );
        }
    }
}

/// Tenants have a slice and cells have an identity, as A1 names them.
fn has_identities(context: &Context<'_>, findings: &mut Findings) {
    let network = context.network;
    for (_, policy) in policies(context) {
        if let Some(tenant) = policy.subject.tenant.filter(|tenant| slice_identity(network, tenant.value).is_none()) {
            let tenant_name = context.tenant(tenant.value);
            let message = format!("tenant `{tenant_name}` has no slice that a policy could be for");
            findings.push(
                Diagnostic::error(&codes::POLICY_IDENTITY, tenant.span, message)
                    .and(network.tenants[tenant.value].entity.span, "the tenant")
                    .help("give it a `plmn` and a `slice`"),
            );
        }
        let onto = policy.balance.iter().flat_map(|balance| balance.onto.iter().map(|cell| (*cell, balance.span)));
        let steered = policy.steering.iter().flat_map(|line| line.cells.iter().map(|cell| (*cell, line.span)));
        let own = policy.cells.iter().flatten().map(|cell| (*cell, policy.cells_span));
        let unnamed: Vec<(CellId, Span)> =
            own.chain(steered).chain(onto).filter(|(cell, _)| cell_identity(network, *cell).is_none()).collect();
        if let Some((cell, span)) = unnamed.first() {
            let cell = &network.cells[*cell];
            let node = &network.nodes[cell.node];
            let lacks: Vec<&str> = [
                (node.host_plmn.is_none(), "plmn"),
                (node.gnb_id.is_none() && node.enb_id.is_none(), "gnb-id"),
                (cell.local_id.is_none(), "local-id"),
            ]
            .into_iter()
            .filter(|(lacks, _)| *lacks)
            .map(|(_, word)| word)
            .collect();
            let more = if unnamed.len() > 1 { format!(", nor have {} more", unnamed.len() - 1) } else { String::new() };
            let message = format!("`{}` has no identity that a policy could name{more}", cell.entity.address);
            findings.push(
                Diagnostic::error(&codes::POLICY_IDENTITY, *span, message)
                    .and(cell.entity.span, "the cell")
                    .help(format!("give it {}", list(lacks))),
            );
        }
    }
}

/// What is guaranteed is not more than what is allowed.
fn bounds(context: &Context<'_>, findings: &mut Findings) {
    for (_, policy) in policies(context) {
        for direction in [Direction::Dl, Direction::Ul] {
            let pairs = [
                ("guarantee", policy.guarantee.of(direction), policy.at_most.of(direction)),
                ("at most .. per ue", policy.at_most_per_ue.of(direction), policy.at_most.of(direction)),
            ];
            for (word, low, high) in pairs {
                let (Some(low), Some(high)) = (low, high) else { continue };
                if low.value <= high.value {
                    continue;
                }
                let message = format!("`{word}` is {}, but `at most` is {}", low.value, high.value);
                findings.push(
                    Diagnostic::error(&codes::POLICY_BOUNDS, low.span, message)
                        .and(high.span, "the most")
                        .help("lower the one or raise the other"),
                );
            }
        }
    }
}

/// Whom a policy is for, to compare.
type Whom<'a> = (Option<TenantId>, Option<QosId>, Option<&'a str>, Option<GroupId>);

fn whom(policy: &Policy) -> Whom<'_> {
    let subject = &policy.subject;
    (
        subject.tenant.map(|tenant| tenant.value),
        subject.flow.map(|flow| flow.value),
        subject.ue.as_ref().map(|ue| &*ue.value),
        subject.group.map(|group| group.value),
    )
}

/// Whether two policies speak of a common place: a policy without cells speaks of all.
fn meet(a: &Policy, b: &Policy) -> bool {
    match (&a.cells, &b.cells) {
        (Some(a), Some(b)) => a.iter().any(|cell| b.binary_search(cell).is_ok()),
        _ => true,
    }
}

/// No two lines draw one subject to a cell and away from it.
fn opposed_steering(context: &Context<'_>, findings: &mut Findings) {
    let network = context.network;
    type Lines<'a> = Vec<(&'a Policy, &'a Steering)>;
    let mut steered: BTreeMap<(Whom<'_>, CellId), Lines<'_>> = BTreeMap::new();
    for (_, policy) in policies(context) {
        for line in &policy.steering {
            for cell in &line.cells {
                steered.entry((whom(policy), *cell)).or_default().push((policy, line));
            }
        }
    }
    let mut told = std::collections::BTreeSet::new();
    for ((_, cell), lines) in &steered {
        for (index, (policy, line)) in lines.iter().enumerate() {
            let against = lines.iter().skip(index + 1).find(|(other_policy, other)| {
                line.preference.attracts() != other.preference.attracts() && meet(policy, other_policy)
            });
            let Some((other_policy, other)) = against else { continue };
            // One finding for two lines, however many cells they share.
            if !told.insert((line.span, other.span)) {
                continue;
            }
            let message = format!(
                "`{}` of `{}` and `{}` of `{}` pull apart at `{}`",
                other.preference.word(),
                name(&other_policy.entity),
                line.preference.word(),
                name(&policy.entity),
                network.cells[*cell].entity.address,
            );
            findings.push(
                Diagnostic::error(&codes::POLICIES_OPPOSED, other.span, message)
                    .and(line.span, "the other way")
                    .help("one subject is drawn to a cell or kept from it: keep one of the two, or narrow whom or where it is for"),
            );
        }
    }
}

/// No policy guarantees one subject more than another policy allows it.
fn opposed_rates(context: &Context<'_>, findings: &mut Findings) {
    let mut by_subject: BTreeMap<Whom<'_>, Vec<&Policy>> = BTreeMap::new();
    for (_, policy) in
        policies(context).filter(|(_, policy)| !policy.guarantee.is_empty() || !policy.at_most.is_empty())
    {
        by_subject.entry(whom(policy)).or_default().push(policy);
    }
    for group in by_subject.values() {
        for giver in group {
            for taker in group.iter().filter(|taker| taker.entity.address != giver.entity.address && meet(giver, taker))
            {
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
                    findings.push(
                        Diagnostic::error(&codes::POLICIES_OPPOSED, low.span, message)
                            .and(high.span, "the other way")
                            .help("lower the one, raise the other, or narrow whom or where they are for"),
                    );
                }
            }
        }
    }
}

/// Load of a cell does not go to another whose load goes back.
fn opposed_balance(context: &Context<'_>, findings: &mut Findings) {
    let mut moves: BTreeMap<(Option<TenantId>, CellId, CellId), (&Policy, Span)> = BTreeMap::new();
    let mut told = std::collections::BTreeSet::new();
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
        findings.push(
            Diagnostic::error(&codes::POLICIES_OPPOSED, *span, message)
                .and(*place, "the other way")
                .help("let load go one way only, or put both cells into one policy"),
        );
    }
}
