//! Policies for near-RT RICs: they reach one, a policy type says them, their subjects have identities that A1 can
//! name. That no two pull one scope apart is in `opposed`.

use ranform_network::a1::{Generation, PolicyKind};
use ranform_network::deployment::{cell_identity, slice_identity, tracking_area, ue_identity};
use ranform_network::diagnostic::{Diagnostic, codes};
use ranform_network::ids::*;
use ranform_network::network::*;
use ranform_network::source::Span;

use super::context::{count, list};
use super::{Check, Context, Findings};

mod amounts;

/// The rules of this family.
pub const CHECKS: &[Check] = &[
    reaches,
    means_one_type,
    type_is_listed,
    has_identities,
    user_has_identity,
    tracking_areas,
    energy,
    bounds,
    transient,
    amounts::totals,
    amounts::above_cells,
];

/// The policies that were declared without an error: of another one not all is known.
pub(super) fn policies<'a>(context: &'a Context<'_>) -> impl Iterator<Item = (PolicyId, &'a Policy)> {
    context.network.policies.iter().filter(|(_, policy)| context.is_sound(&policy.entity))
}

/// A policy goes to at least one RIC, and each of its cells is below one.
fn reaches(context: &Context<'_>, findings: &mut Findings) {
    let network = context.network;
    for (_, policy) in policies(context) {
        for ric in &policy.through {
            if !network.takes_policies(ric.value) {
                let address = &network.ric_entity(ric.value).address;
                let message = match ric.value {
                    PolicyRic::Node(node) if network.nodes[node].kind != NodeKind::NearRtRic => {
                        format!("`{address}` is a {}, not a near-RT RIC", network.nodes[node].kind.word())
                    }
                    _ => format!("`{address}` takes no A1 policies"),
                };
                findings.push(
                    Diagnostic::error(&codes::POLICY_WITHOUT_RIC, ric.span, message)
                        .help(MANAGE)
                        .maybe_help(played(network)),
                );
            }
        }
        let rics = network.rics_of(policy);
        if rics.is_empty() && policy.through.is_empty() {
            let message = format!("`{}` reaches no near-RT RIC", policy.entity.address);
            let help = match network.policy_rics().next() {
                None => MANAGE,
                Some(_) => "give the nodes of its cells a near-RT RIC: `parent ric-1`, or let a `ric` serve them",
            };
            let finding = Diagnostic::error(&codes::POLICY_WITHOUT_RIC, policy.entity.span, message).help(help);
            findings.push(finding.maybe_help(played(network).filter(|_| help == MANAGE)));
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
    "say how a near-RT RIC is reached, in its `node` or its `ric`: `manage a1 \"https://ric.example:8443\"`";

/// How a near-RT RIC that a folder plays as a machine takes policies.
fn played(network: &Network) -> Option<String> {
    let mut nodes = network.nodes.iter().map(|(_, node)| node).filter(|node| node.kind == NodeKind::NearRtRic);
    let in_folder = |node: &&Node| {
        let way = node.management.as_ref();
        node.profile.target != "a1" && way.is_some_and(|way| way.protocol == Protocol::Directory)
    };
    let node = nodes.find(in_folder)?;
    Some(format!(
        "the folder plays `{}` as a machine for models: with `profile a1-2` it takes policies",
        node.entity.address
    ))
}

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
    let (says, subject) = (Says::of(policy), &policy.subject);
    let of_slices = subject.flow.is_none() && subject.ue.is_none() && says.objectives;
    let nobody = subject.tenant.is_none() && subject.flow.is_none() && subject.ue.is_none() && subject.group.is_none();
    let reasons = [
        (
            policy.by_tracking_area && policy.energy.is_none() && !of_slices,
            "speaks of tracking areas where its type speaks of cells",
            "only what a tenant gets and saved energy are for tracking areas; write `on cells ..`",
        ),
        (
            policy.balance.is_some() || policy.energy.is_some(),
            "says more than how cells are balanced, or how they save energy",
            "balance is for cells, or for a tenant on cells; energy is for cells alone; write the rest as a policy of its own",
        ),
        (
            !says.anything(),
            "asks for nothing",
            "say what is wanted, e.g. `guarantee dl 20Mbps` or `prefer cells in site plaza`",
        ),
        (
            nobody,
            "is for nobody",
            "say whom it is for: `for tenant red`, `for 5qi 9`, `for ue \"..\"` or `for group spid 3`",
        ),
        (says.objectives && says.quality, "asks for throughput or delay and for quality at once", "write two policies"),
        (
            subject.group.is_some(),
            "narrows a group as no type does",
            "a group goes with a kind of flow: `for group spid 3  for 5qi 9`",
        ),
        (
            says.objectives && says.steering,
            "steers and asks for throughput of more than one kind of flow",
            "add `for 5qi 9`, or write two policies",
        ),
        (
            subject.flow.is_some(),
            "asks of a kind of flow what is asked of slices or of one user equipment",
            "a flow has `guarantee dl`, `at most dl`, `delay` and `priority`; counts, uplink, `loss` and the like are for a tenant",
        ),
        (
            true,
            "asks what no policy type says of its subject",
            "a user equipment has `guarantee`, `delay`, `loss` and `reliability`; steering is for a tenant or a user equipment",
        ),
    ];
    let found = reasons.into_iter().find(|(holds, ..)| *holds);
    found.map_or(("", ""), |(_, why, help)| (why, help))
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
            let Some(peer) = network.policy_peer(ric) else { continue };
            let message = match ids.is_empty() {
                true => format!(
                    "`{}` lists no type `{}`, which `{}` needs",
                    peer.entity.address,
                    kind.word(),
                    policy.entity.address
                ),
                false => format!(
                    "`{}` lists {}, which does not say all that `{}` asks",
                    peer.entity.address,
                    list(ids.iter().map(String::as_str)),
                    policy.entity.address
                ),
            };
            let folder = peer.management.is_some_and(|way| way.protocol == Protocol::Directory);
            let help = match (policy.needs_second() && !ids.is_empty(), ric, folder) {
                (true, ..) => "its types want to know who numbers the user equipment: `for ue \"..\" at gnb-1`",
                (_, PolicyRic::Placed(_), true) => {
                    "write what the folder lists: `manage directory .. types a1-r004`, or the ids of types"
                }
                (_, PolicyRic::Placed(_), false) => {
                    "write what the RIC lists: `manage a1 .. types a1-r004`, or the ids of types: `types \"ORAN_..\"`"
                }
                (_, PolicyRic::Node(_), true) => "choose a profile whose types have it: `profile a1-r004`",
                (_, PolicyRic::Node(_), false) => {
                    "choose a profile whose types have it (`a1-r004`), or write what the RIC lists: `manage a1 .. types \"ORAN_..\"`"
                }
            };
            findings.push(
                Diagnostic::error(&codes::POLICY_TYPE_NOT_LISTED, policy.entity.span, message)
                    .and(peer.profile_span, "its types follow from this")
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
        let own = policy.cells.iter().flatten().filter(|_| !policy.by_tracking_area);
        let own = own.map(|cell| (*cell, policy.cells_span));
        let spares = policy.energy.iter().flat_map(|energy| &energy.spares);
        let spared = spares.flat_map(|line| line.cells.iter().map(|cell| (*cell, line.span)));
        let unnamed: Vec<(CellId, Span)> = own
            .chain(steered)
            .chain(onto)
            .chain(spared)
            .filter(|(cell, _)| cell_identity(network, *cell).is_none())
            .collect();
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

/// The node that numbers a user equipment has an identity, and is of the kind that numbers so.
fn user_has_identity(context: &Context<'_>, findings: &mut Findings) {
    let network = context.network;
    for (_, policy) in policies(context) {
        let Some(ue) = &policy.subject.ue else { continue };
        let (node, enb) = match &ue.value {
            UserEquipment::Ran(_, Some(node)) => (*node, false),
            UserEquipment::Gnb(UeInterface::Xnap, node, _) => (*node, network.nodes[*node].kind == NodeKind::Enb),
            UserEquipment::Gnb(_, node, _) => (*node, false),
            UserEquipment::Enb(node, _) => (*node, true),
            UserEquipment::Ran(_, None) | UserEquipment::Amf(..) | UserEquipment::Mme(..) => continue,
        };
        if ue_identity(network, &ue.value, Generation::Current).is_some() {
            continue;
        }
        let node = &network.nodes[node];
        let message = format!("`{}` cannot be named as what numbers a user equipment so", node.entity.address);
        let help = match enb {
            true => "give the eNB a `plmn` and an `enb-id`; a home eNB numbers none towards NG-RAN nodes",
            false => "name a gNB that has a `plmn` and a `gnb-id`",
        };
        findings.push(
            Diagnostic::error(&codes::POLICY_IDENTITY, ue.span, message).and(node.entity.span, "the node").help(help),
        );
    }
}

/// Cells of a policy on tracking areas have one; the tracking areas are of its RICs alone.
fn tracking_areas(context: &Context<'_>, findings: &mut Findings) {
    let network = context.network;
    for (_, policy) in policies(context).filter(|(_, policy)| policy.by_tracking_area) {
        let cells = policy.cells.as_deref().unwrap_or_default();
        if let Some(cell) = cells.iter().find(|cell| tracking_area(network, **cell).is_none()) {
            let cell = &network.cells[*cell];
            let message = format!("`{}` is in no tracking area that a policy could name", cell.entity.address);
            findings.push(
                Diagnostic::error(&codes::POLICY_IDENTITY, policy.cells_span, message)
                    .and(cell.entity.span, "the cell")
                    .help("give it a `tac`, and its node a `plmn`"),
            );
            continue;
        }
        let areas: std::collections::BTreeSet<_> =
            cells.iter().filter_map(|cell| tracking_area(network, *cell)).collect();
        let rics = network.rics_of(policy);
        let stray = network.cells.ids().find(|cell| {
            let inside = tracking_area(network, *cell).is_some_and(|area| areas.contains(&area));
            inside && network.ric_above(network.cells[*cell].node).is_none_or(|ric| !rics.contains(&ric))
        });
        if let Some(stray) = stray {
            let stray = &network.cells[stray];
            let message = format!("a tracking area of `{}` holds cells of other RICs", policy.entity.address);
            findings.push(
                Diagnostic::error(&codes::POLICY_MEANING, policy.cells_span, message)
                    .and(stray.entity.span, "for example this cell")
                    .help("a tracking area in a policy is of one RIC: write `on cells ..`"),
            );
        }
    }
}

/// Saved energy says how much or what it spares; what it spares is among its cells; limits of use go with it.
fn energy(context: &Context<'_>, findings: &mut Findings) {
    for (_, policy) in policies(context) {
        let Some(energy) = &policy.energy else { continue };
        let limited = energy.while_dl.is_some() || energy.while_ul.is_some();
        let cells = policy.cells.as_deref().unwrap_or_default();
        let outside =
            energy.spares.iter().find(|line| line.cells.iter().any(|cell| cells.binary_search(cell).is_err()));
        let (span, message, help) = if energy.spares.is_empty() && energy.aim.is_none() {
            (energy.span, "does not say how much energy its cells save", "write how much: `save energy 20%`")
        } else if energy.spares.is_empty() && limited {
            let help = "the RIC takes the limit beside cells to spare: `forbid switching-off cells ..`";
            (energy.span, "limits the use at which its cells save, and spares none", help)
        } else if let Some(line) = outside.filter(|_| policy.cells.is_some()) {
            (line.span, "spares cells that do not save", "select among the cells of `on`")
        } else {
            continue;
        };
        let message = format!("`{}` {message}", policy.entity.address);
        findings.push(Diagnostic::error(&codes::POLICY_MEANING, span, message).help(help));
    }
}

/// A policy that may vanish is told.
fn transient(context: &Context<'_>, findings: &mut Findings) {
    for (_, policy) in policies(context).filter(|(_, policy)| policy.transient) {
        let message = format!("`{}` vanishes when its RIC or the management service restarts", policy.entity.address);
        findings.push(Diagnostic::warning(&codes::POLICY_TRANSIENT, policy.entity.span, message).help(
            "leave `transient` out if it is to stay; after a restart `drift` shows it and a plan writes it again",
        ));
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
