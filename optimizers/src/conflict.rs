//! What cannot hold together, and the smallest change that mends it: shared by the problems that can be infeasible.
//!
//! A problem is a set of items (a budget, a capacity, a pin). [`needed`] drops items as long as the rest
//! is impossible: what is left is minimal if every question was answered. [`smallest`] searches the least
//! number that makes a problem possible. Both only ask; whoever asks counts the questions.

use serde::Serialize;

/// Items that cannot hold together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Conflict {
    /// The ids of the items.
    pub items: Vec<String>,
    /// Whether leaving out any one of them was shown to make the rest possible.
    pub minimal: bool,
    /// What would make the whole problem possible, one change each.
    pub relaxations: Vec<Relaxation>,
}

/// One change that makes the whole problem possible.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Relaxation {
    /// The id of the item to change.
    pub item: String,
    /// In words, e.g. `loop_budget 12` or `2 more cpu`.
    pub change: String,
}

/// The items left by a deletion filter, in halves and then one by one. `is_possible` says of a part of the
/// items whether it can hold; `None` where that was not found out (then the item stays).
pub(crate) fn needed<T: Copy>(items: Vec<T>, mut is_possible: impl FnMut(&[T]) -> Option<bool>) -> Vec<T> {
    let mut needed = items;
    let mut size = needed.len().div_ceil(2).max(1);
    loop {
        let mut at = 0;
        while at < needed.len() {
            let end = (at + size).min(needed.len());
            let rest: Vec<T> = needed[..at].iter().chain(&needed[end..]).copied().collect();
            if is_possible(&rest) == Some(false) {
                needed = rest;
            } else {
                at = end;
            }
        }
        if size == 1 {
            return needed;
        }
        size = size.div_ceil(2);
    }
}

/// The smallest number above `now`, at most `most`, that is possible, where all above it are too; none if that
/// was not found out or nothing up to 2^32 more is.
pub(crate) fn smallest(now: i64, most: i64, mut is_possible: impl FnMut(i64) -> Option<bool>) -> Option<i64> {
    let mut step = 1;
    let mut low = now;
    let mut high = loop {
        let tried = now.saturating_add(step).min(most);
        if is_possible(tried)? {
            break tried;
        }
        if tried == most || step > 1 << 32 {
            return None;
        }
        low = tried;
        step *= 4;
    };
    // INVARIANT: `low` is not possible, `high` is.
    while low + 1 < high {
        let middle = low + (high - low) / 2;
        if is_possible(middle)? {
            high = middle;
        } else {
            low = middle;
        }
    }
    Some(high)
}
