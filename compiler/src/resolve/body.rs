//! What is said of one thing, read through small typed accessors.
//!
//! A [`Body`] is the same for a block of an intent file and for a row of a table, so that each noun has one
//! function. Every accessor reports what is wrong by itself (given twice, missing, of another kind) and
//! returns none; a caller reads all attributes before it gives up, so that one error hides no other.
//! Conversions of single values are in [`super::argument`].

use std::borrow::Cow;
use std::cell::RefCell;

use ranform_grammar::ast::{Block, Item, Mark, Value, Word};
use ranform_grammar::vocabulary;
use ranform_network::diagnostic::codes;
use ranform_network::network::{Entity, Name};
use ranform_network::{Address, Diagnostic, Located, Span};

use super::argument::Argument;
use super::scope::Scope;

/// What is said of one thing.
pub(crate) struct Body<'a> {
    /// The noun, e.g. `cell`.
    pub noun: &'a str,
    /// Its name; empty where it has none.
    pub name: Word,
    /// Where its name stands, or the table row.
    pub span: Span,
    /// Where its names and parameters are looked up.
    pub scope: &'a Scope,
    /// Whether texts stand for values of any kind, as in a table.
    pub lenient: bool,
    statements: Vec<Stated<'a>>,
    broken: Vec<&'a str>,
    findings: RefCell<Vec<Diagnostic>>,
}

/// One attribute with its values.
pub(crate) struct Stated<'a> {
    /// The attribute.
    pub keyword: &'a str,
    /// Its values, commas and joining words included.
    pub values: Cow<'a, [Located<Value>]>,
    /// All of it.
    pub span: Span,
}

impl<'a> Body<'a> {
    /// What the block says.
    pub fn of_block(block: &'a Block, scope: &'a Scope) -> Self {
        let mut statements = Vec::with_capacity(block.items().len());
        let mut broken = Vec::new();
        for item in block.items() {
            match item {
                Item::Statement(statement) => statements.push(Stated {
                    keyword: statement.keyword.value,
                    values: Cow::Borrowed(&statement.values),
                    span: statement.span,
                }),
                Item::Broken(item) => {
                    broken.push(item.keyword.as_str());
                    // `carier 4.05GHz` was told already: nobody is told as well that there is no `carrier`.
                    let known = vocabulary::attributes_of(block.noun.value).map(|attribute| attribute.keyword);
                    broken.extend(vocabulary::near_miss(&item.keyword, known));
                }
                Item::Block(_) => {}
            }
        }
        let name = block.name.clone();
        Self {
            noun: block.noun.value.as_str(),
            span: name.as_ref().map_or(block.noun.span, |name| name.span),
            name: name.map(|name| name.value).unwrap_or_default(),
            scope,
            lenient: false,
            statements,
            broken,
            findings: RefCell::default(),
        }
    }

    /// What a table row says.
    pub fn of_row(noun: &'a str, name: Word, span: Span, scope: &'a Scope, statements: Vec<Stated<'a>>) -> Self {
        let (broken, findings) = (Vec::new(), RefCell::default());
        Self { noun, name, span, scope, lenient: true, statements, broken, findings }
    }

    /// Takes note of a finding.
    pub fn report(&self, finding: Diagnostic) {
        self.findings.borrow_mut().push(finding);
    }

    /// All findings so far.
    pub fn into_findings(self) -> Vec<Diagnostic> {
        self.findings.into_inner()
    }

