//! `node` with its cells, radios and ports.

use super::access::manage;
use super::said::{Lines, Said, interface, listed, name};

pub(super) fn node(own: &str, kind: &str, said: Said<'_>) -> String {
    let kind = match kind {
        "EnbNode" => "enb",
        "AccessPoint" => "ap",
        _ => said.text("function").unwrap_or("gnb"),
    };
    let home = if said.flag("home") == Some(true) { " home" } else { "" };
    let id = said.inner("gnbId");
    let gnb_id = id.and_then(|id| Some(format!("{}/{}", id.plain("value")?, id.plain("length")?)));
    let location = said.inner("location");
    let location = location.and_then(|at| Some(format!("{} {}", at.plain("north")?, at.plain("east")?)));
    let costs =
        said.plain("fixedCost").map(|cost| format!("fixed {cost}")).into_iter().chain(said.amounts("componentCosts"));
    let lines = Lines::default()
        .say("site", said.name("site"))
        .say("parent", said.name("parent"))
        .say("profile", said.name("profile"))
        .say("version", said.quoted("version"))
        .say("tier", said.plain("tier"))
        .say("plmn", said.plmn())
        .say("gnb-id", gnb_id)
        .say("gnb-du-id", said.plain("gnbDuId"))
        .say("gnb-du-name", said.quoted("gnbDuName"))
        .say("enb-id", said.plain("enbId").map(|id| format!("{id}{home}")))
        .say("manage", manage(said))
        .say("hosted on", said.name("hostedOn"))
        .say("on unreachable", said.plain("onUnreachable"))
        .say("capacity", said.amounts("capacity"))
        .say("cost", listed(costs))
        .say("e2", said.quoted("e2"))
        .say("location", location)
        .say("runs-xapps", yes_or_no(said.flag("runsXapps")))
        .entity(said);
    let blocks = said.list("cells").map(cell).chain(said.list("radios").map(radio)).chain(said.list("ports").map(port));
    blocks.fold(lines, |lines, block| lines.text(&block)).block(&format!("node {own} : {kind}"))
}

pub(super) fn yes_or_no(flag: Option<bool>) -> Option<String> {
    flag.map(|flag| if flag { "yes" } else { "no" }.to_owned())
}

fn own_name(said: Said<'_>) -> String {
    said.text("name").map(name).unwrap_or_default()
}

fn cell(said: Said<'_>) -> String {
    let cells = |field: &str| listed(said.texts(field).into_iter().map(interface));
    let tdd = said.inner("tdd").and_then(|tdd| {
        let offset = tdd.plain("offset").map_or_else(String::new, |offset| format!(" offset {offset}"));
        Some(format!("{}{offset}", tdd.quoted("pattern")?))
    });
    Lines::default()
        .say("band", said.plain("band"))
        .say("carrier", said.plain("carrier"))
        .say("uplink carrier", said.plain("uplinkCarrier"))
        .say("bandwidth", said.plain("bandwidth"))
        .say("scs", said.plain("scs"))
        .say("duplex", said.plain("duplex"))
        .say("tdd", tdd)
        .say("prbs", said.plain("prbs"))
        .say("local-id", said.plain("localId"))
        .say("pci", said.plain("pci"))
        .say("tac", said.plain("tac"))
        .say("power", said.plain("power"))
        .say("ssb", said.plain("ssb"))
        .say("azimuth", said.plain("azimuth"))
        .say("tilt", said.plain("tilt"))
        .say("layers", said.plain("layers"))
        .say("modulation", said.name("modulation"))
        .say("efficiency", said.plain("efficiency"))
        .say("neighbours", cells("neighbours"))
        .say("aggregates with", cells("aggregatesWith"))
        .say("anchor", said.text("anchor").map(interface))
        .say("share-mode", said.plain("networkSharing"))
        .say("state", said.plain("state"))
        .say("sharing", said.inner("sharing").and_then(sharing))
        .entity(said)
        .block(&format!("cell {}", own_name(said)))
}

fn radio(said: Said<'_>) -> String {
    Lines::default()
        .say("channel", said.plain("channel"))
        .say("width", said.plain("width"))
        .say("standard", said.plain("standard"))
        .say("band", said.plain("band"))
        .say("power", said.plain("power"))
        .say("country", said.plain("country"))
        .say("interface", said.quoted("interface"))
        .say("efficiency", said.plain("efficiency"))
        .say("state", said.plain("state"))
        .say("sharing", said.inner("sharing").and_then(sharing))
        .entity(said)
        .block(&format!("radio {}", own_name(said)))
}

fn port(said: Said<'_>) -> String {
    Lines::default()
        .say("interface", said.quoted("interface"))
        .say("rate", said.plain("rate"))
        .say("mtu", said.plain("mtu"))
        .say("state", said.plain("state"))
        .entity(said)
        .block(&format!("port {}", own_name(said)))
}

/// `prb dl grid 1% smallest 2%`, `passive expect red 50%, blue 50%`
fn sharing(said: Said<'_>) -> Option<String> {
    let mut words = vec![said.plain("mode")?];
    words.extend(said.plain("direction"));
    words.extend(said.plain("grid").map(|grid| format!("grid {grid}")));
    words.extend(said.plain("smallest").map(|smallest| format!("smallest {smallest}")));
    words.extend(said.shares("expect").map(|expect| format!("expect {expect}")));
    Some(words.join(" "))
}
