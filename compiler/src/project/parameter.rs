//! Parameters: declared by a project or module, given by a use or on the command line, else by their default.

use std::collections::BTreeMap;
use std::sync::Arc;

use ranform_grammar::ast::{Block, File, Noun, Number, Unit, Value, Word};
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
    let mut places: BTreeMap<Word, Span> = BTreeMap::new();
    for block in declared {
        let Some(name) = &block.name else { continue };
        if let Some(first) = places.insert(name.value.clone(), name.span) {
            findings.push(duplicate(&format!("parameter.{}", name.value), first, name.span));
            continue;
        }
        if values.contains_key(&name.value) || arguments.iter().any(|(given, _)| given.value == name.value) {
            continue;
        }
        match block.after("=") {
            Some(default) => {
                let inner = Scope { parameters: values.clone(), ..outer.clone() };
                values
                    .extend(constant(default, &inner, Some(block), findings).map(|value| (name.value.clone(), value)));
            }
            None => findings.push(missing(name, module)),
        }
    }
    values
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
        Value::Parameter(name) => match scope.parameters.get(name) {
            Some(known) => Some(Located::new(known.value.clone(), value.span)),
            None => {
                let known = scope.parameters.keys().map(Word::as_str);
                findings.push(crate::resolve::argument::unknown_parameter(name, value.span, known));
                None
            }
        },
        Value::Expression(expression) => {
            let body = Body::of_block(block?, scope);
            let compiled = Compiler { body: &body, selector: None, kinds: &[] }.expression(expression);
            findings.extend(body.into_findings());
            let result = literal(&evaluate(&compiled?.0, &Nothing))?;
            Some(Located::new(result, value.span))
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
