//! The expression language: which things a selection means, and what a guard requires.
//!
//! [`compile`](compile::Compiler) turns what was written into a [`network::Expression`](ranform_network::network::Expression),
//! its names known and its dimensions checked; [`evaluate`] computes one for a [`Subject`]. [`attributes`] are
//! what can be asked of the entities of a network. Guards over plans are evaluated by whoever has the plan:
//! it implements [`Subject`] for its changes and tenants.

pub mod attributes;
pub(crate) mod compile;
mod evaluate;
pub(crate) mod types;

#[cfg(test)]
mod tests;

use ranform_grammar::ast;
use ranform_network::ids::NodeId;
use ranform_network::network::{Expression, Interface, Literal};

pub use evaluate::{Subject, evaluate, glob, holds};

use crate::resolve::body::Body;
use crate::resolve::select::{Selected, Selector};
use attributes::{Attribute, Entity, Kind, value};
use compile::Compiler;
use evaluate::Bound;

/// The things of `selected` of which the condition holds.
pub(crate) fn filter(
    selector: Selector<'_>,
    body: &Body<'_>,
    condition: &ast::Expression,
    kind: Kind,
    mut selected: Selected,
) -> Option<Selected> {
    let compiler = Compiler { body, selector: Some(selector), kinds: &[kind] };
    let expression = compiler.condition(condition)?;
    let bound = Bound::new(&expression, &mut |path| Attribute::parse(path, kind));
    let network = selector.lookup.network;
    let holds = |entity: Entity| {
        let lookup = |attribute: &Option<Attribute>| {
            attribute.as_ref().map_or(Literal::Absent, |attribute| value(network, entity, attribute))
        };
        bound.evaluate(&lookup) == Literal::Bool(true)
    };
    selected.interfaces.retain(|interface: &Interface| holds(Entity::Interface(*interface)));
    selected.nodes.retain(|node: &NodeId| holds(Entity::Node(*node)));
    Some(selected)
}

/// The attribute paths of an expression, in order of their text, each once.
pub fn paths(expression: &Expression) -> Vec<String> {
    let mut paths = Vec::new();
    evaluate::collect_paths(expression, &mut paths);
    paths.sort();
    paths.dedup();
    paths
}
