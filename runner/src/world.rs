//! The disk as a [`World`]: bounded to the project folder, in size and in number of files.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use ranform_network::source::{World, WorldError};

/// The largest file read: an intent file, a table or an observation.
pub const LARGEST_FILE: u64 = 1 << 30;

/// The most intent files of one project.
pub const MOST_FILES: usize = 100_000;

/// The deepest folder below the project that is searched for intents.
const DEEPEST: usize = 64;

/// Files of one project folder. Paths that leave it (`..`, absolute, symbolic links) are refused.
#[derive(Clone, Debug)]
pub struct DiskWorld {
    root: PathBuf,
    canonical: PathBuf,
}

impl DiskWorld {
    /// The project in `root`.
    ///
    /// # Errors
    /// The folder does not exist or cannot be read.
    pub fn new(root: &Path) -> std::io::Result<Self> {
        Ok(Self { root: root.to_owned(), canonical: root.canonicalize()? })
    }

    /// The project folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    fn locate(&self, path: &str) -> Result<PathBuf, WorldError> {
        let relative = Path::new(path);
        if relative.components().any(|part| !matches!(part, Component::Normal(_) | Component::CurDir)) {
            return Err(WorldError::Outside(path.to_owned()));
        }
        let full = self.canonical.join(relative);
        let real = full.canonicalize().map_err(|error| read_error(path, &error))?;
        if !real.starts_with(&self.canonical) {
            return Err(WorldError::Outside(path.to_owned()));
        }
        Ok(real)
    }
}

fn read_error(path: &str, error: &std::io::Error) -> WorldError {
    match error.kind() {
        std::io::ErrorKind::NotFound => WorldError::Missing(path.to_owned()),
        _ => unreadable(path, error),
    }
}

fn unreadable(path: &str, reason: impl std::fmt::Display) -> WorldError {
    WorldError::Unreadable { path: path.to_owned(), reason: reason.to_string() }
}

impl World for DiskWorld {
    fn read(&self, path: &str) -> Result<Arc<[u8]>, WorldError> {
        let real = self.locate(path)?;
        let found = std::fs::metadata(&real).map_err(|error| read_error(path, &error))?;
        if !found.is_file() {
            // A pipe would be waited for without end.
            return Err(unreadable(path, if found.is_dir() { "it is a folder" } else { "it is no plain file" }));
        }
        if found.len() > LARGEST_FILE {
            return Err(WorldError::TooLarge { path: path.to_owned(), limit: LARGEST_FILE });
        }
        std::fs::read(&real).map(Arc::from).map_err(|error| read_error(path, &error))
    }

    fn intents(&self, folder: &str) -> Result<Vec<String>, WorldError> {
        let start = if folder.is_empty() { self.canonical.clone() } else { self.locate(folder)? };
        let mut found = Vec::new();
        collect(&start, folder, 0, &mut found)?;
        found.sort();
        Ok(found)
    }
}

/// Adds the intent files below `at`, leaving out hidden folders and linked ones. A linked file is read where it leads
/// to a place inside the project, and told where it does not. No file is passed over: what nobody can name or read is an error.
fn collect(at: &Path, name: &str, depth: usize, found: &mut Vec<String>) -> Result<(), WorldError> {
    if depth > DEEPEST {
        return Err(unreadable(name, format!("it is nested deeper than {DEEPEST} folders")));
    }
    let entries = std::fs::read_dir(at).map_err(|error| read_error(name, &error))?;
    for entry in entries {
        let entry = entry.map_err(|error| read_error(name, &error))?;
        let file = entry.file_name();
        let shown = file.to_string_lossy();
        if shown.starts_with('.') {
            continue;
        }
        let path = if name.is_empty() { shown.clone().into_owned() } else { format!("{name}/{shown}") };
        let kind = entry.file_type().map_err(|error| read_error(&path, &error))?;
        let before = found.len();
        if kind.is_dir() {
            collect(&entry.path(), &path, depth + 1, found)?;
        } else if shown.ends_with(".intent") {
            found.push(path.clone());
        }
        if found.len() > before && file.to_str().is_none() {
            return Err(unreadable(&path, "its name is not UTF-8"));
        }
        if found.len() > MOST_FILES {
            return Err(unreadable(&path, format!("a project has at most {MOST_FILES} intent files")));
        }
    }
    Ok(())
}
