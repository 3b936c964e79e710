//! What the near-RT RIC of the O-RAN Software Community expects beside plain objects (`profile osc`): Services and
//! ConfigMaps called as in its charts, and the environment by which its libraries find Redis and RMR. What it expects of
//! xApps is how xApps are packaged everywhere, so that those of any RIC have it: the label, the environment, and the
//! descriptor with the schema of its controls, as the xApp onboarder reads them (o-ran-sc/ric-plt-appmgr).

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::ConfigMap;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use ranform_network::address::{is_label, slug};
use ranform_network::deployment::{
    Application, ClusterPlace, ModelInstanceResource, Peer, Resource, RicPart, folders, known_as, osc_word,
};
use ranform_network::network::RicProfile;
use serde_json::{Map, Value, json};

use super::flows::Port;
use super::names::{application, node_label, tag};
use super::objects::{Instance, image};

/// The file of the descriptor.
pub const DESCRIPTOR: &str = "config-file.json";
/// The file of the schema of its controls.
const SCHEMA: &str = "schema.json";
/// Redis, as the shared data layer's libraries want to be told it.
const REDIS: &str = "6379";
/// What an xApp that subscribes and controls over E2 sends to the platform, and gets from it (RMR message types).
const SENT: [&str; 3] = ["RIC_SUB_REQ", "RIC_SUB_DEL_REQ", "RIC_CONTROL_REQ"];
const TAKEN: [&str; 7] = [
    "RIC_SUB_RESP",
    "RIC_SUB_FAILURE",
    "RIC_SUB_DEL_RESP",
    "RIC_SUB_DEL_FAILURE",
    "RIC_INDICATION",
    "RIC_CONTROL_ACK",
    "RIC_CONTROL_FAILURE",
];

/// Whether an instance follows these conventions.
pub fn follows(resource: &Resource) -> bool {
    match resource {
        Resource::RicInstance(instance) => instance.profile == RicProfile::Osc,
        Resource::ModelInstance(model) => model.profile == RicProfile::Osc,
        _ => false,
    }
}

/// What the platform calls one of its own components; none for an xApp.
fn component(resource: &Resource) -> Option<&'static str> {
    let Resource::RicInstance(instance) = resource else { return None };
    osc_word(instance.component)
}

/// Whether an instance is an xApp, of whatever RIC.
pub fn is_xapp(resource: &Resource) -> bool {
    match resource {
        Resource::RicInstance(instance) => instance.component == RicPart::Xapp,
        Resource::ModelInstance(model) => model.application == Application::Xapp,
        _ => false,
    }
}

/// The label `app` of an xApp.
pub fn app(resource: &Resource, place: &ClusterPlace, name: &str) -> String {
    fitting(&format!("{}-{}", place.namespace, known_as(resource, place, name)))
}

/// A DNS label of at most 63 characters.
fn fitting(name: &str) -> String {
    if is_label(name) { name.to_owned() } else { slug(name) }
}

/// The name of the Service of some ports of an instance: `service-NAMESPACE-XAPP-rmr`, `service-NAMESPACE-e2term-rmr-NODE`.
pub fn service(resource: &Resource, place: &ClusterPlace, name: &str, ports: &str) -> String {
    match component(resource) {
        Some(component) => of_component(&place.namespace, component, ports, &place.node),
        None => fitting(&format!("service-{}-{}-{ports}", place.namespace, known_as(resource, place, name))),
    }
}

fn of_component(namespace: &str, component: &str, ports: &str, node: &str) -> String {
    fitting(&format!("service-{namespace}-{component}-{ports}-{}", node_label(node)))
}

/// The Service of a port of a component.
pub fn service_of(peer: &Peer, port: &Port) -> String {
    of_component(&peer.namespace, osc_word(peer.component).unwrap_or_default(), group(port), &peer.node)
}

