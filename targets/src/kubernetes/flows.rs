//! Which ports each component of a RIC listens on, and who may speak to it (O-RAN.WG3 RICARCH; ports as in the O-RAN
//! SC near-RT RIC). Everything else is denied.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use k8s_openapi::api::core::v1::{Service, ServicePort, ServiceSpec};
use k8s_openapi::api::networking::v1::{
    IPBlock, NetworkPolicy, NetworkPolicyEgressRule, NetworkPolicyIngressRule, NetworkPolicyPeer, NetworkPolicyPort,
    NetworkPolicySpec,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, LabelSelectorRequirement, ObjectMeta};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use ranform_network::Resource;
use ranform_network::deployment::{Peer, RicPart, has_state, object_label};

use super::names::{COMPONENT, INSTANCE, Labels, PART_OF, component};
use super::objects::Instance;
use super::osc;

/// E2AP over SCTP (IANA).
const E2AP: i32 = 36421;
/// NETCONF over SSH and over TLS (IANA).
const NETCONF: [i32; 2] = [830, 6513];
/// Where a cluster's own name service is, or a cache of it on each node, which listens on an address of its own.
const DNS: i32 = 53;
/// The address of NodeLocal DNSCache (Kubernetes, "Using NodeLocal DNSCache in Kubernetes Clusters").
const DNS_OF_NODE: &str = "169.254.20.10/32";
/// Where the name service of OpenShift listens, in `openshift-dns`; its Service listens on 53.
const DNS_OF_OPENSHIFT: i32 = 5353;

/// A port that a component listens on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Port {
    /// Its name.
    pub name: &'static str,
    /// Its number.
    pub number: i32,
    /// `TCP` or `SCTP`.
    pub protocol: &'static str,
    /// The components that may speak to it; empty for anybody outside.
    from: &'static [&'static str],
}

const fn tcp(name: &'static str, number: i32, from: &'static [&'static str]) -> Port {
    Port { name, number, protocol: "TCP", from }
}

/// What a component listens on inside the cluster.
fn inner(component: &str) -> &'static [Port] {
    match component {
        "management" => {
            const {
                &[
                    tcp("http", 3800, &["e2t", "xapp"]),
                    tcp("rmr", 3801, &["e2t", "xapp"]),
                    // Routes are sent to this port, and asked for at it.
                    tcp("rmr-route", 4561, &["management", "e2t", "xapp"]),
                ]
            }
        }
        "e2t" => const { &[tcp("rmr", 38000, &["management", "xapp"]), tcp("rmr-route", 4561, &["management"])] },
        "sdl" => const { &[tcp("sdl", 6379, &["management", "e2t", "xapp"])] },
        "nib" => const { &[tcp("redis", 6379, &["sdl"])] },
        "xapp" => {
            const {
                &[
                    tcp("http", 8080, &["management"]),
                    tcp("rmr-data", 4560, &["e2t", "management", "xapp"]),
                    tcp("rmr-route", 4561, &["management"]),
                ]
            }
        }
        // What a dApp sets, it sets on the node that it runs on.
        "dapp" => &[],
        _ => const { &[tcp("http", 8080, &["rapp"])] },
    }
}

/// The components whose ports a component may call.
const COMPONENTS: [&str; 6] = ["management", "e2t", "sdl", "nib", "xapp", "rapp"];

/// Where E2 nodes find an E2 termination: its address, where it is one, and its port.
fn e2(resource: &Resource) -> Option<(Option<&str>, Port)> {
    let Resource::RicInstance(instance) = resource else { return None };
    if component(resource) != "e2t" {
        return None;
    }
    let (host, port) = instance.endpoint.as_deref().and_then(|at| at.rsplit_once(':')).unzip();
    let number = port.and_then(|port| port.parse().ok()).unwrap_or(E2AP);
    let host = host.map(|host| host.trim_matches(['[', ']'])).filter(|host| host.parse::<IpAddr>().is_ok());
    Some((host, Port { name: "e2", number, protocol: "SCTP", from: &[] }))
}

/// Where policies find the management: the port of its A1 URL.
fn a1(resource: &Resource) -> Option<Port> {
    let Resource::RicInstance(instance) = resource else { return None };
    let url = instance.endpoint.as_deref().filter(|_| instance.component == RicPart::Management)?;
    Some(Port { name: "a1", number: port_of(url)?, protocol: "TCP", from: &[] })
}

