//! A hostapd file as keys and values, in sections: the radio with its first BSS, then each further BSS.

use std::collections::BTreeMap;

/// The keys that we write; all others are kept.
const OURS: &[&str] = &[
    "interface",
    "driver",
    "hw_mode",
    "channel",
    "country_code",
    "ieee80211d",
    "ieee80211n",
    "ieee80211ac",
    "ieee80211ax",
    "ht_capab",
    "vht_oper_chwidth",
    "vht_oper_centr_freq_seg0_idx",
    "airtime_mode",
    "airtime_update_interval",
    "op_class",
    "start_disabled",
    "bss",
    "ssid",
    "ssid2",
    "bridge",
    "airtime_bss_weight",
    "airtime_bss_limit",
];

/// How keys of a BSS begin that people set beside ours; they move with its SSID.
const OF_A_BSS: &[&str] = &[
    "wpa",
    "rsn",
    "sae",
    "ieee80211w",
    "ieee8021x",
    "auth",
    "macaddr_acl",
    "ignore_broadcast",
    "ap_isolate",
    "max_num_sta",
    "own_ip",
    "nas_",
    "eap",
    "radius",
    "vlan",
    "dynamic_vlan",
    "wmm",
    "bssid",
    "group_mgmt",
    "ft_",
    "mobility_domain",
    "airtime_sta_weight",
    "okc",
    "accept_mac",
    "deny_mac",
];

/// A file.
#[derive(Clone, Debug, Default)]
pub(super) struct Conf {
    sections: Vec<Station>,
}

/// A section: a BSS.
#[derive(Clone, Debug, Default)]
pub(super) struct Station {
    /// Its SSID; empty for a radio without one.
    pub(super) ssid: String,
    lines: Vec<(String, String)>,
}

impl Station {
    /// The value of a key.
    pub(super) fn value(&self, key: &str) -> Option<&str> {
        self.lines.iter().rev().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    fn kept(&self) -> impl Iterator<Item = &(String, String)> {
        self.lines.iter().filter(|(key, _)| !OURS.contains(&key.as_str()))
    }
}

fn of_a_bss(key: &str) -> bool {
    OF_A_BSS.iter().any(|start| key.starts_with(start))
}

impl Conf {
    /// The file's keys; lines that are none (comments, blanks) say nothing.
    pub(super) fn parse(text: &str) -> Self {
        let mut sections = vec![Station::default()];
        for line in text.lines() {
            let line = line.trim_start();
            let Some((key, value)) = line.split_once('=').filter(|_| !line.starts_with('#')) else { continue };
            if key == "bss" {
                sections.push(Station::default());
            }
            if let Some(section) = sections.last_mut() {
                match key {
                    "ssid" => section.ssid = value.to_owned(),
                    "ssid2" => section.ssid = unhex(value).unwrap_or_else(|| value.trim_matches('"').to_owned()),
                    _ => {}
                }
                section.lines.push((key.to_owned(), value.to_owned()));
            }
        }
        Self { sections }
    }

    /// The value of a key of the radio.
    pub(super) fn radio(&self, key: &str) -> Option<&str> {
        self.sections.first()?.value(key)
    }

    /// The BSSs.
    pub(super) fn stations(&self) -> impl Iterator<Item = &Station> {
        self.sections.iter().filter(|section| !section.ssid.is_empty())
    }

    /// The lines of others in the BSS with this SSID.
    pub(super) fn kept_of(&self, ssid: &str) -> Vec<String> {
        let section = self.sections.iter().position(|section| section.ssid == ssid && !ssid.is_empty());
        let Some(index) = section else { return Vec::new() };
        let lines = self.sections[index].kept().filter(|(key, _)| index > 0 || of_a_bss(key));
        lines.map(|(key, value)| format!("{key}={value}")).collect()
    }

    /// The lines of others that belong to the radio.
    pub(super) fn kept_of_radio(&self) -> Vec<String> {
        let first = self.sections.first();
        let lines = first.into_iter().flat_map(Station::kept).filter(|(key, _)| !of_a_bss(key));
        lines.map(|(key, value)| format!("{key}={value}")).collect()
    }

    /// Keys of others, as `ssid.key`; values that may be secret are not told.
    pub(super) fn foreign(&self) -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        for section in &self.sections {
            for (key, value) in section.kept() {
                let secret =
                    ["pass", "psk", "secret", "key"].iter().any(|word| key.contains(word)) && key != "wpa_key_mgmt";
                let value = if secret { "(not shown)".to_owned() } else { value.clone() };
                found.insert(format!("{}.{key}", section.ssid), value);
            }
        }
        found
    }
}

/// The line of an SSID: as text, or in hexadecimal where a line could not hold it.
pub(super) fn ssid_line(ssid: &str) -> String {
    let plain = !ssid.starts_with(char::is_whitespace)
        && !ssid.ends_with(char::is_whitespace)
        && !ssid.chars().any(char::is_control);
    if plain {
        return format!("ssid={ssid}");
    }
    let hex: String = ssid.bytes().map(|byte| format!("{byte:02x}")).collect();
    format!("ssid2={hex}")
}

fn unhex(text: &str) -> Option<String> {
    if !text.len().is_multiple_of(2) || !text.is_ascii() {
        return None;
    }
    let bytes: Option<Vec<u8>> =
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok()).collect();
    String::from_utf8(bytes?).ok()
}
