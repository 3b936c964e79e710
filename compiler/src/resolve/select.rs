//! Selections: `interfaces in site plaza`, `cells where site.region = "metro" and band = n77`, `cells gnb-1/nr-1`.
//!
//! The places narrow the search first (a site knows its nodes, a node its interfaces), so that thousands of
//! selections of a site each cost no more than the site.

use ranform_grammar::ast::{Selection, Value, Word};
use ranform_network::diagnostic::codes;
use ranform_network::ids::{AreaId, Id, NodeId, SiteId};
use ranform_network::network::{Interface, NodeKind};
use ranform_network::{Diagnostic, Located, Network, Span, units};

use crate::expression::attributes::Kind as Subject;

use super::argument::Argument;
use super::body::Body;
use super::names::{Kind, Lookup};
use super::suggest;

/// What a selection yields, each sorted and each once.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Selected {
    /// Interfaces.
    pub interfaces: Vec<Interface>,
    /// Nodes.
    pub nodes: Vec<NodeId>,
    /// Where it is written.
    pub span: Span,
}

/// What is looked among.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Among {
    Cells,
    Radios,
    Ports,
    Interfaces,
    Nodes,
    E2Nodes,
    Compute,
    Kind(NodeKind),
    Site,
    Area,
    Node,
    Cell,
}

const AMONG: [(Among, &str); 11] = [
    (Among::Cells, "cells"),
    (Among::Radios, "radios"),
    (Among::Ports, "ports"),
    (Among::Interfaces, "interfaces"),
    (Among::Nodes, "nodes"),
    (Among::E2Nodes, "e2-nodes"),
    (Among::Compute, "compute-nodes"),
    (Among::Site, "site"),
    (Among::Area, "area"),
    (Among::Node, "node"),
    (Among::Cell, "cell"),
];

/// Selections against what is resolved so far.
#[derive(Clone, Copy)]
pub(crate) struct Selector<'n> {
    /// Names and entities.
    pub lookup: Lookup<'n>,
    /// The nodes of each site, sorted.
    pub nodes_of_site: &'n [Vec<NodeId>],
}

/// The nodes of each site.
pub(crate) fn nodes_of_site(network: &Network) -> Vec<Vec<NodeId>> {
    let mut nodes = vec![Vec::new(); network.sites.len()];
    for (id, node) in network.nodes.iter() {
        if let Some(list) = node.site.and_then(|site| nodes.get_mut(site.index())) {
            list.push(id);
        }
    }
    nodes
}

impl<'n> Selector<'n> {
    /// What the selection of an argument yields; an empty one is a warning.
    pub fn select(self, argument: &Argument<'_, '_>) -> Option<Selected> {
        let selection = argument.selection()?;
        let selected = self.evaluate(argument.body, selection)?;
        if selected.interfaces.is_empty() && selected.nodes.is_empty() && !self.lookup.names.incomplete {
            argument.body.report(empty(selection, self.lookup.network));
        }
        Some(selected)
    }

    /// What the selection of an argument yields of cells, radios and ports: nodes stand for those on them.
    pub fn select_interfaces(self, argument: &Argument<'_, '_>) -> Option<Selected> {
        let selection = argument.selection()?;
        let mut selected = self.evaluate(argument.body, selection)?;
        let network = self.lookup.network;
        let whole = Among::find(selection.among.value.as_str()).is_some_and(Among::is_whole);
        if !whole && !selected.nodes.is_empty() {
            selected.interfaces.extend(selected.nodes.iter().flat_map(|node| interfaces(network, *node)));
            selected.interfaces.sort_unstable();
            selected.interfaces.dedup();
        }
        if selected.interfaces.is_empty() && !self.lookup.names.incomplete {
            argument.body.report(match selected.nodes.len() {
                0 => empty(selection, network),
                nodes => without_interfaces(selection, nodes),
            });
        }
        Some(selected)
    }

    /// What a selection yields.
    pub fn evaluate(self, body: &Body<'_>, selection: &Selection) -> Option<Selected> {
        let among = self.among(body, &selection.among)?;
        let mut selected = match among {
            _ if among.is_whole() => self.whole(body, among, selection)?,
            _ if !selection.names.is_empty() => self.named(body, among, selection)?,
            _ => self.places(body, among, selection)?,
        };
        if let Some(condition) = &selection.condition {
            // What a condition says of a whole place, it says of its interfaces.
            if among.is_whole() {
                selected.nodes.clear();
            }
            selected = crate::expression::filter(self, body, condition, among.kind(), selected)?;
        }
        selected.interfaces.sort_unstable();
        selected.interfaces.dedup();
        selected.nodes.sort_unstable();
        selected.nodes.dedup();
        selected.span = selection.span;
        Some(selected)
    }

