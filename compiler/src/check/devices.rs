//! Devices: a profile that fits, a way to reach it, a sharing mode it offers.

use std::collections::BTreeMap;

use ranform_network::deployment::{cluster_node, played_node};
use ranform_network::diagnostic::{Diagnostic, codes};
use ranform_network::network::{
    A1Access, Dialect, Direction, HostKey, Interface, Management, Node, NodeKind, PolicyPeer, PolicyRic, Protocol,
};
use ranform_network::source::Span;

use super::context::list;
use super::{Check, Context, Findings};

/// The rules of this family.
pub const CHECKS: &[Check] = &[
    profile_kind,
    protocol,
    sharing_mode,
    sharing_direction,
    netconf_user,
    host_key,
    endpoint,
    e2_endpoint,
    one_e2_address,
    core,
    directory,
    nested_directory,
    one_interface,
    one_endpoint,
    a1_endpoint,
    a1_access,
];

/// What is managed, with how: nodes, and placed RICs that policies reach.
fn managed<'a>(context: &'a Context<'_>) -> impl Iterator<Item = (PolicyPeer<'a>, &'a Management)> {
    let network = context.network;
    let nodes = network.nodes.ids().map(PolicyRic::Node);
    let all = nodes.chain(network.rics.ids().map(PolicyRic::Placed));
    all.filter_map(|device| network.policy_peer(device)).filter_map(|device| Some((device, device.management?)))
}

/// A profile is for nodes of this kind; that of a placed RIC is one of near-RT RICs.
fn profile_kind(context: &Context<'_>, findings: &mut Findings) {
    let nodes = context.network.nodes.iter().map(|(_, node)| (node.kind, &*node.profile, node.profile_span));
    let peers = context.network.rics.iter().filter_map(|(_, ric)| ric.peer.as_ref());
    let rics = peers.map(|peer| (NodeKind::NearRtRic, &*peer.profile, peer.profile_span));
    for (kind, profile, place) in nodes.chain(rics) {
        if profile.kinds.is_empty() || profile.kinds.contains(&kind) {
            continue;
        }
        let fitting: Vec<&str> = ranform_network::profile::PROFILES
            .values()
            .filter(|profile| profile.kinds.contains(&kind))
            .map(|profile| profile.name.as_str())
            .collect();
        let message = format!("profile `{}` is not for nodes of kind `{}`", profile.name, kind.word());
        let help = format!("for a `{}` there are {}", kind.word(), list(fitting));
        findings.push(Diagnostic::error(&codes::PROFILE_KIND, place, message).help(help));
    }
}

/// A device is reached by a protocol that its profile has.
fn protocol(context: &Context<'_>, findings: &mut Findings) {
    for (node, management) in managed(context) {
        let profile = &node.profile;
        if profile.protocols.contains(&management.protocol) {
            continue;
        }
        let message =
            format!("a device of profile `{}` is not reached by `{}`", profile.name, management.protocol.word());
        let help = format!("it is reached by {}", list(profile.protocols.iter().map(|protocol| protocol.word())));
        findings.push(
            Diagnostic::error(&codes::PROTOCOL_NOT_OFFERED, management.endpoint.span, message)
                .and(node.profile_span, "the profile")
                .help(help),
        );
    }
}

/// The interfaces whose resource is shared, with their node.
fn shared<'a>(context: &'a Context<'_>) -> impl Iterator<Item = (Interface, &'a Node)> {
    let cells = context.network.cells.iter().map(|(id, cell)| (Interface::Cell(id), cell.node));
    let radios = context.network.radios.iter().map(|(id, radio)| (Interface::Radio(id), radio.node));
    cells.chain(radios).map(|(interface, node)| (interface, &context.network.nodes[node]))
}

