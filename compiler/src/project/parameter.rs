//! Parameters: declared by a project or module, given by a use or on the command line, else by their default.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ranform_grammar::ast::{Block, Expression, File, Noun, Number, Term, Unit, Value, Word};
use ranform_network::diagnostic::codes;
use ranform_network::network::Literal;
use ranform_network::units::decimal;
use ranform_network::{Diagnostic, Located, Span};

use super::modules::no_such_parameter;
use crate::expression::compile::Compiler;
use crate::expression::{Subject, evaluate};
use crate::resolve::argument::plain;
use crate::resolve::body::Body;
use crate::resolve::scope::Scope;
use crate::resolve::settle::duplicate;

/// The `parameter` blocks of files.
pub(super) fn declared(files: &[Arc<File>]) -> Vec<Block> {
    let blocks = files.iter().flat_map(|file| file.blocks.iter());
    blocks.filter(|block| block.noun.value == Noun::Parameter && block.name.is_some()).cloned().collect()
}

/// The values of the command line, `-var name=value`: numbers, quantities, else texts.
pub(super) fn of_command_line(variables: &[(String, String)]) -> Vec<(Located<Word>, Located<Value>)> {
    let nowhere = Span::default();
    let value = |text: &str| {
        let unit_at = text.find(|c: char| !c.is_ascii_digit() && c != '.' && c != '-').unwrap_or(text.len());
        match (Number::new(text), Number::new(&text[..unit_at]).zip(Unit::find(&text[unit_at..]))) {
            (Some(number), _) => Value::Number(number),
            (None, Some((number, unit))) => Value::Quantity(number, unit),
            (None, None) => Value::Text(Word::from(text)),
        }
    };
    let pair = |(name, text): &(String, String)| {
        (Located::new(Word::from(name.as_str()), nowhere), Located::new(value(text), nowhere))
    };
    variables.iter().map(pair).collect()
}

/// What each declared parameter stands for. `arguments` are evaluated in `outer`; `module` is the use, none for the project.
pub(super) fn given(
    declared: &[Block],
    arguments: &[(Located<Word>, Located<Value>)],
    outer: &Scope,
    module: Option<&Located<Word>>,
    findings: &mut Vec<Diagnostic>,
) -> BTreeMap<Word, Located<Value>> {
    let title = module.map_or("the project".to_owned(), |name| format!("module `{}`", name.value));
    let known: Vec<&str> = declared.iter().filter_map(|block| Some(block.name.as_ref()?.value.as_str())).collect();
    let mut values: BTreeMap<Word, Located<Value>> = BTreeMap::new();
    for (name, value) in arguments {
        if !known.contains(&name.value.as_str()) {
            findings.push(no_such_parameter(name, &title, &known));
        } else if let Some(value) = constant(value, outer, declared.first(), findings)
            && let Some(first) = values.insert(name.value.clone(), value)
        {
            let message = format!("parameter `{}` is given twice", name.value);
            findings.push(
                Diagnostic::error(&codes::DUPLICATE_ATTRIBUTE, name.span, message)
                    .and(first.span, "first given here")
                    .help("keep one of the two lines"),
            );
        }
    }
    let defaults = defaults_needed(declared, &values, arguments, module, findings);
    let all = known.iter().map(|name| Word::from(*name)).collect();
    work_out(&defaults, &mut values, &Scope { unset: all, ..outer.clone() }, findings);
    values
}

/// The names of `declared` that have no value: each of them was reported.
pub(super) fn unset(
    declared: &[Block],
    broken: impl Iterator<Item = Word>,
    values: &BTreeMap<Word, Located<Value>>,
) -> BTreeSet<Word> {
    let names = declared.iter().filter_map(|block| Some(block.name.as_ref()?.value.clone()));
    names.chain(broken).filter(|name| !values.contains_key(name)).collect()
}

