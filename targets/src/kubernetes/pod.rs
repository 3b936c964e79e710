//! The pod of an instance: its function, the connectors beside a model, and what they may do on their node.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::{
    Affinity, Capabilities, ConfigMapEnvSource, ConfigMapVolumeSource, Container, ContainerPort, EmptyDirVolumeSource,
    EnvFromSource, LocalObjectReference, NodeAffinity, NodeSelector, NodeSelectorRequirement, NodeSelectorTerm,
    PodSecurityContext, PodSpec, Probe, ResourceRequirements, SeccompProfile, SecurityContext, TCPSocketAction,
    Toleration, Volume, VolumeMount,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use ranform_network::Address;
use ranform_network::deployment::{
    Amounts, Connector, ConnectorContainer, Needs, Resource, folders, has_state, is_huge_pages,
};
use ranform_network::network::{PodSecurity, Toleration as Tolerated};
use serde_json::{Value, json};

use super::flows::{Port, ports, seen_at};
use super::names::quantity;
use super::objects::{CLAIM, HOSTNAME, Instance, image, level, priority, resource_name, thousandths};
use super::{osc, secrets, settings};

/// The container of the function itself.
pub const CONTAINER: &str = "main";
/// What the name of a connector's container begins with.
pub const CONNECTOR: &str = "connector-";
/// The group of a claim's volume where images say as whom they run.
const VOLUME_GROUP: i64 = 10001;
/// The volume of what a container may write as long as it runs, its root being read-only; a connector has one of its own.
const SCRATCH: &str = "scratch";
/// The most of it; a pod that has more is evicted.
const SCRATCH_BYTES: &str = "64Mi";
/// The most that a store keeps which says no `storage`.
const UNCLAIMED_BYTES: &str = "1Gi";

/// The containers that bring a model its inputs.
fn connectors(resource: &Resource) -> &[ConnectorContainer] {
    match resource {
        Resource::ModelInstance(model) => &model.connector_containers,
        _ => &[],
    }
}

/// The name of a connector's container.
pub fn name_of(connector: Connector) -> String {
    format!("{CONNECTOR}{}", connector.word())
}

/// Every container's name and image.
pub fn images(resource: &Resource) -> Vec<(String, &str)> {
    let own = image(resource).map(|image| (CONTAINER.to_owned(), image));
    let connectors = connectors(resource).iter().map(|one| (name_of(one.connector), one.image.as_str()));
    own.into_iter().chain(connectors).collect()
}

/// What connectors need, each for itself.
pub fn connector_demands(resource: &Resource) -> impl Iterator<Item = (&String, &f64)> {
    connectors(resource).iter().flat_map(|one| &one.demand)
}

/// The container that listens on a port: RMR carries E2, which is the connector's where there is one.
pub fn container_of(resource: &Resource, port: &Port) -> String {
    let speaks_e2 = connectors(resource).iter().any(|one| one.connector == Connector::E2);
    if speaks_e2 && port.name.starts_with("rmr") { name_of(Connector::E2) } else { CONTAINER.to_owned() }
}

/// What each connector is told: which data it brings from where, for whom, and what it may set; where those nodes are on O1
/// or what they are called on E2, and as whom it logs in.
pub fn connector_files(resource: &Resource) -> Vec<(String, Value)> {
    let Resource::ModelInstance(model) = resource else { return Vec::new() };
    let sources: BTreeSet<&Address> = model.consumers.iter().flat_map(|consumer| &consumer.sources).collect();
    let targets: BTreeSet<&Address> = model.consumers.iter().map(|consumer| &consumer.target).collect();
    let file = |connector: &ConnectorContainer| {
        let mut told = json!({
            "connector": connector.connector.word(),
            "inputs": {"kind": model.input, "bytes": model.input_bytes, "sources": sources},
            "outputs": {"parameters": model.controls, "targets": targets},
            "exchange": folders::EXCHANGE,
        });
        if !model.reaches.is_empty() {
            told["nodes"] = json!(model.reaches);
        }
        if let Some(login) = model.login.as_ref().filter(|_| connector.connector == Connector::O1) {
            told["login"] = json!(login);
        }
        (format!("{}.json", name_of(connector.connector)), told)
    };
    connectors(resource).iter().map(file).collect()
}

