//! `model storm-v2 { offers storm-protection performance 95%  input metrics 100B  demand cpu 1  runs 1ms on du }`

use ranform_network::Located;
use ranform_network::deployment::Connector;
use ranform_network::network::{Model, ModelConnector, Name, NodeKind};
use ranform_network::units::{Bytes, Nanoseconds, Share};

use super::body::{Body, Line};
use super::image::image;
use super::node::{amounts_of, twice};
use super::ric::{demand, pod_security, replicas};
use super::secrets::{login, pull_secrets, secrets};
use super::settings::settings;

/// What a model block says.
pub(crate) fn model(body: &Body<'_>) -> Option<Model> {
    let entity = body.entity(body.scope.address("model", &body.name));
    let mut offers: Vec<(Located<Name>, Share)> = body.all("offers").filter_map(offer).collect();
    if !body.has("offers") {
        body.missing("offers", "storm-protection performance 95%");
    }
    offers.sort_by(|a, b| (&a.0.value, a.0.span).cmp(&(&b.0.value, b.0.span)));
    for pair in offers.windows(2).filter(|pair| pair[0].0.value == pair[1].0.value) {
        body.report(twice(&pair[1].0.value, pair[1].0.span, pair[0].0.span));
    }
    let input = body.line("input");
    let mut controls: Vec<_> =
        body.all("controls").flat_map(|line| line.list()).filter_map(|parameter| parameter.text()).collect();
    controls.sort();
    let connectors = connectors(body);
    Some(Model {
        entity,
        offers,
        controls,
        input: input.and_then(|line| line.first()).and_then(|kind| kind.text()).map(|kind| kind.value),
        input_size: input.and_then(|line| line.at(1)).and_then(|size| size.bytes()).map_or(Bytes(0), |size| size.value),
        demand: demand(body, "demand"),
        execution: execution(body),
        suitability: suitability(body),
        image: body.one("image").and_then(image),
        pull_secrets: pull_secrets(body),
        secrets: secrets(body, &connectors),
        settings: settings(body, &connectors),
        login: login(body),
        replicas: replicas(body),
        version: body.one("version").and_then(|version| version.text()).map(|version| version.value),
        connectors,
        connects_itself: body.all("connector").any(|line| is_none(&line)),
        pod_security: pod_security(body),
    })
}

/// `connector none`
fn is_none(line: &Line<'_, '_>) -> bool {
    line.values().first().is_some_and(|value| value.is_word("none"))
}

/// `connector e2 "registry.example/e2-connector:1.0" demand cpu 0.1, memory 64MB`, each way once.
fn connectors(body: &Body<'_>) -> Vec<ModelConnector> {
    let mut connectors: Vec<ModelConnector> = Vec::new();
    for line in body.all("connector").filter(|line| !is_none(line)) {
        let (way, reference) = (line.first().and_then(|way| way.choice(&Connector::ALL)), line.at(1));
        let (Some(way), Some(image)) = (way, reference.and_then(image)) else { continue };
        if let Some(first) = connectors.iter().find(|other| other.way.value == way.value) {
            body.report(twice(&format!("connector {}", way.value.word()), way.span, first.way.span));
            continue;
        }
        let from = line.values().iter().position(|value| value.is_word("demand")).map_or(0, |at| at + 1);
        let amounts = amounts_of(line, line.values().get(from..).unwrap_or_default());
        let mut demand: Vec<_> = amounts.into_iter().map(|(name, amount)| (name.value, amount.value)).collect();
        demand.sort_by(|a, b| a.0.cmp(&b.0));
        connectors.push(ModelConnector { way, image, demand });
    }
    connectors.sort_by_key(|connector| connector.way.value);
    connectors
}

/// `offers storm-protection performance 95%`; perfect where nothing is said.
fn offer(line: Line<'_, '_>) -> Option<(Located<Name>, Share)> {
    let function = line.first()?.text()?;
    let performance = match line.after("performance") {
        Some(performance) => performance.fraction()?.value,
        None => Share(1.0),
    };
    Some((function, performance))
}

fn kinds() -> Vec<(NodeKind, &'static str)> {
    NodeKind::ALL.to_vec()
}

/// `runs 1ms on du, 2ms on cu`; without a kind, on every kind that is not named.
fn execution(body: &Body<'_>) -> Vec<(NodeKind, Nanoseconds)> {
    let mut execution: Vec<(NodeKind, Nanoseconds)> = Vec::new();
    let mut anywhere = None;
    for (line, group) in body.all("runs").flat_map(|line| line.groups().map(move |group| (line, group))) {
        let Some(time) = group.first().and_then(|time| line.argument(time)?.nanoseconds()) else { continue };
        match group.get(2).and_then(|kind| line.argument(kind)) {
            Some(kind) => execution.extend(kind.choice(&kinds()).map(|kind| (kind.value, time.value))),
            None => anywhere = Some(time.value),
        }
    }
    if let Some(time) = anywhere {
        for (kind, _) in NodeKind::ALL {
            if !execution.iter().any(|(known, _)| *known == kind) {
                execution.push((kind, time));
            }
        }
    }
    execution.sort_by_key(|(kind, _)| *kind);
    execution.dedup_by_key(|(kind, _)| *kind);
    execution
}

/// `suits du 80%, cu 100%`
fn suitability(body: &Body<'_>) -> Vec<(NodeKind, Share)> {
    let mut suitability = Vec::new();
    for (kind, share) in body.all("suits").flat_map(|line| line.pairs()) {
        if let (Some(kind), Some(share)) = (kind.choice(&kinds()), share.share()) {
            suitability.push((kind.value, share.value));
        }
    }
    suitability.sort_by_key(|(kind, _)| *kind);
    suitability.dedup_by_key(|(kind, _)| *kind);
    suitability
}
