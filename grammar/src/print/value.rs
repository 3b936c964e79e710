//! Values, selections and expressions to text, in units between which a line may be broken.

use ranform_network::Located;

use super::WIDTH;
use crate::ast::{Address, Expression, Mark, Selection, Technology, Term, Value, Word, name_text, quoted};
use crate::vocabulary;

/// Pieces of text, separated by single blanks or, where the line is full, by line ends.
#[derive(Debug, Default)]
pub(super) struct Units {
    list: Vec<String>,
    /// Whether the next word begins a new piece.
    broken: bool,
}

impl Units {
    /// All of it on one line.
    pub(super) fn flat(&self) -> String {
        self.list.join(" ")
    }

    /// All of it on lines of at most [`WIDTH`] columns where that can be had: the first begins in column
    /// `start`, the others are indented by `next`.
    pub(super) fn fill(&self, start: usize, next: usize) -> String {
        let mut text = String::new();
        let mut column = start;
        for (index, unit) in self.list.iter().enumerate() {
            let length = unit.chars().count();
            // One column is left for the brace that may follow, with its blank.
            if index > 0 && column + 1 + length + 2 > WIDTH {
                text.push('\n');
                text.extend(std::iter::repeat_n(' ', next));
                column = next;
            } else if index > 0 {
                text.push(' ');
                column += 1;
            }
            text.push_str(unit);
            column += length;
        }
        text
    }

    /// Adds a word, separated by a blank.
    pub(super) fn word(&mut self, word: &str) {
        match self.list.last_mut() {
            Some(last) if !self.broken => {
                last.push(' ');
                last.push_str(word);
            }
            _ => self.list.push(word.to_owned()),
        }
        self.broken = false;
    }

    /// Adds text without a blank before it.
    fn glue(&mut self, text: &str) {
        match self.list.last_mut() {
            Some(last) => last.push_str(text),
            None => self.list.push(text.to_owned()),
        }
    }

    fn comma(&mut self) {
        self.glue(",");
        self.broken = true;
    }

    /// Adds a name: bare where it is a label, else in quotes.
    pub(super) fn name(&mut self, name: &Word) {
        self.word(&name_text(name));
    }

    pub(super) fn values(&mut self, values: &[Located<Value>]) {
        for value in values {
            self.value(&value.value);
        }
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::Mark(Mark::Comma) => self.comma(),
            Value::Mark(mark) => self.word(mark.as_str()),
            Value::Selection(selection) => self.selection(selection),
            Value::Expression(expression) => self.expression(expression, ANY),
            Value::List(elements) => {
                self.word("[");
                let mut open = true;
                for (index, element) in elements.iter().enumerate() {
                    if index > 0 {
                        self.comma();
                    }
                    let mut inner = Units::default();
                    inner.value(&element.value);
                    let text = inner.flat();
                    if open {
                        self.glue(&text)
                    } else {
                        self.word(&text)
                    }
                    open = false;
                }
                self.glue("]");
            }
            simple => self.word(&text_of(simple)),
        }
    }

    fn selection(&mut self, selection: &Selection) {
        self.word(&selection.among);
        for (index, name) in selection.names.iter().enumerate() {
            if index > 0 {
                self.comma();
            }
            self.word(&selected_name(name));
        }
        for (noun, name) in &selection.within {
            let preposition = if noun.value == "node" { "on" } else { "in" };
            self.word(&format!("{preposition} {} {}", noun.value, name_text(name)));
        }
        if let Some(condition) = &selection.condition {
            self.word("where");
            self.expression(condition, ANY);
        }
    }

    /// Adds an expression, in parentheses where it binds less than `least`.
    fn expression(&mut self, expression: &Expression, least: u8) {
        if level(&expression.term) < least {
            let mut inner = Units::default();
            inner.expression(expression, ANY);
            self.word(&format!("({})", inner.flat()));
            return;
        }
        match &expression.term {
            Term::Any(terms) => self.chain(terms, "or", ALL),
            Term::All(terms) => self.chain(terms, "and", NOT),
            Term::Not(inner) => {
                self.word("not");
                self.expression(inner, COMPARE);
            }
            Term::Compare(left, operator, right) => {
                self.expression(left, SUM);
                self.word(operator.as_str());
                self.expression(right, SUM);
            }
            Term::OneOf(left, elements) => {
                self.expression(left, SUM);
                let elements: Vec<_> = elements.iter().map(|element| flat(element, ANY)).collect();
                self.word(&format!("in [{}]", elements.join(", ")));
            }
            Term::Matches(left, pattern) => {
                self.expression(left, SUM);
                self.word(&format!("matches {}", quoted(pattern)));
            }
            Term::Sum(first, rest) => {
                self.expression(first, PRODUCT);
                for (operator, operand) in rest {
                    self.word(operator.as_str());
                    self.expression(operand, PRODUCT);
                }
            }
            Term::Product(first, rest) => {
                self.expression(first, ATOM);
                for (operator, operand) in rest {
                    self.word(operator.as_str());
                    self.expression(operand, ATOM);
                }
            }
            atom => self.word(&atom_text(atom)),
        }
    }

    fn chain(&mut self, terms: &[Expression], operator: &str, least: u8) {
        for (index, term) in terms.iter().enumerate() {
            if index > 0 {
                self.broken = true;
                self.word(operator);
            }
            self.expression(term, least);
        }
    }
}

