//! `policy red-video { for tenant red  for 5qi 7  on cells in site plaza  guarantee dl 20Mbps  delay 100ms }`

use ranform_grammar::ast::{Mark, Value};
use ranform_network::diagnostic::codes;
use ranform_network::ids::{CellId, NodeId, RicId};
use ranform_network::network::{
    Balance, Delays, Directed, Energy, EnergyAim, Interface, Policy, PolicyRic, Preference, Quality, Rates,
    Reliability, Spared, Spares, Steering,
};
use ranform_network::units::{BitsPerSecond, Bytes, Share};
use ranform_network::{Diagnostic, Located, Span};

use super::argument::Argument;
use super::body::{Body, Line};
use super::names::Kind;
use super::node::twice;
use super::select::Selector;
use super::subject::{keep, subject};
use super::suggest;

/// What a policy block says.
pub(crate) fn policy(body: &Body<'_>, selector: Selector<'_>) -> Option<Policy> {
    let entity = body.entity(body.scope.address("policy", &body.name));
    let subject = subject(body, selector);
    let on = body.line("on").map(|line| (cells(line, selector), line.span()));
    let through = body.line("through").map(|line| line.list()).unwrap_or_default();
    let rics: Vec<_> = through.iter().map(|ric| near_rt_ric(ric, selector)).collect();
    let steering = steering(body, selector);
    let energy = energy(body, selector);
    let most = at_most(body);
    let balance = balance(body, selector);
    let policy = Policy {
        entity,
        subject,
        cells: None,
        by_tracking_area: body.line("on").is_some_and(|line| line.says("tracking-areas")),
        cells_span: on.as_ref().map_or(body.span, |(_, span)| *span),
        through: rics.iter().copied().flatten().collect(),
        steering: steering.clone().unwrap_or_default(),
        guarantee: body.line("guarantee").map(|line| rates(line)).unwrap_or_default(),
        at_most: most.all,
        at_most_per_ue: most.per_ue,
        ues: most.ues,
        sessions: most.sessions,
        delay: delays(body),
        loss: directed_of(body, "loss", |value| value.share()),
        jitter: directed_of(body, "jitter", |value| value.nanoseconds()),
        reliability: reliability(body),
        packet: most.packet,
        priority: body.one("priority").and_then(|priority| priority.whole(1, 1000)),
        quality: quality(body),
        balance: balance.clone().unwrap_or_default(),
        energy: energy.clone().unwrap_or_default(),
        require_enforced: body.all("require").any(|line| line.says("enforced")),
        transient: body.line("transient").is_some(),
    };
    // A policy without its cells or RICs would be another one.
    (rics.iter().all(Option::is_some) && steering.is_some() && balance.is_some() && energy.is_some()).then_some(())?;
    match on {
        None => Some(policy),
        Some((cells, _)) => Some(Policy { cells: Some(cells?), ..policy }),
    }
}

/// A near-RT RIC that is there, or one that is placed.
fn near_rt_ric(name: &Argument<'_, '_>, selector: Selector<'_>) -> Option<Located<PolicyRic>> {
    let names = selector.lookup.names;
    let placed = match name.value {
        Value::Address(address) => address.segments.last().is_some_and(|last| last.noun.as_deref() == Some("ric")),
        Value::Word(word) | Value::Text(word) => {
            let is = |kind| names.find(kind, name.body.scope, word.as_str()).is_some();
            if !is(Kind::Ric) && !is(Kind::Node) && names.lost.is_empty() {
                return no_ric(name, word, selector);
            }
            is(Kind::Ric) && !is(Kind::Node)
        }
        _ => false,
    };
    match placed {
        true => selector.lookup.bind::<RicId>(Kind::Ric, name).map(|ric| ric.map(PolicyRic::Placed)),
        false => selector.lookup.bind::<NodeId>(Kind::Node, name).map(|node| node.map(PolicyRic::Node)),
    }
}

