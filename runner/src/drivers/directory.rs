//! The embedded default: a folder of the project plays the device, one document per resource.
//!
//! A transaction leaves `FILE.PERSIST.new` (staged), `FILE.PERSIST.old` (what was there) and `FILE.PERSIST.none`
//! (nothing was there) beside the documents until it is confirmed or taken back; that is all an abort after a
//! crash needs. Documents are made anew from what the folder holds, so keys of others in them survive.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use ranform_network::{Address, Artifact, ArtifactKind};
use ranform_targets::{Document, MAX_DOCUMENT_BYTES, Query, Stranger};

use super::compare::unlike;
use super::task::Side;
use super::{Difference, Driver, DriverError, Observation, Prepare, Task, Verb};
use crate::failure;
use crate::folders::SharedFolder;
use crate::patience::Patience;

/// The most documents read from a folder.
const MOST_DOCUMENTS: usize = 100_000;
/// The deepest folder below a device's folder.
const DEEPEST: usize = 8;
/// What the names of all transactions begin with; files that carry it are never documents.
pub const PERSIST_PREFIX: &str = "ranform-";

/// A device that is a folder.
#[derive(Debug)]
pub struct Directory {
    folder: PathBuf,
    /// The folder as it is written in the intents.
    name: String,
    /// The folder itself, locked, between check and the end.
    lock: Option<Arc<File>>,
    /// What it is to other nodes that have their files in it.
    shared: Option<Arc<SharedFolder>>,
    /// What the operator should know.
    notes: Vec<String>,
}

impl Directory {
    /// The folder of a device, inside of the project's folder `root`; `shared` with other nodes, where it is.
    ///
    /// # Errors
    /// A folder outside of the project.
    pub fn new(folder: &str, root: &Path, shared: Option<Arc<SharedFolder>>) -> Result<Self, DriverError> {
        let outside = || DriverError::Unreachable(format!("`{folder}` is not a folder of the project"));
        let name = folder.to_owned();
        let folder = inside(root, folder).ok_or_else(outside)?;
        Ok(Self { folder, name, lock: None, shared, notes: Vec::new() })
    }

    /// Does this while no other node works in the folder.
    fn in_turn<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> T {
        let shared = self.shared.clone();
        let _turn = shared.as_ref().map(|shared| shared.turn());
        work(self)
    }

    fn observe(&self, query: &Query<'_>) -> Result<Observation, DriverError> {
        let mut documents = self.documents(query.device)?;
        if query.profile.target == "kubernetes" {
            documents = ranform_targets::kubernetes::of_node(documents, query);
        }
        let target = ranform_targets::find(&query.profile.target);
        let target = target.ok_or_else(|| DriverError::Failed(format!("no format `{}`", query.profile.target)))?;
        let reading = query.ask(target, &documents).map_err(|error| DriverError::Failed(error.to_string()))?;
        let operations = [("read", 1)].into();
        Ok(Observation { documents, reading, operations, ..Observation::default() })
    }

    /// What others put into files of ours.
    fn strangers(&self, documents: &[Document], query: &Query<'_>) -> Result<Vec<Stranger>, DriverError> {
        let Some(target) = ranform_targets::find(&query.profile.target) else { return Ok(Vec::new()) };
        let folder = self.shared.as_ref().map(|shared| &shared.files);
        let found = target.strangers(documents, query, folder);
        let mut found = found.map_err(|error| DriverError::Failed(error.to_string()))?;
        found.iter_mut().for_each(|one| one.file = self.named(&one.file));
        Ok(found)
    }

    /// A path below the folder as it is in the project.
    fn named(&self, path: &str) -> String {
        format!("{}/{path}", self.name.trim_end_matches('/'))
    }