    fn among(self, body: &Body<'_>, word: &Located<Word>) -> Option<Among> {
        let text = word.value.as_str();
        if let Some(among) = Among::find(text) {
            return Some(among);
        }
        let known = AMONG.iter().map(|(_, word)| *word).chain(NodeKind::ALL.iter().map(|(_, word)| *word));
        let message = format!("`{text}` cannot be selected here");
        body.report(Diagnostic::error(&codes::UNKNOWN_SELECTION, word.span, message).help(suggest::or_say(
            suggest::nearest(text, known),
            || "select `cells`, `radios`, `ports`, `interfaces`, `nodes`, `e2-nodes`, `compute-nodes` or a node kind such as `cu-cp`".to_owned(),
        )));
        None
    }

    /// `site plaza`, `area downtown`, `node gnb-1`, `cell gnb-1/nr-1`: the things named, with all they hold.
    fn whole(self, body: &Body<'_>, among: Among, selection: &Selection) -> Option<Selected> {
        let mut selected = Selected::default();
        let mut complete = true;
        for name in &selection.names {
            let value = Located::new(Value::Address(Box::new(name.value.clone())), name.span);
            let Some(argument) = Argument::new(body, "selection", &value) else { continue };
            let lookup = self.lookup;
            let found = match among {
                Among::Site => lookup.bind(Kind::Site, &argument).map(|site| self.of_site(site.value, &mut selected)),
                Among::Area => lookup.bind(Kind::Area, &argument).map(|area| self.of_area(area.value, &mut selected)),
                Among::Node => lookup.bind(Kind::Node, &argument).map(|node| self.of_node(node.value, &mut selected)),
                _ => lookup.interface(&argument).map(|interface| selected.interfaces.push(interface.value)),
            };
            complete &= found.is_some();
        }
        complete.then_some(selected)
    }

    fn of_site(self, site: SiteId, selected: &mut Selected) {
        for node in self.nodes_of_site.get(site.index()).into_iter().flatten() {
            self.of_node(*node, selected);
        }
    }

    fn of_area(self, area: AreaId, selected: &mut Selected) {
        let area = &self.lookup.network.areas[area];
        selected.interfaces.extend(&area.interfaces);
        selected.nodes.extend(&area.nodes);
    }

    fn of_node(self, node: NodeId, selected: &mut Selected) {
        selected.nodes.push(node);
        selected.interfaces.extend(interfaces(self.lookup.network, node));
    }

    /// `cells gnb-1/nr-1, gnb-1/nr-2`, `nodes edge-1, edge-2`.
    fn named(self, body: &Body<'_>, among: Among, selection: &Selection) -> Option<Selected> {
        let mut selected = Selected::default();
        let mut complete = true;
        for name in &selection.names {
            let value = Located::new(Value::Address(Box::new(name.value.clone())), name.span);
            let Some(argument) = Argument::new(body, "selection", &value) else { continue };
            if among.is_interfaces() {
                match self.lookup.interface(&argument) {
                    Some(interface) if among.has(interface.value) => selected.interfaces.push(interface.value),
                    Some(_) => {
                        let message = format!("`{}` is not among the {}", name.value, selection.among.value);
                        body.report(
                            Diagnostic::error(&codes::WRONG_NOUN, name.span, message)
                                .help("write `interfaces` to name cells, radios and ports alike"),
                        );
                        complete = false;
                    }
                    None => complete = false,
                }
            } else if let Some(node) = self.lookup.bind::<NodeId>(Kind::Node, &argument) {
                let kind = self.lookup.network.nodes[node.value].kind;
                if among.has_node(kind) {
                    selected.nodes.push(node.value);
                } else {
                    let message =
                        format!("`{}` is a {}, not one of the {}", name.value, kind.word(), selection.among.value);
                    body.report(
                        Diagnostic::error(&codes::WRONG_NOUN, name.span, message)
                            .help("write `nodes` to name nodes of all kinds"),
                    );
                    complete = false;
                }
            } else {
                complete = false;
            }
        }
        complete.then_some(selected)
    }

    /// `cells in site plaza`, `e2-nodes in area downtown`, `interfaces on node gnb-1`, or all of them.
    fn places(self, body: &Body<'_>, among: Among, selection: &Selection) -> Option<Selected> {
        let network = self.lookup.network;
        let mut selected = None::<Selected>;
        for (noun, name) in &selection.within {
            let value = Located::new(Value::Word(name.value.clone()), name.span);
            let argument = Argument::new(body, "selection", &value)?;
            let mut place = Selected::default();
            match noun.value.as_str() {
                "site" => self.of_site(self.lookup.bind(Kind::Site, &argument)?.value, &mut place),
                "area" => self.of_area(self.lookup.bind(Kind::Area, &argument)?.value, &mut place),
                _ => self.of_node(self.lookup.bind(Kind::Node, &argument)?.value, &mut place),
            }
            // Several places are meant together: what is in all of them.
            selected = Some(match selected {
                None => place,
                Some(before) => intersection(before, place),
            });
        }
        let all = || Selected {
            interfaces: if among.is_interfaces() { all_interfaces(network, among) } else { Vec::new() },
            nodes: if among.is_interfaces() { Vec::new() } else { network.nodes.ids().collect() },
            span: selection.span,
        };
        let mut selected = selected.unwrap_or_else(all);
        selected.interfaces.retain(|interface| among.has(*interface));
        selected.nodes.retain(|node| !among.is_interfaces() && among.has_node(network.nodes[*node].kind));
        Some(selected)
    }
}

