//! `manage netconf "192.0.2.11:830" as "ranform" key env RAN_KEY host-key file "known_hosts"`,
//! `manage kubernetes config file "kubeconfig" context "metro" node "edge-3"`
//!
//! Credentials are references; a text in their place is a secret written in clear and is refused.

use ranform_grammar::ast::Value;
use ranform_network::Located;
use ranform_network::a1::PolicyType;
use ranform_network::diagnostic::codes;
use ranform_network::network::{
    A1Access, ClusterAccess, ContextName, Dialect, HostKey, Management, Name, Protocol, Reference, SecretEntry,
};

use super::argument::Argument;
use super::body::Line;
use super::node::find_profile;

const PROTOCOLS: &[(Protocol, &str)] = &[
    (Protocol::Netconf, "netconf"),
    (Protocol::Directory, "directory"),
    (Protocol::Kubernetes, "kubernetes"),
    (Protocol::A1, "a1"),
];

/// How a node is managed.
pub(crate) fn management(line: Line<'_, '_>) -> Option<Management> {
    let protocol = line.first()?.choice(PROTOCOLS)?;
    let mut management = Management {
        protocol: protocol.value,
        endpoint: Located::new("".into(), protocol.span),
        user: line.after("as").and_then(|user| user.text()).map(|user| user.value),
        credential: None,
        host_key: host_key(line),
        a1: None,
        cluster: None,
    };
    if protocol.value == Protocol::A1 {
        management.a1 = Some(a1_access(line));
    } else {
        let words = ["key", "password", "config", "token"];
        management.credential = words.iter().find_map(|word| credential(line, word));
    }
    match protocol.value {
        Protocol::Kubernetes => {
            let access = cluster_access(line);
            let context = access.context.as_ref().map_or_else(|| "current context".to_owned(), ContextName::words);
            management.endpoint.value = context.as_str().into();
            management.cluster = Some(access);
        }
        _ => {
            let endpoint = line.at(1)?;
            management.endpoint = endpoint.text()?;
            if has_password(&management.endpoint.value) {
                in_clear(endpoint, if protocol.value == Protocol::A1 { "token" } else { "password" });
                return None;
            }
        }
    }
    if protocol.value != Protocol::Kubernetes {
        management.cluster = of_secrets(line);
    }
    Some(management)
}

/// `key secret "ran/gnb-1/ssh-privatekey" context "smo"`: the context of the cluster in which the line's Secrets are read.
fn of_secrets(line: Line<'_, '_>) -> Option<ClusterAccess> {
    let context = cluster_access(line).context?;
    if line.values().iter().any(|value| value.is_word("secret")) {
        return Some(ClusterAccess { context: Some(context), node: None });
    }
    let message = "`context` says where Secrets are read, and the line names none".to_owned();
    let help = "leave it out, or name a Secret: `key secret \"ran/gnb-1/ssh-privatekey\" context \"smo\"`";
    line.after("context")?.report(&codes::WRONG_VALUE, message, help);
    None
}

/// `dialect pms-v3 ric "ric1" certificate env CERT key env KEY token env TOKEN authority file "ca.pem" types "ORAN_.." 20008`
fn a1_access(line: Line<'_, '_>) -> A1Access {
    let position = |word: &str| line.values().iter().position(|value| value.is_word(word));
    let dialect = line.after("dialect").and_then(|dialect| dialect.choice(&Dialect::ALL));
    let authority = position("authority").and_then(|at| line.at(at + 2)?.text());
    let types = position("types").map_or(&[][..], |at| line.values().get(at + 1..).unwrap_or_default());
    A1Access {
        dialect: dialect.map(|dialect| dialect.value).unwrap_or_default(),
        ric: line.after("ric").and_then(|ric| ric.text()).map(|ric| ric.value),
        certificate: credential(line, "certificate"),
        key: credential(line, "key"),
        token: credential(line, "token"),
        authority: authority.map(|path| path.value),
        types: types
            .split(|value| value.is_mark(","))
            .filter(|group| !group.is_empty())
            .flat_map(|group| listed_types(line, group))
            .collect(),
    }
}