    fn check(&mut self, task: &Task) -> Result<(), DriverError> {
        self.take_lock()?;
        let known = task.known(Side::Before);
        let seen = self.observe(&task.query(&known))?;
        match task.differences(Side::Before, &seen.reading) {
            differences if differences.is_empty() => {
                let artifacts = self.agree_with_review(task, &seen.documents)?;
                self.refuse_taking(task, &artifacts, &seen.documents)?;
                // What is not touched may stay, and is told.
                let beside = self.strangers(&seen.documents, &task.query(&known))?;
                self.notes.extend(beside.iter().map(failure::holds));
                Ok(())
            }
            differences => Err(DriverError::Stale(differences)),
        }
    }

    /// What will be written, after making sure that it says of our resources what the reviewed documents say.
    fn agree_with_review(&self, task: &Task, present: &[Document]) -> Result<Vec<Artifact>, DriverError> {
        let artifacts = task.render(present)?;
        if task.artifacts.is_empty() {
            return Ok(artifacts);
        }
        let known = task.known(Side::After);
        let target = task.target()?;
        // Of what changes only: what others wrote beside it is in the one and not in the other.
        let reviewed = Some(&task.artifacts).filter(|reviewed| **reviewed != artifacts);
        for (documents, just_made) in std::iter::once((&artifacts, true)).chain(reviewed.map(|all| (all, false))) {
            let read = task.query(&known).ask(target, &overlay(present, documents));
            let reading = read.map_err(|error| DriverError::Failed(error.to_string()))?;
            let differences = task.differences(Side::After, &reading);
            if !differences.is_empty() {
                return Err(unlike(documents, &differences, just_made));
            }
        }
        Ok(artifacts)
    }

    /// Refuses to replace or remove a file of somebody else, or one of ours into which others wrote.
    fn refuse_taking(&self, task: &Task, artifacts: &[Artifact], present: &[Document]) -> Result<(), DriverError> {
        let named = |error| match error {
            DriverError::Endangered(of_others) => {
                DriverError::Endangered(of_others.iter().map(|one| self.named(one)).collect())
            }
            error => error,
        };
        task.refuse_endangering(artifacts, present).map_err(named)
    }

    fn stage(&mut self, task: &Task) -> Result<(), DriverError> {
        let present = self.documents(&task.address)?;
        let artifacts = self.agree_with_review(task, &present)?;
        fs::create_dir_all(&self.folder).map_err(|error| failed(&self.folder, &error))?;
        self.take_lock()?;
        for artifact in artifacts.iter().filter(|artifact| artifact.kind != ArtifactKind::Removal) {
            let path = beside(&self.path(&artifact.path)?, &task.persist, "new");
            write_through(&path, &artifact.bytes).map_err(|error| failed(&path, &error))?;
        }
        Ok(())
    }

    fn put(&mut self, task: &Task) -> Result<(), DriverError> {
        let present = self.documents(&task.address)?;
        let artifacts = self.agree_with_review(task, &present)?;
        // Only processes of this kind heed the lock: others may have written meanwhile.
        self.refuse_taking(task, &artifacts, &present)?;
        for artifact in artifacts {
            let path = self.path(&artifact.path)?;
            let moved = exchange(&path, &task.persist, artifact.kind);
            moved.map_err(|error| failed(&path, &error))?;
        }
        self.prove(task, Side::After).map_err(DriverError::NotTaken)
    }

    fn settle(&mut self, task: &Task) -> Result<(), DriverError> {
        // The device may have been put back by a person since the decision: then the same edit goes in anew.
        if self.prove(task, Side::After).is_err() {
            self.take_lock()?;
            self.stage(task)?;
            self.put(task)?;
        }
        for path in self.leftovers(&task.persist)? {
            fs::remove_file(&path).map_err(|error| failed(&path, &error))?;
        }
        self.lock = None;
        Ok(())
    }

    fn restore(&mut self, task: &Task) -> Result<(), DriverError> {
        for left in self.leftovers(&task.persist)? {
            let result = put_back(&left, &task.persist);
            result.map_err(|error| failed(&left, &error))?;
        }
        self.lock = None;
        self.prove(task, Side::Before).map_err(DriverError::NotRestored)
    }

