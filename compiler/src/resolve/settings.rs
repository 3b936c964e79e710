//! `args "--verbose"`, `env LOG_LEVEL "debug"`, `annotation "k8s.v1.cni.cncf.io/networks" "ran-e2"`: what operators say
//! of pods that no plan decides.

use ranform_network::address::is_subdomain;
use ranform_network::deployment::Connector;
use ranform_network::diagnostic::codes;
use ranform_network::network::{Arguments, ModelConnector, Name, Settings, Variable};
use ranform_network::{Located, Span};

use super::body::{Body, Line};
use super::node::twice;
use super::secrets::{one_of, variable};

/// The variables by which the libraries of a RIC's platform find what is decided.
const DECIDED: [&str; 6] =
    ["DBAAS_SERVICE_HOST", "DBAAS_SERVICE_PORT", "DBAAS_NODE_COUNT", "RMR_SRC_ID", "RMR_RTG_SVC", "CONFIG_FILE"];
/// How names of variables end whose values are secret.
const SECRET: [&str; 5] = ["PASSWORD", "PASSWD", "TOKEN", "SECRET", "PRIVATE_KEY"];
/// Whose annotations are not for operators.
const OURS: &str = "ranform.dev/";

/// What is said of the pods of software; each variable of a container, and each annotation, once.
pub(crate) fn settings(body: &Body<'_>, connectors: &[ModelConnector]) -> Settings {
    let mut settings = Settings::default();
    for line in body.all("args") {
        let Some(one) = arguments(line, connectors) else { continue };
        let same = |other: &&Arguments| container(&other.connector) == container(&one.connector);
        match settings.args.iter().find(same) {
            Some(first) => body.report(twice("args", one.span, first.span)),
            None => settings.args.push(one),
        }
    }
    for line in body.all("env") {
        let Some(one) = value(line, connectors) else { continue };
        let first = given(body, &settings.variables, &one);
        match first {
            Some(first) => body.report(twice(&one.name.value, one.name.span, first)),
            None => settings.variables.push(one),
        }
    }
    for line in body.all("annotation") {
        let Some((key, value)) = annotation(line) else { continue };
        match settings.annotations.iter().find(|(known, _)| known.value == key.value) {
            Some((first, _)) => body.report(twice(&key.value, key.span, first.span)),
            None => settings.annotations.push((key, value)),
        }
    }
    settings.annotations.sort_by(|a, b| a.0.value.cmp(&b.0.value));
    settings
}

fn container(connector: &Option<Located<Connector>>) -> Option<Connector> {
    connector.as_ref().map(|connector| connector.value)
}

/// Where a variable of the same container is given already, by a value or an entry of a Secret.
fn given(body: &Body<'_>, variables: &[Variable], one: &Variable) -> Option<Span> {
    let same = |known: &&Variable| {
        known.name.value == one.name.value && container(&known.connector) == container(&one.connector)
    };
    if let Some(known) = variables.iter().find(same) {
        return Some(known.name.span);
    }
    let way = container(&one.connector);
    let of_secret = |line: Line<'_, '_>| {
        let variable = line.after("as")?.text()?;
        let its = line.after("for").and_then(|way| way.choice(&Connector::ALL)).map(|way| way.value);
        (variable.value == one.name.value && its == way).then_some(variable.span)
    };
    body.all("secret").find_map(of_secret)
}

fn way(line: Line<'_, '_>, connectors: &[ModelConnector], what: &str) -> Option<Option<Located<Connector>>> {
    match line.after("for") {
        Some(way) => Some(Some(one_of(line, &way.choice(&Connector::ALL)?, connectors, what)?)),
        None => Some(None),
    }
}

fn arguments(line: Line<'_, '_>, connectors: &[ModelConnector]) -> Option<Arguments> {
    let values = line.list().into_iter().filter_map(|value| value.text()).map(|value| value.value).collect();
    Some(Arguments { values, span: line.span(), connector: way(line, connectors, "arguments")? })
}

fn value(line: Line<'_, '_>, connectors: &[ModelConnector]) -> Option<Variable> {
    let name = variable(line.first()?)?;
    let value = line.at(1)?;
    let text = value.text()?;
    let upper = name.value.to_uppercase();
    if DECIDED.contains(&&*name.value) {
        let message = format!("`{}` is decided: by it software finds its platform", name.value);
        line.first()?.report(&codes::WRONG_VALUE, message, "leave it out");
        return None;
    }
    if SECRET.iter().any(|end| upper.ends_with(end)) {
        let message = format!("what `{}` says stands in clear", name.value);
        let help = format!(
            "put it into a Secret and name that: `secret \"app\" key \"entry\" as {}`; change what was written here, it is known now",
            name.value
        );
        value.report(&codes::SECRET_IN_CLEAR, message, help);
        return None;
    }
    Some(Variable { name, value: text.value, connector: way(line, connectors, "a variable")? })
}

fn annotation(line: Line<'_, '_>) -> Option<(Located<Name>, Name)> {
    let argument = line.first()?;
    let key = argument.text()?;
    let value = line.at(1)?.text()?.value;
    if key.value.starts_with(OURS) {
        let message = format!("`{}` is ranform's own annotation", key.value);
        argument.report(&codes::WRONG_VALUE, message, "leave it out");
        return None;
    }
    if is_qualified(&key.value) {
        return Some((key, value));
    }
    let message = format!("`{}` is no key of an annotation", key.value);
    let help = "write a name, or a domain and a name, as `k8s.v1.cni.cncf.io/networks`";
    argument.report(&codes::WRONG_VALUE, message, help);
    None
}

/// Whether a text is a key of annotations: a name of at most 63 characters, after a domain or not.
fn is_qualified(key: &str) -> bool {
    let (domain, name) = key.rsplit_once('/').map_or((None, key), |(domain, name)| (Some(domain), name));
    let ends = |byte: Option<char>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    domain.is_none_or(is_subdomain)
        && (1..=63).contains(&name.len())
        && name.bytes().all(inner)
        && ends(name.chars().next())
        && ends(name.chars().next_back())
}
