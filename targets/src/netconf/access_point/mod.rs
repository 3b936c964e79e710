//! Wi-Fi access points: `openconfig-access-points`, with airtime, standard and country from our augment.
//!
//! An SSID is one entry per access point, not per radio: what a radio has of it stands in our augment, or, on a
//! device without it, follows from the SSID's frequency band. Security of an SSID is not ours: its leaves are left alone.

mod read;
mod schema;

use std::collections::BTreeMap;

use ranform_network::diagnostic::codes;
use ranform_network::network::SharingMode;
use ranform_network::profile::Profile;
use ranform_network::radio::WifiBand;

use super::record::{Filler, Identity, Node, filler};
use super::{Part, Reader};
use crate::view::{RadioBranch, View};
use crate::xml::{Element, List};
use crate::{Finding, percent};
use schema::*;

/// The part of an access point.
pub struct AccessPoint;

impl Part for AccessPoint {
    fn lists(&self) -> &'static [List] {
        LISTS
    }

    fn tree(&self, view: &View, profile: &Profile, findings: &mut Vec<Finding>) -> Vec<Element> {
        if view.node.is_none() && view.radios.is_empty() {
            return Vec::new();
        }
        let augment = has_augment(profile);
        let name = view.device_id().to_owned();
        let country = view.node.and_then(|node| node.resource.country.clone()).filter(|_| augment);
        let countries = view
            .radios
            .iter()
            .filter_map(|radio| radio.own)
            .filter_map(|own| own.resource.country.as_ref().map(|country| (own, country)));
        for (own, other) in countries.filter(|(_, other)| augment && Some(*other) != country.as_ref()) {
            findings.push(Finding {
                code: &codes::NOT_DISTINCT,
                address: own.address.clone(),
                message: format!("its country `{other}` is not that of its access point, which has one for all radios"),
                help: "give all radios of an access point one country".to_owned(),
            });
        }
        let ids = radio_ids(view);
        let radios = view.radios.iter().filter_map(|branch| radio(branch, ids.get(branch.id())?, augment, findings));
        let point = Point {
            host: Some(name.clone()),
            config: Some(PointConfig { host: filler(name.clone()) }),
            radios: Some(Radios { all: radios.collect() }),
            ssids: Some(Ssids { all: ssids(view, &ids, augment, findings) }),
            country,
        };
        let points = Points { all: vec![point] }.element(POINTS, "access-points");
        vec![provision(&name).element(MANAGER, "provision-aps"), points]
    }

    fn read(&self, forest: &[Element], reader: &mut Reader) -> Result<(), String> {
        read::read(forest, reader)
    }

    fn filter(&self, view: &View, _: &Profile) -> Vec<Element> {
        let host = Element::leaf(POINTS, "hostname", view.device_id());
        let point = Element::container(POINTS, "access-point", vec![host]);
        let host = Element::leaf(MANAGER, "hostname", view.device_id());
        let config = Element::container(MANAGER, "config", vec![host]);
        let provision = Element::container(MANAGER, "provision-ap", vec![config]);
        let provision = Element::container(MANAGER, "provision-aps", vec![provision]);
        vec![provision, Element::container(POINTS, "access-points", vec![point])]
    }
}

/// The entry that the host name refers to, where the device has none: under a locally administered address made of
/// the name, since intents know no hardware addresses.
fn provision(host: &str) -> Provision {
    // A name that is no label ends in eight hexadecimal digits of its digest.
    let digest = ranform_network::address::slug(&format!("{host}!"));
    let octets: Vec<&str> = (0..4).filter_map(|octet| digest.get(digest.len() - 8 + 2 * octet..)?.get(..2)).collect();
    let mac = Some(format!("02:00:{}", octets.join(":")));
    let config = Some(ProvisionConfig { mac: mac.clone(), host: Some(host.to_owned()) });
    Provision { all: Filler(vec![ProvisionAp { mac, config }]) }
}

fn has_augment(profile: &Profile) -> bool {
    profile.options.get("augment").is_some_and(|value| value == "yes")
}

/// The number of each radio on the device: the digits its id ends in (`r1` is 1) where all radios have different
/// ones, else its place in address order.
pub(crate) fn radio_ids(view: &View) -> BTreeMap<String, u8> {
    let digits = |id: &str| id.rsplit(|character: char| !character.is_ascii_digit()).next()?.parse::<u8>().ok();
    let numbers: Vec<Option<u8>> = view.radios.iter().map(|branch| digits(branch.id())).collect();
    let mut seen = numbers.clone();
    seen.sort_unstable();
    seen.dedup();
    let usable = seen.len() == numbers.len() && numbers.iter().all(Option::is_some);
    let number = |(index, branch): (usize, &RadioBranch)| {
        let number = numbers[index].filter(|_| usable).unwrap_or(index.min(255) as u8);
        (branch.id().to_owned(), number)
    };
    view.radios.iter().enumerate().map(number).collect()
}