/// The port of an `http` or `https` URL.
fn port_of(url: &str) -> Option<i32> {
    let (scheme, rest) = url.split_once("://")?;
    let authority = rest.split('/').next()?;
    // The colons of an IPv6 address stand in brackets.
    match authority.rsplit(']').next()?.rsplit_once(':') {
        Some((_, port)) => port.parse().ok(),
        None => Some(if scheme == "https" { 443 } else { 80 }),
    }
}

/// What others beside the components may speak to, from wherever they are.
fn outer(resource: &Resource) -> Vec<Port> {
    e2(resource).map(|(_, port)| port).into_iter().chain(a1(resource)).collect()
}

/// The port at which a platform component can be seen to listen; none for applications, which need not use theirs.
pub fn seen_at(resource: &Resource) -> Option<Port> {
    let Resource::RicInstance(instance) = resource else { return None };
    let platform = instance.component != RicPart::Xapp;
    inner(component(resource)).first().copied().filter(|_| platform)
}

/// Every port that the container listens on.
pub fn ports(resource: &Resource) -> Vec<Port> {
    let inner = inner(component(resource));
    // One number is one port, whatever it is called.
    let others = outer(resource).into_iter().filter(|port| inner.iter().all(|one| one.number != port.number));
    others.chain(inner.iter().copied()).collect()
}

fn service_port(port: &Port) -> ServicePort {
    ServicePort {
        name: Some(port.name.to_owned()),
        port: port.number,
        protocol: Some(port.protocol.to_owned()),
        target_port: Some(IntOrString::String(port.name.to_owned())),
        ..ServicePort::default()
    }
}

/// The names of the Services inside of the cluster, and the ports of each.
fn within(instance: &Instance<'_>) -> Vec<(String, Vec<Port>)> {
    let Instance { resource, place, name, .. } = instance;
    // E2 nodes have a Service of their own.
    let ports: Vec<Port> = ports(resource).into_iter().filter(|port| port.name != "e2").collect();
    match (osc::follows(resource), ports.is_empty()) {
        (_, true) => Vec::new(),
        (true, _) => osc::services(resource, place, name, &ports),
        (false, _) => vec![((*name).to_owned(), ports)],
    }
}

/// Where others find a component, `HOST:PORT`: the first of its ports, at its Service.
pub fn found_at(peer: &Peer, osc: bool) -> Option<String> {
    let port = inner(peer.component.word()).first()?;
    let service = match osc {
        true => osc::service_of(peer, port),
        false => match &peer.called {
            Some(called) => called.clone(),
            None => object_label(&format!("{}-{}", peer.id, peer.node)),
        },
    };
    Some(format!("{service}.{}:{}", peer.namespace, port.number))
}

/// The name of the Service that the pods of a StatefulSet are found by.
pub fn found_by(instance: &Instance<'_>) -> Option<String> {
    within(instance).into_iter().next().map(|(name, _)| name)
}

/// The Services of an instance: those inside of the cluster, and the one that E2 nodes find.
pub fn services(instance: &Instance<'_>, metadata: &ObjectMeta, selector: &Labels) -> Vec<Service> {
    let Instance { resource, place, name, .. } = instance;
    let service = |name: String, spec: ServiceSpec| Service {
        metadata: ObjectMeta { name: Some(name), ..metadata.clone() },
        spec: Some(ServiceSpec { selector: Some(selector.clone()), ..spec }),
        ..Service::default()
    };
    let inside = within(instance).into_iter().map(|(name, ports)| {
        let spec = ServiceSpec {
            // The pods of a StatefulSet are found one by one.
            cluster_ip: has_state(resource).then(|| "None".to_owned()),
            ports: Some(ports.iter().map(service_port).collect()),
            ..ServiceSpec::default()
        };
        service(name, spec)
    });
    let mut services: Vec<Service> = inside.collect();
    if let Some((host, port)) = e2(resource) {
        let name = match osc::follows(resource) {
            true => osc::service(resource, place, name, "sctp"),
            false => format!("{name}-e2"),
        };
        services.push(service(
            name,
            ServiceSpec {
                type_: Some("LoadBalancer".to_owned()),
                load_balancer_ip: host.map(str::to_owned),
                // The address is the chosen node's: no detour over another.
                external_traffic_policy: Some("Local".to_owned()),
                allocate_load_balancer_node_ports: Some(false),
                ports: Some(vec![service_port(&port)]),
                ..ServiceSpec::default()
            },
        ));
    }
    services
}

