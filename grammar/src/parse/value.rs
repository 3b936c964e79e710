//! pest's pairs to values, selections and expressions.

use pest::iterators::Pair;
use ranform_network::diagnostic::codes;
use ranform_network::{Diagnostic, Located};

use super::build::{Builder, extent};
use super::rules::Rule;
use crate::ast::{
    Address, Arithmetic, Comparison, Expression, Function, Number, Segment, Selection, Technology, Term, Unit, Value,
    Wildcard, Word,
};

impl Builder<'_> {
    /// Builds the value that `pair` is.
    pub(super) fn value(&mut self, pair: Pair<'_, Rule>) -> Located<Value> {
        let (start, end) = extent(&pair);
        let span = self.span(start, end);
        let text = pair.as_str();
        let value = match pair.as_rule() {
            Rule::text_literal => Value::Text(self.unquote(start, text)),
            Rule::name_literal if text.starts_with('"') => Value::Text(self.unquote(start, text)),
            Rule::number_literal => number(text),
            Rule::frequency_literal
            | Rule::duration_literal
            | Rule::percent_literal
            | Rule::size_literal
            | Rule::bit_rate_literal
            | Rule::power_literal
            | Rule::angle_literal
            | Rule::energy_literal
            | Rule::quantity_literal => quantity(text),
            Rule::band_literal => band(text),
            Rule::plmn_literal => Value::Plmn(Word::from(text)),
            Rule::slice_literal | Rule::slice_pair_literal => Value::Slice(Word::from(text)),
            Rule::gnb_id_literal => gnb_id(text),
            Rule::date_literal => Value::Date(Word::from(text)),
            Rule::address_literal | Rule::address_path => Value::Address(Box::new(self.address(start, text))),
            Rule::reference_literal => self.reference(start, text),
            Rule::parameter_use => Value::Parameter(Word::from(text.trim_start_matches('$'))),
            Rule::selection => Value::Selection(Box::new(self.selection(pair))),
            Rule::expression => simplified(self.expression(pair)),
            Rule::list => Value::List(pair.into_inner().map(|element| self.value(element)).collect()),
            // Names, choices, attribute paths, units, standards, countries, variables, kinds.
            _ => Value::Word(Word::from(text)),
        };
        Located::new(value, span)
    }

    /// The characters of a quoted text that begins at `start`.
    fn unquote(&mut self, start: usize, quoted: &str) -> Word {
        let inner = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default();
        if !inner.contains('\\') {
            return Word::from(inner);
        }
        let mut text = String::with_capacity(inner.len());
        let mut rest = inner;
        while let Some(at) = rest.find('\\') {
            text.push_str(rest.get(..at).unwrap_or_default());
            let escape = rest.get(at + 1..).unwrap_or_default();
            let (character, length) = match escape.as_bytes().first() {
                Some(b'n') => (Some('\n'), 1),
                Some(b't') => (Some('\t'), 1),
                Some(b'u') => {
                    let digits = escape.get(2..).and_then(|tail| tail.split('}').next()).unwrap_or_default();
                    (u32::from_str_radix(digits, 16).ok().and_then(char::from_u32), digits.len() + 3)
                }
                other => (other.map(|byte| char::from(*byte)), 1),
            };
            let offset = start + 1 + (inner.len() - rest.len()) + at;
            text.push(character.unwrap_or_else(|| {
                let message = format!("`\\{}` is no character", escape.get(..length).unwrap_or_default());
                let found = Diagnostic::error(&codes::WRONG_VALUE, self.span(offset, offset + 1 + length), message);
                self.diagnostics
                    .push(found.help("write the hexadecimal number of a Unicode character, e.g. `\\u{e9}` for `é`"));
                char::REPLACEMENT_CHARACTER
            }));
            rest = escape.get(length..).unwrap_or_default();
        }
        text.push_str(rest);
        Word::from(text)
    }

    /// A name stays a name; anything longer is an address.
    fn reference(&mut self, start: usize, text: &str) -> Value {
        let address = self.address(start, text);
        match address.segments.as_slice() {
            [Segment { noun: None, name }] if address.modules.is_empty() => {
                if text.starts_with('"') {
                    Value::Text(name.clone())
                } else {
                    Value::Word(name.clone())
                }
            }
            _ => Value::Address(Box::new(address)),
        }
    }

    fn address(&mut self, start: usize, text: &str) -> Address {
        let mut address = Address::default();
        let mut at = 0;
        loop {
            let rest = text.get(at..).unwrap_or_default();
            match rest {
                "" => return address,
                "*" => {
                    address.wildcard = Wildcard::Children;
                    return address;
                }
                "**" => {
                    address.wildcard = Wildcard::Below;
                    return address;
                }
                _ => {}
            }
            let noun = match rest.find(['.', '/', '"']) {
                Some(dot) if rest.as_bytes().get(dot) == Some(&b'.') => rest.get(..dot),
                _ => None,
            };
            let name_at = at + noun.map_or(0, |noun| noun.len() + 1);
            let (name, length) = self.segment_name(start + name_at, text.get(name_at..).unwrap_or_default());
            at = name_at + length;
            if noun == Some("module") && text.as_bytes().get(at) == Some(&b'.') {
                address.modules.push(name);
            } else {
                address.segments.push(Segment { noun: noun.map(Word::from), name });
            }
            at += 1;
        }
    }

    /// The name at the beginning of `rest`, which begins at `start`, and its length there.
    fn segment_name(&mut self, start: usize, rest: &str) -> (Word, usize) {
        if !rest.starts_with('"') {
            let length = rest.find(['.', '/']).unwrap_or(rest.len());
            return (Word::from(rest.get(..length).unwrap_or_default()), length);
        }
        let mut escaped = true;
        let closing = rest.bytes().position(|byte| {
            let closes = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            closes
        });
        // The first quote counts as escaped, so that it does not close itself.
        let length = closing.map_or(rest.len(), |at| at + 1);
        (self.unquote(start, rest.get(..length).unwrap_or_default()), length)
    }

    pub(super) fn selection(&mut self, pair: Pair<'_, Rule>) -> Selection {
        let (start, end) = extent(&pair);
        let nowhere = self.span(start, start);
        let mut selection = Selection {
            among: Located::new(Word::default(), nowhere),
            names: Vec::new(),
            within: Vec::new(),
            condition: None,
            span: self.span(start, end),
        };
        for child in pair.into_inner() {
            let (from, to) = extent(&child);
            let span = self.span(from, to);
            match child.as_rule() {
                Rule::among | Rule::whole => selection.among = Located::new(Word::from(child.as_str()), span),
                Rule::reference_literal => {
                    let address = self.address(from, child.as_str());
                    selection.names.push(Located::new(address, span));
                }
                Rule::place => {
                    let mut words = child.into_inner().map(|word| self.value(word));
                    if let (Some(noun), Some(name)) = (words.next(), words.next()) {
                        let word = |value: Located<Value>| value.map(|value| value.name().cloned().unwrap_or_default());
                        selection.within.push((word(noun), word(name)));
                    }
                }
                _ => selection.condition = Some(Box::new(self.expression(child))),
            }
        }
        selection
    }

    /// Builds an expression of any level of the grammar; levels with one child are that child.
    pub(super) fn expression(&mut self, pair: Pair<'_, Rule>) -> Expression {
        let (start, end) = extent(&pair);
        let span = self.span(start, end);
        let term = match pair.as_rule() {
            Rule::expression => return self.chain(pair, Term::Any),
            Rule::conjunction => return self.chain(pair, Term::All),
            Rule::negation => {
                let mut children = pair.into_inner();
                match (children.next(), children.next()) {
                    (Some(_), Some(comparison)) => Term::Not(Box::new(self.expression(comparison))),
                    (Some(comparison), None) => return self.expression(comparison),
                    _ => Term::Path(Vec::new()),
                }
            }
            Rule::comparison => return self.comparison(pair),
            Rule::sum => return self.arithmetic(pair, Term::Sum),
            Rule::product => return self.arithmetic(pair, Term::Product),
            Rule::count => match pair.into_inner().next() {
                Some(selection) => Term::Count(Box::new(self.selection(selection))),
                None => Term::Path(Vec::new()),
            },
            Rule::aggregate => self.aggregate(pair),
            Rule::parameter_use => Term::Parameter(Word::from(pair.as_str().trim_start_matches('$'))),
            Rule::path => Term::Path(self.path(start, pair.as_str())),
            _ => Term::Literal(self.value(pair).value),
        };
        Expression { term, span }
    }

    fn chain(&mut self, pair: Pair<'_, Rule>, make: fn(Vec<Expression>) -> Term) -> Expression {
        let (start, end) = extent(&pair);
        let mut terms: Vec<_> = pair.into_inner().map(|child| self.expression(child)).collect();
        match terms.len() {
            1 => terms.remove(0),
            _ => Expression { term: make(terms), span: self.span(start, end) },
        }
    }

    fn arithmetic(
        &mut self,
        pair: Pair<'_, Rule>,
        make: fn(Box<Expression>, Vec<(Arithmetic, Expression)>) -> Term,
    ) -> Expression {
        let (start, end) = extent(&pair);
        let mut children = pair.into_inner();
        let first = children.next().map(|child| self.expression(child));
        let mut rest = Vec::new();
        while let (Some(operator), Some(operand)) = (children.next(), children.next()) {
            let operator = match operator.as_str() {
                "+" => Arithmetic::Plus,
                "-" => Arithmetic::Minus,
                "*" => Arithmetic::Times,
                _ => Arithmetic::Over,
            };
            rest.push((operator, self.expression(operand)));
        }
        match first {
            Some(first) if rest.is_empty() => first,
            Some(first) => Expression { term: make(Box::new(first), rest), span: self.span(start, end) },
            None => Expression { term: Term::Path(Vec::new()), span: self.span(start, end) },
        }
    }

    fn comparison(&mut self, pair: Pair<'_, Rule>) -> Expression {
        let (start, end) = extent(&pair);
        let span = self.span(start, end);
        let mut children = pair.into_inner();
        let Some(left) = children.next().map(|child| self.expression(child)) else {
            return Expression { term: Term::Path(Vec::new()), span };
        };
        let Some(second) = children.next() else { return left };
        let left = Box::new(left);
        let (from, to) = extent(&second);
        let term = match (second.as_rule(), children.next()) {
            (Rule::comparison_operator, Some(right)) => {
                let operator = match second.as_str() {
                    "!=" => Comparison::Unequal,
                    "<=" => Comparison::AtMost,
                    ">=" => Comparison::AtLeast,
                    "<" => Comparison::Less,
                    ">" => Comparison::More,
                    _ => Comparison::Equal,
                };
                Term::Compare(left, Located::new(operator, self.span(from, to)), Box::new(self.expression(right)))
            }
            (Rule::one_of, _) => {
                let elements = second.into_inner().map(|element| self.expression(element)).collect();
                Term::OneOf(left, elements)
            }
            _ => Term::Matches(left, Located::new(self.unquote(from, second.as_str()), self.span(from, to))),
        };
        Expression { term, span }
    }

    fn aggregate(&mut self, pair: Pair<'_, Rule>) -> Term {
        let (start, end) = extent(&pair);
        let mut function = Located::new(Function::Sum, self.span(start, end));
        let mut path = Vec::new();
        let mut selection = None;
        for child in pair.into_inner() {
            let (from, to) = extent(&child);
            match child.as_rule() {
                Rule::function => {
                    let found = Function::ALL.into_iter().find(|function| function.as_str() == child.as_str());
                    function = Located::new(found.unwrap_or(Function::Sum), self.span(from, to));
                }
                Rule::path => path = self.path(from, child.as_str()),
                _ => selection = Some(Box::new(self.selection(child))),
            }
        }
        Term::Aggregate(function, path, selection)
    }

    fn path(&mut self, start: usize, text: &str) -> Vec<Word> {
        let mut words = Vec::new();
        let mut at = 0;
        while at < text.len() {
            let (word, length) = self.segment_name(start + at, text.get(at..).unwrap_or_default());
            words.push(word);
            at += length + 1;
        }
        words
    }
}

