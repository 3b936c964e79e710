//! From what was written to a compiled expression: names known, parameters replaced, dimensions checked.

use ranform_grammar::ast::{self, Arithmetic, Comparison, Function, Selection, Term, Value, Word};
use ranform_grammar::vocabulary;
use ranform_network::deployment::Resource;
use ranform_network::diagnostic::codes;
use ranform_network::network::{Expression, Interface, Literal, NodeKind, Operator};
use ranform_network::{Diagnostic, Located, Span};

use super::attributes::{Attribute, Entity, Kind, type_of, value, words};
use super::types::Type;
use crate::resolve::argument::{plain, plain_text};
use crate::resolve::body::Body;
use crate::resolve::quantity::Dimension;
use crate::resolve::select::Selector;
use crate::resolve::suggest;

/// Compiles the expressions of one body.
pub(crate) struct Compiler<'c, 'a> {
    /// Takes the findings, knows the parameters.
    pub body: &'c Body<'a>,
    /// For counts and sums over selections; none where there is no network yet.
    pub selector: Option<Selector<'c>>,
    /// What the expression speaks of; nothing for a constant.
    pub kinds: &'c [Kind],
}

type Typed = (Expression, Type);

impl Compiler<'_, '_> {
    /// A condition: an expression that is true or false.
    pub fn condition(&self, expression: &ast::Expression) -> Option<Expression> {
        let (compiled, found) = self.expression(expression)?;
        if !matches!(found, Type::Bool | Type::Any) {
            let message = format!("this is {}, where a condition is wanted", found.words());
            self.report(&codes::EXPRESSION_TYPE, expression.span, message, "compare it: `band = n77`");
            return None;
        }
        Some(compiled)
    }

    /// Any expression, with its type.
    pub fn expression(&self, expression: &ast::Expression) -> Option<Typed> {
        let span = expression.span;
        match &expression.term {
            Term::Any(list) => self.chain(Operator::Or, list),
            Term::All(list) => self.chain(Operator::And, list),
            Term::Not(one) => Some((Expression::Not(Box::new(self.condition(one)?)), Type::Bool)),
            Term::Compare(left, comparison, right) => self.compare(left, comparison, right),
            Term::OneOf(item, list) => self.one_of(item, list),
            Term::Matches(item, pattern) => {
                let (compiled, found) = self.expression(item)?;
                if !found.comparable(Type::Text) {
                    let message = format!("only texts match patterns, this is {}", found.words());
                    self.report(&codes::EXPRESSION_TYPE, item.span, message, "compare numbers with `<` and `>`");
                    return None;
                }
                Some((
                    Expression::Matches { item: Box::new(compiled), pattern: pattern.value.as_str().into() },
                    Type::Bool,
                ))
            }
            Term::Sum(first, rest) | Term::Product(first, rest) => self.arithmetic(first, rest),
            Term::Count(selection) => {
                let selected = self.selector?.evaluate(self.body, selection)?;
                let count = selected.interfaces.len() + selected.nodes.len();
                Some(constant(count as f64, ""))
            }
            Term::Aggregate(function, path, Some(selection)) => self.aggregate(function, path, selection, span),
            Term::Aggregate(function, _, None) => {
                let help = format!("say of what: `{}(capacity.cpu of nodes in site plaza)`", function.value.as_str());
                self.report(&codes::EXPRESSION_TYPE, span, format!("`{}` of nothing", function.value.as_str()), &help);
                None
            }
            Term::Path(path) => self.path(path, span),
            Term::Parameter(name) => {
                let value = self.body.scope.parameter(name, span, |finding| self.body.report(finding))?;
                self.literal(&value.value, span)
            }
            Term::Literal(value) => self.literal(value, span),
        }
    }

    fn report(&self, code: &'static ranform_network::Code, span: Span, message: impl Into<String>, help: &str) {
        self.body.report(Diagnostic::error(code, span, message).help(help));
    }

    fn chain(&self, operator: Operator, list: &[ast::Expression]) -> Option<Typed> {
        // Every part is looked at before giving up, so that each of its errors is told.
        let parts: Vec<_> = list.iter().map(|one| self.condition(one)).collect();
        let mut parts = parts.into_iter();
        let first = parts.next()??;
        let mut all = first;
        for part in parts {
            all = Expression::Binary { operator, left: Box::new(all), right: Box::new(part?) };
        }
        Some((all, Type::Bool))
    }

