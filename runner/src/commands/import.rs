//! `ranform import`: custom resources as intents.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::io::Read;
use std::path::{Path, PathBuf};

use ranform_network::Span;
use ranform_network::diagnostic::{Diagnostic, codes, has_errors};
use ranform_network::source::Sources;
use ranform_targets::custom_resources::{LARGEST, Resource, read};
use serde_json::json;

use crate::cli::{ImportArgs, Session, fail, hand_over, say_json, tell};
use crate::custom_resources::{FILE, Files, intents};
use crate::display::diagnostics;
use crate::exit::Exit;
use crate::failure;
use crate::replace::replace;

/// Writes the intents that the objects of the files say.
pub fn run(session: &Session, args: &ImportArgs) -> Exit {
    let mut sources = Sources::new();
    let mut resources: Vec<Resource> = Vec::new();
    let mut findings: Vec<Diagnostic> = Vec::new();
    let mut places = Places::new();
    for path in &args.files {
        let text = match text_of(path) {
            Ok(text) => text,
            Err(error) => return fail(failure::file(path, &error)),
        };
        let id = sources.add(path.display().to_string(), text);
        if let Some(source) = sources.get(id) {
            let (read, found) = read(source);
            findings.extend(found);
            add(&mut resources, read, &mut places, &mut findings);
        }
    }
    let files = match has_errors(&findings) {
        true => Files::new(),
        false => intents(&resources).unwrap_or_else(|found| {
            findings.extend(found);
            Files::new()
        }),
    };
    told(session, args, &files, &findings, &sources)
}

/// Where each thing stands: noun, modules and name.
type Places = BTreeMap<(&'static str, Vec<String>, String), Span>;

/// Adds the objects of a further file; the same thing in two of them is an error.
fn add(all: &mut Vec<Resource>, more: Vec<Resource>, places: &mut Places, findings: &mut Vec<Diagnostic>) {
    for resource in more {
        match places.entry((resource.kind.noun, resource.modules.clone(), resource.name.clone())) {
            Entry::Occupied(first) => {
                let message = format!("{} `{}` is there twice", resource.kind.noun, resource.name);
                let finding = Diagnostic::error(&codes::RESOURCE_NAME, resource.span, message);
                findings.push(finding.and(*first.get(), "first here").help("keep one of the two objects"));
            }
            Entry::Vacant(place) => {
                place.insert(resource.span);
                all.push(resource);
            }
        }
    }
}

/// The text of a file or of stdin, one byte more than is read at most.
fn text_of(path: &Path) -> std::io::Result<String> {
    let source: Box<dyn Read> = match path == Path::new("-") {
        true => Box::new(std::io::stdin().lock()),
        false => Box::new(std::fs::File::open(path)?),
    };
    let mut bytes = Vec::new();
    source.take(LARGEST as u64 + 1).read_to_end(&mut bytes)?;
    String::from_utf8(bytes).map_err(|_| std::io::Error::other("it is no UTF-8 text"))
}

fn told(session: &Session, args: &ImportArgs, files: &Files, findings: &[Diagnostic], sources: &Sources) -> Exit {
    if args.json {
        let mut document = diagnostics::json(findings, sources);
        document["files"] = json!(files);
        document["exit_code"] = u8::from(has_errors(findings)).into();
        say_json(&document);
    }
    session.tell_findings(findings, sources);
    if has_errors(findings) {
        return Exit::Error;
    }
    match (&args.out, files.get(FILE)) {
        (Some(folder), _) => written(folder, files),
        (None, _) if args.json => Exit::Ok,
        (None, Some(only)) if files.len() == 1 => {
            hand_over(only.as_bytes());
            Exit::Ok
        }
        (None, _) => fail(failure::usage(
            "the objects are of modules, each of which has a file of its own",
            "name a folder for the files: -out=FOLDER",
        )),
    }
}

/// Writes the files into a folder; one that is there with other words is left alone.
fn written(folder: &Path, files: &Files) -> Exit {
    let paths: Vec<(PathBuf, &String)> = files.iter().map(|(path, text)| (folder.join(path), text)).collect();
    for (path, text) in &paths {
        if path.exists() && std::fs::read_to_string(path).ok().as_ref() != Some(*text) {
            let message = format!("`{}` is there already and says something else", path.display());
            return fail(failure::usage(message, "remove it, or name another folder: -out=FOLDER"));
        }
    }
    for (path, text) in &paths {
        let parent = path.parent().unwrap_or(folder);
        let done = std::fs::create_dir_all(parent).and_then(|()| replace(path, text.as_bytes()));
        if let Err(error) = done {
            return fail(failure::file(path, &error));
        }
        tell(&format!("wrote {}\n", path.display()));
    }
    Exit::Ok
}
