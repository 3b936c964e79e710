//! What others changed of what is ours, and what the lines `outside change on PATH ...` say to do about it.
//!
//! Ours is what was applied, leaf by leaf; theirs is what the devices show instead, in a snapshot or, where it is let be
//! already, in state. A leaf that no intent produced is nobody's business here.

mod line;

use std::collections::{BTreeMap, BTreeSet};

use ranform_network::address::Address;
use ranform_network::bundle::Outside;
use ranform_network::deployment::{Change, Deployment, Recorded, Resource, attributes_at};
use ranform_network::diagnostic::{Diagnostic, codes};
use ranform_network::network::{Network, OutsideAction, OutsideChange};
use ranform_targets::kubernetes::is_gone;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::drivers::{Difference, changed_by_others};
use crate::scope;
use crate::state::StateRecord;

/// The lines of a network about outside changes, the most particular first.
pub struct Rules<'a> {
    rules: Vec<(Address, Reach, &'a OutsideChange)>,
    /// The day it is, `YYYY-MM-DD`; none where none is known, then no day is over.
    today: Option<&'a str>,
}

/// How far a path reaches, the nearest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Reach {
    /// The address itself.
    Itself,
    /// `/*`: what stands directly below.
    Children,
    /// `/**`: itself and all below.
    Below,
}

/// What is done about a leaf that others changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Ours is put back.
    Restore,
    /// Theirs stays, and state takes it.
    Accept,
    /// Theirs stays until the end of this day.
    Ignore(String),
    /// The plan stops; the day of an `ignore` line that is over.
    Stop(Option<String>),
}

/// A leaf that stays as others made it, for people.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeptLeaf {
    /// The thing.
    pub address: Address,
    /// The leaf; empty for the whole thing, which others took away.
    pub leaf: String,
    /// What was applied.
    pub ours: Option<Value>,
    /// What stays.
    pub theirs: Option<Value>,
    /// The last day it stays; none where it is accepted.
    pub until: Option<String>,
    /// The line that says the same in the intents, where one can.
    pub line: Option<String>,
}

impl<'a> Rules<'a> {
    /// The rules of a network on a day, over what is there.
    pub fn new(network: &'a Network, recorded: &BTreeMap<Address, Recorded>, today: Option<&'a str>) -> Self {
        let mut rules = Vec::new();
        for rule in &network.outside_changes {
            let path = &*rule.path.value;
            let (top, reach) = match (path.strip_suffix("/**"), path.strip_suffix("/*")) {
                (Some(top), _) => (top, Reach::Below),
                (None, Some(top)) => (top, Reach::Children),
                (None, None) => (path, Reach::Itself),
            };
            let top = Address::from_text(top);
            rules.extend(scope::of(network, recorded, &top).into_iter().map(|at| {
                // A site or an SLA has no leaves itself: it stands for what is on its devices.
                let reach = if at == top { reach } else { Reach::Below };
                (at, reach, rule)
            }));
        }
        // The longest address, the nearest reach, then a line that names its leaves.
        rules.sort_by(|(a, reach, rule), (b, other_reach, other)| {
            let lengths = b.as_str().len().cmp(&a.as_str().len());
            let fields = rule.fields.is_empty().cmp(&other.fields.is_empty());
            lengths.then(reach.cmp(other_reach)).then(fields).then(a.cmp(b))
        });
        Self { rules, today }
    }

    /// Whether no line speaks of outside changes.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// What is to be done about a leaf that others changed at an address; the whole thing where the leaf is empty.
    pub fn verdict(&self, address: &Address, leaf: &str) -> Verdict {
        let speaks = |rule: &OutsideChange| {
            rule.fields.is_empty()
                || attributes_at(address, leaf).any(|attribute| rule.fields.iter().any(|field| **field == *attribute))
        };
        let reaches = |(top, reach, rule): &&(Address, Reach, &OutsideChange)| {
            speaks(rule)
                && match reach {
                    Reach::Itself => address == top,
                    Reach::Children => address.parent().as_ref() == Some(top),
                    Reach::Below => address.is_within(top),
                }
        };
        match self.rules.iter().find(reaches).map(|(_, _, rule)| &rule.action) {
            None | Some(OutsideAction::Stop) => Verdict::Stop(None),
            Some(OutsideAction::Restore) => Verdict::Restore,
            Some(OutsideAction::Accept) => Verdict::Accept,
            Some(OutsideAction::Ignore(day)) if self.is_over(day) => Verdict::Stop(Some(day.to_string())),
            Some(OutsideAction::Ignore(day)) => Verdict::Ignore(day.to_string()),
        }
    }

    fn is_over(&self, day: &str) -> bool {
        self.today.is_some_and(|today| today > day)
    }