/// A cell or radio is shared in a mode that its device offers.
fn sharing_mode(context: &Context<'_>, findings: &mut Findings) {
    for (interface, node) in shared(context) {
        let Some(sharing) = context.network.sharing_of(interface) else { continue };
        let offered: Vec<&str> = match &node.profile.sharing {
            Some(capability) if capability.modes.contains(&sharing.mode) => continue,
            Some(capability) => capability.modes.iter().map(|mode| mode.word()).collect(),
            // Without shares at all only a mode that is stated contradicts the device.
            None if sharing.span == context.network.entity_of(interface).span => continue,
            None => Vec::new(),
        };
        let message = format!("profile `{}` does not offer `sharing {}`", node.profile.name, sharing.mode.word());
        let help = match offered.is_empty() {
            true => "it offers no sharing at all: take the line out".to_owned(),
            false => format!("it offers {}", list(offered)),
        };
        findings.push(
            Diagnostic::error(&codes::SHARING_NOT_OFFERED, sharing.span, message)
                .and(node.profile_span, "the profile")
                .help(help),
        );
    }
}

/// One direction alone is shared only where the device tells directions apart.
fn sharing_direction(context: &Context<'_>, findings: &mut Findings) {
    for (interface, node) in shared(context) {
        let Some(sharing) = context.network.sharing_of(interface) else { continue };
        let both_only = node.profile.sharing.as_ref().is_some_and(|capability| !capability.directions);
        if !both_only || sharing.direction == Direction::Both {
            continue;
        }
        let message = format!("profile `{}` has one share for both directions", node.profile.name);
        findings.push(
            Diagnostic::error(&codes::DIRECTION_NOT_OFFERED, sharing.span, message)
                .and(node.profile_span, "the profile")
                .help("write `both`, or leave the direction out"),
        );
    }
}

/// NETCONF over SSH needs a user and a key, by reference.
fn netconf_user(context: &Context<'_>, findings: &mut Findings) {
    for (node, management) in managed(context).filter(|(_, management)| management.protocol == Protocol::Netconf) {
        let (what, help) = match (&management.user, &management.credential) {
            (None, _) => ("user", "write e.g. `as \"ranform\"`"),
            (_, None) => (
                "key",
                "write where it is found: `key env NAME`, `key file \"path\"` or `key secret \"namespace/name/key\"`",
            ),
            _ => continue,
        };
        let message = format!("`{}` is managed by NETCONF without a {what}", node.entity.address);
        findings.push(Diagnostic::error(&codes::INCOMPLETE_MANAGEMENT, management.endpoint.span, message).help(help));
    }
}

/// NETCONF over SSH needs the host key to expect; a fingerprint is one of OpenSSH.
fn host_key(context: &Context<'_>, findings: &mut Findings) {
    for (node, management) in managed(context).filter(|(_, management)| management.protocol == Protocol::Netconf) {
        let (message, help) = match &management.host_key {
            None => (
                format!("`{}` is managed by NETCONF without a host key to verify", node.entity.address),
                "write `host-key \"SHA256:...\"` (ssh-keyscan HOST | ssh-keygen -lf -), or `host-key file \"known_hosts\"`",
            ),
            Some(HostKey::Fingerprint(text)) if !is_fingerprint(text) => (
                format!("`{text}` is no host key fingerprint"),
                "a fingerprint is `SHA256:` and 43 characters, as ssh-keygen -l prints it",
            ),
            _ => continue,
        };
        findings.push(Diagnostic::error(&codes::HOST_KEY, management.endpoint.span, message).help(help));
    }
}

fn is_fingerprint(text: &str) -> bool {
    let base64 = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/';
    text.strip_prefix("SHA256:").is_some_and(|rest| rest.len() == 43 && rest.bytes().all(base64))
}

/// Why `text` is no `host:port`; none where it is.
fn endpoint_problem(text: &str) -> Option<String> {
    if let Some((scheme, _)) = text.split_once("://") {
        return Some(format!("`{text}` is a URL: leave `{scheme}://` out"));
    }
    let Some((host, port)) = text.rsplit_once(':') else { return Some(format!("`{text}` has no port")) };
    let bracketed = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    if let Some(address) = bracketed {
        if address.parse::<std::net::Ipv6Addr>().is_err() {
            return Some(format!("`{address}` is no IPv6 address"));
        }
    } else if host.parse::<std::net::Ipv6Addr>().is_ok() || text.parse::<std::net::Ipv6Addr>().is_ok() {
        return Some(format!("the IPv6 address of `{text}` needs brackets"));
    } else if !is_host(host) {
        return Some(format!("`{host}` is no host name or address"));
    }
    match port.parse::<u16>() {
        Ok(1..) if !port.starts_with('+') => None,
        _ => Some(format!("`{port}` is no port: ports are 1 to 65535")),
    }
}

