//! `sharing passive expect red 50%, blue 50%`, `sharing prb dl grid 1% smallest 2%`

use ranform_network::network::{Direction, Node, Sharing, SharingMode};
use ranform_network::{Located, Span};

use super::body::{Body, Line};
use super::names::{Kind, Lookup};

const MODES: &[(SharingMode, &str)] = &[
    (SharingMode::Prb, "prb"),
    (SharingMode::PrbPolicy, "prb-policy"),
    (SharingMode::Airtime, "airtime"),
    (SharingMode::Passive, "passive"),
];

/// The directions by their words.
pub(crate) const DIRECTIONS: &[(Direction, &str)] =
    &[(Direction::Dl, "dl"), (Direction::Ul, "ul"), (Direction::Both, "both")];

/// How a cell or radio shares its resource: as stated, else as its node's profile does by default.
pub(crate) fn sharing(body: &Body<'_>, node: Option<&Node>, radio: bool, lookup: Lookup<'_>) -> Sharing {
    let mode = body.one("sharing").and_then(|mode| mode.choice(MODES));
    let Some((line, mode)) = body.all("sharing").next().zip(mode) else {
        return by_default(node, radio, body.span);
    };
    Sharing {
        mode: mode.value,
        span: line.span(),
        direction: direction(line),
        grid: line.after("grid").and_then(|grid| grid.share()).map(|grid| grid.value),
        smallest: line.after("smallest").and_then(|smallest| smallest.share()).map(|smallest| smallest.value),
        expect: expectations(line, lookup),
    }
}

/// The direction among a line's words, both where it says none.
pub(crate) fn direction(line: Line<'_, '_>) -> Direction {
    DIRECTIONS.iter().find(|(_, word)| line.says(word)).map_or(Direction::Both, |(direction, _)| *direction)
}

/// The first mode of the profile that fits the interface; passive on a device without shares.
fn by_default(node: Option<&Node>, radio: bool, span: Span) -> Sharing {
    let capability = node.and_then(|node| node.profile.sharing.as_ref());
    let fits = |mode: &&SharingMode| (**mode == SharingMode::Airtime) == radio;
    let mode = capability.and_then(|capability| capability.modes.iter().find(fits)).copied();
    Sharing {
        mode: mode.unwrap_or(SharingMode::Passive),
        span,
        direction: Direction::Both,
        grid: None,
        smallest: None,
        expect: Vec::new(),
    }
}

/// `expect red 50%, blue 50%`
fn expectations(
    line: Line<'_, '_>,
    lookup: Lookup<'_>,
) -> Vec<(ranform_network::ids::TenantId, Located<ranform_network::units::Share>)> {
    let Some(at) = line.values().iter().position(|value| value.is_word("expect")) else { return Vec::new() };
    let pairs: Vec<_> = super::body::pairs(line, line.values().get(at + 1..).unwrap_or_default());
    let mut expect: Vec<_> = pairs
        .into_iter()
        .filter_map(|(tenant, share)| {
            let (tenant, share) = (lookup.bind(Kind::Tenant, &tenant), share.share());
            Some((tenant?.value, share?))
        })
        .collect();
    expect.sort_by_key(|(tenant, _)| *tenant);
    expect
}
