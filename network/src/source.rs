//! Text, places in it, and where it comes from.
//!
//! A [`Span`] names bytes of one [`Source`]; a [`Located`] value remembers the span it was written at.
//! [`World`] is the only way library code obtains a file; the runner implements it.

use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// The number of a [`Source`] in a [`Sources`] collection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SourceId(pub u32);

/// A half-open byte range `start..end` of one source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Span {
    /// The source the bytes are in.
    pub source: SourceId,
    /// The first byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The bytes `start..end` of `source`.
    pub fn new(source: SourceId, start: usize, end: usize) -> Self {
        // INVARIANT: sources are bounded to u32::MAX bytes where they are read.
        Self { source, start: start as u32, end: end as u32 }
    }

    /// The smallest span that covers both; `other` must be of the same source.
    pub fn to(self, other: Span) -> Span {
        Span { source: self.source, start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// A value and the place it was written at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Where it was written.
    pub span: Span,
}

impl<T> Located<T> {
    /// `value`, written at `span`.
    pub fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }

    /// The same place with another value.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Located<U> {
        Located { value: f(self.value), span: self.span }
    }

    /// A located reference.
    pub fn as_ref(&self) -> Located<&T> {
        Located { value: &self.value, span: self.span }
    }
}

impl<T> std::ops::Deref for Located<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

/// One input text: an intent file or a table.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its number.
    pub id: SourceId,
    /// The path relative to the project, with `/` separators, as printed to users.
    pub path: String,
    /// The text, UTF-8, as read.
    pub text: Arc<str>,
}

/// All texts of one run; a [`SourceId`] is an index into it.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    list: Vec<Source>,
}

impl Sources {
    /// An empty collection.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a text and returns its number.
    pub fn add(&mut self, path: impl Into<String>, text: impl Into<Arc<str>>) -> SourceId {
        let id = SourceId(self.list.len() as u32);
        self.list.push(Source { id, path: path.into(), text: text.into() });
        id
    }

    /// The source numbered `id`, if there is one.
    pub fn get(&self, id: SourceId) -> Option<&Source> {
        self.list.get(id.0 as usize)
    }

    /// All sources in the order they were added.
    pub fn iter(&self) -> impl Iterator<Item = &Source> {
        self.list.iter()
    }

    /// The text that `span` covers; empty where the span is not of this collection.
    pub fn text(&self, span: Span) -> &str {
        self.get(span.source).and_then(|source| source.text.get(span.start as usize..span.end as usize)).unwrap_or("")
    }
}

/// Why a file could not be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WorldError {
    /// There is no such file.
    #[error("there is no file `{0}`")]
    Missing(String),
    /// The path leaves the project folder (by `..`, an absolute path or a symbolic link).
    #[error("`{0}` is outside the project")]
    Outside(String),
    /// The file is larger than the limit.
    #[error("`{path}` is larger than {limit} bytes")]
    TooLarge {
        /// The file.
        path: String,
        /// The limit in bytes.
        limit: u64,
    },
    /// The operating system refused.
    #[error("`{path}` cannot be read: {reason}")]
    Unreadable {
        /// The file.
        path: String,
        /// The system's words.
        reason: String,
    },
}

/// Where library code gets files from. The runner implements it over the project folder, an editor
/// over its open buffers, tests over a map.
pub trait World: Sync {
    /// The bytes of the project file `path` (relative, `/` separated).
    fn read(&self, path: &str) -> Result<Arc<[u8]>, WorldError>;

    /// All project files whose name ends in `.intent` below `folder` (not in hidden folders), sorted.
    fn intents(&self, folder: &str) -> Result<Vec<String>, WorldError>;
}

/// A [`World`] of files held in memory, for tests and embedding.
#[derive(Clone, Debug, Default)]
pub struct MemoryWorld {
    files: std::collections::BTreeMap<String, Arc<[u8]>>,
}

impl MemoryWorld {
    /// Adds or replaces a file.
    pub fn with(mut self, path: impl Into<String>, bytes: impl AsRef<[u8]>) -> Self {
        self.files.insert(path.into(), Arc::from(bytes.as_ref()));
        self
    }
}

impl World for MemoryWorld {
    fn read(&self, path: &str) -> Result<Arc<[u8]>, WorldError> {
        if PathBuf::from(path).components().any(|part| !matches!(part, std::path::Component::Normal(_))) {
            return Err(WorldError::Outside(path.to_owned()));
        }
        self.files.get(path).cloned().ok_or_else(|| WorldError::Missing(path.to_owned()))
    }

    fn intents(&self, folder: &str) -> Result<Vec<String>, WorldError> {
        let inside = |path: &&String| folder.is_empty() || path.starts_with(&format!("{folder}/"));
        Ok(self.files.keys().filter(inside).filter(|path| path.ends_with(".intent")).cloned().collect())
    }
}