/// Nothing may speak to or from pods with these labels. Pods of others in the namespace are theirs to guard: it may be
/// somebody else's namespace.
pub fn deny_all(metadata: ObjectMeta, ours: Labels) -> NetworkPolicy {
    NetworkPolicy {
        metadata,
        spec: Some(NetworkPolicySpec {
            pod_selector: Some(LabelSelector { match_labels: Some(ours), match_expressions: None }),
            policy_types: Some(vec!["Ingress".to_owned(), "Egress".to_owned()]),
            ..NetworkPolicySpec::default()
        }),
    }
}

/// But an instance with those it has to.
pub fn allow(instance: &Instance<'_>, metadata: ObjectMeta, selector: &Labels) -> NetworkPolicy {
    let Instance { resource, place, .. } = instance;
    let own = component(resource);
    let components = |names: &[&str]| components(names, place.beside.as_deref());
    let from_anywhere =
        |port: &Port| NetworkPolicyIngressRule { from: Some(anywhere()), ports: Some(vec![policy_port(port)]) };
    let mut ingress: Vec<NetworkPolicyIngressRule> = outer(resource).iter().map(from_anywhere).collect();
    ingress.extend(inner(own).iter().map(|port| NetworkPolicyIngressRule {
        from: Some(components(port.from)),
        ports: Some(vec![policy_port(port)]),
    }));
    let mut egress = dns();
    for called in COMPONENTS {
        let ports: Vec<NetworkPolicyPort> =
            inner(called).iter().filter(|port| port.from.contains(&own)).map(policy_port).collect();
        if !ports.is_empty() {
            egress.push(NetworkPolicyEgressRule { to: Some(components(&[called])), ports: Some(ports) });
        }
    }
    if own == "rapp" {
        egress.extend(to_managed_elements(resource));
    }
    policy(metadata, LabelSelector { match_labels: Some(selector.clone()), match_expressions: None }, ingress, egress)
}

/// O1: NETCONF at the nodes that an rApp reads and sets, by address; where it is called by a name, or nothing says where it
/// is, over SSH and over TLS wherever it may be.
fn to_managed_elements(resource: &Resource) -> Vec<NetworkPolicyEgressRule> {
    let Resource::ModelInstance(model) = resource else { return Vec::new() };
    let to = |to: Vec<NetworkPolicyPeer>, numbers: &[i32]| {
        let ports = numbers.iter().map(|number| policy_port(&tcp("netconf", *number, &[]))).collect();
        NetworkPolicyEgressRule { to: Some(to), ports: Some(ports) }
    };
    let mut known: BTreeMap<i32, BTreeSet<String>> = BTreeMap::new();
    let mut by_name: BTreeSet<i32> = BTreeSet::new();
    for node in &model.reaches {
        let at = node.netconf.as_deref().and_then(|at| at.rsplit_once(':'));
        let Some((host, port)) = at.and_then(|(host, port)| Some((host, port.parse().ok()?))) else {
            by_name.extend(NETCONF);
            continue;
        };
        match host.trim_matches(['[', ']']).parse::<IpAddr>() {
            Ok(IpAddr::V4(host)) => drop(known.entry(port).or_default().insert(format!("{host}/32"))),
            Ok(IpAddr::V6(host)) => drop(known.entry(port).or_default().insert(format!("{host}/128"))),
            Err(_) => drop(by_name.insert(port)),
        }
    }
    let mut rules: Vec<NetworkPolicyEgressRule> =
        known.into_iter().map(|(port, hosts)| to(hosts.iter().map(|host| block(host)).collect(), &[port])).collect();
    if !by_name.is_empty() {
        rules.push(to(anywhere(), &by_name.into_iter().collect::<Vec<_>>()));
    }
    rules
}

/// Where an instance has a namespace of its own, the components that it works with may speak with it there too: a policy
/// in their namespace for each kind of them.
pub fn allow_beside(instance: &Instance<'_>, metadata: &ObjectMeta) -> Vec<NetworkPolicy> {
    let Instance { resource, place, name, .. } = instance;
    let Some(system) = &place.beside else { return Vec::new() };
    let own = component(resource);
    let it = || NetworkPolicyPeer {
        namespace_selector: Some(of_namespace(&place.namespace)),
        pod_selector: Some(LabelSelector {
            match_labels: Some([(INSTANCE.to_owned(), (*name).to_owned())].into()),
            match_expressions: None,
        }),
        ..NetworkPolicyPeer::default()
    };
    let between = |listens: &str, speaks: &str| -> Vec<NetworkPolicyPort> {
        inner(listens).iter().filter(|port| port.from.contains(&speaks)).map(policy_port).collect()
    };
    let with = |other: &&str| {
        let (called, calls) = (between(other, own), between(own, other));
        if called.is_empty() && calls.is_empty() {
            return None;
        }
        let ingress = NetworkPolicyIngressRule { from: Some(vec![it()]), ports: Some(called.clone()) };
        let egress = NetworkPolicyEgressRule { to: Some(vec![it()]), ports: Some(calls.clone()) };
        let metadata =
            ObjectMeta { name: Some(format!("{name}-{other}")), namespace: Some(system.clone()), ..metadata.clone() };
        let (called, calls) = (!called.is_empty(), !calls.is_empty());
        let some = (called.then_some(ingress).into_iter().collect(), calls.then_some(egress).into_iter().collect());
        Some(policy(metadata, of_components(&[other]), some.0, some.1))
    };
    COMPONENTS.iter().filter_map(with).collect()
}

