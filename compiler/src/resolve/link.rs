//! `link gnb-1 -- edge-1 { latency 2ms  rate 10Gbps }`, and imported latencies.

use std::collections::BTreeMap;

use ranform_grammar::ast::Word;
use ranform_network::diagnostic::codes;
use ranform_network::ids::NodeId;
use ranform_network::network::{Latency, Link};
use ranform_network::{Diagnostic, Located};

use super::body::Body;
use super::names::{Kind, Lookup};
use super::settle::Declared;

/// What a link block or row says. Its address names both ends: `link.gnb-1--edge-1` is quoted nowhere, since
/// a doubled hyphen is legal inside a label.
pub(crate) fn link(body: &Body<'_>, declared: &Declared<'_>, lookup: Lookup<'_>) -> Option<Link> {
    let (from, to) = match declared.as_block() {
        Some(block) => {
            let mut names =
                block.header.iter().filter_map(|value| Some(Located::new(value.value.name()?.clone(), value.span)));
            let (from, to) = (names.next()?, names.next()?);
            (end(body, lookup, from), end(body, lookup, to))
        }
        None => {
            let from = body.required("from", "gnb-1").and_then(|from| lookup.bind(Kind::Node, &from));
            let to = body.required("to", "edge-1").and_then(|to| lookup.bind(Kind::Node, &to));
            (from, to)
        }
    };
    let latency = body.required("latency", "2ms").and_then(|latency| latency.nanoseconds());
    let rate = body.one("rate").and_then(|rate| rate.bits_per_second()).map(|rate| rate.value);
    let (from, to) = (from?, to?);
    let name = |node: Located<NodeId>| {
        let address = &lookup.network.nodes[node.value].entity.address;
        address.last().1.trim_matches('"').to_owned()
    };
    let entity = body.entity(body.scope.address("link", &format!("{}--{}", name(from), name(to))));
    Some(Link { entity, from, to, latency: latency?.value, rate })
}

fn end(body: &Body<'_>, lookup: Lookup<'_>, name: Located<Word>) -> Option<Located<NodeId>> {
    lookup.name(Kind::Node, body.scope, &name, &|finding| body.report(finding))
}

/// What a row of a latency table says.
pub(crate) fn latency(body: &Body<'_>, lookup: Lookup<'_>) -> Option<Latency> {
    let from = body.required("from", "gnb-1").and_then(|from| lookup.bind(Kind::Node, &from));
    let to = body.required("to", "edge-1").and_then(|to| lookup.bind(Kind::Node, &to));
    let latency = body.required("latency", "2ms").and_then(|latency| latency.nanoseconds());
    Some(Latency { from: from?.value, to: to?.value, latency: latency?.value, span: body.span })
}

/// Links that are declared from either end with other values; with the same ones they are one link, said twice.
pub(crate) fn both_ways(links: &[Link]) -> Vec<Diagnostic> {
    let mut seen: BTreeMap<(NodeId, NodeId), &Link> = BTreeMap::new();
    let mut findings = Vec::new();
    for link in links {
        let ends = (link.from.value.min(link.to.value), link.from.value.max(link.to.value));
        let first = *seen.entry(ends).or_insert(link);
        let other_way = first.from.value != link.from.value;
        if other_way && (first.latency, first.rate) != (link.latency, link.rate) {
            let address = &first.entity.address;
            let message = format!("`{}` is `{address}` from its other end, with other values", link.entity.address);
            findings.push(
                Diagnostic::error(&codes::DUPLICATE_NAME, link.entity.span, message)
                    .and(first.entity.span, "first declared here")
                    .help("a link is the same in both directions: keep one of the two"),
            );
        }
    }
    findings
}