/// Which Service a port is of.
fn group(port: &Port) -> &'static str {
    match port.name {
        "http" | "a1" => "http",
        "sdl" | "redis" => "tcp",
        _ => "rmr",
    }
}

/// The Services of an instance inside of the cluster: those for HTTP, RMR and Redis apart.
pub fn services(resource: &Resource, place: &ClusterPlace, name: &str, ports: &[Port]) -> Vec<(String, Vec<Port>)> {
    let mut groups: BTreeMap<&str, Vec<Port>> = BTreeMap::new();
    for port in ports {
        groups.entry(group(port)).or_default().push(*port);
    }
    groups.into_iter().map(|(group, ports)| (service(resource, place, name, group), ports)).collect()
}

/// The stores that have the data of an instance, as `NAMESPACE/NODE`.
pub fn stores(resource: &Resource) -> &[String] {
    match resource {
        Resource::RicInstance(instance) => &instance.stores,
        Resource::ModelInstance(model) => &model.stores,
        _ => &[],
    }
}

/// The name of an instance's ConfigMap for a purpose.
pub fn config_map(instance: &Instance<'_>, purpose: &str) -> String {
    let Instance { resource, place, name, .. } = instance;
    fitting(&format!("configmap-{}-{}-{purpose}", place.namespace, known_as(resource, place, name)))
}

/// Whether an instance is told of its surroundings: xApps, and components of the platform that are not Redis itself.
pub fn has_environment(resource: &Resource) -> bool {
    is_xapp(resource) || follows(resource) && component(resource) != Some("dbaas")
}

/// The ConfigMaps that the platform expects: the environment, and an xApp's descriptor.
pub fn config_maps(instance: &Instance<'_>, metadata: &ObjectMeta) -> Vec<ConfigMap> {
    let map = |purpose: &str, data: BTreeMap<String, String>| ConfigMap {
        metadata: ObjectMeta { name: Some(config_map(instance, purpose)), ..metadata.clone() },
        data: Some(data),
        ..ConfigMap::default()
    };
    let mut maps = Vec::new();
    if has_environment(instance.resource) {
        maps.push(map("appenv", environment(instance)));
    }
    if is_xapp(instance.resource) {
        let text = |value: &Value| serde_json::to_string_pretty(value).unwrap_or_default() + "\n";
        let files = [(DESCRIPTOR, text(&descriptor(instance.resource))), (SCHEMA, text(&schema(instance.resource)))];
        maps.push(map("appconfig", files.into_iter().map(|(file, text)| (file.to_owned(), text)).collect()));
    }
    maps
}

/// The environment of the platform's libraries: SDL (Redis), RMR, the descriptor.
pub fn environment(instance: &Instance<'_>) -> BTreeMap<String, String> {
    let Instance { resource, place, name, .. } = instance;
    let mut variables = BTreeMap::new();
    let mut set = |name: &str, value: String| drop(variables.insert(name.to_owned(), value));
    if let Some((namespace, node)) = stores(resource).first().and_then(|store| store.split_once('/')) {
        set("DBAAS_SERVICE_HOST", format!("{}.{namespace}", of_component(namespace, "dbaas", "tcp", node)));
        set("DBAAS_SERVICE_PORT", REDIS.to_owned());
        set("DBAAS_NODE_COUNT", "1".to_owned());
    }
    let rmr = match follows(resource) {
        true => service(resource, place, name, "rmr"),
        false => (*name).to_owned(),
    };
    set("RMR_SRC_ID", format!("{rmr}.{}", place.namespace));
    if is_xapp(resource) {
        set("RMR_RTG_SVC", "4561".to_owned());
        set("CONFIG_FILE", format!("{}/{DESCRIPTOR}", folders::DESCRIPTOR));
    }
    variables
}