fn is_host(host: &str) -> bool {
    let numeric = host.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    match numeric {
        true => host.parse::<std::net::Ipv4Addr>().is_ok(),
        false => host.len() <= 253 && host.split('.').all(label),
    }
}

/// A NETCONF endpoint is `host:port`.
fn endpoint(context: &Context<'_>, findings: &mut Findings) {
    for (_, management) in managed(context).filter(|(_, management)| management.protocol == Protocol::Netconf) {
        let Some(message) = endpoint_problem(&management.endpoint.value) else { continue };
        findings.push(
            Diagnostic::error(&codes::ENDPOINT_SHAPE, management.endpoint.span, message)
                .help("write host and port, e.g. `192.0.2.11:830` or `[2001:db8::11]:830`"),
        );
    }
}

/// An E2 endpoint is `host:port`.
fn e2_endpoint(context: &Context<'_>, findings: &mut Findings) {
    for (_, node) in context.network.nodes.iter() {
        let problem = node.e2_endpoint.as_ref().and_then(|endpoint| endpoint_problem(endpoint));
        let Some(message) = problem else { continue };
        findings.push(
            Diagnostic::error(
                &codes::ENDPOINT_SHAPE,
                node.e2_endpoint_span,
                format!("the E2 endpoint of `{}`: {message}", node.entity.address),
            )
            .help("write host and port, e.g. `e2 \"10.0.0.5:36421\"`"),
        );
    }
}

/// The E2 terminations of two compute nodes do not listen at one address: of the Services that ask for it one gets it.
fn one_e2_address(context: &Context<'_>, findings: &mut Findings) {
    let mut seen: BTreeMap<&str, &Node> = BTreeMap::new();
    for (_, node) in context.network.nodes.iter().filter(|(_, node)| node.kind == NodeKind::Compute) {
        let Some(endpoint) = &node.e2_endpoint else { continue };
        let Some(other) = seen.get(&**endpoint).copied() else {
            seen.insert(endpoint, node);
            continue;
        };
        let message = format!(
            "`{}` and `{}` say one E2 address and port, `{endpoint}`",
            other.entity.address, node.entity.address
        );
        findings.push(
            Diagnostic::error(&codes::ONE_E2_ADDRESS, node.e2_endpoint_span, message)
                .and(other.e2_endpoint_span, "the same address")
                .help("give each compute node an address of its own: E2 nodes would reach only one of the two"),
        );
    }
}

/// The core of a tenant is an address or a host, with or without a port.
fn core(context: &Context<'_>, findings: &mut Findings) {
    for (_, endpoint) in context.network.tenants.iter().flat_map(|(_, tenant)| &tenant.cores) {
        let text = &endpoint.value;
        let problem = match text.parse::<std::net::Ipv6Addr>() {
            Ok(_) => None,
            Err(_) if text.contains(':') => endpoint_problem(text),
            Err(_) => (!is_host(text)).then(|| format!("`{text}` is no host name or address")),
        };
        let Some(message) = problem else { continue };
        findings.push(
            Diagnostic::error(&codes::ENDPOINT_SHAPE, endpoint.span, message)
                .help("write an address or a host name, e.g. `10.1.0.5`, `amf.red.example` or `10.1.0.5:38412`"),
        );
    }
}

