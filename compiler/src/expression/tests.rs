//! Expressions compute what they say.

use super::*;
use ranform_network::network::{Literal, Operator};

fn number(number: f64) -> Expression {
    Expression::Literal(Literal::Number(number, "share"))
}

struct Nothing;
impl Subject for Nothing {
    fn attribute(&self, path: &str) -> Literal {
        match path {
            "share" => Literal::Number(0.3, "share"),
            "region" => Literal::Text("metro".into()),
            _ => Literal::Absent,
        }
    }
}

fn path(path: &str) -> Box<Expression> {
    Box::new(Expression::Path(ranform_network::Located::new(path.into(), Default::default())))
}

#[test]
fn rounding_does_not_break_a_bound() {
    let sum = Expression::Binary { operator: Operator::Add, left: Box::new(number(0.1)), right: Box::new(number(0.2)) };
    let bound = Expression::Binary { operator: Operator::GreaterOrEqual, left: path("share"), right: Box::new(sum) };
    assert!(holds(&bound, &Nothing));
}

#[test]
fn what_is_absent_is_unequal_to_everything() {
    let absent = |operator| Expression::Binary { operator, left: path("vendor"), right: Box::new(number(1.0)) };
    assert!(!holds(&absent(Operator::Equal), &Nothing));
    assert!(holds(&absent(Operator::NotEqual), &Nothing));
    assert!(!holds(&absent(Operator::Less), &Nothing));
}

#[test]
fn globs_match() {
    assert!(glob("gnb-*", "gnb-17"));
    assert!(glob("*-?1", "north-a1"));
    assert!(!glob("gnb-*", "enb-1"));
    assert!(glob("*a*b*", "xxaxxbxx"));
    assert!(!glob("", "x"));
}

#[test]
fn paths_are_listed_once() {
    let both = Expression::Binary { operator: Operator::Equal, left: path("region"), right: path("region") };
    assert_eq!(paths(&both), ["region"]);
}