/// The finding about a near-RT RIC that is not there: it may be a `ric` or a `node`.
fn no_ric<T>(name: &Argument<'_, '_>, word: &str, selector: Selector<'_>) -> Option<T> {
    let names = selector.lookup.names;
    let scope = name.body.scope;
    if let Some(other) = names.elsewhere(Kind::Ric, scope, word) {
        let message = format!("`{word}` is {}, not a near-RT RIC", other.with_article());
        name.report(&codes::WRONG_NOUN, message, "write the name of a `ric`, or of a `node` that is a `near-rt-ric`");
        return None;
    }
    let near = [Kind::Ric, Kind::Node].into_iter().filter_map(|kind| names.nearest(kind, scope, word));
    let help = suggest::or_say(suggest::nearest(word, near), || {
        format!("declare it: `ric {word} ..`, or `node {word} : near-rt-ric ..`")
    });
    name.report(&codes::UNKNOWN_REFERENCE, format!("there is no near-RT RIC `{word}`"), help);
    None
}

/// The cells of the selection of a line, in order of ids.
fn cells(line: Line<'_, '_>, selector: Selector<'_>) -> Option<Vec<CellId>> {
    let value = line.values().iter().find(|value| matches!(value.value, Value::Selection(_)))?;
    let selected = selector.select(&line.argument(value)?)?;
    let network = selector.lookup.network;
    let mut interfaces = selected.interfaces;
    // Nodes stand for the cells on them.
    interfaces.extend(selected.nodes.iter().flat_map(|node| super::select::interfaces(network, *node)));
    let mut cells: Vec<CellId> = interfaces
        .into_iter()
        .filter_map(|interface| match interface {
            Interface::Cell(cell) => Some(cell),
            _ => None,
        })
        .collect();
    cells.sort_unstable();
    cells.dedup();
    Some(cells)
}

/// The lines about cells, in order; none where one of them cannot be read.
fn steering(body: &Body<'_>, selector: Selector<'_>) -> Option<Vec<Steering>> {
    let mut lines = Vec::new();
    let mut complete = true;
    for line in body.lines() {
        let preference = Preference::ALL.iter().find(|(_, word)| *word == line.keyword());
        let Some((preference, _)) = preference else { continue };
        if (*preference == Preference::Shall && line.says("enforced")) || spared(line).is_some() {
            continue;
        }
        match cells(line, selector) {
            Some(cells) if cells.is_empty() => {}
            Some(cells) => {
                let primary = line.says("primary");
                lines.push(Steering { preference: *preference, cells, primary, span: line.span() });
            }
            None => complete = false,
        }
    }
    complete.then_some(lines)
}

/// `dl 20Mbps, ul 5Mbps`
fn rates(line: Line<'_, '_>) -> Rates {
    let mut rates = Rates::default();
    for (word, rate) in directed(line) {
        let Some(rate) = rate.bits_per_second().filter(|bps| positive(&rate, *bps)) else { continue };
        let slot = if word == "ul" { &mut rates.ul } else { &mut rates.dl };
        if let Some(first) = slot {
            line.body.report(twice(word, rate.span, first.span));
        } else {
            *slot = Some(rate);
        }
    }
    rates
}

fn positive(value: &Argument<'_, '_>, rate: Located<BitsPerSecond>) -> bool {
    if rate.value.0 == 0 {
        value.out_of_range("a rate of more than zero");
    }
    rate.value.0 > 0
}

/// The groups of a direction and a value: `dl 20Mbps`.
fn directed<'b, 'a>(line: Line<'b, 'a>) -> Vec<(&'static str, Argument<'b, 'a>)> {
    line.values()
        .split(|value| value.value == Value::Mark(Mark::Comma))
        .filter_map(|group| {
            let at = group.iter().position(|value| value.is_word("dl") || value.is_word("ul"))?;
            let word = if group[at].is_word("ul") { "ul" } else { "dl" };
            Some((word, line.argument(group.get(at + 1)?)?))
        })
        .collect()
}

/// Something per direction, each with a conversion: `dl 0.1%, ul 1%`.
fn directed_of<T: Copy>(
    body: &Body<'_>,
    keyword: &str,
    convert: impl Fn(&Argument<'_, '_>) -> Option<Located<T>>,
) -> Directed<T> {
    let mut found = Directed::default();
    for (word, value) in body.line(keyword).map(|line| directed(line)).unwrap_or_default() {
        keep_directed(body, &mut found, word, value.span, convert(&value));
    }
    found
}

