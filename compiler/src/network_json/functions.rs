//! RICs, models, requests.

use ranform_network::network::{
    Arguments, Login, Model, ModelConnector, Name, Performance, Request, RequestTarget, Ric, RicComponent, SecretUse,
    Spread, Variable, Xapp,
};
use serde_json::{Map, Value, json};

use super::inventory::management;
use super::{Object, Writer, entity_object, word};

impl Writer<'_> {
    pub(super) fn functions(self, object: Object) -> Object {
        let network = self.network;
        object
            .list("rics", network.rics.as_slice().iter().map(|ric| self.ric(ric)).collect())
            .list("models", network.models.as_slice().iter().map(model).collect())
            .list("requests", network.requests.as_slice().iter().map(|request| self.request(request)).collect())
    }

    fn ric(self, ric: &Ric) -> Value {
        let pin = |(part, node): &(ranform_network::Located<Name>, ranform_network::Located<_>)| json!({ "part": &*part.value, "node": self.node(node.value) });
        let excluded: Vec<_> = ric.exclusions.iter().map(|node| self.node(node.value)).collect();
        entity_object(&ric.entity)
            .list("e2_nodes", self.nodes(&ric.e2_nodes))
            .list("candidates", self.nodes(&ric.candidates))
            .list("components", ric.components.iter().map(component).collect())
            .list("xapps", ric.xapps.iter().map(|xapp| one_xapp(xapp, ric)).collect())
            .list("pins", ric.pins.iter().map(pin).collect())
            .list("exclusions", excluded)
            .maybe("serves_at_most", ric.serves_at_most.map(|most| most.value))
            .list("spread", ric.spread.iter().map(spread).collect())
            .maybe("profile", ric.peer.as_ref().map(|peer| peer.profile.name.clone()))
            .maybe("conventions", (!ric.profile.is_plain()).then(|| word(ric.profile)))
            .maybe("management", ric.peer.as_ref().map(|peer| management(&peer.management)))
            .into()
    }

    fn request(self, request: &Request) -> Value {
        entity_object(&request.entity)
            .list("targets", request.targets.iter().map(|target| self.target(target)).collect())
            .put("value", request.value)
            .flag("alone", !request.sharing)
            .into()
    }

    fn target(self, target: &RequestTarget) -> Value {
        let performance = target.performance.map(|bound| match bound.value {
            Performance::AtLeast(share) => json!({ "at_least": share.0 }),
            Performance::AtMost(share) => json!({ "at_most": share.0 }),
        });
        Object::default()
            .put("function", &*target.function.value)
            .put("node", self.node(target.node))
            .list("sources", if target.sources == [target.node] { Vec::new() } else { self.nodes(&target.sources) })
            .maybe("within_ns", target.within.map(|within| within.value.0))
            .maybe("performance", performance)
            .into()
    }
}

fn spread(spread: &Spread) -> Value {
    Object::default().put("part", &*spread.component.value).put("across", word(spread.across)).into()
}

fn demand(demand: &[(Name, f64)]) -> Map<String, Value> {
    demand.iter().map(|(name, amount)| (name.to_string(), Value::from(*amount))).collect()
}

fn names(names: &[ranform_network::Located<Name>]) -> Vec<Value> {
    names.iter().map(|name| Value::from(&*name.value)).collect()
}

fn secret(used: &SecretUse) -> Value {
    Object::default()
        .put("secret", &*used.secret.value)
        .maybe("key", used.key.as_ref().map(|key| &*key.value))
        .maybe("folder", used.folder())
        .maybe("variable", used.variable())
        .maybe("connector", used.connector.as_ref().map(|way| way.value.word()))
        .into()
}

fn arguments(arguments: &Arguments) -> Value {
    let values: Vec<&str> = arguments.values.iter().map(|value| &**value).collect();
    Object::default()
        .put("values", values)
        .maybe("connector", arguments.connector.as_ref().map(|way| way.value.word()))
        .into()
}

fn variable(variable: &Variable) -> Value {
    Object::default()
        .put("name", &*variable.name.value)
        .put("value", &*variable.value)
        .maybe("connector", variable.connector.as_ref().map(|way| way.value.word()))
        .into()
}

fn annotation((key, value): &(ranform_network::Located<Name>, Name)) -> Value {
    json!({ "key": &*key.value, "value": &**value })
}