/// The descriptor of an xApp.
pub fn descriptor(resource: &Resource) -> Value {
    let (name, version) = application(resource);
    let containers: Vec<Value> = super::pod::images(resource)
        .into_iter()
        .map(|(container, image)| {
            let (registry, name, tag) = parts(image);
            json!({"name": container, "image": {"registry": registry, "name": name, "tag": tag}})
        })
        .collect();
    let port = |port: &Port| {
        let container = super::pod::container_of(resource, port);
        let mut entry =
            json!({"name": port.name, "container": container, "port": port.number, "description": port.name});
        if port.name == "rmr-data" {
            entry["txMessages"] = json!(SENT);
            entry["rxMessages"] = json!(TAKEN);
            entry["policies"] = json!([]);
        }
        entry
    };
    let ports: Vec<Value> = super::flows::ports(resource).iter().map(port).collect();
    json!({
        "xapp_name": slug(name),
        "version": version.and_then(semantic).unwrap_or_else(|| image(resource).map_or_else(unversioned, release)),
        "containers": containers,
        "messaging": {"ports": ports},
        "controls": controls(resource),
    })
}

/// The version of what has none.
fn unversioned() -> String {
    "0.0.0".to_owned()
}

/// The version that an image's tag says, as a descriptor wants it.
pub fn release(image: &str) -> String {
    tag(image).and_then(semantic).unwrap_or_else(unversioned)
}

/// What an xApp is to do: everything decided about it that is not where and how it runs.
fn controls(resource: &Resource) -> Value {
    match resource {
        Resource::RicInstance(instance) => json!({
            "e2Nodes": instance.e2_nodes,
            "chain": instance.chain,
            "readsSdl": instance.reads_sdl,
            "loopBudgetNs": instance.tightest_loop.as_ref().map_or(0, |one| one.budget_ns),
        }),
        Resource::ModelInstance(model) => json!({
            "e2Nodes": targets(model),
            "functions": model.functions,
            "parameters": model.controls,
            "input": model.input.clone().unwrap_or_default(),
            "inputBytes": model.input_bytes,
        }),
        _ => Value::Null,
    }
}

fn targets(model: &ModelInstanceResource) -> Vec<&str> {
    let mut targets: Vec<&str> = model.consumers.iter().map(|consumer| consumer.target.as_str()).collect();
    targets.sort_unstable();
    targets.dedup();
    targets
}

/// The schema of the controls, which the onboarder wants from an xApp that has some (JSON Schema draft-07).
fn schema(resource: &Resource) -> Value {
    let controls = controls(resource);
    let of = |value: &Value| match value {
        Value::Array(_) => json!({"type": "array", "items": {"type": "string"}}),
        Value::Bool(_) => json!({"type": "boolean"}),
        Value::Number(_) => json!({"type": "integer", "minimum": 0}),
        _ => json!({"type": "string"}),
    };
    let members = controls.as_object().cloned().unwrap_or_default();
    let properties: Map<String, Value> = members.iter().map(|(name, value)| (name.clone(), of(value))).collect();
    let required: Vec<&String> = members.keys().collect();
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": "#/controls",
        "type": "object",
        "title": "Controls Section Schema",
        "required": required,
        "additionalProperties": false,
        "properties": properties,
    })
}

/// Registry, name and tag of an image; a digest is written as the tag of the name with `@sha256`.
fn parts(image: &str) -> (&str, String, &str) {
    let (registry, rest) = match image.split_once('/') {
        Some((first, rest)) if first.contains(['.', ':']) => (first, rest.to_owned()),
        Some(_) => ("docker.io", image.to_owned()),
        None => ("docker.io", format!("library/{image}")),
    };
    // A tag beside a digest says nothing.
    let (name, tag) = match image.split_once("@sha256:") {
        Some((_, digest)) => {
            let name = rest.split('@').next().unwrap_or_default();
            let bare = name.rsplit_once(':').map_or(name, |(bare, _)| bare);
            (format!("{bare}@sha256"), digest)
        }
        None => {
            let (name, _) = rest.rsplit_once(':').unwrap_or((&rest, ""));
            (name.to_owned(), image.rsplit_once(':').map_or("", |(_, tag)| tag))
        }
    };
    (registry, name, tag)
}

