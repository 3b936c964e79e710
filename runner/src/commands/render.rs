//! `ranform render -as kustomize|helm FOLDER`: everything that clusters are to run, as a package for another tool.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use ranform_compiler::CompileOptions;
use ranform_network::Artifact;
use ranform_network::address::{Address, slug};
use ranform_network::deployment::{Cause, Change, Deployment, Device, diff};
use ranform_network::network::{Protocol, Reference};
use ranform_targets::kubernetes::package::{Chart, File, Objects, helm, kustomize};

use serde_json::json;

use crate::cli::{Package, RenderArgs, Session, fail, say, say_json, stop};
use crate::exit::Exit;
use crate::failure::{self, Failure};
use crate::pipeline::{self, Inputs, Planned};
use crate::project::Project;

/// What a file of ours says in its first lines.
const OURS: &str = "Written by `ranform render`";
/// How much of a file is read to see whose it is.
const HEAD: usize = 400;

/// Renders and writes.
pub fn run(session: &Session, args: &RenderArgs) -> Exit {
    match rendered(session, args) {
        Ok(exit) | Err(exit) => exit,
    }
}

fn rendered(session: &Session, args: &RenderArgs) -> Result<Exit, Exit> {
    let project = Project::open(session, None)?;
    let (base, digest) = clusters(session, &project, session.overlay.as_deref())?;
    if base.is_empty() {
        let message = "these intents have no function that a cluster runs";
        let help = "manage compute nodes by `manage kubernetes ..`; `ranform plan` says what is decided for which node";
        return Err(fail(failure::usage(message, help)));
    }
    let environments = Environments::of(session, &project, &base)?;
    let none = BTreeMap::new();
    let several = base.len() > 1;
    let (mut files, mut apart) = (Vec::new(), environments.apart);
    for (cluster, objects) in &base {
        let beside = environments.by_cluster.get(cluster).unwrap_or(&none);
        let (made, alone) = match args.form {
            Package::Kustomize => (kustomize(objects, beside), Vec::new()),
            Package::Helm => chart(cluster, &digest, objects, beside),
        };
        let called = |name: String| environments.called.get(&name).cloned().unwrap_or(name);
        apart.extend(alone.into_iter().map(|name| (called(name), "differs in more than values".to_owned())));
        let below = |file: File| match several {
            true => File { path: format!("{cluster}/{}", file.path), ..file },
            false => file,
        };
        files.extend(made.into_iter().map(below));
    }
    write(&args.folder, &files).map_err(fail)?;
    let clusters: Vec<String> = base.keys().cloned().collect();
    if args.json {
        let paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
        let apart: Vec<&String> = apart.keys().collect();
        say_json(&json!({
            "format_version": "1.0", "folder": args.folder, "clusters": clusters, "files": paths,
            "environments_apart": apart, "environments_empty": environments.empty, "exit_code": 0,
        }));
    } else {
        for (name, why) in apart {
            let form = form(args);
            say(&format!("Environment {name} {why}: `ranform render -as {form} -overlay {name} FOLDER`\n"));
        }
        for name in environments.empty {
            say(&format!("Environment {name} has no function that a cluster runs\n"));
        }
        for (name, cluster) in environments.elsewhere {
            say(&format!("Environment {name} is cluster {cluster}\n"));
        }
        say(&closing(args, &clusters, files.len()));
    }
    Ok(Exit::Ok)
}

fn form(args: &RenderArgs) -> &'static str {
    match args.form {
        Package::Kustomize => "kustomize",
        Package::Helm => "helm",
    }
}

/// What there is beside the base: all overlays of the intents, or none where one of them was asked for.
#[derive(Default)]
struct Environments {
    /// Their objects, by the cluster of the base that they stand for, and their name in paths.
    by_cluster: BTreeMap<String, BTreeMap<String, Objects>>,
    /// What they are called in the intents, by their name in paths.
    called: BTreeMap<String, String>,
    /// Those that are packages of their own, and why.
    apart: BTreeMap<String, String>,
    /// Those of which no cluster runs anything.
    empty: Vec<String>,
    /// Those that are another cluster than the base, and which.
    elsewhere: Vec<(String, String)>,
}

