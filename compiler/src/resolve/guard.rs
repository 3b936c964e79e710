//! `guard small-steps deny { over changes where kind = "cell"  require share.delta <= 20% }`

use ranform_grammar::ast::{Selection, Value};
use ranform_network::Diagnostic;
use ranform_network::diagnostic::codes;
use ranform_network::network::{Exception, Expression, Guard, Literal, NodeKind, Rule};

use super::body::{Body, Line};
use super::rules::address;
use super::select::Selector;
use super::settle::Declared;
use super::suggest;
use crate::expression::attributes::Kind;
use crate::expression::compile::Compiler;

/// What a guard can range over, and what its expressions then speak of.
const OVER: [(&str, Kind); 10] = [
    ("cells", Kind::Interface),
    ("radios", Kind::Interface),
    ("ports", Kind::Interface),
    ("interfaces", Kind::Interface),
    ("nodes", Kind::Node),
    ("e2-nodes", Kind::Node),
    ("tenants", Kind::Tenant),
    ("changes", Kind::Change),
    ("shares", Kind::Share),
    ("instances", Kind::Instance),
];

/// What a guard block says.
pub(crate) fn guard(body: &Body<'_>, declared: &Declared<'_>, selector: Selector<'_>) -> Option<Guard> {
    let address = body.scope.address("guard", &body.name);
    let deny = declared.as_block().is_none_or(|block| !block.header.iter().any(|value| value.is_word("warn")));
    let message = body.one("because").and_then(|because| because.text()).map(|because| because.value);
    let exceptions = body.all("except").filter_map(exception).collect();
    let over = body.line("over").and_then(|line| line.first());
    let ranges = match over {
        Some(argument) => argument.selection().and_then(|selection| range(body, selection, selector)),
        // What it ranges over was told to be wrong: what its conditions speak of is not known.
        None if body.is_broken("over") => None,
        // Without a range, a guard speaks of everything that changes.
        None => Some(("changes".into(), None, Kind::Change)),
    };
    if !body.has("require") {
        body.missing("require", "share.delta <= 20%");
    }
    let (over, filter, kind) = ranges?;
    let conditions: Vec<_> = body.all("require").map(|line| condition(body, line, kind, selector)).collect();
    let require = conditions.into_iter().collect::<Option<Vec<_>>>()?.into_iter().reduce(and)?;
    let rule = Rule { over, filter, require };
    Some(Guard { address, span: body.span, deny, message, rule, exceptions })
}

fn and(left: Expression, right: Expression) -> Expression {
    let operator = ranform_network::network::Operator::And;
    Expression::Binary { operator, left: Box::new(left), right: Box::new(right) }
}

fn condition(body: &Body<'_>, line: Line<'_, '_>, kind: Kind, selector: Selector<'_>) -> Option<Expression> {
    let value = line.values().first()?;
    let expression = match &value.value {
        Value::Expression(expression) => (**expression).clone(),
        other => ranform_grammar::ast::Expression {
            term: match other {
                Value::Word(word) => ranform_grammar::ast::Term::Path(vec![word.clone()]),
                Value::Parameter(name) => ranform_grammar::ast::Term::Parameter(name.clone()),
                other => ranform_grammar::ast::Term::Literal(other.clone()),
            },
            span: value.span,
        },
    };
    Compiler { body, selector: Some(selector), kinds: &[kind] }.condition(&expression)
}

type Range = (ranform_network::network::Name, Option<Expression>, Kind);

/// What the guard ranges over: a kind of thing, places and conditions folded into one filter.
fn range(body: &Body<'_>, selection: &Selection, selector: Selector<'_>) -> Option<Range> {
    let word = selection.among.value.as_str();
    let Some((_, kind)) = OVER.iter().find(|(known, _)| *known == word) else {
        let words: Vec<_> = OVER.iter().map(|(word, _)| format!("`{word}`")).collect();
        let help = suggest::or_say(suggest::nearest(word, OVER.iter().map(|(word, _)| *word)), || {
            format!("a guard ranges over {}", words.join(", "))
        });
        let message = format!("a guard cannot range over `{word}`");
        body.report(Diagnostic::error(&codes::UNKNOWN_SELECTION, selection.among.span, message).help(help));
        return None;
    };
    let mut filter: Option<Expression> = None;
    for (noun, name) in &selection.within {
        let path = match noun.value.as_str() {
            "site" => "site",
            "node" => "node",
            _ => {
                let message = "a guard does not range over an area";
                body.report(
                    Diagnostic::error(&codes::UNKNOWN_SELECTION, noun.span, message)
                        .help("repeat the area's condition: `where site.region = \"metro\"`"),
                );
                return None;
            }
        };
        let equal = Expression::Binary {
            operator: ranform_network::network::Operator::Equal,
            left: Box::new(Expression::Path(ranform_network::Located::new(path.into(), noun.span))),
            right: Box::new(Expression::Literal(Literal::Text(name.value.as_str().into()))),
        };
        filter = Some(filter.map_or(equal.clone(), |before| and(before, equal)));
    }
    if let Some(condition) = &selection.condition {
        let condition = Compiler { body, selector: Some(selector), kinds: &[*kind] }.condition(condition)?;
        filter = Some(filter.map_or(condition.clone(), |before| and(before, condition)));
    }
    if word == "e2-nodes" {
        let filter = filter.map_or(is_e2_node(), |before| and(is_e2_node(), before));
        return Some(("nodes".into(), Some(filter), *kind));
    }
    Some((word.into(), filter, *kind))
}

/// Of a node: that it terminates E2.
fn is_e2_node() -> Expression {
    let kinds = NodeKind::ALL.iter().filter(|(kind, _)| kind.is_e2_node());
    let path = ranform_network::Located::new("kind".into(), ranform_network::Span::default());
    let list = kinds.map(|(_, word)| Expression::Literal(Literal::Text((*word).into()))).collect();
    Expression::In { item: Box::new(Expression::Path(path)), list }
}

/// `except node.gnb-1/cell.nr-1 until 2026-12-31 because "migration"`
fn exception(line: Line<'_, '_>) -> Option<Exception> {
    let address = address(line.first()?);
    let until = line.after("until").and_then(|until| until.date());
    let because = line.after("because").and_then(|because| because.text());
    Some(Exception { address: address?, until: until?, because: because?.value })
}
