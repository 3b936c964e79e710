//! `policy red-video { for tenant red  for 5qi 7  on cells in site plaza  guarantee dl 20Mbps  delay 100ms }`

use ranform_grammar::ast::{Mark, Value};
use ranform_network::diagnostic::codes;
use ranform_network::ids::CellId;
use ranform_network::network::{
    Balance, Delays, GroupId, Interface, Policy, Preference, QosId, Quality, Rates, Steering, Subject,
};
use ranform_network::units::BitsPerSecond;
use ranform_network::{Diagnostic, Located, Span};

use super::argument::Argument;
use super::body::{Body, Line};
use super::names::Kind;
use super::node::twice;
use super::select::Selector;

/// What a policy block says.
pub(crate) fn policy(body: &Body<'_>, selector: Selector<'_>) -> Option<Policy> {
    let entity = body.entity(body.scope.address("policy", &body.name));
    let subject = subject(body, selector);
    let on = body.line("on").map(|line| (cells(line, selector), line.span()));
    let through = body.line("through").map(|line| line.list()).unwrap_or_default();
    let rics: Vec<_> = through.iter().map(|ric| selector.lookup.bind(Kind::Node, ric)).collect();
    let steering = steering(body, selector);
    let most = at_most(body);
    let balance = balance(body, selector);
    let policy = Policy {
        entity,
        subject,
        cells: None,
        cells_span: on.as_ref().map_or(body.span, |(_, span)| *span),
        through: rics.iter().copied().flatten().collect(),
        steering: steering.clone().unwrap_or_default(),
        guarantee: body.line("guarantee").map(|line| rates(line)).unwrap_or_default(),
        at_most: most.all,
        at_most_per_ue: most.per_ue,
        ues: most.ues,
        sessions: most.sessions,
        delay: delays(body),
        priority: body.one("priority").and_then(|priority| priority.whole(1, 1000)),
        quality: quality(body),
        balance: balance.clone().unwrap_or_default(),
        save_energy: body.one("save energy").and_then(|share| share.share()),
        require_enforced: body.all("require").any(|line| line.says("enforced")),
        transient: body.line("transient").is_some(),
    };
    // A policy without its cells or RICs would be another one.
    (rics.iter().all(Option::is_some) && steering.is_some() && balance.is_some()).then_some(())?;
    match on {
        None => Some(policy),
        Some((cells, _)) => Some(Policy { cells: Some(cells?), ..policy }),
    }
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

/// `for tenant red`, `for 5qi 7`, `for ue "00000000000000A1"`, `for group spid 3`
fn subject(body: &Body<'_>, selector: Selector<'_>) -> Subject {
    let mut subject = Subject::default();
    for line in body.all("for") {
        let Some(what) = line.values().first().and_then(|value| value.value.name().cloned()) else { continue };
        let first = match what.as_str() {
            "tenant" => {
                let tenant = line.at(1).and_then(|tenant| selector.lookup.bind(Kind::Tenant, &tenant));
                keep(&mut subject.tenant, tenant)
            }
            "ue" => keep(&mut subject.ue, line.at(1).and_then(|ue| user_equipment(&ue))),
            "group" => keep(&mut subject.group, group(line)),
            word => {
                let number = line.at(1).and_then(|number| number.whole(1, 256));
                let flow = number.map(|number| {
                    number.map(|id| if word == "qci" { QosId::Qci(id as u16) } else { QosId::FiveQi(id as u16) })
                });
                keep(&mut subject.flow, flow)
            }
        };
        if let Some(first) = first {
            body.report(twice(&format!("for {what}"), line.span(), first));
        }
    }
    subject
}

/// Sets what was not set before; else gives the place of what was.
fn keep<T>(slot: &mut Option<Located<T>>, found: Option<Located<T>>) -> Option<Span> {
    match (&slot, found) {
        (Some(first), Some(_)) => Some(first.span),
        (None, found) => {
            *slot = found;
            None
        }
        (Some(_), None) => None,
    }
}

fn user_equipment(value: &Argument<'_, '_>) -> Option<Located<ranform_network::network::Name>> {
    let text = value.text()?;
    if text.value.len() == 16 && text.value.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Some(text.map(|text| text.to_ascii_uppercase().as_str().into()));
    }
    value.wrong("the id of a user equipment", "its 16 hexadecimal digits, such as `\"00000000000000A1\"`");
    None
}

/// `for group spid 3`
fn group(line: Line<'_, '_>) -> Option<Located<GroupId>> {
    let by_profile = line.says("spid");
    let number = line.at(2)?.whole(1, 256)?;
    Some(number.map(|id| if by_profile { GroupId::Spid(id as u16) } else { GroupId::Rfsp(id as u16) }))
}

/// The lines about cells, in order; none where one of them cannot be read.
fn steering(body: &Body<'_>, selector: Selector<'_>) -> Option<Vec<Steering>> {
    let mut lines = Vec::new();
    let mut complete = true;
    for line in body.lines() {
        let preference = Preference::ALL.iter().find(|(_, word)| *word == line.keyword());
        let Some((preference, _)) = preference else { continue };
        if *preference == Preference::Shall && line.says("enforced") {
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

#[derive(Default)]
struct Most {
    all: Rates,
    per_ue: Rates,
    ues: Option<Located<u32>>,
    sessions: Option<Located<u32>>,
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
#[allow(clippy::option_option)]
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