/// The defaults of the parameters that are given nowhere, by name.
fn defaults_needed<'b>(
    declared: &'b [Block],
    values: &BTreeMap<Word, Located<Value>>,
    arguments: &[(Located<Word>, Located<Value>)],
    module: Option<&Located<Word>>,
    findings: &mut Vec<Diagnostic>,
) -> BTreeMap<&'b Word, &'b Block> {
    let mut places: BTreeMap<&Word, Span> = BTreeMap::new();
    let mut defaults = BTreeMap::new();
    for block in declared {
        let Some(name) = &block.name else { continue };
        if let Some(first) = places.insert(&name.value, name.span) {
            findings.push(duplicate(&format!("parameter.{}", name.value), first, name.span));
        } else if values.contains_key(&name.value) || arguments.iter().any(|(given, _)| given.value == name.value) {
            // Given by the use, rightly or not.
        } else if block.after("=").is_some() {
            defaults.insert(&name.value, block);
        } else {
            findings.push(missing(name, module));
        }
    }
    defaults
}

/// Works out defaults, each after those it speaks of: the order of declaration means nothing.
fn work_out(
    defaults: &BTreeMap<&Word, &Block>,
    values: &mut BTreeMap<Word, Located<Value>>,
    outer: &Scope,
    findings: &mut Vec<Diagnostic>,
) {
    let mut needs: BTreeMap<&Word, BTreeSet<&Word>> = BTreeMap::new();
    let mut needed_by: BTreeMap<&Word, Vec<&Word>> = BTreeMap::new();
    for (name, block) in defaults {
        let mut spoken = Vec::new();
        block.after("=").into_iter().for_each(|default| parameters_in(&default.value, &mut spoken));
        let spoken: BTreeSet<&Word> =
            spoken.iter().filter_map(|word| defaults.get_key_value(word)).map(|(word, _)| *word).collect();
        spoken.iter().for_each(|word| needed_by.entry(word).or_default().push(name));
        needs.insert(name, spoken);
    }
    let mut ready: BTreeSet<&Word> =
        needs.iter().filter(|(_, needs)| needs.is_empty()).map(|(name, _)| *name).collect();
    loop {
        let Some(name) = ready.pop_first().or_else(|| circle(&needs, defaults, findings)) else { return };
        let in_circle = needs.remove(name).is_none_or(|needs| !needs.is_empty());
        for later in needed_by.get(name).into_iter().flatten() {
            let Some(left) = needs.get_mut(later) else { continue };
            left.remove(name);
            if left.is_empty() {
                ready.insert(later);
            }
        }
        let Some((block, default)) = defaults.get(name).and_then(|block| Some((*block, block.after("=")?))) else {
            continue;
        };
        if !in_circle {
            let inner = Scope { parameters: values.clone(), ..outer.clone() };
            let value = constant(default, &inner, Some(block), findings);
            values.extend(value.map(|value| (name.clone(), value)));
        }
    }
}

/// Reports a circle among what is left, and gives one of its names to go on with.
fn circle<'b>(
    needs: &BTreeMap<&'b Word, BTreeSet<&'b Word>>,
    defaults: &BTreeMap<&'b Word, &'b Block>,
    findings: &mut Vec<Diagnostic>,
) -> Option<&'b Word> {
    let mut path: Vec<&Word> = vec![needs.keys().next()?];
    let start = loop {
        let next = needs.get(path.last()?)?.first()?;
        match path.iter().position(|word| word == next) {
            Some(start) => break start,
            None => path.push(next),
        }
    };
    let first = path.get(start..)?.iter().min()?;
    let turned = path.get(start..)?.iter().chain([&path[start]]).map(|name| format!("`{name}`")).collect::<Vec<_>>();
    let span = defaults.get(first)?.name.as_ref()?.span;
    findings.push(
        Diagnostic::error(&codes::CYCLE, span, format!("parameter `{first}` is defined by itself"))
            .help(format!("{}: give one of them a value of its own", turned.join(" speaks of "))),
    );
    Some(first)
}

/// The parameters that a value speaks of.
fn parameters_in<'v>(value: &'v Value, found: &mut Vec<&'v Word>) {
    match value {
        Value::Parameter(name) => found.push(name),
        Value::List(elements) => elements.iter().for_each(|element| parameters_in(&element.value, found)),
        Value::Expression(expression) => parameters_of(expression, found),
        _ => {}
    }
}

