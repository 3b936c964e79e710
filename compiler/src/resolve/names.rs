//! The names of top-level entities, by noun and scope, and what a reference is bound to.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use ranform_grammar::ast::{Address, Segment, Value, Word};
use ranform_network::diagnostic::codes;
use ranform_network::ids::{CellId, Id, NodeId, PortId, RadioId};
use ranform_network::network::{Entity, Interface};
use ranform_network::{Diagnostic, Located, Network, Span};

use super::argument::{Argument, describe};
use super::scope::{Scope, ScopeId};
use super::settle::Settled;
use super::suggest;

/// The nouns whose names are referred to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Site,
    Area,
    Tenant,
    Node,
    Chunk,
    Service,
    Sla,
    Ric,
    Model,
    Request,
    Policy,
    Owner,
    Link,
    Guard,
}

impl Kind {
    const ALL: [(Kind, &'static str); 14] = [
        (Kind::Site, "site"),
        (Kind::Area, "area"),
        (Kind::Tenant, "tenant"),
        (Kind::Node, "node"),
        (Kind::Chunk, "chunk"),
        (Kind::Service, "service"),
        (Kind::Sla, "sla"),
        (Kind::Ric, "ric"),
        (Kind::Model, "model"),
        (Kind::Request, "request"),
        (Kind::Policy, "policy"),
        (Kind::Owner, "owner"),
        (Kind::Link, "link"),
        (Kind::Guard, "guard"),
    ];

    /// The noun.
    pub fn word(self) -> &'static str {
        Self::ALL[self as usize].1
    }

    /// The kind with this noun.
    pub fn find(word: &str) -> Option<Kind> {
        Self::ALL.iter().find(|(_, noun)| *noun == word).map(|(kind, _)| *kind)
    }

    pub fn with_article(self) -> String {
        let word = self.word();
        let an = matches!(self, Kind::Area | Kind::Owner | Kind::Sla);
        format!("{} {word}", if an { "an" } else { "a" })
    }
}

/// What a name is bound to: an id, or nothing where its declaration was in error.
type Bound = Option<u32>;

/// All names.
#[derive(Debug, Default)]
pub(crate) struct Names {
    /// By kind and scope.
    tables: Vec<Vec<HashMap<Word, Bound>>>,
    /// Whether something that selections look among could not be read: an empty selection is no second finding then.
    pub incomplete: bool,
    /// The nouns of tables that could not be read: names of such things are no second error.
    pub lost: BTreeSet<Kind>,
    /// Whether cells, radios or ports are among them.
    pub lost_interfaces: bool,
    /// The scope of a module used in a scope.
    modules: BTreeMap<(ScopeId, Word), ScopeId>,
}

impl Names {
    /// No names yet, in these scopes.
    pub fn new(scopes: &[Scope]) -> Self {
        let by_modules: BTreeMap<_, _> = scopes.iter().map(|scope| (&scope.modules, scope.id)).collect();
        let modules = scopes
            .iter()
            .filter_map(|scope| {
                let (last, outer) = scope.modules.split_last()?;
                Some(((*by_modules.get(&outer.to_vec())?, last.clone()), scope.id))
            })
            .collect();
        let tables = vec![vec![HashMap::new(); scopes.len()]; Kind::ALL.len()];
        Self { tables, incomplete: false, lost: BTreeSet::new(), lost_interfaces: false, modules }
    }

    /// Adds what was declared of a kind; ids are positions.
    pub fn add<T>(&mut self, kind: Kind, settled: &Settled<'_, T>, entity: impl Fn(&T) -> &Entity) {
        let Some(tables) = self.tables.get_mut(kind as usize) else { return };
        for (scope, name) in &settled.broken {
            if let Some(table) = tables.get_mut(*scope as usize) {
                table.insert(Word::from(name.as_str()), None);
            }
        }
        for (index, (item, declared)) in settled.items.iter().zip(&settled.declared).enumerate() {
            if let Some(table) = tables.get_mut(declared.scope.id as usize) {
                let (_, name) = entity(item).address.last();
                table.insert(Word::from(name.trim_matches('"')), Some(index as u32));
            }
        }
    }

    /// Takes note that a name exists but could not be read.
    pub fn add_broken(&mut self, kind: Kind, scope: ScopeId, name: &str) {
        if let Some(table) = self.tables.get_mut(kind as usize).and_then(|tables| tables.get_mut(scope as usize)) {
            table.entry(Word::from(name)).or_insert(None);
        }
    }

    /// What the name is bound to, looked up from `scope` outwards; the outer option says whether there is such a name.
    pub fn find(&self, kind: Kind, scope: &Scope, name: &str) -> Option<Bound> {
        let tables = self.tables.get(kind as usize)?;
        scope.chain.iter().find_map(|id| tables.get(*id as usize)?.get(name).copied())
    }