/// An expression that is only a literal, a word or a parameter, as the value it is.
fn simplified(expression: Expression) -> Value {
    match expression.term {
        Term::Literal(value) => value,
        Term::Parameter(name) => Value::Parameter(name),
        Term::Path(mut words) if words.len() == 1 => Value::Word(words.remove(0)),
        term => Value::Expression(Box::new(Expression { term, span: expression.span })),
    }
}

fn number(text: &str) -> Value {
    Number::new(text).map_or_else(|| Value::Word(Word::from(text)), Value::Number)
}

fn quantity(text: &str) -> Value {
    let unit_at = text.find(|character: char| !character.is_ascii_digit() && !matches!(character, '-' | '.'));
    let (number, unit) = text.split_at(unit_at.unwrap_or(text.len()));
    match (Number::new(number), Unit::find(unit)) {
        (Some(number), Some(unit)) => Value::Quantity(number, unit),
        _ => Value::Word(Word::from(text)),
    }
}

fn band(text: &str) -> Value {
    let technology = if text.starts_with('n') { Technology::Nr } else { Technology::Lte };
    match text.get(1..).and_then(Number::new) {
        Some(number) => Value::Band(technology, number),
        None => Value::Word(Word::from(text)),
    }
}

fn gnb_id(text: &str) -> Value {
    let parts = text.split_once('/').and_then(|(id, length)| Some((Number::new(id)?, Number::new(length)?)));
    parts.map_or_else(|| Value::Word(Word::from(text)), |(id, length)| Value::GnbId(Box::new(id), Box::new(length)))
}
