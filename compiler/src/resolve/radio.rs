//! `radio r1 { channel 149  width 20MHz  standard 802.11n  power 20dBm  country ES  sharing airtime }`

use ranform_network::diagnostic::codes;
use ranform_network::ids::NodeId;
use ranform_network::network::{Name, Radio};
use ranform_network::radio::WifiBand;
use ranform_network::{Address, Located};

use super::argument::Argument;
use super::body::Body;
use super::cell::{STATES, efficiency};
use super::names::Lookup;
use super::sharing::sharing;

/// What a radio block or row says.
pub(crate) fn radio(body: &Body<'_>, node: Option<NodeId>, lookup: Lookup<'_>) -> Option<Radio> {
    let on = node.and_then(|node| lookup.network.nodes.get(node));
    let parent = on.map(|node| node.entity.address.clone()).unwrap_or_else(|| Address::new("node", ""));
    let entity = body.entity(parent.child("radio", &body.name));
    let channel = body.required("channel", "149").and_then(|channel| channel.whole(1, 300));
    let width = body.required("width", "20MHz").and_then(|width| width.hertz());
    let standard = body.required("standard", "802.11ac").and_then(|standard| standard.text());
    let power = body.one("power").and_then(|power| power.dbm());
    let country = body.one("country").and_then(|country| country.text());
    let efficiency = efficiency(body);
    let band = body.one("band").and_then(|band| wifi_band(&band));
    let interface = body.one("interface").and_then(|interface| interface_name(&interface));
    let unlocked = body.one("state").and_then(|state| state.choice(STATES)).map(|state| state.value);
    let sharing = sharing(body, on, true, lookup);
    Some(Radio {
        entity,
        node: node?,
        channel: channel?,
        width: width?,
        standard: standard?,
        power,
        country,
        band,
        interface,
        unlocked,
        efficiency,
        sharing,
    })
}

/// The name of a network interface as Linux has them: 1 to 15 characters, no blank, no `/`, no `:`.
fn interface_name(argument: &Argument<'_, '_>) -> Option<Located<Name>> {
    let text = argument.text()?;
    let plain = text.value.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'/' | b':'));
    if plain && text.value.len() <= 15 && !matches!(&*text.value, "." | "..") {
        return Some(text);
    }
    let message = format!("`{}` is no name of a network interface", text.value);
    argument.report(&codes::WRONG_VALUE, message, "it has 1 to 15 characters, none of them a blank, `/` or `:`");
    None
}

/// `band 5GHz`
fn wifi_band(argument: &Argument<'_, '_>) -> Option<Located<WifiBand>> {
    let frequency = argument.hertz()?;
    let found = WifiBand::ALL.iter().find(|(_, hertz)| *hertz == frequency.value.0);
    if found.is_none() {
        let message = format!("there is no Wi-Fi band at {}", frequency.value);
        argument.report(&codes::WIFI_CHANNEL, message, "the bands are 2.4GHz, 5GHz and 6GHz");
    }
    found.map(|(band, _)| Located::new(*band, frequency.span))
}
