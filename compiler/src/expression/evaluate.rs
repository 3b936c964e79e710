//! Computes compiled expressions. Absent attributes make comparisons false (and `!=` true), never an error.

use ranform_network::network::{Expression, Literal, Operator};

/// Something whose attributes expressions ask for: an entity, a change, a tenant of a plan.
pub trait Subject {
    /// The attribute at this path, in base units; [`Literal::Absent`] where there is none.
    fn attribute(&self, path: &str) -> Literal;
}

/// The value of the expression for the subject.
pub fn evaluate(expression: &Expression, subject: &dyn Subject) -> Literal {
    Bound::new(expression, &mut |path| path.to_owned()).evaluate(&|path: &String| subject.attribute(path))
}

/// Whether the expression is true of the subject.
pub fn holds(expression: &Expression, subject: &dyn Subject) -> bool {
    evaluate(expression, subject) == Literal::Bool(true)
}

/// An expression whose paths are already looked up, so that evaluating it for a million things compares no text.
pub(crate) enum Bound<P> {
    Literal(Literal),
    Path(P),
    Not(Box<Bound<P>>),
    Negate(Box<Bound<P>>),
    Binary(Operator, Box<Bound<P>>, Box<Bound<P>>),
    In(Box<Bound<P>>, Vec<Bound<P>>),
    Matches(Box<Bound<P>>, String),
}

impl<P> Bound<P> {
    /// The expression with each path replaced by what `bind` makes of it.
    pub(crate) fn new(expression: &Expression, bind: &mut impl FnMut(&str) -> P) -> Self {
        match expression {
            Expression::Literal(literal) => Self::Literal(literal.clone()),
            Expression::Path(path) => Self::Path(bind(&path.value)),
            Expression::Not(one) => Self::Not(Box::new(Self::new(one, bind))),
            Expression::Negate(one) => Self::Negate(Box::new(Self::new(one, bind))),
            Expression::Binary { operator, left, right } => {
                let left = Self::new(left, bind);
                Self::Binary(*operator, Box::new(left), Box::new(Self::new(right, bind)))
            }
            Expression::In { item, list } => {
                let item = Self::new(item, bind);
                Self::In(Box::new(item), list.iter().map(|one| Self::new(one, bind)).collect())
            }
            Expression::Matches { item, pattern } => {
                Self::Matches(Box::new(Self::new(item, bind)), pattern.to_string())
            }
        }
    }

    /// Its value, given those of its paths.
    pub(crate) fn evaluate(&self, lookup: &impl Fn(&P) -> Literal) -> Literal {
        let truth = |one: &Self| one.evaluate(lookup) == Literal::Bool(true);
        match self {
            Self::Literal(literal) => literal.clone(),
            Self::Path(path) => lookup(path),
            Self::Not(one) => Literal::Bool(!truth(one)),
            Self::Negate(one) => match one.evaluate(lookup) {
                Literal::Number(number, dimension) => Literal::Number(-number, dimension),
                _ => Literal::Absent,
            },
            Self::Binary(Operator::And, left, right) => Literal::Bool(truth(left) && truth(right)),
            Self::Binary(Operator::Or, left, right) => Literal::Bool(truth(left) || truth(right)),
            Self::Binary(operator, left, right) => binary(*operator, &left.evaluate(lookup), &right.evaluate(lookup)),
            Self::In(item, list) => {
                let item = item.evaluate(lookup);
                Literal::Bool(list.iter().any(|one| equal(&item, &one.evaluate(lookup))))
            }
            Self::Matches(item, pattern) => match item.evaluate(lookup) {
                Literal::Text(text) => Literal::Bool(glob(pattern, &text)),
                _ => Literal::Bool(false),
            },
        }
    }
}

fn binary(operator: Operator, left: &Literal, right: &Literal) -> Literal {
    match operator {
        Operator::Equal => return Literal::Bool(equal(left, right)),
        Operator::NotEqual => return Literal::Bool(!equal(left, right)),
        _ => {}
    }
    let (Literal::Number(a, dimension), Literal::Number(b, other)) = (left, right) else {
        return compare_texts(operator, left, right);
    };
    let near = near(*a, *b);
    match operator {
        Operator::Less => Literal::Bool(a < b && !near),
        Operator::LessOrEqual => Literal::Bool(a < b || near),
        Operator::Greater => Literal::Bool(a > b && !near),
        Operator::GreaterOrEqual => Literal::Bool(a > b || near),
        Operator::Add => Literal::Number(a + b, dimension),
        Operator::Subtract => Literal::Number(a - b, dimension),
        Operator::Multiply => {
            let dimension =
                if dimension.is_empty() || (*dimension == "share" && *other != "share") { other } else { dimension };
            Literal::Number(a * b, dimension)
        }
        Operator::Divide if *b != 0.0 => Literal::Number(a / b, if dimension == other { "" } else { dimension }),
        _ => Literal::Absent,
    }
}

fn compare_texts(operator: Operator, left: &Literal, right: &Literal) -> Literal {
    let ordered = match (left, right) {
        (Literal::Text(a), Literal::Text(b)) => a.cmp(b),
        _ => return if is_comparison(operator) { Literal::Bool(false) } else { Literal::Absent },
    };
    match operator {
        Operator::Less => Literal::Bool(ordered.is_lt()),
        Operator::LessOrEqual => Literal::Bool(ordered.is_le()),
        Operator::Greater => Literal::Bool(ordered.is_gt()),
        Operator::GreaterOrEqual => Literal::Bool(ordered.is_ge()),
        _ => Literal::Absent,
    }
}

fn is_comparison(operator: Operator) -> bool {
    matches!(
        operator,
        Operator::Less
            | Operator::LessOrEqual
            | Operator::Greater
            | Operator::GreaterOrEqual
            | Operator::Equal
            | Operator::NotEqual
    )
}

fn equal(left: &Literal, right: &Literal) -> bool {
    match (left, right) {
        (Literal::Number(a, _), Literal::Number(b, _)) => near(*a, *b),
        (Literal::Absent, _) | (_, Literal::Absent) => false,
        _ => left == right,
    }
}

/// Whether two numbers differ by no more than rounding: 0.1 + 0.2 is 0.3.
fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-12 * a.abs().max(b.abs()).max(1.0)
}

/// Whether the text is of the pattern, where `*` stands for any characters and `?` for one. Linear in practice,
/// at worst the product of both lengths.
pub fn glob(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(c) if *c == '?' || *c == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match &mut star {
                Some((at, taken)) => {
                    *taken += 1;
                    (p, t) = (*at + 1, *taken);
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

pub(super) fn collect_paths(expression: &Expression, paths: &mut Vec<String>) {
    match expression {
        Expression::Literal(_) => {}
        Expression::Path(path) => paths.push(path.value.to_string()),
        Expression::Not(one) | Expression::Negate(one) | Expression::Matches { item: one, .. } => {
            collect_paths(one, paths)
        }
        Expression::Binary { left, right, .. } => {
            collect_paths(left, paths);
            collect_paths(right, paths);
        }
        Expression::In { item, list } => {
            collect_paths(item, paths);
            list.iter().for_each(|one| collect_paths(one, paths));
        }
    }
}
