//! `manage netconf "192.0.2.11:830" as "ranform" key env RAN_KEY host-key file "known_hosts"`,
//! `manage kubernetes config file "kubeconfig" context "metro" node "edge-3"`
//!
//! Credentials are references; a text in their place is a secret written in clear and is refused.

use ranform_grammar::ast::Value;
use ranform_grammar::vocabulary;
use ranform_network::Located;
use ranform_network::a1::PolicyType;
use ranform_network::diagnostic::codes;
use ranform_network::network::{
    A1Access, ClusterAccess, ContextName, Dialect, HostKey, Management, Name, Protocol, Reference, SecretEntry,
};

use super::argument::Argument;
use super::body::Line;
use super::node::{find_profile, twice};

const PROTOCOLS: &[(Protocol, &str)] = &[
    (Protocol::Netconf, "netconf"),
    (Protocol::Directory, "directory"),
    (Protocol::Kubernetes, "kubernetes"),
    (Protocol::A1, "a1"),
];

/// What follows the place of a `manage` line, cut at its words, which stand in any order, each once.
struct Parts<'b, 'a> {
    line: Line<'b, 'a>,
    parts: Vec<(&'static str, &'b [Located<Value>])>,
}

impl<'b, 'a> Parts<'b, 'a> {
    fn of(line: Line<'b, 'a>, protocol: Protocol) -> Self {
        let words = vocabulary::ways_to_manage().find(|way| way.protocol == protocol.word());
        let words = words.map_or(&[][..], |way| way.words);
        let values = line.values();
        let place = if protocol == Protocol::Kubernetes { 1 } else { 2 };
        // What follows `env` is the name of a variable, whatever it is called.
        let word = |at: usize| {
            let after_env = at > place && values.get(at - 1).is_some_and(|before| before.value.is_word("env"));
            let value = &values.get(at).filter(|_| !after_env)?.value;
            words.iter().find(|known| value.is_word(known.word)).map(|known| known.word)
        };
        let begins: Vec<(usize, &'static str)> = (place..values.len()).filter_map(|at| Some((at, word(at)?))).collect();
        let mut parts: Vec<(&'static str, &'b [Located<Value>])> = Vec::new();
        for (index, (at, word)) in begins.iter().enumerate() {
            let end = begins.get(index + 1).map_or(values.len(), |(next, _)| *next);
            if let (Some((first, _)), Some(second)) = (begins.iter().find(|(_, other)| other == word), values.get(*at))
                && first < at
            {
                line.body.report(twice(word, second.span, values.get(*first).map_or(line.span(), |first| first.span)));
                continue;
            }
            parts.push((word, values.get(at + 1..end).unwrap_or_default()));
        }
        Self { line, parts }
    }

    /// The values that follow a word.
    fn after(&self, word: &str) -> Option<&'b [Located<Value>]> {
        self.parts.iter().find(|(known, _)| *known == word).map(|(_, values)| *values)
    }

    fn argument(&self, word: &str, at: usize) -> Option<Argument<'b, 'a>> {
        self.line.argument(self.after(word)?.get(at)?)
    }

    /// The text that follows a word.
    fn text(&self, word: &str) -> Option<Name> {
        self.argument(word, 0)?.text().map(|text| text.value)
    }
}

/// How a node is managed.
pub(crate) fn management(line: Line<'_, '_>) -> Option<Management> {
    let protocol = line.first()?.choice(PROTOCOLS)?;
    let parts = Parts::of(line, protocol.value);
    let mut management = Management {
        protocol: protocol.value,
        endpoint: Located::new("".into(), protocol.span),
        user: parts.text("as"),
        credential: None,
        host_key: host_key(&parts),
        a1: None,
        cluster: None,
    };
    match protocol.value {
        Protocol::A1 => management.a1 = Some(a1_access(&parts)),
        Protocol::Directory => management.a1 = types_of_folder(&parts),
        _ => {
            let words = ["key", "password", "config"];
            let given: Vec<&str> = words.into_iter().filter(|word| parts.after(word).is_some()).collect();
            if let [first, second] = given[..] {
                only_one(&parts, first, second);
            }
            management.credential = given.first().and_then(|word| credential(&parts, word));
        }
    }
    if protocol.value == Protocol::Kubernetes {
        let access = cluster_access(&parts);
        let context = access.context.as_ref().map_or_else(|| "current context".to_owned(), ContextName::words);
        management.endpoint.value = context.as_str().into();
        management.cluster = Some(access);
        return Some(management);
    }
    let endpoint = line.at(1)?;
    management.endpoint = endpoint.text()?;
    if has_password(&management.endpoint.value) {
        in_clear(endpoint, if protocol.value == Protocol::A1 { "token" } else { "password" });
        return None;
    }
    management.cluster = of_secrets(&parts);
    Some(management)
}

