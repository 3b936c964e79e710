//! Places in a list ordered by the user, as a device shows them and as state knows them.

/// The places of entries from (position in the device's list, known place): the known ones where the list has the
/// known order, so that gaps left by deletions make no difference; else the positions, counted from `first`;
/// 0 for an entry that is not in the list.
pub(super) fn places(entries: &[(Option<usize>, Option<u32>)], first: u32) -> Vec<u32> {
    let mut listed: Vec<(usize, Option<u32>)> =
        entries.iter().filter_map(|(position, known)| position.map(|position| (position, *known))).collect();
    listed.sort_unstable();
    let rising = listed.windows(2).all(|pair| matches!((pair[0].1, pair[1].1), (Some(a), Some(b)) if a < b));
    let as_known = rising && listed.iter().all(|(_, known)| known.is_some_and(|place| place > 0));
    let place = |(position, known): &(Option<usize>, Option<u32>)| match position {
        None => 0,
        Some(position) => known.filter(|_| as_known).unwrap_or(first + *position as u32),
    };
    entries.iter().map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::places;

    #[test]
    fn gaps_stay_and_reordering_shows() {
        assert_eq!(places(&[(Some(1), Some(2)), (Some(2), Some(7)), (None, Some(9))], 0), [2, 7, 0]);
        assert_eq!(places(&[(Some(2), Some(2)), (Some(1), Some(7))], 0), [2, 1]);
        assert_eq!(places(&[(Some(0), None)], 1), [1]);
    }
}
