//! What was written: a faithful, cloneable value that knows nothing of pest and nothing of meaning.
//!
//! A [`File`] holds [`Block`]s, a block holds [`Item`]s, an item is a [`Statement`] or a nested block.
//! Numbers keep their text; nothing is resolved or range-checked here (`slice 256` is a fine tree):
//! that is the compiler's work. `parse` makes it, `print` writes it back.

mod expression;
mod noun;
mod plain;
mod quoted;
mod value;

use ranform_network::{Located, SourceId, Span};

pub use expression::{Arithmetic, Comparison, Expression, Function, Selection, Term};
pub use noun::Noun;
pub use quoted::{name_text, quoted};
pub use value::{Address, Mark, Number, Segment, Technology, Unit, Value, Wildcard, Word};

/// One intent file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct File {
    /// Which source it is.
    pub source: SourceId,
    /// The line `language 1`, where there is one.
    pub language: Option<Language>,
    /// The blocks, in the order they were written.
    pub blocks: Vec<Block>,
    /// The blocks whose first line could not be read: a reference to one of them is not a second error.
    pub broken: Vec<Broken>,
    /// The comments after the last block.
    pub trailing: Vec<Comment>,
}

/// The line `language 1`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Language {
    /// The version, as written.
    pub version: Located<Number>,
    /// The comments around it.
    pub trivia: Trivia,
}

/// A noun with what is said of it: `node gnb-1 : gnb { .. }`, `protect node.gnb-1`.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// What kind of thing.
    pub noun: Located<Noun>,
    /// Its name, where the noun has one.
    pub name: Option<Located<Word>>,
    /// What follows the name up to the brace: `: gnb`, `for red`, `from "x"`, `gnb-1 -- edge-1`.
    pub header: Vec<Located<Value>>,
    /// What stands in braces; none where there are no braces.
    pub body: Option<Body>,
    /// All of it, from the noun to the closing brace.
    pub span: Span,
    /// A hash of its text (0 where it was not parsed): equal texts have equal hashes within one run of one program.
    pub hash: u64,
    /// The comments around it.
    pub trivia: Trivia,
}

/// What stands between a pair of braces.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Body {
    /// Statements and nested blocks, in the order they were written.
    pub items: Vec<Item>,
    /// The comments after the last item.
    pub trailing: Vec<Comment>,
    /// Whether the author wrote it on one line.
    pub one_line: bool,
}

/// One thing in a body.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// An attribute: `band n77`.
    Statement(Statement),
    /// A nested noun: `cell nr-1 { .. }`.
    Block(Box<Block>),
    /// Something that could not be read and was reported: its attribute is not missing, it is wrong.
    Broken(Broken),
}

/// A piece of text that was reported as an error and left out of the tree.
#[derive(Clone, Debug, PartialEq)]
pub struct Broken {
    /// The word it begins with: an attribute or a noun, known or not.
    pub keyword: Word,
    /// The name that follows, where it is a block and one can be read.
    pub name: Option<Word>,
    /// Where it stands.
    pub span: Span,
}

/// An attribute with its values: `cost fixed 10, management 4`.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// The attribute; a fixed phrase is one keyword, e.g. `aggregates with`.
    pub keyword: Located<&'static str>,
    /// What follows it, commas and words like `dl` included; see [`Statement::groups`].
    pub values: Vec<Located<Value>>,
    /// The keyword and its values.
    pub span: Span,
    /// The comments around it.
    pub trivia: Trivia,
}

/// Comments and the blank line that belong to an item.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trivia {
    /// Whether at least one empty line stands before it.
    pub blank_before: bool,
    /// Whether it begins on the line where the item before it ends.
    pub same_line: bool,
    /// Its comments; most items have none.
    pub comments: Option<Box<Comments>>,
}

/// The comments of an item.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Comments {
    /// On the lines before it (and those inside a statement, which move there).
    pub leading: Vec<Comment>,
    /// At the end of its last line.
    pub trailing: Option<Comment>,
}

/// A comment, without its `#` or `//`, the one blank after it, and blanks at the end.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Comment {
    /// The text.
    pub text: Word,
    /// Where it stands.
    pub span: Span,
    /// Whether at least one empty line stands before it.
    pub blank_before: bool,
}

impl Block {
    /// The items of the body; none where there is no body.
    pub fn items(&self) -> &[Item] {
        self.body.as_ref().map_or(&[], |body| &body.items)
    }

    /// The statements of the body with this keyword.
    pub fn statements<'a>(&'a self, keyword: &'a str) -> impl Iterator<Item = &'a Statement> {
        self.items().iter().filter_map(Item::statement).filter(move |statement| *statement.keyword.value == *keyword)
    }

    /// The first statement with this keyword.
    pub fn statement<'a>(&'a self, keyword: &'a str) -> Option<&'a Statement> {
        self.statements(keyword).next()
    }

    /// The nested blocks with this noun.
    pub fn blocks(&self, noun: Noun) -> impl Iterator<Item = &Block> {
        self.items().iter().filter_map(Item::block).filter(move |block| block.noun.value == noun)
    }

    /// Whether an item of this keyword or noun was there but could not be read.
    pub fn is_broken(&self, keyword: &str) -> bool {
        self.items().iter().any(|item| matches!(item, Item::Broken(broken) if *broken.keyword == *keyword))
    }

    /// What follows the word or mark `text` in the header, e.g. `red` of `for red`.
    pub fn after(&self, text: &str) -> Option<&Located<Value>> {
        after(&self.header, text)
    }
}

impl Item {
    /// The statement, if it is one.
    pub fn statement(&self) -> Option<&Statement> {
        match self {
            Item::Statement(statement) => Some(statement),
            _ => None,
        }
    }

    /// The nested block, if it is one.
    pub fn block(&self) -> Option<&Block> {
        match self {
            Item::Block(block) => Some(block),
            _ => None,
        }
    }

    /// Where it stands.
    pub fn span(&self) -> Span {
        match self {
            Item::Statement(statement) => statement.span,
            Item::Block(block) => block.span,
            Item::Broken(broken) => broken.span,
        }
    }
}

impl Statement {
    /// The values, cut at the commas.
    pub fn groups(&self) -> impl Iterator<Item = &[Located<Value>]> {
        self.values.split(|value| value.value == Value::Mark(Mark::Comma))
    }

    /// The value at `index`, commas counted.
    pub fn value(&self, index: usize) -> Option<&Located<Value>> {
        self.values.get(index)
    }

    /// Whether the word `text` stands among the values.
    pub fn says(&self, text: &str) -> bool {
        self.values.iter().any(|value| value.is_word(text))
    }

    /// The value that follows the word or mark `text`, e.g. `10s` of `every 10s`.
    pub fn after(&self, text: &str) -> Option<&Located<Value>> {
        after(&self.values, text)
    }
}

/// The value that follows the word or mark `text` in `values`.
pub fn after<'a>(values: &'a [Located<Value>], text: &str) -> Option<&'a Located<Value>> {
    let at = values.iter().position(|value| value.is_word(text) || value.is_mark(text))?;
    values.get(at + 1)
}

impl Trivia {
    /// The comments before the item.
    pub fn leading(&self) -> &[Comment] {
        self.comments.as_ref().map_or(&[], |comments| &comments.leading)
    }

    /// The comment at the end of the item's last line.
    pub fn trailing(&self) -> Option<&Comment> {
        self.comments.as_ref().and_then(|comments| comments.trailing.as_ref())
    }
}
