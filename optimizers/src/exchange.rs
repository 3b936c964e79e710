//! The exchange formats: a JSON document with a problem in, a JSON document with its answer out.
//!
//! One contract for all kinds: exactly one JSON object comes back, whatever bytes go in, and an exit
//! code. Reading is bounded: at most [`max_document_bytes`], nesting at most [`DEEPEST`] (checked while the
//! bytes arrive, see [`Reading`]), numbers that do not fit a double are refused. What a problem means is in
//! the folder of its kind.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use ranform_network::{AnswerKind, AnswerStatus, Control};
use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::{Value, json};

use crate::ignored::Ignored;

/// The deepest nesting of a document, less than what the parser of JSON takes.
pub const DEEPEST: usize = 120;

/// The largest document that is read. Slicing: 1 GiB, about a million nodes and ten tenants. The others, whose
/// problems of 10,000 nodes are a tenth of that: 256 MiB.
pub const fn max_document_bytes(kind: AnswerKind) -> usize {
    match kind {
        AnswerKind::Slicing => 1 << 30,
        AnswerKind::Placement | AnswerKind::Orchestration => 1 << 28,
    }
}

/// A document while its bytes arrive: what is too large or nested too deep is refused at the byte where it
/// shows, so that no more of such a document is held than came until then.
#[derive(Debug)]
pub struct Reading {
    kind: AnswerKind,
    bytes: Vec<u8>,
    depth: usize,
    in_text: bool,
    is_escaped: bool,
}

impl Reading {
    /// Nothing read yet.
    pub fn new(kind: AnswerKind) -> Self {
        Self { kind, bytes: Vec::new(), depth: 0, in_text: false, is_escaped: false }
    }

    /// Takes more of the document.
    ///
    /// # Errors
    /// It is too large, or nested too deep.
    pub fn take(&mut self, bytes: &[u8]) -> Result<(), DocumentError> {
        check_size(self.kind, self.bytes.len() + bytes.len())?;
        for byte in bytes {
            match byte {
                _ if self.is_escaped => self.is_escaped = false,
                b'\\' if self.in_text => self.is_escaped = true,
                b'"' => self.in_text = !self.in_text,
                b'[' | b'{' if !self.in_text => self.depth += 1,
                b']' | b'}' if !self.in_text => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
            if self.depth > DEEPEST {
                let message = format!("the document is nested deeper than {DEEPEST}");
                return Err(DocumentError::new(DocumentCode::NotReadable, message));
            }
        }
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    /// The whole document.
    pub fn document(self) -> Vec<u8> {
        self.bytes
    }
}

fn check_size(kind: AnswerKind, bytes: usize) -> Result<(), DocumentError> {
    let most = max_document_bytes(kind);
    if bytes <= most {
        return Ok(());
    }
    let message = format!("the document has more than {most} bytes, which is all that is read of one");
    Err(DocumentError::new(DocumentCode::TooLarge, message))
}

/// How to solve a document.
#[derive(Clone, Debug, Default)]
pub struct SolveOptions {
    /// The wall time allowed, for solvers that keep their own clock; [`Control`] stops the others.
    pub time_limit: Option<Duration>,
    /// The strategy by name; none is the default of the kind.
    pub strategy: Option<String>,
    /// The seed of strategies that draw random numbers.
    pub seed: u64,
}

/// The exit code of `ranform solve`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 0: optimal or feasible.
    Solved,
    /// 3: no answer obeys every constraint.
    Infeasible,
    /// 1: an error, or nothing found and nothing proved.
    Failed,
}

impl From<AnswerStatus> for Exit {
    fn from(status: AnswerStatus) -> Self {
        match status {
            AnswerStatus::Optimal | AnswerStatus::Feasible => Self::Solved,
            AnswerStatus::Infeasible => Self::Infeasible,
            AnswerStatus::Unknown => Self::Failed,
        }
    }
}

impl Exit {
    /// The process exit code.
    pub fn code(self) -> u8 {
        match self {
            Self::Solved => 0,
            Self::Failed => 1,
            Self::Infeasible => 3,
        }
    }
}

/// What comes back: one JSON object and the exit code that belongs to it.
#[derive(Clone, Debug, PartialEq)]
pub struct SolveOutcome {
    /// The one object to print on stdout.
    pub json: Value,
    /// The exit code.
    pub exit: Exit,
}

/// Why a document is refused. `code()` is stable; the message says what was found where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct DocumentError {
    /// What kind of error.
    pub code: DocumentCode,
    /// One line, lower case, in the document's own words.
    pub message: String,
}