/// The pod of an instance.
pub fn spec(instance: &Instance<'_>) -> PodSpec {
    let resource = instance.resource;
    let on_fronthaul = Needs::of(resource).is_some_and(|needs| needs.taps_fronthaul());
    PodSpec {
        service_account_name: Some(instance.name.to_owned()),
        automount_service_account_token: Some(false),
        enable_service_links: Some(false),
        priority_class_name: Some(priority(resource).0.to_owned()),
        affinity: Some(on_node(&instance.place.node)),
        tolerations: tolerations(&instance.place.tolerations),
        host_network: on_fronthaul.then_some(true),
        dns_policy: on_fronthaul.then(|| "ClusterFirstWithHostNet".to_owned()),
        security_context: Some(user(instance)),
        image_pull_secrets: pull_secrets(resource),
        containers: containers(instance),
        volumes: Some(volumes(instance)),
        ..PodSpec::default()
    }
}

/// What bears these taints; none where there are none.
fn tolerations(taints: &[Tolerated]) -> Option<Vec<Toleration>> {
    (!taints.is_empty()).then(|| taints.iter().map(toleration).collect())
}

/// What bears a taint, as Kubernetes writes it.
pub fn toleration(taint: &Tolerated) -> Toleration {
    Toleration {
        key: Some(taint.key.clone()),
        operator: Some(if taint.value.is_some() { "Equal" } else { "Exists" }.to_owned()),
        value: taint.value.clone().filter(|value| !value.is_empty()),
        effect: taint.effect.clone(),
        toleration_seconds: None,
    }
}

/// The taint that a toleration of a cluster bears; none where the language has no words for it.
pub fn tolerated(toleration: &Value) -> Option<Tolerated> {
    let text = |name: &str| toleration.get(name).and_then(Value::as_str);
    let value = match text("operator") {
        Some("Exists") => None,
        Some("Equal") | None => Some(text("value").unwrap_or_default().to_owned()),
        Some(_) => return None,
    };
    let found = Tolerated { key: text("key")?.to_owned(), value, effect: text("effect").map(str::to_owned) };
    let is_all = toleration.get("tolerationSeconds").is_none_or(Value::is_null);
    (is_all && Tolerated::parse(&found.to_string()).as_ref() == Ok(&found)).then_some(found)
}

/// The Secrets by which its images are pulled.
fn pull_secrets(resource: &Resource) -> Option<Vec<LocalObjectReference>> {
    let names = match resource {
        Resource::RicInstance(instance) => &instance.pull_secrets,
        Resource::ModelInstance(model) => &model.pull_secrets,
        _ => return None,
    };
    (!names.is_empty()).then(|| names.iter().map(|name| LocalObjectReference { name: name.clone() }).collect())
}

/// As whom it runs: restricted pods as one and the same user that is not root, whatever their images say; the volume of a
/// claim, and the files of Secrets, belong to a group that it is in.
fn user(instance: &Instance<'_>) -> PodSecurityContext {
    let restricted = level(instance.resource) == PodSecurity::Restricted;
    let number: Option<i64> = instance.profile.options.get("run-as").and_then(|number| number.parse().ok());
    let claims = instance.storage().is_some();
    let of_group = claims || secrets::has_files(instance.resource);
    PodSecurityContext {
        run_as_non_root: restricted.then_some(true),
        run_as_user: number.filter(|_| restricted),
        run_as_group: number.filter(|_| restricted),
        fs_group: of_group.then(|| number.unwrap_or(VOLUME_GROUP)),
        fs_group_change_policy: claims.then(|| "OnRootMismatch".to_owned()),
        seccomp_profile: Some(SeccompProfile { type_: "RuntimeDefault".to_owned(), ..SeccompProfile::default() }),
        ..PodSecurityContext::default()
    }
}

/// Whether its port is open, asked every so many seconds and given up after so many times.
fn probe(port: &Port, period_seconds: i32, failure_threshold: i32) -> Probe {
    let port = IntOrString::String(port.name.to_owned());
    Probe {
        tcp_socket: Some(TCPSocketAction { port, host: None }),
        period_seconds: Some(period_seconds),
        failure_threshold: Some(failure_threshold),
        ..Probe::default()
    }
}

