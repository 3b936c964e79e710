//! The objects of an instance, from the decided resource alone, in the order in which they are applied.

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::{
    Deployment, DeploymentSpec, DeploymentStrategy, RollingUpdateDeployment, StatefulSet,
    StatefulSetPersistentVolumeClaimRetentionPolicy, StatefulSetSpec,
};
use k8s_openapi::api::core::v1::{
    ConfigMap, Namespace, PersistentVolumeClaim, PersistentVolumeClaimSpec, PodTemplateSpec, ServiceAccount,
    VolumeResourceRequirements,
};
use k8s_openapi::api::policy::v1::{PodDisruptionBudget, PodDisruptionBudgetSpec};
use k8s_openapi::api::scheduling::v1::PriorityClass;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use ranform_network::Address;
use ranform_network::bundle::{canonical, sha256};
use ranform_network::deployment::{
    ClusterPlace, DENY_ALL, Needs, Peer, Resource, UpdateStrategy, has_state, is_huge_pages, is_told_live,
    loop_budget_ns, stored_bytes,
};
use ranform_network::network::PodSecurity;
use ranform_network::profile::Profile;
use serde::Serialize;
use serde_json::Value;

use super::flows::{allow, allow_beside, deny_all, found_at, found_by, services};
use super::names::{ADDRESS, INSTANCE, Labels, MANAGED_BY, MANAGER, amount, labels, quantity, shared_labels};
use super::{Shown, osc, pod, settings};

/// The file in an instance's ConfigMap that says what it is: which E2 nodes, which chain, which consumers.
pub const CONFIG: &str = "instance.json";
/// In that file, where those are found that it works with.
const SERVICES: &str = "services";
/// The label by which a node of the cluster is chosen.
pub const HOSTNAME: &str = "kubernetes.io/hostname";
/// The annotation of pods with a digest of what they are told when they start.
pub const CONFIG_DIGEST: &str = "ranform.dev/config-digest";
/// The digits of that.
const DIGITS: usize = 16;
/// The claim of an instance that keeps state.
pub const CLAIM: &str = "data";

/// The name of the claim of a store's only pod, by the name of its StatefulSet.
pub fn claim_name(object: &str) -> String {
    format!("{CLAIM}-{object}-0")
}

/// An instance of software in a cluster.
#[derive(Clone, Copy, Debug)]
pub struct Instance<'a> {
    /// Its address.
    pub address: &'a Address,
    /// The device's profile.
    pub profile: &'a Profile,
    /// What is decided.
    pub resource: &'a Resource,
    /// Where it runs.
    pub place: &'a ClusterPlace,
    /// The name of its objects.
    pub name: &'a str,
}

/// Plain data as a value; serialization of plain data does not fail.
fn value(object: &impl Serialize) -> Value {
    serde_json::to_value(object).unwrap_or_default()
}