fn login(login: &Login) -> Value {
    json!({ "user": &*login.user, "proof": word(login.proof), "secret": &*login.secret.value })
}

fn component(component: &RicComponent) -> Value {
    Object::default()
        .put("kind", word(component.kind))
        .object("demand", demand(&component.demand))
        .object("demand_per_e2_node", demand(&component.demand_per_e2_node))
        .maybe("serves_at_most", component.serves_at_most.map(|most| most.value))
        .maybe("cost", component.cost)
        .maybe("processing_ns", Some(component.processing.0).filter(|time| *time > 0))
        .maybe("image", component.image.as_ref().map(|image| &*image.value))
        .list("pull_secrets", names(&component.pull_secrets))
        .list("secrets", component.secrets.iter().map(secret).collect())
        .list("args", component.settings.args.iter().map(arguments).collect())
        .list("env", component.settings.variables.iter().map(variable).collect())
        .list("annotations", component.settings.annotations.iter().map(annotation).collect())
        .maybe("pod_security", component.pod_security.map(|level| word(level.value)))
        .into()
}

fn one_xapp(xapp: &Xapp, ric: &Ric) -> Value {
    let chain = xapp.chain.iter().filter_map(|next| ric.xapps.get(next.value));
    entity_object(&xapp.entity)
        .object("demand", demand(&xapp.demand))
        .object("demand_per_e2_node", demand(&xapp.demand_per_e2_node))
        .maybe("serves_at_most", xapp.serves_at_most.map(|most| most.value))
        .maybe("cost", xapp.cost)
        .maybe("loop_ns", xapp.loop_budget.map(|budget| budget.value.0))
        .flag("without_sdl", !xapp.uses_sdl)
        .list("chain", chain.map(|next| super::text(&next.entity)).collect())
        .maybe("processing_ns", Some(xapp.processing.0).filter(|time| *time > 0))
        .maybe("image", xapp.image.as_ref().map(|image| &*image.value))
        .list("pull_secrets", names(&xapp.pull_secrets))
        .list("secrets", xapp.secrets.iter().map(secret).collect())
        .list("args", xapp.settings.args.iter().map(arguments).collect())
        .list("env", xapp.settings.variables.iter().map(variable).collect())
        .list("annotations", xapp.settings.annotations.iter().map(annotation).collect())
        .maybe("replicas", xapp.replicas.map(|replicas| replicas.value))
        .maybe("version", xapp.version.as_deref())
        .maybe("pod_security", xapp.pod_security.map(|level| word(level.value)))
        .into()
}

fn model(model: &Model) -> Value {
    let offers = model.offers.iter().map(|(name, share)| (name.value.to_string(), Value::from(share.0))).collect();
    let execution = model.execution.iter().map(|(kind, time)| (kind.word().to_owned(), Value::from(time.0))).collect();
    let suits = model.suitability.iter().map(|(kind, share)| (kind.word().to_owned(), Value::from(share.0))).collect();
    entity_object(&model.entity)
        .object("offers", offers)
        .list("controls", names(&model.controls))
        .maybe("input", model.input.as_deref())
        .maybe("input_bytes", Some(model.input_size.0).filter(|size| *size > 0))
        .object("demand", demand(&model.demand))
        .object("execution_ns", execution)
        .object("suitability", suits)
        .maybe("image", model.image.as_ref().map(|image| &*image.value))
        .list("pull_secrets", names(&model.pull_secrets))
        .list("secrets", model.secrets.iter().map(secret).collect())
        .list("args", model.settings.args.iter().map(arguments).collect())
        .list("env", model.settings.variables.iter().map(variable).collect())
        .list("annotations", model.settings.annotations.iter().map(annotation).collect())
        .maybe("login", model.login.as_ref().map(login))
        .maybe("replicas", model.replicas.map(|replicas| replicas.value))
        .maybe("version", model.version.as_deref())
        .list("connectors", model.connectors.iter().map(connector).collect())
        .flag("connects_itself", model.connects_itself)
        .maybe("pod_security", model.pod_security.map(|level| word(level.value)))
        .into()
}

fn connector(connector: &ModelConnector) -> Value {
    Object::default()
        .put("way", word(connector.way.value))
        .put("image", &*connector.image.value)
        .object("demand", demand(&connector.demand))
        .into()
}
