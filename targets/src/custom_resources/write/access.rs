//! How nodes and RICs are reached; references, never secrets.

use ranform_network::network::{A1Access, ContextName, Dialect, HostKey, Management, Protocol, Reference};
use serde_json::{Value, json};

use super::Object;

/// A `manage` line.
pub(super) fn management(management: &Management) -> Value {
    let host_key = management.host_key.as_ref().map(|key| match key {
        HostKey::Fingerprint(text) => json!({ "fingerprint": &**text }),
        HostKey::File(path) => json!({ "file": &**path }),
    });
    let object = Object::default()
        .put("protocol", management.protocol.word())
        .maybe("user", management.user.as_deref())
        .maybe("credential", management.credential.as_ref().map(reference))
        .maybe("hostKey", host_key)
        .maybe("a1", management.a1.as_ref().map(a1).filter(|a1| a1.as_object().is_some_and(|said| !said.is_empty())));
    let object = match management.protocol {
        Protocol::Kubernetes => object,
        _ => object.put("endpoint", &*management.endpoint.value),
    };
    let Some(cluster) = &management.cluster else { return object.into() };
    let object = match &cluster.context {
        None => object,
        Some(ContextName::Name(name)) => object.put("context", &**name),
        Some(ContextName::Environment(name)) => object.put("contextEnv", &**name),
    };
    object.maybe("node", cluster.node.as_ref().map(|node| &*node.value)).into()
}

fn reference(reference: &Reference) -> Value {
    match reference {
        Reference::Environment(name) => json!({ "env": &**name }),
        Reference::File(path) => json!({ "file": &**path }),
        Reference::Secret(name) => json!({ "secret": &**name }),
    }
}

fn a1(access: &A1Access) -> Value {
    let types = access.types.iter().map(|(kind, number)| match number {
        Some(number) => json!({ "type": kind.to_string(), "number": number }),
        None => json!({ "type": kind.to_string() }),
    });
    Object::default()
        .maybe("dialect", Some(access.dialect).filter(|dialect| *dialect != Dialect::Standard).map(Dialect::word))
        .maybe("ric", access.ric.as_deref())
        .maybe("certificate", access.certificate.as_ref().map(reference))
        .maybe("key", access.key.as_ref().map(reference))
        .maybe("token", access.token.as_ref().map(reference))
        .maybe("authority", access.authority.as_deref())
        .list("types", types.collect())
        .into()
}
