//! `request storm-guard { want storm-protection on cu-cp where region = "downtown"  within 10ms  accuracy >= 90% }`

use ranform_grammar::ast::{Block, Noun, Value, Word};
use ranform_network::diagnostic::codes;
use ranform_network::ids::NodeId;
use ranform_network::network::{Name, Performance, Request, RequestTarget};
use ranform_network::units::Nanoseconds;
use ranform_network::{Diagnostic, Located};

use super::argument::Argument;
use super::body::{Body, Line};
use super::names::Lookup;
use super::ric::{name_of, nested};
use super::select::{Selected, Selector};
use super::settle::{Declared, duplicate};
use super::suggest;

/// What a request block says: its own wishes, and those of its targets with limits of their own.
pub(crate) fn request(body: &Body<'_>, declared: &Declared<'_>, selector: Selector<'_>) -> Option<Request> {
    let entity = body.entity(body.scope.address("request", &body.name));
    let common = Terms::new(body, &Terms::default(), selector);
    let value = body.one("value").and_then(|value| value.amount()).map_or(1.0, |value| value.value);
    let sharing = body.one("sharing").and_then(|sharing| sharing.yes()).unwrap_or(true);
    let parts: Vec<&Block> = declared.as_block().into_iter().flat_map(|block| block.blocks(Noun::Target)).collect();
    if !body.has("want") && parts.is_empty() {
        body.missing("want", EXAMPLE);
    }
    let mut targets = wishes(body, &common, selector);
    for (at, part) in parts.iter().enumerate() {
        let (name, span) = name_of(part);
        if let Some(first) = parts[..at].iter().find(|other| name_of(other).0 == name) {
            body.report(duplicate(entity.address.child("target", name).as_str(), name_of(first).1, span));
            continue;
        }
        targets.extend(nested(body, part, |inner| {
            if !inner.has("want") {
                inner.missing("want", EXAMPLE);
            }
            wishes(inner, &Terms::new(inner, &common, selector), selector)
        }));
    }
    targets.sort_by(|a, b| (&a.function.value, a.node, a.span).cmp(&(&b.function.value, b.node, b.span)));
    targets.dedup_by(|later, first| later.function.value == first.function.value && later.node == first.node);
    Some(Request { entity, targets, value, sharing })
}

const EXAMPLE: &str = "storm-protection on cu-cp where region = \"downtown\"";

/// The terms on which functions are wanted.
#[derive(Clone, Default)]
struct Terms {
    within: Option<Located<Nanoseconds>>,
    performance: Option<Located<Performance>>,
    sources: Sources,
}

impl Terms {
    /// What a block says, and what `outer` says where it is silent.
    fn new(body: &Body<'_>, outer: &Self, selector: Selector<'_>) -> Self {
        Self {
            within: body.one("within").and_then(|within| more_than_nothing(&within)).or(outer.within),
            performance: body.line("accuracy").and_then(performance).or(outer.performance),
            sources: if body.has("data from") { sources(body, selector) } else { outer.sources.clone() },
        }
    }
}

/// A time in which something can be done.
fn more_than_nothing(time: &Argument<'_, '_>) -> Option<Located<Nanoseconds>> {
    let within = time.nanoseconds()?;
    if within.value == Nanoseconds(0) {
        time.out_of_range("a duration of more than zero");
        return None;
    }
    Some(within)
}

/// The targets that the `want` lines of a block say.
fn wishes(body: &Body<'_>, terms: &Terms, selector: Selector<'_>) -> Vec<RequestTarget> {
    let mut targets = Vec::new();
    for line in body.all("want") {
        let Some((functions, selected)) = wanted(line, selector) else { continue };
        for function in functions {
            targets.extend(selected.nodes.iter().map(|node| RequestTarget {
                function: function.clone(),
                node: *node,
                sources: match &terms.sources {
                    Sources::Target => vec![*node],
                    Sources::Nodes(nodes) => nodes.clone(),
                },
                within: terms.within,
                performance: terms.performance,
                span: line.span(),
            }));
        }
    }
    targets
}

#[derive(Clone, Default)]
enum Sources {
    #[default]
    Target,
    Nodes(Vec<NodeId>),
}

/// `data from target` (where nothing is said), or a selection.
fn sources(body: &Body<'_>, selector: Selector<'_>) -> Sources {
    match body.one("data from") {
        Some(argument) if matches!(argument.value, Value::Selection(_)) => {
            Sources::Nodes(selector.select(&argument).map(|selected| nodes_of(selected, selector)).unwrap_or_default())
        }
        _ => Sources::Target,
    }
}

/// The nodes selected, and those that selected interfaces are on.
fn nodes_of(selected: Selected, selector: Selector<'_>) -> Vec<NodeId> {
    let mut nodes = selected.nodes;
    nodes.extend(selected.interfaces.iter().map(|interface| selector.lookup.network.node_of(*interface)));
    nodes.sort_unstable();
    nodes.dedup();
    nodes
}

/// `want storm-protection, steering on cu-cp where region = "downtown"`
fn wanted(line: Line<'_, '_>, selector: Selector<'_>) -> Option<(Vec<Located<Name>>, Selected)> {
    let selection = line.after("on").or_else(|| line.values().last().and_then(|value| line.argument(value)))?;
    let mut selected = selector.select(&selection)?;
    selected.nodes = nodes_of(selected.clone(), selector);
    let on = line.values().iter().position(|value| value.is_word("on")).unwrap_or(line.values().len());
    let names = line.values().get(..on).unwrap_or_default();
    let names = names.iter().filter(|value| !matches!(value.value, Value::Mark(_)));
    let functions = names.filter_map(|name| line.argument(name)?.text()).collect();
    Some((functions, selected))
}

/// `accuracy >= 90%`
fn performance(line: Line<'_, '_>) -> Option<Located<Performance>> {
    let least = line.values().iter().any(|value| value.is_mark(">="));
    let bound = line.after(if least { ">=" } else { "<=" })?.fraction()?;
    Some(bound.map(|share| if least { Performance::AtLeast(share) } else { Performance::AtMost(share) }))
}

/// Functions that no model offers, each told once.
pub(crate) fn unknown_functions(lookup: Lookup<'_>) -> Vec<Diagnostic> {
    let mut offered: Vec<&str> =
        lookup.network.models.iter().flat_map(|(_, model)| model.offers.iter().map(|(name, _)| &*name.value)).collect();
    offered.sort_unstable();
    offered.dedup();
    let mut findings = Vec::new();
    for (_, request) in lookup.network.requests.iter() {
        let mut last: Option<&Located<Name>> = None;
        for target in &request.targets {
            if last == Some(&target.function) || offered.binary_search(&&*target.function.value).is_ok() {
                continue;
            }
            last = Some(&target.function);
            let name = Word::from(&*target.function.value);
            let message = format!("no model offers `{name}`");
            let near = suggest::nearest(&name, offered.iter().copied());
            findings.push(
                Diagnostic::error(&codes::UNKNOWN_FUNCTION, target.function.span, message)
                    .help(suggest::or_say(near, || format!("add a model with `offers {name} performance 90%`"))),
            );
        }
    }
    findings
}
