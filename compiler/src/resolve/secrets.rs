//! `secret "app-tls" at "/etc/tls"`, `secret "app-db" key "password" as DB_PASSWORD`, `pull-secret "registry-login"`,
//! `login as "forecast" key "forecast-o1"`: Secrets by name, never what is in them.

use ranform_network::address::is_subdomain;
use ranform_network::deployment::Connector;
use ranform_network::diagnostic::codes;
use ranform_network::network::{Login, LoginProof, ModelConnector, Name, SecretPlace, SecretUse, is_entry};
use ranform_network::{Diagnostic, Located};

use super::argument::Argument;
use super::body::{Body, Line};
use super::node::twice;

/// The longest folder.
const LONGEST_FOLDER: usize = 255;

/// The names of Secrets that images are pulled by, sorted, each once.
pub(crate) fn pull_secrets(body: &Body<'_>) -> Vec<Located<Name>> {
    let mut names: Vec<Located<Name>> = body.all("pull-secret").filter_map(|line| name(line.first()?)).collect();
    names.sort_by(|a, b| (&a.value, a.span).cmp(&(&b.value, b.span)));
    for pair in names.windows(2).filter(|pair| pair[0].value == pair[1].value) {
        body.report(twice(&pair[1].value, pair[1].span, pair[0].span));
    }
    names.dedup_by(|second, first| second.value == first.value);
    names
}

/// The Secrets that software is given, as written; a variable of a container is given once.
pub(crate) fn secrets(body: &Body<'_>, connectors: &[ModelConnector]) -> Vec<SecretUse> {
    let mut used: Vec<SecretUse> = Vec::new();
    for line in body.all("secret") {
        let Some(one) = secret(line, connectors) else { continue };
        let container = |of: &SecretUse| of.connector.as_ref().map(|connector| connector.value);
        let same = |other: &&SecretUse| match (&other.place, &one.place) {
            (SecretPlace::Variable(first), SecretPlace::Variable(second)) => {
                first.value == second.value && container(other) == container(&one)
            }
            _ => false,
        };
        match (used.iter().find(same).map(|first| &first.place), &one.place) {
            (Some(SecretPlace::Variable(first)), SecretPlace::Variable(second)) => {
                body.report(twice(&second.value, second.span, first.span));
            }
            _ => used.push(one),
        }
    }
    used
}

fn secret(line: Line<'_, '_>, connectors: &[ModelConnector]) -> Option<SecretUse> {
    let secret = name(line.first()?);
    let key = match line.after("key") {
        Some(key) => Some(entry(key)?),
        None => None,
    };
    let place = match line.after("at") {
        Some(at) => SecretPlace::Folder(folder(at)?),
        None => SecretPlace::Variable(variable(line.after("as")?)?),
    };
    let connector = match line.after("for") {
        Some(way) => Some(one_of(line, &way.choice(&Connector::ALL)?, connectors, "a Secret")?),
        None => None,
    };
    Some(SecretUse { secret: secret?, key, place, connector })
}

/// A connector that the model has, to give something to.
pub(super) fn one_of(
    line: Line<'_, '_>,
    way: &Located<Connector>,
    connectors: &[ModelConnector],
    what: &str,
) -> Option<Located<Connector>> {
    if connectors.iter().any(|one| one.way.value == way.value) {
        return Some(Located::new(way.value, way.span));
    }
    let word = way.value.word();
    let message = format!("{} has no connector `{word}` to give {what} to", line.body.title());
    let help = format!(
        "leave `for {word}` out: the software itself gets it; a model with `connector {word} ..` has such a container"
    );
    line.body.report(Diagnostic::error(&codes::UNKNOWN_REFERENCE, way.span, message).help(help));
    None
}

/// `login as "forecast" key "forecast-o1"`
pub(crate) fn login(body: &Body<'_>) -> Option<Login> {
    let line = body.line("login")?;
    let user = line.after("as")?.text()?;
    let (proof, word) = LoginProof::ALL.into_iter().find(|(_, word)| line.says(word))?;
    let secret = name(line.after(word)?)?;
    if user.value.trim().is_empty() {
        let help = "write the user that the nodes know, e.g. `login as \"forecast\" key \"forecast-o1\"`";
        line.after("as")?.report(&codes::WRONG_VALUE, "a login has no user", help);
        return None;
    }
    Some(Login { user: user.value, proof, secret })
}

/// The name of a Secret.
fn name(argument: Argument<'_, '_>) -> Option<Located<Name>> {
    let name = argument.text()?;
    if is_subdomain(&name.value) {
        return Some(name);
    }
    let message = format!("`{}` is no name of a Secret", name.value);
    let help =
        "write the name alone, lower case letters, digits, `-` and `.`: the Secret is in the namespace of the pods";
    argument.report(&codes::WRONG_VALUE, message, help);
    None
}

/// An entry of a Secret.
fn entry(argument: Argument<'_, '_>) -> Option<Located<Name>> {
    let key = argument.text()?;
    let text: &str = &key.value;
    if is_entry(text) {
        return Some(key);
    }
    let message = format!("`{text}` is no entry of a Secret");
    argument.report(&codes::WRONG_VALUE, message, "an entry has letters, digits, `-`, `_` and `.`, as `tls.crt`");
    None
}

/// A variable of the environment, of which an intent may be a text of a table.
pub(super) fn variable(argument: Argument<'_, '_>) -> Option<Located<Name>> {
    let variable = argument.text()?;
    let text: &str = &variable.value;
    let rest = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if rest && text.bytes().next().is_some_and(|byte| !byte.is_ascii_digit()) && text.len() <= 128 {
        return Some(variable);
    }
    let message = format!("`{text}` is no variable of an environment");
    argument.report(&codes::WRONG_VALUE, message, "a variable has letters, digits and `_`, as `DB_PASSWORD`");
    None
}

/// A folder of a container, from its root.
fn folder(argument: Argument<'_, '_>) -> Option<Located<Name>> {
    let folder = argument.text()?;
    let text: &str = &folder.value;
    let part = |part: &str| {
        let plain = part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.+@~".contains(&byte));
        plain && !part.is_empty() && part != "." && part != ".."
    };
    let fault = match text.strip_prefix('/') {
        None => "does not begin at the root",
        Some(rest) if rest.split('/').all(part) && text.len() <= LONGEST_FOLDER => return Some(folder),
        Some(_) => "is no folder of a container",
    };
    let message = format!("`{text}` {fault}");
    let help = "write a folder from the root, without `.`, `..` and a slash at the end, as `/etc/tls`";
    argument.report(&codes::WRONG_VALUE, message, help);
    None
}