    /// Lines whose day is over.
    pub fn expired(&self) -> Vec<Diagnostic> {
        let mut lines: Vec<&OutsideChange> = self.rules.iter().map(|(_, _, rule)| *rule).collect();
        lines.sort_by_key(|rule| rule.path.span);
        lines.dedup_by_key(|rule| rule.path.span);
        let over = lines.into_iter().filter_map(|rule| match &rule.action {
            OutsideAction::Ignore(day) if self.is_over(day) => Some((rule, day)),
            _ => None,
        });
        over.map(|(rule, day)| {
            let message = format!("`outside change on {} ignore until {day}` is over", rule.path.value);
            Diagnostic::warning(&codes::OUTSIDE_EXPIRED, rule.path.span, message)
                .help("take the line out, give it a later day, or say `restore` or `accept`")
        })
        .collect()
    }
}

/// What others changed, leaf by leaf. `observed` is what the devices show, where they were observed.
pub fn differences(
    records: &BTreeMap<Address, StateRecord>,
    observed: Option<&BTreeMap<Address, Recorded>>,
) -> Vec<Difference> {
    let mut differences = Vec::new();
    for (address, record) in records {
        let there = match observed {
            Some(observed) => observed.get(address).map(|found| &found.resource),
            None => Some(&record.recorded.resource).filter(|_| !record.is_absent()),
        };
        if there == Some(&record.recorded.resource) && record.outside.is_empty() {
            continue;
        }
        differences.extend(changed_by_others(address, &record.ours(), there));
    }
    differences
}

/// A snapshot without the leaves that are neither ours nor asked for: others' leaves beside ours stay as they are.
pub fn without_foreign(
    observed: &mut BTreeMap<Address, Recorded>,
    records: &BTreeMap<Address, StateRecord>,
    deployment: &Deployment,
) {
    for (address, found) in observed {
        let Some(record) = records.get(address).filter(|record| record.recorded.resource != found.resource) else {
            continue;
        };
        let wanted = deployment.placed.get(address).map(|placed| placed.resource.leaves()).unwrap_or_default();
        let ours = record.ours().leaves();
        let foreign =
            found.resource.leaves().into_keys().filter(|leaf| !ours.contains_key(leaf) && !wanted.contains_key(leaf));
        for leaf in foreign.collect::<Vec<_>>() {
            if let Some(without) = found.resource.with_leaf(&leaf, None) {
                found.resource = without;
            }
        }
    }
}

/// What is settled about the leaves that others changed.
#[derive(Debug, Default)]
pub struct Settled {
    /// Those that stay as others made them.
    pub kept: Vec<KeptLeaf>,
    /// Those on things that are held: nothing is settled about them.
    pub put_off: Vec<Difference>,
    /// Those that stop the plan, and lines that are over.
    pub findings: Vec<Diagnostic>,
}

/// Interfaces whose shares stay as others made them: the solve counts with them.
pub fn kept_shares(rules: &Rules<'_>, differences: &[Difference]) -> BTreeSet<Address> {
    let shares = differences.iter().filter(|found| is_share(&found.leaf));
    let kept = shares
        .filter(|found| matches!(rules.verdict(&found.address, &found.leaf), Verdict::Accept | Verdict::Ignore(_)));
    kept.filter_map(|found| found.address.parent()).collect()
}

/// Whether two states of a thing differ in what it has of its interface.
pub fn shares_differ(before: &Resource, after: &Resource) -> bool {
    let shares = |resource: &Resource| {
        let leaves = resource.leaves().into_iter().filter(|(leaf, _)| is_share(leaf));
        leaves.collect::<BTreeMap<String, Value>>()
    };
    shares(before) != shares(after)
}

fn is_share(leaf: &str) -> bool {
    leaf.contains("-tenant.quota.") || leaf == "radio-tenant.weight"
}

/// Lets what stays stand in the deployment, and stops where nothing says what to do. Of each address it is asked whether it
/// is held, and what was applied.
pub fn settle(
    network: &Network,
    rules: &Rules<'_>,
    differences: &[Difference],
    deployment: &mut Deployment,
    (held, ours): (impl Fn(&Address) -> bool, impl Fn(&Address) -> Option<Resource>),
) -> Settled {
    let mut settled = Settled { findings: rules.expired(), ..Settled::default() };
    let mut stopped: BTreeMap<&Address, Vec<&Difference>> = BTreeMap::new();
    let (put_off, judged): (Vec<&Difference>, Vec<_>) = differences.iter().partition(|found| held(&found.address));
    settled.put_off = put_off.into_iter().cloned().collect();
    for found in judged {
        let Some(wanted) = deployment.placed.get(&found.address).map(|placed| placed.resource.clone()) else {
            // The intents no longer ask for it: it goes, whatever others made of it.
            continue;
        };
        let decided = if found.leaf.is_empty() { found.expected.clone() } else { wanted.leaves().remove(&found.leaf) };
        let answered = !found.leaf.is_empty() && decided == found.found && !is_share(&found.leaf);
        let until = match rules.verdict(&found.address, &found.leaf) {
            // The intents say by now what others did.
            _ if answered => continue,
            Verdict::Restore => continue,
            // The line was edited since: the intents win over what was accepted before.
            Verdict::Accept if found.leaf.is_empty() && ours(&found.address).is_some_and(|ours| ours != wanted) => {
                continue;
            }
            Verdict::Accept if decided != found.expected && !is_share(&found.leaf) => continue,
            Verdict::Stop(_) => {
                stopped.entry(&found.address).or_default().push(found);
                continue;
            }
            Verdict::Accept => None,
            Verdict::Ignore(day) => Some(day),
        };
        if keep(deployment, found, &wanted) {
            settled.kept.push(kept_leaf(network, found, until));
        } else {
            stopped.entry(&found.address).or_default().push(found);
        }
    }
    settled
        .findings
        .extend(stopped.into_iter().map(|(address, found)| stop(network, rules, deployment, address, &found)));
    settled
}

