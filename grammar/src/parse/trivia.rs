//! What stands between constructs: blanks, line ends and comments, and the bare words and marks that
//! the grammar spells out (`every`, `dl`, `->`), which pest does not report.

use ranform_network::Located;

use super::build::Builder;
use crate::ast::{Comment, Mark, Value, Word};

/// A comment with what is known of the lines before it.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) comment: Comment,
    /// Whether a line ends between it and what stood before.
    pub(super) own_line: bool,
}

/// The blanks and comments between two constructs.
#[derive(Clone, Debug, Default)]
pub(super) struct Between {
    pub(super) comments: Vec<Found>,
    /// Whether an empty line stands at the end, before the next construct.
    pub(super) blank_at_end: bool,
    /// Whether no line ends in it.
    pub(super) same_line: bool,
}

impl Builder<'_> {
    /// Reads the blanks and comments of `start..end`.
    pub(super) fn between(&self, start: usize, end: usize) -> Between {
        let mut between = Between::default();
        let mut lines = 0;
        let mut own_line = false;
        let mut at = start;
        while at < end {
            match self.byte(at) {
                Some(b'\n') => {
                    lines += 1;
                    own_line = true;
                    at += 1;
                }
                Some(b'#' | b'/') => {
                    let (comment, next) = self.comment(at, end, lines > 1);
                    between.comments.push(Found { comment, own_line });
                    lines = 0;
                    at = next;
                }
                _ => at += 1,
            }
        }
        between.blank_at_end = lines > 1;
        between.same_line = !own_line;
        between
    }

    /// Reads the words, marks and comments of `start..end` that pest has matched without a rule.
    pub(super) fn literals(&mut self, start: usize, end: usize, into: &mut Vec<Located<Value>>) {
        let mut at = start;
        while at < end {
            let next = match self.byte(at) {
                Some(b'#') => self.inner_comment(at, end),
                Some(b'/') if self.byte(at + 1) == Some(b'/') => self.inner_comment(at, end),
                Some(byte) if byte.is_ascii_alphanumeric() => {
                    let next = self.word_end(at, end);
                    let word = Word::from(self.slice(at, next));
                    into.push(Located::new(Value::Word(word), self.span(at, next)));
                    next
                }
                Some(_) => match self.mark(at, end) {
                    Some((mark, next)) => {
                        into.push(Located::new(Value::Mark(mark), self.span(at, next)));
                        next
                    }
                    None => at + 1,
                },
                None => end,
            };
            at = next;
        }
    }

    /// Where the words of `phrase` end, which pest has matched at `start`.
    pub(super) fn phrase(&mut self, start: usize, phrase: &str) -> usize {
        let mut at = start;
        for (index, word) in phrase.split(' ').enumerate() {
            while index > 0 && self.byte(at).is_some_and(|byte| !byte.is_ascii_alphanumeric()) {
                at = match self.byte(at) {
                    Some(b'#' | b'/') => self.inner_comment(at, self.text.len()),
                    _ => at + 1,
                };
            }
            at += word.len();
        }
        at
    }

    pub(super) fn word_end(&self, start: usize, end: usize) -> usize {
        let mut at = start;
        while at < end && self.byte(at).is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        {
            at += 1;
        }
        at
    }

    fn mark(&self, at: usize, end: usize) -> Option<(Mark, usize)> {
        let second = if at + 1 < end { self.byte(at + 1) } else { None };
        let mark = match (self.byte(at)?, second) {
            (b'-', Some(b'-')) => Mark::Between,
            (b'-', Some(b'>')) => Mark::Becomes,
            (b'>', Some(b'=')) => Mark::AtLeast,
            (b'<', Some(b'=')) => Mark::AtMost,
            (b',', _) => Mark::Comma,
            (b':', _) => Mark::Colon,
            (b'=', _) => Mark::Equals,
            _ => return None,
        };
        Some((mark, at + mark.as_str().len()))
    }

    fn inner_comment(&mut self, at: usize, end: usize) -> usize {
        let (comment, next) = self.comment(at, end, false);
        self.inner_comments.push(comment);
        next
    }

    /// The comment at `at`, and where its line ends.
    fn comment(&self, at: usize, end: usize, blank_before: bool) -> (Comment, usize) {
        let rest = self.slice(at, end);
        let line = rest.split('\n').next().unwrap_or_default();
        let text = line.strip_prefix('#').or_else(|| line.strip_prefix("//")).unwrap_or(line);
        let text = text.strip_prefix(' ').unwrap_or(text).trim_end();
        let comment = Comment { text: Word::from(text), span: self.span(at, at + line.trim_end().len()), blank_before };
        (comment, at + line.len())
    }
}