impl Among {
    /// What is looked among with this word.
    fn find(word: &str) -> Option<Self> {
        let found = AMONG.iter().find(|(_, known)| *known == word).map(|(among, _)| *among);
        found.or_else(|| NodeKind::parse(word).map(Among::Kind))
    }

    /// What conditions speak of.
    fn kind(self) -> Subject {
        if self.is_interfaces() || self.is_whole() { Subject::Interface } else { Subject::Node }
    }

    /// Whether things are meant with all they hold.
    fn is_whole(self) -> bool {
        matches!(self, Self::Site | Self::Area | Self::Node | Self::Cell)
    }

    fn is_interfaces(self) -> bool {
        matches!(self, Self::Cells | Self::Radios | Self::Ports | Self::Interfaces)
    }

    fn has(self, interface: Interface) -> bool {
        match self {
            Self::Interfaces => true,
            Self::Cells => matches!(interface, Interface::Cell(_)),
            Self::Radios => matches!(interface, Interface::Radio(_)),
            Self::Ports => matches!(interface, Interface::Port(_)),
            _ => false,
        }
    }

    fn has_node(self, kind: NodeKind) -> bool {
        match self {
            Self::Nodes => true,
            Self::E2Nodes => kind.is_e2_node(),
            Self::Compute => kind == NodeKind::Compute,
            Self::Kind(wanted) => kind == wanted,
            _ => false,
        }
    }
}

/// The interfaces of a node.
pub(crate) fn interfaces(network: &Network, node: NodeId) -> impl Iterator<Item = Interface> {
    let node = &network.nodes[node];
    let cells = node.cells.iter().copied().map(Interface::Cell);
    let radios = node.radios.iter().copied().map(Interface::Radio);
    cells.chain(radios).chain(node.ports.iter().copied().map(Interface::Port))
}

fn all_interfaces(network: &Network, among: Among) -> Vec<Interface> {
    let mut all = Vec::new();
    if matches!(among, Among::Cells | Among::Interfaces) {
        all.extend(network.cells.ids().map(Interface::Cell));
    }
    if matches!(among, Among::Radios | Among::Interfaces) {
        all.extend(network.radios.ids().map(Interface::Radio));
    }
    if matches!(among, Among::Ports | Among::Interfaces) {
        all.extend(network.ports.ids().map(Interface::Port));
    }
    all
}

fn intersection(mut a: Selected, mut b: Selected) -> Selected {
    b.interfaces.sort_unstable();
    b.nodes.sort_unstable();
    a.interfaces.retain(|interface| b.interfaces.binary_search(interface).is_ok());
    a.nodes.retain(|node| b.nodes.binary_search(node).is_ok());
    a
}

/// The finding about a selection that yields nothing.
fn empty(selection: &Selection, network: &Network) -> Diagnostic {
    let word = selection.among.value.as_str();
    let all = match Among::find(word) {
        Some(among) if among.is_interfaces() => all_interfaces(network, among).len(),
        Some(among) => network.nodes.iter().filter(|(_, node)| among.has_node(node.kind)).count(),
        None => 0,
    };
    let (message, help) = match (word, all) {
        ("site" | "area" | "node" | "cell", _) => {
            (format!("this {word} holds nothing to select"), "declare something in it, or name another")
        }
        (_, 0) => {
            ("this selection yields nothing: none is declared".to_owned(), "declare some, or remove what uses it")
        }
        _ => (
            format!("this selection yields none of the {all} {word} there are"),
            "loosen its condition, or remove what uses it",
        ),
    };
    Diagnostic::warning(&codes::EMPTY_SELECTION, selection.span, message).help(help)
}

/// The finding about nodes that are to stand for what is on them, where nothing is.
fn without_interfaces(selection: &Selection, nodes: usize) -> Diagnostic {
    let message = format!("this selection yields {} and no cell, radio or port", units::count(nodes, "node"));
    Diagnostic::warning(&codes::EMPTY_SELECTION, selection.span, message)
        .help("select nodes that have some, or remove what uses it")
}
