//! Names, labels and quantities as Kubernetes wants them.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use ranform_network::address::{is_label_value, slug};
use ranform_network::deployment::{Application, ClusterPlace, Resource};

/// Who manages an object, in `app.kubernetes.io/managed-by` and as field manager.
pub const MANAGER: &str = "ranform";
/// The label of the node of the cluster that an object is for. It is the cluster's own name of the node, which a `moved`
/// of the compute node in the intents does not change; nor does any `moved` change what else stands in labels, selectors
/// and names, which are derived once ([`Resource::renamed`]).
pub const NODE: &str = "ranform.dev/node";
/// The annotation with the address of the intent's thing: as it was when the object was last written, so that a rename
/// writes nothing. Who looks for an object of ours looks by its name.
pub const ADDRESS: &str = "ranform.dev/address";
/// The label of an instance, by which selectors find its pods.
pub const INSTANCE: &str = "app.kubernetes.io/instance";
/// The label that says who manages an object.
pub const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
/// The label of what an instance is of its RIC.
pub const COMPONENT: &str = "app.kubernetes.io/component";
/// The label of the version of an application.
pub const VERSION: &str = "app.kubernetes.io/version";
/// The label of the system that an object is a part of: the namespace of that.
pub const PART_OF: &str = "app.kubernetes.io/part-of";
/// Labels or annotations.
pub type Labels = BTreeMap<String, String>;

/// The value of the label of a node.
pub fn node_label(node: &str) -> String {
    slug(node)
}

/// What an instance is, as a label.
pub fn component(resource: &Resource) -> &'static str {
    match resource {
        Resource::RicInstance(instance) => instance.component.word(),
        Resource::ModelInstance(model) => match model.application {
            Application::Rapp => "rapp",
            Application::Xapp => "xapp",
            Application::Dapp => "dapp",
        },
        _ => "",
    }
}

/// What the application is called in the cluster, and its version, as written.
pub fn application(resource: &Resource) -> (&str, Option<&str>) {
    match resource {
        Resource::RicInstance(instance) => (instance.name(), instance.version.as_deref()),
        Resource::ModelInstance(model) => (model.called(), model.version.as_deref()),
        _ => ("", None),
    }
}

/// The recommended labels of the objects of an instance.
pub fn labels(resource: &Resource, name: &str, place: &ClusterPlace) -> Labels {
    let (application, version) = application(resource);
    let mut labels = shared_labels(place.system());
    if super::osc::is_xapp(resource) {
        labels.insert("app".to_owned(), super::osc::app(resource, place, name));
    }
    labels.insert("app.kubernetes.io/name".to_owned(), slug(application));
    labels.insert(INSTANCE.to_owned(), name.to_owned());
    labels.insert(COMPONENT.to_owned(), component(resource).to_owned());
    labels.insert(NODE.to_owned(), node_label(&place.node));
    let written = version.filter(|version| !version.is_empty() && is_label_value(version));
    let of_image = || super::objects::image(resource).filter(|_| version.is_none()).and_then(image_version);
    labels.extend(written.or_else(of_image).map(|version| (VERSION.to_owned(), version.to_owned())));
    labels
}

/// What an image says of the version of what is in it, as a label.
pub fn image_version(image: &str) -> Option<&str> {
    tag(image).filter(|tag| is_label_value(tag))
}

/// The tag of an image; none where its digest is all it says.
pub fn tag(image: &str) -> Option<&str> {
    let name = image.split('@').next().unwrap_or(image);
    name.rsplit('/').next()?.split_once(':').map(|(_, tag)| tag)
}

/// The labels of objects that all instances of a system share.
pub fn shared_labels(system: &str) -> Labels {
    let pairs = [(MANAGED_BY, MANAGER), (PART_OF, system)];
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

const SUFFIXES: [(&str, f64); 12] = [
    ("Ki", 1024.0),
    ("Mi", 1_048_576.0),
    ("Gi", 1_073_741_824.0),
    ("Ti", 1_099_511_627_776.0),
    ("m", 0.001),
    ("k", 1e3),
    ("M", 1e6),
    ("G", 1e9),
    ("T", 1e12),
    ("P", 1e15),
    ("E", 1e18),
    ("", 1.0),
];

/// An amount in thousandths, as the API server would write it.
pub fn quantity(thousandths: u128) -> Quantity {
    if !thousandths.is_multiple_of(1000) {
        return Quantity(format!("{thousandths}m"));
    }
    let mut whole = thousandths / 1000;
    for suffix in ["", "k", "M", "G", "T", "P"] {
        if whole == 0 || !whole.is_multiple_of(1000) {
            return Quantity(format!("{whole}{suffix}"));
        }
        whole /= 1000;
    }
    Quantity(format!("{whole}E"))
}

/// The amount that a quantity says; none where it is none.
pub fn amount(quantity: &str) -> Option<f64> {
    let (suffix, factor) =
        SUFFIXES.iter().find(|(suffix, _)| !suffix.is_empty() && quantity.ends_with(suffix)).unwrap_or(&("", 1.0));
    let number: f64 = quantity.strip_suffix(suffix)?.parse().ok()?;
    // Thousandths are divided, not multiplied: 0.001 is no binary fraction, 500 / 1000 is.
    let value = if *suffix == "m" { number / 1000.0 } else { number * factor };
    value.is_finite().then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_written_as_the_server_writes_them_and_read_back() {
        let cases = [(500, "500m"), (2000, "2"), (4_000_000_000_000, "4G"), (4_500_000_000_000, "4500M"), (0, "0")];
        for (thousandths, text) in cases {
            assert_eq!(quantity(thousandths).0, text);
            assert_eq!(amount(text), Some(thousandths as f64 / 1000.0), "{text}");
        }
        assert_eq!(amount("4Gi"), Some(4.0 * 1_073_741_824.0));
        assert_eq!(amount("1E"), Some(1e18));
        assert_eq!(amount("e"), None);
        assert_eq!(amount(""), None);
    }

    #[test]
    fn the_tag_of_an_image_is_neither_its_port_nor_its_digest() {
        assert_eq!(tag("registry.example:5000/lab/app:1.2"), Some("1.2"));
        assert_eq!(tag("registry.example/app:1.2@sha256:00ff"), Some("1.2"));
        assert_eq!(tag("registry.example:5000/app@sha256:00ff"), None);
        assert_eq!(tag("registry.example:5000/app"), None);
    }

    #[test]
    fn what_is_no_value_of_a_label_is_none() {
        assert!(is_label_value("1.2.0-rc_1") && !is_label_value("-1") && !is_label_value("a b"));
    }
}
