//! A RIC that fits nowhere: which lines of the intents cannot hold together, and the smallest changes that would do.

use std::collections::{BTreeMap, BTreeSet};

use ranform_network::diagnostic::codes;
use ranform_network::network::{ComponentKind, RicComponent, Spread, SpreadAcross};
use ranform_network::units::Nanoseconds;
use ranform_network::{Control, Diagnostic, Network, Span};
use ranform_optimizers::placement::explain::{self, Conflict, Relaxation};
use ranform_optimizers::placement::problem::{E2T, FIRST_XAPP};
use ranform_optimizers::placement::{RicProblem, Taken};

use super::place::is_meant;
use super::words;

/// The most places that one finding marks.
const MOST_MARKED: usize = 12;
/// The most ways out that one finding shows.
const MOST_SHOWN: usize = 6;

/// The finding of an infeasible problem.
pub fn finding(network: &Network, problem: &RicProblem, taken: &Taken, control: &dyn Control) -> Diagnostic {
    let conflict = explain::explain(&problem.problem, control);
    Told { network, problem, taken }.finding(&conflict)
}

struct Told<'a> {
    network: &'a Network,
    problem: &'a RicProblem,
    taken: &'a Taken,
}

impl Told<'_> {
    fn finding(&self, conflict: &Conflict) -> Diagnostic {
        let ric = &self.network.rics[self.problem.ric].entity;
        let lines = self.lines(conflict);
        let message = format!("`{}` fits nowhere: {}", ric.address, self.reason(conflict));
        let mut finding = Diagnostic::error(&codes::PLACEMENT_IMPOSSIBLE, ric.span, message);
        for (span, text) in lines.iter().take(MOST_MARKED) {
            finding = finding.and(*span, text.clone());
        }
        finding = finding.help(proof(lines.len(), conflict.minimal));
        let mut ways: Vec<String> = Vec::new();
        for way in conflict.relaxations.iter().map(|way| self.way_out(way)) {
            if !ways.contains(&way) {
                ways.push(way);
            }
        }
        for way in ways.iter().take(MOST_SHOWN) {
            finding = finding.help(format!("a way out: {way}"));
        }
        if ways.is_empty() {
            finding = finding.help("no single line mends it: change several of those marked");
        }
        finding
    }

    /// What kinds of lines are against each other, in a few words.
    fn reason(&self, conflict: &Conflict) -> String {
        let kinds: BTreeSet<&str> = conflict.items.iter().filter_map(|item| self.kind(item)).collect();
        let order = [
            "loop budgets",
            "the E2 nodes served",
            "the capacity of compute nodes",
            "pins",
            "exclusions",
            "how many E2 nodes an instance serves",
            "what is spread",
            "the moves allowed",
            "profiles that cannot be told of another E2 termination",
        ];
        let parts: Vec<&str> = order.into_iter().filter(|words| kinds.contains(words)).collect();
        match parts.as_slice() {
            [] => "no compute node can serve its E2 nodes".to_owned(),
            [one] => format!("{one} cannot be met"),
            [first @ .., last] => format!("{} and {last} cannot all be met", first.join(", ")),
        }
    }

    fn kind(&self, item: &str) -> Option<&'static str> {
        let (kind, index) = self.split(item)?;
        Some(match kind {
            "budget xapp" => "loop budgets",
            "e2" => "the E2 nodes served",
            "capacity" => "the capacity of compute nodes",
            "pin" => "profiles that cannot be told of another E2 termination",
            "exclusion" if self.problem.problem.exclusions.get(index)?.component.is_some() => "pins",
            "exclusion" => "exclusions",
            "limit" => "how many E2 nodes an instance serves",
            "spread" => "what is spread",
            "most_moves" => "the moves allowed",
            _ => return None,
        })
    }

    /// The places of the items, each once, with what stands there.
    fn lines(&self, conflict: &Conflict) -> Vec<(Span, String)> {
        let mut lines: BTreeMap<Span, Vec<String>> = BTreeMap::new();
        for item in &conflict.items {
            for (span, text) in self.places(item) {
                let texts = lines.entry(span).or_default();
                if !texts.contains(&text) {
                    texts.push(text);
                }
            }
        }
        lines.into_iter().map(|(span, texts)| (span, joined(&texts))).collect()
    }

    fn places(&self, item: &str) -> Vec<(Span, String)> {
        let ric = &self.network.rics[self.problem.ric];
        let Some((kind, index)) = self.split(item) else { return Vec::new() };
        match kind {
            "budget xapp" => self.budget(index).into_iter().collect(),
            "e2" => {
                let e2 = self.problem.e2_nodes.get(index);
                e2.map(|node| (ric.e2_nodes_span, format!("serves `{}`", words::node(self.network, *node))))
                    .into_iter()
                    .collect()
            }
            "capacity" => self.capacity(index).into_iter().collect(),
            "exclusion" => self.exclusion(index),
            "pin" => self.untold(index).into_iter().collect(),
            "limit" => self.limit(index).into_iter().collect(),
            "spread" => {
                ric.spread.get(index).map(|spread| (spread.component.span, apart(spread))).into_iter().collect()
            }
            "most_moves" => self.moves().into_iter().collect(),
            _ => Vec::new(),
        }
    }

    /// The `churn budget` of `keep placement`: the lowest.
    fn moves(&self) -> Option<(Span, String)> {
        let keeps = self.network.keeps.iter().filter(|keep| keep.address.last().1 == "placement");
        let (most, span) = keeps.filter_map(|keep| Some((keep.churn_budget?, keep.span))).min()?;
        Some((
            span,
            format!("at most {} may start", words::count(usize::try_from(most).unwrap_or(usize::MAX), "instance")),
        ))
    }

    fn budget(&self, xapp: usize) -> Option<(Span, String)> {
        let xapp = self.network.rics[self.problem.ric].xapps.get(xapp)?;
        let budget = xapp.loop_budget?;
        Some((budget.span, format!("the loop of `{}` may take {}", xapp.entity.address.last().1, budget.value)))
    }

    fn capacity(&self, index: usize) -> Option<(Span, String)> {
        let id = *self.problem.compute_nodes.get(index)?;
        let node = &self.network.nodes[id];
        let span = node.capacity.first().map_or(node.entity.span, |(_, amount)| amount.span);
        let asked =
            node.capacity.iter().filter(|(name, _)| self.problem.problem.resources.iter().any(|one| **one == **name));
        let has: Vec<String> = asked.map(|(name, amount)| words::amount(name, amount.value)).collect();
        let less = if self.taken.is_used(id) { ", less what RICs placed before it take" } else { "" };
        Some((span, format!("`{}` has {}{less}", node.entity.address, has.join(", "))))
    }

    /// The line that says how many E2 nodes an instance of a slot serves.
    fn limit(&self, slot: usize) -> Option<(Span, String)> {
        let ric = &self.network.rics[self.problem.ric];
        let name = self.problem.slots.get(slot)?;
        let word =
            |one: &RicComponent| ComponentKind::ALL.iter().any(|(kind, word)| *kind == one.kind && **word == **name);
        let component = ric.components.iter().find(|one| word(one)).and_then(|one| one.serves_at_most);
        let most = match slot {
            E2T => ric.serves_at_most.or(component),
            FIRST_XAPP.. => ric.xapps.get(slot - FIRST_XAPP).and_then(|xapp| xapp.serves_at_most),
            _ => component,
        }?;
        let e2_nodes = words::count(most.value as usize, "E2 node");
        Some((most.span, format!("an instance of `{name}` serves at most {e2_nodes}")))
    }

    /// `budget xapp 0` as its kind and index; `limit e2t` as its kind and slot.
    fn split<'a>(&self, item: &'a str) -> Option<(&'a str, usize)> {
        if let Some(name) = item.strip_prefix("limit ") {
            let problem = &self.problem.problem;
            return Some(("limit", (0..problem.components.len()).find(|slot| problem.name(*slot) == name)?));
        }
        if item == "most_moves" {
            return Some((item, 0));
        }
        let (kind, index) = item.rsplit_once(' ')?;
        Some((kind, index.parse().ok()?))
    }

    /// The lines that an exclusion comes from: `exclude`, or the pins of a component.
    fn exclusion(&self, index: usize) -> Vec<(Span, String)> {
        let Some(rule) = self.problem.problem.exclusions.get(index) else { return Vec::new() };
        let ric = &self.network.rics[self.problem.ric];
        let node = self.problem.compute_nodes[rule.compute];
        let Some(slot) = rule.component else {
            let excluded = ric.exclusions.iter().filter(|excluded| excluded.value == node);
            return excluded.map(|excluded| (excluded.span, "nothing of it may run here".to_owned())).collect();
        };
        let name = &self.problem.slots[slot];
        let own = ric.pins.iter().filter(|(what, _)| what.value == *name).map(|(what, node)| (what.span, node.value));
        let keeps = self.network.keeps.iter().flat_map(|keep| &keep.pins);
        let kept = keeps.filter(|(what, _)| is_meant(&what.value, ric, name));
        let kept = kept.map(|(what, node)| (what.span, node.value));
        let text = |node| format!("`{name}` is pinned to `{}`", words::node(self.network, node));
        own.chain(kept).map(|(span, node)| (span, text(node))).collect()
    }

    /// E2 nodes that cannot be told of another E2 termination.
    fn untold(&self, pin: usize) -> Option<(Span, String)> {
        let held = self.problem.problem.pins.get(pin)?.e2.as_ref()?;
        let names: Vec<String> = held.iter().map(|e2| words::node(self.network, self.problem.e2_nodes[*e2])).collect();
        let first = &self.network.nodes[self.problem.e2_nodes[*held.first()?]];
        let text = format!("{} cannot be told of another E2 termination", words::some(&names, 3));
        Some((first.profile_span, text))
    }

    fn way_out(&self, way: &Relaxation) -> String {
        let Some((kind, index)) = self.split(&way.item) else { return way.change.clone() };
        let ric = &self.network.rics[self.problem.ric];
        let amount =
            |word: usize| way.change.split(' ').nth(word).and_then(|text| text.parse::<i64>().ok()).unwrap_or(0);
        match kind {
            "budget xapp" => {
                let unit = self.problem.problem.latency_unit_us.saturating_mul(1000);
                let budget = Nanoseconds(u64::try_from(amount(1)).unwrap_or(0).saturating_mul(unit));
                let name = ric.xapps.get(index).map_or("", |xapp| xapp.entity.address.last().1);
                format!("write `loop {budget}` for `{name}`")
            }
            "capacity" => {
                let resource = way.change.rsplit(' ').next().unwrap_or_default();
                let position = self.problem.problem.resources.iter().position(|name| name == resource);
                let scale = position.map_or(1, |position| self.problem.resource_scales[position]);
                let more = words::amount(resource, amount(0) as f64 / scale as f64);
                format!("{more} more on `{}`", words::node(self.network, self.problem.compute_nodes[index]))
            }
            "e2" => format!("leave `{}` out of `serves`", words::node(self.network, self.problem.e2_nodes[index])),
            "exclusion" => {
                let rule = &self.problem.problem.exclusions[index];
                let node = words::node(self.network, self.problem.compute_nodes[rule.compute]);
                match rule.component {
                    Some(slot) => format!("let `{}` run on `{node}` too", self.problem.slots[slot]),
                    None => format!("take `{node}` out of `exclude`"),
                }
            }
            "limit" => format!("write `serves at most {} e2-nodes` for `{}`", amount(1), self.problem.slots[index]),
            "spread" => {
                let name = ric.spread.get(index).map_or("", |spread| &*spread.component.value);
                format!("do not spread `{name}`")
            }
            "most_moves" => format!("let {} start: `churn budget {}`", instances(amount(1)), amount(1)),
            "pin" => "choose a profile that can be told where the E2 termination is".to_owned(),
            _ => way.change.clone(),
        }
    }
}