/// `key env KEY password env PASSWORD`: one of them is used.
fn only_one(parts: &Parts<'_, '_>, first: &str, second: &str) {
    if let Some(argument) = parts.argument(second, 0) {
        let message = format!("`{first}` and `{second}` stand in one `manage`");
        argument.report(&codes::WRONG_VALUE, message, "a device is logged in to by one of them: take the other out");
    }
}

/// `key secret "ran/gnb-1/ssh-privatekey" context "smo"`: the context of the cluster in which the line's Secrets are read.
fn of_secrets(parts: &Parts<'_, '_>) -> Option<ClusterAccess> {
    let context = cluster_access(parts).context?;
    if parts.parts.iter().any(|(_, values)| values.first().is_some_and(|value| value.value.is_word("secret"))) {
        return Some(ClusterAccess { context: Some(context), node: None });
    }
    let message = "`context` says where Secrets are read, and the line names none".to_owned();
    let help = "leave it out, or name a Secret: `key secret \"ran/gnb-1/ssh-privatekey\" context \"smo\"`";
    parts.argument("context", 0)?.report(&codes::WRONG_VALUE, message, help);
    None
}

/// `dialect pms-v3 ric "ric1" certificate env CERT key env KEY token env TOKEN authority file "ca.pem" types "ORAN_.." 20008`
fn a1_access(parts: &Parts<'_, '_>) -> A1Access {
    for (word, other) in [("certificate", "key"), ("key", "certificate")] {
        if let Some(alone) = parts.argument(word, 0).filter(|_| parts.after(other).is_none()) {
            let message = format!("`{word}` of an A1 peer stands without its `{other}`");
            alone.report(&codes::WRONG_VALUE, message, "write both: `certificate file \"ric.pem\" key env RIC_KEY`");
        }
    }
    let dialect = parts.argument("dialect", 0).and_then(|dialect| dialect.choice(&Dialect::ALL));
    A1Access {
        dialect: dialect.map(|dialect| dialect.value).unwrap_or_default(),
        ric: parts.text("ric"),
        certificate: credential(parts, "certificate"),
        key: credential(parts, "key"),
        token: credential(parts, "token"),
        authority: parts.argument("authority", 1).and_then(|path| path.text()).map(|path| path.value),
        types: types(parts),
    }
}

/// `directory "devices/metro" types a1-r004`: what the folder lists that plays a placed RIC.
fn types_of_folder(parts: &Parts<'_, '_>) -> Option<A1Access> {
    let first = parts.argument("types", 0)?;
    if parts.line.body.noun != "ric" {
        let message = "`types` after `manage directory` is for a `ric`".to_owned();
        let help = "a node has the types of its profile: leave it out and write `profile a1-2` or `profile a1-r004`";
        first.report(&codes::WRONG_VALUE, message, help);
        return None;
    }
    Some(A1Access { types: types(parts), ..A1Access::default() })
}

/// The policy types that a RIC lists.
fn types(parts: &Parts<'_, '_>) -> Vec<(PolicyType, Option<u32>)> {
    let groups = parts.after("types").unwrap_or_default().split(|value| value.is_mark(","));
    groups.filter(|group| !group.is_empty()).flat_map(|group| listed_types(parts.line, group)).collect()
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
fn cluster_access(parts: &Parts<'_, '_>) -> ClusterAccess {
    let text = |at: usize| parts.argument("context", at).and_then(|name| name.text()).map(|name| name.value);
    let context =
        parts.after("context").and_then(|values| match values.first().and_then(|value| keyword(&value.value)) {
            Some("env") => text(1).map(ContextName::Environment),
            _ => text(0).map(ContextName::Name),
        });
    ClusterAccess { context, node: parts.argument("node", 0).and_then(|name| name.text()) }
}

fn keyword(value: &Value) -> Option<&str> {
    match value {
        Value::Word(word) => Some(word.as_str()),
        _ => None,
    }
}

/// `key env RAN_KEY`, `password file "secret.txt"`, `key secret "namespace/name/key"`
fn credential(parts: &Parts<'_, '_>, word: &str) -> Option<Reference> {
    let kind = parts.after(word)?.first()?;
    let Some(place @ ("env" | "file" | "secret")) = keyword(&kind.value) else {
        in_clear(parts.line.argument(kind)?, word);
        return None;
    };
    let argument = parts.argument(word, 1)?;
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
fn host_key(parts: &Parts<'_, '_>) -> Option<HostKey> {
    let key = parts.argument("host-key", 0)?;
    if key.value.is_word("file") {
        return Some(HostKey::File(parts.argument("host-key", 1)?.text()?.value));
    }
    let text = key.text()?.value;
    if !text.starts_with("SHA256:") {
        key.wrong("a fingerprint", "a fingerprint `\"SHA256:..\"` as `ssh-keyscan` and `ssh-keygen -l` print it, or `host-key file \"known_hosts\"`");
        return None;
    }
    Some(HostKey::Fingerprint(text))
}