fn policy(
    metadata: ObjectMeta,
    pods: LabelSelector,
    ingress: Vec<NetworkPolicyIngressRule>,
    egress: Vec<NetworkPolicyEgressRule>,
) -> NetworkPolicy {
    NetworkPolicy {
        metadata,
        spec: Some(NetworkPolicySpec {
            pod_selector: Some(pods),
            policy_types: Some(vec!["Ingress".to_owned(), "Egress".to_owned()]),
            ingress: Some(ingress),
            egress: Some(egress),
        }),
    }
}

fn policy_port(port: &Port) -> NetworkPolicyPort {
    NetworkPolicyPort {
        port: Some(IntOrString::Int(port.number)),
        protocol: Some(port.protocol.to_owned()),
        end_port: None,
    }
}

/// Components of the same namespace; of an instance with one of its own, those of the system, and others that have
/// namespaces of their own.
fn components(names: &[&str], system: Option<&str>) -> Vec<NetworkPolicyPeer> {
    let peer = |namespace: Option<LabelSelector>| NetworkPolicyPeer {
        namespace_selector: namespace,
        pod_selector: Some(of_components(names)),
        ..NetworkPolicyPeer::default()
    };
    let Some(system) = system else { return vec![peer(None)] };
    let part =
        LabelSelector { match_labels: Some([(PART_OF.to_owned(), system.to_owned())].into()), match_expressions: None };
    vec![peer(Some(of_namespace(system))), peer(Some(part))]
}

fn of_namespace(name: &str) -> LabelSelector {
    let label = [("kubernetes.io/metadata.name".to_owned(), name.to_owned())].into();
    LabelSelector { match_labels: Some(label), match_expressions: None }
}

fn of_components(names: &[&str]) -> LabelSelector {
    let requirement = LabelSelectorRequirement {
        key: COMPONENT.to_owned(),
        operator: "In".to_owned(),
        values: Some(names.iter().map(|name| (*name).to_owned()).collect()),
    };
    LabelSelector { match_expressions: Some(vec![requirement]), match_labels: None }
}

fn block(cidr: &str) -> NetworkPolicyPeer {
    NetworkPolicyPeer {
        ip_block: Some(IPBlock { cidr: cidr.to_owned(), except: None }),
        ..NetworkPolicyPeer::default()
    }
}

fn anywhere() -> Vec<NetworkPolicyPeer> {
    vec![block("0.0.0.0/0"), block("::/0")]
}

/// The names of the cluster: its name service where Kubernetes has it, where OpenShift has it, and the cache of a node.
fn dns() -> Vec<NetworkPolicyEgressRule> {
    let of = |namespace: &str| NetworkPolicyPeer {
        namespace_selector: Some(of_namespace(namespace)),
        ..NetworkPolicyPeer::default()
    };
    let rule = |to: Vec<NetworkPolicyPeer>, number: i32| {
        let port = |protocol: &'static str| policy_port(&Port { name: "dns", number, protocol, from: &[] });
        NetworkPolicyEgressRule { to: Some(to), ports: Some(vec![port("UDP"), port("TCP")]) }
    };
    vec![rule(vec![of("kube-system"), block(DNS_OF_NODE)], DNS), rule(vec![of("openshift-dns")], DNS_OF_OPENSHIFT)]
}

#[cfg(test)]
mod tests {
    use super::port_of;

    #[test]
    fn the_port_of_a_url_is_written_or_its_scheme_s() {
        let cases = [
            ("https://ric.example:8443/a1", Some(8443)),
            ("https://ric.example", Some(443)),
            ("http://10.0.0.1/", Some(80)),
            ("http://[2001:db8::1]:8085/x:9", Some(8085)),
            ("https://[2001:db8::1]", Some(443)),
            ("https://ric.example:x", None),
            ("ric.example:8443", None),
        ];
        for (url, port) in cases {
            assert_eq!(port_of(url), port, "{url}");
        }
    }
}
