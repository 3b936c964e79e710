//! Rules about plans: guards, limits, keep, owners, moved, outside changes.

use serde::Serialize;

use super::Name;
use crate::address::Address;
use crate::ids::*;
use crate::source::{Located, Span};
use crate::units::Share;

/// A rule that must or should hold.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Guard {
    /// Its address.
    pub address: Address,
    /// Where it is declared.
    pub span: Span,
    /// Whether breaking it stops the plan.
    pub deny: bool,
    /// What it says when broken.
    pub message: Option<Name>,
    /// The rule over the network or the plan, compiled.
    pub rule: Rule,
    /// Allowed exceptions.
    pub exceptions: Vec<Exception>,
}

/// What a guard looks at and wants.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rule {
    /// The set it ranges over: `cells`, `radios`, `ports`, `nodes`, `tenants`, `changes`, `shares` ...
    pub over: Name,
    /// Which of them it concerns; all where none.
    pub filter: Option<Expression>,
    /// What must hold of each.
    pub require: Expression,
}

/// A compiled expression: names bound to parameters are already replaced by their values.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Expression {
    /// A constant.
    Literal(Literal),
    /// An attribute path such as `site.region`.
    Path(Located<Name>),
    /// Negation.
    Not(Box<Expression>),
    /// Arithmetic negation.
    Negate(Box<Expression>),
    /// A binary operation.
    Binary {
        /// The operator.
        operator: Operator,
        /// Its left side.
        left: Box<Expression>,
        /// Its right side.
        right: Box<Expression>,
    },
    /// Membership.
    In {
        /// What is looked for.
        item: Box<Expression>,
        /// Where.
        list: Vec<Expression>,
    },
    /// A glob match.
    Matches {
        /// The text.
        item: Box<Expression>,
        /// The pattern with `*` and `?`.
        pattern: Name,
    },
}

/// A constant of an expression, in base units (Hz, ns, bytes, bit/s, fraction).
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Literal {
    /// Yes or no.
    Bool(bool),
    /// A number with the name of its dimension (empty for a plain number).
    Number(f64, &'static str),
    /// A text, word, band or address.
    Text(Name),
    /// Nothing: an attribute that is not given.
    Absent,
}

/// A binary operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say which operator each is")]
pub enum Operator {
    And,
    Or,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
}

/// An allowed exception of a guard.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Exception {
    /// The address excepted.
    pub address: Located<Address>,
    /// The last day it holds, `YYYY-MM-DD`.
    pub until: Located<Name>,
    /// Why.
    pub because: Name,
}

/// Blast radius.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Limit {
    /// Where it is declared.
    pub span: Span,
    /// At most this many deletions.
    pub deletions: Option<u64>,
    /// Or this share of what state holds, whichever is larger.
    pub deletions_share: Option<Share>,
    /// At most this many cells touched.
    pub cells: Option<u64>,
    /// At most this many cells that become others to the world: first PLMN, base station id, local id; none unless set.
    pub identities: Option<u64>,
    /// At most this much share moved per tenant.
    pub share_moved: Vec<(Option<TenantId>, Share)>,
    /// Tables and selections whose shrinking to this many things is acknowledged.
    pub acknowledged: Vec<(Located<Address>, u64)>,
}

/// Stability.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Keep {
    /// Its address.
    pub address: Address,
    /// Where it is declared.
    pub span: Span,
    /// Components that must stay: address, node.
    pub pins: Vec<(Located<Address>, Located<NodeId>)>,
    /// The price of a move.
    pub churn_price: Option<f64>,
    /// The most moves.
    pub churn_budget: Option<u64>,
}

/// A team.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Owner {
    /// Its name.
    pub name: Name,
    /// Where it is declared.
    pub span: Span,
    /// People to ask.
    pub contacts: Vec<Name>,
    /// What it owns: addresses, or folders and fields as text.
    pub owns: Vec<Located<Name>>,
}

/// A rename.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Moved {
    /// The old address.
    pub from: Located<Address>,
    /// The new address.
    pub to: Located<Address>,
}

/// What to do about leaves below a path that others changed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OutsideChange {
    /// Address, possibly ending in `/**`.
    pub path: Located<Name>,
    /// The attributes it speaks of, as `NOUN.ATTRIBUTE`; every leaf where there is none.
    pub fields: Vec<Name>,
    /// What to do.
    pub action: OutsideAction,
}

/// The actions of `outside change`.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OutsideAction {
    /// Put back what the intents say.
    Restore,
    /// Keep what is there.
    Accept,
    /// Say nothing until the given day.
    Ignore(Name),
    /// Stop and tell.
    #[default]
    Stop,
}
