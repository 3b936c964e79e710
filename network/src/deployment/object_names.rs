//! What the objects of software are called in its cluster. The names follow from ids, names of xApps and names of nodes,
//! which may give two things one name: `a` on `b-c` and `a-b` on `c`, an xApp and a model of its name. They are told apart
//! here, once and for ever, so that nobody meets it on a cluster, where one of the two would be lost.

use std::collections::{BTreeMap, BTreeSet};

use super::assemble::Assembly;
use super::*;
use crate::address::{is_label, slug};
use crate::network::{Protocol, RicProfile};

/// The longest name: a StatefulSet's pods carry it with a digest in a label of 63.
const LONGEST_OBJECT_NAME: usize = 52;

/// The policy by which a namespace denies our pods everything.
pub const DENY_ALL: &str = "deny-all";

/// The name of all objects of an instance; none for what no cluster runs.
pub fn object_name(resource: &Resource, device_id: &str) -> Option<String> {
    let place = resource.cluster()?;
    Some(place.called.clone().unwrap_or_else(|| plain_name(resource, &place.node, device_id)))
}

/// The name that follows from the id.
fn plain_name(resource: &Resource, node: &str, device_id: &str) -> String {
    match resource {
        Resource::ModelInstance(model) if !model.shared => {
            object_label(&format!("{}-{device_id}-{node}", slug(model.called())))
        }
        _ => object_label(&format!("{device_id}-{node}")),
    }
}

/// A DNS label of RFC 1035 made of a name: Services want a letter first.
pub fn object_label(name: &str) -> String {
    let text = if is_label(name) && name.len() <= LONGEST_OBJECT_NAME { name.to_owned() } else { slug(name) };
    if text.starts_with(|first: char| first.is_ascii_digit()) { format!("r-{text}") } else { text }
}

/// What the platform of the O-RAN Software Community calls one of its components; none for an xApp.
pub fn osc_word(part: RicPart) -> Option<&'static str> {
    match part {
        RicPart::Management => Some("e2mgr"),
        RicPart::E2t => Some("e2term"),
        RicPart::Sdl => Some("dbaas"),
        RicPart::Nib => Some("nib"),
        RicPart::Xapp => None,
    }
}

/// The name as which an instance is known to its platform, of which its ConfigMaps and, in a platform of the O-RAN
/// Software Community, its Services are called; `name` is that of its objects.
pub fn known_as(resource: &Resource, place: &ClusterPlace, name: &str) -> String {
    match resource {
        Resource::RicInstance(one) if place.called.is_none() => {
            format!("{}-{}", slug(osc_word(one.component).unwrap_or(one.name())), slug(&place.node))
        }
        _ => name.to_owned(),
    }
}

/// A name of a cluster: that, the namespace, and it.
type Claim = (String, String, String);

/// The names of the Services of a component of the O-RAN Software Community's platform, which are always the same.
fn fixed(cluster: &str, resource: &Resource) -> Vec<Claim> {
    let Resource::RicInstance(one) = resource else { return Vec::new() };
    let osc = one.profile == RicProfile::Osc;
    let (Some(word), Some(place)) = (osc_word(one.component).filter(|_| osc), &one.cluster) else { return Vec::new() };
    let name = |ports: &str| format!("service {word}-{ports}-{}", slug(&place.node));
    SERVICES.iter().map(|ports| (cluster.to_owned(), place.namespace.clone(), name(ports))).collect()
}

/// Every other name that the objects of an instance have, whatever their kind.
fn claims(cluster: &str, resource: &Resource, device_id: &str) -> Vec<Claim> {
    let (Some(place), Some(name)) = (resource.cluster(), object_name(resource, device_id)) else { return Vec::new() };
    let known = known_as(resource, place, &name);
    let (xapp, osc, termination) = match resource {
        Resource::RicInstance(one) => {
            (one.component == RicPart::Xapp, one.profile == RicProfile::Osc, one.component == RicPart::E2t)
        }
        Resource::ModelInstance(one) => (one.application == Application::Xapp, one.profile == RicProfile::Osc, false),
        _ => return Vec::new(),
    };
    let mut names = Vec::new();
    if xapp || osc {
        names.push(format!("configmap {known}"));
    }
    if xapp && osc {
        names.extend(SERVICES.map(|ports| format!("service {known}-{ports}")));
    }
    if termination && !osc {
        names.push(format!("{name}-e2"));
    }
    names.push(name.clone());
    let here = |name: String| (cluster.to_owned(), place.namespace.clone(), name);
    let mut claims: Vec<Claim> = names.into_iter().map(here).collect();
    // Beside those that it works with it has policies that are called after it.
    for (system, part) in place.beside.iter().flat_map(|system| PARTS.map(|part| (system, part))) {
        claims.push((cluster.to_owned(), system.clone(), format!("{name}-{part}")));
    }
    claims
}

/// What the Services of a platform are told apart by.
const SERVICES: [&str; 4] = ["http", "tcp", "rmr", "sctp"];

