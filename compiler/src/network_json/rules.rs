//! Guards, limits, keep, owners, protect, forget, moved, outside changes.

use ranform_network::network::{Expression, Guard, Keep, Limit, Literal, Operator, OutsideAction, Owner};
use serde_json::{Value, json};

use super::{Object, Writer};

impl Writer<'_> {
    pub(super) fn rules(self, object: Object) -> Object {
        let network = self.network;
        let addresses = |list: &[ranform_network::Located<ranform_network::Address>]| {
            list.iter().map(|address| Value::from(address.value.as_str())).collect()
        };
        let moved = network.moved.iter().map(|moved| json!({"from": moved.from.value, "to": moved.to.value}));
        let outside = network.outside_changes.iter().map(|outside| {
            let (action, until) = match &outside.action {
                OutsideAction::Restore => ("restore", None),
                OutsideAction::Accept => ("accept", None),
                OutsideAction::Stop => ("stop", None),
                OutsideAction::Ignore(until) => ("ignore", Some(&**until)),
            };
            Object::default()
                .put("path", &*outside.path.value)
                .list("fields", outside.fields.iter().map(|field| Value::from(&**field)).collect())
                .put("action", action)
                .maybe("until", until)
                .into()
        });
        object
            .list("guards", network.guards.iter().map(guard).collect())
            .list("limits", network.limits.iter().map(|limit| self.limit(limit)).collect())
            .list("keep", network.keeps.iter().map(|keep| self.keep(keep)).collect())
            .list("owners", network.owners.iter().map(owner).collect())
            .list("protected", addresses(&network.protected))
            .list("forgotten", addresses(&network.forgotten))
            .list("moved", moved.collect())
            .list("outside_changes", outside.collect())
    }

    fn limit(self, limit: &Limit) -> Value {
        let share = |(tenant, share): &(Option<ranform_network::ids::TenantId>, ranform_network::units::Share)| {
            let tenant = tenant.map(|tenant| self.network.tenants[tenant].entity.address.to_string());
            Object::default().maybe("tenant", tenant).put("share", share.0).into()
        };
        Object::default()
            .maybe("deletions", limit.deletions)
            .maybe("deletions_share", limit.deletions_share.map(|share| share.0))
            .maybe("cells", limit.cells)
            .maybe("identities", limit.identities)
            .list("share_moved", limit.share_moved.iter().map(share).collect())
            .list("acknowledged", limit.acknowledged.iter().map(acknowledged).collect())
            .into()
    }

    fn keep(self, keep: &Keep) -> Value {
        let pins = keep.pins.iter().map(|(part, node)| json!({"part": part.value, "node": self.node(node.value)}));
        Object::default()
            .put("address", keep.address.as_str())
            .list("pins", pins.collect())
            .maybe("churn_price", keep.churn_price)
            .maybe("churn_budget", keep.churn_budget)
            .into()
    }
}

fn acknowledged((set, count): &(ranform_network::Located<ranform_network::Address>, u64)) -> Value {
    json!({"set": set.value, "count": count})
}

fn owner(owner: &Owner) -> Value {
    Object::default()
        .put("name", &*owner.name)
        .list("contacts", owner.contacts.iter().map(|contact| Value::from(&**contact)).collect())
        .list("owns", owner.owns.iter().map(|owned| Value::from(&*owned.value)).collect())
        .into()
}

fn guard(guard: &Guard) -> Value {
    let exceptions = guard
        .exceptions
        .iter()
        .map(|one| json!({"address": one.address.value, "until": &*one.until.value, "because": &*one.because}));
    Object::default()
        .put("address", guard.address.as_str())
        .put("deny", guard.deny)
        .maybe("because", guard.message.as_deref())
        .put("over", &*guard.rule.over)
        .maybe("where", guard.rule.filter.as_ref().map(written))
        .put("require", written(&guard.rule.require))
        .list("exceptions", exceptions.collect())
        .into()
}

/// An expression as text, every operation in parentheses.
pub(crate) fn written(expression: &Expression) -> String {
    match expression {
        Expression::Literal(Literal::Bool(yes)) => yes.to_string(),
        Expression::Literal(Literal::Number(number, "")) => number.to_string(),
        Expression::Literal(Literal::Number(number, dimension)) => format!("{number} [{dimension}]"),
        Expression::Literal(Literal::Text(text)) => format!("{text:?}"),
        Expression::Literal(Literal::Absent) => "absent".to_owned(),
        Expression::Path(path) => path.value.to_string(),
        Expression::Not(one) => format!("(not {})", written(one)),
        Expression::Negate(one) => format!("(- {})", written(one)),
        Expression::Binary { operator, left, right } => {
            format!("({} {} {})", written(left), symbol(*operator), written(right))
        }
        Expression::In { item, list } => {
            format!("({} in [{}])", written(item), list.iter().map(written).collect::<Vec<_>>().join(", "))
        }
        Expression::Matches { item, pattern } => format!("({} matches {pattern:?})", written(item)),
    }
}

fn symbol(operator: Operator) -> &'static str {
    match operator {
        Operator::And => "and",
        Operator::Or => "or",
        Operator::Equal => "=",
        Operator::NotEqual => "!=",
        Operator::Less => "<",
        Operator::LessOrEqual => "<=",
        Operator::Greater => ">",
        Operator::GreaterOrEqual => ">=",
        Operator::Add => "+",
        Operator::Subtract => "-",
        Operator::Multiply => "*",
        Operator::Divide => "/",
    }
}
