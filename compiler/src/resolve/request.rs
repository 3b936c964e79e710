//! `request storm-guard { want storm-protection on cu-cp where region = "downtown"  within 10ms  accuracy >= 90% }`

use ranform_grammar::ast::{Value, Word};
use ranform_network::diagnostic::codes;
use ranform_network::ids::NodeId;
use ranform_network::network::{Name, Performance, Request, RequestTarget};
use ranform_network::{Diagnostic, Located};

use super::body::{Body, Line};
use super::names::Lookup;
use super::select::{Selected, Selector};
use super::suggest;

/// What a request block says.
pub(crate) fn request(body: &Body<'_>, selector: Selector<'_>) -> Option<Request> {
    let entity = body.entity(body.scope.address("request", &body.name));
    let within = body.one("within").and_then(|within| within.nanoseconds());
    let performance = body.line("accuracy").and_then(performance);
    let sources = sources(body, selector);
    let value = body.one("value").and_then(|value| value.amount()).map_or(1.0, |value| value.value);
    let sharing = body.one("sharing").and_then(|sharing| sharing.yes()).unwrap_or(true);
    if !body.has("want") {
        body.missing("want", "storm-protection on cu-cp where region = \"downtown\"");
    }
    let mut targets = Vec::new();
    for line in body.all("want") {
        let Some((functions, selected)) = wanted(line, selector) else { continue };
        for function in functions {
            targets.extend(selected.nodes.iter().map(|node| RequestTarget {
                function: function.clone(),
                node: *node,
                sources: match &sources {
                    Sources::Target => vec![*node],
                    Sources::Nodes(nodes) => nodes.clone(),
                },
                within,
                performance,
                span: line.span(),
            }));
        }
    }
    targets.sort_by(|a, b| (&a.function.value, a.node, a.span).cmp(&(&b.function.value, b.node, b.span)));
    targets.dedup_by(|later, first| later.function.value == first.function.value && later.node == first.node);
    Some(Request { entity, targets, value, sharing })
}

enum Sources {
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
