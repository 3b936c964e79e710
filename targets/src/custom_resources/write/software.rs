//! RICs and requests.

use ranform_network::Located;
use ranform_network::network::{
    ComponentKind, Name, Performance, Request, RequestTarget, Ric, RicComponent, RicProfile, SecretUse, Settings,
    Spread, SpreadAcross, Variable, Xapp,
};
use serde_json::{Value, json};

use super::access::management;
use super::{Object, Writer, amounts, decimal, entity_object, name, percent};

impl Writer<'_> {
    pub(super) fn ric(self, ric: &Ric) -> Object {
        let pins = ric.pins.iter();
        let pins = pins.map(|(part, node)| json!({ "component": &*part.value, "node": self.node_name(node.value) }));
        let exclusions: Vec<_> = ric.exclusions.iter().map(|node| node.value).collect();
        Object::default()
            .put("e2Nodes", self.node_names(&ric.e2_nodes))
            .put("candidates", self.node_names(&ric.candidates))
            .list("components", ric.components.iter().map(component).collect())
            .list("xapps", ric.xapps.iter().map(|xapp| written_xapp(xapp, ric)).collect())
            .list("pins", pins.collect())
            .list("exclusions", self.node_names(&exclusions))
            .maybe("servesAtMost", ric.serves_at_most.map(|most| most.value))
            .list("spread", ric.spread.iter().map(spread).collect())
            .maybe("management", ric.peer.as_ref().map(|peer| management(&peer.management)))
            .maybe(
                "profile",
                RicProfile::ALL.iter().find(|(profile, _)| *profile == ric.profile).map(|(_, word)| *word),
            )
    }

    pub(super) fn request(self, request: &Request) -> Object {
        Object::default()
            .put("targets", request.targets.iter().map(|target| self.target(target)).collect::<Vec<_>>())
            .put("value", decimal(request.value))
            .maybe("sharing", (!request.sharing).then_some(false))
    }

    fn target(self, target: &RequestTarget) -> Value {
        let performance = target.performance.map(|bound| match bound.value {
            Performance::AtLeast(share) => json!({ "atLeast": percent(share) }),
            Performance::AtMost(share) => json!({ "atMost": percent(share) }),
        });
        let own = target.sources == [target.node];
        Object::default()
            .put("function", &*target.function.value)
            .put("node", self.node_name(target.node))
            .list("sources", if own { Vec::new() } else { self.node_names(&target.sources) })
            .maybe("within", target.within.map(|within| within.value.to_string()))
            .maybe("performance", performance)
            .into()
    }
}

fn spread(spread: &Spread) -> Value {
    let across = SpreadAcross::ALL.iter().find(|(across, _)| *across == spread.across).map_or("", |(_, word)| word);
    json!({ "component": &*spread.component.value, "across": across })
}

fn secret(used: &SecretUse) -> Value {
    Object::default()
        .put("secret", &*used.secret.value)
        .maybe("key", used.key.as_ref().map(|key| &*key.value))
        .maybe("folder", used.folder())
        .maybe("variable", used.variable())
        .into()
}

fn args(settings: &Settings) -> Vec<Value> {
    settings.args.iter().flat_map(|one| &one.values).map(|value| Value::from(&**value)).collect()
}

fn variables(settings: &Settings) -> Vec<Value> {
    let one = |one: &Variable| Object::default().put("name", &*one.name.value).put("value", &*one.value).into();
    settings.variables.iter().map(one).collect()
}

fn annotations(settings: &Settings) -> Vec<Value> {
    let one =
        |(key, value): &(Located<Name>, Name)| Object::default().put("key", &*key.value).put("value", &**value).into();
    settings.annotations.iter().map(one).collect()
}

fn component(component: &RicComponent) -> Value {
    let kind = ComponentKind::ALL.iter().find(|(kind, _)| *kind == component.kind).map_or("", |(_, word)| word);
    Object::default()
        .put("kind", kind)
        .object("demand", amounts(component.demand.iter().cloned()))
        .object("demandPerE2Node", amounts(component.demand_per_e2_node.iter().cloned()))
        .maybe("servesAtMost", component.serves_at_most.map(|most| most.value))
        .maybe("cost", component.cost.map(decimal))
        .maybe("processing", (component.processing.0 > 0).then(|| component.processing.to_string()))
        .maybe("image", component.image.as_ref().map(|image| &*image.value))
        .list("pullSecrets", component.pull_secrets.iter().map(|name| Value::from(&*name.value)).collect())
        .list("secrets", component.secrets.iter().map(secret).collect())
        .list("args", args(&component.settings))
        .list("env", variables(&component.settings))
        .list("annotations", annotations(&component.settings))
        .maybe("podSecurity", component.pod_security.map(|level| level.value.word()))
        .into()
}

fn written_xapp(xapp: &Xapp, ric: &Ric) -> Value {
    let chain = xapp.chain.iter().filter_map(|next| ric.xapps.get(next.value));
    entity_object(&xapp.entity)
        .object("demand", amounts(xapp.demand.iter().cloned()))
        .object("demandPerE2Node", amounts(xapp.demand_per_e2_node.iter().cloned()))
        .maybe("servesAtMost", xapp.serves_at_most.map(|most| most.value))
        .maybe("cost", xapp.cost.map(decimal))
        .maybe("loop", xapp.loop_budget.map(|budget| budget.value.to_string()))
        .maybe("sdl", (!xapp.uses_sdl).then_some(false))
        .list("chain", chain.map(|next| name(&next.entity).into()).collect())
        .maybe("processing", (xapp.processing.0 > 0).then(|| xapp.processing.to_string()))
        .maybe("image", xapp.image.as_ref().map(|image| &*image.value))
        .list("pullSecrets", xapp.pull_secrets.iter().map(|name| Value::from(&*name.value)).collect())
        .list("secrets", xapp.secrets.iter().map(secret).collect())
        .list("args", args(&xapp.settings))
        .list("env", variables(&xapp.settings))
        .list("annotations", annotations(&xapp.settings))
        .maybe("replicas", xapp.replicas.map(|replicas| replicas.value))
        .maybe("podSecurity", xapp.pod_security.map(|level| level.value.word()))
        .maybe("version", xapp.version.as_deref())
        .into()
}
