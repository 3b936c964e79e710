//! Declared neighbours: identities that a phone can tell apart, frames that do not interfere.

use std::collections::BTreeSet;

use ranform_network::diagnostic::{Diagnostic, codes};
use ranform_network::ids::CellId;
use ranform_network::network::{Cell, Duplex};
use ranform_network::source::Located;

use super::identifiers::{free_pci, pci_of};
use super::{Check, Context, Findings};

/// The rules of this family.
pub const CHECKS: &[Check] = &[own_neighbour, pci_collision, pci_confusion, tdd_alignment];

/// The most findings that name a free identity: finding one looks at every cell.
const MOST_HELP: usize = 20;

/// Pairs of a cell and a cell that it names as neighbour, each pair once (the first mention), without itself.
fn pairs<'a>(context: &'a Context<'a>) -> impl Iterator<Item = (CellId, &'a Cell, &'a Located<CellId>)> {
    let names = |cell: CellId, other: CellId| {
        context.network.cells[cell].neighbours.iter().any(|neighbour| neighbour.value == other)
    };
    context.network.cells.iter().flat_map(move |(id, cell)| {
        let first = move |neighbour: &&Located<CellId>| {
            neighbour.value > id || (neighbour.value < id && !names(neighbour.value, id))
        };
        cell.neighbours.iter().filter(first).map(move |neighbour| (id, cell, neighbour))
    })
}

/// Whether two cells use one carrier of one technology.
fn same_frequency(a: &Cell, b: &Cell) -> bool {
    a.technology() == b.technology() && a.carrier.value == b.carrier.value
}

/// A cell is not its own neighbour.
fn own_neighbour(context: &Context<'_>, findings: &mut Findings) {
    for (id, cell) in context.network.cells.iter() {
        for neighbour in cell.neighbours.iter().filter(|neighbour| neighbour.value == id) {
            let message = format!("`{}` is named as its own neighbour", cell.entity.address);
            findings
                .push(Diagnostic::error(&codes::OWN_NEIGHBOUR, neighbour.span, message).help("take it off the list"));
        }
    }
}

/// Neighbours on one frequency have different physical cell identities (TS 38.300 15.5.2: no collision).
fn pci_collision(context: &Context<'_>, findings: &mut Findings) {
    for (id, cell, neighbour) in pairs(context) {
        let other = &context.network.cells[neighbour.value];
        let (Some(pci), Some(other_pci)) = (cell.pci, other.pci) else { continue };
        if pci.value != other_pci.value || !same_frequency(cell, other) {
            continue;
        }
        let message = format!(
            "neighbours `{}` and `{}` both have physical cell identity {} on {}",
            cell.entity.address, other.entity.address, pci.value, cell.carrier.value
        );
        let help = (findings.len() < MOST_HELP).then(|| free_help(context, id, cell)).flatten();
        findings.push(
            Diagnostic::error(&codes::PCI_COLLISION, pci.span, message)
                .and(other_pci.span, "the same identity")
                .and(neighbour.span, "named as neighbour")
                .maybe_help(help),
        );
    }
}

/// No cell has two neighbours with one physical cell identity on one frequency (no confusion).
fn pci_confusion(context: &Context<'_>, findings: &mut Findings) {
    for (id, cell) in context.network.cells.iter() {
        let mut seen: Vec<(u64, u32, CellId)> = Vec::with_capacity(cell.neighbours.len());
        for neighbour in cell.neighbours.iter().filter(|neighbour| neighbour.value != id) {
            let other = &context.network.cells[neighbour.value];
            let Some(pci) = other.pci else { continue };
            let alike = |(carrier, value, earlier): &&(u64, u32, CellId)| {
                *carrier == other.carrier.value.0
                    && *value == pci.value
                    && *earlier != neighbour.value
                    && same_frequency(&context.network.cells[*earlier], other)
            };
            if let Some((_, _, earlier)) = seen.iter().find(alike) {
                let first = &context.network.cells[*earlier];
                let message = format!(
                    "`{}` cannot tell its neighbours `{}` and `{}` apart: both have physical cell identity {} on {}",
                    cell.entity.address, first.entity.address, other.entity.address, pci.value, other.carrier.value
                );
                let help = (findings.len() < MOST_HELP).then(|| free_help(context, neighbour.value, other)).flatten();
                findings.push(
                    Diagnostic::error(&codes::PCI_CONFUSION, neighbour.span, message)
                        .and(pci.span, "one of the two identities")
                        .maybe_help(help),
                );
            }
            seen.push((other.carrier.value.0, pci.value, neighbour.value));
        }
    }
}

/// Names an identity that neither the cell's neighbours nor theirs have.
fn free_help(context: &Context<'_>, id: CellId, cell: &Cell) -> Option<String> {
    let mut near: BTreeSet<CellId> = BTreeSet::from([id]);
    for neighbour in &cell.neighbours {
        near.insert(neighbour.value);
        near.extend(context.network.cells[neighbour.value].neighbours.iter().map(|second| second.value));
    }
    for (other, data) in context.network.cells.iter() {
        if data.neighbours.iter().any(|neighbour| neighbour.value == id) {
            near.insert(other);
            near.extend(data.neighbours.iter().map(|neighbour| neighbour.value));
        }
    }
    let used: BTreeSet<u32> = near.into_iter().filter_map(|cell| pci_of(context, cell)).collect();
    let used: Vec<u32> = used.into_iter().collect();
    let free = free_pci(cell.technology(), &used)?;
    Some(format!("`pci {free}` is free among the neighbours of `{}` and theirs", cell.entity.address))
}

/// Time division neighbours on one frequency share pattern and frame offset, or one's downlink drowns the other's uplink.
fn tdd_alignment(context: &Context<'_>, findings: &mut Findings) {
    for (_, cell, neighbour) in pairs(context) {
        let other = &context.network.cells[neighbour.value];
        let both_tdd = cell.duplex.value == Duplex::Tdd && other.duplex.value == Duplex::Tdd;
        if !both_tdd || !same_frequency(cell, other) {
            continue;
        }
        let (Some(pattern), Some(theirs)) = (&cell.tdd_pattern, &other.tdd_pattern) else { continue };
        let (difference, help) = if pattern.value != theirs.value {
            let difference = format!("patterns `{}` and `{}`", pattern.value, theirs.value);
            (difference, format!("write `tdd \"{}\"` on both", theirs.value))
        } else if cell.tdd_offset != other.tdd_offset {
            let difference = format!("frame offsets {} and {}", cell.tdd_offset, other.tdd_offset);
            (difference, format!("give both the offset {}", other.tdd_offset))
        } else {
            continue;
        };
        let message = format!(
            "neighbours `{}` and `{}` on {} have different TDD {difference}",
            cell.entity.address, other.entity.address, cell.carrier.value
        );
        findings.push(
            Diagnostic::error(&codes::TDD_MISMATCH, pattern.span, message)
                .and(theirs.span, "the neighbour's")
                .help(help),
        );
    }
}

#[cfg(test)]
mod tests;
