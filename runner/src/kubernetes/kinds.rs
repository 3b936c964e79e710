//! The kinds of objects that are written, in the order in which they are applied; removals go the other way.

use kube::core::{ApiResource, GroupVersion, GroupVersionKind};

/// Whether objects of a kind are in namespaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// One per cluster.
    Cluster,
    /// One per namespace.
    Namespace,
}

/// A kind of object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Kind {
    /// Its name, e.g. `Deployment`.
    pub name: &'static str,
    /// Its group; empty for the core group.
    pub group: &'static str,
    /// Its version.
    pub version: &'static str,
    /// Its plural as in URLs and roles.
    pub plural: &'static str,
    /// Where its objects are.
    pub scope: Scope,
}

const fn kind_of(
    name: &'static str,
    group: &'static str,
    version: &'static str,
    plural: &'static str,
    scope: Scope,
) -> Kind {
    Kind { name, group, version, plural, scope }
}

/// Every kind that is written, in the order of applying: one wave after the other.
pub const KINDS: [Kind; 9] = [
    kind_of("PriorityClass", "scheduling.k8s.io", "v1", "priorityclasses", Scope::Cluster),
    kind_of("Namespace", "", "v1", "namespaces", Scope::Cluster),
    kind_of("NetworkPolicy", "networking.k8s.io", "v1", "networkpolicies", Scope::Namespace),
    kind_of("ServiceAccount", "", "v1", "serviceaccounts", Scope::Namespace),
    kind_of("ConfigMap", "", "v1", "configmaps", Scope::Namespace),
    kind_of("Service", "", "v1", "services", Scope::Namespace),
    kind_of("PodDisruptionBudget", "policy", "v1", "poddisruptionbudgets", Scope::Namespace),
    kind_of("StatefulSet", "apps", "v1", "statefulsets", Scope::Namespace),
    kind_of("Deployment", "apps", "v1", "deployments", Scope::Namespace),
];

/// Kinds that are no part of what is decided: read (of Secrets only their names and types, but for credentials), or (a quota that counts) there
/// for a moment.
const BESIDE: [Kind; 8] = [
    kind_of("Pod", "", "v1", "pods", Scope::Namespace),
    kind_of("Node", "", "v1", "nodes", Scope::Cluster),
    kind_of("PersistentVolume", "", "v1", "persistentvolumes", Scope::Cluster),
    kind_of("StorageClass", "storage.k8s.io", "v1", "storageclasses", Scope::Cluster),
    kind_of("PersistentVolumeClaim", "", "v1", "persistentvolumeclaims", Scope::Namespace),
    kind_of("Event", "", "v1", "events", Scope::Namespace),
    kind_of("ResourceQuota", "", "v1", "resourcequotas", Scope::Namespace),
    kind_of("Secret", "", "v1", "secrets", Scope::Namespace),
];

/// The kind with this name.
pub fn kind(name: &str) -> Option<&'static Kind> {
    static ALL: std::sync::LazyLock<Vec<Kind>> = std::sync::LazyLock::new(|| KINDS.into_iter().chain(BESIDE).collect());
    ALL.iter().find(|kind| kind.name == name)
}

impl Kind {
    /// Its place in the order of applying.
    pub fn wave(&self) -> usize {
        KINDS.iter().position(|other| other == self).unwrap_or(KINDS.len())
    }

    /// Whether its objects run pods.
    pub fn is_workload(&self) -> bool {
        matches!(self.name, "Deployment" | "StatefulSet")
    }

    /// Its API version, e.g. `apps/v1`.
    pub fn api_version(&self) -> String {
        GroupVersion::gv(self.group, self.version).api_version()
    }

    pub(super) fn resource(&self) -> ApiResource {
        let kind = GroupVersionKind::gvk(self.group, self.version, self.name);
        ApiResource::from_gvk_with_plural(&kind, self.plural)
    }
}
