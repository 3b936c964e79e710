//! `chunk`, `service`, `sla`.

use ranform_targets::custom_resources::steps;

use super::said::{Lines, Said, interface, listed, name};

/// `interfaces gnb-1/nr-1, ap-1/radio.r1`; nothing where there are none.
fn interfaces(said: Said<'_>) -> Option<String> {
    listed(said.texts("interfaces").into_iter().map(interface)).map(|list| format!("interfaces {list}"))
}

pub(super) fn chunk(own: &str, said: Said<'_>) -> String {
    let tenant = said.name("tenant").unwrap_or_default();
    let lines = Lines::default().say("", interfaces(said)).say("ratio", said.plain("ratio")).entity(said);
    lines.block(&format!("chunk {own} for {tenant}"))
}

pub(super) fn service(own: &str, said: Said<'_>) -> String {
    let ratio = |ratio: Said<'_>| Some(format!("{} {}", ratio.text("technology")?, ratio.text("share")?));
    let rates = [("dl", "throughputDownlink"), ("ul", "throughputUplink")];
    let rates = rates.into_iter().filter_map(|(word, field)| Some(format!("{word} {}", said.text(field)?)));
    Lines::default()
        .say("plmn", said.plmn())
        .say("slice", said.slice())
        .say("ssid", said.quoted("ssid"))
        .say("vlan", said.plain("vlan"))
        .say("ratio", listed(said.list("ratios").filter_map(ratio)))
        .say("throughput", listed(rates))
        .say("latency", said.plain("latency"))
        .say("ues", said.plain("userEquipments"))
        .entity(said)
        .block(&format!("service {own} on {}", said.name("chunk").unwrap_or_default()))
}

pub(super) fn sla(own: &str, said: Said<'_>) -> String {
    let window = said.plain("window").unwrap_or_else(|| "100s".to_owned());
    let period = said.plain("period").map_or_else(String::new, |period| format!(" every {period}"));
    let timed = said.text("window").is_some() || said.text("period").is_some();
    Lines::default()
        .say("over", interfaces(said))
        .say("share", said.shares("shares"))
        .say("window", timed.then(|| format!("{window}{period}")))
        .say("floor", said.plain("floor"))
        .say("direction", said.plain("direction"))
        .say("weight", said.plain("weight"))
        .each("guarantee", said.list("guarantees").filter_map(bound))
        .each("cap", said.list("caps").filter_map(bound))
        .say("others", said.plain("others"))
        .say("theta", said.plain("theta"))
        .say("best effort", (said.flag("bestEffort") == Some(true)).then(String::new))
        .entity(said)
        .block(&format!("sla {own}"))
}

/// `red 20% on gnb-1/nr-1`, `blue 70% in area downtown`
fn bound(said: Said<'_>) -> Option<String> {
    let what = format!("{} {}", said.name("tenant")?, said.text("share")?);
    let Some(place) = said.text("on") else { return Some(what) };
    let parts = steps(place)?;
    Some(match &parts.steps[..] {
        // A name with a slash would be read as that of an interface.
        [only] if only.noun == "node" && parts.modules.is_empty() && !only.name.contains('/') => {
            format!("{what} on {}", name(&only.name))
        }
        [only] if only.noun == "node" => format!("{what} on {place}"),
        [only] => format!("{what} in {} {}", only.noun, name(&only.name)),
        _ => format!("{what} on {}", interface(place)),
    })
}
