//! A cluster that serves the custom resources, and namespaces where ranform has the shipped role for them.

use std::path::Path;

use ranform_targets::custom_resources::KINDS;

use super::cluster::Cluster;

/// The cluster with the definitions of the repository, and a namespace where the user of the kubeconfig has the role.
pub fn serving<'a>(cluster: &'a Cluster, namespace: &str) -> &'a Cluster {
    for file in ["crds.yaml", "resources-role.yaml"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../targets/kubernetes").join(file).display().to_string();
        cluster.kubectl(&["apply", "--server-side", "-f", &path]);
    }
    for kind in &KINDS {
        let name = format!("crd/{}.ranform.dev", kind.plural);
        cluster.kubectl(&["wait", "--for=condition=Established", "--timeout=60s", &name]);
    }
    cluster.kubectl(&["create", "namespace", namespace]);
    let bind = ["rolebinding", "ranform-resources", "--clusterrole=ranform-resources", "--user=ranform"];
    cluster.kubectl(&[&["-n", namespace, "create"], &bind[..]].concat());
    cluster
}