    /// The scope that an address's modules lead to.
    fn enter<'s>(&self, scopes: &'s [Scope], from: &Scope, modules: &[Word]) -> Option<&'s Scope> {
        from.chain.iter().find_map(|start| {
            let last = modules.iter().try_fold(*start, |at, name| self.modules.get(&(at, name.clone())).copied())?;
            scopes.get(last as usize)
        })
    }

    /// The name nearest to `name`, among those that can be seen from `scope`.
    pub fn nearest<'n>(&'n self, kind: Kind, scope: &Scope, name: &str) -> Option<&'n str> {
        let tables = self.tables.get(kind as usize)?;
        let tables: Vec<_> = scope.chain.iter().filter_map(|id| tables.get(*id as usize)).collect();
        let mut known: Vec<&str> = tables.iter().flat_map(|table| table.keys()).map(Word::as_str).collect();
        known.sort_unstable();
        suggest::nearest(name, known)
    }

    /// Another kind that has the name.
    pub fn elsewhere(&self, kind: Kind, scope: &Scope, name: &str) -> Option<Kind> {
        Kind::ALL
            .into_iter()
            .map(|(other, _)| other)
            .filter(|other| *other != kind)
            .find(|other| self.find(*other, scope, name).is_some())
    }

    /// The finding about a name that is bound to nothing.
    pub fn unknown(&self, kind: Kind, scope: &Scope, name: &Located<Word>) -> Diagnostic {
        let text = name.value.as_str();
        if let Some(other) = self.elsewhere(kind, scope, text) {
            let message = format!("`{text}` is {}, not {}", other.with_article(), kind.with_article());
            let help = self.nearest(kind, scope, text).map_or_else(
                || format!("write the name of {}", kind.with_article()),
                |near| format!("did you mean the {} `{near}`?", kind.word()),
            );
            return Diagnostic::error(&codes::WRONG_NOUN, name.span, message).help(help);
        }
        let word = kind.word();
        let help = suggest::or_say(self.nearest(kind, scope, text), || format!("declare it: `{word} {text} ..`"));
        Diagnostic::error(&codes::UNKNOWN_REFERENCE, name.span, format!("there is no {word} `{text}`")).help(help)
    }
}

/// References from one place, bound against what is known so far.
#[derive(Clone, Copy)]
pub(crate) struct Lookup<'n> {
    /// The scopes.
    pub scopes: &'n [Scope],
    /// The names.
    pub names: &'n Names,
    /// What is resolved so far.
    pub network: &'n Network,
}

impl<'n> Lookup<'n> {
    /// The thing of a kind that the argument names; a finding where there is none.
    pub fn bind<I: Id>(self, kind: Kind, argument: &Argument<'_, '_>) -> Option<Located<I>> {
        let name = match argument.value {
            Value::Address(address) => {
                let (outcome, findings) = self.top(kind, argument.body.scope, address, argument.span);
                findings.into_iter().for_each(|finding| argument.body.report(finding));
                return outcome.map(|id| Located::new(I::from_index(id as usize), argument.span));
            }
            _ => argument.name()?,
        };
        self.name(kind, argument.body.scope, &name, &|finding| argument.body.report(finding))
    }

    /// The thing of a kind with this name.
    pub fn name<I: Id>(
        self,
        kind: Kind,
        scope: &Scope,
        name: &Located<Word>,
        report: &dyn Fn(Diagnostic),
    ) -> Option<Located<I>> {
        match self.names.find(kind, scope, name.value.as_str()) {
            Some(bound) => bound.map(|id| Located::new(I::from_index(id as usize), name.span)),
            None if self.names.lost.contains(&kind) => None,
            None => {
                report(self.names.unknown(kind, scope, name));
                None
            }
        }
    }

    /// The thing of a kind that an address of one step names.
    fn top(self, kind: Kind, scope: &Scope, address: &Address, span: Span) -> (Option<u32>, Option<Diagnostic>) {
        let Some(scope) = self.names.enter(self.scopes, scope, &address.modules) else {
            return (None, Some(no_module(address, span)));
        };
        let [Segment { noun, name }] = &address.segments[..] else {
            let message = format!("`{address}` is no {}", kind.word());
            return (
                None,
                Some(
                    Diagnostic::error(&codes::UNKNOWN_REFERENCE, span, message)
                        .help(format!("write the name of {}", kind.with_article())),
                ),
            );
        };
        if let Some(noun) = noun.as_ref().filter(|noun| noun.as_str() != kind.word()) {
            let message = format!("`{address}` is a {noun}, not {}", kind.with_article());
            let help = format!("write the name of {}", kind.with_article());
            return (None, Some(Diagnostic::error(&codes::WRONG_NOUN, span, message).help(help)));
        }
        match self.names.find(kind, scope, name.as_str()) {
            Some(bound) => (bound, None),
            None if self.names.lost.contains(&kind) => (None, None),
            None => (None, Some(self.names.unknown(kind, scope, &Located::new(name.clone(), span)))),
        }
    }