    /// Every statement with this attribute.
    pub fn all<'b>(&'b self, keyword: &'b str) -> impl Iterator<Item = Line<'b, 'a>> {
        self.statements.iter().filter(move |stated| stated.keyword == keyword).map(|stated| Line { body: self, stated })
    }

    /// Every statement.
    pub fn lines<'b>(&'b self) -> impl Iterator<Item = Line<'b, 'a>> {
        self.statements.iter().map(|stated| Line { body: self, stated })
    }

    /// The statement with this attribute; a second one is reported.
    pub fn line<'b>(&'b self, keyword: &'b str) -> Option<Line<'b, 'a>> {
        let mut lines = self.all(keyword);
        let first = lines.next()?;
        // A row names each attribute by one column at most; its `set` gives way to the column.
        if let Some(second) = lines.next().filter(|_| !self.lenient) {
            self.report(
                Diagnostic::error(
                    &codes::DUPLICATE_ATTRIBUTE,
                    second.span(),
                    format!("`{keyword}` is given twice for {}", self.title()),
                )
                .and(first.span(), "first given here")
                .help("keep one of the two lines"),
            );
        }
        Some(first)
    }

    /// Whether the attribute is given, any number of times.
    pub fn has(&self, keyword: &str) -> bool {
        self.statements.iter().any(|stated| stated.keyword == keyword)
    }

    /// Warns of an attribute that changes nothing where it stands, and says why.
    pub fn without_effect(&self, keyword: &str, why: &str) {
        for line in self.all(keyword) {
            let message = format!("`{keyword}` changes nothing here: {why}");
            self.report(Diagnostic::warning(&codes::WITHOUT_EFFECT, line.span(), message).help("leave the line out"));
        }
    }

    /// The first value of the attribute, where it is given.
    pub fn one<'b>(&'b self, keyword: &'b str) -> Option<Argument<'b, 'a>> {
        self.line(keyword)?.first()
    }

    /// The first value of an attribute that must be given; `example` is how it may look.
    pub fn required<'b>(&'b self, keyword: &'b str, example: &str) -> Option<Argument<'b, 'a>> {
        match self.line(keyword) {
            Some(line) => line.first(),
            None => {
                self.missing(keyword, example);
                None
            }
        }
    }

    /// Reports that an attribute is not given, unless what was written there was already reported.
    pub fn missing(&self, keyword: &str, example: &str) {
        if self.broken.contains(&keyword) {
            return;
        }
        let message = format!("{} has no `{keyword}`", self.title());
        self.report(
            Diagnostic::error(&codes::MISSING_ATTRIBUTE, self.span, message)
                .help(format!("add a line such as `{keyword} {example}`")),
        );
    }

    /// Whether an attribute is there that could not be read.
    pub fn is_broken(&self, keyword: &str) -> bool {
        self.broken.contains(&keyword)
    }

    /// The thing in a message: "cell `nr-1`".
    pub fn title(&self) -> String {
        if self.name.is_empty() { format!("the {}", self.noun) } else { format!("{} `{}`", self.noun, self.name) }
    }

    /// What every entity has: its address, span, owner and labels.
    pub fn entity(&self, address: Address) -> Entity {
        let mut labels: Vec<(Name, Name)> = self
            .all("label")
            .filter_map(|line| Some((line.first()?.name()?.value.as_str().into(), line.at(1)?.label()?)))
            .collect();
        labels.sort();
        for pair in labels.windows(2).filter(|pair| pair[0].0 == pair[1].0) {
            let line =
                self.all("label").find(|line| line.values().iter().any(|value| is_name(&value.value, &pair[1].0)));
            let message = format!("label `{}` is given twice for {}", pair[1].0, self.title());
            let span = line.map_or(self.span, |line| line.span());
            self.report(
                Diagnostic::error(&codes::DUPLICATE_ATTRIBUTE, span, message).help("keep one of the two lines"),
            );
        }
        let owner = self.one("owner").and_then(|owner| owner.name()).map(|owner| owner.value.as_str().into());
        Entity { address, span: self.span, owner, labels }
    }
}

/// Whether the value is this name.
fn is_name(value: &Value, name: &str) -> bool {
    value.name().is_some_and(|word| word.as_str() == name)
}

/// One statement of a [`Body`].
#[derive(Clone, Copy)]
pub(crate) struct Line<'b, 'a> {
    /// Whose it is.
    pub body: &'b Body<'a>,
    stated: &'b Stated<'a>,
}

impl<'b, 'a> Line<'b, 'a> {
    /// The attribute.
    pub fn keyword(self) -> &'b str {
        self.stated.keyword
    }

    /// All of it.
    pub fn span(self) -> Span {
        self.stated.span
    }

    /// Its values.
    pub fn values(self) -> &'b [Located<Value>] {
        &self.stated.values
    }

    /// Its first value.
    pub fn first(self) -> Option<Argument<'b, 'a>> {
        self.at(0)
    }

    /// Its value at `index`, commas counted.
    pub fn at(self, index: usize) -> Option<Argument<'b, 'a>> {
        self.argument(self.values().get(index)?)
    }

    /// A value of it, a parameter replaced by what it stands for.
    pub fn argument(self, value: &'b Located<Value>) -> Option<Argument<'b, 'a>> {
        Argument::new(self.body, self.keyword(), value)
    }

    /// Whether the word stands among its values.
    pub fn says(self, word: &str) -> bool {
        self.values().iter().any(|value| value.is_word(word))
    }

    /// The value that follows the word or mark.
    pub fn after(self, word: &str) -> Option<Argument<'b, 'a>> {
        self.argument(ranform_grammar::ast::after(self.values(), word)?)
    }

    /// Its values, cut at the commas; a text of a table is cut at its own commas by the caller.
    pub fn groups(self) -> impl Iterator<Item = &'b [Located<Value>]> {
        self.values().split(|value| value.value == Value::Mark(Mark::Comma)).filter(|group| !group.is_empty())
    }

    /// The groups that hold a name and a value each: `red 60%, blue 40%`.
    pub fn pairs(self) -> Vec<(Argument<'b, 'a>, Argument<'b, 'a>)> {
        pairs(self, self.values())
    }

    /// One value per group: `gnb-2/nr-1, gnb-3/nr-1`.
    pub fn list(self) -> Vec<Argument<'b, 'a>> {
        self.groups().filter_map(|group| self.argument(group.first()?)).collect()
    }
}

/// The groups of `values` that hold a name and a value each: `red 60%, blue 40%`.
pub(crate) fn pairs<'b, 'a>(
    line: Line<'b, 'a>,
    values: &'b [Located<Value>],
) -> Vec<(Argument<'b, 'a>, Argument<'b, 'a>)> {
    values
        .split(|value| value.value == Value::Mark(Mark::Comma))
        .filter_map(|group| match group {
            [name, value, ..] => Some((line.argument(name)?, line.argument(value)?)),
            _ => None,
        })
        .collect()
}