/// The stable codes of [`DocumentError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DocumentCode {
    /// The document exceeds [`max_document_bytes`].
    TooLarge,
    /// Not JSON, nested too deep, a number that overflows, or a field missing or of the wrong type.
    NotReadable,
    /// The `format` field names another format.
    WrongFormat,
    /// Arrays whose sizes do not fit together.
    WrongSize,
    /// A number outside its range.
    OutOfRange,
    /// Numbers that contradict each other.
    Inconsistent,
    /// A strategy the kind does not have.
    UnknownStrategy,
    /// The kind is not solved yet.
    NotThereYet,
    /// What was asked for is no command: an option or a kind that there is not, an argument too many.
    WrongUsage,
    /// The solver gave up, or its answer did not pass the verification.
    NotSolved,
}

impl DocumentCode {
    /// The code as printed.
    pub fn name(self) -> &'static str {
        match self {
            Self::TooLarge => "too-large",
            Self::NotReadable => "not-readable",
            Self::WrongFormat => "wrong-format",
            Self::WrongSize => "wrong-size",
            Self::OutOfRange => "out-of-range",
            Self::Inconsistent => "inconsistent",
            Self::UnknownStrategy => "unknown-strategy",
            Self::NotThereYet => "not-there-yet",
            Self::WrongUsage => "wrong-usage",
            Self::NotSolved => "not-solved",
        }
    }
}

impl fmt::Display for DocumentCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl DocumentError {
    /// An error with this code and message.
    pub fn new(code: DocumentCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// The object and exit code that tell of this error.
    pub fn outcome(&self, kind: AnswerKind) -> SolveOutcome {
        let format = answer_format(kind);
        let json = json!({
            "format": format, "status": "error", "code": self.code.name(), "message": self.message, "seconds": null,
        });
        SolveOutcome { json, exit: Exit::Failed }
    }
}

/// Solves one document of `kind` and says so in one JSON object. Never panics, whatever the bytes.
pub fn solve_document(
    kind: AnswerKind,
    document: &[u8],
    options: &SolveOptions,
    control: &dyn Control,
) -> SolveOutcome {
    let answer = match kind {
        AnswerKind::Slicing => crate::slicing::document::solve_json(document, options, control),
        AnswerKind::Placement => crate::placement::solve_document(document, options, control),
        AnswerKind::Orchestration => crate::orchestration::solve_document(document, options, control),
    };
    answer.unwrap_or_else(|error| error.outcome(kind))
}

/// The fields of a document of `kind` that its format does not have: they have no effect.
pub fn ignored_fields(kind: AnswerKind, document: &[u8]) -> Vec<Ignored> {
    let shape = match kind {
        AnswerKind::Slicing => crate::slicing::document::shape(),
        AnswerKind::Placement => crate::placement::shape(),
        AnswerKind::Orchestration => crate::orchestration::shape(),
    };
    shape.ignored(document)
}

/// The `format` of answers of `kind`, e.g. `ranform.slicing.answer/1`.
pub fn answer_format(kind: AnswerKind) -> String {
    format!("ranform.{}.answer/1", kind.name())
}

/// Reads a document of `kind` into its typed form: bounded in size and depth, its `format` checked first.
pub fn read_document<T: DeserializeOwned>(kind: AnswerKind, document: &[u8]) -> Result<T, DocumentError> {
    check_size(kind, document.len())?;
    check_format(kind, document)?;
    serde_json::from_slice(document).map_err(|error| not_readable(&error))
}

#[derive(serde::Deserialize)]
struct FormatOnly {
    format: String,
}

/// A map of a document in which a key stands once: of two, nobody could say which one is meant.
pub(crate) fn distinct<'de, D, K, V>(deserializer: D) -> Result<BTreeMap<K, V>, D::Error>
where
    D: Deserializer<'de>,
    K: Deserialize<'de> + Ord + fmt::Debug,
    V: Deserialize<'de>,
{
    struct Distinct<K, V>(PhantomData<(K, V)>);

    impl<'de, K: Deserialize<'de> + Ord + fmt::Debug, V: Deserialize<'de>> Visitor<'de> for Distinct<K, V> {
        type Value = BTreeMap<K, V>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
            let mut map = BTreeMap::new();
            while let Some((key, value)) = access.next_entry()? {
                let entry = map.entry(key);
                if let Entry::Occupied(there) = &entry {
                    return Err(A::Error::custom(format!("{:?} stands twice", there.key())));
                }
                entry.or_insert(value);
            }
            Ok(map)
        }
    }