fn containers(instance: &Instance<'_>) -> Vec<Container> {
    let resource = instance.resource;
    let mut own: BTreeMap<&str, u128> =
        resource.demand().into_iter().flatten().map(|(name, amount)| (name.as_str(), thousandths(*amount))).collect();
    for (name, amount) in connector_demands(resource) {
        let left = own.entry(name).or_default();
        *left = left.saturating_sub(thousandths(*amount));
    }
    // What a StatefulSet stores is its claim's.
    own.retain(|name, _| !(instance.storage().is_some() && *name == "storage"));
    let main = container(instance, CONTAINER, image(resource), own);
    let beside = connectors(resource).iter().map(|one| {
        let demand = one.demand.iter().map(|(name, amount)| (name.as_str(), thousandths(*amount))).collect();
        container(instance, &name_of(one.connector), Some(one.image.as_str()), demand)
    });
    std::iter::once(main).chain(beside).collect()
}

fn container(instance: &Instance<'_>, name: &str, image: Option<&str>, demand: BTreeMap<&str, u128>) -> Container {
    let Instance { resource, profile, .. } = instance;
    let amounts: BTreeMap<String, Quantity> =
        demand.into_iter().map(|(name, amount)| (resource_name(profile, name), quantity(amount))).collect();
    let listens = ports(resource).into_iter().filter(|port| container_of(resource, port) == name);
    let port = |port: Port| ContainerPort {
        name: Some(port.name.to_owned()),
        container_port: port.number,
        protocol: Some(port.protocol.to_owned()),
        ..ContainerPort::default()
    };
    let ports: Vec<ContainerPort> = listens.map(port).collect();
    let environment = osc::has_environment(resource).then(|| EnvFromSource {
        config_map_ref: Some(ConfigMapEnvSource { name: osc::config_map(instance, "appenv"), optional: None }),
        ..EnvFromSource::default()
    });
    let capabilities = capabilities(resource, name);
    let seen_at = seen_at(resource).filter(|_| name == CONTAINER);
    Container {
        name: name.to_owned(),
        image: image.map(str::to_owned),
        args: settings::args(resource, name),
        env: settings::environment(resource, name),
        env_from: environment.map(|environment| vec![environment]),
        ports: (!ports.is_empty()).then_some(ports),
        // Two minutes to start; then three misses take it out of its Services.
        startup_probe: seen_at.map(|port| probe(&port, 2, 60)),
        readiness_probe: seen_at.map(|port| probe(&port, 5, 3)),
        resources: (!amounts.is_empty()).then(|| ResourceRequirements {
            requests: Some(amounts.clone()),
            limits: Some(amounts),
            ..ResourceRequirements::default()
        }),
        security_context: Some(SecurityContext {
            allow_privilege_escalation: Some(false),
            read_only_root_filesystem: Some(true),
            capabilities: Some(Capabilities {
                drop: Some(vec!["ALL".to_owned()]),
                add: (!capabilities.is_empty()).then_some(capabilities),
            }),
            ..SecurityContext::default()
        }),
        volume_mounts: Some(mounts(instance, name)),
        ..Container::default()
    }
}

/// What a container of a privileged function may do beside the ordinary: what it needs and nothing more.
fn capabilities(resource: &Resource, container: &str) -> Vec<String> {
    let Some(needs) = Needs::of(resource).filter(|_| level(resource) == PodSecurity::Privileged) else {
        return Vec::new();
    };
    let tap = connectors(resource).iter().find(|one| one.connector == Connector::Fronthaul);
    let taps = needs.taps_fronthaul() && container == tap.map_or(CONTAINER.to_owned(), |tap| name_of(tap.connector));
    let locks = container == CONTAINER && needs.demand.keys().any(|name| is_huge_pages(name));
    // Raw sockets on the fronthaul's interface; memory that is never swapped, for its drivers.
    let all = [(locks, "IPC_LOCK"), (taps, "NET_ADMIN"), (taps, "NET_RAW")];
    all.into_iter().filter(|(wanted, _)| *wanted).map(|(_, name)| name.to_owned()).collect()
}

/// The sizes of huge pages that an instance needs, by the names of the cluster.
fn huge_pages(demand: Option<&Amounts>) -> Vec<String> {
    let names = demand.into_iter().flatten().map(|(name, _)| name.as_str());
    names.filter(|name| is_huge_pages(name)).map(str::to_owned).collect()
}

