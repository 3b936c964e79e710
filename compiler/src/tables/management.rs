//! `manage` in a table: its parts come from columns of their own and become one statement.
//!
//! ```text
//! column manage.netconf "Address"        set manage.user "ranform"
//! set manage.key.env "RAN_KEY"           column manage.host-key "Fingerprint"
//! ```
//! A key or password is a reference (`env`, `file` or `secret`); one that stands in a file is refused as everywhere.

use ranform_grammar::ast::{Value, Word};
use ranform_network::{Located, Span};

use crate::resolve::suggest;

/// The parts that can be given, with the words that stand before their value in a `manage` line.
const PARTS: [(&str, &[&str]); 20] = [
    ("netconf", &["netconf"]),
    ("directory", &["directory"]),
    ("kubernetes", &["kubernetes", "context"]),
    ("kubernetes.node", &["node"]),
    ("user", &["as"]),
    ("key", &["key"]),
    ("key.env", &["key", "env"]),
    ("key.file", &["key", "file"]),
    ("key.secret", &["key", "secret"]),
    ("password", &["password"]),
    ("password.env", &["password", "env"]),
    ("password.file", &["password", "file"]),
    ("password.secret", &["password", "secret"]),
    ("config.env", &["config", "env"]),
    ("config.file", &["config", "file"]),
    ("config.secret", &["config", "secret"]),
    ("host-key", &["host-key"]),
    ("host-key.file", &["host-key", "file"]),
    ("context", &["context"]),
    ("context.env", &["context", "env"]),
];

/// The attribute.
pub(super) const KEYWORD: &str = "manage";

/// Advice about a part that does not exist; none for one that does.
pub(super) fn unknown_part(part: Option<&str>) -> Option<String> {
    let Some(part) = part else {
        return Some("name its part: `manage.netconf`, `manage.directory`, `manage.user`, `manage.key.env`".to_owned());
    };
    if PARTS.iter().any(|(known, _)| *known == part) {
        return None;
    }
    let near = suggest::nearest(part, PARTS.iter().map(|(known, _)| *known));
    Some(near.map_or_else(
        || {
            "its parts are `netconf`, `directory`, `user`, `key.env`, `key.file`, `host-key`, `host-key.file`"
                .to_owned()
        },
        |near| format!("did you mean `manage.{near}`?"),
    ))
}

/// The values of one `manage` line from its parts, the way to the device first.
pub(super) fn line(mut parts: Vec<(Word, Located<Value>)>) -> (Vec<Located<Value>>, Span) {
    let place = |part: &Word| PARTS.iter().position(|(known, _)| part.as_str() == *known).unwrap_or(PARTS.len());
    parts.sort_by_key(|(part, _)| place(part));
    let span = parts.first().map(|(_, value)| value.span).unwrap_or_default();
    let mut values = Vec::with_capacity(parts.len() * 3);
    for (part, value) in parts {
        let words = PARTS.get(place(&part)).map_or(&[][..], |(_, words)| *words);
        values.extend(words.iter().map(|word| Located::new(Value::Word(Word::from(*word)), value.span)));
        values.push(value);
    }
    (values, span)
}