impl Instance<'_> {
    /// Its objects.
    pub fn objects(&self) -> Vec<Value> {
        let (metadata, selector) = (self.metadata(), self.selector());
        let mut objects = vec![value(&self.account(&metadata)), value(&self.config(&metadata))];
        objects.extend(osc::config_maps(self, &metadata).iter().map(value));
        objects.push(value(&allow(self, metadata.clone(), &selector)));
        objects.extend(allow_beside(self, &metadata).iter().map(value));
        objects.extend(services(self, &metadata, &selector).iter().map(value));
        objects.push(self.budget());
        let mut annotations = Labels::from([(CONFIG_DIGEST.to_owned(), self.config_digest())]);
        annotations.extend(settings::annotations(self.resource));
        let template = PodTemplateSpec {
            metadata: Some(ObjectMeta {
                labels: metadata.labels.clone(),
                annotations: Some(annotations),
                ..ObjectMeta::default()
            }),
            spec: Some(pod::spec(self)),
        };
        objects.push(match has_state(self.resource) {
            true => value(&self.stateful_set(metadata, selector, template)),
            false => value(&self.deployment(metadata, selector, template)),
        });
        objects
    }

    /// What all its objects have.
    fn metadata(&self) -> ObjectMeta {
        ObjectMeta {
            name: Some(self.name.to_owned()),
            namespace: Some(self.place.namespace.clone()),
            annotations: Some(Labels::from([(ADDRESS.to_owned(), self.address.to_string())])),
            labels: Some(labels(self.resource, self.name, self.place)),
            ..ObjectMeta::default()
        }
    }

    /// By what its pods are found.
    fn selector(&self) -> Labels {
        Labels::from([(INSTANCE.to_owned(), self.name.to_owned())])
    }

    fn account(&self, metadata: &ObjectMeta) -> ServiceAccount {
        ServiceAccount {
            metadata: metadata.clone(),
            automount_service_account_token: Some(false),
            ..ServiceAccount::default()
        }
    }

    fn config(&self, metadata: &ObjectMeta) -> ConfigMap {
        let text = |value: &Value| serde_json::to_string_pretty(value).unwrap_or_default() + "\n";
        let mut data = BTreeMap::from([(CONFIG.to_owned(), text(&config(self.resource)))]);
        data.extend(pod::connector_files(self.resource).iter().map(|(file, value)| (file.clone(), text(value))));
        ConfigMap { metadata: metadata.clone(), data: Some(data), ..ConfigMap::default() }
    }

    /// A digest of what the pods are told when they start, so that another one starts them anew: their environment, and
    /// their configuration without what they are told while they run.
    fn config_digest(&self) -> String {
        let mut config = config(self.resource);
        if let Value::Object(members) = &mut config {
            members.retain(|member, _| member != SERVICES && !is_told_live(member));
        }
        let environment = osc::has_environment(self.resource).then(|| osc::environment(self));
        let digest = sha256(&canonical(&(config, environment)));
        digest.chars().take(DIGITS).collect()
    }

    /// Its disruption budget: of several pods one stays; a budget for the only one would block every drain.
    pub fn budget(&self) -> Value {
        let several = self.place.replicas >= 2;
        value(&PodDisruptionBudget {
            metadata: self.metadata(),
            spec: Some(PodDisruptionBudgetSpec {
                selector: Some(matching(&self.selector())),
                min_available: several.then_some(IntOrString::Int(1)),
                max_unavailable: (!several).then_some(IntOrString::Int(1)),
                ..PodDisruptionBudgetSpec::default()
            }),
            ..PodDisruptionBudget::default()
        })
    }

    fn deployment(&self, metadata: ObjectMeta, selector: Labels, template: PodTemplateSpec) -> Deployment {
        let strategy = match self.place.update {
            UpdateStrategy::Recreate => DeploymentStrategy { type_: Some("Recreate".to_owned()), rolling_update: None },
            UpdateStrategy::Surge => DeploymentStrategy {
                type_: Some("RollingUpdate".to_owned()),
                rolling_update: Some(RollingUpdateDeployment {
                    max_surge: Some(IntOrString::Int(1)),
                    max_unavailable: Some(IntOrString::Int(0)),
                }),
            },
        };
        Deployment {
            metadata,
            spec: Some(DeploymentSpec {
                replicas: Some(replicas(self.place)),
                selector: matching(&selector),
                strategy: Some(strategy),
                template,
                ..DeploymentSpec::default()
            }),
            ..Deployment::default()
        }
    }

    fn stateful_set(&self, metadata: ObjectMeta, selector: Labels, template: PodTemplateSpec) -> StatefulSet {
        StatefulSet {
            metadata,
            spec: Some(StatefulSetSpec {
                replicas: Some(replicas(self.place)),
                selector: matching(&selector),
                service_name: found_by(self),
                template,
                volume_claim_templates: self.storage().map(|storage| vec![claim(storage)]),
                // What it stored goes when it is removed, as the plan says; a pod that is moved keeps it.
                persistent_volume_claim_retention_policy: Some(StatefulSetPersistentVolumeClaimRetentionPolicy {
                    when_deleted: Some("Delete".to_owned()),
                    when_scaled: Some("Retain".to_owned()),
                }),
                ..StatefulSetSpec::default()
            }),
            ..StatefulSet::default()
        }
    }

    /// What it stores beyond its pod's life.
    pub fn storage(&self) -> Option<Quantity> {
        stored_bytes(self.resource).map(|bytes| quantity(thousandths(bytes)))
    }
}