    /// The interface that `gnb-1/nr-1` or an address of two steps names.
    pub fn interface(self, argument: &Argument<'_, '_>) -> Option<Located<Interface>> {
        let address = match argument.value {
            Value::Address(address) => (**address).clone(),
            Value::Word(text) | Value::Text(text) => Address {
                segments: text.split('/').map(|name| Segment { noun: None, name: Word::from(name) }).collect(),
                ..Address::default()
            },
            other => {
                let message = format!("`{}` wants a cell, radio or port, not {}", argument.keyword, describe(other));
                argument.report(
                    &codes::WRONG_VALUE,
                    message,
                    "write the names of its node and of itself: `gnb-1/nr-1`",
                );
                return None;
            }
        };
        self.interface_at(argument.body.scope, &Located::new(address, argument.span), &|finding| {
            argument.body.report(finding)
        })
    }

    /// The interface at an address of two steps.
    pub fn interface_at(
        self,
        scope: &Scope,
        address: &Located<Address>,
        report: &dyn Fn(Diagnostic),
    ) -> Option<Located<Interface>> {
        let span = address.span;
        let Some(scope) = self.names.enter(self.scopes, scope, &address.value.modules) else {
            report(no_module(&address.value, span));
            return None;
        };
        let [node, leaf] = &address.value.segments[..] else {
            let message = format!("`{}` is no cell, radio or port", address.value);
            report(
                Diagnostic::error(&codes::UNKNOWN_REFERENCE, span, message)
                    .help("write the names of its node and of itself: `gnb-1/nr-1`"),
            );
            return None;
        };
        let node: Located<NodeId> = self.name(Kind::Node, scope, &Located::new(node.name.clone(), span), report)?;
        match self.on_node(node.value, leaf) {
            Some(interface) => Some(Located::new(interface, span)),
            None if self
                .names
                .find(Kind::Node, scope, &format!("{}/{}", address.value.segments[0].name, leaf.name))
                .is_some() =>
            {
                None
            }
            None if self.names.lost_interfaces => None,
            None => {
                report(self.no_interface(node.value, leaf, span));
                None
            }
        }
    }

    /// The interface of a node with this name (and noun, where given).
    pub fn on_node(self, node: NodeId, leaf: &Segment) -> Option<Interface> {
        let node = self.network.nodes.get(node)?;
        let wants = |noun: &str| leaf.noun.as_ref().is_none_or(|wanted| wanted.as_str() == noun);
        let at = |noun: &str| node.entity.address.child(noun, leaf.name.as_str());
        let cell = || {
            let address = at("cell");
            node.cells.binary_search_by(|id| self.network.cells[*id].entity.address.cmp(&address)).ok()
        };
        let radio = || {
            let address = at("radio");
            node.radios.binary_search_by(|id| self.network.radios[*id].entity.address.cmp(&address)).ok()
        };
        let port = || {
            let address = at("port");
            node.ports.binary_search_by(|id| self.network.ports[*id].entity.address.cmp(&address)).ok()
        };
        if let Some(index) = wants("cell").then(cell).flatten() {
            return Some(Interface::Cell(node.cells[index]));
        }
        if let Some(index) = wants("radio").then(radio).flatten() {
            return Some(Interface::Radio(node.radios[index]));
        }
        wants("port").then(port).flatten().map(|index| Interface::Port(node.ports[index]))
    }

    fn no_interface(self, node: NodeId, leaf: &Segment, span: Span) -> Diagnostic {
        let node = &self.network.nodes[node];
        let name = |entity: &Entity| entity.address.last().1.trim_matches('"').to_owned();
        let mut known: Vec<String> =
            node.cells.iter().map(|id| name(&self.network.cells[*id as CellId].entity)).collect();
        known.extend(node.radios.iter().map(|id| name(&self.network.radios[*id as RadioId].entity)));
        known.extend(node.ports.iter().map(|id| name(&self.network.ports[*id as PortId].entity)));
        let owner = name(&node.entity);
        let near = suggest::nearest(leaf.name.as_str(), known.iter().map(String::as_str));
        let help = match (near, known.is_empty()) {
            (Some(near), _) => format!("did you mean `{owner}/{near}`?"),
            (None, true) => format!("node `{owner}` has no cells, radios or ports"),
            (None, false) => format!("node `{owner}` has {}", listed(&known)),
        };
        let noun = leaf.noun.as_ref().map_or("cell, radio or port", Word::as_str);
        let message = format!("node `{owner}` has no {noun} `{}`", leaf.name);
        Diagnostic::error(&codes::UNKNOWN_REFERENCE, span, message).help(help)
    }
}

/// `a`, `b` and 3 more
fn listed(names: &[String]) -> String {
    let shown: Vec<_> = names.iter().take(5).map(|name| format!("`{name}`")).collect();
    let more = names.len().saturating_sub(5);
    if more > 0 { format!("{} and {more} more", shown.join(", ")) } else { shown.join(", ") }
}

fn no_module(address: &Address, span: Span) -> Diagnostic {
    let module = address.modules.last().map_or("", |module| module.as_str());
    Diagnostic::error(&codes::UNKNOWN_REFERENCE, span, format!("there is no module `{module}`"))
        .help("an address inside a module begins with the name of its use: `module.north.node.gnb-1`")
}
