//! What cells and radios carry: estimated where their efficiency is stated, and the most they can carry at all.

use super::{Cell, Direction, Duplex, Interface, Network};
use crate::ids::CellId;

/// The most spatial layers of a cell, over all user equipments.
const MOST_LAYERS: u32 = 64;
/// Bits per symbol of the highest modulation, 1024QAM (TS 38.211 5.1).
const MOST_BITS: u32 = 10;

impl Network {
    /// Estimated Mbit/s of a whole interface in one direction; none where it states no efficiency.
    pub fn estimated_mbps(&self, interface: Interface, direction: Direction) -> Option<f64> {
        let (bandwidth, efficiency, part) = match interface {
            Interface::Cell(cell) => {
                let cell = &self.cells[cell];
                (cell.bandwidth.value.0, cell.efficiency?, tdd_part(cell, direction))
            }
            Interface::Radio(radio) => {
                let radio = &self.radios[radio];
                (radio.width.value.0, radio.efficiency?, 1.0)
            }
            Interface::Port(_) => return None,
        };
        Some(bandwidth as f64 * efficiency * part / 1e6)
    }

    /// What no cell of this bandwidth carries more than, in Mbit/s: every symbol of every layer full of bits.
    pub fn most_mbps(&self, cell: CellId, direction: Direction) -> f64 {
        let cell = &self.cells[cell];
        let bits = cell.modulation.as_deref().and_then(bits).unwrap_or(MOST_BITS);
        let per_hertz = cell.layers.unwrap_or(MOST_LAYERS) * bits;
        // Special and flexible slots may serve both directions.
        let part = match cell.tdd_pattern {
            Some(_) if cell.duplex.value == Duplex::Tdd => 1.0 - tdd_part(cell, against(direction)),
            _ => 1.0,
        };
        cell.bandwidth.value.0 as f64 * f64::from(per_hertz) * part / 1e6
    }
}

fn against(direction: Direction) -> Direction {
    if direction == Direction::Ul { Direction::Dl } else { Direction::Ul }
}

/// Bits per symbol: `256qam` has 8.
fn bits(modulation: &str) -> Option<u32> {
    match modulation {
        "bpsk" => Some(1),
        "qpsk" => Some(2),
        other => other.strip_suffix("qam")?.parse::<u32>().ok()?.checked_ilog2(),
    }
}

/// The part of the time that a cell serves a direction: 1 with FDD, else the D or U slots of its pattern.
fn tdd_part(cell: &Cell, direction: Direction) -> f64 {
    let wanted = if direction == Direction::Ul { 'U' } else { 'D' };
    match &cell.tdd_pattern {
        Some(pattern) if cell.duplex.value == Duplex::Tdd && !pattern.value.is_empty() => {
            let slots = pattern.value.chars().count() as f64;
            pattern.value.chars().filter(|slot| slot.eq_ignore_ascii_case(&wanted)).count() as f64 / slots
        }
        _ => 1.0,
    }
}