impl Environments {
    fn of(session: &Session, project: &Project, base: &BTreeMap<String, Objects>) -> Result<Self, Exit> {
        let overlays = match session.overlay {
            Some(_) => Vec::new(),
            None => ranform_compiler::overlays(&project.world),
        };
        let mut all = Self::default();
        for overlay in overlays {
            let (clusters, _) = clusters(session, project, Some(&overlay))?;
            all.called.insert(slug(&overlay), overlay.clone());
            all.add(overlay, clusters, base);
        }
        Ok(all)
    }

    /// Each cluster is an environment of that of its name in the base. One cluster is one of the only one there is, whatever
    /// it is called; of several others nothing says which stands for which.
    fn add(&mut self, overlay: String, clusters: BTreeMap<String, Objects>, base: &BTreeMap<String, Objects>) {
        let others: Vec<&str> = clusters.keys().filter(|name| !base.contains_key(*name)).map(String::as_str).collect();
        let named = if others.len() == 1 { "another cluster" } else { "other clusters" };
        let others = others.join(", ");
        let only = base.keys().next().filter(|_| base.len() == 1 && clusters.len() == 1).cloned();
        match only {
            _ if clusters.is_empty() => self.empty.push(overlay),
            None if !others.is_empty() => drop(self.apart.insert(overlay, format!("has {named} ({others})"))),
            only => {
                if !others.is_empty() {
                    self.elsewhere.push((overlay.clone(), others));
                }
                for (cluster, objects) in clusters {
                    let cluster = only.clone().unwrap_or(cluster);
                    self.by_cluster.entry(cluster).or_default().insert(slug(&overlay), objects);
                }
            }
        }
    }
}

/// A chart, and the environments that are charts of their own.
fn chart(
    cluster: &str,
    digest: &str,
    objects: &Objects,
    environments: &BTreeMap<String, Objects>,
) -> (Vec<File>, Vec<String>) {
    let chart = Chart { name: slug(&format!("ranform-{cluster}")), digest: digest.to_owned() };
    helm(&chart, objects, environments)
}

/// The objects of each cluster by its name, in one environment, and the first digits of the digest of the intents.
fn clusters(
    session: &Session,
    project: &Project,
    overlay: Option<&str>,
) -> Result<(BTreeMap<String, Objects>, String), Exit> {
    let planned = planned(session, project, overlay);
    if !planned.complete {
        return Err(session.stop(&planned.diagnostics, &planned.sources, super::plan::stopped(&planned)));
    }
    session.tell_findings(&planned.diagnostics, &planned.sources);
    let deployment = &planned.deployment;
    let artifacts = everything(deployment).map_err(|findings| stop(&findings, Exit::Error))?;
    let names = names(deployment);
    let mut by_cluster: BTreeMap<&str, Vec<&Artifact>> = BTreeMap::new();
    for artifact in &artifacts {
        by_cluster.entry(names.get(&artifact.device).map_or("cluster", String::as_str)).or_default().push(artifact);
    }
    let mut clusters = BTreeMap::new();
    for (name, artifacts) in by_cluster {
        let objects = Objects::new(artifacts).map_err(|error| fail(failure::usage(error.to_string(), "")))?;
        clusters.insert(name.to_owned(), objects);
    }
    Ok((clusters, planned.intents_digest.chars().take(12).collect()))
}

/// The plan of one environment, on top of what state holds: names and places stay.
fn planned(session: &Session, project: &Project, overlay: Option<&str>) -> Planned {
    let today = crate::clock::today();
    let compile = CompileOptions { overlay: overlay.map(str::to_owned), ..session.compile_options() };
    pipeline::plan(&Inputs {
        snapshot: project.snapshot.as_ref(),
        observation: &project.observation,
        today: Some(&today),
        ..Inputs::new(&project.world, &compile, &project.memory)
    })
}

fn is_cluster_s(device: &Device) -> bool {
    device.profile.target == "kubernetes"
}

/// The artifacts of all that is decided for clusters, as if nothing were there.
fn everything(deployment: &Deployment) -> Result<Vec<Artifact>, Vec<ranform_network::Diagnostic>> {
    let devices: BTreeSet<&Address> =
        deployment.devices.iter().filter(|(_, device)| is_cluster_s(device)).map(|(address, _)| address).collect();
    let mut changes: Vec<Change> = diff(&BTreeMap::new(), deployment, |_, _| Cause::Observation);
    changes.retain(|change| devices.contains(&change.device));
    crate::render::artifacts(deployment, &changes, &BTreeMap::new())
}