/// A version as `MAJOR.MINOR.PATCH` (semver.org), what is left out being 0; none where it is no such version.
fn semantic(version: &str) -> Option<String> {
    let (core, rest) = version.find(['-', '+']).map_or((version, ""), |at| version.split_at(at));
    let numbers: Vec<&str> = core.split('.').collect();
    let number = |text: &&str| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) && (*text == "0" || !text.starts_with('0'))
    };
    let plain = |text: &str| {
        let identifiers = text.split(['.', '+']).all(|one| !one.is_empty());
        identifiers && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.+".contains(&byte))
    };
    if numbers.len() > 3 || !numbers.iter().all(number) || !(rest.is_empty() || plain(&rest[1..])) {
        return None;
    }
    let mut whole: Vec<&str> = numbers;
    whole.resize(3, "0");
    Some(format!("{}{rest}", whole.join(".")))
}

/// What a descriptor cannot say of an xApp: message and help.
pub fn findings(resource: &Resource) -> Vec<(String, String)> {
    let mut findings = Vec::new();
    // Elsewhere no onboarder reads it.
    if !is_xapp(resource) || !follows(resource) {
        return findings;
    }
    match application(resource).1 {
        None => findings.push((
            "its descriptor needs a version, and none is written".to_owned(),
            "write e.g. `version \"1.0.0\"` on the xApp or model".to_owned(),
        )),
        Some(version) if semantic(version).is_none() => findings.push((
            format!("version `{version}` is no semantic version, and its descriptor wants one"),
            "write e.g. `version \"1.0.0\"`: three numbers, and what follows after `-` or `+`".to_owned(),
        )),
        Some(_) => {}
    }
    for (_, image) in super::pod::images(resource) {
        let registry = parts(image).0;
        if !is_registry(registry) {
            findings.push((
                format!("`{registry}` is no registry that its descriptor can say"),
                "name the registry by a host with a domain: `registry.example:5000`, not by an address".to_owned(),
            ));
        }
    }
    findings
}

/// Whether the onboarder takes a registry: a host with a domain of letters, and perhaps a port.
fn is_registry(registry: &str) -> bool {
    let (host, port) = registry.split_once(':').unwrap_or((registry, "0"));
    let letters = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphabetic());
    let inner = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte));
    let domain = host.rsplit_once('.').is_some_and(|(rest, last)| !rest.is_empty() && letters(last));
    inner && domain && !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_versions_and_registries_are_as_the_onboarder_wants_them() {
        assert_eq!(parts("registry.example:5000/lab/app:1.2"), ("registry.example:5000", "lab/app".to_owned(), "1.2"));
        assert_eq!(parts("r.example/app@sha256:00ff"), ("r.example", "app@sha256".to_owned(), "00ff"));
        assert_eq!(parts("r.example/app:1@sha256:00ff"), ("r.example", "app@sha256".to_owned(), "00ff"));
        assert_eq!(parts("app:1"), ("docker.io", "library/app".to_owned(), "1"));
        assert_eq!(parts("lab/app:1"), ("docker.io", "lab/app".to_owned(), "1"));
        for (version, whole) in [("1", "1.0.0"), ("1.2", "1.2.0"), ("1.2.3", "1.2.3"), ("1.2-rc.1", "1.2.0-rc.1")] {
            assert_eq!(semantic(version).as_deref(), Some(whole));
        }
        for version in ["", "v1", "01.2", "1.2.3.4", "1.2.3-", "1..2", "2026 autumn"] {
            assert_eq!(semantic(version), None, "{version}");
        }
        assert!(is_registry("nexus3.o-ran-sc.org:10002") && is_registry("docker.io"));
        assert!(!is_registry("10.0.0.1:5000") && !is_registry("localhost:5000") && !is_registry("a.example:"));
    }
}
