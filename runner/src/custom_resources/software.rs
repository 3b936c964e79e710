//! `ric` and `request`.

use std::collections::BTreeMap;

use super::access::manage;
use super::nodes::yes_or_no;
use super::said::{Lines, Said, listed, name, node, quoted};

pub(super) fn ric(own: &str, said: Said<'_>) -> String {
    let nodes =
        |word: &str, field: &str| listed(said.texts(field).into_iter().map(node)).map(|list| format!("{word} {list}"));
    let pin = |pin: Said<'_>| Some(format!("{} on {}", pin.name("component")?, pin.name("node")?));
    let spread = |spread: Said<'_>| Some(format!("{} across {}", spread.name("component")?, spread.text("across")?));
    let exclusions = said.texts("exclusions").into_iter().map(super::said::reference_name);
    let lines = Lines::default()
        .say("manage", manage(said))
        .say("profile", said.plain("profile"))
        .say("serves", nodes("e2-nodes", "e2Nodes"))
        .say("serves at most", at_most(said))
        .say("candidates", nodes("compute-nodes", "candidates"))
        .each("pin", said.list("pins").filter_map(pin))
        .say("exclude", listed(exclusions))
        .each("spread", said.list("spread").filter_map(spread))
        .entity(said);
    let component = |component: Said<'_>| {
        let kind = component.text("kind").unwrap_or_default();
        software(component).block(&format!("component {kind}"))
    };
    let blocks = said.list("components").map(component).chain(said.list("xapps").map(xapp));
    blocks.fold(lines, |lines, block| lines.text(&block)).block(&format!("ric {own}"))
}

fn at_most(said: Said<'_>) -> Option<String> {
    said.plain("servesAtMost").map(|most| format!("{most} e2-nodes"))
}

/// What components and xApps have in common.
fn software(said: Said<'_>) -> Lines {
    Lines::default()
        .say("demand", said.amounts("demand"))
        .say("demand per e2-node", said.amounts("demandPerE2Node"))
        .say("serves at most", at_most(said))
        .say("cost", said.plain("cost"))
        .say("processing", said.plain("processing"))
        .say("image", said.quoted("image"))
        .each("pull-secret", said.texts("pullSecrets").into_iter().map(quoted))
        .each("secret", said.list("secrets").filter_map(secret))
        .say("args", listed(said.texts("args").into_iter().map(quoted)))
        .each("env", said.list("env").filter_map(variable))
        .each("annotation", said.list("annotations").filter_map(annotation))
        .say("pod-security", said.plain("podSecurity"))
}

/// `"app-db" key "password" as DB_PASSWORD`
fn secret(said: Said<'_>) -> Option<String> {
    let mut line = said.quoted("secret")?;
    if let Some(key) = said.quoted("key") {
        line += &format!(" key {key}");
    }
    match (said.quoted("folder"), said.text("variable")) {
        (Some(folder), _) => line += &format!(" at {folder}"),
        (None, variable) => line += &format!(" as {}", variable?),
    }
    Some(line)
}

/// `LOG_LEVEL "debug"`
fn variable(said: Said<'_>) -> Option<String> {
    Some(format!("{} {}", said.text("name")?, said.quoted("value")?))
}

/// `"k8s.v1.cni.cncf.io/networks" "ran-e2"`
fn annotation(said: Said<'_>) -> Option<String> {
    Some(format!("{} {}", said.quoted("key")?, said.quoted("value")?))
}

fn xapp(said: Said<'_>) -> String {
    software(said)
        .say("replicas", said.plain("replicas"))
        .say("version", said.quoted("version"))
        .say("loop", said.plain("loop"))
        .say("sdl", yes_or_no(said.flag("sdl")))
        .say("chain", listed(said.texts("chain").into_iter().map(name)))
        .entity(said)
        .block(&format!("xapp {}", said.text("name").map(name).unwrap_or_default()))
}

/// On which terms functions are wanted: keywords, and the words that follow them.
type Terms = Vec<(&'static str, String)>;

fn terms(target: Said<'_>) -> Terms {
    let performance = target.inner("performance").and_then(|bound| {
        let least = bound.plain("atLeast").map(|share| format!(">= {share}"));
        least.or_else(|| bound.plain("atMost").map(|share| format!("<= {share}")))
    });
    let sources = listed(target.texts("sources").into_iter().map(node)).map(|list| format!("nodes {list}"));
    let terms = [("within", target.plain("within")), ("accuracy", performance), ("data from", sources)];
    terms.into_iter().filter_map(|(keyword, said)| Some((keyword, said?))).collect()
}

pub(super) fn request(own: &str, said: Said<'_>) -> String {
    // Targets on the same terms stand together, a line for each function.
    let mut groups: BTreeMap<Terms, BTreeMap<String, Vec<String>>> = BTreeMap::new();
    for target in said.list("targets") {
        let (Some(function), Some(of)) = (target.name("function"), target.text("node")) else { continue };
        groups.entry(terms(target)).or_default().entry(function).or_default().push(node(of));
    }
    let wanted = |lines: Lines, terms: &[(&str, String)], functions: &BTreeMap<String, Vec<String>>| {
        let wants = functions.iter().map(|(function, nodes)| format!("{function} on nodes {}", nodes.join(", ")));
        let lines = lines.each("want", wants);
        terms.iter().fold(lines, |lines, (keyword, said)| lines.say(keyword, Some(said.clone())))
    };
    let mut lines = Lines::default().say("value", said.plain("value")).say("sharing", yes_or_no(said.flag("sharing")));
    lines = lines.entity(said);
    match groups.len() {
        1 => {
            for (terms, functions) in &groups {
                lines = wanted(lines, terms, functions);
            }
        }
        _ => {
            for (at, (terms, functions)) in groups.iter().enumerate() {
                let target = wanted(Lines::default(), terms, functions).block(&format!("target t{}", at + 1));
                lines = lines.text(&target);
            }
        }
    }
    lines.block(&format!("request {own}"))
}