/// What a resource of the language is called in a cluster: device plugins' names stand in the profile.
pub fn resource_name(profile: &Profile, name: &str) -> String {
    match name {
        "storage" => "ephemeral-storage".to_owned(),
        // The sizes of huge pages have binary units: `hugepages-1Gi`.
        name if is_huge_pages(name) => name.replace("gi", "Gi").replace("mi", "Mi").replace("ki", "Ki"),
        name => profile.options.get(&format!("resource.{name}")).cloned().unwrap_or_else(|| name.to_owned()),
    }
}

/// The bytes of a page, of the name of a resource that is huge pages.
pub fn page_size(name: &str) -> Option<f64> {
    let size = name.strip_prefix("hugepages-")?;
    amount(&size.replace("gi", "Gi").replace("mi", "Mi").replace("ki", "Ki"))
}

/// An amount in thousandths; finer ones have their finding.
pub fn thousandths(amount: f64) -> u128 {
    // The cast saturates.
    (amount * 1000.0).round() as u128
}

/// The Pod Security level of an instance.
pub fn level(resource: &Resource) -> PodSecurity {
    let needs = Needs::of(resource);
    needs.and_then(|needs| needs.pod_security).unwrap_or(PodSecurity::Restricted)
}

/// The files of the namespaces of an instance: the names and what is in them.
pub fn namespaces(resource: &Resource, place: &ClusterPlace) -> Vec<(String, Vec<Value>)> {
    let own = (place.namespace.clone(), namespace(&place.namespace, place.system(), level(resource)));
    let system = place.beside.iter().map(|name| (name.clone(), namespace(name, name, PodSecurity::Restricted)));
    std::iter::once(own).chain(system).collect()
}

/// The container image.
pub fn image(resource: &Resource) -> Option<&str> {
    match resource {
        Resource::RicInstance(instance) => instance.image.as_deref(),
        Resource::ModelInstance(model) => model.image.as_deref(),
        _ => None,
    }
}

/// What an instance is told of itself: everything decided that no other object says.
pub fn config(resource: &Resource) -> Value {
    let mut config = value(resource);
    if let Value::Object(members) = &mut config {
        for elsewhere in ["image", "demand", "replicas", "cluster"] {
            members.remove(elsewhere);
        }
        let services = peer_services(resource);
        if !services.is_empty() {
            members.insert(SERVICES.to_owned(), value(&services));
        }
    }
    config
}

/// Where an instance finds those that it works with, by component: `HOST:PORT` of their Services.
fn peer_services(resource: &Resource) -> BTreeMap<&'static str, Vec<String>> {
    let peers: &[Peer] = match resource {
        Resource::RicInstance(instance) => &instance.peers,
        Resource::ModelInstance(model) => &model.peers,
        _ => &[],
    };
    let mut services: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for peer in peers {
        services.entry(peer.component.word()).or_default().extend(found_at(peer, osc::follows(resource)));
    }
    services
}

fn replicas(place: &ClusterPlace) -> i32 {
    i32::try_from(place.replicas).unwrap_or(i32::MAX)
}

fn matching(labels: &Labels) -> LabelSelector {
    LabelSelector { match_labels: Some(labels.clone()), match_expressions: None }
}

fn claim(storage: Quantity) -> PersistentVolumeClaim {
    PersistentVolumeClaim {
        metadata: ObjectMeta { name: Some(CLAIM.to_owned()), ..ObjectMeta::default() },
        spec: Some(PersistentVolumeClaimSpec {
            access_modes: Some(vec!["ReadWriteOnce".to_owned()]),
            resources: Some(VolumeResourceRequirements {
                requests: Some(BTreeMap::from([("storage".to_owned(), storage)])),
                limits: None,
            }),
            ..PersistentVolumeClaimSpec::default()
        }),
        ..PersistentVolumeClaim::default()
    }
}

