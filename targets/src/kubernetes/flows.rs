//! Which ports each component of a RIC listens on, and who may speak to it (O-RAN.WG3 RICARCH; ports as in the O-RAN
//! SC near-RT RIC). Everything else is denied.

use k8s_openapi::api::core::v1::{Service, ServicePort, ServiceSpec};
use k8s_openapi::api::networking::v1::{
    IPBlock, NetworkPolicy, NetworkPolicyEgressRule, NetworkPolicyIngressRule, NetworkPolicyPeer, NetworkPolicyPort,
    NetworkPolicySpec,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, LabelSelectorRequirement, ObjectMeta};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use ranform_network::Resource;
use ranform_network::deployment::has_state;

use super::names::{COMPONENT, INSTANCE, Labels, component};

/// E2AP over SCTP (IANA).
const E2AP: i32 = 36421;
/// Where a cluster's own name service is.
const DNS: i32 = 53;

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
        "management" => const { &[tcp("http", 3800, &["e2t", "xapp"]), tcp("rmr", 3801, &["e2t", "xapp"])] },
        "e2t" => const { &[tcp("rmr", 38000, &["management", "xapp"])] },
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
    let host = host.map(|host| host.trim_matches(['[', ']'])).filter(|host| host.parse::<std::net::IpAddr>().is_ok());
    Some((host, Port { name: "e2", number, protocol: "SCTP", from: &[] }))
}

/// Every port that the container listens on.
pub fn ports(resource: &Resource) -> Vec<Port> {
    let outer = e2(resource).map(|(_, port)| port);
    outer.into_iter().chain(inner(component(resource)).iter().copied()).collect()
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

/// The Services of an instance: the one inside of the cluster, and the one that E2 nodes find.
pub fn services(resource: &Resource, metadata: &ObjectMeta, selector: &Labels) -> Vec<Service> {
    let service = |metadata: ObjectMeta, spec: ServiceSpec| Service {
        metadata,
        spec: Some(ServiceSpec { selector: Some(selector.clone()), ..spec }),
        ..Service::default()
    };
    let mut services = vec![service(
        metadata.clone(),
        ServiceSpec {
            // The pods of a StatefulSet are found one by one.
            cluster_ip: has_state(resource).then(|| "None".to_owned()),
            ports: Some(inner(component(resource)).iter().map(service_port).collect()),
            ..ServiceSpec::default()
        },
    )];
    if let Some((host, port)) = e2(resource) {
        let name = metadata.name.as_ref().map(|name| format!("{name}-e2"));
        services.push(service(
            ObjectMeta { name, ..metadata.clone() },
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

/// Nothing may speak to or from anything in the namespace.
pub fn deny_all(metadata: ObjectMeta) -> NetworkPolicy {
    NetworkPolicy {
        metadata,
        spec: Some(NetworkPolicySpec {
            pod_selector: Some(LabelSelector::default()),
            policy_types: Some(vec!["Ingress".to_owned(), "Egress".to_owned()]),
            ..NetworkPolicySpec::default()
        }),
    }
}

/// But an instance with those it has to.
pub fn allow(resource: &Resource, metadata: ObjectMeta, selector: &Labels) -> NetworkPolicy {
    let own = component(resource);
    let mut ingress: Vec<NetworkPolicyIngressRule> = e2(resource)
        .map(|(_, port)| NetworkPolicyIngressRule { from: Some(anywhere()), ports: Some(vec![policy_port(&port)]) })
        .into_iter()
        .collect();
    ingress.extend(inner(own).iter().map(|port| NetworkPolicyIngressRule {
        from: Some(vec![components(port.from)]),
        ports: Some(vec![policy_port(port)]),
    }));
    let mut egress = vec![dns()];
    for called in COMPONENTS {
        let ports: Vec<NetworkPolicyPort> =
            inner(called).iter().filter(|port| port.from.contains(&own)).map(policy_port).collect();
        if !ports.is_empty() {
            egress.push(NetworkPolicyEgressRule { to: Some(vec![components(&[called])]), ports: Some(ports) });
        }
    }
    if own == "rapp" {
        // O1: NETCONF over SSH and over TLS, to managed elements wherever they are.
        let ports = [tcp("netconf-ssh", 830, &[]), tcp("netconf-tls", 6513, &[])];
        let ports = ports.iter().map(policy_port).collect();
        egress.push(NetworkPolicyEgressRule { to: Some(anywhere()), ports: Some(ports) });
    }
    let instance = selector.get(INSTANCE).cloned().unwrap_or_default();
    let pod_selector =
        LabelSelector { match_labels: Some([(INSTANCE.to_owned(), instance)].into()), match_expressions: None };
    NetworkPolicy {
        metadata,
        spec: Some(NetworkPolicySpec {
            pod_selector: Some(pod_selector),
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

/// Components of the same namespace.
fn components(names: &[&str]) -> NetworkPolicyPeer {
    let requirement = LabelSelectorRequirement {
        key: COMPONENT.to_owned(),
        operator: "In".to_owned(),
        values: Some(names.iter().map(|name| (*name).to_owned()).collect()),
    };
    NetworkPolicyPeer {
        pod_selector: Some(LabelSelector { match_expressions: Some(vec![requirement]), match_labels: None }),
        ..NetworkPolicyPeer::default()
    }
}

fn anywhere() -> Vec<NetworkPolicyPeer> {
    let block = |cidr: &str| NetworkPolicyPeer {
        ip_block: Some(IPBlock { cidr: cidr.to_owned(), except: None }),
        ..NetworkPolicyPeer::default()
    };
    vec![block("0.0.0.0/0"), block("::/0")]
}

fn dns() -> NetworkPolicyEgressRule {
    let system = [("kubernetes.io/metadata.name".to_owned(), "kube-system".to_owned())].into();
    let peer = NetworkPolicyPeer {
        namespace_selector: Some(LabelSelector { match_labels: Some(system), match_expressions: None }),
        ..NetworkPolicyPeer::default()
    };
    let port = |protocol: &'static str| policy_port(&Port { name: "dns", number: DNS, protocol, from: &[] });
    NetworkPolicyEgressRule { to: Some(vec![peer]), ports: Some(vec![port("UDP"), port("TCP")]) }
}