/// The name of the cluster of each device: its context, or where its configuration is found; numbered where two that are
/// not one would be called the same.
fn names(deployment: &Deployment) -> BTreeMap<Address, String> {
    let mut known: Vec<((String, String), String)> = Vec::new();
    let mut names = BTreeMap::new();
    for (address, device) in deployment.devices.iter().filter(|(_, device)| is_cluster_s(device)) {
        let Some(way) = &device.management else { continue };
        let config = match &way.credential {
            Some(Reference::Environment(name) | Reference::File(name) | Reference::Secret(name)) => name.to_string(),
            None => String::new(),
        };
        let context = way.cluster.as_ref().and_then(|access| access.context.as_ref()).map(|context| context.words());
        let (key, wanted) = match way.protocol {
            Protocol::Kubernetes => {
                let shown = context.clone().unwrap_or_else(|| config.clone());
                let bare = shown.trim_start_matches("context ").trim_start_matches("env ").trim_matches('"').to_owned();
                ((context.unwrap_or_default(), config), bare)
            }
            _ => ((String::new(), way.endpoint.value.to_string()), way.endpoint.value.to_string()),
        };
        let name = match known.iter().find(|(other, _)| *other == key) {
            Some((_, name)) => name.clone(),
            None => {
                let wanted = if wanted.is_empty() { "cluster".to_owned() } else { slug(&wanted.to_lowercase()) };
                let taken = |name: &str| known.iter().any(|(_, other)| other == name);
                let mut name = wanted.clone();
                let mut number = 2;
                while taken(&name) {
                    name = format!("{wanted}-{number}");
                    number += 1;
                }
                known.push((key, name.clone()));
                name
            }
        };
        names.insert(address.clone(), name);
    }
    names
}

/// Writes the files; those of an earlier run that are no longer there go, those of others are never touched.
fn write(folder: &Path, files: &[File]) -> Result<(), Failure> {
    let wanted: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
    for file in files {
        let path = folder.join(&file.path);
        if path.exists() && !is_ours(&path) {
            let message = format!("`{}` is there and was not written by `ranform render`", path.display());
            return Err(
                failure::usage(message, "nothing was written; name another folder, or take the file away").into()
            );
        }
    }
    for file in files {
        let path = folder.join(&file.path);
        let done =
            path.parent().map_or(Ok(()), std::fs::create_dir_all).and_then(|()| std::fs::write(&path, &file.text));
        done.map_err(|error| failure::file(&path, &error))?;
    }
    for (path, name) in present(folder, "") {
        if !wanted.contains(name.as_str()) && is_ours(&path) {
            std::fs::remove_file(&path).map_err(|error| failure::file(&path, &error))?;
        }
    }
    Ok(())
}

/// The files below a folder, with their paths from it.
fn present(folder: &Path, below: &str) -> Vec<(std::path::PathBuf, String)> {
    let mut found = Vec::new();
    let Ok(entries) = std::fs::read_dir(folder.join(below)) else { return found };
    for entry in entries.flatten() {
        let name = format!("{below}{}", entry.file_name().to_string_lossy());
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => found.extend(present(folder, &format!("{name}/"))),
            Ok(kind) if kind.is_file() => found.push((entry.path(), name)),
            _ => {}
        }
    }
    found.sort();
    found
}

fn is_ours(path: &Path) -> bool {
    use std::io::Read;
    let mut head = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(HEAD as u64).read_to_end(&mut head));
    read.is_ok() && String::from_utf8_lossy(&head).contains(OURS)
}

fn closing(args: &RenderArgs, clusters: &[String], files: usize) -> String {
    let folder = args.folder.display();
    let place = |cluster: &String| if clusters.len() > 1 { format!("{folder}/{cluster}") } else { folder.to_string() };
    let mut text = format!("{files} files in {folder}\n");
    for cluster in clusters {
        text.push_str(&match args.form {
            Package::Kustomize => format!("Next: kubectl apply -k {}/base\n", place(cluster)),
            Package::Helm => format!("Next: helm upgrade --install {cluster} {}\n", place(cluster)),
        });
    }
    text
}