fn keep_directed<T: Copy>(
    body: &Body<'_>,
    directed: &mut Directed<T>,
    word: &str,
    span: Span,
    value: Option<Located<T>>,
) {
    let slot = if word == "ul" { &mut directed.ul } else { &mut directed.dl };
    if let Some(first) = keep(slot, value) {
        body.report(twice(word, span, first));
    }
}

/// `reliability dl 99.999% of 32B within 1ms`
fn reliability(body: &Body<'_>) -> Directed<Reliability> {
    let mut found = Directed::default();
    let Some(line) = body.line("reliability") else { return found };
    for group in line.values().split(|value| value.value == Value::Mark(Mark::Comma)) {
        let after = |word: &str| {
            let at = group.iter().position(|value| value.is_word(word))?;
            line.argument(group.get(at + 1)?)
        };
        let word = if group.iter().any(|value| value.is_word("ul")) { "ul" } else { "dl" };
        let Some(part) = after(word) else { continue };
        let success: Option<Located<Share>> = part.share();
        let (packet, within) =
            (after("of").and_then(|of| of.bytes()), after("within").and_then(|in_| in_.nanoseconds()));
        let (Some(success), Some(packet), Some(within)) = (success, packet, within) else { continue };
        let said = Reliability { success: success.value, packet: packet.value, within: within.value };
        keep_directed(body, &mut found, word, part.span, Some(Located::new(said, part.span)));
    }
    found
}

#[derive(Default)]
struct Most {
    all: Rates,
    per_ue: Rates,
    ues: Option<Located<u32>>,
    sessions: Option<Located<u32>>,
    packet: Directed<Bytes>,
}

/// `at most dl 100Mbps`, `at most dl 10Mbps per ue`, `at most 64 ues`
fn at_most(body: &Body<'_>) -> Most {
    let mut most = Most::default();
    for line in body.all("at most") {
        if let Some(word) = ["ues", "sessions"].into_iter().find(|word| line.says(word)) {
            let number = line.first().and_then(|number| number.whole(1, u32::MAX));
            let slot = if word == "ues" { &mut most.ues } else { &mut most.sessions };
            if let Some(first) = keep(slot, number) {
                body.report(twice(word, line.span(), first));
            }
            continue;
        }
        if line.says("packet") {
            for (word, size) in directed(line) {
                keep_directed(body, &mut most.packet, word, size.span, size.bytes());
            }
            continue;
        }
        let slot = if line.says("per") { &mut most.per_ue } else { &mut most.all };
        let found = rates(line);
        match slot.first() {
            Some(first) => body.report(twice("at most", line.span(), first.span)),
            None => *slot = found,
        }
    }
    most
}

/// `delay 100ms`, `delay dl 10ms`
fn delays(body: &Body<'_>) -> Delays {
    let mut delays = Delays::default();
    for line in body.all("delay") {
        let Some(value) = line.values().last().and_then(|value| line.argument(value)) else { continue };
        let Some(time) = value.nanoseconds() else { continue };
        if time.value.0 == 0 {
            value.out_of_range("a duration of more than zero");
            continue;
        }
        let (word, slot) = match (line.says("dl"), line.says("ul")) {
            (true, _) => ("delay dl", &mut delays.dl),
            (_, true) => ("delay ul", &mut delays.ul),
            _ => ("delay", &mut delays.both),
        };
        if let Some(first) = keep(slot, Some(time)) {
            body.report(twice(word, line.span(), first));
        }
    }
    delays
}

/// `quality score 4.2, buffering 2s, rebuffering 0.1, stalls 1%`
fn quality(body: &Body<'_>) -> Quality {
    let mut quality = Quality::default();
    let Some(line) = body.line("quality") else { return quality };
    for group in line.groups() {
        let [word, value] = group else { continue };
        let Some(value) = line.argument(value) else { continue };
        let first = match word.value.name().map(|word| word.as_str()) {
            Some("score") => keep(&mut quality.score, value.amount()),
            Some("rebuffering") => keep(&mut quality.rebuffering, value.amount()),
            Some("buffering") => keep(&mut quality.buffering, value.nanoseconds()),
            _ => keep(&mut quality.stalls, value.share()),
        };
        if let Some(first) = first {
            let name = word.value.name().map_or_else(String::new, ToString::to_string);
            body.report(twice(&name, word.span, first));
        }
    }
    quality
}

