//! How much policies promise: to each of several RICs, and against what their cells carry.

use ranform_network::Network;
use ranform_network::a1::PolicyKind;
use ranform_network::diagnostic::{Diagnostic, codes};
use ranform_network::ids::CellId;
use ranform_network::network::{Direction, Interface, Policy};
use ranform_network::source::Span;
use ranform_network::units::BitsPerSecond;

use super::super::context::{list, name};
use super::super::{Context, Findings};
use super::policies;

/// What a slice is given in all is said to each RIC: over several it is that many times as much.
pub(super) fn totals(context: &Context<'_>, findings: &mut Findings) {
    let network = context.network;
    let of_slices = policies(context).filter(|(_, policy)| policy.kind() == Some(PolicyKind::SliceSLATarget));
    for (_, policy) in of_slices {
        let rics = network.rics_of(policy);
        let [first, _, ..] = rics[..] else { continue };
        let totals = totals_of(policy);
        let Some((_, span)) = totals.first() else { continue };
        let said: Vec<&str> = totals.iter().map(|(text, _)| text.as_str()).collect();
        let each = list(rics.iter().map(|ric| network.ric_entity(*ric).address.as_str()));
        let message = format!(
            "each of {} RICs of `{}` is told all of {}: {each}",
            rics.len(),
            policy.entity.address,
            list(said),
        );
        let help = format!(
            "write one policy per RIC, each with its part, e.g. `through {}` with the cells below it",
            name(network.ric_entity(first))
        );
        findings.push(Diagnostic::warning(&codes::TOTAL_PER_RIC, *span, message).help(help));
    }
}

/// What a policy gives or allows all user equipments of a slice together, in the words of the language.
fn totals_of(policy: &Policy) -> Vec<(String, Span)> {
    let counts = [(policy.ues, "ues"), (policy.sessions, "sessions")];
    let counts = counts.into_iter().filter_map(|(most, word)| {
        let most = most?;
        Some((format!("at most {} {word}", most.value), most.span))
    });
    let rates = [("guarantee", policy.guarantee), ("at most", policy.at_most)];
    let rates = rates.into_iter().flat_map(|(word, rates)| {
        let each = [("dl", rates.dl), ("ul", rates.ul)];
        each.into_iter().filter_map(move |(direction, rate)| {
            let rate = rate?;
            Some((format!("{word} {direction} {}", rate.value), rate.span))
        })
    });
    let mut totals: Vec<(String, Span)> = rates.chain(counts).collect();
    totals.sort_by_key(|(_, span)| *span);
    totals
}

/// What is guaranteed is not more than the cells carry, whoever else is on them: all of them together for a slice, each of
/// them for a flow or a user equipment. Estimated where a cell states its efficiency; else from its layers and modulation.
pub(super) fn above_cells(context: &Context<'_>, findings: &mut Findings) {
    let network = context.network;
    for (_, policy) in policies(context).filter(|(_, policy)| !policy.guarantee.is_empty()) {
        let cells: Vec<CellId> = match &policy.cells {
            Some(cells) => cells.clone(),
            None => {
                let rics = network.rics_of(policy);
                let below = |cell: &CellId| network.ric_above(network.cells[*cell].node);
                network.cells.ids().filter(|cell| below(cell).is_some_and(|ric| rics.contains(&ric))).collect()
            }
        };
        let together = policy.kind() == Some(PolicyKind::SliceSLATarget) || policy.cells.is_none();
        for direction in [Direction::Dl, Direction::Ul] {
            let Some(wanted) = policy.guarantee.of(direction) else { continue };
            let Some((carried, estimated)) = carried(network, &cells, direction, together) else { continue };
            if carried <= 0.0 || wanted.value.0 as f64 <= carried * 1e6 {
                continue;
            }
            let (about, basis) = match estimated {
                true => ("about", "estimated"),
                false => ("at most", "all layers at the highest modulation"),
            };
            let (place, more) = match together {
                true => ("its cells carry", "select more cells"),
                false => ("one of its cells carries", "leave out cells that carry less"),
            };
            let message = format!(
                "`{}` guarantees {}, but {place} {about} {} ({basis})",
                policy.entity.address,
                wanted.value,
                BitsPerSecond((carried * 10.0).round() as u64 * 100_000)
            );
            let help =
                format!("guarantee less, or {more}; estimates follow from bandwidth, `efficiency` and the TDD pattern");
            findings.push(Diagnostic::warning(&codes::GUARANTEE_ABOVE_CELLS, wanted.span, message).help(help));
        }
    }
}

/// What cells carry together, or the one that carries least, in Mbit/s, and whether all of it is estimated from the
/// efficiency that they state.
fn carried(network: &Network, cells: &[CellId], direction: Direction, together: bool) -> Option<(f64, bool)> {
    let of_each = cells.iter().map(|cell| match network.estimated_mbps(Interface::Cell(*cell), direction) {
        Some(estimated) => (estimated, true),
        None => (network.most_mbps(*cell, direction), false),
    });
    match together {
        true => of_each.reduce(|a, b| (a.0 + b.0, a.1 && b.1)),
        false => of_each.min_by(|a, b| a.0.total_cmp(&b.0)),
    }
}
