//! Requests that are not served: why, to whom they lost, and what would admit them, each found by solving again.

use ranform_network::diagnostic::codes;
use ranform_network::ids::{Id, ModelId, RequestId};
use ranform_network::network::Request;
use ranform_network::units::{Nanoseconds, decimal};
use ranform_network::{Diagnostic, Network, Span};
use ranform_optimizers::orchestration::from_network::{Host, is_meant};
use ranform_optimizers::orchestration::{Reason, Rejection, Remedy};

use super::models::{self, Explained, ServedModels};
use super::words;

/// The most remedies shown of one request.
const MOST_REMEDIES: usize = 4;

/// A warning for each request that was looked into, and one for the rest.
pub fn findings(network: &Network, served: &ServedModels) -> Vec<Diagnostic> {
    let told = Told { network, served };
    let mut findings: Vec<Diagnostic> = served.rejections.iter().map(|rejection| told.finding(rejection)).collect();
    let explained = served.rejections.len();
    let rest: Vec<String> = served.rejected().into_iter().skip(explained).map(|request| told.name(request)).collect();
    if let Some(first) = served.rejected().get(explained) {
        let plural = if rest.len() == 1 { "is" } else { "are" };
        let message = format!("{} {plural} not served: {}", words::count(rest.len(), "request"), words::some(&rest, 8));
        let finding = Diagnostic::warning(&codes::REQUEST_REJECTED, told.request(*first).entity.span, message);
        findings.push(finding.help("`ranform explain ADDRESS` says of each what would admit it"));
    }
    findings
}

/// What is said of a rejected request.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Words {
    /// Why it was rejected.
    pub reasons: Vec<String>,
    /// What would admit it, one change each.
    pub remedies: Vec<String>,
}

/// The words of one rejection.
pub fn words(network: &Network, served: &ServedModels, explained: &Explained) -> Words {
    let told = Told { network, served };
    let mut remedies = told.unpinned(explained);
    remedies.extend(told.remedies(&explained.rejection));
    Words { reasons: told.reasons(explained), remedies }
}

struct Told<'a> {
    network: &'a Network,
    served: &'a ServedModels,
}

