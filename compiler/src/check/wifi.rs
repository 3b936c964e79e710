//! Wi-Fi radios: channel, width, standard and country go together (IEEE 802.11 annex E); one network name once per radio.

use ranform_network::diagnostic::{Diagnostic, codes};
use ranform_network::network::{Interface, Radio};

use super::{Check, Context, Findings};
use crate::radio_tables::countries::is_country;
use crate::radio_tables::wifi::{self, Country, STANDARDS, Standard, WifiBand};

/// The rules of this family.
pub const CHECKS: &[Check] = &[channel, band, standard, country_code, combination, duplicate_ssid];

const MHZ: u64 = 1_000_000;

/// The channel number exists.
fn channel(context: &Context<'_>, findings: &mut Findings) {
    for (_, radio) in context.network.radios.iter() {
        let number = radio.channel.value;
        if !wifi::bands_of(number).is_empty() {
            continue;
        }
        // Of the band that the number is usually read as, so that nobody is sent from 5 GHz to 6 GHz.
        let band = radio.band.map_or_else(|| WifiBand::of_channel(number), |band| band.value);
        let near = (1..=233).filter(|candidate| wifi::bands_of(*candidate).contains(&band));
        let near = near.min_by_key(|candidate| candidate.abs_diff(number)).unwrap_or(1);
        let message = format!("there is no Wi-Fi channel {number}");
        let help = format!("the nearest is {near}; wide channels are named by their primary 20 MHz channel");
        findings.push(Diagnostic::error(&codes::WIFI_CHANNEL, radio.channel.span, message).help(help));
    }
}

/// The standard is one we know.
fn standard(context: &Context<'_>, findings: &mut Findings) {
    for (_, radio) in context.network.radios.iter() {
        if wifi::standard(&radio.standard.value).is_some() {
            continue;
        }
        let names: Vec<&str> = STANDARDS.iter().map(|standard| standard.name).collect();
        let message = format!("there is no Wi-Fi standard `{}`", radio.standard.value);
        let help = format!("one of {}", names.join(", "));
        findings.push(Diagnostic::error(&codes::WIFI_STANDARD, radio.standard.span, message).help(help));
    }
}

/// The country is an ISO 3166-1 code of two capital letters.
fn country_code(context: &Context<'_>, findings: &mut Findings) {
    for (_, radio) in context.network.radios.iter() {
        let Some(country) = &radio.country else { continue };
        let code = &country.value;
        if is_country(code) {
            continue;
        }
        let upper = code.to_ascii_uppercase();
        let help = match upper.as_str() {
            "UK" => "the code of the United Kingdom is `GB`".to_owned(),
            upper if is_country(upper) => format!("did you mean `{upper}`?"),
            _ => "two capital letters of ISO 3166-1, e.g. `ES`".to_owned(),
        };
        let message = format!("`{code}` is no country code");
        findings.push(Diagnostic::error(&codes::WIFI_COUNTRY, country.span, message).help(help));
    }
}

/// The band that the channel number is said to be of has a channel of this number.
fn band(context: &Context<'_>, findings: &mut Findings) {
    for (_, radio) in context.network.radios.iter() {
        let Some(stated) = radio.band else { continue };
        let bands = wifi::bands_of(radio.channel.value);
        if bands.is_empty() || bands.contains(&stated.value) {
            continue;
        }
        let message = format!("there is no channel {} at {}", radio.channel.value, stated.value.word());
        let words: Vec<&str> = bands.iter().map(|band| band.word()).collect();
        let help =
            format!("channel {} is at {}; mend the channel or the band", radio.channel.value, words.join(" or "));
        let finding = Diagnostic::error(&codes::WIFI_CHANNEL, stated.span, message);
        findings.push(finding.and(radio.channel.span, "the channel").help(help));
    }
}

/// One of the bands that the channel number may mean carries this width, by this standard, in this country.
fn combination(context: &Context<'_>, findings: &mut Findings) {
    for (_, radio) in context.network.radios.iter() {
        let Some(standard) = wifi::standard(&radio.standard.value) else { continue };
        let mut bands = wifi::bands_of(radio.channel.value);
        bands.retain(|band| radio.band.is_none_or(|stated| stated.value == *band));
        let problems: Vec<Option<Diagnostic>> = bands.iter().map(|band| problem(radio, standard, *band)).collect();
        if problems.is_empty() || problems.iter().any(Option::is_none) {
            continue;
        }
        // The first band is the usual reading of the number.
        findings.extend(problems.into_iter().flatten().next());
    }
}