fn parameters_of<'v>(expression: &'v Expression, found: &mut Vec<&'v Word>) {
    match &expression.term {
        Term::Parameter(name) => found.push(name),
        Term::Literal(value) => parameters_in(value, found),
        Term::Any(list) | Term::All(list) => list.iter().for_each(|one| parameters_of(one, found)),
        Term::Not(one) | Term::Matches(one, _) => parameters_of(one, found),
        Term::Compare(left, _, right) => [left, right].into_iter().for_each(|one| parameters_of(one, found)),
        Term::OneOf(one, list) => {
            parameters_of(one, found);
            list.iter().for_each(|one| parameters_of(one, found));
        }
        Term::Sum(first, rest) | Term::Product(first, rest) => {
            parameters_of(first, found);
            rest.iter().for_each(|(_, one)| parameters_of(one, found));
        }
        Term::Count(_) | Term::Aggregate(..) | Term::Path(_) => {}
    }
}

fn missing(name: &Located<Word>, module: Option<&Located<Word>>) -> Diagnostic {
    match module {
        Some(module) => {
            let message = format!("module `{}` is not given its parameter `{}`", module.value, name.value);
            Diagnostic::error(&codes::MISSING_PARAMETER, module.span, message)
                .and(name.span, "declared here, without a default")
                .help(format!("add `parameter {} ..` to the use, or a default to its declaration", name.value))
        }
        None => {
            Diagnostic::error(&codes::MISSING_PARAMETER, name.span, format!("parameter `{}` has no value", name.value))
                .help(format!("give it on the command line, `-var {}=..`, or write a default", name.value))
        }
    }
}

/// A value without parameters and computations left in it.
fn constant(
    value: &Located<Value>,
    scope: &Scope,
    block: Option<&Block>,
    findings: &mut Vec<Diagnostic>,
) -> Option<Located<Value>> {
    match plain(&value.value) {
        Value::Parameter(name) => {
            let known = scope.parameter(name, value.span, |finding| findings.push(finding))?;
            Some(Located::new(known.value.clone(), value.span))
        }
        Value::Expression(expression) => {
            let body = Body::of_block(block?, scope);
            let compiled = Compiler { body: &body, selector: None, kinds: &[] }.expression(expression);
            findings.extend(body.into_findings());
            let result = literal(&evaluate(&compiled?.0, &Nothing));
            if result.is_none() {
                findings.push(
                    Diagnostic::error(&codes::EXPRESSION_TYPE, value.span, "this computation has no result")
                        .help("nothing can be divided by 0, and a number is at most 1.8e308"),
                );
            }
            Some(Located::new(result?, value.span))
        }
        other => Some(Located::new(other.clone(), value.span)),
    }
}

/// A constant has no attributes to ask for.
struct Nothing;

impl Subject for Nothing {
    fn attribute(&self, _path: &str) -> Literal {
        Literal::Absent
    }
}

/// The result of a computation, as it would have been written.
fn literal(literal: &Literal) -> Option<Value> {
    let quantity = |number: f64, unit| Number::new(&decimal(number, 9)).map(|number| Value::Quantity(number, unit));
    match literal {
        Literal::Bool(yes) => Some(Value::Word(Word::from(if *yes { "yes" } else { "no" }))),
        Literal::Text(text) => Some(Value::Text(Word::from(&**text))),
        Literal::Absent => None,
        Literal::Number(number, dimension) => match *dimension {
            "frequency" => quantity(*number, Unit::Hertz),
            "duration" => quantity(*number, Unit::Nanoseconds),
            "size" => quantity(*number, Unit::Bytes),
            "rate" => quantity(*number, Unit::BitsPerSecond),
            "share" => quantity(*number * 100.0, Unit::Percent),
            "power" => quantity(*number, Unit::DecibelMilliwatts),
            "gain" => quantity(*number, Unit::Decibels),
            "angle" => quantity(*number, Unit::Degrees),
            _ => Number::new(&decimal(*number, 9)).map(Value::Number),
        },
    }
}
