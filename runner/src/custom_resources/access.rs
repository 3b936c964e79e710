//! `manage`

use super::said::{Said, listed, quoted};

/// What follows `manage`.
pub(super) fn manage(said: Said<'_>) -> Option<String> {
    let management = said.inner("management")?;
    let protocol = management.text("protocol")?;
    let mut words = vec![protocol.to_owned()];
    let mut add = |keyword: &str, value: Option<String>| {
        if let Some(value) = value {
            words.push(if keyword.is_empty() { value } else { format!("{keyword} {value}") });
        }
    };
    if protocol == "kubernetes" {
        add("config", reference(management, "credential"));
        add("context", management.quoted("context"));
        add("context env", management.plain("contextEnv"));
        add("node", management.quoted("node"));
        return Some(words.join(" "));
    }
    add("", Some(management.quoted("endpoint").unwrap_or_else(|| quoted(""))));
    if protocol == "netconf" {
        add("as", management.quoted("user"));
        add("key", reference(management, "credential"));
        add("host-key", management.inner("hostKey").and_then(host_key));
    }
    if protocol == "a1" {
        let a1 = management.inner("a1");
        let of = |field: &str| a1.and_then(|a1| reference(a1, field));
        add("dialect", a1.and_then(|a1| a1.plain("dialect")));
        add("ric", a1.and_then(|a1| a1.quoted("ric")));
        add("as", management.quoted("user"));
        add("certificate", of("certificate"));
        add("key", of("key"));
        add("token", of("token"));
        add("authority file", a1.and_then(|a1| a1.quoted("authority")));
        add("types", a1.and_then(types));
    }
    if protocol == "directory" {
        add("types", management.inner("a1").and_then(types));
    }
    if protocol != "directory" {
        let mut add =
            |keyword: &str, value: Option<String>| words.extend(value.map(|value| format!("{keyword} {value}")));
        add("context", management.quoted("context"));
        add("context env", management.plain("contextEnv"));
    }
    Some(words.join(" "))
}

/// `env RAN_KEY`, `file "key.pem"`, `secret "namespace/name/key"`
fn reference(said: Said<'_>, field: &str) -> Option<String> {
    let reference = said.inner(field)?;
    let env = reference.text("env").map(|name| format!("env {name}"));
    let file = || reference.quoted("file").map(|path| format!("file {path}"));
    env.or_else(file).or_else(|| reference.quoted("secret").map(|name| format!("secret {name}")))
}

fn host_key(said: Said<'_>) -> Option<String> {
    said.quoted("fingerprint").or_else(|| said.quoted("file").map(|path| format!("file {path}")))
}

fn types(said: Said<'_>) -> Option<String> {
    let one = |listed: Said<'_>| {
        let number = listed.plain("number").map_or_else(String::new, |number| format!(" {number}"));
        Some(format!("{}{number}", listed.quoted("type")?))
    };
    listed(said.list("types").filter_map(one))
}