/// The identity of a band.
fn band_identity(band: WifiBand) -> &'static str {
    match band {
        WifiBand::Low => "FREQ_2GHZ",
        WifiBand::Middle => "FREQ_5GHZ",
        WifiBand::High => "FREQ_6GHZ",
    }
}

/// The band of an identity; the usual reading of the channel where it is none of a single band.
fn band_of(identity: &str, channel: u32) -> WifiBand {
    let named = WifiBand::ALL.iter().find(|(band, _)| band_identity(*band) == identity);
    named.map_or_else(|| WifiBand::of_channel(channel), |(band, _)| *band)
}

fn frequency(name: &str) -> Option<Identity> {
    Some(Identity::new(TYPES, name))
}

fn radio(branch: &RadioBranch, id: &u8, augment: bool, findings: &mut Vec<Finding>) -> Option<Radio> {
    let own = branch.own?;
    let resource = own.resource;
    let power = resource.power_dbm.map(|power| {
        if power.fract() != 0.0 || !(-128.0..=127.0).contains(&power) {
            findings.push(Finding {
                code: &codes::NOT_ON_GRID,
                address: own.address.clone(),
                message: format!("its power of {power} dBm is no whole number between -128 and 127"),
                help: "write the power in whole dBm".to_owned(),
            });
        }
        power as i64
    });
    let band = band_identity(resource.band);
    let sharing = if resource.sharing == SharingMode::Airtime { "airtime" } else { "passive" };
    Some(Radio {
        id: Some(*id),
        frequency: frequency(band),
        config: Some(RadioConfig {
            id: filler(*id),
            frequency: Filler(frequency(band)),
            enabled: Filler(resource.unlocked.is_none().then_some(true)),
            state: resource.unlocked,
            channel: Some(resource.channel),
            width: Some((resource.width_hz / 1_000_000) as u32),
            power,
        }),
        standard: augment.then(|| resource.standard.clone()),
        sharing: augment.then(|| sharing.to_owned()),
    })
}

/// The SSIDs of all radios, each once, in the order of the SSIDs.
fn ssids(view: &View, ids: &BTreeMap<String, u8>, augment: bool, findings: &mut Vec<Finding>) -> Vec<Ssid> {
    let mut all: BTreeMap<&str, (Ssid, Vec<&'static str>)> = BTreeMap::new();
    for branch in &view.radios {
        let (Some(own), Some(id)) = (branch.own, ids.get(branch.id())) else { continue };
        for tenant in &branch.below {
            let resource = tenant.resource;
            let (ssid, bands) =
                all.entry(&resource.ssid).or_insert_with(|| (new_ssid(&resource.ssid, resource.vlan), vec![]));
            let vlan = ssid.config.as_ref().and_then(|config| config.vlan);
            let band = band_identity(own.resource.band);
            let twice =
                ssid.airtime.iter().any(|share| share.radio == Some(*id)) || (!augment && bands.contains(&band));
            if twice || vlan != resource.vlan {
                findings.push(Finding {
                    code: &codes::NOT_DISTINCT,
                    address: tenant.address.clone(),
                    message: format!(
                        "its SSID `{}` is another tenant's on this access point, or has another VLAN there",
                        resource.ssid
                    ),
                    help: "give each tenant its own SSID, with one VLAN per access point".to_owned(),
                });
            }
            let weight = resource.weight.map(|weight| percent(weight, "airtime weight", tenant.address, findings));
            ssid.airtime.push(Airtime { radio: Some(*id), weight, limit: Some(resource.limit) });
            bands.push(band);
        }
    }
    all.into_values()
        .map(|(mut ssid, bands)| {
            if let Some(config) = &mut ssid.config {
                config.frequency = frequency(joint(&bands));
            }
            if !augment {
                ssid.airtime.clear();
            }
            ssid
        })
        .collect()
}

fn new_ssid(name: &str, vlan: Option<u16>) -> Ssid {
    Ssid {
        name: Some(name.to_owned()),
        config: Some(SsidConfig {
            name: filler(name),
            enabled: filler(true),
            hidden: Filler(None),
            vlan,
            vlans: vlan.into_iter().collect(),
            frequency: None,
        }),
        airtime: Vec::new(),
    }
}

/// The identity for a set of bands.
fn joint(bands: &[&'static str]) -> &'static str {
    let [two, five, six] = ["FREQ_2GHZ", "FREQ_5GHZ", "FREQ_6GHZ"].map(|band| bands.contains(&band));
    match (two, five, six) {
        (true, _, true) => "FREQ_2_5_6_GHZ",
        (true, true, false) => "FREQ_2_5_GHZ",
        (false, true, true) => "FREQ_5_6_GHZ",
        (true, false, false) => "FREQ_2GHZ",
        (false, false, true) => "FREQ_6GHZ",
        _ => "FREQ_5GHZ",
    }
}

/// Whether a set of bands includes one.
fn includes(joint: &str, band: &str) -> bool {
    let digit = |band: &str| band.chars().find(char::is_ascii_digit);
    digit(band).is_some_and(|digit| joint.contains(digit))
}