    fn prove(&self, task: &Task, side: Side) -> Result<(), Vec<Difference>> {
        let known = task.known(side);
        match self.observe(&task.query(&known)) {
            Ok(seen) => match task.differences(side, &seen.reading) {
                differences if differences.is_empty() => Ok(()),
                differences => Err(differences),
            },
            Err(error) => Err(vec![Difference {
                by: Vec::new(),
                address: task.address.clone(),
                leaf: String::new(),
                expected: None,
                found: Some(error.to_string().into()),
            }]),
        }
    }

    /// Locks the folder against other processes of this kind. A folder that is not there needs no lock yet.
    fn take_lock(&mut self) -> Result<(), DriverError> {
        if self.lock.is_some() || !self.folder.exists() {
            return Ok(());
        }
        let take = || -> Result<File, DriverError> {
            let folder = File::open(&self.folder).map_err(|error| failed(&self.folder, &error))?;
            let taken = |_| DriverError::Locked(format!("another process works in `{}`", self.folder.display()));
            folder.try_lock().map_err(taken)?;
            Ok(folder)
        };
        self.lock = Some(match &self.shared {
            Some(shared) => shared.lock(take)?,
            None => Arc::new(take()?),
        });
        Ok(())
    }

    fn path(&self, relative: &str) -> Result<PathBuf, DriverError> {
        let outside = || DriverError::Failed(format!("`{relative}` is not a path below the device's folder"));
        inside(&self.folder, relative).ok_or_else(outside)
    }

    /// Every document below the folder that is not of another node's, by path; a folder that is not there holds none.
    fn documents(&self, node: &Address) -> Result<Vec<Document>, DriverError> {
        let of_others = |path: &str| self.shared.as_ref().is_some_and(|shared| shared.files.is_of_others(path, node));
        let mut documents = Vec::new();
        for path in self.files()? {
            let relative = path.strip_prefix(&self.folder).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if name.starts_with('.') || name.contains(&format!(".{PERSIST_PREFIX}")) || of_others(&relative) {
                continue;
            }
            let size = fs::metadata(&path).map_err(|error| failed(&path, &error))?.len();
            if size > MAX_DOCUMENT_BYTES as u64 {
                return Err(DriverError::Failed(format!("`{}` is larger than is read", path.display())));
            }
            let bytes = fs::read(&path).map_err(|error| failed(&path, &error))?;
            documents.push(Document { path: relative, bytes });
        }
        Ok(documents)
    }

    /// The files a transaction left beside documents.
    fn leftovers(&self, persist: &str) -> Result<Vec<PathBuf>, DriverError> {
        let mark = format!(".{persist}.");
        let mut files = self.files()?;
        files.retain(|path| path.file_name().is_some_and(|name| name.to_string_lossy().contains(&mark)));
        Ok(files)
    }

    /// Every plain file below the folder, sorted; links are not followed.
    fn files(&self) -> Result<Vec<PathBuf>, DriverError> {
        let mut files = Vec::new();
        let mut folders = vec![(self.folder.clone(), 0)];
        while let Some((folder, depth)) = folders.pop() {
            let entries = match fs::read_dir(&folder) {
                Ok(entries) => entries,
                Err(error) if error.kind() == ErrorKind::NotFound && depth == 0 => return Ok(files),
                Err(error) => return Err(DriverError::Unreachable(format!("`{}`: {error}", folder.display()))),
            };
            for entry in entries {
                let entry = entry.map_err(|error| failed(&folder, &error))?;
                let kind = entry.file_type().map_err(|error| failed(&folder, &error))?;
                if kind.is_dir() && depth < DEEPEST {
                    folders.push((entry.path(), depth + 1));
                } else if kind.is_file() {
                    files.push(entry.path());
                }
                if files.len() > MOST_DOCUMENTS {
                    let text = format!("`{}` holds more than {MOST_DOCUMENTS} files", self.folder.display());
                    return Err(DriverError::Failed(text));
                }
            }
        }
        files.sort();
        Ok(files)
    }
}