const ANY: u8 = 1;
const ALL: u8 = 2;
const NOT: u8 = 3;
const COMPARE: u8 = 4;
const SUM: u8 = 5;
const PRODUCT: u8 = 6;
const ATOM: u8 = 7;

/// How strongly a term binds.
fn level(term: &Term) -> u8 {
    match term {
        Term::Any(_) => ANY,
        Term::All(_) => ALL,
        Term::Not(_) => NOT,
        Term::Compare(..) | Term::OneOf(..) | Term::Matches(..) => COMPARE,
        Term::Sum(..) => SUM,
        Term::Product(..) => PRODUCT,
        _ => ATOM,
    }
}

fn flat(expression: &Expression, least: u8) -> String {
    let mut units = Units::default();
    units.expression(expression, least);
    units.flat()
}

fn flat_selection(selection: &Selection) -> String {
    let mut units = Units::default();
    units.selection(selection);
    units.flat()
}

fn atom_text(term: &Term) -> String {
    match term {
        Term::Count(selection) => format!("count({})", flat_selection(selection)),
        Term::Aggregate(function, path, None) => format!("{}({})", function.as_str(), path_text(path)),
        Term::Aggregate(function, path, Some(selection)) => {
            format!("{}({} of {})", function.as_str(), path_text(path), flat_selection(selection))
        }
        Term::Path(words) => path_text(words),
        Term::Parameter(name) => format!("${name}"),
        Term::Literal(value) => text_of(value),
        // The other terms bind less than an atom and were written before.
        _ => String::new(),
    }
}

fn path_text(words: &[Word]) -> String {
    let text = |(index, word): (usize, &Word)| {
        let plain =
            index == 0 || word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') && !word.is_empty();
        if plain || word.is_label() { word.to_string() } else { quoted(word) }
    };
    let words: Vec<_> = words.iter().enumerate().map(text).collect();
    words.join(".")
}

/// The text of a value that is one word.
fn text_of(value: &Value) -> String {
    match value {
        Value::Word(word) if is_bare(word) => word.to_string(),
        Value::Word(word) | Value::Text(word) => quoted(word),
        Value::Number(number) => number.to_string(),
        Value::Quantity(number, unit) => format!("{number}{unit}"),
        Value::Band(Technology::Nr, number) => format!("n{number}"),
        Value::Band(Technology::Lte, number) => format!("b{number}"),
        Value::Plmn(word) | Value::Slice(word) | Value::Date(word) => word.to_string(),
        Value::GnbId(number, length) => format!("{number}/{length}"),
        Value::Address(address) => address.to_string(),
        Value::Parameter(name) => format!("${name}"),
        Value::Mark(mark) => mark.as_str().to_owned(),
        Value::Selection(selection) => flat_selection(selection),
        Value::Expression(expression) => flat(expression, ATOM),
        Value::List(_) => {
            let mut units = Units::default();
            units.value(value);
            units.flat()
        }
    }
}

/// Whether a word can stand without quotes: names, attribute paths, standards, units, variables.
fn is_bare(word: &Word) -> bool {
    let inside = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    word == "%" || !word.is_empty() && !word.starts_with(['-', '.']) && word.bytes().all(inside)
}

/// A name in a selection: in quotes where it would be taken for the word that ends the names.
fn selected_name(address: &Address) -> String {
    match address.segments.as_slice() {
        [segment]
            if segment.noun.is_none() && address.modules.is_empty() && vocabulary::ends_selection(&segment.name) =>
        {
            quoted(&segment.name)
        }
        _ => address.to_string(),
    }
}
