//! `area downtown { cells where site.region = "metro" and band = n77 }`
//!
//! An area may speak of other areas, so areas are resolved in the order of their needs.

use std::collections::BTreeMap;

use ranform_grammar::ast::{Block, Expression, Item, Selection, Statement, Term, Value, Word};
use ranform_network::Diagnostic;
use ranform_network::diagnostic::codes;
use ranform_network::network::Area;

use super::argument::Argument;
use super::body::Body;
use super::select::{Selected, Selector};
use super::settle::Declared;

/// What an area block says, given the areas it speaks of.
pub(crate) fn area(body: &Body<'_>, selector: Selector<'_>) -> Option<Area> {
    let entity = body.entity(body.scope.address("area", &body.name));
    let selected = selections(body, |selection| selector.select(selection))?;
    Some(Area { entity, interfaces: selected.interfaces, nodes: selected.nodes })
}

/// All selections of a body together.
pub(crate) fn selections(body: &Body<'_>, select: impl Fn(&Argument<'_, '_>) -> Option<Selected>) -> Option<Selected> {
    let mut all = Selected { span: body.span, ..Selected::default() };
    let mut complete = true;
    let mut any = false;
    for line in body.lines() {
        let Some(argument) = line.values().first().filter(|value| matches!(value.value, Value::Selection(_))) else {
            continue;
        };
        let Some(argument) = line.argument(argument) else { continue };
        match select(&argument) {
            Some(selected) => {
                all.span = if any { all.span.to(selected.span) } else { selected.span };
                all.interfaces.extend(selected.interfaces);
                all.nodes.extend(selected.nodes);
            }
            None => complete = false,
        }
        any = true;
    }
    if !any && !body.is_broken("selection") {
        let message = format!("{} selects nothing", body.title());
        body.report(
            Diagnostic::error(&codes::MISSING_ATTRIBUTE, body.span, message)
                .help("say what belongs to it: `interfaces in site plaza`"),
        );
        return None;
    }
    all.interfaces.sort_unstable();
    all.interfaces.dedup();
    all.nodes.sort_unstable();
    all.nodes.dedup();
    complete.then_some(all)
}

/// The areas in waves: each wave speaks only of areas in earlier ones. Areas in a circle are reported and left out.
pub(crate) fn waves<'a>(areas: &[Declared<'a>], findings: &mut Vec<Diagnostic>) -> Vec<Vec<Declared<'a>>> {
    let mut names: BTreeMap<(u32, Word), usize> = BTreeMap::new();
    for (index, area) in areas.iter().enumerate() {
        if let Some(name) = area.as_block().and_then(|block| block.name.as_ref()) {
            names.entry((area.scope.id, name.value.clone())).or_insert(index);
        }
    }
    let needs: Vec<Vec<usize>> = areas
        .iter()
        .map(|area| {
            let find =
                |name: &Word| area.scope.chain.iter().find_map(|scope| names.get(&(*scope, name.clone())).copied());
            area.as_block().map(mentioned).unwrap_or_default().iter().filter_map(find).collect()
        })
        .collect();
    let mut done = vec![false; areas.len()];
    let mut waves = Vec::new();
    loop {
        let ready: Vec<usize> =
            (0..areas.len()).filter(|index| !done[*index] && needs[*index].iter().all(|need| done[*need])).collect();
        if ready.is_empty() {
            break;
        }
        waves.push(ready.iter().map(|index| areas[*index]).collect());
        ready.into_iter().for_each(|index| done[index] = true);
    }
    for (area, _) in areas.iter().zip(&done).filter(|(_, done)| !**done) {
        if let Some(name) = area.as_block().and_then(|block| block.name.as_ref()) {
            findings.push(
                Diagnostic::error(&codes::CYCLE, name.span, format!("area `{}` is defined by itself", name.value))
                    .help("an area may speak of other areas, but not in a circle"),
            );
        }
    }
    waves
}

/// The names of areas that a block speaks of.
fn mentioned(block: &Block) -> Vec<Word> {
    let mut names = Vec::new();
    for statement in block.items().iter().filter_map(Item::statement) {
        in_statement(statement, &mut names);
    }
    names
}

fn in_statement(statement: &Statement, names: &mut Vec<Word>) {
    for value in &statement.values {
        if let Value::Selection(selection) = &value.value {
            in_selection(selection, names);
        }
    }
}

fn in_selection(selection: &Selection, names: &mut Vec<Word>) {
    if selection.among.value == "area" {
        names.extend(selection.names.iter().filter_map(|name| Some(name.value.segments.last()?.name.clone())));
    }
    names.extend(selection.within.iter().filter(|(noun, _)| noun.value == "area").map(|(_, name)| name.value.clone()));
    if let Some(condition) = &selection.condition {
        in_expression(condition, names);
    }
}

fn in_expression(expression: &Expression, names: &mut Vec<Word>) {
    match &expression.term {
        Term::Any(list) | Term::All(list) => list.iter().for_each(|one| in_expression(one, names)),
        Term::Not(one) | Term::Matches(one, _) => in_expression(one, names),
        Term::Compare(left, _, right) => [left, right].into_iter().for_each(|one| in_expression(one, names)),
        Term::OneOf(one, list) => {
            in_expression(one, names);
            list.iter().for_each(|one| in_expression(one, names));
        }
        Term::Sum(first, rest) | Term::Product(first, rest) => {
            in_expression(first, names);
            rest.iter().for_each(|(_, one)| in_expression(one, names));
        }
        Term::Count(selection) | Term::Aggregate(_, _, Some(selection)) => in_selection(selection, names),
        Term::Aggregate(_, _, None) | Term::Path(_) | Term::Parameter(_) | Term::Literal(_) => {}
    }
}