    deserializer.deserialize_map(Distinct(PhantomData))
}

fn check_format(kind: AnswerKind, document: &[u8]) -> Result<(), DocumentError> {
    let found: FormatOnly = serde_json::from_slice(document).map_err(|error| not_readable(&error))?;
    let expected = format!("ranform.{}/1", kind.name());
    if found.format == expected {
        return Ok(());
    }
    let shown: String = found.format.chars().take(80).collect();
    Err(DocumentError::new(DocumentCode::WrongFormat, format!("the format is `{shown}`, expected `{expected}`")))
}

fn not_readable(error: &serde_json::Error) -> DocumentError {
    let shown: String = in_words_of_the_format(&error.to_string()).chars().take(300).collect();
    DocumentError::new(DocumentCode::NotReadable, shown)
}

/// What a reader of a document says of a shape, without the names that its types have in this program.
fn in_words_of_the_format(text: &str) -> String {
    const TYPE: &str = "expected struct ";
    let Some((before, rest)) = text.split_once(TYPE) else { return text.to_owned() };
    let name_end = rest.find(|character: char| !character.is_ascii_alphanumeric()).unwrap_or(rest.len());
    let after = rest.get(name_end..).unwrap_or_default();
    // `[]` where an object is wanted is told as one with too few elements.
    let after = after.strip_prefix(" with ").and_then(|count| count.get(count.find(" at line ")?..)).unwrap_or(after);
    format!("{before}expected an object{after}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shape_is_told_without_the_names_of_types() {
        for document in ["[]", "null", "\"x\"", "7"] {
            let refused = check_format(AnswerKind::Slicing, document.as_bytes()).unwrap_err().to_string();
            assert!(refused.contains("expected an object at line 1"), "{refused}");
            assert!(!refused.contains("struct") && !refused.contains("FormatOnly"), "{refused}");
        }
    }

    #[test]
    fn nesting_is_refused_where_it_shows() {
        let mut reading = Reading::new(AnswerKind::Placement);
        assert_eq!(reading.take(&[b'['; DEEPEST]), Ok(()));
        let error = reading.take(b"{").unwrap_err();
        assert_eq!(
            (error.code, error.message.as_str()),
            (DocumentCode::NotReadable, "the document is nested deeper than 120")
        );
    }

    #[test]
    fn brackets_in_text_are_text() {
        let mut reading = Reading::new(AnswerKind::Orchestration);
        let text = format!(r#"{{"a": "{}\"{}"}}"#, "[".repeat(200), "{".repeat(200));
        for chunk in text.as_bytes().chunks(7) {
            assert_eq!(reading.take(chunk), Ok(()));
        }
        assert_eq!(reading.take(&[b'['; 100]), Ok(()), "the text ended");
        assert_eq!(reading.document().len(), text.len() + 100);
    }

    #[test]
    fn size_is_refused_before_it_is_held() {
        let mut reading = Reading::new(AnswerKind::Placement);
        let most = max_document_bytes(AnswerKind::Placement);
        reading.bytes = vec![b' '; most];
        assert_eq!(reading.take(b" ").unwrap_err().code, DocumentCode::TooLarge);
    }
}
