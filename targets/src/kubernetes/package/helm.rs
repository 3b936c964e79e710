//! A Helm chart: templates that are the objects, with values for what an operator may change without the plan's proof
//! becoming untrue, and for what the plans of its environments decided otherwise.

mod marks;
mod openings;
mod roles;
mod template;
mod values;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use self::marks::Marks;
use self::openings::{Openings, instance, openings};
use self::roles::{Named, Roles, in_role, mark, named, roles};
use self::template::templates;
use self::values::Values;
use super::{File, HEADER, Objects};

/// What a chart is called and which intents it is of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chart {
    /// Its name, a DNS label.
    pub name: String,
    /// The first digits of the digest of the intents.
    pub digest: String,
}

/// Images, versions and nodes by their keys in the values.
const HELPERS: &str = include_str!("helm/helpers.tpl");

/// The templates by path, and the values that give an environment's objects.
type Written = (BTreeMap<String, String>, Values);

/// `Chart.yaml`, `values.yaml` with its schema, `templates/`, and `values-NAME.yaml` for each environment that differs
/// in values only. The second part names the environments that do not: each is a chart of its own.
pub fn helm(chart: &Chart, base: &Objects, environments: &BTreeMap<String, Objects>) -> (Vec<File>, Vec<String>) {
    let mut together: BTreeMap<&String, &Objects> = environments.iter().collect();
    // What is apart opens nothing: without it fewer leaves differ.
    let (openings, own, others) = loop {
        let (openings, own, others) = written(base, &together);
        let before = together.len();
        together.retain(|name, _| others.get(*name).is_some_and(|(templates, _)| *templates == own.0));
        if together.len() == before {
            break (openings, own, others);
        }
    };
    let (templates, values) = own;
    let mut files: Vec<File> =
        templates.iter().map(|(path, text)| file(&format!("templates/{path}"), HEADER.to_owned() + text)).collect();
    files.push(file("Chart.yaml", about(chart)));
    files.push(file("values.yaml", values.text()));
    files.push(file("values.schema.json", values.schema(&openings)));
    files.push(file("templates/_helpers.tpl", HELPERS.to_owned()));
    files.extend(others.iter().map(|(name, (_, other))| file(&format!("values-{name}.yaml"), other.beside(&values))));
    files.sort();
    let apart = environments.keys().filter(|name| !together.contains_key(name)).cloned().collect();
    (files, apart)
}

/// The templates of the base and of environments, with all open that may differ between them.
fn written(
    base: &Objects,
    environments: &BTreeMap<&String, &Objects>,
) -> (Openings, Written, BTreeMap<String, Written>) {
    let own = roles(base);
    let text: String =
        std::iter::once(&base).chain(environments.values()).flat_map(|one| one.all()).map(Value::to_string).collect();
    // Where all call their nodes the same, objects are called as they are.
    let by_role = environments.values().map(|one| roles(one)).any(|other| other != own && other.keys().eq(own.keys()));
    let environment = |objects: &Objects| Environment::of(objects, Marks::of(&text), by_role);
    let first = environment(base);
    let others: BTreeMap<String, Environment> =
        environments.iter().map(|(name, objects)| ((*name).clone(), environment(objects))).collect();
    let openings = openings(&std::iter::once(&first).chain(others.values()).collect::<Vec<_>>());
    let own = templates(first, &openings);
    let others = others.into_iter().map(|(name, one)| (name, templates(one, &openings))).collect();
    (openings, own, others)
}

/// The objects of an environment by file, its nodes called by their roles where that differs.
struct Environment {
    files: Vec<(String, Vec<Value>)>,
    marks: Marks,
    names: Vec<Named>,
    nodes: Roles,
}

impl Environment {
    fn of(objects: &Objects, mut marks: Marks, by_role: bool) -> Self {
        let nodes = roles(objects);
        let names = if by_role { named(&nodes, &mut marks) } else { Vec::new() };
        let file = |(path, objects): (&str, Vec<&Value>)| {
            let mut objects: Vec<Value> = objects.into_iter().cloned().collect();
            objects.iter_mut().for_each(|object| mark(object, &names));
            (in_role(path, &names), objects)
        };
        Self { files: objects.files().map(file).collect(), marks, nodes, names }
    }

    /// The objects of instances, by instance.
    fn instances(&self) -> impl Iterator<Item = (&str, &Value)> {
        let all = self.files.iter().flat_map(|(_, objects)| objects);
        all.filter_map(|object| Some((instance(object)?, object)))
    }
}

fn file(path: &str, text: String) -> File {
    File { path: path.to_owned(), text }
}

fn about(chart: &Chart) -> String {
    let about = json!({
        "apiVersion": "v2",
        "name": chart.name,
        "description": "Functions of a radio access network, placed by ranform",
        "type": "application",
        "version": format!("1.0.0+{}", chart.digest),
        "appVersion": chart.digest,
    });
    HEADER.to_owned() + &serde_yaml::to_string(&about).unwrap_or_default()
}
