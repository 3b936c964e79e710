//! `ranform graph`: the topology as DOT or JSON.

use std::fmt::Write;

use ranform_network::Network;
use ranform_network::diagnostic::has_errors;
use ranform_network::ids::NodeId;
use serde_json::{Value, json};

use crate::cli::{GraphArgs, Session, fail, say, say_json};
use crate::exit::Exit;
use crate::failure;
use crate::pipeline;
use crate::world::DiskWorld;

/// Prints the topology of a project without errors.
pub fn run(session: &Session, args: &GraphArgs) -> Exit {
    let world = match DiskWorld::new(&session.folder) {
        Ok(world) => world,
        Err(error) => return fail(failure::file(&session.folder, &error)),
    };
    let planned = pipeline::check(&world, &session.compile_options());
    if has_errors(&planned.diagnostics) {
        return session.stop(&planned.diagnostics, &planned.sources, Exit::Error);
    }
    session.tell_findings(&planned.diagnostics, &planned.sources);
    match args.json {
        true => say_json(&as_json(&planned.network)),
        false => say(&dot(&planned.network)),
    }
    Exit::Ok
}

/// A quoted DOT identifier.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// The topology in the DOT language: sites as clusters, the node tree and links as edges, cells as leaves.
pub fn dot(network: &Network) -> String {
    let mut out = String::from("graph ranform {\n  node [shape=box, fontname=\"sans-serif\"];\n");
    let node_line = |out: &mut String, id: NodeId, indent: &str| {
        let node = &network.nodes[id];
        let name = node.entity.address.as_str();
        let _ = writeln!(
            out,
            "{indent}{} [label={}];",
            quoted(name),
            quoted(&format!("{}\n{}", node.entity.address.last().1, node.kind.word()))
        );
        let interfaces = node.cells.iter().map(|cell| &network.cells[*cell].entity);
        let interfaces = interfaces.chain(node.radios.iter().map(|radio| &network.radios[*radio].entity));
        let interfaces = interfaces.chain(node.ports.iter().map(|port| &network.ports[*port].entity));
        for entity in interfaces {
            let (noun, label) = entity.address.last();
            let address = entity.address.as_str();
            let _ = writeln!(
                out,
                "{indent}{} [shape=ellipse, label={}];",
                quoted(address),
                quoted(&format!("{noun} {label}"))
            );
            let _ = writeln!(out, "{indent}{} -- {};", quoted(name), quoted(address));
        }
    };
    for (id, site) in network.sites.iter() {
        let _ = writeln!(out, "  subgraph {} {{", quoted(&format!("cluster_{}", site.entity.address)));
        let _ = writeln!(out, "    label={};", quoted(site.entity.address.as_str()));
        for (node, _) in network.nodes.iter().filter(|(_, node)| node.site == Some(id)) {
            node_line(&mut out, node, "    ");
        }
        out.push_str("  }\n");
    }
    for (node, _) in network.nodes.iter().filter(|(_, node)| node.site.is_none()) {
        node_line(&mut out, node, "  ");
    }
    for (_, node) in network.nodes.iter() {
        if let Some(parent) = node.parent {
            let parent = network.nodes[parent.value].entity.address.as_str();
            let _ = writeln!(out, "  {} -- {} [style=dashed];", quoted(parent), quoted(node.entity.address.as_str()));
        }
    }
    for (_, link) in network.links.iter() {
        let end = |id: NodeId| quoted(network.nodes[id].entity.address.as_str());
        let _ = writeln!(
            out,
            "  {} -- {} [label={}];",
            end(link.from.value),
            end(link.to.value),
            quoted(&link.latency.to_string())
        );
    }
    out.push_str("}\n");
    out
}

/// The same as a node-link document.
pub fn as_json(network: &Network) -> Value {
    let address = |id: NodeId| network.nodes[id].entity.address.to_string();
    let nodes: Vec<Value> = network
        .nodes
        .iter()
        .map(|(_, node)| {
            json!({
                "address": node.entity.address,
                "kind": node.kind.word(),
                "site": node.site.map(|site| network.sites[site].entity.address.to_string()),
                "location_deg": node.location.or_else(|| network.sites[node.site?].location),
                "parent": node.parent.map(|parent| address(parent.value)),
                "cells": node.cells.iter().map(|cell| network.cells[*cell].entity.address.to_string()).collect::<Vec<_>>(),
                "radios": node.radios.iter().map(|radio| network.radios[*radio].entity.address.to_string()).collect::<Vec<_>>(),
                "ports": node.ports.iter().map(|port| network.ports[*port].entity.address.to_string()).collect::<Vec<_>>(),
            })
        })
        .collect();
    let links: Vec<Value> = network
        .links
        .iter()
        .map(|(_, link)| json!({ "from": address(link.from.value), "to": address(link.to.value), "latency_ns": link.latency.0 }))
        .collect();
    json!({ "format_version": "1.0", "nodes": nodes, "links": links })
}
