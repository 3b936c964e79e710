//! Cuts a file into pieces of whole blocks, without parsing them: strings, comments and braces are all
//! it knows. Pieces are parsed apart, so that an error in one never hides the next, and in parallel.
//! What makes a piece unfit for the parser (a brace or a quote that is never closed, nesting that is too
//! deep) is reported here, with the place where it began.

use std::ops::Range;

use ranform_network::diagnostic::codes;
use ranform_network::{Diagnostic, SourceId, Span};

use crate::ast::Noun;
use crate::vocabulary::RESERVED;

/// How deep braces, parentheses and brackets may be nested.
pub const DEPTH_LIMIT: usize = 32;

/// How often the search for a lost brace starts anew in one file, which bounds its time.
const RECOVERY_LIMIT: usize = 16;

/// A stretch of the file that holds whole blocks and the blanks and comments around them.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Piece {
    /// Its bytes.
    pub(super) range: Range<usize>,
    /// Whether it is fit for the parser.
    pub(super) sound: bool,
}

/// Cuts `text` into pieces that cover it.
pub(super) fn split(source: SourceId, text: &str) -> (Vec<Piece>, Vec<Diagnostic>) {
    let mut splitter = Splitter {
        source,
        text,
        bytes: text.as_bytes(),
        at: 0,
        start: 0,
        last: None,
        open: Vec::new(),
        inner: 0,
        sound: true,
        unclosed: false,
        suspect: None,
        recoveries: 0,
        pieces: Vec::new(),
        diagnostics: Vec::new(),
    };
    splitter.run();
    (splitter.pieces, splitter.diagnostics)
}

struct Splitter<'a> {
    source: SourceId,
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    /// Where the present piece begins.
    start: usize,
    /// The last byte of the present piece that is neither blank nor comment.
    last: Option<usize>,
    /// The braces that are open.
    open: Vec<usize>,
    /// How many parentheses and brackets are open within the innermost brace.
    inner: usize,
    sound: bool,
    /// Whether a text of this piece is not closed and holds a `}`.
    unclosed: bool,
    /// A line inside a block that looks like the beginning of another, and the braces open there.
    suspect: Option<(usize, Vec<usize>)>,
    recoveries: usize,
    pieces: Vec<Piece>,
    diagnostics: Vec<Diagnostic>,
}