    /// A bare word that is no attribute is a text, where it stands beside something it can be compared with.
    fn operand(&self, expression: &ast::Expression, beside: Option<Type>) -> Option<Typed> {
        if let (Term::Path(path), Some(Type::Text | Type::Any)) = (&expression.term, beside)
            && let [word] = &path[..]
            && self.known(word).is_none()
        {
            return Some((Expression::Literal(Literal::Text(word.as_str().into())), Type::Text));
        }
        self.expression(expression)
    }

    fn compare(
        &self,
        left: &ast::Expression,
        comparison: &Located<Comparison>,
        right: &ast::Expression,
    ) -> Option<Typed> {
        let first = self.expression(left);
        let second = self.operand(right, first.as_ref().map(|(_, found)| *found));
        let ((left, a), (right_side, b)) = (first?, second?);
        if !a.comparable(b) {
            let message = format!("{} is compared with {}", a.words(), b.words());
            self.report(&codes::EXPRESSION_TYPE, right.span, message, "both sides of a comparison measure the same");
            return None;
        }
        if matches!(comparison.value, Comparison::Equal | Comparison::Unequal)
            && !self.can_be(&left, &right_side, right.span)
        {
            return None;
        }
        let operator = match comparison.value {
            Comparison::Equal => Operator::Equal,
            Comparison::Unequal => Operator::NotEqual,
            Comparison::Less => Operator::Less,
            Comparison::AtMost => Operator::LessOrEqual,
            Comparison::More => Operator::Greater,
            Comparison::AtLeast => Operator::GreaterOrEqual,
        };
        Some((Expression::Binary { operator, left: Box::new(left), right: Box::new(right_side) }, Type::Bool))
    }

    fn one_of(&self, item: &ast::Expression, list: &[ast::Expression]) -> Option<Typed> {
        let (item, wanted) = self.expression(item)?;
        let mut compiled = Vec::new();
        for one in list {
            let Some((entry, found)) = self.operand(one, Some(wanted)) else { continue };
            if !wanted.comparable(found) {
                let message = format!("{} is looked for, but this is {}", wanted.words(), found.words());
                self.report(&codes::EXPRESSION_TYPE, one.span, message, "all entries of the list measure the same");
                continue;
            }
            if self.can_be(&item, &entry, one.span) {
                compiled.push(entry);
            }
        }
        (compiled.len() == list.len()).then(|| (Expression::In { item: Box::new(item), list: compiled }, Type::Bool))
    }

