//! Expressions and selections: how guards, areas, chunks, SLAs and requests say which things they mean.
//!
//! Chains (`a and b and c`, `a + b - c`) are lists, so that the depth of a tree is the depth of its
//! parentheses and no walk over one needs more stack than the parser allowed.

use ranform_network::{Located, Span};

use super::value::{Address, Value, Word};

/// A computation over attributes, parameters and literals.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    /// What is computed.
    pub term: Term,
    /// Where it stands.
    pub span: Span,
}

/// The kinds of [`Expression`].
#[derive(Clone, Debug, PartialEq)]
pub enum Term {
    /// `a or b or c`; at least two.
    Any(Vec<Expression>),
    /// `a and b and c`; at least two.
    All(Vec<Expression>),
    /// `not a`
    Not(Box<Expression>),
    /// `a >= b`
    Compare(Box<Expression>, Located<Comparison>, Box<Expression>),
    /// `a in [b, c]`
    OneOf(Box<Expression>, Vec<Expression>),
    /// `a matches "glob*"`
    Matches(Box<Expression>, Located<Word>),
    /// `a + b - c`: the first term and the rest; all operators of one list bind equally.
    Sum(Box<Expression>, Vec<(Arithmetic, Expression)>),
    /// `a * b / c`: the first factor and the rest.
    Product(Box<Expression>, Vec<(Arithmetic, Expression)>),
    /// `count(cells in site plaza)`
    Count(Box<Selection>),
    /// `sum(capacity.cpu of nodes in site plaza)`; without a selection, over the things the rule speaks of.
    Aggregate(Located<Function>, Vec<Word>, Option<Box<Selection>>),
    /// An attribute or a word: `site.region`, `label.vendor`, `tdd`. The compiler tells which.
    Path(Vec<Word>),
    /// The use of a parameter, without its `$`.
    Parameter(Word),
    /// A text, number, quantity, band, PLMN, S-NSSAI, date or address.
    Literal(Value),
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `!=`
    Unequal,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    More,
    /// `>=`
    AtLeast,
}

/// How two numbers are combined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Arithmetic {
    /// `+`
    Plus,
    /// `-`
    Minus,
    /// `*`
    Times,
    /// `/`
    Over,
}

/// What is made of an attribute of many things.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Function {
    /// Their sum.
    Sum,
    /// The smallest.
    Min,
    /// The largest.
    Max,
    /// The mean.
    Mean,
}

/// Which things are meant: `cells in site plaza where band = n77`, `cu-cp on node x`, `cells gnb-1/nr-1, gnb-1/nr-2`.
#[derive(Clone, Debug, PartialEq)]
pub struct Selection {
    /// What is looked among: `cells`, `interfaces`, `e2-nodes`, a node kind such as `cu-cp`, or, for a
    /// thing that is meant as a whole, `site`, `area`, `node`.
    pub among: Located<Word>,
    /// The things named one by one; empty where all are meant.
    pub names: Vec<Located<Address>>,
    /// `in site plaza`, `in area downtown`, `on node edge-1`: the preposition's noun and name.
    pub within: Vec<(Located<Word>, Located<Word>)>,
    /// `where band = n77`
    pub condition: Option<Box<Expression>>,
    /// All of it.
    pub span: Span,
}

impl Comparison {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Comparison::Equal => "=",
            Comparison::Unequal => "!=",
            Comparison::Less => "<",
            Comparison::AtMost => "<=",
            Comparison::More => ">",
            Comparison::AtLeast => ">=",
        }
    }
}

impl Arithmetic {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Arithmetic::Plus => "+",
            Arithmetic::Minus => "-",
            Arithmetic::Times => "*",
            Arithmetic::Over => "/",
        }
    }
}

impl Function {
    /// Every function.
    pub const ALL: [Function; 4] = [Function::Sum, Function::Min, Function::Max, Function::Mean];

    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Function::Sum => "sum",
            Function::Min => "min",
            Function::Max => "max",
            Function::Mean => "mean",
        }
    }
}
