//! hostapd 2.10: one file per radio, one BSS and one bridge per tenant, airtime by weight.
//!
//! Keys that are not ours (security above all) are kept: those of a BSS move with its SSID, the others stay with the
//! radio. Source: the example hostapd.conf of the package, "airtime policy configuration".

mod conf;

use std::collections::BTreeMap;

use ranform_network::Artifact;
use ranform_network::deployment::*;
use ranform_network::network::SharingMode;
use ranform_network::radio::WifiBand;
use serde::Serialize;

use super::*;
use crate::view::{RadioBranch, View};
use conf::Conf;

/// The format `hostapd`.
pub struct Hostapd;

/// What the template lays out.
#[derive(Debug, Serialize)]
struct Layout {
    device: String,
    radio: String,
    interface: String,
    locked: bool,
    hw_mode: &'static str,
    channel: u32,
    country: Option<String>,
    standard: Vec<String>,
    airtime_mode: Option<u8>,
    kept: Vec<String>,
    tenants: Vec<Bss>,
}

#[derive(Debug, Serialize)]
struct Bss {
    ssid: String,
    vlan: Option<u16>,
    weight: Option<u8>,
    limit: u8,
    kept: Vec<String>,
}

impl Target for Hostapd {
    fn name(&self) -> &'static str {
        "hostapd"
    }

    fn render(&self, job: &Job) -> Result<Vec<Artifact>, RenderError> {
        let mut findings = Vec::new();
        let before = all(&View::new(job.device, &job.before()), job.present, &mut Vec::new());
        let after = all(&View::new(job.device, &job.after()), job.present, &mut findings);
        if findings.is_empty() { Ok(documents(job, before, after)) } else { Err(RenderError { findings }) }
    }

    fn read(&self, documents: &[Document], query: &Query) -> Result<Reading, ReadError> {
        let things = query.things();
        let view = View::new(query.device, &things);
        let numbers = crate::netconf::access_point::radio_ids(&view);
        let mut reading = Reading::default();
        for document in documents {
            let Some(id) = document.path.strip_prefix("hostapd-").and_then(|rest| rest.strip_suffix(".conf")) else {
                continue;
            };
            let conf = Conf::parse(text(document)?);
            let known = view.radios.iter().find(|branch| slug(branch.id()) == id);
            read_radio(&conf, id, known, &numbers, query, &mut reading);
            for (path, value) in conf.foreign() {
                reading.foreign.insert(format!("{}#{path}", document.path), value);
            }
        }
        node(query, &mut reading);
        Ok(reading)
    }
}

fn path_of(branch: &RadioBranch) -> String {
    format!("hostapd-{}.conf", slug(branch.id()))
}

fn all(view: &View, present: &[Document], findings: &mut Vec<Finding>) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    let numbers = crate::netconf::access_point::radio_ids(view);
    for branch in &view.radios {
        let path = path_of(branch);
        let there = present.iter().find(|document| document.path == path);
        let there = there.and_then(|document| text(document).ok()).map(Conf::parse).unwrap_or_default();
        if let Some(layout) = layout(view, branch, numbers.get(branch.id()).copied().unwrap_or(0), &there, findings) {
            all.push((path, laid_out(&layout)));
        }
    }
    all
}

fn laid_out(layout: &Layout) -> Vec<u8> {
    // The template is part of the program and a test renders it; what it is given has all it names.
    let environment = minijinja::Environment::new();
    let text = environment.render_str(include_str!("hostapd.conf.j2"), minijinja::value::Serde(layout));
    format!("{}\n", text.unwrap_or_default().trim_end()).into_bytes()
}

fn layout(view: &View, branch: &RadioBranch, number: u8, there: &Conf, findings: &mut Vec<Finding>) -> Option<Layout> {
    let radio = branch.own?.resource;
    let airtime = radio.sharing == SharingMode::Airtime;
    let limited = branch.below.iter().any(|tenant| tenant.resource.limit);
    let mut tenants = Vec::new();
    for tenant in &branch.below {
        let resource = tenant.resource;
        let weight = resource.weight.map(|weight| percent(weight, "airtime weight", tenant.address, findings));
        let kept = there.kept_of(&resource.ssid);
        tenants.push(Bss {
            ssid: conf::ssid_line(&resource.ssid),
            vlan: resource.vlan,
            weight,
            limit: resource.limit.into(),
            kept,
        });
    }
    Some(Layout {
        device: view.device_id().to_owned(),
        radio: branch.id().to_owned(),
        interface: radio.interface.clone().unwrap_or_else(|| usual_interface(number)),
        locked: radio.unlocked == Some(false),
        hw_mode: if radio.band == WifiBand::Low { "g" } else { "a" },
        channel: radio.channel,
        country: radio.country.clone(),
        standard: standard_lines(radio),
        airtime_mode: airtime.then_some(if limited { 3 } else { 2 }),
        kept: there.kept_of_radio(),
        tenants,
    })
}

/// The name of an interface that no intent names.
fn usual_interface(number: u8) -> String {
    format!("wlan{number}")
}

