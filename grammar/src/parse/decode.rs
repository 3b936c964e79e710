//! Bytes to text: size, encoding, byte order mark, line ends.

use std::str::Utf8Error;

use ranform_network::diagnostic::codes;
use ranform_network::{Diagnostic, SourceId, Span};

/// The largest intent file, in bytes.
pub const SIZE_LIMIT: usize = 64 << 20;

const MARK: char = '\u{feff}';

/// The text of an intent file.
///
/// # Errors
/// A file that is larger than [`SIZE_LIMIT`] or not UTF-8; `path` is for the message only. A byte order
/// mark and carriage returns are left for [`crate::parse()`] to report, which knows their place.
#[expect(clippy::result_large_err, reason = "a finding is collected by value, once per file")]
pub fn decode(path: &str, bytes: &[u8]) -> Result<String, Diagnostic> {
    if bytes.len() > SIZE_LIMIT {
        let message = format!("`{path}` has {} bytes, the limit is {SIZE_LIMIT}", bytes.len());
        let found = Diagnostic::error_nowhere(&codes::FILE_TOO_LARGE, message);
        return Err(found.help("split it into several files, or keep the inventory in a table"));
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.to_owned()),
        Err(error) => Err(not_utf8(path, bytes, error)),
    }
}

/// What is told of a file that is not UTF-8: the line of the first byte that belongs to no character. It has no place in
/// a text; who knows where the file is named sets it.
pub fn not_utf8(path: &str, bytes: &[u8], error: Utf8Error) -> Diagnostic {
    let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let message = format!("`{path}` is not UTF-8 text: line {line} has a byte that belongs to no character");
    let sixteen = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    let help = if sixteen { "it looks like UTF-16: save it as UTF-8" } else { "save it as UTF-8" };
    Diagnostic::error_nowhere(&codes::NOT_UTF8, message).help(help)
}

/// Finds a byte order mark, carriage returns and other control characters, each reported once.
pub(super) fn check(source: SourceId, text: &str) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    if text.starts_with(MARK) {
        let span = Span::new(source, 0, MARK.len_utf8());
        found.push(
            Diagnostic::error(&codes::BYTE_ORDER_MARK, span, "the file begins with a byte order mark")
                .help("save it as UTF-8 without a byte order mark"),
        );
    }
    if let Some(first) = text.find('\r') {
        let lines = text.bytes().filter(|byte| *byte == b'\r').count();
        let message = match lines {
            1 => "there is a carriage return here".to_owned(),
            lines => format!("lines end with carriage returns: this and {} more", lines - 1),
        };
        found.push(
            Diagnostic::error(&codes::CARRIAGE_RETURN, Span::new(source, first, first + 1), message)
                .help("save the file with Unix line ends (`\\n`)"),
        );
    }
    found.extend(control(source, text));
    found
}

/// A control character that is no line end and no tab: a terminal would obey it wherever the line is shown.
fn control(source: SourceId, text: &str) -> Option<Diagnostic> {
    // The controls of Latin-1 are two bytes, of which the first is this one.
    let suspect = |byte: u8| (byte < 0x20 && !matches!(byte, b'\n' | b'\t' | b'\r')) || matches!(byte, 0x7f | 0xc2);
    let first = text.bytes().position(suspect)?;
    let is_control = |character: char| character.is_control() && !matches!(character, '\n' | '\t' | '\r');
    let (at, character) = text.get(first..)?.char_indices().find(|(_, character)| is_control(*character))?;
    let at = first + at;
    let message = format!("there is the control character U+{:04X} here", u32::from(character));
    let span = Span::new(source, at, at + character.len_utf8());
    Some(Diagnostic::error(&codes::SYNTAX, span, message).help("remove it: no name and no text holds one"))
}
