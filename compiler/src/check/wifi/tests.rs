use ranform_network::Network;
use ranform_network::ids::RadioId;

use super::super::testing::*;

fn radio_with(channel: u32, width: f64, standard: &'static str, country: &'static str) -> impl FnOnce(&mut Network) {
    move |network| {
        let radio = &mut network.radios[RadioId(0)];
        radio.channel = at(channel);
        radio.width = at(mhz(width));
        radio.standard = at(standard.into());
        radio.country = Some(at(country.into()));
    }
}

#[test]
fn legal_radios() {
    for (channel, width, standard, country) in [
        (6, 20.0, "802.11n", "ES"),
        (36, 160.0, "802.11ax", "DE"),
        (149, 80.0, "802.11ac", "US"),
        (5, 160.0, "802.11be", "GB"),
        (37, 320.0, "802.11be", "US"),
    ] {
        codes(&[], radio_with(channel, width, standard, country));
    }
}

#[test]
fn channels_that_do_not_exist() {
    let help = only("RF370", "there is no Wi-Fi channel 38", radio_with(38, 20.0, "802.11n", "ES"));
    assert_eq!(help, ["the nearest is 36; wide channels are named by their primary 20 MHz channel"]);
}

#[test]
fn widths_that_do_not_exist() {
    let message = "802.11n has no 80MHz channels at 5 GHz";
    let help = only("RF371", message, radio_with(36, 80.0, "802.11n", "ES"));
    assert_eq!(help, ["its widest there is 40MHz, or write `standard 802.11ac`"]);
    let message = "no 160MHz channel contains channel 140 (5 GHz)";
    let help = only("RF371", message, radio_with(140, 160.0, "802.11ax", "ES"));
    assert_eq!(help, ["channel 140 has 20MHz, 40MHz, 80MHz"]);
}

#[test]
fn standards() {
    let help = only("RF372", "there is no Wi-Fi standard `wifi6`", radio_with(36, 20.0, "wifi6", "ES"));
    assert!(help[0].contains("802.11ax"));
    only("RF372", "802.11ac does not use channel 6 (2.4 GHz)", radio_with(6, 20.0, "802.11ac", "ES"));
}

#[test]
fn countries() {
    let help = only("RF373", "`UK` is no country code", radio_with(36, 20.0, "802.11n", "UK"));
    assert_eq!(help, ["the code of the United Kingdom is `GB`"]);
    let help = only("RF373", "channel 13 is not open to Wi-Fi in US", radio_with(13, 20.0, "802.11n", "US"));
    assert_eq!(help, ["at 2.4 GHz US has channels 1 to 11"]);
}

#[test]
fn one_network_name_once_per_radio() {
    let message = "tenants `red` and `blue` both radiate the SSID `red` on `node.ap-1/radio.r1`";
    only("RF374", message, |network| network.tenants[BLUE].ssid = Some(at("red".into())));
}
