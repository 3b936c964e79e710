//! OpenConfig data nodes as resources.

use ranform_network::Address;
use ranform_network::deployment::*;
use ranform_network::network::SharingMode;
use ranform_network::radio::WifiBand;

use super::schema::*;
use super::{band_identity, band_of, has_augment, includes, radio_ids};
use crate::netconf::Reader;
use crate::netconf::record::Node;
use crate::xml::Element;

/// Reads the access point of the device.
pub(super) fn read(forest: &[Element], reader: &mut Reader) -> Result<(), String> {
    let found = forest.iter().filter(|element| element.name == "access-points" && element.namespace == POINTS);
    for element in found {
        let points = Points::parse(element)?.all;
        let host = reader.known.device_id().to_owned();
        for point in points.iter().filter(|point| point.host.as_ref() == Some(&host)) {
            node(point, reader);
            let radios: Vec<(Address, u8, WifiBand)> = point
                .radios
                .iter()
                .flat_map(|radios| &radios.all)
                .filter_map(|one| radio(one, point, reader))
                .collect();
            for ssid in point.ssids.iter().flat_map(|ssids| &ssids.all) {
                read_ssid(ssid, &radios, reader);
            }
        }
    }
    Ok(())
}

fn node(point: &Point, reader: &mut Reader) {
    let known = reader.known.node.map(|node| node.resource.clone()).unwrap_or_default();
    let country = if has_augment(reader.profile) { point.country.clone() } else { known.country.clone() };
    let (address, id) = (reader.known.device.clone(), reader.known.device_id().to_owned());
    reader.found(address, id, Resource::Node(NodeResource { country, ..known }));
}

/// Notes a radio; its address, number and band.
fn radio(read: &Radio, point: &Point, reader: &mut Reader) -> Option<(Address, u8, WifiBand)> {
    let number = read.id?;
    let config = read.config.clone().unwrap_or_default();
    let ids = radio_ids(&reader.known);
    let known = reader.known.radios.iter().find(|branch| ids.get(branch.id()) == Some(&number)).cloned();
    let (address, id) = match &known {
        Some(known) => (known.address.clone(), known.id().to_owned()),
        // What others keep of a radio that is gone has no channel.
        None if config.channel.is_none() => return None,
        None => (reader.known.device.child("radio", &format!("r{number}")), format!("r{number}")),
    };
    let known = known.as_ref().and_then(|known| known.own).map(|own| own.resource);
    let augment = has_augment(reader.profile);
    let channel = config.channel.unwrap_or_default();
    let country = if augment { point.country.clone() } else { known.and_then(|known| known.country.clone()) };
    let sharing = match read.sharing.as_deref() {
        Some("airtime") => SharingMode::Airtime,
        Some(_) => SharingMode::Passive,
        None => known.map_or(SharingMode::Passive, |known| known.sharing),
    };
    let identity =
        read.frequency.as_ref().or(config.frequency.0.as_ref()).map_or("", |identity| identity.name.as_str());
    let band = band_of(identity, channel);
    let resource = RadioResource {
        band,
        channel,
        width_hz: u64::from(config.width.unwrap_or_default()).saturating_mul(1_000_000),
        standard: match &read.standard {
            Some(standard) => standard.clone(),
            None => known.filter(|_| !augment).map(|known| known.standard.clone()).unwrap_or_default(),
        },
        power_dbm: config.power.map(|power| power as f64),
        // A radio without a country of its own leaves it to its access point.
        country: country.filter(|_| known.is_none_or(|known| known.country.is_some())),
        // The model has no leaf for the interface's name.
        interface: known.and_then(|known| known.interface.clone()),
        unlocked: known.and_then(|known| known.unlocked).and(config.state.or(Some(true))),
        sharing,
    };
    reader.found(address.clone(), id, Resource::Radio(resource));
    Some((address, number, band))
}

fn read_ssid(ssid: &Ssid, radios: &[(Address, u8, WifiBand)], reader: &mut Reader) {
    let (Some(name), Some(config)) = (&ssid.name, &ssid.config) else { return };
    let augment = has_augment(reader.profile);
    let joint = config.frequency.as_ref().map_or("", |identity| identity.name.as_str());
    for (address, number, band) in radios {
        let share = ssid.airtime.iter().find(|share| share.radio == Some(*number));
        if (augment && share.is_none()) || (!augment && !includes(joint, band_identity(*band))) {
            continue;
        }
        let known = reader.known.radios.iter().find(|branch| branch.address == *address);
        let known = known.and_then(|known| known.below.iter().find(|entry| entry.resource.ssid == *name)).copied();
        let tenant = known.map_or_else(|| address.child("tenant", name), |entry| entry.address.clone());
        let id = known.map_or_else(|| name.clone(), |entry| entry.id.to_owned());
        let resource = RadioTenantResource {
            ssid: name.clone(),
            vlan: config.vlan,
            weight: share.and_then(|share| share.weight).map(f64::from),
            limit: share.and_then(|share| share.limit).unwrap_or(false),
        };
        reader.found(tenant, id, Resource::RadioTenant(resource));
    }
}