/// Two interfaces of a node are not one.
fn one_interface(context: &Context<'_>, findings: &mut Findings) {
    let network = context.network;
    for (_, node) in network.nodes.iter().filter(|(_, node)| node.ports.len() + node.radios.len() > 1) {
        let ports = node.ports.iter().map(|id| &network.ports[*id]).map(|port| (&port.entity, Some(&port.interface)));
        let radios = node.radios.iter().map(|id| &network.radios[*id]);
        let radios = radios.map(|radio| (&radio.entity, radio.interface.as_ref()));
        let mut seen: BTreeMap<&str, (&str, Span)> = BTreeMap::new();
        for (entity, interface) in ports.chain(radios) {
            let Some(interface) = interface else { continue };
            let here = (entity.address.as_str(), interface.span);
            let (other, first) = *seen.entry(&interface.value).or_insert(here);
            if other == here.0 {
                continue;
            }
            let message = format!("`{other}` and `{}` are one interface, `{}`", here.0, interface.value);
            findings.push(
                Diagnostic::error(&codes::DUPLICATE_NAME, interface.span, message)
                    .and(first, "the same interface")
                    .help("correct the `interface` of one of the two"),
            );
        }
    }
}

/// A device folder lies in no other: what is written to one would be read of both.
fn nested_directory(context: &Context<'_>, findings: &mut Findings) {
    let folders = || managed(context).filter(|(_, management)| management.protocol == Protocol::Directory);
    let by_path: BTreeMap<&str, PolicyPeer<'_>> =
        folders().map(|(node, management)| (&*management.endpoint.value, node)).collect();
    for (node, management) in folders() {
        let path = &*management.endpoint.value;
        let above = path.match_indices('/').find_map(|(at, _)| by_path.get_key_value(&path[..at]));
        let Some((folder, other)) = above else { continue };
        let message =
            format!("the folder of `{}` lies in that of `{}`, `{folder}`", node.entity.address, other.entity.address);
        findings.push(
            Diagnostic::error(&codes::ONE_ENDPOINT, management.endpoint.span, message)
                .help("give each device a folder beside those of the others"),
        );
    }
}

/// A device folder lies inside the project.
fn directory(context: &Context<'_>, findings: &mut Findings) {
    for (_, management) in managed(context).filter(|(_, management)| management.protocol == Protocol::Directory) {
        let path = &management.endpoint.value;
        let outside = path.is_empty()
            || path.starts_with('/')
            || path.contains('\\')
            || path.split('/').any(|part| part == ".." || part == "." || part.is_empty());
        let own = path.split('/').next() == Some(".ranform");
        if !outside && !own {
            continue;
        }
        let message = match own {
            true => format!("`{path}` is where this program keeps its own data"),
            false => format!("`{path}` is no folder inside the project"),
        };
        findings.push(
            Diagnostic::error(&codes::DIRECTORY_OUTSIDE, management.endpoint.span, message)
                .help("write a path below the project folder with `/`, e.g. `devices/gnb-1`"),
        );
    }
}