fn problem(radio: &Radio, standard: &Standard, band: WifiBand) -> Option<Diagnostic> {
    let (channel, width) = (radio.channel.value, radio.width.value);
    let mhz = u32::try_from(width.0 / MHZ).unwrap_or(u32::MAX);
    let widest = standard.widest_in(band);
    if widest == 0 {
        let users: Vec<&str> =
            STANDARDS.iter().filter(|other| other.widest_in(band) > 0).map(|other| other.name).collect();
        let message = format!("{} does not use channel {channel} ({})", standard.name, band.word());
        let help = format!("{} has {}", band.word(), users.join(", "));
        return Some(Diagnostic::error(&codes::WIFI_STANDARD, radio.standard.span, message).help(help));
    }
    if mhz > widest && width.0.is_multiple_of(20 * MHZ) {
        let message = format!("{} has no {width} channels at {}", standard.name, band.word());
        let able = STANDARDS.iter().find(|other| other.widest_in(band) >= mhz);
        let more = able.map(|other| format!(", or write `standard {}`", other.name)).unwrap_or_default();
        let help = format!("its widest there is {widest}MHz{more}");
        return Some(Diagnostic::error(&codes::WIFI_WIDTH, radio.width.span, message).help(help));
    }
    let covered = wifi::covered(band, channel, mhz).filter(|_| width.0.is_multiple_of(MHZ));
    let Some(covered) = covered else {
        let fitting: Vec<String> = [20, 40, 80, 160, 320]
            .into_iter()
            .filter(|width| *width <= widest && wifi::covered(band, channel, *width).is_some())
            .map(|width| format!("{width}MHz"))
            .collect();
        let message = format!("no {width} channel contains channel {channel} ({})", band.word());
        let help = format!("channel {channel} has {}", fitting.join(", "));
        return Some(Diagnostic::error(&codes::WIFI_WIDTH, radio.width.span, message).help(help));
    };
    let code = radio.country.as_ref()?;
    let country = wifi::country(&code.value)?;
    let barred = covered.iter().find(|channel| !country.allows(band, **channel))?;
    let message = match covered.len() {
        1 => format!("channel {channel} is not open to Wi-Fi in {}", code.value),
        _ => format!("a {width} channel at {channel} covers channel {barred}, not open to Wi-Fi in {}", code.value),
    };
    let finding = Diagnostic::error(&codes::WIFI_COUNTRY, radio.channel.span, message);
    Some(finding.and(code.span, "the country").help(open_channels(country, band, &code.value)))
}

fn open_channels(country: &Country, band: WifiBand, code: &str) -> String {
    let ranges: Vec<String> = country.ranges(band).iter().map(|(first, last)| format!("{first} to {last}")).collect();
    match ranges.is_empty() {
        true => format!("{code} has no {} channels", band.word()),
        false => format!("at {} {code} has channels {}", band.word(), ranges.join(", ")),
    }
}

/// Two networks of one name on one radio cannot be told apart.
fn duplicate_ssid(context: &Context<'_>, findings: &mut Findings) {
    for (interface, _) in context.by_interface() {
        let Interface::Radio(_) = interface else { continue };
        let identities: Vec<_> = super::presence::identities(context, interface).collect();
        for (index, identity) in identities.iter().enumerate() {
            let Some(ssid) = identity.ssid else { continue };
            let same =
                |other: &&super::presence::Identity<'_>| other.ssid.is_some_and(|other| other.value == ssid.value);
            let Some(first) = identities[..index].iter().find(same) else { continue };
            if first.tenant == identity.tenant {
                continue;
            }
            let message = format!(
                "tenants `{}` and `{}` both radiate the SSID `{}` on `{}`",
                context.tenant(first.tenant),
                context.tenant(identity.tenant),
                ssid.value,
                context.interface(interface),
            );
            let mut finding = Diagnostic::error(&codes::DUPLICATE_SSID, ssid.span, message)
                .help("give one of the two services another `ssid`");
            if let Some(other) = first.ssid {
                finding = finding.and(other.span, "the same name");
            }
            findings.push(finding);
        }
    }
}

#[cfg(test)]
mod tests;