/// The switches of a standard and width: 802.11ax implies ac in 5 GHz, ac implies n.
fn standard_lines(radio: &RadioResource) -> Vec<String> {
    let generation = generation(&radio.standard);
    let mut lines = Vec::new();
    for (least, line) in [(4, "ieee80211n=1"), (5, "ieee80211ac=1"), (6, "ieee80211ax=1")] {
        if generation >= least {
            lines.push(line.to_owned());
        }
    }
    let width = radio.width_hz / 1_000_000;
    if radio.band == WifiBand::High {
        // Global operating classes of 20, 40, 80 and 160 MHz at 6 GHz (IEEE 802.11-2020 table E-4).
        let class = match width {
            160 => 134,
            80 => 133,
            40 => 132,
            _ => 131,
        };
        lines.push(format!("op_class={class}"));
    }
    if width >= 40 {
        lines.push("ht_capab=[HT40+]".to_owned());
    }
    if width >= 80 {
        let code = if width >= 160 { 2 } else { 1 };
        lines.push(format!("vht_oper_chwidth={code}"));
        lines.push(format!("vht_oper_centr_freq_seg0_idx={}", radio.channel + if code == 1 { 6 } else { 14 }));
    }
    lines
}

fn generation(standard: &str) -> u8 {
    match standard.strip_prefix("802.11") {
        Some("n") => 4,
        Some("ac") => 5,
        Some("ax" | "be") => 6,
        _ => 0,
    }
}

fn read_radio(
    conf: &Conf,
    id: &str,
    known: Option<&RadioBranch>,
    numbers: &BTreeMap<String, u8>,
    query: &Query,
    reading: &mut Reading,
) {
    let address = known.map_or_else(|| query.device.child("radio", id), |known| known.address.clone());
    let known_radio = known.and_then(|known| known.own).map(|own| own.resource);
    let width = match (conf.radio("vht_oper_chwidth"), conf.radio("ht_capab")) {
        (Some("2"), _) => 160,
        (Some("1"), _) => 80,
        (_, Some(capabilities)) if capabilities.contains("HT40") => 40,
        _ => 20,
    };
    let on = |key| conf.radio(key) == Some("1");
    let standard = match (on("ieee80211ax"), on("ieee80211ac"), on("ieee80211n")) {
        (true, _, _) => "802.11ax",
        (_, true, _) => "802.11ac",
        (_, _, true) => "802.11n",
        _ => {
            if conf.radio("hw_mode") == Some("a") {
                "802.11a"
            } else {
                "802.11g"
            }
        }
    };
    let same = known_radio.filter(|known| generation(&known.standard) == generation(standard));
    let interface = conf.radio("interface").filter(|interface| {
        let number = known.and_then(|known| numbers.get(known.id()).copied());
        let usual = known_radio.is_some_and(|known| known.interface.is_none())
            && number.map(usual_interface).as_deref() == Some(interface);
        !usual
    });
    let locked = conf.radio("start_disabled") == Some("1");
    let resource = RadioResource {
        band: match conf.radio("hw_mode") {
            Some("a") if conf.radio("op_class").is_some() => WifiBand::High,
            Some("a") => WifiBand::Middle,
            _ => WifiBand::Low,
        },
        channel: conf.radio("channel").and_then(|channel| channel.parse().ok()).unwrap_or_default(),
        width_hz: width * 1_000_000,
        standard: same.map_or_else(|| standard.to_owned(), |known| known.standard.clone()),
        power_dbm: known_radio.and_then(|known| known.power_dbm),
        country: conf.radio("country_code").map(str::to_owned),
        interface: interface.map(str::to_owned),
        // Without a word about it an interface is in service.
        unlocked: known_radio.map_or(locked.then_some(false), |known| known.unlocked.map(|_| !locked)),
        sharing: match conf.radio("airtime_mode") {
            Some("2" | "3") => SharingMode::Airtime,
            _ => SharingMode::Passive,
        },
    };
    for bss in conf.stations() {
        let entry = known.and_then(|known| known.below.iter().find(|entry| entry.resource.ssid == bss.ssid));
        let tenant = entry.map_or_else(|| address.child("tenant", &bss.ssid), |entry| entry.address.clone());
        let device_id = entry.map_or(bss.ssid.as_str(), |entry| entry.id);
        let vlan = bss.value("bridge").and_then(|bridge| bridge.strip_prefix("br-")).and_then(|vlan| vlan.parse().ok());
        let weight = bss.value("airtime_bss_weight").and_then(|weight| weight.parse::<u8>().ok()).map(f64::from);
        let limit = bss.value("airtime_bss_limit") == Some("1");
        let resource = RadioTenantResource { ssid: bss.ssid.clone(), vlan, weight, limit };
        found(reading, &tenant, device_id, Resource::RadioTenant(resource));
    }
    let device_id = known.map_or(id, |known| known.id());
    found(reading, &address, device_id, Resource::Radio(resource));
}

/// The access point itself: its country is that of its radios.
fn node(query: &Query, reading: &mut Reading) {
    let country = reading.resources.values().find_map(|resource| match resource {
        Resource::Radio(radio) => radio.country.clone(),
        _ => None,
    });
    if reading.resources.is_empty() {
        return;
    }
    let mut carried = Reading::default();
    carry_node(query, &mut carried);
    for (address, resource) in carried.resources {
        if let Resource::Node(node) = resource {
            let country = country.clone().filter(|_| node.country.is_some());
            let id = carried.device_ids.get(&address).cloned().unwrap_or_default();
            found(reading, &address, &id, Resource::Node(NodeResource { country, ..node }));
        }
    }
}