/// `1 instance`, `3 instances`.
fn instances(number: i64) -> String {
    words::count(usize::try_from(number).unwrap_or(usize::MAX), "instance")
}

/// What a line says that spreads a component.
fn apart(spread: &Spread) -> String {
    let across = SpreadAcross::ALL.iter().find(|(across, _)| *across == spread.across).map_or("", |(_, word)| word);
    let name = &spread.component.value;
    match &**name {
        "e2t" => format!("each E2 node needs a second `e2t` in another {across}, and no two are in one"),
        _ => format!("no two instances of `{name}` are in one {across}"),
    }
}

/// Texts of one place; many become the first few.
fn joined(texts: &[String]) -> String {
    let mut text = texts.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
    if texts.len() > 3 {
        text.push_str(&format!(" and {} more", texts.len() - 3));
    }
    text
}

fn proof(lines: usize, minimal: bool) -> String {
    let all = match lines > MOST_MARKED {
        true => format!("{lines} lines (the first {MOST_MARKED} are marked)"),
        false => format!("the {lines} lines marked"),
    };
    match (lines, minimal) {
        (0, _) => "no line stands in the way: no link or latency leads to a compute node".to_owned(),
        (1, true) => "proven minimal: without the line marked it would fit".to_owned(),
        (_, true) => format!("proven minimal: without any one of {all} it would fit"),
        (_, false) => format!("not proven minimal: at least some of {all} stand in the way"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_lines_are_said_to_be_marked_than_are() {
        assert_eq!(proof(8, true), "proven minimal: without any one of the 8 lines marked it would fit");
        let told = "proven minimal: without any one of 30 lines (the first 12 are marked) it would fit";
        assert_eq!(proof(30, true), told);
        assert!(proof(30, false).ends_with("some of 30 lines (the first 12 are marked) stand in the way"));
    }
}