impl Splitter<'_> {
    fn run(&mut self) {
        loop {
            if self.diagnostics.len() >= super::FINDINGS_LIMIT {
                self.sound = false;
                break;
            }
            let Some(&byte) = self.bytes.get(self.at) else {
                if self.open.is_empty() || !self.recover() {
                    break;
                }
                continue;
            };
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' => self.at += 1,
                b'#' => self.at = self.line_end(self.at),
                b'/' if self.bytes.get(self.at + 1) == Some(&b'/') => self.at = self.line_end(self.at),
                b'"' => self.string(),
                b'{' => self.brace(),
                b'}' => self.close(),
                b'(' | b'[' => {
                    self.inner += 1;
                    self.check_depth();
                    self.step();
                }
                b')' | b']' => {
                    self.inner = self.inner.saturating_sub(1);
                    self.step();
                }
                b'a'..=b'z' => self.word(),
                _ => self.step(),
            }
        }
        if self.start < self.bytes.len() {
            self.cut(self.bytes.len());
        }
    }

    fn step(&mut self) {
        self.last = Some(self.at);
        self.at += 1;
    }

    fn line_end(&self, from: usize) -> usize {
        let rest = self.bytes.get(from..).unwrap_or_default();
        rest.iter().position(|byte| *byte == b'\n').map_or(self.bytes.len(), |length| from + length)
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.source, start, end)
    }

    fn string(&mut self) {
        let start = self.at;
        let mut at = start + 1;
        loop {
            match self.bytes.get(at) {
                Some(b'\\') if self.bytes.get(at + 1).is_some_and(|byte| *byte != b'\n') => at += 2,
                Some(b'"') => {
                    at += 1;
                    break;
                }
                None | Some(b'\n') => {
                    self.sound = false;
                    self.unclosed = self.text.get(start..at).is_some_and(|rest| rest.contains('}'));
                    let message = "this text is not closed on its line";
                    let found = Diagnostic::error(&codes::SYNTAX, self.span(start, at), message);
                    self.diagnostics
                        .push(found.label("opened here").help("write `\"` at its end; a line break in it is `\\n`"));
                    break;
                }
                Some(_) => at += 1,
            }
        }
        self.last = Some(at - 1);
        self.at = at;
    }

    fn brace(&mut self) {
        self.open.push(self.at);
        self.inner = 0;
        self.check_depth();
        self.step();
    }

    fn check_depth(&mut self) {
        if self.open.len() + self.inner == DEPTH_LIMIT + 1 && self.sound {
            self.sound = false;
            let message = format!("this is nested deeper than {DEPTH_LIMIT} levels");
            let found = Diagnostic::error(&codes::NESTED_TOO_DEEP, self.span(self.at, self.at + 1), message);
            self.diagnostics.push(found.help("no network needs it: look for a missing `}` or `)` before this place"));
        }
    }

    fn close(&mut self) {
        self.inner = 0;
        if self.open.pop().is_none() {
            if self.start < self.at {
                self.cut(self.at);
            }
            let message = "this `}` closes nothing";
            let found = Diagnostic::error(&codes::SYNTAX, self.span(self.at, self.at + 1), message);
            self.diagnostics.push(found.help("remove it, or look for a `{` that is missing before it"));
            self.at += 1;
            self.sound = false;
            self.cut(self.at);
            return;
        }
        self.step();
        if self.open.is_empty() {
            let end = self.trailing_comment_end(self.at);
            self.cut(end);
        }
    }

    /// The end of the comment that follows on the same line, or `from` where none does.
    fn trailing_comment_end(&self, from: usize) -> usize {
        let rest = self.bytes.get(from..).unwrap_or_default();
        let blanks = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r')).count();
        match rest.get(blanks..) {
            Some([b'#', ..] | [b'/', b'/', ..]) => self.line_end(from + blanks),
            _ => from,
        }
    }

    fn word(&mut self) {
        let start = self.at;
        while self.bytes.get(self.at).is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')) {
            self.at += 1;
        }
        let ends = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'{' | b'"');
        let whole = self.bytes.get(self.at).is_none_or(ends);
        if whole && self.is_first_in_line(start) {
            if !self.open.is_empty() {
                self.suspect(start);
            } else if self.begins_block(start) {
                let end = self.last.map_or(start, |last| self.trailing_comment_end(last + 1));
                self.cut(end);
                self.at = start.max(end);
            }
        }
        self.at = self.at.max(start + 1);
        while self.bytes.get(self.at).is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')) {
            self.at += 1;
        }
        self.last = Some(self.at - 1);
    }

    fn is_first_in_line(&self, start: usize) -> bool {
        let before = self.bytes.get(self.start..start).unwrap_or_default();
        let blanks = before.iter().rev().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        before.len() == blanks || before.get(before.len() - blanks - 1) == Some(&b'\n')
    }

    /// Whether the word at `start`, outside all braces and first in its line, begins a new block.
    fn begins_block(&self, start: usize) -> bool {
        let Some(last) = self.last else { return false };
        let continues =
            matches!(self.bytes.get(last), Some(b',' | b'=' | b'-' | b'>' | b':' | b'.' | b'/' | b'+' | b'*'));
        !continues && is_top_level(self.text.get(start..self.at).unwrap_or_default())
    }

    /// Remembers the first line at the left edge that looks like a block but stands inside braces.
    fn suspect(&mut self, start: usize) {
        let at_edge = start == 0 || self.bytes.get(start - 1) == Some(&b'\n');
        let word = self.text.get(start..self.at).unwrap_or_default();
        let ambiguous = matches!(word, "site" | "owner" | "parameter" | "cells" | "window");
        if at_edge && self.suspect.is_none() && !ambiguous && is_top_level(word) {
            self.suspect = Some((start, self.open.clone()));
        }
    }

    /// The text ended inside a block: reports the brace and goes on at the line that looks like the
    /// next block. False where there is none.
    fn recover(&mut self) -> bool {
        let (next, open) = match self.suspect.take() {
            Some((next, open)) => (Some(next), open),
            None => (None, std::mem::take(&mut self.open)),
        };
        // A text that is not closed on its line was told, and took what follows it there.
        if let Some(&brace) = open.last().filter(|_| !self.unclosed) {
            let misplaced = self.misplaced_close(next.unwrap_or(self.bytes.len()));
            let brace = misplaced.map_or(brace, |(brace, _)| brace);
            let mut found = Diagnostic::error(&codes::SYNTAX, self.span(brace, brace + 1), "this `{` is never closed");
            if let Some(next) = next {
                let word = self.text.get(next..self.line_end(next)).unwrap_or_default().trim_end();
                found = found.and(self.span(next, next + word.len()), "a block begins here, still inside it");
            }
            if let Some((_, close)) = misplaced {
                found =
                    found.and(self.span(close, close + 1), "this `}` closes it, but stands where an outer block ends");
            }
            self.diagnostics.push(found.label("opened here").help("write the missing `}`"));
        }
        self.sound = false;
        self.recoveries += 1;
        let end = next.unwrap_or(self.bytes.len());
        self.cut(end);
        self.at = end;
        if self.recoveries >= RECOVERY_LIMIT {
            self.sound = false;
            self.at = self.bytes.len();
            self.open.clear();
            return false;
        }
        next.is_some()
    }

    /// The first `}` of the present piece that stands further left than the line of its `{`, and that `{`:
    /// most likely the one whose `}` was lost.
    fn misplaced_close(&self, end: usize) -> Option<(usize, usize)> {
        let mut open = Vec::new();
        let mut at = self.start;
        while at < end {
            match self.bytes.get(at)? {
                b'"' => {
                    let line = self.bytes.get(at + 1..self.line_end(at))?;
                    at += line.iter().position(|byte| *byte == b'"').map_or(line.len(), |length| length + 1);
                }
                b'#' => at = self.line_end(at),
                b'/' if self.bytes.get(at + 1) == Some(&b'/') => at = self.line_end(at),
                b'{' => open.push(at),
                b'}' => {
                    let brace = open.pop()?;
                    if self.is_first_in_line(at) && self.line_indent(at) < self.line_indent(brace) {
                        return Some((brace, at));
                    }
                }
                _ => {}
            }
            at += 1;
        }
        None
    }

    /// How many blanks stand at the beginning of the line that holds `at`.
    fn line_indent(&self, at: usize) -> usize {
        let before = self.bytes.get(..at).unwrap_or_default();
        let line = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let rest = self.bytes.get(line..).unwrap_or_default();
        rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count()
    }

    fn cut(&mut self, end: usize) {
        self.pieces.push(Piece { range: self.start..end, sound: self.sound });
        self.start = end;
        self.at = end;
        self.last = None;
        self.open.clear();
        self.inner = 0;
        self.sound = true;
        self.unclosed = false;
        self.suspect = None;
    }
}

/// Whether a block of the top level begins with `word`.
fn is_top_level(word: &str) -> bool {
    let first = |noun: Noun| noun.as_str().split(' ').next().unwrap_or_default();
    word == "language"
        || RESERVED.contains(&word)
        || Noun::ALL.into_iter().any(|noun| noun.parent().is_none() && first(noun) == word)
}
