//! TDD patterns: TS 38.213 11.1 and TS 38.331 (TDD-UL-DL-ConfigCommon) for NR, TS 36.211 table 4.2-2 for LTE.

use ranform_network::diagnostic::{Diagnostic, codes};
use ranform_network::network::{Cell, Duplex, Technology};

use super::super::{Context, Findings};

/// Periods of an NR pattern in microseconds (TS 38.331 dl-UL-TransmissionPeriodicity).
const PERIODS_US: [u64; 10] = [500, 625, 1000, 1250, 2000, 2500, 3000, 4000, 5000, 10_000];

/// The uplink-downlink configurations 0 to 6 of LTE.
const LTE_PATTERNS: [&str; 7] =
    ["DSUUUDSUUU", "DSUUDDSUUD", "DSUDDDSUDD", "DSUUUDDDDD", "DSUUDDDDDD", "DSUDDDDDDD", "DSUUUDSUUD"];

/// A pattern is one that a frame can hold, on a cell of time division.
pub(super) fn pattern(context: &Context<'_>, findings: &mut Findings) {
    for (_, cell) in context.network.cells.iter() {
        let Some(pattern) = &cell.tdd_pattern else { continue };
        let problem = if cell.duplex.value == Duplex::Tdd {
            match cell.technology() {
                Technology::Lte => lte(&pattern.value).or_else(|| offset(cell, 10_000)),
                _ => nr(&pattern.value, cell),
            }
        } else {
            Some(("a TDD pattern on a cell that is not tdd".to_owned(), "leave the pattern out".to_owned()))
        };
        if let Some((message, help)) = problem {
            findings.push(Diagnostic::error(&codes::TDD_PATTERN, pattern.span, message).help(help));
        }
    }
}

fn lte(pattern: &str) -> Option<(String, String)> {
    let twice = format!("{pattern}{pattern}");
    if LTE_PATTERNS.contains(&pattern) || LTE_PATTERNS.contains(&twice.as_str()) {
        return None;
    }
    let message = format!("`{pattern}` is none of the seven LTE uplink-downlink configurations");
    Some((message, format!("one of {}", LTE_PATTERNS.join(", "))))
}

fn nr(pattern: &str, cell: &Cell) -> Option<(String, String)> {
    let Some(halves) = halves(pattern) else {
        let message = format!("`{pattern}` is no TDD pattern");
        let help = "downlink slots, at most one special slot, uplink slots, once or twice: `DDDSU`, `DDDSUDDSUU`";
        return Some((message, help.to_owned()));
    };
    let slot_us = slot_us(cell)?;
    let length = |slots: usize| slots as u64 * slot_us.0 / slot_us.1;
    let whole = |slots: usize| (slots as u64 * slot_us.0).is_multiple_of(slot_us.1);
    for slots in halves.iter().copied().filter(|slots| *slots > 0) {
        if !whole(slots) || !PERIODS_US.contains(&length(slots)) {
            let message =
                format!("{slots} slots at {} last {}us, which is no TDD period", cell.scs.value, length(slots));
            return Some((message, "periods are 0.5, 0.625, 1, 1.25, 2, 2.5, 3, 4, 5 and 10 ms".to_owned()));
        }
    }
    let total = length(halves[0] + halves[1]);
    if total == 0 || !20_000u64.is_multiple_of(total) {
        let message = format!("`{pattern}` lasts {total}us, which does not divide 20 ms");
        return Some((message, "use a pattern of 0.5, 0.625, 1, 1.25, 2, 2.5, 4, 5, 10 or 20 ms in all".to_owned()));
    }
    offset(cell, total)
}

/// An offset shifts a pattern within its period.
fn offset(cell: &Cell, period_us: u64) -> Option<(String, String)> {
    (cell.tdd_offset.0 >= period_us * 1000).then(|| {
        let message = format!("the offset of {} is not shorter than the pattern, {period_us}us", cell.tdd_offset);
        (message, "an offset shifts the pattern within its period: write what is left of it".to_owned())
    })
}

/// The lengths of the one or two patterns in slots (the second zero when there is one): each `D+ S? U*` or `D* S? U+`.
fn halves(pattern: &str) -> Option<[usize; 2]> {
    let bytes = pattern.as_bytes();
    if bytes.is_empty() || bytes.len() > 320 || !bytes.iter().all(|byte| b"DSU".contains(byte)) {
        return None;
    }
    // The second pattern begins where uplink (or special) turns back to downlink.
    let turns: Vec<usize> = (1..bytes.len()).filter(|&at| bytes[at] == b'D' && bytes[at - 1] != b'D').collect();
    let split = match turns[..] {
        [] => bytes.len(),
        [turn] => turn,
        _ => return None,
    };
    let (first, second) = bytes.split_at(split);
    let valid = |part: &[u8]| {
        let rest = &part[part.iter().take_while(|byte| **byte == b'D').count()..];
        let specials = rest.iter().take_while(|byte| **byte == b'S').count();
        specials <= 1 && rest[specials..].iter().all(|byte| *byte == b'U')
    };
    (valid(first) && valid(second)).then_some([first.len(), second.len()])
}

/// The length of a slot in microseconds as a fraction; none for a spacing that has no slots.
fn slot_us(cell: &Cell) -> Option<(u64, u64)> {
    let factor = cell.scs.value.0 / 15_000;
    (factor > 0).then_some((1000, factor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_split_where_downlink_returns() {
        assert_eq!(halves("DDDSU"), Some([5, 0]));
        assert_eq!(halves("DDDSUDDSUU"), Some([5, 5]));
        assert_eq!(halves("DDSU"), Some([4, 0]));
        assert_eq!(halves("DSSU"), None);
        assert_eq!(halves("DUD"), Some([2, 1]));
        assert_eq!(halves("DUDUDU"), None);
        assert_eq!(halves("DXU"), None);
        assert_eq!(halves(""), None);
    }

    #[test]
    fn lte_configurations() {
        assert_eq!(lte("DSUUUDSUUU"), None);
        assert_eq!(lte("DSUUU"), None);
        assert!(lte("DDDSU").is_some());
    }
}