/// Puts theirs in the place of what was decided; false where the thing cannot be that.
fn keep(deployment: &mut Deployment, found: &Difference, wanted: &Resource) -> bool {
    if found.leaf.is_empty() {
        return deployment.placed.remove(&found.address).is_some();
    }
    let Some(theirs) = wanted.with_leaf(&found.leaf, found.found.as_ref()) else { return false };
    if let Some(placed) = deployment.placed.get_mut(&found.address) {
        placed.resource = theirs;
    }
    true
}

/// What others took away of an instance (a budget, a ConfigMap) comes back when anything of the instance is written, since all of
/// it is: then it does not stay away.
pub fn come_back(changes: &mut [Change], deployment: &mut Deployment, kept: &mut Vec<KeptLeaf>) {
    for change in changes {
        let Some(place) = change.after.as_mut().and_then(Resource::cluster_mut) else { continue };
        if !place.altered.iter().any(|words| is_gone(words)) {
            continue;
        }
        place.altered.retain(|words| !is_gone(words));
        let stays: Vec<Value> = place.altered.iter().map(|words| words.as_str().into()).collect();
        let placed = deployment.placed.get_mut(&change.address);
        if let Some(placed) = placed.and_then(|placed| placed.resource.cluster_mut()) {
            placed.altered.clone_from(&place.altered);
        }
        kept.retain_mut(|leaf| {
            let concerned = leaf.address == change.address && leaf.leaf.ends_with(".altered");
            if concerned {
                leaf.theirs = Some(stays.clone().into());
            }
            !concerned || !stays.is_empty()
        });
    }
}

fn kept_leaf(network: &Network, found: &Difference, until: Option<String>) -> KeptLeaf {
    KeptLeaf {
        address: found.address.clone(),
        leaf: found.leaf.clone(),
        ours: found.expected.clone(),
        theirs: found.found.clone(),
        line: line::of(network, found),
        until,
    }
}

/// The error about what others changed at one address, with the lines to choose from.
fn stop(
    network: &Network,
    rules: &Rules<'_>,
    deployment: &Deployment,
    address: &Address,
    found: &[&Difference],
) -> Diagnostic {
    const SHOWN: usize = 4;
    let mut leaves: Vec<String> = found.iter().take(SHOWN).map(|one| one.leaf_words()).collect();
    if found.len() > SHOWN {
        leaves.push(format!("and {} more", found.len() - SHOWN));
    }
    let message = format!("others changed `{address}`: {}", leaves.join("; "));
    let diagnostic = match deployment.placed.get(address) {
        Some(placed) => Diagnostic::error(&codes::OUTSIDE_CHANGED, placed.span, message),
        None => Diagnostic::error_nowhere(&codes::OUTSIDE_CHANGED, message),
    };
    let diagnostic = match rules.verdict(address, found.first().map_or("", |one| &one.leaf)) {
        Verdict::Stop(Some(day)) => diagnostic.help(format!("the line that let it be ended with {day}")),
        _ => diagnostic,
    };
    let mut lines: Vec<String> = found.iter().take(SHOWN).filter_map(|one| line::of(network, one)).collect();
    // Several leaves of one share are decided by one line.
    lines.dedup();
    let lines = if lines.is_empty() { String::new() } else { format!(", or {}", lines.join(" and ")) };
    diagnostic
        .help(format!("to put ours back write `outside change on {address} restore`"))
        .help(format!("to keep theirs write `outside change on {address} accept`{lines}"))
        .help(format!("to let it be for a while write `outside change on {address} ignore until YYYY-MM-DD`"))
}

/// The marks that state keeps of leaves that stay, by address.
pub fn marks(kept: &[KeptLeaf]) -> BTreeMap<Address, BTreeMap<String, Outside>> {
    let mut marks: BTreeMap<Address, BTreeMap<String, Outside>> = BTreeMap::new();
    for leaf in kept {
        let outside = Outside { ours: leaf.ours.clone(), theirs: leaf.theirs.clone() };
        marks.entry(leaf.address.clone()).or_default().insert(leaf.leaf.clone(), outside);
    }
    marks
}