/// The components that a policy for one that is apart may be for.
const PARTS: [&str; 7] = ["management", "e2t", "sdl", "nib", "xapp", "rapp", "dapp"];

/// The names that are taken, and by whom.
#[derive(Default)]
struct Taken(BTreeMap<Claim, Address>);

impl Taken {
    /// Whether nobody else has any of these.
    fn is_free(&self, claims: &[Claim], address: &Address) -> bool {
        let other = |claim: &Claim| self.0.get(claim).is_some_and(|holder| holder != address);
        claims.iter().all(|claim| claim.2 != DENY_ALL && !other(claim))
    }

    fn take(&mut self, claims: Vec<Claim>, address: &Address) {
        for claim in claims {
            self.0.entry(claim).or_insert_with(|| address.clone());
        }
    }
}

impl Assembly<'_> {
    /// Tells apart what would be called alike in one cluster. Names that state knows stay, those of what is to go are not
    /// given again before it is gone; of the rest the components of RICs are first, then the order is that of addresses.
    pub(super) fn tell_apart(&mut self) {
        let clusters = self.clusters();
        let mut taken = Taken::default();
        let mut left: BTreeSet<(bool, Address)> = BTreeSet::new();
        for (address, placed) in &self.deployment.placed {
            let cluster = clusters.get(&placed.device);
            taken.take(cluster.map(|cluster| fixed(cluster, &placed.resource)).unwrap_or_default(), address);
        }
        for (address, placed) in &mut self.deployment.placed {
            let known = self.recorded.get(address).filter(|known| known.device == placed.device);
            let known = known.and_then(|known| Some((known, known.resource.cluster()?)));
            let (Some(cluster), Some(place)) = (clusters.get(&placed.device), placed.resource.cluster_mut()) else {
                continue;
            };
            place.called = known.and_then(|(_, place)| place.called.clone());
            let name = object_name(&placed.resource, &placed.device_id);
            let same = known.is_some_and(|(known, _)| object_name(&known.resource, &known.device_id) == name);
            let claims = claims(cluster, &placed.resource, &placed.device_id);
            if same && taken.is_free(&claims, address) {
                taken.take(claims, address);
            } else {
                left.insert((!is_component(&placed.resource), address.clone()));
            }
        }
        let going = self.recorded.iter().filter(|(address, _)| !self.deployment.placed.contains_key(*address));
        for (address, known) in going {
            let Some(cluster) = clusters.get(&known.device) else { continue };
            taken.take(claims(cluster, &known.resource, &known.device_id), address);
        }
        for (_, address) in left {
            let Some(placed) = self.deployment.placed.get_mut(&address) else { continue };
            let Some(cluster) = clusters.get(&placed.device) else { continue };
            name_apart(cluster, &address, placed, &mut taken);
        }
    }

    /// The cluster that each device is of. Folders may be applied to one cluster, but for those of nodes of one name.
    fn clusters(&self) -> BTreeMap<Address, String> {
        let nodes = self.network.nodes.iter().map(|(_, node)| (&node.entity.address, node));
        let mut alike: BTreeMap<String, u32> = BTreeMap::new();
        let mut clusters = BTreeMap::new();
        for (address, node) in nodes.collect::<BTreeMap<_, _>>() {
            let (Some(way), Some(name)) = (&node.management, self.node_name(node)) else { continue };
            let cluster = match way.protocol {
                Protocol::Kubernetes => way.cluster_words(),
                _ => {
                    let number = alike.entry(name).or_default();
                    *number += 1;
                    format!("folders {number}")
                }
            };
            clusters.insert(address.clone(), cluster);
        }
        clusters
    }
}

fn is_component(resource: &Resource) -> bool {
    matches!(resource, Resource::RicInstance(one) if one.component != RicPart::Xapp)
}

/// Gives a thing its plain name, or one with a digest of its address where another thing has that.
fn name_apart(cluster: &str, address: &Address, placed: &mut Placed, taken: &mut Taken) {
    let Some(node) = placed.resource.cluster().map(|place| place.node.clone()) else { return };
    let plain = plain_name(&placed.resource, &node, &placed.device_id);
    let others = (1u32..).map(|number| Some(slug(&format!("{plain} {address} {number}"))));
    for called in std::iter::once(None).chain(others) {
        if let Some(place) = placed.resource.cluster_mut() {
            place.called = called;
        }
        let claims = claims(cluster, &placed.resource, &placed.device_id);
        if taken.is_free(&claims, address) {
            taken.take(claims, address);
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_labels_that_begin_with_a_letter() {
        assert_eq!(object_label("metro-e2t-edge-3"), "metro-e2t-edge-3");
        assert_eq!(object_label("5g-e2t"), "r-5g-e2t");
        for name in ["Metro E2T", "x".repeat(90).as_str(), "9 lives"] {
            assert!(is_label(&object_label(name)) && object_label(name).len() <= LONGEST_OBJECT_NAME, "{name}");
            assert!(!object_label(name).starts_with(|first: char| first.is_ascii_digit()), "{name}");
        }
    }
}