    /// Whether an attribute that has one of few values can have this one; reported if not: it would never be met.
    fn can_be(&self, attribute: &Expression, value: &Expression, span: Span) -> bool {
        let (Expression::Path(path), Expression::Literal(Literal::Text(text))) = (attribute, value) else {
            return true;
        };
        let known: Vec<&str> = self.kinds.iter().flat_map(|kind| values_of(*kind, &path.value)).collect();
        if known.is_empty() || known.contains(&&**text) {
            return true;
        }
        let help = suggest::or_say(suggest::nearest(text, known.iter().copied()), || {
            format!("it is one of {}", known.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", "))
        });
        self.report(&codes::WRONG_VALUE, span, format!("`{}` is never `{text}`", path.value), &help);
        false
    }

    fn arithmetic(&self, first: &ast::Expression, rest: &[(Arithmetic, ast::Expression)]) -> Option<Typed> {
        let (mut all, mut of) = self.expression(first)?;
        for (sign, one) in rest {
            let operator = match sign {
                Arithmetic::Plus => Operator::Add,
                Arithmetic::Minus => Operator::Subtract,
                Arithmetic::Times => Operator::Multiply,
                Arithmetic::Over => Operator::Divide,
            };
            let (right, found) = self.expression(one)?;
            if matches!((operator, &right), (Operator::Divide, Expression::Literal(Literal::Number(0.0, _)))) {
                self.report(
                    &codes::EXPRESSION_TYPE,
                    one.span,
                    "this divides by 0",
                    "it has no result: divide by another number",
                );
                return None;
            }
            let Some(result) = of.arithmetic(operator, found) else {
                let message = format!("{} `{}` {} has no meaning", of.words(), sign.as_str(), found.words());
                self.report(
                    &codes::EXPRESSION_TYPE,
                    one.span,
                    message,
                    "add what measures the same, multiply by plain numbers",
                );
                return None;
            };
            all = Expression::Binary { operator, left: Box::new(all), right: Box::new(right) };
            of = result;
        }
        Some((all, of))
    }

    /// `sum(capacity.cpu of nodes in site plaza)`: the inventory does not depend on a plan, so this is a number.
    fn aggregate(
        &self,
        function: &Located<Function>,
        path: &[Word],
        selection: &Selection,
        span: Span,
    ) -> Option<Typed> {
        let selector = self.selector?;
        let selected = selector.evaluate(self.body, selection)?;
        let kind = if selected.nodes.is_empty() { Kind::Interface } else { Kind::Node };
        let path = joined(path);
        let Some((attribute, Type::Number(dimension))) = Attribute::parse(&path, kind).zip(type_of(&path, kind)) else {
            let near = suggest::nearest(&path, words(kind));
            let help = suggest::or_say(near, || "write the path of a number, e.g. `capacity.cpu`".to_owned());
            self.report(&codes::UNKNOWN_PATH, span, format!("`{path}` is no number that can be combined"), &help);
            return None;
        };
        let network = selector.lookup.network;
        let entities = selected.interfaces.iter().map(|one: &Interface| Entity::Interface(*one));
        let entities = entities.chain(selected.nodes.iter().map(|one| Entity::Node(*one)));
        let numbers: Vec<f64> = entities
            .filter_map(|entity| match value(network, entity, &attribute) {
                Literal::Number(number, _) => Some(number),
                _ => None,
            })
            .collect();
        let sum: f64 = numbers.iter().sum();
        let result = match function.value {
            Function::Sum => Some(sum),
            Function::Min => numbers.iter().copied().reduce(f64::min),
            Function::Max => numbers.iter().copied().reduce(f64::max),
            Function::Mean => (!numbers.is_empty()).then(|| sum / numbers.len() as f64),
        };
        Some(match result {
            Some(number) => constant(number, dimension),
            None => (Expression::Literal(Literal::Absent), Type::Number(dimension)),
        })
    }

    fn known(&self, path: &str) -> Option<Type> {
        self.kinds.iter().find_map(|kind| type_of(path, *kind))
    }

    fn path(&self, path: &[Word], span: Span) -> Option<Typed> {
        let path = joined(path);
        if let Some(found) = self.known(&path) {
            return Some((Expression::Path(Located::new(path.as_str().into(), span)), found));
        }
        if matches!(path.as_str(), "yes" | "no" | "true" | "false") {
            return Some((Expression::Literal(Literal::Bool(matches!(path.as_str(), "yes" | "true"))), Type::Bool));
        }
        if let Some(near) = vocabulary::meant_quantity(&path) {
            let message = format!("`{path}` has a unit that there is not");
            self.report(&codes::UNKNOWN_UNIT, span, message, &format!("did you mean `{near}`?"));
            return None;
        }
        let known: Vec<_> = self.kinds.iter().flat_map(|kind| words(*kind)).collect();
        // `node.name` where nodes are selected: their own attributes have no prefix.
        let own = path.rsplit_once('.').and_then(|(_, own)| known.iter().copied().find(|word| *word == own));
        let help = match own.or_else(|| suggest::nearest(&path, known.iter().copied())) {
            Some(near) => format!("did you mean `{near}`?"),
            None if known.is_empty() => "only literals and parameters stand here".to_owned(),
            None => format!(
                "there are {}; a text is written in quotes",
                known.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
            ),
        };
        self.report(&codes::UNKNOWN_PATH, span, format!("there is no attribute `{path}` here"), &help);
        None
    }

    fn literal(&self, written: &Value, span: Span) -> Option<Typed> {
        match plain(written) {
            Value::Number(number) => Some(constant(number.to_f64(), "")),
            Value::Quantity(number, unit) => {
                Some(constant(Dimension::scaled(number, *unit), Dimension::of(*unit).0.name()))
            }
            Value::Expression(expression) => self.expression(expression),
            Value::Selection(_) | Value::List(_) | Value::Mark(_) => {
                let help = "write a number, a quantity, a text or a name";
                self.report(&codes::EXPRESSION_TYPE, span, "this cannot stand in an expression", help);
                None
            }
            other => Some((Expression::Literal(Literal::Text(plain_text(other).into())), Type::Text)),
        }
    }
}

/// The values of an attribute that has one of few; none where it may have any.
fn values_of(kind: Kind, path: &str) -> Vec<&'static str> {
    match (kind, path) {
        (Kind::Change, "kind") => Resource::KINDS.to_vec(),
        (Kind::Change, "action") => vec!["create", "update", "delete"],
        (Kind::Instance, "kind") => vec!["ric-instance", "model-instance"],
        (Kind::Node, "kind") | (Kind::Interface, "node.kind") => NodeKind::ALL.iter().map(|(_, word)| *word).collect(),
        _ => Vec::new(),
    }
}

fn constant(number: f64, dimension: &'static str) -> Typed {
    (Expression::Literal(Literal::Number(number, dimension)), Type::Number(dimension))
}

fn joined(path: &[Word]) -> String {
    path.iter().map(Word::as_str).collect::<Vec<_>>().join(".")
}
