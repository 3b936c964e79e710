//! What has one value for one scope has it from one policy, or the same from each.

use std::collections::{BTreeMap, BTreeSet};

use ranform_network::diagnostic::{Diagnostic, codes};
use ranform_network::ids::CellId;
use ranform_network::network::{Delays, Directed, Policy, PolicyRic, Rates, Reliability};
use ranform_network::source::{Located, Span};
use ranform_network::units::{Share, decimal};

use super::super::context::name;
use super::super::{Context, Findings};
use super::spoken::{Spoken, spoken};
use super::{Whom, whom};

/// Whom and where a policy is for.
type Scope<'a> = (Whom<'a>, Option<&'a [CellId]>);

/// Values of the objectives of policies, by scope and objective.
type Told<'a> = BTreeMap<(Scope<'a>, &'static str), Vec<Value<'a>>>;

/// What a policy says of an objective.
struct Value<'a> {
    policy: &'a Policy,
    rics: Vec<PolicyRic>,
    text: String,
    span: Span,
}

/// No two policies give one objective of one scope two values, where one RIC hears both.
pub(super) fn values(context: &Context<'_>, findings: &mut Findings) {
    let mut by_scope: Told<'_> = BTreeMap::new();
    let policies = spoken(context);
    for Spoken { policy, cells } in &policies {
        let scope = (whom(policy), cells.as_deref());
        let rics = context.network.rics_of(policy);
        for (objective, text, span) in objectives(policy) {
            let value = Value { policy, rics: rics.clone(), text, span };
            by_scope.entry((scope, objective)).or_default().push(value);
        }
    }
    let mut told = BTreeSet::new();
    for ((_, objective), values) in &by_scope {
        for (index, value) in values.iter().enumerate() {
            let one_hears_both = |other: &&Value<'_>| other.rics.iter().any(|ric| value.rics.contains(ric));
            let mut earlier = values[..index].iter().filter(one_hears_both);
            let Some(other) = earlier.find(|other| other.text != value.text) else { continue };
            // A value for both directions is told once.
            if !told.insert((value.span, other.span)) {
                continue;
            }
            let message = format!(
                "`{}` wants `{objective}` {}, and `{}` {} for the same",
                name(&value.policy.entity),
                value.text,
                name(&other.policy.entity),
                other.text
            );
            findings.push(
                Diagnostic::error(&codes::POLICIES_OPPOSED, value.span, message)
                    .and(other.span, "the other value")
                    .help("let one policy say it, or narrow whom or where they are for"),
            );
        }
    }
}

/// What a policy says that has one value: the words of the language, the value as one reads it, its place.
fn objectives(policy: &Policy) -> Vec<(&'static str, String, Span)> {
    let mut all = Vec::new();
    all.extend(policy.priority.map(|value| ("priority", value.value.to_string(), value.span)));
    all.extend(policy.ues.map(|value| ("at most .. ues", value.value.to_string(), value.span)));
    all.extend(policy.sessions.map(|value| ("at most .. sessions", value.value.to_string(), value.span)));
    let Delays { both, dl, ul } = policy.delay;
    all.extend(texts([("delay dl", dl.or(both)), ("delay ul", ul.or(both))]));
    all.extend(rates(["guarantee dl", "guarantee ul"], policy.guarantee));
    all.extend(rates(["at most dl", "at most ul"], policy.at_most));
    all.extend(rates(["at most dl .. per ue", "at most ul .. per ue"], policy.at_most_per_ue));
    all.extend(texts([("loss dl", percent(policy.loss.dl)), ("loss ul", percent(policy.loss.ul))]));
    all.extend(directed(["jitter dl", "jitter ul"], policy.jitter));
    all.extend(directed(["at most dl .. per packet", "at most ul .. per packet"], policy.packet));
    let quality = policy.quality;
    let scales = [("quality score", quality.score), ("quality rebuffering", quality.rebuffering)];
    all.extend(scales.into_iter().filter_map(|(word, value)| Some((word, decimal(value?.value, 6), value?.span))));
    all.extend(texts([("quality buffering", quality.buffering)]));
    all.extend(texts([("quality stalls", percent(quality.stalls))]));
    let reliable = [("reliability dl", policy.reliability.dl), ("reliability ul", policy.reliability.ul)];
    all.extend(reliable.into_iter().filter_map(|(word, value)| {
        let Reliability { success, packet, within } = value?.value;
        Some((word, format!("{} of {packet} within {within}", every_digit(success)), value?.span))
    }));
    all
}

/// Losses differ in digits that a share is not shown with elsewhere.
fn every_digit(share: Share) -> String {
    format!("{}%", decimal(share.percent(), 9))
}

fn percent(share: Option<Located<Share>>) -> Option<Located<String>> {
    share.map(|share| Located::new(every_digit(share.value), share.span))
}

fn texts<T: std::fmt::Display, const N: usize>(
    values: [(&'static str, Option<Located<T>>); N],
) -> impl Iterator<Item = (&'static str, String, Span)> {
    values.into_iter().filter_map(|(word, value)| value.map(|value| (word, value.value.to_string(), value.span)))
}

fn rates([dl, ul]: [&'static str; 2], rates: Rates) -> impl Iterator<Item = (&'static str, String, Span)> {
    texts([(dl, rates.dl), (ul, rates.ul)])
}

fn directed<T: std::fmt::Display>(
    [dl, ul]: [&'static str; 2],
    of: Directed<T>,
) -> impl Iterator<Item = (&'static str, String, Span)> {
    texts([(dl, of.dl), (ul, of.ul)])
}
