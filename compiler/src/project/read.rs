//! Reads and parses the intent files of a folder, and says why where it cannot.

use std::collections::BTreeMap;
use std::sync::Arc;

use ranform_grammar::ast::File;
use ranform_network::diagnostic::codes;
use ranform_network::source::WorldError;
use ranform_network::{Diagnostic, SourceId, Sources, Span, World};
use rayon::prelude::*;

use crate::resolve::naming;

/// The largest table file, in bytes: places in it are numbers of 32 bits.
const TABLE_LIMIT: u64 = 2 << 30;

/// Files with their bytes, in the order of their paths.
type FilesRead = Vec<(String, Arc<[u8]>)>;

/// Reads files once each and keeps what was read.
pub(crate) struct Reader<'w> {
    world: &'w dyn World,
    /// Every text read so far.
    pub sources: Sources,
    files: BTreeMap<String, Arc<[u8]>>,
    findings: Vec<Diagnostic>,
}

impl<'w> Reader<'w> {
    /// Has read nothing yet.
    pub fn new(world: &'w dyn World) -> Self {
        Self { world, sources: Sources::new(), files: BTreeMap::new(), findings: Vec::new() }
    }

    /// As [`Self::intents`] for the folder of a module; whether it is there at all is the caller's finding.
    pub fn intents_of_module(&mut self, folder: &str) -> Vec<File> {
        match self.world.intents(folder) {
            Err(WorldError::Missing(_)) => Vec::new(),
            Err(_) if self.is_file(folder) => Vec::new(),
            _ => self.intents(folder),
        }
    }

    /// Whether there is a file at this path.
    pub fn is_file(&self, path: &str) -> bool {
        self.files.contains_key(path) || self.world.read(path).is_ok()
    }

    /// All intent files below a folder, parsed, in the order of their paths.
    pub fn intents(&mut self, folder: &str) -> Vec<File> {
        let paths = match self.world.intents(folder) {
            Ok(paths) => paths,
            Err(error) => {
                self.findings.push(unreadable(&error, None));
                return Vec::new();
            }
        };
        let mut ids = Vec::new();
        for path in paths {
            if let Some(bytes) = self.bytes(&path, None) {
                match ranform_grammar::decode(&path, &bytes) {
                    Ok(text) => ids.push(self.sources.add(path, text)),
                    Err(finding) => self.findings.push(finding),
                }
            }
        }
        let parse = |id: &SourceId| {
            let text = self.sources.get(*id).map_or("", |source| &source.text);
            ranform_grammar::parse(*id, text)
        };
        let parsed: Vec<_> = ids.par_iter().map(parse).collect();
        let mut files = Vec::with_capacity(parsed.len());
        for mut one in parsed {
            self.findings.extend(one.diagnostics);
            self.findings.extend(naming::check(&mut one.file));
            files.push(one.file);
        }
        files
    }

    /// The path of a source.
    pub fn path(&self, source: SourceId) -> String {
        self.sources.get(source).map(|source| source.path.clone()).unwrap_or_default()
    }

    /// Takes note of findings.
    pub fn report(&mut self, findings: Vec<Diagnostic>) {
        self.findings.extend(findings);
    }

    /// The text of a table file, named relative to the file that names it at `named`.
    pub fn text(&mut self, name: &str, named: Span) -> Option<(SourceId, Arc<str>)> {
        let Some(path) = beside(&self.path(named.source), name) else {
            self.findings.push(unreadable(&WorldError::Outside(name.to_owned()), Some(named)));
            return None;
        };
        if let Some(source) = self.sources.iter().find(|source| source.path == path) {
            return Some((source.id, source.text.clone()));
        }
        let bytes = self.bytes(&path, Some(named))?;
        if bytes.len() as u64 > TABLE_LIMIT {
            self.findings.push(unreadable(&WorldError::TooLarge { path, limit: TABLE_LIMIT }, Some(named)));
            return None;
        }
        let text = match std::str::from_utf8(&bytes) {
            Ok(text) => text,
            Err(error) => {
                let found = ranform_grammar::not_utf8(&path, &bytes, error);
                self.findings.push(Diagnostic { span: Some(named), ..found });
                return None;
            }
        };
        let text: Arc<str> = Arc::from(text);
        Some((self.sources.add(path, text.clone()), text))
    }

    /// The bytes of a file; a finding at `named`, where it is named, if it cannot be had.
    pub fn bytes(&mut self, path: &str, named: Option<Span>) -> Option<Arc<[u8]>> {
        if let Some(bytes) = self.files.get(path) {
            return Some(bytes.clone());
        }
        match self.world.read(path) {
            Ok(bytes) => {
                self.files.insert(path.to_owned(), bytes.clone());
                Some(bytes)
            }
            Err(error) => {
                self.findings.push(unreadable(&error, named));
                None
            }
        }
    }

    /// The sources, the files with their bytes in the order of their paths, and what was found.
    pub fn into_parts(self) -> (Sources, FilesRead, Vec<Diagnostic>) {
        (self.sources, self.files.into_iter().collect(), self.findings)
    }
}

/// The finding about a file that cannot be had.
fn unreadable(error: &WorldError, named: Option<Span>) -> Diagnostic {
    let (code, help) = match error {
        WorldError::Missing(_) => {
            (&codes::FILE_MISSING, "check its name: paths are relative to the file that names them")
        }
        WorldError::Outside(_) => (&codes::FILE_OUTSIDE, "copy it into the project: nothing outside is read"),
        WorldError::TooLarge { .. } => (&codes::FILE_TOO_LARGE, "split it into several files"),
        WorldError::Unreadable { .. } => {
            (&codes::FILE_UNREADABLE, "let this program read it; an intent file is a plain file whose name is UTF-8")
        }
    };
    match named {
        Some(span) => Diagnostic::error(code, span, error.to_string()).help(help),
        None => Diagnostic::error_nowhere(code, error.to_string()).help(help),
    }
}

/// The path `name`, written in the file at `path`, as seen from the project; none where it leaves the project.
pub(crate) fn beside(path: &str, name: &str) -> Option<String> {
    if name.starts_with('/') || name.contains('\\') || name.contains('\0') {
        return None;
    }
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut steps: Vec<&str> = folder.split('/').filter(|step| !step.is_empty()).collect();
    for step in name.split('/') {
        match step {
            "" | "." => {}
            ".." => drop(steps.pop()?),
            step => steps.push(step),
        }
    }
    Some(steps.join("/"))
}