/// `balance dl 60%, ul 50% peak` with `onto cells in area downtown`; the outer option is none where one cannot be read.
#[allow(
    clippy::option_option,
    reason = "the outer option is none where a line cannot be read, the inner where there is none"
)]
fn balance(body: &Body<'_>, selector: Selector<'_>) -> Option<Option<Balance>> {
    let onto = body.line("onto");
    let Some(line) = body.line("balance") else {
        if let Some(onto) = onto.filter(|_| !body.is_broken("balance")) {
            let message = format!("{} has `onto` without `balance`", body.title());
            let found = Diagnostic::error(&codes::MISSING_ATTRIBUTE, onto.span(), message);
            body.report(found.help("say how full its cells should be: `balance dl 60%`"));
        }
        return Some(None);
    };
    let mut balance = Balance { dl: None, ul: None, peak: line.says("peak"), onto: Vec::new(), span: line.span() };
    for (word, share) in directed(line) {
        let slot = if word == "ul" { &mut balance.ul } else { &mut balance.dl };
        if let Some(first) = keep(slot, share.share()) {
            body.report(twice(word, share.span, first));
        }
    }
    let Some(onto) = onto else {
        body.missing("onto", "cells in area downtown");
        return None;
    };
    balance.onto = cells(onto, selector)?;
    Some(Some(balance))
}

/// What a line says is to be spared where energy is saved; none for a line about something else.
fn spared(line: Line<'_, '_>) -> Option<Spared> {
    Spared::ALL.iter().find(|(_, word)| line.says(word)).map(|(spared, _)| *spared)
}

/// `save energy 20% while dl 30%` with `forbid switching-off cells gnb-1/nr-1`; the outer option is none where one
/// cannot be read.
#[allow(
    clippy::option_option,
    reason = "the outer option is none where a line cannot be read, the inner where there is none"
)]
fn energy(body: &Body<'_>, selector: Selector<'_>) -> Option<Option<Energy>> {
    let mut spares = Vec::new();
    for line in body.lines().filter(|line| matches!(line.keyword(), "avoid" | "forbid")) {
        let Some(what) = spared(line) else { continue };
        let cells = cells(line, selector)?;
        let forbidden = line.keyword() == "forbid";
        spares.push(Spares { what, forbidden, cells, span: line.span() });
    }
    let Some(line) = body.line("save energy") else {
        if let Some(first) = spares.first().filter(|_| !body.is_broken("save energy")) {
            let message = format!("{} spares cells without saving energy", body.title());
            let found = Diagnostic::error(&codes::MISSING_ATTRIBUTE, first.span, message);
            body.report(found.help("say that its cells save energy: `save energy 20%`"));
        }
        return Some(None);
    };
    let mut energy = Energy { spares, span: line.span(), ..Energy::default() };
    energy.aim = match line.after("to") {
        Some(amount) => amount.kilowatt_hours().map(|kwh| kwh.map(|kwh| EnergyAim::DownTo(kwh as f64))),
        None => line.first().filter(|aim| !matches!(aim.value, Value::Word(_))).and_then(|aim| {
            let share = aim.share().and_then(|share| whole_percent(&aim, share));
            share.map(|share| share.map(EnergyAim::Less))
        }),
    };
    for (word, limit) in directed(line) {
        let slot = if word == "ul" { &mut energy.while_ul } else { &mut energy.while_dl };
        let share = limit.share().and_then(|share| whole_percent(&limit, share));
        if let Some(first) = keep(slot, share) {
            body.report(twice(word, limit.span, first));
        }
    }
    Some(Some(energy))
}

/// A share that is a whole percentage: the policy type has no other.
fn whole_percent(value: &Argument<'_, '_>, share: Located<Share>) -> Option<Located<Share>> {
    let percent = share.value.percent();
    if (percent - percent.round()).abs() > 1e-9 {
        value.out_of_range("a whole percentage");
        return None;
    }
    Some(share)
}
