//! `manage netconf "192.0.2.11:830" as "ranform" key env RAN_KEY host-key file "known_hosts"`
//!
//! Credentials are references; a text in their place is a secret written in clear and is refused.

use ranform_grammar::ast::{Value, after};
use ranform_network::Located;
use ranform_network::diagnostic::codes;
use ranform_network::network::{HostKey, Management, Protocol, Reference};

use super::argument::Argument;
use super::body::Line;

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
        credential: ["key", "password", "config", "token"].iter().find_map(|word| credential(line, word)),
        host_key: host_key(line),
    };
    match protocol.value {
        Protocol::Kubernetes => {
            if let Some(context) = line.after("context") {
                let named = after(line.values(), "context").and_then(|value| keyword(&value.value));
                let name = if named == Some("env") { line.after("env") } else { Some(context) };
                management.endpoint = name?.text()?;
            }
        }
        _ => management.endpoint = line.at(1)?.text()?,
    }
    Some(management)
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
    let name = line.at(at + 2)?.text()?.value;
    Some(match place {
        "env" => Reference::Environment(name),
        "file" => Reference::File(name),
        _ => Reference::Secret(name),
    })
}

fn in_clear(value: Argument<'_, '_>, word: &str) {
    let message = format!("the {word} of a device stands in clear");
    let help = format!(
        "say where it is found instead: `{word} env RAN_KEY`, `{word} file \"key.pem\"` or `{word} secret \"namespace/name/key\"`; change what was written here, it is known now"
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