/// `"ORAN_SliceSLATarget_1.0.0" 20008`: a policy type that a RIC lists, and its number there; `a1-r004`: all of a profile.
fn listed_types(line: Line<'_, '_>, group: &[Located<Value>]) -> Vec<(PolicyType, Option<u32>)> {
    let argument = |index: usize| {
        let wanted = group.get(index)?;
        line.argument(line.values().iter().find(|value| *value == wanted)?)
    };
    let Some(id) = argument(0) else { return Vec::new() };
    if matches!(id.value, Value::Word(_)) {
        let profile = id.name().and_then(|name| find_profile(line.body, &name));
        let listed = profile.as_ref().and_then(|profile| profile.options.get("types")).map_or("", String::as_str);
        if profile.is_some() && listed.is_empty() {
            id.wrong("policy types", "the profile of a near-RT RIC, such as `a1-r004`, or the id of a type");
        }
        return listed.split_whitespace().filter_map(PolicyType::parse).map(|listed| (listed, None)).collect();
    }
    let Some(text) = id.text() else { return Vec::new() };
    let Some(found) = PolicyType::parse(&text.value) else {
        id.wrong("a standard policy type", "its id, a name and a version, such as `\"ORAN_SliceSLATarget_1.0.0\"`");
        return Vec::new();
    };
    let number = match argument(1) {
        Some(number) => match number.whole(1, i32::MAX as u32) {
            Some(number) => Some(number.value),
            None => return Vec::new(),
        },
        None => None,
    };
    vec![(found, number)]
}

/// `context "metro" node "edge-3"`, `context env KUBE_CONTEXT`
fn cluster_access(line: Line<'_, '_>) -> ClusterAccess {
    let text = |at: usize| line.at(at).and_then(|name| name.text()).map(|name| name.value);
    let context = line.values().iter().position(|value| value.is_word("context")).and_then(|at| {
        match line.values().get(at + 1).and_then(|value| keyword(&value.value)) {
            Some("env") => text(at + 2).map(ContextName::Environment),
            _ => text(at + 1).map(ContextName::Name),
        }
    });
    ClusterAccess { context, node: line.after("node").and_then(|name| name.text()) }
}

fn keyword(value: &Value) -> Option<&str> {
    match value {
        Value::Word(word) => Some(word.as_str()),
        _ => None,
    }
}

/// `key env RAN_KEY`, `password file "secret.txt"`, `key secret "namespace/name/key"`
fn credential(line: Line<'_, '_>, word: &str) -> Option<Reference> {
    let at = line.values().iter().position(|value| value.is_word(word))?;
    let kind = line.values().get(at + 1)?;
    let Some(place @ ("env" | "file" | "secret")) = keyword(&kind.value) else {
        in_clear(line.argument(kind)?, word);
        return None;
    };
    let argument = line.at(at + 2)?;
    let name = argument.text()?.value;
    match place {
        "env" => Some(Reference::Environment(name)),
        "file" => Some(Reference::File(name)),
        _ => secret(argument, name),
    }
}

/// `secret "ran/gnb-1/ssh-privatekey"`
fn secret(argument: Argument<'_, '_>, name: Name) -> Option<Reference> {
    if SecretEntry::parse(&name).is_some() {
        return Some(Reference::Secret(name));
    }
    let message = format!("`{name}` is no entry of a Secret of a cluster");
    let help = "write its namespace, its name and the entry, as `\"ran/gnb-1/ssh-privatekey\"`";
    argument.report(&codes::WRONG_VALUE, message, help);
    None
}

/// Whether an address names a user with a password: `https://user:secret@host`.
fn has_password(endpoint: &str) -> bool {
    let address = endpoint.split_once("://").map_or(endpoint, |(_, address)| address);
    let authority = address.split(['/', '?', '#']).next().unwrap_or_default();
    authority.rsplit_once('@').is_some_and(|(user, _)| user.contains(':'))
}

fn in_clear(value: Argument<'_, '_>, word: &str) {
    let message = format!("the {word} of a device stands in clear");
    let help = format!(
        "say where it is found instead: `{word} env RAN_KEY` or `{word} file \"key.pem\"`; change what was written here, it is known now"
    );
    value.report(&codes::SECRET_IN_CLEAR, message, help);
}

/// `host-key "SHA256:..."` or `host-key file "known_hosts"`
fn host_key(line: Line<'_, '_>) -> Option<HostKey> {
    let at = line.values().iter().position(|value| value.is_word("host-key"))?;
    if line.values().get(at + 1)?.is_word("file") {
        return Some(HostKey::File(line.at(at + 2)?.text()?.value));
    }
    let key = line.at(at + 1)?;
    let text = key.text()?.value;
    if !text.starts_with("SHA256:") {
        key.wrong("a fingerprint", "a fingerprint `\"SHA256:..\"` as `ssh-keyscan` and `ssh-keygen -l` print it, or `host-key file \"known_hosts\"`");
        return None;
    }
    Some(HostKey::Fingerprint(text))
}