fn volumes(instance: &Instance<'_>) -> Vec<Volume> {
    let config_map = |volume: &str, name: String| Volume {
        name: volume.to_owned(),
        config_map: Some(ConfigMapVolumeSource { name, ..ConfigMapVolumeSource::default() }),
        ..Volume::default()
    };
    let empty_of = |volume: &str, medium: Option<String>, limit: Option<&str>| Volume {
        name: volume.to_owned(),
        empty_dir: Some(EmptyDirVolumeSource { medium, size_limit: limit.map(|limit| Quantity(limit.to_owned())) }),
        ..Volume::default()
    };
    let empty = |volume: &str, medium: String, limit: Option<&str>| empty_of(volume, Some(medium), limit);
    let mut volumes = vec![config_map("config", instance.name.to_owned())];
    if osc::is_xapp(instance.resource) {
        volumes.push(config_map("descriptor", osc::config_map(instance, "appconfig")));
    }
    if !connectors(instance.resource).is_empty() {
        volumes.push(empty("exchange", "Memory".to_owned(), Some("16Mi")));
    }
    let connectors = connectors(instance.resource).iter().map(|one| name_of(one.connector));
    for container in std::iter::once(CONTAINER.to_owned()).chain(connectors) {
        volumes.push(empty_of(&scratch(&container), None, Some(SCRATCH_BYTES)));
    }
    if keeps_for_itself(instance) {
        volumes.push(empty_of(CLAIM, None, Some(UNCLAIMED_BYTES)));
    }
    volumes.extend(secrets::volumes(instance.resource));
    for name in huge_pages(instance.resource.demand()) {
        let medium = resource_name(instance.profile, &name).replace("hugepages-", "HugePages-");
        volumes.push(empty(&name, medium, None));
    }
    volumes
}

/// The volume of what a container writes beside.
fn scratch(container: &str) -> String {
    if container == CONTAINER { SCRATCH.to_owned() } else { format!("{SCRATCH}-{container}") }
}

/// Whether it is a store that claims nothing: what it keeps goes with its pod.
fn keeps_for_itself(instance: &Instance<'_>) -> bool {
    has_state(instance.resource) && instance.storage().is_none()
}

fn mounts(instance: &Instance<'_>, container: &str) -> Vec<VolumeMount> {
    let mount = |name: &str, folder: &str, read_only: bool| VolumeMount {
        name: name.to_owned(),
        mount_path: folder.to_owned(),
        read_only: read_only.then_some(true),
        ..VolumeMount::default()
    };
    let mut mounts = vec![mount("config", folders::CONFIG, true)];
    if osc::is_xapp(instance.resource) {
        mounts.push(mount("descriptor", folders::DESCRIPTOR, true));
    }
    if !connectors(instance.resource).is_empty() {
        mounts.push(mount("exchange", folders::EXCHANGE, false));
    }
    mounts.push(mount(&scratch(container), folders::SCRATCH, false));
    mounts.extend(secrets::mounts(instance.resource, container));
    if container == CONTAINER {
        if has_state(instance.resource) {
            mounts.push(mount(CLAIM, folders::DATA, false));
        }
        let sizes = huge_pages(instance.resource.demand());
        let folder = |name: &String| match sizes.len() {
            1 => folders::HUGE_PAGES.to_owned(),
            _ => format!("{}-{}", folders::HUGE_PAGES, name.trim_start_matches("hugepages-")),
        };
        mounts.extend(sizes.iter().map(|name| mount(name, &folder(name), false)));
    }
    mounts
}

/// Required, and checked by the scheduler: a node that is full shows as a pod that waits.
fn on_node(node: &str) -> Affinity {
    let requirement = NodeSelectorRequirement {
        key: HOSTNAME.to_owned(),
        operator: "In".to_owned(),
        values: Some(vec![node.to_owned()]),
    };
    let term = NodeSelectorTerm { match_expressions: Some(vec![requirement]), match_fields: None };
    Affinity {
        node_affinity: Some(NodeAffinity {
            required_during_scheduling_ignored_during_execution: Some(NodeSelector { node_selector_terms: vec![term] }),
            ..NodeAffinity::default()
        }),
        ..Affinity::default()
    }
}
