//! What a value of an expression is, so that megahertz are never compared with percent.

use ranform_network::network::Operator;

/// The type of an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// Yes or no.
    Bool,
    /// A text, word, band or address.
    Text,
    /// A number of this dimension; empty for a plain number.
    Number(&'static str),
    /// Known only when evaluated.
    Any,
}

impl Type {
    /// In words.
    pub fn words(self) -> String {
        match self {
            Self::Bool => "a condition".to_owned(),
            Self::Text => "a text".to_owned(),
            Self::Number("") => "a number".to_owned(),
            Self::Number("angle") => "an angle".to_owned(),
            Self::Number(dimension) => format!("a {dimension}"),
            Self::Any => "a value".to_owned(),
        }
    }

    /// What comes of an arithmetic operation; none where the sides do not go together.
    pub fn arithmetic(self, operator: Operator, other: Type) -> Option<Type> {
        use Type::{Any, Number};
        match (self, operator, other) {
            (Any, _, Any | Number(_)) | (Number(_), _, Any) => Some(Any),
            (Number(a), Operator::Add | Operator::Subtract, Number(b)) if a == b => Some(Number(a)),
            // A level plus a gain is a level.
            (Number("power"), Operator::Add | Operator::Subtract, Number("gain")) => Some(Number("power")),
            (Number(a), Operator::Multiply | Operator::Divide, Number("")) => Some(Number(a)),
            (Number(""), Operator::Multiply, Number(b)) => Some(Number(b)),
            (Number(a), Operator::Divide, Number(b)) if a == b => Some(Number("")),
            // A share of something is some of it.
            (Number(a), Operator::Multiply, Number("share")) => Some(Number(a)),
            (Number("share"), Operator::Multiply, Number(b)) => Some(Number(b)),
            _ => None,
        }
    }

    /// Whether two values can be compared.
    pub fn comparable(self, other: Type) -> bool {
        self == Type::Any || other == Type::Any || self == other
    }
}