/// Two nodes are not one device; one folder may be that of several nodes of a cluster, and of nothing else then.
fn one_endpoint(context: &Context<'_>, findings: &mut Findings) {
    let mut seen: BTreeMap<(Protocol, String, Option<&str>), (PolicyPeer<'_>, Span)> = BTreeMap::new();
    let mut folders: BTreeMap<&str, (PolicyPeer<'_>, Span)> = BTreeMap::new();
    for (node, management) in managed(context) {
        let folder = &*management.endpoint.value;
        let named = cluster_node(&node.entity.address, Some(management));
        let place = match (named, played(node)) {
            (Some(name), _) => format!("node {name} of {}", management.cluster_words()),
            (None, Some(name)) => format!("node {name} of {folder}"),
            (None, None) => folder.to_owned(),
        };
        // One management service speaks for many RICs.
        let ric = management.a1.as_ref().and_then(|access| access.ric.as_deref());
        let key = (management.protocol, place.clone(), ric);
        let here = (node, management.endpoint.span);
        let mixed = (management.protocol == Protocol::Directory)
            .then(|| *folders.entry(folder).or_insert(here))
            .filter(|(other, _)| played(*other).is_some() != played(node).is_some());
        let Some((other, first)) = seen.get(&key).copied().or(mixed) else {
            seen.insert(key, here);
            continue;
        };
        let place = if mixed.is_some() { folder } else { &place };
        let message =
            format!("`{}` and `{}` are managed at one endpoint, `{place}`", other.entity.address, node.entity.address);
        findings.push(
            Diagnostic::error(&codes::ONE_ENDPOINT, management.endpoint.span, message)
                .and(first, "the same endpoint")
                .help("each node is a device of its own: correct one of the two, or make them one node"),
        );
    }
}

/// What a node is called of which a folder has the objects.
fn played(peer: PolicyPeer<'_>) -> Option<String> {
    played_node(&peer.entity.address, peer.profile, peer.management)
}

/// Whether `text` is `http://HOST[:PORT][/PATH]` or the same with https; the host where it is.
fn url_host(text: &str) -> Result<&str, String> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let rest = rest.ok_or_else(|| format!("`{text}` does not begin with `https://` or `http://`"))?;
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    if authority.contains('@') {
        return Err("a URL must not carry a user or a password".to_owned());
    }
    if path.bytes().any(|byte| !byte.is_ascii_graphic() || b"?#\"<>\\^`{|}".contains(&byte)) {
        return Err(format!("`/{path}` is no path"));
    }
    let port = authority.rsplit_once(':').filter(|(_, port)| !port.contains(']'));
    let with_port = if port.is_some() { authority.to_owned() } else { format!("{authority}:443") };
    match endpoint_problem(&with_port) {
        Some(problem) => Err(problem),
        None => Ok(port.map_or(authority, |(host, _)| host)),
    }
}

fn a1<'a>(context: &'a Context<'_>) -> impl Iterator<Item = (PolicyPeer<'a>, &'a Management, &'a A1Access)> {
    let a1 = managed(context).filter(|(_, management)| management.protocol == Protocol::A1);
    a1.filter_map(|(node, management)| Some((node, management, management.a1.as_ref()?)))
}

/// An A1 endpoint is a URL; credentials go to it over TLS only, except on this very machine.
fn a1_endpoint(context: &Context<'_>, findings: &mut Findings) {
    for (node, management, access) in a1(context) {
        let span = management.endpoint.span;
        let host = match url_host(&management.endpoint.value) {
            Ok(host) => host,
            Err(problem) => {
                findings.push(
                    Diagnostic::error(&codes::ENDPOINT_SHAPE, span, problem)
                        .help("write a URL, e.g. `https://ric.example:8443`"),
                );
                continue;
            }
        };
        let loopback = host == "localhost" || host == "[::1]" || host.starts_with("127.");
        let secret = access.token.is_some() || access.key.is_some();
        if secret && !loopback && management.endpoint.value.starts_with("http://") {
            let message = format!("the credentials of `{}` would travel without TLS", node.entity.address);
            findings.push(
                Diagnostic::error(&codes::CREDENTIAL_WITHOUT_TLS, span, message)
                    .help("write `https://`, or take the credentials out"),
            );
        }
    }
}

/// What a dialect needs to be said: the RIC behind a management service, the numbers of types.
fn a1_access(context: &Context<'_>, findings: &mut Findings) {
    for (node, management, access) in a1(context) {
        let dialect = access.dialect.word();
        let (what, help) = match access.dialect {
            Dialect::PmsV2 | Dialect::PmsV3 if access.ric.is_none() => {
                ("the RIC's id", "write its id at the management service: `ric \"ric1\"`")
            }
            Dialect::Osc if access.types.is_empty() || access.types.iter().any(|(_, number)| number.is_none()) => (
                "the numbers of its policy types",
                "write each type with its number: `types \"ORAN_SliceSLATarget_1.0.0\" 20008`",
            ),
            _ => continue,
        };
        let message = format!("`{}` is managed by A1, dialect `{dialect}`, without {what}", node.entity.address);
        findings.push(Diagnostic::error(&codes::INCOMPLETE_MANAGEMENT, management.endpoint.span, message).help(help));
    }
}

#[cfg(test)]
mod tests;
