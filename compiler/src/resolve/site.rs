//! `site plaza { region "metro"  tier 1  location 41.38 2.17 }`

use ranform_network::network::Site;

use super::body::{Body, Line};

/// What a site block or row says.
pub(crate) fn site(body: &Body<'_>) -> Option<Site> {
    Some(Site {
        entity: body.entity(body.scope.address("site", &body.name)),
        region: body.one("region").and_then(|region| region.text()).map(|region| region.value),
        tier: body.one("tier").and_then(|tier| tier.whole(0, 1000)).map(|tier| tier.value),
        location: body.line("location").and_then(location),
    })
}

/// Latitude and longitude in degrees (WGS 84).
pub(crate) fn location(line: Line<'_, '_>) -> Option<(f64, f64)> {
    let (latitude, longitude) = (line.at(0)?, line.at(1)?);
    let (north, east) = (latitude.number()?.value, longitude.number()?.value);
    let north_fits = (-90.0..=90.0).contains(&north);
    let east_fits = (-180.0..=180.0).contains(&east);
    if !north_fits {
        latitude.out_of_range("degrees north, -90 to 90, then degrees east");
    }
    if !east_fits {
        longitude.out_of_range("degrees north, then degrees east, -180 to 180");
    }
    (north_fits && east_fits).then_some((north, east))
}