impl Told<'_> {
    fn request(&self, index: usize) -> &Request {
        &self.network.requests[RequestId::from_index(index)]
    }

    fn name(&self, index: usize) -> String {
        self.request(index).entity.address.to_string()
    }

    fn finding(&self, explained: &Explained) -> Diagnostic {
        let rejection = &explained.rejection;
        let request = self.request(rejection.request);
        let Words { reasons, remedies } = words(self.network, self.served, explained);
        let message = format!("`{}` is not served: {}", request.entity.address, reasons.join("; "));
        let mut finding = Diagnostic::warning(&codes::REQUEST_REJECTED, request.entity.span, message);
        if let Some(target) = rejection.hopeless.first().and_then(|(target, _)| request.targets.get(*target)) {
            finding = finding.and(target.span, format!("`{}` is wanted here", target.function.value));
        }
        let pins = self.pins(explained);
        for (span, text) in &pins {
            finding = finding.and(*span, text.clone());
        }
        if !pins.is_empty() {
            finding = finding.help(proof(pins.len(), explained.together));
        }
        for remedy in remedies {
            finding = finding.help(remedy);
        }
        finding
    }

    /// The lines that pin models out of a request's reach.
    fn pins(&self, explained: &Explained) -> Vec<(Span, String)> {
        let keeps = self.network.keeps.iter().filter(|keep| keep.address.last().1 == "models");
        let mut pins = Vec::new();
        for (what, node) in keeps.flat_map(|keep| &keep.pins) {
            let meant = explained.pinned.iter().map(|model| &self.network.models[ModelId::from_index(*model)]);
            for model in meant.filter(|model| is_meant(what.value.as_str(), model)) {
                let (model, node) = (&model.entity.address, words::node(self.network, node.value));
                pins.push((what.span, format!("`{model}` is pinned to `{node}`")));
            }
        }
        pins
    }

    /// The parameters that its models and those of accepted requests would both set.
    fn fought_over(&self, explained: &Explained) -> String {
        let problem = &self.served.solved.problem;
        let name =
            |(node, parameter): &(usize, String)| format!("`{parameter}` of `{}`", problem.label(self.network, *node));
        let mut names: Vec<String> = explained.fought_over.iter().take(3).map(name).collect();
        if explained.fought_over.len() > names.len() {
            names.push(format!("{} more", explained.fought_over.len() - names.len()));
        }
        if names.is_empty() { String::new() } else { format!(": both would set {}", names.join(", ")) }
    }

    /// What would admit it: leaving out pins.
    fn unpinned(&self, explained: &Explained) -> Vec<String> {
        let name = |model: &usize| self.network.models[ModelId::from_index(*model)].entity.address.to_string();
        let names: Vec<String> = explained.pinned.iter().map(name).collect();
        match (names.as_slice(), explained.together) {
            ([], _) => Vec::new(),
            (names, true) => {
                vec![format!("without the pins of {} it would be served beside all others", words::some(names, 3))]
            }
            (names, false) => names
                .iter()
                .map(|name| format!("without the pins of `{name}` it would be served beside all others"))
                .collect(),
        }
    }

    fn reasons(&self, explained: &Explained) -> Vec<String> {
        let rejection = &explained.rejection;
        let request = self.request(rejection.request);
        let mut reasons: Vec<String> = Vec::new();
        for (target, reason) in &rejection.hopeless {
            let Some(target) = request.targets.get(*target) else { continue };
            let (function, node) = (&target.function.value, words::node(self.network, target.node));
            let obstacle = match reason {
                Reason::Excluded if !explained.pinned.is_empty() => "has no model that is not pinned elsewhere",
                reason => obstacle(*reason),
            };
            let text = format!("`{function}` for `{node}` {obstacle}");
            if reasons.len() < 2 && !reasons.contains(&text) {
                reasons.push(text);
            }
        }
        if rejection.hopeless.len() > reasons.len() && !reasons.is_empty() {
            reasons.push(format!("and {} more of its targets", rejection.hopeless.len() - reasons.len()));
        }
        if reasons.is_empty() {
            let lost: Vec<String> = rejection.lost_to.iter().map(|other| self.name(*other)).collect();
            reasons.push(match lost.as_slice() {
                [] => "the places that could serve it have no room left".to_owned(),
                lost => format!("it lost to {}{}", words::some(lost, 3), self.fought_over(explained)),
            });
        }
        reasons
    }

    fn remedies(&self, rejection: &Rejection) -> Vec<String> {
        let mut remedies: Vec<String> =
            rejection.remedies.iter().filter_map(|one| self.remedy(rejection, one)).collect();
        remedies.truncate(MOST_REMEDIES);
        if let Some(needed) = rejection.value_needed.filter(|_| rejection.hopeless.is_empty()) {
            let value = decimal(needed as f64 / self.served.solved.problem.value_scale as f64, 3);
            remedies.push(format!("or value it more: `value {value}` wins in any case"));
        }
        remedies
    }

    fn remedy(&self, rejection: &Rejection, remedy: &Remedy) -> Option<String> {
        let problem = &self.served.solved.problem;
        match remedy {
            // A RIC that is placed has no room of its own; its compute nodes are asked one by one.
            Remedy::Capacity { node, .. } if matches!(problem.nodes[*node], Host::Ric(_)) => None,
            Remedy::Capacity { node, more } => {
                let amounts: Vec<String> = more
                    .iter()
                    .map(|(resource, more)| models::amount(problem, *resource, *more))
                    .map(|(name, amount)| words::amount(&name, amount))
                    .collect();
                let node = problem.label(self.network, *node);
                Some(format!("{} more on `{node}` would admit it beside all others", amounts.join(", ")))
            }
            Remedy::Latency { target, more_ns } => {
                let target = self.request(rejection.request).targets.get(*target)?;
                let limit = target.within?.value.0.saturating_add(u64::try_from(*more_ns).ok()?);
                Some(format!("`within {}` would admit it beside all others", Nanoseconds(limit)))
            }
            Remedy::Latencies { limit_ns } => {
                let limit = Nanoseconds(u64::try_from(*limit_ns).ok()?);
                let targets = &self.request(rejection.request).targets;
                let first = targets.first()?.within?.span;
                let is_one = targets.iter().all(|target| target.within.is_some_and(|within| within.span == first));
                let all = if is_one { "" } else { " for all its targets" };
                Some(format!("`within {limit}`{all} would admit it beside all others"))
            }
        }
    }
}

/// Whether the pins marked and the request are a minimal conflict.
fn proof(pins: usize, together: bool) -> String {
    match (pins, together) {
        (1, false) => {
            "proven minimal: without the pin marked, or without the request, nothing is in the way".to_owned()
        }
        (_, false) => {
            "proven minimal by model: without the pins of any one model marked nothing is in the way".to_owned()
        }
        (_, true) => {
            "not proven minimal: without all pins marked nothing is in the way, without those of one model something is"
                .to_owned()
        }
    }
}

/// Why a target can be served nowhere, whoever else is accepted.
pub fn obstacle(reason: Reason) -> &'static str {
    match reason {
        Reason::Function => "is outside the tree of RAN nodes, or its data are",
        Reason::Pinned => "is pinned to another place",
        Reason::Reach => "has no host that reaches it and all its sources",
        Reason::Suitability => "has no model that runs on a node in its reach",
        Reason::Excluded => "has no host that is not excluded",
        Reason::Performance => "has no model in reach that performs as well",
        Reason::Latency => "cannot be served in time",
        Reason::Capacity => "has no host with room for even one instance",
    }
}