impl Driver for Directory {
    fn read<'a>(&'a mut self, query: Query<'a>, _patience: &'a Patience) -> Verb<'a, Observation> {
        Box::pin(async move {
            let seen = self.observe(&query)?;
            let strangers = self.strangers(&seen.documents, &query)?;
            Ok(Observation { strangers, ..seen })
        })
    }

    fn prepare<'a>(&'a mut self, task: &'a Task, step: Prepare, _patience: &'a Patience) -> Verb<'a, ()> {
        Box::pin(async move {
            self.in_turn(|own| match step {
                Prepare::Check => own.check(task),
                Prepare::Stage => own.stage(task),
            })
        })
    }

    fn commit<'a>(&'a mut self, task: &'a Task, _patience: &'a Patience) -> Verb<'a, ()> {
        Box::pin(async move { self.in_turn(|own| own.put(task)) })
    }

    fn confirm<'a>(&'a mut self, task: &'a Task, _patience: &'a Patience) -> Verb<'a, ()> {
        Box::pin(async move { self.in_turn(|own| own.settle(task)) })
    }

    fn abort<'a>(&'a mut self, task: &'a Task, _patience: &'a Patience) -> Verb<'a, ()> {
        Box::pin(async move { self.in_turn(|own| own.restore(task)) })
    }

    fn release<'a>(&'a mut self, _patience: &'a Patience) -> Verb<'a, ()> {
        self.lock = None;
        Box::pin(std::future::ready(Ok(())))
    }

    fn notes(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notes)
    }
}

/// The document set after these artifacts.
fn overlay(present: &[Document], artifacts: &[Artifact]) -> Vec<Document> {
    let untouched = |document: &&Document| artifacts.iter().all(|artifact| artifact.path != document.path);
    let mut documents: Vec<Document> = present.iter().filter(untouched).cloned().collect();
    let written = artifacts.iter().filter(|artifact| artifact.kind != ArtifactKind::Removal);
    documents.extend(written.map(|artifact| Document { path: artifact.path.clone(), bytes: artifact.bytes.clone() }));
    documents.sort_by(|a, b| a.path.cmp(&b.path));
    documents
}

/// `relative` below `root`, unless it leads out of it.
fn inside(root: &Path, relative: &str) -> Option<PathBuf> {
    let path = Path::new(relative);
    let plain = path.components().all(|component| matches!(component, Component::Normal(_) | Component::CurDir));
    (plain && !relative.is_empty()).then(|| root.join(path))
}

fn beside(path: &Path, persist: &str, what: &str) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!("{name}.{persist}.{what}"))
}

/// Writes a file, and its folders, so that it survives a power failure.
fn write_through(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Puts the staged document in its place and keeps what was there beside. Doing it twice is doing it once.
fn exchange(path: &Path, persist: &str, kind: ArtifactKind) -> std::io::Result<()> {
    let (old, none) = (beside(path, persist, "old"), beside(path, persist, "none"));
    if !old.exists() && !none.exists() {
        if path.exists() {
            fs::hard_link(path, &old)?;
        } else {
            write_through(&none, b"")?;
        }
    }
    let staged = beside(path, persist, "new");
    match kind {
        ArtifactKind::Removal if path.exists() => fs::remove_file(path)?,
        ArtifactKind::Removal => {}
        _ if staged.exists() => fs::rename(&staged, path)?,
        _ => {}
    }
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

/// Undoes what a file left beside a document stands for.
fn put_back(left: &Path, persist: &str) -> std::io::Result<()> {
    let name = left.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let Some((document, what)) = name.split_once(&format!(".{persist}.")) else { return Ok(()) };
    let path = left.with_file_name(document);
    match what {
        "old" => {
            fs::rename(left, &path)?;
            // Where nothing was exchanged yet both names are one file, and renaming does nothing (POSIX rename).
            if left.exists() {
                fs::remove_file(left)?;
            }
        }
        "none" => {
            match fs::remove_file(&path) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            fs::remove_file(left)?;
        }
        _ => fs::remove_file(left)?,
    }
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

fn failed(path: &Path, error: &std::io::Error) -> DriverError {
    DriverError::Failed(format!("`{}`: {error}", path.display()))
}