/// The PriorityClass of an instance, by the loop budget (O-RAN.WG1 OAD: below 10 ms, to 1 s, above), and its value.
pub fn priority(resource: &Resource) -> (&'static str, i32) {
    const MS: u64 = 1_000_000;
    match loop_budget_ns(resource) {
        Some(budget) if budget <= 10 * MS => ("ranform-loop-10ms", 900_000),
        Some(budget) if budget <= 100 * MS => ("ranform-loop-100ms", 800_000),
        Some(budget) if budget <= 1000 * MS => ("ranform-loop-1s", 700_000),
        _ => ("ranform-no-loop", 600_000),
    }
}

/// The PriorityClass that an instance needs; all instances of a cluster share it.
pub fn priority_class(resource: &Resource) -> Value {
    let (name, number) = priority(resource);
    value(&PriorityClass {
        metadata: ObjectMeta {
            name: Some(name.to_owned()),
            labels: Some(Labels::from([(MANAGED_BY.to_owned(), MANAGER.to_owned())])),
            ..ObjectMeta::default()
        },
        value: number,
        description: Some("Functions of a radio access network, by the time their control loop may take".to_owned()),
        preemption_policy: Some("PreemptLowerPriority".to_owned()),
        ..PriorityClass::default()
    })
}

/// Whether a live object of somebody else serves in the place of ours, as it is: any namespace, and a PriorityClass that
/// does the same to pods. What that does not say is the default of the server.
pub fn lends(ours: &Value, live: &Value) -> bool {
    let policy = |class: &Value| {
        class.get("preemptionPolicy").and_then(Value::as_str).unwrap_or("PreemptLowerPriority").to_owned()
    };
    let does = |class: &Value| (class.get("value").and_then(Value::as_i64), policy(class));
    let kind = ours.get("kind").and_then(Value::as_str);
    let foreign = Shown::of(live).label(MANAGED_BY) != Some(MANAGER);
    foreign && (kind == Some("Namespace") || kind == Some("PriorityClass") && does(ours) == does(live))
}

/// The objects that all instances of a namespace share: itself, and that nothing is allowed to them which is not declared.
pub fn namespace(name: &str, system: &str, level: PodSecurity) -> Vec<Value> {
    let mut labels = shared_labels(system);
    for mode in ["enforce", "audit", "warn"] {
        labels.insert(format!("pod-security.kubernetes.io/{mode}"), level.word().to_owned());
    }
    let namespace = Namespace {
        metadata: ObjectMeta { name: Some(name.to_owned()), labels: Some(labels), ..ObjectMeta::default() },
        ..Namespace::default()
    };
    let policy = ObjectMeta {
        name: Some(DENY_ALL.to_owned()),
        namespace: Some(name.to_owned()),
        labels: Some(shared_labels(system)),
        ..ObjectMeta::default()
    };
    vec![value(&namespace), value(&deny_all(policy, shared_labels(system)))]
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_priority_class_of_others_is_lent_where_it_does_the_same() {
        let class = |value: i32, labels: Value| {
            json!({"kind": "PriorityClass", "metadata": {"name": "ranform-loop-10ms", "labels": labels}, "value": value,
                "preemptionPolicy": "PreemptLowerPriority"})
        };
        let ours = class(900_000, json!({MANAGED_BY: MANAGER}));
        assert!(lends(&ours, &class(900_000, json!({}))));
        assert!(lends(&ours, &class(900_000, json!({MANAGED_BY: "Helm"}))));
        assert!(!lends(&ours, &class(1, json!({}))), "of another value it is in the way");
        assert!(!lends(&ours, &ours), "ours is ours");
        let mut never = class(900_000, json!({}));
        never["preemptionPolicy"] = "Never".into();
        assert!(!lends(&ours, &never));
    }
}
