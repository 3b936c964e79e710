//! Custom resources to intents: the text is written from what was checked, then parsed and printed by the grammar, so
//! that no value of an object can say more than its field.

mod access;
mod nodes;
mod places;
mod radio;
mod said;
mod software;
pub mod status;

use std::collections::BTreeMap;

use ranform_grammar::{parse, print};
use ranform_network::SourceId;
use ranform_network::diagnostic::{Diagnostic, codes};
use ranform_targets::custom_resources::{Resource, api_version};

use said::Said;

/// Intent files by path: `custom-resources.intent`, and one in the folder of each module.
pub type Files = BTreeMap<String, String>;

/// The file of what is of no module.
pub const FILE: &str = "custom-resources.intent";

/// The intents that say what the objects say.
///
/// # Errors
/// An object that the language has no words for.
pub fn intents(resources: &[Resource]) -> Result<Files, Vec<Diagnostic>> {
    let mut by_module: BTreeMap<&[String], Vec<&Resource>> = BTreeMap::from([(&[][..], Vec::new())]);
    for resource in resources {
        // A module inside of a module is used by the outer one, which has a file then.
        for depth in 0..=resource.modules.len() {
            by_module.entry(&resource.modules[..depth]).or_default();
        }
        by_module.entry(&resource.modules).or_default().push(resource);
    }
    let (mut files, mut findings) = (Files::new(), Vec::new());
    for (modules, resources) in &by_module {
        let inner: Vec<&String> = by_module.keys().filter_map(|other| other.strip_prefix(*modules)?.first()).collect();
        match file(modules, &inner, resources) {
            Ok(text) => drop(files.insert(path(modules), text)),
            Err(found) => findings.extend(found),
        }
    }
    if findings.is_empty() { Ok(files) } else { Err(findings) }
}

/// The folder of a module, named after its use, since each use has objects of its own.
fn folder(modules: &[String]) -> String {
    modules.iter().map(|name| format!("modules/{}", ranform_network::address::slug(name))).collect::<Vec<_>>().join("/")
}

fn path(modules: &[String]) -> String {
    let folder = folder(modules);
    if folder.is_empty() { FILE.to_owned() } else { format!("{folder}/{FILE}") }
}

/// One file, in canonical form.
fn file(modules: &[String], inner: &[&String], resources: &[&Resource]) -> Result<String, Vec<Diagnostic>> {
    let mut text = format!("# From custom resources of {}.\nlanguage 1\n\n", api_version());
    let mut names: Vec<&String> = inner.to_vec();
    names.dedup();
    for name in &names {
        let own = folder(std::slice::from_ref(*name));
        text.push_str(&format!("module {} from {}\n", said::name(name), said::quoted(&own)));
    }
    for resource in resources {
        text.push('\n');
        text.push_str(&block(resource));
        text.push('\n');
    }
    let parsed = parse(SourceId::default(), &text);
    let blocks = &parsed.file.blocks;
    let is = |resource: &&Resource, at: usize| {
        blocks.get(at).is_some_and(|block| {
            let name = block.name.as_ref().map(|name| name.value.as_str());
            block.noun.value.as_str() == resource.kind.noun && name == Some(resource.name.as_str())
        })
    };
    let strange = resources.iter().enumerate().filter(|(at, resource)| !is(resource, at + names.len()));
    let strange: Vec<&Resource> = strange.map(|(_, resource)| *resource).collect();
    if parsed.diagnostics.is_empty() && strange.is_empty() && blocks.len() == resources.len() + names.len() {
        return Ok(print(&parsed.file));
    }
    let of = if strange.is_empty() { resources.first().copied() } else { strange.first().copied() };
    let why = parsed.diagnostics.first().map_or_else(String::new, |found| format!(": {}", found.message));
    let place = if modules.is_empty() { String::new() } else { format!(" of module {}", modules.join(".")) };
    Err(of
        .into_iter()
        .map(|resource| {
            let message =
                format!("{} `{}`{place} cannot be said in the language{why}", resource.kind.name, resource.name);
            Diagnostic::error(&codes::RESOURCE_FIELD, resource.span, message)
                .help("say it in an intent file, and leave the object out")
        })
        .collect())
}

/// The block of an object.
fn block(resource: &Resource) -> String {
    let said = Said::new(&resource.spec);
    let name = said::name(&resource.name);
    match resource.kind.name {
        "Chunk" => radio::chunk(&name, said),
        "Service" => radio::service(&name, said),
        "ServiceSla" => radio::sla(&name, said),
        "RicDeployment" => software::ric(&name, said),
        "ModelRequest" => software::request(&name, said),
        kind => nodes::node(&name, kind, said),
    }
}
